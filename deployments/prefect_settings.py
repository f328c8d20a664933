"""What Prefect is told through environment variables, and what the user has told it already.

Nothing here imports Prefect, which takes seconds: these settings must stand before it is imported.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import gettempdir
from typing import Any
from urllib.parse import urlsplit

from dotenv import dotenv_values

from deployments.server_home import user_home

LOOPBACK = "127.0.0.1"
LOGGING_FILE = Path(__file__).with_name("logging.yml")

# By default the recorder writes one event per transaction and falls behind a fleet; with these it keeps up.
_TUNING: Mapping[str, str] = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "500",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "500",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",  # it imports every collection, seconds of each start
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
}
# A call is repeated for some twenty seconds: long enough for a server that is restarted. A run whose server never comes
# back waits so long three times, with its artifacts and twice with its state: Prefect's own 5 make that four minutes.
RETRIES = "3"
_NO_TRACKING: Mapping[str, str] = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}


def server_environment(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return the environment of our own server, whose files are in `home`.

    The user's `PREFECT_SERVER_*` variables win over the tuning. No other variable of Prefect's gets through, nor any of
    AWS's: the server outlives the terminal and must not keep its credentials.
    """
    kept = {
        name: value
        for name, value in environ.items()
        if name.startswith("PREFECT_SERVER_") or not name.startswith(("PREFECT_", "AWS_"))
    }
    fixed = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_API_HOST": LOOPBACK,
        "PREFECT_SERVER_UI_API_URL": "/api",  # else the UI would look for port 4200
        "PREFECT_CLI_PROMPT": "false",
    }
    return {**_TUNING, **_NO_TRACKING, **kept, **fixed, **_home_for_prefect(environ, home)}


def client_environment(url: str, environ: Mapping[str, str], home: Path | None = None) -> dict[str, str]:
    """Return what must be set before Prefect is imported in a process that runs flows.

    Args:
        url: The API that the runs are reported to.
        environ: What is set already; a logging file and a list of loggers in it stay.
        home: The home of our own server; None where the user has a server or an account, whose profile must stay.
    """
    settings = {
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",  # a temporary server would lose most of the history, silently
        "PREFECT_LOGGING_EXTRA_LOGGERS": _joined(environ.get("PREFECT_LOGGING_EXTRA_LOGGERS"), "ec2_backup"),
        "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",  # lines told before and after the flow have none
        **_NO_TRACKING,
        **_home_for_prefect(environ, home or Path(gettempdir())),
    }
    if not any(environ.get(f"PREFECT_LOGGING_{name}_PATH") for name in ("SETTINGS", "CONFIG")):
        settings["PREFECT_LOGGING_SETTINGS_PATH"] = str(LOGGING_FILE)
    if home is not None:
        settings["PREFECT_HOME"] = str(home)
        settings["PREFECT_CLIENT_MAX_RETRIES"] = environ.get("PREFECT_CLIENT_MAX_RETRIES") or RETRIES
        direct = _joined(environ.get("no_proxy") or environ.get("NO_PROXY"), LOOPBACK, "localhost")
        settings |= {"no_proxy": direct, "NO_PROXY": direct}
    return settings


def api_url(environ: Mapping[str, str], folder: Path) -> str | None:
    """Return the API address that the user has set, None where there is none and a server of our own is wanted.

    It is looked for where Prefect looks, in its order: the environment, then in `folder` `.env`, `prefect.toml` and
    `pyproject.toml`, then the active profile.
    """
    in_files = (
        environ,
        _dotenv(folder),
        _api_table(_toml(folder / "prefect.toml")),
        _api_table(_toml(folder / "pyproject.toml").get("tool", {}).get("prefect", {})),
        _profile(environ, folder),
    )
    return next((str(found["PREFECT_API_URL"]) for found in in_files if found.get("PREFECT_API_URL")), None)


def ui_url(url: str, environ: Mapping[str, str]) -> str:
    """Return the address of the UI that belongs to an API, unless `PREFECT_UI_URL` tells it."""
    if told := environ.get("PREFECT_UI_URL"):
        return told.rstrip("/")
    parts = urlsplit(url)
    if (parts.hostname or "").endswith(".prefect.cloud"):
        path = parts.path.removeprefix("/api").replace("/accounts/", "/account/").replace("/workspaces/", "/workspace/")
        return f"{parts.scheme}://{parts.netloc.replace('api', 'app', 1)}{path.rstrip('/')}"
    return url.rstrip("/").removesuffix("/api")


def run_url(ui: str, flow_run_id: object) -> str:
    """Return the page of a flow run."""
    return f"{ui}/runs/flow-run/{flow_run_id}"


def _home_for_prefect(environ: Mapping[str, str], stand_in: Path) -> dict[str, str]:
    """Return a HOME where the user has none at all: Prefect cannot be imported without."""
    return {} if user_home(environ) else {"HOME": str(stand_in)}


def _joined(present: str | None, *more: str) -> str:
    entries = [entry.strip() for entry in (present or "").split(",") if entry.strip()]
    return ",".join([*entries, *(entry for entry in more if entry not in entries)])


def _dotenv(folder: Path) -> Mapping[str, Any]:
    path = folder / ".env"
    return dotenv_values(path) if path.is_file() else {}


def _toml(path: Path) -> Mapping[str, Any]:
    """Return a TOML file's content, nothing where it cannot be read: Prefect itself will complain of it."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _api_table(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"PREFECT_API_URL": settings.get("api", {}).get("url")}


def _profile(environ: Mapping[str, str], folder: Path) -> Mapping[str, Any]:
    """Return the active profile's settings."""
    told = environ.get("PREFECT_PROFILES_PATH") or _dotenv(folder).get("PREFECT_PROFILES_PATH")
    usual = environ.get("PREFECT_HOME") or (user_home(environ) or folder) / ".prefect"
    profiles = _toml(Path(told or Path(usual) / "profiles.toml"))
    active = environ.get("PREFECT_PROFILE") or profiles.get("active")
    found = profiles.get("profiles", {}).get(active, {})
    return found if isinstance(found, Mapping) else {}
