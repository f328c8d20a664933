"""Commands about Prefect itself: its UI, and the local server that keeps the run history.

None of them imports Prefect; what the commands need is imported by the one that needs it.
"""

import sys
import webbrowser

import typer

from ec2_backup.terminal import console_for, guarded

server_app = typer.Typer(help="The local Prefect server that keeps the run history.", no_args_is_help=True)


def ui() -> None:
    """Open Prefect's UI, or print its address where there is no browser."""
    from deployments.prefect_connection import connect_to_prefect  # noqa: PLC0415

    address = guarded(lambda: connect_to_prefect(console_for(sys.stderr)))
    typer.echo(address)
    if sys.stdout.isatty():
        webbrowser.open(address)


@server_app.command("start")
def start_server() -> None:
    """Start the server where it is not up, and print its address."""
    from deployments.prefect_connection import own_server  # noqa: PLC0415

    typer.echo(guarded(lambda: own_server(console_for(sys.stderr))).ui_url)


@server_app.command("status")
def show_server() -> None:
    """Say whether the server is up; exit 1 where it is not."""
    from deployments.prefect_connection import own_home  # noqa: PLC0415
    from deployments.prefect_server import server_status  # noqa: PLC0415

    server = server_status(guarded(own_home))
    typer.echo(f"up at {server.ui_url}, process {server.pid}, files in {server.home}" if server else "not running")
    raise typer.Exit(0 if server else 1)


@server_app.command("stop")
def end_server() -> None:
    """Stop the server; the run history stays."""
    from deployments.prefect_connection import own_home  # noqa: PLC0415
    from deployments.prefect_server import stop_server  # noqa: PLC0415

    typer.echo("stopped" if stop_server(guarded(own_home)) else "it was not running")
