"""Inference: intervals, ratios, exact tests and monitors. Numbers in, numbers out, vectorised; time and chance are
arguments.

- one rate: ``clusters`` (counts to a ``rate.Rate``, clumps allowed for), ``binomial``, ``poisson``, ``twoway``
- two rates: ``ratio``, ``difference``, ``groups.exposure`` (shares known as a range, from a sample, or not at all)
- groups: tests of equal rates in ``groups.equality``, summaries with their null band in ``groups.differential``
- while it runs (``monitors``): ``ceiling``, ``labels``, ``twosample``, ``detection``, on ``evidence`` and ``sequence``
- planning: ``design``; underneath: ``tails`` (and roots), ``checks``

Each module names in ``__all__`` what is public and stays; modules are loaded when first used. Which method is used for
which question, and where other tools are wrong: docs/methods.md.

>>> import countersign
>>> rate = countersign.inference.clusters.proportion(3, 400)
>>> f"{rate.estimate:.4f} ({rate.exact.low:.4f} to {rate.exact.high:.4f})"
'0.0075 (0.0015 to 0.0218)'
>>> countersign.inference.groups.equality.holm([0.01, 0.04]).tolist()
[0.02, 0.04]
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = [
    "binomial",
    "clusters",
    "design",
    "difference",
    "groups",
    "monitors",
    "poisson",
    "rate",
    "ratio",
    "tails",
    "twoway",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
