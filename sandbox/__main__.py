"""`python -m sandbox`: serve an AWS on a laptop until somebody stops it."""

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ec2_backup.copies.destination import CopyDestination, parse_destinations
from ec2_backup.errors import InventoryError
from sandbox.fleet import DEFAULT_REGION, Fleet

if TYPE_CHECKING:
    from sandbox.seclusion import Seclusion

PARENT_WATCH_SECONDS = 1.0
INSTANCES_CSV = Path("sandbox_instances.csv")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def serve(  # noqa: PLR0913, PLR0917 - each is a flag
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    csv: Annotated[Path | None, typer.Option(help="CSV whose instances the sandbox begins with.")] = None,
    instances: Annotated[
        int, typer.Option(min=0, help="Begin with so many instances, always the same ones, and write their CSV.")
    ] = 0,
    write_csv: Annotated[Path | None, typer.Option(help="Where to; sandbox_instances.csv if absent.")] = None,
    bare: Annotated[bool, typer.Option("--bare", help="Begin without vault, key and role: what setup makes.")] = False,  # noqa: FBT002 - a flag
    trail: Annotated[bool, typer.Option("--trail", help="Begin with a trail that delivers to a log group.")] = False,  # noqa: FBT002 - a flag
    past: Annotated[bool, typer.Option("--past", help="Begin with recovery points of the days before.")] = False,  # noqa: FBT002 - a flag
    copy_to: Annotated[list[str] | None, typer.Option(metavar="ARN", help="Begin with this vault for copies.")] = None,
    speed: Annotated[float, typer.Option(min=0.001, help="Virtual seconds of AWS in one second.")] = 120.0,
    quotas: Annotated[bool, typer.Option(help="Enforce AWS's request quotas.")] = False,  # noqa: FBT002 - a flag
    region: Annotated[str, typer.Option(help="Region of instances that name none.")] = DEFAULT_REGION,
    ready_file: Annotated[Path | None, typer.Option(help="Write the environment here as JSON, once it serves.")] = None,
    exit_with_parent: Annotated[bool, typer.Option(help="Stop when the parent process ends.")] = False,  # noqa: FBT002
    verbose: Annotated[bool, typer.Option(help="Log every request.")] = False,  # noqa: FBT002
) -> None:
    """Serve AWS Backup, EC2, IAM, STS, KMS, S3, CloudWatch with its Logs and CloudTrail on 127.0.0.1, until stopped."""
    logging.basicConfig(level=logging.INFO if verbose else logging.CRITICAL, format="%(message)s")
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    parent = os.getppid()
    fleet, vaults = _fleet(csv, instances, region), _vaults(copy_to or [])
    written = write_csv or (INSTANCES_CSV if instances else None)
    if written:
        fleet.write_csv(written)

    from sandbox.running import running  # noqa: PLC0415 - takes two seconds, and a wrong flag need not wait for it

    try:
        world = running(
            speed=speed, quotas=quotas, fleet=fleet, bare=bare, trail=trail, past=past, copy_vaults=vaults, port=port
        )
        with world as made:
            env = {**made.env, **_drill_env(made.seclusion)}
            _tell(fleet, env, written, bare=bare)
            if ready_file:
                _write_atomically(ready_file, json.dumps(env, indent=2) + "\n")
            while not stopped.wait(PARENT_WATCH_SECONDS):
                if exit_with_parent and os.getppid() != parent:
                    break
    except OSError as error:
        typer.echo(f"The sandbox cannot serve on port {port}: {error.strerror or error}", err=True)
        raise typer.Exit(1) from None


def _drill_env(seclusion: "Seclusion | None") -> dict[str, str]:
    """Return the environment that names the place for drills, as the command `drill` reads it."""
    if seclusion is None:
        return {}
    return {
        "EC2_BACKUP_DRILL_SUBNET": seclusion.subnet,
        "EC2_BACKUP_DRILL_SECURITY_GROUP": seclusion.group,
        "EC2_BACKUP_DRILL_PROFILE": seclusion.profile,
    }


def _fleet(csv: Path | None, instances: int, region: str) -> Fleet:
    if csv and instances:
        raise typer.BadParameter("--csv and --instances exclude each other")
    if not csv:
        return Fleet.of_size(instances, region)
    try:
        return Fleet.from_csv(csv, region)
    except InventoryError as error:
        raise typer.BadParameter(f"--csv: {error}") from None


def _vaults(texts: list[str]) -> tuple[CopyDestination, ...]:
    try:
        return parse_destinations(texts)
    except ValueError as error:
        raise typer.BadParameter(f"--copy-to: {error}") from None


def _tell(fleet: Fleet, env: Mapping[str, str], csv: Path | None, *, bare: bool) -> None:
    count, where = len(fleet.machines), ", ".join(fleet.regions)
    volumes = sum(len(machine.disks) for machine in fleet.machines.values())
    typer.echo(f"# AWS sandbox on {env['AWS_ENDPOINT_URL']}: {count} instances with {volumes} volumes in {where},")
    ground = "backup vault EC2-Backup, role service-role/AWSBackupDefaultServiceRole"
    typer.echo(f"# {'neither vault nor role' if bare else ground}. Nothing leaves this machine.")
    if csv:
        typer.echo(f"# The instances are listed in {csv}.")
    for name, value in env.items():
        typer.echo(f"export {name}={value}")
    sys.stdout.flush()


def _write_atomically(path: Path, text: str) -> None:
    half = path.with_name(f".{path.name}.{os.getpid()}")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


if __name__ == "__main__":
    app()
