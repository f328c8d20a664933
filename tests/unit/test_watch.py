"""All jobs of a run are watched by one shared look after another, close at first and calmly then."""

from datetime import timedelta

import pytest

from ec2_backup.errors import AccessError, AuthenticationError, AwsError, Interrupted
from ec2_backup.listener import listening
from ec2_backup.settings import BackupOptions
from ec2_backup.states import BackupJobState
from ec2_backup.watch import Clock, Patience, to_patience, to_progress, utc_now, watch
from tests.unit.backups import BEGAN, a_job, instance_id
from tests.unit.skies import Sky, Time, passing, watched
from tests.unit.test_narration import Ear

ONE, TWO = instance_id(1), instance_id(2)
CREATED, RUNNING, COMPLETED = BackupJobState.CREATED, BackupJobState.RUNNING, BackupJobState.COMPLETED
PATIENCE = Patience(timedelta(hours=12), 60)
SHOWN = (0.0, frozenset())


def hidden(*ids: str) -> tuple[float, frozenset[str]]:
    return (0.0, frozenset(f"job-{key}" for key in ids))


def test_jobs_that_have_ended_already_are_not_looked_at():
    sky = Sky(Time(), {}, [SHOWN])

    assert watched([a_job(ONE)], sky.look, sky.describe, PATIENCE, sky.time.clock) == (a_job(ONE),)
    assert sky.seen == 0
    assert sky.time.pauses == []


def test_a_fleet_without_jobs_is_watched_at_once():
    sky = Sky(Time(), {}, [SHOWN])

    assert watched([], sky.look, sky.describe, PATIENCE, sky.time.clock) == ()


def test_a_job_that_the_lists_never_show_is_described_after_three_looks():
    sky = Sky(Time(), {f"job-{ONE}": (0, COMPLETED)}, [hidden(ONE)])

    (job,) = watched([a_job(ONE, CREATED)], sky.look, sky.describe, PATIENCE, sky.time.clock)

    assert job.state is COMPLETED
    assert sky.seen == 3
    assert sky.described == [f"job-{ONE}"]


def test_a_job_that_is_unseen_now_and_then_is_never_described():
    sky = Sky(Time(), {f"job-{ONE}": (3000, COMPLETED)}, [hidden(ONE), hidden(ONE), SHOWN])

    watched([a_job(ONE, CREATED)], sky.look, sky.describe, PATIENCE, sky.time.clock)

    assert sky.described == []


@pytest.mark.parametrize(
    "trouble", [passing(), AccessError("backup:DescribeBackupJob", "AccessDeniedException", "not authorized")]
)
def test_a_job_that_cannot_be_described_does_not_hide_the_ends_of_the_others(trouble):
    sky = Sky(Time(), {f"job-{ONE}": None, f"job-{TWO}": (1800, COMPLETED)}, [hidden(ONE)])

    def refuse(_: object) -> None:
        raise trouble

    first, second = watched([a_job(ONE, CREATED), a_job(TWO, CREATED)], sky.look, refuse, PATIENCE, sky.time.clock)

    assert first.state is CREATED
    assert second.state is COMPLETED


def test_a_job_that_cannot_be_described_is_warned_of_once():
    sky = Sky(Time(), {f"job-{ONE}": None}, [hidden(ONE)], ["fails"])
    ear = Ear()

    with listening(ear):
        watched([a_job(ONE, CREATED)], sky.look, sky.describe, PATIENCE, sky.time.clock)

    assert len(sky.described) > 1
    assert len([line for line in ear.heard if ONE in line.text and "Rate exceeded" in line.text]) == 1


def test_expired_credentials_end_the_watch_also_when_a_job_is_described():
    sky = Sky(Time(), {f"job-{ONE}": None}, [hidden(ONE)])

    def refuse(_: object) -> None:
        raise AuthenticationError("backup:DescribeBackupJob", "ExpiredTokenException", "expired")

    with pytest.raises(AuthenticationError):
        watched([a_job(ONE, CREATED)], sky.look, refuse, PATIENCE, sky.time.clock)


def test_nineteen_failed_looks_in_a_row_are_a_hiccup_and_twenty_an_outage():
    sky = Sky(Time(), {f"job-{ONE}": (0, COMPLETED)}, ["fails"] * 19 + [SHOWN])
    assert watched([a_job(ONE, CREATED)], sky.look, sky.describe, PATIENCE, sky.time.clock)[0].state is COMPLETED

    sky = Sky(Time(), {f"job-{ONE}": (0, COMPLETED)}, ["fails"])
    with pytest.raises(AwsError, match="Rate exceeded"):
        watched([a_job(ONE, CREATED)], sky.look, sky.describe, PATIENCE, sky.time.clock)
    assert sky.seen == 20


