"""How a trial's numbers are put into words: counts first, "1 in N" for rare rates, percentages for others; never zero.

>>> from countersign.inference.estimate import proportion
>>> share_words(proportion(0, 300))
'0 of 300: fewer than 1 in 81 (95% interval)'
>>> share_words(proportion(150, 300))
'150 of 300: 50.0% (44.2% to 55.8%)'
>>> share_words(proportion(3, 3000))
'3 of 3,000: 1 in 1,000 (1 in 4,848 to 1 in 342)'
>>> ratio_words(None, Interval(2.0, math.inf, 0.95, "x")), ratio_words(3.0, Interval(1.5, 6.25, 0.95, "x"))
('not under 2.0', '3.0 (1.5 to 6.2)')
"""

from __future__ import annotations

import math
from collections.abc import Callable

from countersign.inference.rate import Interval, Rate

#: Above this a rate is shown as a percentage, below it as "1 in N".
RARE = 0.02


def one_in(rate: float, toward: Callable[[float], float] = round) -> str:
    """A rate above zero as "1 in N", whole; "1 in 1.5" below ten. ``toward``: how N is rounded."""
    many = 1 / rate
    return f"1 in {toward(many * 10) / 10:,.1f}" if many < 10 else f"1 in {toward(many):,}"


def value_words(rate: Rate) -> str:
    """The estimate alone: never "0", which no count of a trial can show."""
    if rate.events == 0:
        return f"0 of {rate.trials:,.0f}"
    if rate.estimate < RARE:
        return one_in(rate.estimate)
    return f"{rate.estimate:.1%}" if rate.estimate < 0.995 else _near_all(rate.estimate)


def _near_all(share: float) -> str:
    """Shares near one keep the digits that tell them from one."""
    if share == 1:
        return "all"
    digits = max(1, math.ceil(-math.log10(1 - share)) - 1)
    return f"{share * 100:.{digits}f}%"


def interval_words(interval: Interval, events: int) -> str:
    """Both ends, in the same words as the estimate, N rounded outwards; at zero events only the upper end speaks."""
    if events == 0:
        return f"fewer than {one_in(interval.high, math.floor)}" if interval.high < 1 else "anything up to all"
    if interval.high < RARE * 2:
        low = "none" if interval.low == 0 else one_in(interval.low, math.ceil)
        return f"{low} to {one_in(interval.high, math.floor)}"
    return f"{_percent(interval.low)} to {_percent(interval.high)}"


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%" if share < 0.01 else f"{share * 100:.1f}%" if share < 0.995 else _near_all(share)


def share_words(rate: Rate) -> str:
    """Counts, estimate, and the interval that allows for clustering."""
    interval = rate.widest
    counted = f"{rate.events:,} of {rate.trials:,.0f}"
    if rate.events == 0:
        return f"{counted}: {interval_words(interval, 0)} ({interval.level:.0%} interval)"
    return f"{counted}: {value_words(rate)} ({interval_words(interval, rate.events)})"


def ratio_words(ratio: float | None, interval: Interval) -> str:
    """A ratio with its interval; without an estimate, only what is excluded."""
    if ratio is None:
        return f"not under {_number(interval.low)}" if interval.low > 0 else "not known"
    high = "no upper limit" if math.isinf(interval.high) else _number(interval.high)
    return f"{_number(ratio)} ({_number(interval.low)} to {high})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 1 else f"{value:.2g}"
