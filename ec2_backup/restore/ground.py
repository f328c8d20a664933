"""What a new instance stands on, as it is now: the plans of restores are held against it before anything starts."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet, with the VPC and the Availability Zone that it is in."""

    subnet_id: str
    vpc_id: str
    zone: str
    free_addresses: int = 0


@dataclass(frozen=True, slots=True)
class Profile:
    """An instance profile with the ARN of its role, "" where it has none.

    `may_be_passed` is whether AWS Backup's role may hand that role to an instance, None where IAM did not say.
    """

    name: str
    role_arn: str = ""
    may_be_passed: bool | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """What plans are held against: everything in one Region that they name and that exists.

    `groups` are the VPCs of security groups by their ids, `offered` pairs of instance type and Availability Zone.
    None is what the caller may not look at.
    """

    subnets: Mapping[str, Subnet] | None
    groups: Mapping[str, str] | None
    offered: frozenset[tuple[str, str]] | None
    profiles: Mapping[str, Profile] | None
