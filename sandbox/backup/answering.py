"""What the answers of AWS Backup have in common: parsing, refusals, pages and JSON."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast

from moto.backup.responses import BackupResponse as MotoBackupResponse
from moto.core.utils import camelcase_to_underscores, get_service_model

from sandbox.backup import access, books, listing
from sandbox.backup.exceptions import BackupError, InvalidParameterValueException, UnknownOperationException
from sandbox.backup.models import LOCK, BackupBackend, backup_backends
from sandbox.backup.validation import raise_for_invalid
from sandbox.backup.vaults import Vault

Answer: TypeAlias = Any
"""What moto takes for an answer: a text, a text with headers, or a result of its own."""

_TAGGING = frozenset({"ListTags", "TagResource", "UntagResource"})
"""Operations on ARNs of AWS Backup alone: the tags of an AMI are read and written through EC2."""

_PASSING = frozenset({"StartBackupJob", "StartRestoreJob", "StartCopyJob"})
"""Operations that pass a role to AWS Backup."""


class AnsweringResponse(MotoBackupResponse):
    """One call. Parameters are parsed and checked by AWS's model of the API; moto's own operations stay beneath."""

    def __init__(self) -> None:
        super().__init__()
        self.automated_parameter_parsing = True
        self.params: dict[str, Any] = {}

    @property
    def backup_backend(self) -> BackupBackend:
        """The backend of the caller's account and Region."""
        return cast("BackupBackend", backup_backends[self.current_account][self.region])

    def call_action(self) -> Any:
        """Bring AWS Backup everywhere up to the present, refuse what is to be refused, then answer as moto does."""
        with LOCK:
            books.settle()
            try:
                self._raise_for_refused(self._get_action())
            except BackupError as error:
                return error.code, dict(error.get_headers()), error.get_body()
            return super().call_action()

    def _raise_for_refused(self, operation: str | None) -> None:
        if not operation or not hasattr(self, camelcase_to_underscores(operation)):
            raise UnknownOperationException(
                f"The sandbox has no operation {operation or self.method + ' ' + self.path}"
            )
        model = get_service_model("backup").operation_model(operation)
        if model.input_shape:
            raise_for_invalid(operation, model.input_shape, self.params)
        if operation in _TAGGING and ":backup:" not in self.params["ResourceArn"]:
            raise InvalidParameterValueException(f"Unsupported resource type: {self.params['ResourceArn']}")
        who = access.caller(self.access_key, self.partition)
        vault = self._vault_of_call(operation)
        if vault and operation != "CreateBackupVault":
            access.raise_for_vault_policy(who, f"backup:{operation}", vault.backup_vault_arn, vault.policy)
        if operation in _PASSING and self.params.get("IamRoleArn"):
            access.raise_unless_allowed(who, "iam:PassRole", self.params["IamRoleArn"])

    def _vault_of_call(self, operation: str) -> Vault | None:
        """Return the vault whose policy a call has to do with: one that it names, or that of what it restores."""
        backend = self.backup_backend
        if operation == "StartRestoreJob":
            point = backend.restores.point(self.params["RecoveryPointArn"])
            return backend.vaults[point.vault_name] if point else None
        return backend.vaults.get(self.params.get("BackupVaultName") or self.params.get("SourceBackupVaultName") or "")

    def _get_params(self) -> dict[str, Any]:
        """Return the parameters also under the names of the query, by which moto's operations ask for them."""
        return self.params | {name[0].lower() + name[1:]: value for name, value in self.params.items()}

    def _page(self, member: str, items: Iterable[Any], key: Any, show: Any) -> Answer:
        shown, token = listing.page(items, key, self.params.get("MaxResults"), self.params.get("NextToken"))
        return to_json({member: [show(item) for item in shown]} | ({"NextToken": token} if token else {}))


def to_json(body: Mapping[str, Any]) -> Answer:
    """Return a JSON object as an answer."""
    return json.dumps(body), {"Content-Type": "application/json"}
