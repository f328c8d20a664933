"""What will be asked of AWS is decided before anything is asked."""

from dataclasses import replace

import pytest

from ec2_backup.errors import VaultError
from ec2_backup.model import Destination, Instance, Key, PlannedBackup, ServiceRole, Target, Vault, Volume
from ec2_backup.plan import (
    plan_backup,
    plan_backups,
    raise_for_retention,
    to_idempotency_token,
    to_start_request,
    validate_state,
)
from ec2_backup.results import Failure
from ec2_backup.settings import BackupOptions, BackupRequest

ID = "i-0a1b2c3d4e5f60718"
ARN = f"arn:aws:ec2:us-east-1:111122223333:instance/{ID}"
ROLE = ServiceRole("Backup", "arn:aws:iam::111122223333:role/Backup")
VAULT = Vault("Nightly", "arn:aws:backup:us-east-1:111122223333:backup-vault:Nightly", "us-east-1")
DISK = Volume("vol-0123456789abcdef0", "/dev/xvda", 8, "gp3", encrypted=False)
WEB = Instance(ID, ARN, "us-east-1", "running", "t3.micro", name="web", volumes=(DISK,))
REQUEST = BackupRequest(vault="Nightly")


def planned(instance: Instance = WEB, request: BackupRequest = REQUEST) -> PlannedBackup:
    plan = plan_backup(instance, Destination(VAULT, ROLE), request, "run-1")
    assert isinstance(plan, PlannedBackup)
    return plan


def refused(instance: Instance, request: BackupRequest = REQUEST) -> Failure:
    failure = plan_backup(instance, Destination(VAULT, ROLE), request, "run-1")
    assert isinstance(failure, Failure)
    assert failure.instance_id == ID
    assert failure.advice
    return failure


def test_a_plan_holds_all_that_the_request_asked_for():
    options = BackupOptions(start_window_minutes=60, complete_window_minutes=240, windows_vss=True)
    request = BackupRequest(vault="Nightly", retention_days=30, options=options)

    assert planned(replace(WEB, platform="windows"), request) == PlannedBackup(
        instance=replace(WEB, platform="windows"),
        vault_name="Nightly",
        role_arn=ROLE.arn,
        idempotency_token=to_idempotency_token("run-1", ID, "Nightly"),
        tags={"InstanceId": ID, "RunId": "run-1", "CreatedBy": "ec2-backup-automation", "Name": "web"},
        retention_days=30,
        start_window_minutes=60,
        complete_window_minutes=240,
        windows_vss=True,
    )


def test_the_same_run_instance_and_vault_always_give_the_same_plan():
    assert planned() == planned()


def test_each_instance_of_a_fleet_gets_a_plan_or_a_failure_in_its_place():
    key = Key("arn:aws:kms:us-east-1:111122223333:key/1", "Disabled")
    locked_out = replace(WEB, volumes=(replace(DISK, encrypted=True, kms_key_id=key.arn),))
    gone = replace(WEB, state="terminated")

    first, second, third = plan_backups(
        [WEB, locked_out, gone], {Target("us-east-1"): Destination(VAULT, ROLE)}, {key.arn: key}, REQUEST, "run-1"
    )

    assert first == planned()
    assert isinstance(second, Failure)
    assert second.step == 9
    assert third == refused(gone)


@pytest.mark.parametrize(
    ("platform", "asked", "vss"),
    [("windows", True, True), ("Windows", True, True), ("windows", False, False), ("", True, False)],
)
def test_application_consistency_is_asked_of_windows_instances_only(platform, asked, vss):
    request = BackupRequest(options=BackupOptions(windows_vss=asked))

    assert planned(replace(WEB, platform=platform), request).windows_vss is vss


@pytest.mark.parametrize("state", ["running", "stopped"])
def test_running_and_stopped_instances_go_on(state):
    assert validate_state(replace(WEB, state=state)) is None


