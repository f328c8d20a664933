"""The coverage in words: the headline, and what each form of the report says of an instance alike."""

from collections.abc import Mapping
from types import MappingProxyType

from ec2_backup.coverage.model import Coverage, Keeper, KeptPoint, Origin, Standing, Why
from ec2_backup.coverage.period import parse_period, to_period
from ec2_backup.coverage.report import CoverageReport, CoverageStatus
from ec2_backup.report.units import count, duration

STANDINGS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.NEVER: "never backed up",
        Standing.UNPROVEN: "not proven",
        Standing.LATE: "too old",
        Standing.PARTLY: "partly covered",
        Standing.UNKNOWN: "not known",
        Standing.COVERED: "covered",
    }
)
SIGNS: Mapping[Standing, str] = MappingProxyType(
    {
        Standing.NEVER: "❌",
        Standing.UNPROVEN: "❌",
        Standing.LATE: "❌",
        Standing.PARTLY: "⚠️",
        Standing.UNKNOWN: "❔",
        Standing.COVERED: "✅",
    }
)
KEEPERS: Mapping[Keeper, str] = MappingProxyType(
    {Keeper.PLAN: "a backup plan", Keeper.RUN: "a run of this program", Keeper.HAND: "hand"}
)
WHYS: Mapping[Why, str] = MappingProxyType(
    {
        Why.EXPIRED: "EXPIRED, not deleted",
        Why.UNFINISHED: "never completed",
        Why.ORPHANED: "of an instance that is gone",
    }
)
FILES: Mapping[str, str] = MappingProxyType(
    {
        "log": "Log",
        "html": "HTML report",
        "csv": "CSV report",
        "json": "JSON report",
        "missed": "Instances to back up",
        "leftovers": "Leftovers",
    }
)


def headline(report: CoverageReport) -> str:
    """Return the one sentence that says how the coverage is."""
    total = len(report.coverages)
    of_all, verb = f"{report.covered:,} of {count(total, 'instance')}", "has" if total == 1 else "have"
    young = f"a proven recovery point younger than {rpo(report)}"
    if not report.is_whole:
        how = "ended early" if report.status is CoverageStatus.ABORTED else "was interrupted"
        verb = "is" if total == 1 else "are"
        known = f"{of_all} {verb} known to have {young}" if total else "no instance was seen"
        return f"The look at the coverage {how}; {known}"
    if report.is_empty:
        return "No instance was found, so nothing is covered: are account and Region the right ones?"
    said = f"{of_all} {verb} {young}" if total else "No instance was found"
    return f"{said}; {count(len(report.closed), 'place')} could not be looked at" if report.closed else said


def rpo(report: CoverageReport) -> str:
    """Return the objective: `24 h`."""
    return to_period(parse_period(str(report.parameters["rpo"])))


def warning(report: CoverageReport) -> str:
    """Return the time within which a deletion is soon: `3 d`."""
    return to_period(parse_period(str(report.parameters["expiring"])))


def places(report: CoverageReport) -> list[tuple[str, str]]:
    """Return where the files of the look are, and its page in Prefect, as pairs of label and place."""
    files = [(FILES[kind], report.files[kind]) for kind in FILES if kind in report.files]
    return [*files, *([("Prefect run", report.run_url)] if report.run_url else [])]


def age(coverage: Coverage) -> str:
    """Return the age of the last proven recovery point, "" where there is none."""
    return "" if coverage.age_seconds is None else duration(coverage.age_seconds)


def restored(coverage: Coverage) -> str:
    """Return when a drill last restored a recovery point of an instance, and how long that took, "" for never."""
    if coverage.restored is None:
        return ""
    proof = coverage.restored.proof
    return f"{proof.at:%Y-%m-%d %H:%M}" + (f", in {duration(proof.seconds)}" if proof.seconds is not None else "")


def where(coverage: Coverage, accounts: int) -> str:
    """Return the Region of an instance, with its account where the report has several."""
    region = coverage.instance.region
    return region if accounts < 2 else f"{region} of account {coverage.account}"


def account_count(report: CoverageReport) -> int:
    """Return how many accounts the instances are in."""
    return len({one.account for one in report.coverages})


def kept_by(origin: Origin | None) -> str:
    """Return who keeps an instance backed up, in a few words: `plan Daily`, `run 20261123T…`, `hand`."""
    if origin is None:
        return ""
    if origin.keeper is Keeper.HAND:
        return KEEPERS[Keeper.HAND]
    return f"{origin.keeper} {origin.name}".strip()


def kept_until(kept: KeptPoint | None) -> str:
    """Return the day on which a recovery point is deleted, "" for no point."""
    if kept is None:
        return ""
    return f"{kept.point.delete_at:%Y-%m-%d}" if kept.point.delete_at else "for ever"
