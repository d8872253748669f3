"""The sentences a report opens with: what differs, what could not have been seen, and no rate of nought."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from countersign.document import Chart, Table
from countersign.inference.rate import Interval
from countersign.render.charts.draw import chart_svg
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.metrics.differentials import Contrast, Differential, differentials
from countersign.trials.metrics.rates import Figure, clustered, figures
from countersign.trials.model import FileRead
from countersign.trials.report.assemble import Results, Stated
from countersign.trials.report.build import trial_report
from countersign.trials.report.pages import pages
from countersign.trials.report.sentences import MOST, differs, openings, part_heading
from countersign.trials.report.tables import by_group, curve_blocks, rate_blocks
from countersign.trials.scores.source import fingerprint

WIDE = Interval(0.4, 2.5, 0.95, "score")


def contrast(group: str, p: float, ratio: float | None = 1.2, widest: Interval = WIDE) -> Contrast:
    return Contrast(group, 5, 900, 9, 1200, ratio, widest, widest, widest, p, p, 3.0)


def differential(events: tuple[int, ...], *contrasts: Contrast) -> Differential:
    names = tuple(each.group for each in contrasts)
    return Differential("fpir", 100, "sex", 0.6, None, names, events, (900,) * len(names), contrasts, 1.0, 0.5, "", ())


def figure(group: tuple[str, ...], events: int) -> Figure:
    rate = clustered(np.array([events, *([0] * 899)]), np.ones(900, np.int64) * max(1, events))
    return Figure("fpir", 100, None, "sex" if group else "all", group, 0.6, None, rate, 900)


def test_a_planted_difference_opens_the_report(evaluation: Evaluation) -> None:
    report = Results(Stated(), evaluation, tuple(figures(evaluation)), tuple(differentials(evaluation)))
    first = pages(report).evidence.sections[0]
    told = " ".join(sentence for block in first.blocks[:4] for sentence in getattr(block, "items", ()))
    assert "False positives (FPIR) by group: b " in told  # planted at three times the others
    assert [opening.threshold for opening in trial_report(report).summary] == [0.55, 0.6]


def test_curves_run_one_way_and_say_values_in_words(evaluation: Evaluation) -> None:
    results = Results(Stated(), evaluation, tuple(figures(evaluation)), ())
    charts = [block for block in curve_blocks(results) if isinstance(block, Chart)]
    assert {chart.anchor.split("-")[0] for chart in charts} == {"det", "thresholds"}
    for chart in charts:
        assert "further up" in chart.y_label
        assert "further right" in chart.x_label
        # Each line is said by values at its ends and in its middle.
        assert len(re.findall(r"FPIR (none|1 in [\d,]+|[\d.]+%)", chart.alternative)) >= 2, chart.alternative
        assert chart_svg(chart, 340)


def test_the_tables_of_all_together_hold_the_figures_without_a_group(evaluation: Evaluation) -> None:
    made = tuple(figures(evaluation))
    results = Results(Stated(), evaluation, made, tuple(differentials(evaluation)))
    tables = {block.anchor: block for block in rate_blocks(results) if isinstance(block, Table)}
    for size in evaluation.scheme.sizes:
        whole = [each.rate for each in made if each.size == size and not each.group and each.site is None and each.rate]
        rows = tables[f"all-{size}-table"].rows
        assert sorted((row[3].number, row[4].number) for row in rows) == sorted(
            (rate.events, rate.trials) for rate in whole
        )
        assert len(rows) == len(whole) > 0


def test_a_report_keeps_the_size_of_each_figure_and_counts_nothing_where_there_is_no_rate(
    evaluation: Evaluation,
) -> None:
    made = tuple(figures(evaluation))
    results = Results(Stated(), evaluation, made, tuple(differentials(evaluation)))
    assert [each.size for each in trial_report(results).figures] == [each.size or None for each in made]
    assert any(each.size for each in made)
    none = Figure("fpir", 100, None, "sex", ("a",), 0.6, None, None, 0)
    table = by_group([none], results)
    assert isinstance(table, Table)
    assert [cell.text for cell in table.rows[0]][:4] == ["a", "0", "0", "0"]


def test_nothing_shown_says_what_could_not_have_been_seen() -> None:
    three = differential((5, 4, 5), contrast("a", 0.9), contrast("b", 0.8), contrast("c", 0.7))
    (opening,) = openings([figure((), 14), figure(("a",), 5), figure(("b",), 4)], [three], 0.95)
    assert part_heading(opening) == "Threshold 0.6, N = 100"
    assert "no group was shown to differ from the others; the smallest ratio that 14 errors" in opening.sentences[1]
    assert "3.0-fold, so that a smaller one cannot be excluded" in opening.sentences[1]


def test_only_groups_past_the_correction_are_named_and_two_groups_once() -> None:
    high, low = Interval(2.0, 9.0, 0.95, "x"), Interval(0.1, 0.5, 0.95, "x")
    both = differential((5, 4), contrast("a", 0.01, 4.2, high), contrast("b", 0.01, 0.24, low))
    (opening,) = openings([figure((), 9)], [both], 0.95)
    assert "by sex: a 4.2 times the others (2 to 9), at 95% after correction for 2 groups" in opening.sentences[1]
    assert "b 0.24" not in opening.sentences[1]
    three = differential((5, 4, 3), *both.contrasts, contrast("c", 0.06))
    (opening,) = openings([figure((), 12)], [three], 0.95)
    assert "b 0.24 times the others (0.1 to 0.5)" in opening.sentences[1]
    assert "c 1.2" not in opening.sentences[1]
    assert differs(contrast("d", 0.0, None, Interval(2.5, np.inf, 0.95, "x"))) == "d at least 2.5 times the others"


def test_a_group_without_errors_has_a_bound_and_no_rate() -> None:
    none = differential((0, 0), contrast("a", 1.0, None), contrast("b", 1.0, None))
    (opening,) = openings([figure((), 0), figure(("a",), 0), figure(("b",), 0)], [none], 0.95)
    assert opening.sentences[0] == "0 of 900 non-mated searches had a false positive: at most 1 in 244 (95% interval)."
    assert "no error in any group" in opening.sentences[1]
    assert opening.sentences[2].startswith("No error is not a rate of zero: a 0 of 900: at most 1 in 244; b 0 of 900")


def test_a_long_first_page_says_how_much_more_there_is(evaluation: Evaluation) -> None:
    shown = [each for each in figures(evaluation) if each.measure == "fpir"]
    many = tuple(
        Figure(e.measure, e.size, e.site, e.grouping, e.group, 0.5 + k / 100, e.rank, e.rate, e.subjects)
        for k in range(MOST + 2)
        for e in shown
    )
    first = pages(Results(Stated(), evaluation, many, ())).evidence.sections[0]
    assert any("2 more thresholds or watchlist sizes" in getattr(block, "text", "") for block in first.blocks)


def test_a_file_is_told_apart_by_its_digest(tmp_path: Path, evaluation: Evaluation) -> None:
    path = tmp_path / "searches.csv"
    path.write_bytes(b"abc")  # SHA-256 of "abc": FIPS 180-2, appendix B.1
    found = fingerprint(path, "searches")
    assert found.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    report = trial_report(Results(Stated(files=(found,)), evaluation, (), ()))
    assert report.record.files == (FileRead("searches", "searches.csv", 3, found.sha256),)
