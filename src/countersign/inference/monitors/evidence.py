"""E values: evidence that stays valid while one keeps looking, and the one form in which every monitor says it.

An e value is a bet against a hypothesis that cannot win on average if it is true; if at any time it reaches 1/a, the
hypothesis can be rejected at level a, whatever made one look or stop (Ville 1939; Ramdas et al., Stat. Sci. 38 (2023)).
A monitor says either that more than its hypothesis allows has been *shown*, or "nothing shown; an n-fold excess would
be seen after about m faces". There is no third state.

Ceiling, for a count x in an exposure E (the sum over faces of the ceiling that held): the mixture over k > 1 with
density k^-2 of the likelihood ratio k^x exp(-(k-1) E), which is Tricomi's U(1, x, E). It holds for Bernoulli faces,
since 1 + p (k-1) <= exp(p (k-1)), and for any ceilings known when the faces passed.

>>> f"{float(np.exp(log_e_above(10, 3.147436))):.1f}"
'30.8'
>>> f"{float(np.exp(log_e_share(8, 10, 0.135))):.0f}"
'28293'
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincc, betaln, gammaincc, gammaln, hyperu, xlog1py, xlogy

from countersign.inference.checks import CountOutOfRange, Floats, alike, exposures, number, numbers, open_unit
from countersign.inference.tails import bracketed

__all__ = ["Reading", "about", "combined", "e_value", "log_e_above", "log_e_share"]

#: A number or an array of numbers.
Scalar = TypeVar("Scalar", float, Floats)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a monitor says. ``evidence`` and ``highest`` are e values now and at their highest; ``asked`` is 1/error.

    ``shown`` is whether ``highest`` has reached ``asked``. ``sentence`` is for people, and says no more than that.

    >>> Reading(shown=False, evidence=3.0, highest=4.0, asked=20.0, sentence="nothing shown").sentence
    'nothing shown'
    """

    shown: bool
    evidence: float
    highest: float
    asked: float
    sentence: str


def log_e_above(events: ArrayLike, exposure: ArrayLike) -> Floats:
    """log e value against "the rate is at most the ceiling"; ``exposure`` is the expected number of events at it.

    Broadcasts. Rises with events, falls with exposure: for ranges take the least events and the most exposure. Raises
    ``CountOutOfRange``.

    >>> f"{float(np.exp(log_e_above(9, 2.0))):.0f}"
    '145'
    """
    x, e = exposures(events, exposure)
    value = np.empty(x.shape)
    many, none = (x >= 2) & (x > e), x == 0
    few = ~many & ~none
    value[many] = log_e_above_surplus(x[many], e[many])
    # Where events do not outnumber the exposure the incomplete gamma function underflows; Tricomi's does not.
    value[few] = np.log(hyperu(1.0, x[few], e[few]))
    value[none] = np.log1p(-e[none] * hyperu(1.0, 1.0, e[none]))
    return value


def log_e_above_surplus(events: Scalar, exposure: Scalar) -> Scalar:
    """``log_e_above`` for two or more events that outnumber the exposure; unchecked and light, for single updates.

    U(1, x, E) = exp(E) E^(1-x) Gamma(x-1, E), the upper incomplete gamma function, which is then of order one.
    """
    surplus: Scalar = (
        exposure - xlogy(events - 1, exposure) + gammaln(events - 1) + np.log(gammaincc(events - 1, exposure))
    )
    return surplus


def log_e_share(in_group: ArrayLike, events: ArrayLike, share: float) -> Floats:
    """log e value against "each event falls on the group with probability at most ``share``", for a constant bound.

    Uniform mixture over q in (share, 1): B(x+1, m-x+1) (1 - I_s(x+1, m-x+1)) / ((1-s) s^x (1-s)^(m-x)). Broadcasts.
    Raises ``CountOutOfRange``, ``LevelOutOfRange``.

    >>> f"{float(np.exp(log_e_share(5, 6, 0.2))):.0f}"
    '116'
    """
    s = open_unit(share, "the share of exposure")
    numbers(events, "events")
    x, m = alike(in_group, events)
    if np.any(~((x >= 0) & (x <= m))):
        raise CountOutOfRange("events in the group lie between 0 and all events")
    tail = betaincc(x + 1, m - x + 1, s)
    with np.errstate(divide="ignore"):
        return np.asarray(betaln(x + 1, m - x + 1) + np.log(tail) - math.log1p(-s) - xlogy(x, s) - xlog1py(m - x, -s))


def e_value(log_e: float) -> float:
    """exp(``log_e``), infinite where a double cannot hold it. Raises ``CountOutOfRange`` for what is no number.

    >>> e_value(0.0), e_value(1e4)
    (1.0, inf)
    """
    number(log_e, "the logarithm of an e value", -math.inf, math.inf)
    return math.exp(log_e) if log_e < 709 else math.inf


def combined(log_e: ArrayLike, *, independent: bool) -> float:
    """The log of one e value from several: their product where ``independent`` or in sequence, else their mean.

    Raises ``CountOutOfRange`` for none, or what is no number.

    >>> f"{e_value(combined([1.0, 2.0], independent=True)):.1f}, {e_value(combined([1.0, 2.0], independent=False)):.1f}"
    '20.1, 5.1'
    """
    logs = np.atleast_1d(numbers(log_e, "the logarithm of an e value", -math.inf, math.inf))
    if not logs.size:
        raise CountOutOfRange("one e value or more is combined, got none")
    return float(logs.sum()) if independent else mixed(logs, np.full(logs.size, -math.log(logs.size)))


def mixed(logs: Floats, log_weights: Floats) -> float:
    """log of the sum of weights times exp(logs), without overflow."""
    terms = logs + log_weights
    top = float(terms.max())
    if top == -math.inf:
        return top
    return top + math.log(float(np.exp(terms - top).sum()))


def first_crossing(start: Floats, growth: Floats, log_weights: Floats, log_asked: float) -> float:
    """The least u >= 0 at which the mixture of exp(start + u growth) reaches what is asked; else infinite."""
    if mixed(start, log_weights) >= log_asked:
        return 0.0
    if not (growth > 0).any():
        return math.inf
    rising = growth > 0
    enough = float(((log_asked - start - log_weights)[rising] / growth[rising]).min())

    def gap(y: Floats, of: NDArray[np.intp]) -> Floats:  # noqa: ARG001
        return np.array([mixed(start + u * growth, log_weights) - log_asked for u in np.exp(y)])

    root = bracketed(gap, np.array([math.log(enough) - 60.0]), np.array([math.log(enough)]))
    return float(np.exp(root[0]))


def about(more: float) -> str:
    """A forecast number for a sentence: two digits are all that it is worth; never rounded down.

    Raises ``CountOutOfRange`` for what is no number from 0 on.

    >>> about(12_345), about(float("inf"))
    ('13,000', 'no number of')
    """
    more = number(more, "a forecast number", 0.0, math.inf)
    if math.isinf(more):
        return "no number of"
    if more < 10:
        return f"{math.ceil(more):,}"
    unit = 10 ** (math.floor(math.log10(more)) - 1)
    return f"{math.ceil(more / unit) * unit:,}"
