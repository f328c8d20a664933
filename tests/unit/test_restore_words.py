"""What a restore's report says in words where it did not come to its end, or was a plan."""

import pytest

from ec2_backup.errors import Interrupted, VaultError
from ec2_backup.restore.log_lines import closing_lines
from ec2_backup.restore.model import RestoreFailure
from ec2_backup.restore.words import headline
from tests.unit.restores import a_run, settled


def test_a_plan_that_cannot_be_is_said_to_be_a_plan():
    run = a_run(dry_run=True)
    run.is_agreed = False
    run.plans.clear()
    run.fail(RestoreFailure(1, "why", "what to do"))

    assert headline(settled(run)) == "0 of 1 restore can be done as planned; nothing was started"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (VaultError("backup:DescribeBackupVault", "NoSuch", "no vault"), "the run ended early"),
        (Interrupted("stop"), "the run was interrupted"),
    ],
)
def test_what_was_not_begun_says_once_and_in_words_why(error, said):
    lines = "\n".join(closing_lines(settled(a_run(), error)))

    assert settled(a_run(), error).outcomes[0].failure.reason == said
    assert f"not begun: {said}" in lines
