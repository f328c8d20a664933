"""Step 9: which keys the backups depend on, and whose backup an unusable key forbids."""

from collections.abc import Iterable, Mapping

from ec2_backup.errors import VaultError
from ec2_backup.model import Instance, Key, Vault
from ec2_backup.results import Failure

_ADVICE = "Enable the key or cancel its deletion (aws kms enable-key, cancel-key-deletion), then run again."


def keys_of(vault: Vault, instances: Iterable[Instance]) -> tuple[str, ...]:
    """Return the ARNs of the vault's key and of every key that encrypts a volume, each once."""
    volumes = {volume.kms_key_id for instance in instances for volume in instance.volumes if volume.kms_key_id}
    return tuple(sorted(volumes | ({vault.encryption_key_arn} if vault.encryption_key_arn else set())))


def raise_for_vault_key(vault: Vault, keys: Mapping[str, Key]) -> None:
    """Raise VaultError where the vault's own key cannot be used."""
    key = keys.get(vault.encryption_key_arn or "")
    if key and not key.is_usable:
        raise VaultError(
            "kms:DescribeKey", str(key.state), f"the key {key.arn} of vault {vault.name} is {key.state}",
            region=str(vault.target), hint=_ADVICE,
        )  # fmt: skip


def judge_keys(instance: Instance, keys: Mapping[str, Key]) -> Failure | None:
    """Return why the instance cannot be backed up where a volume's key is unusable: the job would fail at AWS.

    The snapshots of an AMI keep each volume's own key, never the vault's (AWS Backup developer guide, encryption).
    """
    bad = [
        f"{volume.volume_id} ({volume.device}) is encrypted with {key.arn}, which is {key.state}"
        for volume in instance.volumes
        if (key := keys.get(volume.kms_key_id or "")) and not key.is_usable
    ]
    return Failure(instance.instance_id, 9, "; ".join(bad), _ADVICE) if bad else None
