"""Two releases of one record, value by value: rows added, rows taken out, and values that are not what they were.

Rows are paired in turn, among those not yet paired: the same date and words for the place; the same date and town; the
same place or town and counts on another date (a date corrected); the same date and counts at another place (a place
renamed). Within a turn, rows with most values in common are paired first, then in printed order. "The same counts"
means every count that both print, at least ``LEAST_COUNTS`` of them above zero.

Columns that both have are compared by value ("0.60" is "0.6"); a value printed in only one of two matched rows counts
as revised; a column of one release is named once. Each difference is also a ``revised-value`` fault, which says what
changed, not why.

>>> from countersign.published.read import read_source
>>> record = read_source("shipped:south-wales")
>>> compare(record, record).same
True
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Literal

import msgspec

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.faults.detect import numbered
from countersign.published.faults.printed_rates import read_rate
from countersign.published.table.places import place_keys
from countersign.published.table.record import COLUMN_NAMES, COLUMNS, Record, Row
from countersign.published.table.values import plain
from countersign.words.dates import day
from countersign.words.lists import counted, listing
from countersign.words.numbers import OCR_MARK

Side = Literal["before", "after"]
SIDES: tuple[Side, Side] = ("before", "after")
_COMPARED = tuple(name for name in COLUMN_NAMES if name != "source")


class Change(msgspec.Struct, frozen=True):
    """One value that differs: as plain text, as printed where it is not exact, empty where a release prints none."""

    column: str
    before: str
    after: str


class Altered(msgspec.Struct, frozen=True):
    """A row of both releases with the values that differ, and by what the two were taken for one. ``ocr_layer``: which
    of the two is from text that a program recognised under a scan.
    """

    before: Row
    after: Row
    matched_by: str
    changes: tuple[Change, ...]
    ocr_layer: tuple[Side, ...] = ()

    def shown(self, change: Change, side: Side) -> str:
        """A value of one side, marked where it is from an OCR layer."""
        text = change.before if side == "before" else change.after
        return f"{text}{OCR_MARK}" if text and side in self.ocr_layer else text


class Comparison(msgspec.Struct, frozen=True):
    """What differs between two releases. ``unchanged`` rows are equal in every column that both releases have."""

    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    altered: tuple[Altered, ...]
    unchanged: int
    columns_added: tuple[str, ...]
    columns_removed: tuple[str, ...]
    faults: tuple[Fault, ...]
    ocr_layer: tuple[Side, ...] = ()

    @property
    def same(self) -> bool:
        """Whether no row and no value differs."""
        return not (self.added or self.removed or self.altered)


def compare(old: Record, new: Record) -> Comparison:
    """Compare an earlier release with a later one."""
    pairs = pair(old.rows, new.rows)
    columns_old, columns_new = _columns(old), _columns(new)
    shared = [name for name in _COMPARED if name in columns_old and name in columns_new]
    altered, unchanged = [], 0
    for first, second, matched_by in pairs:
        before, after = old.rows[first], new.rows[second]
        changes = tuple(_changes(before, after, shared))
        if changes:
            layers = _layers(((before.document, old), (after.document, new)))
            altered.append(Altered(before, after, matched_by, changes, layers))
        else:
            unchanged += 1
    met_old, met_new = {first for first, _, _ in pairs}, {second for _, second, _ in pairs}
    added = tuple(row for index, row in enumerate(new.rows) if index not in met_new)
    removed = tuple(row for index, row in enumerate(old.rows) if index not in met_old)
    drafts = [_revised(item) for item in altered]
    drafts += [_whole_row(row, new, "is not in the earlier release", "added") for row in added]
    drafts += [_whole_row(row, old, "of the earlier release is not in the later one", "taken out") for row in removed]
    more = tuple(name for name in _COMPARED if name in columns_new - columns_old)
    fewer = tuple(name for name in _COMPARED if name in columns_old - columns_new)
    faults = numbered(new, [fault for found in drafts for fault in found])
    whole = zip(SIDES, (old, new), strict=True)
    layers = tuple(side for side, record in whole if any(document.ocr_layer for document in record.documents))
    return Comparison(added, removed, tuple(altered), unchanged, more, fewer, faults, layers)


def _layers(of: Iterable[tuple[str, Record]]) -> tuple[Side, ...]:
    """Which side's document is read from an OCR layer."""
    return tuple(side for side, (name, record) in zip(SIDES, of, strict=True) if record.document(name).ocr_layer)


def _columns(record: Record) -> set[str]:
    """The columns that any row of a record has a value in, exact or not."""
    return {
        name for name in _COMPARED if any(getattr(row, name) is not None or name in row.unsure for row in record.rows)
    }


def _changes(before: Row, after: Row, columns: Sequence[str]) -> Iterable[Change]:
    for name in columns:
        one, other = getattr(before, name), getattr(after, name)
        if name in before.unsure or name in after.unsure:
            first, second = _doubted(before, name), _doubted(after, name)
            if first[0] != second[0]:
                yield Change(name, first[1], second[1])
        elif one != other and not _same_text(name, one, other):
            yield Change(name, plain(one), plain(other))


def _doubted(row: Row, name: str) -> tuple[Hashable, str]:
    """What a value is compared by, and its text, where it may be a bound, withheld or not read."""
    doubt = row.unsure.get(name)
    if doubt is None:
        text = plain(getattr(row, name))
        return text, text
    printed = row.printed.get(name, doubt.reason)
    bounds = doubt.low, doubt.high
    return (doubt.kind, *(bounds if bounds != (None, None) else printed.split())), printed


