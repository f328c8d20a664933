"""The template of the ECS pool and its policies, held against prefect-aws's own worker on moto's ECS."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from string import Template
from typing import Any
from uuid import UUID, uuid4

import boto3
import pytest
from moto import mock_aws
from prefect.client.schemas.objects import FlowRun
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)
from prefect.states import Pending
from prefect_aws.workers.ecs_worker import ECSJobConfiguration, ECSWorker

from deployments.definitions import definitions
from tests.flow_runs.front_door import PROJECT

ECS = PROJECT / "deployments" / "ecs"
ACCOUNT, REGION = "123456789012", "eu-central-1"
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/ec2-backup:0.1.0"
TASK_ROLE, EXECUTION_ROLE = (f"arn:aws:iam::{ACCOUNT}:role/EC2Backup{name}" for name in ("Task", "Execution"))
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:prefect-a1b2c3"
NAMES = {"ACCOUNT": ACCOUNT, "REGION": REGION, "TASK_ROLE": TASK_ROLE, "EXECUTION_ROLE": EXECUTION_ROLE}
# Nothing here asks a Prefect server anything: so none is to be started.
WITHOUT_PREFECT: dict[Any, Any] = {
    PREFECT_API_URL: "http://127.0.0.1:9/api",
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: False,
    PREFECT_LOGGING_TO_API_ENABLED: False,
}
ASKED_FOR_US = {"iam:PassRole", "ecs:TagResource"}  # of who names a role in a task, or tags one that is made
OF_THE_OBSERVER = {  # the worker's watch over tasks that end, which is not begun here
    "ecs:DescribeTasks", "logs:GetLogEvents",
    "sqs:GetQueueUrl", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility",
}  # fmt: skip


@pytest.fixture(scope="module")
def template() -> Any:
    """What the command prints."""
    flags = {
        "--region": REGION, "--image": IMAGE, "--task-role": TASK_ROLE, "--execution-role": EXECUTION_ROLE,
        "--subnet": "subnet-1", "--security-group": "sg-1", "--auth-secret": SECRET,
    }  # fmt: skip
    words = [word for pair in flags.items() for word in pair]
    command = [sys.executable, str(ECS / "job_template.py"), *words, "--subnet", "subnet-2"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.fixture
def configuration(template: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ECSJobConfiguration]:
    """How a run of the deployment `shard` is started in this pool, in an AWS that has the cluster."""
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    (shard,) = (one for one in definitions() if one.name == "shard")
    values = {"env": dict(shard.environment), "command": "prefect flow-run execute"}
    with mock_aws(), temporary_settings(WITHOUT_PREFECT):
        boto3.client("ecs").create_cluster(clusterName="ec2-backup")
        yield asyncio.run(ECSJobConfiguration.from_template_and_values(known_to_moto(template), values))


def known_to_moto(template: Any) -> Any:
    """Return the template with a subnet that is there, and with memory for the container, which Fargate needs not."""
    changed = deepcopy(template)
    ec2 = boto3.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
    network = network_of(changed)
    network["subnets"], network["securityGroups"] = [subnet["SubnetId"]], [group]
    changed["job_configuration"]["task_definition"]["containerDefinitions"][0]["memoryReservation"] = 512
    return changed


def network_of(template: Any) -> Any:
    return template["job_configuration"]["task_run_request"]["networkConfiguration"]["awsvpcConfiguration"]


def calls_of(configuration: ECSJobConfiguration) -> list[str]:
    """Return a list that each call of the worker's from now on is added to, as IAM names it."""
    made: list[str] = []
    for service in ("ecs", "ec2"):
        client = configuration.aws_credentials.get_client(service)  # the very client: they are kept
        client.meta.events.register("before-call", lambda model, **_: made.append(f"ecs:{model.name}"))
    return made


def a_run(deployment: UUID) -> FlowRun:
    return FlowRun(id=uuid4(), flow_id=uuid4(), deployment_id=deployment, name="shard", state=Pending())


