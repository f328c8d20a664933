"""Reports whose files are written, and a bucket that takes some of them."""

from pathlib import Path

from ec2_backup.errors import AccessError
from ec2_backup.publication import write_report
from ec2_backup.report import from_json
from ec2_backup.results import Outcome, RunReport
from ec2_backup.settings import BackupRequest
from tests.unit.reports import a_report, failed, proven

TOPIC = "arn:aws:sns:eu-central-1:123456789012:backups"
KEY = "20260301-023000-k3f9"
OUTCOMES = (proven(1), failed(2))
DENIED = AccessError("s3:PutObject", "AccessDenied", "Access Denied", hint="Allow it.")


class Bucket:
    """A place for files that refuses some of them."""

    def __init__(self, refused: str = "nothing", why: BaseException = DENIED) -> None:
        self.refused, self.why = refused, why
        self.urls: list[str] = []

    def put(self, path: Path, url: str) -> None:
        if self.refused in path.name:
            raise self.why
        assert path.is_file()
        self.urls.append(url)


def written(
    folder: Path, log: str = "backup.log", outcomes: tuple[Outcome, ...] = OUTCOMES, **options: object
) -> RunReport:
    """Return a report with its files in the folder, of a run that was asked for this."""
    (folder / log).write_text("[2026-03-01 02:30:00] begun\n")
    asked = BackupRequest(options={"report_to": "s3://reports/nightly/", "notify_topic": TOPIC} | options)
    parameters = asked.model_dump(mode="json")
    return write_report(a_report(*outcomes, parameters=parameters, files={"log": str(folder / log)}))


def on_disk(folder: Path) -> RunReport:
    return from_json((folder / f"report_{KEY}.json").read_text(encoding="utf-8"))
