"""The live views with their texts filled in: what pages mount."""

from __future__ import annotations

from typing import Any

from core import catalog
from core.catalog.localized import Localized
from core.errors import RunError
from core.runs import store
from dashboard import texts
from dashboard.live import view
from dashboard.services import runs_root
from dashboard.texts import clean, known

RETRIEVAL = "recall@1"  # what is left to judge by where nothing is predicted

HARD_NEGATIVES = ("foil/colour_swap",)  # asked only of data that have them, so shown only where a run has the figure


def show_map(runs: list[str], key: str, height: int, title: str = "") -> None:
    """With a title it is one of several: without a legend of its own."""
    view(
        "map",
        runs,
        key=key,
        texts=texts.live("map", **_modalities(runs)),
        height=height,
        title=title,
        titles=_names(runs),
    )


def show_contributions(runs: list[str], key: str, alone: dict[str, dict[str, Any]]) -> None:
    """`alone`: the accuracy of each modality trained by itself, where that is known, and whether its encoder is under-trained here."""
    view("contributions", runs, key=key, texts=texts.live("contributions", **_modalities(runs)), alone=alone)


def show_comparison_curves(drawn: dict[str, Any], runs: list[str], key: str, height: int) -> None:
    """Test loss and score of each method over the epochs; `drawn` is a comparison's (see comparison_panel)."""
    view("comparison_curves", runs, key=key, texts=texts.live("comparison_curves"), height=height, **drawn)


def show_interval_plot(drawn: dict[str, Any], key: str) -> None:
    """A dot per seed, mean and interval of each method; `drawn` likewise."""
    view("interval_plot", [], key=key, texts=texts.live("interval_plot"), **drawn)


def show_curves(runs: list[str], key: str, height: int, charts: tuple[str, ...] = ("loss", "score")) -> None:
    """Loss and metrics of the runs over the epochs, `height` pixels each chart."""
    metrics = [{"key": name, "name": known(f"number.test/{name}", name)} for name in (*_metrics().values(), RETRIEVAL)]
    words = texts.live("curves", **_modalities(runs))
    view("curves", runs, key=key, texts=words, height=height, charts=list(charts), metrics=metrics)


def show_matrix(runs: list[str], key: str, height: int) -> None:
    """Cosine of every item of one modality with every item of the other."""
    view("matrix", runs, key=key, texts=texts.live("matrix", **_modalities(runs)), height=height, titles=_names(runs))


def show_transport(
    runs: list[str], key: str, autoplay: bool = False, loop: bool = False, again: int = 0, linked: bool = False
) -> None:
    """Another `again` plays from the beginning. `linked` moves all the runs together, not the first one alone."""
    plays = {"autoplay": autoplay, "loop": loop, "again": again, "linked": linked}
    view("transport", runs, key=key, texts=texts.live("transport"), **plays)


def show_numbers(runs: list[str], key: str) -> None:
    """The key figures of the runs as they train."""
    figures = {f"test/{name}": name in HARD_NEGATIVES for name in (*_figures(runs), *HARD_NEGATIVES)}
    numbers = [
        {
            "key": key,
            "name": known(f"number.{key}", key.removeprefix("test/")),
            "help": known(f"number.{key}.help", ""),
            "optional": optional,
        }
        for key, optional in figures.items()
    ]
    view("numbers", runs, key=key, texts=texts.live("numbers"), numbers=numbers)


def show_robustness_slider(runs: list[str], key: str, guess: bool, prefer: str = "") -> None:
    """Take a modality away or make it noisy, by a finished run's table and, of a run that is not shipped, its model; `guess`
    asks the viewer first."""
    words = texts.live("robustness_slider", **_modalities(runs))
    metric = known(f"number.test/{(name := _figures(runs)[0])}", name)
    asks = bool(runs) and not store.is_shipped(runs[0])
    view("robustness_slider", runs, key=key, texts=words, guess=guess, prefer=prefer, metric=metric, asks=asks)


def show_diagram(runs: list[str], key: str, fusion: str, modalities: list[str]) -> None:
    """Where the branches of `fusion` meet, with what it decided inside."""
    entry = catalog.fusion(fusion)
    view(
        "diagram",
        runs,
        key=key,
        texts=texts.live("diagram", **_modalities(runs)),
        stage=entry["stage"],
        title=clean(catalog.text(entry, language=texts.language())),
        modalities=modalities,
    )


def show_information(runs: list[str], key: str) -> None:
    """The bits of the data and how much of each the run's model reads."""
    view("information", runs, key=key, texts=texts.live("information"), titles=_names(runs))


def show_thumbs(key: str, content: str, dataset: str) -> None:
    """A few samples of a data set's content hash; without one there are none yet."""
    view("thumbs", [], key=key, texts=texts.live("thumbs", **_titles(dataset)), content=content)


def _figures(runs: list[str]) -> tuple[str, ...]:
    """The three numbers of a run: its objective's score, retrieval and gap; the spread where nothing is predicted."""
    metrics = _metrics()
    score = (
        [metrics[term] for term in str(_config(runs).get("objective", "")).split("+") if term in metrics]
        if runs
        else [*metrics.values()]
    )
    return (*score[:1], RETRIEVAL, "modality_gap", *(() if score else ("spread",)))


def _config(runs: list[str]) -> dict[str, Any]:
    """What the first of these runs was made with; {} where nothing can be read (the page says so elsewhere)."""
    folder = store.find_run(runs_root(), runs[0]) if runs else None
    try:
        found = store.read_json(folder / "config.json") if folder else {}
    except RunError:
        return {}
    return found if isinstance(found, dict) else {}


def _metrics() -> dict[str, str]:
    """The objectives that predict, and what each is judged by."""
    return {entry["name"]: entry["metric"] for entry in catalog.catalog()["objectives"] if entry["metric"]}


def _modalities(runs: list[str]) -> dict[str, str]:
    """The modalities' titles, as the data of these runs have them, for views that read no Markdown."""
    return _titles(str(_config(runs).get("dataset", "")))


def _names(runs: list[str]) -> dict[str, str]:
    """The titles of classes, columns, units and parts of the label, by name, as the data of these runs have them."""
    entry = catalog.shelf("datasets").get(str(_config(runs).get("dataset", "")), {})
    return {name: clean(Localized.of(title).in_(texts.language())) for name, title in entry.get("titles", {}).items()}


def _titles(dataset: str) -> dict[str, str]:
    titles = catalog.modality_titles(dataset)
    return {name: clean(title.in_(texts.language())) for name, title in titles.items()}
