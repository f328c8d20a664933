"""Where the AWS calls for a group of instances go, and as whom they are made."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """A Region, and the ARN of the role that is assumed for the calls that go there; "" is the caller itself."""

    region: str
    role_arn: str = ""

    @property
    def account(self) -> str:
        """The account of the role, "" for the caller's own."""
        return account_of(self.role_arn)

    def __str__(self) -> str:
        """Return the Region, and the account where it is not the caller's own: `eu-west-1 of account 210987654321`."""
        return f"{self.region} of account {self.account}" if self.role_arn else self.region


class Placed:
    """Something that is in one Region of one account; `access_role_arn` is assumed for every call about it."""

    __slots__ = ()
    region: str
    access_role_arn: str

    @property
    def target(self) -> Target:
        """Where calls about it go, and as whom."""
        return Target(self.region, self.access_role_arn)


@dataclass(frozen=True, slots=True)
class Caller(Placed):
    """Who AWS says we are in an account, and when by its clock. `partition` is `aws`, `aws-cn` or `aws-us-gov`."""

    account: str
    arn: str
    partition: str = "aws"
    region: str = ""
    answered_at: datetime | None = field(default=None, compare=False)
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the list has it; "" and no Regions are what it leaves open.

    `role` is a name, with its path, or an ARN. `external_id` is what the role's trust policy wants to hear.
    """

    account: str
    role: str = ""
    external_id: str = ""
    vault: str = ""
    regions: tuple[str, ...] = ()


def account_of(arn: str) -> str:
    """Return the account that an ARN names, "" where it names none."""
    return arn.split(":")[4] if arn.count(":") > 4 else ""