@pytest.mark.parametrize(
    "error",
    [
        AuthenticationError("backup:ListBackupJobs", "ExpiredTokenException", "expired", retryable=True),
        AccessError("backup:ListBackupJobs", "AccessDeniedException", "not authorized"),
        Interrupted("told to stop"),
    ],
)
def test_trouble_that_lasts_ends_the_watch_at_once(error):
    time = Time()

    def look(_: object) -> list[object]:
        raise error

    with pytest.raises(type(error)):
        watched([a_job(ONE, CREATED)], look, lambda _: None, PATIENCE, time.clock)  # type: ignore[arg-type]
    assert time.pauses == []


def test_a_stop_while_the_watch_sleeps_ends_it():
    sky = Sky(Time(), {f"job-{ONE}": None}, [SHOWN])

    def woken(_: float) -> None:
        raise Interrupted("told to stop")

    with pytest.raises(Interrupted):
        watched([a_job(ONE, CREATED)], sky.look, sky.describe, PATIENCE, Clock(sky.time.now, woken))


def test_a_job_past_its_own_deadline_no_longer_holds_up_the_watch():
    sky = Sky(Time(), {f"job-{ONE}": None, f"job-{TWO}": (600, COMPLETED)}, [SHOWN])
    old = a_job(ONE, RUNNING, hours=-13)

    first, second = watched([old, a_job(TWO, CREATED)], sky.look, sky.describe, PATIENCE, sky.time.clock)

    assert first == old
    assert second.state is COMPLETED


def test_patience_is_what_the_options_ask_for():
    assert to_patience(BackupOptions(deadline_minutes=30, poll_seconds=5)) == Patience(timedelta(minutes=30), 5)


def test_a_job_is_handed_over_as_soon_as_it_has_ended_while_a_slow_one_goes_on():
    sky = Sky(Time(), {f"job-{ONE}": (60, COMPLETED), f"job-{TWO}": (7200, COMPLETED)}, [SHOWN])
    jobs = {key: a_job(key, CREATED) for key in (ONE, TWO)}

    looks = watch(jobs, sky.look, sky.describe, PATIENCE, sky.time.clock)

    assert [job.instance_id for job in next(looks)] == [ONE]
    assert sky.time.now() - BEGAN < timedelta(minutes=2)
    assert [job.instance_id for job in next(looks)] == [TWO]
    assert list(looks) == []


def test_a_job_that_joins_while_the_watch_goes_on_is_watched_to_its_end_too():
    sky = Sky(Time(), {f"job-{ONE}": (60, COMPLETED), "again": (600, COMPLETED)}, [SHOWN])
    jobs = {ONE: a_job(ONE, CREATED)}
    looks = watch(jobs, sky.look, sky.describe, PATIENCE, sky.time.clock)

    (first,) = next(looks)
    jobs[ONE] = a_job(ONE, CREATED, job_id="again")
    (second,) = next(looks)

    assert [first.job_id, second.job_id] == [f"job-{ONE}", "again"]
    assert list(looks) == []


def test_progress_counts_states_and_names_the_five_oldest_jobs_that_go_on():
    jobs = [a_job(instance_id(number), RUNNING, hours=-number) for number in range(7)] + [a_job(instance_id(9))]

    progress = to_progress(iter(jobs), BEGAN + timedelta(seconds=30), BEGAN)

    assert (progress.done, progress.total, progress.elapsed_seconds) == (1, 8, 30)
    assert progress.counts == {RUNNING: 7, COMPLETED: 1}
    assert [job.instance_id for job in progress.slowest] == [instance_id(number) for number in (6, 5, 4, 3, 2)]


def test_the_clock_of_a_real_watch_is_in_utc():
    assert utc_now().utcoffset() == timedelta(0)
    assert Clock().now() > BEGAN


def test_news_that_end_a_sleep_are_a_turn_and_cost_no_look_and_no_time():
    sky = Sky(Time(), {f"job-{ONE}": (600, COMPLETED)}, [SHOWN])
    news = iter([True, True, False])

    def sleep(seconds: float) -> bool:
        sky.time.sleep(seconds / 2 if (rang := next(news, False)) else seconds)
        return rang

    yielded = list(watch({ONE: a_job(ONE, CREATED)}, sky.look, sky.describe, PATIENCE, Clock(sky.time.now, sleep)))
    assert yielded[:2] == [[], []]
    assert [[job.state for job in some] for some in yielded if some] == [[COMPLETED]]
    quiet = Sky(Time(), {f"job-{ONE}": (600, COMPLETED)}, [SHOWN])
    watched([a_job(ONE, CREATED)], quiet.look, quiet.describe, PATIENCE, quiet.time.clock)
    assert (sky.seen, sky.time.moment) == (quiet.seen, quiet.time.moment)
