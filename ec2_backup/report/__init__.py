"""What a run writes: a `RunReport` as JSON, CSV, Markdown and tables. Pure functions from the report to text."""

from ec2_backup.report.document import from_document, from_json, to_document, to_json
from ec2_backup.report.figures import figures, headline, places, verdict_counts
from ec2_backup.report.markdown import to_markdown
from ec2_backup.report.spreadsheet import to_csv
from ec2_backup.report.tables import to_copy_table, to_failure_table, to_table

__all__ = [
    "figures",
    "from_document",
    "from_json",
    "headline",
    "places",
    "to_copy_table",
    "to_csv",
    "to_document",
    "to_failure_table",
    "to_json",
    "to_markdown",
    "to_table",
    "verdict_counts",
]
