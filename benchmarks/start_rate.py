"""How close to AWS's own limit backup jobs are started: `python -m benchmarks.start_rate [--instances N]`.

AWS takes 5 StartBackupJob a second per account and Region, so N instances cannot be started in less than N / 5 seconds.
The sandbox enforces that with real token buckets. Three ways to start the same fleet, each against a fresh sandbox:

- the program, through its front door, with everything that a run does;
- a boto3 thread pool of 16 threads without any limit but botocore's own retries, which is throttled;
- the aws CLI in a loop, one process after another, for a few instances, and extrapolated to the fleet.

The rate is taken from the sandbox's books: the jobs' creation dates, from the first to the last, of those that were
made. A start that AWS refused to the end counts as lost. Throttled calls are a share of all the calls made.

Target: at least 98 % of 5 a second from 100 instances on, and under 1 % of the calls throttled.
"""

import argparse
import tempfile
from datetime import datetime

from benchmarks.baselines import start_with_boto3, start_with_cli
from benchmarks.figures import show, verdict
from benchmarks.stage import Aws, program, sandbox_of

QUOTA = 5.0
CLI_STARTS = 4


def rate_of(aws: Aws) -> float:
    """Return the jobs a second that the sandbox made, from its books."""
    dates = sorted(datetime.fromisoformat(str(job["created"])) for job in aws.control.jobs())
    seconds = (dates[-1] - dates[0]).total_seconds()
    return (len(dates) - 1) / seconds if seconds else 0.0


def throttled_share(aws: Aws) -> float:
    """Return the share of all calls that the sandbox answered with "too fast"."""
    counts = aws.control.calls().values()
    throttled = sum(count["throttled"] for count in counts)
    return throttled / (throttled + sum(count["accepted"] for count in counts))


def measure(instances: int) -> None:
    """Start the fleet in the three ways and show the rates."""
    rows: list[tuple[object, ...]] = []
    with program() as backup, sandbox_of(instances, quotas=True) as aws:
        backup.run(aws)
        ours, share = rate_of(aws), throttled_share(aws)
        lost = instances - len(aws.control.jobs())
        rows.append(("this program", f"{ours:.3f}", f"{ours / QUOTA:.1%}", f"{share:.2%}", lost))
    with sandbox_of(instances, quotas=True) as aws:
        pool = start_with_boto3(aws)
        rate = rate_of(aws)
        lost = pool.asked - pool.accepted
        rows.append(("boto3, 16 threads", f"{rate:.3f}", f"{rate / QUOTA:.1%}", f"{throttled_share(aws):.2%}", lost))
    with sandbox_of(instances, quotas=True) as aws, tempfile.TemporaryDirectory() as folder:
        loop = start_with_cli(aws, folder, CLI_STARTS)
        rate = loop.accepted / loop.seconds
        rows.append((f"aws CLI, one by one ({CLI_STARTS} measured)", f"{rate:.3f}", f"{rate / QUOTA:.1%}", "0.00%", 0))
    met = verdict(met=ours >= 0.98 * QUOTA and share < 0.01)
    show(
        f"Starting {instances} backup jobs; AWS takes {QUOTA:.0f} a second",
        ("", "jobs a second", "of the quota", "throttled calls", "never started"),
        rows,
        f"Target: at least 98 % of the quota, under 1 % throttled: {met}",
        f"So {instances} instances take {instances / ours:.0f} s, and {instances / rate:.0f} s in the loop.",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--instances", type=int, default=100)
    measure(parser.parse_args().instances)
