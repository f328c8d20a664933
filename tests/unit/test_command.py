"""The command that takes a run up again asks for the same run, whatever it was asked with."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from hypothesis import example, given
from hypothesis import strategies as st

import cli
from deployments.flags import to_tags
from ec2_backup import settings
from ec2_backup.drilled import DrillVerdict
from ec2_backup.report.command import PROGRAM, to_flags, to_next_command, to_restore_hint
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.states import RunStatus, Verdict
from tests.unit.copies import ACROSS, ARN, copied
from tests.unit.reports import a_report, failed, planned, proven, running

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
TAG_KEYS = st.from_regex(r"[\w\s+\-.:/@]{1,20}", fullmatch=True)  # a key with = cannot be said on a command line
TAGS = st.dictionaries(
    TAG_KEYS.filter(lambda key: not key.lower().startswith("aws:") and key not in settings.RESERVED_TAGS),
    st.from_regex(r"[\w\s+\-=.:/@]{0,20}", fullmatch=True),
    max_size=3,
)
OPTIONS = st.builds(
    BackupOptions,
    start_window_minutes=st.none() | st.integers(60, 500),
    complete_window_minutes=st.none() | st.integers(500, 52_560_000),
    windows_vss=st.booleans(),
    on_active_job=st.sampled_from(["watch", "report"]),
    restarts=st.integers(0, 3),
    deadline_minutes=st.floats(0, 43_200, exclude_min=True),
    poll_seconds=st.floats(0, 3600, exclude_min=True) | st.integers(1, 3600),
    publish_metrics=st.booleans(),
    start_jobs_per_second=st.floats(0, 1000, exclude_min=True),
    copy_to=st.lists(st.sampled_from([f"{ARN}=30", ACROSS]), unique=True).map(tuple),
)
REQUESTS = st.builds(
    BackupRequest,
    csv=TEXT.filter(bool),
    vault=st.from_regex(settings.VAULT_PATTERN, fullmatch=True),
    role=st.from_regex(r"[A-Za-z0-9_+=,.@-]{1,64}", fullmatch=True),
    region=st.none() | st.sampled_from(["eu-central-1", "us-gov-west-1", "cn-north-1"]),
    retention_days=st.integers(1, 36_500),
    tags=TAGS,
    dry_run=st.booleans(),
    output=TEXT.map(Path),
    options=OPTIONS,
)


def asked_with(words: list[str]) -> BackupRequest:
    """Return the request that the front door makes of the words."""
    given = typer.main.get_command(cli.app).make_context(PROGRAM, list(words)).params
    options = {name: value for name, value in given.items() if name in BackupOptions.model_fields}
    asked = {name: value for name, value in given.items() if name in BackupRequest.model_fields}
    return cli._to_request({**asked, "options": options, "tags": to_tags(given["tags"] or [])})


@given(REQUESTS)
@example(BackupRequest(csv="--csv", output=Path("-o"), tags={"--tag": "a=b"}))
@example(BackupRequest(csv="a 'b' \"c\" $HOME `id` \\ \n*.csv", tags={"Cost Centre": ""}))
@example(BackupRequest(csv="sandbox", vault="server"))
def test_the_flags_of_any_request_ask_for_the_same_request(request_):
    assert asked_with(to_flags(request_)) == request_


@given(REQUESTS)
def test_a_run_that_began_nothing_is_asked_for_again_in_words_that_survive_the_shell(request_):
    report = a_report(status=RunStatus.INTERRUPTED, parameters=request_.model_dump(mode="json"), caller=None)

    program, *words = shlex.split(to_next_command(report))
    assert program == PROGRAM
    assert asked_with(words) == request_


def test_a_request_that_is_the_default_has_no_flags():
    assert to_flags(BackupRequest()) == []


def test_flags_are_only_those_that_differ_from_the_default():
    request = BackupRequest(
        vault="Nightly",
        tags={"team": "ops", "stage": "prod"},
        dry_run=True,
        options=BackupOptions(publish_metrics=False, windows_vss=True),
    )

    assert shlex.join(to_flags(request)) == (
        "--vault Nightly --tag team=ops --tag stage=prod --dry-run --windows-vss --no-metrics"
    )


@pytest.mark.parametrize(
    "report",
    [
        a_report(proven(1)),
        a_report(proven(1), failed(2)),
        a_report(status=RunStatus.ABORTED),
    ],
)
def test_a_run_that_left_nothing_to_do_has_no_next_command(report):
    assert to_next_command(report) == ""


@pytest.mark.parametrize("report", [a_report(proven(1), running(2)), a_report(status=RunStatus.INTERRUPTED)])
def test_a_run_with_jobs_that_go_on_or_that_was_interrupted_can_be_taken_up_again(report):
    assert to_next_command(report) == f"{PROGRAM} resume 20260301-023000-k3f9"


def test_a_plan_without_a_flaw_is_carried_out_by_the_same_command_without_dry_run():
    asked = BackupRequest(dry_run=True, vault="Nightly").model_dump(mode="json")

    assert to_next_command(a_report(planned(1), status=RunStatus.PLANNED, parameters=asked)) == (
        f"{PROGRAM} --vault Nightly"
    )


def test_what_failed_is_tried_again_from_the_report():
    asked = BackupRequest(csv="list.csv", vault="Nightly").model_dump(mode="json")
    report = a_report(proven(1), failed(2), parameters=asked, files={"json": "out/report_x.json"})

    assert to_next_command(report) == f"{PROGRAM} --vault Nightly --only-failed out/report_x.json"
    assert " resume " in to_next_command(replace(report, outcomes=(*report.outcomes, running(3))))
    dry = {**asked, "dry_run": True}
    assert to_next_command(replace(report, parameters=dry)) == ""


def test_what_was_proven_can_be_restored_with_a_command_that_is_named():
    one, two = (a_report(*some, files={"html": "x.html"}) for some in ((proven(1),), (proven(1), proven(2))))
    command = f"./start-ec2-backup.sh restore --instance {proven(1).row.instance_id} --region {proven(1).region}"

    assert to_restore_hint(one) == command
    assert to_restore_hint(two) == f"{command}; the HTML report has the command for each"
    assert to_restore_hint(a_report(failed(1), files={"html": "out/report_x.html"})) == ""
    assert to_restore_hint(a_report(proven(1))) == ""


def test_a_run_is_taken_up_again_from_the_folder_in_which_it_left_its_file():
    request = BackupRequest(output=Path("my runs"), vault="Nightly")
    report = a_report(running(1), parameters=request.model_dump(mode="json"), run_key="night-1")

    assert to_next_command(report) == f"{PROGRAM} resume night-1 --output 'my runs'"


def test_a_dry_run_that_was_interrupted_is_repeated():
    request = BackupRequest(dry_run=True, vault="Nightly")
    report = a_report(planned(1), status=RunStatus.INTERRUPTED, parameters=request.model_dump(mode="json"))

    assert to_next_command(report) == f"{PROGRAM} --vault Nightly --dry-run"


def test_a_run_that_stopped_its_jobs_begins_anew_with_what_is_not_proven():
    options = BackupOptions(stop_jobs_on_cancel=True)
    asked = BackupRequest(csv="list.csv", options=options).model_dump(mode="json")
    left = a_report(running(1), status=RunStatus.INTERRUPTED, parameters=asked, files={"json": "out/report_x.json"})

    assert to_next_command(left) == f"{PROGRAM} --stop-jobs-on-cancel --only-failed out/report_x.json"
    assert " resume " in to_next_command(replace(left, files={}))
    assert " resume " in to_next_command(replace(left, status=RunStatus.INCOMPLETE))


def test_where_all_copies_that_failed_are_there_and_not_whole_nothing_is_to_be_taken_up():
    mendable = copied(proven(1), Verdict.FAILED, "denied")
    (copy,) = mendable.copies
    assert copy.failure
    spoiled = replace(copy, failure=replace(copy.failure, is_lasting=True))
    asked = {"status": RunStatus.INCOMPLETE, "files": {"json": "out/report_x.json"}}

    assert to_next_command(a_report(replace(mendable, copies=(spoiled,)), **asked)) == ""
    assert " resume " in to_next_command(a_report(replace(mendable, copies=(spoiled, copy)), **asked))
    failed_drill = DrillVerdict("KEY-drill", "0 of 1 is proven", is_good=False, files={})
    again = to_next_command(a_report(replace(mendable, copies=(spoiled,)), drill=failed_drill, **asked))
    assert again.startswith(f"{PROGRAM} drill")


def test_where_only_copies_failed_the_run_is_taken_up_again_and_backs_nothing_up_anew():
    report = a_report(copied(proven(1), Verdict.FAILED, "denied"), status=RunStatus.INCOMPLETE)

    assert to_next_command(report) == f"{PROGRAM} resume {report.run_key}"
