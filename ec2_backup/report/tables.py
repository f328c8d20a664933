"""A report as table artifacts: rows with links into the AWS console, what failed first.

Prefect's tables render Markdown in their cells. A browser needs some 7 s for 1,000 rows and 25 s for 10,000, so a
table stops at a limit and says so in its last row.
"""

from collections.abc import Callable
from typing import TypeVar

from ec2_backup.model import BackupJob
from ec2_backup.report.console import image_url, instance_url, job_url
from ec2_backup.report.copies import ShownCopy, lacking_copies
from ec2_backup.report.gfm import escape, link
from ec2_backup.report.reasons import SIGNS, advice, failures_first, name, reason, step, where
from ec2_backup.report.units import count
from ec2_backup.results import Outcome, RunReport

TABLE_ROWS = 1000

Row = dict[str, str]
Item = TypeVar("Item", Outcome, ShownCopy)


def to_table(report: RunReport, limit: int = TABLE_ROWS) -> list[Row]:
    """Return one row per instance, those without a proven recovery point first, at most `limit` of them."""
    return _limited(failures_first(report.outcomes), _outcome_row, limit, "instance")


def to_failure_table(report: RunReport, limit: int = TABLE_ROWS) -> list[Row]:
    """Return one row per instance that has no proven recovery point: where it failed, why, and what to do."""
    return _limited(failures_first(report.failures), _failure_row, limit, "instance")


def to_copy_table(report: RunReport, limit: int = TABLE_ROWS) -> list[Row]:
    """Return one row per copy that was asked for, those that lack first; none where none were."""
    lacking = lacking_copies(report)
    failing = {(one.outcome.row.instance_id, one.copy.destination.arn) for one in lacking}
    rest = [
        ShownCopy(outcome, copy)
        for outcome in report.outcomes
        for copy in outcome.copies
        if (outcome.row.instance_id, copy.destination.arn) not in failing
    ]
    return _limited([*lacking, *rest], _copy_row, limit, "copy", "copies")


def _limited(items: list[Item], row: Callable[[Item], Row], limit: int, noun: str, plural: str = "") -> list[Row]:
    rows = [row(item) for item in items[:limit]]
    hidden = len(items) - len(rows)
    if hidden and rows:
        more = count(hidden, f"more {noun}", f"more {plural}" if plural else "")
        rows.append({**dict.fromkeys(rows[0], ""), "Instance": f"and {more} in the CSV report"})
    return rows


def _copy_row(one: ShownCopy) -> Row:
    copy, point = one.copy, one.copy.recovery_point
    return {
        "Instance": instance_link(one.outcome),
        "Verdict": f"{SIGNS[copy.verdict]} {copy.verdict}",
        "Copy into": escape(str(copy.destination)),
        "Reason": escape(one.reason) if copy.failure else "",
        "What to do": escape(one.advice),
        "Recovery point": link(point.image_id, image_url(point.image_id, copy.destination.region)) if point else "",
    }


def _outcome_row(outcome: Outcome) -> Row:
    job, point, instance = outcome.job, outcome.recovery_point, outcome.instance
    return {
        "Instance": instance_link(outcome),
        "Verdict": f"{SIGNS[outcome.verdict]} {outcome.verdict}",
        "Name": escape(name(outcome)),
        "Region": escape(where(outcome)),
        "Job": f"{job_link(job)} {job.state}" if job else "",
        "Recovery point": link(point.image_id, image_url(point.image_id, outcome.region)) if point else "",
        "Size": f"{instance.provisioned_gib:,} GiB" if instance else "",
        "Volumes": str(len(instance.volumes)) if instance else "",
        "Reason": escape(reason(outcome)),
    }


def _failure_row(outcome: Outcome) -> Row:
    job = outcome.job
    return {
        "Instance": instance_link(outcome),
        "Name": escape(name(outcome)),
        # Prefect's tables wrap no cell: what comes first is what is seen without scrolling to the side.
        "Reason": escape(reason(outcome)),
        "What to do": escape(advice(outcome)),
        "Step": escape(step(outcome)),
        "Verdict": f"{SIGNS[outcome.verdict]} {outcome.verdict}",
        "Region": escape(where(outcome)),
        "Job": job_link(job) if job else "",
    }


def job_link(job: BackupJob) -> str:
    """Return the beginning of a job's ID as a link to its page in the console.

    The whole ID is in the address, where a search in the table finds it: shown, it would push the reason off the page.
    """
    return link(job.job_id[:8], job_url(job.job_id, job.region))


def instance_link(outcome: Outcome) -> str:
    """Return the instance's ID as a link to its page in the console."""
    return link(outcome.row.instance_id, instance_url(outcome.row.instance_id, outcome.region))
