"""An ordinary script that restores an instance with the aws CLI."""

import os
import subprocess

from sandbox.fleet import Fleet
from sandbox.outcomes import OUTCOMES, Outcome
from sandbox.running import running
from tests.emulator.conftest import WEB, Aws
from tests.emulator.test_shell_script import SCRIPT, aws_folder


def test_a_script_restores_an_instance_waits_for_it_and_terminates_it(tmp_path):
    with running(speed=600.0, fleet=Fleet((WEB,))) as made:
        OUTCOMES.script(WEB, Outcome(created_seconds=0.0, duration_seconds=1.0))
        Aws(made).finished(WEB)
        path = f"{aws_folder(tmp_path)}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", str(SCRIPT.with_name("restore.sh")), WEB],
            env={**made.env, "HOME": "/nonexistent", "PATH": path},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        (job,) = made.control.restores()

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [job["id"], "COMPLETED", job["restored"], "shutting-down"]
