"""How far the figures hang on what is not known: the face count, the unconfirmed alerts, and independence.

*The face count at both ends*: where faces an hour in the same places step up or down, every face count is restated as
if it had been made as in the stretch that counted fewest, and as in the one that counted most (the product of the
steps between; the larger of the two ways of matching places). *Unconfirmed both ways*: none false, all false.
*Independence*: the interval that allows for clumps. Beside them the rates that need no face count.

A conclusion compares two stretches. Under each way it reads "fewer", "more" or "not told apart": by the exact
conditional 95 per cent interval of the ratio (Clopper-Pearson on the share of events; Przyborowski and Wilenski,
Biometrika 31 (1940)); allowing for clumps, by whether the two clustered intervals lie apart. It *survives* without face
counts if the rates that need none say the same. Nothing here is adjusted for the number of comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from countersign.document import Block, Cell, Column, Heading, Paragraph, Section, Table
from countersign.published.measures import MEASURES
from countersign.review.evidence import Evidence, largest
from countersign.review.model import By, Conclusion, RateLine, Survives
from countersign.review.tables import interval_text, rate_text, widest
from countersign.review.wording import be, count, counted, day, fold, listing, one_in, one_in_range

FEWER, MORE, OPEN = "fewer", "more", "not told apart"
#: The latest stretches compared; more would be a list nobody reads.
MOST_UNITS = 6


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
#: Per outcome: its name in a sentence, the measure per face, others per face, and those that need no face count.
OUTCOMES: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("false alerts", "false_alerts_per_face", ("false_alerts_at_most_per_face",),
     ("false_alerts_per_alert", "false_alerts_per_hour")),
    ("true alerts", "true_alerts_per_face", (), ("true_alerts_per_hour",)),
    ("arrests", "arrests_per_face", (), ("arrests_per_alert", "arrests_per_hour", "arrests_per_deployment")),
)  # fmt: skip


class Unit(NamedTuple):
    """A stretch that is compared: a regime, or a year where there is only one regime; ``scale`` of its face count."""

    by: By
    scope: str
    label: str
    scale: float


def units(evidence: Evidence) -> list[Unit]:
    """The regimes in order; the years where there are fewer than two regimes. The latest ``MOST_UNITS``."""
    regimes = evidence.scopes["regime"]
    if len(regimes) > 1:
        scales = evidence.scales
        return [Unit("regime", s.name, evidence.labels[s.name], scales.get(s.name, 1.0)) for s in regimes][-MOST_UNITS:]
    return [Unit("year", scope.name, scope.name, 1.0) for scope in evidence.scopes["year"]][-MOST_UNITS:]


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
    """Each stretch against the one before it, for false alerts, true alerts and arrests."""
    found = units(evidence)
    return tuple(
        conclusion
        for before, after in pairwise(found)
        for outcome, per_face, others, without in OUTCOMES
        if (conclusion := _conclusion(evidence, before, after, outcome, per_face, others, without, level))
    )


def _conclusion(
    evidence: Evidence, before: Unit, after: Unit, outcome: str, per_face: str, others: Sequence[str],
    without: Sequence[str], level: float,
) -> Conclusion | None:  # fmt: skip
    def pair(measure: str) -> tuple[RateLine, RateLine] | None:
        first = evidence.rate(measure, before.by, before.scope)
        second = evidence.rate(measure, after.by, after.scope)
        return (first, second) if first and second else None

    def told(measure: str, scale: float = 1.0) -> str | None:
        lines = pair(measure)
        if lines is None:
            return None
        first, second = lines
        return compare((first.events, first.trials), (second.events, second.trials / scale), level)

    faces = pair(per_face)
    under: dict[str, str] = {}
    if faces is not None:
        under["per face, as published"] = told(per_face) or OPEN
        if after.scale != before.scale:
            under["per face, both on one scale"] = told(per_face, after.scale / before.scale) or OPEN
        for measure in others:
            under[MEASURES[measure].label.replace(f"{outcome} ", "")] = told(measure) or OPEN
        under["per face, allowing for clumps"] = _apart(*faces)
    free = {MEASURES[measure].label.replace(f"{outcome} ", ""): told(measure) for measure in without}
    known = {label: result for label, result in free.items() if result is not None}
    under |= known
    if not under:
        return None
    survives = _survives(under.get("per face, as published"), list(known.values()))
    return Conclusion(f"{outcome} in {after.label} against {before.label}", under, survives)


def _apart(before: RateLine, after: RateLine) -> str:
    (low_before, high_before), (low_after, high_after) = widest(before), widest(after)
    return FEWER if high_after < low_before else MORE if low_after > high_before else OPEN


def _survives(per_face: str | None, known: Sequence[str]) -> Survives:
    """Whether what is told per face is told without a face count too."""
    if per_face is None or not known:
        return "cannot be told"
    if per_face == OPEN:
        return "nothing to survive"
    said = set(known)
    return "yes" if said == {per_face} else "in part" if per_face in said else "no"


def sensitivity(evidence: Evidence, drawn: Sequence[Conclusion]) -> Section:
    """The section: the table of ways for each stretch, then the conclusions and which survive without face counts."""
    found = units(evidence)
    blocks: list[Block] = [
        Paragraph(
            "Three things are not known: how many faces there were (the force estimates them, and the way it does so "
            "may change), whether the unconfirmed alerts were true, and whether alerts come independently. The table "
            "gives false alerts under each way of taking them; the second says which comparisons hold whichever way "
            "they are taken, and which hold without counting faces at all."
        ),
        _scale_note(evidence),
        _ways_table(evidence, found),
    ]
    if drawn:
        blocks += [
            Heading("Which conclusions survive without face counts", "sensitivity-conclusions"),
            Paragraph(_told_of(drawn)),
            _conclusions_table(drawn),
        ]
    return Section("sensitivity", "Sensitivity", tuple(blocks))


def _told_of(drawn: Sequence[Conclusion]) -> str:
    told = [one for one in drawn if one.survives in ("yes", "in part", "no")]
    if not told:
        return f"Of {counted(len(drawn), 'comparison')} none tells two stretches apart per face, so none can survive."
    kept = listing([one.text for one in told if one.survives == "yes"])
    numbers = {word: sum(one.survives == word for one in told) for word in ("yes", "in part", "no")}
    return (
        f"Of {counted(len(drawn), 'comparison')}, {count(len(told))} tell two stretches apart per face: "
        f"{count(numbers['yes'])} {be(numbers['yes'], 'survives', 'survive')} without face counts"
        f"{f' ({kept})' if kept else ''}, {count(numbers['in part'])} in part, {count(numbers['no'])} not."
    )


def _scale_note(evidence: Evidence) -> Paragraph:
    standing = [found for found in evidence.breaks if found.stands]
    if not standing:
        return Paragraph(
            "No change in how faces are counted was found within the same places, so there is one scale of face "
            "counts; that is no evidence that the counts are right.", "note",
        )  # fmt: skip
    told = listing([f"{fold(largest(item))} between {day(item.best_before)} and {day(item.best_after)}"
                    for item in standing])  # fmt: skip
    return Paragraph(
        f"Steps in faces per hour within the same places: {told}. A face count can be restated on the scale of any "
        "stretch by these; which scale is nearer the truth is not known.", "note",
    )  # fmt: skip


def _ways_table(evidence: Evidence, found: Sequence[Unit]) -> Table:
    columns = (
        Column("scope", "Which rows"), Column("way", "False alerts"), Column("events", "Events", "end"),
        Column("trials", "Of", "end"), Column("rate", "Rate", "end"),
        Column("exact", "95 per cent interval, events taken as independent", "end"),
        Column("clustered", "95 per cent interval, allowing for clumps", "end", narrow=True),
    )  # fmt: skip
    rows = [row for unit in found for way in WAYS if (row := _way_row(evidence, found, unit, way))]
    return Table("sensitivity-ways", "False alerts under each way of counting", columns, tuple(rows))


def _way_row(evidence: Evidence, found: Sequence[Unit], unit: Unit, way: Way) -> tuple[Cell, ...] | None:
    line = evidence.rate(way.measure, unit.by, unit.scope)
    if line is None:
        return None
    name, events = Cell(unit.label), Cell(count(line.events), line.events, line.rows)
    if not way.end:
        clustered = line.clustered
        wide = "one deployment" if clustered is None else interval_text(line, clustered.low, clustered.high)
        return (
            name, Cell(way.label), events, Cell(count(line.trials), line.trials), Cell(rate_text(line), line.estimate),
            Cell(interval_text(line, line.low, line.high)), Cell(wide),
        )  # fmt: skip
    scales = [other.scale for other in found]
    factor = (min(scales) if way.end == "fewest" else max(scales)) / unit.scale
    if factor == 1.0:
        return None
    low, high = widest(line)
    estimate = line.one_in.estimate
    return (
        name, Cell(f"{way.label} (faces times {factor:.3g})"), events,
        Cell(count(round(line.trials * factor)), line.trials * factor),
        Cell(one_in(None if estimate is None else estimate * factor)),
        Cell(one_in_range(line.low / factor, line.high / factor)), Cell(one_in_range(low / factor, high / factor)),
    )  # fmt: skip


def _conclusions_table(drawn: Sequence[Conclusion]) -> Table:
    columns = (
        Column("text", "Compared"), Column("with", "With face counts"), Column("free", "Without face counts"),
        Column("survives", "Does it survive without them?"),
    )  # fmt: skip
    rows = tuple(
        (
            Cell(one.text),
            Cell(_ways(one, with_faces=True) or "not published"),
            Cell(_ways(one, with_faces=False) or "not published"),
            Cell(one.survives),
        )
        for one in drawn
    )
    return Table(
        "sensitivity-survives", "Comparisons under each way of counting", columns, rows,
        note='"fewer" and "more": the 95 per cent interval of the ratio leaves out 1. Not adjusted for the number of '
        "comparisons. Nothing is said of why.",
    )  # fmt: skip


def _ways(one: Conclusion, *, with_faces: bool) -> str:
    return "; ".join(f"{way}: {said}" for way, said in one.under.items() if way.startswith("per face") is with_faces)
