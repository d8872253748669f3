"""Watching a deployment's false alerts: one line for each thing they are held against, valid however often one looks.

The counts of each hour go into monitors in order of time: against the tested engine's rate scaled to the list, and
against each ceiling of the force. Faces are a range around the engine's count, false alerts a range from those
adjudicated so (repeats on one person left out) to all that were not adjudicated true. An excess counts as shown only
where it is shown at every end; what the worse ends show stands beside it. An hour in which the list's size changes is
held to the larger. Nothing here goes back to an engine or stops one.

>>> from countersign.events.watch.watched import Watched
>>> seen = Watched()
>>> seen.add("live.hour", {"hour": "2026-03-07T10Z", "faces": 9000, "alerts": 0})
>>> own = Own("false-alerts-per-face", Decimal("0.001"))
>>> promised = Promised("f/d", "00", 1, "00", Decimal("0.6"), (own,), (), ("2026-03-07T10",))
>>> watch(promised, seen, How()).lines[0].sentence
'nothing shown; a 3-fold excess would be seen after about 14,000 more faces'
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from countersign.events.watch.promised import EngineRate, Own, Promised
from countersign.events.watch.stop_rule import RuleState, apart, evaluate, false_alerts
from countersign.events.watch.watched import Hour, Watched
from countersign.inference.checks import number
from countersign.inference.groups.equality import two_rates
from countersign.inference.monitors import detection
from countersign.inference.monitors.ceiling import Ceiling
from countersign.inference.monitors.evidence import about, e_value
from countersign.inference.rate import Interval
from countersign.inference.ratio import conditional_exact
from countersign.surroundings import ASSUMED
from countersign.words.intervals import each_range, one_in_range, times_range
from countersign.words.names import token
from countersign.words.numbers import count, times

#: How far the engine's count of faces may be off, either way. Ours: no force has published one.
FACES_OFF = 0.2
#: An excess is shown at this evidence: wrongly, ever, with a chance of at most 1 in 20.
ASKED = 20.0
#: A late rise is said without one at most once in this many hours, on average.
LOOKS_ASKED = 1000.0
#: Evidence beyond this is said in words.
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class How:
    """How to watch: the tested rate, how far faces may be off, which excess to forecast, what was before.

    ``sizes``: the list's size from each moment on, in order. ``earlier``: alerts and faces of earlier deployments.
    ``clump``: at most so many alerts come of one moment of one person, beyond those known to repeat.
    """

    tested: EngineRate | None = None
    faces_off: float = FACES_OFF
    fold: float = 3.0
    sizes: tuple[tuple[str, int], ...] = ()
    earlier: tuple[int, int] = (0, 0)
    clump: float = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """One thing watched: its name, against what, count, interval and sentence.

    ``fold``: the rate over what it is held against, a confidence sequence. ``shown``: more than allowed, at every end
    of the ranges; ``shown_if_worse``: at the worse ends.
    """

    name: str
    against: str
    count: str
    interval: str
    sentence: str
    fold: Interval | None = None
    evidence: float = 1.0
    shown: bool = False
    shown_if_worse: bool = False


@dataclass(frozen=True, slots=True)
class Watch:
    """All that watching says now."""

    deployment: str
    events: int
    hours: tuple[Hour, ...]
    lines: tuple[Line, ...]
    rules: tuple[RuleState, ...]
    notes: tuple[str, ...]
    closed: bool
    made_up: int = 0

    @property
    def faces(self) -> int:
        """Faces by the engine's count."""
        return sum(hour.faces for hour in self.hours)

    @property
    def something_shown(self) -> bool:
        """Whether an excess, a change or a rule met is shown at every end."""
        return any(line.shown for line in self.lines) or any(rule.fired for rule in self.rules)


def watch(promised: Promised, seen: Watched, how: How) -> Watch:
    """What the counts so far show. Raises ``EngineRateWrong`` where the test was at a higher threshold."""
    hours = seen.hours()
    lines: list[Line] = []
    if how.tested is not None:
        how.tested.check(promised.threshold)
        lines.append(_against_tested(how.tested, promised, hours, how))
    lines += [_against_own(own, hours, how) for own in promised.ceilings]
    lines.append(_changed(promised, seen, hours, how))
    if how.tested is not None:
        lines.append(_late_rise(how.tested, promised, hours, how))
    rules = evaluate(promised, seen, how.clump)
    notes = (*_notes(promised, seen, hours, how), *_stops(seen, rules))
    return Watch(promised.deployment, seen.events, hours, tuple(lines), rules, notes, bool(seen.closed), seen.made_up)


