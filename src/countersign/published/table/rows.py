"""From rows of cells, as text, to a record's rows: column by column, so that one odd cell costs one value.

Every reader ends here, so that a value is read by the same rule wherever it was printed. A cell that can't be read
leaves its column empty and says why in ``Row.unsure``; a row of totals is set aside; a row without date and place, or
with cells under no heading, is refused. Rows found = rows reported + refused + set aside. A sum of confirmed and
unconfirmed alerts is added where it is not printed (the force's own way of counting), and a duration between printed
times of day. Nothing else is computed.

>>> uses = assign(("Date", "Alerts"), NO_MAP, "a.csv", "row 1").uses
>>> read = read_rows("a", uses, [["6/4/23", "1"], ["7/4/23", "x"], ["Total", "1"]], place=lambda i: f"row {i + 2}")
>>> read.rows[0].alerts, read.rows[1].unsure["alerts"].reason, read.set_aside[0].place
(1, "'x' is not a whole number", 'row 4')
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec

from countersign.errors import WrongForm
from countersign.published.table.columns import FEEDING, Use
from countersign.published.table.dates import last_day, read_dates
from countersign.published.table.figures import When
from countersign.published.table.headings import Uses, assign
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import (
    Forms,
    Unreadable,
    clock,
    is_nothing,
    minutes_between,
    readable,
    shares_noun,
    span,
    visible,
)
from countersign.published.table.record import COLUMN_NAMES, COLUMNS, SUMMED, Refused, Row, Stated, Unsure, added, fits
from countersign.published.table.values import Value, is_rounded, plain, reader
from countersign.words.lists import be, counted

__all__ = ["MOST_ROWS", "NO_MAP", "Read", "TooManyRows", "assign", "columns_of", "read_rows"]

#: The most rows read from one source; the largest force would need centuries to publish as many deployments.
MOST_ROWS = 250_000
#: Sums added where both parts are printed and the sum is not.
SUMS: dict[str, tuple[str, str]] = {
    "true_alerts": ("true_alerts_confirmed", "true_alerts_unconfirmed"),
    "false_alerts": ("false_alerts_confirmed", "false_alerts_unconfirmed"),
}
_KINDS = {column.name: column.kind for column in COLUMNS}
_FIELDS = tuple(name for name in COLUMN_NAMES if name != "source")
_TOTAL = re.compile(
    r"(?:grand |sub ?-?|overall |running |annual |monthly |yearly |combined |year )*(?:totals?|sum|average|mean|"
    r"median|ytd|year to date|cumulative)\b.*|.*\b(?:totals?|year to date)",
    re.IGNORECASE,
)
#: Of these, the words of a plain sum.
_WHOLE = re.compile(r"(?:(?:grand|overall|sub) ?-?)?(?:totals?|sum)\b(?!.*\bto date).*|.*\btotals?", re.IGNORECASE)
SIX_DAYS = timedelta(days=6)
_NONE: Mapping[str, Any] = {}


class TooManyRows(WrongForm, next_step="Split it, for example by year, and give the parts one after another."):
    """A source holds more rows than are read at once."""


class Read(msgspec.Struct, frozen=True):
    """What became of the rows of one table: each is in exactly one of the three. ``notes`` are full sentences, and
    ``stated`` what its rows of totals print.
    """

    rows: tuple[Row, ...] = ()
    refused: tuple[Refused, ...] = ()
    set_aside: tuple[Refused, ...] = ()
    notes: tuple[str, ...] = ()
    stated: tuple[Stated, ...] = ()

    @classmethod
    def together(cls, parts: Sequence[Read]) -> Read:
        """The rows of several tables in their order; equal notes once."""
        rows, refused, aside, notes, stated = (
            tuple(item for part in parts for item in getattr(part, name)) for name in cls.__struct_fields__
        )
        return cls(rows, refused, aside, tuple(dict.fromkeys(notes)), stated)


class _Columns:
    """The columns of a table while they are read: values, printed texts and doubts, by column and row."""

    def __init__(
        self, uses: Uses, cells: Sequence[Sequence[str]], columns: ColumnMap, keep_printed: bool, forms: Forms
    ):
        self.forms, self.map, self.keep_printed = forms, columns, keep_printed
        self.length = len(cells)
        self.values: dict[str, list[Any]] = {}
        self.printed: dict[int, dict[str, str]] = {}
        self.unsure: dict[int, dict[str, Unsure]] = {}
        self.words: dict[tuple[str, str], int] = {}
        self.texts: dict[str, Sequence[str]] = {}
        self.rounded = 0
        self.dated: Use | None = next((use for use in uses if use and use.names[0] == "date"), None)
        turned = list(zip(*cells, strict=True)) if cells else [()] * len(uses)
        parts: dict[str, list[Sequence[str]]] = {}
        for use, texts in zip(uses, turned, strict=True):
            for name in use.names if use else ():
                if use and use.part:
                    parts.setdefault(name, []).append(texts)
                self.texts.setdefault(name, texts)
        for use, texts in zip(uses, turned, strict=True):
            for name in use.names if use else ():
                if use and name not in FEEDING and not use.part and _KINDS[name] != "date":
                    self._read(name, use, texts)
        for name, columns_of_parts in parts.items():
            self._add_parts(name, columns_of_parts)
        self._read_dates()
        self._read_times()
        for name, value in columns.constant_values().items():
            self.values.setdefault(name, [value] * self.length)
        self._add_sums()

    def _keep(self, name: str, texts: Sequence[str], differing: set[str]) -> None:
        if differing:
            stripped = {text: text.strip() for text in differing}
            for index, text in enumerate(texts):
                if text in stripped:
                    row = self.printed.get(index)
                    if row is None:
                        self.printed[index] = {name: stripped[text]}
                    else:
                        row[name] = stripped[text]

    def _doubt(self, name: str, texts: Sequence[str], doubts: Mapping[str, Unsure]) -> None:
        if doubts:
            for index, text in enumerate(texts):
                if text in doubts:
                    self.unsure.setdefault(index, {})[name] = doubts[text]

    def _read(self, name: str, use: Use, texts: Sequence[str]) -> None:
        forms = self.forms
        if name == "duration_minutes" and use.duration:
            forms = msgspec.structs.replace(forms, duration=use.duration)
        read = reader(name, _KINDS[name], forms)
        known: dict[str, Value] = {}
        doubts: dict[str, Unsure] = {}
        differing: set[str] = set()
        for text in set(texts):  # few texts are distinct, so each is read once
            try:
                value = read(text)
            except Unreadable as error:
                value = Unsure("unread", str(error))
            weak = use.strength == 0 and name == "arrests" and not shares_noun(text.casefold(), name)
            if weak and isinstance(value, int):
                value = Unsure("unread", f"{text.strip()!r} does not say of what", reading=str(value))
            if isinstance(value, Unsure):
                doubts[text] = value
                value = None
            known[text] = value
            if text.strip() and (self.keep_printed or plain(value) != text):
                differing.add(text)
            if value == 0 and isinstance(value, int) and not any(letter.isdigit() for letter in text):
                self.words[name, text.strip()] = sum(other == text for other in texts)
        if name == "duration_minutes":
            rounded = {text for text, value in known.items() if value is not None and is_rounded(text, forms)}
            self.rounded = sum(text in rounded for text in texts) if rounded else 0
        self._doubt(name, texts, doubts)
        self._keep(name, texts, differing)
        self.values[name] = [known[text] for text in texts]

    def _add_parts(self, name: str, parts: Sequence[Sequence[str]]) -> None:
        """Add up what a source prints in several columns; a part that isn't exact leaves the sum unsure."""
        read = reader(name, _KINDS[name], self.forms)
        values: list[Any] = []
        for index, texts in enumerate(zip(*parts, strict=True)):
            filled = [text for text in texts if not is_nothing(text, self.forms)]
            value: Any = None
            try:
                amounts = [read(text) for text in filled]
                if any(not isinstance(amount, int) for amount in amounts):
                    raise Unreadable(f"{' + '.join(filled)} is not a sum of exact counts")
                value = sum(amount for amount in amounts if isinstance(amount, int)) if amounts else None
            except Unreadable as error:
                self.unsure.setdefault(index, {})[name] = Unsure("unread", str(error))
            values.append(value)
            if filled:
                self.printed.setdefault(index, {})[name] = " + ".join(text.strip() for text in filled)
        self.values[name] = values

    def _read_dates(self) -> None:
        self.whens: list[When] = []
        name = "date" if "date" in self.texts else "start_time" if "start_time" in self.texts else ""
        if not name:
            return
        texts = self.texts[name]
        shown = {text: visible(text) for text in set(texts)}
        read = read_dates([shown[text] for text in texts], self.forms)
        whens = {text: read[plainly] for text, plainly in shown.items()}
        self.whens = [whens[text] for text in texts]
        self._lengthen()
        self.values["date"] = [when.date for when in self.whens]
        self.values["date_to"] = [when.date_to for when in self.whens]
        differing = (text for text in whens if self.keep_printed or plain(whens[text].date) != text)
        self._keep("date", texts, {text for text in differing if text.strip()})
        self._doubt("date", texts, {text: doubt for text, when in whens.items() if (doubt := when.unsure)})
        if "date_to" in self.texts:
            ends = read_dates([visible(text) for text in self.texts["date_to"]], self.forms)
            for index, text in enumerate(self.texts["date_to"]):
                end, start = ends[visible(text)].date, self.values["date"][index]
                if end is not None and (self.forms.settled or (start is not None and end > start)):
                    self.values["date_to"][index] = end
                elif text.strip() and not (end is not None and end == start) and not is_nothing(text, self.forms):
                    self.unsure.setdefault(index, {})["date_to"] = Unsure("unread", f"{text!r} is no later day")

    def _lengthen(self) -> None:
        """First days of months are months under a heading that says so, or beside counts of deployments; days of one
        weekday are weeks under a heading that says so.
        """
        use = self.dated
        if use is not None and use.period.startswith("week"):
            self._lengthen_weeks(SIX_DAYS if use.period == "week" else -SIX_DAYS)
            return
        said = use is not None and use.strength == 0 and (use.period or ("deployments" in self.texts and "month"))
        days = {when.date for when in self.whens if when.date}
        if not said or any(when.date_to for when in self.whens) or any(day.day != 1 for day in days):
            return
        if said == "quarter" and any(day.month % 3 != 1 for day in days):
            return
        self.whens = [
            when._replace(date_to=last_day(when.date, 3 if said == "quarter" else 1)) if when.date else when
            for when in self.whens
        ]

    def _lengthen_weeks(self, by: timedelta) -> None:
        days = {when.date for when in self.whens if when.date}
        if any(when.date_to for when in self.whens) or len({day.weekday() for day in days}) > 1:
            return
        ends = {day: sorted((day, day + by)) for day in days}
        self.whens = [
            when._replace(date=ends[when.date][0], date_to=ends[when.date][1]) if when.date else when
            for when in self.whens
        ]

    def _read_times(self) -> None:
        """Durations from times of day, where no duration is printed."""
        if "duration_minutes" in self.values:
            return
        texts = self.texts
        if "start_time" in texts and "end_time" in texts:
            pairs = zip(texts["start_time"], texts["end_time"], strict=True)
            found = [self._timed(index, *pair) for index, pair in enumerate(pairs)]
        elif "times" in texts:
            found = [self._timed(index, text) for index, text in enumerate(texts["times"])]
        elif any(when.minutes is not None for when in self.whens):
            found = [when.minutes for when in self.whens]
        else:
            return
        self.values["duration_minutes"] = found

    def _timed(self, index: int, *texts: str) -> int | None:
        """The minutes between two cells with a time of day each, or within one cell with both."""
        if any(is_nothing(text, self.forms) for text in texts):
            return None
        self.printed.setdefault(index, {})["duration_minutes"] = " to ".join(text.strip() for text in texts)
        try:
            return span(*map(_time_of, texts)) if len(texts) == 2 else minutes_between(texts[0])
        except Unreadable as error:
            self.unsure.setdefault(index, {})["duration_minutes"] = Unsure("unread", str(error))
            return None

    def _add_sums(self) -> None:
        for name, (first, second) in SUMS.items():
            if name not in self.values and first in self.values and second in self.values:
                self.values[name] = [
                    None if a is None or b is None else a + b
                    for a, b in zip(self.values[first], self.values[second], strict=True)
                ]

    def notes(self) -> tuple[str, ...]:
        """Words that were read as zero, and how often: a reader may want to say otherwise in a map; and roundings."""
        zeros = (
            f"{text!r} was read as zero in {counted(times, 'cell')} under {name.replace('_', ' ')}."
            for (name, text), times in sorted(self.words.items())
        )
        hours = f"{counted(self.rounded, 'duration')} printed in decimal hours {be(self.rounded, 'was', 'were')}"
        return (*zeros, *([f"{hours} rounded to the minute."] if self.rounded else []))


