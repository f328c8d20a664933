"""Every call to AWS is counted, by operation, whatever becomes of it."""

import pytest

from ec2_backup import calls


def too_fast(code: str) -> tuple[object, dict[str, object]]:
    """Return an answer as botocore hands it to its `needs-retry` event."""
    return (object(), {"Error": {"Code": code, "Message": "Rate exceeded"}})


def test_attempts_are_counted_by_operation_most_frequent_first():
    earlier = calls.made()

    calls.count_attempt("before-send.backup.ListBackupJobs")
    for _ in range(2):
        calls.count_attempt("before-send.backup.StartBackupJob", request=object())

    assert list(calls.since(earlier).items()) == [("backup:StartBackupJob", 2), ("backup:ListBackupJobs", 1)]
    assert calls.since(calls.made()) == {}


def test_calls_of_cloudwatch_logs_are_named_as_policies_name_them():
    earlier = calls.made()

    calls.count_attempt("before-send.cloudwatch-logs.FilterLogEvents")

    assert calls.since(earlier) == {"logs:FilterLogEvents": 1}


def test_what_was_counted_does_not_change_with_later_calls():
    before = calls.made()
    calls.count_attempt("before-send.made.Once")

    assert "made:Once" not in before


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "Throttling", "RequestLimitExceeded", "SlowDown", "TooManyRequestsException"]
)
def test_an_answer_that_says_too_fast_is_counted(code):
    earlier = calls.throttled()

    calls.count_throttling(response=too_fast(code), event_name="needs-retry.backup.StartBackupJob")

    assert calls.throttled() == earlier + 1


@pytest.mark.parametrize("response", [None, too_fast("AccessDenied"), (object(), {}), (object(), None), object()])
def test_every_other_answer_and_none_at_all_are_not(response):
    earlier = calls.throttled()

    calls.count_throttling(response=response, event_name="needs-retry.backup.StartBackupJob")

    assert calls.throttled() == earlier
