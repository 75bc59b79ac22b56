"""Nobody comes in without a token, a token leaves no trace in an address, and a cookie says no more than it should."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.errors import ConfigError
from dashboard import __main__ as launcher
from dashboard import address, invitation, tokens
from dashboard.server import access as door_of
from dashboard.server.arrivals import Arrivals
from dashboard.server.bodies import MOST
from dashboard.server.middleware import middleware
from dashboard.tokens import Access, Door, Tokens, Visitor

GUARDED = Access(Door.GUARDED, Tokens("class-token", "owner-token", "secret-of-ours"), "fusionarium-8501")
ROUTES = (
    "/",
    "/playground",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/stream",
    "/_stcore/metrics",
    "/media/x",
)
ROUTES += (
    "/static/js/index.js",
    "/live/runs/0123456789ab/config",
    "/live/static/x/run_stream.js",
    "/component/x",
    "/favicon.png",
)


async def _who(request: Request) -> JSONResponse:
    return JSONResponse({"visitor": request.scope.get("state", {}).get("visitor"), "body": len(await request.body())})


async def _stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_json({"visitor": socket.scope.get("state", {}).get("visitor"), "cookies": socket.cookies})
    if "wait" in socket.query_params:
        await socket.receive()
    await socket.close()


def client(access: Access = GUARDED, base: str = "", **options: object) -> TestClient:
    """A browser of its own before an app that says whom it sees."""
    routes = [
        WebSocketRoute("/{path:path}", _stream),
        Route("/{path:path}", _who, methods=["GET", "POST", "PUT", "DELETE"]),
    ]
    layers = [*middleware("testserver", base=base), door_of.middleware(access, base)]
    app = Starlette(routes=routes, middleware=layers)
    return TestClient(app, follow_redirects=False, **options)  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(door_of, "DELAY", 0.01)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv(tokens.VARIABLE, raising=False)
    yield


def enter(browser: TestClient, token: str = "class-token") -> str:
    """Come in; the visitor's name."""
    assert browser.get("/", params={"token": token}).status_code == 303
    return str(browser.get("/").json()["visitor"])


@pytest.mark.parametrize("path", ROUTES)
def test_without_a_token_nothing_is_answered(path: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS"):
        answer = client().request(method, path)
        assert answer.status_code in (401, 403) and "visitor" not in answer.text, method
        assert answer.headers["cache-control"] == "no-store" and "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/_stcore/stream", "/live/socket?run=0123456789ab"])
def test_without_a_token_a_socket_is_closed_and_says_why(path: str) -> None:
    with client().websocket_connect(path, subprotocols=["streamlit", "x"]) as socket:
        assert socket.accepted_subprotocol == "streamlit", "else a browser never hears why"
        with pytest.raises(WebSocketDisconnect) as end:
            socket.receive_json()
    assert end.value.code == 4401


def test_the_page_before_the_door_is_in_both_languages_and_keeps_the_experiment() -> None:
    text = client().get('/playground?fusion=tensor&x="><script>alert(1)</script>').text
    assert "口令" in text and "token" in text and "streamlit" not in text.lower()
    assert '<input type="hidden" name="fusion" value="tensor">' in text and "<script" not in text
    assert not re.search(r"(src|href|action)=", text), "nothing is fetched"


