"""What IAM says of a restore before it begins."""

from collections.abc import Iterable, Sequence

from ec2_backup.aws.iam import simulate_permissions
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Caller, ServiceRole, Target
from ec2_backup.permissions import PermissionNeed, judge_permissions
from ec2_backup.restore.model import ChosenPoint
from ec2_backup.restore.permissions import HINT, needs_of_restore, raise_for_denied, to_places
from ec2_backup.results import PermissionCheck


def check_permissions(
    caller: Caller, role: ServiceRole, chosen: Sequence[ChosenPoint], target: Target
) -> PermissionCheck:
    """Return what the caller may do. Raises AccessError where a call would be refused that a restore cannot do without.

    A caller who may not use policy simulation is told so, and the run goes on.
    """
    return check_needs(caller, needs_of_restore(to_places(chosen), role.arn), target, HINT)


def check_needs(caller: Caller, needs: Iterable[PermissionNeed], target: Target, hint: str) -> PermissionCheck:
    """Return which of these needs the caller's policies do not meet; raises as `check_permissions`, with the hint."""
    try:
        answers = simulate_permissions(caller, needs, target)
    except AuthenticationError:
        raise
    except AwsError as error:
        return PermissionCheck(unchecked=f"permissions could not be checked beforehand: {error.code}: {error.said}")
    check = judge_permissions(answers)
    raise_for_denied(check, caller, hint)
    return check
