"""The blocks with which a log opens and closes; the log file stamps their lines."""

from collections.abc import Iterable
from datetime import datetime

from ec2_backup.lines import one_line
from ec2_backup.report.copies import ShownCopy, lacking_copies
from ec2_backup.report.figures import figures, headline, places
from ec2_backup.report.grouping import place_pairs
from ec2_backup.report.reasons import SIGNS, advice, failures_first, name, reason, step, where
from ec2_backup.report.since import since_last_line
from ec2_backup.report.units import count
from ec2_backup.results import Outcome, RunReport
from ec2_backup.settings import BackupRequest

RULE = "-" * 72


def opening_lines(request: BackupRequest, run_key: str, started_at: datetime) -> list[str]:
    """Return the lines that say which run this log is of, and what it was asked to do."""
    local = started_at.astimezone()
    return [
        RULE,
        "EC2 Backup Automation" + (" (dry run: nothing will be started)" if request.dry_run else ""),
        RULE,
        *_aligned(
            [
                ("Run", run_key),
                ("Started", f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"),
                ("Inventory", request.csv),
                ("Vault", request.vault),
                ("IAM role", request.role),
                ("Region", request.region or "as the CSV or the AWS configuration says"),
                ("Retention", count(request.retention_days, "day")),
                *(("Copies", text) for text in request.options.copy_to),
                *([("Tags", ", ".join(f"{key}={value}" for key, value in request.tags.items()))] * bool(request.tags)),
                ("Output", str(request.output)),
            ]
        ),
        RULE,
    ]


def closing_lines(report: RunReport) -> list[str]:
    """Return the lines that end a log: what failed and why, the statistics, and where the reports are."""
    return [
        RULE,
        *_error(report),
        *(line for outcome in failures_first(report.failures) for line in _failure(outcome)),
        *(line for lacking in lacking_copies(report) for line in _copy(lacking)),
        headline(report),
        *([since_last_line(report)] if since_last_line(report) else []),
        *_aligned([*figures(report), *place_pairs(report), *places(report)]),
        f"The run ended with exit code {report.exit_code} ({report.status}).",
        RULE,
    ]


def _aligned(pairs: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(pairs)
    width = max((len(label) for label, _ in pairs), default=0)
    return [f"{label:<{width}}  {one_line(value)}" for label, value in pairs]


def _error(report: RunReport) -> list[str]:
    if report.error is None:
        return []
    hint = [f"   What to do: {report.error.hint}"] if report.error.hint else []
    return [f"❌ {report.error.kind}: {one_line(report.error.message)}", *hint]


def _failure(outcome: Outcome) -> list[str]:
    whose = ", ".join(filter(None, (name(outcome), where(outcome))))
    at_step = f" at step {step(outcome)}" if outcome.failure else ""
    lines = [f"{SIGNS[outcome.verdict]} {outcome.row.instance_id} ({whose}){at_step}: {reason(outcome)}"]
    return [one_line(line) for line in lines] + [f"   What to do: {one_line(advice(outcome))}"] * bool(advice(outcome))


def _copy(lacking: ShownCopy) -> list[str]:
    copy, outcome = lacking.copy, lacking.outcome
    line = f"{SIGNS[copy.verdict]} {outcome.row.instance_id}: copy into {copy.destination}: {lacking.reason}"
    return [one_line(line)] + [f"   What to do: {one_line(lacking.advice)}"] * bool(lacking.advice)
