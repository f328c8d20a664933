"""What a run owes when its own files are safe: copies in S3, and a message.

Trouble with one is told, and costs neither the other, nor the verdict, nor the exit code.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec

from ec2_backup.errors import AuthenticationError, AwsError, Ec2BackupError, UsageError
from ec2_backup.narration import Mark, tell, tell_done
from ec2_backup.publication import write_files
from ec2_backup.report import from_json
from ec2_backup.report.command import PROGRAM
from ec2_backup.report.message import Message, is_wanted, to_message
from ec2_backup.results import RunReport
from ec2_backup.settings import BackupRequest
from ec2_backup.states import RunStatus
from ec2_backup.uploads import ToUrl, read_unsent, to_copies, write_unsent

Put = Callable[[Path, str], object]
Publish = Callable[[str, Message], object]
What = ParamSpec("What")


def attempted(said: str, work: Callable[What, object], *args: What.args, **kwargs: What.kwargs) -> bool:
    """Do the work and return whether it was done; where it was not, say so and why.

    A Ctrl-C ends this piece of work only: the run is over, and what it has to say of itself is worth the next.
    """
    try:
        work(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 - the work is done and on disk: nothing that comes now may hide it
        tell(f"{said}: {str(error).rstrip('.') or type(error).__name__}.{_hint(error)}", mark=Mark.WARNING, step=13)
        return False
    return True


def _hint(error: BaseException) -> str:
    """Return what to do about it; for what passes, an error advises to repeat the command, which here begins anew."""
    passes = isinstance(error, AuthenticationError) or (isinstance(error, AwsError) and error.retryable)
    return f" {error.hint}" if isinstance(error, Ec2BackupError) and error.hint and not passes else ""


def uploaded(report: RunReport, put: Put, to_url: ToUrl = str) -> RunReport:
    """Put the report's files to S3 where that was asked for, with those that an earlier attempt has not sent.

    Args:
        report: The report, whose files are written and name their copies.
        put: Puts one file to one place, or raises.
        to_url: Returns the URL of a place, as which the report names it.

    Returns:
        The report with the copies that are there; where some are not, its files are written anew to say the same.
    """
    copies = to_copies(report)
    if not copies:
        return report
    folder = Path(report.files["log"]).parent
    unsent = read_unsent(folder, report.run_key) | {Path(report.files[kind]): url for kind, url in copies.items()}
    if attempted(f"not all of the report is in S3{_next(report)}", _put_all, unsent, put, report):
        tell_done(13, f"log and report are in {to_url(copies['log'].rpartition('/')[0])}/")
        return report
    sent = {kind: to_url(place) for kind, place in copies.items() if place not in unsent.values()}
    there = replace(report, copies=sent)
    if "json" in report.files:
        attempted("the report on disk names copies that are not in S3", write_files, there)
    return there


def to_resend(folder: Path, run_key: str) -> RunReport | None:
    """Return the report of a run that has proven everything and only has files left to send, else None.

    Such a run must not be done over: an instance that was terminated since would make its good report a bad one.
    """
    try:
        report = from_json((folder / f"report_{run_key}.json").read_bytes())
    except (OSError, UsageError):
        return None
    if report.status is not RunStatus.PROVEN or not read_unsent(folder, run_key):
        return None
    here = replace(report, files={kind: str(folder / Path(name).name) for kind, name in report.files.items()})
    return replace(here, copies=to_copies(here))


def notified(report: RunReport, publish: Publish) -> None:
    """Tell the run's topic how it ended, where that is wanted; `publish` sends one message or raises."""
    topic = BackupRequest.model_validate(report.parameters).options.notify_topic
    if topic and is_wanted(report):
        said = f"no message was sent to {topic}"
        if attempted(said, lambda: publish(topic, to_message(report))):
            tell_done(13, f"a message was sent to {topic}")


def _put_all(unsent: dict[Path, str], put: Put, report: RunReport) -> None:
    """Send the files and cross each off; the first that fails ends it, since the others go to the same bucket."""
    _remember(report, unsent)
    for path, url in list(unsent.items()):
        put(path, url)
        del unsent[path]
        _remember(report, unsent)


def _remember(report: RunReport, unsent: dict[Path, str]) -> None:
    with suppress(UsageError):  # where the disk is full, a copy elsewhere is worth all the more
        write_unsent(Path(report.files["log"]).parent, report.run_key, unsent)


def _next(report: RunReport) -> str:
    """Return how the rest gets there: a run that has no run file, or was a dry run, cannot be taken up again."""
    if report.caller is None or report.parameters.get("dry_run") is True:
        return ""
    return f" ({PROGRAM} resume {report.run_key} sends the rest)"
