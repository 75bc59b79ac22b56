"""The wheel in an environment that holds it and what it declares, and nothing else: it trains, and its pages open."""

from __future__ import annotations

import email
import json
import os
import socket
import subprocess
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests import image

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the Dockerfile's steps are those of a POSIX shell"),
]

REPO = Path(__file__).resolve().parents[1]
MAPPED = {"assets": "fusionarium/assets", ".streamlit": "fusionarium/.streamlit"}
LEFT_OUT = {"assets/compare.png", "assets/screenshot.png"}  # README's pictures; assets/scripts made the rest
PAGES = ("start", "playground", "compare", "runs")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`env` with the wheel, an empty `home`, and `work`: a folder with another package `core`."""
    root = tmp_path_factory.mktemp("installed")
    (site,) = (image.build(root) / "lib").glob("python*/site-packages")
    known = image.link_declared(requirements(wheel(root)), site)
    assert {"torch", "streamlit", "numpy"} <= known and "plotly" not in known
    (root / "home").mkdir()
    (root / "work/core").mkdir(parents=True)
    (root / "work/core/__init__.py").write_text("raise SystemExit('the wrong core')")
    return root


def wheel(home: Path) -> Path:
    """The wheel that the environment was made of."""
    (built,) = (home / "wheel").glob("*.whl")
    return built


def requirements(wheel: Path) -> list[Requirement]:
    """What the wheel's own metadata ask for."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        message = email.message_from_bytes(archive.read(name))
    return [Requirement(text) for text in message.get_all("Requires-Dist") or ()]


def environment(home: Path) -> dict[str, str]:
    """A user's, who has set nothing of ours."""
    ours = ("FUSIONARIUM_", "PYTHON", "STREAMLIT_", "XDG_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "HOME": str(home / "home")}


def fusionarium(home: Path, *words: str) -> str:
    """What the command prints, from a folder with another `core`."""
    done = subprocess.run(
        [home / "env/bin/fusionarium", *words],
        cwd=home / "work",
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_every_file_of_the_program_is_in_the_wheel(home: Path) -> None:
    with zipfile.ZipFile(wheel(home)) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = set()
    for folder in ("core", "dashboard", "fusionarium", *MAPPED):
        for path in (REPO / folder).rglob("*"):
            name = path.relative_to(REPO).as_posix()
            if path.is_file() and "__pycache__" not in name and name not in LEFT_OUT and "assets/scripts" not in name:
                expected.add(name.replace(folder, MAPPED.get(folder, folder), 1))
    assert inside == expected


def test_doctor_says_where_everything_is(home: Path) -> None:
    lines = {line[6:20].strip(): line for line in fusionarium(home, "doctor").splitlines()}
    assert "installed in" in lines["fusionarium"] and str(home / "env") in lines["fusionarium"]
    assert lines["packages"].startswith("LOOK") and "type fusionarium" in lines["packages"]
    assert str(home / "home") in lines["runs"] and "your data folder" in lines["runs"]
    assert not any("absent" in line for line in lines.values())


def test_it_names_the_command_that_is_installed(home: Path) -> None:
    """`python -m core` is nothing that users of pipx and uvx could type."""
    assert "`fusionarium train --dataset" in fusionarium(home, "runs", "--runs", str(home / "none"))


def test_it_trains_into_the_users_folder(home: Path) -> None:
    words = ("--dataset", "av_digits", "--epochs", "1", "--set", "data.train_size=256")
    made = json.loads(fusionarium(home, "train", *words, "--json").splitlines()[-1])
    listed = [run["run"] for run in json.loads(fusionarium(home, "runs", "--json"))]
    (folder,) = (home / "home").rglob(f"runs/{made['run']}")
    assert listed == [made["run"]] and (folder / "result.json").is_file()


@pytest.fixture(scope="module")
def url(home: Path) -> Iterator[str]:
    """The app, opened by the command."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [home / "env/bin/fusionarium", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(words, cwd=home / "work", env=environment(home))
    address = f"http://127.0.0.1:{port}"
    begun = time.monotonic()
    while True:
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
            break
        except OSError:
            assert process.poll() is None and time.monotonic() - begun < 60, "the app did not open"
            time.sleep(0.1)
    yield address
    process.terminate()
    process.wait(timeout=20)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/", b"<!doctype html>"),
        ("/live/static/0/map.js", b"export"),
        ("/live/samples/{sample}/index.json", b"modalities"),
        ("/live/runs/replay-start/status", b"finished"),
    ],
)
def test_the_app_serves_what_is_shipped(path: str, part: bytes, url: str) -> None:
    sample = next((REPO / "assets/samples").iterdir()).name
    with urllib.request.urlopen(url + path.format(sample=sample), timeout=20) as answer:
        assert answer.status == 200 and part.lower() in answer.read().lower()


def test_its_pages_run_with_its_settings(home: Path) -> None:
    """Streamlit's own test harness runs each page's script inside the environment."""
    script = f"""
import os
from core.paths import LAYOUT
os.chdir(LAYOUT.config)
from streamlit import config
from streamlit.testing.v1 import AppTest
assert config.get_option("client.toolbarMode") == "minimal" and config.get_option("theme.light.primaryColor")
app = AppTest.from_file(LAYOUT.packages / "dashboard" / "app.py", default_timeout=60).run()
from dashboard import texts
assert "python -m" not in "".join([*texts.catalogue("en").values(), *texts.catalogue("zh").values()])
for page in {PAGES[1:]!r}:
    assert not app.exception, app.exception
    app = app.switch_page(f"views/{{page}}.py").run()
assert not app.exception, app.exception
"""
    python = [home / "env/bin/python", "-P", "-W", "ignore", "-c", script]
    done = subprocess.run(python, cwd=home / "work", env=environment(home), capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
