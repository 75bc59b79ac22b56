"""No strategy: the objective's gradient as it is."""

from core.balancing.base import Strategy
from core.catalog.localized import Localized


class Plain(Strategy):
    """No balancing: every step of `Strategy` is left as it is."""

    name = "none"
    title = Localized("None", "无")
    idea = Localized("Train on the objective as it is.", "按训练目标本身进行训练。")
    formula = r"g = \nabla \mathcal{L}"
