"""What a run takes from the team's defaults: what it was not asked for itself, and nothing that cannot be used."""

from pathlib import Path
from typing import Any

import pytest

from ec2_backup.defaults import VARIABLE, Effective, asked_by, changed_in_form, is_complete, with_defaults
from ec2_backup.errors import UsageError
from ec2_backup.settings import BackupOptions, BackupRequest

TEAM = {"vault": "Production", "retention_days": 35, "options": {"poll_seconds": 60, "restarts": 2}}
FORM = BackupRequest().model_dump(mode="json")  # every field, as Prefect's form sends them


def refused(defaults: object, asked: BackupRequest | None = None) -> str:
    with pytest.raises(UsageError) as caught:
        with_defaults(asked or BackupRequest(), defaults)
    assert caught.value.exit_code == 2
    assert VARIABLE in caught.value.message
    assert "Nothing was started" in caught.value.hint
    return caught.value.message


def test_what_a_run_was_not_asked_for_it_takes_from_the_defaults():
    request = with_defaults(BackupRequest(csv="web.csv"), TEAM).request

    assert (request.csv, request.vault, request.retention_days, request.role) == (
        "web.csv", "Production", 35, BackupRequest().role,
    )  # fmt: skip
    assert (request.options.poll_seconds, request.options.restarts) == (60, 2)


def test_what_a_run_was_asked_for_it_keeps_also_where_that_is_the_built_in_default():
    asked = BackupRequest(vault="EC2-Backup", retention_days=7, options={"poll_seconds": 300})

    effective = with_defaults(asked, TEAM)

    assert (effective.request.vault, effective.request.retention_days) == ("EC2-Backup", 7)
    assert (effective.request.options.poll_seconds, effective.request.options.restarts) == (300, 2)
    assert effective.taken == {"options.restarts": 2}


def test_the_log_is_told_what_came_from_the_defaults_and_what_it_is():
    told = str(with_defaults(BackupRequest(retention_days=7), TEAM))

    assert told == (
        "defaults from the Prefect Variable ec2_backup_defaults: vault=Production, options.poll_seconds=60, "
        "options.restarts=2"
    )


def test_every_parameter_but_those_of_one_run_can_have_a_default():
    values: dict[str, Any] = {
        "csv": "s3://lists/fleet.csv", "vault": "Production", "role": "Backup", "region": "eu-central-1",
        "retention_days": 35, "tags": {"Team": "web"}, "output": "/var/backups",
        "options": {**BackupOptions().model_dump(), "credentials_block": "production"},
    }  # fmt: skip

    request = with_defaults(BackupRequest(), values).request

    assert request == BackupRequest(**values)
    assert request.output == Path("/var/backups")


def test_without_a_variable_nothing_changes():
    asked = BackupRequest(csv="web.csv")

    assert with_defaults(asked, None) == Effective(asked)
    assert with_defaults(asked, {}).request == asked


@pytest.mark.parametrize(
    ("defaults", "said"),
    [
        ({"volt": "Production"}, "volt: there is no such parameter"),
        ({"poll_seconds": 60}, "poll_seconds: there is no such parameter; it belongs into options"),
        ({"options": {"aws_secret_access_key": "x"}}, "options.aws_secret_access_key: there is no such parameter"),
        ({"vault": "no good!"}, "vault: String should match pattern"),
        ({"retention_days": "many"}, "retention_days: "),
        ({"options": {"on_active_job": "kill"}}, "options.on_active_job: "),
        ({"tags": {"aws:x": "1"}}, "tags: tag 'aws:x'"),
        ({"run_key": "nightly"}, "run_key belongs to one run"),
        ({"dry_run": True}, "dry_run belongs to one run"),
        ({"options": 5}, "is not a JSON object"),
        ("vault=Production", "is not a JSON object"),
        ([1], "is not a JSON object"),
    ],
)
def test_defaults_that_cannot_be_used_are_refused_with_the_key_that_is_wrong(defaults, said):
    assert said in refused(defaults)


def test_every_key_that_is_wrong_is_named_also_one_that_this_run_would_not_have_taken():
    message = refused({"vault": "no good!", "volt": 1}, BackupRequest(vault="Production"))

    assert "vault: " in message
    assert "volt: " in message


def test_a_wrong_value_is_not_shown():
    assert "hunter2" not in refused({"vault": "hunter2!", "password": "hunter2"})


def test_a_rule_over_several_parameters_holds_for_defaults_and_request_together():
    topic = "arn:aws:sns:eu-central-1:123456789012:ops"
    always = {"options": {"notify": "always"}}

    assert "name the topic" in refused(always)
    assert with_defaults(BackupRequest(options={"notify_topic": topic}), always).request.options.notify == "always"


def test_a_request_that_says_everything_leaves_nothing_to_defaults():
    everything = BackupRequest.model_validate_json(BackupRequest(csv="web.csv").model_dump_json())

    assert is_complete(everything)
    assert not is_complete(BackupRequest(csv="web.csv"))
    assert not is_complete(BackupRequest(**FORM | {"options": {}}))


def test_the_parameters_of_a_deployment_are_asked_for_and_no_others():
    given = {"vault": "EC2-Backup", "options": {"restarts": 1}}

    effective = with_defaults(asked_by(BackupRequest(**given), given), TEAM)

    assert (effective.request.vault, effective.request.options.restarts) == ("EC2-Backup", 1)
    assert effective.taken == {"retention_days": 35, "options.poll_seconds": 60}


def test_what_another_flow_takes_besides_is_left_to_it():
    asked = asked_by(BackupRequest(vault="Quarterly"), {"vault": "Quarterly", "shards": "/shared", "options": None})

    assert with_defaults(asked, TEAM).request.vault == "Quarterly"
    assert with_defaults(asked, TEAM).request.retention_days == 35


def test_of_a_form_what_was_changed_is_asked_for_and_what_the_deployment_sets():
    form = FORM | {"role": "Backup", "options": FORM["options"] | {"restarts": 0}}
    request = BackupRequest(**form)

    given = changed_in_form(request, form, {"vault": "EC2-Backup", "options": {"poll_seconds": 300}})
    effective = with_defaults(asked_by(request, given), TEAM)

    assert given == {"vault": "EC2-Backup", "role": "Backup", "options": {"poll_seconds": 300, "restarts": 0}}
    assert effective.taken == {"retention_days": 35}
    assert effective.request.role == "Backup"


def test_vaults_for_copies_can_be_a_default_as_a_list():
    vault = "arn:aws:backup:eu-west-1:123456789012:backup-vault:EC2-Backup-Copy=30"

    assert with_defaults(BackupRequest(), {"options": {"copy_to": [vault]}}).request.options.copy_to == (vault,)
    with pytest.raises(UsageError, match=r"options.copy_to: 'Copy' is not the ARN of a backup vault"):
        with_defaults(BackupRequest(), {"options": {"copy_to": ["Copy"]}})
