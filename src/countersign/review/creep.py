"""Creep: how use grew, told as plain counts beside dated promises.

All deployments published are counted, not a sample of them, so a count carries no interval and no p-value. No figure
per face is carried across a change in how faces are counted: faces per arrest is given within regimes only. Promises
are those among the claims given that name a duty and a date; the words are quoted as they were said.
"""

from __future__ import annotations

import datetime
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from countersign.document import Block, Cell, Chart, Column, Heading, Paragraph, Section, SeriesPoint, Table
from countersign.published.measures import MEASURES, both, row_ranges, total
from countersign.published.rows import Row
from countersign.review.evidence import Evidence, Promise
from countersign.review.wording import MONTHS, be, count, counted, day, listing, per_cent, plain, significant

#: Duties whose promise can be set beside counts of a published table, and the counts that go with each.
TOLD_BESIDE: dict[str, tuple[str, ...]] = {
    "uk.wl.bespoke": ("lists",),
    "uk.plan.where-nexus": ("use_cases", "places"),
    "uk.plan.time-footprint": ("hours",),
    "uk.wl.category": ("list_size",),
}
#: Points of a list-size chart; a longer record is thinned to about so many, evenly, and the chart says so.
MOST_POINTS = 1500


class ListStep(NamedTuple):
    """Two lists used on consecutive days with deployments: sizes, and the difference as a share of the former."""

    before: Row
    after: Row

    @property
    def share(self) -> float:
        """Difference of the sizes over the former size."""
        first, second = self.before.watchlist_size or 0, self.after.watchlist_size or 0
        return abs(second - first) / first


def consecutive_lists(rows: Sequence[Row]) -> list[ListStep]:
    """The last list of each day beside the first of the next day that has a deployment, where both sizes are printed."""
    dated = sorted(
        (row for row in rows if row.date is not None and row.watchlist_size), key=lambda row: (row.date, row.document,
                                                                                               row.number)
    )  # fmt: skip
    return [ListStep(a, b) for a, b in zip(dated, dated[1:], strict=False) if a.date != b.date]


def returned(rows: Sequence[Row]) -> tuple[int, int, int]:
    """Distinct places as printed; places with deployments on more than one day; deployments at a place seen before."""
    days: dict[str, set[datetime.date]] = {}
    again = 0
    for row in sorted((row for row in rows if row.place and row.date), key=lambda row: (row.date, row.number)):
        place = " ".join(str(row.place).split()).casefold()
        assert row.date is not None
        again += bool(days.get(place, set()) - {row.date})
        days.setdefault(place, set()).add(row.date)
    return len(days), sum(len(found) > 1 for found in days.values()), again


def creep(evidence: Evidence) -> Section:
    """The section: promises first, then a table by year, then each series."""
    rows = [row for row in evidence.record.rows if row.date is not None]
    if not rows:
        return Section("creep", "Creep", (Paragraph("No row prints a date, so nothing can be told over time."),))
    blocks: list[Block] = [
        Paragraph(
            "Counts of everything published, set beside what was promised and when. They are counts, not estimates: "
            "they carry no interval and no test."
        ),
        *_promises(evidence, rows),
        _by_year(evidence, rows),
        _months(rows, "creep-deployments", "Deployments a month", lambda found: len(found), "deployments"),
    ]
    if any(row.duration_minutes is not None for row in rows):
        blocks.append(_months(
            rows, "creep-hours", "Hours of deployment a month",
            lambda found: sum(row.duration_minutes or 0 for row in found) / 60, "hours",
        ))  # fmt: skip
    if any(row.watchlist_size for row in rows):
        blocks += [Heading("Watchlists", "creep-lists"), _sizes(rows), _list_steps(rows)]
    blocks += [Heading("Use cases and places", "creep-places"), _use_cases(rows), _places(rows)]
    blocks += [Heading("Faces per arrest, within each regime", "creep-faces-per-arrest"), _faces_per_arrest(evidence)]
    return Section("creep", "Creep", tuple(blocks))


def _promises(evidence: Evidence, rows: Sequence[Row]) -> list[Block]:
    dated = [promise for promise in evidence.promises if promise.duty in TOLD_BESIDE]
    if not dated:
        return [Paragraph("No dated promise was given (claims that name a duty), so the counts stand alone.", "note")]
    columns = (Column("promise", "Promised"), Column("who", "By whom, when"), Column("since", "Counted since"))
    told = tuple(
        (Cell(f"“{promise.statement}”"), Cell(f"{promise.said_by}, {_said(promise)}"), Cell(_since(promise, rows)))
        for promise in dated
    )
    return [Table("creep-promises", "Dated promises, and what was counted since", columns, told)]


