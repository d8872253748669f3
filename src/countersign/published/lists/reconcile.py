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

A list is a small CSV, named after its file. The columns ``date`` (ISO), ``place`` and ``who`` are required; any column
of counts of ``docs/formats/columns.md`` may be added, and ``note``. A line is read for certain or the file is refused
with the place. ``who`` says where it comes from (a newspaper, a group, an observer's reference), never the name of a
person who was scanned.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import msgspec

from countersign.errors import WrongForm
from countersign.published.forms.strict_csv import CsvMalformed, Line, read_lines
from countersign.published.table.places import place_keys
from countersign.published.table.record import COLUMNS, Record, Row
from countersign.published.table.values import LONGEST_TEXT
from countersign.words.dates import day

#: How far two dates may lie apart to be shown as a possible match, in days.
DAYS = 1
NUMBERS: tuple[str, ...] = tuple(column.name for column in COLUMNS if column.kind in ("count", "minutes"))


class Entry(msgspec.Struct, frozen=True):
    """One deployment as a list has it. ``number`` is its row or line, ``who`` says so, ``numbers`` what it counts."""

    number: int
    date: datetime.date
    place: str
    who: str = ""
    numbers: Mapping[str, int] = {}
    note: str = ""


class Source(msgspec.Struct, frozen=True):
    """A list of deployments under a short name of its own; ``left_out`` counts rows without a date or a place."""

    name: str
    entries: tuple[Entry, ...]
    left_out: int = 0

    @property
    def span(self) -> tuple[datetime.date, datetime.date] | None:
        """First and last date of the list; ``None`` for an empty one."""
        dates = [entry.date for entry in self.entries]
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
        Entry(
            number=number,
            date=row.date,
            place=row.place,
            who=f"{row.document}, row {row.number}",
            numbers={name: value for name in NUMBERS if (value := getattr(row, name)) is not None},
        )
        for number, row in enumerate(record.rows, start=1)
        if row.date is not None and row.place
    )
    return Source(name, entries, len(record.rows) - len(entries))


def reconcile(sources: Sequence[Source]) -> Reconciliation:
    """Set lists beside each other; the first is what was published. Raises ``ValueError`` for fewer than two lists."""
    if len(sources) < 2 or len({source.name for source in sources}) < len(sources):
        raise ValueError("two lists or more are set beside each other, each under a name of its own")
    flat = [(source.name, entry) for source in sources for entry in source.entries]
    rows = [Row("", 0, place=entry.place) for _, entry in flat]
    words, towns = place_keys(rows, "words"), place_keys(rows, "town")
    groups: dict[tuple[datetime.date, str | None, int], list[int]] = {}
    seen: dict[tuple[str, datetime.date, str | None], int] = {}
    for index, (name, entry) in enumerate(flat):
        turn = seen.get((name, entry.date, words[index]), 0)
        seen[name, entry.date, words[index]] = turn + 1
        groups.setdefault((entry.date, words[index], turn), []).append(index)
    spans = {source.name: source.span for source in sources}
    lone = _by_day(flat, groups.values(), len(sources))
    found = []
    for key in sorted(groups, key=lambda key: (key[0], min(groups[key]))):
        entries = {flat[index][0]: flat[index][1] for index in groups[key]}
        absent = [source.name for source in sources if source.name not in entries]
        covered = [name for name in absent if _covers(spans[name], key[0])]
        first = groups[key][0]
        found.append(
            Deployment(
                date=key[0],
                place=flat[first][1].place,
                entries=entries,
                missing_from=tuple(covered),
                not_covered=tuple(name for name in absent if name not in covered),
                possible=tuple(_possible(first, set(absent), flat, words, towns, lone)),
                differing=_differing(entries),
            )
        )
    return Reconciliation(tuple(sources), tuple(found))


def _covers(span: tuple[datetime.date, datetime.date] | None, date: datetime.date) -> bool:
    return span is not None and span[0] <= date <= span[1]


def _by_day(
    flat: Sequence[tuple[str, Entry]], groups: Iterable[Sequence[int]], lists: int
) -> dict[datetime.date, list[int]]:
    """Entries, by date, whose deployment is not in every list: only these can be what another list misses."""
    days: dict[datetime.date, list[int]] = {}
    for indices in groups:
        if len(indices) < lists:
            for index in indices:
                days.setdefault(flat[index][1].date, []).append(index)
    return days


def _possible(
    first: int,
    absent: set[str],
    flat: Sequence[tuple[str, Entry]],
    words: Sequence[str | None],
    towns: Sequence[str | None],
    lone: Mapping[datetime.date, Sequence[int]],
) -> list[Possible]:
    entry = flat[first][1]
    found = []
    for date in _near(entry.date):
        for index in lone.get(date, ()):
            name, other = flat[index]
            if name not in absent:
                continue
            same_words = words[index] == words[first]
            if not same_words and towns[index] != towns[first]:
                continue
            reasons = [] if other.date == entry.date else [f"dated {day(other.date)}"]
            reasons += [] if same_words else [f"named {other.place!r}, the same town"]
            if reasons:
                found.append(Possible(name, other, " and ".join(reasons)))
    return found


def _near(date: datetime.date) -> Iterator[datetime.date]:
    """Dates that a slip could have made of this one: some days off, or the same day of another year."""
    for off in range(-DAYS, DAYS + 1):
        yield date + datetime.timedelta(off)
    for year in (date.year - 1, date.year + 1):
        if (date.month, date.day) != (2, 29):
            yield date.replace(year=year)


def _differing(entries: Mapping[str, Entry]) -> tuple[tuple[str, tuple[tuple[str, int], ...]], ...]:
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for (_, one), (_, other) in combinations(entries.items(), 2):
        for column in NUMBERS:
            if column in one.numbers and column in other.numbers and one.numbers[column] != other.numbers[column]:
                told = tuple(
                    (name, entry.numbers[column]) for name, entry in entries.items() if column in entry.numbers
                )
                found[column] = told
    return tuple(found.items())


REQUIRED = ("date", "place", "who")
OPTIONAL = (*NUMBERS, "note")


class ListMalformed(WrongForm):
    """A list of sightings or reports has a line that cannot be read for certain."""

    code = "list-malformed"
    next_step = "Put the named line right; docs/formats/reconcile-lists.md shows the form with an example."


def read_list(path: Path) -> Source:
    """Read one list. Raises ``CsvNotRead`` where it cannot be opened, and ``ListMalformed`` with the line and
    column."""
    try:
        entries = tuple(_entry(line) for line in read_lines(path, REQUIRED, OPTIONAL))
    except CsvMalformed as error:
        raise ListMalformed(str(error)) from error
    return Source(path.stem, entries)


def _entry(line: Line) -> Entry:
    date = line.date("date")
    if date is None:
        raise ListMalformed(f"{line.place}, column 'date': is empty")
    place, who, note = line.text("place"), line.text("who"), line.text("note", required=False)
    for column, text in (("place", place), ("who", who), ("note", note)):
        if len(text) > LONGEST_TEXT or not text.isprintable():
            raise ListMalformed(
                f"{line.place}, column {column!r}: is longer than {LONGEST_TEXT} characters, or not text"
            )
    numbers = {name: value for name in NUMBERS if (value := line.whole_or_none(name)) is not None}
    return Entry(line.number, date, place, who, numbers, note)
