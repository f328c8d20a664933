"""What a flow looks at before it starts anything, so that a copy that cannot be is told of before any backup."""

from collections.abc import Sequence

from ec2_backup.copies.destination import CopyDestination
from ec2_backup.copies.entrance import to_entrances
from ec2_backup.copies.foresight import names_account, raise_for_destinations
from ec2_backup.copies.model import SeenDestination
from ec2_backup.errors import AwsError
from ec2_backup.ledger import Ledger
from ec2_backup.model import Key, PlannedBackup, Target
from ec2_backup.narration import Mark, tell, tell_done
from ec2_backup.report.units import count
from ec2_backup.target import account_of
from ec2_backup.verdict import to_days
from flows.copying import answer_of
from tasks.copies import look_at_destination, read_key_policies


def entrances(run: Ledger) -> dict[str, Target]:
    """Return by ARN where each vault that copies go into is looked at, none before it is known who the caller is."""
    if run.caller is None:
        return {}
    role_name = run.request.options.account_role
    return to_entrances(run.copies.destinations, run.rows, run.caller, role_name, run.accounts)


def foresee_copies(run: Ledger, plans: Sequence[PlannedBackup]) -> None:
    """Look at the vaults that copies go into and tell what stands in the way; it is the failure of these copies alone.

    Raises UsageError for a vault that no run of this caller can copy into.
    """
    book, doors = run.copies, entrances(run)
    if not book.destinations or run.caller is None:
        return
    raise_for_destinations(book.destinations, run.caller.partition, run.vaults.values())
    accounts = {account_of(plan.instance.arn) for plan in plans}
    looks = [look_at_destination.submit(one, doors[one.arn], across=accounts != {one.account})
             for one in book.destinations]  # fmt: skip
    for destination, look in zip(book.destinations, looks, strict=True):
        answer, door = answer_of(look), doors[destination.arn]
        seen = SeenDestination(destination, door.region, door.role_arn, unseen=answer.message) if isinstance(
            answer, AwsError) else answer  # fmt: skip
        book.seen[destination.arn] = seen
        _tell_of(seen)
    book.foresee(plans, run.vaults, run.keys, {role_arn: check.missed for role_arn, check in run.checks.items()})
    for destination in book.destinations:
        _warn_of_keys(run, plans, destination)


def _tell_of(seen: SeenDestination) -> None:
    where, days = seen.destination, to_days(seen.destination.retention_days)
    if seen.is_visible:
        tell_done(8, f"copies go into {where}, kept {days} from the backup on")
    elif not seen.is_absent:
        why = f"copies into {where} are made, and cannot be verified nor count as proven: {seen.unseen}"
        tell(why, mark=Mark.WARNING, step=8)


def _warn_of_keys(run: Ledger, plans: Sequence[PlannedBackup], destination: CopyDestination) -> None:
    """Warn of keys of volumes whose policy does not name the account that their copies go into; a grant may do so."""
    across = [plan for plan in plans if account_of(plan.instance.arn) != destination.account]
    for target in sorted({plan.instance.target for plan in across}):
        keys = _customer_keys(run, [plan for plan in across if plan.instance.target == target])
        policies = answer_of(read_key_policies.submit(keys, run.vaults[target])) if keys else {}
        shown = {} if isinstance(policies, AwsError) else policies
        unshared = [arn for arn, policy in shown.items() if not names_account(policy, destination.account)]
        if unshared:
            what = f"{count(len(unshared), 'key')} of volumes in {target} ({', '.join(unshared[:3])})"
            why = f"copies into {destination} will fail unless a grant lets account {destination.account} use {what}"
            tell(f"{why}: no key policy names it", mark=Mark.WARNING, step=9)


def _customer_keys(run: Ledger, plans: Sequence[PlannedBackup]) -> list[Key]:
    named = {volume.kms_key_id for plan in plans for volume in plan.instance.volumes if volume.kms_key_id}
    return [key for arn, key in run.keys.items() if arn in named and key.manager == "CUSTOMER"]
