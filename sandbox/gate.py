"""The gate that every call passes before moto answers it."""

import logging
from typing import Any, cast

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.wrappers import Response

from sandbox import answer, authorization, control, identity
from sandbox.answer import Answer, Reply
from sandbox.call import Call, Environ, read_call
from sandbox.faults import FAULTS
from sandbox.quotas import QUOTAS

log = logging.getLogger("sandbox")


class Gate:
    """Where every request comes in: control under `/_sandbox/`; faults, credentials, quotas and policies before AWS."""

    def __init__(self) -> None:
        self._moto = _Moto(create_backend_app)
        self.closed = False

    def __call__(self, environ: Environ) -> Reply:
        """Return the answer to a request.

        Raises:
            ConnectionResetError: The client is to get none.
        """
        if self.closed:
            raise ConnectionResetError
        call = read_call(environ)
        if environ["PATH_INFO"].startswith(control.PREFIX):
            return _read(Response.from_app(control.respond(environ), environ))
        if call is None or not call.operation:
            return _read(Response.from_app(self._moto, environ, buffered=True))
        caller = identity.identity_of(call.access_key)
        token = identity.CURRENT.set(caller)
        try:
            return self._answer(call, caller, environ)
        finally:
            identity.CURRENT.reset(token)

    def _answer(self, call: Call, caller: identity.Identity, environ: Environ) -> Reply:
        fault = FAULTS.take(call)
        content_type = environ.get("CONTENT_TYPE", "")
        refused = (
            (fault.before(call, content_type) if fault else None)
            or authorization.credentials_refused(call, caller, content_type)
            or QUOTAS.refused(call, caller.account, content_type)
            or authorization.refused(call, caller, content_type)
        )
        if refused:
            return _reply(refused)
        reply = self._served(call, environ)
        return fault.after(reply) if fault else reply

    def _served(self, call: Call, environ: Environ) -> Reply:
        try:
            response = Response.from_app(self._moto, environ, buffered=True)
        except NotImplementedError:
            return _reply(answer.error(call.service, "NotImplemented", f"The sandbox does not have {call.name}."))
        except Exception:
            log.exception("%s broke", call.name)
            said = f"The sandbox broke in {call.name}: start it with --verbose to see where."
            return _reply(answer.error(call.service, "InternalFailure", said))
        return _read(response)


class _Moto(DomainDispatcherApplication):
    """moto's own dispatcher, which need not search 170 services for one that is already known by its name."""

    def get_application(self, environ: Environ) -> Any:
        """Return the Flask application of the service that the call is for."""
        auth = environ.get("HTTP_AUTHORIZATION", "")
        for service, scope in _SCOPES.items():
            if scope in auth:
                with self.lock:
                    if service not in self.app_instances:
                        self.app_instances[service] = self.create_app(service)
                    return self.app_instances[service]
        return super().get_application(environ)


_SCOPES = {
    cast("Any", name): f"/{signing_name}/aws4_request"
    for name, signing_name in {
        "backup": "backup",
        "ec2": "ec2",
        "iam": "iam",
        "sts": "sts",
        "kms": "kms",
        "cloudwatch": "monitoring",
        "cloudtrail": "cloudtrail",
        "logs": "logs",
        "ssm": "ssm",
    }.items()
}


def _read(response: Response) -> Reply:
    return response.status_code, list(response.headers), response.get_data()


def _reply(refused: Answer) -> Reply:
    return refused.status, list(refused.headers.items()), refused.body
