"""What the README says of the steps, the exit codes and the permissions is what the program does."""

import json
import re

import pytest

import cli
from ec2_backup import errors, model, results
from ec2_backup.errors import Ec2BackupError
from ec2_backup.narration import STEPS
from ec2_backup.permissions import BACKUP_SERVICE, needs_of_run
from ec2_backup.settings import BackupOptions
from tests.docs.markdown import PROJECT, README, Row, blocks, table
from tests.docs.program import aws_calls, names_used_in, tasks_in

STEP_ROWS = table(README, "Step", "Title", "File", "Task", "Noun")
CODE_ROWS = table(README, "Code", "Error")
NEEDS_NO_PERMISSION = {"sts:GetCallerIdentity"}
CALLED_FOR_US = {"iam:PassRole"}  # asked of the caller when it names a role in StartBackupJob


def step_of(row: Row) -> int:
    return int(row["Step"].text)


def policy() -> list[dict[str, object]]:
    """Return the statements of the policy that a caller is told to use."""
    (text,) = blocks(README, "json")
    return list(json.loads(text)["Statement"])


def actions_of(*statements: dict[str, object]) -> set[str]:
    named = [statement["Action"] for statement in statements]
    return {str(one) for action in named for one in (action if isinstance(action, list) else [action])}


def test_the_table_has_the_thirteen_steps_with_their_titles():
    assert {step_of(row): row["Title"].text for row in STEP_ROWS} == dict(STEPS)
    assert len(STEP_ROWS) == 13


@pytest.mark.parametrize("row", STEP_ROWS, ids=lambda row: row["Title"].text)
def test_each_task_of_a_step_is_in_the_file_beside_it_and_has_the_number_of_the_step(row):
    there = {name for link in row["File"].links for name in tasks_in(PROJECT / link).values()}

    assert row["File"].links
    assert set(row["Task"].code) == {name for name in there if int(name[:2]) == step_of(row)}


@pytest.mark.parametrize("row", STEP_ROWS, ids=lambda row: row["Title"].text)
def test_each_noun_is_a_class_of_the_model_or_of_the_results(row):
    assert row["Noun"].code
    assert [noun for noun in row["Noun"].code if not hasattr(model, noun) and not hasattr(results, noun)] == []


def test_the_rows_stand_in_the_order_in_which_the_flow_does_the_steps():
    tasks = {name: task for file in (PROJECT / "tasks").glob("*.py") for name, task in tasks_in(file).items()}
    # The flow's own words for handing these tasks their work.
    words = {"started": "start_backup_jobs", "watched": "watch_backup_jobs", "verifying": "verify_recovery_points"}
    tasks |= {word: tasks[name] for word, name in words.items()}
    used = [int(tasks[name][:2]) for name in names_used_in(PROJECT / "flows" / "backup.py") if name in tasks]

    assert [step_of(row) for row in STEP_ROWS] == [*dict.fromkeys(used), 13]


def test_the_exit_codes_are_those_of_the_errors():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Ec2BackupError)]
    documented = {name: int(row["Code"].text) for row in CODE_ROWS for name in row["Error"].code}

    assert documented == {kind.__name__: kind.exit_code for kind in kinds if kind.exit_code != 1}
    assert {int(row["Code"].text) for row in CODE_ROWS} == {0, 1, *documented.values()}


def test_the_help_names_the_same_exit_codes():
    _, told = (cli.backup.__doc__ or "").split("Exit codes:")

    assert {int(code) for code in re.findall(r"\b\d+\b", told)} == {int(row["Code"].text) for row in CODE_ROWS}


def test_the_policy_is_the_one_of_the_folder():
    assert policy() == json.loads((PROJECT / "deployments/iam/caller-policy.json").read_text())["Statement"]


def test_the_policy_allows_what_the_program_calls_and_nothing_else():
    assert actions_of(*policy()) == (aws_calls() | CALLED_FOR_US) - NEEDS_NO_PERMISSION


def test_only_the_last_three_statements_of_the_policy_can_be_left_out():
    *necessary, metrics, trail, more = policy()
    needs = needs_of_run(["vault"], "role")

    assert {action for need in needs if need.required for action in need.actions} <= actions_of(*necessary)
    assert {action for need in needs if not need.required for action in need.actions} <= actions_of(metrics, more)
    assert actions_of(trail) == {"logs:FilterLogEvents"}


def test_telling_others_needs_the_topic_and_the_prefix_and_only_where_that_is_asked_for():
    options = BackupOptions(notify_topic="arn:aws:sns:eu-west-1:123456789012:ops", report_to="s3://reports/nightly/")
    usual, more = (
        needs_of_run(["vault"], "arn:aws:iam::1:role/r"),
        needs_of_run(["vault"], "arn:aws:iam::1:role/r", options),
    )
    telling = {name: one["Resource"] for one in policy() for name in actions_of(one)}

    assert [(need.actions, need.resources, need.required) for need in more if need not in usual] == [
        (("sns:Publish",), ("arn:aws:sns:eu-west-1:123456789012:ops",), False),
        (("s3:PutObject",), ("arn:aws:s3:::reports/nightly/*",), False),
    ]
    assert (telling["sns:Publish"], telling["s3:PutObject"]) == ("${TOPIC}", "arn:aws:s3:::${REPORTS}/*")


def test_the_role_can_be_passed_to_aws_backup_alone():
    (passing,) = [statement for statement in policy() if "iam:PassRole" in actions_of(statement)]

    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": BACKUP_SERVICE}}
    assert actions_of(passing) == {"iam:PassRole"}


def test_every_statement_of_the_policy_allows_and_says_what_it_is_for():
    assert {statement["Effect"] for statement in policy()} == {"Allow"}
    assert len({statement["Sid"] for statement in policy()}) == len(policy())
