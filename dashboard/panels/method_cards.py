"""The cards of the chosen methods: formula, idea, paper."""

from __future__ import annotations

import streamlit as st

from core import catalog
from core.config import RunConfig
from dashboard.texts import Markdown, of, t


def show(fusion: catalog.Entry, config: RunConfig | None) -> None:
    """The fusion's card, and that of the strategy where one is chosen."""
    cards = [fusion]
    if name := strategy_of(config):
        cards.append(catalog.strategy(name))
    for card in cards:
        st.latex(card["formula"].replace(r",\quad ", r",\\ ").join((r"\begin{gathered}", r"\end{gathered}")))
        paper = Markdown(f" [{t('paper')}]({card['paper']})" if card["paper"] else "")
        st.caption(of(card, "idea") + paper)


def strategy_of(config: RunConfig | None) -> str:
    """The strategy that was chosen; "" for none."""
    return str(config.changed().get("strategy") or "") if config else ""
