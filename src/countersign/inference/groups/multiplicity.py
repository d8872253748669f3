"""Looking at many groups: p and e values that stay honest when several hypotheses are tested at once.

Holm's step-down for a few contrasts under any dependence; closed testing of each group against the rest with the exact
multinomial test for every intersection (more power, at most a dozen groups); Benjamini-Hochberg and, under any
dependence, Benjamini-Yekutieli for many cells; e-BH for e values, which also stays valid while one keeps looking.

All return *adjusted* values or a list of what is rejected; none says why a rate differs.

>>> holm([0.01, 0.04, 0.03]).tolist()
[0.03, 0.06, 0.06]
>>> e_benjamini_hochberg([100.0, 45.0, 1.0, 0.2], error=0.1).tolist()
[True, True, False, False]
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from countersign.inference.checks import CountOutOfRange, Floats, LevelOutOfRange, exposures, open_unit
from countersign.inference.groups.omnibus import equal_rates

#: Closed testing looks at 2^K intersections; over this many groups Holm's procedure is the one to use.
GROUPS = 12


def _p_values(values: ArrayLike) -> Floats:
    p = np.atleast_1d(np.asarray(values, dtype=np.float64))
    if p.ndim != 1 or not ((p >= 0) & (p <= 1)).all():
        raise LevelOutOfRange("p values are a list of numbers from 0 to 1", next_step="Check the p values given.")
    return p


def holm(p_values: ArrayLike) -> Floats:
    """Holm's adjusted p values, in the order given: rejecting those <= a keeps the chance of any false one <= a.

    Valid under any dependence. Raises ``LevelOutOfRange``. Source: Holm, Scand. J. Stat. 6 (1979) 65-70.
    """
    p = _p_values(p_values)
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)))
    adjusted = np.empty_like(p)
    adjusted[order] = steps
    return adjusted


def benjamini_hochberg(p_values: ArrayLike, *, any_dependence: bool = False) -> Floats:
    """Adjusted p values for the false discovery rate (Benjamini-Yekutieli's if ``any_dependence``), in the order given.

    Without ``any_dependence`` it assumes independent or positively dependent tests. Raises ``LevelOutOfRange``.
    Sources: JRSS B 57 (1995) 289-300; Ann. Stat. 29 (2001) 1165-1188.
    """
    p = _p_values(p_values)
    order = np.argsort(p, kind="stable")[::-1]
    factor = float((1 / np.arange(1, p.size + 1)).sum()) if any_dependence else 1.0
    steps = np.minimum(1.0, np.minimum.accumulate(p[order] * factor * p.size / np.arange(p.size, 0, -1)))
    adjusted = np.empty_like(p)
    adjusted[order] = steps
    return adjusted


def e_benjamini_hochberg(e_values: ArrayLike, *, error: float = 0.05) -> NDArray[np.bool_]:
    """Which hypotheses e-BH rejects, keeping the expected share of false rejections <= ``error`` under any dependence.

    Rejects the k largest e values for the largest k with e_(k) >= K / (error k). Raises ``LevelOutOfRange``. Source:
    Wang and Ramdas, JRSS B 84 (2022) 822-852.
    """
    e = np.atleast_1d(np.asarray(e_values, dtype=np.float64))
    if e.ndim != 1 or not (e >= 0).all():
        raise LevelOutOfRange("e values are a list of numbers of at least 0", next_step="Check the e values given.")
    ranked = np.sort(e)[::-1]
    enough = np.flatnonzero(ranked * np.arange(1, e.size + 1) >= e.size / open_unit(error, "the false discovery rate"))
    if not enough.size:
        return np.zeros(e.size, dtype=np.bool_)
    return np.asarray(e >= ranked[enough[-1]])


def closed_groups(
    events: ArrayLike, exposure: ArrayLike, *, generator: np.random.Generator | None = None, draws: int = 9_999
) -> Floats:
    """Adjusted p values, one a group, for "this group's rate is that of the rest", by closed testing.

    The intersection of such hypotheses over a set of groups says that each of them has its share of the events; it is
    tested by the exact multinomial test over these groups and all others taken together. A group's adjusted p is the
    largest p of all sets with it. Keeps the chance of any false rejection. Lists of one length of 2 to 12 groups;
    ``generator`` and ``draws`` as ``omnibus.equal_rates``. Raises ``CountOutOfRange``. Source: Marcus, Peritz and
    Gabriel, Biometrika 63 (1976) 655-660.
    """
    x, t = exposures(events, exposure)
    if x.ndim != 1 or not 2 <= x.size <= GROUPS:
        raise CountOutOfRange(
            f"closed testing takes a list of 2 to {GROUPS} groups, got shape {x.shape}",
            next_step="Use Holm's procedure on the p values of each group against the rest.",
        )
    adjusted = np.zeros(x.size)
    for size in range(1, x.size + 1):
        for chosen in combinations(range(x.size), size):
            inside = list(chosen)
            rest = [group for group in range(x.size) if group not in chosen]
            cells, spans = list(x[inside]), list(t[inside])
            if rest:
                cells, spans = [*cells, x[rest].sum()], [*spans, t[rest].sum()]
            p = equal_rates(cells, spans, generator=generator, draws=draws).p
            adjusted[inside] = np.maximum(adjusted[inside], p)
    return adjusted
