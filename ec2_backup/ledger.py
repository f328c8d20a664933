"""What a run has learned so far. Whoever asks at whatever moment, also after a failure, gets a whole report."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from ec2_backup.accounts import to_aimed_rows, to_failures
from ec2_backup.copies.book import CopyBook
from ec2_backup.copies.destination import to_destinations
from ec2_backup.drilled import DrillNews
from ec2_backup.errors import AwsError
from ec2_backup.model import (
    BackupJob,
    Caller,
    Destination,
    Instance,
    Inventory,
    InventoryRow,
    Key,
    PlannedBackup,
    ServiceRole,
    Target,
    Vault,
)
from ec2_backup.narration import Mark, tell
from ec2_backup.permissions import to_whole
from ec2_backup.results import AuditEvent, Failure, PermissionCheck, Proof, RunReport, VaultUse
from ec2_backup.runkey import LARGEST_CLOCK_ERROR
from ec2_backup.settings import BackupRequest
from ec2_backup.story import tell_of
from ec2_backup.target import Account

OfRun = TypeVar("OfRun", Inventory, Caller, PermissionCheck, ServiceRole)
OfPlace = TypeVar("OfPlace", Caller, ServiceRole, PermissionCheck, Vault, Key, VaultUse)
OfInstance = TypeVar("OfInstance", Instance, PlannedBackup, BackupJob, Proof, AuditEvent)


@dataclass(slots=True)
class Ledger:
    """The run's memory while it goes on: per instance the newest of each noun, and at most one Failure, the first.

    `taken_up_since` is for a run that was begun before: the earliest time at which it may have made a job.
    """

    request: BackupRequest
    run_key: str
    began_at: datetime
    run_url: str = ""
    taken_up_since: datetime | None = None
    waited: timedelta | None = timedelta()  # for its vaults; None as long as it does: it has made no job yet
    accounts: dict[str, Account] = field(default_factory=dict)  # by number, where there is a list of them
    inventory: Inventory | None = None
    caller: Caller | None = None
    callers: dict[str, Caller] = field(default_factory=dict)  # by the role that the account is entered through
    checks: dict[str, PermissionCheck] = field(default_factory=dict)
    roles: dict[str, ServiceRole] = field(default_factory=dict)
    vaults: dict[Target, Vault] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    vault_uses: dict[Target, VaultUse] = field(default_factory=dict)
    instances: dict[str, Instance] = field(default_factory=dict)
    plans: dict[str, PlannedBackup] = field(default_factory=dict)
    jobs: dict[str, BackupJob] = field(default_factory=dict)
    proofs: dict[str, Proof] = field(default_factory=dict)
    audits: dict[str, AuditEvent] = field(default_factory=dict)
    failures: dict[str, Failure] = field(default_factory=dict)
    copies: CopyBook = field(init=False)
    drill: DrillNews = field(default_factory=DrillNews)
    report: RunReport | None = None

    def __post_init__(self) -> None:
        """Open the book of the copies that were asked for."""
        self.copies = CopyBook(to_destinations(self.request.options.copy_to, self.request.retention_days))

    @property
    def rows(self) -> tuple[InventoryRow, ...]:
        """The rows of the inventory, none before it was read."""
        return self.inventory.rows if self.inventory else ()

    @property
    def open_rows(self) -> list[InventoryRow]:
        """The rows of which nothing has failed yet."""
        return [row for row in self.rows if row.instance_id not in self.failures]

    @property
    def permissions(self) -> PermissionCheck | None:
        """What the caller may do in all accounts together, None before it was asked."""
        return to_whole(self.checks.values()) if self.checks else None

    @property
    def role(self) -> ServiceRole | None:
        """The role that AWS Backup assumes, in the first of the accounts; None before it is known."""
        return next(iter(self.roles.values()), None)

    @property
    def jobs_since(self) -> datetime:
        """Since when jobs of this vault are the run's own, by AWS's clock, which dates them and is not ours.

        A run that begins now makes no job before AWS has told it who it is and the time, nor while it waits.
        """
        answered_at = self.caller.answered_at if self.caller else None
        since = answered_at or self.began_at - LARGEST_CLOCK_ERROR
        return self.taken_up_since or since + (self.waited or timedelta())

    @property
    def destinations(self) -> dict[Target, Destination]:
        """Where the backups of each account and Region go, none before the role there is known."""
        known = [(at, vault) for at, vault in self.vaults.items() if at.role_arn in self.roles]
        return {at: Destination(vault, self.roles[at.role_arn]) for at, vault in known}

    def aim(self, caller: Caller) -> None:
        """Give each row the role that its account is entered through."""
        if self.inventory:
            aimed = to_aimed_rows(self.rows, caller, self.request.options.account_role, self.accounts)
            self.inventory = replace(self.inventory, rows=aimed)

    def vault_of(self, target: Target) -> str:
        """Return the name of the vault there: what the list of accounts says, or else what the request says."""
        listed = self.accounts.get(target.account or (self.caller.account if self.caller else ""))
        return (listed.vault if listed else "") or self.request.vault

    def close(self, role_arn: str, step: int, error: AwsError) -> None:
        """Let nothing more be done in the account that is entered through this role: its instances are Failures."""
        self.note(to_failures(self.open_rows, role_arn, step, error))
        self.vaults = {target: vault for target, vault in self.vaults.items() if target.role_arn != role_arn}

    def account(self, door: Target) -> tuple[Caller, ServiceRole, list[Vault]]:
        """Return who we are in an account, the role that AWS Backup assumes there, and the vaults."""
        vaults = [vault for target, vault in self.vaults.items() if target.role_arn == door.role_arn]
        return self.callers[door.role_arn], self.roles[door.role_arn], vaults

    def backups_of(self, jobs: Iterable[BackupJob]) -> list[tuple[PlannedBackup, BackupJob]]:
        """Return each job with the plan that it carries out."""
        return [(self.plans[job.instance_id], job) for job in jobs]

    def keep(self, step: int, result: OfRun) -> OfRun:
        """Write down what the step learned for the whole run, tell it, and return it."""
        self._write(result)
        tell_of(step, [result])
        return result

    def keep_places(self, step: int, results: Iterable[OfPlace]) -> list[OfPlace]:
        """Write down what the step learned of each account or Region, tell it, and return it."""
        results = list(results)
        for result in results:
            self._write(result)
        tell_of(step, results)
        return results

    def keep_each(self, step: int, results: Iterable[OfInstance | Failure]) -> list[OfInstance]:
        """Write down what the step learned of each instance, tell it, and return what goes on: all but the Failures."""
        going_on = self.note(results)
        tell_of(step, going_on)
        return going_on

    def note(self, results: Iterable[OfInstance | Failure]) -> list[OfInstance]:
        """Write down what is known so far of each instance, of which only Failures are told; return all but these."""
        going_on: list[OfInstance] = []
        for result in results:
            if isinstance(result, Failure):
                self._fail(result)
            else:
                self._write(result)
                going_on.append(result)
        return going_on

    def _fail(self, failure: Failure) -> None:
        if failure.instance_id not in self.failures:
            self.failures[failure.instance_id] = failure
            tell(f"{failure.instance_id}: {failure.reason}", mark=Mark.FAILED, step=failure.step)

    def _write(self, noun: object) -> None:  # noqa: C901, PLR0912 - one line for each noun
        match noun:
            case Inventory():
                self.inventory = noun
            case Caller():
                self.caller = self.caller if noun.access_role_arn else noun
                self.callers[noun.access_role_arn] = noun
            case PermissionCheck():
                self.checks[noun.access_role_arn] = noun
            case ServiceRole():
                self.roles[noun.access_role_arn] = noun
            case Vault():
                self.vaults[noun.target] = noun
            case Key():
                self.keys[noun.arn] = noun
            case VaultUse():
                self.vault_uses[noun.target] = noun
            case Instance():
                self.instances[noun.instance_id] = noun
            case PlannedBackup():
                self.plans[noun.instance.instance_id] = noun
            case BackupJob():
                self.jobs[noun.instance_id] = noun
            case AuditEvent():
                self.audits[noun.job_id] = noun
            case Proof():
                self.proofs[noun.instance_id] = noun
                if noun.failure:
                    self._fail(noun.failure)
