"""The false alert rate as printed, against false alerts and faces of its own row, in exact integer arithmetic.

A rate printed with ``d`` decimals is *rounded* if it is ``100 * false / faces``% to the nearest unit of the last
decimal, and *cut* if the rest was dropped (a printed zero where there was a false alert is cut too). A rate that is
neither is tried on the row together with each other row of the same document and day (*pooled*): a possible
explanation, not proof; the details give the range of denominators that fit.

>>> from countersign.published.table.record import Document, Row
>>> rows = (Row("d", 1, faces_seen=1123, false_alerts=1, false_alert_rate_printed="0.08%"),)
>>> [fault.code for fault in find_rate_faults(Record((Document("d", "D"),), rows))]
['rate-truncated']
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, NamedTuple

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.table.record import Record, Row
from countersign.words.lists import counted
from countersign.words.numbers import count, percent_of

_RATE = re.compile(r"(?P<bound>[<>]?) ?(?P<whole>[0-9]{1,9})(?:[.,](?P<decimals>[0-9]{0,12}))? ?(?P<sign>%?)")

Fit = Literal["rounded", "cut", "neither"]


class PrintedRate(NamedTuple):
    """A rate as printed: ``units`` of ``10 ** -decimals``; 0.08% is 8 units of 4 decimals.

    ``bound`` is "<" or ">" where only a bound is printed, else empty; ``sign`` is "%" or empty.
    """

    units: int
    decimals: int
    bound: str = ""
    sign: str = "%"


def read_rate(text: str) -> PrintedRate | None:
    """A rate as printed; ``None`` where it is not a number. Without a % sign it is a share of one.

    >>> read_rate("0.08%"), read_rate("0.08"), read_rate("n/a")
    (PrintedRate(units=8, decimals=4, bound='', sign='%'), PrintedRate(units=8, decimals=2, bound='', sign=''), None)
    """
    match = _RATE.fullmatch(text.strip())
    if match is None:
        return None
    decimals = match["decimals"] or ""
    units, places = int(match["whole"] + decimals), len(decimals) + 2 * len(match["sign"])
    return PrintedRate(units, places, match["bound"], match["sign"])


def fit(rate: PrintedRate, events: int, trials: int) -> Fit:
    """Whether a printed rate is the rounded value of ``events`` in ``trials``, the cut one, or neither.

    A tie may be rounded either way; a bound that holds counts as rounded.

    >>> fit(PrintedRate(8, 4), 1, 1123)
    'cut'
    """
    scaled = 10**rate.decimals * events
    if rate.bound:
        stated = rate.units * trials
        return "rounded" if (scaled < stated if rate.bound == "<" else scaled > stated) else "neither"
    if rate.units == 0 and events > 0:
        return "cut" if scaled < trials else "neither"
    nearest = {(2 * scaled + trials) // (2 * trials), -((trials - 2 * scaled) // (2 * trials))}
    if rate.units in nearest:
        return "rounded"
    return "cut" if rate.units == scaled // trials else "neither"


def find_rate_faults(record: Record) -> list[Fault]:
    """``rate-truncated``, ``rate-wrong`` and ``pooled-count`` faults, and rates that cannot be read or exceed all."""
    same_day: dict[tuple[str, object], list[Row]] = {}
    for row in record.rows:
        if row.faces_seen and row.false_alerts is not None:
            same_day.setdefault((row.document, row.date), []).append(row)
    faults: list[Fault] = []
    for row in record.rows:
        if row.false_alert_rate_printed is not None:
            faults += _faults(row, same_day)
    return faults


def _faults(row: Row, same_day: Mapping[tuple[str, object], Sequence[Row]]) -> Iterator[Fault]:
    printed = row.false_alert_rate_printed or ""
    rate = read_rate(printed)
    column = "false_alert_rate_printed"
    if rate is None or rate.units > 10**rate.decimals:
        reason = "it is no number" if rate is None else "it is more than all"
        text = f"{where(row)}: the false alert rate cannot be {printed!r}: {reason}."
        yield draft("impossible-value", row.document, row.number, column, text, (("printed", printed),))
        return
    if row.false_alerts is None or row.false_alerts < 0 or not row.faces_seen or row.faces_seen < 0:
        return
    fits = fit(rate, row.false_alerts, row.faces_seen)
    if fits == "rounded":
        return
    exact = percent_of(row.false_alerts, row.faces_seen)
    counts = f"{counted(row.false_alerts, 'false alert')} in {counted(row.faces_seen, 'face')} is {exact}"
    details = (("printed", printed), ("of its own row", exact), ("rounded", _rounded(row, rate)))
    if fits == "cut":
        yield draft(
            "rate-truncated", row.document, row.number, column,
            f"{where(row)}: {counts}, printed as {printed}: cut, not rounded"
            f"{' to ' + _rounded(row, rate) if rate.units else ', so that nothing is left of it'}; "
            "the cut makes the rate look lower, in the force's favour.",
            (*details, ("in favour of", "the force: the rate looks lower than it is")),
        )  # fmt: skip
        return
    lower = rate.units * row.faces_seen < 10**rate.decimals * row.false_alerts
    yield draft(
        "rate-wrong", row.document, row.number, column,
        f"{where(row)}: {counts}, but {printed} is printed, which is neither that rounded nor that cut; it is "
        f"{'lower, in the force’s favour' if lower else 'higher, against the force’s favour'}.",
        details,
    )  # fmt: skip
    others = [] if row.date is None else same_day.get((row.document, row.date), [])
    pools = [other for other in others if other is not row and _fits_pool(rate, row, other)]
    if len(pools) == 1:
        yield _pooled(row, pools[0], rate, printed)


def _fits_pool(rate: PrintedRate, row: Row, other: Row) -> bool:
    events, trials = _pool(row, other)
    own = fit(rate, other.false_alerts or 0, other.faces_seen or 1)
    return fit(rate, events, trials) != "neither" and own == "neither"


def _pool(row: Row, other: Row) -> tuple[int, int]:
    return (row.false_alerts or 0) + (other.false_alerts or 0), (row.faces_seen or 0) + (other.faces_seen or 0)


def _pooled(row: Row, other: Row, rate: PrintedRate, printed: str) -> Fault:
    events, trials = _pool(row, other)
    scale = 10**rate.decimals * events
    least, most = scale // (rate.units + 1) + 1, 2 * scale // max(1, 2 * rate.units - 1)
    return draft(
        "pooled-count", row.document, row.number, "false_alert_rate_printed",
        f"{where(row)}: the printed rate, {printed}, does not fit this row, but fits the sum of rows {row.number} and "
        f"{other.number} of the same day: {counted(events, 'false alert')} in {counted(trials, 'face')} is "
        f"{percent_of(events, trials)}. The faces of both rows may have been pooled; so rough a figure "
        f"would fit any number of faces from {count(least)} to {count(most)}.",
        (("printed", printed), ("rows", f"{row.number} and {other.number}"), ("pooled", f"{events} in {trials}")),
    )  # fmt: skip


def _rounded(row: Row, rate: PrintedRate) -> str:
    per = 100 if rate.sign else 1
    share = Decimal(per * (row.false_alerts or 0)) / (row.faces_seen or 1)
    decimals = rate.decimals - 2 * len(rate.sign)
    return f"{share.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}{rate.sign}"
