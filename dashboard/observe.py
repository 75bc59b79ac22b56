"""The live views with their texts filled in: what pages mount."""

from __future__ import annotations

from core import catalog
from dashboard import texts
from dashboard.live import view
from dashboard.texts import t

NUMBERS = ("test/accuracy", "test/recall@1", "test/modality_gap")


def show_map(runs: list[str], key: str, height: int) -> None:
    view("map", runs, key=key, texts=texts.live("map", **_senses()), height=height)


def show_curves(runs: list[str], key: str, height: int, charts: tuple[str, ...] = ("loss", "score")) -> None:
    view("curves", runs, key=key, texts=texts.live("curves"), height=height, charts=list(charts))


def show_matrix(runs: list[str], key: str, height: int) -> None:
    view("matrix", runs, key=key, texts=texts.live("matrix", **_senses()), height=height)


def show_transport(runs: list[str], key: str, autoplay: bool = False, loop: bool = False, again: int = 0) -> None:
    """Another `again` plays from the beginning."""
    view("transport", runs, key=key, texts=texts.live("transport"), autoplay=autoplay, loop=loop, again=again)


def show_numbers(runs: list[str], key: str) -> None:
    numbers = [{"key": n, "name": t(f"number.{n}"), "help": t(f"number.{n}.help")} for n in NUMBERS]
    view("numbers", runs, key=key, texts=texts.live("numbers"), numbers=numbers)


def show_missing(runs: list[str], key: str, guess: bool, prefer: str = "") -> None:
    view("missing", runs, key=key, texts=texts.live("missing", **_senses()), guess=guess, prefer=prefer)


def show_diagram(runs: list[str], key: str, fusion: str, modalities: list[str]) -> None:
    entry = catalog.fusion(fusion)
    view(
        "diagram",
        runs,
        key=key,
        texts=texts.live("diagram", **_senses()),
        stage=entry["stage"],
        title=texts.of("fusions", entry),
        modalities=modalities,
    )


def show_parts(runs: list[str], key: str) -> None:
    view("parts", runs, key=key, texts=texts.live("parts"))


def show_thumbs(key: str, content: str) -> None:
    view("thumbs", [], key=key, texts=texts.live("thumbs", **_senses()), content=content)


def _senses() -> dict[str, str]:
    """The modalities' names in words."""
    names = sorted({m["name"] for entry in catalog.catalog()["datasets"] for m in entry["modalities"]})
    return {name: t(f"modality.{name}") for name in names}
