"""A class and its teacher in two browsers: who comes in, what the address bar keeps, who may do what."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.runs import store
from tests.dashboard.conftest import COLD, PATIENCE, ROOT, WARM
from tests.dashboard.test_browser import MAP, until

pytestmark = pytest.mark.browser
QUICK = (
    "v=1&dataset=interactions&fusion=sum&set.data.train_size=128&set.data.test_size=64&set.width=8&set.batch_size=32"
)


@dataclass
class School:
    """A server on all addresses, and what it printed."""

    url: str
    runs: Path
    printed: str

    @property
    def tokens(self) -> tuple[str, str]:
        """The class's and the owner's."""
        guest, owner = re.findall(r"[?&]token=([\w-]+)", self.printed)
        return guest, owner


@pytest.fixture
def school(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[School]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log, runs = tmp_path / "printed", tmp_path / "runs"
    options = getattr(request, "param", [])
    place = ["--host", "0.0.0.0", "--port", str(port), "--runs", str(runs)]
    command = [*(COLD if "--open" in options else WARM), "--no-browser", *place, *options]
    home = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "PYTHONIOENCODING": "utf-8"}
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file, env=home)
    until(lambda: process.poll() is None and "For you alone" in log.read_text())
    until(lambda: answers(port))
    yield School(f"http://127.0.0.1:{port}", runs, log.read_text())
    process.terminate()
    process.wait(timeout=20)


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def visit(chromium, url: str):
    page = chromium.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.set_default_timeout(1000 * PATIENCE)
    page.asked = []
    page.on("request", lambda r: page.asked.append(r.url))
    page.goto(url)
    return page


@pytest.mark.slow
def test_a_class_and_its_teacher(chromium, school: School, finished: Path) -> None:
    guest, owner = school.tokens
    shutil.copytree(finished, school.runs / finished.name)  # the teacher's, of before

    stranger = visit(chromium, f"{school.url}/playground?{QUICK}")
    assert "口令" in stranger.inner_text("body") and not stranger.query_selector("#root")
    assert len([url for url in stranger.asked if "favicon" not in url]) == 1
    assert stranger.evaluate("fetch('live/runs/replay-start/config').then(r => r.status)") == 401
    stranger.fill("input[name=token]", guest)
    stranger.click("button")
    stranger.wait_for_selector(MAP)
    assert "token" not in stranger.url and "fusion=sum" in stranger.url, "the form keeps the experiment"

    pupil = visit(chromium, f"{school.url}/playground?{QUICK}&set.epochs=1000&token={guest}")
    pupil.wait_for_selector(MAP)
    assert guest not in pupil.url and guest not in pupil.evaluate("document.cookie + document.referrer")
    assert "fusion=sum" in pupil.url and not any(guest in url for url in pupil.asked[1:])
    pupil.click(".st-key-train button")
    run = until(lambda: pupil.get_attribute(MAP, "data-run"))
    folder = school.runs / run
    until(lambda: pupil.is_enabled(".st-key-stop button"))
    pupil.click('button:has-text("Share")')
    link = until(lambda: pupil.locator("[data-testid=stPopoverBody] code").first.inner_text())
    assert link.endswith(f"token={guest}") and owner not in link and "127.0.0.1" not in link
    assert pupil.locator("[data-testid=stPopoverBody] img").evaluate("n => n.naturalWidth") > 50, "the code is drawn"

    stranger.goto(f"{school.url}/runs?v=1&run={run}")
    stranger.wait_for_selector(".st-key-delete button")
    assert stranger.is_disabled(".st-key-delete button") and stranger.is_disabled(".st-key-reset button")
    pupil.goto(f"{school.url}/runs?v=1&run={finished.name}")
    pupil.wait_for_selector(".st-key-delete button")
    assert pupil.is_disabled(".st-key-delete button"), "the teacher's"

    teacher = visit(chromium, f"{school.url}/playground?{QUICK}&set.epochs=1000&token={owner}")
    teacher.wait_for_selector(MAP)
    assert owner not in teacher.url
    until(lambda: teacher.is_enabled(".st-key-stop button"))
    teacher.click(".st-key-stop button")
    until(lambda: store.read_status(folder)["status"] == "stopped")
    until(lambda: len(store.steps(folder, "projection")) == len(store.steps(folder, "frames")))
    teacher.goto(f"{school.url}/runs?v=1&run={run}")
    teacher.wait_for_selector(".st-key-delete button")
    until(lambda: teacher.is_enabled(".st-key-delete button"))
    teacher.click(".st-key-delete button")
    teacher.click(".st-key-delete_yes button")
    until(lambda: not folder.exists())
    for page in (stranger, pupil, teacher):
        page.context.close()


@pytest.mark.parametrize("school", [["--open"]], indirect=True)
def test_open_lets_everybody_look_and_nobody_delete(chromium, school: School, finished: Path) -> None:
    assert "without a token" in school.printed and len(re.findall("token=", school.printed)) == 1
    shutil.copytree(finished, school.runs / finished.name)
    page = visit(chromium, f"{school.url}/runs?v=1&run={finished.name}")
    page.wait_for_selector(".st-key-delete button")
    assert page.is_disabled(".st-key-delete button")
    page.context.close()
