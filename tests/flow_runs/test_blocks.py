"""Credentials, lists and reports by the names of blocks, in an environment that has no AWS credentials of its own."""

import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from deployments.prefect_server import Server
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.inbox import BUCKET, a_bucket, client_of, objects_in
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import PROJECT, Ended, FrontDoor, clean_environment, eventually, prefect
from tests.flow_runs.prefect_store import save_block

SECRET = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"
REGISTER = "from deployments.block_types import register_block_types; print(register_block_types())"
KINDS = "Block types: AWS Credentials, MinIO Credentials, S3 Bucket."


@pytest.fixture(scope="module")
def aws() -> Iterator[Sandbox]:
    """An AWS that knows no other keys than its own, with a list in a bucket."""
    with running(speed=SPEED, fleet=Fleet((GOOD, OTHER))) as sandbox:
        lists = a_bucket(sandbox)
        lists.put_object(Bucket=BUCKET, Key="team/lists/fleet.csv", Body=f"instance_id\n{GOOD}\n".encode())
        sandbox.control.switch(strict_credentials=True)
        yield sandbox


@pytest.fixture(scope="module")
def env(aws: Sandbox, server: Server) -> Mapping[str, str]:
    """An environment in which AWS's default chain finds no credentials, no Region, and no sandbox."""
    told = {"AWS_EC2_METADATA_DISABLED", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"}
    without = {name: value for name, value in aws.env.items() if name in told}
    return {**clean_environment(server.home.parent), **without}


@pytest.fixture(scope="module", autouse=True)
def blocks(aws: Sandbox, server: Server, env: Mapping[str, str]) -> None:
    """The blocks of a team: keys that are good, keys that are not, and a bucket with keys of its own."""
    registered = subprocess.run(
        [sys.executable, "-c", REGISTER],
        cwd=PROJECT,
        env={**env, "PREFECT_API_URL": server.url},
        capture_output=True,
        text=True,
        check=True,
    )
    assert registered.stdout.strip() == KINDS
    keys = {
        "aws_access_key_id": "testing",
        "aws_secret_access_key": SECRET,
        "region_name": aws.region,
        "aws_client_parameters": {"endpoint_url": aws.url},
    }
    good = save_block(server.url, "aws-credentials", "good", **keys)
    save_block(server.url, "aws-credentials", "wrong", **{**keys, "aws_access_key_id": "AKIAUNKNOWN"})
    save_block(server.url, "s3-bucket", "team", bucket_name=BUCKET, bucket_folder="team", credentials=good)
    broken = {**keys, "aws_client_parameters": {"verify_cert_path": f"/nowhere/{SECRET}"}}
    save_block(server.url, "aws-credentials", "broken", **broken)


@pytest.fixture(scope="module")
def run(env: Mapping[str, str], server: Server, tmp_path_factory: pytest.TempPathFactory) -> Ended:
    """A run that has everything from blocks."""
    places = ("--csv", "block:s3-bucket/team/lists/fleet.csv", "--report-to", "block:s3-bucket/team/reports")
    return FrontDoor(tmp_path_factory.mktemp("run"), env, server.url).run("--credentials-block", "good", *places)


@pytest.fixture
def door(env: Mapping[str, str], server: Server, tmp_path: Path) -> FrontDoor:
    """The program, without credentials."""
    return FrontDoor(tmp_path, env, server.url)


@pytest.fixture
def s3(aws: Sandbox) -> Any:
    return client_of(aws, "s3")


def test_an_environment_without_credentials_backs_up_with_those_of_a_block(run: Ended, aws: Sandbox) -> None:
    assert run.code == 0, run.output
    assert run.outcome_of(GOOD)["verdict"] == "proven"
    assert run.report["caller"]["account"] == aws.account
    assert run.outcome_of(GOOD)["region"] == aws.region, "the block says which"


def test_the_reports_are_in_the_buckets_folder_and_named_by_their_urls(run: Ended, s3: Any) -> None:
    key = run.report["run_key"]
    there = {f"s3://{BUCKET}/{name}" for name in objects_in(s3) if key in name}

    assert there == set(run.report["copies"].values())
    assert run.report["copies"]["html"] == f"s3://{BUCKET}/team/reports/{key}/report_{key}.html"
    assert f"log and report are in s3://{BUCKET}/team/reports/{key}/" in run.log
    assert not list(run.folder.glob("uploads_*"))


def test_the_blocks_are_named_and_what_they_hold_is_nowhere(run: Ended, server: Server) -> None:
    run_id = run.report["run_url"].rsplit("/", 1)[-1]
    of_run = {"flow_runs": {"id": {"any_": [run_id]}}}
    logs = eventually(
        lambda: prefect(server.url, "/logs/filter", logs={"flow_run_id": {"any_": [run_id]}}, limit=200),
        lambda found: any("1 of 1 recovery point proven" in line["message"] for line in found),
    )
    kept = [prefect(server.url, f"/{what}/filter", **of_run) for what in ("flow_runs", "task_runs", "artifacts")]
    files = [path.read_text(encoding="utf-8") for path in run.folder.iterdir()]

    assert run.report["parameters"]["options"]["credentials_block"] == "good"
    assert not any(SECRET in text for text in [str(logs), str(kept), run.output, *files])


def test_a_list_can_be_written_from_a_block_without_a_run(door: FrontDoor) -> None:
    source = ("--credentials-block", "good", "--csv", "block:s3-bucket/team/lists/fleet.csv")

    ended = door.run(*source, "--write-csv", "list.csv")

    assert ended.code == 0, ended.output
    assert GOOD in (door.folder / "list.csv").read_text(encoding="utf-8")


def test_keys_that_aws_does_not_know_end_the_run_and_are_to_be_corrected_in_the_block(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    ended = door.run("--credentials-block", "wrong")

    assert ended.code == 10, ended.output
    assert "The credentials are those of the Prefect block aws-credentials/wrong: correct them there" in ended.output
    assert ended.outcome_of(GOOD)["verdict"] == "not-started"
    assert SECRET not in ended.output + ended.log


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("absent", "there is no Prefect block aws-credentials/absent; there are broken, good, wrong"),
        ("broken", "block aws-credentials/broken cannot be used: wrong or missing: aws_client_parameters.verify_cert"),
    ],
)
def test_a_block_that_is_not_there_or_cannot_be_used_ends_the_run_before_anything_and_shows_no_secret(
    door: FrontDoor, aws: Sandbox, name: str, said: str
) -> None:
    door.write_csv(GOOD)
    aws.control.clear_calls()

    ended = door.run("--credentials-block", name)

    assert ended.code == 2, ended.output
    assert said in ended.log
    assert "What to do:  Create or correct it in Prefect's UI under Blocks" in ended.output
    assert "Traceback" not in ended.output
    assert SECRET not in ended.output + ended.log
    assert aws.control.calls() == {}


