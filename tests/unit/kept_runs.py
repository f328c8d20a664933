"""Runs that are kept, and what is left of them in their folder."""

from pathlib import Path

import pytest

from ec2_backup.errors import BadLine, InventoryError, VaultError
from ec2_backup.keeping import Recall, kept_run
from ec2_backup.ledger import Ledger
from ec2_backup.model import Inventory, InventoryRow
from ec2_backup.publication import write_report
from ec2_backup.report import from_json
from ec2_backup.results import Proof, RunReport
from ec2_backup.settings import BackupRequest
from tests.unit.backups import BEGAN, REGION, a_job, a_plan, a_point, an_instance, instance_id

NO_VAULT = VaultError(
    "backup:DescribeBackupVault", "AccessDeniedException", "no such vault", hint="Name another vault."
)
UNFORESEEN = ZeroDivisionError("division by zero")


BAD_CSV = InventoryError(
    "2 lines cannot be used",
    bad_lines=(BadLine(3, "i-xyz", "not an instance id"), BadLine(9, "vol-1", "an id of a volume")),
)


def a_run(folder: Path, *, instances: int = 1) -> Ledger:
    run = Ledger(BackupRequest(output=folder), "run-1", BEGAN)
    rows = tuple(InventoryRow(number + 1, instance_id(number), REGION) for number in range(1, instances + 1))
    run.inventory = Inventory("list.csv", rows)
    return run


def prove(run: Ledger, number: int = 1) -> None:
    plan, job = a_plan(an_instance(number)), a_job(instance_id(number))
    run.keep_each(6, [plan])
    run.keep_each(10, [job])
    run.keep_each(12, [Proof(job.instance_id, a_point(plan, job), None)])


def log_of(folder: Path) -> str:
    (log,) = folder.glob("backup_log_*.log")
    return log.read_text(encoding="utf-8")


def written_report(folder: Path) -> RunReport:
    return from_json((folder / "report_run-1.json").read_text(encoding="utf-8"))


def ended_with(error: BaseException, folder: Path, recall: Recall = lambda _: None) -> RunReport:
    """Return the report that a run leaves which ends with an error, once that very error came out of it."""
    run = a_run(folder)
    with pytest.raises(type(error)) as caught, kept_run(run, write_report, recall):
        raise error
    assert caught.value is error
    return written_report(folder)
