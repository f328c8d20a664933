"""A report as one HTML file that needs nothing else: no network, no script to be read, any width, paper too.

What all pages of the program have in common is in `page`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment

from ec2_backup.history.trend import Trend
from ec2_backup.report import console, copies, disks, grouping, page, reasons, restore
from ec2_backup.report.donut import to_arcs
from ec2_backup.report.failure_groups import to_failure_groups
from ec2_backup.report.figures import busiest_operations, figures, headline, places, verdict_counts
from ec2_backup.report.since import to_news
from ec2_backup.report.timeline import to_timeline
from ec2_backup.results import Outcome, RunReport
from ec2_backup.states import Verdict

LABELLED_BARS = 200
PRINTED_EVIDENCE = 100


@dataclass(frozen=True, slots=True)
class Evidence:
    """An instance with what the page works out of its outcome."""

    outcome: Outcome
    seconds: float | None
    disks: list[disks.DiskPair]
    restore: tuple[str, ...]


def to_html(report: RunReport, trend: Trend | None = None, drills: Trend | None = None) -> str:
    """Return the report as a complete HTML document.

    Args:
        report: The report.
        trend: The runs before it and itself.
        drills: The last drills, whose results its instances have.
    """
    style, script = page.source("style.css"), page.source("script.js")
    instances = [outcome.instance for outcome in report.outcomes if outcome.instance]
    return _environment().get_template("report.html.j2").render(
        report=report,
        style=style,
        script=script,
        policy=page.policy(style, script),
        arcs=to_arcs(verdict_counts(report)),
        timeline=to_timeline(report.outcomes, report.ended_at),
        trend=trend,
        drills=drills,
        restored=_restored(report),
        news=to_news(report.since_last) if report.since_last else [],
        outcome_of={outcome.row.instance_id: outcome for outcome in report.outcomes},
        failure_groups=to_failure_groups(report.failures),
        by_size=disks.by_size(instances),
        by_type=disks.by_type(instances),
        key_states=_key_states(report),
        evidence=[_evidence(outcome, report) for outcome in reasons.failures_first(report.outcomes)],
        run_url=page.web_address(report.run_url),
        labelled_bars=LABELLED_BARS,
        printed_evidence=PRINTED_EVIDENCE,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    return page.new_environment(
        {
            "Verdict": Verdict,
            "busiest_operations": busiest_operations,
            "console": console,
            "copies": copies,
            "figures": figures,
            "grouping": grouping,
            "headline": headline,
            "places": places,
            "reasons": reasons,
        }
    )


def _evidence(outcome: Outcome, report: RunReport) -> Evidence:
    job = outcome.job
    seconds = (job.completed_at - job.created_at).total_seconds() if job and job.completed_at else None
    pairs = disks.pair_disks(outcome.instance, outcome.recovery_point)
    return Evidence(outcome, seconds, pairs, restore.to_restore_commands(outcome, report))


def _restored(report: RunReport) -> list[Outcome]:
    """Return the instances that a drill has restored, the newest first."""
    found = [(outcome.restored.at, outcome) for outcome in report.outcomes if outcome.restored]
    return [outcome for _, outcome in sorted(found, key=lambda one: one[0], reverse=True)]


def _key_states(report: RunReport) -> Mapping[str, str]:
    """Return every key that vaults, volumes or snapshots name, by ARN, with what is known of it."""
    vaults = [vault.encryption_key_arn for vault in report.vaults]
    volumes = [volume.kms_key_id for o in report.outcomes if o.instance for volume in o.instance.volumes]
    points = [o.recovery_point for o in report.outcomes]
    points += [copy.recovery_point for o in report.outcomes for copy in o.copies]
    snapshots = [one.kms_key_id for point in points if point for one in point.snapshots]
    named = {arn: "not looked at" for arn in (*vaults, *volumes, *snapshots) if arn}
    return named | {key.arn: key.state or "not known: kms:DescribeKey is denied" for key in report.keys}
