"""Which rows of two releases of one record are the same deployment: certain matches first, misprints and renamings
after.

In turn, among rows not yet matched: the same date and the same words for the place; the same date and town; the same
place or town and the same counts on another date (a date corrected); the same date and counts at another place (a
place renamed). Within a turn, where several rows could match, those with most values in common are paired first, then
in printed order. "The same counts" means every count that both print, at least ``LEAST_COUNTS`` of them above zero.

>>> from countersign.published.table.record import Row
>>> import datetime
>>> day = datetime.date(2024, 7, 11)
>>> pair([Row("old", 1, date=day, place="Dalston")], [Row("new", 1, date=day, place="Dalston")])
[(0, 0, 'date and place')]
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from countersign.published.table.places import place_keys
from countersign.published.table.record import COLUMNS, Row

#: Rows are taken for one by their counts only when at least so many above zero agree.
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
    for told, key in turns:
        groups: dict[Hashable, tuple[list[int], list[int]]] = {}
        for side, left in ((0, left_old), (1, left_new)):
            for index in sorted(left):
                found = key(index)
                if found is not None:
                    groups.setdefault(found, ([], []))[side].append(index)
        for first, second in groups.values():
            for one, other in _closest(both, first, second):
                left_old.discard(one)
                left_new.discard(other)
                pairs.append((one, other - len(old), told))
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
