"""The brief of a trial: at most six points, each one message, with the charts that show them, and what is not shown.

A difference is a point only where it was shown after correction for the number of groups; else the brief says which
ratio these counts would have shown. The brief speaks of one watchlist size and threshold first: those of the plan's
first question that names a threshold, else the first reported.

>>> RANK.partition(".")[0]
'The points come in this order'
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from countersign.document import Block, Chart, Document, Items, Link, Links, Paragraph, Point, Section
from countersign.inference.rate import Rate
from countersign.trials.metrics.differentials import Contrast, Differential
from countersign.trials.report.assemble import Results
from countersign.trials.report.cover import covered
from countersign.trials.report.sentences import (
    CALLED,
    NAMED,
    interval_words,
    ratio_words,
    reach_of,
    shown_of,
    value_words,
)
from countersign.trials.report.tables import (
    anchor_of,
    by_group,
    det_anchor,
    difference_anchor,
    figures_at,
    threshold_words,
    thresholds_anchor,
)
from countersign.words.dates import span
from countersign.words.lists import be, capital, counted, listing
from countersign.words.numbers import percent_stated, small

#: The evidence beside the brief.
EVIDENCE = "evidence.html"
RANK = (
    "The points come in this order. First, groups shown to differ, by the ratio that is sure: the near end of its "
    "interval. Then the error rates of all together. Then groups not shown to differ, and questions that stay open."
)
MEANING = (
    "A false positive is someone not on the list whom the engine took for someone on it. A miss is someone on the list "
    "whom it did not find, or of whom it got no usable picture."
)
#: At most so many points, questions, and other thresholds named.
POINTS, QUESTIONS, OTHERS = 6, 6, 2
#: What is counted of each measure, its searches, and whose they are.
_ERRORS = {"fpir": ("false positives", "searches", "not on the list"), "gfnir": ("misses", "attempts", "on the list")}


class Place(NamedTuple):
    """A watchlist size (0: not stated) and a threshold."""

    size: int
    threshold: float

    @property
    def words(self) -> str:
        """ "at threshold 0.6 with 1,000 on the list"."""
        listed = f" with {self.size:,} on the list" if self.size else ""
        return f"at threshold {threshold_words(self.threshold)}{listed}"


class Told(NamedTuple):
    """A point, what it is ranked by, and the charts under it."""

    point: Point
    sure: float
    charts: tuple[Chart | None, ...] = ()


def brief_of(results: Results, behind: Sequence[Section]) -> Document:
    """The brief of a trial, from its results alone; ``behind`` are the sections of the evidence."""
    plan = results.plan
    drawn = {block.anchor: block for section in behind for block in section.blocks if isinstance(block, Chart)}
    told = sorted(_points(results, drawn), key=lambda each: -each.sure)[:POINTS]
    blocks: list[Block] = [*_warnings(results), Paragraph(_tried(results), "lead"), Paragraph(MEANING)]
    for each in told:
        blocks.append(each.point)
        for chart in each.charts:
            if chart is not None:
                blocks += [chart, Links("Numbers:", (Link("in the evidence", chart.anchor, EVIDENCE),))]
    asked = (Section("asked", "The plan's questions", tuple(_questions(results))),) if results.answers else ()
    sections = (
        Section("found", "What was found", (*blocks, Paragraph(RANK, "note"))),
        *asked,
        Section("unseen", "What is not shown", (Items(tuple(_unseen(results))),)),
    )
    period = "No dates stated" if plan is None else span(plan.start, plan.end)
    tally, files = results.evaluation.tally, results.stated.files
    within = f" in {counted(len(files), 'file')}" if files else ""
    read = f"counted {counted(tally.rows, 'row')} of searches{within}."
    first = told[0].point.title if told else "No search was counted"
    finding = f"{first[:1].lower()}{first[1:]}"
    return covered(results.stated, finding, period, sections, read, behind, EVIDENCE)


def main_place(results: Results) -> Place:
    """The size and threshold that the brief speaks of first."""
    places = _places(results)
    for question in () if results.plan is None else results.plan.questions:
        for place in places:
            if place.threshold == question.threshold and question.size in (None, place.size):
                return place
    return places[0]


def _places(results: Results) -> list[Place]:
    scheme = results.evaluation.scheme
    return [Place(size, threshold) for size in scheme.sizes for threshold in scheme.thresholds]


def _tried(results: Results) -> str:
    evaluation, place = results.evaluation, main_place(results)
    completed = evaluation.counts.completed.sum(axis=(0, 2))
    people = counted(len(evaluation.subjects), "person", "people")
    of_both = f"{int(completed[0]):,} searches for people not on the list and {int(completed[1]):,} for people on it"
    engine = results.stated.engine or "The engine"
    return f"{engine} was tried on {people}: {of_both}. The figures here are {place.words}."


def _warnings(results: Results) -> Iterator[Paragraph]:
    for size, fpir, threshold in results.evaluation.chosen:
        of = f" for {size:,} on the list" if size else ""
        yield Paragraph(
            f"Threshold {threshold_words(threshold)} was found on these same searches, for an FPIR of {fpir:g}{of}. "
            "So its false positives look fewer than they are.",
            "warning",
        )
    faults = results.evaluation.tally.faults
    if faults.total:
        yield Paragraph(f"{capital(counted(faults.total, 'row was', 'rows were'))} set aside as faulty.", "warning")


def _points(results: Results, drawn: Mapping[str, Chart]) -> Iterator[Told]:
    """The points, with charts of the evidence, which are ``drawn`` there by anchor."""
    compared = dict.fromkeys((each.measure, each.grouping) for each in results.differentials)
    for measure, grouping in compared:
        mine = [each for each in results.differentials if (each.measure, each.grouping) == (measure, grouping)]
        yield _difference(results, mine)
    for rank, measure in enumerate(_ERRORS):
        yield from _overall(results, measure, -1.0 - rank, drawn)
    left = [answer for answer in results.answers if not answer.answered]
    if left:
        of = counted(len(results.answers), "question")
        title = f"{capital(small(len(left)))} of the plan's {of} {be(len(left))} not answered"
        first = f"The first of them: “{left[0].question}”"
        yield Told(Point("point-open", title, first, _link("The plan's questions", "questions")), -9.0)


def _difference(results: Results, compared: Sequence[Differential]) -> Told:
    """Whether the groups of a grouping were shown to differ in a measure: at the main place, else where most sure."""
    level, main = results.evaluation.question.level, main_place(results)
    here = [each for each in compared if _place(each) == main]
    shown = [(each, contrast) for each in compared for contrast in shown_of(each, level)]
    if not shown:
        return _not_shown((here or list(compared))[0])
    at_main = [pair for pair in shown if pair[0] in here]
    differential, best = max(at_main or shown, key=lambda pair: sure(pair[1]))
    what, of, _ = _ERRORS[differential.measure]
    ratio = ratio_words(best.ratio, best.widest)
    ratio = ratio if best.ratio is None else ratio.partition(" ")[0]
    by, name = _by(differential), best.group
    title = f"By {by}, {what} were {ratio} times as common for {name} as for the others"
    own, rest = f"{best.events:,} of {best.trials:,}", f"{best.rest_events:,} of {best.rest_trials:,}"
    where = capital(_place(differential).words)
    text = f"{where}: {own} {of} for {name}, {rest} for the others. {_ratio_interval(best)}"
    others = [contrast.group for contrast in shown_of(differential, level) if contrast is not best]
    if others:
        more = [*others[:NAMED], *([f"{len(others) - NAMED} more"] if len(others) > NAMED else [])]
        text += f" Also shown to differ: {listing(more)}."
    figures = figures_at(results, differential.measure, *_place(differential), differential.grouping)
    drawn = by_group(figures, results)
    point = Point(_anchor(differential), title, text, _link("the counts", difference_anchor(differential)))
    return Told(point, sure(best), (drawn if isinstance(drawn, Chart) else None,))


def _not_shown(differential: Differential) -> Told:
    where, errors = capital(_place(differential).words), sum(differential.events)
    reach = reach_of(differential)
    if not errors:
        text = f"{where} there was no error in any group, so no ratio can be given."
    elif not reach:
        text = f"{where}, {counted(errors, 'error')} could not have shown any ratio."
    else:
        could = f"would have shown a ratio of {reach}, four times in five"
        text = f"{where}, {counted(errors, 'error')} {could}. A smaller one cannot be excluded."
    title = f"By {_by(differential)}, no difference in {_ERRORS[differential.measure][0]} was shown"
    return Told(Point(_anchor(differential), title, text, _link("the counts", difference_anchor(differential))), -5.0)


def _place(differential: Differential) -> Place:
    return Place(differential.size, differential.threshold)


def _by(differential: Differential) -> str:
    return differential.grouping.replace("*", " and ")


def _anchor(differential: Differential) -> str:
    return anchor_of("point", differential.measure, differential.grouping)


def sure(contrast: Contrast) -> float:
    """The ratio that is sure, either way: the near end of its interval, at least 1."""
    low, high = contrast.widest.low, contrast.widest.high
    return max(1.0, low, 1 / high if 0 < high < 1 else 1.0)


def _ratio_interval(contrast: Contrast) -> str:
    level, ends = percent_stated(contrast.widest.level), ratio_words(1.0, contrast.widest)
    if contrast.ratio is None or math.isinf(contrast.widest.high):
        return f"The others had too few errors for a ratio; the {level} interval gives its lower end."
    return f"The {level} interval of the ratio is {ends.partition(' (')[2].removesuffix(')')}."


def _overall(results: Results, measure: str, rank: float, drawn: Mapping[str, Chart]) -> Iterator[Told]:
    """One error rate of all groups together, at the main place, with other thresholds beside it."""
    main = main_place(results)
    rate = _together(results, measure, main)
    if rate is None:
        return
    what, of, whose = _ERRORS[measure]
    one = "miss" if what == "misses" else "false positive"
    counts = f"{rate.events:,} of {rate.trials:,.0f}, {main.words}."
    words = interval_words(rate.widest, rate.estimate)
    level = percent_stated(rate.widest.level)
    if rate.events:
        share = value_words(rate)
        share = share if share.startswith("1 in") else f"{share} of"
        title = f"{share} {of} for people {whose} {'gave a false positive' if measure == 'fpir' else 'missed them'}"
        text = f"{counts} The {level} interval is {words}."
    else:
        title = f"No {one} was seen in {rate.trials:,.0f} {of} for people {whose}"
        text = f"{counts} That is no rate of zero: the {level} interval reaches {words.removeprefix('at most ')}."
    others = [place for place in _places(results) if place.size == main.size and place.threshold != main.threshold]
    beside = [(place, other) for place in others if (other := _together(results, measure, place)) is not None]
    if beside:
        said = [f"{value_words(other)} at {threshold_words(place.threshold)}" for place, other in beside[:OTHERS]]
        text += f" At other thresholds it was {listing(said)}."
    first = results.evaluation.groupings[:2][-1]
    anchor = thresholds_anchor(main.size) if measure == "fpir" else det_anchor(main.size, first)
    point = Point(f"point-{measure}", title, text, _link(CALLED[measure], f"all-{main.size}"))
    yield Told(point, rank, (drawn.get(anchor),))


def _together(results: Results, measure: str, place: Place) -> Rate | None:
    return next((each.rate for each in figures_at(results, measure, *place, "all")), None)


def asked(results: Results) -> tuple[str, ...]:
    """Each question of the plan with the short of its answer."""
    return tuple(f"{answer.question} {capital(answer.answer.partition(';')[0])}." for answer in results.answers)


def _questions(results: Results) -> Iterator[Block]:
    said = asked(results)
    yield Items(said[:QUESTIONS])
    if len(said) > QUESTIONS:
        yield Paragraph(f"{capital(counted(len(said) - QUESTIONS, 'more question'))} in the evidence.", "note")
    yield Links("In full:", _link("the plan's questions", "questions"))


def _unseen(results: Results) -> Iterator[str]:
    evaluation, stated = results.evaluation, results.stated
    if not stated.engine:
        yield "Which engine was tried."
    if not stated.threshold_origin:
        yield "Where the threshold came from."
    if not any(evaluation.scheme.sizes):
        yield "How many people were on the list."
    if "acquired" not in evaluation.task.columns:
        yield "How many passes gave no usable picture: they are in no rate here."
    if evaluation.enrolment is None:
        yield "Who was on the list, and who could not be put on it."
    if not evaluation.search_key:
        yield "Whether a search stands in the table twice."
    if not results.differentials:
        yield "Whether groups differ: no two groups were compared."
    yield "How the engine does with another list, camera or crowd."
    yield "Why groups differ, where they do."


def _link(text: str, anchor: str) -> tuple[Link, ...]:
    return (Link(text, anchor, EVIDENCE),)
