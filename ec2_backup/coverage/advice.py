"""What to do about an instance that misses the objective: one remedy for each kind of trouble."""

from ec2_backup.coverage.model import Coverage, Keeper, Standing
from ec2_backup.coverage.proof import UNDER_WAY

_INSTANCE_STORE = "AWS Backup cannot back up an instance whose root is an instance store: keep what it holds elsewhere."
_UNDER_WAY = "Look again when its backup job is over: ./start-ec2-backup.sh coverage"
_WHOSE = {
    Keeper.PLAN: "see in AWS Backup why the jobs of its plan fail or no longer select it",
    Keeper.RUN: "see that it is still on the list of the scheduled runs, and why these fail",
    Keeper.HAND: "put it under a backup plan or on the list of a scheduled run",
}
_BY_STANDING = {
    Standing.NEVER: "Back it up now, and put it under a backup plan or on the list of a scheduled run.",
    Standing.PARTLY: "Back it up again: the next backup holds every volume that is attached by then.",
    Standing.UNKNOWN: "Allow what was denied, leave out what is not there, and look again: unknown is not covered.",
}


def advise(coverage: Coverage) -> str:
    """Return what to do, "" for an instance that is covered."""
    newest = coverage.newest.point if coverage.newest else None
    if coverage.standing is Standing.COVERED:
        return ""
    if coverage.instance.root_device_type == "instance-store":
        return _INSTANCE_STORE
    if coverage.standing is Standing.UNPROVEN and newest and newest.status == UNDER_WAY:
        return _UNDER_WAY
    if coverage.standing in _BY_STANDING:
        return _BY_STANDING[coverage.standing]
    keeper = coverage.origin.keeper if coverage.origin else Keeper.HAND
    first = (
        "Do not count on these recovery points: back it up now"
        if coverage.standing is Standing.UNPROVEN
        else ("Back it up now")
    )
    return f"{first}, and {_WHOSE[keeper]}."
