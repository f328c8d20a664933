"""The tags that a recovery point gets, kept within what AWS accepts."""

import re
from collections.abc import Iterable

from ec2_backup.model import Instance
from ec2_backup.settings import INSTANCE_TAG, RUN_TAG, BackupRequest

MAX_TAGS = 50  # EC2 user guide, "Tag restrictions": user tags on one resource
MAX_VALUE = 256
CREATED_BY = "ec2-backup-automation"

# Characters above U+FFFF are left out as well: whether AWS counts one or two for them is not documented.
_NOT_PORTABLE = re.compile(r"[^\w\s+\-=.:/@]+|[\U00010000-\U0010ffff]+")


def to_tags(instance: Instance, request: BackupRequest, run_key: str) -> dict[str, str]:
    """Return the tags of the recovery point: ours, then the user's.

    `InstanceId` and `RunId` are evidence that later steps and other machines look for, so no request has them
    (`settings.RESERVED_TAGS`); it may have another `Name` or `CreatedBy`. `Name` is there only where the instance
    has one that is not empty once it was cleaned.
    """
    evidence = {INSTANCE_TAG: instance.instance_id, RUN_TAG: run_key}
    name = to_tag_value(instance.name)
    return evidence | {"CreatedBy": CREATED_BY} | ({"Name": name} if name else {}) | request.tags


def to_tag_value(text: str) -> str:
    """Return the text with only the characters that every AWS service accepts, at most 256 of them.

    What is not portable becomes an underscore (a run of it becomes one), white space becomes single spaces.
    """
    cleaned = _NOT_PORTABLE.sub("_", text)
    return " ".join(cleaned.split())[:MAX_VALUE].rstrip()


def merged_tag_count(instance: Instance, tags: Iterable[str]) -> int:
    """Return how many user tags the AMI will carry: the instance's with the given keys, none counted twice.

    AWS Backup copies the instance's tags to the AMI. Keys that begin with `aws:` do not count against the limit.
    """
    return sum(not key.startswith("aws:") for key in {*instance.tags, *tags})
