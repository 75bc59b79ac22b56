"""The shelf of strategies: one file each, one line here."""

from core.fusion.base import Blueprint
from core.parameters import Value
from core.strategies.auxiliary import Auxiliary
from core.strategies.base import Strategy
from core.strategies.gradient_blending import GradientBlending
from core.strategies.mmpareto import MMPareto
from core.strategies.modality_dropout import ModalityDropout
from core.strategies.none import Plain
from core.strategies.ogm_ge import OgmGe
from core.strategies.pcgrad import PCGrad

STRATEGIES: dict[str, type[Strategy]] = {
    strategy.name: strategy
    for strategy in (Plain, ModalityDropout, Auxiliary, GradientBlending, OgmGe, PCGrad, MMPareto)
}


def build_strategy(name: str, blueprint: Blueprint, settings: dict[str, Value]) -> Strategy:
    """The named strategy for models of this blueprint."""
    return STRATEGIES[name](blueprint, **settings)
