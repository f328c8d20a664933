"""`--write-csv` writes a list of the same places as it read, and nothing where that cannot be meant."""

import os
from pathlib import Path

import pytest

from deployments.inventory_command import write_inventory
from ec2_backup.errors import UsageError
from ec2_backup.inventory import read_inventory
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.terminal import to_output

LIST = (
    "instance_id,Name,Region,Account,Role ARN\n"
    "i-0a1b2c3d4e5f60718,web-1,us-east-1,,\n"
    "i-0f9e8d7c6b5a49382,db-1,eu-west-1,210987654321,\n"
    "i-0123456789abcdef0,db-2,eu-west-1,012345678901,arn:aws:iam::012345678901:role/ops/Backups\n"
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "multi.csv").write_text(LIST, encoding="utf-8")
    return tmp_path


def write(place: str | Path, csv: str = "multi.csv", **options: object) -> None:
    request = BackupRequest(csv=csv, region="us-east-1", options=BackupOptions.model_validate(options))
    write_inventory(request, Path(place), to_output(quiet=False, as_json=False), sandbox=False)


def refused(place: str | Path, **options: object) -> UsageError:
    with pytest.raises(UsageError) as caught:
        write(place, **options)
    assert caught.value.exit_code == 2
    return caught.value


def test_a_list_of_several_accounts_is_written_with_them_and_their_roles(folder: Path) -> None:
    write("out.csv")

    assert (folder / "out.csv").read_text(encoding="utf-8") == LIST
    assert read_inventory("out.csv").rows == read_inventory("multi.csv").rows


@pytest.mark.parametrize("place", ["multi.csv", "./multi.csv", "linked.csv"])
def test_what_is_read_is_not_overwritten(folder: Path, place: str) -> None:
    (folder / "linked.csv").symlink_to("multi.csv")

    assert "multi.csv is what is read" in refused(place).message
    assert (folder / "multi.csv").read_text(encoding="utf-8") == LIST


def test_nor_is_the_list_of_accounts(folder: Path) -> None:
    (folder / "accounts.csv").write_text("account\n210987654321\n", encoding="utf-8")

    assert "accounts.csv is what is read" in refused("accounts.csv", accounts="accounts.csv").message


@pytest.mark.parametrize(
    ("place", "said"),
    [("adir", "--write-csv adir: this is a folder."), ("", "--write-csv .: this is a folder."),
     ("-", "not to stdout or S3"), ("s3://bucket/x.csv", "not to stdout or S3"),
     ("pipe", "--write-csv pipe: this is not a file.")],
)  # fmt: skip
def test_a_place_that_holds_no_file_is_refused_by_its_name(folder: Path, place: str, said: str) -> None:
    (folder / "adir").mkdir()
    os.mkfifo(folder / "pipe")  # for any device: a real one would be replaced if it were not refused

    error = refused(place)

    assert said in error.message
    assert "--write-csv list.csv" in error.hint
    assert sorted(path.name for path in folder.iterdir()) == ["adir", "multi.csv", "pipe"]


def test_a_list_that_is_to_be_located_is_refused_with_the_command_that_locates(folder: Path) -> None:
    error = refused("out.csv", locate=True)

    assert "--locate --dry-run" in error.hint
    assert not (folder / "out.csv").exists()
