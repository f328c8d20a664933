"""An ordinary operations script, which knows nothing of the sandbox."""

import os
import subprocess
import sys
from pathlib import Path

from sandbox.fleet import Fleet
from sandbox.running import running

SCRIPT = Path(__file__).with_name("seed_backup.sh")
WEB, DATABASE = "i-0a1b2c3d4e5f60718", "i-0f9e8d7c6b5a49382"
BIN = Path(sys.executable).parent


def aws_folder(tmp_path):
    """Return a folder with an executable `aws`: pip's own has a first line that fails where a path has a space."""
    folder = tmp_path / "bin"
    folder.mkdir()
    folder.joinpath("aws").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{BIN / "aws"}" "$@"\n')
    folder.joinpath("aws").chmod(0o755)
    return folder


def test_an_ordinary_shell_script_runs_unchanged(tmp_path):
    csv = tmp_path / "instances.csv"
    csv.write_text(f"instance_id,Name,Region\n{WEB},web-1,us-east-1\ni-0123456789abcdef0,ghost,us-east-1\n")
    with running(fleet=Fleet((WEB, DATABASE))) as made:
        path = f"{aws_folder(tmp_path)}{os.pathsep}{os.environ['PATH']}"
        env = {**made.env, "HOME": "/nonexistent", "PATH": path}
        done = subprocess.run(
            ["bash", str(SCRIPT), str(csv)],
            env=env,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        (job,) = made.control.jobs()

    assert done.returncode == 1, done.stderr
    assert f"{WEB} (web-1, running): started {job['id']}" in done.stdout
    assert "i-0123456789abcdef0 (ghost): not found" in done.stdout
    assert "Started 1, failed 1" in done.stdout
    assert "InvalidInstanceID.NotFound" in next(tmp_path.glob("backup_log_*.log")).read_text()
    assert (job["instance"], job["token"]) == (WEB, f"nightly-{WEB}")
