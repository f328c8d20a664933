"""How a run waits for its vaults, whatever Prefect answers and whenever it is away."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.errors import VaultBusy
from ec2_backup.vaultqueue import AWAY_SECONDS, LEFT_SECONDS, LOOK_SECONDS, Neighbours, Refused, VaultQueue
from tests.unit.listeners import heard

LEASE = uuid4()
NIGHTLY = Neighbours(holders=('the run "nightly"',))
UNTAGGED = Neighbours(strangers=('the run "odd"',))
NOBODY = Neighbours()
AWAY, REFUSES = ConnectionError("nobody answers"), PermissionError("403")
TAKEN = Refused.TAKEN


@dataclass
class ScriptedOffice:
    """An office that answers one after another of these, the last for ever, and writes down what it is asked for."""

    answers: Iterator[UUID | Refused | Exception]
    sees: Iterator[Neighbours | Exception]
    shown: int = 0
    freed: int = 0
    lists: int = 0
    now: float = 0.0

    def take(self) -> UUID | Refused:
        if isinstance(answer := next(self.answers), Exception):
            raise answer
        return LEASE if self.freed else answer

    def neighbours(self) -> Neighbours:
        self.lists += 1
        if isinstance(found := next(self.sees), Exception):
            raise found
        return found

    def show_waiting(self) -> None:
        self.shown += 1

    def free(self) -> None:
        self.freed += 1

    def is_refusal(self, error: Exception) -> bool:
        return isinstance(error, PermissionError)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def an_office(
    *answers: UUID | Refused | Exception, sees: tuple[Neighbours | Exception, ...] = (NIGHTLY,)
) -> ScriptedOffice:
    return ScriptedOffice(for_ever(answers), for_ever(sees))


def for_ever(values):
    return chain(values, repeat(values[-1]))


def queue_at(office: ScriptedOffice, on_busy: str = "wait", patience: float = 7200.0) -> VaultQueue:
    return VaultQueue(office, "vault EC2-Backup", on_busy, patience, clock=lambda: office.now, sleep=office.sleep)


def test_a_vault_that_is_free_is_entered_at_once_and_nobody_is_shown_as_waiting():
    office = an_office(LEASE)

    assert queue_at(office).wait() == LEASE
    assert (office.now, office.shown, office.lists) == (0.0, 0, 0)


def test_a_run_waits_until_the_vault_is_free():
    office = an_office(*[TAKEN] * 100, LEASE)

    assert queue_at(office).wait() == LEASE
    assert office.now == 100 * LOOK_SECONDS
    assert office.shown == 100
    assert office.lists < 25
    assert office.freed == 0


@pytest.mark.parametrize("error", [AWAY, REFUSES])
def test_a_prefect_that_never_answers_or_refuses_costs_no_backup(error):
    office = an_office(error)

    assert queue_at(office).wait() is None
    assert office.now == (0.0 if error is REFUSES else AWAY_SECONDS + LOOK_SECONDS)


def test_a_prefect_that_is_away_for_a_while_is_asked_again():
    office = an_office(TAKEN, *[AWAY] * 20, TAKEN, *[AWAY] * 50, LEASE)

    assert queue_at(office).wait() == LEASE


@pytest.mark.parametrize("seen", [NIGHTLY, UNTAGGED])
def test_a_run_that_is_not_to_wait_fails_and_names_who_may_be_there(seen):
    with pytest.raises(VaultBusy) as caught:
        queue_at(an_office(TAKEN, sees=(seen,)), "fail").wait()

    assert caught.value.message.startswith("Vault EC2-Backup is taken, ")
    assert caught.value.message.endswith(f"by {(*seen.holders, *seen.strangers)[0]}.")
    assert "on_busy_vault" in caught.value.hint


def test_a_run_that_is_not_to_wait_waits_for_the_end_of_a_lease_that_a_dead_run_has_left():
    office = an_office(*[TAKEN] * 14, LEASE, sees=(NOBODY,))

    assert queue_at(office, "fail").wait() == LEASE


def test_a_slot_that_nobody_in_sight_holds_is_freed_in_the_end():
    office = an_office(TAKEN, sees=(NIGHTLY, NIGHTLY, NOBODY))

    assert queue_at(office).wait() == LEASE
    assert office.freed == 1
    assert LEFT_SECONDS < office.now < 3 * LEFT_SECONDS


@pytest.mark.parametrize("sees", [(NIGHTLY,), (UNTAGGED,), (AWAY,), (NIGHTLY, AWAY), (REFUSES,)])
def test_a_slot_is_not_freed_while_somebody_may_hold_it_and_the_wait_ends_with_the_patience(sees):
    office = an_office(TAKEN, sees=sees)

    with pytest.raises(VaultBusy, match="still after 120 minutes") as caught:
        queue_at(office).wait()

    assert office.freed == 0
    assert caught.value.message.startswith("Vault EC2-Backup is taken")


@pytest.mark.parametrize("on_busy", ["wait", "fail"])
def test_a_vault_that_is_closed_says_how_it_is_opened_and_is_never_freed(on_busy):
    office = an_office(Refused.CLOSED)

    with pytest.raises(VaultBusy, match="closed, its limit in Prefect is 0") as caught:
        queue_at(office, on_busy).wait()

    assert "raises its limit" in caught.value.hint
    assert (office.now == 0) is (on_busy == "fail")
    assert office.freed == office.lists == 0


def test_each_run_that_is_waited_for_is_told_once():
    other = Neighbours(holders=('the run "ad-hoc"',))

    with heard() as listener:
        queue_at(an_office(*[TAKEN] * 40, LEASE, sees=(NIGHTLY, NIGHTLY, NIGHTLY, other))).wait()

    assert [line.text for line in listener.heard] == [
        'vault EC2-Backup is taken, by the run "nightly": waiting until that is over',
        'vault EC2-Backup is taken, by the run "ad-hoc": waiting until that is over',
        "vault EC2-Backup is free, the run goes on",
    ]


def test_that_prefect_does_not_answer_is_not_told_as_a_free_vault():
    with heard() as listener:
        queue_at(an_office(TAKEN, AWAY)).wait()

    assert [line.text for line in listener.heard] == [
        'vault EC2-Backup is taken, by the run "nightly": waiting until that is over',
        "whether another run is at work in vault EC2-Backup is not known: nobody answers",
    ]


ANSWERS = st.sampled_from([TAKEN, Refused.CLOSED, AWAY, LEASE])
SIGHTS = st.sampled_from([NIGHTLY, UNTAGGED, NOBODY, AWAY])


@given(st.lists(ANSWERS, min_size=1), st.lists(SIGHTS, min_size=1), st.sampled_from(["wait", "fail"]))
def test_whatever_happens_the_wait_ends_and_a_lease_is_given_only_where_there_is_one(answers, sights, on_busy):
    office = an_office(*answers, sees=tuple(sights))
    queue = queue_at(office, on_busy)

    try:
        lease = queue.wait()
    except VaultBusy:
        lease = None

    assert lease in {LEASE, None}
    assert queue.waited_seconds <= 7200 + AWAY_SECONDS + 2 * LOOK_SECONDS
