"""Step 2: the inventory from a path or from S3, with a Region for every row."""

import pytest

from ec2_backup.aws.s3 import LARGEST_BYTES
from ec2_backup.aws.source import load_inventory
from ec2_backup.errors import AccessError, AwsError, InventoryError, UsageError
from tests.aws.backups import client, instance_id

ONE, TWO = instance_id(1), instance_id(2)
CSV = f"instance_id,name\n{ONE},web\n{TWO},db\n"


@pytest.fixture(scope="module")
def s3(sandbox):
    bucket = client("s3", endpoint_url=sandbox.url)
    bucket.create_bucket(Bucket="lists")
    bucket.put_object(Bucket="lists", Key="nightly/fleet.csv", Body=CSV.encode())
    bucket.put_object(Bucket="lists", Key="huge.csv", Body=b"x" * (LARGEST_BYTES + 1))
    return bucket


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(CSV)
    return str(file)


@pytest.mark.usefixtures("s3")
def test_a_list_in_s3_is_read_like_a_file(path):
    from_s3 = load_inventory("s3://lists/nightly/fleet.csv", "eu-west-1")

    assert from_s3.rows == load_inventory(path, "eu-west-1").rows
    assert [(row.instance_id, row.region) for row in from_s3.rows] == [(ONE, "eu-west-1"), (TWO, "eu-west-1")]


def test_a_row_keeps_its_own_region(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(f"instance_id,region\n{ONE},ap-south-1\n{TWO},\n")

    rows = load_inventory(str(file), "eu-west-1").rows

    assert [row.region for row in rows] == ["ap-south-1", "eu-west-1"]


def test_without_a_region_asked_for_awss_own_configuration_says_it(path):
    assert {row.region for row in load_inventory(path, None).rows} == {"us-east-1"}


def test_no_region_anywhere_is_a_usage_error_that_names_all_three_ways(env, path):
    env.delenv("AWS_REGION")
    env.delenv("AWS_DEFAULT_REGION")

    with pytest.raises(UsageError, match="rows without a Region") as caught:
        load_inventory(path, None)
    assert caught.value.exit_code == 2
    assert "--region" in caught.value.hint


def test_a_list_whose_rows_all_name_a_region_needs_no_other(s3, env):
    env.delenv("AWS_REGION")
    env.delenv("AWS_DEFAULT_REGION")
    s3.put_object(Bucket="lists", Key="regions.csv", Body=f"instance_id,region\n{ONE},ap-south-1\n".encode())

    assert load_inventory("s3://lists/regions.csv", None).rows[0].region == "ap-south-1"


@pytest.mark.usefixtures("s3")
def test_the_scheme_of_a_url_may_be_in_capitals(path):
    assert load_inventory("S3://lists/nightly/fleet.csv", "eu-west-1").rows == load_inventory(path, "eu-west-1").rows


def test_what_cannot_be_the_name_of_a_bucket_is_said_in_words():
    with pytest.raises(InventoryError, match=r"'Bad_Bucket!' cannot be the name of a bucket") as caught:
        load_inventory("s3://Bad_Bucket!/y.csv", "us-east-1")

    assert caught.value.exit_code == 2
    assert "aws s3 ls" in caught.value.hint


@pytest.mark.usefixtures("s3")
@pytest.mark.parametrize(
    ("url", "said"), [("s3://lists/absent.csv", "key does not exist"), ("s3://absent/list.csv", "bucket does not ex")]
)
def test_an_object_that_is_not_there_is_an_inventory_error_in_the_words_of_s3(url, said):
    with pytest.raises(InventoryError, match=said) as caught:
        load_inventory(url, "us-east-1")

    assert caught.value.exit_code == 2
    assert url in str(caught.value)
    assert "aws s3 ls" in caught.value.hint


@pytest.mark.parametrize("url", ["s3://", "s3://lists", "s3://lists/", "s3:///list.csv"])
def test_what_is_no_s3_url_is_an_inventory_error_that_shows_one(url):
    with pytest.raises(InventoryError, match="is not an S3 URL") as caught:
        load_inventory(url, "us-east-1")
    assert "s3://bucket/folder/instances.csv" in caught.value.hint


@pytest.mark.usefixtures("s3")
def test_an_object_that_is_too_large_to_be_a_list_is_not_read():
    with pytest.raises(InventoryError, match="has 16777217 bytes"):
        load_inventory("s3://lists/huge.csv", "us-east-1")


@pytest.mark.usefixtures("s3")
def test_an_object_that_may_not_be_read_is_an_access_error(sandbox):
    sandbox.control.fault(operation="s3:GetObject", code="AccessDenied", message="Access Denied")

    with pytest.raises(AccessError, match="s3:GetObject"):
        load_inventory("s3://lists/nightly/fleet.csv", "us-east-1")


@pytest.mark.usefixtures("s3")
def test_a_list_that_was_cut_off_on_its_way_is_a_failed_call_and_no_shorter_list(sandbox):
    sandbox.control.fault(operation="s3:GetObject", kind="truncate")

    with pytest.raises(AwsError) as caught:
        load_inventory("s3://lists/nightly/fleet.csv", "us-east-1")
    assert caught.value.retryable
