"""Two to six fusions on the same data, seeds and budget: watched side by side, and what may be said of them."""

import streamlit as st

from core.errors import ConfigError
from dashboard import advice, comparison_panel, estimates, exports, live_views, permissions, training, verdicts
from dashboard.controls import compare_form
from dashboard.state.compare import CompareState
from dashboard.state.experiment import Experiment
from dashboard.state.session import current
from dashboard.texts import sentence, t

MAPS_A_ROW = 3

with st.container(key="bench"):
    asks, looks = st.columns([1, 2.5], gap="medium")
with asks:
    compare_form.choose()
comparison, problem = None, ""
try:
    comparison = current(CompareState).comparison(current(Experiment))
except ConfigError as error:
    problem = sentence(error)
if st.session_state.get("compare") and comparison:
    comparison_panel.begin(comparison)
begun = comparison_panel.states(comparison) if comparison else []
live = comparison_panel.live(begun)
behind = comparison is not None and comparison_panel.table(comparison, begun)[1]

with looks:
    act, halt, space = st.columns([1.1, 0.8, 3], vertical_alignment="center")
    act.button(
        t("compare.begin"),
        key="compare",
        type="primary",
        icon=":material/play_arrow:",
        disabled=bool(problem or live),
        width="stretch",
    )
    kept = permissions.why(comparison_panel.stop_refused(comparison, begun)) if comparison and live else None
    barred = not live or bool(kept)
    stopped = halt.button(t("stop"), key="stop", icon=":material/stop:", disabled=barred, help=kept, width="stretch")
    if stopped and comparison:
        comparison_panel.stop(comparison)
        st.rerun()
    with st.container():  # always there, so that what stands below keeps its place
        training.show_trouble()
        if problem:
            st.error(problem, icon=":material/block:")
    if comparison is None:
        st.stop()

    config = comparison.configs()[0]
    asking = advice.asking(config)

    @st.fragment(run_every=1.0 if asking else None)
    def data_say() -> None:
        """What the advisor reads out of the data alone, when somebody asks."""
        with st.popover(advice.headline(config), icon=":material/lightbulb:", key="advice"):
            told = advice.asking(config)
            advice.show(config, told)
            again = advice.answered(config)
            wants = t("advice.again" if again else "advice.ask")
            if st.button(wants, key="ask", disabled=told, help=t("advice.again.help") if again else None):
                advice.ask(config)
                st.rerun()
        if asking and not told:
            st.rerun()

    with space:
        data_say()

    lacking = set() if live else comparison_panel.lacking(comparison, begun)
    pricing = not estimates.known_all(comparison, lacking)

    @st.fragment(run_every=0.5 if pricing else None)
    def price() -> None:
        """What is still to be trained, and how long that takes."""
        assert comparison is not None
        estimates.show_all(comparison, lacking)
        if pricing and estimates.known_all(comparison, lacking):
            st.rerun()

    with st.container():  # always there, as above
        price()

    @st.fragment(run_every=1.0 if live or behind else None)
    def results() -> None:
        """The table as it grows: verdict, dots, figures."""
        assert comparison is not None
        runs = comparison_panel.states(comparison)
        found, old = comparison_panel.table(comparison, runs)
        training.show_ends([status for status in runs if status["status"] == "stopped"])
        if live:
            comparison_panel.progress(runs)
            if not comparison_panel.live(runs) and found and found["done"] == found["runs"]:
                st.rerun()
        elif behind and not old:
            st.rerun()
        if found is None or not any(row["n"] for row in found["methods"]):
            st.info(t("compare.waiting" if live or behind else "compare.empty"), icon=":material/info:")
            return
        st.markdown(f"**{verdicts.verdict(found)}**")
        st.caption(verdicts.population(found))
        comparison_panel.troubles(comparison, found)
        live_views.show_interval_plot(
            comparison_panel.drawn(found, st.session_state.get("cost", comparison_panel.COSTS[0])), key="interval_plot"
        )
        price, more = st.columns([5, 1], vertical_alignment="center")
        with price:
            st.segmented_control(
                t("compare.cost"),
                comparison_panel.COSTS,
                default=comparison_panel.COSTS[0],
                format_func=lambda name: comparison_panel.cost_name(name, found),
                key="cost",
                label_visibility="collapsed",
                required=True,
            )
        with more, st.popover(t("compare.export"), icon=":material/download:", width="stretch", key="exports"):
            files = {
                "csv": exports.to_csv(found),
                "md": exports.to_markdown(found),
                "tex": exports.to_latex(found),
                "py": exports.to_script(comparison),
            }
            for kind, text in files.items():
                st.download_button(t(f"export.{kind}"), text, f"comparison-{comparison.id}.{kind}", key=f"save_{kind}")
        columns = comparison_panel.heads(found)
        table = [{columns[name]: row[name] for name in columns} for row in comparison_panel.shown_rows(found)]
        st.dataframe(table, hide_index=True, placeholder="–", column_config=comparison_panel.formats(columns))
        if parts := comparison_panel.parts(found):
            st.markdown(comparison_panel.whose_bits(found))
            st.dataframe(
                parts, hide_index=True, key="parts", placeholder="–", column_config=comparison_panel.shares(parts)
            )
            st.caption(advice.price(config))

    results()

shown = comparison_panel.first_runs(comparison)
if not shown:
    st.stop()


@st.fragment(run_every=2.0 if live else None)
def race() -> None:
    """Loss and score of all methods over the epochs."""
    assert comparison is not None
    live_views.show_comparison_curves(
        comparison_panel.raced(comparison, shown), list(shown.values()), key="comparison_curves", height=240
    )


training.paint(list(shown.values()))
live_views.show_transport(list(shown.values()), key="transport", linked=True)
names = list(shown)
for start in range(0, len(names), MAPS_A_ROW):
    for place, name in zip(st.columns(MAPS_A_ROW, gap="small"), names[start : start + MAPS_A_ROW], strict=False):
        with place:
            live_views.show_map([shown[name]], key=f"map_{name}", height=280, title=comparison_panel.title(name))
race()
st.caption(t("compare.bands"))
