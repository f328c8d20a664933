"""The base job template of a work pool on Amazon ECS, for the installed prefect-aws.

    python deployments/ecs/job_template.py --region eu-central-1 --image IMAGE --task-role ARN --execution-role ARN \
        --subnet subnet-1 --subnet subnet-2 --security-group sg-1 > ecs-pool.json
    prefect work-pool create ec2-backup --type ecs --base-job-template ecs-pool.json

It is the template that prefect-aws itself would take, with our values as its defaults: what one deployment needs
otherwise is a job variable there. Nothing is sent anywhere.
"""

import json
from copy import deepcopy
from typing import Annotated, Any

import typer

CLUSTER = "ec2-backup"
FAMILY = "ec2-backup"
LOG_GROUP = "/ecs/ec2-backup"
PROJECT = "/opt/ec2-backup"  # where the image has the project
CPU, MEMORY_MB = 1024, 2048
STOP_SECONDS = 120  # the longest that Fargate allows: a run that is told to stop writes its report first


def to_job_template(default: dict[str, Any], values: dict[str, Any], network: dict[str, Any]) -> dict[str, Any]:
    """Return a base job template.

    Args:
        default: That of `ECSWorker.get_default_base_job_template()`.
        values: What takes the place of the defaults of its variables.
        network: ECS's `awsvpcConfiguration`. It stands in the request itself: given as a variable, prefect-aws would
            look the VPC up for each task, and need the permission for that.

    Raises:
        KeyError: This version of prefect-aws has no such variable.
    """
    template = deepcopy(default)
    variables = template["variables"]["properties"]
    for name, value in values.items():
        variables[name]["default"] = value
    (container,) = template["job_configuration"]["task_definition"]["containerDefinitions"]
    container["stopTimeout"] = STOP_SECONDS
    template["job_configuration"]["task_run_request"]["networkConfiguration"] = {"awsvpcConfiguration": network}
    return template


def _log_options(region: str) -> dict[str, str]:
    """Return where the logs of the tasks go: to a group that is there, so that no task may create any."""
    named = {"awslogs-group": LOG_GROUP, "awslogs-region": region, "awslogs-stream-prefix": "run"}
    return {**named, "awslogs-create-group": "false"}


def main(  # noqa: PLR0913 - each is a flag
    *,
    region: Annotated[str, typer.Option(help="The Region of the cluster.")],
    image: Annotated[str, typer.Option(help="The image that deployments/ecs/Dockerfile makes, with its tag.")],
    task_role: Annotated[str, typer.Option(help="ARN of the role that the backup calls AWS with.")],
    execution_role: Annotated[str, typer.Option(help="ARN of the role that ECS pulls the image and writes logs with.")],
    subnet: Annotated[list[str], typer.Option(help="A subnet for the tasks; repeat it for more.")],
    security_group: Annotated[list[str], typer.Option(help="A security group for the tasks; repeat it for more.")],
    cluster: Annotated[str, typer.Option(help="The cluster.")] = CLUSTER,
    memory: Annotated[
        int, typer.Option(help="MB of each task; docs/fleet.md says how much a shard takes.")
    ] = MEMORY_MB,
    public_ip: Annotated[bool, typer.Option(help="Tasks get public addresses: subnets without a NAT need it.")] = False,
    auth_secret: Annotated[
        str | None, typer.Option(help="ARN of the secret with the Prefect server's user:password, where it has one.")
    ] = None,
) -> None:
    """Print the base job template as JSON."""
    from prefect_aws.workers.ecs_worker import ECSWorker  # noqa: PLC0415 - imports Prefect, which takes seconds

    values: dict[str, Any] = {
        "image": image,
        "task_role_arn": task_role,
        "execution_role_arn": execution_role,
        "cluster": cluster,
        "family": FAMILY,
        "cpu": CPU,
        "memory": memory,
        "configure_cloudwatch_logs": True,
        "match_latest_revision_in_family": True,
        "cloudwatch_logs_options": _log_options(region),
        "prefect_api_auth_string_secret_arn": auth_secret,
    }
    address = "ENABLED" if public_ip else "DISABLED"
    network = {"subnets": subnet, "securityGroups": security_group, "assignPublicIp": address}
    typer.echo(json.dumps(to_job_template(ECSWorker.get_default_base_job_template(), values, network), indent=2))


if __name__ == "__main__":
    typer.run(main)
