"""Which names are answered, which pages are let in, what every answer carries: on our routes and on Streamlit's alike."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import ConfigError
from dashboard import hosts
from dashboard.server import policy
from dashboard.server.middleware import MARK, middleware

OWN = socket.gethostname()


async def echo(request: Request) -> Response:
    """What arrived: path, scheme, name, client."""
    return PlainTextResponse(
        f"{request.scope['path']} {request.url.scheme} {request.headers['host']} {request.client.host if request.client else ''}",
        headers={"Access-Control-Allow-Origin": "*"},  # as Streamlit does where a user's file says so
    )


async def breaks(request: Request) -> Response:
    raise RuntimeError("broken")


async def slash(request: Request) -> Response:
    return RedirectResponse("/playground?x=1", 301)


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("in")
    await socket.close()


async def denies(socket: WebSocket) -> None:
    await socket.close()


def app(**door: object) -> Starlette:
    """Streamlit's stand-in behind the door."""
    routes = [
        Route("/break", breaks),
        Route("/playground/", slash),
        WebSocketRoute("/_stcore/stream", stream),
        WebSocketRoute("/live/socket", stream),
        WebSocketRoute("/denies", denies),
        Mount("/", routes=[Route("/{path:path}", echo, methods=["GET", "POST", "PUT", "DELETE"])]),
    ]
    return Starlette(routes=routes, middleware=middleware(**door))  # type: ignore[arg-type]


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app(), base_url="http://127.0.0.1:8501", raise_server_exceptions=False) as client:
        yield client


PATHS = (
    "/",
    "/playground",
    "/_stcore/health",
    "/_stcore/host-config",
    "/live/runs/0123456789ab/config",
    "/media/x",
    "/no",
)
SOCKETS = ("/_stcore/stream", "/live/socket?run=0123456789ab")
OURS = [
    "localhost",
    "localhost:8501",
    "LocalHost.",
    "127.0.0.1",
    "127.0.0.1:1",
    "192.168.1.7:8501",
    "[::1]:8501",
    "[FE80::1]",
]
OURS += ["[::ffff:10.0.0.1]:80", "localhost:", OWN, f"{OWN.upper()}:8501", f"{OWN.split('.')[0]}.local"]
STRANGE = [
    "evil.local",
    "evil",
    "class-pc:8501",
    "evil.example",
    "evil.localhost",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
]
STRANGE += [
    "0177.0.0.1",
    "2130706433",
    "127.1",
    "0x7f.0.0.1",
    "127.0.0.01",
    "1.2.3.4.5",
    "",
    " ",
    ".",
    "localhost..",
    ":8501",
]
STRANGE += [
    "user@localhost",
    "user:secret@localhost",
    "localhost:99999",
    "localhost:0",
    "localhost:80a",
    "localhost:-1",
    "localhost/x",
]
STRANGE += [
    "localhost, evil",
    "[::1",
    "::1",
    "[localhost]",
    "[::1]x",
    "[fe80::1%25eth0]",
    "xn--lcalhost-8ib",
    "l\u00f6calhost",
    "localhost\t",
]
STRANGE += [
    "localhost#",
    "localhost?",
    "local host",
    "127.0.0.1\\@evil",
    f"{OWN}.evil.example",
    f"x.{OWN}",
    "localhost:\u0663",
]


@pytest.mark.parametrize("host", OURS)
def test_a_name_that_is_ours_is_answered_on_every_route(client: TestClient, host: str) -> None:
    for path in PATHS:
        assert client.get(path, headers={"host": host}).status_code == 200, path
    for path in SOCKETS:
        with client.websocket_connect(path, headers={"host": host}) as opened:
            assert opened.receive_text() == "in"


@pytest.mark.parametrize("host", STRANGE)
def test_a_name_that_is_not_ours_is_refused_on_every_route(client: TestClient, host: str) -> None:
    for path in PATHS:
        answer = client.get(path, headers={"host": host.encode()})
        assert (
            answer.status_code == 421
            and answer.headers[MARK]
            and "--allow-host" in answer.text
            and "允许" in answer.text
        ), path
    for path in SOCKETS:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect(path, headers={"host": host.encode()}):
            pass


def test_two_names_at_once_or_none_are_refused(client: TestClient) -> None:
    assert client.get("/", headers=[("host", "localhost"), ("host", "localhost")]).status_code == 421
    request = client.build_request("GET", "/")
    del request.headers["host"]
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    sent: list[dict] = []

    async def send(message: dict) -> None:
        sent.append(message)

    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:  # the tests' own thread may have the browser's loop
        thread.submit(asyncio.run, client.app(scope, None, send)).result()
    assert sent[0]["status"] == 421


