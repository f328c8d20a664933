"""The sandbox as an HTTP server on loopback, for many clients at once."""

import logging
import socket
import struct
import threading
from email.utils import format_datetime
from typing import Any, cast

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.serving import BaseWSGIServer, make_server

from sandbox.clock import CLOCK
from sandbox.gate import Gate

log = logging.getLogger("sandbox")


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
        except Exception:
            log.exception("%s %s broke the sandbox", self.command, self.path)
            status, headers, body = 500, [("Content-Type", "text/plain")], b"The sandbox broke; --verbose shows where."
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

    def date_time_string(self, timestamp: float | None = None) -> str:  # noqa: ARG002 - the base class's signature
        """Return what the Date header says: the sandbox's time, as AWS's answers carry AWS's."""
        return format_datetime(CLOCK.now(), usegmt=True)

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
        self._thread = threading.Thread(target=self._wsgi.serve_forever, args=(0.01,), name="sandbox", daemon=True)

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