def started(configuration: ECSJobConfiguration, flow_run: FlowRun) -> str:
    """Start a task as the worker does and return what it knows it by."""
    configuration.prepare_for_flow_run(flow_run)
    return asyncio.run(ECSWorker(work_pool_name="ec2-backup").run(flow_run, configuration)).identifier


def statements(name: str) -> list[dict[str, Any]]:
    text = Template((ECS / f"{name}.json").read_text(encoding="utf-8")).safe_substitute(NAMES)
    return list(json.loads(text)["Statement"])


def actions_of(name: str) -> set[str]:
    actions = [one["Action"] for one in statements(name)]
    return {action for some in actions for action in ([some] if isinstance(some, str) else some)}


def test_a_run_becomes_a_task_with_our_image_roles_network_and_logs(configuration: ECSJobConfiguration) -> None:
    cluster, arn = started(configuration, a_run(uuid4())).split("::")
    ecs = boto3.client("ecs")
    (task,) = ecs.describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
    definition = ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])["taskDefinition"]
    (container,), (override,) = definition["containerDefinitions"], task["overrides"]["containerOverrides"]
    told = {one["name"]: one["value"] for one in override["environment"]}

    assert (cluster, task["overrides"]["taskRoleArn"]) == ("ec2-backup", TASK_ROLE)
    assert (definition["family"], definition["executionRoleArn"]) == ("ec2-backup", EXECUTION_ROLE)
    assert (definition["cpu"], definition["memory"], definition["networkMode"]) == ("1024", "2048", "awsvpc")
    assert (container["image"], container["stopTimeout"]) == (IMAGE, 120)
    assert container["secrets"] == [{"name": "PREFECT_API_AUTH_STRING", "valueFrom": SECRET}]
    assert container["logConfiguration"]["options"]["awslogs-group"] == "/ecs/ec2-backup"
    assert container["logConfiguration"]["options"]["awslogs-create-group"] == "false"
    assert told["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
    assert override["command"] == ["prefect", "flow-run", "execute"]


def test_tasks_are_in_the_subnets_that_were_named_and_without_a_public_address(template: Any) -> None:
    assert network_of(template) == {
        "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED",
    }  # fmt: skip


def test_the_worker_calls_what_its_policy_allows_and_nothing_else(configuration: ECSJobConfiguration) -> None:
    made, deployment = calls_of(configuration), uuid4()

    identifier = started(configuration, a_run(deployment))
    started(configuration, a_run(deployment))
    asyncio.run(ECSWorker(work_pool_name="ec2-backup").kill_infrastructure(identifier, configuration))

    assert set(made) == actions_of("worker-policy") - OF_THE_OBSERVER - ASKED_FOR_US
    assert actions_of("worker-policy") > OF_THE_OBSERVER | ASKED_FOR_US


def test_runs_of_one_deployment_share_a_task_definition(configuration: ECSJobConfiguration) -> None:
    made = calls_of(configuration)

    for deployment in (uuid4(), uuid4()):
        started(configuration, a_run(deployment))

    assert made.count("ecs:RegisterTaskDefinition") == 1


def test_the_worker_may_give_tasks_these_two_roles_and_no_other() -> None:
    (passing,) = (one for one in statements("worker-policy") if one["Action"] == "iam:PassRole")

    assert passing["Resource"] == [TASK_ROLE, EXECUTION_ROLE]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def test_only_ecs_in_our_own_account_may_assume_the_roles_of_tasks() -> None:
    (trust,) = statements("tasks-trust")

    assert trust["Principal"] == {"Service": "ecs-tasks.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_the_image_holds_what_a_worker_imports() -> None:
    copied = [line.split()[1:-1] for line in (ECS / "Dockerfile").read_text().splitlines() if line.startswith("COPY")]
    named = {name for names in copied for name in names}

    assert {"ec2_backup", "flows", "tasks", "deployments", "prefect.yaml", "requirements.lock"} <= named
    assert [name for name in named if not (PROJECT / name).exists()] == []
