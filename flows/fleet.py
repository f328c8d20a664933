"""Back up a fleet that is too large for one process: a run for each account and Region, and one verdict over all.

Each shard is a run of the backup's own deployment, taken by whatever worker of its work pool is free. This flow splits
the inventory, starts the shards, waits for them, and merges what they report; it starts no backup itself.
"""

from functools import partial
from pathlib import Path
from typing import Annotated

from prefect import flow
from pydantic import Field

from ec2_backup import settings
from ec2_backup.aws import exchange, session
from ec2_backup.batches import home_of
from ec2_backup.errors import UsageError
from ec2_backup.fleetbook import FleetBook
from ec2_backup.fleetoptions import DEFAULT_SHARDS, FLEET_KEY_PATTERN, SHARDS_PATTERN, FleetOptions
from ec2_backup.ledger import Ledger
from ec2_backup.locating import to_regions
from ec2_backup.narration import tell_done
from ec2_backup.report.units import count
from ec2_backup.results import RunReport
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.shards import SharedPlace, to_shards
from flows.form import titled
from flows.locating import locate
from flows.naming import name_run
from flows.recording import recorded_run
from flows.shardruns import cancel_shards, raise_for_deployment
from flows.shards import note_unfinished, run_shards, take_up
from tasks.account import authenticate
from tasks.inventory import read_accounts, read_inventory, record_run
from tasks.shards import record_fleet

_OPTIONS, _SHARDING = BackupOptions(), FleetOptions()

_DRILL = "Leave the drill out, and begin one when the fleet is done: ./start-ec2-backup.sh drill --help"


@flow(name="ec2-backup-fleet", flow_run_name="{vault} · {csv}")
def fleet(  # noqa: PLR0913 - each is a field of the form in Prefect's UI
    *,
    csv: Annotated[str, Field(min_length=1), titled("Instances (CSV)")] = settings.DEFAULT_CSV,
    shards: Annotated[str, Field(pattern=SHARDS_PATTERN), titled("Place for the shards")] = DEFAULT_SHARDS,
    vault: Annotated[str, Field(pattern=settings.VAULT_PATTERN), titled("Backup vault")] = settings.DEFAULT_VAULT,
    role: Annotated[str, Field(pattern=settings.ROLE_PATTERN), titled("IAM role")] = settings.DEFAULT_ROLE,
    region: Annotated[Annotated[str, Field(pattern=settings.REGION_PATTERN)] | None, titled("Region")] = None,
    retention_days: Annotated[settings.RetentionDays, titled("Retention in days")] = 7,
    tags: Annotated[dict[str, str] | None, titled("Tags")] = None,
    dry_run: Annotated[bool, titled("Dry run")] = False,
    output: Annotated[str, Field(min_length=1), titled("Output folder")] = settings.DEFAULT_OUTPUT,
    run_key: Annotated[Annotated[str, Field(pattern=FLEET_KEY_PATTERN)] | None, titled("Run key")] = None,
    sharding: Annotated[FleetOptions, titled("Shards")] = _SHARDING,
    options: Annotated[BackupOptions, titled("Options")] = _OPTIONS,
) -> RunReport | None:
    """Back up a fleet of any number of accounts and Regions by many workers, and prove every backup.

    Args:
        csv: The inventory, as the backup itself takes it; its Region and account columns say where each instance is.
        shards: Where the fleet and its shards hand each other lists and reports: a folder that all workers see, below
            the project's folder unless absolute, or s3://bucket/prefix.
        vault: The backup vault, of this name in every account and Region that the inventory names.
        role: The name of the IAM role that AWS Backup assumes.
        region: The Region of rows that name none; without it, the one of AWS's own configuration.
        retention_days: Days until AWS Backup deletes the recovery points.
        tags: Further tags for every recovery point.
        dry_run: Check everything and show the plan, but start nothing.
        output: The folder for the fleet's log and its reports.
        run_key: The key of an earlier run of the fleet, to take it up again: what is proven is not done over.
        sharding: How many shards at once, by which deployment, and what is done about those whose worker dies.
        options: Windows, waiting, and what to do about jobs that are there already, for each shard.

    Returns:
        The report over all shards, with every instance proven or planned.

    Raises:
        IncompleteRun: The report is published; some instances have no proven recovery point.
        Ec2BackupError: What ended the fleet early, each kind with its exit code.
    """
    request = BackupRequest(
        csv=csv, vault=vault, role=role, region=region, retention_days=retention_days, tags=tags or {},
        dry_run=dry_run, output=Path(output), run_key=run_key, options=options,
    )  # fmt: skip
    book = FleetBook()
    leave, cancel = partial(note_unfinished, book), partial(cancel_shards, book)
    with recorded_run(request, leave, cancel, book.settle) as run:
        if options.drill:
            raise UsageError("A fleet drills nothing: its shards are in many Regions.", hint=_DRILL)
        place = SharedPlace(shards, run.run_key)
        raise_for_deployment(sharding.deployment)
        split(run, book, place)
        if run.taken_up_since:
            take_up(run, book, place)
        run_shards(run, book, place, sharding)
    return run.report


def split(run: Ledger, book: FleetBook, place: SharedPlace) -> None:
    """Read the inventory, find out whose each row is, and cut it into shards; nothing is started."""
    request = run.request
    if request.options.accounts and not run.accounts:
        run.accounts = read_accounts(request.options.accounts, request.region)
    listed = place.rows if run.taken_up_since and exchange.is_there(place.rows) else request.csv
    rows = run.keep(2, read_inventory(listed, request.region, run.accounts, locate=request.options.locate)).rows
    name_run(run)
    regions = to_regions(rows, run.accounts, request.region or session.default_region())
    run.aim(run.keep(3, authenticate(home_of(rows, regions))))
    if request.options.locate:
        locate(run, regions)
    name_run(run)
    record_run(run)
    record_fleet(run, place)
    book.cut(to_shards(run.open_rows, run.run_key, run.caller.account if run.caller else ""))
    tell_done(6, f"{count(len(run.open_rows), 'instance')} in {count(len(book.shards), 'shard')}")
