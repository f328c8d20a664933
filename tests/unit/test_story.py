"""Each step is told in one sentence of what it gave, and in a warning of what somebody should know."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ec2_backup.model import Caller, Inventory, InventoryRow, Key, ServiceRole, Vault
from ec2_backup.narration import Mark
from ec2_backup.results import AuditEvent, Failure, PermissionCheck, Proof, VaultUse
from ec2_backup.states import BackupJobState
from ec2_backup.story import tell_of
from tests.unit.backups import KEYS, a_job, a_plan, a_volume, an_instance, instance_id
from tests.unit.listeners import heard

ROLE = "arn:aws:iam::123456789012:role/BackupRole"
RUNNING = BackupJobState.RUNNING
EVENT = AuditEvent("event", "job", datetime(2026, 3, 1, tzinfo=UTC), "ops")
UNENCRYPTED = an_instance(7, a_volume(1, key=None))
PROVEN, UNPROVEN = Proof("i-1", None, None), Proof("i-2", None, Failure("i-2", 12, "no snapshot"))
CUT = " and 3 more (all are in the report)"


def warnings_of(step, *results):
    with heard() as listener:
        tell_of(step, results)
    return listener.texts(Mark.WARNING)


@pytest.mark.parametrize(
    ("step", "results", "sentence"),
    [
        (2, [Inventory("list.csv", (InventoryRow(2, "i-1"),))], "1 instance in list.csv"),
        (2, [Inventory("s3://bucket/key", (InventoryRow(2, "i-1"),) * 1200)], "1,200 instances in s3://bucket/key"),
        (3, [Caller("12", "arn:x", region="eu-west-1")], "arn:x in account 12, Region eu-west-1"),
        (3, [PermissionCheck(("ec2:DescribeInstances",))], "1 permission confirmed by policy simulation"),
        (3, [PermissionCheck(("a", "b"))], "2 permissions confirmed by policy simulation"),
        (3, [PermissionCheck(unchecked="not allowed to simulate")], "see below"),
        (7, [ServiceRole("BackupRole", ROLE)], f"AWS Backup may assume {ROLE}"),
        (8, [Vault("v", "arn", "eu-west-1", recovery_points=1)], "v in eu-west-1 holds 1 recovery point"),
        (
            8,
            [Vault("v", "arn", "eu-west-1", recovery_points=2000), Vault("v", "arn", "us-east-1")],
            "v in eu-west-1 holds 2,000 recovery points; v in us-east-1 holds 0 recovery points",
        ),
        (8, [VaultUse("v", "eu-west-1", 3, 1005)], "v in eu-west-1: 3 -> 1,005"),
        (
            8,
            [VaultUse("v", "eu-west-1", 3, 5), VaultUse("v", "us-east-1", 0)],
            "v in eu-west-1: 3 -> 5; v in us-east-1: 0 -> unknown",
        ),
        (9, [Key(KEYS[0], "Enabled")], "1 key usable"),
        (9, [Key(KEYS[0], "Enabled"), Key(KEYS[1], "Enabled")], "2 keys usable"),
        (4, [replace(an_instance(), volumes=())], "1 instance can be backed up"),
        (4, [replace(an_instance(number), volumes=()) for number in (1, 2)], "2 instances can be backed up"),
        (5, [an_instance(1, a_volume(1, size_gib=8))], "1 volume of 1 instance, 8 GiB provisioned"),
        (
            5,
            [an_instance(1, a_volume(1, size_gib=2000)), an_instance(2, a_volume(2), a_volume(3))],
            "3 volumes of 2 instances, 2,040 GiB provisioned",
        ),
        (6, [a_job(state=RUNNING)], "1 job under way"),
        (6, [a_job(state=RUNNING), a_job(state=RUNNING, adopted=True)], "2 jobs under way (1 found at AWS)"),
        (10, [a_job()], "1 job ended"),
        (10, [a_job(), a_job(state=BackupJobState.FAILED)], "2 jobs ended"),
        (10, [a_job(), a_job(), a_job(state=RUNNING)], "2 jobs ended, 1 job under way"),
        (11, [EVENT], "1 StartBackupJob event in CloudTrail"),
        (11, [EVENT, EVENT], "2 StartBackupJob events in CloudTrail"),
        (12, [UNPROVEN], "0 of 1 recovery point proven"),
        (12, [PROVEN, PROVEN, UNPROVEN], "2 of 3 recovery points proven"),
    ],
)
def test_a_step_is_done_with_a_sentence_that_fits_what_it_gave(step, results, sentence):
    with heard() as listener:
        tell_of(step, results)

    done = [(line.step, line.text) for line in listener.heard if line.mark is Mark.DONE]
    assert done == [(step, sentence)]


@pytest.mark.parametrize(("number", "sentence"), [(1, "1 backup planned"), (2, "2 backups planned")])
def test_a_plan_is_told_as_a_note_since_its_step_is_not_done_yet(number, sentence):
    with heard() as listener:
        tell_of(6, [a_plan(an_instance(one)) for one in range(number)])

    assert [(line.step, line.mark, line.text) for line in listener.heard] == [(6, Mark.NOTE, sentence)]


@pytest.mark.parametrize("results", [[], [object()]])
def test_nothing_is_told_of_nothing_nor_of_what_is_no_noun_of_a_run(results):
    with heard() as listener:
        tell_of(4, results)

    assert listener.heard == []


def test_a_step_in_which_all_is_well_has_no_warning():
    good = (
        Inventory("list.csv", ()),
        PermissionCheck(("a",)),
        ServiceRole("r", ROLE),
        Key(KEYS[0], "Enabled"),
        an_instance(),
    )

    assert [warnings_of(1, one) for one in good] == [[]] * len(good)


def test_the_notes_of_the_inventory_and_of_the_role_are_warnings():
    assert warnings_of(2, Inventory("list.csv", (), ("line 9 repeats line 2", "a column is ignored"))) == [
        "line 9 repeats line 2",
        "a column is ignored",
    ]
    assert warnings_of(7, ServiceRole("r", ROLE, ("the policy is not attached",))) == ["the policy is not attached"]


def test_what_is_not_allowed_or_could_not_be_checked_is_a_warning():
    check = PermissionCheck(("a",), missed=("cloudtrail:LookupEvents", "ec2:DescribeInstanceTypes"), unchecked="unsure")

    assert warnings_of(3, check) == [
        "not allowed, so left out: cloudtrail:LookupEvents, ec2:DescribeInstanceTypes",
        "unsure",
    ]


def test_what_another_policy_may_allow_is_said_to_be_tried():
    assert warnings_of(3, PermissionCheck(("a",), missed=("sns:Publish", "cloudtrail:LookupEvents"))) == [
        "not allowed, so left out: cloudtrail:LookupEvents",
        "not allowed by the caller's policies, and tried all the same: sns:Publish",
    ]


def test_a_key_that_may_not_be_described_is_named():
    assert warnings_of(9, Key(KEYS[0], "Enabled"), Key(KEYS[1], None)) == [
        f"not allowed to look at the state of {KEYS[1]}"
    ]


def test_a_volume_that_is_not_encrypted_is_named_with_its_instance():
    assert warnings_of(5, an_instance(), UNENCRYPTED) == [
        f"1 volume not encrypted, nor will the backup be: {UNENCRYPTED.instance_id} {UNENCRYPTED.volumes[0].volume_id}"
    ]


def test_an_instance_store_is_named_as_in_no_backup():
    lost = an_instance(instance_store=("2 x 900 GB NVMe", "1 x 80 GB"))

    assert warnings_of(5, lost) == [f"instance store is in no backup: {instance_id(1)} (2 x 900 GB NVMe, 1 x 80 GB)"]


@pytest.mark.parametrize(
    ("step", "results", "beginning"),
    [
        (5, [an_instance(one, a_volume(one, key=None)) for one in range(8)], "8 volumes not encrypted"),
        (5, [an_instance(one, instance_store=("1 x 80 GB",)) for one in range(8)], "instance store is in no backup"),
        (9, [Key(f"{KEYS[0]}{one}", None) for one in range(8)], "not allowed to look at the state of"),
    ],
)
def test_a_long_list_is_cut_after_five_and_says_how_many_more_there_are(step, results, beginning):
    (warning,) = warnings_of(step, *results)

    assert warning.startswith(beginning)
    assert warning.endswith(CUT)
    assert warning.count(",") - ("encrypted, nor" in warning) == 4


def test_a_list_of_five_is_told_whole():
    (warning,) = warnings_of(9, *(Key(f"{KEYS[0]}{one}", None) for one in range(5)))

    assert warning.endswith(f"{KEYS[0]}4")


def test_what_comes_from_the_csv_is_told_as_it_is_whatever_signs_it_has():
    with heard() as listener:
        tell_of(2, [Inventory("100%s of {all}.csv", ())])

    assert listener.texts(Mark.DONE) == ["0 instances in 100%s of {all}.csv"]