def test_the_answer_to_a_strange_name_says_how_it_is_allowed(client: TestClient) -> None:
    answer = client.get("/", headers={"host": "class.example.org:8501"})
    assert "--allow-host class.example.org:8501" in answer.text and answer.headers["content-type"].startswith(
        "text/plain"
    )
    hostile = client.get("/", headers={"host": "<script>alert(1)</script>"})
    assert "<script" not in hostile.text and "--allow-host NAME" in hostile.text


@pytest.mark.parametrize(
    ("allow", "host", "known"),
    [
        ("class.example.org", "class.example.org:8501", True),
        ("Class.Example.org.", "class.example.org", True),
        ("class.example.org", "evil.class.example.org", False),
        ("https://class.example.org/", "class.example.org", True),
        ("bücher.example", "xn--bcher-kva.example", True),
        ("pc.local", "pc.local:8501", True),
    ],
)
def test_a_name_is_allowed_by_flag_and_environment(
    allow: str, host: str, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert TestClient(app(allow=(allow,))).get("/", headers={"host": host}).is_success is known
    monkeypatch.setenv(hosts.VARIABLE, f"other.example, {allow}")
    assert TestClient(app()).get("/", headers={"host": host}).is_success is known


@pytest.mark.parametrize(
    "text", ["", "a b", "ftp://x", "x/y", "user@x", "x:y", "*.example.org", "x:99999", "-x.example", "x" * 64]
)
def test_what_is_no_name_is_one_sentence(text: str) -> None:
    with pytest.raises(ConfigError, match="no name of a host"):
        hosts.allowed(text)


FOREIGN = [
    "http://127.0.0.1:9",
    "http://localhost:8501",
    "https://127.0.0.1:8501",
    "http://evil.example",
    "null",
    "",
    "file://",
]
FOREIGN += [
    "http://127.0.0.1:8501.evil.example",
    "http://user@127.0.0.1:8501",
    "ws://127.0.0.1:8501",
    "http://127.0.0.1",
    "chrome-extension://abc",
]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_origin_neither_acts_nor_reads(client: TestClient, origin: str) -> None:
    for path in SOCKETS:
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect(path, headers={"host": "127.0.0.1:8501", "origin": origin}),
        ):
            pass
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
        for path in PATHS:
            answer = client.request(method, path, headers={"origin": origin})
            assert answer.status_code == 403 and "--allow-host" in answer.text, (method, path)
    for path in ("/live/runs/0123456789ab/config", "/live/samples/x/index.json", "/media/x", "/_stcore/metrics"):
        assert client.get(path, headers={"origin": origin}).status_code == 403
    for path in PATHS:
        assert not [
            name for name in client.get(path, headers={"origin": origin}).headers if name.startswith("access-control")
        ]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_sites_page_gets_no_picture_script_or_data(client: TestClient, site: str) -> None:
    for mode in ("no-cors", "cors", "same-origin", ""):
        for path in (*PATHS, "/live/static/x/run_stream.js"):
            answer = client.get(path, headers={"sec-fetch-site": site, "sec-fetch-mode": mode})
            assert answer.status_code == 403, (mode, path)
    link = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.get("/playground", headers=link).status_code == 200, "a link from elsewhere opens"


@pytest.mark.parametrize(
    ("host", "origin", "base"),
    [
        ("127.0.0.1:8501", "http://127.0.0.1:8501", "http"),
        ("127.0.0.1", "http://127.0.0.1:80", "http"),
        ("LOCALHOST:80", "http://localhost", "http"),
        ("[::1]:8501", "http://[0:0::1]:8501", "http"),
        ("localhost:443", "https://localhost", "https"),
        ("127.0.0.1:8501", "", "http"),
    ],
)
def test_our_own_page_and_programs_are_let_in(host: str, origin: str, base: str) -> None:
    headers = {"host": host} | ({"origin": origin} if origin else {})
    client = TestClient(app(), base_url=f"{base}://x")
    assert client.post("/upload", headers=headers).status_code == 200
    for path in SOCKETS:
        with client.websocket_connect(f"{base.replace('http', 'ws')}://x{path}", headers=headers) as opened:
            assert opened.receive_text() == "in"


def test_a_page_behind_a_proxy_that_renames_comes_in_when_it_is_named() -> None:
    headers = {"host": "127.0.0.1:8501", "origin": "https://class.example.org"}
    for allow, inside in (
        ((), False),
        (("class.example.org",), True),
        (("class.example.org:444",), False),
        (("http://class.example.org",), False),
    ):
        assert TestClient(app(allow=allow)).post("/x", headers=headers).is_success is inside, allow


def test_streamlit_never_sees_the_origin_that_was_judged() -> None:
    origins: list[object] = []

    async def endpoint(socket: WebSocket) -> None:
        origins.append(socket.headers.get("origin"))
        await stream(socket)

    inner = Starlette(routes=[WebSocketRoute("/_stcore/stream", endpoint)], middleware=middleware(allow=("a.example",)))
    with TestClient(inner).websocket_connect(
        "/_stcore/stream", headers={"host": "localhost", "origin": "http://a.example"}
    ):
        pass
    assert origins == [None], "its own check asks the internet for this machine's address"


