"""Imports point inwards: cli, deployments -> flows -> tasks -> ec2_backup.aws -> ec2_backup."""

from pathlib import Path

import pytest

from tests.architecture.sources import SOURCES, imports_of, is_in, module_of

# From the outermost layer to the innermost; a module may import its own layer and those after it.
LAYERS = (("cli", "deployments"), ("flows",), ("tasks",), ("ec2_backup.aws",), ("ec2_backup",))
OUTSIDE = {"tests", "benchmarks", "sandbox"}
APPLICATION = [source for source in SOURCES if source.parts[0] not in OUTSIDE]


def _layer(module: str) -> int | None:
    return next((number for number, layer in enumerate(LAYERS) if any(is_in(module, name) for name in layer)), None)


def test_every_python_file_belongs_to_a_layer_or_is_outside_of_the_application() -> None:
    assert [str(source) for source in APPLICATION if _layer(module_of(source)) is None] == []


@pytest.mark.parametrize("source", APPLICATION, ids=str)
def test_a_module_imports_its_own_layer_or_one_further_in(source: Path) -> None:
    own = _layer(module_of(source))
    layers = {name: _layer(name) for name in imports_of(source)}

    assert [name for name, layer in layers.items() if own is not None and layer is not None and layer < own] == []


@pytest.mark.parametrize("source", APPLICATION, ids=str)
def test_only_the_aws_layer_imports_the_aws_libraries(source: Path) -> None:
    libraries = [name for name in imports_of(source) if name.split(".")[0] in {"boto3", "botocore"}]

    assert libraries == [] or is_in(module_of(source), "ec2_backup.aws")


@pytest.mark.parametrize("source", APPLICATION, ids=str)
def test_the_application_imports_neither_sandbox_nor_tests(source: Path) -> None:
    assert [name for name in imports_of(source) if name.split(".")[0] in OUTSIDE | {"moto"}] == []


@pytest.mark.parametrize("package", ["ec2_backup", "sandbox"])
def test_prefect_stays_out_of(package: str) -> None:
    sources = [source for source in SOURCES if source.parts[0] == package]

    assert [str(s) for s in sources if any(is_in(name, "prefect") for name in imports_of(s))] == []


def test_the_server_launcher_starts_without_importing_prefect() -> None:
    """A server that is up must be found in milliseconds; importing Prefect takes seconds."""
    names = {"prefect_server.py", "prefect_settings.py", "server_home.py", "server_process.py"}
    launcher = [source for source in SOURCES if source.parts[0] == "deployments" and source.name in names]

    assert {source.name for source in launcher} == names
    assert [str(s) for s in launcher if any(is_in(name, "prefect") for name in imports_of(s))] == []
