"""What all jobs at AWS have in common that a run watches to their end."""

from ec2_backup.target import Placed


class WatchedJob(Placed):
    """A job at AWS for one instance; a run knows it by its `key`, of which there is one job at a time."""

    __slots__ = ()
    instance_id: str

    @property
    def key(self) -> str:
        """What it goes by: the instance, unless there are several jobs for one."""
        return self.instance_id
