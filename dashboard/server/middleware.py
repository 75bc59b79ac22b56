"""The door: every request and socket passes it first, Streamlit's too.

Here and nowhere else it is decided which names of this machine are answered, which pages may read or act, what stands
before our paths where a proxy has a prefix, and which headers every answer carries. Streamlit's own check of origins lets
every port of localhost in, and asks the internet for this machine's address; so an origin that was judged is taken away.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.paths import as_typed
from dashboard.hosts import Hosts, Place, host, origin
from dashboard.server import policy
from dashboard.server.proxy import Proxy

PRIVATE = "/_stcore/metrics"
DATA = ("/live/runs", "/live/samples", "/media", "/component", "/_stcore/bidi", "/_stcore/agent", PRIVATE)
LOCAL = {"127.0.0.1", "::1", "testclient"}
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
DENIAL = "websocket.http.response"
REFUSED = 4403
MARK = "Fusionarium-Refusal"  # tells our own page that it is its name that was refused (place.js)

STRANGE = as_typed(
    "Fusionarium does not know the name {name} for itself. Open the address that it printed when it started; or whoever "
    "started it allows the name: python -m dashboard --allow-host {named}\n\n"
    "Fusionarium 不认识这个名称：{name}。请打开它启动时打印的地址；或者由启动它的人允许该名称："
    "python -m dashboard --allow-host {named}\n"
)
FOREIGN = as_typed(
    "A page from {page} asked Fusionarium at {name}, and pages from elsewhere may neither read nor act here. Where a proxy "
    "changed the name on the way, whoever started Fusionarium allows the page's: python -m dashboard --allow-host {named}\n\n"
    "来自 {page} 的页面向 {name} 的 Fusionarium 发出请求，而其他来源的页面在此既不能读取也不能操作。如果是代理改写了名称，"
    "请由启动它的人允许页面的名称：python -m dashboard --allow-host {named}\n"
)


@dataclass(frozen=True)
class Refusal:
    """Why a request goes no further."""

    status: int
    text: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" or DENIAL in scope.get("extensions", {}):
            await PlainTextResponse(self.text, self.status, {MARK: "name"})(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": REFUSED})


class SecurityMiddleware:
    """Judges names and origins, finds the prefix, and adds security headers to every answer."""

    def __init__(self, app: ASGIApp, hosts: Hosts, base: str = "") -> None:
        self.app = app
        self.hosts = hosts
        self.base = base  # "" or "/a/b"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, send)
        refusal = self.refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, answer.send)
        elif self.base and scope["path"] == self.base:  # addresses on the page are relative to its folder
            await _to_folder(scope)(scope, receive, answer.send)
        else:
            await self._pass(scope, receive, answer)

    def refusal(self, scope: Scope) -> Refusal | None:
        """None where name and page may be answered."""
        headers = Headers(scope=scope)
        names = headers.getlist("host")
        place = host(names[0]) if len(names) == 1 else None
        if place is None or not self.hosts.known(place):
            shown = _shown(place)
            return Refusal(421, STRANGE.format(name=shown or "?", named=shown or "NAME"))
        scheme = "https" if scope.get("scheme") in ("https", "wss") else "http"
        for page in headers.getlist("origin") if self._acts_or_tells(scope) else []:
            if not self.hosts.welcome(page, scheme, place):
                return _foreign(page, place)
        if scope["type"] == "http" and _reads_from_elsewhere(headers):
            return _foreign(headers.get("referer", ""), place)
        return None

    def _acts_or_tells(self, scope: Scope) -> bool:
        """Not where the page itself and its scripts are only fetched: else a page whose name a proxy changed could not say so."""
        plain = scope["type"] == "http" and scope["method"] in ("GET", "HEAD")
        return not plain or scope["path"].removeprefix(self.base).startswith(DATA)

    async def _pass(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"origin"]}
        if self.base and scope["path"].startswith(f"{self.base}/"):
            scope["path"] = answer.path = scope["path"].removeprefix(self.base)
            scope.pop("raw_path", None)
        if scope["path"].startswith(PRIVATE) and not _from_this_machine(scope):
            await Refusal(404, "not found")(scope, receive, answer.send)
            return
        try:
            await self.app(scope, receive, answer.send)
        except Exception:
            if not answer.begun and scope["type"] == "http":  # the server's own answer to an error has no headers
                await PlainTextResponse("Internal Server Error", 500)(scope, receive, answer.send)
            raise


class _Answer:
    """What goes back, with the headers of every answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.path = scope["path"]
        self.own_address = f"://{Headers(scope=scope).get('host', '')}/"
        self.can_deny = DENIAL in scope.get("extensions", {})
        self.forward = send
        self.begun = False

    async def send(self, message: Message) -> None:
        if message["type"] == "websocket.close" and self.can_deny and not self.begun:
            await self.send(
                {"type": f"{DENIAL}.start", "status": 403}
            )  # a socket that was never opened: a plain answer
            await self.forward({"type": f"{DENIAL}.body", "body": b"refused"})
            return
        if message["type"] in ("http.response.start", f"{DENIAL}.start"):
            self._add_headers(message)
        self.begun = True
        await self.forward(message)

    def _add_headers(self, message: Message) -> None:
        message.setdefault("headers", [])
        headers = MutableHeaders(scope=message)
        for name in [name for name in headers if name.lower().startswith("access-control-allow")]:
            del headers[name]  # no other page reads what is here, whatever Streamlit was told
        for name, value in policy.headers().items():
            headers.setdefault(name, value)
        if "location" in headers:
            headers["location"] = _relative(headers["location"], self.path, self.own_address)