def _said(promise: Promise) -> str:
    try:
        return day(datetime.date.fromisoformat(promise.said_on))
    except ValueError:
        return promise.said_on or "no date given"


def _since(promise: Promise, rows: Sequence[Row]) -> str:
    later = [row for row in rows if row.date is not None and row.date.isoformat() >= promise.said_on]
    sentences = [sentence for what in TOLD_BESIDE[promise.duty] if (sentence := _COUNTED[what](later))]
    return " ".join(sentences) or "Nothing that bears on it is published."


def _lists_counted(rows: Sequence[Row]) -> str:
    steps = consecutive_lists(rows)
    if not steps:
        return ""
    near = sum(step.share < 0.01 for step in steps)
    return (
        f"Of {counted(len(steps), 'pair')} of lists on consecutive days with deployments, {count(near)} differ in size "
        f"by less than 1 per cent ({count(sum(step.share == 0 for step in steps))} by nothing). Size says nothing of "
        "who was on them."
    )


def _use_cases_counted(rows: Sequence[Row]) -> str:
    cases = Counter(" ".join(row.use_case.split()) for row in rows if row.use_case)
    if not cases:
        return ""
    told = listing([f"“{case}” in {count(times)}" for case, times in cases.most_common(6)])
    more = f" and {count(len(cases) - 6)} more" if len(cases) > 6 else ""
    return f"The rows name {counted(len(cases), 'distinct use case')}: {told}{more}."


def _places_counted(rows: Sequence[Row]) -> str:
    places, more_than_once, again = returned(rows)
    if not places:
        return ""
    return (
        f"{counted(places, 'place')} as printed, {count(more_than_once)} of them on more than one day; "
        f"{counted(again, 'deployment')} {be(again, 'was', 'were')} at a place used before."
    )


def _hours_counted(rows: Sequence[Row]) -> str:
    minutes = [row.duration_minutes for row in rows if row.duration_minutes is not None]
    if not minutes:
        return ""
    return (
        f"The median deployment lasted {plain(significant(statistics.median(minutes) / 60, 2))} hours, the longest "
        f"{plain(significant(max(minutes) / 60, 2))}; the zone is not published."
    )


def _list_size_counted(rows: Sequence[Row]) -> str:
    sizes = [row.watchlist_size for row in rows if row.watchlist_size]
    if not sizes:
        return ""
    return (
        f"Lists grew from {count(sizes[0])} to {count(sizes[-1])} entries; what the people on them are wanted for is "
        "not published."
        if sizes[-1] > sizes[0]
        else f"Lists held {count(min(sizes))} to {count(max(sizes))} entries; what for is not published."
    )


_COUNTED: dict[str, Callable[[Sequence[Row]], str]] = {
    "lists": _lists_counted,
    "use_cases": _use_cases_counted,
    "places": _places_counted,
    "hours": _hours_counted,
    "list_size": _list_size_counted,
}


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


def _by_year(evidence: Evidence, rows: Sequence[Row]) -> Table:
    columns = (
        Column("year", "Year"), Column("deployments", "Deployments", "end"), Column("months", "Months spanned", "end"),
        Column("a_month", "Deployments a month", "end"), Column("hours", "Hours", "end"),
        Column("lists", "List entries: smallest, median, largest", "end"),
        Column("use_cases", "Distinct use cases", "end", narrow=True),
        Column("places", "Places as printed", "end", narrow=True),
        Column("again", "At a place used before in the record", "end", narrow=True),
    )  # fmt: skip
    cells, before = [], []
    for year, found in _years(rows).items():
        months, hours = _months_spanned(found), total(found, "hours").amount
        sizes = [row.watchlist_size for row in found if row.watchlist_size]
        again = returned([*before, *found])[2] - returned(before)[2]
        before += found
        cells.append((
            Cell(str(year), year, row_ranges(found)), Cell(count(len(found)), len(found)), Cell(str(months), months),
            Cell(plain(significant(len(found) / months, 2)), len(found) / months), Cell(count(hours)),
            Cell(f"{count(min(sizes))}, {count(int(statistics.median(sizes)))}, {count(max(sizes))}" if sizes
                 else "not published"),
            Cell(count(len({row.use_case for row in found if row.use_case}) or None)),
            Cell(count(returned(found)[0] or None)), Cell(count(again), again),
        ))  # fmt: skip
    return Table("creep-years", "Use by year", columns, tuple(cells))


