"""The points on false alerts: how many there are now and how sure that is, and when rates cannot be compared.

``current`` is the latest stretch counted alike, with its totals and rates; ``steepest`` the largest change in how faces
are counted; ``all_before`` a year whose false alerts all came before the settings or the counting changed.

>>> fold_words([5.5, 5.2]), fold_words([0.5, 0.4]), fold_words([1.5])
(('rose', 'more than fivefold'), ('fell', 'at least twofold'), ('rose', '1.5-fold'))
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from typing import NamedTuple

from countersign.document import RowRange
from countersign.published.faults.breaks import Break
from countersign.published.table.measures import bounds, row_ranges
from countersign.reviews.model import By, RateLine, TotalsOf
from countersign.reviews.published.brief.draft import Draft, Numbers, totals_line
from countersign.reviews.published.counts import period
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.sentences import LEAST_DEPLOYMENTS
from countersign.reviews.published.tables import interval_text, part_text, rate_text, widest
from countersign.words.dates import day, day_of_year, months, span
from countersign.words.intervals import each, rate_range
from countersign.words.lists import be, capital, counted, noun
from countersign.words.numbers import count, fold, significant


def changed(evidence: Evidence) -> Draft | None:
    """A step in how faces are counted, which forbids comparing rates per face across it."""
    step, note = steepest(evidence), Numbers()
    if step is None:
        return None
    when, behind = months(step.last_before, step.first_after), "faults"
    rise, size = fold_words(sizes(step))
    size = note(size, f"faces counted per hour at the same places, from {day(step.best_after)} against before", behind)
    beside = ""
    if step.alerts_per_hour is not None:
        before, after = (significant(rate, 2) for rate in step.alerts_per_hour)
        beside = _alerts_beside(note, before, after, behind)
    faces = f"In {when} the number of faces counted per hour at the same places {rise}, on average, {size}{beside}."
    sentences = [faces, _meaning(note, evidence, step)]
    mixed = any(kind == "regime" for claim in evidence.claims for kind, _ in claim.caveats)
    title = f"Error rates per face from before and after {when} cannot be compared"
    return Draft("point-changed", title, " ".join(sentences), tuple(note.listed), 1.0, 1 - step.chance, mixed)


def _meaning(note: Numbers, evidence: Evidence, step: Break) -> str:
    """What a step does to a rate per face; whether a season could be behind it, or when the false alerts came."""
    means = f"That alone makes a rate per face look {'lower' if step.fold > 1 else 'higher'}"
    if not step.named:
        return f"{means}; a season could explain it."
    if (found := all_before(evidence)) is None:
        return f"{means}."
    events = note(count(found.events), f"false alerts of {found.year}", "totals-year", found.rows)
    began = next((line for line in evidence.regime_lines if line.first == found.before.isoformat()), None)
    when = ""
    if began is not None and began.threshold is not None:
        threshold = note(began.threshold, f"threshold from {day(found.before)}", "regimes")
        when = f", when the threshold for an alert became {threshold}"
    apart = f"Separately, all {events} false alerts of {found.year} came before {day_of_year(found.before)}{when}."
    return f"{means}. {apart}"


def _alerts_beside(note: Numbers, before: float, after: float, behind: str) -> str:
    said = [each(rate, "hour").removesuffix(" an hour") for rate in (before, after)]
    alike = 0.8 * before < after < 1.25 * before
    if alike and said[0] == said[1]:
        same = note(said[0], "alerts per hour in the rows before the change, and in those after it", behind)
        return f", while alerts stayed at {same} an hour"
    first, last = (
        note(rate, f"alerts per hour in the rows {side} the change", behind)
        for rate, side in zip(said, ("before", "after"), strict=True)
    )
    return (
        f", while alerts were {first}, then {last}" if alike else f", while alerts per hour went from {first} to {last}"
    )


def steepest(evidence: Evidence) -> Break | None:
    """The largest step in how faces are counted that was found within the same places."""
    standing = (step for step in evidence.breaks if step.stands)
    return max(standing, key=lambda step: abs(math.log(step.fold)), default=None)


def sizes(step: Break) -> list[float]:
    """The size of a step by each way of matching places."""
    return [step.fold, *([] if step.fold_by_words is None else [step.fold_by_words])]


_FOLDS = ("", "", "twofold", "threefold", "fourfold", "fivefold", "sixfold", "sevenfold", "eightfold", "ninefold")


def fold_words(sizes: Sequence[float]) -> tuple[str, str]:
    """A change as a verb and its size in words, the smallest of ``sizes``: ("rose", "more than fivefold")."""
    verb = "rose" if sizes[0] > 1 else "fell"
    least = min(max(size, 1 / size) for size in sizes)
    whole = math.floor(least)
    if not 2 <= whole < len(_FOLDS):
        return verb, fold(least)
    return verb, f"{'at least' if least == whole else 'more than'} {_FOLDS[whole]}"


class AllBefore(NamedTuple):
    """A year whose ``events`` false alerts all came ``before`` a day on which the settings or counting changed."""

    year: int
    events: int
    before: datetime.date
    after: int
    rows: tuple[RowRange, ...]


#: So few false alerts, or deployments after the last of them, say nothing about when they came.
LEAST_EVENTS = 5


def all_before(evidence: Evidence) -> AllBefore | None:
    """The year with most false alerts of those in which all came before a regime began."""
    starts = sorted(datetime.date.fromisoformat(line.first) for line in evidence.regime_lines if line.first)
    found = []
    for year in map(int, evidence.years):
        rows = [row for row in evidence.record.rows if row.date is not None and row.date.year == year]
        false = [row for row in rows if row.false_alerts]
        events = sum(row.false_alerts or 0 for row in false)
        last = max((row.date for row in false if row.date), default=None)
        start = next((day for day in starts if last and last < day and day.year == year), None)
        if last is None or start is None:
            continue
        after = [row for row in rows if row.date and row.date >= start and row.false_alerts == 0]
        if events >= LEAST_EVENTS and len(after) >= LEAST_EVENTS:
            found.append(AllBefore(year, events, start, len(after), row_ranges(false)))
    return max(found, key=lambda each: each.events, default=None)


class Current(NamedTuple):
    """What a record says of false alerts in a scope: ``when`` is its period, ``during`` the same within a sentence."""

    by: By
    scope: str
    when: str
    during: str
    totals: TotalsOf
    per_alert: RateLine | None
    per_face: RateLine | None
    at_most: RateLine | None
    impossible: tuple[RowRange, ...] = ()
    #: Deployments in the same time that lie in another regime: of another system.
    apart: int = 0


def current(evidence: Evidence) -> Current | None:
    """The latest regime that prints false alerts, or the latest year; all rows where that year has few. ``None`` where
    none does.
    """
    lines = sorted(evidence.regime_lines, key=lambda line: (line.last or "", line.deployments))
    scopes: list[tuple[By, str]] = [("regime", line.id) for line in reversed(lines)] if len(lines) > 1 else []
    dated = sum(row.date is not None and str(row.date.year) in evidence.years[-1:] for row in evidence.record.rows)
    if len(lines) < 2 and dated >= LEAST_DEPLOYMENTS:
        scopes += [("year", year) for year in reversed(evidence.years)]
    for by, scope in [*scopes, ("all", "all rows")]:
        line = totals_line(evidence, by, scope)
        totals = line.totals
        found = of_scope(evidence, by, scope)
        if totals.false_alerts is not None and (totals.alerts is None or found.per_alert is not None):
            return found
    return None


def of_scope(evidence: Evidence, by: By, scope: str) -> Current:
    """What a scope says of false alerts."""
    positions = next(found.positions for found in evidence.scopes[by] if found.name == scope)
    rows = [evidence.record.rows[position] for position in positions]
    alert, face = (evidence.rate(f"false_alerts_per_{unit}", by, scope) for unit in ("alert", "face"))
    needed = ("false_alerts",) if alert is None else ("alerts", "false_alerts")
    counted_rows = [
        row for row in rows if all((getattr(row, name), bounds(row, name)) != (None, None) for name in needed)
    ]
    first, last = period(counted_rows or rows)
    impossible = row_ranges([row for row in rows if row.alerts is not None and (row.false_alerts or 0) > row.alerts])
    when = during = "in all rows"
    if first is not None and last is not None:
        when = span(first, last)
        during = f"on {when}" if first == last else f"from {when}"
    others = set(range(len(evidence.record.rows))) - {int(position) for position in positions}
    dates = [evidence.record.rows[other].date for other in others]
    apart = sum(first <= date <= last for date in dates if date and first and last) if by == "regime" else 0
    line = totals_line(evidence, by, scope)
    most = evidence.rate(f"false_alerts_at_most_per_{'face' if alert is None else 'alert'}", by, scope)
    return Current(by, scope, when, during, line, alert, face, most, impossible, apart)


def wrong(evidence: Evidence) -> Draft | None:
    """How often an alert was recorded as false now, with the unconfirmed alerts, and how sure that is."""
    now = current(evidence)
    if now is None:
        return _bounded(evidence)
    note, totals, rows, behind = Numbers(), now.totals.totals, now.totals.rows, f"totals-{now.by}"
    line = now.per_alert
    events = (totals.false_alerts or 0) if line is None else line.events
    of = "" if line is None else f" of {note(count(line.trials), f'alerts, {now.when}', behind, line.rows)}"
    false = note(count(events), f"false alerts, {now.when}", behind, rows) if events else "none" if of else "no"
    unit = noun(events if line is None else line.trials, "alert")
    was = be(events or int(bool(of)), "was", "were")
    title = capital(f"{false}{of} {unit} {now.during} {was} recorded as false")
    if line is not None and line.trials == 1:
        title = f"The{of.removeprefix(' of')} alert {now.during} was {'' if events else 'not '}recorded as false"
    bounded = totals.ranges.get("false_alerts")
    if bounded is not None:
        false = note(up_to(bounded.low, bounded.high), f"false alerts, {now.when}", behind, rows)
        title = capital(f"{false} alerts {now.during} were recorded as false")
    left, at_most = totals.unconfirmed_alerts, totals.false_alerts_at_most
    if left is None or at_most is None:
        title += "; how many more may have been is not published"
    elif left and bounded is None:
        number = note(count(at_most), f"false alerts if every unconfirmed alert was false, {now.when}", behind, rows)
        title += f"; up to {number} may have been"
    # Per alert where alerts are printed: how faces are counted may have changed, how alerts are has not.
    line = now.per_alert or now.per_face
    sentences = [] if line is None else [_how_sure(note, line, now)]
    if line is not None and line.range is None and (part := part_text(line)):
        sentences.append(f"This runs {part}.")
    if now.apart:
        sentences.append(
            f"{counted(now.apart, 'deployment')} of another system in that time {be(now.apart)} not in it."
        )
    if now.impossible:
        sentences.append("Rows that print more false alerts than alerts are left out.")
    if left:
        number = note(count(left), f"alerts left unconfirmed, {now.when}", behind, rows)
        sentences.append(f"{number} {noun(left, 'alert')} {be(left, 'was', 'were')} never confirmed.")
        sentences += [] if now.at_most is None else [_if_false(note, now.at_most, now, left)]
    elif left == 0:
        sentences.append("No alert was left unconfirmed.")
    size = totals.rows / max(1, evidence.whole.rows)
    return Draft("point-wrong", title, " ".join(sentences), tuple(note.listed), size, 0.95, bool(left))


def up_to(low: float, high: float | None) -> str:
    """A count that some rows print as a bound: "0 to 16", "at least 16"."""
    if high is None:
        return f"at least {count(low)}"
    return count(low) if low == high else f"{count(low)} to {count(high)}"


def _bounded(evidence: Evidence) -> Draft | None:
    """Both ends of the false alerts of a record that prints bounds of them and no rate can be formed of."""
    note, line = Numbers(), totals_line(evidence, "all", "all rows")
    ends = line.totals.ranges.get("false_alerts")
    if ends is None:
        return None
    between = note(
        up_to(ends.low, ends.high), "false alerts, all rows, both ends of what is printed", "totals-all", line.rows
    )
    alerts = line.totals.alerts
    of = "" if alerts is None else f" of {note(count(alerts), 'alerts, all rows', 'totals-all', line.rows)}"
    title = f"{capital(between)}{of} {noun(alerts or 2, 'alert')} were recorded as false: only bounds are published"
    text = "A bound is not a count, so no single rate can be formed."
    return Draft("point-wrong", title, text, tuple(note.listed), 1.0)


def _unit(line: RateLine) -> str:
    return "face" if line.unit == "faces_seen" else "alert"


def _how_sure(note: Numbers, line: RateLine, now: Current) -> str:
    unit = _unit(line)
    what = f"false alerts per {unit}, {now.when}"
    if not line.events or line.range is not None:
        return f"{sure(note, f'Per {unit}, the true rate', line, what, now.by)}."
    rate = note(rate_text(line), what, f"rates-{now.by}", line.rows)
    of = " of" if rate.endswith("%") else ""
    return f"That is {rate}{of} {unit}s; {sure(note, 'the true rate', line, what, now.by)}."


def sure(note: Numbers, subject: str, line: RateLine, what: str, by: By) -> str:
    """A clause that gives the interval of a rate, its one bound where nothing happened, or that there is none.

    Where rows print a bound they are in it: the rows that print counts were not picked by chance.
    """
    if (found := line.range) is not None:
        if found.high is None:
            return f"{subject} has no bound, since rows print counts without one"
        rows = f"with the {counted(found.bounded, 'row')} that {be(found.bounded, 'prints', 'print')} a bound"
        ends = note(rate_range(found.low, found.high, 0), f"95% interval of {what}", f"rates-{by}", line.rows)
        return f"{subject}, {rows}, is {ends} (95% {'bound' if found.low == 0 else 'interval'})"
    low, high = widest(line)
    if math.isinf(high):
        return f"{subject} has too few deployments behind it for a 95% interval"
    if low == 0 and high >= 1 and line.events:
        return f"{subject} cannot be bounded from so few"
    ends = note(interval_text(line, low, high), f"95% interval of {what}", f"rates-{by}", line.rows)
    return f"{subject} is {ends} (95% bound)" if low == 0 else f"{subject} is likely {ends} (95% interval)"


def if_false(line: RateLine, now: Current) -> str:
    """What a rate is that counts every unconfirmed alert as false."""
    return f"false alerts per {_unit(line)} if every unconfirmed alert was false, {now.when}"


def _if_false(note: Numbers, line: RateLine, now: Current, left: int) -> str:
    said = sure(note, "the rate", line, if_false(line, now), now.by)
    return f"If {'it was' if left == 1 else 'all were'} false, {said}."
