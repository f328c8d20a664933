import json
import shlex
from dataclasses import replace

import pytest
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.model import ServiceRole
from ec2_backup.report.restore import to_restore_commands
from ec2_backup.results import Outcome
from tests.unit.reports import ROLE_ARN, a_report, failed, planned, proven, running, unseen


def words_of(outcome: Outcome) -> list[list[str]]:
    """Return the words of the commands of the AWS CLI."""
    return [shlex.split(command) for command in to_restore_commands(outcome, a_report(outcome))[1:]]


def flags_of(words: list[str]) -> dict[str, str]:
    start = words.index("--region")
    end = len(words) - 2 if words[-2] == ">" else len(words)
    return dict(zip(words[start:end:2], words[start + 1 : end : 2], strict=True))


def test_the_programs_own_command_comes_first():
    outcome = proven(1)

    assert shlex.split(to_restore_commands(outcome, a_report(outcome))[0]) == [
        "./start-ec2-backup.sh", "restore", outcome.recovery_point.arn,
    ]  # fmt: skip


def test_a_proven_recovery_point_is_restored_by_two_commands_of_the_aws_cli():
    outcome = proven(1)
    look, start = words_of(outcome)
    file = f"restore-{outcome.row.instance_id}.json"

    assert look[:3] == ["aws", "backup", "get-recovery-point-restore-metadata"]
    assert flags_of(look) == {
        "--region": "eu-central-1", "--recovery-point-arn": outcome.recovery_point.arn,
        "--backup-vault-name": "EC2-Backup", "--query": "RestoreMetadata", "--output": "json",
    }  # fmt: skip
    assert look[-2:] == [">", file]
    assert start[:3] == ["aws", "backup", "start-restore-job"]
    assert flags_of(start) == {
        "--region": "eu-central-1", "--recovery-point-arn": outcome.recovery_point.arn, "--resource-type": "EC2",
        "--metadata": f"file://{file}", "--iam-role-arn": ROLE_ARN,
    }  # fmt: skip


@pytest.mark.parametrize("outcome", [failed(1), planned(2), running(3), unseen(4)], ids=lambda one: one.verdict.value)
def test_what_is_not_proven_has_no_restore_command(outcome):
    assert to_restore_commands(outcome, a_report(outcome)) == ()


@given(st.text(min_size=1))
def test_no_value_can_become_another_word_of_the_shell(text):
    outcome = proven(1)
    point, job = replace(outcome.recovery_point, arn=text), replace(outcome.job, vault_name=text)
    look, start = words_of(replace(outcome, recovery_point=point, job=job, region=text))

    assert flags_of(look) | {"--region": text, "--recovery-point-arn": text, "--backup-vault-name": text} == flags_of(
        look
    )
    assert (len(look), len(start)) == (15, 13)


def test_a_resumed_outcome_without_its_plan_names_the_role_of_the_run():
    outcome = replace(proven(1), plan=None)
    report = a_report(outcome, role=ServiceRole("Another", ROLE_ARN.replace("Default", "Other")))

    assert ROLE_ARN.replace("Default", "Other") in to_restore_commands(outcome, report)[2]


def test_the_flags_are_parameters_that_the_operations_have():
    service = get_session().get_service_model("backup")
    of_the_program = {"--region", "--query", "--output"}
    for words, operation in zip(
        words_of(proven(1)), ("GetRecoveryPointRestoreMetadata", "StartRestoreJob"), strict=True
    ):
        shape = service.operation_model(operation).input_shape
        given_ = {
            "".join(part.title() for part in flag[2:].split("-")) for flag in flags_of(words).keys() - of_the_program
        }
        assert set(shape.required_members) <= given_ <= set(shape.members), json.dumps(sorted(given_))
