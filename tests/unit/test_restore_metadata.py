"""What StartRestoreJob is told: the original's settings, without what cannot be repeated, with the changes."""

import json

from ec2_backup.restore.metadata import left_out, to_attached, to_metadata
from ec2_backup.restore.model import Changes
from tests.unit.restores import GROUP, KEPT, SUBNET, ZONE


def test_an_unchanged_restore_keeps_subnet_and_groups_and_leaves_out_what_belongs_to_the_original():
    metadata = to_metadata(KEPT, Changes())

    assert metadata["SubnetId"] == SUBNET
    assert json.loads(metadata["SecurityGroupIds"]) == [GROUP]
    assert metadata["InstanceType"] == "m5.large"
    assert not {"NetworkInterfaces", "VpcId", "aws:backup:request-id"} & metadata.keys()
    assert metadata.items() <= KEPT.items()


def test_every_value_is_a_text_as_aws_wants_them():
    metadata = to_metadata(KEPT, Changes(subnet="subnet-1", security_groups=("sg-1", "sg-2"), instance_type="t3.micro"))

    assert {type(value) for value in metadata.values()} == {str}
    assert json.loads(metadata["SecurityGroupIds"]) == ["sg-1", "sg-2"]


def test_subnet_and_groups_come_from_the_first_interface_where_they_are_kept_nowhere_else():
    kept = {key: value for key, value in KEPT.items() if key not in {"SubnetId", "SecurityGroupIds"}}

    metadata = to_metadata(kept, Changes())

    assert (metadata["SubnetId"], json.loads(metadata["SecurityGroupIds"])) == (SUBNET, [GROUP])


def test_another_type_leaves_out_what_went_with_the_old_one():
    metadata = to_metadata(KEPT, Changes(instance_type="t3.micro"))

    assert metadata["InstanceType"] == "t3.micro"
    assert not {"CpuOptions", "CreditSpecification", "EbsOptimized"} & metadata.keys()


def test_another_subnet_decides_the_availability_zone():
    assert ZONE in to_metadata(KEPT, Changes())["Placement"]
    assert json.loads(to_metadata(KEPT, Changes(subnet="subnet-1"))["Placement"]) == {"Tenancy": "default"}


def test_empty_values_are_left_out():
    metadata = to_metadata({**KEPT, "KeyName": "", "HibernationOptions": "null"}, Changes())

    assert not {"KeyName", "HibernationOptions"} & metadata.keys()


def test_a_backed_up_profile_stays_and_another_one_is_attached_afterwards():
    kept = {**KEPT, "IamInstanceProfileName": "web"}
    for changes, in_metadata, attached in (
        (Changes(), "web", ""),
        (Changes(profile="web"), "web", ""),
        (Changes(profile="none"), None, ""),
        (Changes(profile="other"), None, "other"),
    ):
        metadata = to_metadata(kept, changes)
        assert (metadata.get("IamInstanceProfileName"), to_attached(metadata, changes)) == (in_metadata, attached)


def test_what_is_left_out_is_named():
    two = json.dumps([{"PrivateIpAddress": "10.0.0.5"}, {"PrivateIpAddress": "10.0.0.6"}])

    assert list(left_out(KEPT)) == ["private address 10.0.0.5: it gets a new one"]
    assert list(left_out({"NetworkInterfaces": two}))[1] == "1 of 2 network interfaces: it gets one"


def test_values_that_are_no_json_do_no_harm():
    kept = {"SecurityGroupIds": "sg-1", "NetworkInterfaces": "[", "Placement": "somewhere", "SubnetId": SUBNET}

    metadata = to_metadata(kept, Changes(subnet="subnet-1"))

    assert metadata["Placement"] == "somewhere"
    assert list(left_out(kept)) == []
