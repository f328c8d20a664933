"""Instances that a restore drill has made: nobody wants them backed up, and they are gone in an hour."""

from ec2_backup.coverage.model import LeftOut, SeenInstance
from ec2_backup.restore.plan import RUN_TAG as RESTORE_TAG
from ec2_backup.settings import DRILL_TAG


def to_left_out(seen: SeenInstance) -> LeftOut | None:
    """Return an instance as one that is left out where a drill has made it, None for any other.

    Both tags must name the same drill, as it asks of an instance itself before it terminates it: a restore may copy the
    tags of what was backed up, and one that did has made no instance of a drill.
    """
    tags = seen.instance.tags
    drill_key = tags.get(DRILL_TAG, "")
    if not drill_key or tags.get(RESTORE_TAG) != drill_key:
        return None
    return LeftOut(seen.instance.instance_id, seen.account, seen.instance.region, drill_key)
