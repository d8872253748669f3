"""Creep: how use grew, as plain counts beside dated promises.

All deployments published are counted, not a sample of them, so a count carries no interval and no p-value. No figure
per face is carried across a change in how faces are counted: faces per arrest is given within regimes only. A month
without a deployment counts zero; a month whose deployments do not print what is summed has no bar.

A size is all a published table holds of a watchlist. Two lists of one size may hold different people, two of different
size mostly the same; neither can be seen from here, and the report says so.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from countersign.document import Block, Cell, Chart, Column, Heading, Paragraph, Section, SeriesPoint, Table
from countersign.published.claims.context import ListStep, consecutive_lists
from countersign.published.table.measures import MEASURES, both, row_ranges, total
from countersign.published.table.record import Record, Row
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.promises import promises, returned, returns
from countersign.reviews.published.tables import both_readings
from countersign.words.dates import MONTHS
from countersign.words.numbers import count, percent, plain, significant


def by_month(
    rows: Sequence[Row], anchor: str, title: str, amount: Callable[[Sequence[Row]], float | None], unit: str
) -> Chart:
    """The chart. ``amount`` is given the dated rows of a month that has some; ``None`` where they do not print it."""
    found: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        if row.date is not None:
            found.setdefault((row.date.year, row.date.month), []).append(row)
    amounts = {month: amount(those) for month, those in found.items()}
    known = {month: float(told) for month, told in amounts.items() if told is not None}
    first, last = min(known), max(known)
    spanned = [divmod(i, 12) for i in range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])]
    months = [(year, index + 1) for year, index in spanned]
    points = tuple(
        SeriesPoint(f"{year}-{number:02d}-01", known.get((year, number), 0.0))
        for year, number in months
        if (year, number) in known or (year, number) not in found
    )
    cells = tuple(
        (
            Cell(_told(month)),
            Cell("not published" if month not in known else count(round(known[month], 1)), known.get(month),
                 row_ranges(found[month])),
        )
        for month in sorted(found)
    )  # fmt: skip
    most = max(known, key=lambda month: known[month])
    return Chart(
        anchor=anchor,
        kind="bars",
        title=title,
        alternative=f"{title}, {' to '.join(dict.fromkeys(map(_told, (first, last))))}: most in {_told(most)}, "
        f"{count(round(known[most], 1))} {unit.removesuffix('s') if known[most] == 1 else unit}.",
        table=Table(f"{anchor}-table", title, (Column("month", "Month"), Column("amount", unit.capitalize(), "end")),
                    cells, note="Months without a deployment are left out of the table.", fold=True),
        y_label=unit,
        points=points,
    )  # fmt: skip


def _told(month: tuple[int, int]) -> str:
    return f"{MONTHS[month[1] - 1]} {month[0]}"


def sizes(rows: Sequence[Row]) -> Chart:
    """Smallest, median and largest list of each month; at least one of ``rows`` has a date and a size."""
    found: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        if row.date is not None and row.watchlist_size:
            found.setdefault((row.date.year, row.date.month), []).append(row)
    points, cells = [], []
    for (year, month), those in sorted(found.items()):
        entries = [row.watchlist_size or 0 for row in those]
        told = {"smallest": min(entries), "median": int(statistics.median(entries)), "largest": max(entries)}
        points += [SeriesPoint(f"{year}-{month:02d}-01", float(size), name) for name, size in told.items()]
        cells.append((
            Cell(f"{MONTHS[month - 1]} {year}", rows=row_ranges(those)), *(Cell(count(n), n) for n in told.values())
        ))  # fmt: skip
    columns = (
        Column("month", "Month"), Column("smallest", "Smallest", "end"), Column("median", "Median", "end"),
        Column("largest", "Largest", "end"),
    )  # fmt: skip
    title = "Entries on the watchlists of each month"
    return Chart(
        anchor="creep-sizes",
        kind="points",
        title=title,
        alternative=f"{title}: median {cells[0][2].text} in {cells[0][0].text}, {cells[-1][2].text} in "
        f"{cells[-1][0].text}; at most {count(int(max(point.y for point in points)))}.",
        table=Table("creep-sizes-table", title, columns, tuple(cells), fold=True),
        y_label="entries",
        points=tuple(points),
    )


def list_steps(rows: Sequence[Row]) -> Table:
    """Differences of consecutive lists by year: none, under 1, under 5, 5% and more."""
    columns = (
        Column("year", "Year of the later list"), Column("pairs", "Pairs of consecutive days", "end"),
        Column("same", "Same size", "end"), Column("one", "Under 1%", "end"),
        Column("five", "1 to under 5%", "end"), Column("more", "5% or more", "end"),
        Column("median", "Median difference", "end"),
    )  # fmt: skip
    by_year: dict[int, list[ListStep]] = {}
    for step in consecutive_lists(rows):
        assert step.after.date is not None
        by_year.setdefault(step.after.date.year, []).append(step)
    cells = []
    for year, steps in sorted(by_year.items()):
        shares = [step.share for step in steps]
        counts = [
            len(shares), sum(share == 0 for share in shares), sum(0 < share < 0.01 for share in shares),
            sum(0.01 <= share < 0.05 for share in shares), sum(share >= 0.05 for share in shares),
        ]  # fmt: skip
        median = statistics.median(shares)
        cells.append((
            Cell(str(year), year, row_ranges([step.after for step in steps])),
            *(Cell(count(number), number) for number in counts),
            Cell(percent(median) if median else "nothing", median),
        ))  # fmt: skip
    return Table(
        "creep-list-steps", "How far lists on consecutive days with deployments differ in size", columns, tuple(cells),
        note="The last list of a day beside the first of the next day with a deployment. Lists of one size may hold "
        "different people; who was on them is not published.",
    )  # fmt: skip


#: Tables in which two cells name a row; in the others one does.
_TWO_KEYS = frozenset({"creep-promises", "creep-use-cases"})


def creep(evidence: Evidence) -> Section:
    """The section: promises first, then a table by year, then each series; what a correction touches, both ways."""
    blocks = _blocks(evidence, evidence.record)
    if evidence.corrections:
        printed = {block.anchor: block for block in _blocks(evidence, evidence.printed) if isinstance(block, _DATA)}
        blocks = [
            _both(block, printed[block.anchor]) if isinstance(block, _DATA) and block.anchor in printed else block
            for block in blocks
        ]
    return Section("creep", "Creep", tuple(blocks))


_DATA = (Table, Chart)


def _both(read: Block, printed: Block) -> Block:
    if isinstance(read, Chart) and isinstance(printed, Chart):
        return replace(read, table=both_readings(read.table, printed.table))
    if isinstance(read, Table) and isinstance(printed, Table):
        return both_readings(read, printed, keys=2 if read.anchor in _TWO_KEYS else 1)
    return read


def _blocks(evidence: Evidence, record: Record) -> list[Block]:
    rows = [row for row in record.rows if row.date is not None]
    if not rows:
        return [Paragraph("No row prints a date, so nothing can be told over time.")]
    blocks: list[Block] = [
        Paragraph(
            "Counts of everything published, set beside what was promised and when. They are counts, not estimates: "
            "they carry no interval and no test."
        ),
        promises(evidence.promises, rows),
        _by_year(rows),
        by_month(rows, "creep-deployments", "Deployments a month", len, "deployments"),
    ]
    if any(row.duration_minutes is not None for row in rows):
        blocks.append(by_month(rows, "creep-hours", "Hours of deployment a month", _hours, "hours"))
    if any(row.watchlist_size for row in rows):
        blocks += [Heading("Watchlists", "creep-lists"), sizes(rows), list_steps(rows)]
    blocks += [Heading("Use cases and places", "creep-places"), _use_cases(rows), returns(rows)]
    per_arrest = _faces_per_arrest(evidence, record)
    if per_arrest.rows:
        blocks += [Heading("Faces per arrest, within each regime", "creep-faces-per-arrest"), per_arrest]
    return blocks


def _hours(rows: Sequence[Row]) -> float | None:
    hours = total(rows, "hours").amount
    return None if hours is None else float(hours)


def _years(rows: Sequence[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = {}
    for row in rows:
        assert row.date is not None
        found.setdefault(row.date.year, []).append(row)
    return dict(sorted(found.items()))


def _months_spanned(rows: Sequence[Row]) -> int:
    """Calendar months from the first to the last row, both included."""
    months = [row.date.year * 12 + row.date.month for row in rows if row.date]
    return max(months) - min(months) + 1


def _by_year(rows: Sequence[Row]) -> Table:
    columns = (
        Column("year", "Year"), Column("deployments", "Deployments", "end"), Column("months", "Months spanned", "end"),
        Column("a_month", "Deployments a month", "end"), Column("hours", "Hours", "end"),
        Column("lists", "List entries: smallest, median, largest", "end"),
        Column("use_cases", "Distinct use cases", "end", narrow=True),
        Column("places", "Places as printed", "end", narrow=True),
        Column("again", "At a place used before in the record", "end", narrow=True),
    )  # fmt: skip
    cells: list[tuple[Cell, ...]] = []
    again = Counter(row.date.year for row in returned(rows).before if row.date)
    for year, found in _years(rows).items():
        months, hours = _months_spanned(found), total(found, "hours").amount
        sizes = [row.watchlist_size for row in found if row.watchlist_size]
        cells.append((
            Cell(str(year), year, row_ranges(found)), Cell(count(len(found)), len(found)), Cell(str(months), months),
            Cell(plain(significant(len(found) / months, 2)), len(found) / months), Cell(count(hours)),
            Cell(f"{count(min(sizes))}, {count(int(statistics.median(sizes)))}, {count(max(sizes))}" if sizes
                 else "not published"),
            Cell(count(len({row.use_case for row in found if row.use_case}) or None)),
            Cell(count(returned(found).places or None)), Cell(count(again[year]), again[year]),
        ))  # fmt: skip
    return Table("creep-years", "Use by year", columns, tuple(cells))


def _use_cases(rows: Sequence[Row]) -> Table:
    columns = (Column("year", "Year"), Column("use_case", "Use case as printed"), Column("times", "Deployments", "end"))
    cells = []
    for year, found in _years(rows).items():
        cases: dict[str, list[Row]] = {}
        for row in found:
            cases.setdefault(" ".join(row.use_case.split()) if row.use_case else "none printed", []).append(row)
        for case, those in sorted(cases.items(), key=lambda item: (-len(item[1]), item[0])):
            cells.append((Cell(str(year), year), Cell(case), Cell(count(len(those)), len(those), row_ranges(those))))
    return Table("creep-use-cases", "Use cases by year", columns, tuple(cells))


def _faces_per_arrest(evidence: Evidence, record: Record) -> Table:
    columns = (
        Column("regime", "Regime"), Column("faces", "Faces seen", "end"), Column("arrests", "Arrests", "end"),
        Column("per", "Faces per arrest", "end"),
    )  # fmt: skip
    cells = []
    for scope in evidence.scopes["regime"]:
        rows = both([record.rows[i] for i in scope.positions], MEASURES["arrests_per_face"])
        faces, arrests = total(rows, "faces_seen").amount, total(rows, "arrests").amount
        if faces is None or arrests is None:
            continue
        per = Cell(count(round(faces / arrests)), float(faces / arrests)) if arrests else Cell("no arrest")
        cells.append((
            Cell(evidence.labels[scope.name]), Cell(count(faces), int(faces)),
            Cell(count(arrests), int(arrests), row_ranges(rows)), per,
        ))  # fmt: skip
    return Table(
        "creep-faces-per-arrest-table", "Faces per arrest within each regime", columns, tuple(cells),
        note="Not carried from one regime to another: the way faces are counted may differ between them.",
    )  # fmt: skip
