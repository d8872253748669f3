"""The report of two engines on the same searches: which of them erred more often, by group, and what cannot be told.

>>> difference_words(0.0012, 0.0154, 0.0083)
'83 more (12 to 154 more) in 10,000'
>>> difference_words(-0.31, 0.0521, -0.2)
'20 fewer (31 fewer to 5.21 more) in 100'
>>> difference_words(0.0, 0.0, 0.0)
'as many in 10,000'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from countersign.document import Block, Cell, Document, Items, Link, Paragraph, Point, Section
from countersign.grids import Grid, column, number
from countersign.inference.rate import Rate
from countersign.trials import model
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.rates import MEASURES
from countersign.trials.metrics.side_by_side import COMPARED, Difference
from countersign.trials.report.assemble import Stated
from countersign.trials.report.build import counted_rate, interval_ends
from countersign.trials.report.cover import Pages, covered
from countersign.trials.report.sentences import NAMED, value_words
from countersign.trials.report.tables import anchor_of, interval_cell, p_words, threshold_words
from countersign.words.lists import capital, counted, listing
from countersign.words.numbers import percent_stated, plain, significant

FORM = "countersign trial side by side 1"
#: The evidence beside the brief, and the name of the brief.
BEHIND, NAME = "side-by-side-evidence.html", "side-by-side"
RANK = (
    "The points come in this order. First false positives, then misses: of all together, then of the groups in which "
    "a difference was shown."
)
MEANING = (
    "Both engines were given the same searches, so each search is set against itself. An attempt of which an engine "
    "got no usable picture counts as a miss of that engine, and never as a false positive."
)
_ERRORS = {"gfpir": "false positives", "gfnir": "misses"}
#: From this share on a difference is given in 100 attempts, else in 10,000; this p value or less shows a difference.
COMMON, SHOWN = 0.02, 0.05


class Engine(msgspec.Struct, frozen=True):
    """One engine as stated, its thresholds, and the files with its scores."""

    name: str
    thresholds: tuple[float, ...]
    thresholds_for_fpir: tuple[model.ThresholdForFpir, ...]
    rows: int
    set_aside: tuple[str, ...]


class Compared(msgspec.Struct, frozen=True):
    """One measure of one group under both engines. ``difference`` is first minus second, as a share of the attempts;
    ``first_more`` and ``second_more``: subjects for whom the first, or the second, erred more often. ``detectable``:
    the difference that these counts would have shown with probability 0.8.
    """

    measure: str
    size: int | None = msgspec.field(name="N")
    thresholds: tuple[float, float]
    grouping: str
    group: str
    attempts: int
    subjects: int
    first: model.CountedRate
    second: model.CountedRate
    difference: float
    interval: model.IntervalEnds
    first_only: int
    second_only: int
    first_more: int
    second_more: int
    design_effect: float
    p: float
    p_holm: float
    detectable: float


class SideBySide(msgspec.Struct, frozen=True):
    """The whole of ``side-by-side.json``. Estimates are ``null`` where no error was seen."""

    form: str
    made_by: str
    title: str
    engines: tuple[Engine, Engine]
    subjects: int
    interval_level: float
    clustering: str
    multiplicity: str
    compared: tuple[Compared, ...]
    files: tuple[model.FileRead, ...]
    plan: model.PlanStated | None = None


@dataclass(frozen=True, slots=True)
class Both:
    """Two evaluations of the same searches, with their names and what was found of them."""

    first: Evaluation
    second: Evaluation
    names: tuple[str, str]
    found: tuple[Difference, ...]
    stated: Stated
    plan: model.PlanStated | None = None


def report_of(both: Both, made_by: str) -> SideBySide:
    """All figures, as ``side-by-side.json`` holds them."""
    engines = [
        Engine(
            name,
            tuple(each.scheme.thresholds),
            tuple(model.ThresholdForFpir(*chosen) for chosen in each.chosen),
            each.tally.rows,
            tuple(each.tally.faults.sentences()),
        )
        for name, each in zip(both.names, (both.first, both.second), strict=True)
    ]
    return SideBySide(
        form=FORM,
        made_by=made_by,
        title=both.stated.title,
        engines=(engines[0], engines[1]),
        subjects=len(both.first.subjects),
        interval_level=both.first.question.level,
        clustering="by subject, the watchlist fixed; Tango's score interval at counts over the design effect",
        multiplicity="p values by Holm over the groups of a grouping; intervals are one by one",
        compared=tuple(_compared(each) for each in both.found),
        files=both.stated.files,
        plan=both.plan,
    )


def _compared(found: Difference) -> Compared:
    pair = found.paired
    return Compared(
        found.measure,
        found.size or None,
        found.thresholds,
        found.grouping,
        found.group,
        pair.trials,
        pair.clusters,
        counted_rate(found.first),
        counted_rate(found.second),
        pair.estimate,
        interval_ends(pair.interval),
        pair.first_only,
        pair.second_only,
        *pair.leaning,
        pair.design_effect,
        pair.p,
        found.p_holm,
        pair.detectable,
    )


def difference_words(low: float, high: float, estimate: float) -> str:
    """A difference of two rates in so many attempts, its ends rounded outwards."""
    of = 100 if max(abs(low), abs(high)) >= COMMON else 10_000
    if low == high == 0:
        return f"as many in {of:,}"
    least = significant(round(low * of, 9), 3, "down")
    most = significant(round(high * of, 9), 3, "up")
    middle = _more(significant(round(estimate * of, 9), 3))
    if least < 0 < most:
        return f"{middle} ({_more(least)} to {_more(most)}) in {of:,}"
    near, far = sorted((least, most), key=abs)
    return f"{middle} ({plain(abs(near))} to {_more(far)}) in {of:,}"


def _more(difference: float) -> str:
    return f"{plain(abs(difference))} {'fewer' if difference < 0 else 'more'}" if difference else "as many"


def _words(found: Difference) -> str:
    pair = found.paired
    return difference_words(pair.interval.low, pair.interval.high, pair.estimate)


def _reach(found: Difference) -> str:
    of = 100 if found.paired.detectable >= COMMON else 10_000
    return f"{plain(significant(found.paired.detectable * of, 2, 'up'))} in {of:,}"


def _rate(rate: Rate) -> Cell:
    return Cell(
        f"{rate.events:,}: {value_words(rate)} ({interval_cell(rate).text})", rate.estimate if rate.events else None
    )


def _grid(names: tuple[str, str]) -> Grid[Difference]:
    first, second = names
    return Grid[Difference](
        column("group", "Group", lambda row: row.group),
        number("attempts", "Attempts", lambda row: row.paired.trials),
        number("first", first, lambda row: _rate(row.first)),
        number("second", second, lambda row: _rate(row.second)),
        number("difference", f"{first} less {second}, in attempts", lambda row: Cell(_words(row), row.paired.estimate)),
        number("leaning", "People with more under the one, the other", lambda row: Cell(_leaning(row))),
        number("p", "p, corrected for the number of groups", lambda row: row.p_holm, words=p_words),
        column("reach", "Difference that could be shown", _reach),
    )


def _leaning(found: Difference) -> str:
    return f"{found.paired.leaning[0]:,}, {found.paired.leaning[1]:,}"


def side_by_side_pages(both: Both) -> Pages:
    """The brief and its evidence."""
    sections = tuple(_sections(both))
    told = list(_points(both))
    finding = told[0].title if told else "no search was counted"
    blocks: list[Block] = [*_warnings(both), Paragraph(_tried(both), "lead"), Paragraph(MEANING), *told]
    unseen = (
        "How either engine does with another list, camera or crowd.",
        "Whether the two tables are of the same searches: they agree in how often each person was searched for.",
        "Why the two differ, where they do.",
    )
    parts = (
        Section("found", "What was found", (*blocks, Paragraph(RANK, "note"))),
        Section("unseen", "What is not shown", (Items(unseen),)),
    )
    rows = counted(both.first.tally.rows + both.second.tally.rows, "row")
    brief = covered(both.stated, finding, "No dates stated", parts, f"counted {rows} of searches.", sections, BEHIND)
    evidence = Document(both.stated.title, "Two engines on the same searches", "en-GB", sections, brief.about)
    return Pages(brief, evidence, NAME, BEHIND)


def _tried(both: Both) -> str:
    attempts = {each.measure: each.paired.trials for each in both.found if each.group == "all"}
    kinds = [
        f"{attempts[measure]:,} attempts for people {whose} the list"
        for measure, whose in (("gfpir", "not on"), ("gfnir", "on"))
        if measure in attempts
    ]
    people = counted(len(both.first.subjects), "person", "people")
    return f"{both.names[0]} and {both.names[1]} were given the same searches of {people}: {listing(kinds)}."


def _warnings(both: Both) -> Iterator[Paragraph]:
    for name, each in zip(both.names, (both.first, both.second), strict=True):
        for _, fpir, threshold in each.chosen:
            yield Paragraph(
                f"The threshold of {name}, {threshold_words(threshold)}, was found on these same searches, for an FPIR "
                f"of {fpir:g}. So its false positives look fewer than they are.",
                "warning",
            )
        if each.tally.faults.total:
            rows = counted(each.tally.faults.total, "row")
            yield Paragraph(f"{capital(rows)} of {name} set aside as faulty.", "warning")


def _places(both: Both) -> dict[tuple[int, tuple[float, float]], list[Difference]]:
    places: dict[tuple[int, tuple[float, float]], list[Difference]] = {}
    for each in both.found:
        places.setdefault((each.size, each.thresholds), []).append(each)
    return places


def _where(both: Both, size: int, thresholds: tuple[float, float]) -> str:
    at = listing([f"{threshold_words(at)} of {name}" for name, at in zip(both.names, thresholds, strict=True)])
    return f"at thresholds {at}" + (f", {size:,} on the list" if size else "")


def _points(both: Both) -> Iterator[Point]:
    """At the first size and thresholds: each measure of all, then the groups in which a difference was shown."""
    if not both.found:
        return
    place, here = next(iter(_places(both).items()))
    for measure in COMPARED:
        mine = [each for each in here if each.measure == measure]
        for all_of in [each for each in mine if each.group == "all"][:1]:
            yield _point(both, all_of, _where(both, *place))
        shown = [each for each in mine if each.group != "all" and each.p_holm <= SHOWN]
        if shown:
            said = listing([f"{each.group} ({_words(each)})" for each in shown])
            named = [each.group for each in shown[:NAMED]]
            named += [f"{len(shown) - NAMED} more"] if len(shown) > NAMED else []
            title = f"For {listing(named)} a difference in {_ERRORS[measure]} was shown"
            anchor = anchor_of("point", measure, "groups")
            yield Point(anchor, title, f"{both.names[0]} less {both.names[1]}, in attempts: {said}.", _link(measure))


def _point(both: Both, found: Difference, where: str) -> Point:
    pair, (first, second) = found.paired, both.names
    errors = _ERRORS[found.measure]
    if found.p_holm <= SHOWN:
        more, less = (first, second) if pair.estimate > 0 else (second, first)
        counts = f"{max(pair.first, pair.second):,} against {min(pair.first, pair.second):,}"
        title = f"{more} had more {errors} than {less}: {counts}"
    else:
        title = f"No difference in {errors} was shown: {pair.first:,} of {first}, {pair.second:,} of {second}"
    level = percent_stated(pair.interval.level)
    text = (
        f"Of {pair.trials:,} attempts, {where}: {value_words(found.first)} and {value_words(found.second)}. {first} "
        f"less {second} is {_words(found)} attempts ({level} interval)."
    )
    if found.p_holm > SHOWN:
        text += f" These counts would have shown a difference of {_reach(found)}, four times in five."
    return Point(anchor_of("point", found.measure), title, text, _link(found.measure))


def _link(measure: str) -> tuple[Link, ...]:
    return (Link("The counts", measure, BEHIND),)


def _sections(both: Both) -> Iterator[Section]:
    grid = _grid(both.names)
    for measure in COMPARED:
        blocks: list[Block] = []
        for (size, thresholds), found in _places(both).items():
            where = _where(both, size, thresholds)
            for grouping in dict.fromkeys(each.grouping for each in found):
                rows = [each for each in found if (each.measure, each.grouping) == (measure, grouping)]
                anchor = anchor_of(measure, size, grouping, *thresholds)
                by = "all together" if rows and rows[0].group == "all" else f"by {grouping}"
                if rows:
                    blocks.append(grid.table(anchor, f"{capital(_ERRORS[measure])} {by}, {where}", rows))
        if blocks:
            of = MEASURES[measure][1]
            said = Paragraph(
                f"Rates of {of}. A difference is first less second. Its interval allows for searches of one person "
                "being alike; p is of the sign test over people, each once."
            )
            yield Section(measure, f"{capital(_ERRORS[measure])} of both", (said, *blocks))
