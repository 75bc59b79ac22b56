"""Data set, fusion, objective, seeds, and the parameters that follow from them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import catalog
from core.catalog import compatibility
from core.catalog.parameters import Parameter
from core.config import PLACES, RunConfig
from core.errors import ConfigError
from core.paths import ASSETS
from dashboard import live_views, texts
from dashboard.controls import method_picker
from dashboard.controls.parameters import parameter_widget
from dashboard.controls.unavailable_options import refusals
from dashboard.services import runs_root
from dashboard.state.experiment import Experiment
from dashboard.state.playground import SEEDS, PlaygroundState
from dashboard.state.session import change, current, widget
from dashboard.texts import Markdown, plain, sentence, t


def choose() -> None:
    """All controls of one run."""
    dataset()
    fusion()
    loss, repeats = st.columns([1.25, 1], gap="small", vertical_alignment="bottom")
    with loss:
        objective()
    with repeats:
        seeds()
    settings()


def configs() -> list[RunConfig]:
    """One config per seed; none for an invalid choice."""
    try:
        return _configs()
    except ConfigError:
        return []


def problem() -> Markdown:
    """Why the choice is invalid; "" for a valid one."""
    try:
        _configs()
    except ConfigError as error:
        return sentence(error)
    return Markdown("")


def _configs() -> list[RunConfig]:
    return current(Experiment).configs(current(PlaygroundState).seeds)


def dataset() -> None:
    """Which data."""
    entries = {entry["name"]: entry for entry in catalog.catalog()["datasets"]}
    names, standing = list(entries), current(Experiment).dataset
    chosen = st.selectbox(
        t("choose.dataset"),
        names,
        index=names.index(standing),
        format_func=lambda name: texts.of(entries[name]),
        key=widget("dataset", standing),
        help=texts.of(entries[standing], "idea"),
    )
    if chosen != standing:
        _choose(dataset=chosen)
    _thumbs(entries[chosen])


def _thumbs(entry: catalog.Entry) -> None:
    """A few test samples as the model gets them, where they are shipped or a run has made them."""
    now = current(Experiment)
    data = {p.name: now.settings.get(f"data.{p.name}", p.default) for p in catalog.parameters(entry)}
    content = catalog.sample_hash(entry["name"], entry["content"], data)
    has_samples = any((place / "samples" / content / "index.json").is_file() for place in (ASSETS, runs_root()))
    live_views.show_thumbs("thumbs", content if has_samples else "", entry["name"])


def fusion() -> None:
    """Which method, grouped by where the branches meet."""
    now = current(Experiment)
    data, count = catalog.dataset(now.dataset), len(modalities())
    chosen = method_picker.choose_one(
        "fusion",
        t("choose.fusion"),
        now.fusion,
        lambda name: compatibility.check_count(data, catalog.fusion(name), count),
    )
    if chosen != now.fusion:
        _choose(fusion=chosen)


def modalities() -> tuple[str, ...]:
    """The modalities that the chosen data have with the chosen settings."""
    now = current(Experiment)
    entry = catalog.dataset(now.dataset)
    data = {p.name: now.settings.get(f"data.{p.name}", p.default) for p in catalog.parameters(entry)}
    return catalog.modalities(entry, data)


def modalities_of_fusion() -> list[str]:
    """The modalities that the chosen fusion looks at."""
    now, offered = current(Experiment), modalities()
    own = {name.removeprefix("fusion."): value for name, value in now.settings.items()}
    return list(catalog.fused_modalities(catalog.fusion(now.fusion), own, offered))


def objective() -> None:
    """Which loss; only what fits is offered, and sums of it."""
    now = current(Experiment)
    options = compatibility.choices_for(catalog.dataset(now.dataset), catalog.fusion(now.fusion))
    standing = now.effective_objective()
    if standing not in options:  # a sum from a link
        options = [*options, standing]
    chosen = st.selectbox(
        t("choose.objective"),
        options,
        index=options.index(standing),
        format_func=objective_title,
        key=widget("objective", standing),
        help=_unavailable(),
    )
    if chosen != standing:
        _choose(objective=chosen)


def _unavailable() -> Markdown | None:
    """Which objectives data and fusion cannot have, and why; None where they can have each."""
    data, method = catalog.dataset(current(Experiment).dataset), catalog.fusion(current(Experiment).fusion)
    reasons = refusals(
        catalog.names("objectives"), lambda name: compatibility.check_terms(data, method, catalog.terms(name))
    )
    return t("choose.why", count=len(reasons), reasons=Markdown(" ").join(reasons.values())) if reasons else None


def objective_title(objective: str) -> Markdown:
    """An objective, or a sum of them, in words."""
    return Markdown(" + ").join(texts.of(term) for term in catalog.terms(objective))


def seeds() -> None:
    """How many runs a click trains."""
    chosen = st.segmented_control(
        t("choose.seeds"),
        SEEDS,
        default=current(PlaygroundState).seeds,
        key=widget("seeds", current(PlaygroundState).seeds),
        help=t("choose.seeds.help"),
        required=True,
    )
    if chosen != current(PlaygroundState).seeds:
        change(PlaygroundState, seeds=chosen)
        st.rerun()


def full() -> bool:
    """Whether every parameter is shown."""
    standing = current(PlaygroundState).full
    chosen = st.toggle(t("choose.full"), standing, key=widget("full", standing), help=t("choose.full.help"))
    if chosen != standing:
        change(PlaygroundState, full=chosen)
    return chosen


def settings() -> None:
    """The parameters: Basic shows what the data set and method call basic, Full every one by its dotted name."""
    now = current(Experiment)
    table = now.parameters()
    found = dict(now.settings)
    cells = st.columns(2, gap="small", vertical_alignment="bottom")
    with cells[0]:
        everything = full()
    for title, group in _groups(table, everything):
        with st.expander(plain(title)) if everything else st.container():
            for i, (name, parameter) in enumerate(group.items(), 1):
                with st.container() if everything else cells[i % 2]:
                    value = parameter_widget(name, parameter, found.get(name, parameter.default))
                _note(found, name, parameter, value)
    if found != dict(now.settings):
        _choose(settings=found)


def _groups(table: dict[str, Parameter], full: bool) -> list[tuple[str, dict[str, Parameter]]]:
    if not full:
        return [("", {name: p for name, p in table.items() if p.basic})]
    heads = PLACES
    groups = [(t(f"parameters.{head}"), {n: p for n, p in table.items() if n.startswith(f"{head}.")}) for head in heads]
    groups.append((t("parameters.run"), {n: p for n, p in table.items() if "." not in n}))
    return [(title, group) for title, group in groups if group]


def _note(found: dict[str, Any], name: str, parameter: Parameter, value: Any) -> None:
    """Remember a parameter only where it differs from its default, so that links stay short."""
    if value == parameter.default:
        found.pop(name, None)
    else:
        found[name] = value
    if name in ("epochs", "seconds") and value != parameter.default:
        found.pop("seconds" if name == "epochs" else "epochs", None)


def _choose(**changes: Any) -> None:
    """Take a choice; settings and an objective that no longer fit are let go, and the page runs again."""
    before = current(Experiment)
    after = change(Experiment, **changes)
    if after.dataset != before.dataset or after.fusion != before.fusion:
        after = change(Experiment, objective="", settings=_kept(after, after.dataset == before.dataset))
    elif after.objective != before.objective:
        after = change(Experiment, settings=_kept(after, True))
    st.rerun()


def _kept(now: Experiment, same_data: bool) -> dict[str, Any]:
    """The settings that still mean something; another data set's parameters may share a name and not a meaning."""
    kept: dict[str, Any] = {}
    table = now.parameters(now.settings if same_data else {})
    for name, value in now.settings.items():
        try:
            if name in table and (same_data or not name.startswith("data.")):
                kept[name] = table[name].check(value, name)
        except ConfigError:
            continue
    return kept
