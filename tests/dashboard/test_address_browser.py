"""Behind proxies, under a path, under the policy that every answer carries: in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.server.middleware import MARK
from tests.dashboard.conftest import Server, start_server, watched
from tests.dashboard.prefix_proxy import PrefixProxy, serving
from tests.dashboard.test_browser import CURVES, MAP, MATRIX, QUICK, data_attribute, until

pytestmark = pytest.mark.browser

PREFIX = "/user/a/proxy/8501"


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was told where it stands."""
    runs = tmp_path_factory.mktemp("placed")
    process, url = start_server(runs, "--base-url", PREFIX, "--allow-host", "127.0.0.1", warm=False)
    yield Server(url, runs, process)
    process.terminate()
    process.wait(timeout=20)


def port(server: Server) -> int:
    return int(server.url.rsplit(":", 1)[1])


def drawn(page, *views: str) -> None:
    for view in views:
        until(lambda view=view: page.query_selector(view) and int(data_attribute(page, view, "points") or 0) > 0)


@pytest.mark.parametrize(
    "how", ["keep", *(pytest.param(how, marks=pytest.mark.slow) for how in ("strip", "renamed and allowed"))]
)
def test_all_is_there_behind_a_proxy(chromium, server: Server, placed: Server, how: str) -> None:
    mine = server if how == "strip" else placed
    renamed = f"127.0.0.1:{port(mine)}" if how.startswith("renamed") else ""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = watched(context.new_page())
    with serving(PrefixProxy(port(mine), PREFIX, keep=how == "keep", host=renamed)) as proxy:
        page.goto(f"{proxy.url}/")
        drawn(page, MAP, MATRIX, CURVES)
        page.click('a:has-text("Playground")')
        page.wait_for_url(f"{proxy.url}/playground?*")
        until(lambda: page.query_selector(".fus-thumbs") and data_attribute(page, ".fus-thumbs", "samples") == "5")
        picture = page.locator(".fus-picture").first.evaluate("n => getComputedStyle(n).backgroundImage")
        assert f"{proxy.url}/live/samples/" in picture
        if how == "strip":
            train_and_come_back(page, proxy.url, mine)
        assert not proxy.outside, "something was asked for outside of the prefix"
    context.close()
    assert not page.troubles and not page.forbidden


def train_and_come_back(page, url: str, server: Server) -> None:
    """A run of one's own, reloaded, and found again in the list with its picture."""
    page.goto(f"{url}/playground?v=1&fusion=concat&{QUICK}&set.seed=9115")
    page.reload()
    page.wait_for_selector(MAP)
    page.click(".st-key-train button")
    until(lambda: data_attribute(page, MAP, "status") == "finished")
    drawn(page, MAP, MATRIX, CURVES)
    run = data_attribute(page, MAP, "run")
    until((server.runs / run / "thumb.png").is_file)
    with page.expect_response(f"{url}/live/runs/*/thumb") as picture:
        page.goto(f"{url}/runs/?v=1&run={run}")  # redirected to /runs, under the prefix
    page.wait_for_url(f"{url}/runs?*")
    assert picture.value.status == 200
    drawn(page, MAP)


def test_a_page_whose_name_a_proxy_changed_says_which_flag_lets_it_in(page, server: Server) -> None:
    with serving(PrefixProxy(port(server), PREFIX, host=f"127.0.0.1:{port(server)}")) as proxy:
        page.goto(f"{proxy.url}/?lang=zh")
        until(lambda: f"--allow-host 127.0.0.1:{proxy.port}" in page.inner_text("body"))
        assert "服务器" in page.inner_text(".fus-door") and not page.query_selector(MAP)


@pytest.mark.slow
def test_a_page_whose_sockets_a_proxy_holds_back_says_so(page, server: Server) -> None:
    with serving(PrefixProxy(port(server), PREFIX, sockets=False)) as proxy:
        page.goto(f"{proxy.url}/playground")
        until(lambda: "WebSockets" in page.inner_text("body"))
        assert "docs/deploy.md" in page.inner_text(".fus-door")


def test_a_name_that_is_not_ours_is_told_to_a_person(page, server: Server) -> None:
    answer = page.goto(f"http://evil.local:{port(server)}/")
    assert answer.status == 421 and f"--allow-host evil.local:{port(server)}" in page.inner_text("body")


