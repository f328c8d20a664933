"""Step 13: the report in Prefect, as artifacts; its files are written before, without Prefect."""

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from ec2_backup.report import to_failure_table, to_markdown, to_table
from ec2_backup.results import RunReport
from tasks.retrying import RETRYING


@task(name="13 publish artifacts", task_run_name="13 publish artifacts", **RETRYING)
def publish_artifacts(report: RunReport) -> None:
    """Show the report, a table of all instances, and one of the failures on the run's page in Prefect."""
    create_markdown_artifact(key="backup-report", markdown=to_markdown(report), description="What the run proved")
    create_table_artifact(key="backup-instances", table=to_table(report), description="Every instance, failures first")
    if report.failures:
        create_table_artifact(key="backup-failures", table=to_failure_table(report), description="What failed and why")
