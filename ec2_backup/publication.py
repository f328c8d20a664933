"""Step 13, second half: the report as files, next to the log."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ec2_backup.drill.past import last_proven, to_folder_trend
from ec2_backup.drilled import Restored
from ec2_backup.files import write_atomically
from ec2_backup.history.gathering import History, history_before
from ec2_backup.history.trend import to_trend
from ec2_backup.narration import Mark, tell
from ec2_backup.report.document import to_json
from ec2_backup.report.html import to_html
from ec2_backup.report.spreadsheet import to_csv
from ec2_backup.report.units import count
from ec2_backup.results import RunReport
from ec2_backup.uploads import ToUrl, to_copies


def write_report(report: RunReport, to_url: ToUrl = str) -> RunReport:
    """Write the report as CSV, HTML and JSON into the log's folder and return it with the names of its files.

    It names the copies that will be in S3 by what `to_url` makes of the places that they go to.
    The JSON is what a later run reads, so it comes last and names the others; an HTML page that cannot be made costs
    neither of them, and is not named.
    """
    folder = Path(report.files["log"]).parent
    names = {kind: folder / f"report_{report.run_key}.{kind}" for kind in ("csv", "html", "json")}
    known = with_last_restored(report, last_proven(folder))
    complete = replace(known, files={**report.files, **{kind: str(path) for kind, path in names.items()}})
    return write_files(replace(complete, copies={kind: to_url(to) for kind, to in to_copies(complete).items()}))


def with_last_restored(report: RunReport, known: Mapping[str, Restored]) -> RunReport:
    """Return the report with when each instance was last restored, where no drill of its own says that."""
    outcomes = (
        one if one.restored else replace(one, restored=known.get(one.row.instance_id)) for one in report.outcomes
    )
    return replace(report, outcomes=tuple(outcomes)) if known else report


def write_files(report: RunReport) -> RunReport:
    """Write the report to the files that it names, and return it without the page if that cannot be made."""
    write_atomically(Path(report.files["csv"]), to_csv(report))
    history = _history(report)
    complete = _with_page(replace(report, since_last=history.since_last), history)
    write_atomically(Path(report.files["json"]), to_json(complete))
    return complete


def _history(report: RunReport) -> History:
    """Return the runs before this one in the folder that its report goes to; trouble with them is told."""
    try:
        history = history_before(report, Path(report.files["json"]).parent)
    except Exception as error:  # noqa: BLE001 - what earlier runs have left must never cost this one its report
        tell(f"earlier reports cannot be read: {str(error) or type(error).__name__}", mark=Mark.WARNING, step=13)
        return History(())
    if history.unreadable:
        first, others = history.unreadable[0], len(history.unreadable) - 1
        more = f", and {count(others, 'more file')}" if others else ""
        tell(f"left out of the comparison with earlier runs: {first}{more}", mark=Mark.WARNING, step=13)
    return history


def _with_page(report: RunReport, history: History) -> RunReport:
    if "html" not in report.files:
        return report
    try:
        page = Path(report.files["html"])
        write_atomically(page, to_html(report, to_trend(history.runs), to_folder_trend(page.parent)))
    except Exception as error:  # noqa: BLE001 - the page shows what the JSON holds: it must never cost the JSON
        tell(f"the HTML report cannot be written: {str(error) or type(error).__name__}", mark=Mark.WARNING, step=13)
        return replace(report, files=_without_page(report.files), copies=_without_page(report.copies))
    return report


def _without_page(places: Mapping[str, str]) -> dict[str, str]:
    return {kind: place for kind, place in places.items() if kind != "html"}
