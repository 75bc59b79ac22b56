"""Who may do what with whose run: on the server, whatever a browser sends."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.compare.comparison import Comparison
from core.errors import RunError
from core.runs import Runs, run_id, store
from dashboard import ownership, pages, permissions, services
from dashboard.panels import share
from dashboard.texts import catalogue
from dashboard.tokens import Access, Door, Tokens, Visitor
from tests.conftest import SMALL, small_config

DASHBOARD = pages.VIEWS.parent
APP = str(DASHBOARD / "app.py")
TEACHER, ANA, BEN = Visitor("teacher", owner=True), Visitor("ana"), Visitor("ben")


class Class:
    """A server that others reach, and whoever is at it just now."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.root, self._patch = root, monkeypatch
        self.be(TEACHER)

    def be(self, visitor: Visitor) -> None:
        self._patch.setattr(permissions, "person", lambda: visitor)

    def made(self, visitor: Visitor, seed: int, status: str = "finished") -> str:
        """A run that this one asked for; nobody trains it, so how it stands is written."""
        self.be(visitor)
        (run,) = permissions.submit([small_config(seed=seed)])
        self.stands(run, status)
        return run

    def stands(self, run: str, status: str) -> None:
        path = self.root / run / "status.json"
        store.write_json(path, {**store.read_table(path), "status": status})


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Class]:
    monkeypatch.setattr(services._services, "root", tmp_path)
    monkeypatch.setattr("core.serving.executor.Executor.start", lambda self: None)
    monkeypatch.setattr(
        permissions._state, "access", Access(Door.GUARDED, Tokens("guest-tok", "owner-tok", "secret-of-ours"))
    )
    monkeypatch.setattr(permissions._state, "address", "http://192.168.1.7:8501")
    yield Class(monkeypatch, tmp_path)


def refused(action, *args: object) -> str:
    with pytest.raises(RunError) as error:
        action(*args)
    return error.value.key


def test_a_visitor_handles_their_own_runs_and_no_others(school: Class) -> None:
    run = school.made(ANA, 1)
    permissions.label(run, name="mine", star=True)
    school.be(BEN)
    assert refused(permissions.delete, run) == refused(permissions.stop, run) == "not_your_run"
    assert refused(lambda: permissions.label(run, name="his")) == "not_your_run"
    assert Runs(school.root).label(run)["name"] == "mine"
    school.be(ANA)
    assert permissions.delete(run) and not (school.root / run).exists()


def test_the_owner_may_do_everything_and_alone_empties_the_folder(school: Class) -> None:
    runs = [school.made(ANA, 1), school.made(BEN, 2)]
    school.be(ANA)
    assert refused(permissions.reset, runs[1]) == refused(permissions.make_room, set()) == "owner_only"
    assert refused(permissions.reset, runs[0]) == "owner_only", "their own by delete"
    school.be(TEACHER)
    permissions.label(runs[0], star=True)
    assert permissions.delete(runs[0])
    permissions.reset(runs[1])
    assert not any((school.root / run).exists() for run in runs)


def test_a_run_of_several_is_deleted_by_the_last_or_by_the_owner(school: Class) -> None:
    run = school.made(ANA, 1, "queued")
    school.made(BEN, 1, "finished")
    assert permissions.shared(run)
    school.be(ANA)
    assert not permissions.delete(run) and (school.root / run).exists()
    assert refused(permissions.delete, run) == "not_your_run", "she let it go"
    school.be(BEN)
    assert permissions.delete(run) and not (school.root / run).exists()
    run = school.made(ANA, 3, "queued")
    school.made(BEN, 3)
    school.be(TEACHER)
    assert not permissions.shared(run) and permissions.delete(run)


def test_whoever_asks_for_a_finished_run_gets_a_look_and_not_the_run(school: Class) -> None:
    run = school.made(ANA, 1)
    school.made(BEN, 1)
    assert refused(permissions.delete, run) == "not_your_run"


