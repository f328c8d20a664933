"""A selection says which instances a run is over, in place of a CSV."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.errors import UsageError
from ec2_backup.selection import (
    ALIVE,
    PREFIX,
    Selection,
    Term,
    is_selection,
    parse_selection,
    to_filters,
    to_joined,
    to_source,
)

BACKUP = Term("tag:Backup", ("true",))
RUNNING = Term("instance-state-name", ("running", "stopped"))


def test_terms_joined_by_and_are_one_group_and_or_begins_another():
    assert parse_selection("select: tag:Backup=true and state=running|stopped or name=db-*") == Selection(
        ((BACKUP, RUNNING), (Term("tag:Name", ("db-*",)),))
    )


def test_what_follows_except_is_left_out():
    parsed = parse_selection("select:tag:Backup=true except tag:Env=dev or type=t2.* except vpc-id=vpc-1")

    assert parsed.groups == ((BACKUP,),)
    assert parsed.excluded == (
        (Term("tag:Env", ("dev",)),),
        (Term("instance-type", ("t2.*",)),),
        (Term("vpc-id", ("vpc-1",)),),
    )


def test_a_tag_without_a_value_need_only_be_there():
    assert parse_selection("select: tag:Backup").groups == ((Term("tag-key", ("Backup",)),),)


def test_quotes_hold_a_term_with_spaces_together():
    assert parse_selection("select: 'tag:Team=data and web'").groups == ((Term("tag:Team", ("data and web",)),),)


def test_flags_of_a_command_line_become_one_source():
    source = to_source(["tag:Backup=true", "name=db-*"], ["tag:Env=dev"])

    assert source == "select: tag:Backup=true or name=db-* except tag:Env=dev"
    assert is_selection(source)
    assert not is_selection("ec2_instances.csv")


@pytest.mark.parametrize(
    ("selected", "excluded"),
    [
        (["tag:Backup=true except tag:Env=dev", "name=db-*"], []),
        (["name=db-*", "tag:Backup=true except tag:Env=dev"], ["type=t2.*"]),
        (["tag:Backup=true"], ["tag:Env=dev except name=db-*"]),
    ],
)
def test_an_except_within_one_of_several_is_refused_since_it_would_be_of_the_others_too(selected, excluded):
    for joined in (to_source, to_joined):
        with pytest.raises(UsageError, match="has an except of its own") as caught:
            joined(selected, excluded)

        assert "--exclude" in caught.value.hint


def test_the_only_selection_may_have_its_except_and_further_exclusions():
    source = to_source(["tag:Backup=true except tag:Env=dev"], ["name=db-*"])

    assert parse_selection(source).excluded == ((Term("tag:Env", ("dev",)),), (Term("tag:Name", ("db-*",)),))


def test_a_quotation_does_not_reach_from_one_selection_into_the_next():
    with pytest.raises(UsageError, match="No closing quotation"):
        to_source(["tag:Team='a", "tag:Other=b'"], [])


def test_a_terminated_instance_is_chosen_only_by_its_state():
    states = [one["Values"] for one in to_filters((BACKUP,)) if one["Name"] == "instance-state-name"]

    assert states == [list(ALIVE)]
    assert to_filters((RUNNING,)) == [{"Name": "instance-state-name", "Values": ["running", "stopped"]}]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "a term is missing"),
        ("tag:Backup=true and", "a term is missing"),
        ("tag:Backup=true state=running", "'tag:Backup=true state=running' is not one term"),
        ("state=", "'state=' is no filter with a value"),
        ("running", "'running' is no filter with a value"),
        ("tag:=x", "'tag:=x' is no filter with a value"),
        ("except tag:Env=dev", "a term is missing"),
        ("tag:Backup='true", "No closing quotation"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_what_and_how_it_is_written(text: str, wrong: str):
    with pytest.raises(UsageError, match="cannot be read") as caught:
        parse_selection(f"{PREFIX} {text}")

    assert wrong in caught.value.message
    assert "--select" in caught.value.hint


NAMES = st.from_regex(r"[a-z][a-z-]{0,20}", fullmatch=True).filter(lambda name: name not in {"state", "type", "name"})
VALUES = st.from_regex(r"[A-Za-z0-9*?._-]{1,20}", fullmatch=True)
TERMS = st.builds(Term, NAMES, st.lists(VALUES, min_size=1, max_size=3).map(tuple))
GROUPS = st.lists(st.lists(TERMS, min_size=1, max_size=3).map(tuple), min_size=1, max_size=3).map(tuple)


def _written(groups: tuple[tuple[Term, ...], ...]) -> str:
    return " or ".join(" and ".join(f"{term.name}={'|'.join(term.values)}" for term in group) for group in groups)


@given(GROUPS, st.just(()) | GROUPS)
def test_a_selection_that_is_written_down_is_read_back(groups, excluded):
    left_out = f" except {_written(excluded)}" if excluded else ""

    assert parse_selection(f"{PREFIX} {_written(groups)}{left_out}") == Selection(groups, excluded)


@given(st.text())
def test_any_text_is_a_selection_or_an_expected_error(text):
    try:
        parsed = parse_selection(PREFIX + text)
    except UsageError:
        return
    assert all(term.name and term.values for group in parsed.groups for term in group)
