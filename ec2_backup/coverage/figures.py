"""The figures of a look at the coverage, as every form of its report shows them."""

from collections import Counter
from collections.abc import Iterable

from ec2_backup.coverage.model import Coverage, Keeper, Leftover, Standing, Why
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.words import KEEPERS, STANDINGS, WHYS, rpo, warning
from ec2_backup.model import GIB
from ec2_backup.report.units import count, duration, percentage, size

NAMED = 10  # instances that are left out


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
        ("Left out", _left_out(report)),
        ("Execution time", duration(report.statistics.seconds)),
        ("AWS API calls", _calls(report)),
    ]
    return [(label, value) for label, value in pairs if value]


def _left_out(report: CoverageReport) -> str:
    ids = [one.instance_id for one in report.left_out]
    more = f" and {len(ids) - NAMED:,} more in the JSON report" if len(ids) > NAMED else ""
    return f"{count(len(ids), 'instance')} of restore drills: {', '.join(ids[:NAMED])}{more}" if ids else ""


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
    is_measured = report.coverages and report.is_whole
    rate = f"; {percentage(report.covered / len(report.coverages))} covered" if is_measured else ""
    return f"{len(report.coverages):,}" + (f": {parts}{rate}" if parts else "")


def _data(report: CoverageReport) -> str:
    if not report.is_whole:
        return ""
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
    if not (report.vaults or report.is_whole):
        return ""
    points = sum(vault.points for vault in report.vaults)
    stored = size(sum(vault.stored_bytes for vault in report.vaults))
    unread = sum(bool(vault.trouble) for vault in report.vaults)
    not_read = f"; {count(unread, 'vault')} could not be read" if unread else ""
    if not report.is_whole:
        not_read += "; the look ended early"
    return f"{len(report.vaults):,} with {count(points, 'recovery point')} of instances, {stored} provisioned{not_read}"


def _calls(report: CoverageReport) -> str:
    statistics, total = report.statistics, len(report.coverages)
    each = f", {statistics.calls / total:.3f} per instance" if total else ""
    throttled = f", {statistics.throttled_calls:,} throttled by AWS" if statistics.throttled_calls else ""
    return f"{statistics.calls:,}{each}{throttled}"
