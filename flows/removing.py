"""How a drill leaves nothing behind: what it made, what earlier drills have left, and the marks on images."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from ec2_backup.drill.course import Board
from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.marks import Mark, to_mark_tags
from ec2_backup.drill.model import Claim, Gone, Leaving, Leftover
from ec2_backup.drill.plan import to_claim
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Target
from ec2_backup.narration import Mark as Sign
from ec2_backup.narration import tell
from ec2_backup.restore.jobs import RestoreJob, RestoreJobState
from ec2_backup.restore.model import PlannedRestore
from ec2_backup.restore.plan import FROM_TAG
from ec2_backup.restore.plan import RUN_TAG as RESTORE_TAG
from tasks.drill import remove_instance, tag_leftover, take_mark


def leave(line: int, run: DrillLedger, board: Board) -> None:
    """Remove the new instance, or keep it where it failed and somebody wants to look at it."""
    plan, job = run.plans[line], run.jobs[line]
    if line in run.failures and run.options.keep_failed:
        run.keep(line)
        _tag(job.created_id, to_mark_tags(Mark(run.run_key, run.now, run.drill.subnet)), plan.point.target)
        unmark(plan, run)
        return
    _remove(line, job.created_id, to_claim(plan, run.run_key), plan.point.target, run, board)


def clear_leftovers(run: DrillLedger, board: Board) -> None:
    """Remove what earlier drills have left, and wait for the restores of theirs that still go on."""
    for one in run.leftovers.values():
        if one.instance_id:
            _remove_leftover(one, run, board)
        elif one.job_id:
            going = RestoreJobState.RUNNING
            board.jobs[one.line] = RestoreJob(
                one.job_id, one.line, one.recovery_point_arn, one.region, going, datetime.now(UTC)
            )


def leftover_over(job: RestoreJob, run: DrillLedger, board: Board) -> None:
    """Remove what the restore job of an earlier drill has made, now that it is over."""
    if not job.state.is_final:
        run.leave(job.line, f"restore job {job.job_id} goes on; the next drill removes what it makes")
    elif not job.created_id:
        run.end(Gone(job.line))
    else:
        one = replace(run.leftovers[job.line], instance_id=job.created_id)
        run.leftovers[job.line] = one
        _remove_leftover(one, run, board)


def _remove_leftover(one: Leftover, run: DrillLedger, board: Board) -> None:
    claim = Claim(one.drill_key, one.recovery_point_arn, run.drill.subnet)
    if not one.is_tagged:
        own = {FROM_TAG: one.recovery_point_arn, RESTORE_TAG: one.drill_key}
        mark = Mark(one.drill_key, run.now, run.drill.subnet)
        _tag(one.instance_id, {**own, **to_mark_tags(mark)}, one.target)
    _remove(one.line, one.instance_id, claim, one.target, run, board)


def _tag(instance_id: str, tags: Mapping[str, str], target: Target) -> None:
    try:
        tag_leftover(instance_id, tags, target)
    except AuthenticationError:
        raise
    except AwsError as error:
        tell(f"{instance_id} could not be tagged: {error.message}", mark=Sign.WARNING)


def _remove(line: int, instance_id: str, claim: Claim, target: Target, run: DrillLedger, board: Board) -> None:
    try:
        answer = remove_instance(line, instance_id, claim, target)
    except AuthenticationError:
        raise
    except AwsError as error:
        answer = f"{instance_id} could not be terminated: {error.message}"
    if isinstance(answer, Leaving):
        board.leaving[line] = answer
    else:
        run.end(Gone(line, (answer,)))


def unmark(plan: PlannedRestore, run: DrillLedger) -> None:
    """Take the drill's mark from the image of a plan: what was made of it is gone, or bears its tag."""
    _unmark(plan.point.image_id, run.run_key, plan.point.target)


def take_marks(run: DrillLedger) -> None:
    """Take the marks of earlier drills from the images of which they have left nothing."""
    unfinished = {
        one.drill_key
        for one in run.leftovers.values()
        if not one.marked_image and (one.line not in run.ended or run.left.get(one.line))
    }
    for one in run.leftovers.values():
        if one.marked_image and one.drill_key not in unfinished:
            gone = _unmark(one.marked_image, one.drill_key, one.target)
            run.end(Gone(one.line, () if gone else ("it could not be taken away",)))


def _unmark(image_id: str, drill_key: str, target: Target) -> bool:
    try:
        take_mark(image_id, drill_key, target)
    except AuthenticationError:
        raise
    except AwsError as error:
        tell(f"the mark on {image_id} could not be taken away: {error.message}", mark=Sign.WARNING)
        return False
    return True
