"""S3: the CSV read from there in step 2, and the report's files put there in step 13."""

from pathlib import Path

from ec2_backup.aws.session import call, default_region, read
from ec2_backup.errors import AwsError, InventoryError, UsageError
from ec2_backup.model import Target

LARGEST_BYTES = 16 * 1024**2
ANY_REGION = "us-east-1"  # S3 sends a request for a bucket of another Region on to it

CONTENT_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".log": "text/plain; charset=utf-8",
}


def get_object(url: str, target: Target) -> bytes:
    """Return the object's bytes. Raises InventoryError where there is no such object or it is larger than 16 MiB."""
    bucket, name = _split(url)
    if not bucket or not name:
        raise InventoryError(f"{url} is not an S3 URL.", hint="Write it as s3://bucket/folder/instances.csv")
    try:
        answer = call("s3", "get_object", target, key="Body", Bucket=bucket, Key=name)
    except AwsError as error:
        if error.code in {"NoSuchKey", "NoSuchBucket"}:
            raise InventoryError(f"{url}: {error.said}", hint="Check bucket and key with: aws s3 ls") from error
        raise
    if answer["ContentLength"] > LARGEST_BYTES:
        raise InventoryError(f"{url} has {answer['ContentLength']} bytes; an inventory has at most {LARGEST_BYTES}.")
    return read(answer["Body"], "s3:GetObject", target)


def put_file(path: Path, url: str) -> None:
    """Put a file to an S3 URL, with the encryption that the bucket gives by default.

    Raises AwsError in S3's words, UsageError where the file cannot be read.
    """
    bucket, name = _split(url)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    try:
        call(
            "s3",
            "put_object",
            Target(default_region() or ANY_REGION),
            key="ETag",
            Bucket=bucket,
            Key=name,
            Body=content,
            ContentType=CONTENT_TYPES[path.suffix],
        )
    except AwsError as error:
        if error.code == "NoSuchBucket":
            error.hint = f"Is there a bucket {bucket}? To see which there are: aws s3 ls"
        raise


def _split(url: str) -> tuple[str, str]:
    bucket, _, name = url.removeprefix("s3://").partition("/")
    return bucket, name
