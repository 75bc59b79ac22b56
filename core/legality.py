"""What goes with what. One set of rules over the catalogue's facts; page and command line say the same sentence."""

from __future__ import annotations

from core import catalog
from core.catalog import Entry
from core.errors import ConfigError


def check(dataset: Entry, fusion: Entry, terms: list[Entry], modalities: tuple[str, ...]) -> None:
    """ConfigError when the fusion cannot join these modalities or a term of the objective does not fit."""
    _check_count(dataset, fusion, len(modalities))
    for term in terms:
        problem = _term_problem(dataset, fusion, term)
        if problem:
            raise ConfigError(problem, fusion=fusion["name"], objective=term["name"], dataset=dataset["name"])
    if fusion["stage"] == "input" and not any(term["needs_prediction"] for term in terms):
        raise ConfigError("nothing_fused", fusion=fusion["name"], objective=terms[0]["name"])


def fitting_objective(dataset: Entry, fusion: Entry) -> str:
    """The data set's default objective without the terms that this fusion cannot take."""
    terms = catalog.terms(dataset["default_objective"])
    return "+".join(term["name"] for term in terms if not _term_problem(dataset, fusion, term))


def objectives_for(dataset: Entry, fusion: Entry) -> list[str]:
    """The single terms that fit this data set and fusion."""
    return [term["name"] for term in catalog.catalog()["objectives"] if not _term_problem(dataset, fusion, term)]


def _check_count(dataset: Entry, fusion: Entry, count: int) -> None:
    named = {"fusion": fusion["name"], "dataset": dataset["name"], "count": count}
    if count < fusion["fewest"]:
        raise ConfigError("too_few_modalities", fewest=fusion["fewest"], **named)
    if fusion["most"] is not None and count > fusion["most"]:
        raise ConfigError("too_many_modalities", most=fusion["most"], **named)


def _term_problem(dataset: Entry, fusion: Entry, term: Entry) -> str | None:
    if term["joint"] and not fusion["joint"]:
        return "not_joint"
    if term["needs_labels"] and not dataset["labels"]:
        return "no_labels"
    if term["needs_pairs"] and not dataset["pairs"]:
        return "no_pairs"
    return None
