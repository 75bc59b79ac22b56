"""Product: multiply the embeddings, coordinate by coordinate.

    h = prod_m (1 + z_m)       (B, D)    over the modalities that are present
    y = U h + d                (B, C)

A coordinate of z_m that is 0 changes nothing, at -1 it silences whatever the others say, at -2 it turns their sign: so
exclusive-or needs no hidden layer. The fusion itself has no weight at all. With the 1 an absent modality drops out, and the
expansion 1 + sum z_m + sum z_m z_n + ... keeps each modality alone among the products.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from core.catalog.localized import Localized
from core.fusion.base import FeatureFusion
from core.fusion.diagnostic import Diagnostic
from core.fusion.masks import stacked
from core.output import Output


class Product(FeatureFusion):
    """h = prod_m (1 + z_m) (B, D): exclusive-or without a hidden layer."""

    name = "product"
    title = Localized("Product", "逐元素乘积")
    idea = Localized(
        "Multiply the embeddings: each modality amplifies, silences or turns what the others say.",
        "把嵌入相乘：每种模态可以放大、压低或翻转其他模态的信号。",
    )
    family = "intermediate"
    formula = r"h = \prod_m (1 + z_m)"

    def fuse(self, z: dict[str, Tensor], tokens: dict[str, Tensor], present: Mapping[str, Tensor]) -> Tensor:
        return (1 + stacked(z)).prod(1)

    def diagnostics(self, output: Output, present: Mapping[str, Tensor]) -> dict[str, Diagnostic]:
        """How often each modality turns the sign of a coordinate."""
        turned = (stacked(output.z) < -1).float()  # (B, M, D)
        return {"turned": Diagnostic((self.names,), turned.mean((0, 2)))}
