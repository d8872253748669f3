"""The stop rule of the declared limits, evaluated as it is written, with the chance that it fires without cause.

After each hour whose count of faces has come (false alerts as adjudicated, faces as the engine counts them):

* ``ceiling-exceeded`` without a value fires as soon as false alerts so far are more than a ceiling allows for what has
  passed so far. Its chance of firing at a rate that is exactly the ceiling is that over the declared hours
  (``chance_of_crossing``, exact for independent Poisson counts); early hours make it large.
* ``ceiling-exceeded`` with a value v between 0 and 1 fires when the evidence that a ceiling is exceeded reaches
  (number of ceilings) / v: without cause with a chance of at most v, however often one looks (Ville).
* ``staffing-below-minimum`` with a value fires where fewer engagement officers than it, or no operator, are reported.
* ``list-mismatch`` fires where a list other than the declared one is reported.

The first chance supposes that no false alert repeats another: repeats on one person are counted, as it is written. The
second counts people: of one person's false alerts only the first, and clumps beyond that are declared (``ceiling``).
The others are for people to judge. A rule that fires is reported; nothing is stopped by it.

>>> from countersign.events.watch.watched import Watched
>>> from decimal import Decimal
>>> seen = Watched()
>>> seen.add("live.hour", {"hour": "2026-03-07T10Z", "faces": 900, "alerts": 0})
>>> promised = Promised("f/d", "00", 1, "00", Decimal(0), (Own("false-alerts-per-face", Decimal("0.001")),),
...     (Rule("ceiling-exceeded", "suspend"),), ("2026-03-07T10",))
>>> state = evaluate(promised, seen)[0]
>>> state.fired, round(state.chance, 4)
(None, 0.5934)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any

import numpy as np
from scipy.signal import fftconvolve
from scipy.special import gammaln, pdtrc, xlogy

from countersign.events.watch.promised import Own, Promised, Rule
from countersign.events.watch.watched import Hour, Watched
from countersign.inference.checks import CountOutOfRange, number, numbers, wholes
from countersign.inference.monitors.ceiling import Ceiling
from countersign.inference.monitors.evidence import log_e_above
from countersign.words.lists import counted
from countersign.words.numbers import count, percent

#: A staffing rule's value is of engagement officers; at least this many operators go with it.
FEWEST_OPERATORS = 1
#: To work out a chance: the most counts expected in all, the most products formed at once, and the least share of the
#: greatest chance that is kept.
MOST_EXPECTED, AT_ONCE, HELD = 1e10, 10_000_000, 1e-17
#: What a rule promises to be done: the entry of the person who did it.
ACTS = {"suspend": "live.suspended", "close": "close.cancellation"}


@dataclass(frozen=True, slots=True)
class Firing:
    """That a rule was met: up to the end of which hour, and by which counts, where it is about counts."""

    rule: Rule
    hour: str
    ceiling: Own | None = None
    events: int = 0
    exposure: int = 0

    @property
    def sentence(self) -> str:
        """By what it was met."""
        if self.ceiling is None:
            return f"met at {self.hour}, by what was reported"
        counts = f"{false_alerts(self.events)} in {self.exposure:,} {self.ceiling.unit}"
        ceiling = f"{self.ceiling.at_most} for each {self.ceiling.one}"
        return f"met by the end of {self.hour}, with {counts}, where the ceiling is {ceiling}"


@dataclass(frozen=True, slots=True)
class RuleState:
    """How a rule stands. ``chance``: of firing without cause (``None`` where chance plays no part or is not yet known).

    ``worse``: where it would have fired had every unresolved and missing alert been false.
    """

    rule: Rule
    sentence: str
    fired: Firing | None = None
    worse: Firing | None = None
    chance: float | None = None


def evaluate(promised: Promised, seen: Watched, clump: float = 1.0) -> tuple[RuleState, ...]:
    """Each rule of the limits on what was seen so far, in the order of the limits.

    ``clump``: at most so many false alerts come of one moment of one person, beyond those known to repeat.
    """
    hours = seen.hours()
    return tuple(_state(rule, promised, seen, hours, clump) for rule in promised.rules)


def apart(clump: float) -> str:
    """What a guarantee supposes of how alerts come, in words."""
    clumps = "" if clump == 1 else f", or in clumps of at most {clump:g} alerts"
    return (
        f"that false alerts on different people come apart from each other{clumps}; of one person only the first counts"
    )


def _state(rule: Rule, promised: Promised, seen: Watched, hours: Sequence[Hour], clump: float) -> RuleState:
    if rule.when == "ceiling-exceeded":
        return _ceiling(rule, promised, hours, clump)
    if rule.when == "list-mismatch":
        others = sorted(at for at, digest in seen.lists if digest != promised.list_digest)
        return _reported(rule, others, "every list reported is the declared one")
    if rule.when == "staffing-below-minimum" and rule.value is not None:
        short = sorted(
            at for at, operators, officers in seen.staffing if officers < rule.value or operators < FEWEST_OPERATORS
        )
        return _reported(rule, short, f"at least {rule.value} engagement officers and an operator wherever reported")
    lacks = " (it gives no number)" if rule.when == "staffing-below-minimum" else ""
    return RuleState(rule, f"for people to judge: no event shows it{lacks}")


def false_alerts(count: int) -> str:
    """A count of false alerts, in words."""
    return counted(count, "false alert")


def _reported(rule: Rule, moments: Sequence[str], otherwise: str) -> RuleState:
    if moments:
        firing = Firing(rule, f"{moments[0][:13]}Z")
        return RuleState(rule, f"{firing.sentence}; no chance is in it", firing)
    return RuleState(rule, f"not met: {otherwise}; no chance is in it")


def _ceiling(rule: Rule, promised: Promised, hours: Sequence[Hour], clump: float) -> RuleState:
    value = rule.value
    if value is not None and not 0 < value < 1:
        return RuleState(rule, f"cannot be evaluated: its value {value} is no chance of a false stop between 0 and 1")
    watchable = [own for own in promised.ceilings if value is None or 0 < own.chance < 1]
    if not watchable:
        return RuleState(rule, "cannot be evaluated: no ceiling lies between 0 and 1")
    asked = None if value is None else len(watchable) / float(value)
    # A rule with a chance counts people, as its promise supposes; one without counts alerts, as it is written.
    events: Callable[[Hour], int] = (lambda hour: hour.false) if asked is None else (lambda hour: hour.fewest)
    fired = _first(rule, watchable, hours, asked, events, clump)
    worse = _first(rule, watchable, hours, asked, lambda hour: hour.most, clump)
    chance = _plain_chance(watchable, promised, hours) if value is None else float(value)
    in_words = _chance_words(rule, len(watchable), chance, len(promised.hours), clump)
    if fired is not None:
        return RuleState(rule, f"{fired.sentence}. {in_words}", fired, worse, chance)
    parts = [_margin(own, hours, asked, clump) for own in watchable]
    if worse is not None:
        parts.append(f"were every unresolved and missing alert false, it would have been {worse.sentence}")
    return RuleState(rule, f"not met: {'; '.join(parts)}. {in_words}", None, worse, chance)


def _first(
    rule: Rule,
    ceilings: Sequence[Own],
    hours: Sequence[Hour],
    asked: float | None,
    count: Callable[[Hour], int],
    clump: float,
) -> Firing | None:
    firings: list[Firing] = []
    for own in ceilings:
        events = exposure = 0
        watch = Ceiling() if asked is None else Ceiling(asked=asked, clump=clump)
        for hour in hours:
            units, false = own.exposure(hour), count(hour)
            events, exposure = events + false, exposure + units
            if asked is None:
                met = events > own.bound(exposure)
            else:
                trials = max(units * own.per_unit, false)
                watch = watch.observe(trials, false, ceiling=own.chance)
                met = watch.log_highest >= math.log(asked)
            if met:
                firings.append(Firing(rule, hour.hour, own, events, exposure))
                break
    return min(firings, key=lambda firing: firing.hour, default=None)


def _plain_chance(ceilings: Sequence[Own], promised: Promised, hours: Sequence[Hour]) -> float | None:
    """The chance that the plain rule is met over the declared hours at rates that are the ceilings; at most their sum.

    ``None`` before any hour. Hours to come are taken to be like the mean of those that came.
    """
    if not hours:
        return None
    to_come = max(0, len(set(promised.hours) - {hour.hour[:13] for hour in hours}))
    total = 0.0
    for own in ceilings:
        came = [own.exposure(hour) for hour in hours]
        units: list[float] = [*came, *([sum(came) / len(came)] * to_come)]
        means = [float(own.at_most) * unit for unit in units]
        total += chance_of_crossing(means, [own.bound(so_far) for so_far in accumulate(units)])
    return min(1.0, total)


def _chance_words(rule: Rule, ceilings: int, chance: float | None, hours: int, clump: float) -> str:
    if rule.value is not None:
        return f"Chance of a false stop: at most {rule.value}, however often it is looked at, given {apart(clump)}"
    if chance is None:
        return "Chance of a false stop: said once an hour's faces are counted"
    bound = "at most " if ceilings > 1 else ""
    over = f"at a rate that is the ceiling, over {counted(hours, 'declared hour')}"
    return f"Chance of a false stop, {over}: {bound}{_share(chance)} if no alert repeats another, more if any does"


def _share(chance: float) -> str:
    return percent(chance, "up") if chance >= 0.001 else "under 0.1%"


def _margin(own: Own, hours: Sequence[Hour], asked: float | None, clump: float) -> str:
    events = sum(hour.false if asked is None else hour.fewest for hour in hours)
    exposure = sum(own.exposure(hour) for hour in hours)
    counts = f"{false_alerts(events)} in {count(exposure)} {own.unit}"
    if not exposure:
        return counts
    from_on = own.bound(exposure) + 1 if asked is None else _needed(float(own.at_most) * exposure, asked, clump)
    return f"{counts}, met from {from_on:,} on"


def _needed(expected: float, asked: float, clump: float) -> int:
    expected /= clump
    high = max(1, math.ceil(expected))
    while float(log_e_above(high, expected)) < math.log(asked):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        reached = middle > expected and float(log_e_above(middle, expected)) >= math.log(asked)
        low, high = (low, middle) if reached else (middle, high)
    return math.ceil(high * clump)


def facts(state: RuleState, promised: Promised) -> dict[str, Any]:
    """The public facts of ``live.stop-rule-fired`` for a rule that has fired: no count, no hour, not which rule."""
    if state.fired is None:
        raise ValueError("a rule that has not fired makes no entry")
    return {"limits": promised.digest, "action": state.rule.action}


def sealed(state: RuleState) -> dict[str, Any]:
    """What ``live.stop-rule-fired`` seals: rule, hour, counts: with few alerts they would tell the outcome of one."""
    fired = state.fired
    if fired is None:
        raise ValueError("a rule that has not fired makes no entry")
    made: dict[str, Any] = {"hour": fired.hour, "when": state.rule.when}
    if state.rule.value is not None:
        made["value"] = str(state.rule.value)
    if fired.ceiling is not None:
        made |= {"measure": fired.ceiling.measure, "at_most": str(fired.ceiling.at_most)}
        made |= {"events": fired.events, "exposure": fired.exposure}
    if state.chance is not None:
        made["chance"] = str(Decimal(math.ceil(state.chance * 10_000)) / 10_000)
    return {"firing": made}


def chance_of_crossing(means: Sequence[float], bounds: Sequence[int]) -> float:
    """The chance that Poisson counts with these ``means`` ever add up to more than the ``bounds``, looked at in turn.

    ``bounds[i]`` belongs to the sum of the first ``i + 1`` counts, does not fall, and is at least 0. Only counts within
    eight standard deviations of each mean are held (what is left out is under 1e-13), so memory grows with the root of
    the sum, which is at most 1e10. Raises ``CountOutOfRange``.
    """
    given, limits = numbers(means, "the mean of a count", most=MOST_EXPECTED), wholes(bounds, "a bound")
    if given.shape != limits.shape or given.ndim != 1:
        raise CountOutOfRange(f"each mean has its bound, got shapes {given.shape} and {limits.shape}")
    number(float(given.sum()), "the sum of the means", most=MOST_EXPECTED)
    if np.any(np.diff(limits) < 0):
        raise CountOutOfRange("bounds do not fall")
    alive, start, fired = np.ones(1), 0, 0.0
    for mean, bound in zip(given.tolist(), limits.tolist(), strict=True):
        fired += float(alive @ pdtrc(bound - start - np.arange(alive.size), mean)) if mean else 0.0
        reach = 8 * math.sqrt(mean) + 40
        counts = np.arange(max(0, math.floor(mean - reach)), math.ceil(mean + reach) + 1)
        law = np.exp(xlogy(counts, mean) - mean - gammaln(counts + 1))
        start += int(counts[0])
        together = fftconvolve if alive.size * law.size > AT_ONCE else np.convolve
        alive = np.maximum(together(alive, law), 0.0)[: max(0, bound + 1 - start)]
        if not alive.any():
            break
        held = np.flatnonzero(alive > HELD * alive.max())
        start, alive = start + int(held[0]), alive[held[0] : held[-1] + 1]
    return min(1.0, fired)
