"""The tables and charts of a trial's report: rates by group, groups against each other, curves, entries.

Every figure stands with its counts. The title of a chart says what it shows.

>>> p_words(0.0123), p_words(3e-7)
('0.012', 'under 0.0001')
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from countersign.document import (
    Block,
    Cell,
    Chart,
    Heading,
    IntervalMark,
    Items,
    Paragraph,
    SeriesPoint,
    Table,
)
from countersign.grids import Grid, column, number
from countersign.inference.groups.differential import BoundInstead, Summary
from countersign.inference.rate import Rate
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.differentials import Contrast, Differential
from countersign.trials.metrics.rates import MEASURES, Curve, Figure, causing, concentration, curve, thinned
from countersign.trials.model import EntryCount
from countersign.trials.report.assemble import Results
from countersign.trials.report.sentences import (
    CALLED,
    estimate_words,
    group_name,
    interval_words,
    rates_of,
    ratio_words,
    spread_words,
    value_words,
    verdict,
)
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
    return Cell("" if rate is None else interval_words(rate.widest, rate.estimate))


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
            compared = [each for each in results.differentials if (each.size, each.grouping) == (size, grouping.name)]
            said = verdict(compared, evaluation.question.level)
            title = f"By {grouping.name}{' and site' if sites else ''}{named}{': ' if said else ''}{said}"
            yield Heading(title, f"by-{size}-{grouping.name}")
            mine = [each for each in results.figures if each.size == size and each.grouping == grouping.name]
            for measure in NAMES:
                kinds = dict.fromkeys((each.threshold, each.rank) for each in mine if each.measure == measure)
                for threshold, rank in kinds:
                    kind = (measure, threshold, rank)
                    shown = [each for each in mine if (each.measure, each.threshold, each.rank) == kind]
                    yield by_group(shown, results)


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


def _effect(figure: Figure) -> Cell:
    if figure.rate is None:
        return Cell("")
    clustered = figure.rate.clustered
    return Cell("not known") if clustered is None else Cell(f"{clustered.design_effect:.2f}", clustered.design_effect)


def figures_at(results: Results, measure: str, size: int, threshold: float | None, by: str) -> list[Figure]:
    """The figures of one measure at a size and threshold, by group of a grouping; at the first rank, all sites."""
    mine = [
        each
        for each in results.figures
        if (each.measure, each.size, each.threshold, each.grouping, each.site) == (measure, size, threshold, by, None)
    ]
    return [each for each in mine if each.rank == mine[0].rank]


def by_group(figures: Sequence[Figure], results: Results) -> Table | Chart:
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
        column("group", "Group", group_name),
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
    described = "; ".join(f"{', '.join(figure.group) or 'all'}: {value_words(rate)}" for figure, rate in shown)
    rare = measure == "fpir"
    alternative = f"Rate and interval of each group. {described}."
    compared = [
        each
        for each in results.differentials
        if (each.measure, each.size, each.grouping, each.threshold, first.site)
        == (measure, size, by, first.threshold, None)
    ]
    said = verdict(compared, results.evaluation.question.level)
    title = (
        f"{CALLED[measure]} by {by}: {spread_words(rates_of(figures))}{'; ' if said else ''}{said} ({', '.join(where)})"
    )
    marks = rate_marks(rates_of(figures), by)
    return Chart(anchor, "intervals", title, alternative, table, one_in=rare, log=rare, marks=marks)


def rate_marks(rates: Sequence[tuple[str, Rate]], by: str) -> tuple[IntervalMark, ...]:
    """The lines of a chart of rates by group, each with its name."""
    return tuple(
        IntervalMark(
            name,
            rate.estimate if rate.events else None,
            rate.widest.low,
            rate.widest.high,
            by,
            f"{value_words(rate)} ({interval_words(rate.widest, rate.estimate)})",
        )
        for name, rate in rates
    )


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


def difference_anchor(differential: Differential) -> str:
    """The anchor of the table of a comparison."""
    of = (differential.measure, differential.size, differential.grouping, differential.threshold)
    return anchor_of("difference", *of)


def _differences(differential: Differential) -> Table:
    where = f"threshold {threshold_words(differential.threshold)}"
    where = f"N = {differential.size:,}, {where}" if differential.size else where
    omitted = ", ".join(differential.left_out)
    left = f" Left out, with fewer than two subjects: {omitted}." if omitted else ""
    p = p_words(differential.omnibus_p)
    return DIFFERENCES.table(
        difference_anchor(differential),
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
    return Cell(threshold_words(threshold), threshold) if math.isfinite(threshold) else Cell("below every score")


def curve_blocks(results: Results) -> Iterator[Block]:
    """FPIR against FNIR for each grouping, one line a group; both against the threshold, for all groups together."""
    scheme = results.evaluation.scheme
    yield Paragraph(
        f"Thresholds are the edges of {scheme.bins:,} bins, at each of which the counts are exact; above "
        f"{scheme.floor:.6g} every score is kept. A curve stops at one error: a lower rate cannot be resolved.",
        "note",
    )
    for size in scheme.sizes:
        for grouping in results.evaluation.groupings:
            rows = _drawn(results.evaluation, size, grouping)
            charts = [_det(results, size, grouping, rows), None if grouping.attributes else _by_threshold(size, rows)]
            yield from (chart for chart in charts if chart is not None)


def _drawn(evaluation: Evaluation, size: int, grouping: Grouping) -> list[Point]:
    """The points drawn of each group that has both kinds of searches."""
    whole = curve(evaluation, size, grouping)
    drawn = [group for group in range(len(whole.groups)) if whole.mated[group] and whole.nonmated[group]]
    return [(whole, group, int(place)) for group in drawn for place in thinned(whole, group, DRAWN)]


def det_anchor(size: int, grouping: Grouping) -> str:
    """The anchor of the trade-off of a grouping."""
    return f"det-{size}-{grouping.name}".replace("*", "-")


def thresholds_anchor(size: int) -> str:
    """The anchor of the chart of errors by threshold."""
    return f"thresholds-{size}"


def _det(results: Results, size: int, grouping: Grouping, rows: list[Point]) -> Chart | None:
    """The detection error trade-off of a grouping, one line a group; none where no point can be drawn."""
    points = tuple(
        SeriesPoint(f"{float(whole.fpir[group, place]):.6g}", fnir, whole.groups[group])
        for whole, group, place in rows
        if (fnir := float(whole.fnir[group, place])) > 0
    )
    if not points:
        return None
    anchor = det_anchor(size, grouping)
    by = f"by {grouping.name}" if grouping.attributes else "of all groups together"
    caption = f"FPIR and FNIR {by}" + (f", N = {size:,}" if size else "")
    alternative = (
        "Detection error trade-off. FNIR falls as FPIR rises, one line a group; further right and further up are more "
        f"errors. {' '.join(_values(rows))} The table holds the counts of every point drawn."
    )
    return Chart(
        anchor,
        "lines",
        _traded(results, size, grouping, rows),
        alternative,
        POINTS.table(f"{anchor}-table", caption, rows, fold=True),
        x_label="FPIR (further right: more false positives)",
        y_label="FNIR (further up: more misses)",
        log=True,
        x_log=True,
        points=points,
    )


def _share(share: float) -> str:
    """A rate on a curve, which begins where every search goes wrong."""
    return "100%" if share == 1 else estimate_words(share)


def _traded(results: Results, size: int, grouping: Grouping, rows: list[Point]) -> str:
    """What a trade-off shows, as its title: both rates of groups at the first threshold; of all, both ends."""
    named = f" (N = {size:,})" if size else ""
    threshold = results.evaluation.scheme.thresholds[0]
    here = [rates_of(figures_at(results, measure, size, threshold, grouping.name)) for measure in ("fpir", "fnir")]
    if grouping.attributes and all(here):
        fpir, fnir = map(spread_words, here)
        return f"At threshold {threshold_words(threshold)}, FPIR is {fpir} and FNIR {fnir}{named}"
    (whole, group, first), (_, _, last) = rows[0], rows[-1]
    ends = [
        f"FPIR {_share(float(whole.fpir[group, place]))} with FNIR {_share(float(whole.fnir[group, place]))}"
        for place in (first, last)
    ]
    return f"Fewer false positives cost more misses: {' against '.join(ends)}{named}"


def _values(rows: Sequence[Point]) -> Iterator[str]:
    """In words where the line of each group begins, is half way and ends."""
    for group in dict.fromkeys(group for _, group, _ in rows):
        own = [(whole, place) for whole, other, place in rows if other == group and whole.fnir[group, place] > 0]
        picked = [own[at] for at in sorted({0, len(own) // 2, len(own) - 1})] if own else []
        pairs = [(float(whole.fpir[group, place]), float(whole.fnir[group, place])) for whole, place in picked]
        said = [f"FPIR {_share(fpir)} with FNIR {_share(fnir)}" for fpir, fnir in pairs]
        if picked:
            yield f"{picked[0][0].groups[group]}: {', '.join(said)}."


def _by_threshold(size: int, rows: Sequence[Point]) -> Chart | None:
    """Both error rates of all groups together against the threshold; none where no point can be drawn."""
    points, said = list[SeriesPoint](), list[tuple[str, str, str]]()
    for whole, group, place in rows:
        threshold = float(whole.thresholds[place])
        fpir, fnir = float(whole.fpir[group, place]), float(whole.fnir[group, place])
        if math.isfinite(threshold):
            both = (("false positives (FPIR)", fpir), ("misses (FNIR)", fnir))
            points += [SeriesPoint(f"{threshold:.6g}", rate, name) for name, rate in both if rate > 0]
            said.append((threshold_words(threshold), _share(fpir), _share(fnir)))
    if not points:
        return None
    name = f", N = {size:,}" if size else ""
    first, last = said[0], said[-1]
    picked = [said[at] for at in sorted({0, len(said) // 2, len(said) - 1})]
    values = "; ".join(f"at {at} FPIR {fpir}, FNIR {fnir}" for at, fpir, fnir in picked)
    anchor, caption = thresholds_anchor(size), f"Errors by threshold, all groups together{name}"
    return Chart(
        anchor,
        "lines",
        f"From threshold {first[0]} to {last[0]}, false positives fell from {first[1]} to {last[1]} and misses rose "
        f"from {first[2]} to {last[2]}{name}",
        f"A higher threshold gives fewer false positives and more misses: {values}.",
        POINTS.table(f"{anchor}-table", caption, rows, fold=True),
        x_label="Threshold (further right: stricter)",
        y_label="Error rate (further up: more errors)",
        log=True,
        points=tuple(points),
    )


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
            where = f"N = {size:,}, threshold {threshold_words(threshold)}"
            half = f"{spread.half:,} of {spread.entries:,} entries gave half of the false positives"
            yield Heading(f"{where}: {half if spread.half else 'no false positive'}", f"entries-{size}-{place}")
            yield Paragraph(
                f"{spread.causing:,} of {spread.entries:,} entries gave all {spread.false_positives:,} false "
                f"positives; {spread.half:,} gave half of them."
            )
            if entries := causing(evaluation, size, place, evaluation.base):
                caption = f"Entries with the most false positives: {where}"
                yield ENTRIES.table(f"entries-{size}-{place}-table", caption, entries)
