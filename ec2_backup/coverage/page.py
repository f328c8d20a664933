"""The coverage as one HTML file, in the form of the run's report."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment

from ec2_backup.coverage import words
from ec2_backup.coverage.ages import to_ages
from ec2_backup.coverage.command import to_next_command
from ec2_backup.coverage.figures import figures
from ec2_backup.coverage.model import Coverage, Leftover, SeenVault, Standing, Why
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.report import console, page
from ec2_backup.report.disks import DiskPair, pair_disks
from ec2_backup.report.donut import to_arcs

PRINTED_EVIDENCE = 100
GROUPED = 10  # instances of a group that are named without unfolding it


@dataclass(frozen=True, slots=True)
class Group:
    """Instances that stand alike and want the same done about it."""

    standing: Standing
    advice: str
    coverages: tuple[Coverage, ...]


@dataclass(frozen=True, slots=True)
class VaultRow:
    """A vault with how many of its points are left over, and their provisioned size, by why."""

    vault: SeenVault
    leftovers: dict[Why, int]
    bytes: int


def to_html(report: CoverageReport) -> str:
    """Return the report as a complete HTML document."""
    style, script = page.source("style.css", "coverage.css"), page.source("script.js")
    return _environment().get_template("coverage.html.j2").render(
        report=report,
        style=style,
        script=script,
        policy=page.policy(style, script),
        arcs=to_arcs(report.standings),
        ages=to_ages(report),
        figures=figures(report),
        groups=to_groups(report),
        vaults=[_vault_row(vault, report.leftovers) for vault in report.vaults],
        accounts=words.account_count(report),
        next_command=to_next_command(report),
        disks={one.instance.instance_id: _disks(one) for one in report.coverages},
        run_url=page.web_address(report.run_url),
        operations=sorted(report.statistics.api_calls.items(), key=lambda item: (-item[1], item[0])),
        printed_evidence=PRINTED_EVIDENCE,
        grouped=GROUPED,
    )  # fmt: skip


def to_groups(report: CoverageReport) -> list[Group]:
    """Return what misses the objective, those together that stand alike and want the same remedy."""
    found: dict[tuple[Standing, str], list[Coverage]] = {}
    for one in report.missed:
        found.setdefault((one.standing, one.advice), []).append(one)
    return [Group(standing, advice, tuple(some)) for (standing, advice), some in found.items()]


@cache
def _environment() -> Environment:
    return page.new_environment({"console": console, "words": words})


def _vault_row(vault: SeenVault, leftovers: tuple[Leftover, ...]) -> VaultRow:
    own = [one for one in leftovers if (one.kept.vault, one.kept.target) == (vault.name, vault.target)]
    counts = {why: sum(one.why is why for one in own) for why in Why}
    return VaultRow(vault, counts, sum(one.kept.point.size_bytes or 0 for one in own))


def _disks(one: Coverage) -> list[DiskPair]:
    return pair_disks(one.instance, one.last.point if one.last else None)
