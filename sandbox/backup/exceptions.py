"""Errors of AWS Backup as they go over the wire: class in a header, code, message, type and context in the body."""

# ruff: noqa: N818 - the classes bear the names of AWS's errors

import json

from moto.core.exceptions import JsonRESTError

NO_PRIVILEGES = "Insufficient privileges to perform this action."
"""What AWS answers for a vault that is missing, so that nobody can find out by asking which vaults there are."""


class BackupError(JsonRESTError):
    """An error answer; `code` is the body's Code where AWS has an ERROR_ number for it, else the class again."""

    def __init__(self, kind: str, message: str, *, status: int = 400, code: str = "", context: str = "") -> None:
        super().__init__(kind, message)
        self.code = status
        body = {"Code": code or kind, "Message": message, "Type": "Server" if status >= 500 else "Client"}
        self.description = json.dumps(body | ({"Context": context} if context else {}))


class AccessDeniedException(BackupError):
    """The caller may not, or the vault is not there: AWS does not say which."""

    def __init__(self, message: str = NO_PRIVILEGES) -> None:
        super().__init__("AccessDeniedException", message, status=403)


class AlreadyExistsException(BackupError):
    """There is one of that name already."""

    def __init__(self, message: str) -> None:
        super().__init__("AlreadyExistsException", message)


class InvalidParameterValueException(BackupError):
    """A parameter's value is out of range, malformed or not supported."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__("InvalidParameterValueException", message, code=code)


class InvalidRequestException(BackupError):
    """The request cannot be had in the present state of things."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__("InvalidRequestException", message, code=code)


class MissingParameterValueException(BackupError):
    """A required parameter was not sent."""

    def __init__(self, message: str) -> None:
        super().__init__("MissingParameterValueException", message)


class ResourceNotFoundException(BackupError):
    """What the request names does not exist."""

    def __init__(self, message: str) -> None:
        super().__init__("ResourceNotFoundException", message)


class UnknownOperationException(BackupError):
    """AWS Backup has no such operation, or the sandbox does not have it."""

    def __init__(self, message: str) -> None:
        super().__init__("UnknownOperationException", message, status=404)
