"""What Streamlit leaves open: headers on its own page, its metrics to the whole network, and any name for this machine.

A stranger's page can have its own name point at this machine and then read it like its own (DNS rebinding). Addresses in
numbers and names without a dot cannot be a stranger's, so these are answered, and besides them the names that we know.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PRIVATE = "/_stcore/metrics"
COOKIE = "fusionarium"  # a random name of this browser, so that a reload still owns the runs it asked for
LOCAL = {"127.0.0.1", "::1", "testclient"}


HOSTS_VARIABLE = "FUSIONARIUM_HOSTS"  # more names, with commas between: behind a proxy that has one
STRANGE = "This name does not belong to this machine; open the address that the server printed.\n"


def known_host(host: str, names: frozenset[str]) -> bool:
    """Whether a Host header may name this machine."""
    name = host.rsplit("]", 1)[0].lstrip("[") if host.startswith("[") else host.rsplit(":", 1)[0]
    name = name.lower().rstrip(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith((".local", ".localhost")) or name in names
    return True


class Guard:
    """Adds security headers to every answer; metrics are for this machine alone, strange names for nobody."""

    def __init__(self, app: ASGIApp, names: tuple[str, ...] = ()) -> None:
        self.app = app
        more = os.environ.get(HOSTS_VARIABLE, "").split(",")
        self.names = frozenset(name.strip().lower() for name in (*names, *more, socket.gethostname()) if name.strip())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket") and not known_host(
            HTTPConnection(scope).headers.get("host", ""), self.names
        ):
            if scope["type"] == "http":
                await PlainTextResponse(STRANGE, 421)(scope, receive, send)
            else:
                await send({"type": "websocket.close", "code": 4403})
            return
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client = scope.get("client")
        if scope["path"].startswith(PRIVATE) and (client is None or client[0] not in LOCAL):
            await PlainTextResponse("not found", 404)(scope, receive, send)
            return

        stranger = scope["path"] == "/_stcore/health" and COOKIE not in HTTPConnection(scope).cookies

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if stranger:  # every page asks for this path first, before its own socket opens
                    headers.append("Set-Cookie", f"{COOKIE}={secrets.token_hex(16)}; Path=/; HttpOnly; SameSite=Lax")
            await send(message)

        await self.app(scope, receive, send_guarded)


def middleware(*names: str) -> list[Middleware]:
    """For `st.App(middleware=...)`, with the names that this machine is asked for by."""
    return [Middleware(Guard, names=names)]
