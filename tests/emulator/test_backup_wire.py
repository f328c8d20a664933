"""How AWS Backup speaks over HTTP."""

import json
import re
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session


def send(aws, method, path, body=None):
    """Send a signed request and return the bare answer, before botocore makes anything of it."""
    data = json.dumps(body).encode() if body is not None else b""
    request = AWSRequest(
        method=method, url=aws.sandbox.url + path, data=data, headers={"Content-Type": "application/json"}
    )
    SigV4Auth(Credentials("testing", "testing"), "backup", "us-east-1").add_auth(request)
    return URLLib3Session().send(request.prepare())


def test_starting_listing_describing_and_stopping_have_the_paths_of_aws(aws):
    """Checklist 1."""
    body = {"BackupVaultName": aws.vault, "ResourceArn": aws.arn(aws.web), "IamRoleArn": aws.role}
    job_id = json.loads(send(aws, "PUT", "/backup-jobs", body).content)["BackupJobId"]

    listed = json.loads(send(aws, "GET", "/backup-jobs/").content)["BackupJobs"]
    described = json.loads(send(aws, "GET", f"/backup-jobs/{job_id}").content)
    stopped = send(aws, "POST", f"/backup-jobs/{job_id}")

    assert [job["BackupJobId"] for job in listed] == [job_id] == [described["BackupJobId"]]
    assert (stopped.status_code, stopped.content) == (200, b"")


def test_an_arn_in_a_path_is_percent_encoded(aws):
    """Checklist 2."""
    job = aws.finished()

    path = f"/backup-vaults/{aws.vault}/recovery-points/{quote(job['RecoveryPointArn'], safe='')}"
    described = json.loads(send(aws, "GET", path).content)
    metadata = json.loads(send(aws, "GET", f"{path}/restore-metadata").content)
    by_resource = send(aws, "GET", f"/resources/{quote(aws.arn(aws.web), safe='')}/recovery-points/")

    assert described["RecoveryPointArn"] == metadata["RecoveryPointArn"] == job["RecoveryPointArn"]
    assert json.loads(by_resource.content)["RecoveryPoints"][0]["RecoveryPointArn"] == job["RecoveryPointArn"]


def test_dates_are_seconds_with_milliseconds(aws):
    """Checklist 3."""
    job_id = aws.start()

    raw = send(aws, "GET", f"/backup-jobs/{job_id}").content.decode()

    assert re.search(r'"CreationDate": \d{10}(\.\d{1,3})?[,}]', raw)
    assert re.search(r'"StartBy": \d{10}(\.\d{1,3})?[,}]', raw)


def test_an_error_has_its_class_in_a_header_and_its_number_in_the_body(aws):
    """Checklist 4 and 5."""
    aws.finished()

    answer = send(aws, "DELETE", f"/backup-vaults/{aws.vault}")
    body = json.loads(answer.content)

    assert answer.status_code == 400
    assert answer.headers["x-amzn-ErrorType"] == "InvalidRequestException"
    assert body["Code"] == "ERROR_9101"
    assert body["Message"] == "Backup vault cannot be deleted because it contains recovery points."
    assert body["Type"]


@pytest.mark.parametrize(
    ("call", "parameters", "code", "status"),
    [
        ("describe_backup_vault", {"BackupVaultName": "absent"}, "AccessDeniedException", 403),
        ("describe_backup_job", {"BackupJobId": "absent"}, "ResourceNotFoundException", 400),
        ("list_backup_jobs", {"ByState": "DONE"}, "InvalidParameterValueException", 400),
        ("list_backup_jobs", {"MaxResults": 1001}, "InvalidParameterValueException", 400),
        ("list_backup_jobs", {"ByBackupVaultName": "bad name!"}, "InvalidParameterValueException", 400),
        ("list_backup_jobs", {"ByAccountId": "12"}, "InvalidParameterValueException", 400),
        ("list_backup_jobs", {"NextToken": "made up"}, "InvalidParameterValueException", 400),
        ("create_backup_vault", {"BackupVaultName": "bad name!"}, "InvalidParameterValueException", 400),
        ("create_backup_vault", {"BackupVaultName": "EC2-Backup"}, "AlreadyExistsException", 400),
    ],
)
def test_what_botocore_lets_through_is_refused_here_with_the_right_status(aws, call, parameters, code, status):
    """Checklist 5 and 6."""
    with pytest.raises(ClientError) as refused:
        getattr(aws.backup, call)(**parameters)

    assert refused.value.response["Error"]["Code"] == code
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_missing_parameter_is_named(aws):
    """Checklist 6."""
    answer = send(aws, "PUT", "/backup-jobs", {"BackupVaultName": aws.vault, "IamRoleArn": aws.role})

    assert answer.headers["x-amzn-ErrorType"] == "MissingParameterValueException"
    assert "ResourceArn" in json.loads(answer.content)["Message"]


def test_an_operation_that_is_not_here_fails_loudly(aws):
    """Checklist 7."""
    with pytest.raises(ClientError, match="ListLegalHolds") as refused:
        aws.backup.list_legal_holds()

    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"
    assert send(aws, "GET", "/no-such-path").status_code == 404


def test_the_tags_of_a_recovery_point_of_ec2_are_not_read_through_aws_backup(aws):
    arn = aws.finished()["RecoveryPointArn"]

    with pytest.raises(ClientError, match=f"Unsupported resource type: {arn}"):
        aws.backup.list_tags(ResourceArn=arn)


def test_a_vault_keeps_the_tags_that_moto_stores(aws):
    arn = aws.backup.create_backup_vault(BackupVaultName="tagged", BackupVaultTags={"team": "ops"})["BackupVaultArn"]

    assert aws.backup.list_tags(ResourceArn=arn)["Tags"] == {"team": "ops"}
