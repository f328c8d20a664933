"""The tags that a recovery point gets, kept within what AWS accepts."""

import re
from collections.abc import Iterable

from ec2_backup.model import Instance
from ec2_backup.settings import INSTANCE_TAG, RUN_TAG, BackupRequest

MAX_TAGS = 50  # EC2 user guide, "Tag restrictions": user tags on one resource
MAX_VALUE = 256
CREATED_BY = "ec2-backup-automation"

# Characters above U+FFFF are left out as well: whether AWS counts one or two for them is not documented.
_NOT_PORTABLE = re.compile(r"[^\w\s+\-=.:/@]|[\U00010000-\U0010ffff]")


def to_tags(instance: Instance, request: BackupRequest, run_key: str) -> dict[str, str]:
    """Return the tags of the recovery point: ours, then the user's.

    `InstanceId` and `RunId` are evidence that later steps and other machines look for, so no request has them
    (`settings.RESERVED_TAGS`); it may have another `Name` or `CreatedBy`. `Name` is there only where the instance
    has one that every AWS service accepts: a tag of ours would win over the instance's own, which AWS Backup copies
    whole, and what is restored would bear a name that its original never had.
    """
    evidence = {INSTANCE_TAG: instance.instance_id, RUN_TAG: run_key}
    name = {"Name": instance.name} if is_portable(instance.name) else {}
    return evidence | {"CreatedBy": CREATED_BY} | name | request.tags


def is_portable(text: str) -> bool:
    """Return whether this is a value that every AWS service accepts as it is: some characters, 256 at the most."""
    return bool(text) and text == " ".join(text.split()) and len(text) <= MAX_VALUE and not _NOT_PORTABLE.search(text)


def merged_tag_count(instance: Instance, tags: Iterable[str]) -> int:
    """Return how many user tags the AMI will carry: the instance's with the given keys, none counted twice.

    AWS Backup copies the instance's tags to the AMI. Keys that begin with `aws:` do not count against the limit.
    """
    return sum(not key.startswith("aws:") for key in {*instance.tags, *tags})
