"""A backup counts when its recovery point is proven: one run over a fleet in which almost every backup is damaged."""

from collections.abc import Iterator

import pytest

from deployments.prefect_server import Server
from sandbox.fleet import Fleet
from sandbox.machines import Disk
from sandbox.running import Sandbox, running
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import Ended, FrontDoor, clean_environment, eventually

ROOT, DATA = "/dev/xvda", "/dev/sdf"
SOUND = "i-0a1b2c3d4e5f60718"
DAMAGES: tuple[tuple[dict[str, object], str], ...] = (
    ({"point": "missing"}, "no recovery point"),
    ({"point": "EXPIRED"}, "the recovery point is EXPIRED"),
    ({"point": "PARTIAL"}, "the recovery point is PARTIAL"),
    ({"image": "absent"}, "does not exist"),
    ({"image": "failed"}, "is failed, not available"),
    ({"missing_snapshot": DATA}, f"({DATA}, 20 GiB) has no snapshot"),
    ({"missing_volume_id": DATA}, f"({DATA}, 20 GiB) has no snapshot"),
    ({"unencrypted_snapshot": ROOT}, "it is encrypted"),
    ({"delete_after_days": 3}, "it is kept 3 days, asked for was 7 days"),
    ({"missing_tag": "RunId"}, "tag RunId is missing"),
    ({"state": "FAILED", "cause": "kms-disabled"}, "KMS key"),
    ({"state": "FAILED", "cause": "image-throttled"}, "Image creation throttled"),
    ({"state": "EXPIRED"}, "EXPIRED"),
    ({"state": "ABORTED"}, "ABORTED"),
    ({"state": "PARTIAL"}, "PARTIAL"),
    ({"cause": "vss-fallback"}, "completed with issues"),
)
IDS = [f"i-{number:017x}" for number in range(1, len(DAMAGES) + 1)]


@pytest.fixture(scope="module")
def ended(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    """The run over all of them."""
    folder = tmp_path_factory.mktemp("damages")
    fleet = Fleet((SOUND, *IDS))
    for instance_id in fleet.machines:
        fleet.with_disks(instance_id, Disk(ROOT, 8, key="fleet"), Disk(DATA, 20, key="fleet"))
    with running(speed=SPEED, fleet=fleet) as aws:
        for instance_id, (outcome, _) in zip(IDS, DAMAGES, strict=True):
            aws.control.script(instance_id, outcome)
        door = FrontDoor(folder, {**clean_environment(server.home.parent), **aws.env}, server.url)
        door.write_csv(SOUND, *IDS)
        yield door.run("--start-jobs-per-second", "100")


@pytest.mark.parametrize(("instance_id", "damage"), list(zip(IDS, DAMAGES, strict=True)))
def test_what_is_wrong_with_a_backup_is_a_failure_that_names_it(
    ended: Ended, instance_id: str, damage: tuple[dict[str, object], str]
) -> None:
    outcome = ended.outcome_of(instance_id)

    assert outcome["verdict"] == "failed"
    assert damage[1] in outcome["failure"]["reason"]
    assert outcome["failure"]["advice"]
    for said in (ended.log, ended.csv_report):
        assert any(instance_id in line for line in said.splitlines())


def test_the_only_sound_backup_is_proven_and_the_exit_code_says_that_the_others_are_not(ended: Ended) -> None:
    assert ended.outcome_of(SOUND)["verdict"] == "proven"
    assert ended.code == 3
    assert f"1 of {len(IDS) + 1} instances" in ended.output
    assert f"2 of {2 * (len(IDS) + 1)} volumes" in ended.output


def test_a_slow_instance_delays_nobody_else(aws: Sandbox, door: FrontDoor) -> None:
    aws.control.script(OTHER, {"duration_seconds": 10**9, "created_seconds": 0})
    door.write_csv(GOOD, OTHER)
    process = door.start()

    eventually(door.log_so_far, lambda log: "1 backup proven, 1 of 2 by now" in log)
    ended = door.interrupt(process)

    assert ended.code == 130
    assert ended.outcome_of(GOOD)["verdict"] == "proven"
    assert ended.outcome_of(OTHER)["verdict"] == "running"
