"""Step 13, second half: the report as files, next to the log."""

from dataclasses import replace
from pathlib import Path

from ec2_backup.files import write_atomically
from ec2_backup.narration import Mark, tell
from ec2_backup.report.document import to_json
from ec2_backup.report.html import to_html
from ec2_backup.report.spreadsheet import to_csv
from ec2_backup.results import RunReport


def write_report(report: RunReport) -> RunReport:
    """Write the report as CSV, HTML and JSON into the log's folder and return it with the names of its files.

    The JSON is what a later run reads, so it comes last and names the others; an HTML page that cannot be made costs
    neither of them, and is not named.
    """
    folder = Path(report.files["log"]).parent
    names = {kind: folder / f"report_{report.run_key}.{kind}" for kind in ("csv", "html", "json")}
    complete = replace(report, files={**report.files, **{kind: str(path) for kind, path in names.items()}})
    write_atomically(names["csv"], to_csv(complete))
    complete = _with_page(complete, names["html"])
    write_atomically(names["json"], to_json(complete))
    return complete


def _with_page(report: RunReport, path: Path) -> RunReport:
    try:
        write_atomically(path, to_html(report))
    except Exception as error:  # noqa: BLE001 - the page shows what the JSON holds: it must never cost the JSON
        tell(f"the HTML report cannot be written: {str(error) or type(error).__name__}", mark=Mark.WARNING, step=13)
        return replace(report, files={kind: name for kind, name in report.files.items() if kind != "html"})
    return report
