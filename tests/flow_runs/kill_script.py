"""What scripts/kill-test runs: as many kills as asked for, one line each."""

import signal
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from deployments.prefect_server import ensure_server, stop_server
from deployments.server_home import made_private
from sandbox.fleet import Fleet
from sandbox.running import running
from tests.flow_runs.conftest import SPEED
from tests.flow_runs.drill_killing import DrillPoint, DrillTried, kill_and_clean, to_drill_points
from tests.flow_runs.drilling import backed_up
from tests.flow_runs.front_door import FrontDoor, clean_environment
from tests.flow_runs.kill_points import INSTANCES, Point, to_points
from tests.flow_runs.killing import Tried, kill_and_resume

Try = Callable[[Path, Path, str], Tried | DrillTried]


def kill_runs(
    points: Annotated[int, typer.Option(min=1, help="How many runs to kill.")] = 6,
    seed: Annotated[int, typer.Option(help="The same seed kills at the same points.")] = 20260301,
    by: Annotated[
        str, typer.Option(metavar="KILL|INT|TERM", help="The signal; KILL leaves no time for anything.")
    ] = "KILL",
    drills: Annotated[
        bool, typer.Option("--drills", help="Kill restore drills instead; what they leave must be removed.")
    ] = False,
) -> None:
    """Kill runs at points spread over all phases, resume each, and exit 1 where a promise was not kept."""
    number = signal.Signals[f"SIG{by}"]
    with tempfile.TemporaryDirectory(prefix="ec2-backup-kill-") as folder:
        home = Path(folder) / "home"
        home.mkdir()
        tries: list[Try] = [partial(_try, point, number) for point in to_points(points, seed)]
        if drills:
            tries = [partial(_drill, point) for point in to_drill_points(points, seed)]
        prefect_home = made_private(home / "prefect")
        url = ensure_server(prefect_home, port=0).url
        try:
            tried = [one(Path(folder) / str(index), home, url) for index, one in enumerate(tries, 1)]
        finally:
            stop_server(prefect_home)
    violated = sum(bool(one.violations) for one in tried)
    typer.echo(f"{points - violated} of {points} kills cost nothing.")
    raise typer.Exit(1 if violated else 0)


def _try(point: Point, number: int, folder: Path, home: Path, url: str) -> Tried:
    folder.mkdir()
    with running(speed=SPEED, fleet=Fleet.of_size(INSTANCES)) as aws:
        door = FrontDoor(folder, {**clean_environment(home), **aws.env}, url)
        tried = kill_and_resume(point, door, aws, number)
    typer.echo(f"{folder.name:>4}  {tried}")
    return tried


def _drill(point: DrillPoint, folder: Path, home: Path, url: str) -> DrillTried:
    folder.mkdir()
    with backed_up() as aws:
        door = FrontDoor(folder, {**clean_environment(home), **aws.env}, url)
        tried = kill_and_clean(point, door, aws)
    typer.echo(f"{folder.name:>4}  {tried}")
    return tried


if __name__ == "__main__":
    typer.run(kill_runs)
