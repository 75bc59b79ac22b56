"""What Streamlit leaves open: headers on its own page, and its metrics to the whole network."""

from __future__ import annotations

import secrets

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.preload import link_header

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PRIVATE = "/_stcore/metrics"
COOKIE = "fusionarium"  # a random name of this browser, so that a reload still owns the runs it asked for
LOCAL = {"127.0.0.1", "::1", "testclient"}


class Guard:
    """Adds security headers to every answer; metrics are for this machine alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("Link", link_header())
                if stranger:  # every page asks for this path first, before its own socket opens
                    headers.append("Set-Cookie", f"{COOKIE}={secrets.token_hex(16)}; Path=/; HttpOnly; SameSite=Lax")
            await send(message)

        await self.app(scope, receive, send_guarded)


def middleware() -> list[Middleware]:
    """For `st.App(middleware=...)`."""
    return [Middleware(Guard)]
