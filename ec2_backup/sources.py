"""Where a list comes from and where reports go: a path, an S3 URL, or a bucket that a block of Prefect describes.

    block:s3-bucket/NAME/KEY

names an object of the bucket in the S3Bucket block NAME, below the block's own folder. `s3-bucket/NAME` is what Prefect
itself calls such a block; the word before it keeps it apart from a path.
"""

from dataclasses import dataclass

from ec2_backup.errors import UsageError
from ec2_backup.settings import BLOCK_PREFIX, BackupRequest

S3_PREFIX = "s3://"
_HINT = f"Write it as {BLOCK_PREFIX}NAME/KEY, with the name of the block as Prefect's UI shows it under Blocks."


@dataclass(frozen=True, slots=True)
class InBlock:
    """A place in the bucket of the S3Bucket block `block`; `path` is below the block's folder, "" is the folder."""

    block: str
    path: str


def is_in_block(source: str) -> bool:
    """Return whether a source is a place in the bucket of a block."""
    return source.startswith(BLOCK_PREFIX)


def is_in_s3(source: str) -> bool:
    """Return whether a source is in S3, by its URL or by a block."""
    return is_url(source) or is_in_block(source)


def is_url(source: str) -> bool:
    """Return whether a source is an S3 URL; `S3://` is one as well, as schemes of URLs go by any case."""
    return source[: len(S3_PREFIX)].lower() == S3_PREFIX


def parse_place(source: str) -> InBlock:
    """Return the place in the bucket of a block that a source names. Raises UsageError where it names no block."""
    block, _, path = source.removeprefix(BLOCK_PREFIX).partition("/")
    if not is_in_block(source) or not block:
        raise UsageError(f"{source} names no block of Prefect.", hint=_HINT)
    return InBlock(block, path)


def sources_of(request: BackupRequest) -> list[str]:
    """Return what a run reads before it starts anything: its inventory, and its list of accounts where it has one."""
    return [source for source in (request.csv, request.options.accounts) if source]


def names_blocks(request: BackupRequest) -> bool:
    """Return whether a request needs anything that is in a block of Prefect."""
    options = request.options
    places = [*sources_of(request), options.report_to or ""]
    return options.credentials_block is not None or any(is_in_block(place) for place in places)
