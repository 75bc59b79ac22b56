"""What the server sends, held against golden samples that the browser's side is held against as well (tests/js).

The samples are a real run's. A new entry in a message fails here: write the samples anew with `python -m
tests.dashboard.test_messages`, and name it in dashboard/live/static/messages.js, or tests/js fails.
"""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any, NotRequired, get_args, get_origin, get_type_hints
from unittest.mock import patch

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import RunError, described
from core.paths import ASSETS
from core.runs import store
from core.runs.frames import decode, encode
from core.runs.types import Diagnostics, PictureHeader, QueuePlace, RecordHead, Result, Status, ViewSet
from core.schema import conforms
from dashboard.server import messages, routes, socket

STATIC = Path(__file__).resolve().parents[2] / "dashboard" / "live" / "static"
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "messages.json"
SHOWN, FAILED, UNREAD, WAITING, ABSENT = (letter * 12 for letter in "abcde")
FAILURE = {
    "status": "failed",
    "message": "no.",
    "seconds_left": None,
    "error": "not_finite",
    "values": {"term": "loss"},
}
Message = dict[str, Any]


def test_the_messages_look_like_the_golden_ones(finished: Path, tmp_path: Path) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert shape(samples(finished, tmp_path)) == shape(golden)


def test_every_kind_of_message_has_a_sample() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    kinds = {message["type"] for message in golden["messages"]}
    assert kinds == {"run", "status", "records", "frames", "result", "pictures", "trouble", "gone", "alive"}
    assert {m["status"] for m in golden["messages"] if m["type"] == "status"} == {"queued", "finished", "failed"}


def test_the_samples_are_of_the_types_that_are_written_down() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    for message in golden["messages"]:
        fitting = [kind for kind in get_args(messages.Message) if conforms(message, kind)]
        assert [kind.__name__ for kind in fitting] == [f"{message['type'].title()}Message"], message
        assert set(message) <= set(get_type_hints(fitting[0])), "an entry that no type names"
    assert conforms(golden["header"], PictureHeader) and set(golden["header"]) <= set(get_type_hints(PictureHeader))


@pytest.mark.parametrize(
    ("name", "written"),
    {
        "RunStatus": Status,
        "ViewSet": ViewSet,
        "RecordHead": RecordHead,
        "RunResult": Result,
        "Diagnostics": Diagnostics,
        "FrameHeader": PictureHeader,
    }.items(),
)
def test_the_browsers_types_name_what_the_writers_do(name: str, written: type) -> None:
    """And leave out no more than was not there in run folders of before."""
    text = (STATIC / "messages.js").read_text(encoding="utf-8")
    (block,) = re.findall(rf"@typedef {{object}} {name}\n((?: \* @property .*\n)+)", text)
    named = re.findall(r"@property \{.*\} (\[?\w+\]?)(?: .*)?\n", block)
    fields = get_type_hints(written, include_extras=True)
    assert {entry.strip("[]") for entry in named} == fields.keys()
    required = {field for field, kind in fields.items() if get_origin(kind) is not NotRequired}
    assert {entry for entry in named if not entry.startswith("[")} <= required


def samples(finished: Path, place: Path) -> Message:
    """Messages of a finished run, of one that failed and has no pictures, of one that waits, of one that cannot be read and
    of none; a frame's header."""
    shown, failed, _ = (shutil.copytree(finished, place / run) for run in (SHOWN, FAILED, UNREAD))
    _projected(shown)
    store.write_json(failed / "status.json", store.read_status(failed) | FAILURE)
    with _served(place) as client, patch.object(socket, "KEEPALIVE", 0.3):
        messages, header = _received(client, SHOWN, "alive")
        messages += [m for m in _received(client, FAILED, "pictures")[0] if m["type"] in ("status", "pictures")]
        messages += [m for m in _received(client, UNREAD, "trouble")[0] if m["type"] == "trouble"]
        messages += _received(client, WAITING, "status")[0] + _received(client, ABSENT, "gone")[0]
    return {"header": header, "messages": messages}


def _served(root: Path) -> TestClient:
    def problem(run: str) -> Message | None:
        if run == UNREAD:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return described(RunError("no_picture", name=run, reason="b")) if run == FAILED else None

    def place(run: str) -> QueuePlace | None:
        return QueuePlace(position=2, seconds=12.5) if run == WAITING else None

    return TestClient(Starlette(routes=routes(root, ASSETS, place, problem)))


def _received(client: TestClient, run: str, last: str) -> tuple[list[Message], Message]:
    """Text messages until the first of kind `last`, and the header of the frame, if one came."""
    messages: list[Message] = []
    header: Message = {}
    with client.websocket_connect(f"/live/socket?run={run}") as connection:
        while not messages or messages[-1]["type"] != last:
            message = connection.receive()
            if message.get("text"):
                messages.append(json.loads(message["text"]))
            elif message.get("bytes"):
                header = decode(message["bytes"])[0]
    return messages, header


def _projected(folder: Path) -> None:
    """The newest snapshot as a frame, by PCA alone."""
    from core.projection.picture import FrameProjector

    step = store.steps(folder, "frames")[-1]
    header, blocks = decode(store.frame_path(folder, "frames", step).read_bytes())
    projector = FrameProjector(store.read_json(folder / "probe.json")["matrix"], False, "warming")
    store.write_atomic(store.frame_path(folder, "projection", step), encode(*projector.project(header, blocks)))


def shape(value: Any) -> Any:
    """Keys and types, all the way down; a list by what its entries are, text of JSON lines as that."""
    if isinstance(value, dict):
        if value.get("type") == "records":
            return {"type": "records", "lines": shape([json.loads(line) for line in value["text"].splitlines()])}
        return {key: value[key] if key == "type" else shape(entry) for key, entry in sorted(value.items())}
    if isinstance(value, list):
        kinds = [shape(entry) for entry in value]
        return [kind for i, kind in enumerate(kinds) if kind not in kinds[:i]]
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _write() -> None:
    from core.runs import Runs
    from core.training.recorder import record
    from tests.conftest import small_config

    with tempfile.TemporaryDirectory() as place:
        folder, _ = Runs(Path(place) / "made").open(small_config(objective="classification+infonce"))
        list(record(folder))
        text = json.dumps(samples(folder, Path(place)), indent=1, ensure_ascii=False)
    GOLDEN.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    _write()
