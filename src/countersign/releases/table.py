"""One force's side of the table: a line a year of what stands, its rates by regime, and what forbids a comparison.

Sums run over one force, one year and one system alone; nothing in this module sees two forces. A rate is of rows of one
regime, with its exact interval widened for clumps of events, and a second time with every unconfirmed alert as false. A
quantity that no row prints is ``NOT_PUBLISHED``, an empty box; one that some rows print says how many.

>>> from countersign.published.table.record import Row
>>> amount((Row("a", 1, alerts=1200), Row("a", 2)), "alerts"), amount((Row("a", 1),), "arrests") == NOT_PUBLISHED
('1,200 (in 1 of 2 rows)', True)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from countersign.inference.clusters import proportion
from countersign.published.table.measures import MEASURES, both, total, value
from countersign.published.table.record import Document, Row
from countersign.releases.forces import Force
from countersign.releases.overlap import said
from countersign.releases.release import Held
from countersign.releases.standing import Standing
from countersign.words.dates import span
from countersign.words.intervals import rate_range, rate_words
from countersign.words.lists import listing
from countersign.words.numbers import count

#: Stands where a force printed nothing: an empty box, and words for who hears the page.
NOT_PUBLISHED = "☐ not published"
#: The columns of a line that are sums, with their headings.
SUMS: dict[str, str] = {
    "deployments": "Deployments",
    "hours": "Hours",
    "faces_seen": "Faces (the force's estimate)",
    "alerts": "Alerts",
    "false_alerts": "False alerts",
    "false_alerts_at_most": "False alerts if every unconfirmed one was false",
    "engagements": "People engaged",
    "arrests": "Arrests",
}
#: Use cases named in a cell; of more, how many.
MOST_NAMED = 4
_RATES = ("false_alerts_per_face", "false_alerts_per_alert")


class Rated(msgspec.Struct, frozen=True):
    """A rate of one regime in one year, in words: what it is of, the estimate with its interval, and the same with
    every unconfirmed alert as false (empty where the rows do not say how many those are)."""

    measure: str
    regime: str
    counts: str
    rate: str
    at_most: str


class Line(msgspec.Struct, frozen=True):
    """What one force printed of one year (of one system), as words; ``sums`` are in the order of ``SUMS``."""

    year: str
    system: str
    rows: int
    sums: tuple[str, ...]
    lists: str
    thresholds: str
    use_cases: str
    rates: tuple[Rated, ...]
    deployments: int | None = None


class Side(msgspec.Struct, frozen=True):
    """One force's side: its lines by year, and the differences of definition that a reader must know beside it."""

    force: str
    name: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]


def side(force: Force, stands: Standing) -> Side:
    """The side of one force."""
    systems = {document.id: document.system for document in stands.documents}
    groups: dict[tuple[str, str, str], list[Held]] = {}
    for held in stands.rows:
        order, label = _year(held.row)
        groups.setdefault((order, label, systems.get(held.row.document, "")), []).append(held)
    lines = tuple(_line(label, system, groups[order, label, system]) for order, label, system in sorted(groups))
    return Side(force.id, force.name, lines, _notes(force, stands))


def _year(row: Row) -> tuple[str, str]:
    """Where a row stands among the lines, and what its line is called."""
    first, last = row.date, row.date_to or row.date
    if first is not None and last is not None:
        if first.year == last.year:
            return (str(first.year), str(first.year))
        return (first.isoformat(), span(first, last))
    if last is not None:
        return (last.isoformat(), span(None, last))
    return ("9999", "no date printed")


def _line(label: str, system: str, held: Sequence[Held]) -> Line:
    rows = [each.row for each in held]
    deployments = total(rows, "deployments")
    return Line(
        label,
        system,
        len(rows),
        tuple(amount(rows, quantity) for quantity in SUMS),
        _lists(rows),
        listing(sorted({str(row.threshold) for row in rows if row.threshold is not None})) or NOT_PUBLISHED,
        _use_cases(rows),
        tuple(_rates(held)),
        int(deployments.amount) if deployments.amount is not None and deployments.complete else None,
    )


def amount(rows: Sequence[Row], quantity: str) -> str:
    """A sum over rows in words: how many print it where not all do, both ends where some are bounds."""
    found = total(rows, quantity)
    printed = found.counted + found.bounded
    if not printed:
        return NOT_PUBLISHED
    if not found.bounded:
        said = count(found.amount)
    elif found.high is None:
        said = f"{count(found.low)} or more"
    else:
        said = f"{count(found.low)} to {count(found.high)}"
    return said if printed == found.rows else f"{said} (in {printed:,} of {found.rows:,} rows)"