@pytest.mark.parametrize("status", ["finished", "stopped", "queued", "failed"])
def test_what_belongs_to_nobody_is_the_owners(status: str, school: Class) -> None:
    folder, _ = Runs(school.root).open(small_config(seed=1))  # by the command line
    school.stands(folder.name, status)
    school.made(ANA, 1)
    assert refused(permissions.delete, folder.name) == "not_your_run"
    school.be(TEACHER)
    assert permissions.delete(folder.name)


def test_a_failed_run_that_is_made_anew_keeps_its_makers(school: Class) -> None:
    run = school.made(ANA, 1, "failed")
    school.made(BEN, 1)
    assert len(ownership.makers(school.root, run)) == 2


def test_a_comparison_belongs_to_whoever_asked(school: Class) -> None:
    comparison = Comparison.make("interactions", ["concat", "sum"], "", 3, {**SMALL})
    school.be(ANA)
    permissions.compare(comparison)
    assert all(permissions.change_refused(run) is None for run in comparison.runs)
    school.be(BEN)
    assert all(permissions.change_refused(run) for run in comparison.runs)


def test_a_run_holds_no_name(school: Class) -> None:
    run = school.made(ANA, 1)
    text = (school.root / run / ownership.FILE).read_text()
    assert "ana" not in text and permissions.access().mark("ana") in text
    assert Access(Door.GUARDED).mark("ana") not in text, "another server cannot tell who it was"


@pytest.mark.parametrize("text", ["", "[]", '{"makers": 3}', '{"makers": [1, null, "x"]}', '{"makers": {"a": 1}}'])
def test_a_damaged_list_of_makers_is_nobodys(text: str, school: Class) -> None:
    run = school.made(ANA, 1)
    ownership.forget(school.root, run)
    (school.root / run / ownership.FILE).write_text(text)
    assert refused(permissions.delete, run) == "not_your_run"
    school.be(TEACHER)
    assert permissions.delete(run)


def test_three_requests_each_and_thirty_in_all(school: Class) -> None:
    school.be(ANA)
    for seed in range(3):
        permissions.submit([small_config(seed=seed)])
    assert refused(permissions.submit, [small_config(seed=9)]) == "too_many_requests"
    assert refused(permissions.compare, Comparison.make("interactions", ["concat", "sum"])) == "too_many_requests"
    assert run_id(small_config(seed=9)) not in {path.name for path in school.root.iterdir()}
    for pupil in range(9):
        school.be(Visitor(f"pupil {pupil}"))
        permissions.compare(Comparison.make("interactions", ["concat", "sum"], "", 3, {**SMALL, "seed": 100 * pupil}))
        for seed in range(2):
            permissions.submit([small_config(seed=1000 + 10 * pupil + seed)])
    school.be(BEN)
    assert refused(permissions.submit, [small_config(seed=5)]) == "queue_full"
    permissions.submit([small_config(seed=0)])  # what waits already is no burden
    school.be(TEACHER)
    permissions.submit([small_config(seed=5)])
    permissions.stop(run_id(small_config(seed=0)))
    assert services.executor().place(run_id(small_config(seed=0))) is None, "for everybody"


def test_one_of_two_who_stops_leaves_it_to_the_other(school: Class) -> None:
    run = run_id(small_config(seed=0))
    for visitor in (ANA, BEN):
        school.be(visitor)
        permissions.submit([small_config(seed=0)])
    permissions.stop(run)
    assert services.executor().place(run) is not None
    school.be(ANA)
    permissions.stop(run)
    assert services.executor().place(run) is None


def test_on_this_machine_alone_whoever_comes_is_the_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services._services, "root", tmp_path)
    monkeypatch.setattr("core.serving.executor.Executor.start", lambda self: None)
    assert permissions.access().door is Door.LOCAL and permissions.person().owner
    (run,) = permissions.submit([small_config(seed=1)])
    assert not (tmp_path / run / ownership.FILE).exists() and permissions.change_refused(run) is None


