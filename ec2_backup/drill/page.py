"""A drill as one HTML file, in the form of a restore's, with the trend of the drills before it."""

from functools import cache
from pathlib import Path

from jinja2 import Environment

from ec2_backup.drill import words
from ec2_backup.drill.past import to_drill_trend
from ec2_backup.drill.report import DrillReport
from ec2_backup.report import console, page
from ec2_backup.restore.plan import NEVER_RESTORED


def to_html(report: DrillReport) -> str:
    """Return the report as a complete HTML document; the trend is of the drills in the folder of its log."""
    style = page.source("style.css")
    return _environment().get_template("drill.html.j2").render(
        report=report,
        kind="drill",
        style=style,
        policy=page.policy(style, ""),
        never=NEVER_RESTORED,
        run_url=page.web_address(report.run_url),
        trend=to_drill_trend(report, Path(report.files["log"]).parent),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    return page.new_environment({"console": console, "words": words})
