"""What a flow asks of each account: one that is not ready costs its own instances, never those of the others."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ec2_backup.accounts import OF_AN_ACCOUNT
from ec2_backup.batches import doors_of, targets_of
from ec2_backup.ledger import Ledger
from ec2_backup.model import Target
from flows.steps import Future

Ask = Callable[[Target], Future]


def entered(run: Ledger, ask: Ask) -> list[Any]:
    """Ask once in each account but the caller's own that the rows are in, and return the answers."""
    return answers(3, run, {door: ask(door) for door in doors_of(run.open_rows) if door.role_arn})


def in_accounts(step: int, run: Ledger, ask: Ask) -> list[Any]:
    """Ask once in each account that the rows are in, all at the same time, and return the answers."""
    return answers(step, run, {door: ask(door) for door in doors_of(run.open_rows)})


def in_targets(step: int, run: Ledger, ask: Ask) -> list[Any]:
    """Ask in each Region of each account that the rows are in, all at the same time, and return the answers."""
    return answers(step, run, {target: ask(target) for target in targets_of(run.open_rows)})


def answers(step: int, run: Ledger, asked: Mapping[Target, Future]) -> list[Any]:
    """Return the answers of the accounts that are ready; the others are closed for this run.

    Raises what is not the trouble of one account, and the first AccessError or VaultError where none would be left.
    """
    answered = {target: future.result(raise_on_failure=False) for target, future in asked.items()}
    refused: dict[str, Exception] = {}
    for target, answer in answered.items():
        if isinstance(answer, Exception):
            refused.setdefault(target.role_arn, answer)
    _raise_for_common(refused.values(), {row.role_arn or "" for row in run.open_rows} - refused.keys())
    for role_arn, error in refused.items():
        if isinstance(error, OF_AN_ACCOUNT):
            run.close(role_arn, step, error)
    return [answer for target, answer in answered.items() if target.role_arn not in refused]


def _raise_for_common(errors: Iterable[Exception], left: set[str]) -> None:
    errors = list(errors)
    common = [error for error in errors if not isinstance(error, OF_AN_ACCOUNT)]
    if common or (errors and not left):
        raise (common or errors)[0]