# ---- pages -----------------------------------------------------------------------------------------------------------


def page(name: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run().switch_page(f"views/{name}.py").run()
    assert not app.exception, app.exception[0].stack_trace
    return app


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_may_not_be_done_is_grey_and_says_why(lang: str, school: Class, finished: Path) -> None:
    shutil.copytree(finished, school.root / finished.name)
    known = catalogue(lang)
    why = known["error.not_your_run"].format(name=finished.name) if lang == "zh" else "somebody else's"
    for visitor, free in ((ANA, False), (TEACHER, True)):
        school.be(visitor)
        app = page("runs", run=finished.name, lang=lang)
        assert app.button(key="delete").disabled is not free and app.button(key="reset").disabled is not free
        assert app.text_input(key=f"name {finished.name}").disabled is not free
        assert app.toggle(key=f"star {finished.name}").disabled is not free
        assert free or why in app.button(key="delete").help
    assert not app.button(key="delete").help


def forced(widget):
    """As a browser that does not care what is grey."""
    widget.proto.disabled = False
    return widget


def test_a_disabled_button_that_is_pressed_does_nothing(school: Class, finished: Path) -> None:
    """A browser may send what it likes."""
    shutil.copytree(finished, school.root / finished.name)
    school.be(ANA)
    app = page("runs", run=finished.name)
    forced(app.text_input(key=f"name {finished.name}")).set_value("hers").run()
    assert not app.exception and not Runs(school.root).label(finished.name)
    app = page("runs", run=finished.name)
    forced(app.button(key="delete")).click().run()
    for button in [item for item in app.button if item.key == "delete_yes"]:  # Streamlit does not open it either
        button.click().run()
    assert (school.root / finished.name).is_dir()
    app = page("runs")
    forced(app.button(key="reset")).click().run()
    for button in [item for item in app.button if item.key == "reset_yes"]:
        button.click().run()
    assert (school.root / finished.name).is_dir() and not app.exception


def test_the_fourth_request_gets_the_sentence(school: Class) -> None:
    school.be(ANA)
    for seed in range(3):
        permissions.submit([small_config(seed=seed)])
    app = page("playground", dataset="interactions")
    app.button(key="train").click().run()
    assert any("3 of your requests wait" in item.value for item in app.error)


def test_share_never_holds_the_owners_token(school: Class) -> None:
    for visitor in (TEACHER, ANA):
        school.be(visitor)
        (link,) = [item.value for item in page("playground", fusion="tensor").code if "http" in item.value]
        assert (
            link.startswith("http://192.168.1.7:8501/") and "fusion=tensor" in link and link.endswith("token=guest-tok")
        )
        assert "owner-tok" not in link


@pytest.mark.parametrize(
    ("browser_address", "given"),
    [
        ("http://127.0.0.1:8501/playground?a=1", "http://192.168.1.7:8501/playground"),
        ("http://localhost:8501/", "http://192.168.1.7:8501/"),
        ("", "http://192.168.1.7:8501/"),
        ("https://class.example.org/fusion/playground", "https://class.example.org/fusion/playground"),
        ("http://192.168.1.9:8501/runs", "http://192.168.1.9:8501/runs"),
    ],
)
def test_the_shared_address_works_elsewhere(browser_address: str, given: str) -> None:
    assert share._page(browser_address, "http://192.168.1.7:8501") == given


ACTIONS = {"submit", "submit_all", "compare", "stop", "delete", "make_room", "set_label", "update_label", "open"}


def test_no_page_acts_past_the_permissions() -> None:
    """Whoever reads the code finds each action once: in permissions.py."""
    for path in DASHBOARD.rglob("*.py"):
        if path.name == "permissions.py" or "server" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ACTIONS:
                on = ast.unparse(node.value)
                assert not re.search(r"executor\(\)|\bruns\b|Runs\(", on), (
                    f"{path.name}:{node.lineno}: {on}.{node.attr}"
                )
