"""Step 13, last part: the message about a run to an SNS topic."""

from ec2_backup.aws.session import call
from ec2_backup.errors import AwsError
from ec2_backup.model import Target
from ec2_backup.report.message import Message


def publish_message(topic_arn: str, message: Message) -> None:
    """Publish a message to a topic, in the topic's own Region. Raises AwsError in AWS's words.

    The attribute `status` is the run's, so that a subscription can filter by it (SNS developer guide, "Message
    filtering").
    """
    try:
        call(
            "sns",
            "publish",
            Target(topic_arn.split(":")[3]),
            key="MessageId",
            TopicArn=topic_arn,
            Subject=message.subject,
            Message=message.text,
            MessageAttributes={"status": {"DataType": "String", "StringValue": message.status}},
        )
    except AwsError as error:
        if error.code == "NotFound":
            error.hint = f"Is {topic_arn} the topic's ARN? To see which there are: aws sns list-topics"
        raise
