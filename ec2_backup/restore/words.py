"""The words of a restore's report, as log, terminal, Markdown and page show them alike."""

from collections.abc import Mapping

from ec2_backup.lines import one_line
from ec2_backup.report.units import count, duration
from ec2_backup.restore.metadata import groups_of
from ec2_backup.restore.model import PlannedRestore
from ec2_backup.restore.report import RestoreOutcome, RestoreReport
from ec2_backup.states import RunStatus, Verdict

SIGNS = {
    Verdict.PROVEN: "✅",
    Verdict.FAILED: "❌",
    Verdict.RUNNING: "⏳",
    Verdict.PLANNED: "📋",
    Verdict.NOT_STARTED: "⏳",
}
VERDICTS = {
    Verdict.PROVEN: "proven",
    Verdict.FAILED: "failed",
    Verdict.RUNNING: "goes on",
    Verdict.PLANNED: "planned",
    Verdict.NOT_STARTED: "not begun",
}
_KINDS = {"log": "Log", "html": "HTML report", "json": "JSON report"}


def headline(report: RestoreReport) -> str:
    """Return the one sentence that says how the restore ended."""
    total, figures = report.statistics.rows, report.statistics
    planned = sum(one.verdict is Verdict.PLANNED for one in report.outcomes)
    if is_plan(report):
        return f"{planned} of {count(total, 'restore')} can be done as planned; nothing was started"
    took = figures.longest_recovery_seconds
    within = f", within {duration(took)}" if took is not None and figures.proven == total else ""
    verb = "is" if total == 1 else "are"
    said = f"{figures.proven} of {count(total, 'instance')} {verb} restored and proven{within}"
    early = {RunStatus.ABORTED: "The restore ended early; ", RunStatus.INTERRUPTED: "The restore was interrupted; "}
    return early.get(report.status, "") + said


def is_plan(report: RestoreReport) -> bool:
    """Return whether a plan is all that there is to tell of: nothing was started, whether or not all of it can be."""
    planned = any(one.verdict is Verdict.PLANNED for one in report.outcomes)
    failed = report.status is RunStatus.INCOMPLETE and bool(report.parameters.get("dry_run"))
    return report.status is RunStatus.PLANNED or (planned and not report.statistics.proven) or failed


def figures(report: RestoreReport) -> list[tuple[str, str]]:
    """Return the statistics as pairs of label and value."""
    numbers = report.statistics
    found = verdicts(report)
    took = numbers.longest_recovery_seconds
    calls = sum(numbers.api_calls.values())
    pairs = [
        ("Restores", f"{numbers.rows}" + (f": {found}" if found else "")),
        ("Longest recovery", f"{duration(took)}, from the job's creation to both status checks" if took else ""),
        ("Execution time", duration(numbers.seconds)),
        ("AWS API calls", f"{calls:,}"),
        ("Most called", busiest(numbers.api_calls)),
    ]
    return [(label, value) for label, value in pairs if value]


def verdicts(report: RestoreReport) -> str:
    """Return how many rows have each verdict: `2 proven, 1 failed`."""
    numbers = {verdict: sum(one.verdict is verdict for one in report.outcomes) for verdict in Verdict}
    return ", ".join(f"{number} {VERDICTS[verdict]}" for verdict, number in numbers.items() if number)


def busiest(api_calls: Mapping[str, int]) -> str:
    """Return the five operations that were called most."""
    found = sorted(api_calls.items(), key=lambda item: (-item[1], item[0]))[:5]
    return ", ".join(f"{name} {number}" for name, number in found)


def places(report: RestoreReport) -> list[tuple[str, str]]:
    """Return where everything is, as pairs of label and value."""
    files = [(label, report.files[kind]) for kind, label in _KINDS.items() if kind in report.files]
    return files + ([("Prefect run", report.run_url)] if report.run_url else [])


def recovery(outcome: RestoreOutcome) -> str:
    """Return how long the recovery took, "" where it has not come to its end."""
    return duration(outcome.recovery_seconds) if outcome.recovery_seconds is not None else ""


def point(outcome: RestoreOutcome) -> str:
    """Return the recovery point in a few words, "" where none was chosen."""
    chosen = outcome.chosen.point if outcome.chosen else None
    return f"{chosen.image_id} of {chosen.created_at:%Y-%m-%d %H:%M} UTC" if chosen else ""


def reason(outcome: RestoreOutcome) -> str:
    """Return what happened, "" where nothing did."""
    return one_line(outcome.failure.reason) if outcome.failure else ""


def advice(outcome: RestoreOutcome) -> str:
    """Return what to do, "" where nothing is to be done."""
    return one_line(outcome.failure.advice) if outcome.failure else ""


def settings(plan: PlannedRestore) -> list[tuple[str, str]]:
    """Return what the new instance will be, as pairs of label and value; what was asked for is marked so."""
    changes, metadata = plan.row.changes, plan.metadata
    key = metadata.get("KeyName", "")
    pairs = [
        ("Type", metadata.get("InstanceType", ""), changes.instance_type),
        ("Subnet", metadata.get("SubnetId", ""), changes.subnet),
        ("Security groups", ", ".join(groups_of(plan.metadata)), ", ".join(changes.security_groups)),
        ("Profile", plan.attached_profile or metadata.get("IamInstanceProfileName", "") or "none", changes.profile),
        ("Key pair", f"{key or 'none'} (as the original: AWS Backup takes no other)", ""),
        ("Name", plan.tags.get("Name", "") or "none", changes.name),
        ("Volumes", volumes(plan), ""),
    ]
    return [(label, f"{value} (changed)" if changed else value) for label, value, changed in pairs if value]


def volumes(plan: PlannedRestore) -> str:
    """Return the volumes that the new instance will have."""
    return ", ".join(
        f"{disk.device} {disk.size_gib} GiB {disk.volume_type}".rstrip() + ("" if disk.encrypted else " not encrypted")
        for disk in plan.point.disks
    )


def notes(outcome: RestoreOutcome) -> list[str]:
    """Return what somebody should know of a row before and after: remarks on the choice, what is left out, warnings."""
    remarks = list(outcome.chosen.remarks) if outcome.chosen else []
    plan = outcome.plan
    return remarks + ([*(f"left out: {one}" for one in plan.left_out), *plan.warnings] if plan else [])
