"""Which Prefect API a run reports to, where the server's files go, and what Prefect is told of both."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from deployments.prefect_server import ensure_server
from deployments.prefect_settings import api_url, client_environment, run_url, server_environment, ui_url
from deployments.server_home import PrefectServerError, server_home

PROFILES = """
active = "team"
[profiles.team]
PREFECT_API_URL = "http://team:4200/api"
[profiles.other]
PREFECT_API_URL = "http://other:4200/api"
[profiles.ephemeral]
PREFECT_SERVER_EPHEMERAL_ENABLED = "true"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home" / ".prefect").mkdir(parents=True)
    (tmp_path / "home" / ".prefect" / "profiles.toml").write_text(PROFILES, encoding="utf-8")
    return tmp_path / "home"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "http://team:4200/api"),
        ({"PREFECT_PROFILE": "other"}, "http://other:4200/api"),
        ({"PREFECT_PROFILE": "ephemeral"}, None),
        ({"PREFECT_API_URL": "http://mine/api"}, "http://mine/api"),
        ({"PREFECT_API_URL": ""}, "http://team:4200/api"),
        ({"PREFECT_PROFILES_PATH": "/no/such/file"}, None),
        ({"PREFECT_HOME": "/no/such/folder"}, None),
    ],
)
def test_an_api_that_the_user_has_set_wins(
    home: Path, tmp_path: Path, environ: Mapping[str, str], expected: str | None
) -> None:
    assert api_url({"HOME": str(home), **environ}, tmp_path) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".env", "PREFECT_API_URL=http://file/api\n"),
        ("prefect.toml", '[api]\nurl = "http://file/api"\n'),
        ("pyproject.toml", '[tool.prefect.api]\nurl = "http://file/api"\n'),
    ],
)
def test_a_file_of_the_folder_wins_over_the_profile(home: Path, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert api_url({"HOME": str(home)}, tmp_path) == "http://file/api"


def test_a_file_that_is_no_toml_sets_nothing(tmp_path: Path) -> None:
    (tmp_path / "prefect.toml").write_text("[api\n", encoding="utf-8")

    assert api_url({"HOME": str(tmp_path)}, tmp_path) is None


@pytest.mark.parametrize(
    ("api", "ui"),
    [
        ("http://127.0.0.1:4217/api", "http://127.0.0.1:4217"),
        ("https://prefect.example.com/api/", "https://prefect.example.com"),
        (
            "https://api.prefect.cloud/api/accounts/a-1/workspaces/w-2",
            "https://app.prefect.cloud/account/a-1/workspace/w-2",
        ),
    ],
)
def test_a_run_is_shown_where_the_ui_is(api: str, ui: str) -> None:
    assert run_url(ui_url(api, {}), "f-3") == f"{ui}/runs/flow-run/f-3"
    assert ui_url(api, {"PREFECT_UI_URL": "http://shown/"}) == "http://shown"


def test_the_server_keeps_neither_credentials_nor_the_settings_of_a_client(tmp_path: Path) -> None:
    secret = {"AWS_SECRET_ACCESS_KEY": "s", "PREFECT_API_KEY": "k", "PREFECT_API_URL": "http://other/api"}
    tuned = {"PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "50", "PREFECT_SERVER_API_HOST": "0.0.0.0"}

    environ = server_environment({**secret, **tuned, "PATH": "/bin"}, tmp_path)

    assert not secret.keys() & environ.keys()
    assert environ["PATH"] == "/bin"
    assert environ["PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE"] == "50"
    assert environ["PREFECT_SERVER_API_HOST"] == "127.0.0.1"


def test_a_client_of_our_server_bypasses_the_proxy_and_keeps_what_the_user_has_set() -> None:
    environ = {
        "no_proxy": "intranet",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "botocore",
        "PREFECT_LOGGING_SETTINGS_PATH": "/my/logging.yml",
    }

    told = client_environment("http://127.0.0.1:4217/api", environ, Path("/home/of/server"))

    assert told["no_proxy"] == told["NO_PROXY"] == "intranet,127.0.0.1,localhost"
    assert told["PREFECT_LOGGING_EXTRA_LOGGERS"] == "botocore,ec2_backup"
    assert "PREFECT_LOGGING_SETTINGS_PATH" not in told


@pytest.mark.parametrize(("told", "expected"), [({}, "3"), ({"PREFECT_CLIENT_MAX_RETRIES": "9"}, "9")])
def test_a_server_of_ours_that_is_gone_is_not_waited_for_as_long_as_prefect_would(
    told: dict[str, str], expected: str
) -> None:
    ours = client_environment("http://127.0.0.1:4217/api", told, Path("/home/of/server"))

    assert ours["PREFECT_CLIENT_MAX_RETRIES"] == expected
    assert "PREFECT_CLIENT_MAX_RETRIES" not in client_environment("https://prefect.example.com/api", told)


def test_a_server_of_the_users_keeps_its_profile_and_its_proxy() -> None:
    assert client_environment("https://team/api", {}).keys().isdisjoint({"PREFECT_HOME", "no_proxy", "NO_PROXY"})


def test_the_servers_folder_is_the_users_own_or_the_one_that_is_told(tmp_path: Path) -> None:
    told = {"HOME": str(tmp_path), "EC2_BACKUP_HOME": str(tmp_path / "told")}

    assert server_home({"HOME": str(tmp_path)}, tmp_path) == (tmp_path / ".ec2-backup" / "prefect", "")
    assert server_home(told, tmp_path) == (tmp_path / "told" / "prefect", "")


def test_without_a_home_folder_the_servers_files_go_to_the_project_and_it_says_so(tmp_path: Path) -> None:
    home, said = server_home({"HOME": "/no/such/home"}, tmp_path)

    assert home == tmp_path / ".ec2-backup" / "prefect"
    assert str(home) in said


def test_a_folder_that_cannot_be_made_is_refused_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(PrefectServerError) as refused:
        server_home({"EC2_BACKUP_HOME": str(tmp_path / "file")}, tmp_path)

    assert "EC2_BACKUP_HOME" in refused.value.hint


def test_a_server_that_dies_while_starting_is_reported_with_its_last_words(tmp_path: Path) -> None:
    (tmp_path / "prefect.db").mkdir()  # SQLite cannot open a folder

    with pytest.raises(PrefectServerError, match="unable to open database file") as died:
        ensure_server(tmp_path, 0)

    assert "ended while it was starting" in died.value.message
