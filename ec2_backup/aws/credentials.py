"""Where credentials come from, and those of a role: asked for when first needed, and anew before they are over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from botocore.credentials import DeferredRefreshableCredentials

from ec2_backup.aws.translation import EXPIRED_CODES
from ec2_backup.errors import AccessError
from ec2_backup.target import Target, account_of

SESSION_NAME = "ec2-backup-automation"  # what CloudTrail shows of a session beside its role

Ask = Callable[..., Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """Where sessions have their credentials from; what is None or empty is left to AWS's default chain.

    Attributes:
        name: What an error calls it, "" for the default chain itself.
        access_key: With `secret_key`, and `token` where they are of a session: keys as they are.
        profile: A profile of AWS's configuration files.
        region: The Region of calls that name none.
        role_arn: The role that is assumed with these credentials, for all calls.
        role_arguments: What its AssumeRole is told besides, by STS's names.
        client: What its clients get besides, by boto3's names: `endpoint_url`, `verify`, `use_ssl`, `config`.
    """

    name: str = ""
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    profile: str | None = None
    region: str | None = None
    role_arn: str = ""
    role_arguments: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)
    client: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    @property
    def behind_role(self) -> "Source":
        """The same without its role, as which the role is assumed."""
        return replace(self, role_arn="")


DEFAULT_CHAIN = Source()


@dataclass(slots=True)
class RoleSession:
    """A role as this process assumes it, one for all Regions; botocore sees to it that one thread refreshes it.

    Attributes:
        role_arn: The role.
        arguments: What STS is told besides, such as the ExternalId that its trust policy wants to hear.
        home: Where STS is asked, as the caller itself.
        ask: `call` of the sessions: makes the call, or raises our errors.
        is_over: Whether AWS has said that the credentials are over before our clock does.
        is_entered: Whether STS has answered at `home` so far; until then another Region may be the better one.
    """

    role_arn: str
    arguments: Mapping[str, Any]
    home: Target
    ask: Ask
    is_over: bool = False
    is_entered: bool = False

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
        try:
            answer = self.ask(self.role_arn, self.home, **self.arguments)["Credentials"]
        except AccessError as error:
            raise _not_entered(self.role_arn, error) from error
        self.is_over, self.is_entered = False, True
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
        "external id that the accounts file or the block gives; the caller's policy must allow sts:AssumeRole on it.",
    )
