"""The credentials of a role that is assumed: asked for when they are first needed, and anew before they are over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from botocore.credentials import DeferredRefreshableCredentials

from ec2_backup.aws.translation import EXPIRED_CODES
from ec2_backup.errors import AccessError
from ec2_backup.target import Target, account_of

SESSION_NAME = "ec2-backup-automation"  # what CloudTrail shows of a session beside its role

Ask = Callable[..., Mapping[str, Any]]


@dataclass(slots=True)
class RoleSession:
    """A role as this process assumes it, one for all Regions; botocore sees to it that one thread refreshes it.

    Attributes:
        role_arn: The role.
        external_id: What its trust policy wants to hear, "" where it wants nothing.
        home: Where STS is asked, as the caller itself.
        ask: `call` of the sessions: makes the call, or raises our errors.
        is_over: Whether AWS has said that the credentials are over before our clock does.
    """

    role_arn: str
    external_id: str
    home: Target
    ask: Ask
    is_over: bool = False

    def credentials(self) -> DeferredRefreshableCredentials:
        """Return credentials that ask for a new session some minutes before theirs is over."""
        return DeferredRefreshableCredentials(self._assume, "assume-role", time_fetcher=self._now)

    def renew(self, response: object = None, attempts: int = 1, **_: Any) -> float | None:
        """Return a pause of no seconds, and so repeat the call, where AWS says that the session is over.

        botocore's `needs-retry` calls this. A clock that is behind AWS's keeps credentials for longer than AWS does.
        """
        parsed = response[1] if isinstance(response, tuple) else {}
        if attempts > 1 or parsed.get("Error", {}).get("Code") not in EXPIRED_CODES:
            return None
        self.is_over = True
        return 0.0

    def _now(self) -> datetime:
        return datetime.max.replace(tzinfo=UTC) if self.is_over else datetime.now(UTC)

    def _assume(self) -> dict[str, str]:
        more = {"ExternalId": self.external_id} if self.external_id else {}
        try:
            answer = self.ask(self.role_arn, self.home, **more)["Credentials"]
        except AccessError as error:
            raise _not_entered(self.role_arn, error) from error
        self.is_over = False
        return {
            "access_key": answer["AccessKeyId"],
            "secret_key": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
            "expiry_time": answer["Expiration"].isoformat(),
        }


def _not_entered(role_arn: str, error: AccessError) -> AccessError:
    account = account_of(role_arn)
    return AccessError(
        error.operation,
        error.code,
        f"account {account} cannot be entered through {role_arn}: {error.said}",
        hint=f"Does the role exist in account {account}? Its trust policy must let the caller assume it, with the "
        "external id that the accounts file gives; the caller's own policy must allow sts:AssumeRole on it.",
    )
