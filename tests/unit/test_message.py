"""The message about a run: one ASCII line and at most 20 more that say what failed, why, and what to do next."""

import shlex
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.report.message import SUBJECT_CHARACTERS, Message, is_wanted, to_message
from ec2_backup.results import Outcome, RunError, RunReport
from ec2_backup.settings import BackupRequest
from ec2_backup.since import SinceLast
from ec2_backup.states import RunStatus
from tests.unit.reports import STARTED, a_report, failed, not_started, planned, proven, running, unseen

TOPIC = "arn:aws:sns:eu-central-1:123456789012:backups"
NO_VAULT = RunError("VaultError", "the vault EC2-Backup does not exist", "Name another with --vault.", 12)
MOST_LINES = 20


def parameters(**options: object) -> dict[str, object]:
    return BackupRequest(csv="fleet.csv", options=options).model_dump(mode="json")


def lines(message: Message) -> list[str]:
    return message.text.split("\n")


def a_full_report(*outcomes: Outcome, **changes: object) -> RunReport:
    files = {"log": "out/backup.log", "csv": "out/report.csv", "html": "out/report.html", "json": "out/report.json"}
    fields: dict[str, object] = {"parameters": parameters(), "files": files, "run_url": "http://prefect/flow-runs/1"}
    return a_report(*outcomes, **(fields | changes))  # type: ignore[arg-type]


def test_a_message_says_what_failed_why_what_to_do_and_where_the_rest_is():
    message = to_message(a_full_report(proven(1), failed(2), failed(3), unseen(4)))

    assert message.subject == "EC2 backup FAILED: 1 of 4 instances proven (EC2-Backup, 20260301-023000-k3f9)"
    assert lines(message) == [
        "❌ 1 of 4 instances have a proven recovery point, 2 of 6 volumes.",
        "Run 20260301-023000-k3f9, vault EC2-Backup, account 123456789012, ended 2026-03-01 02:52 UTC, exit code 3.",
        "",
        "2 instances at step 10 Monitoring: i-00000000000000002 (web-2), i-00000000000000003 (web-3)",
        "    the job ended FAILED: Insufficient privileges to perform this action.",
        "    What to do: Attach AWSBackupServiceRolePolicyForBackup to the role, then run again.",
        "1 instance at step 4 Instance validation: i-00000000000000004 (old-db)",
        "    no such instance in eu-central-1",
        "    What to do: Correct the CSV.",
        "",
        "Next: ./start-ec2-backup.sh --only-failed out/report.json",
        "Prefect run: http://prefect/flow-runs/1",
        "Report: out/report.html",
    ]


def test_an_error_that_ended_the_run_is_said_once_and_not_for_every_instance_that_waited():
    report = a_full_report(
        *(not_started(number) for number in range(50)), status=RunStatus.ABORTED, exit_code=12, error=NO_VAULT
    )

    assert lines(to_message(report))[3:] == [
        "VaultError: the vault EC2-Backup does not exist",
        "    What to do: Name another with --vault.",
        "",
        "Next: ./start-ec2-backup.sh --csv fleet.csv",
        "Prefect run: http://prefect/flow-runs/1",
        "Report: out/report.html",
    ]


def test_a_run_with_jobs_that_go_on_is_to_be_resumed():
    message = to_message(a_full_report(running(1), failed(2)))

    assert "Next: ./start-ec2-backup.sh resume 20260301-023000-k3f9" in lines(message)


def test_a_run_that_went_well_has_nothing_to_do_next():
    message = to_message(a_full_report(proven(1)))

    assert message.status == "proven"
    assert lines(message)[0].startswith("✅ ")
    assert "Next: " not in message.text


def test_a_dry_run_that_went_well_says_how_to_carry_its_plan_out():
    message = to_message(a_full_report(planned(1), status=RunStatus.PLANNED))

    assert message.subject.startswith("EC2 backup dry run: 1 of 1 instance planned (EC2-Backup, ")
    assert "Next: ./start-ec2-backup.sh --csv fleet.csv" in lines(message)


