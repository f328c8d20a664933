"""A restore's report as files, each whole or not there at all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from ec2_backup.files import write_atomically
from ec2_backup.narration import Mark, tell
from ec2_backup.restore.document import to_document, to_json
from ec2_backup.restore.page import to_html
from ec2_backup.restore.report import RestoreReport

Report = TypeVar("Report", bound=RestoreReport)


def write_restore(report: RestoreReport) -> RestoreReport:
    """Write the report as HTML and JSON into the log's folder and return it with the names of its files.

    An HTML page that cannot be made costs the JSON nothing, and is not named. Raises UsageError where the folder cannot
    be written.
    """
    return write_files(report, "restore", to_html, to_document)


def write_files(
    report: Report, kind: str, to_page: Callable[[Report], str], to_values: Callable[[Report], Mapping[str, Any]]
) -> Report:
    """Write a report of this kind, as `write_restore` does, by its own page and its own document."""
    folder = Path(report.files["log"]).parent
    names = {suffix: str(folder / f"{kind}_{report.run_key}.{suffix}") for suffix in ("html", "json")}
    complete = _with_page(replace(report, files={**report.files, **names}), to_page)
    write_atomically(Path(names["json"]), to_json(to_values(complete)))
    return complete


def _with_page(report: Report, to_page: Callable[[Report], str]) -> Report:
    try:
        write_atomically(Path(report.files["html"]), to_page(report))
    except Exception as error:  # noqa: BLE001 - the page shows what the JSON holds: it must never cost the JSON
        tell(f"the HTML report cannot be written: {str(error) or type(error).__name__}", mark=Mark.WARNING)
        return replace(report, files={kind: name for kind, name in report.files.items() if kind != "html"})
    return report
