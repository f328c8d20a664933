"""A drill's report as files, each whole or not there at all."""

from ec2_backup.drill.document import to_document
from ec2_backup.drill.page import to_html
from ec2_backup.drill.report import DrillReport
from ec2_backup.restore.publication import write_files


def write_drill(report: DrillReport) -> DrillReport:
    """Write the report as HTML and JSON into the log's folder and return it with the names of its files.

    An HTML page that cannot be made costs the JSON nothing, and is not named. Raises UsageError where the folder cannot
    be written.
    """
    return write_files(report, "drill", to_html, to_document)
