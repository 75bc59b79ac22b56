"""Whatever is printed degrades: in any character set, into closed streams, with nobody left who reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SAID = "中文 × ≤ é 😀"
ALL = f"""
import json, sys
said = {SAID!a}
from core.commands import terminal
from core.__main__ import main
terminal.prepare()
print(json.dumps(dict(label=said), ensure_ascii=False))
print(said, file=sys.stderr)
print(sys.argv[2])
for argv in (["catalog"], ["catalog", "--json"], ["runs", "--runs", sys.argv[1]], ["runs", "--json", "--runs", sys.argv[1]],
             ["train", "--dataset", said], ["show", said, "--runs", sys.argv[1]], ["compare", "--fusions", said, "--dataset", "captions"]):
    assert main(argv) in (0, 2)
from dashboard import address
print(address.code("http://192.168.1.7:8501/"))
"""


def run(*argv: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", **environment}
    return subprocess.run([sys.executable, *argv], cwd=ROOT, env=env, capture_output=True, check=False)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "gbk", "utf-8"])
def test_all_commands_print_in_every_character_set(encoding: str, tmp_path: Path) -> None:
    done = run("-c", ALL, str(tmp_path), "\u4e2d", PYTHONIOENCODING=encoding)
    out, err = done.stdout.decode(encoding), done.stderr.decode(encoding)
    assert done.returncode == 0 and "Traceback" not in err, err[-800:]
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    assert len(lines) == 2 and lines[0]["label"] == SAID, "escaped letters are still JSON"
    assert ("\\u4e2d" in out) == ("\\u4e2d" in err) == (encoding not in ("gbk", "utf-8"))
    code = out.splitlines()[-25:]
    assert any("##" in line for line in code) == (encoding != "utf-8")


@pytest.mark.parametrize(
    ("closed", "argv"), [(">&-", "catalog"), ("2>&-", "train --dataset nope"), (">&- 2>&- <&-", "catalog --json")]
)
def test_closed_streams_are_no_error(closed: str, argv: str) -> None:
    command = f"{sys.executable} -m core {argv} {closed}"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == (2 if "nope" in argv else 0) and not done.stderr


@pytest.mark.parametrize("argv", ["catalog", "catalog --json", "train --help"])
def test_who_reads_the_first_line_alone_gets_it_quietly(argv: str) -> None:
    command = f"set -o pipefail; {sys.executable} -m core {argv} | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0 and done.stdout and not done.stderr


def test_an_interrupt_is_no_traceback() -> None:
    script = (
        "import os, signal; from core.commands import terminal;"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"  # a shell's background jobs ignore it
        "raise SystemExit(terminal.run(lambda: os.kill(os.getpid(), signal.SIGINT)))"
    )
    done = run("-c", script)
    assert done.returncode == 130 and not done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full here")
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m core catalog > /dev/full"], cwd=ROOT, capture_output=True, check=False
    )
    assert (
        done.returncode == 1
        and done.stderr.decode() == "Standard output cannot be written (No space left on device).\n"
    )


@pytest.mark.parametrize("where", ["| head -1", "> /dev/full", ">&- 2>&-"])
def test_a_server_goes_on_where_nobody_reads(where: str) -> None:
    script = "from core.commands import terminal; terminal.prepare(); terminal.try_to(lambda: print('x\\n' * 100_000)); import os; os.write(3, b'on')"
    command = f'{sys.executable} -c "{script}" 3>&2 {where}'
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, check=False)
    assert done.stderr == b"on"


def test_a_code_in_number_signs_is_the_same_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import segno

    from core.commands import terminal
    from dashboard import address

    wanted = [[bool(m) for m in row] for row in segno.make("http://192.168.1.7:8501/").matrix_iter(border=4)]
    monkeypatch.setattr(terminal, "can_show", lambda text: False)
    rows = [
        [line[i : i + 2] == "##" for i in range(0, len(line), 2)]
        for line in address.code("http://192.168.1.7:8501/").split("\n")
    ]
    assert rows == wanted
    monkeypatch.setattr(terminal, "can_show", lambda text: True)
    light = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}
    drawn = [
        line.removeprefix("\033[97;40m").removesuffix("\033[0m")
        for line in address.code("http://192.168.1.7:8501/").split("\n")
    ]
    rows = [[bool(light[sign][half]) for sign in line] for line in drawn for half in (0, 1)][: len(wanted)]
    assert rows == wanted
