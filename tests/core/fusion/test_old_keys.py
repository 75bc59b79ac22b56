"""Earlier checkpoints, in which attention layers had other names, load and continue to the last bit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from core.config import RunConfig
from core.fusion.block import Block
from core.fusion.old_keys import accept_old_keys
from core.train import train

BLOCK = {
    "query": "ask",
    "key": "offer",
    "attention_norm": "listen_norm",
    "feed_forward_norm": "think_norm",
    "feed_forward": "think",
}
OLD = {
    "cross_attention": {"query": "ask", "key": "offer", "value": "hear"},
    "early_transformer": BLOCK,
    "bottleneck": BLOCK,
    "perceiver": BLOCK | {"queries": "questions"},
}  # fusion -> today's name -> its earlier one


def earlier(state: dict[str, Tensor], old: dict[str, str]) -> dict[str, Tensor]:
    """The same checkpoint under the names of then."""
    return {".".join(old.get(part, part) for part in name.split(".")): tensor for name, tensor in state.items()}


@pytest.mark.parametrize("fusion", OLD)
def test_an_old_checkpoint_continues_bit_equal(fusion: str) -> None:
    small = {"device": "cpu", "width": 8, "epochs": 2, "batch_size": 32, "data.train_size": 64, "data.test_size": 32}
    config = RunConfig.make("captions", fusion, "classification", small)
    steps, states = [], []
    for step in train(config):
        steps.append(step)
        states += [earlier(step.state(), OLD[fusion])] if step.state else []
    assert not any(name.startswith("model.") and "query" in name for name in states[0])
    ours = list(train(config, states[0]))
    assert [step.values for step in ours] == [step.values for step in steps if step.step > 2 or step.result]


def test_the_names_of_then() -> None:
    """As earlier checkpoints have them."""
    block = Block(4, 2)
    parts = ("ask", "offer", "value", "out", "listen_norm", "think_norm", "think.0", "think.2")
    old = {f"{part}.{kind}" for part in parts for kind in ("weight", "bias")} - {"offer.bias"}
    assert earlier(block.state_dict(), BLOCK).keys() == old


def test_what_lies_deeper_keeps_its_name() -> None:
    """A modality may be called as a layer was."""
    module = nn.Module()
    module.query = nn.ModuleDict({"ask": nn.Linear(1, 1)})
    accept_old_keys(module, {"ask": "query"})
    module.load_state_dict({"ask.ask.weight": torch.ones(1, 1), "ask.ask.bias": torch.ones(1)})
    assert module.query["ask"].weight.item() == 1
