"""Step 13, second half: the report as files, next to the log."""

from dataclasses import replace
from pathlib import Path

from ec2_backup.files import write_atomically
from ec2_backup.report.document import to_json
from ec2_backup.report.spreadsheet import to_csv
from ec2_backup.results import RunReport


def write_report(report: RunReport) -> RunReport:
    """Write the report as CSV and JSON into the log's folder and return it with the names of its files."""
    folder = Path(report.files["log"]).parent
    csv, json = folder / f"report_{report.run_key}.csv", folder / f"report_{report.run_key}.json"
    complete = replace(report, files={**report.files, "csv": str(csv), "json": str(json)})
    write_atomically(csv, to_csv(complete))
    write_atomically(json, to_json(complete))
    return complete
