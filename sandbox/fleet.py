"""The instances that a sandbox begins with: a plan of what each is like, always the same for the same id."""

import csv
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

from ec2_backup.csvtext import read_bytes, to_text
from sandbox.machines import Disk, Machine, to_disks

DEFAULT_REGION = "us-east-1"
OWN_ACCOUNT = "123456789012"
LARGE = 20

_ID = re.compile(r"(?<![0-9a-z-])i-(?:[0-9a-f]{17}|[0-9a-f]{8})(?![0-9a-z])")
_REGION = re.compile(
    r"(?<![0-9a-z-])(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?"
    r"-(?:central|north|south|east|west|northeast|northwest|southeast|southwest)-\d(?![0-9a-z])"
)
_ACCOUNT = re.compile(r"(?<![0-9a-z-])[0-9]{12}(?![0-9a-z])")
_TYPES = ("t3.micro", "t3.medium", "m5.large", "m6i.xlarge", "c5.xlarge", "r5.large")
_ROLES = ("web", "app", "db", "cache", "worker", "build", "mail", "ldap")
_TEAMS = ("platform", "payments", "search", "data")


@dataclass(slots=True)
class Fleet:
    """Instances by id. In a fleet of more than `LARGE` every fifteenth or so is stopped, as in real ones.

    Attributes:
        instance_ids: The ids, which are used as they are.
        region: Where they are.
        empty_regions: Regions that get a vault and a key but no instance.
        external_ids: What the role `ACCOUNT_ROLE` of an account wants to hear from those who assume it, by account.
    """

    instance_ids: Iterable[str] = ()
    region: str = DEFAULT_REGION
    empty_regions: tuple[str, ...] = ()
    external_ids: dict[str, str] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Plan a machine for each id."""
        ids = tuple(self.instance_ids)
        for instance_id in ids:
            self.add(instance_id, may_be_stopped=len(ids) > LARGE)

    @classmethod
    def from_csv(cls, path: Path, region: str = DEFAULT_REGION, own_account: str = OWN_ACCOUNT) -> Self:
        """Return the fleet that a CSV names; `region` is for lines that name none, `own_account` is the operator's.

        It takes any line with an instance id in it, because what is wrong with a CSV is for the backup to say.

        Raises:
            InventoryError: The file cannot be read, or is not text.
        """
        text, _ = to_text(str(path), read_bytes(str(path)))
        rows = list(csv.reader(text.splitlines(), delimiter=max(",;\t|", key=text.count)))
        titles = [title.strip().lower() for title in rows[0]] if rows else []
        name = titles.index("name") if "name" in titles else len(rows)
        fleet = cls(region=region)
        for row in rows:
            line = " , ".join(row).lower()
            for instance_id in _ID.findall(line):
                where = _REGION.search(line)
                named = row[name].strip() if name < len(row) else ""
                account = _ACCOUNT.search(line)
                place = where[0] if where else "", account[0] if account and account[0] != own_account else ""
                fleet.add(instance_id, named, *place, may_be_stopped=len(rows) > LARGE)
        return fleet

    @classmethod
    def of_size(cls, count: int, region: str = DEFAULT_REGION) -> Self:
        """Return a fleet of so many instances with ids from a counter; the same count gives the same fleet."""
        return cls((f"i-0{number:016x}" for number in range(1, count + 1)), region)

    @property
    def regions(self) -> list[str]:
        """The Regions that the fleet is in, and the one it would be in."""
        return sorted({self.region, *self.empty_regions, *(machine.region for machine in self.machines.values())})

    @property
    def accounts(self) -> list[str]:
        """The accounts that the fleet is in besides the operator's own."""
        return sorted({machine.account for machine in self.machines.values() if machine.account})

    def of_account(self, account: str) -> "Fleet":
        """Return what is in one account; "" is the operator's own."""
        part = Fleet((), self.region, () if account else self.empty_regions)
        part.machines = {key: one for key, one in self.machines.items() if one.account == account}
        if account:
            part.region = min(machine.region for machine in part.machines.values())
        return part

    def write_csv(self, path: Path) -> None:
        """Write the fleet as a CSV that the backup takes."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            more = ["Account"] * bool(self.accounts)
            writer.writerow(["instance_id", "Name", "Region", *more])
            for one in self.machines.values():
                writer.writerow([one.instance_id, one.name, one.region, *([one.account] if more else [])])

    def add(
        self, instance_id: str, name: str = "", region: str = "", account: str = "", *, may_be_stopped: bool = False
    ) -> Self:
        """Plan one more instance; an id that is planned already stays as it is."""
        seed = zlib.crc32(instance_id.encode())
        machine = Machine(
            instance_id=instance_id,
            region=region or self.region,
            name=name or f"{_ROLES[seed % len(_ROLES)]}-{seed % 997:03d}",
            instance_type=_TYPES[seed // 7 % len(_TYPES)],
            disks=tuple(to_disks(seed)),
            state="stopped" if may_be_stopped and seed % 15 == 0 else "running",
            tags={"Environment": "production", "Team": _TEAMS[seed // 11 % len(_TEAMS)]},
            account=account,
        )
        self.machines.setdefault(instance_id, machine)
        return self

    def in_account(self, account: str, *instance_ids: str, region: str = "") -> Self:
        """Plan instances in another account, which has a role `ACCOUNT_ROLE` that the operator's account may assume."""
        for instance_id in instance_ids:
            self.add(instance_id, region=region)
            self._change(instance_id, account=account)
        return self

    def in_state(self, instance_id: str, state: str) -> Self:
        """Plan an instance that is `stopped`, `stopping`, `pending`, `shutting-down` or `terminated`."""
        return self._change(instance_id, state=state)

    def windows(self, instance_id: str) -> Self:
        """Plan an instance that runs Windows."""
        return self._change(instance_id, platform="windows")

    def instance_store_root(self, instance_id: str) -> Self:
        """Plan an instance without any EBS volume, whose root device is an instance store."""
        return self._change(instance_id, root_device_type="instance-store", instance_type="m3.medium", disks=())

    def instance_store_disks(self, instance_id: str) -> Self:
        """Plan an instance whose type brings instance-store disks beside its EBS volumes."""
        return self._change(instance_id, instance_type="i3.large")

    def tagged(self, instance_id: str, count: int) -> Self:
        """Plan an instance with so many tags, its Name among them."""
        return self._change(instance_id, tags={f"tag-{number:02d}": str(number) for number in range(1, count)})

    def disabled_key(self, instance_id: str) -> Self:
        """Plan an instance whose root volume is encrypted with a key that has been disabled."""
        root, *rest = self.add(instance_id).machines[instance_id].disks
        return self._change(instance_id, disks=(replace(root, key="disabled"), *rest))

    def with_disks(self, instance_id: str, *disks: Disk) -> Self:
        """Plan an instance with exactly these volumes."""
        return self._change(instance_id, disks=disks)

    def _change(self, instance_id: str, **changes: object) -> Self:
        self.add(instance_id)
        self.machines[instance_id] = replace(self.machines[instance_id], **changes)  # type: ignore[arg-type]
        return self
