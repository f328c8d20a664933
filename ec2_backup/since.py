"""What is new since an earlier run of the same list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SinceLast:
    """What is new since an earlier run, `run_key`: each instance of the two is in one group, by its id.

    `unsettled` instances this run did not get to, for `left_out` ones it was not asked; `names` are of the vanished.
    """

    run_key: str
    started_at: datetime
    newly_failing: tuple[str, ...] = ()
    newly_fixed: tuple[str, ...] = ()
    still_failing: tuple[str, ...] = ()
    still_proven: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    vanished: tuple[str, ...] = ()
    unsettled: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def has_news(self) -> bool:
        """True where any instance fails newly or no longer, came to the list, or left it."""
        return bool(self.newly_failing or self.newly_fixed or self.new or self.vanished)
