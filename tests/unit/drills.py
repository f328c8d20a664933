"""Drills at every stage, with the usual in each field and whatever a test wants other."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.marks import Mark, marked
from ec2_backup.drill.model import Claim, Made, Network, Route, Rule
from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.request import DrillRequest, to_restores
from ec2_backup.drill.settlement import settle
from ec2_backup.restore.model import ChosenPoint, RestoreList
from ec2_backup.settings import DRILL_TAG
from ec2_backup.settlement import Calls
from tests.unit.restores import ARN, GROUP, NEW, NOW, ORIGINAL, SUBNET, VPC, a_job, a_plan, a_point, a_row, restored

KEY = "20261123T020000Z-0a1b2c3d"
OTHER_KEY = "20261120T020000Z-0f0f0f0f"
IMAGE = ARN.rpartition("/")[2]
ISOLATED = Network(
    subnet_id=SUBNET,
    group_id=GROUP,
    subnet_vpc=VPC,
    group_vpc=VPC,
    routes=(Route("10.99.0.0/16", "local"), Route("pl-1", "vpce-0a1b2c3d")),
    inbound=(Rule("-1", GROUP),),
    outbound=(Rule("tcp", "sg-0e0e0e0e", 443, 443),),
)
CLAIM = Claim(KEY, ARN, SUBNET, ORIGINAL)


def a_network(**changes: Any) -> Network:
    return replace(ISOLATED, **changes)


def made(**changes: Any) -> Made:
    """Return an instance of which everything says that the drill made it."""
    tags = {"DrillRunId": KEY, "RestoreRunId": KEY, "RestoredFrom": ARN, "Name": "drill"}
    usual = Made(NEW, "running", IMAGE, SUBNET, tags, {"/dev/xvda": "vol-0a"}, ("/dev/xvda",))
    return replace(usual, **changes)


def a_request(**changes: Any) -> DrillRequest:
    return DrillRequest(**{"csv": "drill.csv", "subnet": SUBNET, "security_group": GROUP, **changes})


def a_drill(lines: int = 1, **request: Any) -> DrillLedger:
    """Return the ledger of a drill that has planned so many restores, and was agreed to."""
    asked = a_request(**request)
    run = DrillLedger(to_restores(asked), KEY, NOW, drill=asked)
    rows = tuple(a_row(line=line, instance_id=ORIGINAL) for line in range(1, lines + 1))
    run.listed = RestoreList("drill.csv", rows)
    mark = Mark(KEY, NOW + timedelta(hours=6), SUBNET)
    for row in rows:
        plan = marked(a_plan(line=row.line), mark)
        run.note([ChosenPoint(row, a_point())])
        run.note([replace(plan, tags={**plan.tags, DRILL_TAG: KEY})])
    run.is_agreed = True
    return run


def prove(run: DrillLedger, line: int, minutes: float = 4) -> None:
    """Have the restore of a line proven so many minutes after its job's creation, and its instance removed."""
    job = a_job(line=line)
    run.note([job])
    run.note([restored(a_plan(line=line), seen_at=job.created_at + timedelta(minutes=minutes))])
    run.prove(line)


def settled(run: DrillLedger, error: BaseException | None = None) -> DrillReport:
    """Return the report of a drill that ended an hour after it began."""
    return settle(run, NOW + timedelta(hours=1), Calls({"ec2:TerminateInstances": 1}, 0, {}), error)
