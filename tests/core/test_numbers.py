"""Numbers that come as text: whatever stands there is a sentence, never a traceback."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core import catalog
from core.__main__ import main as command_line
from core.__main__ import parser
from core.catalog.parameters import Parameter
from core.commands.arguments import whole
from core.config import parameter_table
from core.errors import ConfigError, brief
from dashboard import pages
from dashboard.__main__ import parser as launcher
from dashboard.__main__ import take_port
from dashboard.state.compare import CompareState
from dashboard.state.experiment import Experiment
from dashboard.state.fields import link_fields
from dashboard.state.link import from_link

LONG = "9" * 5000  # Python itself refuses to read so many digits
NO_NUMBERS = [
    LONG,
    f"-{LONG}",
    f"0.{LONG}",
    "1e999",
    "-1e999",
    "nan",
    "inf",
    "0x10",
    "\u0663",
    "\uff13",
    "\u00b2",
    "1_0",
    "",
    " ",
    "+",
    "1e",
    "--1",
    "1,5",
]
LOW, FAR = "-1", "99999999999"


def numeric() -> Iterator[tuple[str, Parameter]]:
    """Every parameter that is a number, of every data set, fusion, objective and strategy."""
    parameters_by_name = {}
    for dataset in catalog.names("datasets"):
        for fusion in catalog.names("fusions"):
            parameters_by_name |= parameter_table(dataset, fusion, "classification")
        for objective in catalog.names("objectives"):
            parameters_by_name |= parameter_table(dataset, "concat", objective)
        for strategy in catalog.names("strategies"):
            parameters_by_name |= parameter_table(dataset, "concat", "classification", {"strategy": strategy})
    yield from (
        (name, parameter)
        for name, parameter in sorted(parameters_by_name.items())
        if parameter.kind in ("int", "float")
    )


def test_no_parameter_takes_what_is_no_number() -> None:
    for name, parameter in numeric():
        for text in [*NO_NUMBERS, 10**5000, -(10**400), float("nan"), float("inf"), None, [], True, object()]:
            with pytest.raises(ConfigError) as refused:
                parameter.check(text, name)
            assert name in str(refused.value) and len(str(refused.value)) < 500, (name, brief(text))


@pytest.mark.parametrize(
    ("text", "number"),
    [("7", 7), (" 7 ", 7), ("+7", 7), ("7.0", 7), ("7e0", 7), ("0007", 7), (7, 7), (7.0, 7), ("1e1", 10)],
)
def test_a_number_is_taken_as_people_write_it(text: object, number: int) -> None:
    assert Parameter("n", "int", 1, 0, 100).check(text) == number
    assert Parameter("n", "float", 1.0, 0, 100).check(text) == float(number)


def test_a_large_whole_number_keeps_every_digit() -> None:
    for given in (2**53 + 1, str(2**53 + 1)):
        assert Parameter("n", "int", 1, 0, 2**60).check(given) == 2**53 + 1


@pytest.mark.parametrize("text", [*NO_NUMBERS, "0", "101", "1.0"])
def test_a_count_is_a_whole_number_in_its_range(text: str) -> None:
    with pytest.raises(ConfigError, match=r"seeds is .* but it takes a whole number from 1 to 100") as refused:
        whole(text, "seeds", 1, 100)
    assert len(str(refused.value)) < 250
    assert whole("42", "seeds", 1, 100) == 42


def options() -> list[tuple[str, str]]:
    """Every option of every command that takes a value, but for those that name a folder."""
    found = []
    commands = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices
    for name, command in commands.items():
        for action in command._actions:
            if action.nargs != 0 and action.type is not Path and action.option_strings:
                found.append((name, action.option_strings[0]))
    return found


DATA = {"--dataset": "interactions"}
NEEDED = {"train": DATA, "advise": DATA, "compare": {**DATA, "--fusions": "concat,tensor"}}


@pytest.mark.parametrize(("command", "option"), options())
def test_no_option_of_a_command_ends_in_a_traceback(
    command: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    needed = [f"{name}={value}" for name, value in NEEDED.get(command, {}).items() if name != option]
    place = [] if command in ("advise", "catalog") else [f"--runs={tmp_path}"]
    for text in [*NO_NUMBERS, LOW, FAR, f"batch_size={LONG}", "seed=\u0663", "=", "x" * 300]:
        if option == "--objective" and not text:  # none is named: the one that fits
            continue
        try:
            status = command_line([command, *needed, f"{option}={text}", *place])
        except SystemExit as end:
            status = int(end.code or 0)
        message = capsys.readouterr().err
        assert status == 2 and len(message.splitlines()) == 1 and len(message) < 3000, (text[:300], message[:300])


@pytest.mark.parametrize("text", [*NO_NUMBERS, LOW, FAR, "0", "65536"])
def test_the_launcher_and_the_doctor_take_a_port_or_say_a_sentence(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        message = take_port(launcher().parse_args([f"--port={text}", "--runs", str(tmp_path)]))
    except SystemExit as end:
        assert end.code == 2
        message = capsys.readouterr().err
    assert isinstance(message, str) and "port" in message and len(message.splitlines()) == 1 and len(message) < 400
    with pytest.raises(SystemExit) as refused:
        command_line(["doctor", f"--port={text}", "--runs", str(tmp_path)])
    assert refused.value.code == 2 and len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("text", [*NO_NUMBERS, LOW, FAR, "x" * 300])
def test_no_field_of_a_link_ends_in_a_traceback(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.texts.language", lambda: "en")
    kinds = pages.kinds()
    names = [name for kind in kinds for name, (spec, _) in link_fields(kind).items() if not spec.prefix]
    for field in [*names, "v", "lang"]:
        found, notices = from_link({field: text}, kinds)
        found[CompareState] = replace(found[CompareState], fusions=CompareState().fusions)
        assert found == {kind: kind() for kind in kinds} and all(len(str(notice)) < 1500 for notice in notices)
        assert notices or not text.strip(), field
    for name in parameter_table("av_digits", "tensor", "classification+infonce"):
        found, notices = from_link({f"set.{name}": text, "fusion": "tensor"}, kinds)
        assert notices or found[Experiment].settings[name] is not None
