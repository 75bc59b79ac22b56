"""A server and a browser for the live tests. Without a browser they skip; where FUSIONARIUM_BROWSER=required they fail."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
    "--host-resolver-rules=MAP evil.local 127.0.0.1",  # a neighbour's name for this machine
]

PATIENCE = 240.0  # seconds: waiting costs nothing where it succeeds, and a machine may be busy with much else
WARM = (sys.executable, "-m", "dashboard")
COLD = (sys.executable, "-c", "from dashboard import __main__ as app; app.WARM_UP_AFTER = 1e6; app.main()")


@pytest.fixture(scope="session", autouse=True)
def _tokens_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Whoever runs these tests finds no tokens of theirs in their home."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@dataclass(frozen=True)
class Server:
    """A running app."""

    url: str
    runs: Path
    process: subprocess.Popen[bytes]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`python -m dashboard` on a free port with an empty runs folder."""
    runs = tmp_path_factory.mktemp("runs")
    process, url = start_server(runs)
    yield Server(url, runs, process)
    process.terminate()
    process.wait(timeout=20)


def start_server(runs: Path, *options: str, warm: bool = True) -> tuple[subprocess.Popen[bytes], str]:
    """The app's process and its address, once the port answers. Not `warm`: where nothing is trained, no worker is started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = (runs.parent / f"server-{port}.log").open("wb")
    command = [*(WARM if warm else COLD), "--no-browser", "--port", str(port), "--runs", str(runs), *options]
    with log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    url, begun = f"http://127.0.0.1:{port}", time.monotonic()
    while time.monotonic() - begun < 60:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return process, url
        except OSError:
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
    raise AssertionError("the server did not answer within a minute")


@pytest.fixture(scope="session")
def chromium():
    """Chromium from the system; Playwright never downloads one."""
    path = (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if path is None:
        if os.environ.get("FUSIONARIUM_BROWSER") == "required":
            pytest.fail("these tests need Chromium; install it or set CHROMIUM to its path")
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def watched(page):
    """The page, which keeps what goes wrong in it, and what its Content-Security-Policy forbade."""
    page.set_default_timeout(1000 * PATIENCE)
    page.troubles, page.forbidden = [], []
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    page.on(
        "console",
        lambda message: page.forbidden.append(message.text) if "Content Security Policy" in message.text else None,
    )
    page.add_init_script(
        "addEventListener('securitypolicyviolation', (e) => console.error("
        "`Content Security Policy: ${e.effectiveDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`))"
    )
    return page


@pytest.fixture
def page(chromium):
    """A page of its own that keeps what went wrong in it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = watched(context.new_page())
    yield page
    forbidden = list(page.forbidden)
    context.close()
    assert not forbidden, forbidden
