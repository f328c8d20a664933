"""The progress artifact shows a run and never hurts it."""

import pytest
from prefect import flow
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.prefect_server import Server
from ec2_backup.listener import listening
from ec2_backup.narration import FleetProgress, Mark, tell_progress
from flows.progress import ProgressArtifact
from tests.flow_runs.front_door import prefect
from tests.unit.listeners import heard


def progress(done: int, step: int = 10) -> FleetProgress:
    return FleetProgress(step, "finished", done, 4, {}, 0)


def test_the_artifact_moves_in_place_and_ends_at_the_last_look(server: Server) -> None:
    @flow
    def run() -> None:
        with listening(ProgressArtifact()):
            tell_progress(progress(4, step=6))
            for done in range(4):
                tell_progress(progress(done))

    with temporary_settings({PREFECT_API_URL: server.url}):
        state = run(return_state=True)

    run_id = str(state.state_details.flow_run_id)
    (artifact,) = prefect(
        server.url,
        "/artifacts/filter",
        flow_runs={"id": {"any_": [run_id]}},
        artifacts={"type": {"any_": ["progress"]}},
    )
    assert artifact["data"] == 75
    assert artifact["description"] == "3 of 4 finished"


def test_without_progress_there_is_no_artifact_and_nothing_to_wait_for() -> None:
    with heard() as listener, listening(ProgressArtifact()):
        tell_progress(progress(0, step=6))

    assert listener.texts(Mark.WARNING) == []


@pytest.mark.filterwarnings("ignore:Artifact creation outside of a flow")  # within one, Prefect would use its client
def test_a_prefect_that_is_gone_is_told_of_once_and_the_run_goes_on() -> None:
    gone = temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"})
    with heard() as listener, gone, listening(ProgressArtifact()):
        for done in range(4):
            tell_progress(progress(done))

    (told,) = listener.texts(Mark.WARNING)
    assert told.startswith("the progress in Prefect is not up to date, the run goes on: ")
