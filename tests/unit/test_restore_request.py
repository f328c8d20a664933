"""What may be asked of a restore, and what is refused before anything is looked at."""

import pytest

from ec2_backup.errors import UsageError
from ec2_backup.restore.request import to_restore_request
from tests.unit.restores import ARN, ORIGINAL


def test_a_request_for_one_instance_is_a_row_with_its_changes():
    row = to_restore_request(
        {
            "instance": ORIGINAL.upper().replace("I-", "i-"),
            "at": "2026-11-22",
            "security_groups": "sg-0a1b2c3d sg-0a1b2c3e",
        }
    ).row

    assert (row.line, row.instance_id, row.turn) == (1, ORIGINAL, 1)
    assert row.before is not None
    assert row.changes.security_groups == ("sg-0a1b2c3d", "sg-0a1b2c3e")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "name one recovery point"),
        ({"instance": ORIGINAL, "recovery_point": ARN}, "name one recovery point"),
        ({"recovery_point": ARN, "at": "2026-11-22"}, "--at goes with --instance"),
        ({"csv": "x.csv", "subnet": "subnet-0a1b2c3d"}, "changes are columns of the CSV"),
        ({"instance": ORIGINAL, "at": "0001-01-01T00:00+05:00"}, "--at: '0001-01-01T00:00.05:00' is not a time"),
        ({"csv": "x.csv", "key_pair": "other"}, "changes are columns of the CSV"),
        ({"instance": "vol-0a1b2c3d"}, "--instance: this is a volume id"),
        ({"instance": ORIGINAL, "security_groups": "web"}, "--security-groups: 'web' is not"),
        ({"instance": ORIGINAL, "options": {"checks_minutes": 0}}, "--checks-minutes"),
        ({"recovery_point": ARN, "region": "us-east-1"}, "^more than one Region is named: eu-central-1 and us-east-1"),
        ({"recovery_point": "ami-0a1b2c3d"}, "^RECOVERY_POINT_ARN: ami-0a1b2c3d is the id of an AMI"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_flags_name(values, said):
    with pytest.raises(UsageError, match=said):
        to_restore_request(values)
