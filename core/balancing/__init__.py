"""The shelf of strategies: one file each, one line here."""

from core import catalog
from core.balancing.auxiliary import Auxiliary
from core.balancing.base import Strategy
from core.balancing.gradient_blending import GradientBlending
from core.balancing.mmpareto import MMPareto
from core.balancing.modality_dropout import ModalityDropout
from core.balancing.none import Plain
from core.balancing.ogm_ge import OgmGe
from core.balancing.pcgrad import PCGrad
from core.catalog import Entry
from core.catalog.implementation import implementation
from core.catalog.parameters import Value
from core.fusion.base import ModelSpec

STRATEGIES: dict[str, type[Strategy]] = {
    strategy.name: strategy
    for strategy in (Plain, ModalityDropout, Auxiliary, GradientBlending, OgmGe, PCGrad, MMPareto)
}


def build_strategy(strategy: str | Entry, spec: ModelSpec, settings: dict[str, Value]) -> Strategy:
    """The strategy of a name or an entry for models of this spec."""
    entry = catalog.strategy(strategy) if isinstance(strategy, str) else strategy
    built: Strategy = implementation(entry)(spec, **settings)
    return built
