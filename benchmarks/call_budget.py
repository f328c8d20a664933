"""How many AWS calls a run makes for each instance: `python -m benchmarks.call_budget [--instances N]`.

The run is a real one, through the front door, and its calls are those of its report, which a test holds against the
sandbox's own books. Only the hour of waiting is not waited for: in that run jobs end within seconds. So the same fleet
is backed up a second time with the functions that the run uses (look at the instances, find jobs, start, watch, verify
each backup when its job is over, measure the vault), against a second sandbox and with a clock that moves that
sandbox's time forward instead of sleeping, and the calls of these take the place of the run's. Jobs are created at
AWS's 5 a second, as in a real run. Two fleets are shown, since their ends decide how often AWS is asked:

- alike: each job takes an hour, so they end as they began, within minutes of each other;
- spread: they end one after another from the tenth minute to the sixtieth.

And two accounts, since it is the account's to decide where the audit can be read:

- trail: one that delivers to a log group, as the CIS benchmark for AWS asks for;
- history: no trail, and so CloudTrail's event history alone, of which a call shows 50 events.

An event is 1.4 KB here. AWS's have up to 2 KB, and a log group in which much else is written may show fewer of them in
a call: each call more is 0.001 an instance, up to the number that the event history takes.

Beside it, what two plain ways of doing the same would call, worked out and not measured: a boto3 thread pool that asks
for each of its jobs by itself (DescribeBackupJob) once a minute of the hour, and the aws CLI in a loop that starts jobs
and never looks again. Neither looks at an instance, a recovery point or the trail.

Target: at most 1.05 calls an instance for 1,000 instances that are alike, in an account with a trail.
"""

import argparse
import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from benchmarks.figures import show, verdict
from benchmarks.stage import REGION, ROLE_ARN, VAULT, Aws, program, sandbox_of
from ec2_backup import calls
from ec2_backup.aws import backup, ebs, ec2, evidence, pace, session, vault
from ec2_backup.model import BackupJob, Caller, Instance, InventoryRow, PlannedBackup, Target
from ec2_backup.settings import BackupOptions
from ec2_backup.watch import Clock, Patience, watch

TARGET = 1.05
HOUR, FIRST_END = 3600.0, 600.0
SECONDS_A_START = 1 / 5
HERE, CALLER = Target(REGION), Caller("123456789012", "arn:aws:iam::123456789012:user/benchmark")

ACCOUNTS = ("trail", "history")
Ends = Callable[[float], float]  # a job's share of the fleet before it, to the seconds that it takes
FLEETS: Mapping[str, Ends] = {
    "alike": lambda _: HOUR,
    "spread": lambda share: FIRST_END + (HOUR - FIRST_END) * share,
}


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


@dataclass(frozen=True, slots=True)
class Hour:
    """What an hour of waiting took: calls by operation, looks that saw ends, and how late the last end was seen."""

    calls: Mapping[str, int]
    batches: int
    late_seconds: float


def wait_for_an_hour(instances: int, poll_seconds: float, ends: Ends) -> Hour:
    """Back a fleet up whose jobs take up to an hour, without waiting for it."""
    with sandbox_of(instances, speed=1) as aws:
        os.environ.update(aws.env)
        session.forget_clients()
        pace.set_quota("StartBackupJob", 1000)
        time, before = VirtualTime(aws), calls.made()
        there = vault.describe_backup_vault(VAULT, HERE)
        plans = {one.instance_id: _plan(one) for one in _instances(aws)}
        backup.find_jobs(VAULT, time.now(), HERE)
        jobs = {key: _started(plan, number / instances, ends, time) for number, (key, plan) in enumerate(plans.items())}
        patience = Patience(timedelta(hours=12), poll_seconds)
        batches, last = 0, time.now()
        for over in watch(jobs, backup.look_at, backup.describe_backup_job, patience, Clock(time.now, time.sleep)):
            proofs = evidence.verify_recovery_points([(plans[job.instance_id], job) for job in over], HERE)
            if unproven := [proof.failure for proof in proofs if proof.failure]:
                raise SystemExit(f"Not proven: {unproven[0]}")
            batches, last = batches + 1, max([last, *(job.completed_at for job in over if job.completed_at)])
        vault.measure_vault_use(there, HERE)
        return Hour(calls.since(before), batches, (time.now() - last).total_seconds())


def _instances(aws: Aws) -> list[Instance]:
    rows = [InventoryRow(line, key, REGION) for line, key in enumerate(aws.ids, 2)]
    found = [one for one in ec2.validate_instances(rows, CALLER, HERE) if isinstance(one, Instance)]
    return list(ebs.describe_volumes(found, HERE))


def _plan(instance: Instance) -> PlannedBackup:
    return PlannedBackup(instance, VAULT, ROLE_ARN, f"budget-{instance.instance_id}", {}, 7)


def _started(plan: PlannedBackup, share: float, ends: Ends, time: VirtualTime) -> BackupJob:
    """Start a job that takes its time, and let the fifth of a second pass that AWS wants."""
    outcome = {"created_seconds": 0, "duration_seconds": ends(share)}
    time.aws.control.script(plan.instance.instance_id, outcome)
    job = backup.start_backup_job(plan)
    time.sleep(SECONDS_A_START)
    return job


def measure(instances: int, poll_seconds: float) -> None:
    """Count the calls of a run, with those of an hour in place of its own, and show them."""
    counted = {name: count(instances, trail=name == "trail") for name in ACCOUNTS}
    hours = {name: wait_for_an_hour(instances, poll_seconds, ends) for name, ends in FLEETS.items()}
    totals = {
        f"{fleet}, {account}": {**counted[account], **hour.calls}
        for fleet, hour in hours.items()
        for account in ACCOUNTS
    }
    _show(instances, totals, hours)


def count(instances: int, *, trail: bool) -> Mapping[str, int]:
    """Return the calls of a real run in one of the accounts."""
    with program() as made, sandbox_of(instances, trail=trail) as aws:
        return made.run(aws, "--start-jobs-per-second", "1000").calls


def _show(instances: int, totals: Mapping[str, Mapping[str, int]], hours: Mapping[str, Hour]) -> None:
    most = Counter({name: made for total in totals.values() for name, made in total.items()}).most_common()
    rows: list[tuple[object, ...]] = [(name, *(total.get(name, 0) for total in totals.values())) for name, _ in most]
    sums = [sum(total.values()) for total in totals.values()]
    rows += [
        ("this program, in all", *sums),
        ("this program, an instance", *(f"{one / instances:.3f}" for one in sums)),
        ("boto3, each job looked at once a minute", *("61.000" for _ in sums)),
        ("aws CLI loop that never looks", *("1.000" for _ in sums)),
    ]
    ends = (
        f"{name}: ends seen by {hour.batches} looks, the last {hour.late_seconds:.0f} s late."
        for name, hour in hours.items()
    )
    show(
        f"AWS calls of a run over {instances:,} instances with an hour of waiting",
        ("", *totals),
        rows,
        f"Target for {next(iter(totals))}: at most {TARGET} an instance: {verdict(met=sums[0] <= TARGET * instances)}",
        *ends,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--poll-seconds", type=float, default=BackupOptions().poll_seconds)
    asked = parser.parse_args()
    measure(asked.instances, asked.poll_seconds)
