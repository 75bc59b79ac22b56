"""Text from outside is shown and never read: in every sentence, by every page, in every view."""

from __future__ import annotations

import ast
import re

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import SENTENCES, ConfigError
from dashboard import pages
from dashboard.markdown import MOST, Markdown, clean, fill, plain
from dashboard.texts import catalogue, failure, sentence, t, words
from tests.dashboard.payloads import PAYLOADS, UNSHOWABLE

DASHBOARD = pages.VIEWS.parent
APP = str(DASHBOARD / "app.py")
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")


def rendered(markdown: str) -> str:
    """What a reader of CommonMark sees of text and code spans: code loses its fence and one space at either end."""
    return CODE.sub(lambda m: m[2][1:-1] if m[2][0] == m[2][-1] == " " else m[2], markdown).replace("&#58;", ":")


def outside_code(markdown: str) -> str:
    return CODE.sub("", markdown).replace("&#58;material/", "")


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_payload_is_seen_as_it_is_and_all_of_it_that_could_do_something_is_code(text: str) -> None:
    assert rendered(plain(text)) == text
    assert not re.search(r"[\\`*{}\[\]<>#|~$&^@]|:\S|//|www\.|(^|\s)[-_]", outside_code(plain(text)))


@pytest.mark.parametrize("text", UNSHOWABLE)
def test_what_cannot_be_seen_is_marked(text: str) -> None:
    assert clean(text) == UNSHOWABLE[text] and rendered(plain(text)) == UNSHOWABLE[text]


@pytest.mark.parametrize(
    "text",
    [
        "1.25 MB",
        "-0.5",
        "12:30",
        "don't, (see below).",
        "data.train_size",
        "image + audio",
        "90 %",
        ".814",
        "两种感官：好",
    ],
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert plain(text) == text


def test_a_text_is_as_long_as_it_may_be() -> None:
    assert len(clean("x" * 10_000_000)) == MOST and plain("x" * 400).endswith("…")
    assert len(rendered(plain("*" * 1000))) == MOST
    assert len(t("link.unknown", name="!" * 10_000)) < 2 * MOST


def test_values_are_escaped_and_texts_of_our_own_are_not() -> None:
    assert fill("{a} {a!r} {b} {c:.2f}", {"a": "<b>", "b": Markdown("**b**"), "c": 1}) == "`<b>` `'<b>'` **b** 1.00"
    assert plain(plain("<b>")) == "`<b>`", "once is enough"
    assert Markdown("**a** ") + "*b*" == "**a** `*b*`"
    assert words("link.unknown", name="<b>").count("<b>") == 1, "a cell reads nothing, so nothing is escaped"


@pytest.mark.parametrize("key", SENTENCES)
def test_every_error_escapes_every_value(key: str) -> None:
    places = set(re.findall(r"{(\w+)", SENTENCES[key]))
    sentence_of = sentence(ConfigError(key, **dict.fromkeys(places, PAYLOADS[0])))
    from_status = failure({"error": key, "values": dict.fromkeys(places, PAYLOADS[0])})
    assert isinstance(sentence_of, Markdown) and sentence_of == from_status and "![" not in outside_code(sentence_of)
    assert sentence_of.count("![x]") == len(re.findall(r"{\w", SENTENCES[key]))


@pytest.mark.parametrize(
    "status",
    [
        {"message": PAYLOADS[0]},
        {"message": ["a", {"b": PAYLOADS[0]}]},
        {"error": "disk_full", "values": 3, "message": PAYLOADS[0]},
        {"error": "disk_full", "values": {}, "message": PAYLOADS[0]},
        {"error": ["x"], "message": PAYLOADS[0]},
        {"error": PAYLOADS[0], "values": {"path": 1}, "message": PAYLOADS[0]},
    ],
)
def test_a_status_by_a_foreign_hand(status: dict[str, object]) -> None:
    assert "![" not in outside_code(failure(status)) and "![x]" in failure(status)


FIELDS = ("dataset", "fusion", "objective", "run", "fusions", "common", "trials", "seeds", "v", "lang")


@pytest.mark.parametrize("field", [*FIELDS, "set.batch_size", "set.{payload}", "{payload}"])
def test_a_link_brings_nothing(field: str) -> None:
    """Every field at once for all payloads that a link can carry would be one warning; these are one each."""
    for text in (PAYLOADS[0], PAYLOADS[11], PAYLOADS[7]):
        app = AppTest.from_file(APP, default_timeout=120)
        app.query_params[field.format(payload=text)] = text
        app.run()
        assert not app.exception and app.warning
        for item in app.warning:
            assert text in rendered(item.value) and text not in outside_code(item.value), item.value


# ---- the code itself -------------------------------------------------------------------------------------------------

BODIES = {"markdown", "write", "caption", "error", "warning", "info", "success", "toast", "header", "subheader"}
LABELLED = {
    "button",
    "download_button",
    "link_button",
    "page_link",
    "toggle",
    "checkbox",
    "radio",
    "pills",
    "selectbox",
}
LABELLED |= {"segmented_control", "select_slider", "slider", "number_input", "text_input", "text_area", "multiselect"}
LABELLED |= {
    "expander",
    "popover",
    "dialog",
    "tabs",
    "metric",
    "status",
    "spinner",
    "form_submit_button",
    "file_uploader",
}
KEYWORDS = {"help", "text", "label", "body", "caption"}
MARKDOWN = {"Markdown", "Markdown | None"}
SAFE_CALLS = {"t", "plain", "sentence", "failure", "of", "Markdown"}


class Reader:
    """Tells whether an expression can only be text of ours, or went through `plain`: by the names that make `Markdown`."""

    def __init__(self, tree: ast.Module, makers: set[str]) -> None:
        self.makers = makers
        self.values: dict[str, list[ast.expr]] = {}
        self.typed: set[str] = set()
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                for target in targets:
                    names = target.elts if isinstance(target, ast.Tuple) else [target]
                    pairwise = isinstance(node.value, ast.Tuple) and isinstance(target, ast.Tuple)
                    parts = node.value.elts if pairwise else [node.value] * len(names)
                    for name, value in zip(names, parts, strict=True):
                        if isinstance(name, ast.Name):
                            self.values.setdefault(name.id, []).append(value)
            if isinstance(node, ast.arg) and node.annotation and ast.unparse(node.annotation) in MARKDOWN:
                self.typed.add(node.arg)
            if isinstance(node, ast.For) and isinstance(node.target, ast.Name):
                self.values.setdefault(node.target.id, []).append(node.iter)

    def safe(self, node: ast.expr | None, depth: int = 0) -> bool:
        def deeper(part: ast.expr) -> bool:
            return depth < 9 and self.safe(part, depth + 1)

        match node:
            case None | ast.Constant():
                return True
            case ast.Call(func=ast.Name(id=name)) if name in self.makers:
                return True
            case ast.Call(func=ast.Attribute(attr=name)) if name in self.makers:
                return True
            case ast.Call(func=ast.Attribute(value=part, attr="join"), args=[_]):
                return deeper(part)  # `Markdown.join` escapes what it joins
            case ast.JoinedStr(values=parts):
                return all(deeper(p.value if isinstance(p, ast.FormattedValue) else p) for p in parts)
            case ast.BinOp(left=left, right=right, op=ast.Add()):
                return deeper(left) and deeper(right)
            case ast.IfExp(body=one, orelse=other):
                return deeper(one) and deeper(other)
            case ast.Name(id=name):
                return name in self.typed or (name in self.values and all(map(deeper, self.values[name])))
        return False


def makers() -> set[str]:
    """The functions of the dashboard that say they return `Markdown`; mypy holds them to it."""
    found = set(SAFE_CALLS)
    for path in DASHBOARD.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.returns and ast.unparse(node.returns) in MARKDOWN:
                found.add(node.name)
    return found


def doubtful(tree: ast.Module, known: set[str]) -> list[ast.expr]:
    """What is given to Streamlit as text although it could be anybody's."""
    reader, found = Reader(tree, known), []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in BODIES | LABELLED or name.endswith("Column") or ast.unparse(call.func) == "st.title":
            texts = [*call.args[:1], *(word.value for word in call.keywords if word.arg in KEYWORDS)]
            found += [text for text in texts if not reader.safe(text)]
    return found


def test_no_page_shows_a_text_that_could_be_a_strangers() -> None:
    known = makers()
    for path in (path for path in DASHBOARD.rglob("*.py") if "streamlit" in path.read_text(encoding="utf-8")):
        for text in doubtful(ast.parse(path.read_text(encoding="utf-8")), known):
            shown_text = ast.unparse(text)
            assert (path.name, shown_text) in ALLOWED, (
                f"{path.name}:{text.lineno} shows {shown_text}; take it through t() or plain()"
            )


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("st.error(status['message'])", True),
        ("st.caption(f'{name}')", True),
        ("st.button('x', help=why)", True),
        ("why = row['a']\nst.warning(why)", True),
        ("st.markdown(t('a', b=c) + d)", True),
        ("st.error(t('a', reason=reason))", False),
        ("said = plain(x) if x else t('y')\nst.info(said)", False),
        ("st.markdown(f'**{t(1)}**')", False),
    ],
)
def test_the_reader_catches_what_it_should(line: str, caught: bool) -> None:
    assert bool(doubtful(ast.parse(line), SAFE_CALLS)) == caught


