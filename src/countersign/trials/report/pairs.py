"""The report of comparison scores: FMR and FNMR by group, what a model expects of a watchlist, and the brief of both.

FMR and FNMR are rates of comparisons, not of searches; what a model expects is labelled as a model wherever it is
printed. Groups are set side by side: no test of their difference is made here, and none is said to be shown.

>>> list(expected_blocks(()))[0].tone
'warning'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countersign.document import Block, Chart, Document, Items, Link, Paragraph, Point, Section
from countersign.grids import Grid, column, number
from countersign.inference.rate import Rate
from countersign.trials.metrics.comparisons import LABEL, PairTally
from countersign.trials.model import ExpectedFpir, ExpectedOfGroup
from countersign.trials.report.assemble import Stated
from countersign.trials.report.cover import Pages, covered
from countersign.trials.report.sentences import interval_words, spread_words, value_words
from countersign.trials.report.tables import interval_cell, rate_marks, threshold_words, value_cell
from countersign.words.lists import capital, counted
from countersign.words.numbers import percent_stated

#: A rate of comparisons: the group of the probe, the measure, the rate.
PairRow = tuple[str, str, Rate]

COMPARISONS = Grid[PairRow](
    column("group", "Group", lambda row: row[0]),
    column("measure", "Measure", lambda row: row[1]),
    number("errors", "Errors", lambda row: row[2].events),
    number("comparisons", "Comparisons", lambda row: int(row[2].trials)),
    number("rate", "Rate", lambda row: value_cell(row[2])),
    number("interval", "Interval", lambda row: interval_cell(row[2])),
)


def comparison_blocks(tally: PairTally) -> Iterator[Block]:
    """FMR and FNMR by group of the probe, at each threshold."""
    counts, task = tally.counts, tally.counts.task
    groups = [(None, "all"), *((g, task.grouping.label(g)) for g in range(len(task.grouping.labels)))]
    yield Paragraph(
        f"{tally.rows:,} comparison scores, {tally.faults.total:,} set aside. FMR and FNMR are rates of comparisons, "
        "not of searches; intervals allow for the same subject being probe, or reference, many times."
    )
    for place, threshold in enumerate(task.thresholds):
        rates = [
            (label, measure, rate)
            for group, label in (groups if len(groups) > 2 else groups[:1])
            for measure, rate in (
                ("FMR", counts.false_match(place, group)),
                ("FNMR", counts.false_non_match(place, group)),
            )
        ]
        caption = f"FMR and FNMR by group of the probe, threshold {threshold_words(threshold)}"
        rows = [(label, measure, rate) for label, measure, rate in rates if rate is not None]
        yield COMPARISONS.table(f"comparisons-{place}", caption, rows)


EXPECTED = Grid[ExpectedOfGroup](
    column("group", "Group of the probe", lambda row: row.group),
    number("expected", "Expected FPIR", lambda row: row.estimate, words="{:.3g}".format, missing="none to go by"),
    number("bounds", "Bounds", lambda row: f"{row.low:.3g} to {row.high:.3g}"),
)


def expected_blocks(expected: Sequence[ExpectedFpir]) -> Iterator[Block]:
    """What FPIR the model expects of each watchlist make-up asked for."""
    yield Paragraph(f"Every figure here is {LABEL}.", "warning")
    for place, made in enumerate(expected):
        make_up = ", ".join(f"{entries:,} {group}" for group, entries in made.make_up.items())
        caption = f"Expected FPIR for a watchlist of {make_up}, threshold {threshold_words(made.threshold)}"
        yield EXPECTED.table(f"expected-{place}", caption, made.by_group, note=LABEL)


#: The evidence beside the brief; another name than that of a trial of searches, which may lie in the same folder.
BEHIND = "comparisons-evidence.html"
RANK = (
    "The points come in this order. First, groups whose intervals lie apart, the furthest apart first. Then the rates "
    "of all together. Last, groups whose intervals overlap, and what a model expects."
)
MEANING = (
    "FMR is the share of comparisons of two people that match falsely. FNMR is the share of comparisons of a person "
    "with themselves that do not match. Both are rates of comparisons, not of searches of a list."
)
_SAID = {
    "FMR": ("comparisons of two people matched falsely", "false match"),
    "FNMR": ("comparisons of a person with themselves did not match", "false non-match"),
}


def comparison_pages(tally: PairTally, expected: Sequence[ExpectedFpir], stated: Stated) -> Pages:
    """The brief of comparison scores alone, and its evidence."""
    sections = [Section("comparisons", f"Comparison scores: {_first(tally)}", tuple(comparison_blocks(tally)))]
    if expected:
        sections.append(Section("expected", "What to expect of a watchlist: a model", tuple(expected_blocks(expected))))
    brief = _brief(tally, expected, stated, sections)
    evidence = Document(stated.title, "Comparison scores by group", "en-GB", tuple(sections), brief.about)
    return Pages(brief, evidence, "comparisons", BEHIND)


def _rates(tally: PairTally, measure: str, place: int) -> tuple[Rate | None, list[tuple[str, Rate]]]:
    """The rate of all groups together, and of each group that has comparisons where there are several."""
    counts, grouping = tally.counts, tally.counts.task.grouping
    of = counts.false_match if measure == "FMR" else counts.false_non_match
    groups = range(len(grouping.labels)) if len(grouping.labels) > 1 else ()
    return of(place), [(grouping.label(group), rate) for group in groups if (rate := of(place, group)) is not None]


def _first(tally: PairTally) -> str:
    """Both rates of all together at the first threshold."""
    said = [f"{measure} {value_words(rate)}" for measure in _SAID if (rate := _rates(tally, measure, 0)[0]) is not None]
    return f"{' and '.join(said) or 'none counted'} at threshold {threshold_words(tally.counts.task.thresholds[0])}"


def _brief(tally: PairTally, expected: Sequence[ExpectedFpir], stated: Stated, sections: Sequence[Section]) -> Document:
    told = [each for measure in _SAID for each in _points(tally, measure)]
    if expected:
        title = f"A model expects false positives for {counted(len(expected), 'watchlist')}; none was measured"
        text = "It assumes that comparisons are independent, and no standard backs it."
        told.append((-9.0, Point("point-model", title, text, _link("The model", "expected")), None))
    blocks: list[Block] = []
    if tally.faults.total:
        blocks.append(
            Paragraph(f"{capital(counted(tally.faults.total, 'row was', 'rows were'))} set aside.", "warning")
        )
    blocks += [Paragraph(f"{capital(_first(tally))}.", "lead"), Paragraph(MEANING)]
    for _, point, chart in sorted(told, key=lambda each: -each[0]):
        blocks += [point, *([chart] if chart is not None else [])]
    unseen = (
        "Whether groups differ beyond chance: no test was made of it.",
        "How the engine does in a search of a list.",
    )
    parts = (
        Section("found", "What was found", (*blocks, Paragraph(RANK, "note"))),
        Section("unseen", "What is not shown", (Items(unseen),)),
    )
    read = f"counted {counted(tally.rows, 'comparison score')}."
    return covered(stated, _first(tally), "No dates stated", parts, read, sections, BEHIND)


def _points(tally: PairTally, measure: str) -> Iterator[tuple[float, Point, Chart | None]]:
    """The rate of all, and the spread over groups, at the first threshold."""
    rate, groups = _rates(tally, measure, 0)
    if rate is None:
        return
    task, (said, event) = tally.counts.task, _SAID[measure]
    at = f"at threshold {threshold_words(task.thresholds[0])}"
    level, words = percent_stated(rate.widest.level), interval_words(rate.widest, rate.estimate)
    share = value_words(rate)
    title = f"{share}{'' if share.startswith('1 in') else ' of'} {said}"
    if not rate.events:
        title = f"No {event} was seen in {rate.trials:,.0f} comparisons"
    text = f"{rate.events:,} of {rate.trials:,.0f}, {at}. The {level} interval is {words}."
    links = _link("The counts", "comparisons-0")
    yield -1.0, Point(f"point-{measure.lower()}", title, text, links), None
    if len(groups) < 2:
        return
    (least, low), (most, high) = (pick(groups, key=lambda each: each[1].estimate) for pick in (min, max))
    apart = high.widest.low / low.widest.high
    title = f"By {task.grouping.name}, {measure} is {spread_words(groups)}"
    over = "lie apart" if apart > 1 else "overlap"
    text = f"The {level} intervals of {least} and {most} {over}, {at}. {counted(len(groups), 'group')} were counted."
    chart = _chart(measure, task.grouping.name, groups, at)
    yield apart if apart > 1 else -5.0, Point(f"point-{measure.lower()}-groups", title, text, links), chart


def _chart(measure: str, by: str, groups: Sequence[tuple[str, Rate]], at: str) -> Chart:
    described = "; ".join(f"{name}: {value_words(rate)}" for name, rate in groups)
    rows = [(name, measure, rate) for name, rate in groups]
    table = COMPARISONS.table(f"{measure.lower()}-groups-table", f"{measure} by {by}", rows, fold=True)
    title = f"{measure} by {by}: {spread_words(groups)}, {at}"
    alternative = f"Rate and interval of each group. {described}."
    rare, marks = measure == "FMR", rate_marks(groups, by)
    return Chart(
        f"{measure.lower()}-groups", "intervals", title, alternative, table, one_in=rare, log=rare, marks=marks
    )


def _link(text: str, anchor: str) -> tuple[Link, ...]:
    return (Link(text, anchor, BEHIND),)
