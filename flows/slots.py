"""One run at a time in a vault, over all deployments: each vault has a global concurrency limit of one in Prefect.

Prefect's own limit of a deployment is another thing. It counts the runs of one deployment, into whatever vaults they
go; and it ends a run whose lease cannot be renewed, so the restart of a server would cost a night's backups. Here a
Prefect that is away costs none: two runs at once find each other's jobs at AWS.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prefect import runtime

from ec2_backup.ledger import Ledger
from ec2_backup.runfile import write_run_file
from ec2_backup.slots import OVER, RUNNING, WAITING, named, to_slots
from ec2_backup.vaultqueue import Neighbours, Refused, VaultQueue
from flows.leases import Wanted, free, held, take
from flows.neighbours import Sign, neighbours
from flows.shardruns import is_refusal


def may_wait() -> bool:
    """Say whether a run like this one may have to wait: one that a deployment has started.

    One in a terminal has somebody before it.
    """
    return bool(runtime.deployment.id)


@contextmanager
def alone_in_vaults(run: Ledger) -> Iterator[None]:
    """Hold the run's vaults while the block goes on, and before it wait for whoever holds one; or fail at once.

    Until then the run's file says that it has made no job.

    Raises:
        VaultBusy: Another run is at work in one of the vaults, and `on_busy_vault` is `fail`, or the deadline is over.
        Interrupted: The run was told to stop while it waited.
    """
    names = to_slots(run)
    if not names or run.waited is not None:
        yield
        return
    flow_run_id = UUID(runtime.flow_run.id)
    office = _Prefect(run, Wanted(names, flow_run_id), Sign(flow_run_id))
    options = run.request.options
    queue = VaultQueue(office, named(run), options.on_busy_vault, options.deadline_minutes * 60)
    lease_id = queue.wait()
    office.sign.show(RUNNING)
    run.waited = timedelta(seconds=queue.waited_seconds)
    write_run_file(run)
    with held(office.wanted, lease_id, lambda: office.sign.show(RUNNING), office.leave):
        yield


@dataclass(frozen=True, slots=True)
class _Prefect:
    """What Prefect has to do with a run that wants its vaults."""

    run: Ledger
    wanted: Wanted
    sign: Sign

    def take(self) -> UUID | Refused:
        return take(self.wanted)

    def neighbours(self) -> Neighbours:
        return neighbours(self.run)

    def show_waiting(self) -> None:
        self.sign.show(WAITING)

    def free(self) -> None:
        free(self.wanted)

    def is_refusal(self, error: Exception) -> bool:
        return is_refusal(error)

    def leave(self) -> None:
        """Let nobody wait for a run that only copies and drills any more."""
        if self.run.copies.plans or self.run.request.options.drill:
            self.sign.show(OVER)
