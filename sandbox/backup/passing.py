"""States of an instance that pass by themselves: it starts in its own time, and ends in its own time."""

from datetime import datetime

from moto.ec2.models.instances import InstanceState

from sandbox.clock import CLOCK


class StartingState(InstanceState):
    """A state that is `pending` before `ready_at`, whatever moto sets it to; what ends an instance holds at once."""

    def __init__(self, ready_at: datetime) -> None:
        self.ready_at = ready_at
        super().__init__("running", 16)

    @property
    def _is_starting(self) -> bool:
        return self._name == "running" and CLOCK.now() < self.ready_at

    @property
    def name(self) -> str:
        """The state's name."""
        return "pending" if self._is_starting else self._name

    @name.setter
    def name(self, value: str) -> None:
        """Set what the instance comes to."""
        self._name = value

    @property
    def code(self) -> int:
        """The state's code."""
        return 0 if self._is_starting else self._code

    @code.setter
    def code(self, value: int) -> None:
        """Set the code of what the instance comes to."""
        self._code = value


class EndingState(InstanceState):
    """A state that is `shutting-down` before `ended_at`, and then `terminated` for good."""

    def __init__(self, ended_at: datetime) -> None:
        self.ended_at = ended_at
        super().__init__("terminated", 48)

    @property
    def name(self) -> str:
        """The state's name."""
        return "terminated" if CLOCK.now() >= self.ended_at else "shutting-down"

    @name.setter
    def name(self, value: str) -> None:
        """Take no notice: nothing comes back from here."""

    @property
    def code(self) -> int:
        """The state's code."""
        return 48 if CLOCK.now() >= self.ended_at else 32

    @code.setter
    def code(self, value: int) -> None:
        """Take no notice, as of the name."""
