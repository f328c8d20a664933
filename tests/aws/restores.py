"""The way of a recovery point to a new instance, as the run goes it, in as few lines as a test needs."""

import json
import time
from datetime import datetime

from ec2_backup.aws.restore import ground, jobs, points
from ec2_backup.model import Caller, ServiceRole, Target
from ec2_backup.restore.jobs import RestoreJob
from ec2_backup.restore.model import Changes, ChosenPoint, PlannedRestore, RestoreFailure, RestoreRow
from ec2_backup.restore.order import plan_rows

FIRST = "i-00000000000000001"
AT = Target("us-east-1")


def chosen_for(row: RestoreRow, caller: Caller, vault: str | None = None) -> ChosenPoint | RestoreFailure:
    (result,) = points.choose_points([row], vault, caller, AT)
    return result


def a_plan(caller: Caller, role: ServiceRole, run_key: str = "KEY", **changes: str) -> PlannedRestore:
    chosen = chosen_for(RestoreRow(1, FIRST, region="us-east-1", changes=Changes(**changes)), caller)
    assert isinstance(chosen, ChosenPoint)
    kept = points.get_restore_metadata(chosen, AT)
    groups, names = json.loads(kept["SecurityGroupIds"]), ["web"]
    there = ground.look_at_ground([kept["SubnetId"]], groups, [kept["InstanceType"]], names, role, caller, AT)
    (plan,) = plan_rows([(chosen, kept)], there, role, run_key, copy_tags=True)
    assert isinstance(plan, PlannedRestore), plan
    return plan


def started(plan: PlannedRestore) -> RestoreJob:
    job = jobs.start_restore_job(plan)
    assert isinstance(job, RestoreJob), job
    return job


def over(job: RestoreJob, since: datetime) -> RestoreJob:
    while True:
        (seen,) = jobs.look_at([job], since)
        if seen.state.is_final:
            return seen
        time.sleep(0.005)
