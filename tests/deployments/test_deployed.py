"""The deployments on a real server with real workers: scheduled, run with other parameters, dead and taken up again."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from deployments.definitions import PROJECT, definitions
from ec2_backup.narration import STEPS
from sandbox.running import Sandbox
from tests.deployments.conftest import AD_HOC, DOOMED, NIGHTLY, OTHER_VAULT
from tests.deployments.installation import Installation, kill, without_times
from tests.flow_runs.front_door import eventually

BERLIN = ZoneInfo("Europe/Berlin")
SHORTENED = 35.0  # seconds without a heartbeat; runs here are short, so that the one at their start is the only one
LONG = 500_000.0  # of the sandbox's seconds, of which thousands pass in one: within AWS's own windows, not in an hour's
NO_WINDOWS: dict[str, object] = {}
STEPS_OF_AN_OUTCOME = {"backup-report", "backup-instances", "backup-progress"}


@pytest.fixture(scope="module")
def dead_run(installation: Installation, aws: Sandbox) -> str:
    """A run of `pre-patch` whose worker was killed with it, while its job went on at AWS."""
    aws.control.script(DOOMED, {"duration_seconds": LONG, "times": 1})
    installation.shorten_patience(SHORTENED)
    with installation.worker("doomed", aws.env) as worker:
        run_id = installation.start_run("pre-patch", **installation.inventory(DOOMED), options=NO_WINDOWS)
        eventually(aws.control.jobs, bool)
        kill(worker)
    return run_id


@pytest.fixture(scope="module")
def _worker(installation: Installation, aws: Sandbox, dead_run: str) -> Iterator[None]:  # noqa: ARG001 - it must be dead
    with installation.worker("living", aws.env):
        yield


@pytest.fixture(scope="module")
def runs(installation: Installation, _worker: None) -> dict[str, str]:
    """A run of `nightly` and one of `ad-hoc`, at the same time, with another vault and CSV than theirs."""
    return {
        "nightly": installation.start_run("nightly", **installation.inventory(NIGHTLY), vault=OTHER_VAULT),
        "ad-hoc": installation.start_run("ad-hoc", **installation.inventory(AD_HOC), vault=OTHER_VAULT),
    }


def test_each_deployment_is_there_as_it_is_defined(installation: Installation) -> None:
    found = installation.deployments()

    assert list(found) == sorted(one.name for one in definitions())
    for one in definitions():
        there = found[one.name]
        assert there["parameters"] == one.parameters
        assert there["tags"] == list(one.tags)
        assert there["description"] == one.description
        assert there["work_pool_name"] == "ec2-backup"
        assert there["global_concurrency_limit"] is None
        assert there["pull_steps"] == [{"prefect.deployments.steps.set_working_directory": {"directory": str(PROJECT)}}]


@pytest.mark.parametrize(("name", "kind"), [("ad-hoc", "BackupOptions"), ("fleet", "FleetOptions")])
def test_the_form_names_and_explains_every_parameter(installation: Installation, name: str, kind: str) -> None:
    form = installation.deployments()[name]["parameter_openapi_schema"]
    options = form["definitions"][kind]["properties"]

    assert [name for name, entry in (form["properties"] | options).items() if not entry.get("description")] == []
    assert [name for name, entry in form["properties"].items() if entry["title"] == name] == []
    assert [name for name, entry in options.items() if entry["title"] == name.replace("_", " ").title()] == []


@pytest.mark.parametrize(
    ("name", "local_time", "weekdays"), [("nightly", "01:30", set(range(7))), ("dry-run", "07:00", {0})]
)
def test_a_schedule_yields_scheduled_runs_at_its_local_time(
    installation: Installation, name: str, local_time: str, weekdays: set[int]
) -> None:
    found = eventually(
        lambda: [run for run in installation.runs(state={"type": {"any_": ["SCHEDULED"]}}) if name in run["tags"]],
        lambda runs: len(runs) >= 3,
    )
    moments = [datetime.fromisoformat(run["expected_start_time"]).astimezone(BERLIN) for run in found]

    assert len(moments) >= 3
    assert {f"{moment:%H:%M}" for moment in moments} == {local_time}
    assert {moment.weekday() for moment in moments} <= weekdays


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"vault": "no good!"}, "vault"),
        ({"retention_days": 0}, "minimum of 1"),
        ({"options": {"on_active_job": "kill"}}, "'watch', 'report'"),
    ],
)
def test_a_bad_parameter_is_refused_before_there_is_a_run(
    installation: Installation, parameters: dict[str, object], said: str
) -> None:
    of_ad_hoc = {"deployment_id": {"any_": [installation.deployments()["ad-hoc"]["id"]]}}  # which has no schedule
    before = len(installation.runs(**of_ad_hoc))

    answer = installation.create_run("ad-hoc", **parameters)

    assert answer.status_code == 409
    assert said in answer.json()["detail"]
    assert len(installation.runs(**of_ad_hoc)) == before


def test_deploying_again_changes_nothing(installation: Installation) -> None:
    before = without_times([installation.deployments(), installation.automations()])

    said = installation.deploy()

    assert "Work pool 'ec2-backup': unchanged" in said
    assert "has crashed': unchanged" in said
    assert without_times([installation.deployments(), installation.automations()]) == before


def test_the_automation_marks_runs_of_these_deployments_that_have_gone_silent(installation: Installation) -> None:
    (automation,) = installation.automations()

    assert automation["enabled"]
    assert automation["trigger"]["within"] == 120
    assert automation["trigger"]["match_related"]["prefect.resource.id"] == "prefect.tag.ec2-backup"
    assert [action["state"] for action in automation["actions"]] == ["CRASHED"]


@pytest.mark.parametrize(("name", "instance_id"), [("nightly", NIGHTLY), ("ad-hoc", AD_HOC)])
def test_a_worker_runs_a_deployment_with_another_vault_and_csv(
    installation: Installation, aws: Sandbox, runs: dict[str, str], name: str, instance_id: str
) -> None:
    run = installation.ended(runs[name])

    assert run["state_type"] == "COMPLETED", installation.logs(runs[name])
    assert run["name"] == f"{OTHER_VAULT} · 1 instance · {name}"
    assert {"ec2-backup", name, f"vault:{OTHER_VAULT}", f"account:{aws.account}"} <= set(run["tags"])
    (job,) = (job for job in aws.control.jobs() if job["instance"] == instance_id)
    assert job["vault"] == OTHER_VAULT
    steps = eventually(
        lambda: {int(one["name"][:2]) for one in installation.of_run(runs[name], "task_runs")},
        lambda s: s == set(STEPS),
    )
    assert steps == set(STEPS)
    assert {one["key"] for one in installation.of_run(runs[name], "artifacts")} >= STEPS_OF_AN_OUTCOME
    assert "1 of 1 recovery point proven" in installation.logs(runs[name], "1 of 1 recovery point proven")
    assert len(list((installation.folder / instance_id / "output").glob("report_*.json"))) == 1


@pytest.mark.usefixtures("_worker")
def test_a_run_whose_worker_was_killed_crashes_and_a_retry_starts_nothing_twice(
    installation: Installation, aws: Sandbox, dead_run: str
) -> None:
    run = installation.ended(dead_run)
    assert run["state_type"] == "CRASHED"
    assert "No heartbeat" in run["state"]["message"]
    (job,) = (job for job in aws.control.jobs() if job["instance"] == DOOMED)
    aws.control.advance(LONG)

    retry = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
    assert installation.ask("POST", f"/flow_runs/{dead_run}/set_state", **retry).ok
    run = eventually(lambda: installation.run(dead_run), lambda run: run["state_type"] in {"COMPLETED", "FAILED"}, 180)

    assert run["state_type"] == "COMPLETED", installation.logs(dead_run)
    assert [one["id"] for one in aws.control.jobs() if one["instance"] == DOOMED] == [job["id"]]


def test_serving_takes_the_deployments_over_and_leaves_the_schedules_when_it_ends(
    installation: Installation, aws: Sandbox
) -> None:
    before = installation.deployments()
    with installation.process(installation.command("serve"), "serve.log", **aws.env) as serving:
        served = eventually(
            installation.deployments, lambda found: all(one["work_pool_name"] is None for one in found.values())
        )
        run_id = installation.start_run("dry-run", **installation.inventory(NIGHTLY))
        run = installation.ended(run_id)
        told = installation.logs(run_id, "1 backup planned")  # before the end of serving ends what still sends them
        serving.terminate()
        serving.wait(timeout=60)
    after = installation.deployments()

    assert run["state_type"] == "COMPLETED", told
    assert "1 backup planned" in told
    for name in before:
        assert [one[name]["id"] for one in (served, after)] == [before[name]["id"]] * 2
        assert [one[name]["parameters"] for one in (served, after)] == [before[name]["parameters"]] * 2
        assert [one[name]["paused"] for one in (served, after)] == [False, False]
        assert without_times(after[name]["schedules"]) == without_times(before[name]["schedules"])
