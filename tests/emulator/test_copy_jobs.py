"""Copy jobs: from one Region or account to another, on virtual time, and what they leave in the destination."""

from datetime import timedelta

import pytest

from sandbox.clock import CLOCK
from tests.emulator.backups import backed_up, instance_of, restored
from tests.emulator.callers import refusal, statement, user
from tests.emulator.elsewhere import ELSEWHERE, OTHER, client, copied, describe, start_copy, vault_in


@pytest.fixture
def point(aws):
    return backed_up(aws, Lifecycle={"DeleteAfterDays": 30}, RecoveryPointTags={"run": "1"})


def test_a_start_answers_with_three_members(aws, point):
    answer = aws.backup.start_copy_job(
        RecoveryPointArn=point,
        SourceBackupVaultName=aws.vault,
        DestinationBackupVaultArn=vault_in(aws),
        IamRoleArn=aws.role,
    )
    answer.pop("ResponseMetadata")

    assert answer.keys() == {"CopyJobId", "CreationDate", "IsParent"}


def test_a_job_is_created_then_runs_then_is_completed_and_names_the_copy(aws, point):
    job_id = start_copy(aws, point, vault_in(aws))
    seen, named = [], []
    for _ in range(90):
        job = describe(aws, job_id)
        seen.append(job["State"])
        named.append("DestinationRecoveryPointArn" in job)
        CLOCK.advance(60)

    assert list(dict.fromkeys(seen)) == ["CREATED", "RUNNING", "COMPLETED"]
    assert named == [state == "COMPLETED" for state in seen]
    assert describe(aws, job_id)["MessageCategory"] == "SUCCESS"


def test_the_copy_is_a_recovery_point_of_the_destination_with_the_date_of_its_source(aws, point):
    vault = vault_in(aws)
    job = copied(aws, point, vault)
    there = client(aws, "backup")
    (listed,) = there.list_recovery_points_by_backup_vault(BackupVaultName="DR")["RecoveryPoints"]
    source = aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=point)
    copy = there.describe_recovery_point(BackupVaultName="DR", RecoveryPointArn=job["DestinationRecoveryPointArn"])

    assert listed["RecoveryPointArn"] == copy["RecoveryPointArn"] != point
    assert copy["RecoveryPointArn"].startswith(f"arn:aws:ec2:{ELSEWHERE}::image/ami-")
    assert (copy["Status"], copy["BackupVaultArn"], copy["ResourceArn"]) == ("COMPLETED", vault, aws.arn(aws.web))
    assert copy["CreationDate"] == source["CreationDate"]
    assert copy["CalculatedLifecycle"] == source["CalculatedLifecycle"]
    assert (copy["EncryptionKeyArn"], copy["IsEncrypted"]) == (job["DestinationEncryptionKeyArn"], True)
    assert there.describe_backup_vault(BackupVaultName="DR")["NumberOfRecoveryPoints"] == 1
    by_resource = there.list_recovery_points_by_resource(ResourceArn=aws.arn(aws.web))["RecoveryPoints"]
    assert [one["RecoveryPointArn"] for one in by_resource] == [copy["RecoveryPointArn"]]


def test_the_copied_image_has_a_snapshot_for_each_one_under_the_key_of_the_vault(aws, point):
    job = copied(aws, point, vault_in(aws))
    ec2 = client(aws, "ec2")
    image = ec2.describe_images(ImageIds=[job["DestinationRecoveryPointArn"].rsplit("/", 1)[1]])["Images"][0]
    original = aws.ec2.describe_images(ImageIds=[point.rsplit("/", 1)[1]])["Images"][0]
    by_id = {one["Ebs"]["SnapshotId"]: one for one in image["BlockDeviceMappings"]}
    snapshots = ec2.describe_snapshots(SnapshotIds=list(by_id))["Snapshots"]

    assert image["State"] == "available"
    assert {tag["Key"]: tag["Value"] for tag in image["Tags"]} == {tag["Key"]: tag["Value"] for tag in original["Tags"]}
    assert [(one["DeviceName"], one["Ebs"]["VolumeSize"]) for one in by_id.values()] == [
        (one["DeviceName"], one["Ebs"]["VolumeSize"]) for one in original["BlockDeviceMappings"]
    ]
    key = job["DestinationEncryptionKeyArn"]
    assert {(one["Encrypted"], one["KmsKeyId"], one["State"]) for one in snapshots} == {(True, key, "completed")}
    assert {one["VolumeId"] for one in snapshots} == {"vol-ffffffff"}


def test_a_copy_has_a_retention_of_its_own_if_one_is_asked_for(aws, point):
    job = copied(aws, point, vault_in(aws), Lifecycle={"DeleteAfterDays": 90})
    forever = copied(aws, point, vault_in(aws, name="DR2"), Lifecycle={"DeleteAfterDays": -1})

    assert job["DestinationRecoveryPointLifecycle"] == {"DeleteAfterDays": 90}
    assert forever["DestinationRecoveryPointLifecycle"] == {"DeleteAfterDays": 30}  # that of its source


