"""Standard output and error that take any text: in another character set, closed, or without a reader.

A letter that the stream's character set lacks is written as \\uXXXX, in pairs beyond the first plane as JSON has it, so that
a line of JSON stays one. Whoever reads only the beginning (`| head`) ends the program quietly.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable

_NAME = "fusionarium"


def prepare() -> None:
    """Call first of all. Closed streams become empty ones, so that no file or socket is opened in their place."""
    _fill_closed()
    codecs.register_error(_NAME, _escaped)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  # lives as long as we do
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_NAME)


def run(main: Callable[[], int]) -> int:
    """`main()` under `prepare`; its exit status, once everything it wrote is written (1 where that cannot be)."""
    prepare()
    try:
        status = main()
        error = _unwritten()
    except OSError:
        error = _unwritten("\n")  # what could not be written is forgotten: only another try tells whose error it was
        if error is None:
            raise
    except KeyboardInterrupt:  # Ctrl-C, also before there is anything to stop
        status, error = 130, _unwritten()
    except SystemExit:
        error = _unwritten()
        if error is None:
            raise
    return status if error is None else _given_up(error)


def _unwritten(more: str = "") -> OSError | None:
    """Why what was printed cannot be written; None when it was."""
    try:
        sys.stdout.write(more)
        sys.stdout.flush()
    except OSError as error:
        return error
    return None


def _given_up(error: OSError) -> int:
    """The exit status when nobody takes what is printed; `| head` has only seen enough."""
    _empty(sys.stdout.fileno())
    if isinstance(error, BrokenPipeError):
        return 0
    print(f"Standard output cannot be written ({error.strerror}).", file=sys.stderr)
    return 1


def try_to(say: Callable[[], None]) -> None:
    """Call what prints. Where nobody takes it the program goes on, and prints nowhere from then on."""
    try:
        say()
        sys.stdout.flush()
    except OSError:
        if _unwritten("\n") is None:
            raise
        _empty(sys.stdout.fileno())


def can_show(text: str) -> bool:
    """Whether standard output has these letters."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)), error.end


def _fill_closed() -> None:
    if os.name == "nt":  # a program without a console has none there
        return
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            _empty(number)


def _empty(number: int) -> None:
    """Let a file number lead nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)
