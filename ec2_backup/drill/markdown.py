"""A drill as Prefect's artifacts: a page of Markdown, and a table of all instances."""

from ec2_backup.drill.report import DrillOutcome, DrillReport
from ec2_backup.drill.words import check, end, figures, headline, places, point, reason, warnings
from ec2_backup.report.gfm import code, escape, table
from ec2_backup.restore.markdown import error_lines, figure_lines, to_row, to_section


def to_markdown(report: DrillReport) -> str:
    """Return the report as Markdown: the verdict, what to know, each instance with its check, the figures."""
    lines = [f"# {escape(headline(report))}", "", *error_lines(report)]
    lines += [*(f"- {escape(one)}" for one in warnings(report)), ""]
    for outcome in report.outcomes:
        lines += _section(outcome)
    return "\n".join([*lines, *figure_lines(figures(report), places(report))]) + "\n"


def _section(outcome: DrillOutcome) -> list[str]:
    lines = to_section(outcome)
    pairs = [("Check", check(outcome)), ("In the end", end(outcome))]
    lines += table(["", ""], [(label, escape(value)) for label, value in pairs if value])
    output = outcome.check.output.splitlines() if outcome.check else []
    return [*lines, "", *(f"> {code(line)}  " for line in output if line.strip()), ""]


def to_table(report: DrillReport) -> list[dict[str, str]]:
    """Return one row for each instance."""
    return [_row(outcome) for outcome in report.outcomes]


def _row(outcome: DrillOutcome) -> dict[str, str]:
    row = to_row(outcome)
    last = {"Recovery point": escape(point(outcome)), "Reason": escape(reason(outcome))}
    return {**row, "Check": escape(check(outcome)), "In the end": escape(end(outcome)), **last}
