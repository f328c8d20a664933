"""Which jobs and recovery points a list shows, and on which page."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, TypeVar

from sandbox.backup.copyjobs import CopyJob
from sandbox.backup.exceptions import InvalidParameterValueException
from sandbox.backup.jobs import RESOURCE_TYPE, Job
from sandbox.backup.points import RecoveryPoint
from sandbox.backup.restorejobs import RestoreJob
from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES

JOBS_ARE_LISTED_FOR = timedelta(days=30)
MOST_PER_PAGE = 1000

T = TypeVar("T")


def page(
    items: Iterable[T], key: Callable[[T], Any], most: int | None, token: str | None
) -> tuple[list[T], str | None]:
    """Return one page of items, which come in the ascending order of `key`, and the token of the next page.

    Raises:
        InvalidParameterValueException: The token is none of ours.
    """
    last = _decoded(token) if token else None
    rest = (item for item in items if last is None or key(item) > last)
    size = min(most or MOST_PER_PAGE, OUTCOMES.page_size)
    taken = list(islice(rest, size + 1))
    if len(taken) <= size:
        return taken, None
    return taken[:size], urlsafe_b64encode(json.dumps(key(taken[size - 1])).encode()).decode()


def shown_jobs(jobs: Iterable[Job], account: str, wanted: Mapping[str, Any]) -> Iterable[Job]:
    """Return the jobs that ListBackupJobs shows for its parameters, in the order given."""
    oldest = CLOCK.now() - JOBS_ARE_LISTED_FOR
    if wanted.get("ByAccountId") not in {None, "*", account} or wanted.get("ByParentJobId"):
        return []
    return (job for job in jobs if job.created >= oldest and _is_listed(job.created) and _is_wanted(job, wanted))


def shown_restores(jobs: Iterable[RestoreJob], account: str, wanted: Mapping[str, Any]) -> Iterable[RestoreJob]:
    """Return the jobs that ListRestoreJobs shows for its parameters, in the order given."""
    others = ("ByParentJobId", "ByRestoreTestingPlanArn")
    if wanted.get("ByAccountId") not in {None, "*", account} or any(wanted.get(name) for name in others):
        return []
    return (
        job
        for job in jobs
        if _is_listed(job.created)
        and wanted.get("ByStatus") in {None, job.state}
        and wanted.get("ByResourceType") in {None, RESOURCE_TYPE}
        and _is_between(job.created, wanted, "ByCreated")
        and _is_between(job.completed, wanted, "ByComplete")
    )


def shown_restores_of_resource(jobs: Iterable[RestoreJob], wanted: Mapping[str, Any]) -> Iterable[RestoreJob]:
    """Return the jobs that ListRestoreJobsByProtectedResource shows for its parameters, in the order given."""
    return (
        job
        for job in jobs
        if _is_listed(job.created)
        and job.resource_arn == wanted["ResourceArn"]
        and wanted.get("ByStatus") in {None, job.state}
        and _is_between(job.point.started, wanted, "ByRecoveryPointCreationDate")
    )


def shown_copies(jobs: Iterable[CopyJob], account: str, wanted: Mapping[str, Any]) -> Iterable[CopyJob]:
    """Return the jobs that ListCopyJobs shows for its parameters, in the order given."""
    if wanted.get("ByAccountId") not in {None, "*", account} or wanted.get("ByParentJobId"):
        return []
    return (job for job in jobs if _is_listed(job.created) and _is_wanted_copy(job, wanted))


def shown_points(points: Iterable[RecoveryPoint], wanted: Mapping[str, Any]) -> Iterable[RecoveryPoint]:
    """Return the recovery points that ListRecoveryPointsByBackupVault shows for its parameters."""
    if wanted.get("ByBackupPlanId") or wanted.get("ByParentRecoveryPointArn"):
        return []
    return (
        point
        for point in points
        if wanted.get("ByResourceArn") in {None, point.resource_arn}
        and wanted.get("ByResourceType") in {None, RESOURCE_TYPE}
        and _is_between(point.started, wanted, "ByCreated")
    )


def raise_for_point_arn(resource_arn: str | None) -> None:
    """Refuse the ARN of a recovery point where AWS wants that of what was backed up.

    Raises:
        InvalidParameterValueException: It is an AMI, or nothing that AWS Backup knows.
    """
    if resource_arn and ("::image/" in resource_arn or not resource_arn.startswith("arn:")):
        raise InvalidParameterValueException(f"Unsupported resource type: {resource_arn}")


def _is_listed(created: datetime) -> bool:
    """Return whether lists show a job already; for how long they show restore and copy jobs, AWS does not say."""
    return CLOCK.after(created, OUTCOMES.list_lag_seconds) <= CLOCK.now()


def _is_wanted_copy(job: CopyJob, wanted: Mapping[str, Any]) -> bool:
    exact = (
        ("ByState", job.state),
        ("ByResourceArn", job.resource_arn),
        ("ByResourceType", RESOURCE_TYPE),
        ("ByDestinationVaultArn", job.request.destination.arn),
        ("BySourceRecoveryPointArn", job.source.arn),
    )
    if any(wanted.get(name) not in {None, value} for name, value in exact):
        return False
    category = wanted.get("ByMessageCategory")
    if category and category.casefold() != job.category.casefold():
        return False
    return _is_between(job.created, wanted, "ByCreated") and _is_between(job.completed, wanted, "ByComplete")


def _is_wanted(job: Job, wanted: Mapping[str, Any]) -> bool:
    request = job.request
    exact = (
        ("ByState", job.state),
        ("ByBackupVaultName", request.vault_name),
        ("ByResourceArn", request.resource_arn),
        ("ByResourceType", RESOURCE_TYPE),
    )
    if any(wanted.get(name) not in {None, value} for name, value in exact):
        return False
    category = wanted.get("ByMessageCategory")
    if category and category.casefold() != job.category.casefold():
        return False
    return _is_between(job.created, wanted, "ByCreated") and _is_between(job.completed, wanted, "ByComplete")


def _is_between(moment: datetime | None, wanted: Mapping[str, Any], name: str) -> bool:
    after, before = wanted.get(f"{name}After"), wanted.get(f"{name}Before")
    if after is None and before is None:
        return True
    if moment is None:
        return False
    return (after is None or moment >= after.replace(tzinfo=UTC)) and (
        before is None or moment <= before.replace(tzinfo=UTC)
    )


def _decoded(token: str) -> Any:
    try:
        return json.loads(urlsafe_b64decode(token.encode()))
    except (BadBase64, ValueError):
        raise InvalidParameterValueException("Invalid nextToken") from None
