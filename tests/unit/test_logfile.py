import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.errors import UsageError
from ec2_backup.logfile import append_lines, closing_lines, kept_log, log_path, opening_lines
from ec2_backup.narration import LOGGER, FleetProgress, Mark, tell, tell_done, tell_progress
from ec2_backup.results import RunError
from ec2_backup.settings import BackupRequest
from ec2_backup.states import BackupJobState, RunStatus
from tests.unit.reports import STARTED, a_report, failed, proven, running

LINE = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] .*")


def text_of(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def messages(path: Path) -> list[str]:
    return [line[22:] for line in text_of(path).split("\n")[:-1]]


def progress(counts: Mapping[BackupJobState, int], elapsed: float = 0) -> FleetProgress:
    return FleetProgress(10, "finished", counts.get(BackupJobState.COMPLETED, 0), 3, counts, elapsed)


def test_a_log_is_named_after_the_local_time_at_which_its_run_started(tmp_path: Path) -> None:
    local = STARTED.astimezone()

    assert log_path(tmp_path, STARTED) == tmp_path / f"backup_log_{local:%Y-%m-%d_%H:%M:%S}.log"


def test_two_runs_of_one_second_get_a_log_each(tmp_path: Path) -> None:
    paths = {log_path(tmp_path / "new", STARTED + timedelta(milliseconds=number)) for number in range(3)}

    assert len(paths) == 3
    assert all(path.exists() for path in paths)
    assert sum(path.name.endswith("_2.log") for path in paths) == 1


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="file/logs cannot be written"):
        log_path(tmp_path / "file" / "logs", STARTED)


def test_a_log_that_cannot_be_opened_is_an_error_that_names_its_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="absent cannot be written"), kept_log(tmp_path / "absent" / "x.log"):
        tell("never")
    with pytest.raises(UsageError, match="absent cannot be written"):
        append_lines(tmp_path / "absent" / "x.log", ["never"])


def test_what_is_told_is_stamped_and_marked(tmp_path: Path) -> None:
    with kept_log(tmp_path / "x.log") as path:
        tell_done(4, "2 instances can be backed up")
        tell("one line was merged")
        tell("not encrypted", mark=Mark.WARNING)
        tell("denied", mark=Mark.FAILED, step=6)
        LOGGER.error("from elsewhere")

    assert messages(path) == [
        "✅ Step 4, Instance validation: 2 instances can be backed up",
        "ℹ️ one line was merged",
        "⚠️ not encrypted",
        "❌ denied",
        "❌ from elsewhere",
    ]


def test_a_line_is_on_disk_before_the_next_is_told(tmp_path: Path) -> None:
    with kept_log(tmp_path / "x.log") as path:
        tell("first")
        assert messages(path) == ["ℹ️ first"]


def test_nothing_is_written_after_the_log_was_closed(tmp_path: Path) -> None:
    before = (list(LOGGER.handlers), LOGGER.level)
    with kept_log(tmp_path / "x.log") as path:
        tell("inside")
    tell("outside")

    assert messages(path) == ["ℹ️ inside"]
    assert (LOGGER.handlers, LOGGER.level) == before


def test_the_further_lines_of_a_text_are_stamped_and_indented(tmp_path: Path) -> None:
    with kept_log(tmp_path / "x.log") as path:
        tell("a name with a break\n[2026-01-01 00:00:00] ✅ all proven")

    assert messages(path) == ["ℹ️ a name with a break", "    [2026-01-01 00:00:00] ✅ all proven"]


def test_an_unexpected_error_leaves_its_traceback_in_stamped_lines(tmp_path: Path) -> None:
    with kept_log(tmp_path / "x.log") as path:
        try:
            dict[str, str]()["BackupJobs"]
        except KeyError:
            LOGGER.exception("a bug")

    assert messages(path)[0] == "❌ a bug"
    assert messages(path)[-1] == "    KeyError: 'BackupJobs'"
    assert all(LINE.fullmatch(line) for line in text_of(path).splitlines())


def test_progress_is_written_only_when_the_counts_have_changed(tmp_path: Path) -> None:
    with kept_log(tmp_path / "x.log") as path:
        for elapsed in range(5):
            tell_progress(progress({BackupJobState.RUNNING: 3}, elapsed))
        tell_progress(progress({BackupJobState.RUNNING: 2, BackupJobState.COMPLETED: 1}))

    assert messages(path) == [
        "ℹ️ 0 of 3 finished (3 RUNNING)",
        "ℹ️ 1 of 3 finished (2 RUNNING, 1 COMPLETED)",
    ]


def test_a_full_disk_is_told_once_and_does_not_stop_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    with kept_log(Path("/dev/full")):
        tell("first")
        tell("second")

    said = capsys.readouterr().err
    assert said.count("can no longer be written") == 1
    assert "Traceback" not in said


@contextmanager
def kept_from_pytest() -> Iterator[None]:
    """Keep what is told from pytest, whose workers die of half a character that they should send to each other."""
    LOGGER.propagate = False
    try:
        yield
    finally:
        LOGGER.propagate = True


@given(st.text(st.characters(), max_size=60))
@settings(max_examples=150, deadline=None)
def test_whatever_is_told_every_line_of_the_log_has_its_stamp(text: str) -> None:
    with TemporaryDirectory() as folder, kept_log(Path(folder) / "x.log") as path, kept_from_pytest():
        tell(text)
        append_lines(path, [text])
        written = text_of(path)

    assert all(LINE.fullmatch(line) and line.isprintable() for line in written.removesuffix("\n").split("\n"))
    assert len(written.splitlines()) == written.count("\n")


def test_a_log_opens_with_what_was_asked_for() -> None:
    request = BackupRequest(vault="Nightly", retention_days=1, region="eu-west-1", tags={"team": "ops"}, dry_run=True)
    block = "\n".join(opening_lines(request, "run-1", STARTED))

    for expected in ("run-1", "Nightly", "1 day\n", "eu-west-1", "team=ops", "ec2_instances.csv", "dry run"):
        assert expected in block


def test_a_log_closes_with_every_failure_the_figures_and_the_files() -> None:
    report = a_report(proven(1), failed(2, "no such key", advice="Enable the key."), running(3), run_url="http://x/1")
    block = "\n".join(closing_lines(report))

    for expected in ("web-2", "no such key", "What to do: Enable the key.", "goes on at AWS", "1 of 3 instances"):
        assert expected in block
    for expected in ("backup-output/report.csv", "http://x/1", "exit code 3 (incomplete)", "Success rate", "API calls"):
        assert expected in block


def test_a_run_that_ended_early_says_why_at_the_end_of_its_log() -> None:
    error = RunError("VaultError", "vault EC2-Backup does not exist", "Create it.", 12)
    block = "\n".join(closing_lines(a_report(status=RunStatus.ABORTED, exit_code=12, error=error)))

    assert "❌ VaultError: vault EC2-Backup does not exist" in block
    assert "What to do: Create it." in block
    assert "exit code 12 (aborted)" in block