def test_a_view_that_cannot_load_its_module_says_so_in_itself(page, server: Server) -> None:
    page.route("**/live/static/*/map.js", lambda route: route.abort())
    page.goto(f"{server.url}/?lang=zh")
    until(lambda: "请重新加载页面" in page.inner_text(".stApp"))
    assert page.locator(".fus[data-broken]").count() == 1 and "docs/deploy.md" in page.inner_text(".fus[data-broken]")
    drawn(page, CURVES)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (421, "--allow-host 127.0.0.1:"),
        *(pytest.param(*end, marks=pytest.mark.slow) for end in ((403, "token"), (204, "WebSockets"))),
    ],
)
def test_a_view_whose_stream_cannot_be_opened_says_so_in_itself(page, server: Server, status: int, word: str) -> None:
    page.add_init_script(
        "const Real = WebSocket; window.WebSocket = class extends Real { constructor(url, ...more) {"
        "super(url.includes('/live/') ? url.replace('/live/', '/nowhere/') : url, ...more); } }"
    )
    named = {MARK: "name"} if status == 421 else {}
    page.route("**/live/knock", lambda route: route.fulfill(status=status, headers=named))
    page.goto(server.url)
    until(lambda: page.query_selector(f"{MAP} .fus-problem") and word in page.inner_text(f"{MAP} .fus-problem"))
    until(lambda: word in page.inner_text(f"{CURVES} .fus-problem"))


ASK = """async ([port, path]) => {
  const get = await fetch(`http://127.0.0.1:${port}${path}`).then((a) => a.text()).catch(() => null);
  const act = await fetch(`http://127.0.0.1:${port}/live/knock`, { method: "POST", mode: "no-cors" }).then((a) => a.type).catch(() => null);
  const open = (url) => new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => done(true);
    socket.onerror = () => done(false);
  });
  const part = (tag, path) => new Promise((done) => {
    const node = Object.assign(document.createElement(tag), { onload: () => done(true), onerror: () => done(false) });
    node.src = `http://127.0.0.1:${port}${path}`;
    document.body.append(node);
  });
  const streams = [`ws://127.0.0.1:${port}/_stcore/stream`, `ws://localhost:${port}/live/socket?run=replay-start`];
  return { get, act, streams: await Promise.all(streams.map(open)), parts: await Promise.all([
    part("script", "/live/static/x/icons.js"), part("img", "/favicon.png")]) };
}"""


def test_a_page_on_another_port_neither_reads_nor_acts(page, server: Server) -> None:
    with serving(
        PrefixProxy(port(server), "/nothing")
    ) as stranger:  # its own 404 has no policy that would hold it back
        page.goto(f"http://127.0.0.1:{stranger.port}/page")
        for path in ("/live/runs/replay-start/config", "/_stcore/health", "/live/static/x/run_stream.js", "/"):
            found = page.evaluate(ASK, [port(server), path])
            assert found == {"get": None, "act": None, "streams": [False, False], "parts": [False, False]}, path


@pytest.mark.slow
def test_every_page_keeps_to_the_policy(page, server: Server, finished: Path) -> None:
    import shutil

    if not (server.runs / finished.name).exists():
        shutil.copytree(finished, server.runs / finished.name)
    for lang in ("en", "zh"):
        page.goto(f"{server.url}/runs?lang={lang}")
        page.click(".st-key-reset button")
        page.wait_for_selector('[role="dialog"]')
        page.keyboard.press("Escape")
        page.goto(f"{server.url}/runs?lang={lang}&run={finished.name}")
        page.wait_for_selector(".stCode")
        page.locator(".stPopover button").first.click()
        page.goto(f"{server.url}/compare?lang={lang}")
        page.click(".st-key-advice button")
        page.wait_for_selector("[data-testid=stPopoverBody]")
        page.goto(f"{server.url}/playground?lang={lang}")
        until(lambda: page.query_selector(".fus-thumbs") and data_attribute(page, ".fus-thumbs", "samples") == "5")
        page.locator(".fus-sound").first.click()
        page.locator(".stPopover button").last.click()
    assert not page.troubles  # and nothing forbidden, which the page's fixture asks of every test


DEEDS = [
    "fetch('http://example.org/').catch(() => 0)",
    "new Image().src = 'http://example.org/spy.png'",
    "import('http://example.org/x.js').catch(() => 0)",
    "document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = 1' }))",
    "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.ran = 1\">')",
    "document.body.append(Object.assign(document.createElement('iframe'), { src: 'http://example.org/' }))",
    "void new WebSocket('ws://127.0.0.1:9/')",
]


def test_what_a_strangers_text_might_do_is_forbidden_and_seen(chromium, server: Server) -> None:
    context = chromium.new_context()
    page = watched(context.new_page())
    page.goto(f"{server.url}/_stcore/health")  # every answer carries it, and this one is the lightest
    for deed in DEEDS:
        page.forbidden.clear()
        page.evaluate(f"setTimeout(() => {{ {deed} }})")
        for _ in range(100):
            page.wait_for_timeout(20)
            if page.forbidden:
                break
        assert page.forbidden and page.evaluate("window.ran") is None, deed
    context.close()
