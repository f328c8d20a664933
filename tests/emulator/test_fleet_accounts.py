"""A fleet over several accounts: planned, written as a CSV, read back, and made with the roles that lead there."""

from pathlib import Path

from sandbox.fleet import Fleet
from sandbox.running import running
from tests.emulator.conftest import Aws

OTHER = "210987654321"
HERE, THERE = "i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa2"


def a_fleet() -> Fleet:
    return Fleet((HERE,)).in_account(OTHER, THERE, region="eu-west-1")


def test_a_csv_keeps_the_account_of_each_instance(tmp_path: Path) -> None:
    a_fleet().write_csv(tmp_path / "fleet.csv")

    assert (tmp_path / "fleet.csv").read_text().splitlines()[0] == "instance_id,Name,Region,Account"
    assert Fleet.from_csv(tmp_path / "fleet.csv").machines == a_fleet().machines


def test_the_operators_own_account_is_no_other_one(tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text(f"id,account\n{HERE},123456789012\n{THERE},{OTHER}\n")

    assert Fleet.from_csv(tmp_path / "fleet.csv").accounts == [OTHER]


def test_each_account_has_its_own_instances_vault_and_role_of_aws_backup() -> None:
    with running(fleet=a_fleet()) as sandbox:
        aws = Aws(sandbox)
        role = f"arn:aws:iam::{OTHER}:role/EC2BackupAutomation"
        made = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="look")["Credentials"]
        keys = {
            "aws_access_key_id": made["AccessKeyId"],
            "aws_secret_access_key": made["SecretAccessKey"],
            "aws_session_token": made["SessionToken"],
        }

        here = aws.ec2.describe_instances()["Reservations"]
        there = aws.client("iam", **keys).get_role(RoleName="AWSBackupDefaultServiceRole")["Role"]["Arn"]

    assert [one["Instances"][0]["InstanceId"] for one in here] == [HERE]
    assert there.split(":")[4] == OTHER
