"""The tags of a recovery point say where it comes from, and stay within what AWS accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.model import Instance
from ec2_backup.settings import RESERVED_TAGS, BackupRequest, raise_for_tag
from ec2_backup.tags import merged_tag_count, to_tags

ID = "i-0a1b2c3d4e5f60718"
OURS = {"InstanceId": ID, "RunId": "run-1", "CreatedBy": "ec2-backup-automation"}


def instance(name: str = "", tags: dict[str, str] | None = None) -> Instance:
    return Instance(
        ID, f"arn:aws:ec2:us-east-1:1:instance/{ID}", "us-east-1", "running", "t3.micro", name, tags=tags or {}
    )


def tags_of(name: str = "", **tags: str) -> dict[str, str]:
    return to_tags(instance(name), BackupRequest(tags=tags), "run-1")


def test_every_recovery_point_says_its_instance_and_its_run():
    assert tags_of() == OURS


def test_the_name_is_there_where_the_instance_has_one():
    assert tags_of("web-1") == OURS | {"Name": "web-1"}


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_name_of_nothing_makes_no_tag(name):
    assert "Name" not in tags_of(name)


def test_the_users_tags_are_added_and_win():
    assert tags_of("web-1", Name="mine", CreatedBy="me", Team="a") == OURS | {
        "Name": "mine",
        "CreatedBy": "me",
        "Team": "a",
    }


@pytest.mark.parametrize("key", sorted(RESERVED_TAGS))
def test_a_request_for_a_tag_that_the_run_sets_is_refused(key):
    with pytest.raises(ValueError, match=f"the tag {key} is set by the run itself"):
        tags_of(**{key: "other"})


@pytest.mark.parametrize(
    ("name", "is_sent"),
    [
        ("web-1.example.com:/x+y=z@_", True),
        ("Zürich Büro", True),
        ("x" * 256, True),
        ("web (old), #1", False),
        ("  Zürich\t\n Büro ", False),
        ("🚀 rocket", False),
        ("x" * 257, False),
    ],
)
def test_a_name_that_not_every_service_takes_is_left_to_aws_which_copies_it_whole(name, is_sent):
    assert tags_of(name) == OURS | ({"Name": name} if is_sent else {})


@given(st.text(max_size=400))
def test_whatever_the_name_the_tags_are_within_the_limits(name):
    for key, value in tags_of(name).items():
        raise_for_tag(key, value)


def test_tags_of_both_sides_are_counted_once_and_those_of_aws_not_at_all():
    of_instance = {"Name": "web", "Team": "a", "aws:cloudformation:stack-name": "s"}

    assert merged_tag_count(instance(tags=of_instance), {"Name": "x", "RunId": "r"}) == 3
    assert merged_tag_count(instance(), {}) == 0
