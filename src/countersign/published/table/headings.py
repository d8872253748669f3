"""The headings of a table: which line holds them, what each stands for, and which of two feeds a column.

A heading that neither Countersign nor the map knows refuses the table, all of them named at once; silence would lose
their values. Where two headings stand for one column, the map's holds over a known one, and a known one over one that
counts only where no other does ("Month" beside "Date"); the other is named in a note.

>>> headed = assign(("Date", "Month", "Alerts"), NO_MAP, "a.csv", "row 1")
>>> [use and use.names for use in headed.uses], headed.notes
([('date',), None, ('alerts',)], ("The column headed 'Month' was not read: 'Date' gives the date.",))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from countersign.errors import WrongForm
from countersign.published.table.columns import FEEDING, Use, fold, known_heading, nearest_heading
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import readable
from countersign.words.lists import listing

__all__ = ["NO_MAP", "Headed", "MissingColumn", "NoTable", "UnknownColumn", "assign", "find_heading", "resolve"]

#: A heading must stand among this many first lines.
HEADING_WITHIN = 40
#: The most unknown headings named in one message.
MOST_NAMED = 12


class UnknownColumn(
    WrongForm,
    next_step="Let `countersign map FILE` write a column map, or map or ignore these headings in --columns MAP.toml.",
):
    """A table has headings that neither Countersign nor the column map knows; silence would lose their values."""


class MissingColumn(
    WrongForm, next_step="Give --columns MAP.toml with the heading of that column, or a constant for it."
):
    """A table lacks a column without which its rows mean nothing, or has one column twice."""


class NoTable(
    WrongForm,
    next_step="Check that this is the file you meant; for another force's headings `countersign map FILE` writes a "
    "map, to be given as --columns MAP.toml.",
):
    """A source holds no table with headings that Countersign knows."""


#: Times that make a duration only together, and what the other is called.
_HALVES = {"start_time": "end of a deployment", "end_time": "start of a deployment"}
#: What each column of cells stands for; ``None``: left out.
Uses = tuple[Use | None, ...]


class Headed(NamedTuple):
    """What the headings of a table stand for, what is left out and why, and the headings nobody knows."""

    uses: Uses
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def find_heading(lines: Sequence[Sequence[str]], columns: ColumnMap) -> tuple[int, tuple[str, ...]] | None:
    """The line of the first ones with most known headings, two or half of its own: its index and its headings, or
    ``None``.

    Headings known only with the one that spans them above ("True Alerts" over "Confirmed") are joined with it.
    """
    best: tuple[int, int, tuple[str, ...]] | None = None
    for index, line in enumerate(lines[:HEADING_WITHIN]):
        above = lines[index - 1] if index else ()
        headings = _joined(above, line, columns)
        known = count_known(headings, columns)
        filled = sum(1 for heading in headings if heading)
        if (known >= 2 or known * 2 >= filled >= 2) and (best is None or known > best[0]):
            best = (known, index, headings)
    return None if best is None else (best[1], best[2])


def count_known(headings: Sequence[str], columns: ColumnMap) -> int:
    """How many of these texts are known headings of columns."""
    uses = [columns.use_of(heading) for heading in headings if heading.strip()]
    return sum(1 for use in uses if use is not None and not (use.strength == 0 and use.names[0] in FEEDING))


def _joined(above: Sequence[str], line: Sequence[str], columns: ColumnMap) -> tuple[str, ...]:
    headings, spanning = [], ""
    for position in range(max(len(line), len(above))):
        upper = above[position].strip() if position < len(above) else ""
        lower = line[position].strip() if position < len(line) else ""
        spanning = upper or spanning
        both = f"{spanning} {lower}".strip()
        if lower and both != lower and columns.use_of(both) is not None and _adds(both, lower, columns):
            headings.append(both)
        elif not lower and upper and columns.use_of(upper) is not None:
            headings.append(upper)  # a heading merged over both lines
        else:
            headings.append(lower)
    while headings and not headings[-1]:
        headings.pop()
    return tuple(headings)


def _adds(both: str, lower: str, columns: ColumnMap) -> bool:
    """Whether a spanning heading changes what the one below it stands for, or makes it known."""
    alone, together = columns.use_of(lower), columns.use_of(both)
    return alone is None or together is None or alone.names != together.names


def resolve(headings: Sequence[str], columns: ColumnMap) -> Headed:
    """What each heading stands for on this table. Raises ``ValueError`` with the two headings of one column."""
    kept = _counts_of_periods(headings, columns)
    uses: list[Use | None] = [
        columns.use_of(heading) if heading and (heading == kept or not columns.ignores(heading)) else None
        for heading in headings
    ]
    named = {name for use in uses if use for name in use.names}
    for position, use in enumerate(uses):
        pivots = use is not None and use.names[0] in ("measure", "value")
        if pivots and not {"measure", "value"} <= named:
            uses[position] = None
    notes: list[str] = []
    if kept:
        notes.append(
            f"{readable(kept)[:80]!r} was read though the map leaves it out: it counts the deployments of a period."
        )
    holder: dict[str, int] = {}
    for position, use in enumerate(uses):
        for name in use.names if use else ():
            other = holder.get(name)
            if other is None:
                holder[name] = position
                continue
            first, second = uses[other], use
            assert first is not None
            assert second is not None
            if first.part and second.part:
                continue
            if first.strength == second.strength:
                raise ValueError(f"headings {headings[other]!r} and {headings[position]!r} both stand for {name}")
            loser, winner = (other, position) if second.strength > first.strength else (position, other)
            uses[loser] = None
            holder[name] = winner
            notes.append(
                f"The column headed {readable(headings[loser])[:80]!r} was not read: "
                f"{readable(headings[winner])[:80]!r} gives the {name.replace('_', ' ')}."
            )
    halves = {use.names[0]: position for position, use in enumerate(uses) if use and use.names[0] in _HALVES}
    if len(halves) == 1 and (named & {"date"} or "end_time" in halves):
        half, position = next(iter(halves.items()))
        notes.append(
            f"The column headed {readable(headings[position])[:80]!r} was not read: none gives the {_HALVES[half]}."
        )
        uses[position] = None
    dropped = {position for position, use in enumerate(uses) if use is None}
    unknown = tuple(
        headings[position]
        for position in sorted(dropped)
        if headings[position]
        and not columns.ignores(headings[position])
        and not _known(headings[position], columns, named)
    )
    return Headed(tuple(uses), tuple(notes), unknown)


def _counts_of_periods(headings: Sequence[str], columns: ColumnMap) -> str:
    """The ignored heading that counts the deployments of each period, where rows are periods; else an empty text."""
    dated = [known for text in headings if not columns.ignores(text) and (known := known_heading(text))]
    if not any(known.strength == 0 and known.names == ("date",) for known in dated):
        return ""
    counting = (text for text in headings if columns.ignores(text) and (known := known_heading(text)))
    return next((text for text in counting if (known := known_heading(text)) and known.names == ("deployments",)), "")


def _known(heading: str, columns: ColumnMap, named: set[str]) -> bool:
    use = columns.use_of(heading)
    return use is not None and (use.names[0] not in ("measure", "value") or {"measure", "value"} <= named)


def assign(headings: Sequence[str], columns: ColumnMap, name: str, place: str) -> Headed:
    """What each heading stands for. Raises ``UnknownColumn`` with every unknown heading and the nearest known one, or
    ``MissingColumn`` where there is no date, nothing beside it, or one column twice.
    """
    try:
        headed = resolve(headings, columns)
    except ValueError as error:
        raise MissingColumn(
            f"{name}, {place}: {error}",
            next_step="Rename one, or give --columns MAP.toml that lists one under `ignore`.",
        ) from None
    if headed.unknown:
        said = [_unknown(heading, headings) for heading in headed.unknown[:MOST_NAMED]]
        more = len(headed.unknown) - len(said)
        one = len(headed.unknown) == 1
        raise UnknownColumn(
            f"{name}, {place}: {'heading' if one else f'{len(headed.unknown)} headings are not known:'} {listing(said)}"
            f"{f' and {more} more' if more > 0 else ''}{' is not known' if one else ''}"
        )
    seen = {column for use in headed.uses if use for column in use.names}
    if not seen & {"date", "start_time"} and "date" not in columns.constants:
        shown = ", ".join(repr(readable(heading)[:40]) for heading in headings[:8] if heading)
        raise MissingColumn(f"{name}, {place}: there is no column for the date among the headings {shown}")
    if len(seen) < 2:
        raise MissingColumn(f"{name}, {place}: there is no known column beside the date")
    return headed


def _unknown(heading: str, headings: Sequence[str]) -> str:
    nearest = nearest_heading(heading)
    position = list(headings).index(heading) + 1
    return f"{readable(heading)[:80]!r} (column {position}{f'; the nearest known is {nearest!r}' if nearest else ''})"


def check_map_used(columns: ColumnMap, headings: Sequence[str], name: str) -> None:
    """Raise ``MissingColumn`` where no table of a source has any of the headings that its map gives for a column."""
    seen = {fold(heading) for heading in headings}
    given = [(column, columns.headings_of(column)) for column in columns.columns]
    given += [(column, tuple(parts)) for column, parts in columns.sums.items()]
    for column, theirs in given:
        if not any(fold(heading) in seen for heading in theirs):
            raise MissingColumn(f"{name}: the map's heading {theirs[0]!r} for {column} is not there")
