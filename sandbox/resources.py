"""What a call needs a policy to allow: one action, or several, each on the resources that AWS authorises it on."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from sandbox.call import Call
from sandbox.iam import role_arn, roles_of_profile


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
    by_service = {"backup": _backup, "kms": _kms, "iam": _iam, "sts": _sts, "s3": _s3, "sns": _sns, "logs": _logs}
    by_service |= {"ec2": _ec2, "ssm": _ssm}
    resources = by_service.get(call.service)
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
    if call.operation in {"StartRestoreJob", "StartCopyJob"}:
        resources = [str(_json(call).get("RecoveryPointArn", "*"))]
    for resource in resources or ["*"]:
        yield Need(call.name, resource)


def _ec2(call: Call, account: str) -> Iterable[Need]:
    """Return what is needed on each instance, with its tags, where EC2 authorises a call on instances.

    Who gives an instance a profile must be allowed to pass the profile's roles to EC2.
    """
    if call.operation == "AssociateIamInstanceProfile":
        for role in roles_of_profile(account, call.form(), get_partition(call.region)):
            yield Need("iam:PassRole", role, {"iam:PassedToService": "ec2.amazonaws.com"})
    if call.operation not in _ON_INSTANCES:
        yield Need(call.name)
        return
    tags = ec2_backends[account][call.region].tags
    for name, one in call.form().items():
        if name.startswith(_ON_INSTANCES[call.operation]) and one:
            kind = _KINDS.get(one.rsplit("-", 1)[0], "*")
            of_images = "" if kind in {"image", "snapshot"} else account
            arn = f"arn:{get_partition(call.region)}:ec2:{call.region}:{of_images}:{kind}/{one}"
            context = {f"aws:ResourceTag/{key}": value for key, value in tags.get(one, {}).items()}
            yield Need(call.name, arn, context | {f"ec2:{key[4:]}": value for key, value in context.items()})


_ON_INSTANCES = {
    "TerminateInstances": "InstanceId.",
    "StopInstances": "InstanceId.",
    "StartInstances": "InstanceId.",
    "CreateTags": "ResourceId.",
    "DeleteTags": "ResourceId.",
    "ModifyInstanceAttribute": "InstanceId",
    "AssociateIamInstanceProfile": "InstanceId",
}
"""EC2's operations on named resources, with the parameter that names them."""

_KINDS = {"i": "instance", "vol": "volume", "ami": "image", "snap": "snapshot"}


def _ssm(call: Call, account: str) -> Iterable[Need]:
    """Return what SendCommand needs: on its document, which AWS itself owns mostly, and on each instance."""
    if call.operation != "SendCommand":
        yield Need(call.name)
        return
    asked, place = _json(call), f"{get_partition(call.region)}:%s:{call.region}"
    document = str(asked.get("DocumentName", ""))
    owner = "" if document.startswith(("AWS-", "Amazon")) else account
    yield Need(call.name, f"arn:{place % 'ssm'}:{owner}:document/{document}")
    tags = ec2_backends[account][call.region].tags
    for one in asked.get("InstanceIds") or []:
        context = {f"ssm:resourceTag/{key}": value for key, value in tags.get(one, {}).items()}
        yield Need(call.name, f"arn:{place % 'ec2'}:{account}:instance/{one}", context)


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
        attached = {"iam:PolicyARN": form["PolicyArn"]} if "PolicyArn" in form else {}
        yield Need(call.name, role_arn(account, form["RoleName"]), attached)
    elif "UserName" in form:
        yield Need(call.name, f"arn:aws:iam::{account}:user/{form['UserName']}")
    elif {"PolicyArn", "PolicyName"} & form.keys() and "GroupName" not in form:
        yield Need(call.name, form.get("PolicyArn", f"arn:aws:iam::{account}:policy/{form.get('PolicyName')}"))
    else:
        yield Need(call.name)


def _sts(call: Call, _account: str) -> Iterable[Need]:
    yield Need(call.name, call.form().get("RoleArn", "*"))


def _logs(call: Call, account: str) -> Iterable[Need]:
    """Return what is needed on a log group, whose ARN ends with `:*` for all that is done with what is in it."""
    asked = _json(call)
    group = str(asked.get("logGroupIdentifier") or asked.get("logGroupName") or "")
    if group and not group.startswith("arn:"):
        group = f"arn:{get_partition(call.region)}:logs:{call.region}:{account}:log-group:{group}"
    yield Need(call.name, f"{group}:*" if group else "*")


def _sns(call: Call, _account: str) -> Iterable[Need]:
    yield Need(call.name, call.form().get("TopicArn", "*"))


_S3_ACTIONS = {"HeadObject": "GetObject", "HeadBucket": "ListBucket", "ListObjects": "ListBucket"}
_S3_ACTIONS |= {"ListObjectsV2": "ListBucket", "ListBuckets": "ListAllMyBuckets"}


def _s3(call: Call, _account: str) -> Iterable[Need]:
    bucket, _, key = unquote(call.path).lstrip("/").partition("/")
    resource = f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}" if bucket else "*"
    yield Need(f"s3:{_S3_ACTIONS.get(call.operation, call.operation)}", resource)