def _time_of(text: str) -> int:
    """The time of day of a cell that may hold its date too."""
    parts = text.strip().split()
    for at in range(len(parts)):
        try:
            return clock(" ".join(parts[at:]).split("T")[-1])
        except Unreadable:
            continue
    raise Unreadable(f"{text[:80]!r} is not a time of day")


def read_rows(
    document: str,
    uses: Uses,
    cells: Sequence[Sequence[str]],
    *,
    place: Callable[[int], str],
    columns: ColumnMap = NO_MAP,
    page: Callable[[int], int | None] = lambda _: None,
    keep_printed: bool = False,
    first: int = 1,
    serials_from_1904: bool = False,
    settled: bool = False,
) -> Read:
    """Read rows of cells under the given uses; ``place`` and ``page`` say where the row of an index stood.

    ``keep_printed``: keep the text of every cell, not only of those whose text differs from the plain value. Rows are
    numbered from ``first`` in the order found, those refused and set aside included. ``settled``: the dates were read
    by Countersign before, and are not doubted again.
    """
    width = len(uses)
    bad: dict[int, str] = {}
    even = [row if len(row) == width else _evened(row, width, index, bad) for index, row in enumerate(cells)]
    forms = msgspec.structs.replace(columns.forms, serials_from_1904=serials_from_1904, settled=settled)
    read = _Columns(uses, even, columns, keep_printed, forms)
    nothing: list[Any] = [None] * len(even)
    fields = zip(*(read.values.get(name, nothing) for name in _FIELDS), strict=True)
    dates, places = read.values.get("date", nothing), read.values.get("place", nothing)
    ends = read.values.get("date_to", nothing)
    labels = [position for position, use in enumerate(uses) if use and _labels(use)]
    rows: list[Row] = []
    refused: list[Refused] = []
    aside: list[Refused] = []
    totals: list[_Total] = []
    no_doubt = read.unsure.get
    texts = read.printed.get
    for index, values in enumerate(fields):
        reason = bad.get(index, "") if bad else ""
        total = False
        if not reason and dates[index] is None:
            total = any(is_total(even[index][position]) for position in labels)
            if not total and places[index] is None and ends[index] is None:
                reason = _without_date(read.unsure.get(index, _NONE))
        if not (reason or total):
            rows.append(Row(document, first + index, *values, page(index), texts(index, _NONE), no_doubt(index, _NONE)))  # type: ignore[call-arg]
            continue
        shown = readable(" | ".join(text for text in cells[index] if text.strip()))[:500]
        if total:
            if any(_WHOLE.fullmatch(even[index][position].strip()) for position in labels):
                counts = {name: value for name in SUMMED if type(value := read.values.get(name, nothing)[index]) is int}
                totals.append(_Total(place(index), counts, len(rows)))
            aside.append(Refused(document, page(index), place(index), shown, "it is a row of totals"))
        else:
            refused.append(Refused(document, page(index), place(index), shown, reason))
    stated = _stated(totals, rows) if totals and not refused else ()
    return Read(tuple(rows), tuple(refused), tuple(aside), read.notes(), stated)


