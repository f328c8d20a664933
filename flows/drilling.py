"""What a drill owes beside its story: its record, its place, its sample, and where each instance of it is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from prefect import runtime
from prefect.utilities.annotations import quote

from ec2_backup.accounts import NO_ACCOUNTS
from ec2_backup.aws import session
from ec2_backup.drill.course import Board
from ec2_backup.drill.isolation import raise_for_connected, remarks_on
from ec2_backup.drill.keeping import kept_drill
from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.request import DrillRequest, to_restores
from ec2_backup.drill.runfile import find_drill_file
from ec2_backup.drill.sample import divide, to_restore_rows, to_sample
from ec2_backup.errors import InventoryError, UsageError
from ec2_backup.model import Target
from ec2_backup.narration import Mark as Sign
from ec2_backup.narration import tell
from ec2_backup.report.units import count
from ec2_backup.restore.model import RestoreFailure, RestoreList
from ec2_backup.restore.request import to_backup_request
from flows.acting import act, with_mark
from flows.blocks import use_blocks
from flows.removing import clear_leftovers, take_marks
from flows.restoring import date, recall, take_up, to_beginning
from tasks.drill import find_proofs, look_at_network, publish_drill, watch_drill
from tasks.inventory import read_inventory
from tasks.restore import find_restore_jobs


@contextmanager
def recorded_drill(request: DrillRequest) -> Iterator[DrillLedger]:
    """Yield the ledger that a flow fills; its log and report are kept however the block ends.

    A drill that is taken up has the request, the sample and the plans of its file.
    """
    run_key, first_start = to_beginning(request.run_key)
    earlier = find_drill_file(request, run_key)
    if earlier:
        own = {"run_key": run_key, "output": request.output, "dry_run": request.dry_run, "options": request.options}
        request = earlier.drill.model_copy(update=own)
    run = DrillLedger(to_restores(request), run_key, first_start, runtime.flow_run.ui_url or "", drill=request)
    date(run, earlier.restores if earlier else None)
    with kept_drill(run, recall, publish_drill):
        use_blocks(to_backup_request(run.request))
        if earlier:
            take_up(run, earlier.restores)
            run.undrilled = earlier.undrilled
        if not request.subnet:
            raise UsageError(
                f"There is no file of drill {run_key} in the folder {request.output}, and no subnet is named.",
                hint="Name the folder of that drill with --output, or where to restore.",
            )
        yield run


def place_of(run: DrillLedger) -> Target:
    """Return the one Region of the drill. Raises UsageError where none is set."""
    region = next((plan.point.region for plan in run.plans.values()), "")
    region = region or run.drill.region or session.default_region() or ""
    if not region:
        raise UsageError("No AWS Region is set.", hint="Pass --region, or set AWS_REGION.")
    return Target(region)


def isolated(run: DrillLedger, place: Target) -> tuple[str, ...]:
    """Look at the network, and return how it is connected where that was accepted; else raise UsageError."""
    network = look_at_network(run.drill.subnet, run.drill.security_group, place)
    accepts = run.options.accept_connected
    connected = raise_for_connected(network, accepts=accepts or bool(run.plans))
    for flaw in connected:
        tell(f"NOT ISOLATED{', as was accepted' * accepts}: {flaw}", mark=Sign.WARNING)
    if connected and not accepts:
        _begin_nothing(run, connected)
    for remark in remarks_on(network):
        tell(remark, mark=Sign.WARNING)
    if not connected:
        tell(f"{network.subnet_id} with {network.group_id} in {network.subnet_vpc} is isolated", mark=Sign.DONE)
    return connected


def _begin_nothing(run: DrillLedger, flaws: Sequence[str]) -> None:
    """Let a drill that is taken up, in a network that is isolated no longer, only remove what it has made."""
    reason = f"the network is not isolated any more: {'; '.join(flaws)}"
    for line in run.plans:
        run.fail(RestoreFailure(line, reason, "Mend the network, and drill once more."))


def sampled(run: DrillLedger, place: Target) -> RestoreList:
    """Read the inventory and return the sample of it. Raises InventoryError where nothing of it is in the Region."""
    request = run.drill
    if points := request.recovery_points:
        ids = to_sample(points, request.sample, run.run_key)
        return RestoreList(request.csv, to_restore_rows(ids, request.changes, place.region, points))
    inventory = read_inventory(request.csv, place.region, NO_ACCOUNTS, locate=False)
    here, elsewhere = divide(inventory.rows, run.caller.account if run.caller else "", place.region)
    run.undrilled = {row.instance_id: why for row, why in elsewhere}
    for instance_id, why in run.undrilled.items():
        tell(f"{instance_id} is not drilled: {why}", mark=Sign.WARNING)
    if not here:
        raise InventoryError(
            f"{request.csv}: no instance of it is in {place.region}", hint="See --region and the list."
        )
    ids = to_sample((row.instance_id for row in here), request.sample, run.run_key)
    tell(f"{len(ids)} of {count(len(here), 'instance')} to be drilled", mark=Sign.DONE)
    return RestoreList(request.csv, to_restore_rows(ids, request.changes, place.region))


def drill_instances(run: DrillLedger, place: Target) -> None:
    """Restore, check and remove a few at a time, and remove what earlier drills have left."""
    board = to_board(run, place)
    clear_leftovers(run, board)
    for news in watch_drill(cast("Board", quote(board)), run.jobs_since, run.options):
        act(news, run, board)
    take_marks(run)


def to_board(run: DrillLedger, place: Target) -> Board:
    """Return where each instance is: waiting, except for what a drill that is taken up had started, or proven."""
    board, plans = Board(run.options.at_once, run.plans), list(run.plans.values())
    if run.taken_up_since and plans:
        run.proofs = find_proofs(plans, run.run_key, place)
        run.proven_at |= {line: proof.at for line, proof in run.proofs.items()}
        run.proven |= run.proofs.keys()
        run.failures = {line: one for line, one in run.failures.items() if line not in run.proofs}
        found = run.note(find_restore_jobs(plans, run.jobs_since, run.run_key))
        run.found_over.update(job.line for job in found if job.state.is_final)
        board.jobs |= {job.line: job for job in found}
        run.plans |= {line: with_mark(run.plans[line], run) for line in board.jobs}
        if found:
            tell(f"{count(len(found), 'restore job')} found at AWS, {len(run.proofs)} proven before")
    not_waiting = board.jobs.keys() | run.proofs.keys() | run.failures.keys()
    board.waiting.extend(run.plans[line] for line in sorted(run.plans.keys() - not_waiting))
    run.begun.update(board.jobs)
    return board
