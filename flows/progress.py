"""How far the jobs are, as a progress artifact that moves on the run's page in Prefect."""

import logging
from contextvars import copy_context
from threading import Event, Thread
from typing import TYPE_CHECKING, cast

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from ec2_backup.listener import told
from ec2_backup.narration import FleetProgress, Mark, tell

if TYPE_CHECKING:
    from uuid import UUID

KEY = "backup-progress"
STEP = 10  # the start of the jobs takes seconds, the wait for their end takes hours
PATIENCE_SECONDS = 5.0  # in the end, for the last update


class ProgressArtifact(logging.Handler):
    """A reader of the narration that keeps the artifact at what the newest look has shown.

    It is created at the first look. A thread of its own brings it up to date, so that a Prefect server that is slow or
    gone holds up no look at AWS; of what came in the meantime only the newest is sent.
    """

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._newest: tuple[FleetProgress, str] | None = None
        self._news, self._is_over, self._is_refused = Event(), False, False
        self._thread: Thread | None = None
        self._id: UUID | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Note the newest progress; the thread does the rest."""
        line = told(record)
        if line.progress is None or line.progress.step != STEP:
            return
        self._newest = (line.progress, line.text)
        self._news.set()
        if self._thread is None:
            # The context says which run the artifact is of.
            self._thread = Thread(target=copy_context().run, args=(self._keep,), name=KEY, daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Send what is newest and end."""
        self._is_over = True
        self._news.set()
        if self._thread:
            self._thread.join(PATIENCE_SECONDS)
        super().close()

    def _keep(self) -> None:
        sent = None
        while self._news.wait() and not (self._is_over and self._newest is sent):
            self._news.clear()
            if self._newest is not sent and self._newest:
                sent = self._newest
                self._send(*sent)
            if self._is_over:
                self._news.set()

    def _send(self, progress: FleetProgress, text: str) -> None:
        percent = 100 * progress.done / max(progress.total, 1)
        try:
            if self._id is None:
                self._id = cast("UUID", create_progress_artifact(percent, key=KEY, description=text))
            else:
                update_progress_artifact(self._id, percent, description=text)
        except Exception as error:  # noqa: BLE001 - it shows the run and must never hurt it
            if not self._is_refused:
                self._is_refused = True
                why = str(error) or type(error).__name__
                tell(f"the progress in Prefect is not up to date, the run goes on: {why}", mark=Mark.WARNING, step=STEP)
