"""Names, pages, tokens and links of strangers: each is refused on every route, or shown as the text that it is.

Names and origins are tried on the whole app behind its doors, tokens on every method, links on every field of an address.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from core.paths import ASSETS
from dashboard import pages
from dashboard.server import access as door
from dashboard.server import routes
from dashboard.server.middleware import middleware
from dashboard.state.fields import link_fields
from dashboard.state.link import from_link
from dashboard.tokens import Access, Door, Tokens, Visitor

PATHS = (
    "/",
    "/playground",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/media/x",
    "/static/js/x.js",
)
PATHS += (
    "/live/runs/replay-start/config",
    "/live/runs/replay-start/frames",
    "/live/static/x/run_stream.js",
    "/live/knock",
)
SOCKETS = ("/_stcore/stream", "/live/socket?run=replay-start", "/live/knock")
HOSTS = (
    "evil.local",
    "evil",
    "class-pc",
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "evil.localhost.",
)
HOSTS += (
    "2130706433",
    "0x7f.1",
    "127.1",
    "127.0.0.1@evil",
    "evil:8501",
    "[evil]",
    "localhost:99999",
    "",
    " ",
    "a b",
    "ev\u00efl",
)
ORIGINS = (
    "http://evil.example",
    "null",
    "http://localhost:9999",
    "http://127.0.0.1:3000",
    "https://localhost",
    "file://",
    "",
)
ORIGINS += (
    "http://localhost.evil.example",
    "http://evil@localhost",
    "chrome-extension://abc",
    "http://localhost:80@evil.example",
)
TOKENS = (
    "",
    "wrong",
    "owner",
    "class-token ",
    "CLASS-TOKEN",
    "class-token\x00",
    "%63lass-toke",
    "x" * 5000,
    "../token",
    "口令",
)
FIELDS = (
    *(name for kind in pages.kinds() for name in link_fields(kind)),
    "v",
    "lang",
    "set.batch_size",
    "set.{}",
    "{}",
)
TEXTS = (
    "![x](http://spy.example/1.png)", "[x](http://spy.example)", "<img src=//spy.example/1>", "<script>1</script>",
    "http://spy.example/2", "www.spy.example", "me@spy.example", ":material/delete:", ":smile:", ":red[x]", "$x^2$",
    "**x**", "`x`", "``` `` ```", "\\`![x](//spy.example/3)", "# x", "- x", "1. x", "| a | b |", "a -> b", "&lt;b&gt;",
    "{name!r}", "%s", "abc\u202etxt", "half \ud83d", "\x00", "one\n\n# two", "9" * 5000, "1e999", "-1", "\u00b2", "∞" * 3000,
)  # fmt: skip
ACTIVE = re.compile(r"[`*\[\]<>#|~$^@\n]|:\w+:|//|www\.|(?:^|\s)[-+]\s|^\d+[.)]\s")
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
LET_IN = Access(Door.GUARDED, Tokens("class-token", "owner-token", "secret-of-ours"), "pass")


def attempts(every: int, only: str) -> Iterator[tuple[str, str, str]]:
    """(what was tried, on what, "" or what broke)."""
    tried = [*_doors(), *_links()]
    for name, look, attempt in [item for item in tried if only in item[0]][::every]:
        try:
            yield name, look, attempt()
        except Exception as error:
            yield name, look, f"{type(error).__name__}: {str(error)[:200]}"


def _doors():
    """Every stranger at every door."""
    with tempfile.TemporaryDirectory() as root:
        app = _app(Path(root))
    cookie = f"pass={LET_IN.issue(Visitor('a'))}"
    for path in (*PATHS, *SOCKETS):
        socket = path in SOCKETS
        for host in HOSTS:
            yield (
                f"host {host!r}",
                path,
                lambda p=path, h=host, s=socket: _refused(app, p, s, {"host": h, "cookie": cookie}),
            )
        for origin in ORIGINS:
            sent = {"origin": origin, "cookie": cookie, "host": "localhost"}
            yield f"origin {origin!r}", path, lambda p=path, h=sent, s=socket: _refused(app, p, s, h)
        for token in TOKENS:
            sent = {"cookie": f"pass={token}; token={token}", "host": "localhost", "authorization": f"token {token}"}
            yield f"token {token[:20]!r}", path, lambda p=path, h=sent, s=socket: _refused(app, p, s, h)


def _app(root: Path) -> Starlette:
    async def stream(socket) -> None:
        await socket.accept()
        await socket.send_text("in")

    async def page(request):
        return PlainTextResponse("in")

    ours = routes(root, ASSETS, lambda run: None)
    streamlit = [WebSocketRoute("/_stcore/stream", stream), Route("/{path:path}", page, methods=["GET", "POST"])]
    return Starlette(routes=[*ours, *streamlit], middleware=[*middleware("localhost"), door.middleware(LET_IN)])


def _refused(app: Starlette, path: str, socket: bool, headers: dict[str, str]) -> str:
    sent = {name: value.encode("utf-8", "replace") for name, value in headers.items()}
    browser = TestClient(app, follow_redirects=False)
    if not socket:
        for method in ("GET", "POST"):
            answer = browser.request(method, path, headers=sent)
            read = "access-control-allow-origin" in answer.headers  # without it a browser keeps an answer from the page
            if read or (answer.status_code < 400 and not (method == "GET" and "origin" in sent)):
                return f"{method} was answered with {answer.status_code}"
        return ""
    try:
        with browser.websocket_connect(path, headers=sent) as connection:
            message = connection.receive()
            refused = message["type"] == "websocket.close" and message["code"] != 1000
            return "" if refused else f"the socket said {message}"
    except WebSocketDisconnect:
        return ""
    except Exception as error:
        if type(error).__name__ == "WebSocketDenialResponse":
            return ""
        raise


def _links():
    """Every text in every field."""
    for field in FIELDS:
        for text in TEXTS:
            yield f"link {text[:20]!r}", field, lambda f=field, s=text: _shown(f.format(s), s)


def _shown(field: str, text: str) -> str:
    for said in from_link({field: text}, pages.kinds())[1]:
        if found := ACTIVE.search(CODE.sub("", said).replace("&#58;material/", "")):
            return f"{found[0]!r} is read in {said[:200]!r}"
        if len(said) > 6000:
            return f"{len(said)} characters are shown"
    return ""
