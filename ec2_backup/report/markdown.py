"""A report as Markdown for a Prefect artifact: verdict, failures, statistics, and where the rest is."""

import json
from collections.abc import Iterator

from ec2_backup.places import PlaceStatistics
from ec2_backup.report.bad_lines import in_short
from ec2_backup.report.copies import ShownCopy, lacking_copies, where_to
from ec2_backup.report.figures import MOST_CALLED, busiest_operations, figures, headline, places
from ec2_backup.report.gfm import code, escape, table
from ec2_backup.report.grouping import by_place, in_words
from ec2_backup.report.reasons import SIGNS, advice, failures_first, name, reason, step, where
from ec2_backup.report.since import since_last_line
from ec2_backup.report.tables import instance_link
from ec2_backup.report.units import count, size
from ec2_backup.results import Outcome, RunReport
from ec2_backup.states import RunStatus

FAILURES_SHOWN = 100
NOTES_SHOWN = 50

_SIGNS = {
    RunStatus.PROVEN: "✅",
    RunStatus.PLANNED: "📋",
    RunStatus.INCOMPLETE: "❌",
    RunStatus.ABORTED: "❌",
    RunStatus.INTERRUPTED: "⚠️",
}


def to_markdown(report: RunReport) -> str:
    """Return the report as GitHub-flavoured Markdown, with the first 100 failures."""
    sections = (_opening, _error, _failures, _copies, _statistics, _places, _calls, _parameters, _notes, _files)
    parts = ["\n".join(lines) for section in sections if (lines := list(section(report)))]
    return "\n\n".join(parts) + "\n"


def _opening(report: RunReport) -> Iterator[str]:
    yield f"# {_SIGNS.get(report.status, '')} {escape(headline(report))}"
    yield ""
    started, ended = (f"{moment:%Y-%m-%d %H:%M:%S} UTC" for moment in (report.started_at, report.ended_at))
    account = f", {escape(in_words(report))}" if in_words(report) else ""
    yield f"Run {code(report.run_key)}, {started} to {ended}{account}."
    if news := since_last_line(report):
        yield ""
        yield escape(news) + "."


def _error(report: RunReport) -> Iterator[str]:
    if report.error:
        yield f"**{escape(report.error.kind)}:** {escape(report.error.message)}"
        if report.error.bad_lines:
            yield ""
            yield from (f"- {escape(line)}" for line in in_short(report.error.bad_lines))
        if report.error.hint:
            yield ""
            yield f"**What to do:** {escape(report.error.hint)}"


def _failures(report: RunReport) -> Iterator[str]:
    failures = failures_first(report.failures)
    if not failures:
        return
    yield f"## {count(len(failures), 'instance')} without a proven recovery point"
    yield ""
    yield from map(_failure, failures[:FAILURES_SHOWN])
    hidden = len(failures) - FAILURES_SHOWN
    if hidden > 0:
        yield ""
        yield f"And {count(hidden, 'more instance')}: the CSV report lists all."


def _failure(outcome: Outcome) -> str:
    # A list wraps where a table would be cut off: what happened is the first thing to be read.
    whose = escape(", ".join(filter(None, (name(outcome), where(outcome), step(outcome) and f"step {step(outcome)}"))))
    why = escape(reason(outcome).rstrip("."))  # AWS's words end with a full stop, ours do not
    remedy = f" **What to do:** {escape(advice(outcome))}" if advice(outcome) else ""
    return f"- {SIGNS[outcome.verdict]} {instance_link(outcome)} ({whose}): {why}.{remedy}"


def _copies(report: RunReport) -> Iterator[str]:
    lacking = lacking_copies(report)
    if lacking:
        yield f"## {count(len(lacking), 'copy', 'copies')} not proven"
        yield ""
        yield from map(_copy, lacking[:FAILURES_SHOWN])
        if len(lacking) > FAILURES_SHOWN:
            more = count(len(lacking) - FAILURES_SHOWN, "more copy", "more copies")
            yield f"\nAnd {more}: the CSV report lists all."


def _copy(lacking: ShownCopy) -> str:
    copy, outcome = lacking.copy, lacking.outcome
    remedy = f" **What to do:** {escape(lacking.advice)}" if lacking.advice else ""
    into = escape(where_to(copy, outcome.account))
    return (
        f"- {SIGNS[copy.verdict]} {instance_link(outcome)} into {into}: {escape(lacking.reason.rstrip('.'))}.{remedy}"
    )


def _statistics(report: RunReport) -> Iterator[str]:
    # In Prefect a wide row is cut off: the operations have a table of their own.
    shown = [(label, value) for label, value in figures(report) if label != MOST_CALLED]
    yield "## Statistics"
    yield ""
    yield from table(("Figure", "Value"), ((escape(label), escape(value)) for label, value in shown))


def _places(report: RunReport) -> Iterator[str]:
    if by_place(report):
        yield "### By account and Region"
        yield ""
        titles = ("Account", "Region", "Instances", "Proven", "Size", "AWS calls")
        yield from table(titles, map(_place, by_place(report)))


def _place(place: PlaceStatistics) -> tuple[str, ...]:
    numbers = (f"{number:,}" for number in (place.instances, place.proven))
    return escape(place.account), escape(place.region), *numbers, size(place.protected_bytes), f"{place.api_calls:,}"


def _calls(report: RunReport) -> Iterator[str]:
    operations = busiest_operations(report.statistics)
    if operations:
        yield "### AWS API calls by operation"
        yield ""
        yield from table(("Operation", "Calls"), ((escape(operation), f"{calls:,}") for operation, calls in operations))


def _parameters(report: RunReport) -> Iterator[str]:
    if report.parameters:
        yield "## Parameters"
        yield ""
        yield from table(
            ("Parameter", "Value"), ((escape(key), code(_shown(value))) for key, value in report.parameters.items())
        )


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _notes(report: RunReport) -> Iterator[str]:
    notes = [*report.notes, *(f"{o.row.instance_id}: {note}" for o in report.outcomes for note in o.notes)]
    if notes:
        yield "## Notes"
        yield ""
        yield from (f"- {escape(note)}" for note in notes[:NOTES_SHOWN])
        if len(notes) > NOTES_SHOWN:
            yield f"- and {count(len(notes) - NOTES_SHOWN, 'more note')} in the JSON report"


def _files(report: RunReport) -> Iterator[str]:
    if places(report):
        yield "## Files"
        yield ""
        yield from table(("What", "Where"), ((escape(kind), code(place)) for kind, place in places(report)))
