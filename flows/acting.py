"""What a drill does about each thing that happens: start, tag, verify, check, prove, and remove."""

from collections.abc import Callable
from dataclasses import replace

from ec2_backup.drill.course import Board, Managed, News
from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.marks import Mark, marked
from ec2_backup.drill.model import CheckResult, Gone, SentCommand
from ec2_backup.drill.verdict import judge_check
from ec2_backup.drilled import Restored
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.narration import Mark as Sign
from ec2_backup.narration import tell
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob
from ec2_backup.restore.model import PlannedRestore, RestoreFailure
from ec2_backup.restore.verdict import judge_job
from flows.removing import leave, leftover_over, unmark
from flows.restoring import started, tag, verified
from tasks.drill import mark_recovery_point, send_check, write_proof


def with_mark(plan: PlannedRestore, run: DrillLedger) -> PlannedRestore:
    """Return the plan of a new instance that says whose it is, and until when."""
    return marked(plan, Mark(run.run_key, run.until, run.drill.subnet))


def act(news: News, run: DrillLedger, board: Board) -> None:
    """Do what something that has happened asks for, and put its instance on the board where it goes on."""
    match news:
        case PlannedRestore():
            _start(news, run, board)
        case RestoreJob():
            (leftover_over if news.line in run.leftovers else _job_over)(news, run, board)
        case RestoredInstance():
            _ready(news, run, board)
        case Managed():
            _check(news.waiting, run, board)
        case CheckResult():
            _checked(news, run, board)
        case Gone():
            _gone(news, run)


def _gone(gone: Gone, run: DrillLedger) -> None:
    run.end(gone)
    if gone.line in run.plans and not gone.left:
        unmark(run.plans[gone.line], run)


def _start(plan: PlannedRestore, run: DrillLedger, board: Board) -> None:
    """Mark the image, so that whatever comes of the restore is found even if this process dies now, and start it."""
    line = plan.row.line
    plan = run.plans[line] = with_mark(plan, run)
    run.begun.add(line)
    if why := _or_why(lambda: mark_recovery_point(plan, run.run_key)):
        tell(f"{plan.point.image_id} could not be marked, the drill goes on: {why}", mark=Sign.WARNING)
    jobs = run.note(started([plan], run))
    board.jobs |= {job.line: job for job in jobs}
    if not jobs:
        unmark(plan, run)


def _job_over(job: RestoreJob, run: DrillLedger, board: Board) -> None:
    plan = run.plans[job.line]
    run.note([job])
    failure = judge_job(plan, job)
    run.fail(failure)
    if failure is None:
        tag(plan, job)
        if job.line in run.proofs or job.line in run.failures:
            leave(job.line, run, board)
        else:
            tell(f"{plan.point.source_id}: {job.created_id} made, waiting for its status checks")
            board.booting[job.line] = job
    elif job.state.is_final:
        unmark(plan, run)
    else:
        run.leave(job.line, f"restore job {job.job_id} goes on; the next drill removes what it makes")


def _ready(restored: RestoredInstance, run: DrillLedger, board: Board) -> None:
    line, plan = restored.line, run.plans[restored.line]
    run.note([restored])
    if not verified(plan, run):
        leave(line, run, board)
    elif run.drill.check:
        tell(f"{plan.point.source_id}: {restored.instance.instance_id} is what was backed up, to be checked")
        since, one = run.restored[line].seen_at, restored.instance
        board.commands[line] = SentCommand(line, one.instance_id, one.region, since)
    else:
        _prove(line, run, board)


def _check(waiting: SentCommand, run: DrillLedger, board: Board) -> None:
    seconds = int(run.options.check_minutes * 60)
    try:
        instance = run.restored[waiting.line].instance
        command_id = send_check(instance, run.drill.check or "", seconds, run.run_key)
    except AuthenticationError:
        raise
    except AwsError as error:
        run.fail(RestoreFailure(waiting.line, f"the check could not be sent: {error.message}", error.hint))
        leave(waiting.line, run, board)
    else:
        board.commands[waiting.line] = replace(waiting, command_id=command_id)


def _checked(result: CheckResult, run: DrillLedger, board: Board) -> None:
    run.checks[result.line] = result
    failure = judge_check(result, run.options.check_minutes)
    run.fail(failure)
    if failure is None:
        _prove(result.line, run, board)
    else:
        leave(result.line, run, board)


def _prove(line: int, run: DrillLedger, board: Board) -> None:
    """Write the proof on the image, where it outlives this process, and only then remove what gave it."""
    run.prove(line)
    proof = Restored(run.proven_at[line], run.seconds_of(line), run.run_key)
    if why := _or_why(lambda: write_proof(run.plans[line], proof)):
        said = f"{run.name_of(line)}: its image could not be tagged with the proof: {why}"
        tell(said, mark=Sign.WARNING)
    leave(line, run, board)


def _or_why(work: Callable[[], str]) -> str:
    """Return what the work says of its trouble, or what AWS says where it cannot be asked: no drill ends for a tag."""
    try:
        return work()
    except AuthenticationError:
        raise
    except AwsError as error:
        return error.message
