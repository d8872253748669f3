"""Deployments missing from any of several lists: what was published, press reports, people's sightings.

The first list is what was published; each other list says who says so in every line. Two entries are taken for one
deployment only on certain ground: the same date and the same words for the place; several of one day and place are
paired in order. Everything less is shown as a *possible* match with its reason and merged with nothing: a date up to
``DAYS`` off, or the same town under another name. A deployment that has a possible match is still missing until a
person says otherwise.

A list speaks only for the dates it covers: an entry outside the first and last date of another list is not missing
from that list, but *not covered*. Sightings and press reports are never complete, so a deployment missing from them
says little; one they hold that was not published says more, and comes first. Numbers that several lists give for one
deployment and that differ are listed.

>>> import datetime
>>> day = datetime.date(2024, 5, 2)
>>> published = Source("published", (Entry(1, day, "Kingston"), Entry(2, day + datetime.timedelta(9), "Tooting")))
>>> seen = Source("seen", (Entry(1, day, "Kingston"), Entry(2, day + datetime.timedelta(3), "Brixton")))
>>> found = reconcile((published, seen))
>>> [(item.place, item.missing_from) for item in found.deployments if item.missing_from]
[('Brixton', ('published',))]

A list is any file that a source can be, named after its file. Its headings are known as everywhere, and "who" (or
"source", "reported by") and "note" besides; ``who`` says where a line comes from (a newspaper, a group, an observer's
reference), never the name of a person who was scanned. A line whose date cannot be read for certain is left out and
counted; a range of days matches only as a possibility.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import msgspec

from countersign.door import hold_column, hold_text
from countersign.errors import WrongForm
from countersign.published.faults.codes import where
from countersign.published.files import kind_of_bytes, read_bytes
from countersign.published.forms.csv import decode, sniff, split
from countersign.published.table.columns import fold
from countersign.published.table.dates import read_dates
from countersign.published.table.figures import When
from countersign.published.table.maps import NO_MAP, ColumnMap, read_map
from countersign.published.table.marks import Unreadable, readable
from countersign.published.table.own import is_own, own_map
from countersign.published.table.places import place_keys
from countersign.published.table.record import COLUMNS, Record, Row
from countersign.published.table.rows import MOST_ROWS
from countersign.published.table.values import LONGEST_TEXT, reader
from countersign.words.dates import span
from countersign.words.hidden import read_cell

#: How far two dates may lie apart to be shown as a possible match, in days.
DAYS = 1
#: The most days over which a range of days is followed.
MOST_DAYS = 31
NUMBERS: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.kind in ("count", "minutes"))


class Entry(msgspec.Struct, frozen=True):
    """One deployment of a list: ``number`` is its row or line, ``who`` says so, ``date_to`` its last day."""

    number: int
    date: datetime.date
    place: str
    who: str = ""
    numbers: Mapping[str, int] = {}
    note: str = ""
    date_to: datetime.date | None = None


class Source(msgspec.Struct, frozen=True):
    """A list of deployments under a short name of its own. ``left_out``: rows without a certain date or a place, and
    rows over a period of deployments. ``ocr_layer``: it is text that a program recognised under a scan.
    """

    name: str
    entries: tuple[Entry, ...]
    left_out: tuple[str, ...] = ()
    ocr_layer: bool = False

    @property
    def span(self) -> tuple[datetime.date, datetime.date] | None:
        """First and last date of the list; ``None`` for an empty one."""
        dates = [day for entry in self.entries for day in (entry.date, entry.date_to or entry.date)]
        return (min(dates), max(dates)) if dates else None


class Possible(msgspec.Struct, frozen=True):
    """An entry of another list that may be the same deployment, and why it is not taken for it."""

    source: str
    entry: Entry
    why: str


class Deployment(msgspec.Struct, frozen=True):
    """A deployment with the entries that certainly mean it, by list, and the lists it is missing from.

    ``not_covered`` are lists whose dates do not reach it. ``differing`` are numbers on which its entries disagree:
    the column, and each list with its value.
    """

    date: datetime.date
    place: str
    entries: Mapping[str, Entry]
    missing_from: tuple[str, ...]
    not_covered: tuple[str, ...]
    possible: tuple[Possible, ...]
    differing: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


class Reconciliation(msgspec.Struct, frozen=True):
    """All deployments of all lists, by date; the first of ``sources`` is what was published."""

    sources: tuple[Source, ...]
    deployments: tuple[Deployment, ...]

    @property
    def not_published(self) -> tuple[Deployment, ...]:
        """What others saw or reported within the dates of the published list, and it does not hold."""
        return tuple(item for item in self.deployments if self.sources[0].name in item.missing_from)

    @property
    def complete(self) -> bool:
        """Whether no deployment is missing from any list that covers its date, and no numbers differ."""
        return not any(item.missing_from or item.differing for item in self.deployments)


def source_of(record: Record, name: str) -> Source:
    """The rows of a record with a date and a place, as a list."""
    entries = tuple(
        Entry(number, row.date, row.place, f"{row.document}, row {row.number}", _numbers(row))
        for number, row in enumerate(record.rows, start=1)
        if row.date is not None and row.place and not row.period
    )
    taken = {entry.number for entry in entries}
    left = (row for number, row in enumerate(record.rows, start=1) if number not in taken)
    layer = any(document.ocr_layer for document in record.documents)
    return Source(name, entries, tuple(map(where, left)), layer)


def _numbers(row: Row) -> dict[str, int]:
    return {name: value for name in NUMBERS if (value := getattr(row, name)) is not None}


def reconcile(sources: Sequence[Source]) -> Reconciliation:
    """Set lists beside each other; the first is what was published. Raises ``ValueError`` for fewer than two lists."""
    if len(sources) < 2 or len({source.name for source in sources}) < len(sources):
        raise ValueError("two lists or more are set beside each other, each under a name of its own")
    flat = [(source.name, entry) for source in sources for entry in source.entries]
    rows = [Row("", 0, place=entry.place) for _, entry in flat]
    words, towns = place_keys(rows, "words"), place_keys(rows, "town")
    groups: dict[tuple[datetime.date, datetime.date | None, str | None, int], list[int]] = {}
    seen: dict[tuple[str, datetime.date, datetime.date | None, str | None], int] = {}
    for index, (name, entry) in enumerate(flat):
        same = (entry.date, entry.date_to, words[index])
        turn = seen.get((name, *same), 0)
        seen[name, *same] = turn + 1
        groups.setdefault((*same, turn), []).append(index)
    spans = {source.name: source.span for source in sources}
    lone = _by_day(flat, groups.values(), len(sources))
    found = []
    for key in sorted(groups, key=lambda key: (key[0], min(groups[key]))):
        entries = {flat[index][0]: flat[index][1] for index in groups[key]}
        absent = [source.name for source in sources if source.name not in entries]
        covered = [name for name in absent if _covers(spans[name], key[0])]
        first = groups[key][0]
        uncovered = tuple(name for name in absent if name not in covered)
        possible = tuple(_possible(first, set(absent), flat, (words, towns), lone))
        place, differing = flat[first][1].place, _differing(entries)
        found.append(Deployment(key[0], place, entries, tuple(covered), uncovered, possible, differing))
    return Reconciliation(tuple(sources), tuple(found))


_Flat = Sequence[tuple[str, Entry]]
_Keys = Sequence[str | None]


def _covers(span: tuple[datetime.date, datetime.date] | None, date: datetime.date) -> bool:
    return span is not None and span[0] <= date <= span[1]


def _by_day(flat: _Flat, groups: Iterable[Sequence[int]], lists: int) -> dict[datetime.date, list[int]]:
    """Entries, by date, whose deployment is not in every list: only these can be what another list misses."""
    days: dict[datetime.date, list[int]] = {}
    for indices in groups:
        if len(indices) < lists:
            for index in indices:
                entry = flat[index][1]
                long = ((entry.date_to or entry.date) - entry.date).days
                for off in range(min(long, MOST_DAYS) + 1):
                    days.setdefault(entry.date + datetime.timedelta(off), []).append(index)
    return days


def _possible(
    first: int,
    absent: set[str],
    flat: _Flat,
    places: Sequence[_Keys],
    lone: Mapping[datetime.date, Sequence[int]],
) -> list[Possible]:
    words, towns = places
    entry = flat[first][1]
    found = []
    for date in _near(entry):
        for index in lone.get(date, ()):
            name, other = flat[index]
            if name not in absent:
                continue
            same_words = words[index] == words[first]
            if not same_words and towns[index] != towns[first]:
                continue
            same_day = other.date == entry.date and other.date_to == entry.date_to
            reasons = [] if same_day else [f"dated {span(other.date, other.date_to or other.date)}"]
            reasons += [] if same_words else [f"named {other.place!r}, the same town"]
            if reasons:
                found.append(Possible(name, other, " and ".join(reasons)))
    return found


def _near(entry: Entry) -> Iterator[datetime.date]:
    """Days of an entry, and those that a slip could have made of its date: some days off, or another year."""
    date, long = entry.date, ((entry.date_to or entry.date) - entry.date).days
    for off in range(-DAYS, DAYS + 1 + min(long, MOST_DAYS)):
        yield date + datetime.timedelta(off)
    for year in (date.year - 1, date.year + 1):
        if (date.month, date.day) != (2, 29):
            yield date.replace(year=year)


def _differing(entries: Mapping[str, Entry]) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for (_, one), (_, other) in combinations(entries.items(), 2):
        for column in NUMBERS:
            if column in one.numbers and column in other.numbers and one.numbers[column] != other.numbers[column]:
                holders = ((name, entry.numbers) for name, entry in entries.items())
                found[column] = tuple((name, numbers[column]) for name, numbers in holders if column in numbers)
    return tuple(found.items())


_WHO = frozenset({"who", "source", "reported by", "seen by", "reference", "says who", "newspaper", "observer"})
_NOTE = frozenset({"note", "notes", "remark", "remarks", "comment", "comments"})
_KINDS = {column.name: column.kind for column in COLUMNS}


class ListMalformed(
    WrongForm,
    next_step="Give the list headings, such as date, place and who; docs/formats/reconcile-lists.md shows one.",
):
    """A list of sightings or reports has no line of headings with a date and a place."""


def read_list(path: Path, map_: Path | None = None, *, ocr_layer: bool = False) -> Source:
    """Read one list, with a map of its headings. Raises ``NoSuchSource``, ``ListMalformed``, and what ``read_source``
    raises for other forms.
    """
    if path.is_dir() or kind_of_bytes(content := read_bytes(path), str(path)) != "text":
        from countersign.published.read import read_source

        return source_of(read_source(path, columns=map_, ocr_layer=ocr_layer), path.stem)
    columns = NO_MAP if map_ is None else read_map(map_)
    text, _ = decode(content, str(path))
    lines = split(text, sniff(text, str(path), columns), str(path), MOST_ROWS)
    at = next((index for index, line in enumerate(lines.cells) if _is_heading(line, columns)), None)
    if at is None:
        raise ListMalformed(f"{path}: none of its lines has headings for a date and a place")
    if columns is NO_MAP and (own := own_map(lines.cells[at])) is not None:
        columns = own
    names = [_name(heading, columns) for heading in lines.cells[at]]
    quoted = is_own(lines.cells[at])
    body = [[read_cell(text) for text in line] if quoted else line for line in lines.cells[at + 1 :]]
    numbers = lines.numbers[at + 1 :]
    unknown = [heading for heading, name in zip(lines.cells[at], names, strict=True) if not name and heading.strip()]
    if unknown:
        raise ListMalformed(f"{path}, line {lines.numbers[at]}: heading {unknown[0]!r} is not known")
    dates = read_dates([_cell(line, names, "date") for line in body], columns.forms)
    entries = [
        _entry(line, names, dates, number, path.stem, columns) for line, number in zip(body, numbers, strict=True)
    ]
    found = tuple(entry for entry in entries if entry is not None)
    for name in names:
        hold_column((_cell(line, names, name) for line in body), f"{path}, column {name!r}")
    left = tuple(
        f"{path.stem}, line {number} ({', '.join(readable(text) for text in line if text.strip())[:80]})"
        for entry, number, line in zip(entries, numbers, body, strict=True)
        if entry is None
    )
    return Source(path.stem, found, left)


def _name(heading: str, columns: ColumnMap) -> str:
    """What a heading of a list stands for: a column, ``who``, ``note``, or nothing known."""
    folded = fold(heading)
    if folded in _WHO:
        return "who"
    if folded in _NOTE:
        return "note"
    use = columns.use_of(heading)
    return use.names[0] if use is not None and not columns.ignores(heading) else "-" if columns.ignores(heading) else ""


def _is_heading(line: Sequence[str], columns: ColumnMap) -> bool:
    return {"date", "place"} <= {_name(heading, columns) for heading in line}


def _cell(line: Sequence[str], names: Sequence[str], name: str) -> str:
    at = names.index(name) if name in names else len(line)
    return line[at].strip() if at < len(line) else ""


def _entry(
    line: Sequence[str], names: Sequence[str], dates: Mapping[str, When], number: int, stem: str, columns: ColumnMap
) -> Entry | None:
    """One line as an entry; ``None`` where it has no certain date or no place."""
    for name in names:
        hold_text("list", name, _cell(line, names, name), f"{stem}, line {number}, {name}")
    when, place = dates[_cell(line, names, "date")], _cell(line, names, "place")
    texts = (place, _cell(line, names, "who"), _cell(line, names, "note"))
    if when.date is None or not place or any(len(text) > LONGEST_TEXT or not text.isprintable() for text in texts):
        return None
    numbers: dict[str, int] = {}
    for name in NUMBERS:
        try:
            value = reader(name, _KINDS[name], columns.forms)(_cell(line, names, name)) if name in names else None
        except Unreadable:
            continue
        if isinstance(value, int):
            numbers[name] = value
    return Entry(number, when.date, place, texts[1] or stem, numbers, texts[2], when.date_to)
