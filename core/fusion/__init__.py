"""The shelf of fusions: one file each, one line here, in the order in which the branches meet."""

from typing import Any

from core.fusion.base import Blueprint, Fusion, Towers
from core.fusion.concat import Concat
from core.fusion.cross_attention import CrossAttention
from core.fusion.gated import Gated
from core.fusion.input_linear import InputLinear
from core.fusion.input_mlp import InputMLP
from core.fusion.late_average import LateAverage
from core.fusion.late_product import LateProduct
from core.fusion.late_vote import LateVote
from core.fusion.only import Only
from core.fusion.tensor import TensorFusion
from core.fusion.weighted_average import WeightedAverage

FUSIONS: dict[str, type[Fusion]] = {
    fusion.name: fusion
    for fusion in (
        Only,
        InputLinear,
        InputMLP,
        Concat,
        WeightedAverage,
        Gated,
        TensorFusion,
        CrossAttention,
        LateAverage,
        LateVote,
        LateProduct,
    )
}


def build_model(name: str, blueprint: Blueprint, settings: dict[str, Any], predicts: bool = True) -> Fusion:
    """The named fusion with its settings; encoders alone when no term of the objective reads a prediction."""
    return FUSIONS[name](blueprint, **settings) if predicts else Towers(blueprint)
