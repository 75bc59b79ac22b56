"""`python -m dashboard` says in one sentence why it cannot start, and how it can be reached when it does."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import urllib.request
from pathlib import Path

import pytest

from dashboard import __main__ as launcher
from dashboard import address, invitation
from tests.dashboard.conftest import ROOT, start_server


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
        output = problem("--host", host, "--port", str(port), "--runs", str(tmp_path))
    assert output and f"--port {port + 1}" in output


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
    output = problem(*(argv if "--runs" in argv else [*argv, "--runs", str(tmp_path)]))
    assert output and word in output and "\n" not in output


def test_a_line_that_cannot_be_read_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        launcher.parser().parse_args(["--port", "abc"])
    assert end.value.code == 2 and len(capsys.readouterr().err.splitlines()) == 1


def announce(*argv: str) -> None:
    options = launcher.parser().parse_args(argv)
    invitation.announce(options, address.read(options), *invitation.make(options))


def test_a_class_gets_an_address_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    announce("--host", "0.0.0.0", "--port", "8599")
    output = capsys.readouterr().out
    assert ":8599" in output and "0.0.0.0" not in output and len(output.splitlines()) > 10
    announce("--host", "::1")
    assert "http://[::1]:8501" in capsys.readouterr().out


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_without_a_word(sign: signal.Signals, tmp_path: Path) -> None:
    process, url = start_server(tmp_path / "runs")
    with urllib.request.urlopen(url, timeout=5) as page:
        assert page.status == 200
    process.send_signal(sign)
    assert process.wait(timeout=20) in (0, -sign)
    output = next(tmp_path.glob("server-*.log")).read_text()
    assert output == f"Fusionarium: {url}\n"


def test_what_the_documents_say_to_type_can_be_typed() -> None:
    text = (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    lines = re.findall(r"^python -m dashboard (.*)$", text, re.MULTILINE)
    assert len(lines) >= 6
    for line in lines:
        address.read(launcher.parser().parse_args(shlex.split(line)))


@pytest.mark.parametrize(
    ("text", "path", "public"),
    [
        ("/user/a/proxy/8501", "/user/a/proxy/8501", ""),
        ("user/a/", "/user/a", ""),
        ("/user/a%40b/", "/user/a@b", ""),
        ("", "", ""),
        ("/", "", ""),
        ("https://class.example.org/fusion/", "/fusion", "https://class.example.org"),
        ("HTTP://[::1]:8501", "", "http://[::1]:8501"),
        ("https://bücher.example", "", "https://xn--bcher-kva.example"),
    ],
)
def test_a_base_url_is_a_path_or_a_whole_address(text: str, path: str, public: str) -> None:
    options = launcher.parser().parse_args(["--base-url", text])
    assert address.read(options) == address.Address(path, public)


@pytest.mark.parametrize(
    "argv",
    [
        *(
            ["--base-url", text]
            for text in (
                "/a b",
                "/a/../b",
                "//x",
                "/a?b",
                "/a#b",
                "ftp://x/",
                "https://",
                "http://[::1",
                "/%2e%2e/",
            )
        ),
        *(["--allow-host", text] for text in ("", "a b", "http://", "x:0")),
        *(["--trust-proxy", text] for text in ("proxy.example", "10.0.0.0/99", "1.2.3.4,")),
    ],
    ids=str,
)
def test_an_address_that_cannot_be_is_one_sentence(argv: list[str], tmp_path: Path) -> None:
    output = problem(*argv, "--runs", str(tmp_path))
    assert output and argv[0] in output and len(output.splitlines()) == 1


def test_the_prefix_that_streamlit_is_told_is_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert address.configured(tmp_path) == ""
    (tmp_path / ".streamlit").mkdir()
    file = tmp_path / ".streamlit" / "config.toml"
    for text in ("[server", "server = 1", "[server]\nbaseUrlPath = 1", "\xff"):
        file.write_bytes(text.encode("latin-1"))
        assert address.configured(tmp_path) == ""
    file.write_text('[server]\nbaseUrlPath = "hub/a"\n')
    assert address.configured(tmp_path) == "hub/a"
    monkeypatch.setenv(address.VARIABLE, "/from/environment")
    assert address.read(launcher.parser().parse_args([])).path == "/from/environment"


def test_a_home_that_says_otherwise_opens_no_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody's own Streamlit file: a prefix is taken over, what would let strangers in is not."""
    from websockets.exceptions import InvalidStatus
    from websockets.sync.client import connect

    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(
        '[server]\nbaseUrlPath = "hub/a"\nenableCORS = false\nenableXsrfProtection = false\nenableAgentApi = true\n'
        'allowedHosts = ["elsewhere.example"]\ncorsAllowedOrigins = ["http://evil.example"]\n[global]\ndevelopmentMode = true\n'
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    process, url = start_server(tmp_path / "runs")
    try:
        for prefix in ("", "/hub/a"):
            for path in ("/", "/playground", "/_stcore/health", "/live/runs/replay-start/config"):
                with urllib.request.urlopen(f"{url}{prefix}{path}", timeout=5) as answer:
                    assert answer.status == 200 and "Access-Control-Allow-Origin" not in answer.headers
            stream = f"{url.replace('http', 'ws')}{prefix}/_stcore/stream"
            with connect(stream, origin=url, subprotocols=["streamlit"]):
                pass
            for foreign in ("http://127.0.0.1:9", "http://localhost", "http://evil.example", "null"):
                with pytest.raises(InvalidStatus) as refused, connect(stream, origin=foreign):
                    pass
                assert refused.value.response.status_code == 403
        assert next(tmp_path.glob("server-*.log")).read_text() == f"Fusionarium: {url}/hub/a/\n"
        for lines in ("GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n", "what\r\n"):
            with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1]))) as line:
                line.sendall(f"{lines}\r\n".encode())
                output = line.makefile("rb").read().decode()
            assert output.startswith("HTTP/1.1 400") and "content-security-policy: default-src 'self'" in output
    finally:
        process.terminate()
        process.wait(timeout=20)
