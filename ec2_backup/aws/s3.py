"""Step 2, where the CSV lies in S3."""

from ec2_backup.aws.session import call, read
from ec2_backup.errors import AwsError, InventoryError
from ec2_backup.model import Target

LARGEST_BYTES = 16 * 1024**2


def get_object(url: str, target: Target) -> bytes:
    """Return the object's bytes. Raises InventoryError where there is no such object or it is larger than 16 MiB."""
    bucket, _, name = url.removeprefix("s3://").partition("/")
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
