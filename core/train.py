"""`from core.train import train`: the one loop under its short name. It lives in core/training/loop.py."""

from core.training.loop import Step, train

__all__ = ["Step", "train"]
