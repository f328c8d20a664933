"""Step 13: the message about a run, to an SNS topic in whatever Region that is."""

import socket
from collections.abc import Iterator

import pytest

from ec2_backup.aws.sns import publish_message
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.report.message import Message, to_message
from sandbox.running import Sandbox
from tests.aws.backups import ACCOUNT, client
from tests.aws.inbox import Inbox, Mail, an_inbox
from tests.unit.reports import a_report, failed

MESSAGE = Message("EC2 backup FAILED: 1 of 2 instances proven", "❌ 1 of 2\n    <b>why</b> & what to do", "incomplete")


@pytest.fixture(scope="module")
def inbox(sandbox: Sandbox) -> Inbox:
    return an_inbox(sandbox)


@pytest.fixture(autouse=True)
def _empty(inbox: Inbox) -> Iterator[None]:
    yield
    inbox.mails()


def test_a_message_arrives_as_it_was_sent_with_the_runs_status_to_filter_by(inbox):
    publish_message(inbox.topic, MESSAGE)

    assert inbox.mails() == [Mail(MESSAGE.subject, MESSAGE.text, "incomplete")]


def test_a_message_about_a_thousand_failures_with_odd_names_is_taken(inbox):
    report = a_report(*(failed(number, f"\udc80\x00{number}", name="\u2028\x1b[31m") for number in range(1, 1001)))

    publish_message(inbox.topic, to_message(report))

    (mail,) = inbox.mails()
    assert len(mail.text.splitlines()) <= 20


@pytest.mark.usefixtures("inbox")
def test_a_topic_is_asked_in_its_own_region():
    with pytest.raises(AwsError, match="sns:Publish in eu-west-1") as caught:
        publish_message(f"arn:aws:sns:eu-west-1:{ACCOUNT}:ops", MESSAGE)

    assert caught.value.code == "NotFound"
    assert "aws sns list-topics" in caught.value.hint


def test_a_topic_that_may_not_be_told_is_an_access_error_in_awss_words(sandbox, inbox):
    said = f"not authorized to perform: SNS:Publish on resource: {inbox.topic}"
    sandbox.control.fault(operation="sns:Publish", code="AuthorizationError", message=said)

    with pytest.raises(AccessError, match="not authorized to perform: SNS:Publish on resource"):
        publish_message(inbox.topic, MESSAGE)
    assert inbox.mails() == []


def test_the_policy_of_the_readme_is_enough_for_its_topic_and_for_no_other(sandbox, inbox, env):
    allowed = {"Effect": "Allow", "Action": "sns:Publish", "Resource": inbox.topic}
    other = an_inbox(sandbox, "others")
    iam = client("iam")
    iam.create_user(UserName="teller")
    iam.put_user_policy(
        UserName="teller",
        PolicyName="Tell",
        PolicyDocument=f'{{"Version": "2012-10-17", "Statement": {[allowed]}}}'.replace("'", '"'),
    )
    key = iam.create_access_key(UserName="teller")["AccessKey"]
    env.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    env.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])

    publish_message(inbox.topic, MESSAGE)
    with pytest.raises(AccessError, match=r"AuthorizationError: .*teller is not authorized to perform: sns:Publish"):
        publish_message(other.topic, MESSAGE)

    assert len(inbox.mails()) == 1


def test_a_throttled_message_is_sent_again_and_arrives_once(sandbox, inbox):
    sandbox.control.fault(operation="sns:Publish", kind="throttle", times=2)

    publish_message(inbox.topic, MESSAGE)

    assert len(inbox.mails()) == 1


def test_throttling_that_does_not_end_is_given_up_after_three_attempts(sandbox, inbox):
    sandbox.control.fault(operation="sns:Publish", kind="throttle")

    with pytest.raises(AwsError) as caught:
        publish_message(inbox.topic, MESSAGE)
    assert caught.value.retryable
    assert [fault["struck"] for fault in sandbox.control.faults()] == [3]


def test_expired_credentials_are_an_authentication_error(sandbox, inbox):
    sandbox.control.fault(operation="sns:Publish", kind="expired")

    with pytest.raises(AuthenticationError, match="expired"):
        publish_message(inbox.topic, MESSAGE)


def test_nobody_who_answers_is_an_error_too(inbox, env):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    env.setenv("AWS_ENDPOINT_URL_SNS", f"http://127.0.0.1:{port}")

    with pytest.raises(AwsError, match="Could not connect") as caught:
        publish_message(inbox.topic, MESSAGE)
    assert caught.value.retryable
