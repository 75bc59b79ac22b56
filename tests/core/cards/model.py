"""What a fusion reads and has learnt, in plain numpy, and the layers that several cards are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import erf

from tests.core.cards.table import Array, softmax


@dataclass
class Model:
    """B samples of M modalities in double precision. Where one is absent its `here` is False and its numbers are garbage."""

    names: tuple[str, ...]
    width: int
    weights: dict[str, Array]  # as the state dict names them
    parameters: dict[str, Any]
    here: dict[str, Array]  # modality -> (B,) bool
    raw: dict[str, Array]  # modality -> x_m (B, P)
    pieces: dict[str, Array]  # modality -> p_m (B, T, P)
    words: dict[str, Array]  # text -> (B, T) bool: what is no padding
    z: dict[str, Array]  # modality -> (B, D)
    tokens: dict[str, Array]  # modality -> (B, T, D)
    folds: list[dict[str, Array]] = field(default_factory=list)  # z of the experts of each fold
    index: Array = field(default_factory=lambda: np.zeros(0, int))  # (B,) position in the split
    prior: Array = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.here[self.names[0]])

    def linear(self, layer: str, x: Array) -> Array:
        """W x + b, or W x where the layer has no bias."""
        return x @ self.weights[f"{layer}.weight"].T + self.weights.get(f"{layer}.bias", 0.0)

    def norm(self, layer: str, x: Array) -> Array:
        return normed(x) * self.weights[f"{layer}.weight"] + self.weights[f"{layer}.bias"]

    def shown(self, name: str) -> Array:
        """z_m, zeros where it is absent."""
        return self.z[name] * self.here[name][:, None]

    def joined(self) -> Array:
        return np.concatenate([self.shown(name) for name in self.names], 1)

    def present(self, i: int) -> list[str]:
        """The modalities that sample i has."""
        return [name for name in self.names if self.here[name][i]]

    def said(self, name: str, i: int) -> Array:
        """The tokens (T, D) of sample i that say something: none where the modality is absent."""
        return self.spoken(name, i, self.tokens[name][i]) if self.here[name][i] else self.tokens[name][i][:0]

    def spoken(self, name: str, i: int, rows: Array) -> Array:
        """Rows (T, ...) of sample i without padding."""
        return rows[self.words[name][i]] if name in self.words else rows

    def logits(self, name: str) -> Array:
        """l_m = W_m z_m + b_m"""
        return self.linear(f"heads.{name}", self.z[name])

    def block(self, layer: str, x: Array, queries: int | None = None) -> Array:
        """A transformer block on one sample's places (S, D), of which the first `queries` attend; none is masked."""
        n, heads = self.norm(f"{layer}.attention_norm", x), self.parameters["heads"]
        q, k, v = (self.linear(f"{layer}.{part}", n) for part in ("query", "key", "value"))
        attended = []
        for h in np.split(np.arange(q.shape[1]), heads):
            a = softmax(q[:queries, h] @ k[:, h].T / np.sqrt(len(h)))
            attended.append(a @ v[:, h])
        x = x[:queries] + self.linear(f"{layer}.out", np.concatenate(attended, 1))
        inner = gelu(self.linear(f"{layer}.feed_forward.0", self.norm(f"{layer}.feed_forward_norm", x)))
        return x + self.linear(f"{layer}.feed_forward.2", inner)


def gelu(x: Array) -> Array:
    return x * (1 + erf(x / np.sqrt(2))) / 2


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def normed(x: Array) -> Array:
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


def log_softmax(x: Array) -> Array:
    return np.log(softmax(x))


def mean(values: list[Array], like: Array) -> Array:
    """Zeros where there is nothing."""
    return np.mean(values, 0) if len(values) else np.zeros_like(like)
