"""The sandbox as a server: many clients, connections that last, a fresh AWS each time, and loud ignorance."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from sandbox.fleet import Fleet
from sandbox.running import running


def test_forty_clients_at_once_all_get_their_answers(aws):
    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda _: aws.backup.list_backup_vaults()["BackupVaultList"], range(120)))

    assert len(answers) == 120
    assert {vaults[0]["BackupVaultName"] for vaults in answers} == {aws.vault}


def test_a_connection_serves_more_than_one_call(aws):
    connection = http.client.HTTPConnection(urlsplit(aws.sandbox.url).netloc, timeout=10)
    connection.request("GET", "/_sandbox/health")
    first = connection.getresponse().read()
    socket = connection.sock
    connection.request("GET", "/_sandbox/health")
    second = connection.getresponse().read()
    kept = connection.sock
    connection.close()

    assert (first, second) == (b'"ok"', b'"ok"')
    assert socket is kept is not None


def test_an_operation_that_the_sandbox_does_not_have_fails_loudly(aws):
    """Checklist 7."""
    with pytest.raises(ClientError) as refused:
        aws.ec2.describe_fast_snapshot_restores()

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert "ec2:DescribeFastSnapshotRestores" in refused.value.response["Error"]["Message"]


def test_an_object_in_s3_comes_back_as_it_was_put(aws):
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="inventories")
    s3.put_object(Bucket="inventories", Key="nightly/list of instances.csv", Body=b"instance_id\ni-1\n")

    found = s3.get_object(Bucket="inventories", Key="nightly/list of instances.csv")

    assert found["Body"].read() == b"instance_id\ni-1\n"
    assert s3.head_object(Bucket="inventories", Key="nightly/list of instances.csv")["ContentLength"] == 16


def test_every_sandbox_begins_afresh(aws):
    aws.start(aws.web)
    aws.sandbox.control.fault("ListBackupJobs", "throttle")
    with running(fleet=Fleet(["i-0bbbbbbbbbbbbbbb1"])) as later:
        assert later.control.jobs() == []
        assert later.control.faults() == []
        assert later.control.calls() == {}


def test_a_sandbox_that_has_ended_answers_nobody():
    with running() as ended:
        kept = http.client.HTTPConnection(urlsplit(ended.url).netloc, timeout=2)
        kept.request("GET", "/_sandbox/health")
        kept.getresponse().read()
    kept.auto_open = 0
    kept.request("GET", "/_sandbox/health")

    with pytest.raises(ConnectionError):
        kept.getresponse()
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection(urlsplit(ended.url).netloc, timeout=2).connect()


def test_the_environment_leads_only_to_the_sandbox(aws):
    env = aws.sandbox.env

    assert env["AWS_ENDPOINT_URL"] == aws.sandbox.url
    assert env["AWS_SHARED_CREDENTIALS_FILE"] == env["AWS_CONFIG_FILE"] == "/dev/null"
    assert env["AWS_EC2_METADATA_DISABLED"] == "true"
    assert env["AWS_REGION"] == env["AWS_DEFAULT_REGION"] == aws.sandbox.region
