"""The forces side by side, each worked out from its readings alone and kept by them; and the review of a single one."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from functools import partial

from countersign.document import Block, Cell, Chart, Column, Document, Items, Paragraph, Section, SeriesPoint, Table
from countersign.errors import NotReached
from countersign.following.changes import stands
from countersign.following.library import Library
from countersign.progress import Progress, silent
from countersign.published.claims.file import read_claims
from countersign.published.files import digest
from countersign.releases.forces import Force
from countersign.releases.readings import PROGRAM
from countersign.releases.standing import Release
from countersign.releases.table import SUMS, Line, Rated, Side, side
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
        force, releases = library.force(name), state.of(name)
        if not releases:
            continue
        key = digest(repr(("side", PROGRAM, force, [(each, state.latest(each)) for each in releases])).encode())
        found.append(library.drawn.made(key, Side, partial(_side, library, force, releases)))
    return sorted(found, key=lambda each: each.name)


def _side(library: Library, force: Force, releases: Sequence[Release]) -> Side:
    return side(force, stands(library, releases))


def table_of(found: list[Side], *, linked: bool = False) -> Table:
    """The table of all forces, by force and year; ``linked``: a force's name leads to its page."""
    columns = tuple(Column(f"c{place}", label) for place, label in enumerate(_WIDE))
    rows = [
        (Cell(each.name, link=f"{each.force}.html" if linked else None), *map(Cell, _cells(line)))
        for each in found
        for line in each.lines
    ]
    return Table("side-by-side", "What each force published, by year", columns, tuple(rows), NEVER_SUMMED)


def _cells(line: Line) -> tuple[str, ...]:
    rates = [rated for rated in line.rates if rated.measure == "false alerts per face"]
    return (line.year, *line.sums, line.lists, line.thresholds, line.use_cases, _rate(rates))


def _rate(rates: list[Rated]) -> str:
    if not rates:
        return "☐ cannot be worked out"
    if len(rates) > 1:
        return f"{counted(len(rates), 'regime')}, each with a rate of its own on the force's page"
    [rated] = rates
    both = f"; if every unconfirmed alert was false, {rated.at_most}" if rated.at_most else ""
    return f"{rated.counts}: {rated.rate}{both}"


def differences_of(found: list[Side]) -> list[Block]:
    """What forbids a comparison, by force."""
    blocks: list[Block] = [Paragraph("Read these before comparing one line with another.")]
    blocks.append(Items(tuple(f"{each.name}: {' '.join(each.notes)}" for each in found if each.notes)))
    return blocks


def page_of(library: Library, found: list[Side], *, linked: bool = False) -> Document:
    """The forces side by side as a page: what forbids a comparison, the table, and the chart."""
    chart = chart_of(found)
    blocks: tuple[Block, ...] = (table_of(found, linked=linked), *([chart] if chart is not None else []))
    sections = (
        Section("compare", "Before you compare", tuple(differences_of(found))),
        Section("table", "Year by year", blocks),
    )
    about = (library.title, f"Drawn on {day(current().now().date())}")
    return Document(library.title, "What each force published, side by side", "en-GB", sections, about)


def chart_of(found: list[Side]) -> Chart | None:
    """Deployments by year, a small chart for each force on the same axes; ``None`` where fewer than two have any."""
    points = tuple(
        SeriesPoint(line.year, float(line.deployments), each.name)
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
    file = library.path / "claims" / f"{force.id}.toml"
    given = Given(claims=read_claims(file)) if file.is_file() else Given()
    again = f"countersign library review {force.id}"
    return review_record(record, given, as_of=as_of, again=again, progress=progress)
