"""Whether somebody who started a restore by hand still wants it, once the plan is known."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ec2_backup.restore.ledger import RestoreLedger

Ask = Callable[[RestoreLedger], bool]

_ask: ContextVar[Ask | None] = ContextVar("ask", default=None)


@contextmanager
def asking(ask: Ask) -> Iterator[None]:
    """Let the flow that is called in the block ask before it starts anything."""
    token = _ask.set(ask)
    try:
        yield
    finally:
        _ask.reset(token)


def agreed(run: RestoreLedger) -> bool:
    """Return whether the restores are wanted, and write it down; one that is taken up was agreed to before.

    A run that was asked for in Prefect, with the plan switched off, is wanted.
    """
    ask = _ask.get()
    run.is_agreed = run.is_agreed or ask is None or ask(run)
    return run.is_agreed
