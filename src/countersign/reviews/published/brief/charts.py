"""The charts of a brief: each has a finding for its title, its numbers in a table, and regimes named in words.

False alerts over time with the settings shaded; faces and alerts per hour at the same places across a change in how
faces are counted; a strip for each place; the rates of each regime; the funnel. One that the record does not carry is
``None``.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from countersign.document import Chart, IntervalMark, SeriesPoint, Span
from countersign.grids import Grid, column, number
from countersign.published.table.places import place_keys
from countersign.published.table.record import Row
from countersign.reviews.published.brief.rates import all_before, fold_words, sizes, steepest
from countersign.reviews.published.evidence import Evidence, stretches
from countersign.reviews.published.first_page import funnel
from countersign.reviews.published.tables import drawn_ends, interval_text, rate_text, widest
from countersign.words.dates import day_of_year, month_name, months
from countersign.words.lists import capital, counted
from countersign.words.numbers import count, plain, significant

#: A chart over time needs deployments in this many months.
LEAST_MONTHS = 3
#: The most places a timeline shows.
MOST_PLACES = 12
#: A regime with fewer deployments gets no line among the rates.
LEAST_DEPLOYMENTS = 3
Month = tuple[int, int]


class _Months(NamedTuple):
    month: Month
    deployments: int
    alerts: int | None
    false: int | None


_BY_MONTH = Grid[_Months](
    column("month", "Month", lambda line: month_name(*line.month)),
    number("deployments", "Deployments", lambda line: line.deployments),
    number("alerts", "Alerts", lambda line: line.alerts, missing="not published"),
    number("false", "False alerts", lambda line: line.false, missing="not published"),
)


def over_time(evidence: Evidence) -> Chart | None:
    """False alerts of each month, with the settings shaded; none of a record without any."""
    by_month: dict[Month, list[Row]] = {}
    for row in evidence.record.rows:
        if row.date is not None:
            by_month.setdefault((row.date.year, row.date.month), []).append(row)
    lines = [
        _Months(month, len(rows), _sum(rows, "alerts"), _sum(rows, "false_alerts"))
        for month, rows in sorted(by_month.items())
    ]
    known = [line for line in lines if line.false is not None]
    if len(known) < LEAST_MONTHS or not any(line.false for line in known):
        return None
    found = all_before(evidence)
    title = "False alerts recorded in each month"
    if found is not None:
        title = f"All {count(found.events)} false alerts of {found.year} came before {day_of_year(found.before)}"
    most = max(known, key=lambda line: line.false or 0)
    said = f"{title}. Most in {month_name(*most.month)}: {counted(most.false or 0, 'false alert')}."
    table = _BY_MONTH.table("brief-time-table", "Deployments, alerts and false alerts by month", lines)
    points = tuple(SeriesPoint(_first(line.month), float(line.false or 0)) for line in known)
    notes = () if found is None else ((found.before.isoformat(), f"{day_of_year(found.before)} {found.year}"),)
    return Chart(
        "brief-time",
        "bars",
        title,
        said,
        table,
        y_label="false alerts",
        points=points,
        spans=settings(evidence),
        notes=notes,
        parts=_parts(evidence, known),
    )


def _sum(rows: Sequence[Row], name: str) -> int | None:
    known = [amount for row in rows if (amount := getattr(row, name)) is not None]
    return sum(known) if known else None


def _first(month: Month) -> str:
    return f"{month[0]}-{month[1]:02d}-01"


def _parts(evidence: Evidence, known: Sequence[_Months]) -> tuple[str, ...]:
    """The last month, where the record ends before its last days and there is something to draw."""
    last = max(row.date_to or row.date for row in evidence.record.rows if row.date is not None)
    whole = (last + datetime.timedelta(days=4)).month != last.month
    drawn = known[-1].month == (last.year, last.month) and known[-1].false
    return (_first(known[-1].month),) if drawn and not whole else ()


def settings(evidence: Evidence) -> tuple[Span, ...]:
    """The regimes as stretches of time, named by threshold; neighbours of one name are one."""
    spans: list[Span] = []
    for line in sorted(evidence.regime_lines, key=lambda line: line.first or ""):
        if line.first is None or line.last is None:
            continue
        label = "no threshold printed" if line.threshold is None else f"threshold {line.threshold}"
        if spans and spans[-1].label == label:
            spans[-1] = msgspec.structs.replace(spans[-1], last=max(line.last, spans[-1].last))
        else:
            spans.append(Span(line.first, line.last, label))
    return tuple(spans) if len(spans) > 1 else ()


class _Beside(NamedTuple):
    """A place used on both sides of a change: its rows before and after."""

    name: str
    before: list[Row]
    after: list[Row]


def _hourly(rows: Sequence[Row], name: str) -> float:
    return (_sum(rows, name) or 0) / sum((row.duration_minutes or 0) / 60 for row in rows)


def _rate(rate: float) -> str:
    return plain(significant(rate))


_BESIDE = Grid[_Beside](
    column("place", "Place", lambda place: place.name),
    number("rows_before", "Deployments before", lambda place: len(place.before)),
    number("before", "Faces an hour before", lambda place: _hourly(place.before, "faces_seen"), words=_rate),
    number("rows_after", "Deployments after", lambda place: len(place.after)),
    number("after", "Faces an hour after", lambda place: _hourly(place.after, "faces_seen"), words=_rate),
    number("alerts_before", "Alerts an hour before", lambda place: _hourly(place.before, "alerts"), words=_rate),
    number("alerts_after", "Alerts an hour after", lambda place: _hourly(place.after, "alerts"), words=_rate),
)


def counting(evidence: Evidence) -> Chart | None:
    """Faces counted per hour before and after the steepest change in counting, at each place used on both sides."""
    step = steepest(evidence)
    if step is None:
        return None
    starts = [other.first_after for other in evidence.breaks if other.first_after <= step.last_before]
    ends = [other.last_before for other in evidence.breaks if other.last_before >= step.first_after]
    first, last = max(starts, default=datetime.date.min), min(ends, default=datetime.date.max)
    by_key: dict[str, _Beside] = {}
    rows = [row for row in evidence.record.rows if row.place and row.date and row.duration_minutes and row.faces_seen]
    for key, row in zip(place_keys(rows, "town"), rows, strict=True):
        if key and row.date and (first <= row.date <= step.last_before or step.first_after <= row.date <= last):
            place = by_key.setdefault(key, _Beside(key, [], []))
            (place.before if row.date <= step.last_before else place.after).append(row)
    used = [place._replace(name=_name(place.after)) for place in by_key.values() if place.before and place.after]
    listed = sorted(used, key=lambda place: -len(place.before) - len(place.after))[:MOST_PLACES]
    if len(listed) < 2:
        return None
    verb, size = fold_words(sizes(step))
    when = months(step.last_before, step.first_after)
    title = f"At the same places, faces per hour {verb} {size} on average in {when}"
    marks = []
    for place in listed:
        before, after = (_hourly(dated, "faces_seen") for dated in (place.before, place.after))
        words = f"{count(round(before))} before, {count(round(after))} after"
        marks.append(IntervalMark(place.name, after, min(before, after), max(before, after), words=words))
    said = f"{title}. A line for each place, from the rate before to a dot at the rate after, on a log scale."
    table = _BESIDE.table("brief-counting-table", "Faces and alerts an hour at the places used on both sides", listed)
    axis = "faces an hour, from before to the dot after"
    return Chart("brief-counting", "intervals", title, said, table, x_label=axis, log=True, marks=tuple(marks))


class _Place(NamedTuple):
    name: str
    rows: list[Row]


_PLACES = Grid[_Place](
    column("place", "Place", lambda place: place.name),
    number("times", "Deployments", lambda place: len(place.rows)),
    number("with", "With a false alert", lambda place: sum(bool(row.false_alerts) for row in place.rows)),
    number("false", "False alerts", lambda place: _sum(place.rows, "false_alerts"), missing="not published"),
)


def places(evidence: Evidence) -> Chart | None:
    """A strip for each of the places used most, a dot a deployment, those with a false alert marked."""
    rows = [row for row in evidence.record.rows if row.place and row.date]
    by_key: dict[str, list[Row]] = {}
    for key, row in zip(place_keys(rows, "town"), rows, strict=True):
        if key:
            by_key.setdefault(key, []).append(row)
    most = sorted(by_key.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_PLACES]
    if len(most) < 2 or len(most[0][1]) < 2:
        return None
    listed = [_Place(_name(dated), sorted(dated, key=lambda row: str(row.date))) for _, dated in most]
    among = sum(len(place.rows) for place in listed)
    title = f"{counted(len(listed), 'place')} had {count(among)} of the {counted(len(rows), 'deployment')}"
    if len(by_key) == len(listed):
        times = len(listed[0].rows)
        alike = sum(len(place.rows) == times for place in listed)
        title = f"The place used most was {listed[0].name}: {counted(times, 'deployment')}"
        title = title if alike == 1 else f"{counted(alike, 'place')} were used most: {count(times)} deployments each"
    points = tuple(
        SeriesPoint(str(row.date), float(row.false_alerts or 0), place.name) for place in listed for row in place.rows
    )
    said = f"{title}. A strip for each place, a dot for each deployment; those with a false alert are marked."
    table = _PLACES.table("brief-places-table", "Deployments and false alerts at the places used most", listed)
    return Chart("brief-places", "timeline", title, said, table, y_label="false alerts", points=points)


def _name(rows: Sequence[Row]) -> str:
    names = Counter(str(row.place) for row in rows)
    return min(names, key=lambda name: (-names[name], len(name), name))


class _Rate(NamedTuple):
    label: str
    events: int
    trials: float
    rate: str
    interval: str


_RATES = Grid[_Rate](
    column("label", "Period", lambda rate: rate.label),
    number("events", "False alerts", lambda rate: rate.events),
    number("trials", "Alerts", lambda rate: rate.trials),
    column("rate", "Rate", lambda rate: rate.rate, align="end"),
    column("interval", "95% interval", lambda rate: rate.interval, align="end"),
)


def rates(evidence: Evidence) -> Chart | None:
    """False alerts per alert, which needs no face count, for each regime or year."""
    lines = [
        (stretch, line)
        for stretch in stretches(evidence)
        if (line := evidence.rate("false_alerts_per_alert", stretch.by, stretch.scope)) is not None
        and line.deployments >= LEAST_DEPLOYMENTS
    ]
    if len(lines) < 2:
        return None
    marks, table_rows = [], []
    for stretch, line in lines:
        interval = interval_text(line, *widest(line))
        words = rate_text(line) if line.events else interval
        marks.append(
            IntervalMark(stretch.label, line.estimate if line.events else None, *drawn_ends(line), words=words)
        )
        table_rows.append(_Rate(capital(stretch.label), line.events, line.trials, rate_text(line), interval))
    (first_low, first_high), (last_low, last_high) = widest(lines[0][1]), widest(lines[-1][1])
    title = "Per alert, the first and last periods cannot be told apart"
    if last_high < first_low or last_low > first_high:
        went = "fewer" if last_high < first_low else "more"
        title = f"Per alert, {went} were false in the last period than in the first"
    said = f"{title}. False alerts per alert with 95% intervals, on a log scale."
    table = _RATES.table("brief-rates-table", "False alerts per alert", table_rows)
    axis = "false alerts per alert"
    return Chart(
        "brief-rates", "intervals", title, said, table, x_label=axis, one_in=True, log=True, marks=tuple(marks)
    )


def stages(evidence: Evidence) -> Chart | None:
    """The funnel from faces to arrests."""
    drawn = funnel(evidence)
    if sum(stage.count is not None for stage in drawn.stages) < 2:
        return None
    table = msgspec.structs.replace(
        drawn.table,
        anchor="brief-funnel-table",
        rows=tuple(tuple(msgspec.structs.replace(cell, rows=()) for cell in row) for row in drawn.table.rows),
    )
    return msgspec.structs.replace(drawn, anchor="brief-funnel", table=table)
