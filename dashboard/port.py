"""The port of the app: taken once, before anything slow, and served by uvicorn.

Streamlit's own runner opens a socket that names no protocol, and asyncio then leaves the kernel's habit of holding small
packets back (Nagle's algorithm): every file and picture that is sent as head and body waits some 40 ms for the
browser's acknowledgement. A socket that says TCP is spared that.
"""

from __future__ import annotations

import logging
import os
import socket
from contextlib import suppress
from typing import Any

BACKLOG = 2048
# What uvicorn says of every socket that was answered with a plain refusal, as if the app were at fault: a stranger must not
# be able to fill the log.
REFUSED_SOCKET = "ASGI callable returned without completing handshake."


def open_port(host: str, port: int) -> socket.socket:
    """A listening TCP socket; OSError (`socket.gaierror` for the name) where it cannot be had."""
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )[0]
    listening = socket.socket(family, kind, protocol)
    try:
        if os.name != "nt":  # there it would let two programs have one port
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def serve(app: Any, listening: socket.socket) -> None:
    """Serve an ASGI app until a signal ends it."""
    from dashboard.server import connections, seats  # here, so that a refusal is quick

    seats.raise_limit()
    connections.be_impatient(listening)
    logging.getLogger("uvicorn.error").addFilter(lambda record: record.msg != REFUSED_SOCKET)
    with listening, suppress(KeyboardInterrupt):  # Ctrl-C is how it is stopped
        connections.Server(app, BACKLOG).run(sockets=[listening])
