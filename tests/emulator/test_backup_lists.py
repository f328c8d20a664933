"""ListBackupJobs and the lists of recovery points: filters, pages, what is shown and for how long."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES, Outcome

DAY = 24 * 3600


def ids(answer):
    return [job["BackupJobId"] for job in answer["BackupJobs"]]


def test_jobs_vanish_from_the_list_after_thirty_days(aws):
    """Checklist 30."""
    old = aws.finished()["BackupJobId"]
    CLOCK.advance(30 * DAY)
    new = aws.start()

    assert ids(aws.backup.list_backup_jobs()) == [new]
    assert aws.job(old)["BackupJobId"] == old


def test_the_date_that_a_job_shows_finds_it_from_both_sides(aws):
    """Checklist 31."""
    job_id = aws.start()
    created = aws.job(job_id)["CreationDate"]

    assert ids(aws.backup.list_backup_jobs(ByCreatedAfter=created, ByCreatedBefore=created)) == [job_id]


def test_the_newest_job_comes_first(aws):
    first, second = aws.start(aws.web), aws.start(aws.database)

    assert ids(aws.backup.list_backup_jobs()) == [second, first]


def test_every_filter_of_the_list_filters(aws):
    """Checklist 31."""
    aws.backup.create_backup_vault(BackupVaultName="other")
    OUTCOMES.script(aws.database, Outcome(state="FAILED", cause="access-denied"))
    web = aws.start(aws.web)
    CLOCK.advance(3 * 3600)
    between = datetime.now(UTC) + timedelta(hours=2)
    database = aws.start(aws.database, BackupVaultName="other")
    CLOCK.advance(3 * 3600)
    idle = aws.start(aws.idle)
    only = lambda **filters: set(ids(aws.backup.list_backup_jobs(**filters)))  # noqa: E731 - read as a word below

    assert only(ByState="CREATED") == {idle}
    assert only(ByState="FAILED") == only(ByBackupVaultName="other") == {database}
    assert only(ByResourceArn=aws.arn(aws.web)) == {web}
    assert only(ByCreatedBefore=between) == only(ByCompleteBefore=between) == {web}
    assert only(ByCreatedAfter=between) == {database, idle}
    assert only(ByCompleteAfter=between) == set()
    assert only(ByMessageCategory="accessdenied") == {database}
    assert only(ByResourceType="EC2") == only(ByAccountId="*") == only(ByAccountId="123456789012")
    assert only(ByResourceType="EBS") == only(ByAccountId="210987654321") == only(ByParentJobId="x") == set()


def test_pages_hold_each_job_once_also_when_new_ones_come_in_between(aws):
    """Checklist 31."""
    expected = {aws.start(instance_id) for instance_id in (aws.web, aws.database, aws.idle) for _ in range(2)}
    OUTCOMES.switch(page_size=4)
    first = aws.backup.list_backup_jobs(MaxResults=1000)
    aws.start()
    second = aws.backup.list_backup_jobs(NextToken=first["NextToken"])

    assert len(ids(first)) == 4
    assert "NextToken" not in second
    assert sorted(ids(first) + ids(second)) == sorted(expected)


def test_a_paginator_finds_all_jobs(aws):
    """Checklist 31."""
    for _ in range(5):
        aws.start()

    pages = list(aws.backup.get_paginator("list_backup_jobs").paginate(PaginationConfig={"PageSize": 2}))

    assert [len(page["BackupJobs"]) for page in pages] == [2, 2, 1]


def test_a_new_job_can_be_missing_from_the_list_for_a_while(aws):
    """Checklist 31."""
    OUTCOMES.switch(list_lag_seconds=30.0)
    job_id = aws.start()
    at_once = ids(aws.backup.list_backup_jobs())
    CLOCK.advance(31)

    assert at_once == []
    assert aws.job(job_id)["State"]
    assert ids(aws.backup.list_backup_jobs()) == [job_id]


def test_a_recovery_point_is_creating_then_completed_and_its_retention_counts_from_the_job(aws):
    """Checklist 32."""
    job_id = aws.start(Lifecycle={"DeleteAfterDays": 7})
    CLOCK.advance(120)
    creating = aws.backup.list_recovery_points_by_backup_vault(BackupVaultName=aws.vault)["RecoveryPoints"][0]
    CLOCK.advance(7200)
    job = aws.job(job_id)
    point = aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])

    assert creating["Status"] == "CREATING"
    assert point["Status"] == "COMPLETED"
    assert point["Lifecycle"] == {"DeleteAfterDays": 7}
    assert point["CalculatedLifecycle"]["DeleteAt"] - job["CreationDate"] == timedelta(days=7)
    assert point["CompletionDate"] == job["CompletionDate"]
    assert point["StorageClass"] == "WARM"
    assert "EncryptionKeyArn" in point or point["IsEncrypted"] is False


def test_a_recovery_point_that_is_not_there_is_told_from_a_vault_that_is_not(aws):
    """Checklist 33."""
    arn = "arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0"
    codes = []
    for vault in (aws.vault, "absent"):
        with pytest.raises(ClientError) as refused:
            aws.backup.describe_recovery_point(BackupVaultName=vault, RecoveryPointArn=arn)
        codes.append((refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]))

    assert codes == [
        ("ResourceNotFoundException", "Cannot find recovery point"),
        ("AccessDeniedException", "Insufficient privileges to perform this action."),
    ]


def test_recovery_points_are_found_by_their_source_and_not_by_themselves(aws):
    """Checklist 33."""
    arn = aws.finished()["RecoveryPointArn"]
    found = aws.backup.list_recovery_points_by_backup_vault(BackupVaultName=aws.vault, ByResourceArn=aws.arn(aws.web))

    with pytest.raises(ClientError, match=f"Unsupported resource type: {arn}"):
        aws.backup.list_recovery_points_by_backup_vault(BackupVaultName=aws.vault, ByResourceArn=arn)

    assert [point["RecoveryPointArn"] for point in found["RecoveryPoints"]] == [arn]


def test_pages_hold_each_recovery_point_once_in_whatever_order_their_jobs_began_to_run(aws):
    """Checklist 31."""
    OUTCOMES.script(aws.web, Outcome(created_seconds=50, times=1))
    OUTCOMES.script(aws.database, Outcome(created_seconds=20))
    OUTCOMES.script(aws.idle, Outcome(created_seconds=30))
    expected = {aws.job(aws.start(instance_id))["ResourceArn"] for instance_id in (aws.web, aws.database, aws.idle)}
    aws.start(aws.web)
    CLOCK.advance(DAY)
    OUTCOMES.switch(page_size=1)

    by_vault = aws.backup.get_paginator("list_recovery_points_by_backup_vault").paginate(BackupVaultName=aws.vault)
    by_resource = aws.backup.get_paginator("list_recovery_points_by_resource").paginate(ResourceArn=aws.arn(aws.web))

    found = [page["RecoveryPoints"][0] for page in by_vault]
    assert {point["ResourceArn"] for point in found} == expected
    assert len({point["RecoveryPointArn"] for point in found}) == len(found) == 4
    assert len({page["RecoveryPoints"][0]["RecoveryPointArn"] for page in by_resource}) == 2


def test_the_list_by_resource_has_other_members_than_that_by_vault(aws):
    """Checklist 33."""
    aws.finished()
    by_vault = aws.backup.list_recovery_points_by_backup_vault(BackupVaultName=aws.vault)["RecoveryPoints"][0]
    by_resource = aws.backup.list_recovery_points_by_resource(ResourceArn=aws.arn(aws.web))["RecoveryPoints"][0]

    assert by_vault["BackupSizeInBytes"] == by_resource["BackupSizeBytes"]
    assert "CompletionDate" not in by_resource
    assert "Lifecycle" not in by_resource
