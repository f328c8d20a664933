"""Constraints of the API's model, checked here because botocore checks neither patterns nor maxima nor enums."""

import re
from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sandbox.backup.exceptions import InvalidParameterValueException, MissingParameterValueException

_ANY_ACCOUNT = ("ByAccountId", "*")
"""A value that the documentation of ListBackupJobs allows against the model's own pattern."""


def raise_for_invalid(operation: str, shape: Shape, values: Mapping[str, Any]) -> None:
    """Check the parameters of a call against the model of its input.

    Raises:
        MissingParameterValueException: A required parameter is absent.
        InvalidParameterValueException: A pattern, an enum or a limit is violated.
    """
    if not isinstance(shape, StructureShape):
        return
    for name in shape.required_members:
        if values.get(name) in (None, ""):
            raise MissingParameterValueException(f"{operation}: {name} is required")
    for name, value in values.items():
        if value is not None and name in shape.members and (name, value) != _ANY_ACCOUNT:
            _raise_for_value(operation, name, shape.members[name], value)


def _raise_for_value(operation: str, name: str, shape: Shape, value: Any) -> None:
    if isinstance(shape, StructureShape):
        raise_for_invalid(operation, shape, value)
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            _raise_for_value(operation, f"{name} key", shape.key, key)
            _raise_for_value(operation, f"{name}.{key}", shape.value, item)
    elif isinstance(shape, ListShape):
        for item in value:
            _raise_for_value(operation, name, shape.member, item)
    else:
        _raise_for_scalar(name, shape, value)


def _raise_for_scalar(name: str, shape: Shape, value: Any) -> None:
    metadata: Mapping[str, Any] = shape.metadata
    pattern = metadata.get("pattern")
    if pattern and isinstance(value, str) and not re.fullmatch(pattern, value):
        raise InvalidParameterValueException(f"Invalid value for {name}: {value!r} does not match {pattern}")
    allowed = metadata.get("enum")
    if allowed and value not in allowed:
        raise InvalidParameterValueException(f"Invalid value for {name}: {value!r} is not one of {', '.join(allowed)}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    if value < metadata.get("min", value) or value > metadata.get("max", value):
        limits = f"{metadata.get('min', '')}..{metadata.get('max', '')}"
        raise InvalidParameterValueException(f"Invalid value for {name}: {value} is not within {limits}")
