"""Step 2, without a CSV: instances chosen by what AWS says of them, such as `tag:Backup=true and state=running`.

A selection is a text that stands where a CSV's name would, behind `select:`:

    select: tag:Backup=true and state=running or name=db-* except tag:Env=dev

Each term is a filter of DescribeInstances (EC2 API reference) with the values that it may have, separated by `|`, in
which `*` and `?` stand for any text and any character. Terms joined by `and` must all hold, one of the groups joined by
`or` is enough, and what fits a group behind an `except` is left out. A term with a space in it is put in quotes.
"""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ec2_backup.errors import UsageError

PREFIX = "select:"
SHORT = {"state": "instance-state-name", "type": "instance-type", "name": "tag:Name"}
ALIVE = ("pending", "running", "stopping", "stopped")  # what a terminated instance leaves behind is nobody's choice
STATE = SHORT["state"]
EXCEPT = "except"
_HINT = 'Write it as: --select "tag:Backup=true and state=running|stopped"; --select again adds what fits that as well.'
_HINT_EXCEPT = (
    "What --exclude names is left out of all; to leave something out of one selection alone, run it by itself."
)

Filters = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Term:
    """A filter of DescribeInstances, by its own name, with the values of which one must fit."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is chosen: instances that fit all terms of one of these groups, but none of the excluded groups."""

    groups: tuple[tuple[Term, ...], ...]
    excluded: tuple[tuple[Term, ...], ...] = ()


def is_selection(source: str) -> bool:
    """Return whether an inventory's source is a selection and no file."""
    return source.startswith(PREFIX)


def to_source(selected: Iterable[str], excluded: Iterable[str]) -> str:
    """Return several selections and exclusions, as they come from a command line, as one source.

    Raises UsageError where one of them cannot be read, or where there is nothing but exclusions.
    """
    source = f"{PREFIX} {to_joined(selected, excluded).strip()}"
    parse_selection(source)
    return source


def to_joined(selected: Iterable[str], excluded: Iterable[str]) -> str:
    """Return several selections and exclusions as one text, in which the exclusions are of all the selections.

    Raises UsageError for an `except` within one of several: in one text it would be of the others as well.
    """
    chosen, left_out = [*selected], [*excluded]
    words = {one: _words(one) for one in (*chosen, *left_out)}
    of_one = next((one for one in (*(chosen if len(chosen) > 1 else ()), *left_out) if EXCEPT in words[one]), None)
    if of_one is not None:
        raise UsageError(f"{of_one!r} has an except of its own, and does not stand alone.", hint=_HINT_EXCEPT)
    return " or ".join(chosen) + "".join(f" {EXCEPT} {one}" for one in left_out)


def parse_selection(source: str) -> Selection:
    """Return the selection that a source names. Raises UsageError with what is wrong in it."""
    text = source.removeprefix(PREFIX).strip()
    chosen, *left_out = _split(_words(text), EXCEPT)
    groups = tuple(_group(words, text) for words in _split(chosen, "or"))
    return Selection(groups, tuple(_group(group, text) for some in left_out for group in _split(some, "or")))


def to_filters(group: Sequence[Term]) -> Filters:
    """Return the terms as DescribeInstances takes them; without a term for the state, only what is not terminated."""
    stated = any(term.name == STATE for term in group)
    terms = [*group] if stated else [*group, Term(STATE, ALIVE)]
    return [{"Name": term.name, "Values": list(term.values)} for term in terms]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise UsageError(f"the selection {text!r} cannot be read: {error}", hint=_HINT) from None


def _split(words: Sequence[str], at: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == at:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _group(words: Sequence[str], text: str) -> tuple[Term, ...]:
    terms = _split(words, "and")
    wrong = next((" ".join(term) for term in terms if len(term) != 1), None)
    if wrong is not None:
        found = f"{wrong!r} is not one term" if wrong else "a term is missing"
        raise UsageError(f"the selection {text!r} cannot be read: {found}", hint=_HINT)
    return tuple(_term(word, text) for (word,) in terms)


def _term(word: str, text: str) -> Term:
    name, equals, values = word.partition("=")
    if word.startswith("tag:") and not equals and len(word) > len("tag:"):
        return Term("tag-key", (word.removeprefix("tag:"),))
    found = tuple(value for value in values.split("|") if value)
    if not name or name == "tag:" or not found:
        raise UsageError(f"the selection {text!r} cannot be read: {word!r} is no filter with a value", hint=_HINT)
    return Term(SHORT.get(name, name), found)
