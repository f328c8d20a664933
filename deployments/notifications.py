"""Let Prefect tell Slack, Teams, a mailbox or any webhook when a run of our deployments has failed or crashed.

    python deployments/notifications.py slack|teams|webhook|email

It keeps the secret in a notification block and sets up an automation that sends through it. It can be run again at any
time: what is there already is brought up to date, and nothing is there twice.
"""

import os
import sys
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, cast

import typer
from pydantic import ValidationError
from rich.console import Console

from deployments.command import run_command
from deployments.prefect_settings import ui_url
from ec2_backup.errors import UsageError

if TYPE_CHECKING:
    from uuid import UUID

    from prefect.blocks.abstract import NotificationBlock
    from prefect.events.schemas.automations import AutomationCore

BLOCK = "ec2-backup"
SECRET_VARIABLE = "EC2_BACKUP_NOTIFICATION_SECRET"  # noqa: S105 - its name, not its value
TRIAL = "This is a trial. When a run of ec2-backup has failed or crashed, a message like this one says why."
SUBJECT = "EC2 backup {{ flow_run.state.name }}: {{ flow_run.name }}"
BODY = """{{ flow_run.state.message }}
What to do: the run's artifacts name each instance without a proven backup, the reason and the remedy.
Run: {{ flow_run|ui_url or "%s/flow-runs/flow-run/" ~ flow_run.id }}"""
STATES = ("Failed", "Crashed", "TimedOut")


class Channel(StrEnum):
    """Where the message goes."""

    SLACK = "slack"
    TEAMS = "teams"
    WEBHOOK = "webhook"
    EMAIL = "email"


_SECRETS = {
    Channel.SLACK: "The address of Slack's incoming webhook",
    Channel.TEAMS: "The address of the Teams workflow",
    Channel.WEBHOOK: "The webhook's address",
    Channel.EMAIL: "SendGrid's API key",
}
# `text` is what Slack's, Mattermost's, Rocket.Chat's and Google Chat's webhooks show.
_WEBHOOK: dict[str, object] = {"name": BLOCK, "url": "{{address}}", "json_data": {"text": "{{subject}}\n\n{{body}}"}}


def main(
    channel: Annotated[Channel, typer.Argument(help="Where the message goes.", show_default=False)],
    *,
    to: Annotated[list[str] | None, typer.Option(help="email: who gets it; as often as wanted.")] = None,
    sender: Annotated[str, typer.Option("--from", help="email: a sender that SendGrid knows.")] = "",
    trial: Annotated[bool, typer.Option("--trial", help="Send a message at once, to see that it arrives.")] = False,
) -> None:
    """Keep the webhook's address, or SendGrid's API key, in a block, and send through it when a run has failed.

    The secret is read from EC2_BACKUP_NOTIFICATION_SECRET or else asked for; it is kept nowhere but in the block.
    """
    secret = os.environ.get(SECRET_VARIABLE) or asked(_SECRETS[channel])

    def set_up(console: Console) -> None:
        from deployments.automations import keep  # noqa: PLC0415 - imports Prefect

        block = to_block(channel, secret.strip(), tuple(to or ()), sender)
        block_id = cast("UUID", block.save(BLOCK, overwrite=True))  # a coroutine only where an event loop runs
        console.print(f"Block {block.get_block_type_slug()}/{BLOCK}: saved")
        wanted = failure_automation(channel, block_id, ui_url(os.environ["PREFECT_API_URL"], os.environ))
        console.print(f"Automation {wanted.name!r}: {keep(wanted)}")
        if trial:
            send_trial(block)
            console.print("A trial message was sent.")

    raise typer.Exit(run_command(set_up))


def asked(what: str) -> str:
    """Return what is typed, unseen, or what comes through a pipe."""
    return str(typer.prompt(what, hide_input=True)) if sys.stdin.isatty() else sys.stdin.readline()


def to_block(channel: Channel, secret: str, to: tuple[str, ...] = (), sender: str = "") -> "NotificationBlock":
    """Return the block that sends through a channel; raises UsageError where it could never send."""
    from prefect.blocks import notifications as blocks  # noqa: PLC0415 - imports Prefect

    raise_for_unusable(channel, secret, to, sender)
    kinds: dict[Channel, tuple[type[NotificationBlock], dict[str, object]]] = {
        Channel.SLACK: (blocks.SlackWebhook, {"url": secret}),
        Channel.TEAMS: (blocks.MicrosoftTeamsWebhook, {"url": secret}),
        Channel.EMAIL: (blocks.SendgridEmail, {"api_key": secret, "sender_email": sender, "to_emails": list(to)}),
        Channel.WEBHOOK: (blocks.CustomWebhookNotificationBlock, _WEBHOOK | {"secrets": {"address": secret}}),
    }
    kind, values = kinds[channel]
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        why = "; ".join(one["msg"] for one in error.errors())  # the whole would show the secret
        raise UsageError(f"Prefect refuses this as a block for {channel}: {why}.") from None
    except (TypeError, ValueError) as error:
        raise UsageError(f"Prefect refuses this as a block for {channel}: {error}") from error


def raise_for_unusable(channel: Channel, secret: str, to: tuple[str, ...], sender: str) -> None:
    """Raise UsageError for what Prefect would take as a block that never sends anything."""
    from apprise import Apprise  # noqa: PLC0415 - comes with Prefect

    if channel is Channel.EMAIL and not (secret and to and sender):
        raise UsageError("An e-mail needs an API key, --to and --from.")
    if channel is Channel.WEBHOOK and not secret.startswith(("https://", "http://")):
        raise UsageError("This is not the address of a webhook.", hint="It begins https:// or http://")
    if channel is Channel.SLACK and Apprise.instantiate(secret, suppress_exceptions=True) is None:
        raise UsageError(
            "This is not the address of a Slack webhook.", hint="It begins https://hooks.slack.com/services/"
        )


def failure_automation(channel: Channel, block_id: "UUID", ui: str) -> "AutomationCore":
    """Return the automation that sends through the block when a run of our deployments has failed or crashed.

    It knows them by their tag. `ui` is the address of Prefect's UI, for a server that was not told its own.
    """
    from prefect.events.actions import SendNotification  # noqa: PLC0415 - imports Prefect
    from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture  # noqa: PLC0415
    from prefect.events.schemas.events import ResourceSpecification  # noqa: PLC0415

    from deployments.automations import TAG  # noqa: PLC0415

    return AutomationCore(
        name=f"ec2-backup: {channel} is told of a run that failed",
        description="Set up by deployments/notifications.py.",
        trigger=EventTrigger(
            expect={f"prefect.flow-run.{state}" for state in STATES},
            match=ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"}),
            match_related=ResourceSpecification(
                {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{TAG}"}
            ),
            for_each={"prefect.resource.id"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[SendNotification(block_document_id=block_id, subject=SUBJECT, body=BODY % ui.rstrip("/"))],
    )


def send_trial(block: "NotificationBlock") -> None:
    """Send a message through the block; raises UsageError where it is not taken."""
    from httpx import HTTPError  # noqa: PLC0415 - comes with Prefect
    from prefect.blocks.abstract import NotificationError  # noqa: PLC0415

    try:
        with block.raise_on_failure():
            block.notify(TRIAL, subject="EC2 backup: trial")  # type: ignore[unused-coroutine]  # as with save
    except (HTTPError, NotificationError) as error:
        said = error.log if isinstance(error, NotificationError) else str(error)
        raise UsageError(f"The trial message was not taken: {said.strip()}", hint="Is the secret right?") from error


if __name__ == "__main__":
    typer.run(main)
