"""Blocks, a Variable and deployments on a Prefect server, made through its API as its UI makes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import requests

from tests.flow_runs.front_door import PROJECT, prefect

VARIABLE = "ec2_backup_defaults"


def save_block(api: str, kind: str, name: str, **data: object) -> dict[str, object]:
    """Make a block of a type that is registered, and return what another block refers to it by."""
    kind_id = _get(api, f"/block_types/slug/{kind}")["id"]
    (schema, *_) = prefect(api, "/block_schemas/filter", block_schemas={"block_type_id": {"any_": [kind_id]}})
    made = prefect(api, "/block_documents/", name=name, data=data, block_type_id=kind_id, block_schema_id=schema["id"])
    return {"$ref": {"block_document_id": made["id"]}}


@contextmanager
def defaults(api: str, value: object) -> Iterator[None]:
    """Have the Variable while the block runs; the other runs of this server are not to know of it."""
    prefect(api, "/variables/", name=VARIABLE, value=value)
    try:
        yield
    finally:
        requests.delete(f"{api}/variables/name/{VARIABLE}", timeout=30).raise_for_status()


def create_run(api: str, of_deployment: dict[str, object], of_run: dict[str, object]) -> str:
    """Make a deployment of the backup that has these parameters, and a run of it with those; return the run's id."""
    flow = prefect(api, "/flows/", name="ec2-backup")
    there = {"entrypoint": "flows/backup.py:backup", "parameters": of_deployment}
    there["pull_steps"] = [{"prefect.deployments.steps.set_working_directory": {"directory": str(PROJECT)}}]
    deployment = prefect(api, "/deployments/", name=f"test-{uuid4()}", flow_id=flow["id"], **there)
    made = prefect(api, f"/deployments/{deployment['id']}/create_flow_run", parameters=of_run)
    return str(made["id"])


def _get(api: str, path: str) -> Any:
    answer = requests.get(f"{api}{path}", timeout=30)
    answer.raise_for_status()
    return answer.json()
