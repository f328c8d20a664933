"""Defaults that a team keeps in one place: what a run was not asked for itself, it takes from there.

What a run was asked for is what its request has set (`model_fields_set`), whether or not that is the built-in default.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ec2_backup.errors import UsageError
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.usage import to_words

VARIABLE = "ec2_backup_defaults"
OF_ONE_RUN = (
    "run_key",
    "dry_run",
)  # with a key for all, every run would be the same one; with the other, none would do
_HINT = (
    "Correct it in Prefect's UI under Variables: a JSON object with the parameters of a deployment, as in "
    '{"vault": "Production", "retention_days": 35, "options": {"poll_seconds": 60}}. Nothing was started.'
)
_OVER_SEVERAL = {(), ("options",)}  # rules over several parameters, of which some may be asked for by the run itself


@dataclass(frozen=True, slots=True)
class Effective:
    """A request as it is carried out, and by name what of it are defaults of the Variable."""

    request: BackupRequest
    taken: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the sentence for the log."""
        values = ", ".join(f"{name}={value}" for name, value in self.taken.items())
        return f"defaults from the Prefect Variable {VARIABLE}: {values}"


def is_complete(asked: BackupRequest) -> bool:
    """Return whether a request leaves nothing to defaults, as that of a run which is taken up again."""
    return not _unset(asked) and not _unset(asked.options)


def asked_by(request: BackupRequest, given: Mapping[str, Any]) -> BackupRequest:
    """Return the request as one that asks for what is `given` alone, by the parameters' names; values stay.

    What a flow takes besides, such as a fleet's number of shards, is none of a request's.
    """
    names = given.keys() & BackupRequest.model_fields.keys()
    option_names = (given.get("options") or {}).keys() & BackupOptions.model_fields.keys()
    options = BackupOptions.model_construct(_fields_set=option_names, **dict(request.options))
    return BackupRequest.model_construct(_fields_set=names, **{**dict(request), "options": options})


def changed_in_form(request: BackupRequest, given: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a form's fields somebody has asked for: Prefect's form sends all of them, touched or not.

    That is what the deployment sets itself (`own`), and what is not the built-in default.
    """
    changed = {key: given[key] for key in given if key in own or _is_changed(request, key)}
    options, own_options = given.get("options") or {}, own.get("options") or {}
    kept = {key: options[key] for key in options if key in own_options or _is_changed(request.options, key)}
    return {**changed, "options": kept}


def with_defaults(asked: BackupRequest, defaults: object) -> Effective:
    """Return the request with the team's defaults where it asks for nothing itself; None is no defaults.

    Raises UsageError, which names the Variable and each key of it that is wrong.
    """
    if defaults is None:
        return Effective(asked)
    if not isinstance(defaults, Mapping) or not isinstance(defaults.get("options", {}), Mapping):
        raise UsageError(f"the Prefect Variable {VARIABLE} is not a JSON object of parameters.", hint=_HINT)
    _raise_for_wrong(defaults)
    options = {**defaults.get("options", {}), **_set(asked.options)}
    merged = {**defaults, **_set(asked), "options": options}
    try:
        request = BackupRequest.model_validate(merged)
    except ValidationError as error:
        said = "; ".join(_said(one) for one in error.errors())
        raise UsageError(f"with the defaults of the Prefect Variable {VARIABLE}: {said}", hint=_HINT) from None
    return Effective(request, dict(_taken(asked, defaults)))


def _raise_for_wrong(defaults: Mapping[str, object]) -> None:
    wrong = [f"{key} belongs to one run and has no default" for key in OF_ONE_RUN if key in defaults]
    try:
        BackupRequest.model_validate(defaults)
    except ValidationError as error:
        wrong += [_said(one) for one in error.errors() if one["loc"] not in _OVER_SEVERAL]
    if wrong:
        raise UsageError(f"the Prefect Variable {VARIABLE}: {'; '.join(wrong)}", hint=_HINT)


def _said(error: ErrorDetails) -> str:
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        inside = f"; it belongs into options: options.{key}" if key in BackupOptions.model_fields else ""
        return f"{key}: there is no such parameter{inside}"
    return f"{key}: {to_words(error)}" if key else to_words(error)


def _taken(asked: BackupRequest, defaults: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    yield from ((key, value) for key, value in defaults.items() if key in _unset(asked) and key != "options")
    options = defaults.get("options", {})
    yield from ((f"options.{key}", value) for key, value in options.items() if key in _unset(asked.options))


def _unset(model: BaseModel) -> set[str]:
    return type(model).model_fields.keys() - model.model_fields_set - {"options"}


def _set(model: BaseModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in model.model_fields_set if name != "options"}


def _is_changed(model: BaseModel, name: str) -> bool:
    if name not in type(model).model_fields or name == "options":
        return False
    return bool(getattr(model, name) != getattr(type(model)(), name))
