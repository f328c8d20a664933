"""Flags that each say which instances a run is over, and would silently win over another."""

import pytest

from tests.door.program import ended

SELECT = ("--select", "tag:Backup")


@pytest.mark.parametrize(
    ("flags", "env"),
    [
        (["--accounts", "accounts.csv"], {}),
        (["--locate"], {}),
        ([], {"EC2_BACKUP_ACCOUNTS": "accounts.csv"}),
        ([], {"EC2_BACKUP_LOCATE": "true"}),
    ],
)
def test_a_selection_is_of_one_account_and_region_and_refuses_to_be_of_more(tmp_path, flags, env):
    code, words = ended(tmp_path, *SELECT, *flags, **env)

    assert code == 2, words
    assert "--select chooses in the caller's own account and one Region" in words
    assert "--write-csv" in words


@pytest.mark.parametrize(
    "flags",
    [
        ("--csv", "list.csv", *SELECT),
        ("--csv", "list.csv", "--only-failed", "report.json"),
        (*SELECT, "--only-failed", "report.json"),
    ],
)
def test_two_lists_are_refused_and_none_is_ignored(tmp_path, flags):
    code, words = ended(tmp_path, *flags)

    assert code == 2, words
    assert f"{flags[0]} and {flags[2]} each say which instances" in words


def test_a_list_of_the_environment_is_a_default_that_a_selection_overrides(tmp_path):
    code, words = ended(
        tmp_path, *SELECT, "--region", "us-east-1", EC2_BACKUP_CSV="list.csv", EC2_BACKUP_LOCATE="false"
    )

    assert code == 1, words
    assert "http://127.0.0.1:9/api" in words


def test_a_drill_is_over_one_list_and_ignores_none(tmp_path):
    code, words = ended(tmp_path, "drill", "--csv", "list.csv", *SELECT)

    assert code == 2, words
    assert "--csv and --select each say which instances" in words
