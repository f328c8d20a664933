"""The coverage in Prefect: a page of Markdown, and a table of every instance, what misses the objective first."""

from collections.abc import Iterator

from ec2_backup.coverage.figures import figures
from ec2_backup.coverage.model import Coverage
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.words import (
    SIGNS,
    STANDINGS,
    account_count,
    age,
    headline,
    kept_by,
    kept_until,
    places,
    restored,
    where,
)
from ec2_backup.report.console import image_url, instance_url
from ec2_backup.report.gfm import code, escape, link, table
from ec2_backup.report.tables import TABLE_ROWS
from ec2_backup.report.units import count

SHOWN = 50


def to_markdown(report: CoverageReport) -> str:
    """Return the page: the headline, the first 50 instances that miss the objective, figures, files."""
    sign = "❌" if report.exit_code else "⚠️" if report.is_empty else "✅"
    return "\n".join([f"# {sign} {escape(headline(report))}", "", *_body(report)]) + "\n"


def to_table(report: CoverageReport, limit: int = TABLE_ROWS) -> list[dict[str, str]]:
    """Return one row per instance, those that miss the objective first, at most `limit` of them."""
    accounts = account_count(report)
    rows = [_row(one, accounts) for one in report.coverages[:limit]]
    hidden = len(report.coverages) - len(rows)
    if hidden and rows:
        more = f"and {count(hidden, 'more instance')} in the CSV report"
        rows.append({**dict.fromkeys(rows[0], ""), "Instance": more})
    return rows


def _body(report: CoverageReport) -> Iterator[str]:
    if report.error:
        yield from (
            f"**{escape(report.error.kind)}:** {escape(report.error.message)}",
            "",
            escape(report.error.hint),
            "",
        )
    for place in report.closed:
        yield f"- ❔ account {place.account}, {place.region}: {escape(place.message)} {escape(place.hint)}"
    if report.missed:
        accounts = account_count(report)
        yield from ("", f"## What misses the objective: {count(len(report.missed), 'instance')}", "")
        rows = [list(_row(one, accounts).values()) for one in report.missed[:SHOWN]]
        yield from table(list(_row(report.missed[0], accounts)), rows)
        if len(report.missed) > SHOWN:
            yield from ("", f"and {count(len(report.missed) - SHOWN, 'more instance')} in the CSV report")
        remedies = dict.fromkeys((one.standing, one.advice) for one in report.missed)
        yield from ("", *(f"- **{STANDINGS[standing]}:** {escape(advice)}" for standing, advice in remedies))
    yield from ("", "## Figures", "")
    yield from table(["", ""], [[escape(label), escape(value)] for label, value in figures(report)])
    yield from ("", "## Files", "")
    yield from table(["", ""], [[escape(label), code(place)] for label, place in places(report)])


def _row(one: Coverage, accounts: int) -> dict[str, str]:
    instance, last = one.instance, one.last
    point = link(last.point.image_id, image_url(last.point.image_id, last.region)) if last else ""
    return {
        "Instance": link(instance.instance_id, instance_url(instance.instance_id, instance.region)),
        "Standing": f"{SIGNS[one.standing]} {STANDINGS[one.standing]}",
        "Name": escape(instance.name),
        "Age": age(one),
        "Reason": escape(one.reason),
        "Kept by": escape(kept_by(one.origin)),
        "Restored": restored(one),
        "Region": escape(where(one, accounts)),
        "Deleted": f"{kept_until(last)}{' ⚠️' if one.expires_soon else ''}",
        "Recovery point": point,
    }
