"""A column map made from the source itself: every heading, the column it most likely stands for, and how sure that is.

A heading is placed by what is known of it, else by its nearest known words that its values allow: texts that read as
dates, times, rates or counts cannot stand for anything else. A proposal is written as a map for a person to check, with
sample values and what is doubtful in comments. What an earlier map decided stays.

>>> heading = judged("Watch-list entries (no.)", ["15,250", "14,581"], set())
>>> heading.column, heading.sure
('watchlist_size', 'likely')
>>> judged("Officer in charge", ["A", "B"], set()).column
''
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace
from rapidfuzz import fuzz, process

from countersign.progress import silent
from countersign.published.files import kind_of_bytes, read_bytes
from countersign.published.forms.csv import decode, sniff, split
from countersign.published.forms.docx import grids_of_docx
from countersign.published.forms.html import grids_of_html
from countersign.published.forms.json import grids_of_json
from countersign.published.forms.ods import grids_of_ods
from countersign.published.forms.pdf.document import grid_of
from countersign.published.forms.pdf.page import pages
from countersign.published.forms.xlsx import grids_of_xls, grids_of_xlsx
from countersign.published.table.columns import FEEDING, NO_MAP, ColumnMap, Use, fold, known_spellings
from countersign.published.table.dates import read_dates
from countersign.published.table.headings import HEADING_WITHIN, find_heading
from countersign.published.table.marks import Forms, Unreadable, is_nothing, minutes_between, readable
from countersign.published.table.record import COLUMNS, Kind, Unsure
from countersign.published.table.rows import MOST_ROWS
from countersign.published.table.shapes import Grid
from countersign.published.table.values import reader
from countersign.words.lists import counted, listing

Sure = Literal["known", "decided", "likely", "perhaps", "not placed"]

#: Spellings closer than this, of 100, are proposed; from the second on they are taken as likely.
NEAR, LIKELY = 62, 80
#: How many values of a column are looked at, and shown.
LOOKED_AT, SHOWN = 400, 3
#: No deployment lasts longer than this many minutes: a larger number is a day's serial number or a count.
MOST_MINUTES = 7 * 24 * 60
#: Words that make a rate, share or cost of what else a heading names, and words that do not say what is counted.
_RATE = re.compile(r"%|£|€|\$|\b(?:rate|ratio|per|percentage|percent|share|proportion|cost|average|mean|change)\b")
_NO_NOUNS = {
    "number", "no", "of", "total", "size", "the", "count", "volume", "possible", "potential", "true", "false",
    "correct", "incorrect", "confirmed", "unconfirmed", "positive", "outcome", "outcomes", "other", "seen", "camera",
    "lfr", "by", "passed", "past", "engagement", "further", "in", "on",
}  # fmt: skip
_KINDS: dict[str, Kind] = {column.name: column.kind for column in COLUMNS}


class Heading(msgspec.Struct, frozen=True):
    """A heading of a source, where it stands, the column proposed for it (or empty), how sure, and sample values."""

    text: str
    sheet: str
    column: str
    sure: Sure
    samples: tuple[str, ...] = ()


class Proposal(msgspec.Struct, frozen=True):
    """What is proposed for a source: its headings, the sheets without a table, and marks for nothing in its counts."""

    headings: tuple[Heading, ...]
    without_table: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    def answered(self, ask: Callable[[str, str], str]) -> Proposal:
        """The proposal with a person's answers for what is doubtful: a column's name, or "ignore"."""
        made = []
        names = {column.name for column in COLUMNS} | set(FEEDING)
        for heading in self.headings:
            if heading.sure in ("perhaps", "not placed"):
                shown = f" (values: {', '.join(heading.samples)})" if heading.samples else ""
                said = ask(f"{heading.text!r}{shown} stands for", heading.column).strip()
                heading = replace(heading, column=said if said in names else "", sure="decided")
            made.append(heading)
        return replace(self, headings=tuple(made))

    def summary(self) -> list[str]:
        """What was found, in sentences: what needs no map, what is proposed, and what could not be placed."""
        known = [heading for heading in self.headings if heading.sure in ("known", "decided")]
        proposed = [heading for heading in self.headings if heading.sure in ("likely", "perhaps")]
        left = [heading for heading in self.headings if heading.sure == "not placed"]
        lines = [f"{counted(len(self.headings), 'heading')}: {len(known)} known or decided, {len(proposed)} proposed."]
        lines += [
            f"  {heading.text!r} most likely stands for {heading.column} ({heading.sure})." for heading in proposed
        ]
        if left:
            lines.append(f"Not placed, and left out by the map: {listing([repr(heading.text) for heading in left])}.")
        lines += [f"Sheet {sheet!r} has no table that is known." for sheet in self.without_table]
        return lines


def propose(files: Sequence[Path], known: ColumnMap = NO_MAP) -> Proposal:
    """Read sources once and judge their headings under the map so far. Raises what their readers raise."""
    headings: dict[str, Heading] = {}
    without: list[str] = []
    marks: dict[str, None] = {}
    for path in files:
        for grid in grids_of(path):
            found = _heading_line(grid, known)
            if found is None:
                without += [grid.name] if grid.rows and grid.name else []
                continue
            at, texts = found
            body = grid.rows[at + 1 : at + 1 + LOOKED_AT]
            taken = {name for text in texts if (use := known.use_of(text)) for name in use.names}
            for position, text in enumerate(texts):
                if not text or fold(text) in headings:
                    continue
                values = [row[position] for row in body if position < len(row) and row[position].strip()]
                heading = _under_map(text, values, known) or judged(text, values, taken)
                heading = replace(heading, sheet=grid.name)
                taken.add(heading.column)
                headings[fold(text)] = heading
                if _KINDS.get(heading.column) == "count":
                    marks |= dict.fromkeys(value for value in values if is_nothing(value, Forms()) and len(value) < 4)
    return Proposal(tuple(headings.values()), tuple(without), tuple(marks), tuple(path.name for path in files))


def _under_map(text: str, values: Sequence[str], known: ColumnMap) -> Heading | None:
    """A heading that the map so far decides, or that is known without one."""
    samples = _samples(values)
    if known.ignores(text):
        return Heading(text, "", "", "decided", samples)
    use = known.use_of(text)
    if use is None or (use.strength == 0 and use.names[0] in FEEDING):
        return None
    return Heading(text, "", use.names[0], "decided" if use.strength == 2 else "known", samples)


def judged(text: str, values: Sequence[str], taken: set[str]) -> Heading:
    """What a heading that is not known most likely stands for: its nearest known words that its values allow."""
    spellings: dict[str, Use] = known_spellings()
    ranked = process.extract(fold(text), spellings.keys(), scorer=fuzz.token_set_ratio, limit=12, score_cutoff=NEAR)
    best: tuple[float, str] | None = None
    for spelling, score, _ in ranked:
        name = spellings[spelling].names[0]
        if name in taken or name in ("measure", "value", "source") or not _says(text, spelling, name):
            continue
        if not _allows(name, values):
            continue
        exact = (score + fuzz.ratio(fold(text), spelling)) / 2
        if best is None or exact > best[0]:
            best = (exact, name)
    if best is None:
        dated = bool(values) and "date" not in taken and _share(values, _is_date) > 0.8
        return Heading(text, "", "date" if dated else "", "perhaps" if dated else "not placed", _samples(values))
    return Heading(text, "", best[1], "likely" if best[0] >= LIKELY else "perhaps", _samples(values))


def _says(text: str, spelling: str, name: str) -> bool:
    """Whether a heading names what a known one counts, and no rate, cost or share of it where a count is wanted."""
    kind = _KINDS.get(name)
    if kind not in ("count", "percent"):
        return True
    if (kind == "percent") != (_RATE.search(text.casefold()) is not None):
        return False
    nouns = set(spelling.split()) - _NO_NOUNS or set(spelling.split())
    return any(fuzz.ratio(word, noun) >= LIKELY for word in fold(text).split() for noun in nouns)


def _allows(name: str, values: Sequence[str]) -> bool:
    """Whether the values of a column read as those of another, for most of them."""
    if not values:
        return True
    if name in ("date", "date_to"):
        return _share(values, _is_date) > 0.5
    if name in ("start_time", "end_time", "times"):
        return _share(values, _is_time) > 0.5
    if name in FEEDING:
        return False
    kind = _KINDS[name]
    if kind == "text":
        return _share(values, lambda text: _is_number(text) or _is_date(text)) < 0.5
    if kind == "minutes":
        minutes = reader(name, kind, Forms(duration="minutes"))
        return _share(values, lambda text: _reads(minutes, text, MOST_MINUTES)) > 0.5
    read = reader(name, kind, Forms())
    return _share(values, lambda text: _reads(read, text)) > 0.5


def _share(values: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(holds(value) for value in values) / len(values)


def _is_date(text: str) -> bool:
    return read_dates([text], Forms())[text].date is not None


def _is_time(text: str) -> bool:
    try:
        minutes_between(text)
    except Unreadable:
        return False
    return True


def _is_number(text: str) -> bool:
    return any(letter.isdigit() for letter in text) and not any(letter.isalpha() for letter in text)


def _reads(read: Callable[[str], object], text: str, most: int | None = None) -> bool:
    try:
        value = read(text)
    except Unreadable:
        return False
    if most is not None and isinstance(value, int) and value > most:
        return False
    return not (isinstance(value, Unsure) and value.kind == "unread")


def _samples(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(readable(value)[:40] for value in list(dict.fromkeys(values))[:SHOWN])


def _heading_line(grid: Grid, known: ColumnMap) -> tuple[int, tuple[str, ...]] | None:
    """The line of headings: as for reading, else the first line of several texts above lines of as many cells."""
    if (found := find_heading(grid.rows, known)) is not None:
        return found
    for index, row in enumerate(grid.rows[:HEADING_WITHIN]):
        filled = [text for text in row if text.strip()]
        if len(filled) >= 3 and not any(_is_number(text) or _is_date(text) for text in filled):
            return index, tuple(text.strip() for text in row)
    return None


def grids_of(path: Path) -> list[Grid]:
    """The grids of cells in a source, whatever its form. Raises what its reader raises; a PDF gives its phrases."""
    content = read_bytes(path)
    name = str(path)
    match kind_of_bytes(content, name):
        case "xlsx":
            return grids_of_xlsx(content, name)[0]
        case "ods":
            return grids_of_ods(content, name)[0]
        case "xls":
            return grids_of_xls(content, name)
        case "docx":
            return grids_of_docx(content, name)[0]
        case "html":
            return grids_of_html(content, name)[0]
        case "json":
            return grids_of_json(content, name)
        case "pdf":
            return [grid_of(list(pages(content, name, silent)))]
        case "text":
            text, _ = decode(content, name)
            lines = split(text, sniff(text, name, NO_MAP), name, MOST_ROWS)
            return [Grid("", None, tuple(tuple(row) for row in lines.cells), tuple(lines.numbers), word="line")]


def render(proposal: Proposal, before: str = "") -> str:
    """The map as TOML. Where a map stood before, its text stays as it is and only what is new is added under it."""
    decided = {heading.text for heading in proposal.headings if heading.sure in ("known", "decided")}
    fresh = [heading for heading in proposal.headings if heading.text not in decided]
    if before:
        return before if not fresh else f"{before.rstrip()}\n\n{_new_lines(fresh)}"
    ignored = [heading for heading in proposal.headings if not heading.column]
    placed = [heading for heading in proposal.headings if heading.column and heading.sure != "known"]
    lines = [
        f"# A column map of {listing(proposal.sources)}, proposed by `countersign map`.",
        "# Check each line that is not known; docs/formats/column-maps.md describes the form.",
        'title = ""',
        'publisher = ""',
    ]
    if proposal.marks:
        lines.append(
            f"# These marks stand where a count would: {', '.join(proposal.marks)}. They are read as no value;"
        )
        lines.append(f"# if they mean zero, write: zero = [{', '.join(_quoted(mark) for mark in proposal.marks)}]")
    if proposal.without_table:
        lines.append(f"leave = [{', '.join(_quoted(sheet) for sheet in proposal.without_table)}]")
    lines += ["# Not placed: these headings are left out.", "ignore = ["] if ignored else []
    lines += [f"    {_quoted(heading.text)},{_comment(heading)}" for heading in ignored]
    lines += ["]"] if ignored else []
    lines.append("\n[columns]")
    by_column: dict[str, list[Heading]] = {}
    for heading in placed:
        by_column.setdefault(heading.column, []).append(heading)
    for column, headings in by_column.items():
        given = [_quoted(heading.text) for heading in headings]
        value = given[0] if len(given) == 1 else f"[{', '.join(given)}]"
        lines.append(f"{column} = {value}{_comment(headings[0])}")
    lines += [
        f"# {heading.column} = {_quoted(heading.text)}  # known"
        for heading in proposal.headings
        if heading.sure == "known"
    ]
    return "\n".join(lines) + "\n"


def _new_lines(fresh: Sequence[Heading]) -> str:
    said = [f"#   {heading.column or 'ignore'} = {_quoted(heading.text)}{_comment(heading)}" for heading in fresh]
    return "\n".join(["# Headings that this map does not name yet:", *said]) + "\n"


def _quoted(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _comment(heading: Heading) -> str:
    shown = f", such as {', '.join(heading.samples)}" if heading.samples else ""
    return readable(f"  # {heading.sure}{shown}")
