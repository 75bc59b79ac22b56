"""Numba with a cache folder for its compiled kernels. All kernels of pictures come through here, umap's as well.

Where numba itself is broken the kernels run as plain Python: slow, but a map is drawn, and the warm-up of UMAP, which
cannot do without, says why (core/serving/projector.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.projection import cache

PLACE = cache.prepare()
PROBLEM: Exception | None = None  # why there is no numba

try:
    import numba
except Exception as error:  # whatever a half-installed or mismatched numba raises
    PROBLEM = error
else:
    if PLACE.kind == "none":  # numba refuses to decorate what it was asked to cache and cannot, umap's functions too
        from numba.core.dispatcher import Dispatcher

        setattr(Dispatcher, "enable_caching", lambda self: None)  # noqa: B010  # mypy knows it as a method


def kernel(**options: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """`numba.njit` with the cache."""
    return (lambda function: function) if PROBLEM else numba.njit(cache=True, **options)
