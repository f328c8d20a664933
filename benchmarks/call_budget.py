"""How many AWS calls a run makes for each instance: `python -m benchmarks.call_budget [--instances N]`.

The run is a real one, through the front door, and its calls are those of its report, which a test holds against the
sandbox's own books. Only the hour of waiting is not waited for: in that run jobs end within seconds, so its lists of
jobs are taken out of the count, and those of a run that waits for an hour are put in their place. They are measured by
themselves with the functions that the run uses (`find_jobs`, and `watch` with `look_at`), against a second sandbox of
the same size, and with a clock that moves the sandbox's time forward instead of sleeping. In it jobs are created at
AWS's 5 a second, as in a real run, and end one after another from the tenth minute to the sixtieth; looks may be as far
apart as the program's own default allows, unless `--poll-seconds` says otherwise.

Beside it, what two plain ways of doing the same would call, worked out and not measured: a boto3 thread pool that asks
for each of its jobs by itself (DescribeBackupJob) once a minute of the hour, and the aws CLI in a loop that starts jobs
and never looks again. Neither looks at an instance, a recovery point or the trail.

Target: at most 1.05 calls an instance for 1,000 instances.
"""

import argparse
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from benchmarks.figures import show, verdict
from benchmarks.stage import REGION, ROLE_ARN, VAULT, Aws, program, sandbox_of
from ec2_backup import calls
from ec2_backup.aws import backup, pace, session
from ec2_backup.model import BackupJob, Instance, PlannedBackup, Target
from ec2_backup.settings import BackupOptions
from ec2_backup.watch import Clock, Patience, watch

TARGET = 1.05
HOUR, FIRST_END = 3600.0, 600.0
SECONDS_A_START = 1 / 5
LOOK = "backup:ListBackupJobs"


@dataclass(slots=True)
class VirtualTime:
    """The sandbox's time, which a sleep moves forward at once."""

    aws: Aws
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        """Return the time there."""
        return datetime.now(UTC) + self.ahead

    def sleep(self, seconds: float) -> None:
        """Let so many seconds have passed there."""
        self.aws.control.advance(seconds)
        self.ahead += timedelta(seconds=seconds)


def looks_in_an_hour(instances: int, poll_seconds: float) -> tuple[int, int, float]:
    """Return the list calls of a watch over an hour, those made before any start, and how late its end was seen."""
    with sandbox_of(instances, speed=1) as aws:
        os.environ.update(aws.env)
        session.forget_clients()
        pace.set_quota("StartBackupJob", 1000)
        time, before = VirtualTime(aws), calls.made()
        backup.find_jobs(VAULT, time.now(), Target(REGION))
        at_first = calls.since(before)[LOOK]
        began = time.now()
        jobs = [_started(aws, number, instances, time) for number in range(instances)]
        before = calls.made()
        patience = Patience(timedelta(hours=12), poll_seconds)
        ended = watch(jobs, backup.look_at, backup.describe_backup_job, patience, Clock(time.now, time.sleep))
        if not all(job.state.is_final for job in ended):
            raise SystemExit("The watch ended before its jobs.")
        late = (time.now() - max(job.completed_at or began for job in ended)).total_seconds()
        return calls.since(before)[LOOK], at_first, late


def _started(aws: Aws, number: int, instances: int, time: VirtualTime) -> BackupJob:
    """Start a job that ends at its own moment of the hour, and let the fifth of a second pass that AWS wants."""
    key, age = aws.ids[number], number * SECONDS_A_START
    ends = FIRST_END + (HOUR - FIRST_END) * (number + 1) / instances
    aws.control.script(key, {"created_seconds": 0, "duration_seconds": max(ends - age, 60.0)})
    instance = Instance(key, aws.instance_arn(key), REGION, "running", "m5.large")
    job = backup.start_backup_job(PlannedBackup(instance, VAULT, ROLE_ARN, f"budget-{key}", {}, 7))
    time.sleep(SECONDS_A_START)
    return job


def measure(instances: int, poll_seconds: float) -> None:
    """Count the calls of a run, with an hour's looks in place of its own, and show them."""
    with program() as made, sandbox_of(instances) as aws:
        counted = made.run(aws, "--start-jobs-per-second", "1000").calls
    looks, at_first, late = looks_in_an_hour(instances, poll_seconds)
    total = Counter(counted) + Counter({LOOK: at_first + looks})
    total[LOOK] -= counted[LOOK]
    _show(instances, total, looks, late)


def _show(instances: int, total: Mapping[str, int], looks: int, late: float) -> None:
    each = sum(total.values()) / instances
    naive, blind = instances + 60 * instances, instances
    rows: list[tuple[object, ...]] = [
        (name, count, f"{count / instances:.3f}") for name, count in Counter(total).most_common()
    ]
    rows += [
        ("this program, in all", sum(total.values()), f"{each:.3f}"),
        ("boto3, each job looked at once a minute", naive, f"{naive / instances:.3f}"),
        ("aws CLI loop that never looks", blind, f"{blind / instances:.3f}"),
    ]
    lookups = total.get("cloudtrail:LookupEvents", 0)
    show(
        f"AWS calls of a run over {instances:,} instances with an hour of waiting",
        ("", "calls", "an instance"),
        rows,
        f"Target: at most {TARGET} an instance: {verdict(met=each <= TARGET)}",
        f"The hour took {looks} calls; its end was seen {late:.0f} s late.",
        f"Without CloudTrail's {lookups} pages of 50 events: {each - lookups / instances:.3f} an instance.",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--poll-seconds", type=float, default=BackupOptions().poll_seconds)
    asked = parser.parse_args()
    measure(asked.instances, asked.poll_seconds)
