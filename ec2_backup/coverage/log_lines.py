"""The blocks with which the log of a look at the coverage opens and closes."""

from collections.abc import Iterable

from ec2_backup.coverage.figures import figures
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.survey import Survey
from ec2_backup.coverage.words import SIGNS, STANDINGS, account_count, headline, places, where
from ec2_backup.lines import one_line

RULE = "-" * 72


def opening_lines(survey: Survey) -> list[str]:
    """Return the lines that say which look this log is of, and what it was asked."""
    request, local = survey.request, survey.began_at.astimezone()
    return [
        RULE,
        "EC2 Backup Automation: coverage (it only reads)",
        RULE,
        *_aligned(
            [
                ("Look", survey.run_key),
                ("Started", f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"),
                ("Objective", request.rpo),
                ("Accounts", request.accounts or "the caller's own"),
                ("Regions", ", ".join(request.regions) or "as the list of accounts or the AWS configuration says"),
                ("Instances", request.select or "all"),
                ("Output", str(request.output)),
            ]
        ),
        RULE,
    ]


def closing_lines(report: CoverageReport) -> list[str]:
    """Return the lines that end a log: what misses the objective and why, the figures, and where the reports are."""
    accounts = account_count(report)
    error = [f"❌ {report.error.kind}: {report.error.message}", f"   {report.error.hint}"] if report.error else []
    missed = [
        f"{SIGNS[one.standing]} {one.instance.instance_id} ({one.instance.name}, {where(one, accounts)}): "
        f"{STANDINGS[one.standing]}: {one.reason}"
        for one in report.missed
    ]
    closed = [f"❔ account {one.account}, {one.region}: {one.message} {one.hint}" for one in report.closed]
    return [
        RULE,
        *map(one_line, [*error, *closed, *missed]),
        headline(report),
        *_aligned([*figures(report), *places(report)]),
        f"The look ended with exit code {report.exit_code} ({report.status}).",
        RULE,
    ]


def _aligned(pairs: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(pairs)
    width = max((len(label) for label, _ in pairs), default=0)
    return [f"{label:<{width}}  {one_line(value)}" for label, value in pairs]
