"""The advice before anything is trained, in words and behind a button. A worker computes it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core import catalog
from core.compare.advice import PARTS, SENTENCES
from core.config import RunConfig
from core.errors import RunError
from dashboard import error_messages
from dashboard.markdown import fill
from dashboard.services import advice, executor
from dashboard.services.advice import Answer
from dashboard.state.experiment import Experiment
from dashboard.state.session import current
from dashboard.texts import Markdown, catalogue, failure, language, modality, of, plain, sentence, t

NAMES = ("name", "other", "first", "second", "modality")  # the values of a reason that are modalities
HEADS = ("redundant", "unique1", "unique2", "synergy")  # of the parts' columns
SHOWN = 0.005  # bits: less is written as 0.00


def show(config: RunConfig) -> None:
    """The recommended family or the question; behind it the answer, and a button that asks."""
    asking = advice.asking(config)

    @st.fragment(run_every=1.0 if asking else None)
    def panel() -> None:
        with st.popover(headline(config), icon=":material/lightbulb:", key="advice"):
            under_way = advice.asking(config)
            _show_answer(config, under_way)
            again = advice.answer(config) is not None
            wants = t("advice.again" if again else "advice.ask")
            if st.button(wants, key="ask", disabled=under_way, help=t("advice.again.help") if again else None):
                with error_messages.trying():
                    advice.ask(config)
                st.rerun()
        if asking and not under_way:
            st.rerun()

    panel()


def headline(config: RunConfig) -> Markdown:
    """The recommended family, or the question."""
    answer = advice.answer(config)
    if answer is None or "problem" in answer:
        return t("advice.title")
    family, _, name = str(answer["family"] or "none").partition(":")
    if f"advice.family.{family}" not in catalogue(language()):
        return plain(family)
    return t(f"advice.family.{family}", name=_modality(name) if name else "")


def price(config: RunConfig) -> Markdown:
    """What adding logits costs on the pair where it costs most, by estimate and exactly; "" where nobody has asked."""
    answer = advice.answer(config)
    dearest = advice.dearest(answer)
    if answer is None or dearest is None:
        return Markdown("")
    low, high = map(_figure, dearest["null"])
    parts = [t("advice.price", methods=_methods(), bits=_figure(dearest["price"]), low=low, high=high)]
    parts += [t(f"advice.price_exact.{kind}", bits=_figure(each["price"])) for kind, each in advice.accounts(answer)]
    return Markdown(" ").join(parts)


def _show_answer(config: RunConfig, under_way: bool) -> None:
    """The answer with its figures and its record; before that, what can be asked."""
    answer = advice.answer(config)
    if under_way and executor().broken:
        st.error(sentence(RunError("no_worker")))
    elif under_way:
        st.info(t("advice.waiting"), icon=":material/hourglass_top:")
    if answer is None:
        st.markdown(t("advice.intro"))
    elif "problem" in answer:
        st.error(failure(answer["problem"]), icon=":material/error:")
    else:
        st.markdown(f"**{_reason(answer)}**")
        if any(pair["estimate"] for pair in answer["pairs"]):
            st.markdown(_bits(answer))
            st.caption(price(config))
        st.caption(_record())


def _reason(answer: Answer) -> Markdown:
    """Why this family, or why none."""
    key = str(answer["reason"])
    template = catalogue(language()).get(f"advice.{key}", SENTENCES.get(key))
    if template is None:
        return plain(key)
    values = {n: _modality(v) if n in NAMES else v for n, v in answer["values"].items()}
    return fill(template, {"methods": _methods(), **values})


def _bits(answer: Answer) -> Markdown:
    """A table: a row per pair, then what the data themselves know."""
    rows: list[list[str]] = [
        [t("advice.bits"), *(t(f"live.information.{name}") for name in HEADS)],
        [Markdown("---"), *[Markdown("--:")] * len(HEADS)],
    ]
    for pair in answer["pairs"]:
        if pair["estimate"]:
            name = Markdown(" + ").join(_modality(pair[side]) for side in ("first", "second"))
            rows.append([name, *(_figure(pair["estimate"][part]) for part in PARTS)])
    for kind, account in advice.accounts(answer):
        rows.append([t(f"advice.exact.{kind}"), *_figures(account["own"])])
        if max(account["beyond"].values()) >= SHOWN:
            rows.append([t("advice.beyond"), *_figures(account["beyond"])])
    return Markdown("\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows))


def _cell(text: str) -> str:
    """A table ends a cell at a bar, in code too."""
    return plain(text).replace("|", "\\|")


def _methods() -> Markdown:
    """The titles of the methods that the price is about."""
    return t("list.comma").join(of(catalog.fusion(name)) for name in catalog.sums_of_logits())


def _record() -> Markdown:
    record = advice.record()
    if not record or not any(record.values()):
        return t("advice.no_record", methods=_methods())
    answered = record["hits"] + record["misses"]
    return t("advice.record", hits=record["hits"], answered=answered, abstentions=record["abstentions"])


def _figures(account: dict[str, Any]) -> list[str]:
    return [_figure(account[name]) for name in HEADS]


def _figure(bits: float) -> str:
    return f"{round(bits, 2) + 0.0:.2f}"  # a bias taken off may leave -0.00


def _modality(name: str) -> Markdown:
    return modality(name, current(Experiment).dataset)