@pytest.mark.parametrize(
    ("asked", "sent_to"),
    [
        ("/?token=class-token", "./"),
        ("/playground?token=class-token", "./playground"),
        ("/playground?v=1&token=class-token&set.a=1%2F2&x=a+b", "./playground?v=1&set.a=1%2F2&x=a+b"),
        ("/?%74oken=class-token&a=1", "./?a=1"),
        ("/?token=class-token&token=class-token", "./"),
        ("//evil.example/%2e%2e?token=class-token", "./%2e%2e"),
        ("/a//b?token=class-token", "./b"),
    ],
)
def test_a_token_is_taken_out_of_the_address_and_a_cookie_left(asked: str, sent_to: str) -> None:
    answer = client().get(f"http://testserver{asked}")
    assert answer.status_code == 303 and answer.headers["location"] == sent_to
    assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "same-origin"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("fusionarium-8501=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie
    assert "Secure" not in cookie and "token" not in cookie and "Path" not in cookie


def test_behind_https_and_a_prefix_the_cookie_is_theirs_alone() -> None:
    answer = client(base="/user/a/8501", base_url="https://testserver").get("/user/a/8501/?token=class-token")
    assert answer.headers["location"] == "./" and "; Secure" in answer.headers["set-cookie"]
    assert "Path=/user/a/8501/" in answer.headers["set-cookie"]


def test_whoever_came_in_is_known_by_one_name() -> None:
    browser = client()
    name = enter(browser)
    assert len(name) >= 16 and browser.get("/live/runs/x/y").json()["visitor"] == name
    with browser.websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_json()["visitor"] == name
    assert enter(client()) != name


def test_the_owner_stays_the_owner_and_a_visitor_may_become_it() -> None:
    browser = client()
    name = enter(browser)
    assert not GUARDED.read(browser.cookies["fusionarium-8501"]).owner
    assert enter(browser, "owner-token") == name and GUARDED.read(browser.cookies["fusionarium-8501"]).owner
    assert enter(browser) == name and GUARDED.read(browser.cookies["fusionarium-8501"]).owner


@pytest.mark.parametrize("token", ["", "Class-token", "class-token1", "owner-toke", "口令", "\x00", "x" * 5000])
def test_a_wrong_token_gets_the_page_again(token: str) -> None:
    answer = client().get("/", params={"token": token})
    assert answer.status_code == 403 and "not the token" in answer.text and "set-cookie" not in answer.headers


def test_a_wrong_token_waits_and_the_right_one_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_of, "DELAY", 0.3)
    begun = time.monotonic()
    client().get("/?token=wrong")
    assert time.monotonic() - begun >= 0.3
    monkeypatch.setattr(door_of, "WAITING", 0)
    assert client().get("/?token=wrong").status_code == 429 and enter(client())


@pytest.mark.parametrize(
    "change",
    [
        lambda c: c.replace(".guest.", ".owner."),
        lambda c: "x" + c[1:],
        lambda c: c[:-1] + ("A" if c[-1] != "A" else "B"),
        lambda c: Access(Door.GUARDED, Tokens("new-class-token", "owner-token", "secret-of-ours")).issue(Visitor("a")),
        lambda c: Access(Door.OPEN, Tokens("class-token", "owner-token", "secret-of-ours")).issue(Visitor("a")),
        lambda c: "",
        lambda c: "..",
        lambda c: "a.guest.\xff",
    ],
)
def test_nobody_writes_a_cookie_and_new_tokens_end_the_old_ones(change) -> None:
    browser = client()
    enter(browser)
    cookie = change(browser.cookies["fusionarium-8501"])
    answer = client().get("/", headers={"cookie": f"fusionarium-8501={cookie}".encode("latin-1")})
    assert answer.status_code == 403


def test_another_ports_cookie_is_not_ours() -> None:
    cookie = GUARDED.issue(Visitor("a"))
    assert client().get("/", headers={"cookie": f"fusionarium-8502={cookie}"}).status_code == 403


def test_of_several_cookies_the_owners_counts_for_pages_too() -> None:
    guest, owner = GUARDED.issue(Visitor("guest")), GUARDED.issue(Visitor("owner", True))
    sent = f"a=1; fusionarium-8501={owner}; b=2; fusionarium-8501={guest}; fusionarium-8501=nonsense"
    with client().websocket_connect("/_stcore/stream", headers={"cookie": sent}) as socket:
        received = socket.receive_json()
    assert received["visitor"] == "owner" and GUARDED.read(received["cookies"]["fusionarium-8501"]).owner
    assert received["cookies"]["a"] == "1" and received["cookies"]["b"] == "2"


def test_a_class_comes_in_from_one_address_and_a_flood_does_not() -> None:
    app = client().app
    assert len({enter(TestClient(app, follow_redirects=False)) for _ in range(130)}) == 130
    arrivals = Arrivals(most=3)
    assert [arrivals.admit("10.0.0.1") for _ in range(5)] == [True, True, True, False, False]
    assert arrivals.admit("10.0.0.2"), "another address is not shut out"
    assert [arrivals.admit(f"2001:db8:1:2::{i}") for i in range(5)].count(True) == 3, "one house"


def test_a_flood_is_told_to_wait_and_the_owner_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Arrivals, "admit", lambda self, address: False)
    assert client().get("/?token=class-token").status_code == 429
    assert client().get("/?token=owner-token").status_code == 303
    assert client(Access(Door.OPEN)).get("/").status_code == 429


