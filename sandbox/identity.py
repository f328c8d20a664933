"""Who is calling: the identity behind an access key, as STS, IAM and CloudTrail speak of it."""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from moto.iam.models import IAMBackend, iam_backends
from moto.sts.models import sts_backends

from sandbox.fleet import OWN_ACCOUNT

ACCOUNT = OWN_ACCOUNT
OPERATOR_ROLE = "BackupOperator"
OPERATOR_SESSION = "sandbox"
OPERATOR_ROLE_ID = "AROA3SANDBOXOPERATOR1"
OPERATOR_ACCESS_KEY = "ASIASANDBOXOPERATOR1"


@dataclass(frozen=True, slots=True)
class Identity:
    """A caller: `entity_arn` is the user or role behind `arn`, and `known` is False for the all-allowed operator."""

    account: str
    arn: str
    user_id: str
    access_key: str
    name: str
    entity_arn: str
    known: bool
    expires_at: datetime | None = None

    @property
    def is_role(self) -> bool:
        """True for a session of an assumed role."""
        return ":assumed-role/" in self.arn

    def as_cloudtrail(self) -> dict[str, object]:
        """Return the `userIdentity` element of a CloudTrail event."""
        identity: dict[str, object] = {
            "type": "AssumedRole" if self.is_role else "IAMUser",
            "principalId": self.user_id,
            "arn": self.arn,
            "accountId": self.account,
            "accessKeyId": self.access_key,
        }
        if self.is_role:
            issuer = {"type": "Role", "principalId": self.user_id.split(":")[0], "arn": self.entity_arn}
            issuer |= {"accountId": self.account, "userName": self.entity_arn.rsplit("/", 1)[-1]}
            identity["sessionContext"] = {"sessionIssuer": issuer}
        else:
            identity["userName"] = self.name
        return identity


def operator(account: str = ACCOUNT, partition: str = "aws") -> Identity:
    """Return the identity of credentials that IAM in the sandbox does not know: a session that may do everything."""
    return Identity(
        account=account,
        arn=f"arn:{partition}:sts::{account}:assumed-role/{OPERATOR_ROLE}/{OPERATOR_SESSION}",
        user_id=f"{OPERATOR_ROLE_ID}:{OPERATOR_SESSION}",
        access_key=OPERATOR_ACCESS_KEY,
        name=OPERATOR_SESSION,
        entity_arn=f"arn:{partition}:iam::{account}:role/{OPERATOR_ROLE}",
        known=False,
    )


CURRENT: ContextVar[Identity | None] = ContextVar("sandbox_identity", default=None)


def current() -> Identity:
    """Return who makes the call that is being answered in this context; the operator outside of any."""
    return CURRENT.get() or operator()


def identity_of(access_key: str, partition: str = "aws") -> Identity:
    """Return the IAM user or the role session that owns `access_key`, or the operator if IAM knows nobody by it."""
    for account, partitions in list(iam_backends.items()):
        for name, iam in list(partitions.items()):
            if access_key in iam.access_keys:
                return _session(account, name, access_key) or _user(account, iam, access_key)
    return operator(partition=partition)


def _session(account: str, partition: str, access_key: str) -> Identity | None:
    for role in sts_backends[account][partition].assumed_roles:
        if role.access_key_id == access_key:
            return Identity(
                account=account,
                arn=role.arn,
                user_id=role.user_id,
                access_key=access_key,
                name=role.session_name,
                entity_arn=role.role_arn,
                known=True,
                expires_at=role.expiration.replace(tzinfo=UTC),
            )
    return None


def _user(account: str, iam: IAMBackend, access_key: str) -> Identity:
    user = iam.get_user_from_access_key_id(access_key)
    if user is None:
        return operator(account)
    return Identity(account, user.arn, user.id, access_key, user.name, user.arn, known=True)
