"""Who may come in. Behind the door that judges names (middleware.py) every request and socket passes here, Streamlit's too.

An address with `?token=` lets a browser in: it gets a cookie, and is sent on to the same address without the token, so that
the address bar, bookmarks, history and referrers do not hold it. Without a cookie nothing is answered but a page that says
so; a socket is closed with 4401. Every scope gets `state["visitor"]`, a name to count by.
"""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl, unquote_plus

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server import doorstep
from dashboard.server.arrivals import Arrivals
from dashboard.server.bodies import UPLOADS, Body
from dashboard.server.seats import Seats
from dashboard.tokens import Access, Door, Visitor, newcomer

PARAMETER = "token"
STREAM = "/_stcore/stream"
REFUSED = 4401
CROWDED = 4429
DAYS = 30  # that a browser stays let in
PAGES_OF_ONE, PAGES_OF_ADDRESS, PAGES = 24, 400, 1000  # open at once: of a visitor, of an address, of all
DELAY = 1.0  # seconds that a wrong token waits for its answer
WAITING = 32  # wrong tokens that may wait at once; more are refused unread
OURS = ("/_stcore/", "/live/", "/static/", "/media/", "/component/", "/app/", "/auth/", "/oauth2")  # no pages


class Doorkeeper:
    """Lets in by token and cookie, and counts who is new."""

    def __init__(self, app: ASGIApp, access: Access, base: str = "") -> None:
        """`base`: what stands before our paths in a browser's address ("" where that is not known)."""
        self.app = app
        self.access = access
        self.base = base
        self.arrivals = Arrivals()
        self.seats = Seats(PAGES_OF_ONE, PAGES_OF_ADDRESS, PAGES)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        visitor = self._visitor(scope)
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, visitor)
            return
        answer = await self._answer(scope, visitor)
        if answer is not None:
            await answer(scope, receive, send)
            return
        if visitor is None and self.access.door is not Door.GUARDED and _is_page(scope):
            visitor = newcomer()
            send = self._with_cookie(send, self._cookie(scope, visitor))
        scope = _name(scope, visitor)
        body = Body(scope, receive)
        if await body.read():
            await self.app(scope, body.receive, send)
        else:
            await PlainTextResponse("too much", 413)(scope, receive, send)

    async def _answer(self, scope: Scope, visitor: Visitor | None) -> Response | None:
        """What is answered here; None where the request goes on."""
        token = _token(scope) if _is_page(scope) else None
        if token is not None:
            return await self._enter(scope, token, visitor)
        if visitor is None and self.access.door is Door.GUARDED:
            return _closed(scope, "closed", 403)
        if visitor is None and self.access.door is Door.OPEN and _is_page(scope) and not self._room(scope):
            return _closed(scope, "crowded", 429)
        if scope["path"].startswith(UPLOADS):
            return PlainTextResponse("no files are taken here", 403)
        return None

    async def _enter(self, scope: Scope, token: str, visitor: Visitor | None) -> Response:
        """Sent on without the token, with a cookie where the token is one of ours."""
        role = self.access.role(token)
        if role is None and self.access.door is Door.GUARDED and visitor is None:
            return await self._wrong(scope)
        if visitor is None and role is not None and not self._room(scope) and role != "owner":
            return _closed(scope, "crowded", 429)
        answer = RedirectResponse(_without_token(scope), 303, {"Cache-Control": "no-store"})
        if role is not None:
            known = visitor or newcomer()
            answer.headers.append(
                "Set-Cookie", self._cookie(scope, Visitor(known.name, known.owner or role == "owner"))
            )
        return answer

    async def _wrong(self, scope: Scope) -> Response:
        """The page again, after a moment that makes guessing useless; whoever has the right token never waits."""
        if self._waiting >= WAITING:
            return _closed(scope, "wrong", 429)
        self._waiting += 1
        try:
            await asyncio.sleep(DELAY)
        finally:
            self._waiting -= 1
        return _closed(scope, "wrong", 403)

    async def _socket(self, scope: Scope, receive: Receive, send: Send, visitor: Visitor | None) -> None:
        if visitor is not None or self.access.door is not Door.GUARDED:
            scope = self._single(_name(scope, visitor), visitor)
            await self._seated(scope, receive, send) if scope["path"] == STREAM else await self.app(
                scope, receive, send
            )
        else:
            await _turn_away(scope, receive, send, REFUSED)

    async def _seated(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page of the app: each is a session that the server keeps."""
        seat = self.seats.take(scope)
        if seat is None:
            await _turn_away(scope, receive, send, CROWDED)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.seats.free(seat)

    def _visitor(self, scope: Scope) -> Visitor | None:
        """Whose cookie came; the owner's where there are several."""
        found = [self.access.read(value) for value in _cookies(scope, self.access.cookie)]
        known = [visitor for visitor in found if visitor is not None]
        return max(known, key=lambda visitor: visitor.owner, default=None)

    def _single(self, scope: Scope, visitor: Visitor | None) -> Scope:
        """A page's script sees the last of several cookies of one name: that shall be the one that counts here."""
        if visitor is None or len(_cookies(scope, self.access.cookie)) < 2:
            return scope
        rest = [f"{self.access.cookie}={self.access.issue(visitor)}"]
        for value in Headers(scope=scope).getlist("cookie"):
            rest = [p for p in map(str.strip, value.split(";")) if p.partition("=")[0] != self.access.cookie] + rest
        headers = [pair for pair in scope["headers"] if pair[0] != b"cookie"]
        return {**scope, "headers": [*headers, (b"cookie", "; ".join(rest).encode("latin-1"))]}

    def _room(self, scope: Scope) -> bool:
        client = scope.get("client")
        return self.arrivals.admit(client[0] if client else "")

    def _cookie(self, scope: Scope, visitor: Visitor) -> str:
        """For as long as we know the browser, only to us and to no script. Without a path it is for the page's folder."""
        parts = [
            f"{self.access.cookie}={self.access.issue(visitor)}",
            f"Max-Age={DAYS * 86400}",
            "HttpOnly",
            "SameSite=Lax",
        ]
        if self.base:
            parts.append(f"Path={self.base}/")
        if scope.get("scheme") == "https":
            parts.append("Secure")
        return "; ".join(parts)

    def _with_cookie(self, send: Send, cookie: str) -> Send:
        async def forward(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("Set-Cookie", cookie)
            await send(message)

        return forward


def middleware(access: Access, base: str = "") -> Middleware:
    """For `st.App(middleware=...)`, behind the one that judges names."""
    return Middleware(Doorkeeper, access=access, base=base)


async def _turn_away(scope: Scope, receive: Receive, send: Send, code: int) -> None:
    """Only an open socket can be told why, and a browser that offers protocols goes away unless one is taken."""
    if (await receive())["type"] == "websocket.connect":
        await send({"type": "websocket.accept", "subprotocol": next(iter(scope.get("subprotocols") or []), None)})
        await send({"type": "websocket.close", "code": code})


def _name(scope: Scope, visitor: Visitor | None) -> Scope:
    """Who has no cookie has no name, and is counted by address."""
    return scope if visitor is None else {**scope, "state": {**scope.get("state", {}), "visitor": visitor.name}}


def _is_page(scope: Scope) -> bool:
    """Whether a person opens this address: what comes back is the app itself."""
    return scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and not scope["path"].startswith(OURS)


def _cookies(scope: Scope, name: str) -> list[str]:
    """Every value of a cookie: a browser may send several, of different paths."""
    pairs = (
        part.strip().partition("=") for value in Headers(scope=scope).getlist("cookie") for part in value.split(";")
    )
    return [value for key, sign, value in pairs if key == name and sign][:8]


def _query(scope: Scope) -> str:
    return str(scope.get("query_string", b"").decode("latin-1"))


def _token(scope: Scope) -> str | None:
    """The token of an address; None where it has none."""
    found = [value for key, value in parse_qsl(_query(scope)[:10_000], keep_blank_values=True) if key == PARAMETER]
    return found[0].strip()[:200] if found else None


def _without_token(scope: Scope) -> str:
    """The same address without it, as seen from its own folder: what stands before our paths does not matter."""
    kept = [part for part in _query(scope).split("&") if part and unquote_plus(part.partition("=")[0]) != PARAMETER]
    path = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    page = path.decode("latin-1").partition("?")[0].rsplit("/", 1)[-1]
    return f"./{page}" + (f"?{'&'.join(kept)}" if kept else "")


def _closed(scope: Scope, why: str, status: int) -> Response:
    headers = {"Cache-Control": "no-store"}
    if not _is_page(scope):
        return PlainTextResponse("open the address with its token", 401 if status == 403 else status, headers)
    others = [(key, value) for key, value in parse_qsl(_query(scope)[:4000]) if key != PARAMETER]
    return HTMLResponse(doorstep.page(why, others), status, headers)
