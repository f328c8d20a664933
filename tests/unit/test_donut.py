import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.report.donut import to_arcs
from ec2_backup.states import Verdict

counts = st.dictionaries(st.sampled_from(Verdict), st.integers(0, 5000))


@given(counts.filter(lambda counted: any(counted.values())))
def test_the_arcs_follow_each_other_around_the_whole_ring(counted):
    arcs = to_arcs(counted)
    ends = [0.0, *(arc.start + arc.length for arc in arcs)]

    assert [arc.start for arc in arcs] == pytest.approx(ends[:-1])
    assert ends[-1] == pytest.approx(100)
    assert sum(arc.share for arc in arcs) == pytest.approx(1)


@given(counts)
def test_each_verdict_that_an_instance_has_is_an_arc_that_can_be_seen(counted):
    arcs = to_arcs(counted)

    assert {arc.verdict: arc.count for arc in arcs} == {
        verdict: number for verdict, number in counted.items() if number
    }
    assert all(arc.length > 0.9 for arc in arcs)


def test_one_failure_among_thousands_is_drawn_longer_than_it_is_and_said_truly():
    _, failed = to_arcs({Verdict.PROVEN: 1999, Verdict.FAILED: 1})

    assert failed.length == pytest.approx(1, abs=0.02)
    assert failed.share == 1 / 2000