ALLOWED = {("comparison_table.py", "catalogue(language()).get(f'column.{name}.help')")}  # ours, or none


def test_markdown_is_only_made_of_texts_of_ours() -> None:
    """`Markdown(...)` is a promise; it is given at few places, and each is known."""
    found = set()
    for path in DASHBOARD.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Markdown":
                constant = all(isinstance(arg, ast.Constant) for arg in node.args)
                if not constant and path.name != "markdown.py":
                    found.add((path.name, ast.unparse(node.args[0])))
    assert found == PROMISED


PROMISED = {
    ("texts.py", "found"),  # the catalogue of texts
    ("parameters.py", "f'`{name}` · '"),  # a parameter's dotted name, from the engine's catalogue
    ("advice.py", """'\\n'.join((f"| {' | '.join(map(_cell, row))} |" for row in rows))"""),  # each cell is plain
    ("method_cards.py", """f" [{t('paper')}]({card['paper']})" if card['paper'] else ''"""),  # the engine's catalogue
}


def test_nothing_from_people_becomes_html() -> None:
    for path in DASHBOARD.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.keyword) and node.arg == "unsafe_allow_html"), path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "html":
                shown_text = ast.unparse(node.args[0])
                assert shown_text == "ASSETS / 'style.css'", (path, shown_text)


UNSAFE = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|srcdoc|\beval\(|new Function"


def test_the_views_make_no_element_of_a_text() -> None:
    for path in (DASHBOARD / "live" / "static").glob("*.js"):
        source = path.read_text(encoding="utf-8")
        assert not re.search(UNSAFE, source), path.name


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_texts_leave_no_room_beside_a_value_for_markup(lang: str) -> None:
    """A place stands in no code, no address, no emphasis of a text: there `plain` could not know what surrounds it."""
    for key, text in catalogue(lang).items():
        assert not re.search(r"`[^`]*{[^`]*`|\]\([^)]*{|[*_:\[]{|\$[^$]*{", text), key
