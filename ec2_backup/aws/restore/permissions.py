"""What IAM says of a restore before it begins."""

from collections.abc import Sequence

from ec2_backup.aws.iam import simulate_permissions
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Caller, ServiceRole, Target
from ec2_backup.permissions import judge_permissions
from ec2_backup.restore.model import ChosenPoint
from ec2_backup.restore.permissions import needs_of_restore, raise_for_denied
from ec2_backup.results import PermissionCheck


def check_permissions(
    caller: Caller, role: ServiceRole, chosen: Sequence[ChosenPoint], target: Target
) -> PermissionCheck:
    """Return what the caller may do. Raises AccessError where a call would be refused that a restore cannot do without.

    A caller who may not use policy simulation is told so, and the run goes on.
    """
    try:
        answers = simulate_permissions(caller, needs_of_restore(chosen, role.arn), target)
    except AuthenticationError:
        raise
    except AwsError as error:
        return PermissionCheck(unchecked=f"permissions could not be checked beforehand: {error.code}: {error.said}")
    check = judge_permissions(answers)
    raise_for_denied(check, caller)
    return check
