"""The copies of a run, as every form of the report shows them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ec2_backup.copies.destination import CopyDestination
from ec2_backup.copies.model import CopyOutcome
from ec2_backup.report.reasons import VERDICT_WORDS
from ec2_backup.report.units import count
from ec2_backup.results import Outcome, RunReport
from ec2_backup.states import Verdict


@dataclass(frozen=True, slots=True)
class ShownCopy:
    """A copy, with the outcome of the instance that it is of."""

    outcome: Outcome
    copy: CopyOutcome

    @property
    def reason(self) -> str:
        """What happened."""
        return self.copy.failure.reason if self.copy.failure else "no reason was recorded"

    @property
    def advice(self) -> str:
        """What to do."""
        return self.copy.failure.advice if self.copy.failure else ""


@dataclass(frozen=True, slots=True)
class VaultCopies:
    """What became of all copies into one vault: how many were asked for, and how many have each verdict."""

    destination: CopyDestination
    total: int
    counts: Counter[Verdict]

    @property
    def words(self) -> str:
        """The numbers in words: `2: 1 proven, 1 failed`."""
        return f"{self.total:,}: {in_words(self.counts)}"


def lacking_copies(report: RunReport) -> list[ShownCopy]:
    """Return the copies that are neither proven nor planned, of backups that are one of these."""
    good = {Verdict.PROVEN, Verdict.PLANNED}
    return [
        ShownCopy(outcome, copy)
        for outcome in report.outcomes
        if outcome.verdict in good
        for copy in outcome.copies
        if copy.verdict not in good
    ]


def mendable_copies(report: RunReport) -> list[ShownCopy]:
    """Return the lacking copies that the run may prove when it is taken up: all but those made and not whole."""
    return [one for one in lacking_copies(report) if not (one.copy.failure and one.copy.failure.is_lasting)]


def by_vault(report: RunReport) -> list[VaultCopies]:
    """Return what became of the copies by the vaults that they go into, in the order in which these were asked for."""
    found: dict[CopyDestination, Counter[Verdict]] = {}
    for outcome in report.outcomes:
        for copy in outcome.copies:
            found.setdefault(copy.destination, Counter())[copy.verdict] += 1
    return [VaultCopies(destination, counts.total(), counts) for destination, counts in found.items()]


def in_words(counts: Counter[Verdict]) -> str:
    """Return how many copies have each verdict: `1 proven, 1 failed`."""
    return ", ".join(f"{counts[verdict]:,} {words}" for verdict, words in VERDICT_WORDS.items() if counts[verdict])


def copy_sentence(report: RunReport) -> str:
    """Return what the headline says of copies, "" where none were asked for: `1 of 2 copies is proven`."""
    total, proven = report.statistics.copies, report.statistics.proven_copies
    return f"{proven:,} of {count(total, 'copy', 'copies')} {'is' if proven == 1 else 'are'} proven" if total else ""


def copy_figures(report: RunReport) -> Iterator[tuple[str, str]]:
    """Yield label and value of the copies, one pair for each vault that they go into."""
    for vault in by_vault(report):
        days = vault.destination.retention_days
        yield (
            "Copies",
            f"{vault.destination}: {in_words(vault.counts)}" + (f"; kept {count(days, 'day')}" if days else ""),
        )


def where_to(copy: CopyOutcome, own_account: str) -> str:
    """Return the vault that a copy goes into, with its account where that is not the instance's own."""
    to = copy.destination
    return str(to) if to.account != own_account else f"{to.vault_name} in {to.region}"
