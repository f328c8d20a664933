"""What fleet and shards hand each other arrives as it was, in a folder and in S3; what is absent is no error."""

from pathlib import Path
from typing import Any

import pytest

from ec2_backup.aws import s3
from ec2_backup.aws.exchange import hand_over, is_there, read_report
from ec2_backup.aws.source import load_inventory
from ec2_backup.errors import AwsError, InventoryError, UsageError
from ec2_backup.model import InventoryRow
from ec2_backup.report import to_json
from ec2_backup.shards import SharedPlace, to_csv, to_shards
from sandbox.running import Sandbox
from tests.aws.inbox import BUCKET, a_bucket, objects_in
from tests.unit.backups import instance_id
from tests.unit.reports import a_report, failed, proven

KEY = "20261123T080848Z-0c6a3a5e"
REPORT = a_report(proven(1), failed(2), run_key=KEY)


@pytest.fixture(scope="module")
def bucket(sandbox: Sandbox) -> Any:
    return a_bucket(sandbox)


@pytest.fixture(params=["folder", "S3"])
def root(request: pytest.FixtureRequest, tmp_path: Path, bucket: Any) -> str:  # noqa: ARG001 - it must be there
    return str(tmp_path / "shards") if request.param == "folder" else f"s3://{BUCKET}/fleets"


def test_a_report_is_read_back_as_it_was_handed_over(root: str) -> None:
    place = f"{root}/{KEY}/report.json"

    hand_over(to_json(REPORT), place)

    assert read_report(place) == REPORT
    assert is_there(place)


def test_what_nobody_handed_over_is_not_there(root: str) -> None:
    assert read_report(f"{root}/absent/report.json") is None
    assert not is_there(f"{root}/absent/report.json")


def test_the_list_of_a_shard_is_an_inventory_wherever_it_lies(root: str) -> None:
    rows = [InventoryRow(2, instance_id(1), "eu-west-1", "größte, die", account="210987654321")]
    (shard,) = to_shards(rows, KEY, "123456789012")
    place = SharedPlace(root, KEY).inventory(shard)

    hand_over(to_csv(shard), place)

    assert load_inventory(place, None).rows == tuple(rows)


def test_a_report_that_is_none_says_so(root: str) -> None:
    hand_over("no report", f"{root}/broken.json")

    with pytest.raises(UsageError, match="cannot be read as JSON"):
        read_report(f"{root}/broken.json")


def test_a_report_may_be_larger_than_a_list(root: str) -> None:
    place = f"{root}/large.json"
    hand_over(to_json(REPORT) + " " * s3.LARGEST_BYTES, place)

    assert read_report(place) == REPORT
    if root.startswith("s3://"):
        with pytest.raises(InventoryError, match="at most"):
            s3.get_object(place)


def test_in_s3_an_absent_report_that_may_not_be_told_of_is_absent_all_the_same(sandbox: Sandbox, bucket: Any) -> None:  # noqa: ARG001
    sandbox.control.fault("s3:GetObject", code="AccessDenied", message="Access Denied", status=403)

    assert read_report(f"s3://{BUCKET}/absent.json") is None


def test_a_bucket_that_is_not_there_is_an_error_of_the_fleet() -> None:
    with pytest.raises(AwsError, match="NoSuchBucket") as caught:
        hand_over("x", "s3://nobodys-bucket/shard_x.csv")

    assert "aws s3 ls" in caught.value.hint


def test_a_list_arrives_in_s3_with_its_type(bucket: Any) -> None:
    hand_over("instance_id\n", f"s3://{BUCKET}/fleets/shard_x.csv")

    assert objects_in(bucket)["fleets/shard_x.csv"] == ("text/csv; charset=utf-8", "instance_id\n")
