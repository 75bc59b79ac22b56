"""No strategy: the objective's gradient as it is."""

from core.balancing.base import Strategy


class Plain(Strategy):
    name = "none"
    title = "None"
    idea = "Train on the objective as it is."
    formula = r"g = \nabla \mathcal{L}"
