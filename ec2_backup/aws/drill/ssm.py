"""Systems Manager: whether it sees the new instances, and the check command on each of them.

A command is known by its id alone, and an instance that was just started is managed some minutes later. An answer may
lag: a command that is not known yet is one that goes on.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from ec2_backup.aws.session import call, pages
from ec2_backup.drill.model import CheckResult, CheckStatus, SentCommand
from ec2_backup.drill.verdict import to_output
from ec2_backup.errors import AwsError
from ec2_backup.model import Instance, Target

SHELL, POWERSHELL = "AWS-RunShellScript", "AWS-RunPowerShellScript"
_VALUES = 50  # instance ids in a filter; 100 is the most (Systems Manager API reference)
_GOING = frozenset({"Pending", "InProgress", "Delayed", "Cancelling"})
_WINDOWS = "windows"


def find_managed(waiting: Sequence[SentCommand]) -> Iterator[str]:
    """Yield the ids of those instances whose agents are online."""
    for target in sorted({one.target for one in waiting}):
        ids = [one.instance_id for one in waiting if one.target == target]
        for start in range(0, len(ids), _VALUES):
            yield from _online(ids[start : start + _VALUES], target)


def _online(ids: Sequence[str], target: Target) -> Iterator[str]:
    filters = [{"Key": "InstanceIds", "Values": list(ids)}]
    listed = pages("ssm", "describe_instance_information", target, key="InstanceInformationList", Filters=filters)
    for page in listed:
        yield from (one["InstanceId"] for one in page["InstanceInformationList"] if one["PingStatus"] == "Online")


def send_command(instance: Instance, command: str, seconds: int, comment: str) -> str:
    """Send a command to one instance, for its system's own shell, and return the command's id.

    `seconds` is how long it may take; `comment` says in Systems Manager's history what it was for.
    """
    answer = call(
        "ssm",
        "send_command",
        instance.target,
        key="Command",
        InstanceIds=[instance.instance_id],
        DocumentName=POWERSHELL if instance.platform.lower() == _WINDOWS else SHELL,
        Parameters={"commands": [command], "executionTimeout": [str(max(1, seconds))]},
        TimeoutSeconds=max(30, seconds),  # until it must have begun; AWS takes no less than 30
        Comment=comment[:100],
    )
    return str(answer["Command"]["CommandId"])


def find_results(sent: Sequence[SentCommand]) -> Iterator[CheckResult]:
    """Yield what came of those commands that are over: a call for each, since AWS lists no output."""
    for one in sent:
        try:
            answer = call("ssm", "get_command_invocation", one.target, key="Status", CommandId=one.command_id,
                          InstanceId=one.instance_id)  # fmt: skip
        except AwsError as error:
            if error.code == "InvocationDoesNotExist":
                continue
            raise
        if answer["Status"] not in _GOING:
            yield _to_result(one, answer)


def _to_result(sent: SentCommand, answer: dict[str, Any]) -> CheckResult:
    code = answer.get("ResponseCode", -1)
    texts = (answer.get("StandardOutputContent") or "", answer.get("StandardErrorContent") or "")
    passed = answer["Status"] == "Success" and code == 0
    return CheckResult(
        line=sent.line,
        status=CheckStatus.PASSED if passed else CheckStatus.FAILED,
        exit_code=code if code >= 0 else None,  # -1 is what AWS says where the command has none
        output=to_output("\n".join(text.strip() for text in texts if text.strip())),
        said=str(answer.get("StatusDetails") or answer["Status"]),
    )
