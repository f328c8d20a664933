"""Nothing is terminated of which not everything says that a drill made it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.drill.model import Claim, Made
from ec2_backup.drill.removal import may_be_terminated, objections
from tests.unit.drills import CLAIM, IMAGE, KEY, OTHER_KEY, made
from tests.unit.restores import ARN, ORIGINAL

TAGS = made().tags


def test_what_the_drill_made_may_be_terminated() -> None:
    assert may_be_terminated(made(), CLAIM)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"instance_id": ORIGINAL}, "it is the original"),
        ({"tags": {}}, "it has no tag DrillRunId"),
        ({"tags": {**TAGS, "DrillRunId": OTHER_KEY}}, "its tag DrillRunId is"),
        ({"tags": {**TAGS, "RestoreRunId": "somebodys-restore"}}, "its tag RestoreRunId is 'somebodys-restore'"),
        ({"tags": {**TAGS, "RestoredFrom": "arn:aws:ec2:eu-central-1::image/ami-0f"}}, "its tag RestoredFrom is"),
        ({"image_id": "ami-0f"}, "it was launched from ami-0f"),
        ({"image_id": ""}, "it was launched from no image"),
        ({"subnet": "subnet-0f0f0f0f"}, "it is in subnet-0f0f0f0f"),
        ({"subnet": ""}, "it is in no subnet"),
    ],
)
def test_one_thing_that_speaks_against_it_is_enough(changes: dict[str, object], said: str) -> None:
    one = made(**changes)

    assert not may_be_terminated(one, CLAIM)
    assert said in "; ".join(objections(one, CLAIM))


def test_one_that_has_ended_is_in_no_subnet_any_more() -> None:
    assert may_be_terminated(made(state="terminated", subnet=""), CLAIM)


def test_a_restored_server_that_took_over_a_drills_tag_from_its_image_is_not_a_drills() -> None:
    # Somebody kept a drilled instance, backed it up, and restored that: AWS Backup copies its tags, all of them.
    taken_over = made(image_id="ami-0later", tags=dict(TAGS))
    by_this_program = made(image_id="ami-0later", tags={**TAGS, "RestoreRunId": "r", "RestoredFrom": "x/ami-0later"})

    assert not may_be_terminated(taken_over, CLAIM)
    assert not may_be_terminated(by_this_program, replace(CLAIM, recovery_point_arn="x/ami-0later"))


def test_a_claim_that_says_nothing_allows_nothing() -> None:
    assert not may_be_terminated(made(tags={}, image_id=""), Claim("", "", made().subnet))


texts = st.sampled_from(["", KEY, OTHER_KEY, ARN, IMAGE, ORIGINAL, made().instance_id, made().subnet, "running"])
instances = st.builds(
    Made,
    instance_id=texts,
    state=texts,
    image_id=texts,
    subnet=texts,
    tags=st.dictionaries(st.sampled_from(["DrillRunId", "RestoreRunId", "RestoredFrom"]), texts),
)


@given(instances)
def test_whatever_may_be_terminated_is_not_the_original_and_bears_all_three_names(one: Made) -> None:
    if may_be_terminated(one, CLAIM):
        assert one.instance_id != ORIGINAL
        assert (one.tags["DrillRunId"], one.tags["RestoreRunId"], one.tags["RestoredFrom"]) == (KEY, KEY, ARN)
        assert one.image_id == IMAGE
