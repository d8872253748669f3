"""Boschloo's and Barnard's tests of equal proportions, for tables small enough that they pay: not for a million faces.

Both order all tables with the given numbers of trials by how much they speak against equality (Boschloo: Fisher's
one-sided p; Barnard: the pooled z), and take the largest probability, over the unknown common rate, of a table at least
as extreme as the one seen. They lose less power than the conditional test where trials are few. The common rate is
looked for on a grid and then refined around every promising point, to 1e-9 in the p value. Two-sided: Boschloo doubles
the smaller one-sided p (so that Fisher's one-sided order is kept), Barnard orders by the absolute z.

A table of (n1 + 1)(n2 + 1) outcomes has to be held. Over a limit the test is refused, and the error names the
conditional exact test, which loses nothing where events are rare.

>>> f"{boschloo(2, 10, 7, 9):.6f}"
'0.019772'
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from countersign.errors import WrongForm
from countersign.inference.checks import Floats, counts
from countersign.inference.groups.equality import Alternative

#: The most outcomes (n1 + 1)(n2 + 1) that are ordered; at it the test takes a few seconds and some 100 MB.
OUTCOMES = 1_000_000
#: Points of the first grid of common rates.
GRID = 1_000
#: Tables whose statistic differs by less than this, relatively, are equally extreme.
TIE = 1e-12


class TableTooLarge(WrongForm):
    """A table is too large for an unconditional exact test, which would gain nothing over the conditional one."""

    code = "inference-table-too-large"
    next_step = "Use the exact conditional test of equal rates (inference.equality.two_rates), made for large tables."


def _log_binomials(n: int) -> Floats:
    x = np.arange(n + 1)
    return np.asarray(gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1))


def _checked(events1: int, trials1: int, events2: int, trials2: int, name: str) -> None:
    counts([events1, events2], [trials1, trials2])
    outcomes = (int(trials1) + 1) * (int(trials2) + 1)
    if outcomes > OUTCOMES:
        raise TableTooLarge(
            f"{name}'s test would order {outcomes} outcomes of {trials1} and {trials2} trials; the limit is {OUTCOMES}"
        )


def _supremum(extreme: NDArray[np.bool_], n1: int, n2: int) -> float:
    """The largest probability of the outcomes marked (n1+1 by n2+1) over a common rate in (0, 1)."""
    first, second = _log_binomials(n1), _log_binomials(n2)
    x1, x2 = np.arange(n1 + 1), np.arange(n2 + 1)
    marked = extreme.astype(np.float64)

    def probability(rates: Floats) -> Floats:
        on, off = np.log(rates)[:, None], np.log1p(-rates)[:, None]
        one = np.exp(first + x1 * on + (n1 - x1) * off)
        two = np.exp(second + x2 * on + (n2 - x2) * off)
        return np.asarray(((one @ marked) * two).sum(axis=1))

    # Rare and common rates matter as much as one half: even in arcsine, the scale on which they vary alike.
    points = np.sin(np.linspace(0, np.pi / 2, GRID + 2)[1:-1]) ** 2
    value = probability(points)
    best = float(value.max())
    for place in np.argsort(value)[-12:]:
        low, high = points[max(place - 1, 0)], points[min(place + 1, GRID - 1)]
        for _ in range(6):
            fine = np.linspace(low, high, 21)
            found = probability(fine)
            at = int(found.argmax())
            best = max(best, float(found[at]))
            low, high = fine[max(at - 1, 0)], fine[min(at + 1, 20)]
    return min(1.0, best)


def boschloo(
    events1: int, trials1: int, events2: int, trials2: int, *, alternative: Alternative = "two-sided"
) -> float:
    """The p value of Boschloo's test of p1 = p2. ``greater`` means p1 > p2. Two-sided: twice the smaller one-sided p.

    Raises ``CountOutOfRange``, ``TableTooLarge``. Source: Boschloo, Statistica Neerlandica 24 (1970) 1-35.
    """
    _checked(events1, trials1, events2, trials2, "Boschloo")
    if alternative == "two-sided":
        one = boschloo(events1, trials1, events2, trials2, alternative="less")
        return min(1.0, 2 * min(one, boschloo(events1, trials1, events2, trials2, alternative="greater")))
    if alternative == "greater":
        return boschloo(events2, trials2, events1, trials1, alternative="less")
    fisher = _fisher_less(int(trials1), int(trials2))
    return _supremum(fisher <= fisher[events1, events2] * (1 + TIE), int(trials1), int(trials2))


def _fisher_less(n1: int, n2: int) -> Floats:
    """Fisher's one-sided p, P(X1 <= x1 | x1 + x2), for every outcome."""
    weight = np.exp(_log_binomials(n1)[:, None] + _log_binomials(n2)[None, :] - _log_binomials(n1 + n2)[_sums(n1, n2)])
    # Down an antidiagonal x1 grows at a fixed total: shear, add up, shear back.
    total = _sums(n1, n2)
    sheared = np.zeros((n1 + 1, n1 + n2 + 1))
    rows = np.broadcast_to(np.arange(n1 + 1)[:, None], total.shape)
    sheared[rows, total] = weight
    return np.asarray(np.cumsum(sheared, axis=0)[rows, total])


def _sums(n1: int, n2: int) -> NDArray[np.intp]:
    return np.arange(n1 + 1)[:, None] + np.arange(n2 + 1)[None, :]


def barnard(events1: int, trials1: int, events2: int, trials2: int, *, alternative: Alternative = "two-sided") -> float:
    """The p value of Barnard's test of p1 = p2 with the pooled z. ``greater`` means p1 > p2.

    Raises ``CountOutOfRange``, ``TableTooLarge``. Source: Barnard, Biometrika 34 (1947) 123-138; Suissa and Shuster,
    JRSS A 148 (1985) 317-327.
    """
    _checked(events1, trials1, events2, trials2, "Barnard")
    n1, n2 = int(trials1), int(trials2)
    x1, x2 = np.arange(n1 + 1)[:, None], np.arange(n2 + 1)[None, :]
    pooled = (x1 + x2) / (n1 + n2)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (x1 / n1 - x2 / n2) / np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    order: dict[Alternative, Callable[[Floats], Floats]] = {
        "two-sided": np.abs,
        "greater": lambda value: value,
        "less": lambda value: -value,
    }
    statistic = order[alternative](np.where(np.isfinite(z), z, 0.0))
    seen = statistic[events1, events2]
    return _supremum(statistic >= seen - TIE * max(1.0, abs(float(seen))), n1, n2)
