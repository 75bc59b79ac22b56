"""The shelf of fusions: one file each, one line here, in the order in which the branches meet."""

from collections.abc import Mapping
from inspect import signature
from typing import Any

from core import catalog
from core.catalog import Entry
from core.catalog.implementation import implementation
from core.errors import ConfigError
from core.fusion.base import DualEncoder, Fusion, ModelSpec
from core.fusion.bilinear import Bilinear
from core.fusion.bottleneck import Bottleneck
from core.fusion.central import Central
from core.fusion.channel_exchange import ChannelExchange
from core.fusion.concat import Concat
from core.fusion.cross_attention import CrossAttention
from core.fusion.early_transformer import EarlyTransformer
from core.fusion.film import FiLM
from core.fusion.gated import Gated
from core.fusion.input_linear import InputLinear
from core.fusion.input_mlp import InputMLP
from core.fusion.late_average import LateAverage
from core.fusion.late_calibrated import LateCalibrated
from core.fusion.late_evidential import LateEvidential
from core.fusion.late_joint import LateJoint
from core.fusion.late_max import LateMax
from core.fusion.late_product import LateProduct
from core.fusion.late_stacking import LateStacking
from core.fusion.late_vote import LateVote
from core.fusion.late_weighted import LateWeighted
from core.fusion.low_rank import LowRank
from core.fusion.mixture import Mixture
from core.fusion.modality_attention import ModalityAttention
from core.fusion.multiplicative import Multiplicative
from core.fusion.mutan import Mutan
from core.fusion.nonlocal_gate import NonLocalGate
from core.fusion.only import Only
from core.fusion.perceiver import Perceiver
from core.fusion.pooling import Pooling
from core.fusion.product import Product
from core.fusion.qmf import Qmf
from core.fusion.sum import Sum
from core.fusion.tensor import TensorFusion
from core.fusion.weighted_average import WeightedAverage

FUSIONS: dict[str, type[Fusion]] = {
    fusion.name: fusion
    for fusion in (
        Only,
        InputLinear,
        InputMLP,
        EarlyTransformer,
        Concat,
        Sum,
        WeightedAverage,
        Pooling,
        Product,
        FiLM,
        Gated,
        ModalityAttention,
        TensorFusion,
        LowRank,
        Bilinear,
        Mutan,
        Multiplicative,
        Mixture,
        Central,
        ChannelExchange,
        CrossAttention,
        NonLocalGate,
        Bottleneck,
        Perceiver,
        LateAverage,
        LateWeighted,
        LateCalibrated,
        LateVote,
        LateMax,
        LateProduct,
        LateEvidential,
        Qmf,
        LateStacking,
        LateJoint,
    )
}


def build_model(fusion: str | Entry, spec: ModelSpec, settings: Mapping[str, Any] | None = None) -> Fusion:
    """The fusion of a name or an entry; settings that are not given take their defaults.

    Its encoders alone (`DualEncoder`) where `spec.reads` names nothing beyond what encoders give. ConfigError for a name, a setting or a
    number of modalities that cannot be.
    """
    own = implementation(catalog.fusion(fusion) if isinstance(fusion, str) else fusion)
    chosen = _checked(own, tuple(spec.modalities), dict(settings or {}))
    if spec.reads <= set(DualEncoder.gives):
        return DualEncoder(spec)
    try:
        signature(own).bind(spec, **chosen)
    except TypeError as error:
        expected = ", ".join(["spec", *chosen])
        raise ConfigError("wrong_init", text=own.__qualname__, expected=expected, reason=error) from error
    built: Fusion = own(spec, **chosen)
    return built


def _checked(fusion: type[Fusion], names: tuple[str, ...], given: dict[str, Any]) -> dict[str, Any]:
    facts = {"fusion": fusion.name, "dataset": "the data", "count": len(names)}
    if len(names) < fusion.fewest:
        raise ConfigError("too_few_modalities", fewest=fusion.fewest, **facts)
    if fusion.most is not None and len(names) > fusion.most:
        raise ConfigError("too_many_modalities", most=fusion.most, **facts)
    table = {parameter.name: parameter.among(names) for parameter in fusion.hyperparameters}
    for name in given:
        if name not in table:
            raise ConfigError("unknown_setting", name=f"fusion.{name}", choices=", ".join(table) or "none")
    return {
        name: parameter.check(given.get(name, parameter.default), f"fusion.{name}") for name, parameter in table.items()
    }
