"""How many AWS calls a look at the coverage makes: `python -m benchmarks.coverage_calls [--instances N]`.

The look is a real one, through the front door, at a sandbox whose fleet has a past: two to four recovery points each,
some of which are damaged, so that a second look into older ones is needed. Its calls are those of its report; the
sandbox's own books are held beside them. Every further 1,000 recovery points cost one call more, whatever the number
of instances.

Target: at most 0.05 calls an instance for 2,000 instances.
"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.figures import show, verdict
from benchmarks.stage import program, sandbox_of

TARGET = 0.05


def measure(instances: int) -> None:
    """Look at so many instances, and show the calls."""
    with program() as made, sandbox_of(instances, past=True) as aws, tempfile.TemporaryDirectory() as folder:
        ended = made.start(aws.env, "coverage", folder=folder)
        if ended.code != 3:
            raise SystemExit(f"The look ended with exit code {ended.code}:\n{ended.output[-3000:]}")
        (path,) = Path(folder, "backup-output").glob("coverage_*.json")
        report = json.loads(path.read_text(encoding="utf-8"))
        calls = report["statistics"]["api_calls"]
        booked = {name: sum(numbers.values()) for name, numbers in aws.control.calls().items()}
    total = sum(calls.values())
    points = sum(vault["points"] for vault in report["vaults"])
    rows: list[tuple[object, ...]] = [(name, number, booked.get(name, 0)) for name, number in calls.items()]
    rows += [("in all", total, sum(booked.values())), ("an instance", f"{total / instances:.4f}", "")]
    show(
        f"AWS calls of a look at the coverage of {instances:,} instances with {points:,} recovery points",
        ("", "report", "sandbox's books"),
        rows,
        f"Target: at most {TARGET} an instance: {verdict(met=total <= TARGET * instances)}",
        f"It took {report['statistics']['seconds']:.1f} s, and {ended.peak_mb:.0f} MB of memory at its peak.",
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--instances", type=int, default=2000)
    measure(parser.parse_args().instances)
