"""The words of a drill's report, as log, terminal, Markdown and page show them alike."""

from ec2_backup.drill.report import DrillOutcome, DrillReport
from ec2_backup.lines import one_line
from ec2_backup.report.units import count, duration
from ec2_backup.restore import words as restore_words
from ec2_backup.restore.words import (
    VERDICTS,
    advice,
    busiest,
    is_plan,
    notes,
    places,
    reason,
    recovery,
    settings,
    verdicts,
)
from ec2_backup.states import RunStatus, Verdict

__all__ = [
    "VERDICTS",
    "advice",
    "check",
    "end",
    "figures",
    "headline",
    "notes",
    "places",
    "point",
    "reason",
    "recovery",
    "settings",
    "warnings",
]


def headline(report: DrillReport) -> str:
    """Return the one sentence that says how the drill ended."""
    figures, total = report.statistics, report.statistics.rows
    planned = sum(one.verdict is Verdict.PLANNED for one in report.outcomes)
    if is_plan(report):
        return f"{planned} of {count(total, 'drill')} can be done as planned; nothing was started"
    took = figures.median_recovery_seconds
    within = f" (median recovery {duration(took)})" if took is not None else ""
    verb = "is" if total == 1 else "are"
    said = f"{figures.proven} of {count(total, 'recovery point')} {verb} proven by a restore{within}{_rest(report)}"
    early = {RunStatus.ABORTED: "The drill ended early; ", RunStatus.INTERRUPTED: "The drill was interrupted; "}
    return early.get(report.status, "") + said


def _rest(report: DrillReport) -> str:
    kept, others = sum(one.is_kept for one in report.outcomes), report.in_other_drills
    own = f"; {count(kept, 'instance')} kept for a look" if kept else ""
    if report.left:
        own = f"; {count(len(report.left), 'thing')} left behind"
    # What a killed drill has left looks like that of one at work until its time is over.
    foreign = f"; {count(others, 'instance')} left to other drills, which may be at work" if others else ""
    return own + foreign or ", and nothing is left behind"


def figures(report: DrillReport) -> list[tuple[str, str]]:
    """Return the statistics as pairs of label and value."""
    numbers = report.statistics
    found = verdicts(report)
    median, longest, per_gib = (
        numbers.median_recovery_seconds, numbers.longest_recovery_seconds, numbers.seconds_per_gib
    )  # fmt: skip
    pairs = [
        ("Drilled", f"{numbers.rows}" + (f": {found}" if found else "")),
        ("Median recovery", f"{duration(median)}, from the job's creation to both status checks" if median else ""),
        ("Longest recovery", duration(longest) if longest else ""),
        ("Recovery per GiB", f"{per_gib:.2f} s" if per_gib else ""),
        ("Left behind", f"{numbers.left}" if numbers.left else ""),
        ("Not drilled", f"{len(report.undrilled)}" if report.undrilled else ""),
        ("Execution time", duration(numbers.seconds)),
        ("AWS API calls", f"{sum(numbers.api_calls.values()):,}"),
        ("Most called", busiest(numbers.api_calls)),
    ]
    return [(label, value) for label, value in pairs if value]


def point(outcome: DrillOutcome) -> str:
    """Return the recovery point in a few words, with how old it was when its restore began."""
    said = restore_words.point(outcome)
    if not (outcome.chosen and outcome.job):
        return said
    age = (outcome.job.created_at - outcome.chosen.point.created_at).total_seconds()
    return f"{said}, {duration(age)} old"


def check(outcome: DrillOutcome) -> str:
    """Return what came of the check command, "" where there was none."""
    if outcome.check is None:
        return ""
    after = f" after {duration(outcome.check_seconds)}" if outcome.check_seconds is not None else ""
    return f"{outcome.check.status}{after}"


def end(outcome: DrillOutcome) -> str:
    """Return what became of the new instance in the end."""
    if outcome.left:
        return one_line("; ".join(outcome.left))
    if outcome.is_kept:
        return "kept for a look"
    return "removed" if outcome.removed_at and outcome.created_id else ""


def warnings(report: DrillReport) -> list[str]:
    """Return what somebody must know of the drill as a whole, the worst first."""
    open_network = [f"NOT ISOLATED, as was accepted: {one}" for one in report.connected]
    left = [
        one_line(f"left by an earlier drill: {one.what}: {'; '.join(one.left) or 'removed'}")
        for one in report.leftovers
    ]
    undrilled = [one_line(f"{key} was not drilled: {why}") for key, why in report.undrilled.items()]
    return [*open_network, *left, *undrilled]
