"""What the page of comparisons adds to the experiment's data and settings."""

from __future__ import annotations

from dataclasses import dataclass

from core import catalog
from core.compare.comparison import Comparison
from dashboard.state.experiment import Experiment
from dashboard.state.fields import choice, name, names, switch

TRIALS = (3, 5, 10)  # seeds of a comparison
MOST_COMPARED = 6


@dataclass(frozen=True)
class CompareState:
    """Which fusions are compared, and how."""

    fusions: tuple[str, ...] = names(("concat", "tensor", "late_average"), catalog.fusion, MOST_COMPARED)
    common: str = name("", catalog.terms)  # with this objective; "": each its own
    trials: int = choice(3, TRIALS, sentence="link.trials")
    control: bool = switch()  # beside the first of them with each modality shuffled
    new_data: bool = switch()  # each seed on training data of its own

    def comparison(self, experiment: Experiment) -> Comparison:
        """What is compared on the experiment's data; ConfigError for an invalid choice."""
        shared = experiment.shared_settings()
        return Comparison.make(
            experiment.dataset, self.fusions, self.common, self.trials, shared, self.control, self.new_data
        )
