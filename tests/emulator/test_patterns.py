"""CloudWatch Logs' filter patterns, as metric filters for trails have them."""

import json

import pytest

from sandbox.answer import Refused
from sandbox.patterns import to_test

RECORD = {
    "eventSource": "backup.amazonaws.com",
    "eventName": "StartBackupJob",
    "readOnly": False,
    "userIdentity": {"type": "AssumedRole"},
    "errorCode": None,
}


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ('{ $.eventName = "StartBackupJob" }', True),
        ("{$.eventName=StartBackupJob}", True),
        ('{ $.eventName = "Start*" }', True),
        ('{ $.eventName != "StartBackupJob" }', False),
        ('{ $.userIdentity.type = "AssumedRole" }', True),
        ('{ $.userIdentity.type.deeper = "AssumedRole" }', False),
        ('{ $.readOnly = "false" }', True),
        ('{ $.errorCode = "*" }', False),
        ('{ $.absent != "anything" }', True),
        ('{ ($.eventSource = "backup.amazonaws.com") && ($.eventName = "StartBackupJob") }', True),
        ('{ ($.eventSource = "ec2.amazonaws.com") && ($.eventName = "StartBackupJob") }', False),
        ('{ $.eventSource = "ec2.amazonaws.com" && $.readOnly = "true" || $.eventName = "Start*" }', True),
        ('{ $.eventSource = "ec2.amazonaws.com" && ($.readOnly = "true" || $.eventName = "Start*") }', False),
        ("StartBackupJob", True),
        ('"backup.amazonaws.com"', True),
        ('"ec2.amazonaws.com"', False),
    ],
)
def test_a_pattern_fits_what_it_says(pattern, fits):
    assert to_test(pattern)(json.dumps(RECORD)) is fits


def test_a_pattern_for_json_fits_no_other_text():
    fits = to_test('{ $.eventName != "StartBackupJob" }')

    assert not fits("eventName")
    assert fits("[]")


@pytest.mark.parametrize(
    "pattern",
    [
        "{ }",
        '{ $.eventName = "StartBackupJob"',
        '{ $.eventName "StartBackupJob" }',
        '{ ($.eventName = "StartBackupJob" }',
        '{ $.eventName = "StartBackupJob") }',
        '{ eventName = "StartBackupJob" }',
        '{ $.eventName = "Start" $.readOnly = "true" }',
        '{ $.eventName = "Start" && }',
        '{ $.eventName = ( }',
        '{ $.eventName = "unfinished }',
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(Refused, match="Invalid filter pattern"):
        to_test(pattern)
