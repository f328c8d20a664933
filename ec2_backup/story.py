"""What is told of each step when it is over: one sentence, and a line for what somebody should know."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ec2_backup.drill.permissions import INDISPENSABLE
from ec2_backup.model import BackupJob, Caller, Instance, Inventory, Key, PlannedBackup, ServiceRole, Vault
from ec2_backup.narration import Mark, tell, tell_done
from ec2_backup.permissions import WITH_POLICIES_OF_THEIR_OWN, to_whole
from ec2_backup.report.units import count
from ec2_backup.results import AuditEvent, PermissionCheck, Proof, VaultUse


def tell_of(step: int, results: Sequence[Any]) -> None:
    """Tell what a step gave, in a sentence that fits the kind of its results; nothing is told of nothing."""
    kind = type(results[0]) if results else None
    if kind is PlannedBackup:
        tell(f"{count(len(results), 'backup')} planned", step=step)
    elif kind in _SENTENCES:
        tell_done(step, _SENTENCES[kind](results))
    for warning in _WARNINGS[kind](results) if kind in _WARNINGS else ():
        tell(warning, mark=Mark.WARNING, step=step)


def _inventory(results: Sequence[Inventory]) -> str:
    return f"{count(len(results[0].rows), 'instance')} in {results[0].source}"


def _caller(results: Sequence[Caller]) -> str:
    first, *others = results
    if others:
        return f"{len(results)} other accounts entered: {', '.join(one.account for one in results)}"
    return f"{first.arn} in account {first.account}, Region {first.region}"


def _permissions(results: Sequence[PermissionCheck]) -> str:
    check = to_whole(results)
    where = f" in each of {len(results)} accounts" if len(results) > 1 else ""
    return (
        f"{count(len(check.allowed), 'permission')} confirmed by policy simulation{where}"
        if check.allowed
        else "see below"
    )


def _permission_warnings(results: Sequence[PermissionCheck]) -> list[str]:
    check = to_whole(results)
    undrilled = [action for action in check.missed if action in INDISPENSABLE]
    left_out = [action for action in check.missed if action not in {*undrilled, *WITH_POLICIES_OF_THEIR_OWN}]
    missed = [f"not allowed, so left out: {', '.join(left_out)}"] if left_out else []
    if undrilled:
        missed.append(f"not allowed, so the drill after the backups will fail: {', '.join(undrilled)}")
    missed += [
        f"not allowed by the caller's policies, and tried all the same: {action}"
        for action in check.missed
        if action in WITH_POLICIES_OF_THEIR_OWN
    ]
    return missed + ([check.unchecked] if check.unchecked else [])


def _role(results: Sequence[ServiceRole]) -> str:
    return f"AWS Backup may assume {_some([role.arn for role in results])}"


def _vaults(results: Sequence[Vault]) -> str:
    return "; ".join(
        f"{vault.name} in {vault.target} holds {count(vault.recovery_points, 'recovery point')}" for vault in results
    )


def _uses(results: Sequence[VaultUse]) -> str:
    return "; ".join(
        f"{use.name} in {use.target}: {use.points_before:,} -> "
        + ("unknown" if use.points_after is None else f"{use.points_after:,}")
        for use in results
    )


def _keys(results: Sequence[Key]) -> str:
    return f"{count(len(results), 'key')} usable"


def _key_warnings(results: Sequence[Key]) -> list[str]:
    unknown = [key.arn for key in results if key.state is None]
    return [f"not allowed to look at the state of {_some(unknown)}"] if unknown else []


def _instances(results: Sequence[Instance]) -> str:
    volumes = sum(len(instance.volumes) for instance in results)
    if not volumes:
        return f"{count(len(results), 'instance')} can be backed up"
    gib = sum(instance.provisioned_gib for instance in results)
    return f"{count(volumes, 'volume')} of {count(len(results), 'instance')}, {gib:,} GiB provisioned"


def _instance_warnings(results: Sequence[Instance]) -> list[str]:
    plain = [
        f"{one.instance_id} {volume.volume_id}" for one in results for volume in one.volumes if not volume.encrypted
    ]
    lost = [f"{one.instance_id} ({', '.join(one.instance_store)})" for one in results if one.instance_store]
    warnings = [f"{count(len(plain), 'volume')} not encrypted, nor will the backup be: {_some(plain)}"] if plain else []
    return warnings + ([f"instance store is in no backup: {_some(lost)}"] if lost else [])


def _some(names: list[str], limit: int = 5) -> str:
    more = f" and {len(names) - limit} more (all are in the report)" if len(names) > limit else ""
    return ", ".join(names[:limit]) + more


def _jobs(results: Sequence[BackupJob]) -> str:
    ended = sum(job.state.is_final for job in results)
    adopted = sum(job.adopted for job in results)
    if ended == len(results):
        return f"{count(ended, 'job')} ended"
    found = f" ({adopted} found at AWS)" if adopted else ""
    return (
        f"{count(ended, 'job')} ended, " if ended else ""
    ) + f"{count(len(results) - ended, 'job')} under way{found}"


def _events(results: Sequence[AuditEvent]) -> str:
    return f"{count(len(results), 'StartBackupJob event')} in CloudTrail"


def _proofs(results: Sequence[Proof]) -> str:
    proven = sum(proof.failure is None for proof in results)
    return f"{proven:,} of {count(len(results), 'recovery point')} proven"


_SENTENCES: Mapping[type | None, Callable[[Sequence[Any]], str]] = {
    Inventory: _inventory,
    Caller: _caller,
    PermissionCheck: _permissions,
    ServiceRole: _role,
    Vault: _vaults,
    VaultUse: _uses,
    Key: _keys,
    Instance: _instances,
    BackupJob: _jobs,
    AuditEvent: _events,
    Proof: _proofs,
}
_WARNINGS: Mapping[type | None, Callable[[Sequence[Any]], list[str]]] = {
    Inventory: lambda results: list(results[0].notes),
    PermissionCheck: _permission_warnings,
    ServiceRole: lambda results: [warning for role in results for warning in role.warnings],
    Key: _key_warnings,
    Instance: _instance_warnings,
}