def list_size(promised: Promised, sizes: Sequence[tuple[str, int]], hour: str) -> int:
    """The declared size of the list in an hour; the larger where it changes within the hour."""
    start, end = f"{hour[:13]}:00:00Z", f"{hour[:13]}:59:59Z"
    standing = promised.list_size
    within = []
    for at, size in sizes:
        if at <= start:
            standing = size
        elif at <= end:
            within.append(size)
    return max([standing, *within])


def _monitor(
    hours: Sequence[Hour], off: float, clump: float, trials: Callable[[Hour], float], ceiling: Callable[[Hour], float]
) -> Ceiling:
    """The monitor over the hours; ``off``: how far the trials may be off. Never fewer trials than false alerts."""
    state = Ceiling(asked=ASKED, clump=clump)
    for hour in hours:
        count = trials(hour)
        most = max(count * (1 + off), hour.most)
        chance = ceiling(hour)
        if 0 < chance < 1:
            state = state.observe((min(count * (1 - off), most), most), (hour.fewest, hour.most), ceiling=chance)
    return state


def _against_tested(tested: EngineRate, promised: Promised, hours: Sequence[Hour], how: How) -> Line:
    def ceiling(hour: Hour) -> float:
        return tested.scaled(list_size(promised, how.sizes, hour.hour))

    state = _monitor(hours, how.faces_off, how.clump, lambda hour: float(hour.faces), ceiling)
    latest = list_size(promised, how.sizes, hours[-1].hour) if hours else promised.list_size
    return _line("tested rate", tested.said(latest), state, hours, "faces", 1.0, how.fold)


def _against_own(own: Own, hours: Sequence[Hour], how: How) -> Line:
    name = f"own ceiling, {token(own.measure)}"
    against = f"{own.at_most} {token(own.measure.removeprefix('false-alerts-'))} ({own.clause})"
    if not 0 < own.chance < 1:
        events = sum(hour.false for hour in hours)
        otherwise = "any false alert is more" if own.chance <= 0 else "no count can be more"
        broken = own.chance <= 0 and events > 0
        return Line(name, against, _count(hours, own.unit, own.exposure), "", otherwise, shown=broken)
    off = how.faces_off if own.unit == "faces" else 0.0
    state = _monitor(hours, off, how.clump, lambda hour: own.exposure(hour) * own.per_unit, lambda _: own.chance)
    return _line(name, against, state, hours, own.unit, own.per_unit, how.fold, own.exposure)


def _line(
    name: str,
    against: str,
    state: Ceiling,
    hours: Sequence[Hour],
    unit: str,
    per_unit: float,
    fold: float,
    exposure: Callable[[Hour], int] = lambda hour: hour.faces,
) -> Line:
    asked = math.log(ASKED)
    ratio = state.fold()
    shown, worse = state.log_highest >= asked, state.log_highest_worse >= asked
    if shown:
        least = f", at least {times(ratio.low, 'down')} as many" if ratio.low > 1 else ""
        highest = e_value(state.log_highest)
        evidence = f"{math.floor(highest):,}" if highest < MILLION else "over a million"
        sentence = f"MORE FALSE ALERTS THAN THAT ARE SHOWN{least} (evidence {evidence}, where {ASKED:.0f} is asked)"
    elif worse:
        sentence = "more is shown only if every unresolved and missing alert was false and the faces were the fewest"
    elif not state.exposure_high:
        sentence = f"nothing shown; no {unit} counted yet"
    else:
        more = about(state.faces_until_seen(fold) / per_unit)
        sentence = f"nothing shown; a {fold:g}-fold excess would be seen after about {more} more {unit}"
    interval = ""
    if state.exposure_high:
        mean = state.exposure_high * state.clump / state.faces_high * per_unit
        ends = ratio.low * mean, ratio.high * mean
        interval = f"{times_range(ratio.low, ratio.high)} that; {_rate(ends[0], ends[1], unit)}"
    count = _count(hours, unit, exposure)
    return Line(name, against, count, interval, sentence, ratio, e_value(state.log_evidence), shown, worse)


def _rate(low: float, high: float, unit: str) -> str:
    return each_range(low, high, "hour") if unit == "hours" else f"{one_in_range(low, min(1.0, high))} {unit}"


def _count(hours: Sequence[Hour], unit: str, exposure: Callable[[Hour], int]) -> str:
    false, most = sum(hour.false for hour in hours), sum(hour.most for hour in hours)
    worst = "" if most == false else f" ({most:,} if all unresolved and missing were false)"
    return f"{false_alerts(false)}{worst} in {count(sum(exposure(hour) for hour in hours))} {unit}"


