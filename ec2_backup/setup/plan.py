"""What was seen in the account -> what the setup will make, and what it leaves alone and says."""

from collections.abc import Iterator

from ec2_backup.model import Key
from ec2_backup.permissions import BACKUP_SERVICE
from ec2_backup.settings import DEFAULT_ROLE
from ec2_backup.setup.ground import (
    CONSOLE_PATH,
    KEY_ALIAS,
    ROLE_POLICIES,
    Documents,
    Kind,
    Piece,
    Seen,
    SeenKey,
    SeenRegion,
    Setup,
    Status,
)
from ec2_backup.setup.policy import Document, to_caller_policy, to_missing
from ec2_backup.setup.request import SetupRequest


def plan_setup(request: SetupRequest, seen: Seen, documents: Documents) -> Setup:
    """Return the plan: keys before the vaults that they encrypt, the role before the policy that names it."""
    role_arn = seen.role.arn if seen.role else to_role_arn(request.role, seen)
    policy = to_caller_policy(documents.caller_policy, request, seen.caller, role_arn)
    pieces = [piece for one in seen.regions for piece in _in_region(request, one)]
    pieces += [_role(request, seen, role_arn), _policy(request, seen, policy)]
    keys = {one.region: one.key.arn for one in seen.regions if one.key}
    return Setup(tuple(pieces), policy, documents.role_trust, keys, seen.caller.partition)


def to_role_path(name: str) -> str:
    """Return the path that a role is made under: the default role is where AWS Backup's console would make it."""
    return CONSOLE_PATH if name == DEFAULT_ROLE else "/"


def to_role_arn(name: str, seen: Seen) -> str:
    """Return the ARN that the role will have once it is made."""
    return f"arn:{seen.caller.partition}:iam::{seen.caller.account}:role{to_role_path(name)}{name}"


def to_policy_arn(name: str, seen: Seen) -> str:
    """Return the ARN of a policy of the account."""
    return f"arn:{seen.caller.partition}:iam::{seen.caller.account}:policy/{name}"


def _in_region(request: SetupRequest, seen: SeenRegion) -> Iterator[Piece]:
    if seen.has_vault:
        yield _vault(request.vault, seen.vault_key, seen.region)
    else:
        yield (key := _key(seen.key, seen.region))
        usable = key.status is not Status.DIFFERS
        detail = f"encrypted with {KEY_ALIAS}" if usable else f"not created, since {KEY_ALIAS} cannot be used"
        yield Piece(Kind.VAULT, request.vault, Status.CREATE if usable else Status.DIFFERS, detail, seen.region)
    if not seen.takes_ec2:
        yield Piece(
            Kind.OPT_IN,
            "EC2",
            Status.DIFFERS,
            "AWS Backup is not switched on for EC2",
            seen.region,
            "Switch it on with: aws backup update-region-settings --resource-type-opt-in-preference EC2=true "
            f"--region {seen.region}",
        )


def _vault(name: str, key: Key | None, region: str) -> Piece:
    if key is None:
        return Piece(Kind.VAULT, name, Status.EXISTS, "encrypted with a key of AWS", region)
    if key.is_usable:
        return Piece(Kind.VAULT, name, Status.EXISTS, f"encrypted with {key.arn}", region)
    detail = f"encrypted with {key.arn}, which is {key.state}"
    mended = "" if key.state == "NotFound" else f"{_to_usable(key.arn, key.state, region)}. "
    advice = f"{mended}A vault keeps its key: to use another, name another vault with --vault."
    return Piece(Kind.VAULT, name, Status.DIFFERS, detail, region, advice)


def _to_usable(arn: str, state: str | None, region: str) -> str:
    """Return what makes a key usable again, without a full stop; one that is to be deleted is disabled after that."""
    key = f"--key-id {arn} --region {region}"
    cancel = f"aws kms cancel-key-deletion {key}; " if state == "PendingDeletion" else ""
    return f"Enable the key ({cancel}aws kms enable-key {key})"


def _key(key: SeenKey | None, region: str) -> Piece:
    if key is None:
        return Piece(Kind.KEY, KEY_ALIAS, Status.CREATE, "a new key of this account that is rotated every year", region)
    if not key.alias:
        return Piece(Kind.KEY, KEY_ALIAS, Status.FINISH, f"{key.arn}, which an earlier setup did not name", region)
    if key.state == "Enabled":
        return Piece(Kind.KEY, KEY_ALIAS, Status.EXISTS, key.arn, region)
    return Piece(
        Kind.KEY,
        KEY_ALIAS,
        Status.DIFFERS,
        f"{key.arn} is {key.state}",
        region,
        f"{_to_usable(key.arn, key.state, region)}, or point the alias to another.",
    )


def _role(request: SetupRequest, seen: Seen, arn: str) -> Piece:
    role = seen.role
    if role is None:
        return Piece(Kind.ROLE, request.role, Status.CREATE, f"{arn}, for {BACKUP_SERVICE}, with {_and(ROLE_POLICIES)}")
    if not role.trusts_backup:
        return Piece(
            Kind.ROLE,
            request.role,
            Status.DIFFERS,
            f"{arn} does not let {BACKUP_SERVICE} assume it",
            advice="Give it the trust policy of deployments/iam/service-role-trust.json, or name another with --role.",
        )
    if lacking := [name for name in ROLE_POLICIES if name not in role.attached] if role.is_ours else []:
        detail = f"{arn}, to which an earlier setup did not attach {_and(lacking)}"
        return Piece(Kind.ROLE, request.role, Status.FINISH, detail)
    if ROLE_POLICIES[0] not in role.attached:
        return Piece(
            Kind.ROLE,
            request.role,
            Status.DIFFERS,
            f"{arn} has no {ROLE_POLICIES[0]} attached",
            advice="Unless another policy of it allows the same: aws iam attach-role-policy --role-name "
            f"{request.role} --policy-arn arn:{seen.caller.partition}:iam::aws:policy/service-role/{ROLE_POLICIES[0]}",
        )
    return Piece(Kind.ROLE, request.role, Status.EXISTS, arn)


def _policy(request: SetupRequest, seen: Seen, wanted: Document) -> Piece:
    arn = to_policy_arn(request.policy, seen)
    if seen.policy is None:
        return Piece(Kind.POLICY, request.policy, Status.CREATE, f"{arn}, for whoever runs the backups")
    missing = to_missing(seen.policy, wanted)
    if not missing:
        return Piece(Kind.POLICY, request.policy, Status.EXISTS, arn)
    return Piece(
        Kind.POLICY,
        request.policy,
        Status.DIFFERS,
        f"{arn} does not say the same about {_and(missing)}",
        advice="./start-ec2-backup.sh setup --print-policy > policy.json, compare, and: "
        "aws iam create-policy-version --set-as-default "
        f"--policy-arn {arn} --policy-document file://policy.json; or name another with --policy.",
    )


def _and(names: tuple[str, ...] | list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
