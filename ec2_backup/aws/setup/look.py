"""What is there already, looked at without changing anything."""

from collections.abc import Mapping
from typing import Any

from ec2_backup.aws.iam import trusts_backup
from ec2_backup.aws.kms import describe_key
from ec2_backup.aws.session import call, pages
from ec2_backup.aws.sts import get_caller_identity
from ec2_backup.errors import AccessError, AwsError
from ec2_backup.model import Target
from ec2_backup.setup.ground import KEY_ALIAS, KEY_DESCRIPTION, ROLE_DESCRIPTION, Seen, SeenKey, SeenRegion, SeenRole
from ec2_backup.setup.plan import to_policy_arn
from ec2_backup.setup.request import SetupRequest


def look_around(request: SetupRequest) -> Seen:
    """Return what the account has of all that is asked for. Raises AwsError where one may not look."""
    home = Target(request.regions[0])
    caller = get_caller_identity(home)
    regions = tuple(_region(request.vault, Target(region)) for region in dict.fromkeys(request.regions))
    arn = to_policy_arn(request.policy, Seen(caller))
    return Seen(caller, regions, _role(request.role, home), _policy(arn, home))


def _region(vault: str, target: Target) -> SeenRegion:
    vaults = {
        one["BackupVaultName"]: one.get("EncryptionKeyArn")
        for page in pages("backup", "list_backup_vaults", target, key="BackupVaultList")
        for one in page["BackupVaultList"]
    }
    settings = call("backup", "describe_region_settings", target, key="ResourceTypeOptInPreference")
    return SeenRegion(
        region=target.region,
        has_vault=vault in vaults,
        vault_key=describe_key(arn, target) if (arn := vaults.get(vault)) else None,
        key=None if vault in vaults else _key(target),
        takes_ec2=settings["ResourceTypeOptInPreference"].get("EC2", True) is not False,
    )


def _key(target: Target) -> SeenKey | None:
    """Return our key: the one under the alias, or one that a setup made and was interrupted before it named it."""
    by_alias = {
        one["AliasName"]: one.get("TargetKeyId")
        for page in pages("kms", "list_aliases", target, key="Aliases")
        for one in page["Aliases"]
    }
    if key_id := by_alias.get(KEY_ALIAS):
        metadata = _key_metadata(key_id, target)
        return SeenKey(metadata["Arn"], metadata["KeyState"])
    listed = [one["KeyId"] for page in pages("kms", "list_keys", target, key="Keys") for one in page["Keys"]]
    nameless = (_nameless(key_id, target) for key_id in listed if key_id not in by_alias.values())
    return next((key for key in nameless if key), None)


def _nameless(key_id: str, target: Target) -> SeenKey | None:
    try:
        metadata = _key_metadata(key_id, target)
    except AccessError:
        return None  # a key's own policy may shut everybody out, and then it is none of ours
    is_ours = metadata.get("Description") == KEY_DESCRIPTION and metadata["KeyState"] == "Enabled"
    return SeenKey(metadata["Arn"], metadata["KeyState"], alias=False) if is_ours else None


def _key_metadata(key_id: str, target: Target) -> Mapping[str, Any]:
    metadata: Mapping[str, Any] = call("kms", "describe_key", target, key="KeyMetadata", KeyId=key_id)["KeyMetadata"]
    return metadata


def _role(name: str, target: Target) -> SeenRole | None:
    try:
        role = call("iam", "get_role", target, key="Role", RoleName=name)["Role"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return None
        raise
    attached = pages("iam", "list_attached_role_policies", target, key="AttachedPolicies", RoleName=name)
    return SeenRole(
        arn=role["Arn"],
        trusts_backup=trusts_backup(role.get("AssumeRolePolicyDocument", {})),
        attached=frozenset(policy["PolicyName"] for page in attached for policy in page["AttachedPolicies"]),
        is_ours=role.get("Description") == ROLE_DESCRIPTION,
    )


def _policy(arn: str, target: Target) -> Mapping[str, Any] | None:
    try:
        version = call("iam", "get_policy", target, key="Policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
    except AwsError as error:
        if error.code == "NoSuchEntity":
            return None
        raise
    answer = call("iam", "get_policy_version", target, key="PolicyVersion", PolicyArn=arn, VersionId=version)
    document: Mapping[str, Any] = answer["PolicyVersion"]["Document"]
    return document
