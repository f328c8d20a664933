"""Step 9: the keys that the backups depend on."""

from collections.abc import Sequence

from ec2_backup.aws.session import call
from ec2_backup.encryption import keys_of, raise_for_vault_key
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Instance, Key, Target, Vault


def check_keys(vault: Vault, instances: Sequence[Instance]) -> tuple[Key, ...]:
    """Return the vault's key and those of all volumes, of one Region. Raises VaultError for an unusable vault key."""
    keys = {arn: describe_key(arn, vault.target) for arn in keys_of(vault, instances)}
    raise_for_vault_key(vault, keys)
    return tuple(keys.values())


def describe_key(key_arn: str, target: Target) -> Key:
    """Return the key and its state; where KMS does not tell, a key of unknown state; an absent key is `NotFound`.

    The ARN is needed: a key of another account is not found by its id (AWS KMS API reference, DescribeKey).
    """
    try:
        metadata = call("kms", "describe_key", target, key="KeyMetadata", KeyId=key_arn)["KeyMetadata"]
    except AuthenticationError:
        raise
    except AwsError as error:
        # AWS Backup uses the key, not we: that we may or can not look at it speaks against nothing.
        return Key(arn=key_arn, state="NotFound" if error.code == "NotFoundException" else None)
    return Key(arn=key_arn, state=metadata["KeyState"], manager=metadata.get("KeyManager"))
