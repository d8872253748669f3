"""A trial's figures in sentences: a rate, a ratio, and the few sentences a report opens with.

Counts come first, then "1 in N" for rare rates and a percentage for others; never zero. A report opens, for each
watchlist size and threshold, with false positives and misses; then the groups whose rate was shown to differ from that
of all others (p after Holm's correction at most one minus the level) or, where none was, the smallest ratio that these
counts would have shown four times in five; and groups without an error. No sentence judges, or says why groups differ.

>>> from countersign.inference.clusters import proportion
>>> share_words(proportion(0, 300)), share_words(proportion(150, 300))
('0 of 300: at most 1 in 81.8 (95% interval)', '150 of 300: 50.0% (44.1% to 55.9%)')
>>> ratio_words(None, Interval(2.0, math.inf, 0.95, "x")), ratio_words(3.0, Interval(1.5, 6.25, 0.95, "x"))
('at least 2', '3 (1.5 to 6.25)')
>>> plain = Interval(1.9, 5.0, 0.95, "score")
>>> differs(Contrast("b", 9, 900, 4, 1200, 3.0, plain, plain, plain, 0.001, 0.002, 2.4))
'b 3 times the others (1.9 to 5)'
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from countersign.inference.rate import Interval, Rate
from countersign.trials.metrics.differentials import Contrast, Differential
from countersign.trials.metrics.rates import Figure
from countersign.trials.model import Summary
from countersign.words.intervals import one_in, one_in_range, percent_range, times_range
from countersign.words.lists import listing
from countersign.words.numbers import percent_near_all, percent_stated, times

#: Above this a rate is shown as a percentage, below it as "1 in N".
RARE = 0.02


def value_words(rate: Rate) -> str:
    """The estimate alone: never "0", which no count of a trial can show."""
    if rate.events == 0:
        return f"0 of {rate.trials:,.0f}"
    return estimate_words(rate.estimate)


def estimate_words(share: float) -> str:
    """A rate in words: "1 in N" where it is rare, a percentage else; none is "none"."""
    if share <= 0:
        return "none"
    return one_in(1 / share) if share < RARE else percent_near_all(share)


def interval_words(interval: Interval, estimate: float) -> str:
    """Both ends, rounded outwards, in the form of the estimate; "1 in N" has the commoner end first. Without an event
    (an estimate of 0) only the upper end speaks.
    """
    if estimate <= 0:
        return one_in_range(0, interval.high) if interval.high < 1 else "anything up to all"
    ends = one_in_range if estimate < RARE else percent_range
    return ends(interval.low, interval.high)


def share_words(rate: Rate) -> str:
    """Counts, estimate, and the interval that allows for clustering."""
    interval = rate.widest
    counted = f"{rate.events:,} of {rate.trials:,.0f}"
    if rate.events == 0:
        return f"{counted}: {interval_words(interval, 0)} ({percent_stated(interval.level)} interval)"
    return f"{counted}: {value_words(rate)} ({interval_words(interval, rate.estimate)})"


def ratio_words(ratio: float | None, interval: Interval) -> str:
    """A ratio with its interval, rounded outwards; without an estimate, only what is excluded."""
    if ratio is None:
        return times_range(interval.low, math.inf).removesuffix(" times") if interval.low > 0 else "not known"
    ends = times_range(interval.low, interval.high).removesuffix(" times")
    return f"{times(ratio).removesuffix(' times')} ({ends})"


#: Watchlist sizes and thresholds on the first page; the others stand in their sections.
MOST = 4
#: Groups named in one sentence.
NAMED = 5
#: What a measure counts, in the words of a sentence.
COUNTED = {
    "fpir": "non-mated searches had a false positive",
    "gfnir": "mated attempts missed their mate, failures to acquire counted as misses",
}
#: How the measures are called in a sentence.
CALLED = {"fpir": "False positives (FPIR)", "gfnir": "Misses (GFNIR)"}


def part_heading(part: Summary) -> str:
    """Where the sentences of an opening hold."""
    return f"Threshold {part.threshold:.6g}" + (f", N = {part.size:,}" if part.size else "")


def openings(figures: Sequence[Figure], differentials: Sequence[Differential], level: float) -> list[Summary]:
    """One for each watchlist size and threshold, in the order of the figures; at the first rank asked for."""
    places = dict.fromkeys((each.size, each.threshold) for each in figures if each.threshold is not None)
    opened = []
    for size, threshold in places:
        here = [each for each in figures if (each.size, each.threshold, each.site) == (size, threshold, None)]
        compared = [each for each in differentials if (each.size, each.threshold) == (size, threshold)]
        opened.append(Summary(size or None, threshold, tuple(_sentences(here, compared, level))))
    return opened


def _sentences(figures: list[Figure], differentials: list[Differential], level: float) -> Iterator[str]:
    for measure, counted in COUNTED.items():
        first = next((each for each in figures if each.measure == measure and not each.group), None)
        if first is None or first.rate is None:
            continue
        words = share_words(first.rate).split(": ", 1)
        yield f"{words[0]} {counted}: {words[1]}."
        for each in differentials:
            if each.measure == measure:
                yield f"{CALLED[measure]} by {each.grouping}: {_comparison(each, level)}."
        ranks = dict.fromkeys(each.rank for each in figures if each.measure == measure)
        without = [
            each
            for each in figures
            if each.measure == measure
            and each.group
            and each.rate is not None
            and not each.rate.events
            and each.rank == next(iter(ranks))
        ]
        if without:
            yield _without(without)


def _comparison(differential: Differential, level: float) -> str:
    """The groups shown to differ; or the smallest ratio that these counts would have shown."""
    contrasts, errors = differential.contrasts, sum(differential.events)
    if errors == 0:
        return "no error in any group, so that no ratio can be given"
    if shown := shown_of(differential, level):
        named = "; ".join(differs(contrast) for contrast in shown[:NAMED])
        more = f"; and {len(shown) - NAMED} more" if len(shown) > NAMED else ""
        return f"{named}{more}, at {percent_stated(level)} after correction for {len(contrasts)} groups"
    reach = reach_of(differential)
    if not reach:
        return "no group was shown to differ from the others, and these counts could not have shown any ratio"
    return (
        f"no group was shown to differ from the others; the smallest ratio that {errors:,} errors would have "
        f"shown four times in five is {reach}, so that a smaller one cannot be excluded"
    )


def shown_of(differential: Differential, level: float) -> list[Contrast]:
    """The groups shown to differ after correction, the highest ratio first; of two groups, the higher alone."""
    shown = sorted(
        (contrast for contrast in differential.contrasts if contrast.p_holm <= 1 - level),
        key=lambda contrast: math.inf if contrast.ratio is None else contrast.ratio,
        reverse=True,
    )
    return shown[:1] if len(differential.contrasts) == 2 else shown  # of two, each is the other's mirror


def reach_of(differential: Differential) -> str:
    """The smallest ratio that these counts would have shown four times in five; nothing where none would."""
    ratios = [contrast.detectable for contrast in differential.contrasts if contrast.detectable is not None]
    seen = [ratio for ratio in ratios if math.isfinite(ratio)]
    if not seen:
        return ""
    least, most = f"{min(seen):.1f}-fold", f"{max(seen):.1f}-fold"
    return least if least == most else f"{least} to {most}, by group"


def verdict(differentials: Sequence[Differential], level: float) -> str:
    """Which groups were shown to differ in any of these comparisons; nothing where nothing was compared."""
    shown = [contrast.group for each in differentials for contrast in shown_of(each, level)]
    names = list(dict.fromkeys(shown))
    if names:
        return f"{listing([*names[:NAMED], *(['others'] if len(names) > NAMED else [])])} shown to differ"
    return "no group shown to differ" if differentials else ""


def group_name(figure: Figure) -> str:
    """The group of a figure, and its site where it is of one."""
    return ", ".join([*figure.group, *([figure.site] if figure.site else [])]) or "all"


def rates_of(figures: Sequence[Figure]) -> list[tuple[str, Rate]]:
    """The rates of figures that have one, each with the name of its group."""
    return [(group_name(figure), figure.rate) for figure in figures if figure.rate is not None]


def spread_words(rates: Sequence[tuple[str, Rate]]) -> str:
    """The lowest and the highest of the rates of groups, in one form: "1 in 317 (a) to 1 in 124 (b)"."""
    (least, low), (most, high) = (pick(rates, key=lambda each: each[1].estimate) for pick in (min, max))
    first = percent_near_all(low.estimate) if low.events and high.estimate >= RARE else value_words(low)
    last = f"{value_words(high)} ({most})"
    return last if least == most else f"{first} ({least}) to {last}"


def differs(contrast: Contrast) -> str:
    """A group shown to differ: its ratio to all others, with the interval."""
    if contrast.ratio is None:
        return f"{contrast.group} {ratio_words(None, contrast.widest)} times the others"
    value, _, interval = ratio_words(contrast.ratio, contrast.widest).partition(" ")
    return f"{contrast.group} {value} times the others {interval}"


def _without(figures: list[Figure]) -> str:
    named = [
        f"{', '.join(each.group)} {share_words(each.rate).split(' (', 1)[0]}"
        for each in figures[:NAMED]
        if each.rate is not None
    ]
    more = f"; and {len(figures) - NAMED} more" if len(figures) > NAMED else ""
    return f"No error is not a rate of zero: {'; '.join(named)}{more}."
