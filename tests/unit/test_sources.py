"""How a place in the bucket of a block is written, and what cannot be mistaken for one."""

import pytest
from pydantic import ValidationError

from ec2_backup.errors import UsageError
from ec2_backup.permissions import needs_of_run
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.sources import InBlock, is_in_block, is_in_s3, names_blocks, parse_place


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("block:s3-bucket/lists/fleet.csv", InBlock("lists", "fleet.csv")),
        ("block:s3-bucket/lists/nightly/web servers.csv", InBlock("lists", "nightly/web servers.csv")),
        ("block:s3-bucket/reports", InBlock("reports", "")),
        ("block:s3-bucket/reports/", InBlock("reports", "")),
    ],
)
def test_a_block_is_named_as_prefect_names_it_with_the_key_behind_it(source, place):
    assert is_in_block(source)
    assert is_in_s3(source)
    assert parse_place(source) == place


@pytest.mark.parametrize(
    "source", ["block.csv", "block/s3-bucket/lists", "./block:s3-bucket/x", "select: name=block:*"]
)
def test_a_path_and_a_selection_are_no_block(source):
    assert not is_in_block(source)
    assert not is_in_s3(source)


@pytest.mark.parametrize("scheme", ["s3", "S3"])
def test_a_url_is_in_s3_and_in_no_block(scheme):
    assert is_in_s3(f"{scheme}://lists/fleet.csv")
    assert not is_in_block("s3://lists/fleet.csv")


@pytest.mark.parametrize("source", ["block:s3-bucket/", "block:s3-bucket//fleet.csv", "fleet.csv"])
def test_a_block_without_a_name_is_a_usage_error_that_shows_how_to_write_it(source):
    with pytest.raises(UsageError, match="names no block") as caught:
        parse_place(source)

    assert "block:s3-bucket/NAME/KEY" in caught.value.hint


@pytest.mark.parametrize(
    "place", ["s3://reports/nightly", "block:s3-bucket/reports", "block:s3-bucket/reports/nightly/eu"]
)
def test_reports_go_to_a_url_or_into_the_bucket_of_a_block(place):
    assert BackupOptions(report_to=place).report_to == place


@pytest.mark.parametrize(
    "place", ["block:s3-bucket/", "block:s3-bucket/Reports", "block:aws-credentials/x", "block:reports", "reports"]
)
def test_reports_go_nowhere_else(place):
    with pytest.raises(ValidationError):
        BackupOptions(report_to=place)


@pytest.mark.parametrize("name", ["aws-credentials/prod", "AKIAIOSFODNN7EXAMPLE", "prod keys", ""])
def test_credentials_are_named_and_never_given(name):
    with pytest.raises(ValidationError):
        BackupOptions(credentials_block=name)


@pytest.mark.parametrize(
    "asked",
    [
        {"csv": "block:s3-bucket/lists/fleet.csv"},
        {"options": {"accounts": "block:s3-bucket/lists/accounts.csv"}},
        {"options": {"report_to": "block:s3-bucket/reports"}},
        {"options": {"credentials_block": "production"}},
    ],
)
def test_a_request_that_names_a_block_needs_prefect_for_it(asked):
    assert names_blocks(BackupRequest(**asked))


def test_a_request_without_a_block_needs_none():
    assert not names_blocks(BackupRequest(csv="s3://lists/fleet.csv", options={"report_to": "s3://reports"}))


def test_the_callers_policies_say_nothing_of_a_bucket_that_has_credentials_of_its_own():
    options = BackupOptions(report_to="block:s3-bucket/reports/nightly")

    assert needs_of_run(["vault"], "role", options) == needs_of_run(["vault"], "role")
