"""Step 2, first part: the bytes of an inventory, and the text that they stand for."""

import codecs
import re
from pathlib import Path

from ec2_backup.errors import InventoryError

MAX_BYTES = 16 * 1024 * 1024  # some 800,000 instance ids: far more than AWS Backup starts in a day
SAMPLE = 64 * 1024

_MARKS = (  # the longer marks first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)
_FORMATS = {
    b"PK\x03\x04": "a workbook or zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"PAR1": "a Parquet file",
    b"%PDF-": "a PDF document",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]")  # all but white space and U+0085
_TO_CSV = "Save it as CSV with the encoding UTF-8, one instance a line."


def read_bytes(source: str) -> bytes:
    """Return the bytes of a local file; raise InventoryError where there are none, or more than 16 MiB."""
    try:
        path = Path(source).expanduser()
        if path.is_file():
            _raise_for_size(source, path.stat().st_size)
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)  # a pipe tells no size beforehand
    except FileNotFoundError:
        hint = "Check the path given with --csv, or make the file: a header line instance_id, then one id a line."
        raise InventoryError(f"{source}: there is no such file in {Path.cwd()}", hint=hint) from None
    except IsADirectoryError:
        raise InventoryError(f"{source}: this is a folder, not a file", hint="Name the CSV in it with --csv.") from None
    except PermissionError:
        hint = "Let the user who runs this read it, for example with chmod u+r."
        raise InventoryError(f"{source}: the file may not be read: permission denied", hint=hint) from None
    except (OSError, ValueError, RuntimeError) as error:  # also a name with a NUL, or ~ of an unknown user
        hint = "Check the path given with --csv."
        raise InventoryError(f"{source!r}: the file cannot be read: {error}", hint=hint) from None


def to_text(source: str, content: bytes) -> tuple[str, str]:
    """Return the text, and a note about its encoding, which is empty for UTF-8.

    A byte order mark decides; UTF-16 without one shows by its zero bytes; what is not UTF-8 is read as Windows-1252,
    which is what spreadsheets in Western Europe and America write. Raises InventoryError for what is empty, is larger
    than 16 MiB, or is not text.
    """
    _raise_for_size(source, len(content))
    if not content.strip():
        raise InventoryError(
            f"{source}: the file is empty", hint="Write a header line instance_id, then one id a line."
        )
    _raise_for_format(source, content)
    text, encoding = _decode(source, content)
    _raise_for_binary(source, text)
    return text, f"The file is {encoding}, not UTF-8: it was read as such." if encoding else ""


def _decode(source: str, content: bytes) -> tuple[str, str]:
    for mark, codec, name in _MARKS:
        if content.startswith(mark):
            return _decode_strictly(source, content[len(mark) :], codec, name), name
    codec = _unmarked_utf16(content[:SAMPLE])
    if codec:
        return _decode_strictly(source, content, codec, "UTF-16"), "UTF-16"
    content = content.removeprefix(codecs.BOM_UTF8)
    for codec, name in (("utf-8", ""), ("cp1252", "Windows-1252")):
        try:
            return content.decode(codec), name
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "ISO 8859-1"


def _decode_strictly(source: str, content: bytes, codec: str, name: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        where = f"{source}: the file begins as {name}, but byte {error.start} does not fit that"
        raise InventoryError(where, hint=f"It may be cut off or damaged. {_TO_CSV}") from None


def _unmarked_utf16(sample: bytes) -> str:
    """Return the codec of a text in which many a second byte is zero, as in UTF-16's ASCII characters."""
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if max(first, second) * 5 < len(sample) or min(first, second) * 10 > max(first, second):
        return ""
    return "utf-16-le" if second > first else "utf-16-be"


def _raise_for_size(source: str, size: int) -> None:
    if size > MAX_BYTES:
        hint = "Is it the right file? Keep only the column of instance ids, or split the list over several runs."
        raise InventoryError(f"{source}: the file is larger than the limit of 16 MiB", hint=hint)


def _raise_for_format(source: str, content: bytes) -> None:
    for start, kind in _FORMATS.items():
        if content.startswith(start):
            raise InventoryError(f"{source}: this is {kind}, not a CSV", hint=_TO_CSV)


def _raise_for_binary(source: str, text: str) -> None:
    """Raise for control characters in more than one place of twenty; fewer are left to the lines that hold them."""
    sample = text[:SAMPLE]
    if len(_CONTROLS.findall(sample)) * 20 > max(len(sample), 80):
        raise InventoryError(f"{source}: the file is binary, not text", hint=_TO_CSV)
