"""Named tensors go wherever the rest of an output goes."""

from __future__ import annotations

import torch

from core.output import Output


def test_named_tensors_are_cut_and_joined_with_the_rest() -> None:
    image = torch.arange(24.0).view(6, 2, 2)
    output = Output(h=torch.arange(6.0).unsqueeze(1), named={"reconstruction/image": image})
    parts = [output.rows(slice(0, 4)), output.rows(torch.tensor([4, 5]))]
    assert torch.equal(parts[0].named["reconstruction/image"], image[:4])
    joined = Output.joined(parts)
    assert torch.equal(joined.named["reconstruction/image"], image) and torch.equal(joined.h, output.h)
