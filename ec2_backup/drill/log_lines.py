"""The blocks with which the log of a drill opens and closes."""

from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.report import DrillOutcome, DrillReport
from ec2_backup.drill.words import check, end, figures, headline, places, warnings
from ec2_backup.lines import one_line, printable_lines
from ec2_backup.restore.log_lines import RULE, aligned, closing_block, outcome_lines


def opening_lines(run: DrillLedger) -> list[str]:
    """Return the lines that say which drill this log is of, and what it was asked to do."""
    request, local = run.drill, run.began_at.astimezone()
    return [
        RULE,
        "EC2 Backup Automation: drill" + (" (dry run: nothing will be started)" if request.dry_run else ""),
        RULE,
        *aligned(
            [
                ("Run", run.run_key),
                ("Started", f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"),
                ("Instances", request.csv),
                ("Sample", request.sample),
                ("Subnet", request.subnet),
                ("Security group", request.security_group),
                ("Profile", request.profile),
                ("Check", request.check or "none: status checks alone"),
                ("At once", str(request.options.at_once)),
                ("Vault", request.vault or "all of the Region"),
                ("IAM role", request.role),
                ("Output", str(request.output)),
            ]
        ),
        RULE,
    ]


def closing_lines(report: DrillReport) -> list[str]:
    """Return the lines that end a log: what became of each instance, the statistics, and where the reports are."""
    lines = [*warnings(report), *(line for outcome in report.outcomes for line in _of(outcome))]
    return closing_block(report, "drill", lines, headline(report), [*figures(report), *places(report)])


def _of(outcome: DrillOutcome) -> list[str]:
    said = [f"   Check: {check(outcome)}"] if outcome.check else []
    output = outcome.check.output if outcome.check else ""
    said += [f"   | {line}" for line in printable_lines(output) if line.strip()]
    return [*outcome_lines(outcome), *said, *([f"   In the end: {one_line(end(outcome))}"] if end(outcome) else [])]
