"""What a run is called in Prefect, and its tags, so that the list of runs tells which is which."""

from pathlib import PurePosixPath

from prefect import runtime
from prefect.client.orchestration import get_client

from ec2_backup.ledger import Ledger
from ec2_backup.narration import Mark, tell
from ec2_backup.report.units import count
from ec2_backup.selection import is_selection
from ec2_backup.shards import is_shard
from ec2_backup.slots import to_tags


def name_run(run: Ledger) -> None:
    """Give the flow run a name and tags that tell what is known by now: `EC2-Backup · 74 instances · nightly`.

    The tags `vault:`, `region:` and `account:` come beside those that the run has from its deployment. A Prefect that
    does not take them is told of, and costs the run nothing else.
    """
    try:
        with get_client(sync_client=True) as client:
            tags = {*runtime.flow_run.tags, *to_tags(run)}
            client.update_flow_run(runtime.flow_run.id, name=to_name(run, runtime.deployment.name), tags=sorted(tags))
    except Exception as error:  # noqa: BLE001 - a name must never cost a backup
        tell(f"the run has not got its name in Prefect: {str(error) or type(error).__name__}", mark=Mark.WARNING)


def to_name(run: Ledger, deployment: str | None) -> str:
    """Return the run's name: its vault, its size, and the deployment or else the CSV that asked for it.

    A shard of a fleet is called by where it is. That it has its key from the beginning tells nothing of it.
    """
    request = run.request
    asked_by = deployment or (request.csv if is_selection(request.csv) else PurePosixPath(request.csv).name)
    kind = "dry run" if request.dry_run and asked_by != "dry-run" else "taken up again" if run.taken_up_since else ""
    if is_shard(request.csv) and run.rows:
        asked_by, kind = f"{run.rows[0].region} of {run.rows[0].account}", "dry run" if request.dry_run else ""
    return " · ".join(filter(None, (request.vault, count(len(run.rows), "instance"), asked_by, kind)))
