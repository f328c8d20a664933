"""How a flow finds instances whose account or Region the list does not say."""

from collections.abc import Sequence
from dataclasses import replace

from ec2_backup.accounts import to_external_ids
from ec2_backup.aws import session
from ec2_backup.batches import DESCRIBED, by_target
from ec2_backup.errors import AccessError
from ec2_backup.ledger import Ledger
from ec2_backup.locating import to_candidates, to_unfound
from ec2_backup.model import InventoryRow, Target
from ec2_backup.narration import tell_done
from ec2_backup.report.units import count
from tasks.inventory import locate_instances


def locate(run: Ledger, regions: Sequence[str]) -> None:
    """Look for each instance wherever it may be, and give its row that place; what is nowhere becomes a Failure.

    An account that refuses is searched no further, and said so where an instance is not found.
    """
    caller, role = run.callers[""], run.request.options.account_role
    places = {row.instance_id: to_candidates(row, caller, role, run.accounts, regions) for row in run.rows}
    wanted = [row for row in run.rows if len(places[row.instance_id]) > 1]
    candidates = [place for row in wanted for place in places[row.instance_id]]
    found, refused = _searched(candidates, run)
    located = {key: some[0] for key, some in places.items() if len(some) == 1} | found
    if run.inventory:
        rows = tuple(located.get(row.instance_id, row) for row in run.rows)
        run.inventory = replace(run.inventory, rows=rows)
    run.note(to_unfound([row for row in wanted if row.instance_id not in found], places, refused))
    if wanted:
        tell_done(4, f"{len(found):,} of {count(len(wanted), 'instance')} located")


def _searched(candidates: list[InventoryRow], run: Ledger) -> tuple[dict[str, InventoryRow], dict[Target, AccessError]]:
    """Return the rows that were found, by instance, and where looking was refused."""
    roles = [row.role_arn for row in (*run.rows, *candidates)]
    session.set_external_ids(to_external_ids(roles, run.accounts))
    found: dict[str, InventoryRow] = {}
    refused: dict[Target, AccessError] = {}
    batches = by_target(candidates, DESCRIBED)
    for (target, _), future in zip(batches, [locate_instances.submit(*batch) for batch in batches], strict=True):
        answer = future.result(raise_on_failure=False)
        if isinstance(answer, AccessError):
            refused[target] = answer
        elif isinstance(answer, Exception):
            raise answer
        else:
            found |= {row.instance_id: row for row in answer}
    return found, refused
