"""Making what a plan says is missing, piece by piece; what is there is not called for."""

import json
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from ec2_backup.aws.session import call
from ec2_backup.errors import AwsError
from ec2_backup.model import Target
from ec2_backup.setup.ground import (
    KEY_ALIAS,
    KEY_DESCRIPTION,
    ROLE_DESCRIPTION,
    ROLE_POLICIES,
    Kind,
    Piece,
    Setup,
    Status,
)
from ec2_backup.setup.plan import to_role_path
from ec2_backup.stop import undisturbed

# IAM and KMS tell all their servers within seconds what one of them has made (IAM user guide, "Eventual consistency").
PAUSES = (1, 2, 4, 8)
_NOT_KNOWN_YET = frozenset({"NoSuchEntity", "NotFoundException", "InvalidParameterValueException"})

Result = TypeVar("Result")


def create_missing(setup: Setup, home: Target) -> Iterator[Piece]:
    """Make what is missing, in the plan's order, and yield each piece when it is there.

    Raises AwsError in AWS's words at the first that cannot be made; those before it are there, and the next setup
    goes on from them. `home` is the Region that IAM is called from.
    """
    keys = dict(setup.keys)
    for piece in setup.pieces:
        if not piece.is_to_do:
            continue
        target = Target(piece.region or home.region)
        match piece.kind:
            case Kind.KEY:
                keys[piece.region] = _create_key(keys.get(piece.region), target)
            case Kind.VAULT:
                _create_vault(piece.name, keys[piece.region], target)
            case Kind.ROLE:
                _create_role(piece, setup, target)
            case Kind.POLICY:
                document = json.dumps(setup.policy)
                call("iam", "create_policy", target, key="Policy", PolicyName=piece.name, PolicyDocument=document)
        yield piece


def _create_key(known: str | None, target: Target) -> str:
    """Return the ARN of our key, made where none is `known`; it is named last, so a key with the alias is complete."""
    with undisturbed():
        arn = known or str(
            call("kms", "create_key", target, key="KeyMetadata", Description=KEY_DESCRIPTION)["KeyMetadata"]["Arn"]
        )
        _once_known(lambda: call("kms", "enable_key_rotation", target, KeyId=arn))
        _once_known(lambda: call("kms", "create_alias", target, AliasName=KEY_ALIAS, TargetKeyId=arn))
    return arn


def _create_vault(name: str, key_arn: str, target: Target) -> None:
    _once_known(
        lambda: call(
            "backup",
            "create_backup_vault",
            target,
            key="BackupVaultArn",
            BackupVaultName=name,
            EncryptionKeyArn=key_arn,
        )
    )


def _create_role(piece: Piece, setup: Setup, target: Target) -> None:
    if piece.status is Status.CREATE:
        call(
            "iam",
            "create_role",
            target,
            key="Role",
            RoleName=piece.name,
            Path=to_role_path(piece.name),
            Description=ROLE_DESCRIPTION,
            AssumeRolePolicyDocument=setup.role_trust,
        )
    for name in ROLE_POLICIES:
        _attach(f"arn:{setup.partition}:iam::aws:policy/service-role/{name}", piece.name, target)


def _attach(policy_arn: str, role: str, target: Target) -> None:
    """Attach a policy to the role; where it is attached already IAM changes nothing (IAM API reference)."""
    _once_known(lambda: call("iam", "attach_role_policy", target, RoleName=role, PolicyArn=policy_arn))


def _once_known(attempt: Callable[[], Result]) -> Result:
    """Return what the attempt returns, repeated for a while where AWS does not know yet what was made just before."""
    for pause in PAUSES:
        try:
            return attempt()
        except AwsError as error:
            if error.code not in _NOT_KNOWN_YET:
                raise
        time.sleep(pause)
    return attempt()
