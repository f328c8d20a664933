"""Step 1: the front door prepares what it needs, once, and is then the program itself."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.door.small_project import SmallProject, small_project


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> SmallProject:
    project = small_project(tmp_path_factory.mktemp("prepared"))
    first = project.start()

    assert first.returncode == 0, first.stderr
    assert first.stderr.count("\n") == 1
    assert first.stderr.startswith("Preparing the production environment in ")
    return project


def test_a_second_start_installs_nothing_and_says_nothing(prepared: SmallProject) -> None:
    site = next((prepared.folder / ".venv" / "lib").glob("python*/site-packages"))
    before = site.stat().st_mtime_ns

    again = prepared.start()

    assert (again.returncode, again.stderr) == (0, "")
    assert site.stat().st_mtime_ns == before


def test_the_exit_code_is_that_of_the_program(prepared: SmallProject) -> None:
    assert prepared.start("12").returncode == 12


def test_arguments_and_folder_reach_the_program_unchanged(prepared: SmallProject, tmp_path: Path) -> None:
    told = json.loads(prepared.start("--csv", "two words.csv", "", "*", cwd=tmp_path).stdout)

    assert told["arguments"] == ["--csv", "two words.csv", "", "*"]
    assert told["folder"] == str(tmp_path)
    assert told["utf8"] == 1


def test_it_can_be_called_through_a_chain_of_relative_symlinks(prepared: SmallProject, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "linked").symlink_to(prepared.folder)
    (tmp_path / "bin" / "inner").symlink_to("../linked/start-ec2-backup.sh")
    (tmp_path / "outer").symlink_to("bin/inner")

    assert prepared.start(cwd=tmp_path, door="./outer").stderr == ""


@pytest.mark.parametrize("home", [None, "", "/nonexistent"])
def test_it_starts_without_a_home_folder(prepared: SmallProject, home: str | None) -> None:
    environ = prepared.environ()
    del environ["HOME"]
    if home is not None:
        environ["HOME"] = home

    assert prepared.start(environ=environ).returncode == 0


def test_the_project_can_be_imported_from_anywhere(prepared: SmallProject, tmp_path: Path) -> None:
    python = prepared.folder / ".venv" / "bin" / "python"
    where = subprocess.run(
        [python, "-c", "import flows; print(flows.__file__)"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert where.stdout.strip() == str(prepared.folder / "flows" / "__init__.py")


def test_an_environment_whose_python_is_gone_is_made_again(prepared: SmallProject) -> None:
    for python in (prepared.folder / ".venv" / "bin").glob("python*"):
        python.unlink()

    again = prepared.start()

    assert (again.returncode, "Preparing" in again.stderr) == (0, True)


def test_of_two_shells_at_once_one_prepares_and_both_run(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    shells = [
        subprocess.Popen(
            [project.folder / "start-ec2-backup.sh"],
            env=project.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [shell.communicate() for shell in shells]

    assert [shell.returncode for shell in shells] == [0, 0], said
    assert [json.loads(out)["version"] for out, _ in said] == ["1.0", "1.0"]
    assert "".join(err for _, err in said).count("Preparing") == 1


def test_a_changed_lock_is_installed_and_a_copied_project_prepares_its_own(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    assert project.start().returncode == 0

    project.lock("2.0")
    changed = project.start()

    assert json.loads(changed.stdout)["version"] == "2.0"
    assert "Preparing" in changed.stderr

    copy = SmallProject(tmp_path / "copied", project.wheels)
    shutil.copytree(project.folder, copy.folder, symlinks=True)

    assert f"Preparing the production environment in {copy.folder / '.venv'}" in copy.start().stderr
    scripts = (copy.folder / ".venv" / "bin").glob("pip*")
    assert all(str(copy.folder) in script.read_text(encoding="utf-8") for script in scripts)


def test_the_sandbox_is_installed_when_it_is_asked_for_and_stays(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    project.lock("3.0", layers=("-sandbox",))
    environ = project.environ(EC2_BACKUP_VENV=str(tmp_path / "elsewhere"))

    versions = [
        json.loads(project.start(*arguments, environ=environ).stdout)["version"]
        for arguments in ([], ["--dry-run", "--sandbox"], [], ["sandbox"])
    ]

    assert versions == ["1.0", "3.0", "3.0", "3.0"]
    assert not (project.folder / ".venv").exists()


def test_the_interpreter_that_python_names_is_taken(tmp_path: Path) -> None:
    project = small_project(tmp_path)

    assert project.start(environ=project.environ(PYTHON=sys.executable)).returncode == 0
    made_from = os.path.realpath(project.folder / ".venv" / "bin" / "python")
    assert made_from == os.path.realpath(sys.executable)
