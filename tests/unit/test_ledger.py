"""The run's memory: the newest of each noun, the first failure of each instance, and what goes on."""

from ec2_backup.ledger import Ledger
from ec2_backup.listener import listening
from ec2_backup.model import Caller, Inventory, InventoryRow, Key, ServiceRole, Target, Vault
from ec2_backup.results import AuditEvent, Failure, PermissionCheck, Proof, VaultUse
from ec2_backup.settings import BackupRequest
from ec2_backup.states import BackupJobState
from tests.unit.backups import BEGAN, REGION, a_job, a_plan, an_instance, instance_id
from tests.unit.test_narration import Ear

ONE, TWO = instance_id(1), instance_id(2)


def a_ledger() -> Ledger:
    return Ledger(BackupRequest(), "run-1", BEGAN)


def test_a_ledger_begins_empty():
    run = a_ledger()

    assert run.rows == ()
    assert run.destinations == {}
    assert run.report is None


def test_what_a_step_learned_of_the_whole_run_is_kept_and_handed_on():
    run = a_ledger()
    inventory = Inventory("list.csv", (InventoryRow(2, ONE),))
    caller, role, check = (
        Caller("1", "arn:aws:iam::1:user/ops"),
        ServiceRole("Backup", "arn"),
        PermissionCheck(("a:B",)),
    )

    kept = [run.keep(2, inventory), run.keep(3, caller), run.keep(7, role), run.keep(3, check)]

    assert kept == [inventory, caller, role, check]
    assert (run.rows, run.caller, run.role, run.permissions) == (inventory.rows, caller, role, check)


def test_what_belongs_to_regions_and_keys_is_kept_under_their_names():
    run = a_ledger()
    vaults = [Vault("V", f"arn-{region}", region) for region in ("us-east-1", REGION)]
    keys = [Key("arn:1", "Enabled"), Key("arn:2", None)]
    uses = [VaultUse("V", REGION, 1, 2)]

    assert run.keep_places(8, iter(vaults)) == vaults
    run.keep_places(9, keys)
    run.keep_places(8, uses)

    assert run.vaults == {Target("us-east-1"): vaults[0], Target(REGION): vaults[1]}
    assert run.keys == {"arn:1": keys[0], "arn:2": keys[1]}
    assert run.vault_uses == {Target(REGION): uses[0]}


def test_a_destination_is_known_once_vault_and_role_are():
    run = a_ledger()
    run.keep_places(8, [Vault("V", "arn", REGION)])
    assert run.destinations == {}

    run.keep(7, ServiceRole("Backup", "arn"))

    assert run.destinations[Target(REGION)].vault.name == "V"
    assert run.destinations[Target(REGION)].role.name == "Backup"


def test_failures_stay_behind_and_the_rest_goes_on():
    run = a_ledger()
    bad = Failure(TWO, 4, "there is no such instance")

    assert run.keep_each(4, [an_instance(1), bad]) == [an_instance(1)]
    assert run.instances == {ONE: an_instance(1)}
    assert run.failures == {TWO: bad}


def test_the_newest_of_each_noun_takes_the_place_of_the_earlier():
    run = a_ledger()
    done = a_job(ONE)

    run.keep_each(6, [a_plan(an_instance(1))])
    run.keep_each(6, [a_job(ONE, BackupJobState.CREATED)])
    run.keep_each(10, [done])
    run.keep_each(11, [AuditEvent("event", done.job_id, BEGAN, "ops")])

    assert run.jobs == {ONE: done}
    assert run.audits[done.job_id].username == "ops"
    assert run.backups_of([done]) == [(a_plan(an_instance(1)), done)]


def test_the_first_failure_of_an_instance_is_kept_and_told_once():
    run, ear = a_ledger(), Ear()
    first, second = Failure(ONE, 4, "first"), Failure(ONE, 6, "second")

    with listening(ear):
        run.keep_each(4, [first, first])
        run.keep_each(6, [second])

    assert run.failures == {ONE: first}
    assert [line.text for line in ear.heard if ONE in line.text] == [f"{ONE}: first"]


def test_a_proof_with_a_failure_is_a_failure_of_its_instance():
    run = a_ledger()
    failure = Failure(ONE, 12, "no image")

    run.keep_each(12, [Proof(ONE, None, failure), Proof(TWO, None, None)])

    assert set(run.proofs) == {ONE, TWO}
    assert run.failures == {ONE: failure}
