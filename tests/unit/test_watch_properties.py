"""Whatever AWS shows of the jobs, stale, incomplete or not at all: the watch ends, and says nothing that is not so."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.errors import AwsError
from ec2_backup.states import BackupJobState
from ec2_backup.watch import FAILED_LOOKS, Patience
from tests.unit.backups import BEGAN, a_job, instance_id
from tests.unit.skies import Sky, Time, watched

IDS = [instance_id(number) for number in range(4)]
FINAL = st.sampled_from([state for state in BackupJobState if state.is_final])
ENDS = st.none() | st.tuples(st.floats(0, 40_000), FINAL)
HIDDEN = st.frozensets(st.sampled_from([f"job-{key}" for key in IDS]))
LOOKS = st.just("fails") | st.tuples(st.sampled_from([0.0, 5.0, 120.0, 3600.0]), HIDDEN)


@st.composite
def skies(draw: st.DrawFn) -> tuple[Sky, list[float]]:
    """Draw the truth about some jobs, what each look and each describe shows, and the jobs' ages in hours."""
    count = draw(st.integers(0, len(IDS)))
    ends = {f"job-{key}": draw(ENDS) for key in IDS[:count]}
    sky = Sky(
        Time(),
        ends,
        draw(st.lists(LOOKS, min_size=1, max_size=8)),
        draw(st.lists(st.sampled_from(["tells", "unknown", "fails"]), min_size=1, max_size=4)),
    )
    return sky, [draw(st.floats(0, 12)) for _ in range(count)]


@settings(deadline=None)
@given(skies(), st.floats(1, 720), st.floats(60, 600))
def test_a_watch_ends_by_the_deadlines_and_never_invents_an_end(drawn, minutes, pause):
    sky, ages = drawn
    patience = Patience(timedelta(minutes=minutes), pause)
    jobs = [
        a_job(key, BackupJobState.CREATED, created_at=BEGAN - timedelta(hours=age), adopted=age > 1)
        for key, age in zip(IDS, ages, strict=False)
    ]

    try:
        ended = watched(jobs, sky.look, sky.describe, patience, sky.time.clock)
    except AwsError:
        # Only an outage of AWS ends a watch early: twenty looks in a row that failed.
        assert set(sky.looks) == {"fails"}
        assert sky.seen == FAILED_LOOKS
        return

    now = sky.time.now()
    assert [job.job_id for job in ended] == [job.job_id for job in jobs]
    assert [job.adopted for job in ended] == [job.adopted for job in jobs]
    for job in ended:
        end = sky.ends[job.job_id]
        if job.state.is_final:
            assert end is not None
            assert (job.state, job.completed_at) == (end[1], BEGAN + timedelta(seconds=end[0]))
            assert job.completed_at <= now
        else:
            assert now - job.created_at >= patience.deadline
    assert sky.early == []
    last = max((job.created_at + patience.deadline for job in jobs), default=BEGAN)
    assert now <= max(last, BEGAN) + timedelta(seconds=pause)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 20_000), FINAL), min_size=1, max_size=4), st.floats(60, 600))
def test_every_end_within_the_deadline_is_seen_where_aws_shows_it(ends, pause):
    time = Time()
    jobs = [a_job(key, BackupJobState.CREATED) for key, _ in zip(IDS, ends, strict=False)]
    sky = Sky(time, {job.job_id: end for job, end in zip(jobs, ends, strict=True)}, [(0.0, frozenset())])

    ended = watched(jobs, sky.look, sky.describe, Patience(timedelta(hours=12), pause), time.clock)

    assert [job.state for job in ended] == [state for _, state in ends]
    assert sky.described == []
    assert time.now() <= BEGAN + timedelta(seconds=max(seconds for seconds, _ in ends) + max(pause, 1))
