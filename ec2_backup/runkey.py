"""The name of a run. It carries the time at which the run began, so that every machine knows since when to look."""

import re
from datetime import UTC, datetime, timedelta

# That of a shard has its fleet's before the account and the Region, that of a run's own drill the run's.
_FORM = re.compile(r"(\d{8}T\d{6}Z)-[0-9a-f]{8}(?:-\d{12}-[a-z0-9-]+)?(?:-drill)?")
_TIME = "%Y%m%dT%H%M%SZ"

# AWS refuses what was signed five minutes off its own time (IAM user guide, "Signing AWS API requests").
LARGEST_CLOCK_ERROR = timedelta(minutes=5)


def to_run_key(began_at: datetime, seed: str) -> str:
    """Return the key of the run that began then; `seed`, such as a flow run's id, sets it apart within its second."""
    letters = "".join(character for character in seed.lower() if character in "0123456789abcdef")
    return f"{began_at.astimezone(UTC).strftime(_TIME)}-{letters[:8].ljust(8, '0')}"


def to_began_at(run_key: str) -> datetime | None:
    """Return when the run of this key began, None for a key that somebody chose freely."""
    match = _FORM.fullmatch(run_key)
    if not match:
        return None
    try:
        return datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)
    except ValueError:  # the form fits by chance, the 13th month tells that nobody's clock wrote it
        return None
