"""EC2 as strict as AWS where moto is not, and quick with thousands of instances."""

import re
from collections.abc import Sequence
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.core.parse import default_timestamp_parser as parse_timestamp
from moto.core.responses import ActionResult
from moto.ec2 import urls
from moto.ec2.exceptions import InvalidAMIIdError
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import AMIS, Ami
from moto.ec2.models.elastic_block_store import Volume
from moto.ec2.models.instances import Instance
from moto.ec2.responses import EC2Response
from moto.ec2.utils import generic_filter

from sandbox.answer import Refused
from sandbox.backup import books
from sandbox.machines import reservation_id

MOST_FILTER_VALUES = 200
MOST_STATUSES = 100
PAGE = 1000
"""How many instances AWS puts into an answer to somebody who asks for no pages; moto would put a hundred."""

_WELL_FORMED = re.compile(r"(?:[0-9a-f]{8}|[0-9a-f]{17})")


class FleetBackend(EC2Backend):
    """moto's EC2, which finds instances and tags by id instead of looking at every one there is."""

    @property
    def _url_module(self) -> Any:
        return urls

    def _load_amis(self) -> None:
        """Load moto's few dozen public images, without the thousand more that only cost time with each new Region."""
        for image in AMIS:
            created = image.get("creation_date")
            known = {"creation_date": parse_timestamp(created)} if isinstance(created, str) else {}
            self.amis[image["ami_id"]] = Ami(self, **(image | known | {"owner_alias": "amazon"}))

    def get_instance(self, instance_id: str) -> Instance:
        """Return an instance, quickly where it is alone in the reservation that has its name."""
        reservation = self.reservations.get(reservation_id(instance_id))
        if reservation and reservation.instances and reservation.instances[0].id == instance_id:
            return reservation.instances[0]
        return super().get_instance(instance_id)

    def describe_images(  # noqa: D102 - moto's own
        self,
        ami_ids: Any = (),
        filters: Any = None,
        exec_users: Any = None,
        owners: Any = None,
    ) -> list[Ami]:
        image_id = (filters or {}).get("image-id")
        if isinstance(image_id, str) and len(filters) == 1:  # as every new instance asks for its own image
            return [self.amis[image_id]] if image_id in self.amis else []
        known = {*self.amis, *self.deleted_amis}
        if missing := [one for one in ami_ids or () if one.startswith("ami-") and one not in known]:
            raise InvalidAMIIdError(missing)  # AWS refuses the whole list for one of them
        found: list[Ami] = super().describe_images(ami_ids, filters, exec_users, owners)
        return found

    def describe_volumes(self, volume_ids: list[str] | None = None, filters: Any = None) -> list[Volume]:
        """Return volumes; those of named instances without a comparison of every volume with every name."""
        names = (filters or {}).get("attachment.instance-id", ["*"])
        if volume_ids or any("*" in name or "?" in name for name in names):
            found: list[Volume] = super().describe_volumes(volume_ids, filters)
            return found
        wanted = set(names)
        volumes = list(self.volumes.values())
        attached = [one for one in volumes if one.attachment and one.attachment.instance.id in wanted]
        rest = {name: values for name, values in filters.items() if name != "attachment.instance-id"}
        matching: list[Volume] = generic_filter(rest, attached)
        return matching

    def describe_tags(self, filters: Any = None) -> list[dict[str, str]]:
        """Return tags; those of named resources, which is how moto itself asks, without a look at all others."""
        ids = (filters or {}).get("resource-id")
        if not ids or len(filters) > 1 or any("*" in one or "?" in one for one in ids):
            found: list[dict[str, str]] = super().describe_tags(filters)
            return found
        return [
            {"resource_id": one, "key": key, "value": value, "resource_type": _resource_type(one)}
            for one in ids
            for key, value in self.tags.get(one, {}).items()
        ]


def _resource_type(resource_id: str) -> str:
    kinds = {"i": "instance", "vol": "volume", "snap": "snapshot", "ami": "image"}
    prefix = resource_id.rsplit("-", 1)[0]
    return kinds.get(prefix, prefix)


