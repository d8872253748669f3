"""The quantities and measures a published record can answer, each defined once.

A *quantity* is a sum over rows (faces seen, alerts ...). A *measure* is one quantity per another (false alerts per
face ...). A *selection* says which rows. A sum over rows of which some do not print the value is known only in part;
it says over how many rows it runs, and a measure uses only the rows that print both its quantities.

>>> MEASURES["false_alerts_per_face"].numerator
'false_alerts'
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal, NamedTuple

import msgspec

from countersign.document import RowRange
from countersign.published.table.record import Row
from countersign.words.lists import noun
from countersign.words.numbers import count

#: Quantities that are a plain column of the row.
COLUMN_QUANTITIES: dict[str, str] = {
    "faces_seen": "faces seen (estimate)",
    "alerts": "alerts",
    "true_alerts": "true alerts",
    "true_alerts_confirmed": "true alerts, confirmed",
    "true_alerts_unconfirmed": "true alerts, unconfirmed",
    "false_alerts": "false alerts",
    "false_alerts_confirmed": "false alerts, confirmed",
    "false_alerts_unconfirmed": "false alerts, unconfirmed",
    "false_alert_engagements": "engagements after a false alert",
    "true_alert_engagements": "engagements after a true alert",
    "arrests": "arrests",
    "other_disposal": "other outcomes",
    "no_action": "no action",
    "watchlist_size": "watchlist entries",
    "duration_minutes": "minutes",
}
#: Quantities computed from several columns of a row.
COMPUTED_QUANTITIES: dict[str, str] = {
    "deployments": "deployments",
    "hours": "hours",
    "unconfirmed_alerts": "alerts left unconfirmed (true or false)",
    "false_alerts_at_most": "false alerts if every unconfirmed alert was false",
    "engagements": "engagements",
}
QUANTITIES: dict[str, str] = COLUMN_QUANTITIES | COMPUTED_QUANTITIES
#: What one of each is called.
_ONE = {
    "alerts": "alert", "faces": "face", "engagements": "engagement", "arrests": "arrest", "outcomes": "outcome",
    "entries": "entry", "minutes": "minute", "deployments": "deployment", "hours": "hour", "people": "person",
}  # fmt: skip
_MANY = re.compile(rf"\b({'|'.join(_ONE)})\b")


def amount_of(amount: float | Fraction | Decimal, label: str, written: str = "") -> str:
    """An amount with what it is of, as ``QUANTITIES`` or a measure calls it. ``written``: its figures, if no count.

    >>> amount_of(27, "false alerts"), amount_of(1, "false alerts"), amount_of(1, "true alerts per alert")
    ('27 false alerts', '1 false alert', '1 true alert per alert')
    """
    one = _MANY.sub(lambda match: _ONE[match[1]], label, count=1)
    return f"{written or count(amount)} {noun(float(amount), one, label)}"


def value(row: Row, quantity: str) -> int | Decimal | None:
    """What one row contributes to a quantity; ``None`` where the row does not print it. Raises ``KeyError``."""
    if quantity in COLUMN_QUANTITIES:
        found: int | None = getattr(row, quantity)
        return found
    match quantity:
        case "deployments":
            return row.deployments if row.deployments is not None else None if row.period else 1
        case "hours":
            return None if row.duration_minutes is None else Decimal(row.duration_minutes) / 60
        case "unconfirmed_alerts":
            return _sum_known(row.true_alerts_unconfirmed, row.false_alerts_unconfirmed)
        case "false_alerts_at_most":
            # Where the row does not say how many were left unconfirmed there is no bound, and nought would be a guess.
            if row.false_alerts is None or row.true_alerts_unconfirmed is None:
                return None
            return row.false_alerts + row.true_alerts_unconfirmed
        case "engagements":
            return _sum_known(row.false_alert_engagements, row.true_alert_engagements)
        case _:
            raise KeyError(quantity)


def _sum_known(first: int | None, second: int | None) -> int | None:
    return None if first is None and second is None else (first or 0) + (second or 0)


class Measure(NamedTuple):
    """``numerator`` per ``denominator``; ``kind``: a proportion of trials, or a rate per unit of time or occasion.

    ``short`` is what the tables of a review call it ("at most": with every unconfirmed alert as false); a measure
    without one stands in no table, and claims alone ask about it.
    """

    name: str
    numerator: str
    denominator: str
    kind: Literal["proportion", "intensity"]
    label: str
    short: str = ""

    @property
    def of_false(self) -> bool:
        """Whether its events are false alerts."""
        return self.numerator.startswith("false_alerts")

    @property
    def per_face(self) -> bool:
        """Whether its denominator is faces."""
        return self.denominator == "faces_seen"

    @property
    def of_part(self) -> bool:
        """Whether its events are some of its trials; arrests need not come of a true alert."""
        return self.kind == "proportion" and (self.numerator, self.denominator) != ("arrests", "true_alerts")


def _measures(*measures: Measure) -> dict[str, Measure]:
    return {measure.name: measure for measure in measures}


MEASURES: dict[str, Measure] = _measures(
    Measure(
        "false_alerts_per_face", "false_alerts", "faces_seen", "proportion", "false alerts per face", "false, per face"
    ),
    Measure(
        "false_alerts_at_most_per_face",
        "false_alerts_at_most",
        "faces_seen",
        "proportion",
        "false alerts per face, counting every unconfirmed alert as false",
        "false at most, per face",
    ),
    Measure(
        "false_alerts_per_alert", "false_alerts", "alerts", "proportion", "false alerts per alert", "false, per alert"
    ),
    Measure(
        "false_alerts_at_most_per_alert",
        "false_alerts_at_most",
        "alerts",
        "proportion",
        "false alerts per alert, counting every unconfirmed alert as false",
        "false at most, per alert",
    ),
    Measure("false_alerts_per_hour", "false_alerts", "hours", "intensity", "false alerts per hour", "false, per hour"),
    Measure("alerts_per_face", "alerts", "faces_seen", "proportion", "alerts per face", "alerts, per face"),
    Measure("alerts_per_hour", "alerts", "hours", "intensity", "alerts per hour", "alerts, per hour"),
    Measure(
        "true_alerts_per_face", "true_alerts", "faces_seen", "proportion", "true alerts per face", "true, per face"
    ),
    Measure("true_alerts_per_hour", "true_alerts", "hours", "intensity", "true alerts per hour", "true, per hour"),
    Measure("arrests_per_face", "arrests", "faces_seen", "proportion", "arrests per face", "arrests, per face"),
    Measure("arrests_per_alert", "arrests", "alerts", "proportion", "arrests per alert", "arrests, per alert"),
    Measure(
        "arrests_per_deployment",
        "arrests",
        "deployments",
        "intensity",
        "arrests per deployment",
        "arrests, per deployment",
    ),
    Measure("arrests_per_hour", "arrests", "hours", "intensity", "arrests per hour", "arrests, per hour"),
    Measure("faces_per_hour", "faces_seen", "hours", "intensity", "faces per hour"),
    Measure(
        "false_alert_engagements_per_false_alert",
        "false_alert_engagements",
        "false_alerts",
        "proportion",
        "people engaged per false alert",
        "people engaged, per false alert",
    ),
    Measure("true_alerts_per_alert", "true_alerts", "alerts", "proportion", "true alerts per alert"),
    Measure("arrests_per_true_alert", "arrests", "true_alerts", "proportion", "arrests per true alert"),
    Measure("alerts_per_deployment", "alerts", "deployments", "intensity", "alerts per deployment"),
    Measure("false_alerts_per_deployment", "false_alerts", "deployments", "intensity", "false alerts per deployment"),
    Measure("faces_per_deployment", "faces_seen", "deployments", "intensity", "faces per deployment"),
)


class Selection(msgspec.Struct, frozen=True):
    """Which rows: all conditions given must hold. Dates are inclusive; a row without a date is in no dated selection.

    ``place`` matches where its words stand in the printed place or area, whatever their case.
    """

    date_from: datetime.date | None = None
    date_to: datetime.date | None = None
    place: str | None = None
    use_case: str | None = None
    document: str | None = None
    threshold: Decimal | None = None

    def holds(self, row: Row) -> bool:
        """Whether this row is selected."""
        if self.date_from is not None and (row.date is None or row.date < self.date_from):
            return False
        if self.date_to is not None and (row.date is None or row.date > self.date_to):
            return False
        if self.threshold is not None and row.threshold != self.threshold:
            return False
        if self.document is not None and row.document != self.document:
            return False
        if self.use_case is not None and row.use_case != self.use_case:
            return False
        if self.place is not None:
            return self.place.casefold() in f"{row.place or ''} {row.area or ''}".casefold()
        return True

    def of(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """The selected rows, in order."""
        return tuple(row for row in rows if self.holds(row))


#: What a row contributes at least and at most; the second is ``None`` where nothing bounds it.
Bounds = tuple[int, int | None]


def bounds(row: Row, quantity: str) -> Bounds | None:
    """What is known of a value printed as a bound or approximately, also in a sum; ``None``: exact, or not known."""
    if not row.unsure or quantity in ("deployments", "hours"):
        return None
    if quantity in COLUMN_QUANTITIES:
        return _bounds_of(row, quantity)
    parts = _PARTS[quantity]
    found = [_bounds_of(row, part) or _exact(row, part) for part in parts]
    if not any(_bounds_of(row, part) for part in parts):
        return None
    known = [part for part in found if part is not None]
    if len(known) < len(parts) and quantity == "false_alerts_at_most":
        return None
    highs = [high for _, high in known]
    return sum(low for low, _ in known), None if None in highs else sum(high for high in highs if high is not None)


_PARTS: dict[str, tuple[str, str]] = {
    "unconfirmed_alerts": ("true_alerts_unconfirmed", "false_alerts_unconfirmed"),
    "false_alerts_at_most": ("false_alerts", "true_alerts_unconfirmed"),
    "engagements": ("false_alert_engagements", "true_alert_engagements"),
}


def columns_of(quantity: str) -> tuple[str, ...]:
    """The columns that a quantity is made of; none for the hours and the number of deployments."""
    return (quantity,) if quantity in COLUMN_QUANTITIES else _PARTS.get(quantity, ())


def _bounds_of(row: Row, column: str) -> Bounds | None:
    unsure = row.unsure.get(column)
    return None if unsure is None or unsure.low is None else (unsure.low, unsure.high)


def _exact(row: Row, column: str) -> Bounds | None:
    found: int | None = getattr(row, column)
    return None if found is None else (found, found)


class Total(NamedTuple):
    """A sum over the ``counted`` of ``rows`` rows that print the quantity; ``amount`` is ``None`` if none does.

    ``low`` and ``high`` take in the ``bounded`` rows that print it as a bound: ``high`` is ``None`` where one has none.
    """

    amount: int | Decimal | None
    counted: int
    rows: int
    low: int | Decimal | None = None
    high: int | Decimal | None = None
    bounded: int = 0

    @property
    def complete(self) -> bool:
        """Whether every row printed the quantity."""
        return self.counted == self.rows


def total(rows: Sequence[Row], quantity: str) -> Total:
    """Sum a quantity over rows. Raises ``KeyError`` for an unknown quantity."""
    values = [amount for row in rows if (amount := value(row, quantity)) is not None]
    ranges = [found for row in rows if (found := bounds(row, quantity)) is not None]
    amount = sum(values) if values else None
    if not ranges:
        return Total(amount, len(values), len(rows), amount, amount)
    highs = [high for _, high in ranges if high is not None]
    low = (amount or 0) + sum(low for low, _ in ranges)
    high = (amount or 0) + sum(highs) if len(highs) == len(ranges) else None
    return Total(amount, len(values), len(rows), low, high, len(ranges))


def both(rows: Sequence[Row], measure: Measure) -> tuple[Row, ...]:
    """The rows that print both parts of a measure, and can be (``cannot_be``)."""
    return tuple(row for row in rows if _prints_both(row, measure) and not cannot_be(row, measure))


def _prints_both(row: Row, measure: Measure) -> bool:
    return value(row, measure.numerator) is not None and value(row, measure.denominator) is not None


def cannot_be(row: Row, measure: Measure) -> bool:
    """Whether a row prints both parts of a measure and they contradict each other, which makes no rate: more events
    than they are some of (41 true alerts of 40, 60 false alerts of 3), or events and a denominator of zero.
    """
    events, trials = value(row, measure.numerator), value(row, measure.denominator)
    if events is None or trials is None:
        return False
    if measure.of_false and row.alerts is not None and (row.false_alerts or 0) > row.alerts:
        return True
    return events > trials if measure.of_part else trials == 0 < events


def row_ranges(rows: Iterable[Row]) -> tuple[RowRange, ...]:
    """The rows as compact ranges by document, in order of first appearance and of number."""
    numbers: dict[str, list[int]] = {}
    for row in rows:
        numbers.setdefault(row.document, []).append(row.number)
    ranges: list[RowRange] = []
    for document, found in numbers.items():
        found.sort()
        start = previous = found[0]
        for number in found[1:]:
            if number > previous + 1:
                ranges.append(RowRange(document, start, previous))
                start = number
            previous = number
        ranges.append(RowRange(document, start, previous))
    return tuple(ranges)
