"""A file that is no inventory gets one error that says what it is, and what to do."""

import os
import threading

import pytest

from ec2_backup.errors import InventoryError
from ec2_backup.inventory import read_inventory

WEB = "i-0a1b2c3d4e5f60718"


def error_of(source: str = "list.csv", content: bytes | None = None) -> InventoryError:
    with pytest.raises(InventoryError) as caught:
        read_inventory(source, content=content)
    assert caught.value.exit_code == 2
    assert caught.value.hint
    assert caught.value.bad_lines == ()
    return caught.value


def test_a_missing_file_is_named(tmp_path):
    path = str(tmp_path / "none.csv")

    assert str(error_of(path)).startswith(f"{path}: there is no such file")


def test_a_folder_is_no_file(tmp_path):
    assert "this is a folder" in str(error_of(str(tmp_path)))


def test_a_file_that_may_not_be_read_says_so(tmp_path):
    path = tmp_path / "secret.csv"
    path.write_text(f"id\n{WEB}\n")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:  # root may read everything
        os.seteuid(65534)
    try:
        error = error_of(str(path))
    finally:
        os.seteuid(user)

    assert str(error) == f"{path}: the file may not be read: permission denied"


@pytest.mark.parametrize("source", ["a\0b.csv", "x" * 5000, "~nobody-of-this-name/list.csv"])
def test_a_path_that_cannot_be_is_an_error_of_ours(source):
    assert "the file cannot be read" in str(error_of(source))


def test_a_path_below_a_file_cannot_be_read(tmp_path):
    (tmp_path / "file").write_text("")

    assert "the file cannot be read" in str(error_of(str(tmp_path / "file" / "list.csv")))


def test_a_pipe_is_read(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_text, args=(f"id\n{WEB}\n",))
    writer.start()

    assert len(read_inventory(str(path)).rows) == 1
    writer.join()


@pytest.mark.parametrize("content", [b"", b"\n\n  \r\n"])
def test_an_empty_file_says_so(content):
    assert str(error_of(content=content)) == "list.csv: the file is empty"


@pytest.mark.parametrize("content", [b"\xef\xbb\xbf", b"# a\n\n#b\n", "\ufeff\n \u00a0".encode("utf-16")])
def test_a_file_of_comments_says_so(content):
    assert str(error_of(content=content)) == "list.csv: the file holds no line but comments and blank ones"


@pytest.mark.parametrize("content", [b"instance_id", b"id,Name\n", b"id,Name\n,\n\n", b"# x\nid\n# y\n"])
def test_a_header_alone_says_so(content):
    assert str(error_of(content=content)) == "list.csv: the file has a header and no instance below it"


def test_a_file_without_an_id_column_gets_its_columns_listed():
    error = error_of(content=b"# servers\nServer,Owner\nweb,me\n")

    assert str(error) == "list.csv: line 2: no column for instance ids; the columns are 'Server' and 'Owner'"
    assert error.hint == "The first line names the columns, for example: instance_id,Name,Region"


def test_a_column_that_holds_ids_under_another_title_is_pointed_at():
    error = error_of(content=f"Server,Box\nweb,{WEB}\n".encode())

    assert error.hint == "The column 'Box' holds ids: name it instance_id."


def test_two_columns_of_the_same_title_are_refused():
    error = error_of(content=f"InstanceId,instance_id\n{WEB},{WEB}\n".encode())

    assert str(error) == (
        "list.csv: line 1: the header has the same column more than once: 'InstanceId' and 'instance_id'"
    )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"PK\x03\x04\x14\x00", "this is a workbook or zip archive, not a CSV"),
        (b"\x1f\x8b\x08\x00", "this is a gzip archive, not a CSV"),
        (b"%PDF-1.7\n", "this is a PDF document, not a CSV"),
        (bytes(range(256)) * 10, "the file is binary, not text"),
        (b"\0" * 100, "the file is binary, not text"),
        (b"\xff\xfea\x00\x00\xd8", "the file begins as UTF-16, but byte 2 does not fit that"),
        (b"\xff\xfe\x00\x00abc", "the file begins as UTF-32, but byte 0 does not fit that"),
    ],
)
def test_what_is_not_text_is_recognised(content, kind):
    assert kind in str(error_of(content=content))


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(100 * 1024**3)  # a sparse file: it takes no space, and reading it would take minutes

    assert str(error_of(str(path))) == f"{path}: the file is larger than the limit of 16 MiB"


def test_a_source_without_end_is_refused():
    assert "larger than the limit of 16 MiB" in str(error_of("/dev/zero"))


def test_content_over_the_limit_is_refused():
    assert "larger than the limit of 16 MiB" in str(error_of(content=b"x" * (16 * 1024**2 + 1)))


def test_a_file_of_too_many_lines_is_refused():
    assert "1,000,002 lines, and the limit is 1,000,000" in str(error_of(content=b"id\n" + b"\n" * 1_000_000))


def test_a_header_of_too_many_columns_is_refused():
    assert "line 1: 1,001 columns, and the limit is 128" in str(error_of(content=b"id" + b"," * 1000))
