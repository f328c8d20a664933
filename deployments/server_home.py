"""The folder where the local Prefect server keeps its database, its log, and what is known of its process."""

import os
import pwd
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ec2_backup.errors import Ec2BackupError


class PrefectServerError(Ec2BackupError):
    """The local Prefect server has no folder, does not start, or must not be replaced now."""


def user_home(environ: Mapping[str, str]) -> Path | None:
    """Return the user's home folder, by `HOME` or else the system's list of users; None where neither knows one."""
    if told := environ.get("HOME"):
        return Path(told)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a container may run under a number that has no name
        return None


def server_home(environ: Mapping[str, str], project: Path) -> tuple[Path, str]:
    """Return the folder for the server's files, made and private, and a sentence where it is not the usual one.

    `EC2_BACKUP_HOME` is taken or nothing; else the first that can be written of `~/.ec2-backup`, the project's own
    `.ec2-backup`, and one for the user among the temporary files. Raise PrefectServerError where none can.
    """
    if told := environ.get("EC2_BACKUP_HOME"):
        return made_private(Path(told).absolute() / "prefect"), ""
    user = user_home(environ)
    usual = [user / ".ec2-backup"] if user and user.is_absolute() and user != Path("/") and user.is_dir() else []
    places = [*usual, project / ".ec2-backup", Path(tempfile.gettempdir()) / f"ec2-backup-{os.getuid()}"]
    for place in places:
        try:
            home = made_private(made_private(place) / "prefect")  # both: else others could put another in its place
        except PrefectServerError:
            continue
        return home, "" if place in usual else f"Your home folder cannot be written: Prefect's files go to {home}."
    raise PrefectServerError(
        f"no folder for the Prefect server: {', '.join(map(str, places))} cannot be written",
        hint="Set EC2_BACKUP_HOME to a folder of yours.",
    )


def made_private(folder: Path) -> Path:
    """Make the folder where it is absent, for its owner alone; raise PrefectServerError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # fails where it is another user's, as it should
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise PrefectServerError(
            f"the Prefect server's folder {folder} cannot be used: {error.strerror}",
            hint="Set EC2_BACKUP_HOME to a folder of yours that can be written.",
        ) from error