def test_a_copy_is_deleted_when_its_retention_is_over(aws, point):
    job = copied(aws, point, vault_in(aws), Lifecycle={"DeleteAfterDays": 1})
    CLOCK.advance(2 * 24 * 3600)

    assert client(aws, "backup").list_recovery_points_by_backup_vault(BackupVaultName="DR")["RecoveryPoints"] == []
    image = job["DestinationRecoveryPointArn"].rsplit("/", 1)[1]
    found = client(aws, "ec2").describe_images(Filters=[{"Name": "image-id", "Values": [image]}])["Images"]
    assert found == []


def test_a_copy_holds_the_slot_of_its_instance(aws, point):
    copy = start_copy(aws, point, vault_in(aws))
    CLOCK.advance(90)
    backup = aws.start(aws.web)
    second = start_copy(aws, point, vault_in(aws, name="DR2"))
    CLOCK.advance(90)

    assert (describe(aws, copy)["State"], aws.job(backup)["State"]) == ("RUNNING", "CREATED")
    assert describe(aws, second)["State"] == "CREATED"
    CLOCK.advance(12 * 3600)
    assert (aws.job(backup)["State"], describe(aws, second)["State"]) == ("COMPLETED", "COMPLETED")


def test_a_second_start_with_the_same_token_returns_the_same_job(aws, point):
    vault = vault_in(aws)

    assert start_copy(aws, point, vault, IdempotencyToken="a") == start_copy(aws, point, vault, IdempotencyToken="a")
    assert len(aws.sandbox.control.copies()) == 1


def test_a_list_shows_copies_by_all_that_can_be_asked_for(aws, point):
    near, far = vault_in(aws, "us-east-1", "Near"), vault_in(aws)
    first = copied(aws, point, near)
    second = start_copy(aws, point, far)

    def ids(**wanted):
        return [job["CopyJobId"] for job in aws.backup.list_copy_jobs(**wanted)["CopyJobs"]]

    assert ids() == [second, first["CopyJobId"]]
    assert ids(ByState="CREATED") == ids(ByDestinationVaultArn=far) == [second]
    assert ids(ByCompleteAfter=first["CompletionDate"]) == ids(ByMessageCategory="success") == [first["CopyJobId"]]
    assert ids(BySourceRecoveryPointArn=point, ByResourceArn=aws.arn(aws.web), ByResourceType="EC2") == ids()
    assert ids(ByCreatedBefore=first["CreationDate"] - timedelta(seconds=1)) == ids(ByAccountId=OTHER) == []
    pages = aws.backup.get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 1})
    assert [len(page["CopyJobs"]) for page in pages] == [1, 1]
    assert client(aws, "backup").list_copy_jobs()["CopyJobs"] == []  # they are in the Region that they copy from


def test_a_copy_can_be_restored_where_it_is(aws, point):
    job = copied(aws, point, vault_in(aws))
    metadata = {"InstanceType": "t3.micro"}
    there = client(aws, "backup")
    job_id = there.start_restore_job(
        RecoveryPointArn=job["DestinationRecoveryPointArn"], Metadata=metadata, IamRoleArn=aws.role
    )["RestoreJobId"]
    CLOCK.advance(1800)
    made = there.describe_restore_job(RestoreJobId=job_id)

    assert made["Status"] == "COMPLETED"
    assert made["CreatedResourceArn"].startswith(f"arn:aws:ec2:{ELSEWHERE}:123456789012:instance/")


def test_a_restore_of_the_source_is_the_same_after_a_copy(aws, point):
    copied(aws, point, vault_in(aws))

    assert instance_of(aws, restored(aws, point))["ImageId"] == point.rsplit("/", 1)[1]


def test_what_makes_no_sense_is_refused_at_once(aws, point):
    vault = vault_in(aws)
    image = "arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0"

    def code(**parameters):
        return refusal(start_copy, **({"aws": aws, "point": point, "vault": vault} | parameters))[0]

    assert code(point=image) == "ResourceNotFoundException"
    assert code(SourceBackupVaultName="Other") == "AccessDeniedException"
    assert code(vault="arn:aws:backup:eu-west-1:1:backup-vault:DR") == "InvalidParameterValueException"
    assert code(vault=vault.replace(ELSEWHERE, "xx-nowhere-1")) == "InvalidParameterValueException"
    assert code(IamRoleArn="arn:aws:iam::123456789012:role/none") == "InvalidParameterValueException"
    assert code(Lifecycle={"DeleteAfterDays": 0}) == "InvalidParameterValueException"
    assert refusal(aws.backup.describe_copy_job, CopyJobId="none")[0] == "ResourceNotFoundException"


def test_a_start_needs_the_role_to_be_passed(aws, point):
    narrow = client(aws, "backup", "us-east-1", **user(aws, statement("Allow", "backup:StartCopyJob", point)))
    start = {"RecoveryPointArn": point, "SourceBackupVaultName": aws.vault, "IamRoleArn": aws.role}
    code, said, _ = refusal(narrow.start_copy_job, DestinationBackupVaultArn=vault_in(aws), **start)

    assert code == "AccessDeniedException"
    assert f"iam:PassRole on resource: {aws.role}" in said
