"""What can go wrong with a whole run, each with its exit code and what to do next.

Trouble of one instance is not an error but a `model.Failure`: it never stops its neighbours.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line of the CSV that cannot be used: its number (from 1), its text, and why."""

    number: int
    content: str
    reason: str

    def __str__(self) -> str:
        """Return the sentence that a person reads."""
        return f"line {self.number}: {self.content!r}: {self.reason}"


class Ec2BackupError(Exception):
    """An expected error of a run: `message` says where and what happened, `hint` what to do about it.

    `bad_lines` are the lines of a list that are to blame, where it is one that is.
    """

    exit_code = 1
    bad_lines: tuple[BadLine, ...] = ()

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by state, so that an error crosses processes with its hint."""
        return (_rebuilt, (type(self), self.__dict__.copy()))


def _rebuilt(kind: type[Ec2BackupError], state: dict[str, object]) -> Ec2BackupError:
    error = kind.__new__(kind)
    Exception.__init__(error, state.get("message", ""))
    error.__dict__.update(state)
    return error


class InventoryError(Ec2BackupError):
    """The CSV cannot be used as a whole; `bad_lines` names every line that is to blame."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "", bad_lines: tuple[BadLine, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.bad_lines = bad_lines


class UsageError(Ec2BackupError):
    """A flag or a parameter has a value that cannot be used."""

    exit_code = 2


class IncompleteRun(Ec2BackupError):  # noqa: N818 - it names a result, and the design fixes the name
    """The report is published; some instances have no proven recovery point, or some copy is not proven."""

    exit_code = 3


class AwsError(Ec2BackupError):
    """An AWS call failed: `code` is AWS's, `said` its own words, `operation` such as `backup:StartBackupJob`."""

    def __init__(
        self, operation: str, code: str, said: str, *, region: str = "", retryable: bool = False, hint: str = ""
    ) -> None:
        where = f"{operation} in {region}" if region else operation
        super().__init__(f"{where}: {code}: {said}", hint=hint)
        self.operation = operation
        self.code = code
        self.said = said
        self.region = region
        self.retryable = retryable


class AuthenticationError(AwsError):
    """No credentials, expired ones, or ones that AWS does not know."""

    exit_code = 10


class AccessError(AwsError):
    """A call was denied, or the role is absent or does not trust AWS Backup."""

    exit_code = 11


class VaultError(AwsError):
    """The vault is absent or unusable, its lock refuses the retention, or a key that backups need is disabled."""

    exit_code = 12


class VaultBusy(Ec2BackupError):  # noqa: N818 - nothing is wrong with the vault
    """Another run is at work in the vault, or its limit in Prefect is 0, and this run waits no longer."""

    exit_code = 13


class Interrupted(Ec2BackupError):  # noqa: N818 - not an error of anybody's
    """The run was told to stop; the jobs it had started go on at AWS."""

    exit_code = 130
