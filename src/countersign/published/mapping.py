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
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec
from msgspec.structs import replace
from rapidfuzz import fuzz, process

from countersign.leaks import cut_up, shown_or_kind, withheld_together
from countersign.output import toml_string
from countersign.progress import Progress, silent
from countersign.published.apart import cells_apart
from countersign.published.files import kind_of_bytes, read_bytes
from countersign.published.forms.csv import decode, sniff, split
from countersign.published.forms.docx import grids_of_docx
from countersign.published.forms.html import grids_of_html
from countersign.published.forms.json import grids_of_json
from countersign.published.forms.ods import grids_of_ods
from countersign.published.forms.pdf.document import grid_of
from countersign.published.forms.pdf.page import pages
from countersign.published.forms.xlsx import grids_of_xls, grids_of_xlsx
from countersign.published.table.columns import FEEDING, Use, fold, known_spellings
from countersign.published.table.dates import read_dates
from countersign.published.table.headings import HEADING_WITHIN, count_known, find_heading
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.marks import Forms, Unreadable, is_nothing, minutes_between, readable
from countersign.published.table.record import COLUMNS, Kind, Unsure
from countersign.published.table.shapes import FEWEST, Grid, labels_of
from countersign.published.table.values import reader
from countersign.words.lists import counted, listing

Sure = Literal["known", "decided", "answered", "likely", "perhaps", "not placed"]

#: Spellings closer than this, of 100, are proposed; from the second on they are taken as likely.
NEAR, LIKELY = 62, 80
#: How many lines of a grid are looked at, and how many values of a column are shown.
MOST_LINES, SHOWN = HEADING_WITHIN + 400, 3
#: No deployment lasts longer than this many minutes: a larger number is a day's serial number or a count.
MOST_MINUTES = 7 * 24 * 60
#: Words that make a rate, share or cost of what else a heading names, and words that do not say what is counted.
_RATE = re.compile(r"%|£|€|\$|\b(?:rate|ratio|per|percentage|percent|share|proportion|cost|average|mean|change)\b")
#: Words of dates that are not those of a deployment, and words for its last day.
_NO_DATES = {
    "watchlist",
    "list",
    "alert",
    "arrest",
    "created",
    "published",
    "updated",
    "approved",
    "authorised",
    "born",
}
_ENDS = {"end", "ended", "ends", "to", "last", "finish", "finished", "until"}
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
                heading = replace(heading, column=said if said in names else "", sure="answered")
            made.append(heading)
        return replace(self, headings=tuple(made))

    def summary(self) -> list[str]:
        """What was found, in sentences: what needs no map, what is proposed, and what could not be placed."""
        known = [heading for heading in self.headings if heading.sure in ("known", "decided", "answered")]
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


def propose(files: Sequence[Path], known: ColumnMap = NO_MAP, progress: Progress = silent) -> Proposal:
    """Read sources once and judge their headings under the map so far. Raises what their readers raise."""
    headings: dict[str, Heading] = {}
    without: list[str] = []
    marks: dict[str, None] = {}
    for path in files:
        for grid in grids_of(path, progress):
            found = _columns(grid, known)
            if not found:
                without += [grid.name] if grid.rows and grid.name else []
                continue
            taken = {name for text, _ in found if (use := known.use_of(text)) for name in use.names}
            for text, values in found:
                if not text or fold(text) in headings:
                    continue
                heading = _under_map(text, values, known) or judged(text, values, taken)
                heading = replace(heading, sheet=grid.name)
                taken.add(heading.column)
                headings[fold(text)] = heading
                if _KINDS.get(heading.column) == "count":
                    marks |= dict.fromkeys(value for value in values if is_nothing(value, Forms()) and len(value) < 4)
    named = (tuple(map(shown_or_kind, texts)) for texts in (without, marks, [path.name for path in files]))
    hidden = withheld_together(heading.text for heading in headings.values() if heading.sure == "not placed")
    shown = tuple(_screened(heading, hidden) for heading in headings.values())
    parts = cut_up(text for heading in shown for text in (heading.text, *heading.samples))
    return Proposal(shown if parts is None else tuple(replace(each, samples=()) for each in shown), *named)


def _screened(heading: Heading, unplaced: str | None) -> Heading:
    """A heading as it may be shown; one that could not be placed as ``unplaced`` where one of those leaks."""
    samples = tuple(map(shown_or_kind, heading.samples))
    if unplaced is not None and heading.sure == "not placed":
        return replace(heading, text=unplaced, sheet=shown_or_kind(heading.sheet), samples=())
    return replace(heading, text=shown_or_kind(heading.text), sheet=shown_or_kind(heading.sheet), samples=samples)


def _columns(grid: Grid, known: ColumnMap) -> list[tuple[str, list[str]]]:
    """Each heading of a grid with the values under it, or beside it in forms and tables on their side."""
    line = _heading_line(grid, known)
    labels, at = labels_of(grid.rows, known, line[1] if line else ())
    if labels >= FEWEST and labels > (count_known(line[1], known) if line else 0):
        beside: dict[str, list[str]] = {}
        for row in grid.rows:
            if len(row) > at and row[at].strip():
                beside.setdefault(row[at].rstrip(": "), []).extend(text for text in row[at + 1 :] if text.strip())
        return [(text, values) for text, values in beside.items() if values]
    if line is None:
        return []
    body = grid.rows[line[0] + 1 :]
    return [
        (text, [row[position] for row in body if position < len(row) and row[position].strip()])
        for position, text in enumerate(line[1])
    ]


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
        dated = bool(values) and "date" not in taken and _says(text, "", "date") and _share(values, _is_date) > 0.8
        return Heading(text, "", "date" if dated else "", "perhaps" if dated else "not placed", _samples(values))
    return Heading(text, "", best[1], "likely" if best[0] >= LIKELY else "perhaps", _samples(values))


