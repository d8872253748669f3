"""How far the figures hang on what is not known: the face count, the unconfirmed alerts, and independence.

*The face count at both ends*: where faces an hour in the same places step up or down, every face count is restated as
if it had been made as in the stretch that counted fewest, and as in the one that counted most (the product of the
steps between; the larger of the two ways of matching places). *Unconfirmed both ways*: none false, all false.
*Independence*: the interval that allows for clumps. Beside them the rates that need no face count. What follows for
comparisons is in ``countersign.reviews.published.comparisons``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from countersign.document import Block, Cell, Column, Heading, Paragraph, Section, Table
from countersign.reviews.model import Conclusion
from countersign.reviews.published.comparisons import AS_PUBLISHED, CLUMPS
from countersign.reviews.published.evidence import Evidence, largest
from countersign.reviews.published.sentences import unpublished
from countersign.reviews.published.stretches import Stretch, latest_stretches, stretches
from countersign.reviews.published.tables import interval_text, rate_text, widest
from countersign.words.phrases import counted, day, listing
from countersign.words.wording import be, count, fold, one_in, one_in_range, small


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
    found = latest_stretches(evidence)
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
        return f"{counted(len(drawn), 'comparison')}: none tells two stretches apart per face, so none can survive."
    numbers = {word: sum(one.survives == word for one in told) for word in ("yes", "in part", "no")}
    kept = [one for one in told if one.survives == "yes"]
    named = listing([f"{one.under[AS_PUBLISHED]} {one.text}" for one in kept])
    clumps = sum(one.under.get(CLUMPS) == one.under[AS_PUBLISHED] for one in kept)
    text = (
        f"{counted(len(drawn), 'comparison')}, of which {count(len(told))} tell two stretches apart per face: "
        f"{small(numbers['yes'])} {be(numbers['yes'], 'survives', 'survive')} without face counts"
        f"{f' ({named})' if kept else ''}, {small(numbers['in part'])} in part, {small(numbers['no'])} not at all."
    )
    if not kept:
        return text
    return f"{text} Of those that survive, {small(clumps)} also {be(clumps, 'stands', 'stand')} allowing for clumps."


def _scale_note(evidence: Evidence) -> Paragraph:
    standing = [found for found in evidence.breaks if found.stands]
    if not standing and (evidence.whole.hours is None or evidence.whole.faces_seen is None):
        return Paragraph(
            f"{unpublished(evidence)}, so it cannot be seen whether the way faces are counted stayed the same, and "
            "face counts cannot be restated.", "note",
        )  # fmt: skip
    if not standing:
        return Paragraph(
            "No change in how faces are counted was found within the same places, so there is one scale of face "
            "counts; that is no evidence that the counts are right.", "note",
        )  # fmt: skip
    told = listing([f"{fold(largest(item))} between {day(item.best_before)} and {day(item.best_after)}"
                    for item in standing])  # fmt: skip
    return Paragraph(
        f"Steps in faces per hour within the same places: {told}. A face count can be restated on the scale of any "
        "stretch by these; which scale is nearer the truth is not known. How the dates were found, and what they do "
        "not confirm, is under Method.", "note",
    )  # fmt: skip


def _ways_table(evidence: Evidence, found: Sequence[Stretch]) -> Table:
    columns = (
        Column("scope", "Which rows"), Column("way", "False alerts"), Column("events", "Events", "end"),
        Column("trials", "Of", "end"), Column("rate", "Rate", "end"),
        Column("exact", "95% interval, events independent", "end"),
        Column("clustered", "95% interval, allowing for clumps", "end", narrow=True),
    )  # fmt: skip
    rows = [row for unit in found for way in WAYS if (row := _way_row(evidence, found, unit, way))]
    every = len(stretches(evidence))
    left = every - len(found)
    note = f"The latest {count(len(found))} of {count(every)} stretches; Accuracy has all of them." if left else ""
    return Table("sensitivity-ways", "False alerts under each way of counting", columns, tuple(rows), note)


def _way_row(evidence: Evidence, found: Sequence[Stretch], unit: Stretch, way: Way) -> tuple[Cell, ...] | None:
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
