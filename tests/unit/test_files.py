import stat
from pathlib import Path

import pytest

from ec2_backup.errors import UsageError
from ec2_backup.files import write_atomically


def test_a_written_file_holds_the_text_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "report.json", "größer\n")

    assert (tmp_path / "report.json").read_text(encoding="utf-8") == "größer\n"
    assert list(tmp_path.iterdir()) == [tmp_path / "report.json"]


def test_writing_makes_missing_folders_and_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "report.csv"
    write_atomically(path, "old and longer")
    write_atomically(path, b"new")

    assert path.read_bytes() == b"new"


def test_a_lone_surrogate_is_written_as_its_escape(tmp_path: Path) -> None:
    write_atomically(tmp_path / "name", "db-\ud800")

    assert (tmp_path / "name").read_bytes() == rb"db-\ud800"


def test_a_folder_that_is_a_file_is_named_in_the_error_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "output").write_text("not a folder")

    with pytest.raises(UsageError, match="output cannot be written") as caught:
        write_atomically(tmp_path / "output" / "report.csv", "x")

    assert "folder" in caught.value.hint


def test_a_failed_write_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()

    with pytest.raises(UsageError):
        write_atomically(tmp_path / "taken", "a folder has this name")

    assert list(tmp_path.iterdir()) == [tmp_path / "taken"]


def test_a_new_file_is_as_readable_as_the_process_makes_files(tmp_path: Path) -> None:
    (tmp_path / "ordinary").write_text("")
    write_atomically(tmp_path / "atomic", "")

    assert stat.S_IMODE((tmp_path / "atomic").stat().st_mode) == stat.S_IMODE((tmp_path / "ordinary").stat().st_mode)


def test_a_replaced_file_keeps_the_mode_that_somebody_gave_it(tmp_path: Path) -> None:
    path = tmp_path / "private"
    path.write_text("")
    path.chmod(0o600)
    write_atomically(path, "text")

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
