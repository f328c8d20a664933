"""What is named by a block is read from and put into its bucket, below its folder, with its own credentials."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ec2_backup.aws import session
from ec2_backup.aws.credentials import Source
from ec2_backup.aws.s3 import Bucket, get_object, put_file, set_buckets, to_url
from ec2_backup.aws.source import load_accounts, load_inventory
from ec2_backup.errors import AccessError, AuthenticationError, InventoryError, UsageError
from sandbox.running import Sandbox
from tests.aws.backups import instance_id
from tests.aws.inbox import BUCKET, a_bucket, objects_in

ONE = instance_id(1)
SOURCE = Source("Prefect block s3-bucket/lists", "testing", "testing")


@pytest.fixture(scope="module")
def s3(sandbox: Sandbox) -> Any:
    bucket = a_bucket(sandbox)
    bucket.put_object(Bucket=BUCKET, Key="nightly/fleet.csv", Body=f"instance_id\n{ONE}\n".encode())
    bucket.put_object(Bucket=BUCKET, Key="nightly/accounts.csv", Body=b"account,regions\n210987654321,eu-west-1\n")
    return bucket


@pytest.fixture(autouse=True)
def buckets(s3: Any) -> Iterator[None]:  # noqa: ARG001 - there is one
    session.forget_clients()
    set_buckets({"lists": Bucket(BUCKET, "nightly/", SOURCE), "plain": Bucket(BUCKET, "", SOURCE)})
    yield
    set_buckets({})
    session.forget_clients()


def test_a_list_is_read_below_the_folder_of_the_block():
    below = load_inventory("block:s3-bucket/lists/fleet.csv", "eu-west-1")
    plain = load_inventory("block:s3-bucket/plain/nightly/fleet.csv", "eu-west-1")

    assert below.rows == plain.rows
    assert [(row.instance_id, row.region) for row in below.rows] == [(ONE, "eu-west-1")]


@pytest.mark.parametrize(
    "source", ["block:s3-bucket/lists/accounts.csv", f"s3://{BUCKET}/nightly/accounts.csv"], ids=["block", "url"]
)
def test_a_list_of_accounts_may_lie_in_s3_too(source):
    accounts = load_accounts(source)

    assert [(one.account, one.regions) for one in accounts.values()] == [("210987654321", ("eu-west-1",))]


def test_a_list_is_read_with_the_credentials_of_the_block_and_nobody_elses(env):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        env.delenv(name)

    assert load_inventory("block:s3-bucket/lists/fleet.csv", "eu-west-1").rows
    with pytest.raises(AuthenticationError):
        load_inventory(f"s3://{BUCKET}/nightly/fleet.csv", "eu-west-1")


def test_a_key_that_is_not_there_is_an_inventory_error_that_shows_where_it_was_looked_for():
    with pytest.raises(InventoryError, match="key does not exist") as caught:
        load_inventory("block:s3-bucket/lists/absent.csv", "eu-west-1")

    assert f"block:s3-bucket/lists/absent.csv (s3://{BUCKET}/nightly/absent.csv)" in caught.value.message


def test_a_list_that_may_not_be_read_is_an_access_error(sandbox: Sandbox):
    sandbox.control.fault(operation="s3:GetObject", code="AccessDenied", message="Access Denied")

    with pytest.raises(AccessError, match="s3:GetObject"):
        load_inventory("block:s3-bucket/lists/fleet.csv", "eu-west-1")


@pytest.mark.parametrize("source", ["block:s3-bucket/lists", "block:s3-bucket/lists/", "block:s3-bucket/lists/folder/"])
def test_a_folder_is_no_list(source):
    with pytest.raises(InventoryError, match="is not an S3 URL"):
        load_inventory(source, "eu-west-1")


def test_a_block_that_was_not_loaded_is_a_usage_error_that_names_it(tmp_path):
    (tmp_path / "report.html").write_text("<p>")

    with pytest.raises(UsageError, match="s3-bucket/unknown has not been loaded"):
        put_file(tmp_path / "report.html", "block:s3-bucket/unknown/report.html")


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("block:s3-bucket/lists/run-1/report.html", f"s3://{BUCKET}/nightly/run-1/report.html"),
        ("block:s3-bucket/plain//run-1", f"s3://{BUCKET}/run-1"),
        ("block:s3-bucket/plain", f"s3://{BUCKET}"),
        ("block:s3-bucket/unknown/run-1", "block:s3-bucket/unknown/run-1"),
        ("s3://elsewhere/run-1", "s3://elsewhere/run-1"),
    ],
)
def test_a_place_in_a_block_has_a_url_by_which_a_person_finds_it(place, url):
    assert to_url(place) == url


def test_a_file_is_put_below_the_folder_of_the_block(s3: Any, tmp_path):
    (tmp_path / "report.html").write_text("<p>kept</p>")

    put_file(tmp_path / "report.html", "block:s3-bucket/lists/run-1/report.html")

    assert objects_in(s3)["nightly/run-1/report.html"] == ("text/html; charset=utf-8", "<p>kept</p>")


def test_a_bucket_is_asked_in_the_region_of_its_block(sandbox: Sandbox, env):
    env.delenv("AWS_ENDPOINT_URL")
    there = replace(SOURCE, region="eu-west-3", client={"endpoint_url": sandbox.url})
    set_buckets({"far": Bucket(BUCKET, "nightly", there)})

    assert get_object("block:s3-bucket/far/fleet.csv").startswith(b"instance_id")
