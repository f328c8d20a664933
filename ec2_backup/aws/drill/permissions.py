"""What IAM says of a drill before it begins."""

from collections.abc import Sequence

from ec2_backup.aws.restore.permissions import check_needs
from ec2_backup.drill.permissions import HINT, needs_of_drill
from ec2_backup.drill.request import DrillRequest
from ec2_backup.model import Caller, ServiceRole
from ec2_backup.restore.model import ChosenPoint
from ec2_backup.restore.permissions import to_places
from ec2_backup.results import PermissionCheck


def check_permissions(
    caller: Caller, role: ServiceRole, chosen: Sequence[ChosenPoint], request: DrillRequest, run_key: str
) -> PermissionCheck:
    """Return what the caller may do. Raises AccessError where a call would be refused that a drill cannot do without.

    A caller who may not use policy simulation is told so, and the drill goes on.
    """
    needs = needs_of_drill(to_places(chosen), role.arn, run_key, checks=bool(request.check))
    return check_needs(caller, needs, chosen[0].point.target, HINT)
