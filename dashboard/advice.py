"""What the data say before anything is trained: a worker is asked, its answer is put in words. Figures are the worker's."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import catalog
from core.compare.advice import PARTS, SENTENCES, place, read, record_place
from core.config import RunConfig
from core.errors import RunError
from core.serving.messages import Task
from core.serving.tasks import advice_task
from dashboard import error_messages
from dashboard.markdown import fill
from dashboard.services import executor, runs_root
from dashboard.state.experiment import Experiment
from dashboard.state.session import current
from dashboard.texts import Markdown, catalogue, failure, language, modality, of, plain, sentence, t

NAMES = ("name", "other", "first", "second", "modality")  # the values of a reason that are modalities
HEADS = ("redundant", "unique1", "unique2", "synergy")  # of the parts' columns
SHOWN = 0.005  # bits: less is written as 0.00


def ask(config: RunConfig) -> None:
    """Have a worker ask what this config's data say."""
    with error_messages.trying():
        executor().ask(_question(config))


def asking(config: RunConfig) -> bool:
    """Whether the answer is on its way."""
    return executor().asking(_question(config))


def answered(config: RunConfig) -> bool:
    """Whether there is an answer for these data."""
    return _answer(config) is not None


def headline(config: RunConfig) -> Markdown:
    """The recommended family, or the question."""
    found = _answer(config)
    if found is None or "problem" in found:
        return t("advice.title")
    family, _, name = str(found["family"] or "none").partition(":")
    if f"advice.family.{family}" not in catalogue(language()):
        return plain(family)
    return t(f"advice.family.{family}", name=_modality(name) if name else "")


def show(config: RunConfig, under_way: bool) -> None:
    """The answer with its figures and its record; before that, what can be asked."""
    found = _answer(config)
    if under_way and executor().broken:
        st.error(sentence(RunError("no_worker")))
    elif under_way:
        st.info(t("advice.waiting"), icon=":material/hourglass_top:")
    if found is None:
        st.markdown(t("advice.intro"))
    elif "problem" in found:
        st.error(failure(found["problem"]), icon=":material/error:")
    else:
        st.markdown(f"**{reason(found)}**")
        if any(pair["estimate"] for pair in found["pairs"]):
            st.markdown(_bits(found))
            st.caption(price(config))
        st.caption(_record())


def reason(found: dict[str, Any]) -> Markdown:
    """Why this family, or why none."""
    key = str(found["reason"])
    template = catalogue(language()).get(f"advice.{key}", SENTENCES.get(key))
    if template is None:
        return plain(key)
    values = {n: _modality(v) if n in NAMES else v for n, v in found["values"].items()}
    return fill(template, {"methods": _methods(), **values})


def price(config: RunConfig) -> Markdown:
    """What adding logits costs on the pair where it costs most, by estimate and exactly; "" where nobody has asked."""
    found = _answer(config)
    seen = [pair["estimate"] for pair in (found or {}).get("pairs", []) if pair["estimate"]]
    if found is None or not seen:
        return Markdown("")
    dearest = max(seen, key=lambda estimate: estimate["price"])
    low, high = map(_figure, dearest["null"])
    said = [t("advice.price", methods=_methods(), bits=_figure(dearest["price"]), low=low, high=high)]
    said += [t(f"advice.price_exact.{kind}", bits=_figure(each["price"])) for kind, each in _accounts(found)]
    return Markdown(" ").join(said)


def _question(config: RunConfig) -> Task:
    return advice_task(runs_root(), config.dataset, config.data_settings)


def _answer(config: RunConfig) -> dict[str, Any] | None:
    return read(place(runs_root(), config.dataset, config.data_settings))


def _bits(found: dict[str, Any]) -> Markdown:
    """A table: a row a pair, then what the data themselves know."""
    rows = [
        [t("advice.bits"), *(t(f"live.information.{name}") for name in HEADS)],
        [Markdown("---"), *[Markdown("--:")] * len(HEADS)],
    ]
    for pair in found["pairs"]:
        if pair["estimate"]:
            name = Markdown(" + ").join(_modality(pair[side]) for side in ("first", "second"))
            rows.append([name, *(_figure(pair["estimate"][part]) for part in PARTS)])
    for kind, account in _accounts(found):
        rows.append([t(f"advice.exact.{kind}"), *(_figure(account["own"][name]) for name in HEADS)])
        if max(account["beyond"].values()) >= SHOWN:
            rows.append([t("advice.beyond"), *(_figure(account["beyond"][name]) for name in HEADS)])
    return Markdown("\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows))


def _cell(text: str) -> str:
    """A table ends a cell at a bar, in code too."""
    return plain(text).replace("|", "\\|")


def _accounts(found: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """What the data know of themselves: of complete samples, as the estimate, where that is another account than of all."""
    accounts = found.get("accounts", {})
    kinds = [kind for kind in ("complete", "train") if kind in accounts]
    return [(kind, accounts[kind]) for kind in kinds if kind == "train" or accounts[kind] != accounts["train"]]


def _methods() -> Markdown:
    """The titles of the methods that the price is about."""
    return t("list.comma").join(of(catalog.fusion(name)) for name in catalog.sums_of_logits())


def _record() -> Markdown:
    told = read(record_place(runs_root()))
    if not told or not any(told.values()):
        return t("advice.no_record", methods=_methods())
    answered = told["hits"] + told["misses"]
    return t("advice.record", hits=told["hits"], answered=answered, abstentions=told["abstentions"])


def _figure(bits: float) -> str:
    return f"{round(bits, 2) + 0.0:.2f}"  # a bias taken off may leave -0.00


def _modality(name: str) -> str:
    return modality(name, current(Experiment).dataset)