def _reads_from_elsewhere(headers: Headers) -> bool:
    """Whether a browser says that another site's page asks, and not to go here: for a picture, a script, some data."""
    site, mode = headers.get("sec-fetch-site", ""), headers.get("sec-fetch-mode", "")
    return site in ("cross-site", "same-site") and mode != "navigate"


def _foreign(page: str, place: Place) -> Refusal:
    known = origin("/".join(page.split("/")[:3]))
    shown = _shown(known)
    return Refusal(403, FOREIGN.format(page=shown or "elsewhere", name=_shown(place), named=shown or "NAME"))


def _shown(place: Place | None) -> str:
    """A place as --allow-host takes it; its characters were checked."""
    if place is None:
        return ""
    name = f"[{place.name}]" if ":" in place.name else place.name
    return name if place.port is None else f"{name}:{place.port}"


def _to_folder(scope: Scope) -> Response:
    query = scope.get("query_string", b"").decode("latin-1")
    return RedirectResponse(f"{scope['path']}/" + (f"?{query}" if query else ""), 307)


def _relative(location: str, path: str, own_address: str) -> str:
    """An address on this server as seen from `path`: a proxy may have taken a prefix away that we do not know."""
    scheme, sign, rest = location.partition(own_address)
    if sign and scheme in ("http", "https"):
        location = f"/{rest}"
    if not location.startswith("/") or location.startswith("//"):
        return location
    return ("../" * (path.count("/") - 1) or "./") + location.removeprefix("/")


def _from_this_machine(scope: Scope) -> bool:
    """A program here asks, and no proxy for somebody else."""
    client = scope.get("client")
    headers = Headers(scope=scope)
    return client is not None and client[0] in LOCAL and not any(name in headers for name in FORWARDED)


def middleware(*names: str, allow: tuple[str, ...] = (), base: str = "", trusted: str = "") -> list[Middleware]:
    """For `st.App(middleware=...)`: `names` are this machine's, `allow` and `trusted` as --allow-host and --trust-proxy say.

    What else looks at requests is added behind: there names, origins, scheme, client and path are what they should be.
    """
    security = Middleware(SecurityMiddleware, hosts=Hosts(names, allow), base=base)
    return [Middleware(Proxy, trusted=trusted), security] if trusted else [security]