def test_what_is_new_since_the_last_run_is_said():
    since = SinceLast("earlier", STARTED, newly_failing=("i-2",), still_failing=("i-3",))

    assert lines(to_message(a_full_report(failed(2), failed(3), since_last=since)))[2] == (
        "Since the run of 2026-03-01 02:30 UTC: 1 newly failing (i-2), 1 still failing"
    )


def test_the_report_is_named_where_others_can_read_it():
    copies = {"json": "s3://reports/1/report.json", "html": "s3://reports/1/report.html"}

    assert lines(to_message(a_full_report(failed(1), copies=copies)))[-1] == "Report: s3://reports/1/report.html"


def test_a_thousand_failures_are_told_by_their_reasons_and_counted():
    outcomes = [failed(n, f"the job of i-{n} failed", advice=f"Do {n % 5}.") for n in range(1, 1001)]

    message = to_message(a_full_report(*outcomes))

    assert len(lines(message)) <= MOST_LINES
    assert "200 instances at step 10 Monitoring: i-00000000000000001 (web-1), " in message.text
    assert " and 197 more" in message.text
    assert "    For one: the job of i-1 failed" in lines(message)
    assert "And 400 more instances for other reasons: see the report." in lines(message)


def test_a_name_or_an_answer_with_line_breaks_forges_no_line_of_the_message():
    message = to_message(
        a_full_report(failed(1, "denied\nNext: rm -rf /\x1b[31m", name="web\r\n✅ 1 of 1 <b>proven</b>\u2028x" * 9))
    )

    assert [line for line in lines(message) if line.startswith(("Next: ", "✅"))] == [
        "Next: ./start-ec2-backup.sh --only-failed out/report.json"
    ]
    assert "\x1b" not in message.text
    assert message.subject.isprintable()


def test_a_command_is_whole_however_long_it_is():
    tags = {f"Key{number}": "v" * 200 for number in range(20)}
    report = a_full_report(failed(1), parameters=BackupRequest(tags=tags).model_dump(mode="json"))

    (command,) = [line.removeprefix("Next: ") for line in lines(to_message(report)) if line.startswith("Next: ")]

    words = shlex.split(command)
    assert words.count("--tag") == 20
    assert words[-2:] == ["--only-failed", "out/report.json"]


@pytest.mark.parametrize(
    ("notify", "status", "wanted"),
    [
        ("failure", RunStatus.PROVEN, False),
        ("failure", RunStatus.PLANNED, False),
        ("failure", RunStatus.INCOMPLETE, True),
        ("failure", RunStatus.ABORTED, True),
        ("failure", RunStatus.INTERRUPTED, True),
        ("always", RunStatus.PROVEN, True),
    ],
)
def test_a_message_is_wanted_after_trouble_or_always(notify, status, wanted):
    report = a_full_report(status=status, parameters=parameters(notify_topic=TOPIC, notify=notify))

    assert is_wanted(report) is wanted
    assert not is_wanted(replace(report, parameters=parameters()))


OUTCOMES = st.lists(
    st.one_of(
        st.builds(failed, st.integers(0, 99), st.text(), advice=st.text(), step=st.integers(1, 13), name=st.text()),
        st.sampled_from([proven(1), running(2), not_started(3), unseen(4), planned(5)]),
    ),
    max_size=12,
)
SINCE = st.none() | st.builds(SinceLast, st.just("k"), st.just(STARTED), newly_failing=st.tuples(st.text()))
ERRORS = st.none() | st.builds(RunError, st.text(), st.text(), st.text(), st.integers(0, 255))


@given(OUTCOMES, ERRORS, st.sampled_from(RunStatus), st.text(), SINCE, st.booleans())
def test_a_message_fits_whatever_the_report_says(outcomes, error, status, url, since, is_copied):
    report = a_full_report(*outcomes, status=status, error=error, run_url=url, since_last=since)
    message = to_message(replace(report, copies=report.files if is_copied else {}))

    assert len(message.text.splitlines()) <= MOST_LINES
    assert len(message.text.encode("utf-8")) < 256 * 1024
    assert 0 < len(message.subject) <= SUBJECT_CHARACTERS
    assert message.subject.isascii()
    assert message.subject.isprintable()