def test_a_block_for_reports_that_is_not_there_costs_no_backup_and_resume_sends_them_when_it_is(
    door: FrontDoor, server: Server, s3: Any
) -> None:
    door.write_csv(OTHER)
    place = ("--report-to", "block:s3-bucket/later/reports")

    first = door.run("--credentials-block", "good", *place)
    key, copies = first.report["run_key"], first.report["copies"]
    good = prefect(server.url, "/block_documents/filter", block_documents={"name": {"any_": ["good"]}})
    save_block(
        server.url,
        "s3-bucket",
        "later",
        bucket_name=BUCKET,
        bucket_folder="later",
        credentials={"$ref": {"block_document_id": good[0]["id"]}},
    )
    second = door.run("resume", key)

    assert (first.code, second.code) == (0, 0), first.output + second.output
    assert copies == {}
    assert "there is no Prefect block s3-bucket/later" in first.log
    assert f"resume {key} sends the rest" in first.output
    assert {f"s3://{BUCKET}/{name}" for name in objects_in(s3) if key in name} == set(second.report["copies"].values())
    assert len(second.report["copies"]) == 4


def test_the_sandbox_uses_no_block(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    ended = door.run("--sandbox", "--credentials-block", "good")

    assert ended.code == 2, ended.output
    assert "it uses no block of Prefect" in ended.output
