"""How restores and drills are planned: trouble with one row, or with one Region of several, is theirs alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.model import Target
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.model import ChosenPoint, RestoreFailure, RestoreRow
from tasks.restore import read_restore_metadata

_ANOTHER = "Try once more, or restore another of its recovery points by its ARN."

WithSettings = tuple[ChosenPoint, dict[str, str]]


def with_settings(chosen: Sequence[ChosenPoint], run: RestoreLedger) -> list[WithSettings]:
    """Return the points with the settings of their originals; a row whose settings AWS does not give fails alone.

    Raises AuthenticationError, and AccessError where not one of them may be read and nothing else is planned.
    """
    found: list[WithSettings] = []
    refused: list[RestoreFailure] = []
    for one, future in zip(chosen, read_restore_metadata.map(list(chosen)), strict=True):
        answer = future.result(raise_on_failure=False)
        if not isinstance(answer, Exception):
            found.append((one, answer))
            continue
        if not isinstance(answer, AwsError) or isinstance(answer, AuthenticationError):
            raise answer
        is_last = len(refused) == len(chosen) - 1 and not run.plans
        if is_last and isinstance(answer, AccessError):
            raise answer
        said = f"the settings of the original could not be read: {answer.message}"
        refused.append(RestoreFailure(one.row.line, said, answer.hint or _ANOTHER))
    run.note(refused)
    return found


@contextmanager
def of_its_region(target: Target, rows: Sequence[RestoreRow], run: RestoreLedger) -> Iterator[None]:
    """Let what cannot be done in one Region of several be a failure of its rows, and the others go on.

    What AWS refuses is raised where there is no other Region, and trouble with the credentials always.
    """
    try:
        yield
    except AuthenticationError:
        raise
    except AwsError as error:
        if len(rows) == len(run.rows):
            raise
        for row in rows:
            run.fail(RestoreFailure(row.line, f"nothing is planned in {target}: {error.message}", error.hint))
