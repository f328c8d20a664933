"""What a call needs a policy to allow: one action, or several, each on the resources that AWS authorises it on."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from moto.utilities.utils import get_partition

from sandbox.call import Call
from sandbox.iam import role_arn


@dataclass(frozen=True, slots=True)
class Need:
    """An action on a resource, with the condition keys that AWS would know of the call."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


def needs(call: Call, account: str) -> Iterable[Need]:
    """Return what must be allowed for a call; a call that every identity may make needs nothing."""
    if call.name == "sts:GetCallerIdentity":
        return
    resources = {"backup": _backup, "kms": _kms, "iam": _iam, "sts": _sts, "s3": _s3, "sns": _sns}.get(call.service)
    if call.name == "cloudwatch:PutMetricData":
        yield Need(call.name, context={"cloudwatch:namespace": str(_json(call).get("Namespace", ""))})
    elif resources:
        yield from resources(call, account)
    else:
        yield Need(call.name)


def _backup(call: Call, account: str) -> Iterable[Need]:
    vault = _vault(call)
    resources = (
        [f"arn:{get_partition(call.region)}:backup:{call.region}:{account}:backup-vault:{vault}"] if vault else []
    )
    if "/recovery-points/arn" in unquote(call.path):
        resources.append(unquote(call.path).split("/recovery-points/", 1)[1].removesuffix("/restore-metadata"))
    for resource in resources or ["*"]:
        yield Need(call.name, resource)


def _vault(call: Call) -> str:
    parts = call.path.strip("/").split("/")
    if len(parts) > 1 and parts[0] == "backup-vaults":
        return unquote(parts[1])
    return str(_json(call).get("BackupVaultName", "") if call.method in {"PUT", "POST"} else "")


def _json(call: Call) -> dict[str, Any]:
    try:
        body = json.loads(call.body or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _kms(call: Call, account: str) -> Iterable[Need]:
    key = str(_json(call).get("KeyId", ""))
    if key and not key.startswith("arn:"):
        name = key if key.startswith("alias/") else f"key/{key}"
        key = f"arn:{get_partition(call.region)}:kms:{call.region}:{account}:{name}"
    yield Need(call.name, key or "*")


def _iam(call: Call, account: str) -> Iterable[Need]:
    form = call.form()
    if "PolicySourceArn" in form:
        yield Need(call.name, form["PolicySourceArn"])
    elif "RoleName" in form:
        yield Need(call.name, role_arn(account, form["RoleName"]))
    elif "UserName" in form:
        yield Need(call.name, f"arn:aws:iam::{account}:user/{form['UserName']}")
    elif {"PolicyArn", "PolicyName"} & form.keys() and "GroupName" not in form:
        yield Need(call.name, form.get("PolicyArn", f"arn:aws:iam::{account}:policy/{form.get('PolicyName')}"))
    else:
        yield Need(call.name)


def _sts(call: Call, _account: str) -> Iterable[Need]:
    yield Need(call.name, call.form().get("RoleArn", "*"))


def _sns(call: Call, _account: str) -> Iterable[Need]:
    yield Need(call.name, call.form().get("TopicArn", "*"))


_S3_ACTIONS = {"HeadObject": "GetObject", "HeadBucket": "ListBucket", "ListObjects": "ListBucket"}
_S3_ACTIONS |= {"ListObjectsV2": "ListBucket", "ListBuckets": "ListAllMyBuckets"}


def _s3(call: Call, _account: str) -> Iterable[Need]:
    bucket, _, key = unquote(call.path).lstrip("/").partition("/")
    resource = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}" if bucket else "*"
    yield Need(f"s3:{_S3_ACTIONS.get(call.operation, call.operation)}", resource)
