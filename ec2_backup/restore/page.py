"""A restore as one HTML file, in the form of the run's report."""

from functools import cache

from jinja2 import Environment

from ec2_backup.report import console, page
from ec2_backup.restore import words
from ec2_backup.restore.plan import NEVER_RESTORED
from ec2_backup.restore.report import RestoreReport


def to_html(report: RestoreReport) -> str:
    """Return the report as a complete HTML document."""
    style = page.source("style.css")
    return _environment().get_template("restore.html.j2").render(
        report=report,
        kind="restore",
        style=style,
        policy=page.policy(style, ""),
        never=NEVER_RESTORED,
        run_url=page.web_address(report.run_url),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    return page.new_environment({"console": console, "words": words})
