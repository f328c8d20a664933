"""The caller's policy, filled in for one account, and whether a policy that is there says the same."""

import json
from collections.abc import Mapping
from string import Template
from typing import Any

from ec2_backup.model import Caller
from ec2_backup.setup.request import SetupRequest

Document = Mapping[str, Any]


def to_caller_policy(template: str, request: SetupRequest, caller: Caller, role_arn: str) -> dict[str, Any]:
    """Return the policy document for an account: a resource in `${REGION}` becomes one for each Region.

    Statements whose placeholder has no value, because nobody asked for the list in S3, the reports there, the
    topic or other accounts, are left out.
    """
    values = {
        "ACCOUNT": caller.account,
        "VAULT": request.vault,
        "ROLE": role_arn.partition(":role/")[2],
        "CSV": (request.csv or "").removeprefix("s3://"),
        "REPORTS": (request.report_to or "").removeprefix("s3://").rstrip("/"),
        "TOPIC": request.notify_topic or "",
        "ACCOUNT_ROLE": request.account_role or "",
    }
    known = {name: value for name, value in values.items() if value}
    document: dict[str, Any] = json.loads(template.replace('"arn:aws:', f'"arn:{caller.partition}:'))
    filled = [_filled(statement, known, request.regions) for statement in document["Statement"]]
    return {**document, "Statement": [statement for statement in filled if "${" not in str(statement["Resource"])]}


def _filled(statement: Mapping[str, Any], values: Mapping[str, str], regions: tuple[str, ...]) -> dict[str, Any]:
    named = [
        Template(resource).safe_substitute(values, REGION=region)
        for resource in _listed(statement["Resource"])
        for region in regions
    ]
    resources = list(dict.fromkeys(named))
    return {**statement, "Resource": resources[0] if len(resources) == 1 else resources}


def to_missing(there: Document, wanted: Document) -> tuple[str, ...]:
    """Return the Sids of the statements of `wanted` that no statement of a policy says as well, or says wider.

    Order, Sids and spelling do not matter. A policy that says the same in another cut is not recognised.
    """
    have = _statements(there)
    return tuple(
        str(one.get("Sid", "")) for one in _statements(wanted) if not any(_covers(other, one) for other in have)
    )


def _statements(document: Document) -> list[Mapping[str, Any]]:
    found = document.get("Statement", [])
    return [found] if isinstance(found, Mapping) else list(found)


def _covers(wide: Mapping[str, Any], narrow: Mapping[str, Any]) -> bool:
    """Return whether a statement has all actions and resources of another, under the same conditions."""
    return (
        _set(narrow, "Action") <= _set(wide, "Action")
        and (_set(narrow, "Resource") <= _set(wide, "Resource") or "*" in _set(wide, "Resource"))
        and wide.get("Effect") == narrow.get("Effect")
        and wide.get("Condition", {}) == narrow.get("Condition", {})
    )


def _set(statement: Mapping[str, Any], element: str) -> set[str]:
    return {one.lower() if element == "Action" else one for one in _listed(statement.get(element, []))}


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