@pytest.mark.parametrize(
    ("state", "advice"),
    [
        ("pending", "Wait until it is running"),
        ("stopping", "Wait until it is stopped"),
        ("shutting-down", "take it off the list"),
        ("terminated", "It is gone"),
        ("hibernating", "Start it or stop it"),
        ("", "Start it or stop it"),
    ],
)
def test_an_instance_in_any_other_state_fails_at_step_4_with_advice(state, advice):
    failure = validate_state(replace(WEB, state=state))

    assert failure
    assert failure.step == 4
    assert (state or "in no known state") in failure.reason
    assert advice in failure.advice
    assert refused(replace(WEB, state=state)) == failure


def test_an_instance_that_boots_from_an_instance_store_fails_at_step_4():
    failure = refused(replace(WEB, root_device_type="instance-store"))

    assert failure.step == 4
    assert "instance store" in failure.reason


def test_an_instance_without_volumes_fails_at_step_5():
    failure = refused(replace(WEB, volumes=()))

    assert failure.step == 5
    assert "no EBS volume" in failure.reason


def test_more_than_50_tags_together_fail_at_step_4():
    of_instance = {f"key-{number}": "" for number in range(45)} | {"aws:autoscaling:groupName": "x", "Name": "web"}

    assert len(planned(replace(WEB, tags=of_instance)).tags) == 4  # 45 of the instance's, Name in both, 3 of ours
    two_more = BackupRequest(tags={"key-1": "the same", "new-1": "", "new-2": ""})
    failure = refused(replace(WEB, tags=of_instance), two_more)
    assert failure.step == 4
    assert "51 tags, and AWS allows 50" in failure.reason
    assert "Remove 1 of" in failure.advice


@pytest.mark.parametrize(
    ("lowest", "highest", "days"), [(None, None, 7), (7, None, 7), (None, 7, 7), (7, 7, 7), (1, 36500, 36500)]
)
def test_a_retention_that_the_lock_allows_is_fine(lowest, highest, days):
    raise_for_retention(replace(VAULT, locked=True, min_retention_days=lowest, max_retention_days=highest), days)


def test_a_vault_without_a_lock_allows_every_retention():
    raise_for_retention(replace(VAULT, min_retention_days=30), 1)


@pytest.mark.parametrize(
    ("lowest", "highest", "days", "allowed", "nearest"),
    [
        (30, 90, 7, "30 to 90 days, not 7 days", 30),
        (30, 90, 91, "30 to 90 days, not 91 days", 90),
        (30, None, 1, "at least 30 days, not 1 day", 30),
        (None, 1, 2, "at most 1 day, not 2 days", 1),
    ],
)
def test_a_retention_outside_the_lock_names_the_range_and_the_flag(lowest, highest, days, allowed, nearest):
    vault = replace(VAULT, locked=True, min_retention_days=lowest, max_retention_days=highest)

    with pytest.raises(VaultError) as caught:
        raise_for_retention(vault, days)
    assert caught.value.exit_code == 12
    assert f"the lock of vault Nightly allows {allowed}" in str(caught.value)
    assert f"--retention-days {nearest}," in caught.value.hint


def test_a_start_request_holds_only_what_the_plan_says():
    plan = replace(planned(), retention_days=None)

    assert to_start_request(plan) == {
        "BackupVaultName": "Nightly",
        "ResourceArn": ARN,
        "IamRoleArn": ROLE.arn,
        "IdempotencyToken": plan.idempotency_token,
        "RecoveryPointTags": plan.tags,
    }


def test_a_full_start_request_holds_lifecycle_windows_and_options():
    plan = replace(planned(), retention_days=7, start_window_minutes=60, complete_window_minutes=120, windows_vss=True)

    assert to_start_request(plan) == to_start_request(replace(planned(), retention_days=None)) | {
        "Lifecycle": {"DeleteAfterDays": 7},
        "StartWindowMinutes": 60,
        "CompleteWindowMinutes": 120,
        "BackupOptions": {"WindowsVSS": "enabled"},
    }
