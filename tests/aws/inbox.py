"""A topic with a queue that hears it, and a bucket: where a run's message and its files arrive in the sandbox."""

import json
from dataclasses import dataclass
from typing import Any

import boto3

from sandbox.running import Sandbox

BUCKET = "backup-reports"


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as a subscriber gets it."""

    subject: str
    text: str
    status: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """The queue of somebody who has subscribed to a topic."""

    topic: str
    queue: str
    sqs: Any

    def mails(self) -> list[Mail]:
        """Return what has arrived since the last look."""
        found = self.sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for one in found:
            self.sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=one["ReceiptHandle"])
        return [_mail(json.loads(one["Body"])) for one in found]


def _mail(body: Any) -> Mail:
    return Mail(body["Subject"], body["Message"], body["MessageAttributes"]["status"]["Value"])


def client_of(aws: Sandbox, service: str) -> Any:
    """Return a client of a sandbox, whatever the environment says."""
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, region_name=aws.region, endpoint_url=aws.url, **keys)  # type: ignore[call-overload]


def an_inbox(aws: Sandbox, name: str = "ops") -> Inbox:
    """Make a topic and a queue that is subscribed to it."""
    sns, sqs = client_of(aws, "sns"), client_of(aws, "sqs")
    topic, queue = sns.create_topic(Name=name)["TopicArn"], sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return Inbox(topic, queue, sqs)


def a_bucket(aws: Sandbox) -> Any:
    """Make the bucket and return an S3 client."""
    s3 = client_of(aws, "s3")
    s3.create_bucket(Bucket=BUCKET)
    return s3


def objects_in(s3: Any) -> dict[str, Any]:
    """Return every object of the bucket by its key: its type and its text."""
    keys = [one["Key"] for one in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
    found = {key: s3.get_object(Bucket=BUCKET, Key=key) for key in keys}
    return {key: (one["ContentType"], one["Body"].read().decode("utf-8")) for key, one in found.items()}