@pytest.mark.parametrize("door", [Door.LOCAL, Door.OPEN])
def test_without_a_guard_everybody_gets_a_name_once(door: Door) -> None:
    access = Access(door)
    browser = client(access)
    first = browser.get("/")
    assert first.status_code == 200 and "set-cookie" in first.headers
    assert browser.get("/").json()["visitor"] == first.json()["visitor"] and len(browser.cookies) == 1
    assert "set-cookie" not in client(access).get("/_stcore/health").headers, "programs need no names"
    assert access.read(browser.cookies["fusionarium"]) == Visitor(first.json()["visitor"], False)
    with client(access).websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_json()["visitor"] is None, "counted by address"
    assert client(access).get("/?token=whatever&a=1").headers["location"] == "./?a=1", "never left in the address bar"


def test_open_has_an_owner_too() -> None:
    access = Access(Door.OPEN)
    browser = client(access)
    enter(browser, access.tokens.owner)
    assert access.read(browser.cookies["fusionarium"]).owner


@pytest.mark.parametrize("access", [GUARDED, Access(Door.LOCAL)])
def test_little_is_taken_and_no_files(access: Access) -> None:
    browser = client(access)
    browser.get("/?token=class-token")
    assert browser.post("/", content=b"x" * MOST).json()["body"] == MOST
    assert browser.post("/", content=b"x" * (MOST + 1)).status_code == 413
    assert browser.post("/", content=iter([b"x" * 1000] * 100)).status_code == 413
    assert browser.post("/", content=b"x", headers={"content-length": "9" * 30}).status_code == 413
    for method in ("POST", "PUT", "DELETE"):
        assert browser.request(method, "/_stcore/upload_file/a/b", content=b"x").status_code == 403


# ---- tokens ----------------------------------------------------------------------------------------------------------


def opened(*argv: str) -> tuple[Access, Path | None]:
    return invitation.make(launcher.parser().parse_args(argv))


def test_tokens_are_long_random_and_outlive_a_restart(tmp_path: Path) -> None:
    first, file = opened("--host", "0.0.0.0", "--runs", str(tmp_path))
    assert len({first.tokens.guest, first.tokens.owner, first.tokens.secret}) == 3
    assert all(len(token) * 6 >= 128 for token in (first.tokens.guest, first.tokens.owner))
    assert opened("--host", "0.0.0.0", "--runs", str(tmp_path))[0].tokens == first.tokens
    assert file and file.stat().st_mode & 0o777 == 0o600 and not file.is_relative_to(tmp_path / "runs")
    assert opened("--host", "0.0.0.0", "--runs", str(tmp_path / "other"))[0].tokens != first.tokens
    assert opened("--host", "0.0.0.0", "--runs", str(tmp_path), "--new-tokens")[0].tokens != first.tokens


@pytest.mark.parametrize(
    "damage", ["[]", "{", '{"guest": 1}', '{"guest": "a", "owner": "b", "secret": "c"}', "[" * 4000]
)
def test_a_damaged_file_of_tokens_is_made_anew(damage: str, tmp_path: Path) -> None:
    first, file = opened("--host", "0.0.0.0", "--runs", str(tmp_path))
    assert file
    file.write_text(damage)
    again, _ = opened("--host", "0.0.0.0", "--runs", str(tmp_path))
    assert again.tokens != first.tokens and json.loads(file.read_text())["owner"] == again.tokens.owner


@pytest.mark.skipif(not hasattr(__import__("os"), "getuid"), reason="no such rights")
def test_tokens_that_others_could_read_are_not_believed(tmp_path: Path) -> None:
    first, file = opened("--host", "0.0.0.0", "--runs", str(tmp_path))
    assert file
    file.chmod(0o644)
    assert opened("--host", "0.0.0.0", "--runs", str(tmp_path))[0].tokens != first.tokens


