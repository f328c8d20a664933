"""Flags of a setup that are wrong are answered in words, before AWS is asked for anything."""

import pytest

from ec2_backup.setup.request import WHAT_FITS, SetupRequest
from tests.door.program import ended


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--vault", "x", "--vault: 'x' is not the name of a vault: 2 to 50 letters"),
        ("--csv", "block:s3-bucket/lists/fleet.csv", "is not an object in S3: write s3://bucket/key"),
        ("--account-role", "/x", "'/x' is not the name of a role: Backups, or with its path ops/Backups"),
        ("--account-role", "ops/", "'ops/' is not the name of a role"),
        ("--region", "Ireland", "--region: 'Ireland' is not the code of a Region"),
    ],
)
def test_a_wrong_flag_is_said_in_words_and_not_as_a_regular_expression(tmp_path, flag, value, said):
    region = () if flag == "--region" else ("--region", "us-east-1")

    code, words = ended(tmp_path, "setup", *region, flag, value)

    assert code == 2, words
    assert said in words
    assert "pattern" not in words


def test_every_flag_with_a_pattern_has_its_words():
    assert WHAT_FITS.keys() == SetupRequest.model_fields.keys()


@pytest.mark.parametrize("name", ["B", "Backups", "ops/Backups", "a/b/c"])
def test_a_role_of_other_accounts_may_have_a_path(name):
    assert SetupRequest(regions=("us-east-1",), account_role=name).account_role == name