class _Total(NamedTuple):
    """A row of totals: where it stands, what it prints, and how many rows were read before it."""

    place: str
    counts: Mapping[str, int]
    before: int


def _stated(totals: Sequence[_Total], rows: Sequence[Row]) -> tuple[Stated, ...]:
    """What rows of totals add up: the rows since the last one or all before, whichever fits better; all, above them."""
    stated = []
    since = 0
    for total in totals:
        ways = [rows[since : total.before], rows[: total.before]] if total.before else [rows]
        covered = max((way for way in ways if way), key=lambda way: _fitting(total.counts, way), default=())
        since = total.before
        if covered and total.counts:
            stated.append(Stated(total.place, len(covered), total.counts, covered[0].number, covered[-1].number))
    return tuple(stated)


def over_tables(stated: Sequence[Stated], rows: Sequence[Row]) -> tuple[Stated, ...]:
    """Sums that fit the rows of all tables so far better than those of their own table, as sums of all."""
    fitted = []
    for sums in stated:
        own = [row for row in rows if sums.covers(row)]
        before = [row for row in rows if sums.last_row is not None and row.number <= sums.last_row]
        if _fitting(sums.counts, before) > _fitting(sums.counts, own):
            sums = msgspec.structs.replace(sums, rows_covered=len(before), first_row=before[0].number)
        fitted.append(sums)
    return tuple(fitted)


