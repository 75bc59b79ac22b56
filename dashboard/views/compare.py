"""Two to six fusions on the same data, seeds and budget: watched side by side, and what may be said of them."""

import streamlit as st

from core.errors import ConfigError
from dashboard import advice, comparing, estimates, exports, observe, permissions, state, training, verdicts
from dashboard.controls import contest
from dashboard.texts import sentence, t

MAPS_A_ROW = 3

with st.container(key="bench"):
    asks, looks = st.columns([1, 2.5], gap="medium")
with asks:
    contest.choose()
comparison, problem = None, ""
try:
    comparison = state.current().comparison()
except ConfigError as error:
    problem = sentence(error)
if st.session_state.get("compare") and comparison:
    comparing.begin(comparison)
begun = comparing.states(comparison) if comparison else []
live = comparing.live(begun)
behind = comparison is not None and comparing.table(comparison, begun)[1]

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
    kept = permissions.why(comparing.stop_refused(comparison, begun)) if comparison and live else None
    barred = not live or bool(kept)
    stopped = halt.button(t("stop"), key="stop", icon=":material/stop:", disabled=barred, help=kept, width="stretch")
    if stopped and comparison:
        comparing.stop(comparison)
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

    lacking = set() if live else comparing.lacking(comparison, begun)
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
        runs = comparing.states(comparison)
        found, old = comparing.table(comparison, runs)
        training.show_ends([status for status in runs if status["status"] == "stopped"])
        if live:
            comparing.progress(runs)
            if not comparing.live(runs) and found and found["done"] == found["runs"]:
                st.rerun()
        elif behind and not old:
            st.rerun()
        if found is None or not any(row["n"] for row in found["methods"]):
            st.info(t("compare.waiting" if live or behind else "compare.empty"), icon=":material/info:")
            return
        st.markdown(f"**{verdicts.verdict(found)}**")
        st.caption(verdicts.population(found))
        comparing.troubles(comparison, found)
        observe.show_interval_plot(
            comparing.drawn(found, st.session_state.get("cost", comparing.COSTS[0])), key="interval_plot"
        )
        price, more = st.columns([5, 1], vertical_alignment="center")
        with price:
            st.segmented_control(
                t("compare.cost"),
                comparing.COSTS,
                default=comparing.COSTS[0],
                format_func=lambda name: comparing.cost_name(name, found),
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
        columns = comparing.heads(found)
        table = [{columns[name]: row[name] for name in columns} for row in comparing.shown_rows(found)]
        st.dataframe(table, hide_index=True, placeholder="–", column_config=comparing.formats(columns))
        if parts := comparing.parts(found):
            st.markdown(comparing.whose_bits(found))
            st.dataframe(parts, hide_index=True, key="parts", placeholder="–", column_config=comparing.shares(parts))
            st.caption(advice.price(config))

    results()

shown = comparing.first_runs(comparison)
if not shown:
    st.stop()


@st.fragment(run_every=2.0 if live else None)
def race() -> None:
    """Loss and score of all methods over the epochs."""
    assert comparison is not None
    observe.show_comparison_curves(
        comparing.raced(comparison, shown), list(shown.values()), key="comparison_curves", height=240
    )


training.paint(list(shown.values()))
observe.show_transport(list(shown.values()), key="transport", linked=True)
names = list(shown)
for start in range(0, len(names), MAPS_A_ROW):
    for place, name in zip(st.columns(MAPS_A_ROW, gap="small"), names[start : start + MAPS_A_ROW], strict=False):
        with place:
            observe.show_map([shown[name]], key=f"map_{name}", height=280, title=comparing.title(name))
race()
st.caption(t("compare.bands"))
