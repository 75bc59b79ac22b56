"""The experiment that a person looks at, and its link. One place reads, checks and writes it, on every page.

A link carries every choice and a version; opened elsewhere it shows the same experiment (and its runs, where they have
been trained: a run is named by its choices). It never starts a training. A value that cannot be gets a sentence, and
the default takes its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import streamlit as st

from core import catalog
from core.catalog import compatibility
from core.compare.comparison import Comparison
from core.config import RunConfig, parameter_table
from core.errors import ConfigError, brief
from core.runs import store
from dashboard import error_messages
from dashboard.texts import LANGUAGES, Markdown, plain, sentence, t

VERSION = "1"
SEEDS = (1, 3, 5)
TRIALS = (3, 5, 10)  # seeds of a comparison
MOST_COMPARED = 6
MOST_NOTICES = 12  # a link may hold thousands of wrong values; so many sentences are enough to see that
SWITCHES = ("full", "control", "new_data")
FIELDS = ("dataset", "fusion", "objective", "run", "fusions", "common", "trials", "control", "new_data")
PREFIX = "set."


@dataclass(frozen=True)
class State:
    """What is chosen. `settings` hold dotted names that differ from their defaults, `seeds` how many are trained."""

    dataset: str = "av_digits"
    fusion: str = "concat"
    objective: str = ""
    seeds: int = 1
    full: bool = False
    run: str = ""  # the run that the page of runs shows
    settings: Mapping[str, Any] = field(default_factory=dict)
    fusions: tuple[str, ...] = ("concat", "tensor", "late_average")  # the page of comparisons: these,
    common: str = ""  # with this objective ("": each its own),
    trials: int = 3  # over so many seeds,
    control: bool = False  # beside the first of them with each modality shuffled
    new_data: bool = False  # each seed on training data of its own

    def comparison(self) -> Comparison:
        """What the page of comparisons compares; ConfigError when it cannot be. Parameters of one method are left out."""
        shared = {n: v for n, v in self.settings.items() if not n.startswith(("fusion.", "objective.", "strategy"))}
        return Comparison.make(
            self.dataset, self.fusions, self.common, self.trials, shared, self.control, self.new_data
        )

    def configs(self) -> list[RunConfig]:
        """One config a seed; ConfigError when the choice cannot be."""
        first = int(self.settings.get("seed", 0))
        return [
            RunConfig.make(self.dataset, self.fusion, self.objective or None, {**self.settings, "seed": first + i})
            for i in range(self.seeds)
        ]


def current() -> State:
    """This session's state; the link's at its first page."""
    if "state" not in st.session_state:
        st.session_state["state"], st.session_state["notices"] = from_link(st.query_params.to_dict())
    return st.session_state["state"]


def language_from_link() -> None:
    """Before any text is written: the language that the link or the person chose."""
    wanted = st.query_params.get("lang", "en")
    if "lang" not in st.session_state:
        st.session_state["lang"] = wanted if wanted in LANGUAGES else "en"


def change(**changes: Any) -> State:
    """Change some fields and the link with them."""
    state = replace(current(), **changes)
    st.session_state["state"] = state
    st.session_state["notices"] = []
    error_messages.forget()
    write_link(state)
    return state


def write_link(state: State) -> None:
    """Put the whole state into the address."""
    wanted = to_link(state, st.session_state["lang"])
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def show_notices() -> None:
    """What was wrong with the link, said until the next choice."""
    with st.container():  # always there: the page below keeps its place
        for notice in st.session_state.get("notices", [])[:MOST_NOTICES]:
            st.warning(plain(notice), icon=":material/link_off:")


def to_link(state: State, lang: str) -> dict[str, str]:
    """All fields as text."""
    plain = {name: str(value) for name, value in asdict(state).items() if name != "settings" and value != ""}
    plain["fusions"] = ",".join(state.fusions)
    plain |= {"v": VERSION, "lang": lang, "full": "1" if state.full else "0", "control": "1" if state.control else "0"}
    plain["new_data"] = "1" if state.new_data else "0"
    return plain | {f"{PREFIX}{name}": str(value) for name, value in sorted(state.settings.items())}


def from_link(query: Mapping[str, str]) -> tuple[State, list[Markdown]]:
    """The state of a link and a sentence for each value that could not be taken."""
    notices: list[Markdown] = []
    if query.get("v", VERSION) != VERSION:
        notices.append(t("link.version", version=brief(query["v"])))
    if query.get("lang", "en") not in LANGUAGES:
        notices.append(t("link.language", value=brief(query["lang"]), choices=", ".join(LANGUAGES)))
    state = State(**{name: query.get(name) == "1" for name in SWITCHES})
    wrong = [name for name in SWITCHES if query.get(name, "0") not in ("0", "1")]
    notices += [sentence(ConfigError("not_choice", label=name, value=query[name], choices="0, 1")) for name in wrong]
    state = _named(state, query, notices)
    state = _compared(state, query, notices)
    state = _seeds(state, query, notices)
    settings = {n.removeprefix(PREFIX): v for n, v in query.items() if n.startswith(PREFIX)}
    state = replace(state, settings=_settings(state, settings, notices))
    unknown = set(query) - {"v", "lang", "full", "seeds", *FIELDS} - {n for n in query if n.startswith(PREFIX)}
    notices += [t("link.unknown", name=brief(name)) for name in sorted(unknown)]
    return state, notices


def _named(state: State, query: Mapping[str, str], notices: list[Markdown]) -> State:
    """Data set, fusion and objective, each taken if it can be, the objective only if it fits."""
    for name, look_up in (
        ("dataset", catalog.dataset),
        ("fusion", catalog.fusion),
        ("objective", catalog.terms),
    ):
        if not query.get(name):
            continue
        try:
            look_up(query[name])
            state = replace(state, **{name: query[name]})
        except ConfigError as error:
            notices.append(sentence(error))
    if query.get("run") and store.is_run_id(query["run"]):
        state = replace(state, run=query["run"])
    elif query.get("run"):
        notices.append(t("error.bad_run_name", name=brief(query["run"])))
    try:
        RunConfig.make(state.dataset, state.fusion, state.objective or None)
    except ConfigError as error:
        if error.key != "batch_too_large":
            notices.append(sentence(error))
            state = replace(state, objective="")
    return state


def _compared(state: State, query: Mapping[str, str], notices: list[Markdown]) -> State:
    """The methods, objective and seeds of the page of comparisons, each taken if it can be."""
    fusions = []
    for name in dict.fromkeys(filter(None, query.get("fusions", ",".join(state.fusions)).split(","))):
        try:
            fusions.append(catalog.fusion(name)["name"])
        except ConfigError as error:
            notices.append(sentence(error))
    state = replace(state, fusions=tuple(fusions[:MOST_COMPARED]))
    if query.get("common"):
        try:
            catalog.terms(query["common"])
            state = replace(state, common=query["common"])
        except ConfigError as error:
            notices.append(sentence(error))
    text = query.get("trials", str(state.trials))
    if text in map(str, TRIALS):
        return replace(state, trials=int(text))
    notices.append(t("link.trials", value=brief(text), choices=", ".join(map(str, TRIALS)), taken=state.trials))
    return state


def _seeds(state: State, query: Mapping[str, str], notices: list[Markdown]) -> State:
    text = query.get("seeds", "1")
    if text in map(str, SEEDS):
        return replace(state, seeds=int(text))
    notices.append(t("link.seeds", value=brief(text), choices=", ".join(map(str, SEEDS))))
    return state


def _settings(state: State, settings: dict[str, str], notices: list[Markdown]) -> dict[str, Any]:
    """The settings that these choices know and can take."""
    kept: dict[str, Any] = {}
    for name, text in settings.items():
        try:
            table = parameter_table(state.dataset, state.fusion, objective_of(state), {**settings, **kept})
            if name not in table:
                raise ConfigError("unknown_setting", name=name, choices=", ".join(table))
            kept[name] = table[name].check(text, name)
        except ConfigError as error:
            notices.append(sentence(error))
            settings = {other: value for other, value in settings.items() if other != name}
    return kept


def objective_of(state: State) -> str:
    """The chosen objective, or what `auto` stands for with this data set and fusion."""
    return state.objective or compatibility.fitting_objective(
        catalog.dataset(state.dataset), catalog.fusion(state.fusion)
    )
