"""Step 13: the report's files, put to S3 as they are."""

from typing import Any

import pytest

from ec2_backup.aws.s3 import put_file
from ec2_backup.errors import AccessError, AwsError, UsageError
from sandbox.running import Sandbox
from tests.aws.backups import HERE, client
from tests.aws.inbox import BUCKET, a_bucket, objects_in

URL = f"s3://{BUCKET}/nightly/run-1"


@pytest.fixture(scope="module")
def s3(sandbox: Sandbox) -> Any:
    return a_bucket(sandbox)


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "report_run-1.html"
    path.write_text("<p>geschützt ✅</p>\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("backup_log_2026-11-23_04:08:33.log", "text/plain; charset=utf-8"),
        ("report_run-1.csv", "text/csv; charset=utf-8"),
        ("report_run-1.html", "text/html; charset=utf-8"),
        ("report_run-1.json", "application/json"),
    ],
)
def test_a_file_arrives_whole_with_the_type_that_a_browser_needs(s3, tmp_path, name, content_type):
    (tmp_path / name).write_text("geschützt ✅\n" * 100_000, encoding="utf-8")

    put_file(tmp_path / name, f"{URL}/{name}")

    assert objects_in(s3)[f"nightly/run-1/{name}"] == (content_type, "geschützt ✅\n" * 100_000)


def test_a_file_gets_the_encryption_that_its_bucket_gives_by_default(s3, page):
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})

    put_file(page, f"{URL}/kms.html")
    s3.delete_bucket_encryption(Bucket=BUCKET)

    stored = s3.head_object(Bucket=BUCKET, Key="nightly/run-1/kms.html")
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", key)


@pytest.mark.usefixtures("s3")
def test_a_bucket_is_found_without_a_region_of_ones_own(page, env):
    env.delenv("AWS_REGION")
    env.delenv("AWS_DEFAULT_REGION")

    put_file(page, f"{URL}/page.html")


def test_a_bucket_that_is_not_there_is_an_error_in_the_words_of_s3(page):
    with pytest.raises(AwsError, match="NoSuchBucket: The specified bucket does not exist") as caught:
        put_file(page, "s3://no-such-bucket/nightly/page.html")

    assert caught.value.hint == "Is there a bucket no-such-bucket? To see which there are: aws s3 ls"
    assert caught.value.region == HERE.region


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_takes_nothing_is_an_access_error(sandbox, page):
    sandbox.control.fault(operation="s3:PutObject", code="AccessDenied", message="Access Denied")

    with pytest.raises(AccessError, match="s3:PutObject in us-east-1: AccessDenied: Access Denied"):
        put_file(page, f"{URL}/denied.html")


@pytest.mark.parametrize("kind", ["throttle", "reset"])
def test_what_passes_is_tried_again(sandbox, s3, page, kind):
    sandbox.control.fault(operation="s3:PutObject", kind=kind, times=2)

    put_file(page, f"{URL}/{kind}.html")

    assert f"nightly/run-1/{kind}.html" in objects_in(s3)


def test_a_file_that_is_gone_is_a_usage_error_that_names_it(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.csv cannot be read: No such file"):
        put_file(tmp_path / "gone.csv", f"{URL}/gone.csv")
