"""How a flow copies what is proven into other vaults: begun at once, and watched when the backups are over.

Nothing of it costs a backup: what goes wrong with a copy is the failure of that copy. Only credentials that are over
end the run, as they do at every step.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from prefect.utilities.annotations import quote

from ec2_backup.aws.copies.jobs import list_copy_jobs, to_start_failure
from ec2_backup.batches import VERIFIED, in_groups, started_size
from ec2_backup.copies.model import CopyJob, CopyProof, PlannedCopy
from ec2_backup.copies.plan import adopt_copies, plan_copies, to_copy_restarts
from ec2_backup.copies.verdict import to_failure
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.ledger import Ledger
from ec2_backup.model import Target
from ec2_backup.narration import tell, tell_done
from ec2_backup.report.units import count
from flows.steps import Future
from tasks.copies import find_copy_jobs, start_copy_jobs, verify_copies, watch_copy_jobs

JOB_ENDED = 10  # the step at which a job is judged
_RESUME = "./start-ec2-backup.sh resume RUN_KEY goes on with it."


@dataclass(slots=True)
class Copying:
    """The copies of a run: `begun` are the instances whose turn has come, `starts` the tasks that start jobs."""

    run: Ledger
    begun: set[str] = field(default_factory=set)
    starts: list[tuple[list[PlannedCopy], Future]] = field(default_factory=list)

    def begin(self) -> None:
        """Begin to copy what is proven by now, and return while the jobs are being started; nothing is begun twice."""
        run, book = self.run, self.run.copies
        proofs = [one for one in list(run.proofs.values()) if not one.failure and one.instance_id not in self.begun]
        if not book.destinations or not proofs:
            return
        self.begun.update(proof.instance_id for proof in proofs)
        plans = [
            copy
            for one in proofs
            for copy in plan_copies(
                run.plans[one.instance_id], run.jobs[one.instance_id], one, book.destinations, run.run_key
            )
        ]
        book.note(plans)
        rest = [plan for target in sorted({plan.target for plan in plans}) for plan in self._unmade(plans, target)]
        self._start([plan for plan in rest if plan.key not in book.failures])

    def _unmade(self, plans: Sequence[PlannedCopy], target: Target) -> list[PlannedCopy]:
        """Write down the jobs that AWS has of these copies from one place, and return the copies that have none.

        What a run that begins now backs up itself nobody else has copied: one look tells what an earlier attempt at the
        run had started. The backup of somebody else's job may be copied by them as soon as it is there.
        """
        book, there = self.run.copies, [plan for plan in plans if plan.target == target]
        if target in book.looked and not any(self.run.jobs[plan.instance_id].adopted for plan in there):
            return there
        listed = answer_of(find_copy_jobs.submit(self.run.jobs_since, target))
        if isinstance(listed, AwsError):
            fail(self.run, there, f"whether it is copied already is not known: {listed.message}", listed.hint, 6)
            return []
        found, rest, had = adopt_copies(there, listed, self.run.run_key)
        book.looked.add(target)
        book.attempts.update(had)
        for job in book.note(found):
            book.failures.pop(job.key, None)  # that it could not be started no longer matters
        return rest

    def _start(self, plans: Sequence[PlannedCopy]) -> list[Future]:
        if not plans:
            return []
        book = self.run.copies
        book.note(plans)
        book.attempts.update(plan.key for plan in plans)
        groups = in_groups(plans, started_size(len(self.run.plans) * len(book.destinations)))
        futures = list(start_copy_jobs.map(groups))
        for future in futures:
            future.add_done_callback(self._note_started)
        self.starts += zip(groups, futures, strict=True)
        tell(f"{count(len(plans), 'copy', 'copies')} of proven backups being started", step=6)
        return futures

    def _note_started(self, start: Future) -> None:
        self.run.copies.note(noted(start))

    def prove(self) -> None:
        """Watch all copies to their end and verify each, once what was not verified at first has had a second look."""
        run, book = self.run, self.run.copies
        if not book.plans:
            return
        self._settle()
        going = sum(not job.state.is_final for job in book.jobs.values())
        over = f", {len(book.jobs) - going:,} over already" if going < len(book.jobs) else ""
        tell_done(6, f"{count(going, 'copy job')} under way{over}")
        verifications = [one for over in self._watched() for one in self._verifying(over)]
        for one in verifications:
            one.wait()
        late = [job for job in book.jobs.values() if job.key not in book.proofs and job.key not in book.failures]
        for copies, verification in self._verifications(late):
            proofs = answer_of(verification)
            if isinstance(proofs, AwsError):
                fail(run, copies, f"the copy could not be verified: {proofs.message}", proofs.hint or _RESUME)
            else:
                book.note(proofs)
        tell_done(12, f"{book.proven:,} of {len(book.plans):,} copies proven")

    def _settle(self) -> None:
        """Wait for the starts; AWS is asked before a copy counts as not started whose task has failed."""
        answers = [(plans, answer_of(future)) for plans, future in self.starts]
        unsure = {plan.key: (plan, error) for plans, error in answers if isinstance(error, AwsError) for plan in plans}
        plans = [plan for plan, _ in unsure.values()]
        for target in sorted({plan.target for plan in plans}):
            listed = answer_of(find_copy_jobs.submit(self.run.jobs_since, target))
            note_jobs(self.run, plans, () if isinstance(listed, AwsError) else listed)
        missing = [one for key, one in unsure.items() if key not in self.run.copies.jobs]
        self.run.copies.note(to_start_failure(plan, error) for plan, error in missing)

    def _watched(self) -> Iterator[list[CopyJob]]:
        """Watch the copy jobs and yield those that are over; one worth it is started again instead."""
        run, book, options = self.run, self.run.copies, self.run.request.options
        jobs = cast("dict[str, CopyJob]", quote(book.jobs))  # the very dict, which grows: Prefect would hand on a copy
        try:
            for over in watch_copy_jobs(jobs, options):
                book.note(over)
                again = to_copy_restarts(over, book.plans, run.run_key, book.attempts, 1 + options.restarts)
                for future in self._start(again):
                    answer_of(future)
                    book.note(noted(future))
                yield [job for job in over if book.jobs[job.key].job_id == job.job_id]
        except AuthenticationError:
            raise
        except AwsError as error:
            fail(run, book.unsettled, f"AWS could not be asked about its copy job: {error.message}", _RESUME, 10)

    def _verifying(self, over: Iterable[CopyJob]) -> list[Future]:
        """Begin to verify these copies; what is certain is noted as it comes, whatever else the run waits for."""
        begun = [verification for _, verification in self._verifications(over)]
        for verification in begun:
            verification.add_done_callback(self._note_certain)
        return begun

    def _verifications(self, jobs: Iterable[CopyJob]) -> list[tuple[list[PlannedCopy], Future]]:
        book = self.run.copies
        by_vault: dict[str, list[tuple[PlannedCopy, CopyJob]]] = {}
        for job in jobs:
            by_vault.setdefault(job.destination_arn, []).append((book.plans[job.key], job))
        return [
            ([plan for plan, _ in group], verify_copies.submit(quote(group), book.seen[arn]))
            for arn, copies in by_vault.items()
            for group in in_groups(copies, VERIFIED)
        ]

    def _note_certain(self, verification: Future) -> None:
        """Write down what a second look would not change: proven copies, and jobs that did not end well."""
        book = self.run.copies
        certain = [one for one in noted(verification) if one.failure is None or one.failure.step == JOB_ENDED]
        if any(proof.failure is None for proof in book.note(certain) if isinstance(proof, CopyProof)):
            tell(f"{book.proven:,} of {len(book.plans):,} copies proven by now", step=12)


def answer_of(future: Future) -> Any:
    """Return what a task returns, or the AwsError that it ended with; raises AuthenticationError, and any other one."""
    answer = future.result(raise_on_failure=False)
    if isinstance(answer, Exception) and (not isinstance(answer, AwsError) or isinstance(answer, AuthenticationError)):
        raise answer
    return answer


def noted(future: Future) -> list[Any]:
    """Return the results of a task that is over, none where it failed."""
    answer = future.result(raise_on_failure=False)
    return [] if isinstance(answer, Exception) else list(answer)


def fail(run: Ledger, plans: Iterable[PlannedCopy], reason: str, advice: str, step: int = 12) -> None:
    """Write down that these copies failed for one reason."""
    run.copies.note(to_failure(plan, reason, advice, step) for plan in plans)


def recall_copies(run: Ledger, plans: Sequence[PlannedCopy]) -> None:
    """Write down the jobs that AWS has of these copies as they are now, also those whose answer never arrived."""
    for target in sorted({plan.target for plan in plans}):
        note_jobs(run, plans, list_copy_jobs(run.jobs_since, target))


def note_jobs(run: Ledger, plans: Iterable[PlannedCopy], listed: Iterable[CopyJob]) -> None:
    """Write down the jobs of these copies, of several of one copy the newest."""
    wanted = {(plan.source.arn, plan.destination.arn) for plan in plans}
    newest_last = sorted(listed, key=lambda job: job.created_at)
    run.copies.note(job for job in newest_last if (job.source_arn, job.destination_arn) in wanted)