def _changed(promised: Promised, seen: Watched, hours: Sequence[Hour], how: How) -> Line:
    declared = [(hour, seen.stretch_of(hour.hour)) for hour in hours if hour.hour[:13] in promised.hours]
    change = compare(declared, planned=len(promised.hours), earlier=how.earlier, fold=how.fold, clump=how.clump)
    against = "the hours before" + (" and earlier deployments" if how.earlier[1] else "")
    total = f"{sum(hour.people for hour in hours):,} people alerted on, true or false, each once an hour"
    if change is None:
        return Line("change in alert rate", against, total, "", "nothing shown; there is no hour to compare with yet")
    interval = f"{change.hour} has {times_range(change.low, change.high)} the rate before it"
    count = f"{change.alerts:,} in {change.faces:,} faces after {change.earlier_alerts:,} in {change.earlier_faces:,}"
    return Line("change in alert rate", against, count, interval, _change_words(change), shown=change.shown)


def _change_words(change: Change) -> str:
    if change.shown:
        more = change.alerts * change.earlier_faces > change.earlier_alerts * change.faces
        return f"A CHANGE IS SHOWN: the alert rate of {change.hour} is {'above' if more else 'below'} that before it"
    if math.isinf(change.until):
        return f"nothing shown; what was before is too little to see a rise to {change.fold:g} times in one hour"
    until = about(change.until)
    return f"nothing shown; a rise to {change.fold:g} times would be seen after about {until} faces of one hour"


def _late_rise(tested: EngineRate, promised: Promised, hours: Sequence[Hour], how: How) -> Line:
    """A rise over the tested rate that began in any hour: one that a quiet start would hide in the line above."""
    state = detection.Change(looks_asked=LOOKS_ASKED, clump=how.clump)
    for hour in hours:
        chance = tested.scaled(list_size(promised, how.sizes, hour.hour))
        if chance > 0:
            faces = max(hour.faces * (1 + how.faces_off), hour.fewest)
            state = state.observe(faces, hour.fewest, ceiling=chance)
    shown = state.alarm_at is not None
    against = f"the tested rate; at most one alarm in {LOOKS_ASKED:,.0f} hours without a rise"
    if shown:
        sentence = f"A RISE IS SHOWN by the end of hour {state.alarm_at}"
    elif not state.exposure:
        sentence = "nothing shown; no faces counted yet"
    else:
        more = about(state.faces_until_seen(how.fold))
        sentence = f"nothing shown; a rise to {how.fold:g} times would be seen after about {more} more faces"
    count = _count(hours, "faces", lambda hour: hour.faces)
    return Line("late rise", against, count, "", sentence, evidence=e_value(state.log_evidence), shown=shown)


def _stops(seen: Watched, rules: Sequence[RuleState]) -> Iterator[str]:
    for state in rules:
        if state.fired is not None:
            stops = [(at, "suspended") for at in seen.suspended]
            stops += [(at, f"closed ({reason})") for at, reason in seen.closed]
            since = sorted(stop for stop in stops if stop[0][:13] >= state.fired.hour[:13])
            since_words = f"{since[0][1]} at {since[0][0]}" if since else "no stop is reported since"
            yield f"{state.rule.when} was met in {state.fired.hour}; {since_words}"


def _notes(promised: Promised, seen: Watched, hours: Sequence[Hour], how: How) -> Iterator[str]:
    yield f"all this supposes {apart(how.clump)}"
    if seen.made_up:
        yield f"{seen.made_up:,} of the {seen.events:,} events watched are made up: all these figures are {ASSUMED}"
    if without := seen.without_faces():
        yield f"{without:,} alerts lie in hours of which no count of faces came; they are in no line"
    if missing := sum(hour.missing for hour in hours):
        yield f"{missing:,} alerts that the engine counts are not here; they are taken both ways"
    if repeats := sum(hour.repeats for hour in hours):
        yield f"{repeats:,} false alerts repeat one on the same person; they are counted, and are no evidence"
    lower = sorted({value for _, value in seen.thresholds if Decimal(value) < promised.threshold}, key=Decimal)
    if lower:
        yield f"the engine reports a threshold of {lower[0]}, and {promised.threshold} is the lowest declared"
    tested = how.tested.threshold if how.tested is not None else None
    if tested is not None and tested < promised.threshold:
        fewer = "fewer false alerts are to be expected than were tested"
        yield f"the test was at threshold {tested}, and {promised.threshold} is the lowest declared: {fewer}"
    sized = {at for at, _ in how.sizes}
    if any(what == "list" and at not in sized for at, what in seen.changes):
        yield "the list was changed while live; tell its size from then on with --list-size TIME=SIZE"
    if seen.changes:
        yield f"{len(seen.changes):,} changes of threshold, list or engine: hours before and after are not compared"


