"""Which runs may not be at work at once: those that back up into the same vault.

Two of them would do no harm, for an instance that has a job gets no second one. But they would share the quotas of the
account, each as if it had them to itself, and what the second proves would be the first one's work.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from ec2_backup.batches import targets_of
from ec2_backup.ledger import Ledger
from ec2_backup.permissions import to_vault_arn
from ec2_backup.target import Caller, Target

# Prefect's own name for a run that one of its limits holds back, and one for a run that only copies or drills yet
RUNNING, WAITING, OVER = "Running", "AwaitingConcurrencySlot", "BackupsOver"
PLANS = " (dry runs)"
_KINDS = ("vault", "region", "account")


def to_slots(run: Ledger) -> tuple[str, ...]:
    """Return the name of the slot of each vault that the run goes into: the vault's ARN; none before AWS knows us.

    A dry run starts nothing, so it and a backup do not wait for each other: dry runs have slots of their own.
    """
    if run.caller is None:
        return ()
    kind = PLANS if run.request.dry_run else ""
    return tuple({_vault_arn(run, run.caller, target) + kind: None for target in targets_of(run.rows)})


def _vault_arn(run: Ledger, caller: Caller, target: Target) -> str:
    there = replace(caller, account=target.account or caller.account)
    return to_vault_arn(run.vault_of(target), there, target)


def to_tags(run: Ledger) -> list[str]:
    """Return the tags that tell where a run goes, as far as is known by now: its vaults, its Regions, its accounts."""
    targets = targets_of(run.rows)
    vaults = dict.fromkeys(run.vault_of(target) for target in targets) or {run.request.vault: None}
    regions = dict.fromkeys(target.region for target in targets)
    accounts = sorted({target.account or run.caller.account for target in targets}) if run.caller else []
    places = {"vault": vaults, "region": regions, "account": accounts}
    return [f"{kind}:{name}" for kind in _KINDS for name in places[kind]]


def named(run: Ledger) -> str:
    """Return the vaults that the run goes into as words: `vault EC2-Backup`."""
    return ", ".join(tag.replace(":", " ") for tag in to_tags(run) if tag.startswith("vault:"))


def may_share_a_vault(tags: Collection[str], others: Collection[str]) -> bool:
    """Say whether two runs with these tags go into the same vault, as far as their tags tell."""
    return is_placed(set(tags) & set(others))


def is_placed(tags: Collection[str]) -> bool:
    """Say whether these tags tell a vault, a Region and an account."""
    return all(any(tag.startswith(f"{kind}:") for tag in tags) for kind in _KINDS)


def to_work_began(states: Iterable[tuple[str, datetime]], *, is_under_way: bool) -> datetime | None:
    """Return when the first attempt at a flow run began to work; one that is under way does not count.

    Args:
        states: The names of the run's states with their times. An attempt that had to wait for its vault began to work
            when it was Running again, and never if it was not.
        is_under_way: Whether the last attempt is.

    Returns:
        None where no attempt did more than wait.
    """
    began: list[datetime | None] = []
    earlier = ""
    for name, at in sorted(states, key=lambda state: state[1]):
        if name == RUNNING and earlier not in {RUNNING, WAITING}:
            began.append(at)
        elif name == RUNNING and began[-1] is None:
            began[-1] = at
        elif name == WAITING and began:
            began[-1] = None
        earlier = name
    return next((at for at in (began[:-1] if is_under_way else began) if at), None)
