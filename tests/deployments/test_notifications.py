"""Prefect itself tells of runs that failed: one block and one automation for each channel, however often asked."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from deployments.notifications import SECRET_VARIABLE
from deployments.prefect_server import Server
from tests.deployments.installation import Installation, without_times
from tests.deployments.webhook import Webhook, listening
from tests.flow_runs.front_door import clean_environment, eventually

SLACK = "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
TEAMS = (
    "https://prod-1.westeurope.logic.azure.com:443/workflows/00000000000000000000000000000000/triggers/manual/paths/invoke"
    "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
)
FAILING = """
from prefect import flow, tags

@flow(name="trivial", flow_run_name="{name}")
def trivial():
    raise RuntimeError("1 of 2 instances have a proven recovery point")

with tags({tag!r}):
    trivial()
"""


@pytest.fixture(scope="module")
def prefect(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A server to which nothing is deployed."""
    env = {**clean_environment(server.home.parent), "PREFECT_API_URL": server.url, "DO_NOT_TRACK": "1"}
    return Installation(server.url, env, tmp_path_factory.mktemp("operator"))


@pytest.fixture(scope="module")
def webhook() -> Iterator[Webhook]:
    with listening() as hook:
        yield hook


def set_up(prefect: Installation, secret: str, *words: str, typed: bool = False) -> "subprocess.CompletedProcess[str]":
    """Run the command, with the secret in its variable or in a pipe."""
    return subprocess.run(
        [*prefect.command("notifications"), *words],
        cwd=prefect.folder,
        env={**prefect.env} if typed else {**prefect.env, SECRET_VARIABLE: secret},
        input=f"{secret}\n" if typed else "",
        capture_output=True,
        text=True,
        check=False,
    )


def blocks(prefect: Installation) -> dict[str, Any]:
    """Return what each of our blocks holds, by the kind of block."""
    found = prefect.found("block_documents", include_secrets=True)
    return {one["block_type"]["slug"]: one["data"] for one in found if one["name"] == "ec2-backup"}


def fail(prefect: Installation, name: str, tag: str) -> None:
    """Run a flow of this tag that fails."""
    script = FAILING.format(name=name, tag=tag)
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=prefect.folder, env=dict(prefect.env), capture_output=True, check=False
    )
    assert ended.returncode == 1


def test_a_failed_run_of_our_deployments_is_posted_to_a_webhook_and_no_other_run_is(
    prefect: Installation, webhook: Webhook
) -> None:
    first = set_up(prefect, webhook.url, "webhook")
    before = without_times(prefect.automations())
    second = set_up(prefect, webhook.url, "webhook", typed=True)

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "webhook is told of a run that failed': created" in first.stdout
    assert "webhook is told of a run that failed': unchanged" in second.stdout
    assert without_times(prefect.automations()) == before
    assert len(before) == 1
    assert webhook.url not in first.stdout + second.stdout

    fail(prefect, "not-ours", "something-else")
    fail(prefect, "ours", "ec2-backup")
    posts = eventually(lambda: list(webhook.posts), bool)

    (run,) = prefect.runs(name={"any_": ["ours"]})
    assert posts == [
        {
            "text": "EC2 backup Failed: ours\n\n"
            "Flow run encountered an exception: RuntimeError: 1 of 2 instances have a proven recovery point\n"
            "What to do: the run's artifacts name each instance without a proven backup, the reason and the remedy.\n"
            f"Run: {prefect.api.removesuffix('/api')}/flow-runs/flow-run/{run['id']}"
        }
    ]


def test_a_webhook_has_its_address_among_the_secrets_of_its_block(prefect: Installation, webhook: Webhook) -> None:
    set_up(prefect, webhook.url, "webhook")

    (shown,) = [
        one["data"] for one in prefect.found("block_documents") if one["block_type"]["slug"] == "custom-webhook"
    ]
    assert webhook.url not in str(shown)
    assert blocks(prefect)["custom-webhook"]["secrets"] == {"address": webhook.url}


def test_a_trial_message_is_sent_at_once_and_a_refusal_is_said(prefect: Installation, webhook: Webhook) -> None:
    webhook.posts.clear()
    taken = set_up(prefect, webhook.url, "webhook", "--trial")
    webhook.status = 403
    refused = set_up(prefect, webhook.url, "webhook", "--trial")
    webhook.status = 200

    assert taken.returncode == 0
    assert "A trial message was sent" in taken.stdout
    assert [post["text"].startswith("EC2 backup: trial\n\nThis is a trial.") for post in webhook.posts] == [True] * 2
    assert refused.returncode == 2
    assert "403 Forbidden" in refused.stdout
    assert "Traceback" not in refused.stderr


def test_slack_teams_and_e_mail_have_a_block_and_an_automation_each(prefect: Installation) -> None:
    mail = ("--to", "ops@example.com", "--to", "boss@example.com", "--from", "backup@example.com")

    ended = [
        set_up(prefect, SLACK, "slack"),
        set_up(prefect, TEAMS, "teams"),
        set_up(prefect, "SG.key", "email", *mail),
    ]

    assert [one.returncode for one in ended] == [0, 0, 0], [one.stdout + one.stderr for one in ended]
    found = blocks(prefect)
    assert found["slack-webhook"]["url"] == SLACK
    assert found["ms-teams-webhook"]["url"] == TEAMS
    assert found["sendgrid-email"]["api_key"] == "SG.key"
    assert found["sendgrid-email"]["to_emails"] == ["ops@example.com", "boss@example.com"]
    for channel in ("slack", "teams", "email"):
        named = [one for one in prefect.automations() if one["name"].startswith(f"ec2-backup: {channel} is told")]
        assert [action["type"] for one in named for action in one["actions"]] == ["send-notification"]


@pytest.mark.parametrize(
    ("words", "secret", "said"),
    [
        (("slack",), "https://hooks.slack.com/services/T00000000", "not the address of a Slack webhook"),
        (("teams",), "https://example.com/hook", "Invalid Microsoft Teams Workflow URL"),
        (("webhook",), "hooks.example.com/T0KEN", "not the address of a webhook"),
        (("email",), "SG.key", "needs an API key, --to and --from"),
    ],
)
def test_what_could_never_send_is_refused(prefect: Installation, words: tuple[str], secret: str, said: str) -> None:
    before = blocks(prefect)

    ended = set_up(prefect, secret, *words)

    assert ended.returncode == 2
    assert said in " ".join(ended.stdout.split())
    assert secret not in ended.stdout + ended.stderr
    assert blocks(prefect) == before
