"""Steps 3 and 7: what the caller may do, and the role that AWS Backup assumes."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from ec2_backup.aws.session import call, pages
from ec2_backup.drill.permissions import needs_of_drill_afterwards
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.model import Caller, ServiceRole, Target
from ec2_backup.permissions import (
    BACKUP_SERVICE,
    PermissionNeed,
    Simulated,
    judge_permissions,
    needs_of_run,
    raise_for_denied,
)
from ec2_backup.results import PermissionCheck
from ec2_backup.settings import DEFAULT_OPTIONS, BackupOptions

BACKUP_POLICY = "AWSBackupServiceRolePolicyForBackup"
RESTORE_POLICY = "AWSBackupServiceRolePolicyForRestores"


def get_role(name: str, target: Target, policy: str = BACKUP_POLICY) -> ServiceRole:
    """Return the role by its name, whatever its path. Raises AccessError where it is absent or AWS Backup not trusted.

    It has a warning unless AWS's own `policy`, with what its jobs need, is attached to it.
    The console makes the default role under `service-role/`, the API under `/`: so the ARN is asked for, never built.
    """
    try:
        role = call("iam", "get_role", target, key="Role", RoleName=name)["Role"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            raise _absent(name, policy, error) from error
        raise
    if not trusts_backup(role.get("AssumeRolePolicyDocument", {})):
        raise AccessError(
            "iam:GetRole",
            "NotTrusted",
            f"the role {role['Arn']} does not let {BACKUP_SERVICE} assume it",
            hint=f"Add Principal Service {BACKUP_SERVICE} with sts:AssumeRole to the role's trust policy.",
        )
    return ServiceRole(name, role["Arn"], _policy_warnings(name, policy, target), target.role_arn)


def _absent(name: str, policy: str, error: AwsError) -> AccessError:
    return AccessError(
        error.operation,
        error.code,
        error.said,
        hint=f"The role {name} does not exist. Only the AWS Backup console makes it by itself: create it with "
        f"./start-ec2-backup.sh setup --role {name}, or with a trust policy for {BACKUP_SERVICE} and {policy} "
        "attached; or name another with --role.",
    )


def trusts_backup(policy: dict[str, Any] | str) -> bool:
    """Return whether a trust policy, as GetRole shows it, lets AWS Backup assume the role."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    statements = document.get("Statement", [])
    return any(
        statement.get("Effect") == "Allow"
        and any(fnmatchcase("sts:assumerole", action.lower()) for action in _listed(statement.get("Action")))
        and BACKUP_SERVICE in _services(statement.get("Principal"))
        for statement in ([statements] if isinstance(statements, dict) else statements)
    )


def _services(principal: dict[str, Any] | str | None) -> tuple[str, ...]:
    if principal == "*":
        return (BACKUP_SERVICE,)  # everybody, and so every service
    return _listed(principal.get("Service")) if isinstance(principal, dict) else ()


def _listed(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()


def _policy_warnings(name: str, wanted: str, target: Target) -> tuple[str, ...]:
    try:
        attached = [
            policy["PolicyName"]
            for page in pages("iam", "list_attached_role_policies", target, key="AttachedPolicies", RoleName=name)
            for policy in page["AttachedPolicies"]
        ]
    except AccessError:
        return (f"not allowed to list the policies of {name}: whether {wanted} is attached was not checked",)
    if wanted in attached:
        return ()
    return (f"{name} has no {wanted} attached: unless another policy of it allows the same, jobs will fail",)


def check_permissions(
    caller: Caller,
    role: ServiceRole,
    vault_arns: Iterable[str],
    target: Target,
    options: BackupOptions = DEFAULT_OPTIONS,
) -> PermissionCheck:
    """Return what the caller may do. Raises AccessError where a call would be refused that the run cannot do without.

    A caller who may not use policy simulation is told so, and the run goes on.
    """
    if target.role_arn:
        options = BackupOptions(copy_to=options.copy_to)  # it is the caller itself that sends reports and messages
    try:
        # The run's own come last: of an action that both call on the same, theirs is whether it is required.
        afterwards = needs_of_drill_afterwards(options, caller, role.arn, target)
        needs = (*afterwards, *needs_of_run(vault_arns, role.arn, options))
        answers = simulate_permissions(caller, needs, target)
    except AuthenticationError:
        raise
    except AwsError as error:
        said = f"permissions could not be checked beforehand: {error.code}: {error.said}"
        return PermissionCheck(unchecked=said, access_role_arn=target.role_arn)
    check = replace(judge_permissions(answers), access_role_arn=target.role_arn)
    raise_for_denied(check, caller)
    return check


def simulate_permissions(caller: Caller, needs: Iterable[PermissionNeed], target: Target) -> tuple[Simulated, ...]:
    """Return what IAM's policy simulation says of each action needed. Raises AwsError where simulation is refused.

    It looks at identity policies only: AWS does not simulate vault or key policies (IAM API reference). One call has
    all actions on the same resources: the context of one is nothing to the others, whose conditions have other keys.
    """
    source = _policy_source(caller, target)
    together: dict[tuple[str, ...], list[PermissionNeed]] = {}
    for need in needs:
        together.setdefault(need.resources, []).append(need)
    return tuple(answer for same in together.values() for answer in _simulate(source, same, target))


def _policy_source(caller: Caller, target: Target) -> str:
    kind, _, rest = caller.arn.split(":", 5)[5].partition("/")
    if kind != "assumed-role":
        return caller.arn
    # Simulation refuses the assumed-role ARN, and that ARN lacks the role's path: only GetRole knows it.
    name = rest.split("/")[0]
    try:
        return str(call("iam", "get_role", target, key="Role", RoleName=name)["Role"]["Arn"])
    except AccessError:
        return f"arn:{caller.partition}:iam::{caller.account}:role/{name}"  # right for a role without a path


def _simulate(source: str, needs: Sequence[PermissionNeed], target: Target) -> list[Simulated]:
    required = {action: need.required for need in needs for action in need.actions}
    given = {name: value for need in needs for name, value in need.context.items()}
    context = [
        {"ContextKeyName": name, "ContextKeyType": "string", "ContextKeyValues": [value]}
        for name, value in given.items()
    ]
    found = pages(
        "iam",
        "simulate_principal_policy",
        target,
        key="EvaluationResults",
        PolicySourceArn=source,
        ActionNames=list(required),
        ResourceArns=list(needs[0].resources),
        ContextEntries=context,
    )
    return [
        Simulated(
            action=result["EvalActionName"],
            allowed=result["EvalDecision"] == "allowed",
            required=required[result["EvalActionName"]],
            certain=not result.get("MissingContextValues"),
        )
        for page in found
        for result in page["EvaluationResults"]
    ]
