"""A project as small as can be around the real front door: its locks hold one package, built here, and cli.py tells."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
CLI = """
import json, os, sys
import flows, tinything
told = {"arguments": sys.argv[1:], "folder": os.getcwd(), "version": tinything.VERSION, "utf8": sys.flags.utf8_mode}
print(json.dumps(told))
sys.exit(int(sys.argv[-1]) if sys.argv[-1].isdigit() else 0)
"""


@dataclass(frozen=True, slots=True)
class SmallProject:
    """A folder with the front door in it, and another with the wheels that its locks name."""

    folder: Path
    wheels: Path

    def environ(self, **more: str) -> dict[str, str]:
        """Return an environment that installs from the wheels alone."""
        index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return {"PATH": path_without_uv(), "HOME": str(self.wheels), **index, **more}

    def start(
        self,
        *arguments: str,
        cwd: Path | None = None,
        door: str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run the front door to its end."""
        return subprocess.run(
            [door or str(self.folder / "start-ec2-backup.sh"), *arguments],
            cwd=cwd or self.folder,
            env=self.environ() if environ is None else environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def lock(self, version: str, *, layers: tuple[str, ...] = ("", "-sandbox", "-test"), digest: str = "") -> None:
        """Pin the one package, at a version, in the lock files of these layers."""
        pinned = digest or wheel(self.wheels, version)
        for layer in layers:
            text = f"tinything=={version} \\\n    --hash=sha256:{pinned}\n"
            (self.folder / f"requirements{layer}.lock").write_text(text, encoding="utf-8")


def small_project(root: Path) -> SmallProject:
    """Make the project, with a space in its name, and version 1.0 of its package locked."""
    project = SmallProject(root / "a project", root / "wheels")
    (project.folder / "scripts").mkdir(parents=True)
    (project.folder / "flows").mkdir()
    (project.folder / "flows" / "__init__.py").touch()
    project.wheels.mkdir()
    for name in ("start-ec2-backup.sh", "scripts/environment.sh"):
        shutil.copy2(PROJECT / name, project.folder / name)
    (project.folder / "cli.py").write_text(CLI, encoding="utf-8")
    project.lock("1.0")
    return project


def wheel(folder: Path, version: str) -> str:
    """Build the package's wheel and return its SHA-256."""
    info = f"tinything-{version}.dist-info"
    files = {
        "tinything.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tinything\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{name},sha256={_digest(text)},{len(text)}" for name, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    path = folder / f"tinything-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def path_of(folder: Path, *programs: str) -> str:
    """Return a PATH on which there is nothing but what a shell script needs, and these programs."""
    needed = ("sh", "cat", "cksum", "dirname", "env", "ls", "mkdir", "mv", "readlink", "rm", "sleep", "tail")
    folder.mkdir()
    for program in (*needed, *programs):
        if found := shutil.which(program):
            (folder / Path(program).name).symlink_to(found)
    return str(folder)


def path_without_uv() -> str:
    """Return the PATH of this process, the interpreter of the tests first, without the folders that hold uv."""
    base = Path(sys.base_prefix, "bin")
    folders = [Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if folder]
    return os.pathsep.join(map(str, [base, *(folder for folder in folders if not (folder / "uv").exists())]))


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