def test_where_nothing_can_be_kept_they_are_new_each_time(tmp_path: Path, monkeypatch, capsys) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    options = launcher.parser().parse_args(["--host", "0.0.0.0", "--runs", str(tmp_path)])
    access, kept = invitation.make(options)
    assert kept is None
    invitation.announce(options, address.read(options), access, kept)
    assert "end with this server" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "door"),
    [
        ([], Door.LOCAL),
        (["--host", "localhost"], Door.LOCAL),
        (["--host", "127.0.0.9"], Door.LOCAL),
        (["--host", "::1"], Door.LOCAL),
        (["--open"], Door.LOCAL),
        (["--token", "our-token-1"], Door.GUARDED),
        (["--trust-proxy"], Door.GUARDED),
        (["--host", "0.0.0.0"], Door.GUARDED),
        (["--host", "::"], Door.GUARDED),
        (["--host", "192.168.1.7"], Door.GUARDED),
        (["--host", "class-pc"], Door.GUARDED),
        (["--host", "0.0.0.0", "--open"], Door.OPEN),
        (["--trust-proxy", "--open"], Door.OPEN),
        (["--allow-host", "class.example.org"], Door.OPEN),
        (["--base-url", "/user/ana/proxy/8501"], Door.OPEN),
        (["--base-url", "/user/ana/proxy/8501", "--token", "our-token-1"], Door.GUARDED),
        (["--base-url", "/user/ana/proxy/8501", "--mine"], Door.LOCAL),
        (["--host", "0.0.0.0", "--allow-host", "class.example.org"], Door.GUARDED),
        (["--mine"], Door.LOCAL),
    ],
)
def test_how_the_door_stands(argv: list[str], door: Door, tmp_path: Path) -> None:
    assert opened("--runs", str(tmp_path), *argv)[0].door is door


def test_what_others_reach_is_nobodys_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        opened("--host", "0.0.0.0", "--mine", "--runs", str(tmp_path))


def test_nobody_keeps_more_pages_open_than_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_of, "PAGES_OF_ONE", 2)
    browser, stream = client(), "/_stcore/stream"
    enter(browser)
    with browser:
        open_ones = [browser.websocket_connect(f"{stream}?wait=1") for _ in range(3)]
        first, second, third = (one.__enter__() for one in open_ones)
        assert first.receive_json() and second.receive_json()
        with pytest.raises(WebSocketDisconnect) as end:
            third.receive_json()
        assert end.value.code == 4429
        for one in open_ones:
            one.__exit__(None, None, None)
        with browser.websocket_connect(stream) as again:
            assert again.receive_json()["visitor"]


def test_a_token_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened("--runs", str(tmp_path), "--token", "lesson-2026")[0].role("lesson-2026") == "guest"
    monkeypatch.setenv(tokens.VARIABLE, "from-outside")
    assert opened("--runs", str(tmp_path))[0].tokens.guest == "from-outside"


@pytest.mark.parametrize(
    "token", ["short", "with space", "a/b/c/d/e/f", "x" * 129, "口令口令口令口令口令", "a\nb-c-d-e-f"]
)
def test_a_token_that_cannot_be_is_one_sentence(token: str) -> None:
    with pytest.raises(ConfigError) as output:
        tokens.given(token)
    assert token not in str(output.value) and "\n" not in str(output.value)


def announced(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[str, Access]:
    options = launcher.parser().parse_args(argv)
    access, kept = invitation.make(options)
    invitation.announce(options, address.read(options), access, kept)
    return capsys.readouterr().out, access


def test_what_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    output, access = announced(capsys, "--host", "0.0.0.0", "--runs", str(tmp_path))
    classes, *_, alone = (line for line in output.splitlines() if "http" in line)
    assert classes.endswith(f":8501/?token={access.tokens.guest}") and "127.0.0.1" not in classes
    assert (
        alone.endswith(f"http://127.0.0.1:8501/?token={access.tokens.owner}") and output.count(access.tokens.owner) == 1
    )
    output, access = announced(capsys, "--host", "0.0.0.0", "--open", "--runs", str(tmp_path))
    assert "without a token" in output and access.tokens.guest not in output and output.count(access.tokens.owner) == 1
    output, _ = announced(capsys, "--runs", str(tmp_path))
    assert output == "Fusionarium: http://127.0.0.1:8501\n"


def test_what_the_launcher_opens_lets_the_owner_in_once(tmp_path: Path) -> None:
    options = launcher.parser().parse_args(["--host", "0.0.0.0", "--runs", str(tmp_path)])
    access, _ = invitation.make(options)
    link = invitation.own_link(options, address.read(options), access)
    ticket = link.rpartition("=")[2]
    assert access.tokens.owner not in link and access.role(ticket) == "owner" and access.role(ticket) is None
