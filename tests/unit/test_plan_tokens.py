"""One backup of one instance in one run has one idempotency token, whoever asks and whenever."""

from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.plan import to_idempotency_token

ID = "i-0a1b2c3d4e5f60718"


def test_a_token_never_changes_between_versions():
    """A run may be resumed by a later version, which must find the token that the earlier one used."""
    assert to_idempotency_token("nightly-2026-01-31", ID, "Nightly") == (
        "7e2fc974f5c701c8332548462d0aa6cd1c408478b21be862608cb581fce7ae88"
    )


texts = st.text(min_size=1, max_size=20)
parts = st.tuples(texts, texts, texts, st.integers(1, 9))


@given(parts, parts)
def test_tokens_are_stable_and_differ_where_anything_differs(one, other):
    first, second = to_idempotency_token(*one), to_idempotency_token(*other)

    assert (first == second) is (one == other)
    assert first == to_idempotency_token(*one)
    assert len(first) == 64
    assert set(first) <= set("0123456789abcdef")


def test_the_parts_of_a_token_do_not_run_together():
    assert to_idempotency_token("a", "bc", "v") != to_idempotency_token("ab", "c", "v")


def test_the_first_attempt_is_the_default_and_later_ones_differ():
    assert to_idempotency_token("r", ID, "v", 1) == to_idempotency_token("r", ID, "v")
    assert to_idempotency_token("r", ID, "v", 2) != to_idempotency_token("r", ID, "v")
