"""S3: lists read from there in step 2, and the report's files put there in step 13; by URL, or by a block's bucket."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ec2_backup.aws.credentials import DEFAULT_CHAIN, Source
from ec2_backup.aws.session import call, default_region, default_source, read
from ec2_backup.errors import AwsError, InventoryError, UsageError
from ec2_backup.model import Target
from ec2_backup.sources import S3_PREFIX, is_in_block, parse_place

LARGEST_BYTES = 16 * 1024**2
ANY_REGION = "us-east-1"  # S3 sends a request for a bucket of another Region on to it

_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}")  # as the first buckets of S3 may be named; those made today have less

CONTENT_TYPES = {
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".log": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket as a block describes it: what is read from it and put to it is in `folder`, with its own credentials."""

    name: str
    folder: str = ""
    source: Source = DEFAULT_CHAIN


@dataclass(frozen=True, slots=True)
class _Object:
    bucket: str
    key: str
    source: Source
    region: str | None


_buckets: dict[str, Bucket] = {}


def set_buckets(buckets: Mapping[str, Bucket]) -> None:
    """Use these buckets, by the names of their blocks, for what is named by a block from now on."""
    _buckets.clear()
    _buckets.update(buckets)


def to_url(place: str) -> str:
    """Return the URL of what a block names, for a person to find it; a URL stays, and so does an unknown block."""
    if not is_in_block(place) or parse_place(place).block not in _buckets:
        return place
    found = _located(place)
    return f"{S3_PREFIX}{found.bucket}/{found.key}".rstrip("/")


def get_object(url: str, region: str | None = None, *, largest: int = LARGEST_BYTES) -> bytes:
    """Return the object's bytes. Raises InventoryError where there is no such object or it has more than `largest`.

    `url` may be one of a block's bucket, too; `region` is the one in which S3 is asked, by default that of AWS's own
    configuration. Raises UsageError where the block has not been loaded.
    """
    found = _located(url)
    is_folder = is_in_block(url) and not parse_place(url).path
    if not found.bucket or not found.key or is_folder or url.endswith("/"):
        raise InventoryError(
            f"{url} is not an S3 URL.",
            hint="Write it as s3://bucket/folder/instances.csv, or with a block as block:s3-bucket/NAME/instances.csv",
        )
    if not _BUCKET.fullmatch(found.bucket):
        hint = "A bucket has a name of small letters, digits, dots and hyphens. To see which there are: aws s3 ls"
        raise InventoryError(f"{url}: {found.bucket!r} cannot be the name of a bucket.", hint=hint)
    said = url if to_url(url) == url else f"{url} ({to_url(url)})"
    target = Target(found.region or region or default_region() or ANY_REGION)
    try:
        answer = call("s3", "get_object", target, key="Body", source=found.source, Bucket=found.bucket, Key=found.key)
    except AwsError as error:
        if error.code in {"NoSuchKey", "NoSuchBucket"}:
            raise InventoryError(f"{said}: {error.said}", hint="Check bucket and key with: aws s3 ls") from error
        raise
    if answer["ContentLength"] > largest:
        raise InventoryError(f"{said} has {answer['ContentLength']} bytes; an inventory has at most {largest}.")
    return read(answer["Body"], "s3:GetObject", target)


def put_file(path: Path, url: str) -> None:
    """Put a file to an S3 URL or into a block's bucket, with the encryption that the bucket gives by default.

    Raises AwsError in S3's words, UsageError where the file cannot be read or the block has not been loaded.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
    put_object(content, url)


def put_object(content: bytes, url: str) -> None:
    """Put bytes there, as `put_file` does those of a file."""
    found = _located(url)
    try:
        call(
            "s3",
            "put_object",
            Target(found.region or default_region() or ANY_REGION),
            key="ETag",
            source=found.source,
            Bucket=found.bucket,
            Key=found.key,
            Body=content,
            ContentType=CONTENT_TYPES[PurePosixPath(found.key).suffix],
        )
    except AwsError as error:
        if error.code == "NoSuchBucket":
            error.hint = f"Is there a bucket {found.bucket}? To see which there are: aws s3 ls"
        raise


def _located(url: str) -> _Object:
    if not is_in_block(url):
        bucket, _, key = url[len(S3_PREFIX) :].partition("/")
        return _Object(bucket, key, default_source(), None)
    place = parse_place(url)
    if place.block not in _buckets:
        raise UsageError(f"the Prefect block s3-bucket/{place.block} has not been loaded.")
    known = _buckets[place.block]
    key = str(PurePosixPath(known.folder, place.path.lstrip("/")))
    return _Object(known.name, "" if key == "." else key, known.source, known.source.region)
