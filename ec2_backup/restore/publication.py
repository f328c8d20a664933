"""A restore's report as files, each whole or not there at all."""

from dataclasses import replace
from pathlib import Path

from ec2_backup.files import write_atomically
from ec2_backup.narration import Mark, tell
from ec2_backup.restore.document import to_json
from ec2_backup.restore.page import to_html
from ec2_backup.restore.report import RestoreReport


def write_restore(report: RestoreReport) -> RestoreReport:
    """Write the report as HTML and JSON into the log's folder and return it with the names of its files.

    An HTML page that cannot be made costs the JSON nothing, and is not named. Raises UsageError where the folder cannot
    be written.
    """
    folder = Path(report.files["log"]).parent
    names = {kind: str(folder / f"restore_{report.run_key}.{kind}") for kind in ("html", "json")}
    complete = _with_page(replace(report, files={**report.files, **names}))
    write_atomically(Path(names["json"]), to_json(complete))
    return complete


def _with_page(report: RestoreReport) -> RestoreReport:
    try:
        write_atomically(Path(report.files["html"]), to_html(report))
    except Exception as error:  # noqa: BLE001 - the page shows what the JSON holds: it must never cost the JSON
        tell(f"the HTML report cannot be written: {str(error) or type(error).__name__}", mark=Mark.WARNING)
        return replace(report, files={kind: name for kind, name in report.files.items() if kind != "html"})
    return report
