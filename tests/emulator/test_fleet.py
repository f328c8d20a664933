"""The instances that a sandbox begins with, as DescribeInstances and DescribeVolumes show them."""

import boto3
import pytest

from ec2_backup.errors import InventoryError
from sandbox.fleet import Fleet
from sandbox.machines import Disk
from sandbox.running import running
from tests.emulator.conftest import Aws

ONE = "i-0ccccccccccccccc1"


def client(sandbox, service, region):
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, region_name=region, endpoint_url=sandbox.url, **keys)


@pytest.fixture
def seen():
    """Return a function that serves a fleet and returns its instances and volumes, by id, as EC2 shows them."""

    def look(fleet, region="us-east-1"):
        with running(fleet=fleet) as sandbox:
            ec2 = client(sandbox, "ec2", region)
            pages = ec2.get_paginator("describe_instances").paginate()
            instances = [
                one for page in pages for reservation in page["Reservations"] for one in reservation["Instances"]
            ]
            volumes = ec2.describe_volumes()["Volumes"]
        return {one["InstanceId"]: one for one in instances}, {one["VolumeId"]: one for one in volumes}

    return look


def test_an_instance_and_its_volumes_refer_to_each_other(seen):
    disks = (Disk("/dev/xvda", 8, delete_on_termination=True), Disk("/dev/sdf", 100, "io2", iops=4000, key="fleet"))
    instances, volumes = seen(Fleet().with_disks(ONE, *disks))
    mappings = instances[ONE]["BlockDeviceMappings"]
    root, data = (volumes[mapping["Ebs"]["VolumeId"]] for mapping in mappings)

    assert [mapping["DeviceName"] for mapping in mappings] == ["/dev/xvda", "/dev/sdf"]
    assert [mapping["Ebs"]["DeleteOnTermination"] for mapping in mappings] == [True, False]
    assert all(mapping["Ebs"]["Status"] == "attached" and mapping["Ebs"]["AttachTime"] for mapping in mappings)
    assert instances[ONE]["RootDeviceName"] == "/dev/xvda"
    assert (root["Encrypted"], root["Size"], root["VolumeType"], root["Iops"]) == (False, 8, "gp3", 3000)
    assert (data["Encrypted"], data["Size"], data["VolumeType"], data["Iops"]) == (True, 100, "io2", 4000)
    assert data["KmsKeyId"].startswith("arn:aws:kms:us-east-1:123456789012:key/")
    assert data["Attachments"][0]["InstanceId"] == ONE
    assert data["AvailabilityZone"] == instances[ONE]["Placement"]["AvailabilityZone"]


def test_the_same_id_always_gets_the_same_machine():
    assert Fleet([ONE]).machines == Fleet([ONE]).machines
    assert Fleet.of_size(50).machines == Fleet.of_size(50).machines


def test_a_large_fleet_has_volumes_of_many_kinds_and_some_stopped_instances():
    machines = Fleet.of_size(300).machines.values()
    disks = [disk for machine in machines for disk in machine.disks]

    assert {disk.volume_type for disk in disks} == {"gp3", "io2", "st1"}
    assert {bool(disk.key) for disk in disks} == {True, False}
    assert {machine.state for machine in machines} == {"running", "stopped"}
    assert {len(machine.disks) for machine in machines} == {1, 2, 3, 4}


def test_a_fleet_of_thousands_is_seen_as_a_whole(seen):
    instances, volumes = seen(Fleet.of_size(1200))

    assert len(instances) == 1200
    assert len(volumes) == sum(len(one["BlockDeviceMappings"]) for one in instances.values())


def test_a_csv_gives_ids_names_and_regions(tmp_path):
    csv = tmp_path / "list.csv"
    csv.write_text(
        "\ufeffinstance_id,Name,Region\ni-0ccccccccccccccc1,db-main-1,eu-west-1\ni-cccccccc,,\n\nnonsense,x,\n"
    )
    machines = Fleet.from_csv(csv).machines

    assert {one.instance_id: one.region for one in machines.values()} == {ONE: "eu-west-1", "i-cccccccc": "us-east-1"}
    assert machines[ONE].name == "db-main-1"


