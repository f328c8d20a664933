"""Step 13: the report in S3, in Prefect and as a message; its files are written before, without Prefect."""

from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from ec2_backup.aws import s3, sns
from ec2_backup.report import to_copy_table, to_failure_table, to_markdown, to_table
from ec2_backup.report.message import Message
from ec2_backup.results import RunReport
from tasks.retrying import AT_ONCE, RETRYING


@task(name="13 upload file", task_run_name="13 upload {path.name}", **AT_ONCE)
def upload_file(path: Path, url: str) -> None:
    """Put one of the run's files to S3; what fails is sent by the run that takes this one up again."""
    s3.put_file(path, url)


@task(name="13 publish artifacts", task_run_name="13 publish artifacts", **RETRYING)
def publish_artifacts(report: RunReport) -> None:
    """Show the report, a table of all instances, and one of the failures on the run's page in Prefect."""
    create_markdown_artifact(key="backup-report", markdown=to_markdown(report), description="What the run proved")
    create_table_artifact(key="backup-instances", table=to_table(report), description="Every instance, failures first")
    if report.failures:
        create_table_artifact(key="backup-failures", table=to_failure_table(report), description="What failed and why")
    if copies := to_copy_table(report):
        create_table_artifact(key="backup-copies", table=copies, description="Every copy, what is not proven first")


@task(name="13 notify", task_run_name="13 notify", **AT_ONCE)
def notify(topic: str, message: Message) -> None:
    """Send the message about the run to its SNS topic."""
    sns.publish_message(topic, message)
