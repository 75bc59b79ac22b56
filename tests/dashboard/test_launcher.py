"""`python -m dashboard` says in one sentence why it cannot start, and how it can be reached when it does."""

from __future__ import annotations

import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from dashboard import __main__ as launcher
from dashboard import address, invitation
from tests.dashboard.conftest import start_server


def problem(*argv: str) -> str | None:
    found = launcher.take_port(launcher.parser().parse_args(argv))
    if isinstance(found, str):
        return found
    found.close()
    return None


def test_nothing_is_wrong(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert problem("--port", str(free), "--runs", str(tmp_path)) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_port_in_use(host: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = problem("--host", host, "--port", str(port), "--runs", str(tmp_path))
    assert said and f"--port {port + 1}" in said


@pytest.mark.parametrize(
    ("argv", "word"),
    [
        (["--port", "0"], "65535"),
        (["--port", "70000"], "65535"),
        (["--host", "no.such.host.invalid"], "--host 127.0.0.1"),
        (["--host", "192.0.2.1"], "--host 127.0.0.1"),
        (["--runs", "FILE"], "--runs"),
    ],
)
def test_what_cannot_be_is_one_sentence(argv: list[str], word: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    argv = [str(tmp_path / "file") if text == "FILE" else text for text in argv]
    said = problem(*(argv if "--runs" in argv else [*argv, "--runs", str(tmp_path)]))
    assert said and word in said and "\n" not in said


def test_a_line_that_cannot_be_read_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        launcher.parser().parse_args(["--port", "abc"])
    assert end.value.code == 2 and len(capsys.readouterr().err.splitlines()) == 1


def announce(*argv: str) -> None:
    options = launcher.parser().parse_args(argv)
    invitation.announce(options, address.read(options), *invitation.make(options))


def test_a_class_gets_an_address_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    announce("--host", "0.0.0.0", "--port", "8599")
    said = capsys.readouterr().out
    assert ":8599" in said and "0.0.0.0" not in said and len(said.splitlines()) > 10
    announce("--host", "::1")
    assert "http://[::1]:8501" in capsys.readouterr().out


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_without_a_word(sign: signal.Signals, tmp_path: Path) -> None:
    process, url = start_server(tmp_path / "runs")
    with urllib.request.urlopen(url, timeout=5) as page:
        assert page.status == 200
    process.send_signal(sign)
    assert process.wait(timeout=20) in (0, -sign)
    said = next(tmp_path.glob("server-*.log")).read_text()
    assert said == f"Fusionarium: {url}\n"
