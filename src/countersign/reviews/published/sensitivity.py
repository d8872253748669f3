"""How far figures and comparisons depend on what is not known: the face count, unconfirmed alerts, independence.

Where faces an hour in the same places step up or down, every face count is restated as in the stretch that counted
fewest and as in the one that counted most (the product of the steps between). Unconfirmed alerts are taken as none
false and as all false. A comparison of two stretches reads "fewer", "more" or "not told apart" by the exact conditional
95% interval of the ratio of the two rates (Clopper-Pearson on the share of events; Przyborowski and Wilenski,
Biometrika 31 (1940) 313-323); allowing for clumps, by whether the two clustered intervals lie apart, which is stricter.
*Both on one scale* restates every face count as in the first regime. A comparison *survives* if every rate that needs
no face count says what the rate per face, as published, says.

>>> compare((29, 542_008), (7, 2_390_386), 0.95), compare((3, 1000), (4, 1000), 0.95), compare((0, 5), (0, 9), 0.95)
('fewer', 'not told apart', 'not told apart')
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from msgspec.structs import replace

from countersign.document import Block, Cell, Heading, Paragraph, Section, Table
from countersign.grids import Grid, column, number
from countersign.published.table.measures import MEASURES
from countersign.reviews.model import By, Conclusion, RateLine, Reading, Survives
from countersign.reviews.published.evidence import Evidence, Stretch, largest, latest_stretches, stretches
from countersign.reviews.published.sentences import unpublished
from countersign.reviews.published.tables import clustered_text, interval_text, rate_text, widest
from countersign.words.dates import day
from countersign.words.intervals import rate_range, rate_words
from countersign.words.lists import be, counted, listing
from countersign.words.numbers import count, fold, small

FEWER, MORE, OPEN = "fewer", "more", "not told apart"
AS_PUBLISHED, ONE_SCALE = "per face, as published", "per face, both on one scale"
CLUMPS = "per face, allowing for clumps"


class Outcome(NamedTuple):
    """What is compared: its name, its measure per face, others per face, and those that need no face count."""

    name: str
    per_face: str
    others: tuple[str, ...]
    without: tuple[str, ...]


_FALSE_WITHOUT = ("false_alerts_per_alert", "false_alerts_per_hour")
OUTCOMES: tuple[Outcome, ...] = (
    Outcome("false alerts", "false_alerts_per_face", ("false_alerts_at_most_per_face",), _FALSE_WITHOUT),
    Outcome("true alerts", "true_alerts_per_face", (), ("true_alerts_per_hour",)),
    Outcome("arrests", "arrests_per_face", (), ("arrests_per_alert", "arrests_per_hour", "arrests_per_deployment")),
)


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
        return (evidence.rate(measure, by, before, reading=reading), evidence.rate(measure, by, after, reading=reading))

    def told(measure: str) -> str | None:
        first, second = lines(measure)
        if first is None or second is None:
            return None
        return compare((first.events, first.trials), (second.events, second.trials), level)

    under: dict[str, str | None] = {AS_PUBLISHED: told(outcome.per_face)}
    if any(step.stands for step in evidence.breaks):
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
    lines = (line for line in evidence.lines(by, scope, measure) if line.reading in ("either", reading))
    parts = [line for line in lines if line.regime in evidence.scales]
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


class Way(NamedTuple):
    """A way of counting: what it is called, and the measure it uses; ``end`` restates the face count."""

    label: str
    measure: str
    end: str = ""


WAYS: tuple[Way, ...] = (
    Way("per face, as published", "false_alerts_per_face"),
    Way("per face, faces counted as when fewest were counted", "false_alerts_per_face", "fewest"),
    Way("per face, faces counted as when most were counted", "false_alerts_per_face", "most"),
    Way("per face, every unconfirmed alert counted as false", "false_alerts_at_most_per_face"),
    Way("per alert", "false_alerts_per_alert"),
    Way("per alert, every unconfirmed alert counted as false", "false_alerts_at_most_per_alert"),
    Way("per hour", "false_alerts_per_hour"),
)


def sensitivity(evidence: Evidence, drawn: Sequence[Conclusion]) -> Section:
    """The section: the table of ways for each stretch, then the conclusions and which survive without face counts."""
    compared = latest_stretches(evidence)
    blocks: list[Block] = [
        Paragraph(
            "Three things are not known: how many faces there were (the force estimates them, and the way it does so "
            "may change), whether the unconfirmed alerts were true, and whether alerts come independently. The table "
            "gives false alerts under each way of taking them; the second says which comparisons hold whichever way "
            "they are taken, and which hold without counting faces at all."
        ),
        _scale_note(evidence),
        _ways_table(evidence, compared),
    ]
    if drawn:
        blocks += [
            Heading("Which conclusions survive without face counts", "sensitivity-conclusions"),
            Paragraph(_survival(drawn)),
            _conclusions_table(drawn),
        ]
    kept = sum(conclusion.survives == "yes" for conclusion in drawn)
    of = counted(len(drawn), "comparison")
    survive = f": {count(kept) if kept else 'none'} of {of} {be(kept, 'survives', 'survive')} without face counts"
    return Section("sensitivity", f"Sensitivity{survive if drawn else ''}", tuple(blocks))


def _survival(drawn: Sequence[Conclusion]) -> str:
    apart = [conclusion for conclusion in drawn if conclusion.survives in ("yes", "in part", "no")]
    if not apart:
        return f"{counted(len(drawn), 'comparison')}: none tells two stretches apart per face, so none can survive."
    numbers = {word: sum(conclusion.survives == word for conclusion in apart) for word in ("yes", "in part", "no")}
    kept = [conclusion for conclusion in apart if conclusion.survives == "yes"]
    named = listing([f"{conclusion.under[AS_PUBLISHED]} {conclusion.text}" for conclusion in kept])
    clumps = sum(conclusion.under.get(CLUMPS) == conclusion.under[AS_PUBLISHED] for conclusion in kept)
    text = (
        f"{counted(len(drawn), 'comparison')}, of which {count(len(apart))} tell two stretches apart per face: "
        f"{small(numbers['yes'])} {be(numbers['yes'], 'survives', 'survive')} without face counts"
        f"{f' ({named})' if kept else ''}, {small(numbers['in part'])} in part, {small(numbers['no'])} not at all."
    )
    if not kept:
        return text
    return f"{text} Of those that survive, {small(clumps)} also {be(clumps, 'stands', 'stand')} allowing for clumps."


def _scale_note(evidence: Evidence) -> Paragraph:
    standing = [step for step in evidence.breaks if step.stands]
    if not standing and (evidence.whole.hours is None or evidence.whole.faces_seen is None):
        unseen = "it cannot be seen whether the way faces are counted stayed the same"
        return Paragraph(f"{unpublished(evidence)}, so {unseen}, and face counts cannot be restated.", "note")
    said = (
        "No change in how faces are counted was found within the same places, so there is one scale of face counts; "
        "that is no evidence that the counts are right."
    )
    if standing:
        dated = [
            f"{fold(largest(step))} between {day(step.best_before)} and {day(step.best_after)}" for step in standing
        ]
        said = (
            f"Steps in faces per hour within the same places: {listing(dated)}. A face count can be restated on the "
            "scale of any stretch by these; which scale is nearer the truth is not known. How the dates were found, "
            "and what they do not confirm, is under Method."
        )
    return Paragraph(said, "note")


class _WayRow(NamedTuple):
    """False alerts of a stretch under a way of counting, with every face count multiplied by ``factor``."""

    stretch: Stretch
    way: Way
    line: RateLine
    factor: float

    @property
    def called(self) -> str:
        return f"{self.way.label} (faces times {self.factor:.3g})" if self.way.end else self.way.label

    @property
    def trials(self) -> Cell:
        trials = self.line.trials * self.factor
        return Cell(count(round(trials) if self.way.end else trials), trials)

    @property
    def rate(self) -> Cell:
        if not self.way.end:
            return Cell(rate_text(self.line), self.line.estimate)
        rate = self.line.estimate / self.factor
        return Cell(rate_words(rate) if self.line.events else "none seen", rate)

    @property
    def exact(self) -> str:
        line = self.line
        if not self.way.end:
            return interval_text(line, line.low, line.high)
        return rate_range(line.low / self.factor, line.high / self.factor, line.estimate / self.factor)

    @property
    def clustered(self) -> str:
        low, high = widest(self.line)
        if not self.way.end or math.isinf(high):
            return clustered_text(self.line)
        return rate_range(low / self.factor, high / self.factor, self.line.estimate / self.factor)


_WAYS = Grid[_WayRow](
    column("scope", "Which rows", lambda row: row.stretch.label),
    column("way", "False alerts", lambda row: row.called),
    number("events", "Events", lambda row: row.line.events, rows=lambda row: row.line.rows),
    number("trials", "Of", lambda row: row.trials),
    number("rate", "Rate", lambda row: row.rate),
    number("exact", "95% interval, events independent", lambda row: row.exact),
    number("clustered", "95% interval, allowing for clumps", lambda row: row.clustered),
)


def _ways_table(evidence: Evidence, compared: Sequence[Stretch]) -> Table:
    rows = [row for stretch in compared for way in WAYS if (row := _way_row(evidence, compared, stretch, way))]
    every = len(stretches(evidence))
    left = every - len(compared)
    note = f"The latest {count(len(compared))} of {count(every)} stretches; Accuracy has all of them." if left else ""
    return _WAYS.table("sensitivity-ways", "False alerts under each way of counting", rows, note=note)


def _way_row(evidence: Evidence, compared: Sequence[Stretch], stretch: Stretch, way: Way) -> _WayRow | None:
    """A row, where the measure is known and, for a restated face count, where restating changes it."""
    line = evidence.rate(way.measure, stretch.by, stretch.scope)
    if line is None:
        return None
    if not way.end:
        return _WayRow(stretch, way, line, 1.0)
    scales = [other.scale for other in compared]
    factor = (min(scales) if way.end == "fewest" else max(scales)) / stretch.scale
    return None if factor == 1.0 else _WayRow(stretch, way, line, factor)


_CONCLUSIONS = Grid[Conclusion](
    column("text", "Compared", lambda drawn: drawn.text),
    column("with", "With face counts", lambda drawn: _ways(drawn, with_faces=True), missing="not published"),
    column("free", "Without face counts", lambda drawn: _ways(drawn, with_faces=False), missing="not published"),
    column("survives", "Does it survive without them?", lambda drawn: drawn.survives),
)


def _conclusions_table(drawn: Sequence[Conclusion]) -> Table:
    note = (
        '"fewer" and "more": the 95% interval of the ratio leaves out 1. Not adjusted for the number of comparisons. '
    )
    note += "Nothing is said of why."
    return _CONCLUSIONS.table("sensitivity-survives", "Comparisons under each way of counting", drawn, note=note)


def _ways(drawn: Conclusion, *, with_faces: bool) -> str | None:
    ways = (f"{way}: {said}" for way, said in drawn.under.items() if way.startswith("per face") is with_faces)
    return "; ".join(ways) or None