class StrictResponse(EC2Response):
    """EC2 with AWS's own refusals: malformed and unknown ids, too many filter values, reserved tags."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer a call, after AWS Backup has left in EC2 what it has made by now."""
        books.settle()
        return super().call_action()

    def describe_instances(self) -> ActionResult:
        """Answer DescribeInstances."""
        self._check_paging(self._known_instances(), "instancesSet")
        if self._get_param("MaxResults") is None:
            self.params["MaxResults"] = PAGE
        return super().describe_instances()

    def describe_instance_status(self) -> ActionResult:
        """Answer DescribeInstanceStatus."""
        ids = self._known_instances()
        if len(ids) > MOST_STATUSES:
            said = f"Number of instance IDs exceeds the limit of {MOST_STATUSES}"
            raise Refused("InvalidParameterValue", said)
        return super().describe_instance_status()

    def terminate_instances(self) -> ActionResult:
        """Answer TerminateInstances."""
        self._known_instances()
        return super().terminate_instances()

    def modify_instance_attribute(self) -> ActionResult:
        """Answer ModifyInstanceAttribute; a device that the instance does not have refuses the whole call."""
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        for mapping in self._get_param("BlockDeviceMappings", []):
            if mapping.get("DeviceName") not in instance.block_device_mapping:
                said = f"No device is currently mapped at {mapping.get('DeviceName')}"
                raise Refused("InvalidInstanceAttributeValue", said)
        return super().modify_instance_attribute()

    def _known_instances(self) -> Sequence[str]:
        """Return the instance ids of a call, all of which must be there."""
        ids = self._ids("InstanceIds", "i-", "InvalidInstanceID.Malformed", 'Invalid id: "{}"')
        known = {one.id for reservation in self.ec2_backend.reservations.values() for one in reservation.instances}
        missing = [one for one in ids if one not in known]
        if missing:
            noun, verb = ("ID", "does") if len(missing) == 1 else ("IDs", "do")
            said = f"The instance {noun} '{', '.join(missing)}' {verb} not exist"
            raise Refused("InvalidInstanceID.NotFound", said)
        return ids

    def describe_volumes(self) -> ActionResult:
        """Answer DescribeVolumes."""
        ids = self._ids("VolumeIds", "vol-", "InvalidVolumeID.Malformed", 'Invalid id: "{}" (expecting "vol-...")')
        self._check_paging(ids, "volumesSet")
        missing = next((one for one in ids if one not in self.ec2_backend.volumes), None)
        if missing:
            raise Refused("InvalidVolume.NotFound", f"The volume '{missing}' does not exist.")
        return self._page("Volumes", super().describe_volumes())

    def create_tags(self) -> ActionResult:
        """Answer CreateTags; AWS Backup writes its own reserved tags without this call."""
        for tag in self._get_param("Tags", []):
            if str(tag.get("Key", "")).lower().startswith("aws:"):
                said = "Tag keys starting with 'aws:' are reserved for internal use"
                raise Refused("InvalidParameterValue", said)
        return super().create_tags()

    def _filters_from_querystring(self) -> dict[str, Any]:
        filters: dict[str, Any] = super()._filters_from_querystring()
        if sum(len(values) for values in filters.values()) > MOST_FILTER_VALUES:
            said = f"The maximum number of filter values specified on a single call is {MOST_FILTER_VALUES}"
            raise Refused("FilterLimitExceeded", said)
        return filters

    def _ids(self, parameter: str, prefix: str, code: str, said: str) -> Sequence[str]:
        ids: list[str] = self._get_param(parameter, [])
        for one in ids:
            if not one.startswith(prefix) or not _WELL_FORMED.fullmatch(one.removeprefix(prefix)):
                raise Refused(code, said.format(one))
        return ids

    def _check_paging(self, ids: Sequence[str], parameter: str) -> None:
        size = self._get_param("MaxResults")
        if size is not None and ids:
            said = f"The parameter {parameter} cannot be used with the parameter maxResults"
            raise Refused("InvalidParameterCombination", said)
        if size is not None and not 5 <= int(size) <= 1000:
            said = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."
            raise Refused("InvalidParameterValue", said)

    def _page(self, name: str, answer: ActionResult) -> ActionResult:
        """Return one page of what moto answers whole."""
        size, start = self._get_param("MaxResults"), int(self._get_param("NextToken") or 0)
        every: list[Any] = answer.result[name]  # type: ignore[index]
        if size is None:
            return ActionResult({name: every[start:]})
        end = start + int(size)
        return ActionResult({name: every[start:end], "NextToken": str(end) if end < len(every) else None})
