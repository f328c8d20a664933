"""What it takes to take a run up again: its file, by key or by path, and the account that it is of."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from ec2_backup.errors import UsageError
from ec2_backup.ledger import Ledger
from ec2_backup.model import Caller, Inventory, InventoryRow
from ec2_backup.runfile import find_run_file, read_run_file, to_resumed_request, write_run_file
from ec2_backup.runkey import LARGEST_CLOCK_ERROR
from ec2_backup.settings import BackupOptions, BackupRequest
from tests.unit.backups import BEGAN, instance_id

KEY = "20260301T023000Z-0c6a3a5e"
ANSWERED = BEGAN + timedelta(seconds=100)


def a_run(folder: Path, run_key: str = KEY, account: str = "123456789012", **parameters: object) -> Ledger:
    run = Ledger(BackupRequest(output=folder, **parameters), run_key, BEGAN)  # type: ignore[arg-type]
    run.inventory = Inventory("list.csv", (InventoryRow(2, instance_id(1)),))
    run.caller = Caller(account, f"arn:aws:iam::{account}:user/ops", answered_at=ANSWERED)
    return run


def test_a_request_is_rebuilt_as_it_was_with_the_run_file_as_its_inventory(tmp_path: Path) -> None:
    options = BackupOptions(poll_seconds=5, windows_vss=True)
    run = a_run(tmp_path, vault="Nightly", tags={"Team": "web"}, options=options)
    path = write_run_file(run)

    request = to_resumed_request(KEY, None, tmp_path)

    assert request == run.request.model_copy(update={"csv": str(path), "run_key": KEY})


def test_a_file_is_resumed_where_it_lies_unless_another_folder_is_named(tmp_path: Path) -> None:
    path = write_run_file(a_run(tmp_path / "was here"))
    path = path.rename(tmp_path / path.name)

    assert to_resumed_request(str(path), None, Path("unused")).output == tmp_path
    assert to_resumed_request(str(path), tmp_path / "new", Path("unused")).output == tmp_path / "new"


def test_a_run_that_is_taken_up_counts_its_jobs_since_the_first_time(tmp_path: Path) -> None:
    write_run_file(a_run(tmp_path))
    request = to_resumed_request(KEY, None, tmp_path)

    file = find_run_file(request, KEY)

    assert file
    assert (file.began_at, file.jobs_since, file.account) == (BEGAN, ANSWERED, "123456789012")
    assert find_run_file(request.model_copy(update={"csv": "list.csv"}), KEY) == file
    assert find_run_file(request, "another") is None


def test_a_new_runs_jobs_are_those_since_aws_said_who_it_is(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    assert run.jobs_since == ANSWERED

    run.taken_up_since = BEGAN
    assert run.jobs_since == BEGAN


def test_where_awss_time_is_not_known_ours_is_trusted_as_far_as_aws_would(tmp_path: Path) -> None:
    run = Ledger(BackupRequest(output=tmp_path), KEY, BEGAN)
    assert run.jobs_since == BEGAN - timedelta(minutes=5) == BEGAN - LARGEST_CLOCK_ERROR

    run.caller = Caller("123456789012", "arn:aws:iam::123456789012:user/ops")
    assert run.jobs_since == BEGAN - LARGEST_CLOCK_ERROR


def test_an_unknown_key_is_told_with_the_folder_and_the_latest_keys_there(tmp_path: Path) -> None:
    for number in range(7):
        path = write_run_file(a_run(tmp_path, f"night-{number}"))
        os.utime(path, (number, number))

    with pytest.raises(UsageError) as caught:
        to_resumed_request("knight-1", tmp_path, Path("unused"))

    assert str(tmp_path) in caught.value.message
    assert "night-6, night-5, night-4, night-3, night-2." in caught.value.message
    assert "--run-key" in caught.value.hint


def test_a_folder_without_any_run_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no run file in it"):
        to_resumed_request(KEY, None, tmp_path / "absent")


def test_a_dry_run_has_started_nothing_that_could_be_taken_up(tmp_path: Path) -> None:
    write_run_file(a_run(tmp_path, dry_run=True))

    with pytest.raises(UsageError, match="was a dry run: it started nothing"):
        to_resumed_request(KEY, tmp_path, tmp_path)


def test_the_run_of_another_account_is_left_as_it_is(tmp_path: Path) -> None:
    path = write_run_file(a_run(tmp_path))
    before = path.read_bytes()

    with pytest.raises(UsageError, match=r"account 123456789012, .* account 999999999999"):
        write_run_file(a_run(tmp_path, account="999999999999"))

    assert path.read_bytes() == before


@pytest.mark.parametrize("change", [{"rows": [{}]}, {"parameters": {"vault": "no good!"}}, {"began_at": "yesterday"}])
def test_a_file_that_somebody_has_spoiled_is_refused_by_the_field(change: dict[str, object], tmp_path: Path) -> None:
    path = write_run_file(a_run(tmp_path))
    path.write_text(json.dumps(json.loads(path.read_text()) | change))

    with pytest.raises(UsageError, match=f"is not a run file: {next(iter(change))}"):
        read_run_file(path)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run_x.json").mkdir()

    with pytest.raises(UsageError, match="cannot be read"):
        read_run_file(tmp_path / "run_x.json")


def test_a_run_removes_what_killed_writers_left_but_not_what_others_may_be_writing(tmp_path: Path) -> None:
    own, others, old = (tmp_path / name for name in (f".report_{KEY}.csv.abc", ".run_b.json.abc", ".run_c.json.abc"))
    for path in (own, others, old):
        path.write_text("half")
    os.utime(old, (0, 0))

    path = write_run_file(a_run(tmp_path))

    assert sorted(tmp_path.iterdir()) == sorted([others, path])
