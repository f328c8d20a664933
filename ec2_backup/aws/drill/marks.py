"""The tags of a drill on the images that it restores from: whose they are for now, and when they were last proven."""

from collections.abc import Iterable, Iterator, Mapping

from ec2_backup.aws.ec2 import by_id, to_tags
from ec2_backup.aws.session import call
from ec2_backup.drill.marks import to_proof, to_proof_tag
from ec2_backup.drilled import Restored
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Target
from ec2_backup.restore.model import PlannedRestore
from ec2_backup.settings import DRILL_TAG, UNTIL_TAG


def put_mark(plan: PlannedRestore, drill_key: str) -> str:
    """Mark the image that is restored from as the drill's for now; return why that cannot be, "" where it was done.

    Without the mark nothing is lost but one thing: a restore whose job no instance names yet is not found by the next
    drill. An image that has all the tags that AWS allows is no reason not to prove it.
    """
    tags = {DRILL_TAG: drill_key, UNTIL_TAG: plan.tags[UNTIL_TAG]}
    return _tag(plan.point.image_id, tags, plan.point.target)


def put_proof(plan: PlannedRestore, proof: Restored) -> str:
    """Write on the image that it was restored; return why that cannot be, "" where it was done."""
    return _tag(plan.point.image_id, to_proof_tag(proof), plan.point.target)


def take_mark(image_id: str, drill_key: str, target: Target) -> None:
    """Take the drill's mark from an image, where it has that of this drill: AWS leaves a tag with another value."""
    try:
        tags = [{"Key": DRILL_TAG, "Value": drill_key}]
        call("ec2", "delete_tags", target, Resources=[image_id], Tags=tags)
        left = next(iter(_tags_of([image_id], target)), (image_id, {}))[1]
        if UNTIL_TAG in left and DRILL_TAG not in left:
            call("ec2", "delete_tags", target, Resources=[image_id], Tags=[{"Key": UNTIL_TAG}])
    except AwsError as error:
        if not error.code.startswith("InvalidAMIID"):  # it was deleted meanwhile, and its tags with it
            raise


def read_proofs(plans: Iterable[PlannedRestore], drill_key: str, target: Target) -> dict[int, Restored]:
    """Return what this very drill has proven already, by line, as the images say."""
    by_image = {plan.point.image_id: plan.row.line for plan in plans}
    proofs = {by_image[image]: to_proof(tags) for image, tags in _tags_of(list(by_image), target)}
    return {line: proof for line, proof in proofs.items() if proof and proof.drill_key == drill_key}


def _tags_of(image_ids: list[str], target: Target) -> Iterator[tuple[str, Mapping[str, str]]]:
    for image in by_id("describe_images", "Images", "image-id", image_ids, target):
        yield image["ImageId"], to_tags(image.get("Tags", ()))


def _tag(image_id: str, tags: Mapping[str, str], target: Target) -> str:
    try:
        call("ec2", "create_tags", target, Resources=[image_id],
             Tags=[{"Key": key, "Value": value} for key, value in tags.items()])  # fmt: skip
    except AuthenticationError:
        raise
    except AwsError as error:
        if error.retryable:
            raise
        return error.message
    return ""
