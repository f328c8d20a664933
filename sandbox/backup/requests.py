"""The rules for the parameters of StartBackupJob that AWS's model of the API does not hold."""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.backup.exceptions import InvalidParameterValueException
from sandbox.backup.jobs import Request

LEAST_START_WINDOW = 60
MOST_MINUTES = 52_560_000
USUAL_START_WINDOW = 8 * 60
USUAL_COMPLETE_WINDOW = 7 * 24 * 60
LONGEST_KEY, LONGEST_VALUE = 128, 256
COLD_GAP_DAYS = 90
_INSTANCE_ARN = re.compile(r"arn:[\w-]+:ec2:(?P<region>[\w-]*):(?P<account>\d*):instance/(?P<id>i-[0-9a-f]+)")


def to_request(params: Mapping[str, Any], vault_arn: str, account: str, region: str) -> Request:
    """Return the checked request of a StartBackupJob.

    Raises:
        InvalidParameterValueException: A value that AWS Backup does not take.
    """
    instance_id = _instance_id(params["ResourceArn"], account, region)
    _raise_for_options(params)
    _raise_for_tags(params.get("RecoveryPointTags") or {})
    start = _minutes(params, "StartWindowMinutes", USUAL_START_WINDOW, LEAST_START_WINDOW)
    complete = _minutes(params, "CompleteWindowMinutes", USUAL_COMPLETE_WINDOW, 1)
    return Request(
        vault_name=params["BackupVaultName"],
        vault_arn=vault_arn,
        resource_arn=params["ResourceArn"],
        instance_id=instance_id,
        role_arn=params["IamRoleArn"],
        start_window_seconds=60.0 * start,
        complete_window_seconds=60.0 * complete,
        token=params.get("IdempotencyToken") or "",
        delete_after_days=delete_after_days(params.get("Lifecycle") or {}),
        tags=params.get("RecoveryPointTags") or {},
        options=params.get("BackupOptions") or {},
    )


def _instance_id(resource_arn: str, account: str, region: str) -> str:
    match = _INSTANCE_ARN.fullmatch(resource_arn)
    if not match:
        raise InvalidParameterValueException(f"Unsupported resource type: {resource_arn}")
    if match["account"] != account or match["region"] != region:
        raise InvalidParameterValueException(
            f"Resource {resource_arn} does not belong to account {account} in Region {region}"
        )
    return match["id"]


def _minutes(params: Mapping[str, Any], name: str, usual: int, least: int) -> int:
    value = params.get(name)
    if value is None:
        return usual
    if not least <= value <= MOST_MINUTES:
        raise InvalidParameterValueException(f"Invalid {name}: {value} is not within {least} and {MOST_MINUTES}")
    return int(value)


def delete_after_days(lifecycle: Mapping[str, Any]) -> int | None:
    """Return the retention in days, None for ever; a move to cold storage is checked, then ignored for EC2."""
    delete, cold = lifecycle.get("DeleteAfterDays"), lifecycle.get("MoveToColdStorageAfterDays")
    if lifecycle.get("DeleteAfterEvent"):
        raise InvalidParameterValueException("Invalid lifecycle. DeleteAfterEvent is not a valid input")
    if delete is not None and delete != -1 and not 1 <= delete <= 36500:
        raise InvalidParameterValueException(
            "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days"
        )
    if cold is not None and cold != -1:
        _raise_for_cold(cold, delete)
    return None if delete in {None, -1} else delete


def _raise_for_cold(cold: int, delete: int | None) -> None:
    if cold < 1:
        raise InvalidParameterValueException(
            "Invalid lifecycle. MoveToColdStorageAfterDays is unavailable", code="ERROR_3015"
        )
    if delete not in {None, -1} and (delete or 0) < cold + COLD_GAP_DAYS:
        raise InvalidParameterValueException(
            "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays"
        )


def _raise_for_options(params: Mapping[str, Any]) -> None:
    for option, value in (params.get("BackupOptions") or {}).items():
        if option != "WindowsVSS" or value not in {"enabled", "disabled"}:
            raise InvalidParameterValueException(f"Invalid backup option: {option}={value}")
    if params.get("Index") == "ENABLED":
        raise InvalidParameterValueException("Index is not supported for resource type EC2")
    if params.get("LogicallyAirGappedBackupVaultArn"):
        raise InvalidParameterValueException("The sandbox has no logically air-gapped vaults")


def _raise_for_tags(tags: Mapping[str, str]) -> None:
    for key, value in tags.items():
        if not 1 <= len(key) <= LONGEST_KEY or len(value) > LONGEST_VALUE:
            raise InvalidParameterValueException(
                f"Invalid tag: {key!r}: a key has 1 to {LONGEST_KEY} characters, a value at most {LONGEST_VALUE}"
            )
        if key.lower().startswith("aws:"):
            raise InvalidParameterValueException(f"Invalid tag: {key!r}: the prefix aws: is reserved")
