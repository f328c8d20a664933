"""The sandbox as an HTTP server: every call passes one gate, and then moto answers it."""

import logging
import socket
import struct
import threading
from typing import Any, cast

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server
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
    }.items()
}


def _read(response: Response) -> Reply:
    return response.status_code, list(response.headers), response.get_data()


def _reply(refused: Answer) -> Reply:
    return refused.status, list(refused.headers.items()), refused.body


class _Handler(MotoRequestHandler):
    """HTTP/1.1 with connections that last, which werkzeug's own handler closes after each answer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer the request that has been read, or drop the connection without a word."""
        try:
            status, headers, body = cast("Gate", self.server.app)(self.make_environ())
        except ConnectionError:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return
        self.send_response(status)
        has_body = self.command != "HEAD" and status not in {204, 304}
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP and not (has_body and name.lower() == "content-length"):
                self.send_header(name, value)
        if has_body:
            self.send_header("Content-Length", str(len(body)))
        self._headers_buffer.append(b"\r\n")
        self.wfile.write(b"".join(self._headers_buffer) + (body if has_body else b""))
        self._headers_buffer.clear()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name for it
        """Log what werkzeug says, a line for every request among it."""
        log.log(logging.ERROR if type == "error" else logging.INFO, message, *args)


_BACKLOG = 512
_HOP_BY_HOP = {"connection", "transfer-encoding", "date", "server"}


class Server:
    """A server on loopback, which listens from the moment it is made; `port` 0 lets the system choose one.

    Raises:
        OSError: Something else listens on that port.
    """

    def __init__(self, port: int = 0) -> None:
        self._gate = Gate()
        with socket.create_server(("127.0.0.1", port), backlog=_BACKLOG) as listening:
            self._port: int = listening.getsockname()[1]
            self._wsgi: BaseWSGIServer = make_server(
                "127.0.0.1",
                self._port,
                cast("Any", self._gate),
                threaded=True,
                request_handler=_Handler,
                fd=listening.fileno(),  # werkzeug's own way to bind ends the process when the port is taken
            )
        self._thread = threading.Thread(target=self._wsgi.serve_forever, args=(0.05,), name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """The address to give to AWS clients."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Begin to answer, in a thread of this process."""
        self._thread.start()

    def stop(self) -> None:
        """Stop listening; connections that clients have kept are reset when they are used next."""
        self._gate.closed = True
        self._wsgi.shutdown()
        self._wsgi.server_close()
        self._thread.join()