def _lists(rows: Sequence[Row]) -> str:
    sizes = [row.watchlist_size for row in rows if row.watchlist_size is not None]
    if not sizes:
        return NOT_PUBLISHED
    return count(sizes[0]) if min(sizes) == max(sizes) else f"{count(min(sizes))} to {count(max(sizes))}"


def _use_cases(rows: Sequence[Row]) -> str:
    named = list(dict.fromkeys(row.use_case for row in rows if row.use_case))
    if not named:
        return NOT_PUBLISHED
    more = len(named) - MOST_NAMED
    return listing(named) if more <= 0 else f"{', '.join(named[:MOST_NAMED])} and {more} more"


def _rates(held: Sequence[Held]) -> Iterable[Rated]:
    regimes: dict[str, list[Row]] = {}
    for each in held:
        regimes.setdefault(each.regime, []).append(each.row)
    for rows in regimes.values():
        days = [row.date for row in rows if row.date is not None]
        setting = {str(row.threshold) for row in rows if row.threshold is not None}
        called = span(min(days), max(days)) if days else "no date printed"
        called += f", threshold {listing(sorted(setting))}" if setting else ""
        for name in _RATES:
            measure, most = MEASURES[name], MEASURES[name.replace("alerts_per", "alerts_at_most_per")]
            counted = _proportion(both(rows, measure), measure.numerator, measure.denominator)
            if counted is not None:
                of, rate = counted
                at_most = _proportion(both(rows, most), most.numerator, most.denominator)
                yield Rated(measure.label, called, of, rate, "" if at_most is None else at_most[1])


def _proportion(rows: Sequence[Row], numerator: str, denominator: str) -> tuple[str, str] | None:
    """Counts and rate in words; ``None`` where there is nothing to be a rate of."""
    events = [int(value(row, numerator) or 0) for row in rows]
    trials = [int(value(row, denominator) or 0) for row in rows]
    if not sum(trials):
        return None
    whole = sum(events), sum(trials)
    found = proportion(*whole, clusters=(events, trials) if sum(map(bool, trials)) > 1 else None)
    ends = found.widest
    high = math.inf if found.clustered is not None and not found.clustered.bounded else ends.high
    bounds = "not bounded" if ends.low == 0 and high >= 1 else rate_range(ends.low, high, found.estimate)
    said = f"{rate_words(found.estimate)} ({bounds})" if found.events else bounds
    return f"{count(whole[0])} of {count(whole[1])}", said


def _notes(force: Force, stands: Standing) -> tuple[str, ...]:
    """What in this force's account is counted or printed otherwise than a reader of the table would think."""
    rows = [held.row for held in stands.rows]
    notes: list[str] = []
    others = [document.publisher for document in stands.documents if not _own(document, force)]
    if named := list(dict.fromkeys(filter(None, others))):
        notes.append(f"Not the force's own words, but those of: {listing(named)}.")
    if any(row.period for row in rows):
        notes.append("Sums over periods are printed, not single deployments.")
    dated = [row for row in rows if row.false_alerts is not None]
    if dated and all(value(row, "false_alerts_at_most") is None for row in dated):
        notes.append("How many alerts stayed unconfirmed is not printed, so false alerts have no upper end.")
    elif any(row.true_alerts_unconfirmed for row in rows):
        notes.append("Alerts that nobody confirmed are counted as true.")
    if rows and all(row.faces_seen is None for row in rows):
        notes.append("Faces are not counted, so there is no rate per face.")
    systems = [document.system for document in stands.documents if document.system]
    if systems:
        notes.append(f"Other systems stand on lines of their own: {listing(list(dict.fromkeys(systems)))}.")
    if len(series := dict.fromkeys(held.release.series for held in stands.rows)) > 1:
        notes.append(f"Several series are put together: {listing([name.replace('-', ' ') for name in series])}.")
    notes += said(stands.overlaps)
    steps = _steps(stands)
    if steps:
        notes.append(f"Threshold, counting or release changed within {listing(steps)}: each rate is of part of a year.")
    return tuple(notes)


def _own(document: Document, force: Force) -> bool:
    names = (force.name, force.id.replace("-", " "), *force.aliases)
    said = document.publisher.casefold()
    return not said or any(said.startswith(name.casefold()) for name in names)


def _steps(stands: Standing) -> list[str]:
    systems = {document.id: document.system for document in stands.documents}
    years: dict[tuple[int, str], set[str]] = {}
    for held in stands.rows:
        if held.row.date is not None:
            years.setdefault((held.row.date.year, systems.get(held.row.document, "")), set()).add(held.regime)
    return sorted({str(year) for (year, _), regimes in years.items() if len(regimes) > 1})
