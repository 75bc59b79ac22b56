"""The map says what it cannot show: points that are no numbers, too few of them, pictures that cannot be made."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.runs import frames, store
from tests.dashboard.conftest import Server
from tests.dashboard.test_browser import MAP, MATRIX, data_attribute, pixels, until

pytestmark = pytest.mark.browser
NOTE = f"{MAP} .fus-maphead .fus-note"


def placed(server: Server, finished: Path, run: str, change: Callable[[np.ndarray], np.ndarray]) -> Path:
    """A copy of a finished run with other embeddings and no pictures."""
    folder = server.runs / run
    shutil.copytree(finished, server.runs / f".{run}")
    made = server.runs / f".{run}"
    shutil.rmtree(made / "projection", ignore_errors=True)
    for step in store.steps(made, "frames"):
        path = store.frame_path(made, "frames", step)
        header, blocks = frames.decode(path.read_bytes())
        z = change(blocks["z"].astype(np.float32))
        blocks = {name: z if name == "z" else block[: z.shape[1]] for name, block in blocks.items()}
        path.write_bytes(frames.encode(header, blocks))
    probe = store.read_json(made / "probe.json")
    count = z.shape[1]
    probe |= {name: probe[name][:count] for name in ("labels", "index")}
    probe["matrix"] = [i for i in probe["matrix"] if i < count]
    store.write_json(made / "probe.json", probe)
    store.write_json(made / "config.json", store.read_json(made / "config.json") | {"id": run})
    made.rename(folder)
    return folder


def says(page, server: Server, run: str, words: str, lang: str = "en") -> None:
    page.goto(f"{server.url}/runs?v=1&run={run}&lang={lang}")
    until(lambda: page.query_selector(NOTE) and words in page.inner_text(NOTE))


@pytest.mark.slow
def test_points_that_are_no_numbers_are_counted_and_the_others_drawn(page, server: Server, finished: Path) -> None:
    def lose(z: np.ndarray) -> np.ndarray:
        z[0, 3], z[1, 5, 0], z[1, 7] = np.nan, np.inf, -np.inf
        return z * np.float32(1e20)

    placed(server, finished, "a" * 12, lose)
    says(page, server, "a" * 12, "3 of 128 points are not finite and cannot be drawn")
    until(lambda: "trust" in page.inner_text(NOTE) and data_attribute(page, MATRIX, "points") not in ("", "0"))
    drawn = pixels(page, MAP)
    says(page, server, "a" * 12, "128 个点中有 3 个不是有限数，无法画出", "zh")
    assert drawn and not page.troubles


@pytest.mark.slow
def test_few_points_are_a_pca_and_a_sentence(page, server: Server, finished: Path) -> None:
    placed(server, finished, "b" * 12, lambda z: z[:, :10])
    says(page, server, "b" * 12, "of 9 neighbours")
    until(lambda: "Too few points for UMAP: PCA shown" in page.inner_text(NOTE))
    placed(server, finished, "c" * 12, lambda z: z[:1, :1])
    says(page, server, "c" * 12, "too few points to judge the map")
    assert not page.troubles


@pytest.mark.slow
def test_pictures_that_cannot_be_made_are_said_and_others_made(page, server: Server, finished: Path) -> None:
    for run, damaged in (("d" * 12, slice(None)), ("e" * 12, slice(-1, None))):
        folder = placed(server, finished, run, lambda z: z)
        for step in store.steps(folder, "frames")[damaged]:
            store.frame_path(folder, "frames", step).write_bytes(b"FUS1 half a frame")
    says(page, server, "d" * 12, "The pictures of this run could not be made (")
    says(page, server, "d" * 12, "未能绘制这次训练的图（", "zh")
    page.goto(f"{server.url}/runs?v=1&run={'e' * 12}")  # one that cannot be read costs none of the others
    until(lambda: page.query_selector(NOTE) and "trust" in page.inner_text(NOTE))
    assert not page.troubles


def test_one_finger_on_the_map_scrolls_the_page(chromium, server: Server) -> None:
    """The map fills half a phone's screen; a swipe over it goes on to what stands below."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    try:
        page = context.new_page()
        page.goto(f"{server.url}/?v=1")
        page.wait_for_selector(f"{MAP} .fus-key")
        box = page.locator(f"{MAP} canvas").bounding_box()
        scrolled = "document.querySelector('.stMain').scrollTop"
        before = page.evaluate(scrolled)
        finger = context.new_cdp_session(page)
        x, y = box["x"] + 150, box["y"] + 250
        for kind, up in [("touchStart", 0), *(("touchMove", 20 * i) for i in range(1, 11)), ("touchEnd", None)]:
            points = [] if up is None else [{"x": x, "y": y - up}]
            finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
        until(lambda: page.evaluate(scrolled) > before + 100)
    finally:
        context.close()
