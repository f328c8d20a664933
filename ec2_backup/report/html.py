"""A report as one HTML file that needs nothing else: no network, no script to be read, any width, paper too.

Whatever comes from outside (names, messages, parameters) is escaped by Jinja2, and made one printable line before. As
a second line of defence the page's own policy lets no script run but the one that it was written with.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ec2_backup.history.trend import Trend
from ec2_backup.lines import one_line
from ec2_backup.report import console, disks, grouping, reasons, restore, units
from ec2_backup.report.donut import to_arcs
from ec2_backup.report.failure_groups import to_failure_groups
from ec2_backup.report.figures import busiest_operations, figures, headline, places, verdict_counts
from ec2_backup.report.since import to_news
from ec2_backup.report.timeline import to_timeline
from ec2_backup.results import Outcome, RunReport
from ec2_backup.states import Verdict

LABELLED_BARS = 200
PRINTED_EVIDENCE = 100

_POLICY = "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An instance with what the page works out of its outcome."""

    outcome: Outcome
    seconds: float | None
    disks: list[disks.DiskPair]
    restore: tuple[str, ...]


def to_html(report: RunReport, trend: Trend | None = None) -> str:
    """Return the report as a complete HTML document; `trend` is of the runs before it and itself."""
    style, script = _source("style.css"), _source("script.js")
    instances = [outcome.instance for outcome in report.outcomes if outcome.instance]
    return _environment().get_template("report.html.j2").render(
        report=report,
        style=style,
        script=script,
        policy=_POLICY.format(style=_hash(style), script=_hash(script)),
        arcs=to_arcs(verdict_counts(report)),
        timeline=to_timeline(report.outcomes, report.ended_at),
        trend=trend,
        news=to_news(report.since_last) if report.since_last else [],
        outcome_of={outcome.row.instance_id: outcome for outcome in report.outcomes},
        failure_groups=to_failure_groups(report.failures),
        by_size=disks.by_size(instances),
        by_type=disks.by_type(instances),
        key_states=_key_states(report),
        evidence=[_evidence(outcome, report) for outcome in reasons.failures_first(report.outcomes)],
        run_url=_web_address(report.run_url),
        labelled_bars=LABELLED_BARS,
        printed_evidence=PRINTED_EVIDENCE,
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    environment.globals |= {
        "Verdict": Verdict,
        "busiest_operations": busiest_operations,
        "console": console,
        "figures": figures,
        "grouping": grouping,
        "headline": headline,
        "places": places,
        "reasons": reasons,
    }
    environment.filters |= {
        "count": units.count,
        "duration": units.duration,
        "key": _key_name,
        "percentage": units.percentage,
        "shown": _shown,
        "size": units.size,
        "time": _time,
    }
    return environment


def _printable(value: object) -> object:
    # What is printable stays as it is: the templates' own words begin and end with spaces.
    if isinstance(value, Markup) or not isinstance(value, str) or value.isprintable():
        return value
    return one_line(value)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _source(name: str) -> Markup:
    """Return the page's own style or script, which has no part that comes from outside."""
    return Markup((_TEMPLATES / f"{name}.j2").read_text(encoding="utf-8"))  # noqa: S704 - a file of this package


def _hash(source: str) -> str:
    """Return the source's name in a Content Security Policy."""
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


def _evidence(outcome: Outcome, report: RunReport) -> Evidence:
    job = outcome.job
    seconds = (job.completed_at - job.created_at).total_seconds() if job and job.completed_at else None
    pairs = disks.pair_disks(outcome.instance, outcome.recovery_point)
    return Evidence(outcome, seconds, pairs, restore.to_restore_commands(outcome, report))


def _key_states(report: RunReport) -> Mapping[str, str]:
    """Return every key that vaults, volumes or snapshots name, by ARN, with what is known of it."""
    vaults = [vault.encryption_key_arn for vault in report.vaults]
    volumes = [volume.kms_key_id for o in report.outcomes if o.instance for volume in o.instance.volumes]
    snapshots = [one.kms_key_id for o in report.outcomes if o.recovery_point for one in o.recovery_point.snapshots]
    named = {arn: "not looked at" for arn in (*vaults, *volumes, *snapshots) if arn}
    return named | {key.arn: key.state or "not known: kms:DescribeKey is denied" for key in report.keys}


def _key_name(arn: str) -> str:
    """Return the last part of a key's ARN, a UUID by its first eight characters: the table of keys has the rest."""
    name = arn.rpartition("/")[2]
    return name[:8] if len(name) == 36 else name


def _time(moment: datetime, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    return f"{moment.astimezone(UTC):{form}}"


def _web_address(text: str) -> str:
    """Return an address that a browser may be sent to, empty where the text is something else."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.netloc else ""
