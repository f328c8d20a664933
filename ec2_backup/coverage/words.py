"""The coverage in words: the headline, the figures, and what each form of the report says of an instance alike."""

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ec2_backup.coverage.model import Coverage, Keeper, KeptPoint, Leftover, Origin, Standing, Why
from ec2_backup.coverage.period import parse_period, to_period
from ec2_backup.coverage.report import CoverageReport, CoverageStatus
from ec2_backup.model import GIB
from ec2_backup.report.units import count, duration, percentage, size

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
    verb = "has" if total == 1 else "have"
    said = f"{report.covered:,} of {count(total, 'instance')} {verb} a proven recovery point younger than {rpo(report)}"
    if not total:
        said = "No instance was found"
    if report.status is CoverageStatus.ABORTED:
        return f"The look at the coverage ended early; {said[0].lower()}{said[1:]}"
    if report.status is CoverageStatus.INTERRUPTED:
        return f"The look at the coverage was interrupted; {said[0].lower()}{said[1:]}"
    return f"{said}; {count(len(report.closed), 'place')} could not be looked at" if report.closed else said


def rpo(report: CoverageReport) -> str:
    """Return the objective: `24 h`."""
    return to_period(parse_period(str(report.parameters["rpo"])))


def warning(report: CoverageReport) -> str:
    """Return the time within which a deletion is soon: `3 d`."""
    return to_period(parse_period(str(report.parameters["expiring"])))


def figures(report: CoverageReport) -> list[tuple[str, str]]:
    """Return the figures as pairs of label and value, ready to be shown."""
    pairs = [
        ("Instances", _instances(report)),
        ("Objective", f"{rpo(report)}, at {report.measured_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("Data covered", _data(report)),
        ("Kept by", _keepers(report.coverages)),
        ("Restored", _restored(report)),
        ("Expiring soon", _expiring(report)),
        ("Vaults", _vaults(report)),
        ("Left over", leftovers_in_words(report.leftovers)),
        ("Execution time", duration(report.statistics.seconds)),
        ("AWS API calls", _calls(report)),
    ]
    return [(label, value) for label, value in pairs if value]


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


def leftovers_in_words(leftovers: Iterable[Leftover]) -> str:
    """Return how many recovery points are left over and why, with their sizes, "" for none."""
    numbers: Counter[Why] = Counter()
    sizes: Counter[Why] = Counter()
    for one in leftovers:
        numbers[one.why] += 1
        sizes[one.why] += one.kept.point.size_bytes or 0
    return ", ".join(f"{numbers[why]:,} {WHYS[why]} ({size(sizes[why])})" for why in Why if numbers[why])


def _instances(report: CoverageReport) -> str:
    parts = ", ".join(f"{number:,} {STANDINGS[key]}" for key, number in report.standings.items() if number)
    rate = f"; {percentage(report.covered / len(report.coverages))} covered" if report.coverages else ""
    return f"{len(report.coverages):,}" + (f": {parts}{rate}" if parts else "")


def _data(report: CoverageReport) -> str:
    total = sum(one.instance.provisioned_gib for one in report.coverages)
    covered = sum(one.instance.provisioned_gib for one in report.coverages if one.standing is Standing.COVERED)
    return f"{size(covered * GIB)} of {size(total * GIB)} provisioned" if total else ""


def _keepers(coverages: Iterable[Coverage]) -> str:
    counted = Counter(one.origin.keeper for one in coverages if one.origin)
    return ", ".join(f"{KEEPERS[keeper]} {counted[keeper]:,}" for keeper in Keeper if counted[keeper])


def _restored(report: CoverageReport) -> str:
    proofs = [one.restored.proof for one in report.coverages if one.restored]
    longest = max((proof.seconds for proof in proofs if proof.seconds is not None), default=None)
    took = f"; the longest recovery took {duration(longest)}" if longest is not None else ""
    return f"{len(proofs):,} of {count(len(report.coverages), 'instance')} in a drill{took}" if proofs else ""


def _expiring(report: CoverageReport) -> str:
    if not report.expiring:
        return ""
    return (
        f"{count(len(report.expiring), 'instance')}: the last proven recovery point is deleted within {warning(report)}"
    )


def _vaults(report: CoverageReport) -> str:
    points = sum(vault.points for vault in report.vaults)
    stored = size(sum(vault.stored_bytes for vault in report.vaults))
    unread = sum(bool(vault.trouble) for vault in report.vaults)
    not_read = f"; {count(unread, 'vault')} could not be read" if unread else ""
    return f"{len(report.vaults):,} with {count(points, 'recovery point')} of instances, {stored} provisioned{not_read}"


def _calls(report: CoverageReport) -> str:
    statistics, total = report.statistics, len(report.coverages)
    each = f", {statistics.calls / total:.3f} per instance" if total else ""
    throttled = f", {statistics.throttled_calls:,} throttled by AWS" if statistics.throttled_calls else ""
    return f"{statistics.calls:,}{each}{throttled}"
