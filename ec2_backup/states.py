"""The states that things have at AWS and in a report, as closed sets."""

from enum import StrEnum


class BackupJobState(StrEnum):
    """The nine states of a backup job (AWS Backup API reference, BackupJob.State)."""

    CREATED = "CREATED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    ABORTING = "ABORTING"
    ABORTED = "ABORTED"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    PARTIAL = "PARTIAL"

    @property
    def is_final(self) -> bool:
        """True where the job will never change again: AWS Backup itself does not retry a failed job."""
        return self in _FINAL


_FINAL = frozenset(
    {
        BackupJobState.ABORTED,
        BackupJobState.COMPLETED,
        BackupJobState.FAILED,
        BackupJobState.EXPIRED,
        BackupJobState.PARTIAL,
    }
)


class Verdict(StrEnum):
    """What a run says of one instance in the end."""

    PROVEN = "proven"
    FAILED = "failed"
    RUNNING = "running"  # a job goes on at AWS that this run no longer waits for
    PLANNED = "planned"  # a dry run stops here
    NOT_STARTED = "not-started"  # the run ended before this instance's turn


class RunStatus(StrEnum):
    """How a run ended, or `running` in a report that is written before its end."""

    PROVEN = "proven"
    INCOMPLETE = "incomplete"
    PLANNED = "planned"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"
