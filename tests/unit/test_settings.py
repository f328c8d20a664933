"""What may be asked of a run, and what is said of what may not."""

import pytest
from pydantic import ValidationError

from ec2_backup.settings import BackupOptions, BackupRequest


def message_for(**parameters: object) -> str:
    with pytest.raises(ValidationError) as caught:
        BackupRequest.model_validate(parameters)
    return str(caught.value)


def test_a_request_without_anything_is_a_good_one():
    request = BackupRequest()

    assert (request.csv, request.vault, request.role) == (
        "ec2_instances.csv",
        "EC2-Backup",
        "AWSBackupDefaultServiceRole",
    )
    assert (request.region, request.retention_days, request.tags, request.dry_run) == (None, 7, {}, False)


@pytest.mark.parametrize(
    "parameters",
    [
        {"vault": "ab"},
        {"vault": "a" * 50},
        {"vault": "A_b-1"},
        {"role": "r"},
        {"role": "R+=,.@-_" + "r" * 56},
        {"region": "us-east-1"},
        {"region": "us-gov-west-1"},
        {"region": "us-iso-east-1"},
        {"retention_days": 1},
        {"retention_days": 36_500},
        {"run_key": "a"},
        {"run_key": "2026-01-31_" + "x" * 53},
        {"tags": {"k" * 128: "v" * 256, "Cost Centre": "a+b=c.d_e:f/g@h"}},
        {"tags": {"empty": ""}},
        {"options": {"start_window_minutes": 60, "complete_window_minutes": 60}},
        {"options": {"start_window_minutes": 600}},
        {"options": {"complete_window_minutes": 60}},
        {"options": {"on_active_job": "report"}},
    ],
)
def test_values_up_to_the_limits_are_accepted(parameters):
    BackupRequest.model_validate(parameters)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("csv", ""),
        *(("vault", value) for value in ("", "a", "a" * 51, "bad name!", "näme", "good\n")),
        *(("role", value) for value in ("", "r" * 65, "path/role", "arn:aws:iam::1:role/x")),
        *(("region", value) for value in ("", "us-east-1a", "US-EAST-1", "Frankfurt", "us-east")),
        *(("retention_days", value) for value in (0, -1, 36_501, 1.5, "many")),
        *(("run_key", value) for value in ("", "-a", "a/b", "a b", "a" * 65, "../a")),
        ("color", "red"),
    ],
)
def test_values_beyond_the_limits_are_refused_by_name(name, value):
    assert message_for(**{name: value}).splitlines()[1] == name


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start_window_minutes", 59),
        ("complete_window_minutes", 59),
        ("start_window_minutes", 52_560_001),
        ("deadline_minutes", 0),
        ("deadline_minutes", 43_201),
        ("poll_seconds", 0),
        ("poll_seconds", 3601),
        ("start_jobs_per_second", 0),
        ("on_active_job", "stop"),
        ("speed", 1),
    ],
)
def test_options_beyond_the_limits_are_refused_by_name(name, value):
    assert message_for(options={name: value}).splitlines()[1] == f"options.{name}"


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("", "v", "a key has 1 to 128 characters"),
        ("k" * 129, "v", "a key has 1 to 128 characters"),
        ("k", "v" * 257, "a value at most 256"),
        ("aws:x", "v", "the prefix aws: is reserved"),
        ("AWS:x", "v", "the prefix aws: is reserved"),
        ("a,b", "v", "letters, digits, spaces and"),
        ("k", "(v)", "letters, digits, spaces and"),
    ],
)
def test_a_tag_that_aws_would_refuse_later_is_refused_now(key, value, message):
    assert message in message_for(tags={key: value})


def test_a_job_may_not_expire_before_it_may_start():
    options = {"start_window_minutes": 120, "complete_window_minutes": 119}

    assert "at least the start window" in message_for(options=options)


def test_requests_do_not_change_and_survive_json():
    request = BackupRequest(tags={"Team": "a"}, options=BackupOptions(start_window_minutes=60))

    with pytest.raises(ValidationError, match="frozen"):
        request.vault = "Other"  # type: ignore[misc]
    assert BackupRequest.model_validate_json(request.model_dump_json()) == request