ERROR = 0.05


@dataclass(frozen=True, slots=True)
class Change:
    """The hour that differs most from what came before it, with the interval of the ratio of the two rates.

    ``error``: the p value that an hour must reach, and the interval's. ``until``: faces of one hour after which a rise
    to ``fold`` times the earlier rate would be seen, infinite where no number would do.
    """

    hour: str
    alerts: int
    faces: int
    earlier_alerts: int
    earlier_faces: int
    p: float
    error: float
    low: float
    high: float
    fold: float
    until: float

    @property
    def shown(self) -> bool:
        """Whether the hour's rate is shown to differ."""
        return self.p <= self.error


def compare(
    hours: Sequence[tuple[Hour, int | None]],
    *,
    planned: int,
    earlier: tuple[int, int] = (0, 0),
    fold: float = 3.0,
    clump: float = 1.0,
) -> Change | None:
    """The declared hour that differs most from those before it in its stretch; ``None`` where there is none to compare.

    With x alerts in n faces after X in N, equal rates put each of the x + X alerts on the hour with chance n / (n + N):
    the conditional exact test. The ``planned`` hours share an error of 1 in 20, the chance that any is ever wrongly
    said to differ, if people come apart from each other: alerts on one person count once an hour, and every ``clump``
    of them as one (whole ones of the side with more, begun ones of the other). ``hours``: in order of time, each with
    its stretch (``None``: a change falls in it). ``earlier``: alerts and faces of earlier deployments under the
    settings of the first stretch. Raises ``CountOutOfRange``.

    >>> hours = [Hour(f"2026-03-07T1{n}Z", 1000, alerts, alerts, 0, 0, 0) for n, alerts in enumerate((2, 3, 30))]
    >>> change = compare([(hour, 0) for hour in hours], planned=3)
    >>> change.hour, change.shown
    ('2026-03-07T12Z', True)
    """
    number(planned, "the hours planned", whole=True)
    number(fold, "the change to be seen", 1.0, above=True)
    number(clump, "the most alerts of a clump", 1.0)
    number(earlier[0], "earlier alerts", 0, number(earlier[1], "earlier faces", whole=True), whole=True)
    for hour, _ in hours:
        number(hour.faces, f"the faces of {hour.hour}", whole=True)
        number(hour.people, f"the people alerted on in {hour.hour}", whole=True)
    error = ERROR / max(1, planned)
    pools: dict[int, tuple[int, int]] = {0: earlier}
    compared: list[tuple[float, Hour, tuple[int, int]]] = []
    for hour, stretch in hours:
        if stretch is None or not hour.faces:
            continue
        alerts, faces = pools.get(stretch, (0, 0))
        if faces:
            p = float(two_rates(*_clumped(hour.people, hour.faces, alerts, faces, clump)))
            compared.append((p, hour, (alerts, faces)))
        pools[stretch] = alerts + hour.people, faces + hour.faces
    if not compared:
        return None
    p, hour, (alerts, faces) = min(compared, key=lambda entry: entry[0])
    low, high = conditional_exact(*_clumped(hour.people, hour.faces, alerts, faces, clump), 1 - error)
    stretch = next(place for entry, place in reversed(hours) if place is not None and entry.faces)
    until = _until(pools[stretch], fold, error, clump)
    return Change(hour.hour, hour.people, hour.faces, alerts, faces, p, error, float(low), float(high), fold, until)


def _clumped(alerts: int, faces: int, earlier: int, before: int, clump: float) -> tuple[int, int, int, int]:
    """The counts in clumps, rounded towards equal rates."""
    down, up = math.floor, math.ceil
    if alerts * before > earlier * faces:
        return down(alerts / clump), faces, up(earlier / clump), before
    return up(alerts / clump), faces, down(earlier / clump), before


def _until(pool: tuple[int, int], fold: float, error: float, clump: float) -> float:
    """Faces of one further hour after which ``fold`` times the pool's rate would be seen, coming as it predicts."""
    alerts, faces = pool
    if not alerts:
        return math.inf

    def seen(count: int) -> bool:
        earlier = math.ceil(alerts / clump)
        return float(two_rates(math.floor(count / clump), count * faces / (fold * alerts), earlier, faces)) <= error

    high = 1
    while not seen(high):
        if high > 1_000_000:
            return math.inf
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if seen(middle) else (middle, high)
    return high * faces / (fold * alerts)
