"""Systems Manager as far as a command on an instance goes: which instances it manages, SendCommand, and how it ended.

Every running instance is managed some time after it began to run, as in an account with Default Host Management, unless
a script has its agent silent. Nothing is executed: the script of the restore says how a command ends.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from moto.core.common_types import TYPE_RESPONSE
from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ssm.responses import SimpleSystemManagerResponse

from sandbox.aftermath import RestoreOutcome
from sandbox.answer import Refused
from sandbox.backup import books
from sandbox.clock import CLOCK

REGISTERED_SECONDS = 60.0
"""How long after an instance began to run its agent reports."""

KNOWN_SECONDS = 1.0
"""How long after SendCommand an invocation is there to be asked for."""

STARTED_SECONDS = 3.0
ENDED_SECONDS = 8.0
USUAL_TIMEOUT = 3600
MOST_INSTANCES = 50


@dataclass(frozen=True, slots=True)
class Command:
    """A command that was sent to instances."""

    command_id: str
    document: str
    comment: str
    instance_ids: tuple[str, ...]
    sent: datetime
    timeout_seconds: int

    def to_dict(self) -> dict[str, Any]:
        """Return the members of a Command as SendCommand answers it."""
        return {
            "CommandId": self.command_id,
            "DocumentName": self.document,
            "Comment": self.comment,
            "InstanceIds": list(self.instance_ids),
            "RequestedDateTime": self.sent.timestamp(),
            "Status": "Pending",
            "StatusDetails": "Pending",
            "TimeoutSeconds": self.timeout_seconds,
            "TargetCount": len(self.instance_ids),
        }

    def to_invocation(self, instance_id: str, outcome: RestoreOutcome) -> dict[str, Any]:
        """Return what GetCommandInvocation says now of the command on an instance."""
        status = self._status(outcome.command)
        is_over = status in {"Success", "Failed"}
        details = {"TimedOut": "Execution Timed Out"}.get(status, status)
        return {
            "CommandId": self.command_id,
            "InstanceId": instance_id,
            "Comment": self.comment,
            "DocumentName": self.document,
            "PluginName": "aws:runShellScript",
            "ResponseCode": {"Success": 0, "Failed": 1}.get(status, -1),
            "Status": status,
            "StatusDetails": details,
            "StandardOutputContent": outcome.command_output if is_over else "",
            "StandardErrorContent": "failed to run commands: exit status 1" if status == "Failed" else "",
        }

    def _status(self, ends: str) -> str:
        now = CLOCK.now()
        if now < CLOCK.after(self.sent, STARTED_SECONDS):
            return "Pending"
        wait = ENDED_SECONDS if ends in {"Success", "Failed"} else self.timeout_seconds
        if now < CLOCK.after(self.sent, wait) or ends == "InProgress":
            return "InProgress"
        return ends


class CommandResponse(SimpleSystemManagerResponse):
    """Systems Manager: moto's, with commands that take their time and may fail."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer a call, after AWS Backup has left in EC2 what it has made by now."""
        books.settle()
        return super().call_action()

    def describe_instance_information(self) -> ActionResult:
        """Answer DescribeInstanceInformation: the instances whose agents report, those of a filter or all."""
        wanted = {value for one in self._get_param("Filters", []) for value in one.get("Values", [])}
        found = [one for one in self._instances() if _is_managed(one) and (not wanted or one.id in wanted)]
        return ActionResult({"InstanceInformationList": [_information(one) for one in found]})

    def send_command(self) -> ActionResult:
        """Answer SendCommand; one instance that is not managed refuses the whole call."""
        ids: list[str] = self._get_param("InstanceIds", [])
        if not ids or len(ids) > MOST_INSTANCES:
            raise Refused("ValidationException", f"InstanceIds must have 1 to {MOST_INSTANCES} members")
        managed = {one.id for one in self._instances() if _is_managed(one)}
        if not managed.issuperset(ids):
            bad = ", ".join(one for one in ids if one not in managed)
            raise Refused("InvalidInstanceId", f"Instances [[{bad}]] not in a valid state for account {self._account}")
        command = Command(
            command_id=str(uuid4()),
            document=self._get_param("DocumentName"),
            comment=self._get_param("Comment", ""),
            instance_ids=tuple(ids),
            sent=CLOCK.now(),
            timeout_seconds=int(self._get_param("TimeoutSeconds") or USUAL_TIMEOUT),
        )
        self._sent[command.command_id] = command
        return ActionResult({"Command": command.to_dict()})

    def get_command_invocation(self) -> ActionResult:
        """Answer GetCommandInvocation, which does not know of a command at once."""
        command = self._sent.get(self._get_param("CommandId"))
        instance_id = self._get_param("InstanceId")
        is_known = command is not None and CLOCK.now() >= CLOCK.after(command.sent, KNOWN_SECONDS)
        if command is None or not is_known or instance_id not in command.instance_ids:
            raise Refused("InvocationDoesNotExist", "")
        instance = next((one for one in self._instances() if one.id == instance_id), None)
        return ActionResult(command.to_invocation(instance_id, _outcome(instance)))

    @property
    def _account(self) -> str:
        return str(self.current_account)

    @property
    def _sent(self) -> dict[str, Command]:
        """The commands, in the backend's own dict, so that moto's reset empties it with all the rest."""
        sent: dict[str, Command] = vars(self.ssm_backend).setdefault("sent", {})
        return sent

    def _instances(self) -> list[Any]:
        ec2 = ec2_backends[self.current_account][self.region]
        return [one for reservation in ec2.reservations.values() for one in reservation.instances]


def _outcome(instance: Any) -> RestoreOutcome:
    found: RestoreOutcome = getattr(instance, "outcome", RestoreOutcome())
    return found


def _is_managed(instance: Any) -> bool:
    """Return whether Systems Manager hears of an instance; one that was not restored has run since long."""
    ready_at = getattr(instance, "ready_at", None)
    reports = ready_at is None or CLOCK.now() >= CLOCK.after(ready_at, REGISTERED_SECONDS)
    return bool(instance.state == "running" and _outcome(instance).managed and reports)


def _information(instance: Any) -> dict[str, Any]:
    return {
        "InstanceId": instance.id,
        "PingStatus": "Online",
        "AgentVersion": "3.3.1611.0",
        "IsLatestVersion": True,
        "PlatformType": "Windows" if instance.platform else "Linux",
        "ResourceType": "EC2Instance",
        "IPAddress": instance.private_ip,
    }
