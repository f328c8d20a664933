"""Step 3, first half: who AWS says we are."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ec2_backup.aws.session import call
from ec2_backup.model import Caller, Target


def get_caller_identity(target: Target) -> Caller:
    """Return the caller. Raises AuthenticationError; success proves credentials, never a permission.

    AWS answers GetCallerIdentity even under an explicit deny (AWS STS API reference).
    """
    answer = call("sts", "get_caller_identity", target, key="Arn")
    arn = str(answer["Arn"])
    return Caller(
        account=str(answer["Account"]),
        arn=arn,
        partition=arn.split(":")[1],
        region=target.region,
        answered_at=_date(answer),
        access_role_arn=target.role_arn,
    )


def _date(answer: dict[str, Any]) -> datetime | None:
    """Return AWS's time of its answer, cut off to the second and so never late; None where the answer has no date."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None
