"""A restore as Prefect's artifacts: a page of Markdown, and a table of all restores."""

from collections.abc import Iterable

from ec2_backup.report.console import instance_url
from ec2_backup.report.gfm import code, escape, link, table
from ec2_backup.restore.plan import NEVER_RESTORED
from ec2_backup.restore.report import RestoreOutcome, RestoreReport
from ec2_backup.restore.words import (
    SIGNS,
    VERDICTS,
    advice,
    figures,
    headline,
    notes,
    places,
    point,
    reason,
    recovery,
    settings,
)


def to_markdown(report: RestoreReport) -> str:
    """Return the report as Markdown: the verdict, what failed, each restore with what it is made of, the figures."""
    lines = [f"# {escape(headline(report))}", "", *error_lines(report)]
    for outcome in report.outcomes:
        lines += to_section(outcome)
    lines += [f"In no restore: {NEVER_RESTORED}.", "", *figure_lines(figures(report), places(report))]
    return "\n".join(lines) + "\n"


def error_lines(report: RestoreReport) -> list[str]:
    """Return what ended the run early, no lines where nothing did."""
    if report.error is None:
        return []
    return [f"**{report.error.kind}**: {escape(report.error.message)}", "", escape(report.error.hint), ""]


def figure_lines(pairs: Iterable[tuple[str, str]], files: Iterable[tuple[str, str]]) -> list[str]:
    """Return figures as a table, and below it where everything is."""
    lines = table(["Figure", "Value"], [(escape(label), escape(value)) for label, value in pairs])
    return [*lines, "", *(f"- {escape(label)}: {code(place)}" for label, place in files)]


def to_section(outcome: RestoreOutcome) -> list[str]:
    """Return what became of one row, with what the new instance is made of."""
    made = f" → {code(outcome.created_id)}" if outcome.created_id else ""
    took = f", recovered in {recovery(outcome)}" if recovery(outcome) else ""
    sign, verdict = SIGNS[outcome.verdict], VERDICTS[outcome.verdict]
    lines = [f"## {sign} {code(outcome.source)}{made}: {verdict}{took}", ""]
    lines += [f"{escape(reason(outcome))}", "", f"**What to do:** {escape(advice(outcome))}", ""] * bool(
        reason(outcome)
    )
    if outcome.plan:
        pairs = [("Recovery point", point(outcome)), *settings(outcome.plan)]
        lines += [*table(["", ""], [(escape(label), escape(value)) for label, value in pairs]), ""]
    lines += [f"- {escape(note)}" for note in notes(outcome)]
    return [*lines, ""]


def to_table(report: RestoreReport) -> list[dict[str, str]]:
    """Return one row for each restore."""
    return [to_row(outcome) for outcome in report.outcomes]


def to_row(outcome: RestoreOutcome) -> dict[str, str]:
    """Return one row of the table."""
    region = outcome.chosen.point.region if outcome.chosen else outcome.row.region
    made = outcome.created_id
    return {
        "Original": escape(outcome.source),
        "Verdict": f"{SIGNS[outcome.verdict]} {VERDICTS[outcome.verdict]}",
        "New instance": link(made, instance_url(made, region)) if made else "",
        "Recovery time": recovery(outcome),
        "Recovery point": escape(point(outcome)),
        "Reason": escape(reason(outcome)),
        "What to do": escape(advice(outcome)),
    }
