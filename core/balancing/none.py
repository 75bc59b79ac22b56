"""No strategy: the objective's gradient as it is."""

from core.balancing.base import Strategy


class Plain(Strategy):
    """No balancing: every step of `Strategy` is left as it is."""

    name = "none"
    title = "None"
    idea = "Train on the objective as it is."
    formula = r"g = \nabla \mathcal{L}"
