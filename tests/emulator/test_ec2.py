"""EC2's own refusals, which moto words differently or does not have."""

import pytest
from botocore.exceptions import ClientError


def refusal(call, **parameters):
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return refused.value.response["Error"]["Code"], refused.value.response["Error"]["Message"]


def test_one_unknown_instance_is_named_in_the_singular(aws):
    """Checklist 38."""
    code, said = refusal(aws.ec2.describe_instances, InstanceIds=[aws.web, "i-0123456789abcdef0"])

    assert code == "InvalidInstanceID.NotFound"
    assert said == "The instance ID 'i-0123456789abcdef0' does not exist"


def test_several_unknown_instances_are_all_named(aws):
    """Checklist 38."""
    code, said = refusal(aws.ec2.describe_instances, InstanceIds=["i-0123456789abcdef0", aws.web, "i-deadbeef"])

    assert code == "InvalidInstanceID.NotFound"
    assert said == "The instance IDs 'i-0123456789abcdef0, i-deadbeef' do not exist"


@pytest.mark.parametrize("malformed", ["ma1", "i-", "i-0123", "i-0123456789ABCDEF0", "vol-0123456789abcdef0"])
def test_a_malformed_instance_id_is_not_merely_unknown(aws, malformed):
    """Checklist 38."""
    code, said = refusal(aws.ec2.describe_instances, InstanceIds=[malformed])

    assert (code, said) == ("InvalidInstanceID.Malformed", f'Invalid id: "{malformed}"')


def test_an_unknown_instance_in_a_filter_is_silently_absent(aws):
    found = aws.ec2.describe_instances(Filters=[{"Name": "instance-id", "Values": ["i-0123456789abcdef0", aws.web]}])[
        "Reservations"
    ]

    assert [one["InstanceId"] for reservation in found for one in reservation["Instances"]] == [aws.web]


def test_a_filter_takes_two_hundred_values_and_no_more(aws):
    """Checklist 38."""
    values = [f"i-0{number:016x}" for number in range(201)]
    aws.ec2.describe_instances(Filters=[{"Name": "instance-id", "Values": values[:200]}])

    code, said = refusal(aws.ec2.describe_instances, Filters=[{"Name": "instance-id", "Values": values}])

    assert code == "FilterLimitExceeded"
    assert said == "The maximum number of filter values specified on a single call is 200"


@pytest.mark.parametrize(
    ("operation", "ids"), [("describe_instances", "InstanceIds"), ("describe_volumes", "VolumeIds")]
)
def test_ids_and_pages_exclude_each_other(aws, operation, ids):
    wanted = {"InstanceIds": [aws.web], "VolumeIds": ["vol-0123456789abcdef0"]}[ids]

    code, _ = refusal(getattr(aws.ec2, operation), MaxResults=10, **{ids: wanted})

    assert code == "InvalidParameterCombination"


def test_a_terminated_instance_is_still_seen_but_has_no_volumes(aws):
    """Checklist 38."""
    aws.ec2.terminate_instances(InstanceIds=[aws.web])

    found = aws.ec2.describe_instances(InstanceIds=[aws.web])["Reservations"][0]["Instances"][0]

    assert found["State"]["Name"] == "terminated"
    assert found["BlockDeviceMappings"] == []


def test_an_unknown_volume_and_a_malformed_one_have_their_own_words(aws):
    """Checklist 38."""
    assert refusal(aws.ec2.describe_volumes, VolumeIds=["vol-0123456789abcdef0"]) == (
        "InvalidVolume.NotFound",
        "The volume 'vol-0123456789abcdef0' does not exist.",
    )
    assert refusal(aws.ec2.describe_volumes, VolumeIds=["vol-1"])[0] == "InvalidVolumeID.Malformed"


def test_volumes_come_in_pages_where_pages_are_asked_for(aws):
    every = {volume["VolumeId"] for volume in aws.ec2.describe_volumes()["Volumes"]}
    aws.ec2.create_volume(Size=1, AvailabilityZone="us-east-1a")
    for _ in range(10):
        every.add(aws.ec2.create_volume(Size=1, AvailabilityZone="us-east-1a")["VolumeId"])

    pages = list(aws.ec2.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 5}))

    assert len(pages) > 2
    assert every < {volume["VolumeId"] for page in pages for volume in page["Volumes"]}


def test_callers_may_not_write_reserved_tags(aws):
    code, said = refusal(aws.ec2.create_tags, Resources=[aws.web], Tags=[{"Key": "aws:x", "Value": "1"}])

    assert (code, said) == ("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")


def test_cloudwatch_takes_a_thousand_metrics_at_once_and_no_more(aws):
    metrics = [{"MetricName": f"metric-{number}", "Value": 1.0} for number in range(1001)]
    cloudwatch = aws.client("cloudwatch")
    cloudwatch.put_metric_data(Namespace="EC2Backup", MetricData=metrics[:1000])

    code, said = refusal(cloudwatch.put_metric_data, Namespace="EC2Backup", MetricData=metrics)

    assert code in {"InvalidParameterValue", "InvalidParameterValueException"}
    assert "1000" in said


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2.0**361])
def test_cloudwatch_refuses_what_is_not_a_storable_number(aws, value):
    code, _ = refusal(
        aws.client("cloudwatch").put_metric_data,
        Namespace="EC2Backup",
        MetricData=[{"MetricName": "Success", "Value": value}],
    )

    assert code in {"InvalidParameterValue", "InvalidParameterValueException"}


def test_keys_say_in_which_state_they_are(aws):
    kms = aws.client("kms")
    key_id = kms.create_key()["KeyMetadata"]["KeyId"]
    states = [kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"]]
    kms.disable_key(KeyId=key_id)
    states.append(kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"])
    kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    states.append(kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"])

    assert states == ["Enabled", "Disabled", "PendingDeletion"]


def test_volumes_are_found_by_instance_and_by_anything_else_at_once(aws):
    def found(*values, **more):
        filters = [{"Name": "attachment.instance-id", "Values": list(values)}]
        filters += [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in more.items()]
        return {volume["VolumeId"] for volume in aws.ec2.describe_volumes(Filters=filters)["Volumes"]}

    assert found(aws.web) | found(aws.database) == found(aws.web, aws.database)
    assert found("i-0aaaaaaaaaaaaaa*") > found(aws.web)
    assert found(aws.web, status="available") == set()
    assert found("i-0123456789abcdef0") == set()
