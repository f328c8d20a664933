"""Step 4: hundreds of instances looked at in a few calls, and each one that cannot be backed up named."""

import pytest

from ec2_backup import calls
from ec2_backup.aws.ec2 import describe_instances, validate_instances
from ec2_backup.errors import AccessError, AwsError
from ec2_backup.model import Instance, InventoryRow
from ec2_backup.results import Failure
from sandbox.fleet import Fleet
from tests.aws.backups import CALLER, HERE, REGION, instance_id

MANY = 450
STATES = {401: "terminated", 402: "shutting-down", 403: "pending", 404: "stopping", 405: "stopped"}
NO_EBS, WINDOWS, ABSENT = instance_id(406), instance_id(407), "i-0ffffffffffffffff"


@pytest.fixture(scope="module")
def fleet():
    fleet = Fleet.of_size(MANY).instance_store_root(NO_EBS).windows(WINDOWS).in_state(WINDOWS, "running")
    for number, state in STATES.items():
        fleet.in_state(instance_id(number), state)
    return fleet


def validated(*ids: str) -> list[Instance | Failure]:
    return validate_instances([InventoryRow(line, key, REGION) for line, key in enumerate(ids, 2)], CALLER, HERE)


def test_450_instances_cost_one_call_and_come_back_in_the_order_of_the_list():
    ids = [instance_id(number) for number in range(MANY, 0, -1)]
    earlier = calls.made()

    results = validated(*ids)

    assert [result.instance_id for result in results] == ids
    assert calls.since(earlier) == {"ec2:DescribeInstances": 1}
    failed = {result.instance_id for result in results if isinstance(result, Failure)}
    assert failed == {instance_id(number) for number in (401, 402, 403, 404)} | {NO_EBS}


def test_an_unknown_id_among_450_is_named_and_costs_a_call_for_each_200():
    ids = [instance_id(number) for number in range(1, MANY + 1)]
    earlier = calls.made()

    results = validated(*ids[:250], ABSENT, *ids[250:])

    assert [result.instance_id for result in results] == [*ids[:250], ABSENT, *ids[250:]]
    assert isinstance(results[250], Failure)
    assert sum(isinstance(result, Instance) for result in results) == MANY - 5
    assert calls.since(earlier) == {"ec2:DescribeInstances": 1 + 3}


def test_a_denied_call_is_not_asked_again_in_another_way(sandbox):
    sandbox.control.fault(operation="DescribeInstances", kind="error", code="UnauthorizedOperation", status=403)
    earlier = calls.made()

    with pytest.raises(AccessError):
        describe_instances([instance_id(number) for number in range(1, MANY + 1)], CALLER, HERE)
    assert calls.since(earlier) == {"ec2:DescribeInstances": 1}


def test_an_instance_is_seen_with_its_name_tags_and_type():
    (instance,) = validated(WINDOWS)

    assert isinstance(instance, Instance)
    assert instance.arn == f"arn:aws:ec2:us-east-1:123456789012:instance/{WINDOWS}"
    assert (instance.region, instance.state, instance.platform) == (REGION, "running", "windows")
    assert instance.name == instance.tags["Name"]
    assert instance.tags["Environment"] == "production"
    assert instance.volumes == ()


def test_an_unknown_id_fails_alone_and_names_its_line():
    good, absent = validated(instance_id(1), ABSENT)

    assert isinstance(good, Instance)
    assert isinstance(absent, Failure)
    assert absent.step == 4
    assert absent.reason == "there is no such instance in us-east-1 (line 3 of the CSV)"
    assert "Check the id" in absent.advice


@pytest.mark.parametrize("number", [401, 402, 403, 404])
def test_an_instance_in_a_state_that_no_backup_takes_is_a_failure_that_names_the_state(number):
    (failure,) = validated(instance_id(number))

    assert isinstance(failure, Failure)
    assert f"the instance is {STATES[number]}" in failure.reason


def test_a_stopped_instance_goes_on():
    (instance,) = validated(instance_id(405))

    assert isinstance(instance, Instance)
    assert instance.state == "stopped"


def test_an_instance_that_boots_from_an_instance_store_is_a_failure():
    (failure,) = validated(NO_EBS)

    assert isinstance(failure, Failure)
    assert "instance store" in failure.reason


def test_no_instances_cost_no_call():
    earlier = calls.made()

    assert validated() == []
    assert calls.since(earlier) == {}


@pytest.mark.parametrize("kind", ["truncate", "corrupt"])
def test_an_answer_that_cannot_be_understood_never_means_that_instances_are_missing(sandbox, kind):
    sandbox.control.fault(operation="DescribeInstances", kind=kind)

    with pytest.raises(AwsError) as caught:
        describe_instances([instance_id(1)], CALLER, HERE)
    assert (caught.value.code, caught.value.retryable) == ("UnreadableAnswer", True)


def test_a_call_that_comes_too_soon_is_repeated_and_counted(sandbox):
    sandbox.control.fault(operation="DescribeInstances", kind="throttle", times=1)
    earlier, throttled = calls.made(), calls.throttled()

    assert len(describe_instances([instance_id(1)], CALLER, HERE)) == 1
    assert calls.since(earlier) == {"ec2:DescribeInstances": 2}
    assert calls.throttled() == throttled + 1
