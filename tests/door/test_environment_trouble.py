"""What the front door says and does where the environment cannot be prepared, or was not prepared to the end."""

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.door.small_project import SmallProject, path_of, small_project

# Answers the front door's questions as Debian's Python does before python3-venv is installed.
PYTHON_WITHOUT_VENV = """#!/bin/sh
case "$*" in
    *version_info*) echo "$0" ;;
    *) exit 1 ;;
esac
"""


def _killed_while_preparing(project: SmallProject) -> None:
    """Start the front door and kill it, with all it has started, as soon as the environment is half made."""
    shell = subprocess.Popen(
        [project.folder / "start-ec2-backup.sh"],
        env=project.environ(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while shell.poll() is None and not (project.folder / ".venv" / "pyvenv.cfg").exists():
        time.sleep(0.01)
    os.killpg(shell.pid, signal.SIGKILL)
    assert shell.wait() == -signal.SIGKILL


def test_an_install_that_was_killed_is_done_again(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    _killed_while_preparing(project)
    assert (project.folder / ".venv.lock").is_dir()

    again = project.start()

    assert again.returncode == 0, again.stderr
    assert "Preparing" in again.stderr
    assert not (project.folder / ".venv.lock").exists()


def test_a_failed_install_shows_its_last_words_and_is_tried_again(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    project.lock("1.0", digest="0" * 64)

    failed = project.start()

    assert failed.returncode == 2
    assert failed.stdout == ""
    assert "tinything" in failed.stderr
    assert "It is tried again on the next run." in failed.stderr

    project.lock("1.0")
    assert project.start().returncode == 0


def test_without_a_fitting_python_it_says_which_is_needed(tmp_path: Path) -> None:
    project = small_project(tmp_path)

    refused = project.start(environ=project.environ(PATH=path_of(tmp_path / "bin")))

    assert refused.returncode == 2
    assert "Python 3.11 or later is needed" in refused.stderr
    assert not (project.folder / ".venv.lock").exists()


def test_a_python_variable_that_fits_nothing_is_refused_by_name(tmp_path: Path) -> None:
    project = small_project(tmp_path)

    refused = project.start(environ=project.environ(PYTHON="/no/such/python"))

    assert refused.returncode == 2
    assert "PYTHON names /no/such/python" in refused.stderr


def test_without_the_venv_module_it_names_the_package_to_install(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    path = path_of(tmp_path / "bin")
    python = tmp_path / "bin" / "python3.12"
    python.write_text(PYTHON_WITHOUT_VENV, encoding="utf-8")
    python.chmod(0o755)

    refused = project.start(environ=project.environ(PATH=path))

    assert refused.returncode == 2
    assert "python3-venv" in refused.stderr


def test_a_folder_that_is_no_environment_is_left_alone(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "letter").write_text("dear reader", encoding="utf-8")

    refused = project.start(environ=project.environ(EC2_BACKUP_VENV=str(precious)))

    assert refused.returncode == 2
    assert "is no virtual environment" in refused.stderr
    assert [path.name for path in precious.iterdir()] == ["letter"]


def test_a_project_without_its_lock_file_says_so(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    (project.folder / "requirements.lock").unlink()

    refused = project.start()

    assert refused.returncode == 2
    assert "requirements.lock is missing" in refused.stderr


def test_where_uv_cannot_install_pip_does(tmp_path: Path) -> None:
    project = small_project(tmp_path)
    uv = tmp_path / "uvbin" / "uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\necho no index in reach >&2\nexit 2\n", encoding="utf-8")
    uv.chmod(0o755)
    environ = project.environ()

    done = project.start(environ={**environ, "PATH": f"{uv.parent}{os.pathsep}{environ['PATH']}"})

    assert done.returncode == 0
    assert "uv could not (no index in reach); trying pip" in done.stderr
