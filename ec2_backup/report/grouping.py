"""A report by account and Region, where there is more than one of them."""

from ec2_backup.places import PlaceStatistics
from ec2_backup.report.units import count, size
from ec2_backup.results import RunReport


def accounts(report: RunReport) -> list[str]:
    """Return the accounts that the run's instances are in, or else the caller's own, none where nobody is known."""
    found = sorted({outcome.account for outcome in report.outcomes if outcome.account})
    return found or ([report.caller.account] if report.caller else [])


def in_words(report: RunReport) -> str:
    """Return the accounts of a run in a few words, "" where none is known: `AWS account 123456789012`."""
    found = accounts(report)
    return f"AWS account {found[0]}" if len(found) == 1 else f"{len(found)} AWS accounts" if found else ""


def by_place(report: RunReport) -> list[PlaceStatistics]:
    """Return the figures of each account and Region with instances, none where there is only one such place."""
    found = [place for place in report.statistics.places if place.instances]
    return found if len(found) > 1 else []


def place_pairs(report: RunReport) -> list[tuple[str, str]]:
    """Return the figures of each account and Region as pairs of label and value, ready to be shown."""
    return [(f"{place.account} {place.region}".strip(), _figures(place)) for place in by_place(report)]


def _figures(place: PlaceStatistics) -> str:
    failed = f", {place.failed:,} failed" if place.failed else ""
    instances = f"{count(place.instances, 'instance')}: {place.proven:,} proven{failed}"
    return f"{instances}, {size(place.protected_bytes)} provisioned, {count(place.api_calls, 'AWS call')}"
