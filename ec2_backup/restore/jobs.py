"""What AWS makes of a planned restore: the job, and the new instance."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ec2_backup.model import Instance
from ec2_backup.target import Placed


class RestoreJobState(StrEnum):
    """The five states of a restore job (AWS Backup API reference, RestoreJobStatus)."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    ABORTED = "ABORTED"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        """True where the job will never change again."""
        return self not in {RestoreJobState.PENDING, RestoreJobState.RUNNING}


@dataclass(frozen=True, slots=True)
class RestoreJob(Placed):
    """A restore job as AWS Backup shows it; `line` is the row that it is for."""

    job_id: str
    line: int
    recovery_point_arn: str
    region: str
    state: RestoreJobState
    created_at: datetime
    completed_at: datetime | None = None
    percent_done: float = 0.0
    message: str = ""
    created_arn: str = ""
    access_role_arn: str = ""

    @property
    def created_id(self) -> str:
        """The id of the instance that it made, "" before it has made one."""
        return self.created_arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class RestoredInstance:
    """The new instance as EC2 shows it, with the answers of its two status checks, such as `ok` and `initializing`."""

    line: int
    instance: Instance
    seen_at: datetime
    subnet: str = ""
    security_groups: tuple[str, ...] = ()
    profile: str = ""
    key_pair: str = ""
    instance_check: str = ""
    system_check: str = ""

    @property
    def is_ready(self) -> bool:
        """True where it runs and both status checks have passed."""
        return self.instance.state == "running" and {self.instance_check, self.system_check} == {"ok"}

    @property
    def is_lost(self) -> bool:
        """True where it will not be ready by itself: it was stopped or terminated. A failed check may pass later."""
        return self.instance.state not in {"pending", "running"}
