"""What a fleet and the runs of its shards hand each other, through a folder that all of them see or through S3."""

from pathlib import Path

from ec2_backup.aws.s3 import get_object, put_object
from ec2_backup.errors import AccessError, InventoryError, UsageError
from ec2_backup.files import write_atomically
from ec2_backup.report import from_json
from ec2_backup.results import RunReport
from ec2_backup.sources import is_in_s3

LARGEST_REPORT = 1024**3  # bytes; a report has some 5,000 for each instance


def hand_over(text: str, place: str) -> None:
    """Write a text to a path or an S3 URL, whole or not at all; raises UsageError or AwsError where that fails."""
    if is_in_s3(place):
        put_object(text.encode(), place)
    else:
        write_atomically(Path(place), text)


def is_there(place: str) -> bool:
    """Say whether there is such a file or object."""
    return _content(place) is not None


def read_report(place: str) -> RunReport | None:
    """Return the report that a run has left there, None where it has left none.

    Raises UsageError where it cannot be read, AwsError in S3's words.
    """
    content = _content(place)
    return None if content is None else from_json(content)


def _content(place: str) -> bytes | None:
    if not is_in_s3(place):
        return _of_file(Path(place))
    try:
        return get_object(place, largest=LARGEST_REPORT)
    except InventoryError:
        return None
    except AccessError as error:
        # Without s3:ListBucket S3 refuses to say that an object is absent.
        if error.code in {"AccessDenied", "403"}:
            return None
        raise


def _of_file(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.") from error