def _same_text(column: str, one: object, other: object) -> bool:
    """Whether two texts say the same: a rate of one value, words that differ in blanks only."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    if column == "false_alert_rate_printed":
        first, second = read_rate(one), read_rate(other)
        if first is not None and second is not None:
            exact = first.units * 10**second.decimals == second.units * 10**first.decimals
            return exact and first.bound == second.bound
    return "".join(one.split()) == "".join(other.split())


def _shown(item: Altered, change: Change, side: Side) -> str:
    text = change.before if side == "before" else change.after
    mark = OCR_MARK if side in item.ocr_layer else ""
    return f"{text!r}{mark}" if text else f"no {change.column.replace('_', ' ')}"


def _revised(item: Altered) -> list[Fault]:
    earlier = f"{item.before.document}, row {item.before.number}"
    return [
        draft(
            "revised-value", item.after.document, item.after.number, change.column,
            f"{where(item.after)}: {change.column.replace('_', ' ')} is {_shown(item, change, 'after')}, where "
            f"the earlier release ({earlier}) prints {_shown(item, change, 'before')}.",
            (("before", change.before), ("after", change.after), ("earlier row", earlier),
             ("rows matched by", item.matched_by)),
        )
        for change in item.changes
    ]  # fmt: skip


def _whole_row(row: Row, record: Record, said: str, what: str) -> list[Fault]:
    mark = OCR_MARK if record.document(row.document).ocr_layer else ""
    text = f"{where(row)}{mark}: this row {said}."
    return [draft("revised-value", row.document, row.number, None, text, (("row", what),))]


def summary(found: Comparison) -> str:
    """A comparison in one sentence."""
    mark = OCR_MARK if found.ocr_layer else ""
    if found.same:
        rows = "their one row" if found.unchanged == 1 else f"all {found.unchanged:,} rows"
        return f"The two releases agree in {rows}.{mark}"
    values = sum(len(item.changes) for item in found.altered)
    dates = [row.date for row in found.added if row.date is not None]
    first, last = min(dates, default=None), max(dates, default=None)
    dated = f" ({day(first)} to {day(last)})" if first and last else ""
    dated = f" ({day(first)})" if first and first == last else dated
    parts = [
        f"{counted(len(found.added), 'row')} added{dated}", f"{len(found.removed):,} taken out",
        f"{counted(values, 'value')} altered in {counted(len(found.altered), 'row')}",
        f"{counted(found.unchanged, 'row')} unchanged",
    ]  # fmt: skip
    return f"{listing(parts)}.{mark}"


#: Rows are taken for one by their counts only when at least this number above zero agree.
LEAST_COUNTS = 3
_COUNTS = tuple(column.name for column in COLUMNS if column.kind in ("count", "minutes"))

Key = Callable[[int], Hashable | None]


def pair(old: Sequence[Row], new: Sequence[Row]) -> list[tuple[int, int, str]]:
    """Pairs of indices into ``old`` and ``new``, by ``old``; and by what they were matched."""
    both = [*old, *new]
    words, towns = place_keys(both, "words"), place_keys(both, "town")
    counts = [_counts(row) for row in both]
    turns: list[tuple[str, Key]] = [
        ("date and place", lambda index: _all(both[index].date, words[index])),
        ("date and town", lambda index: _all(both[index].date, towns[index])),
        ("place and counts, another date", lambda index: _all(words[index], counts[index])),
        ("town and counts, another date", lambda index: _all(towns[index], counts[index])),
        ("date and counts, another place", lambda index: _all(both[index].date, counts[index])),
    ]
    left_old, left_new = set(range(len(old))), set(range(len(old), len(both)))
    pairs: list[tuple[int, int, str]] = []
    for reason, key in turns:
        groups: dict[Hashable, tuple[list[int], list[int]]] = {}
        for side, left in ((0, left_old), (1, left_new)):
            for index in sorted(left):
                known_by = key(index)
                if known_by is not None:
                    groups.setdefault(known_by, ([], []))[side].append(index)
        for first, second in groups.values():
            for one, other in _closest(both, first, second):
                left_old.discard(one)
                left_new.discard(other)
                pairs.append((one, other - len(old), reason))
    return sorted(pairs)


def _all(*parts: Hashable | None) -> Hashable | None:
    return None if any(part is None for part in parts) else parts


def _counts(row: Row) -> Hashable | None:
    """The counts of a row, or ``None`` where too few are above zero to know it by."""
    values = tuple(getattr(row, name) for name in _COUNTS)
    return values if sum(value is not None and value > 0 for value in values) >= LEAST_COUNTS else None


def _closest(rows: Sequence[Row], first: Sequence[int], second: Sequence[int]) -> list[tuple[int, int]]:
    """Pair two groups, most values in common first; ties in printed order."""
    if len(first) == 1 == len(second):
        return [(first[0], second[0])]
    ranked = sorted(
        (-_in_common(rows[one], rows[other]), at, beside, one, other)
        for at, one in enumerate(first)
        for beside, other in enumerate(second)
    )
    taken: set[int] = set()
    pairs = []
    for _, _, _, one, other in ranked:
        if one not in taken and other not in taken:
            taken |= {one, other}
            pairs.append((one, other))
    return pairs


def _in_common(one: Row, other: Row) -> int:
    return sum(
        getattr(one, name) is not None and getattr(one, name) == getattr(other, name) for name in (*_COUNTS, "place")
    )