@pytest.mark.parametrize("path", ["/", "/no", "/break", "/playground/", "/_stcore/metrics", "/_stcore/health"])
@pytest.mark.parametrize("host", ["localhost", "evil"])
def test_every_answer_carries_the_headers(client: TestClient, path: str, host: str) -> None:
    answer = client.get(path, headers={"host": host}, follow_redirects=False)
    assert {**answer.headers} | {name.lower(): value for name, value in policy.headers().items()} == {**answer.headers}


def test_a_refused_socket_carries_them_too(client: TestClient) -> None:
    for path, headers in (("/live/socket", {"origin": "null"}), ("/denies", {})):
        headers |= {"host": "localhost"}
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(path, headers=headers):
            pass
        assert refused.value.status_code == 403 and "content-security-policy" in refused.value.headers  # type: ignore[attr-defined]


def test_the_policy_names_no_other_host_and_no_eval() -> None:
    headers = policy.headers()["Content-Security-Policy"]
    rules = {rule.split()[0]: rule.split()[1:] for rule in headers.split("; ")}
    assert (
        rules["default-src"] == ["'self'"] and rules["object-src"] == ["'none'"] and rules["connect-src"] == ["'self'"]
    )
    assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == ["'self'"]
    sources = {source for each in rules.values() for source in each}
    assert all(source.startswith("'") or source in ("blob:", "data:") for source in sources), (
        "no host, no scheme of the web"
    )
    assert "'unsafe-eval'" not in sources and "'unsafe-inline'" not in rules["script-src"]


def test_the_hash_is_of_the_inline_script_alone() -> None:
    page = '<script>let a = 1</script><script type="module" src="./x.js"></script><script type="application/json">{}</script>'
    assert policy.inline_hashes(page) == ["'sha256-LAfYd7pbFUgwfQu8b4q135PeTG2z+/coPEUYCd74eCQ='"]
    assert len(policy.inline_hashes(policy.index())) >= 1


BASE = "/user/a/proxy/8501"


@pytest.mark.parametrize("path", ["/", "/playground", "/live/socketless", "/_stcore/health"])
def test_a_prefix_is_found_whether_it_was_stripped_or_kept(path: str) -> None:
    client = TestClient(app(base=BASE), base_url="http://localhost")
    assert client.get(BASE + path).text == client.get(path).text
    with client.websocket_connect(f"{BASE}/_stcore/stream", headers={"host": "localhost"}) as opened:
        assert opened.receive_text() == "in"
    assert client.get(f"{BASE}x/y").text.startswith(f"{BASE}x/y "), "another path that only begins alike"


def test_redirects_stay_under_a_prefix_that_we_do_not_know() -> None:
    client = TestClient(app(base=BASE), base_url="http://localhost", follow_redirects=False)
    assert client.get("/playground/").headers["location"] == "../playground?x=1"
    assert client.get(f"{BASE}/playground/").headers["location"] == "../playground?x=1"
    bare = client.get(f"{BASE}?a=1")
    assert bare.status_code == 307 and str(bare.next_request.url) == f"http://localhost{BASE}/?a=1"


def test_what_a_proxy_says_is_believed_of_the_named_one_alone() -> None:
    headers = {
        "host": "localhost",
        "x-forwarded-host": "evil.example, 10.0.0.9:9000",
        "x-forwarded-proto": "https",
    }
    headers |= {"x-forwarded-for": "192.168.1.5", "origin": "https://10.0.0.9:9000"}
    plain = TestClient(app(), client=("127.0.0.1", 1))
    assert plain.get("/x", headers=headers).text == "/x http localhost 127.0.0.1"
    assert plain.post("/x", headers=headers).status_code == 403
    proxy = TestClient(app(trusted="127.0.0.1"), client=("127.0.0.1", 1))
    assert proxy.post("/x", headers=headers).text == "/x https 10.0.0.9:9000 192.168.1.5"
    assert proxy.get("/x", headers={**headers, "x-forwarded-host": "evil.example"}).status_code == 421
    other = TestClient(app(trusted="127.0.0.1"), client=("10.0.0.2", 1))
    assert other.get("/x", headers=headers).text == "/x http localhost 10.0.0.2"


def test_metrics_are_for_a_program_here_and_not_for_whom_a_proxy_serves(client: TestClient) -> None:
    assert client.get("/_stcore/metrics").status_code == 200
    assert client.get("/_stcore/metrics", headers={"x-forwarded-for": "192.168.1.5"}).status_code == 404
    prefixed = TestClient(app(base=BASE), base_url="http://localhost", client=("10.0.0.2", 1))
    assert prefixed.get(f"{BASE}/_stcore/metrics").status_code == 404
