"""The tables and charts of a trial's report: rates by group, groups against each other, curves, entries, comparisons.

Every figure stands with its counts. FMR and FNMR are rates of comparisons, not of searches; what a model expects of a
watchlist is labelled as a model wherever it is printed.

>>> p_words(0.0123), p_words(3e-7)
('0.012', 'under 0.0001')
>>> list(expected_blocks(()))[0].tone
'warning'
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from countersign.document import (
    Block,
    Cell,
    Chart,
    Document,
    Heading,
    IntervalMark,
    Items,
    Paragraph,
    Section,
    SeriesPoint,
    Table,
)
from countersign.grids import Grid, column, number
from countersign.inference.groups.differential import BoundInstead, Summary
from countersign.inference.rate import Rate
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.comparisons import LABEL, PairTally
from countersign.trials.metrics.differentials import Contrast, Differential
from countersign.trials.metrics.rates import MEASURES, Curve, Figure, causing, concentration, curve, thinned
from countersign.trials.model import EntryCount, ExpectedFpir, ExpectedOfGroup
from countersign.trials.report.assemble import Results
from countersign.trials.report.sentences import estimate_words, interval_words, ratio_words, value_words
from countersign.trials.scores.subjects import Grouping
from countersign.words.lists import capital

#: Names of the measures as headings print them.
NAMES = {
    "fpir": "FPIR, false positive identification rate",
    "gfnir": "GFNIR, false negatives with failures to acquire counted as misses",
    "fnir": "FNIR, false negative identification rate of completed searches",
    "tpir": "TPIR, true positive identification rate",
    "gfpir": "GFPIR, false positives over all attempts",
    "fta": "FTA, failure to acquire rate",
    "fte": "FTE, failure to enrol rate",
}
#: Measures drawn and shown open; the others are there to be unfolded.
MAIN = ("fpir", "gfnir")
#: Points of a curve that are drawn.
DRAWN = 40
#: A smallest ratio above this is one that these counts could not have shown.
UNSHOWABLE = 1e6
CLUSTERED = "Intervals allow for searches of one subject being alike and are never narrower than exact ones."


def p_words(p: float) -> str:
    """A p value to two digits, without powers of ten."""
    return "under 0.0001" if p < 1e-4 else f"{p:.{max(2, 1 - math.floor(math.log10(p)))}f}"


def threshold_words(threshold: float) -> str:
    """A threshold, to six digits."""
    return f"{threshold:.6g}"


def value_cell(rate: Rate | None) -> Cell:
    """An estimate; no number where there was no event, since a rate of zero is never printed."""
    if rate is None:
        return Cell("no trial of the kind")
    return Cell(value_words(rate), rate.estimate if rate.events else None)


def interval_cell(rate: Rate | None) -> Cell:
    """The interval that allows for clustering."""
    return Cell("" if rate is None else interval_words(rate.widest, rate.events))


def anchor_of(*parts: object) -> str:
    """An anchor from what a table is of."""
    return "-".join(str(part) for part in parts).replace("*", "-").replace(".", "-")


def rate_blocks(results: Results) -> Iterator[Block]:
    """Everyone together in one table a watchlist, then each grouping, the main measures drawn."""
    evaluation = results.evaluation
    sites = bool(evaluation.question.site_column)
    for size in evaluation.scheme.sizes:
        named = f", N = {size:,}" if size else ""
        together = [
            figure for figure in results.figures if figure.size == size and not figure.group and figure.site is None
        ]
        yield Heading(f"All groups together{named}", f"all-{size}")
        yield _together(together, size)
        for grouping in evaluation.groupings if sites else evaluation.groupings[1:]:
            yield Heading(f"By {grouping.name}{' and site' if sites else ''}{named}", f"by-{size}-{grouping.name}")
            mine = [each for each in results.figures if each.size == size and each.grouping == grouping.name]
            for measure in NAMES:
                kinds = dict.fromkeys((each.threshold, each.rank) for each in mine if each.measure == measure)
                for threshold, rank in kinds:
                    kind = (measure, threshold, rank)
                    yield _by_group([each for each in mine if (each.measure, each.threshold, each.rank) == kind])


def _events(figure: Figure) -> int:
    return figure.rate.events if figure.rate else 0


def _trials(figure: Figure) -> int:
    return int(figure.rate.trials) if figure.rate else 0


TOGETHER = Grid[Figure](
    column("measure", "Rate of", lambda figure: NAMES[figure.measure]),
    number("threshold", "Threshold", lambda figure: figure.threshold, words=threshold_words, missing=""),
    number("rank", "Rank", lambda figure: figure.rank, missing=""),
    number("events", "Events", _events),
    number("trials", "Trials", _trials),
    number("rate", "Rate", lambda figure: value_cell(figure.rate)),
    number("interval", "Interval", lambda figure: interval_cell(figure.rate)),
)


def _together(figures: Sequence[Figure], size: int) -> Table:
    rows = [figure for measure in NAMES for figure in figures if figure.measure == measure and figure.rate is not None]
    return TOGETHER.table(f"all-{size}-table", "Rates of all groups together", rows, note=CLUSTERED)


def _group_name(figure: Figure) -> str:
    return ", ".join([*figure.group, *([figure.site] if figure.site else [])]) or "all"


def _effect(figure: Figure) -> Cell:
    if figure.rate is None:
        return Cell("")
    clustered = figure.rate.clustered
    return Cell("not known") if clustered is None else Cell(f"{clustered.design_effect:.2f}", clustered.design_effect)


def _by_group(figures: Sequence[Figure]) -> Block:
    """One measure at one size, threshold and rank, by group: a chart with its table, or the table alone."""
    first = figures[0]
    measure, size, by = first.measure, first.size, first.grouping
    where = [f"N = {size:,}"] if size else []
    where += [f"threshold {threshold_words(first.threshold)}"] if first.threshold is not None else []
    where += [f"rank {first.rank}"] if first.rank is not None else []
    anchor = anchor_of(measure, size, by, first.threshold, first.rank)
    caption = f"{NAMES[measure]} by {by}: {', '.join(where) or 'all searches'}"
    fold = measure not in MAIN
    over, under = MEASURES[measure]
    table = Grid(
        column("group", "Group", _group_name),
        number("subjects", "Subjects", lambda figure: figure.subjects),
        number("events", capital(over), _events),
        number("trials", capital(under), _trials),
        number("rate", "Rate", lambda figure: value_cell(figure.rate)),
        number("interval", "Interval", lambda figure: interval_cell(figure.rate)),
        number("design-effect", "Design effect", _effect),
    ).table(f"{anchor}-table", caption, figures, note=CLUSTERED, fold=fold)
    shown = [(figure, figure.rate) for figure in figures if figure.rate is not None]
    if len(shown) < 2 or fold:
        return table
    marks = tuple(
        IntervalMark(
            _group_name(figure),
            rate.estimate if rate.events else None,
            rate.widest.low,
            rate.widest.high,
            by,
            f"{value_words(rate)} ({interval_words(rate.widest, rate.events)})",
        )
        for figure, rate in shown
    )
    described = "; ".join(f"{', '.join(figure.group) or 'all'}: {value_words(rate)}" for figure, rate in shown)
    rare = measure == "fpir"
    alternative = f"Rate and interval of each group. {described}."
    return Chart(anchor, "intervals", caption, alternative, table, one_in=rare, log=rare, marks=marks)


DIFFERENCES = Grid[Contrast](
    column("group", "Group", lambda contrast: contrast.group),
    number("errors", "Errors", lambda contrast: contrast.events),
    number("searches", "Searches", lambda contrast: contrast.trials),
    number("errors-rest", "Errors, rest", lambda contrast: contrast.rest_events),
    number("searches-rest", "Searches, rest", lambda contrast: contrast.rest_trials),
    number(
        "ratio", "Ratio (interval)", lambda contrast: Cell(ratio_words(contrast.ratio, contrast.widest), contrast.ratio)
    ),
    number("p", "p, corrected for the number of groups", lambda contrast: contrast.p_holm, words=p_words),
    number(
        "smallest-ratio",
        "Smallest ratio that could be shown",
        lambda contrast: None if (contrast.detectable or math.inf) > UNSHOWABLE else contrast.detectable,
        words=lambda ratio: f"{ratio:.1f}-fold",
        missing="none",
    ),
)


def difference_blocks(results: Results) -> Iterator[Block]:
    """Each measure compared between groups, with the summaries over all groups."""
    yield Paragraph(
        "Each group is set against all others together. A ratio is read with its interval and with the smallest ratio "
        'that this many errors could have shown four times in five: where that is large, "no difference shown" '
        "says little."
    )
    for differential in results.differentials:
        yield _differences(differential)
        if differential.summaries:
            yield Items(tuple(_summary(summary, differential.groups) for summary in differential.summaries))


def _differences(differential: Differential) -> Table:
    where = f"threshold {threshold_words(differential.threshold)}"
    where = f"N = {differential.size:,}, {where}" if differential.size else where
    omitted = ", ".join(differential.left_out)
    left = f" Left out, with fewer than two subjects: {omitted}." if omitted else ""
    p = p_words(differential.omnibus_p)
    return DIFFERENCES.table(
        anchor_of("difference", differential.measure, differential.size, differential.grouping, differential.threshold),
        f"{NAMES[differential.measure]} by {differential.grouping}, each group against the rest: {where}",
        differential.contrasts,
        note=f"All groups at once: p {p if p.startswith('under') else f'= {p}'} ({differential.omnibus_method}). "
        f"Smallest count: {min(differential.events)}. Design effect {differential.design_effect:.2f}.{left}",
    )


def _summary(summary: Summary | BoundInstead, groups: tuple[str, ...]) -> str:
    if isinstance(summary, BoundInstead):
        without = ", ".join(groups[place] for place in summary.without_errors)
        return (
            f"{summary.measure}: not given, since {without} had no error; the highest rate is at least "
            f"{summary.at_least:.1f} times theirs."
        )
    low, high = summary.null.low, summary.null.high
    return f"{summary.measure}: {summary.value:.3g}; equal rates would give {low:.3g} to {high:.3g} with these counts."


#: A point of a curve: the curve, the place of its group, the place of its threshold.
Point = tuple[Curve, int, int]

POINTS = Grid[Point](
    column("group", "Group", lambda point: point[0].groups[point[1]]),
    number("threshold", "Threshold", lambda point: _edge(float(point[0].thresholds[point[2]]))),
    number("false-positives", "False positives", lambda point: int(point[0].false_positives[point[1], point[2]])),
    number("nonmated", "Non-mated searches", lambda point: int(point[0].nonmated[point[1]])),
    number("misses", "Misses", lambda point: int(point[0].misses[point[1], point[2]])),
    number("mated", "Mated searches", lambda point: int(point[0].mated[point[1]])),
)


def _edge(threshold: float) -> Cell:
    """A threshold; the edge below every score has no number."""
    return Cell(threshold_words(threshold), threshold if math.isfinite(threshold) else None)


def curve_blocks(evaluation: Evaluation) -> Iterator[Block]:
    """FPIR against FNIR for each grouping, one line a group; both against the threshold, for all groups together."""
    scheme = evaluation.scheme
    yield Paragraph(
        f"Thresholds are the edges of {scheme.bins:,} bins, at each of which the counts are exact; above "
        f"{scheme.floor:.6g} every score is kept. A curve stops at one error: a lower rate cannot be resolved.",
        "note",
    )
    for size in scheme.sizes:
        for grouping in evaluation.groupings:
            whole = curve(evaluation, size, grouping)
            drawn = [group for group in range(len(whole.groups)) if whole.mated[group] and whole.nonmated[group]]
            rows = [(whole, group, int(place)) for group in drawn for place in thinned(whole, group, DRAWN)]
            points = tuple(
                SeriesPoint(f"{float(whole.fpir[group, place]):.6g}", fnir, whole.groups[group])
                for _, group, place in rows
                if (fnir := float(whole.fnir[group, place])) > 0
            )
            if points:
                yield _det(size, grouping, rows, points)
            if points and not grouping.attributes:
                yield _by_threshold(size, rows)


def _det(size: int, grouping: Grouping, rows: list[Point], points: tuple[SeriesPoint, ...]) -> Chart:
    anchor = f"det-{size}-{grouping.name}".replace("*", "-")
    by = f"by {grouping.name}" if grouping.attributes else "of all groups together"
    caption = f"FPIR and FNIR {by}" + (f", N = {size:,}" if size else "")
    title = f"Detection error trade-off: {caption}"
    alternative = (
        "FNIR falls as FPIR rises, one line a group; further right and further up are more errors. "
        f"{' '.join(_values(rows))} The table holds the counts of every point drawn."
    )
    table = POINTS.table(f"{anchor}-table", caption, rows, fold=True)
    return Chart(
        anchor,
        "lines",
        title,
        alternative,
        table,
        x_label="FPIR (further right: more false positives)",
        y_label="FNIR (further up: more misses)",
        log=True,
        x_log=True,
        points=points,
    )


def _values(rows: Sequence[Point]) -> Iterator[str]:
    """In words where the line of each group begins, is half way and ends."""
    for group in dict.fromkeys(group for _, group, _ in rows):
        own = [(whole, place) for whole, other, place in rows if other == group and whole.fnir[group, place] > 0]
        picked = [own[at] for at in sorted({0, len(own) // 2, len(own) - 1})] if own else []
        pairs = [(float(whole.fpir[group, place]), float(whole.fnir[group, place])) for whole, place in picked]
        said = [f"FPIR {estimate_words(fpir)} with FNIR {estimate_words(fnir)}" for fpir, fnir in pairs]
        if picked:
            yield f"{picked[0][0].groups[group]}: {', '.join(said)}."


def _by_threshold(size: int, rows: Sequence[Point]) -> Chart:
    """Both error rates of all groups together against the threshold."""
    points, said = list[SeriesPoint](), list[str]()
    for whole, group, place in rows:
        threshold = float(whole.thresholds[place])
        fpir, fnir = float(whole.fpir[group, place]), float(whole.fnir[group, place])
        if math.isfinite(threshold):
            both = (("false positives (FPIR)", fpir), ("misses (FNIR)", fnir))
            points += [SeriesPoint(f"{threshold:.6g}", rate, name) for name, rate in both if rate > 0]
            rates = f"FPIR {estimate_words(fpir)}, FNIR {estimate_words(fnir)}"
            said.append(f"at {threshold_words(threshold)} {rates}")
    name = f", N = {size:,}" if size else ""
    picked = [said[at] for at in sorted({0, len(said) // 2, len(said) - 1})] if said else []
    alternative = f"A higher threshold gives fewer false positives and more misses: {'; '.join(picked)}."
    return Chart(
        f"thresholds-{size}", "lines", f"Error rates by threshold, all groups together{name}", alternative,
        POINTS.table(f"thresholds-{size}-table", f"Errors by threshold{name}", rows, fold=True),
        x_label="Threshold (further right: stricter)", y_label="Error rate (further up: more errors)", log=True,
        points=tuple(points),
    )  # fmt: skip


ENTRIES = Grid[EntryCount](
    column("entry", "Entry", lambda entry: entry.reference_id),
    column("group", "Group of the entry", lambda entry: entry.group),
    number("false-positives", "False positives", lambda entry: entry.false_positives),
)


def entry_blocks(evaluation: Evaluation) -> Iterator[Block]:
    """How the false positives spread over the entries of each watchlist."""
    scheme = evaluation.scheme
    yield Paragraph(
        "Only the best non-mate of a search is known: without an entry, its false positives fall by at most its count."
    )
    for size in scheme.sizes:
        for place, threshold in enumerate(scheme.thresholds):
            spread = concentration(evaluation.counts.entries[evaluation.strata_of(size), place].sum(axis=0))
            yield Heading(f"N = {size:,}, threshold {threshold_words(threshold)}", f"entries-{size}-{place}")
            yield Paragraph(
                f"{spread.causing:,} of {spread.entries:,} entries gave all {spread.false_positives:,} false "
                f"positives; {spread.half:,} gave half of them."
            )
            if entries := causing(evaluation, size, place, evaluation.base):
                where = f"N = {size:,}, threshold {threshold_words(threshold)}"
                caption = f"Entries with the most false positives: {where}"
                yield ENTRIES.table(f"entries-{size}-{place}-table", caption, entries)


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


def comparison_document(tally: PairTally, expected: Sequence[ExpectedFpir], title: str) -> Document:
    """A report of comparison scores alone."""
    sections = [Section("comparisons", "Comparison scores", tuple(comparison_blocks(tally)))]
    if expected:
        sections.append(Section("expected", "What to expect of a watchlist: a model", tuple(expected_blocks(expected))))
    return Document(title, "Comparison scores by group", "en-GB", tuple(sections))
