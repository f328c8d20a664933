"""The nouns of a drill, beside those of the restore that it is.

    Network -> (a PlannedRestore, a RestoreJob, a RestoredInstance) -> CheckResult -> Leaving -> DrillOutcome

Times are aware and in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ec2_backup.target import Placed

ANYWHERE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, slots=True)
class Route:
    """A route of a subnet: where to, and through which gateway, peering or interface (`local` within the VPC)."""

    destination: str
    through: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a security group: a protocol (`-1` is all), a range of ports, and with whom.

    `peer` is a network, a prefix list or another security group; an empty port is every port.
    """

    protocol: str
    peer: str
    first_port: int | None = None
    last_port: int | None = None

    def __str__(self) -> str:
        """Return the rule in the words of the console: `tcp 443 with 10.0.0.0/16`."""
        protocol = "all traffic" if self.protocol == "-1" else self.protocol
        ports = {self.first_port, self.last_port} - {None, -1}
        shown = f" {'-'.join(str(port) for port in sorted(one for one in ports if one is not None))}" if ports else ""
        return f"{protocol}{shown} with {self.peer}"


@dataclass(frozen=True, slots=True)
class Network:
    """The subnet and the security group of a drill, as EC2 shows them; an empty VPC is of what does not exist."""

    subnet_id: str
    group_id: str
    subnet_vpc: str = ""
    group_vpc: str = ""
    gives_public_addresses: bool = False
    routes: tuple[Route, ...] = ()
    inbound: tuple[Rule, ...] = ()
    outbound: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Why an instance would be a drill's own: which drill's, from which recovery point, in which subnet.

    `source_id` is the instance that was backed up, "" where it is not known.
    """

    drill_key: str
    recovery_point_arn: str
    subnet: str
    source_id: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """An instance as EC2 shows it right before it would be terminated; `volumes` by their devices.

    `kept_devices` are those whose volumes would outlive the instance.
    """

    instance_id: str
    state: str
    image_id: str
    subnet: str
    tags: Mapping[str, str]
    volumes: Mapping[str, str] = field(default_factory=dict)
    kept_devices: tuple[str, ...] = ()


class CheckStatus(StrEnum):
    """How a check came out; `unmanaged` is one that could not be sent, since Systems Manager never saw the instance."""

    PASSED = "passed"
    FAILED = "failed"
    LATE = "late"
    UNMANAGED = "unmanaged"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of the check command on an instance: its exit code and what it wrote, shortened and printable."""

    line: int
    status: CheckStatus
    exit_code: int | None = None
    output: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class SentCommand(Placed):
    """A command that was sent to a new instance, or, without an id, one that waits for the instance to be managed."""

    line: int
    instance_id: str
    region: str
    since: datetime
    command_id: str = ""
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Leaving(Placed):
    """An instance that was told to terminate, with the volumes that go with it."""

    line: int
    instance_id: str
    region: str
    since: datetime
    volume_ids: tuple[str, ...] = ()
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """What is left of an instance that was told to terminate, when that is nothing, or the time for it is over."""

    line: int
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Leftover(Placed):
    """What an earlier drill has left: an instance, a restore job that may still make one, or a mark of its image.

    `line` is negative, to tell it from the rows of this drill. `job_id` is a job that is not over. `at_work_on` is the
    image that a drill restores from which may still be at work: nothing of that one is to be removed.
    """

    line: int
    drill_key: str
    region: str
    recovery_point_arn: str = ""
    instance_id: str = ""
    job_id: str = ""
    marked_image: str = ""
    is_tagged: bool = True
    at_work_on: str = ""
    access_role_arn: str = ""

    def __str__(self) -> str:
        """Return what it is, in a few words."""
        what = self.instance_id or (f"restore job {self.job_id}" if self.job_id else f"the mark on {self.marked_image}")
        return f"{what} of drill {self.drill_key}"