def test_a_csv_that_is_not_there_is_refused_with_its_name(tmp_path):
    with pytest.raises(InventoryError, match="absent"):
        Fleet.from_csv(tmp_path / "absent.csv")


def test_a_written_csv_gives_the_same_fleet_again(tmp_path):
    fleet = Fleet.of_size(40)
    fleet.write_csv(tmp_path / "fleet.csv")

    assert Fleet.from_csv(tmp_path / "fleet.csv").machines == fleet.machines


def test_every_region_of_the_fleet_has_a_vault_and_its_own_instances():
    fleet = Fleet([ONE]).add("i-0ccccccccccccccc2", region="eu-west-1")
    with running(fleet=fleet) as sandbox:
        aws = Aws(sandbox)
        for region, instance_id in {"us-east-1": ONE, "eu-west-1": "i-0ccccccccccccccc2"}.items():
            found = client(sandbox, "ec2", region).describe_instances()["Reservations"]
            vault = client(sandbox, "backup", region).describe_backup_vault(BackupVaultName=aws.vault)

            assert [one["Instances"][0]["InstanceId"] for one in found] == [instance_id]
            assert vault["EncryptionKeyArn"].startswith(f"arn:aws:kms:{region}:123456789012:key/")


@pytest.mark.parametrize("state", ["stopped", "stopping", "pending", "shutting-down", "terminated"])
def test_an_instance_may_begin_in_any_state(seen, state):
    instances, _ = seen(Fleet().in_state(ONE, state))

    assert instances[ONE]["State"]["Name"] == state


def test_a_terminated_instance_has_lost_its_volumes(seen):
    instances, _ = seen(Fleet().in_state(ONE, "terminated"))

    assert instances[ONE]["BlockDeviceMappings"] == []


def test_an_instance_store_root_has_no_volume(seen):
    instances, volumes = seen(Fleet().instance_store_root(ONE))

    assert instances[ONE]["RootDeviceType"] == "instance-store"
    assert instances[ONE]["BlockDeviceMappings"] == []
    assert volumes == {}


def test_a_windows_instance_says_so_and_others_do_not(seen):
    instances, _ = seen(Fleet(["i-0ccccccccccccccc2"]).windows(ONE))

    assert instances[ONE]["Platform"] == "windows"
    assert "Platform" not in instances["i-0ccccccccccccccc2"]


def test_an_instance_may_have_more_tags_than_a_backup_may(seen):
    instances, _ = seen(Fleet().tagged(ONE, 51))

    assert len(instances[ONE]["Tags"]) == 51


def test_instance_store_disks_are_known_by_the_instance_type():
    with running(fleet=Fleet().instance_store_disks(ONE)) as sandbox:
        ec2 = Aws(sandbox).ec2
        kind = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceType"]
        storage = ec2.describe_instance_types(InstanceTypes=[kind])["InstanceTypes"][0]["InstanceStorageInfo"]

    assert storage["TotalSizeInGB"] == 475


def test_a_volume_may_be_under_a_key_that_was_disabled():
    with running(fleet=Fleet().disabled_key(ONE)) as sandbox:
        aws = Aws(sandbox)
        keys = {volume.get("KmsKeyId") for volume in aws.ec2.describe_volumes()["Volumes"]}
        states = {aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] for key in keys if key}

    assert "Disabled" in states


def test_the_service_role_trusts_aws_backup_and_has_its_policy(aws):
    iam = aws.client("iam")
    role = iam.get_role(RoleName="AWSBackupDefaultServiceRole")["Role"]
    attached = iam.list_attached_role_policies(RoleName="AWSBackupDefaultServiceRole")["AttachedPolicies"]

    assert role["Arn"] == aws.role
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": "backup.amazonaws.com"}
    assert "AWSBackupServiceRolePolicyForBackup" in {policy["PolicyName"] for policy in attached}


def test_a_whole_batch_of_instances_comes_in_one_answer():
    fleet = Fleet.of_size(200)
    with running(fleet=fleet) as sandbox:
        filters = [{"Name": "instance-id", "Values": list(fleet.machines)}]
        answer = client(sandbox, "ec2", "us-east-1").describe_instances(Filters=filters)

    assert len(answer["Reservations"]) == 200
    assert "NextToken" not in answer
