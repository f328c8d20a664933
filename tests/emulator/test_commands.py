"""Commands that Systems Manager sends to instances: who gets them, how they end, and what AWS says before they do."""

import pytest

from sandbox.clock import CLOCK
from tests.emulator.backups import backed_up, restored, start_restore
from tests.emulator.callers import refusal, statement, user


def send(aws, instance_id, **parameters):
    given = {"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["uptime"]}}
    ssm = aws.client("ssm")
    return ssm.send_command(InstanceIds=[instance_id], **(given | parameters))["Command"]["CommandId"]


def ended(aws, instance_id, seconds=60, **parameters):
    """Send a command, let time pass, and return the status, its details and the code that it ended with."""
    command_id = send(aws, instance_id, **parameters)
    CLOCK.advance(seconds)
    said = aws.client("ssm").get_command_invocation(CommandId=command_id, InstanceId=instance_id)
    return said["Status"], said["StatusDetails"], said["ResponseCode"]


def made(aws, **outcome):
    """Return an instance that a restore has made, as a script wants it."""
    aws.sandbox.control.script(aws.web, outcome, job="restore")
    return restored(aws, backed_up(aws))["CreatedResourceArn"].rsplit("/", 1)[1]


def test_a_command_is_pending_then_in_progress_then_ends(aws):
    instance_id = made(aws, command_output="up 3 minutes")
    command_id, ssm = send(aws, instance_id), aws.client("ssm")
    CLOCK.advance(1)
    seen = []
    for _ in range(20):
        said = ssm.get_command_invocation(CommandId=command_id, InstanceId=instance_id)
        seen.append((said["Status"], said["StandardOutputContent"]))
        CLOCK.advance(1)

    assert list(dict.fromkeys(seen)) == [("Pending", ""), ("InProgress", ""), ("Success", "up 3 minutes")]


def test_an_invocation_is_not_there_at_once(aws):
    command_id = send(aws, aws.web)
    asked = {"CommandId": command_id, "InstanceId": aws.web}

    assert refusal(aws.client("ssm").get_command_invocation, **asked)[0] == "InvocationDoesNotExist"


@pytest.mark.parametrize(
    ("command", "end"),
    [("Failed", ("Failed", "Failed", 1)), ("TimedOut", ("TimedOut", "Execution Timed Out", -1))],
)
def test_a_script_decides_how_a_command_ends(aws, command, end):
    assert ended(aws, made(aws, command=command), seconds=61, TimeoutSeconds=60) == end


def test_an_instance_whose_agent_is_silent_gets_no_command(aws):
    instance_id = made(aws, managed=False)
    code, said, _ = refusal(send, aws=aws, instance_id=instance_id)

    assert (code, said) == (
        "InvalidInstanceId",
        f"Instances [[{instance_id}]] not in a valid state for account 123456789012",
    )


def test_an_agent_reports_some_time_after_its_instance_runs(aws):
    start_restore(aws, backed_up(aws))
    ssm, seen = aws.client("ssm"), []
    for _ in range(30):
        CLOCK.advance(5)
        made_by_now = aws.sandbox.control.restores()[0]["restored"]
        filters = [{"Key": "InstanceIds", "Values": [made_by_now or "i-0"]}]
        seen.append(len(ssm.describe_instance_information(Filters=filters)["InstanceInformationList"]))

    assert (seen[0], seen[-1], sorted(seen)) == (0, 1, seen)


def test_a_command_needs_document_and_instance_to_be_allowed(aws):
    document = "arn:aws:ssm:us-east-1::document/AWS-RunShellScript"
    narrow = aws.client("ssm", **user(aws, statement("Allow", "ssm:SendCommand", [document, aws.arn(aws.web)])))

    assert narrow.send_command(InstanceIds=[aws.web], DocumentName="AWS-RunShellScript")["Command"]["CommandId"]
    code, said, status = refusal(narrow.send_command, InstanceIds=[aws.database], DocumentName="AWS-RunShellScript")
    assert (code, status) == ("AccessDeniedException", 400)
    assert aws.arn(aws.database) in said
