"""Are two rates equal? The exact conditional test for rare events, its mid-P form, and the score test.

Given m = x1 + x2 events, x1 is Binomial(m, pi) with pi = ratio t1 / (ratio t1 + t2) if rate1 = ratio * rate2. The exact
two-sided p is twice the smaller tail (at most 1), so that the test rejects at a level exactly where the conditional
interval of the same level leaves the ratio out: duality. (R doubles nothing but adds up less likely outcomes; its p can
be smaller, and its interval then does not agree with its test.)

It needs denominators. Where they are unknown see ``exposure``; where events are not rare and few see ``unconditional``.

>>> f"{float(two_rates(8, 135, 2, 865)):.2g}"
'7.7e-06'
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from countersign.inference.checks import CountOutOfRange, Floats, exposures
from countersign.inference.tails import at_least, at_most

Alternative = Literal["two-sided", "greater", "less"]
Method = Literal["exact", "mid-p", "score"]


def two_rates(
    events1: ArrayLike,
    exposure1: ArrayLike,
    events2: ArrayLike,
    exposure2: ArrayLike,
    *,
    ratio: float = 1.0,
    alternative: Alternative = "two-sided",
    method: Method = "exact",
) -> Floats:
    """p values for rate1 = ``ratio`` * rate2 against rate1 greater, less, or either.

    Events >= 0 and exposures > 0 broadcast. ``exact`` never rejects too often; ``mid-p`` counts half of P(X = x1), for
    display; ``score`` is the normal score test, for cross-checks. No events give 1. Raises ``CountOutOfRange``. Source:
    Przyborowski and Wilenski, Biometrika 31 (1940) 313-323.
    """
    if not ratio > 0:
        raise CountOutOfRange(f"a ratio of rates is above zero, got {ratio!r}")
    first, second = exposures(events1, exposure1), exposures(events2, exposure2)
    x1, t1, x2, t2 = np.broadcast_arrays(*first, *second)
    total = x1 + x2
    share = ratio * t1 / (ratio * t1 + t2)
    if method == "score":
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (x1 - total * share) / np.sqrt(total * share * (1 - share))
        z = np.where(total > 0, z, 0.0)
        more, less = np.asarray(ndtr(-z)), np.asarray(ndtr(z))
    else:
        more, less = at_least(x1, total, share), at_most(x1, total, share)
        if method == "mid-p":
            own = more + less - 1
            more, less = more - own / 2, less - own / 2
    if alternative == "greater":
        return np.where(total > 0, more, 1.0)
    if alternative == "less":
        return np.where(total > 0, less, 1.0)
    return np.where(total > 0, np.minimum(1.0, 2 * np.minimum(more, less)), 1.0)
