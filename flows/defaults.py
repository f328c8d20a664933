"""What a run was asked for, and what it takes from the Prefect Variable `ec2_backup_defaults` besides.

- The command line says which flags were set (`asked_for`).
- A run of a deployment has in Prefect what the deployment, its schedule or `--param` set; Prefect's form sends every
  field, so there one that is left at its built-in default counts as not asked for unless the deployment sets it.
- A call from Python, and a run that another run has started, is complete in itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.variables import Variable

from ec2_backup.defaults import VARIABLE, Effective, asked_by, changed_in_form, is_complete, with_defaults
from ec2_backup.errors import Ec2BackupError
from ec2_backup.settings import BackupRequest

_asked: ContextVar[BackupRequest | None] = ContextVar("asked", default=None)


@contextmanager
def asked_for(request: BackupRequest) -> Iterator[None]:
    """Let the flow that is called in the block know what of its parameters was asked for: what `request` has set."""
    token = _asked.set(request)
    try:
        yield
    finally:
        _asked.reset(token)


def to_effective(request: BackupRequest) -> Effective:
    """Return the request of this flow run with the defaults of the Variable, where there is one.

    Raises UsageError for a Variable that cannot be used, Ec2BackupError where Prefect does not answer.
    """
    asked = _asked.get() or _of_deployment(request)
    if asked is None or is_complete(asked):
        return Effective(request)
    return with_defaults(asked, _variable())


def _of_deployment(request: BackupRequest) -> BackupRequest | None:
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or run.deployment_id is None or run.parent_task_run_id:
        return None
    given = run.parameters
    if given.keys() >= BackupRequest.model_fields.keys():
        with get_client(sync_client=True) as client:
            own = client.read_deployment(run.deployment_id).parameters
        given = changed_in_form(request, given, own)
    return asked_by(request, given)


def _variable() -> object:
    try:
        return Variable.get(VARIABLE, default=None)
    except Exception as error:
        why = str(error) or type(error).__name__
        hint = "Is the Prefect server up? Nothing was started: repeat the run when it answers."
        raise Ec2BackupError(f"the Prefect Variable {VARIABLE} could not be looked up: {why}", hint=hint) from error
