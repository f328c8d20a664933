"""What a run has learned of its copies so far: per copy the newest of each noun, and at most one failure, the first."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ec2_backup.bell import Bell
from ec2_backup.copies.destination import CopyDestination
from ec2_backup.copies.foresight import judge_copy, to_failure
from ec2_backup.copies.model import CopyFailure, CopyJob, CopyProof, PlannedCopy, SeenDestination
from ec2_backup.model import Key, PlannedBackup, Target, Vault
from ec2_backup.narration import Mark, tell
from ec2_backup.report.units import count

Noun = PlannedCopy | CopyJob | CopyProof | CopyFailure
NEEDED = frozenset({"backup:StartCopyJob", "backup:ListCopyJobs"})


@dataclass(slots=True)
class CopyBook:
    """The copies of a run; all but `seen` goes by the copies' keys. `bell` rings when a backup was proven.

    `attempts` are the jobs that each copy has had, `looked` the places where it is known what AWS has already.
    """

    destinations: tuple[CopyDestination, ...] = ()
    seen: dict[str, SeenDestination] = field(default_factory=dict)  # by ARN
    plans: dict[str, PlannedCopy] = field(default_factory=dict)
    jobs: dict[str, CopyJob] = field(default_factory=dict)
    proofs: dict[str, CopyProof] = field(default_factory=dict)
    failures: dict[str, CopyFailure] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    looked: set[Target] = field(default_factory=set)
    bell: Bell = field(default_factory=Bell)

    @property
    def proven(self) -> int:
        """How many copies are proven by now."""
        return sum(proof.failure is None for proof in list(self.proofs.values()))

    @property
    def unsettled(self) -> list[PlannedCopy]:
        """The planned copies of which neither a final job nor a failure is known."""
        return [plan for key, plan in self.plans.items() if key not in self.failures and not self._is_over(key)]

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys of the vaults that copies go into, those that were looked at."""
        return tuple(seen.key for seen in self.seen.values() if seen.key)

    def _is_over(self, key: str) -> bool:
        return key in self.jobs and self.jobs[key].state.is_final

    def foresee(
        self,
        plans: Iterable[PlannedBackup],
        vaults: Mapping[Target, Vault],
        keys: Mapping[str, Key],
        denied: Mapping[str, Iterable[str]],
    ) -> None:
        """Write down which copies of these backups cannot be, and tell that by reason before anything is started.

        Args:
            plans: The backups.
            vaults: The vaults that they go into, by target.
            keys: The keys of volumes and vaults, by ARN.
            denied: What the caller is not allowed, by the role that an account is entered through.
        """
        failures = list(self._foreseen(list(plans), vaults, keys, denied))
        for failure in failures:
            self.failures.setdefault(failure.key, failure)
        reasons = Counter((one.step, self._where(one.destination_arn), one.reason) for one in failures)
        for (step, where, reason), number in reasons.items():
            text = f"no copy of {count(number, 'backup')} into {where} can work: {reason}"
            tell(text, mark=Mark.FAILED, step=step)

    def _foreseen(
        self,
        plans: list[PlannedBackup],
        vaults: Mapping[Target, Vault],
        keys: Mapping[str, Key],
        denied: Mapping[str, Iterable[str]],
    ) -> Iterator[CopyFailure]:
        for seen in self.seen.values():
            for plan in plans:
                at = plan.instance.target
                missed = [one for one in denied.get(at.role_arn, ()) if one in NEEDED]
                if trouble := judge_copy(plan, vaults.get(at), seen, keys, missed):
                    yield to_failure(plan, seen, trouble)

    def note(self, results: Iterable[Noun]) -> list[Noun]:
        """Write down what is known so far of each copy, of which failures are told; return all but these."""
        going_on: list[Noun] = []
        for result in results:
            if isinstance(result, CopyFailure):
                self._fail(result)
            else:
                self._write(result)
                going_on.append(result)
        return going_on

    def _write(self, noun: PlannedCopy | CopyJob | CopyProof) -> None:
        match noun:
            case PlannedCopy():
                self.plans[noun.key] = noun
            case CopyJob():
                self.jobs[noun.key] = noun
            case CopyProof():
                self.proofs[noun.key] = noun
                if noun.failure:
                    self._fail(noun.failure)

    def _fail(self, failure: CopyFailure) -> None:
        if failure.key not in self.failures:
            self.failures[failure.key] = failure
            where = self._where(failure.destination_arn)
            tell(f"{failure.instance_id}: copy into {where}: {failure.reason}", mark=Mark.FAILED, step=failure.step)

    def _where(self, arn: str) -> str:
        return next((str(one) for one in self.destinations if one.arn == arn), arn)