def _fitting(counts: Mapping[str, int], rows: Sequence[Row]) -> int:
    return sum(fits(value, *added(rows, name)) for name, value in counts.items())


def is_total(label: str) -> bool:
    """Whether a row so labelled adds others up, or means them, or runs up to them."""
    return _TOTAL.fullmatch(label.strip()) is not None


def _labels(use: Use) -> bool:
    return any(name in FEEDING or _KINDS[name] in ("date", "text") for name in use.names)


def _without_date(unsure: Mapping[str, Unsure]) -> str:
    """Why a row without date and place is refused; empty where its date is only doubted."""
    date = unsure.get("date")
    if date is not None and date.kind == "doubtful":
        return ""
    return f"date: {date.reason}" if date is not None else "date: nothing is printed"


def _evened(row: Sequence[str], width: int, index: int, bad: dict[int, str]) -> Sequence[str]:
    if len(row) < width or any(text.strip() for text in row[width:]):
        bad[index] = f"it has {len(row)} cells where the heading has {width}"
    return [*row[:width], *[""] * (width - len(row))]


def columns_of(uses: Uses, columns: ColumnMap) -> frozenset[str]:
    """The columns a document has at all: printed under a heading, or given as a constant."""
    printed = {name for use in uses if use for name in use.names}
    if {"start_time", "end_time"} <= printed or "times" in printed:
        printed.add("duration_minutes")
    if "start_time" in printed and "date" not in printed:
        printed.add("date")
    return frozenset(printed - set(FEEDING)) | frozenset(columns.constants)
