"""How long a watch pauses between two looks: close at first and near the end, calm between."""

from datetime import timedelta

from ec2_backup.states import BackupJobState
from ec2_backup.watch import Patience, pause_seconds
from tests.unit.backups import BEGAN, a_job, instance_id
from tests.unit.skies import Sky, Time, watched

CREATED, COMPLETED = BackupJobState.CREATED, BackupJobState.COMPLETED
PATIENCE = Patience(timedelta(hours=12), 60)
SHOWN = (0.0, frozenset[str]())


def test_pauses_grow_with_the_age_of_the_jobs_from_a_second_to_the_longest():
    assert pause_seconds(0, PATIENCE) == 1
    assert pause_seconds(-30, PATIENCE) == 1
    assert pause_seconds(100, PATIENCE) == 25
    assert pause_seconds(6000, PATIENCE) == 60


def test_pauses_shrink_when_at_their_present_pace_the_last_jobs_end_soon():
    assert pause_seconds(200, PATIENCE, 25) == 25
    assert pause_seconds(200, PATIENCE, 5) == 10
    assert pause_seconds(200, PATIENCE, 500) == 50
    assert pause_seconds(10, PATIENCE, 0.1) == 1


def test_an_hour_of_a_thousand_jobs_is_seen_to_its_end_in_twenty_two_looks():
    ids = [instance_id(number) for number in range(1000)]
    jobs = [a_job(key, CREATED, hours=-number / 18_000) for number, key in enumerate(ids)]
    ends = {job.job_id: (600 + 3 * number, COMPLETED) for number, job in enumerate(jobs)}
    sky = Sky(Time(), ends, [SHOWN])

    watched(jobs, sky.look, sky.describe, Patience(timedelta(hours=12), 300), sky.time.clock)

    last = BEGAN + timedelta(seconds=600 + 3 * 999)
    assert sky.seen <= 22
    assert sky.time.now() - last < timedelta(minutes=5)