def _says(text: str, spelling: str, name: str) -> bool:
    """Whether a heading names what a known one counts, and no rate, cost or share of it where a count is wanted."""
    kind, words = _KINDS.get(name), set(fold(text).split())
    if kind == "date":
        return not words & _NO_DATES and (name == "date" or bool(words & _ENDS))
    if kind not in ("count", "percent"):
        return True
    if (kind == "percent") != (_RATE.search(text.casefold()) is not None):
        return False
    nouns = set(spelling.split()) - _NO_NOUNS or set(spelling.split())
    return any(fuzz.ratio(word, noun) >= LIKELY for word in words for noun in nouns)


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


def grids_of(path: Path, progress: Progress = silent) -> Sequence[Grid]:
    """The first lines of every grid of cells in a source; what a library parses is read in a process of its own, as
    elsewhere. Raises what its reader raises.
    """
    content = read_bytes(path)
    if kind_of_bytes(content, str(path)) in ("json", "text"):
        return cells_of(content, str(path))
    return cells_apart(content, str(path), progress=progress)


def cells_of(content: bytes, name: str, progress: Progress = silent) -> tuple[Grid, ...]:
    """The first lines of every grid of cells in a file, whatever its form; a PDF gives its phrases."""
    grids = _grids(content, name, progress)
    return tuple(replace(grid, rows=grid.rows[:MOST_LINES], numbers=grid.numbers[:MOST_LINES]) for grid in grids)


def _grids(content: bytes, name: str, progress: Progress) -> Sequence[Grid]:
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
            return [grid_of(list(pages(content, name, progress)))]
        case "text":
            text, _ = decode(content, name)
            lines = split(text, sniff(text, name, NO_MAP), name, MOST_LINES)
            return [Grid("", None, tuple(tuple(row) for row in lines.cells), tuple(lines.numbers), word="line")]


def render(proposal: Proposal, before: str = "") -> str:
    """The map as TOML. Where a map stood before, its text stays: answers are added in their places, and what is new and
    not answered stands under it as comments.
    """
    if before:
        return _added(before, [heading for heading in proposal.headings if heading.sure not in ("known", "decided")])
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
        lines.append(f"# if they mean zero, write: zero = [{', '.join(toml_string(mark) for mark in proposal.marks)}]")
    if proposal.without_table:
        lines.append(f"leave = [{', '.join(toml_string(sheet) for sheet in proposal.without_table)}]")
    lines += ["# Not placed: these headings are left out.", "ignore = ["] if ignored else []
    lines += [f"    {toml_string(heading.text)},{_comment(heading)}" for heading in ignored]
    lines += ["]"] if ignored else []
    lines.append("\n[columns]")
    by_column: dict[str, list[Heading]] = {}
    for heading in placed:
        by_column.setdefault(heading.column, []).append(heading)
    for column, headings in by_column.items():
        given = [toml_string(heading.text) for heading in headings]
        value = given[0] if len(given) == 1 else f"[{', '.join(given)}]"
        lines.append(f"{column} = {value}{_comment(headings[0])}")
    lines += [
        f"# {heading.column} = {toml_string(heading.text)}  # known"
        for heading in proposal.headings
        if heading.sure == "known"
    ]
    return "\n".join(lines) + "\n"


def _added(before: str, fresh: Sequence[Heading]) -> str:
    text = before
    lines = ["", "# Headings that this map does not name yet:"]
    for heading in fresh:
        line = f"#   {heading.column or 'ignore'} = {toml_string(heading.text)}"
        if heading.sure == "answered":
            text = _with_answer(text, heading)
        elif line not in text:
            lines.append(f"{line}{_comment(heading)}")
    return "\n".join([text.rstrip(), *lines, ""]) if len(lines) > 2 else text


def _with_answer(text: str, heading: Heading) -> str:
    """A map with one answer more: among the headings to leave out, or beside those its column has already."""
    given, answer = tomllib.loads(text), toml_string(heading.text)
    if not heading.column:
        begun = re.search(r"^[ \t]*ignore[ \t]*=[ \t]*\[", text, re.MULTILINE)
        return f"{text[: begun.end()]}{answer}, {text[begun.end() :]}" if begun else f"ignore = [{answer}]\n{text}"
    if (stated := given.get("columns", {}).get(heading.column)) is None:
        begun = re.search(r"^[ \t]*\[columns\][^\n]*\n?", text, re.MULTILINE)
        line = f"{heading.column} = {answer}\n"
        return f"{text[: begun.end()]}{line}{text[begun.end() :]}" if begun else f"{text.rstrip()}\n\n[columns]\n{line}"
    begun = re.search(rf"^[ \t]*{heading.column}[ \t]*=[ \t]*", text, re.MULTILINE)
    if begun is None:
        return text
    if isinstance(stated, list):
        return f"{text[: begun.end()]}[{answer}, {text[begun.end() + 1 :]}"
    value, _, rest = text[begun.end() :].partition("\n")
    literal = next((each for each in (toml_string(stated), f"'{stated}'") if value.startswith(each)), value)
    return f"{text[: begun.end()]}[{literal}, {answer}]{value[len(literal) :]}\n{rest}"


def _comment(heading: Heading) -> str:
    shown = f", such as {', '.join(heading.samples)}" if heading.samples else ""
    return f"  # {readable(f'{heading.sure}{shown}')}"
