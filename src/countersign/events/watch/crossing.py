"""The chance that a plain rule on counts is ever met: exact, hour by hour.

A rule looked at after each hour fires as soon as the events so far are more than a bound. With independent Poisson
counts of known means the chance is found by carrying the law of "so many so far, and not fired yet" from hour to hour:
add the hour's count, cut off what is over the bound, and what was cut off is the chance of firing there.

>>> round(chance([1.0], [0]), 4)
0.6321
>>> chance([1.0, 1.0], [0, 1]) > chance([1.0], [0])
True
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import gammaln, pdtrc, xlogy


def chance(means: Sequence[float], bounds: Sequence[int]) -> float:
    """The chance that Poisson counts with these ``means`` ever add up to more than the ``bounds``, looked at in turn.

    ``bounds[i]`` belongs to the sum of the first ``i + 1`` counts, does not fall, and is at least 0.
    """
    alive, fired = np.ones(1), 0.0
    for mean, bound in zip(means, bounds, strict=True):
        room = bound + 1
        counts = np.arange(room)
        law = np.exp(xlogy(counts, mean) - mean - gammaln(counts + 1))
        fired += float(alive @ pdtrc(bound - np.arange(alive.size), mean)) if mean else 0.0
        alive = np.convolve(alive, law)[:room]
    return min(1.0, fired)
