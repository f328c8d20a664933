"""What the program costs beside AWS: `python -m benchmarks.scale [--instances N ...]`.

The sandbox enforces no quota here and its jobs last a second or less, so what is left is the program itself: Prefect
with a task for each instance (in chunks beyond 1,000), the checks, proofs, log, report and artifacts. For each size:

- the program, through its front door, from Enter to its exit code, and the peak memory of its process as the system
  measured it (`wait4`; Prefect's server is another process);
- bare boto3 making the calls that this run made: the starts from a pool of 16 threads, the batched ones in sequence,
  with nothing read, checked, or written down;
- the aws CLI in a loop, one process an instance, that starts jobs and does nothing else: a few, and extrapolated.

All wait for the same sandbox to answer, each in a fresh one, in an account whose trail delivers to a log group: so
the audit takes a few calls. In an account without one (`--no-trail`) a limit of AWS is in the program's time all the
same: it keeps to two LookupEvents a second, of 50 events each, so it spends half a second for every 50 instances that
the boto3 baseline does not. The column "of AWS" says how much that is, and the target is held against what is left.

Targets: at most 20 s more than boto3 for 1,000 instances; 5,000 instances in at most 5.5 times the time of 1,000, and
in under 600 MB.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.baselines import repeat_with_boto3, start_with_cli
from benchmarks.figures import show, verdict
from benchmarks.stage import Program, program, sandbox_of

FLAGS = ("--start-jobs-per-second", "1000")
MOST_SECONDS_MORE, MOST_GROWTH, MOST_MB = 20.0, 5.5, 600.0
LOOKUP_SECONDS = 0.5
CLI_STARTS = 4


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: how long the program and bare boto3 took, and the program's peak memory."""

    instances: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    boto3_seconds: float
    cli_seconds: float
    lookups: int

    @property
    def of_aws(self) -> float:
        """The seconds that CloudTrail's two calls a second cost the program and not the baseline."""
        return self.lookups * LOOKUP_SECONDS

    @property
    def more(self) -> float:
        """The seconds that the program took beyond bare boto3, CloudTrail's limit aside."""
        return self.seconds - self.of_aws - self.boto3_seconds


def measure(backup: Program, instances: int, *, trail: bool) -> Measured:
    """Run the program and then the baseline, each against an AWS of its own."""
    with sandbox_of(instances, trail=trail) as aws:
        ran = backup.run(aws, *FLAGS)
    with sandbox_of(instances, trail=trail) as aws:
        bare = repeat_with_boto3(aws, ran.calls)
    with sandbox_of(instances) as aws, tempfile.TemporaryDirectory() as folder:
        loop = start_with_cli(aws, folder, CLI_STARTS)
    by_cli = loop.seconds / loop.asked * instances
    ended, lookups = ran.ended, ran.calls.get("cloudtrail:LookupEvents", 0)
    return Measured(instances, ended.seconds, ended.cpu_seconds, ended.peak_mb, bare, by_cli, lookups)


def report(sizes: Sequence[Measured]) -> None:
    """Show what was measured, and which targets it meets."""
    first, last = sizes[0], sizes[-1]
    remarks = [f"Target: at most {MOST_SECONDS_MORE:.0f} s more than boto3 for {first.instances:,} instances: "
               + verdict(met=first.more <= MOST_SECONDS_MORE)]  # fmt: skip
    if last is not first:
        growth, allowed = last.seconds / first.seconds, MOST_GROWTH * last.instances / first.instances / 5
        remarks.append(f"Growth: {growth:.2f} x; target at most {allowed:.1f} x: {verdict(met=growth <= allowed)}")
        remarks.append(f"Peak memory: {last.peak_mb:.0f} MB; target under 600: {verdict(met=last.peak_mb < MOST_MB)}")
    rows = [
        (f"{one.instances:,}", f"{one.seconds:.1f} s", f"{one.cpu_seconds:.1f} s", f"{one.boto3_seconds:.1f} s",
         f"{one.cli_seconds:.0f} s",
         f"{one.of_aws:.1f} s", f"{one.more:.1f} s", f"{one.seconds / one.boto3_seconds:.1f} x",
         f"{one.peak_mb:.0f} MB")
        for one in sizes
    ]  # fmt: skip
    columns = (
        "instances",
        "program",
        "its CPU",
        "boto3 alone",
        "aws CLI loop",
        "of AWS",
        "more",
        "ratio",
        "peak memory",
    )
    show("A whole run without AWS's limits", columns, rows, *remarks)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--instances", type=int, nargs="+", default=[1000, 5000])
    parser.add_argument("--no-trail", action="store_true", help="an account with nothing but the event history")
    asked = parser.parse_args()
    with program() as made:
        report([measure(made, size, trail=not asked.no_trail) for size in asked.instances])
