"""The forces side by side, each worked out from its readings alone and kept by them; and the review of a single one."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

from countersign.document import Block, Cell, Chart, Column, Document, Items, Paragraph, Section, SeriesPoint, Table
from countersign.errors import NotReached
from countersign.following.changes import stands
from countersign.following.library import Library
from countersign.progress import Progress, silent
from countersign.published.claims.file import read_claims
from countersign.published.files import digest
from countersign.releases.forces import Force
from countersign.releases.kept import PROGRAM
from countersign.releases.table import NOT_PUBLISHED, SUMS, Line, Side, side
from countersign.reviews.published.assemble import Given, PublishedReview, review_record
from countersign.surroundings import current
from countersign.words.dates import day
from countersign.words.lists import counted

#: What stands under every table of several forces.
NEVER_SUMMED = (
    "Forces stand side by side and are never added up: each counts in its own way, and what forbids a comparison is "
    "said beside the table. An empty box is something that the force did not publish."
)
_WIDE = ("Force", "Year", *SUMS.values(), "List size", "Threshold", "Use cases", "False alerts per face")


def sides(library: Library, *, progress: Progress = silent) -> list[Side]:
    """The side of each force of which a release is held, by its name."""
    state = library.state
    found = []
    for number, name in enumerate(state.followed):
        progress("setting forces side by side", number, len(state.followed))
        if state.of(name):
            found.append(side_of(library, library.force(name)))
    return sorted(found, key=lambda each: each.name)


def side_of(library: Library, force: Force) -> Side:
    """The side of one force, worked out once of the same readings and kept."""
    state, releases = library.state, library.state.of(force.id)
    key = digest(repr(("side", 2, PROGRAM, force, [(each, state.latest(each)) for each in releases])).encode())
    return library.drawn.made(key, Side, lambda: side(force, stands(library, releases)))


def table_of(found: list[Side]) -> Table:
    """All sides in one broad table, a line a force and year: for other programs, too broad for a page."""
    columns = tuple(Column(f"c{place}", label) for place, label in enumerate(_WIDE))
    rows = [(Cell(each.name), *map(Cell, _cells(line))) for each in found for line in each.lines]
    return Table("side-by-side", "What each force published, by year", columns, tuple(rows), NEVER_SUMMED)


def _cells(line: Line) -> tuple[str, ...]:
    year = f"{line.year}, {line.system}" if line.system else line.year
    return (year, *line.sums, line.lists, line.thresholds, line.use_cases, _rate(line))


def _rate(line: Line) -> str:
    rates = [rated for rated in line.rates if rated.measure == "false alerts per face"]
    if not rates:
        return NOT_PUBLISHED
    if len(rates) > 1:
        return f"{counted(len(rates), 'regime')}, each with its own rate"
    [rated] = rates
    both = f"; if every unconfirmed alert was false, {rated.at_most}" if rated.at_most else ""
    return f"{rated.counts}: {rated.rate}{both}"


def _false(line: Line) -> str:
    """False alerts, and how many they are if every unconfirmed alert was one."""
    sums = dict(zip(SUMS, line.sums, strict=True))
    least, most = sums["false_alerts"], sums["false_alerts_at_most"]
    if least in (NOT_PUBLISHED, most):
        return least
    return f"{least}, no upper end" if most == NOT_PUBLISHED else f"{least}; {most} at most"


def _sum(name: str) -> Callable[[Line], str]:
    return lambda line: line.sums[[*SUMS].index(name)]


#: The tables of a page: a quantity each, its heading, and what its cells show of a line.
_TABLES: tuple[tuple[str, Callable[[Line], str]], ...] = (
    *((SUMS[name], _sum(name)) for name in ("deployments", "faces_seen", "alerts")),
    ("False alerts, and at most how many if every unconfirmed alert was false", _false),
    ("False alerts per face, with a 95% interval", _rate),
    *((SUMS[name], _sum(name)) for name in ("hours", "engagements", "arrests")),
    ("Entries on the watchlist", lambda line: line.lists),
    ("Threshold", lambda line: line.thresholds),
    ("Use cases, in the force's words", lambda line: line.use_cases),
)
#: So many of them are open, the others folded.
_OPEN = 5


def tables_of(found: list[Side], *, linked: bool = False) -> Iterator[Block]:
    """A small table a quantity: forces down, years across. Periods that are no year stand in words below it.

    ``linked``: a force's name leads to its page.
    """
    dated = [int(line.year) for each in found for line in each.lines if line.year.isdecimal()]
    years = [str(year) for year in range(min(dated), max(dated) + 1)] if dated else []
    for number, (label, shown) in enumerate(_TABLES):
        rows, others = [], []
        for each in found:
            for system in dict.fromkeys(line.system for line in each.lines):
                lines = {line.year: shown(line) for line in each.lines if line.system == system}
                named = f"{each.name}, {system}" if system else each.name
                cells = [lines.pop(year, "☐").replace(NOT_PUBLISHED, "☐") for year in years]
                others += [f"{named}, {period}: {said}." for period, said in lines.items() if said != NOT_PUBLISHED]
                rows.append((Cell(named, link=f"{each.force}.html#short" if linked else None), *map(Cell, cells)))
        columns = (Column("force", "Force"), *(Column(f"y{year}", year) for year in years))
        yield Table(f"side-{number}", label, columns, tuple(rows), fold=number >= _OPEN)
        if others:
            yield Items(tuple(others))
    yield Paragraph(NEVER_SUMMED, "note")


def differences_of(found: list[Side]) -> list[Block]:
    """What forbids a comparison, by force."""
    blocks: list[Block] = [Paragraph("Read these before comparing one line with another.")]
    blocks.append(Items(tuple(f"{each.name}: {' '.join(each.notes)}" for each in found if each.notes)))
    return blocks


def page_of(library: Library, found: list[Side], *, linked: bool = False) -> Document:
    """The forces side by side as a page: what forbids a comparison, the table, and the chart."""
    chart = chart_of(found)
    blocks: tuple[Block, ...] = (*([chart] if chart is not None else []), *tables_of(found, linked=linked))
    sections = (
        Section("compare", "Before you compare", tuple(differences_of(found))),
        Section("table", "Year by year", blocks),
    )
    about = (library.title, f"Drawn on {day(current().now().date())}")
    return Document(library.title, "What each force published, side by side", "en-GB", sections, about)


def chart_of(found: list[Side]) -> Chart | None:
    """Deployments by year, a small chart for each force on the same axes; ``None`` where fewer than two have any."""
    points = tuple(
        SeriesPoint(line.year, float(line.deployments), f"{each.name}, {line.system}" if line.system else each.name)
        for each in found
        for line in each.lines
        if line.deployments is not None and line.year.isdecimal()
    )
    named = dict.fromkeys(point.series for point in points)
    if len(named) < 2:
        return None
    columns = (Column("force", "Force"), Column("year", "Year"), Column("deployments", "Deployments", "end"))
    rows = tuple((Cell(point.series), Cell(point.x), Cell(f"{int(point.y):,}", int(point.y))) for point in points)
    data = Table("deployments-by-year", "Deployments published, by force and year", columns, rows)
    said = f"{counted(len(named), 'force')} published single deployments; a year without a bar is one without a row."
    return Chart(
        "chart-deployments", "multiples", "Deployments published, each force on its own", said, data, "Year",
        "Deployments", points=points,
    )  # fmt: skip


class NothingRead(
    NotReached, next_step="Add a release of it (`countersign library add`), or a map that fits those that are kept."
):
    """No release of a force is held, or none could be read."""


def reviewed(
    library: Library, force: Force, as_of: datetime.date | None = None, progress: Progress = silent
) -> PublishedReview:
    """The review of a force. Raises ``NothingRead``, and what reviewing a record raises."""
    record = stands(library, library.state.of(force.id)).record
    if not record.rows:
        raise NothingRead(f"{force.name}: no release of it that could be read is held")
    file = library.claims(force)
    given = Given(claims=read_claims(file)) if file else Given()
    again = f"countersign library review {force.id}"
    return review_record(record, given, as_of=as_of, again=again, progress=progress)
