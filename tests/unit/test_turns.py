"""Of two runs on one machine, one starts its jobs and the other then finds them."""

import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread

import pytest

from ec2_backup import stop
from ec2_backup.errors import Interrupted
from ec2_backup.narration import Mark
from ec2_backup.turns import turn_to_start
from tests.unit.listeners import heard

HERE = "arn:aws:backup:eu-west-1:123456789012:backup-vault:EC2-Backup"
OTHER_VAULT = "arn:aws:backup:eu-west-1:123456789012:backup-vault:Other"
ELSEWHERE = "arn:aws:backup:us-east-1:123456789012:backup-vault:EC2-Backup"
PROJECT = Path(__file__).parents[2]
HOLDER = (
    "import sys, time; from pathlib import Path; from ec2_backup.turns import turn_to_start\n"
    "with turn_to_start([sys.argv[1]], Path(sys.argv[2])):\n"
    "    print('held', flush=True); time.sleep(600)"
)


@pytest.fixture(autouse=True)
def _going():
    stop.resume()
    yield
    stop.resume()


def said_to(listener):
    return [line.text for line in listener.heard]


def held_by_another(place: str, folder: Path) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, place, str(folder)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_run_waits_until_the_first_has_started_its_jobs(tmp_path):
    entered, order = Event(), []

    def second():
        with turn_to_start([OTHER_VAULT], tmp_path):
            order.append("second")

    with turn_to_start([HERE], tmp_path):
        thread = Thread(target=second)
        thread.start()
        entered.wait(0.5)
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]


def test_runs_in_other_regions_do_not_wait(tmp_path):
    with turn_to_start([HERE], tmp_path), turn_to_start([ELSEWHERE], tmp_path, 0), heard() as listener:
        pass

    assert said_to(listener) == []


def test_a_run_that_is_killed_holds_nobody_back(tmp_path):
    process = held_by_another(HERE, tmp_path)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    with heard() as listener, turn_to_start([HERE], tmp_path):
        pass

    assert said_to(listener) == []


def test_who_waits_is_told_why_and_does_not_wait_for_ever(tmp_path):
    with turn_to_start([HERE], tmp_path), heard() as listener, turn_to_start([HERE], tmp_path, 0.3):
        pass

    waiting, going_on = said_to(listener)
    assert waiting == "another run is starting jobs in eu-west-1 of account 123456789012: waiting until it is done"
    assert going_on.endswith("for too long: not waiting")


def test_a_run_that_waits_can_be_told_to_stop(tmp_path):
    with turn_to_start([HERE], tmp_path), ExitStack() as stack:
        stop.stop()
        with pytest.raises(Interrupted):
            stack.enter_context(turn_to_start([HERE], tmp_path))


def test_another_endpoint_is_another_account(tmp_path, monkeypatch):
    with turn_to_start([HERE], tmp_path):
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        with heard() as listener, turn_to_start([HERE], tmp_path):
            pass

    assert said_to(listener) == []


def test_where_no_lock_can_be_had_the_run_goes_on_and_says_so(tmp_path):
    (tmp_path / "file").write_text("")

    with heard() as listener, turn_to_start([HERE], tmp_path / "file"):
        pass

    (said,) = listener.texts(Mark.WARNING)
    assert said.startswith("whether another run is starting jobs in eu-west-1 of account 123456789012 cannot be seen:")
