"""Errors carry their exit code and their hint, also from one process to another."""

import pickle

import pytest

from ec2_backup import errors
from ec2_backup.errors import BadLine, Ec2BackupError, InventoryError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.Ec2BackupError("m"), 1),
        (errors.InventoryError("m"), 2),
        (errors.UsageError("m"), 2),
        (errors.IncompleteRun("m"), 3),
        (errors.AwsError("backup:StartBackupJob", "Throttling", "Rate exceeded"), 1),
        (errors.AuthenticationError("sts:GetCallerIdentity", "ExpiredToken", "m"), 10),
        (errors.AccessError("iam:GetRole", "AccessDenied", "m"), 11),
        (errors.VaultError("backup:DescribeBackupVault", "AccessDeniedException", "m"), 12),
        (errors.Interrupted("m"), 130),
    ],
)
def test_every_error_has_the_exit_code_of_the_design_and_is_one_of_ours(error, code):
    assert error.exit_code == code
    assert isinstance(error, Ec2BackupError)


def test_an_aws_error_says_where_it_happened_and_what_aws_said():
    error = errors.AccessError("iam:GetRole", "NoSuchEntity", "No role.", region="us-east-1", hint="Make it.")

    assert str(error) == error.message == "iam:GetRole in us-east-1: NoSuchEntity: No role."
    assert str(errors.AwsError("iam:GetRole", "NoSuchEntity", "No role.")) == "iam:GetRole: NoSuchEntity: No role."
    assert (error.operation, error.code, error.said, error.region, error.retryable) == (
        "iam:GetRole",
        "NoSuchEntity",
        "No role.",
        "us-east-1",
        False,
    )


def test_an_inventory_error_keeps_hint_and_bad_lines_through_pickle():
    error = InventoryError("one line", hint="Correct it.", bad_lines=(BadLine(2, "x", "no id"),))
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is InventoryError
    assert (str(copy), copy.message, copy.hint, copy.bad_lines) == (
        "one line",
        "one line",
        "Correct it.",
        error.bad_lines,
    )


def test_an_aws_error_keeps_everything_through_pickle():
    error = errors.VaultError("backup:X", "C", "said", region="eu-west-1", retryable=True, hint="Wait.")
    copy = pickle.loads(pickle.dumps(error))

    assert type(copy) is errors.VaultError
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_a_bad_line_reads_as_a_sentence():
    assert str(BadLine(3, "vol-1", "this is a volume id")) == "line 3: 'vol-1': this is a volume id"
