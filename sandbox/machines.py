"""An instance of the sandbox and its volumes, before they are made."""

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Disk:
    """An EBS volume to be; `key` is `""` for an unencrypted one, `fleet` or `disabled` for the key it is under."""

    device: str
    size_gib: int
    volume_type: str = "gp3"
    iops: int | None = None
    key: str = ""
    delete_on_termination: bool = False


@dataclass(frozen=True, slots=True)
class Machine:
    """An instance to be."""

    instance_id: str
    region: str
    name: str
    instance_type: str
    disks: tuple[Disk, ...]
    state: str = "running"
    platform: str = ""
    root_device_type: str = "ebs"
    tags: dict[str, str] = field(default_factory=dict)
    account: str = ""


def to_disks(seed: int) -> Iterator[Disk]:
    """Yield the volumes of an instance, always the same for the same seed."""
    key = "fleet" if seed % 3 else ""
    yield Disk("/dev/xvda", (8, 16, 20, 30, 50, 100)[seed // 3 % 6], key=key, delete_on_termination=True)
    for number in range(seed // 13 % 4):
        device = f"/dev/sd{'fgh'[number]}"
        kind = (seed >> (4 + number)) % 5
        if kind == 0:
            yield Disk(device, 100, "io2", iops=4000, key="fleet")
        elif kind == 1:
            yield Disk(device, 500, "st1", key=key)
        else:
            yield Disk(device, (20, 50, 100, 200)[kind % 4], key=key)


def reservation_id(instance_id: str) -> str:
    """Return the id of the reservation in which an instance is alone."""
    return f"r-{instance_id.removeprefix('i-')}"
