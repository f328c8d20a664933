"""What `prefect.yaml` says of the deployments, for those who need it besides `prefect deploy`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from ruamel.yaml import YAML

PROJECT = Path(__file__).resolve().parent.parent
PREFECT_FILE = PROJECT / "prefect.yaml"


@dataclass(frozen=True, slots=True)
class Definition:
    """A deployment as it is defined: the words are those of `prefect.yaml`.

    `environment` is what its runs get as environment variables beside the worker's own. Without a `concurrency_limit`
    any number of its runs go on at once.
    """

    name: str
    entrypoint: str
    description: str
    tags: tuple[str, ...]
    parameters: Mapping[str, Any]
    schedules: tuple[Mapping[str, Any], ...]
    concurrency_limit: Mapping[str, Any] | None
    work_pool: str
    environment: Mapping[str, str]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Self:
        """Return an entry of the file's list `deployments`; raises KeyError where it lacks something."""
        pool = entry["work_pool"]
        return cls(
            name=entry["name"],
            entrypoint=entry["entrypoint"],
            description=entry["description"],
            tags=tuple(entry["tags"]),
            parameters=entry["parameters"],
            schedules=tuple(entry["schedules"]),
            concurrency_limit=entry.get("concurrency_limit"),
            work_pool=pool["name"],
            environment=pool["job_variables"]["env"],
        )


def definitions() -> list[Definition]:
    """Return every deployment that `prefect.yaml` defines, in its order."""
    content = YAML(typ="safe").load(PREFECT_FILE)
    return [Definition.of(entry) for entry in content["deployments"]]