def _months(rows: Sequence[Row], anchor: str, title: str, amount: Callable[[Sequence[Row]], float], unit: str) -> Chart:
    found: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        assert row.date is not None
        found.setdefault((row.date.year, row.date.month), []).append(row)
    first, last = min(found), max(found)
    months = [divmod(i, 12) for i in range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1])]
    points = tuple(
        SeriesPoint(f"{year}-{index + 1:02d}-01", float(amount(found.get((year, index + 1), []))))
        for year, index in months
    )
    cells = tuple(
        (
            Cell(f"{MONTHS[index]} {year}"),
            Cell(count(round(point.y, 1)), point.y, row_ranges(found.get((year, index + 1), []))),
        )
        for (year, index), point in zip(months, points, strict=True)
        if (year, index + 1) in found
    )  # fmt: skip
    top = max(points, key=lambda point: point.y)
    most = f"{MONTHS[int(top.x[5:7]) - 1]} {top.x[:4]}"
    return Chart(
        anchor=anchor,
        kind="bars",
        title=title,
        alternative=f"{title}, {MONTHS[first[1] - 1]} {first[0]} to {MONTHS[last[1] - 1]} {last[0]}: most in {most}, "
        f"{count(round(top.y, 1))} {unit}.",
        table=Table(f"{anchor}-table", title, (Column("month", "Month"), Column("amount", unit.capitalize(), "end")),
                    cells, note="Months without a deployment are left out.", fold=True),
        y_label=unit,
        points=points,
    )  # fmt: skip


def _sizes(rows: Sequence[Row]) -> Chart:
    sized = sorted((row for row in rows if row.watchlist_size), key=lambda row: (row.date, row.document, row.number))
    shown = sized[:: max(1, len(sized) // MOST_POINTS)]
    points = tuple(SeriesPoint(row.date.isoformat(), float(row.watchlist_size or 0)) for row in shown if row.date)
    cells = tuple(
        (Cell(row.date.isoformat() if row.date else ""), Cell(count(row.watchlist_size), row.watchlist_size,
                                                              row_ranges([row])))
        for row in shown
    )  # fmt: skip
    first, last = sized[0], sized[-1]
    thinned = f" One row in {len(sized) // MOST_POINTS} is shown." if len(shown) < len(sized) else ""
    return Chart(
        anchor="creep-sizes",
        kind="points",
        title="Entries on the watchlist of each deployment",
        alternative=f"Watchlist size by date: {count(first.watchlist_size)} at first, {count(last.watchlist_size)} "
        f"at last, at most {count(max(row.watchlist_size or 0 for row in sized))}.{thinned}",
        table=Table("creep-sizes-table", "Watchlist size of each deployment",
                    (Column("date", "Date"), Column("size", "Entries", "end")), cells, note=thinned.strip(), fold=True),
        y_label="entries",
        points=points,
    )  # fmt: skip


def _list_steps(rows: Sequence[Row]) -> Table:
    columns = (
        Column("year", "Year of the later list"), Column("pairs", "Pairs of consecutive days", "end"),
        Column("same", "Same size", "end"), Column("one", "Under 1 per cent", "end"),
        Column("five", "1 to under 5 per cent", "end"), Column("more", "5 per cent or more", "end"),
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
            Cell(per_cent(median) if median else "nothing", median),
        ))  # fmt: skip
    return Table(
        "creep-list-steps", "How far lists on consecutive days with deployments differ in size", columns, tuple(cells),
        note="The last list of a day beside the first of the next day with a deployment. Lists of one size may hold "
        "different people; who was on them is not published.",
    )  # fmt: skip


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


def _places(rows: Sequence[Row]) -> Table:
    columns = (
        Column("place", "Place as printed"),
        Column("times", "Deployments", "end"),
        Column("days", "Days", "end"),
    )
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.place:
            found.setdefault(" ".join(row.place.split()), []).append(row)
    most = sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))[:15]
    places, more_than_once, again = returned(rows)
    return Table(
        "creep-returns", "Places returned to most", columns,
        tuple(
            (Cell(place), Cell(count(len(those)), len(those), row_ranges(those)),
             Cell(count(len({row.date for row in those})), len({row.date for row in those})))
            for place, those in most if len(those) > 1
        ),
        note=f"{counted(places, 'place')} as printed; {count(more_than_once)} on more than one day; {count(again)} "
        "deployments at a place used before. One place spelt in two ways counts as two, so returns are at least these.",
    )  # fmt: skip


def _faces_per_arrest(evidence: Evidence) -> Table:
    columns = (
        Column("regime", "Regime"), Column("faces", "Faces seen (estimate)", "end"), Column("arrests", "Arrests", "end"),
        Column("per", "Faces per arrest", "end"),
    )  # fmt: skip
    cells = []
    for scope in evidence.scopes["regime"]:
        rows = both([evidence.record.rows[i] for i in scope.positions], MEASURES["arrests_per_face"])
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
