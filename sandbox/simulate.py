"""IAM's SimulatePrincipalPolicy: what the identity policies of a user, group or role would allow."""

from typing import Any

from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse

from sandbox import iam, policy
from sandbox.answer import Refused

PAGE = 100


class SimulatingResponse(IamResponse):
    """IAM with SimulatePrincipalPolicy, in moto's automatic parsing for this one operation."""

    def simulate_principal_policy(self) -> ActionResult:
        """Answer SimulatePrincipalPolicy; pages are of 100 results unless MaxItems says otherwise."""
        self.parse_parameters(self.normalized_request)
        asked: dict[str, Any] = dict(self.params)
        documents = _documents(str(asked.get("PolicySourceArn", "")))
        context = _context(asked.get("ContextEntries") or [])
        results = [
            _result(documents, action, resource, context)
            for action in asked.get("ActionNames") or []
            for resource in asked.get("ResourceArns") or ["*"]
        ]
        start, size = int(asked.get("Marker") or 0), int(asked.get("MaxItems") or PAGE)
        answer: dict[str, Any] = {"EvaluationResults": results[start : start + size], "IsTruncated": False}
        if start + size < len(results):
            answer |= {"IsTruncated": True, "Marker": str(start + size)}
        return ActionResult(answer)


def _documents(arn: str) -> list[policy.Document]:
    parts = arn.split(":")
    if len(parts) < 6 or parts[2] != "iam" or not parts[5].startswith(("user/", "group/", "role/")):
        raise Refused("InvalidInput", f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    found = iam.entity(arn)
    if found is None:
        raise Refused("NoSuchEntity", "Unable to retrieve specified IAM entity.")
    return iam.documents(*found)


def _context(entries: list[dict[str, Any]]) -> dict[str, str]:
    return {
        entry["ContextKeyName"]: str(values[0]) for entry in entries if (values := entry.get("ContextKeyValues") or [])
    }


def _result(documents: list[policy.Document], action: str, resource: str, context: policy.Context) -> dict[str, Any]:
    decision = policy.decide(documents, action, resource, context)
    return {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": decision.effect,
        "MatchedStatements": [],
        "MissingContextValues": list(decision.missing),
    }
