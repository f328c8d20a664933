"""Whether an instance may be terminated: only one of which everything says that a drill made it."""

from collections.abc import Iterator

from ec2_backup.drill.model import Claim, Made
from ec2_backup.restore.plan import FROM_TAG
from ec2_backup.restore.plan import RUN_TAG as RESTORE_TAG
from ec2_backup.settings import DRILL_TAG

ENDED = ("shutting-down", "terminated")


def may_be_terminated(made: Made, claim: Claim) -> bool:
    """Return whether nothing at all speaks against the claim that a drill made this instance."""
    return not any(objections(made, claim))


def objections(made: Made, claim: Claim) -> Iterator[str]:
    """Yield what speaks against it: a tag, the image, the subnet, or that it is what was backed up.

    An image remembers the tags of what was backed up, and a restore may copy them: so the drill's tag alone proves
    nothing. The tag of the restore must name the same run, and the image must be that of the recovery point.
    """
    if not claim.drill_key or not claim.recovery_point_arn:
        yield "it is not known which drill made it, and from what"
    if made.instance_id == claim.source_id:
        yield "it is the original"
    for key, wanted in (
        (DRILL_TAG, claim.drill_key),
        (RESTORE_TAG, claim.drill_key),
        (FROM_TAG, claim.recovery_point_arn),
    ):
        has = made.tags.get(key)
        if has != wanted:
            yield f"its tag {key} is {has!r}, not {wanted!r}" if has else f"it has no tag {key}"
    image_id = claim.recovery_point_arn.rpartition("/")[2]
    if made.image_id != image_id:
        yield f"it was launched from {made.image_id or 'no image'}, not from {image_id}"
    if made.subnet != claim.subnet and made.state not in ENDED:  # one that has ended is in no subnet any more
        yield f"it is in {made.subnet or 'no subnet'}, not in {claim.subnet}"
