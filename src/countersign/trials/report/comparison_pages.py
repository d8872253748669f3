"""Comparison scores as document blocks: FMR and FNMR by group, and what a model expects of a watchlist made up so.

Rates of comparisons, not of searches; the model is labelled as one wherever it is printed. The same blocks stand in the
report of a trial and, alone, in that of ``countersign trial compare``.

>>> list(expected_blocks(()))[0].tone
'warning'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from countersign.document import Block, Document, Paragraph, Section, Table
from countersign.trials.metrics.comparisons import PairTally
from countersign.trials.metrics.composition import LABEL, MakeUp
from countersign.trials.report.sentences import cells, columns, interval_words, value_words


def comparison_document(tally: PairTally, expected: Sequence[MakeUp], title: str) -> Document:
    """A report of comparison scores alone."""
    sections = [Section("comparisons", "Comparison scores", tuple(comparison_blocks(tally)))]
    if expected:
        sections.append(Section("expected", "What to expect of a watchlist: a model", tuple(expected_blocks(expected))))
    return Document(title, "Comparison scores by group", "en-GB", tuple(sections))


def comparison_blocks(tally: PairTally) -> Iterator[Block]:
    """FMR and FNMR by group of the probe, at each threshold."""
    counts, task = tally.counts, tally.counts.task
    groups = [(None, "all"), *((g, task.grouping.label(g)) for g in range(len(task.grouping.labels)))]
    yield Paragraph(
        f"{tally.rows:,} comparison scores, {tally.faults.total:,} set aside. FMR and FNMR are rates of comparisons, "
        "not of searches; "
        "intervals allow for the same subject being probe, or reference, many times."
    )
    for place, threshold in enumerate(task.thresholds):
        rows = []
        for group, label in groups if len(groups) > 2 else groups[:1]:
            for name, rate in (
                ("FMR", counts.false_match(place, group)),
                ("FNMR", counts.false_non_match(place, group)),
            ):
                if rate is not None:
                    rows.append(
                        cells([label, name, rate.events, int(rate.trials), value_words(rate),
                               interval_words(rate.widest, rate.events)])
                    )  # fmt: skip
        yield Table(
            f"comparisons-{place}", f"FMR and FNMR by group of the probe, threshold {threshold:.6g}",
            columns("Group", "Measure", "Errors>", "Comparisons>", "Rate>", "Interval>"), tuple(rows),
        )  # fmt: skip


def expected_blocks(expected: Sequence[MakeUp]) -> Iterator[Block]:
    """What FPIR the model expects of each watchlist make-up asked for."""
    yield Paragraph(f"Every figure here is {LABEL}.", "warning")
    for number, each in enumerate(expected):
        rows = []
        for (group, _), found in zip(each.make_up, each.by_group, strict=True):
            rows.append(
                cells([group, "none to go by" if found.estimate is None else f"{found.estimate:.3g}",
                       f"{found.low:.3g} to {found.high:.3g}"])
            )  # fmt: skip
        make_up = ", ".join(f"{entries:,} {group}" for group, entries in each.make_up)
        yield Table(
            f"expected-{number}", f"Expected FPIR for a watchlist of {make_up}, threshold {each.threshold:.6g}",
            columns("Group of the probe", "Expected FPIR>", "Bounds>"), tuple(rows), LABEL,
        )  # fmt: skip
