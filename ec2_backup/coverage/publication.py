"""The coverage as files, each whole or not there at all."""

from dataclasses import replace
from pathlib import Path

from ec2_backup.coverage.document import to_json
from ec2_backup.coverage.page import to_html
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.spreadsheet import to_csv, to_leftover_csv, to_missed_csv
from ec2_backup.files import remove_leftovers, write_atomically
from ec2_backup.narration import Mark, tell
from ec2_backup.stop import undisturbed


def write_coverage(report: CoverageReport) -> CoverageReport:
    """Write the report into the log's folder and return it with the names of its files.

    The lists, of what misses the objective and of what is left over, are written where there is something on them. The
    JSON comes last and names the others; an HTML page that cannot be made costs none of them, and is not named.
    Raises UsageError where the folder cannot be written.
    """
    folder = Path(report.files["log"]).parent
    named = {"csv": ".csv", "html": ".html", "json": ".json"}
    named |= {"missed": "_missed.csv"} if report.to_back_up else {}
    named |= {"leftovers": "_leftovers.csv"} if report.leftovers else {}
    names = {kind: str(folder / f"coverage_{report.run_key}{end}") for kind, end in named.items()}
    complete = replace(report, files={**report.files, **names})
    remove_leftovers(folder, report.run_key)
    with undisturbed():
        for kind, text in (("csv", to_csv), ("missed", to_missed_csv), ("leftovers", to_leftover_csv)):
            if kind in names:
                write_atomically(Path(names[kind]), text(report))
        complete = _with_page(complete)
        write_atomically(Path(names["json"]), to_json(complete))
    return complete


def _with_page(report: CoverageReport) -> CoverageReport:
    try:
        write_atomically(Path(report.files["html"]), to_html(report))
    except Exception as error:  # noqa: BLE001 - the page shows what the JSON holds: it must never cost the JSON
        tell(f"the HTML report cannot be written: {str(error) or type(error).__name__}", mark=Mark.WARNING)
        return replace(report, files={kind: name for kind, name in report.files.items() if kind != "html"})
    return report
