"""IAM's decision on one action and one resource, by identity policies alone, as IAM's own evaluation logic has it."""

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Document = Mapping[str, Any]
Context = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Decision:
    """`effect` is SimulatePrincipalPolicy's EvalDecision; `missing` are the condition keys that nobody supplied."""

    effect: str
    missing: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether the call may go ahead."""
        return self.effect == "allowed"


def decide(documents: Iterable[Document], action: str, resource: str, context: Context) -> Decision:
    """Return what the policies say of `action` on `resource`: an explicit deny wins, and silence is a denial.

    Args:
        documents: Policy documents of the identity.
        action: Such as `backup:StartBackupJob`.
        resource: An ARN, or `*` for an action that knows no resources.
        context: Condition keys and their values, such as `iam:PassedToService`.
    """
    allowed, missing = False, []
    for statement in _statements(documents):
        if not _names(statement, "Action", action, ignore_case=True) or not _names(statement, "Resource", resource):
            continue
        holds, unknown = _conditions(statement.get("Condition", {}), context)
        missing += [key for key in unknown if key not in missing]
        if holds and statement.get("Effect") == "Deny":
            return Decision("explicitDeny", tuple(missing))
        allowed = allowed or holds
    return Decision("allowed" if allowed else "implicitDeny", tuple(missing))


def _statements(documents: Iterable[Document]) -> Iterable[Mapping[str, Any]]:
    for document in documents:
        statements = document.get("Statement", [])
        yield from statements if isinstance(statements, list) else [statements]


def _names(statement: Mapping[str, Any], element: str, value: str, *, ignore_case: bool = False) -> bool:
    if f"Not{element}" in statement:
        return not any(_like(pattern, value, ignore_case) for pattern in _list(statement[f"Not{element}"]))
    return any(_like(pattern, value, ignore_case) for pattern in _list(statement.get(element, [])))


def _list(value: Any) -> list[str]:
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in _many(value)]


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _like(pattern: str, value: str, ignore_case: bool = False) -> bool:  # noqa: FBT001, FBT002
    return bool(_pattern(pattern, ignore_case).fullmatch(value))


@lru_cache(maxsize=4096)
def _pattern(pattern: str, ignore_case: bool) -> re.Pattern[str]:  # noqa: FBT001
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


_OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
    "StringLike": lambda wanted, given: fnmatch.fnmatchcase(given, wanted),
    "ArnEquals": _like,
    "ArnLike": _like,
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
}
_NEGATED = {"StringNotEquals": "StringEquals", "StringNotLike": "StringLike", "ArnNotLike": "ArnLike"}


def _conditions(conditions: Mapping[str, Mapping[str, Any]], context: Context) -> tuple[bool, list[str]]:
    """Return whether all conditions hold, and the keys that are missing. An operator unknown here never holds."""
    given_keys = {key.lower(): value for key, value in context.items()}
    holds, missing = True, []
    for operator, wanted_by_key in conditions.items():
        name = operator.rsplit(":", 1)[-1].removesuffix("IfExists")
        for key, wanted in wanted_by_key.items():
            given = given_keys.get(key.lower())
            if given is None:
                missing.append(key)
                holds = holds and (operator.endswith("IfExists") or name in _NEGATED)
            else:
                holds = holds and _holds(name, _list(wanted), given)
    return holds, missing


def _holds(name: str, wanted: list[str], given: str) -> bool:
    if name in _NEGATED:
        return not any(_OPERATORS[_NEGATED[name]](value, given) for value in wanted)
    compare = _OPERATORS.get(name)
    return bool(compare) and any(compare(value, given) for value in wanted)  # type: ignore[misc]
