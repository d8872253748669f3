"""Which comparisons of years and thresholds stand, under each way of counting, and without counting faces at all.

Under each way a comparison reads "fewer", "more" or "not told apart": by the exact conditional 95 per cent interval of
the ratio of the two rates (Clopper-Pearson on the share of events; Przyborowski and Wilenski, Biometrika 31 (1940)
313-323); allowing for clumps, by whether the two clustered intervals lie apart, which is the stricter.

*Both on one scale* restates every face count as if it had been made as in the first regime, by the steps found in faces
per hour within the same places; rows inside the interval of a step's date are left out. So the two ends of what the
face counts may have been are "as published" (the step was all crowds) and "on one scale" (it was all counting).

A comparison *survives* if what is told per face, as published, is told by every rate that needs no face count.

>>> compare((29, 542_008), (7, 2_390_386), 0.95), compare((3, 1000), (4, 1000), 0.95), compare((0, 5), (0, 9), 0.95)
('fewer', 'not told apart', 'not told apart')
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from countersign.published.table.measures import MEASURES
from countersign.reviews.model import By, Conclusion, RateLine, Reading, Survives
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.tables import widest

FEWER, MORE, OPEN = "fewer", "more", "not told apart"
AS_PUBLISHED, ONE_SCALE, CLUMPS = (
    "per face, as published", "per face, both on one scale", "per face, allowing for clumps"
)  # fmt: skip


class Outcome(NamedTuple):
    """What is compared: its name, its measure per face, others per face, and those that need no face count."""

    name: str
    per_face: str
    others: tuple[str, ...]
    without: tuple[str, ...]


OUTCOMES: tuple[Outcome, ...] = (
    Outcome("false alerts", "false_alerts_per_face", ("false_alerts_at_most_per_face",),
            ("false_alerts_per_alert", "false_alerts_per_hour")),
    Outcome("true alerts", "true_alerts_per_face", (), ("true_alerts_per_hour",)),
    Outcome("arrests", "arrests_per_face", (), ("arrests_per_alert", "arrests_per_hour", "arrests_per_deployment")),
)  # fmt: skip


def compare(before: tuple[int, float], after: tuple[int, float], level: float) -> str:
    """``after`` against ``before``, each (events, trials): by the exact conditional interval of the ratio of rates."""
    from countersign.inference.binomial import clopper_pearson

    events = before[0] + after[0]
    if events == 0:
        return OPEN
    low, high = clopper_pearson(after[0], events, level)
    equal = after[1] / (before[1] + after[1])
    return FEWER if float(high) < equal else MORE if float(low) > equal else OPEN


def conclusions(evidence: Evidence, level: float) -> tuple[Conclusion, ...]:
    """Each threshold against the one before it in time, and the last against the first; each year likewise."""
    found: list[Conclusion] = []
    for by, before, after in _pairs(evidence):
        for outcome in OUTCOMES:
            read = _conclusion(evidence, by, before, after, outcome, level, "as corrected")
            printed = _conclusion(evidence, by, before, after, outcome, level, "as printed")
            found += [read] if read is not None else []
            if printed is not None and printed != read:
                found.append(replace(printed, text=f"{printed.text}, as printed"))
    return tuple(found)


def _pairs(evidence: Evidence) -> list[tuple[By, str, str]]:
    settings = sorted(evidence.scopes["threshold"], key=lambda scope: _first_date(evidence, scope.positions[0]))
    names = [scope.name for scope in settings]
    pairs = list(pairwise(names)) + ([(names[0], names[-1])] if len(names) > 2 else [])
    found: list[tuple[By, str, str]] = [("threshold", before, after) for before, after in pairs]
    found += [("year", before, after) for before, after in pairwise(evidence.years)]
    # One year at one setting: then a change in how faces are counted is all there is to compare across.
    return found or [("regime", before, after) for before, after in pairwise(evidence.scales)]


def _first_date(evidence: Evidence, position: int) -> str:
    date = evidence.record.rows[int(position)].date
    return "9999" if date is None else date.isoformat()


def _conclusion(
    evidence: Evidence, by: By, before: str, after: str, outcome: Outcome, level: float, reading: Reading
) -> Conclusion | None:
    def lines(measure: str) -> tuple[RateLine | None, RateLine | None]:
        return (
            evidence.rate(measure, by, before, reading=reading),
            evidence.rate(measure, by, after, reading=reading),
        )

    def told(measure: str) -> str | None:
        first, second = lines(measure)
        if first is None or second is None:
            return None
        return compare((first.events, first.trials), (second.events, second.trials), level)

    under: dict[str, str | None] = {AS_PUBLISHED: told(outcome.per_face)}
    if any(found.stands for found in evidence.breaks):
        first, second = (_restated(evidence, outcome.per_face, by, scope, reading) for scope in (before, after))
        under[ONE_SCALE] = compare(first, second, level) if first and second else None
    under |= {_way(measure, outcome): told(measure) for measure in outcome.others}
    under[CLUMPS] = _apart(*lines(outcome.per_face))
    free = {_way(measure, outcome): result for measure in outcome.without if (result := told(measure)) is not None}
    known = {way: result for way, result in (under | free).items() if result is not None}
    if not known:
        return None
    preposition = "at" if by == "threshold" else "in"
    names = [evidence.labels.get(scope, scope) for scope in (after, before)]
    text = f"{outcome.name} {preposition} {names[0]} against {names[1]}"
    return Conclusion(text, known, _survives(under[AS_PUBLISHED], list(free.values())))


def _way(measure: str, outcome: Outcome) -> str:
    return MEASURES[measure].label.removeprefix(f"{outcome.name} ")


def _restated(evidence: Evidence, measure: str, by: By, scope: str, reading: Reading) -> tuple[int, float] | None:
    """Events and faces of a scope with every face count on the scale of the first regime."""
    parts = [
        line
        for line in evidence.lines(by, scope, measure)
        if line.reading in ("either", reading) and line.regime in evidence.scales
    ]
    trials = sum(line.trials / evidence.scales[str(line.regime)] for line in parts)
    return (sum(line.events for line in parts), trials) if trials else None


def _apart(before: RateLine | None, after: RateLine | None) -> str | None:
    if before is None or after is None:
        return None
    (low_before, high_before), (low_after, high_after) = widest(before), widest(after)
    return FEWER if high_after < low_before else MORE if low_after > high_before else OPEN


def _survives(per_face: str | None, known: Sequence[str]) -> Survives:
    if per_face is None or not known:
        return "cannot be told"
    if per_face == OPEN:
        return "nothing to survive"
    said = set(known)
    return "yes" if said == {per_face} else "in part" if per_face in said else "no"
