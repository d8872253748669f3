"""The rate at which an engine raised false alerts in a test, and what it comes to on another size of list.

One passer-by is compared with ``N`` entries. If each comparison errs alike and apart from the others, a rate ``p`` on a
list of ``M`` is ``1 - (1 - p)^(N/M)`` on a list of ``N`` (NISTIR 8429, annex B, eq. 32). That is a model: entries that
look like the crowd err more often. A higher threshold has fewer false alerts, so that a test at a lower threshold still
gives a rate that should not be exceeded; one at a higher threshold does not.

>>> tested = parse("1/6000@10000@0.60")
>>> round(1 / tested.scaled(2_000)), tested.threshold
(29998, Decimal('0.60'))
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal

from msgspec import UNSET

from countersign.errors import WrongForm
from countersign.trials.model import GroupFigure, read
from countersign.words.intervals import one_in

#: How far a trial's size of list may be from the deployment's before the line says that it is far off: ten times.
FAR = 10.0
_RATE = re.compile(
    r"(?:1/(?P<one_in>[0-9]{1,12})|(?P<rate>0\.[0-9]{1,15}))@(?P<size>[0-9]{1,7})(?:@(?P<at>0\.[0-9]+))?\Z"
)


class EngineRateWrong(WrongForm):
    """What was given as the tested engine's rate cannot be compared with."""

    code = "tested-rate-wrong"
    next_step = "Give 1/6000@10000@0.60 (rate, list size, threshold) or the trial.json that `countersign trial` wrote."


@dataclass(frozen=True, slots=True)
class EngineRate:
    """A tested rate of false alerts a face. ``rate``: what counts as tested; ``counts``: errors and searches, if told.

    With counts, ``rate`` is the upper end of their interval: more than that is beyond the test's own uncertainty.
    """

    rate: float
    list_size: int
    threshold: Decimal | None
    counts: tuple[int, int] | None = None

    def scaled(self, list_size: int) -> float:
        """The rate on a list of ``list_size``; 0 on an empty one."""
        return -math.expm1(list_size / self.list_size * math.log1p(-self.rate))

    def said(self, list_size: int) -> str:
        """For people: the rate on this list, and where it comes from."""
        here = self.scaled(list_size)
        of = "at most " if self.counts else ""
        text = f"{of}{one_in(1 / here)} faces" if here else "none"
        if list_size != self.list_size:
            text += f" on a list of {list_size:,}, scaled from {one_in(1 / self.rate)} on {self.list_size:,}"
        else:
            text += f" on a list of {list_size:,}"
        if self.counts:
            text += f" ({self.counts[0]:,} in {self.counts[1]:,} searches, upper end of the interval)"
        if self.threshold is not None:
            text += f", tested at {self.threshold}"
        if list_size and not 1 / FAR <= list_size / self.list_size <= FAR:
            text += "; lists this far apart are compared by the model alone"
        return text

    def check(self, threshold: Decimal) -> None:
        """Hold it to the declared threshold. Raises ``EngineRateWrong`` where the test was at a higher one."""
        if self.threshold is not None and self.threshold > threshold:
            raise EngineRateWrong(
                f"the rate was tested at threshold {self.threshold}, and the limits allow {threshold}: the engine may"
                " raise more false alerts there than it was tested for"
            )


def parse(text: str) -> EngineRate:
    """A rate as typed: ``1/6000@10000`` or ``0.00017@10000``, with ``@0.60`` for the threshold.

    Raises ``EngineRateWrong``.
    """
    match = _RATE.match(text)
    if match is None:
        raise EngineRateWrong(f"{text[:60]!r} is neither a file nor a rate such as 1/6000@10000@0.60")
    rate = 1 / int(match["one_in"]) if match["one_in"] and int(match["one_in"]) else float(match["rate"] or 0)
    size = int(match["size"])
    if not 0 < rate < 1 or not size:
        raise EngineRateWrong(f"{text!r}: a tested rate lies between 0 and 1, on a list with at least one entry")
    return EngineRate(rate, size, Decimal(match["at"]) if match["at"] else None)


def of_trial(data: bytes, place: str, threshold: Decimal, list_size: int) -> EngineRate:
    """The rate of a trial's report: FPIR of all at the highest threshold up to ``threshold``, the list nearest in size.

    ``data``: the ``trial.json`` that ``countersign trial`` wrote. Raises ``EngineRateWrong``.
    """
    try:
        figures = [figure for figure in read(data).figures if _fits(figure)]
    except ValueError:
        raise EngineRateWrong(f"{place}: is not the report of a trial that `countersign trial` writes") from None
    below = [
        (at, figure.size, figure)
        for figure in figures
        if figure.size and figure.threshold is not None and (at := Decimal(str(figure.threshold))) <= threshold
    ]
    if not below:
        raise EngineRateWrong(f"{place}: reports no FPIR of all searches at a threshold of {threshold} or below")
    highest = max(at for at, *_ in below)
    _, size, figure = min(
        (row for row in below if row[0] == highest), key=lambda row: abs(math.log(row[1] / max(1, list_size)))
    )
    high = _high(figure)
    if not 0 < high < 1:
        raise EngineRateWrong(f"{place}: its FPIR has no upper end below 1, so that nothing could be more")
    return EngineRate(high, size, highest, (figure.events, figure.trials))


def _fits(figure: GroupFigure) -> bool:
    """Whether a figure is the FPIR of all searches, at all sites."""
    return figure.measure == "fpir" and not figure.group and not figure.site and figure.trials > 0


def _high(figure: GroupFigure) -> float:
    """The upper end of its interval; 1 where it has none."""
    high = None if figure.interval is UNSET else figure.interval.high
    return 1.0 if high is None else high
