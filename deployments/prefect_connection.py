"""Which Prefect API a run reports to: the one that the user has set, or else a local server of our own."""

import os
from pathlib import Path

from rich.console import Console

from deployments.prefect_server import Server, ensure_server
from deployments.prefect_settings import api_url, client_environment, ui_url
from deployments.server_home import server_home

PROJECT = Path(__file__).resolve().parent.parent


def connect_to_prefect(console: Console) -> str:
    """Set this process up for Prefect, start our server where it is needed, and return the UI's address.

    Must come before Prefect is imported. Raises PrefectServerError where our server does not start.
    """
    url = api_url(os.environ, Path.cwd())
    if url is not None:
        os.environ.update(client_environment(url, os.environ))
        return ui_url(url, os.environ)
    server = own_server(console)
    os.environ.update(client_environment(server.url, os.environ, server.home))
    os.environ.setdefault("PREFECT_UI_URL", server.ui_url)
    return server.ui_url


def own_home() -> Path:
    """Return the folder of our own server."""
    return server_home(os.environ, PROJECT)[0]


def own_server(console: Console) -> Server:
    """Return our local server, started where it is not up; what takes seconds is said on the console."""
    home, remark = server_home(os.environ, PROJECT)
    if remark:
        console.print(remark, style="dim")
    return ensure_server(home, say=lambda text: console.print(text, style="dim"))
