"""The figures of a run and its headline, as log, terminal and Markdown show them alike."""

from collections import Counter

from ec2_backup.model import GIB
from ec2_backup.report.copies import copy_figures, copy_sentence
from ec2_backup.report.reasons import VERDICT_WORDS
from ec2_backup.report.units import count, duration, percentage, size
from ec2_backup.results import RunReport, Statistics, VaultUse
from ec2_backup.states import RunStatus, Verdict

TOP_OPERATIONS = 5
MOST_CALLED = "Most called"

_KINDS = {
    "log": "Log",
    "csv": "CSV report",
    "json": "JSON report",
    "html": "HTML report",
    "markdown": "Markdown report",
}


def headline(report: RunReport) -> str:
    """Return the one sentence that says how the run ended."""
    if is_dry(report) and report.status in {RunStatus.PLANNED, RunStatus.INCOMPLETE}:
        return _planned(report)
    proven = "; ".join(filter(None, [_proven(report.statistics), copy_sentence(report)]))
    if report.status is RunStatus.ABORTED:
        return f"The run ended early; {proven}"
    if report.status is RunStatus.INTERRUPTED:
        return f"The run was interrupted; {proven}"
    return proven if report.drill is None or report.drill.is_good else f"{proven}; the restore drill failed"


def figures(report: RunReport) -> list[tuple[str, str]]:
    """Return the statistics of a run as pairs of label and value, ready to be shown."""
    statistics = report.statistics
    planned = is_dry(report)
    return [
        ("Instances", _instances(report)),
        *([] if planned else _rates(statistics)),
        *copy_figures(report),
        ("Execution time", duration(statistics.seconds)),
        *_calls(statistics),
        _data(report, planned=planned),
        *(("Vault", _vault(vault)) for vault in statistics.vaults),
        *([("Restore drill", report.drill.headline)] if report.drill else []),
    ]


def is_dry(report: RunReport) -> bool:
    """Say whether the run was asked to plan only."""
    return report.status is RunStatus.PLANNED or report.parameters.get("dry_run") is True


def places(report: RunReport) -> list[tuple[str, str]]:
    """Return where the files of a run are, and its page in Prefect, as pairs of label and place."""
    files = [(_KINDS.get(kind, kind), path) for kind, path in report.files.items()]
    copies = [(f"{_KINDS.get(kind, kind)} in S3", url) for kind, url in report.copies.items()]
    return [*files, *copies, *([("Prefect run", report.run_url)] if report.run_url else [])]


def verdict_counts(report: RunReport) -> dict[Verdict, int]:
    """Return how many instances have each verdict, all five of them, in their own order."""
    counted = Counter(outcome.verdict for outcome in report.outcomes)
    return {verdict: counted[verdict] for verdict in Verdict}


def busiest_operations(statistics: Statistics) -> list[tuple[str, int]]:
    """Return the AWS operations of a run with their calls, the most called first."""
    return sorted(statistics.api_calls.items(), key=lambda item: (-item[1], item[0]))


def _planned(report: RunReport) -> str:
    planned = [outcome for outcome in report.outcomes if outcome.verdict is Verdict.PLANNED]
    volumes = sum(len(outcome.instance.volumes) for outcome in planned if outcome.instance)
    copies = sum(copy.verdict is Verdict.PLANNED for outcome in planned for copy in outcome.copies)
    wanted = report.statistics.copies
    more = f", {copies:,} of {count(wanted, 'copy', 'copies')}" if wanted else ""
    return (
        f"The plan covers {len(planned):,} of {count(report.statistics.instances, 'instance')} "
        f"and {count(volumes, 'volume')}{more}; nothing was started"
    )


def _proven(statistics: Statistics) -> str:
    verb = "has" if statistics.instances == 1 else "have"
    instances = f"{statistics.proven:,} of {count(statistics.instances, 'instance')} {verb} a proven recovery point"
    if not statistics.volumes:
        return instances
    return f"{instances}, {statistics.proven_volumes:,} of {count(statistics.volumes, 'volume')}"


def _instances(report: RunReport) -> str:
    counts = verdict_counts(report)
    parts = ", ".join(f"{counts[verdict]:,} {words}" for verdict, words in VERDICT_WORDS.items() if counts[verdict])
    return f"{report.statistics.instances:,}" + (f": {parts}" if parts else "")


def _rates(statistics: Statistics) -> list[tuple[str, str]]:
    if not statistics.instances:
        return []
    return [
        ("Success rate", percentage(statistics.success_rate)),
        ("Error rate", percentage(statistics.error_rate)),
    ]


def _calls(statistics: Statistics) -> list[tuple[str, str]]:
    total = sum(statistics.api_calls.values())
    each = f", {statistics.calls_per_instance:.2f} per instance" if statistics.instances else ""
    throttled = f", {statistics.throttled_calls:,} throttled by AWS" if statistics.throttled_calls else ""
    busiest = ", ".join(f"{name} {calls:,}" for name, calls in busiest_operations(statistics)[:TOP_OPERATIONS])
    return [("AWS API calls", f"{total:,}{each}{throttled}"), *([(MOST_CALLED, busiest)] if busiest else [])]


def _data(report: RunReport, *, planned: bool) -> tuple[str, str]:
    if not planned:
        return "Data protected", f"{size(report.statistics.protected_bytes)} provisioned"
    gib = sum(outcome.plan.instance.provisioned_gib for outcome in report.outcomes if outcome.plan)
    return "Data to protect", f"{size(gib * GIB)} provisioned"


def _vault(vault: VaultUse) -> str:
    after = "" if vault.points_after in {None, vault.points_before} else f" → {vault.points_after:,}"
    stored = "" if vault.stored_bytes is None else f", {size(vault.stored_bytes)} provisioned in all"
    last = vault.points_before if vault.points_after is None else vault.points_after
    name = f"{vault.name} in {vault.target}"
    return f"{name}: {vault.points_before:,}{after} recovery point{'' if last == 1 else 's'}{stored}"
