"""Choose data and a fusion, train, watch. Everything on the left is a choice, everything on the right is the run."""

import streamlit as st

from core import catalog
from core.config import RunConfig
from core.errors import ConfigError
from dashboard import estimates, live_views, permissions, share, training
from dashboard.controls import run_form
from dashboard.state.experiment import Experiment
from dashboard.state.playground import PlaygroundState
from dashboard.state.session import current
from dashboard.texts import Markdown, of, sentence, t

with st.container(key="bench"):
    asks, looks = st.columns([1, 2.5], gap="medium")
with asks:
    run_form.dataset()
    run_form.fusion()
    run_form.objective()
    repeats, depth = st.columns([1, 1.15], gap="small", vertical_alignment="bottom")
    with repeats:
        run_form.seeds()
    with depth:
        full = run_form.full()
    run_form.settings(full)

configs: list[RunConfig] = []
problem = ""
try:
    configs = current(Experiment).configs(current(PlaygroundState).seeds)
except ConfigError as error:
    problem = sentence(error)
if (
    st.session_state.get("train") and configs
):  # before anything is drawn, so that the first picture needs no second rerun
    training.submit(configs)
runs = training.existing(configs)
training.paint(runs)
states = {run: training.status_of(run)["status"] for run in runs}
live = [run for run, now in states.items() if now in training.LIVE]
finished = len(runs) == len(configs) > 0 and set(states.values()) == {"finished"}

with looks:
    act, halt, share_it, figures = st.columns([1.1, 0.8, 0.8, 2.6], vertical_alignment="center")
    with act:
        st.button(
            t("train.again") if finished else t("train"),
            key="train",
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(problem or live),
            width="stretch",
        )
        if st.session_state["train"] and finished:  # nothing to train: see it once more
            st.session_state["again"] = st.session_state.get("again", 0) + 1
    with halt:
        kept = permissions.why(permissions.stop_refused(live))
        barred = not live or bool(kept)
        if st.button(t("stop"), key="stop", icon=":material/stop:", disabled=barred, help=kept, width="stretch"):
            training.stop(live)
            st.rerun()
    with share_it, st.popover(t("share"), icon=":material/link:", width="stretch"):
        share.show()
        if configs:
            st.code(training.command_line(configs), language="bash", wrap_lines=True)
    with figures:
        live_views.show_numbers(runs, key="numbers")
    with st.container():  # always there: what comes and goes inside must not move the views to another place
        training.show_trouble()
        if problem:
            st.error(problem, icon=":material/block:")
        elif not runs:
            st.info(t("playground.empty"), icon=":material/info:")

    waiting = bool(configs) and not runs and not estimates.known(configs[0])

    @st.fragment(run_every=0.5 if waiting else None)
    def price() -> None:
        """What the training will cost."""
        if configs and not runs:
            estimates.show(configs)
            if waiting and estimates.known(configs[0]):
                st.rerun()

    price()

    @st.fragment(run_every=1.0 if live else None)
    def progress() -> None:
        training.show_progress(runs)
        if live and not any(training.status_of(run)["status"] in training.LIVE for run in live):
            st.rerun()

    progress()
    picture, side = st.columns([1.5, 1], gap="small")
    entry = catalog.fusion(current(Experiment).fusion)
    strategy = configs[0].changed().get("strategy") if configs else None
    cards = [entry, *([catalog.strategy(str(strategy))] if strategy else [])]
    with picture:
        live_views.show_map(runs, key="map", height=330)
        live_views.show_transport(runs, key="transport", again=st.session_state.get("again", 0))
        live_views.show_curves(runs, key="curves", height=170)
        with st.container():  # always there, as above
            if strategy:
                live_views.show_curves(runs, key="balance", height=130, charts=("balance",))
        live_views.show_robustness_slider(runs, key="robustness_slider", guess=False)
    with side:
        live_views.show_matrix(runs, key="matrix", height=232)
        live_views.show_diagram(runs, key="diagram", fusion=entry["name"], modalities=run_form.modalities_of_fusion())
        for card in cards:
            st.latex(card["formula"].replace(r",\quad ", r",\\ ").join((r"\begin{gathered}", r"\end{gathered}")))
            paper = Markdown(f" [{t('paper')}]({card['paper']})" if card["paper"] else "")
            st.caption(of(card, "idea") + paper)
        live_views.show_information(runs, key="information")
        live_views.show_contributions(runs, key="contributions", alone=training.alone(configs[0]) if configs else {})
