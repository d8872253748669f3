"""What false alerts are held against: the ceilings, stop rules and hours of the limits, and the rate of an engine's
test.

The three measures of a ceiling each count false alerts against something of the same hours: faces, alerts, or hours (as
seconds, since a monitor takes chances below 1). If each of the ``N`` comparisons of a face errs alike and apart from
the others, a rate ``p`` on a list of ``M`` is ``1 - (1 - p)^(N/M)`` on a list of ``N`` (NISTIR 8429, annex B, eq. 32):
a model, since entries that look like the crowd err more often. A higher threshold has fewer false alerts, so a test at
a lower threshold gives a rate that should not be exceeded; one at a higher threshold does not.

>>> Own("false-alerts-per-hour", Decimal("2")).per_unit
3600.0
>>> tested = parse("1/6000@10000@0.60")
>>> round(1 / tested.scaled(2_000)), tested.threshold
(29998, Decimal('0.60'))
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from msgspec import UNSET

from countersign.deployments.clock import moment
from countersign.deployments.limits import digest_of
from countersign.errors import WrongForm
from countersign.events.watch.watched import Hour
from countersign.trials.model import GroupFigure, read
from countersign.words.intervals import one_in

#: Measure: what it counts false alerts against, in words.
UNITS = {"false-alerts-per-face": "faces", "false-alerts-per-alert": "alerts", "false-alerts-per-hour": "hours"}


@dataclass(frozen=True, slots=True)
class Own:
    """A ceiling the force set itself. ``unit``: what it counts against; ``per_unit``: how many trials one of it is."""

    measure: str
    at_most: Decimal
    clause: str = ""

    @property
    def unit(self) -> str:
        """Faces, alerts or hours."""
        return UNITS[self.measure]

    @property
    def one(self) -> str:
        """A face, an alert or an hour, without its article."""
        return self.unit.removesuffix("s")

    @property
    def per_unit(self) -> float:
        """Trials of the monitor in one unit: seconds of an hour, else one."""
        return 3600.0 if self.unit == "hours" else 1.0

    @property
    def chance(self) -> float:
        """The ceiling for one trial of the monitor."""
        return float(self.at_most) / self.per_unit

    def exposure(self, hour: Hour) -> int:
        """Units in an hour."""
        return {"faces": hour.faces, "alerts": hour.all_alerts, "hours": 1}[self.unit]

    def bound(self, exposure: float) -> int:
        """The most false alerts that are no more than the ceiling allows, exactly."""
        return int(Fraction(self.at_most) * Fraction(exposure))


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the stop rule, as promised."""

    when: str
    action: str
    value: Decimal | None = None

    @property
    def named(self) -> str:
        """For people: when, with which value, what then."""
        return f"{self.when}{'' if self.value is None else f' {self.value}'}: {self.action}"


@dataclass(frozen=True, slots=True)
class Promised:
    """The limits as watching reads them; ``hours``: those of the declared windows, like ``2026-03-07T10``."""

    deployment: str
    digest: str
    list_size: int
    list_digest: str
    threshold: Decimal
    ceilings: tuple[Own, ...]
    rules: tuple[Rule, ...]
    hours: tuple[str, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Promised:
        """The promises of a document that ``deployments.limits`` has checked."""
        hours = {hour for window in document["place"]["windows"] for hour in _hours(window["start"], window["end"])}
        ceilings = (Own(limit["measure"], Decimal(limit["at_most"]), limit["clause"]) for limit in document["ceilings"])
        rules = (
            Rule(limit["when"], limit["action"], Decimal(limit["value"]) if "value" in limit else None)
            for limit in document["stop_rule"]
        )
        threshold, watchlist = Decimal(document["threshold_minimum"]), (document["list_size"], document["list_digest"])
        promise = document["deployment"], digest_of(dict(document)), *watchlist, threshold
        return cls(*promise, tuple(ceilings), tuple(rules), tuple(sorted(hours)))


def _hours(start: str, end: str) -> list[str]:
    at, hours = moment(start).replace(minute=0, second=0), []
    while at < moment(end):
        hours.append(at.strftime("%Y-%m-%dT%H"))
        at += timedelta(hours=1)
    return hours


#: How far a trial's size of list may be from the deployment's before the line says that it is far off: ten times.
FAR = 10.0
_RATE = re.compile(
    r"(?:1/(?P<one_in>[0-9]{1,12})|(?P<rate>0\.[0-9]{1,15}))@(?P<size>[0-9]{1,7})(?:@(?P<at>0\.[0-9]+))?\Z"
)


class EngineRateWrong(
    WrongForm,
    code="tested-rate-wrong",
    next_step="Give 1/6000@10000@0.60 (rate, list size, threshold) or the trial.json that `countersign trial` wrote.",
):
    """What was given as the tested engine's rate cannot be compared with."""


@dataclass(frozen=True, slots=True)
class EngineRate:
    """A tested rate of false alerts a face. ``rate``: what counts as tested; ``counts``: errors and searches, if given.

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
        text += f" on a list of {list_size:,}"
        if list_size != self.list_size:
            text += f", scaled from {one_in(1 / self.rate)} on {self.list_size:,}"
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
    """A rate as typed, like ``1/6000@10000`` or ``0.00017@10000@0.60`` (threshold). Raises ``EngineRateWrong``."""
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
    sized = ((figure, figure.size, figure.threshold) for figure in figures)
    held = ((Decimal(str(at)), size, figure) for figure, size, at in sized if size and at is not None)
    below = [row for row in held if row[0] <= threshold]
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
    return figure.measure == "fpir" and not figure.group and not figure.site and figure.trials > 0


def _high(figure: GroupFigure) -> float:
    high = None if figure.interval is UNSET else figure.interval.high
    return 1.0 if high is None else high
