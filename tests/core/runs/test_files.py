"""The one reader of run files: what is no plain file of the run, too large or no strict JSON is refused with a sentence."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from core.errors import RunError
from core.runs import store
from core.runs.files import opened, read_file

RUN = "0123456789ab"
posix = pytest.mark.skipif(os.name == "nt", reason="pipes and links as POSIX has them")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = tmp_path / RUN
    (folder / "frames").mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    return folder


def test_a_plain_file_is_read_as_it_is(run: Path) -> None:
    data = os.urandom(100_000)
    (run / "frames" / "000040.bin").write_bytes(data)
    assert read_file(run / "frames" / "000040.bin") == data
    assert read_file(run / "config.json", limit=2) == b"{}"
    (run / "empty").touch()
    assert read_file(run / "empty") == b""


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _link_out(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def _link_loop(path: Path) -> None:
    path.symlink_to(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(4_000_000_000)


ODD = [_pipe, _link_out, _link_loop, _device, Path.mkdir, _sparse]


@posix
@pytest.mark.parametrize("make", ODD, ids=lambda make: make.__name__)
@pytest.mark.parametrize("name", ["status.json", "metrics.jsonl", "frames/000040.bin", "checkpoint.safetensors", "x"])
def test_what_is_no_plain_file_is_refused_at_once(name: str, make, run: Path) -> None:
    make(run / name)
    message: list[str] = []

    def read() -> None:
        with pytest.raises(RunError, match=f"{RUN}.*{Path(name).name}") as caught:
            read_file(run / name)
        message.append(str(caught.value))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    thread.join(2)
    assert len(message) == 1 and "root:" not in message[0]


@posix
def test_a_link_anywhere_in_the_runs_own_path_is_refused(run: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "000000.bin").write_bytes(b"secret")
    (run / "frames").rmdir()
    (run / "frames").symlink_to(elsewhere)
    other = tmp_path / "ba9876543210"
    other.symlink_to(run)
    for path in (run / "frames" / "000000.bin", other / "config.json"):
        with pytest.raises(RunError):
            read_file(path)
    assert store.steps(run, "frames") == [] and store.find_run(tmp_path, other.name) is None
    root = tmp_path / "linked"  # the runs folder itself may be one: it is the owner's own
    root.symlink_to(tmp_path)
    assert read_file(root / RUN / "config.json") == b"{}"


def test_a_file_that_is_too_large_is_not_read(run: Path) -> None:
    (run / "x").write_bytes(bytes(101))
    with pytest.raises(RunError, match="more than"):
        read_file(run / "x", limit=100)


def test_an_error_while_a_file_is_open_is_a_sentence_too(run: Path) -> None:
    with pytest.raises(RunError, match=RUN), opened(run / "config.json"):
        raise OSError(5, "Input/output error")


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_the_right_to_read(run: Path) -> None:
    (run / "config.json").chmod(0)
    with pytest.raises(RunError, match="Permission denied"):
        read_file(run / "config.json")


def test_what_is_no_strict_json_is_a_sentence_that_names_run_and_file(run: Path) -> None:
    path = run / "status.json"
    path.write_text('{"a": NaN}')
    with pytest.raises(RunError, match=f"{RUN}.*status.json: the number NaN"):
        store.read_json(path)


def test_only_names_that_we_write_are_frames(run: Path) -> None:
    for name in (
        "000040.bin",
        "000040 (1).bin",
        "40.bin",
        "000050.bin.tmp",
        "٠٠٠٠٤٠.bin",
        "1234567.bin",
        "0000060.bin",
    ):
        (run / "frames" / name).touch()
    assert store.steps(run, "frames") == [40, 1234567]
