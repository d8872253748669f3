"""Each kind of chart: named, described, to scale; lines cut at breaks; nothing fetched; impossible ones refused."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.document import Chart, FunnelStage, IntervalMark, SeriesPoint, Span, Table
from countersign.render.charts.axes import Across, log_axis, upward
from countersign.render.charts.draw import chart_svg
from countersign.render.charts.funnel import panels
from countersign.render.charts.series import segments
from countersign.render.charts.svg import NARROW, PAPER, WIDE, wide
from countersign.render.view import CannotDraw

EMPTY = Table("t", "", (), ())
SVG = "{http://www.w3.org/2000/svg}"


def chart(kind: Any, **more: Any) -> Chart:
    return Chart("c", kind, "Title", "What it shows.", EMPTY, **more)


def texts(svg: str) -> list[str]:
    return ["".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("width", [NARROW, WIDE])
def test_each_kind_is_named_described_and_as_wide_as_asked(chart_of_each_kind: dict[str, Chart], width: int) -> None:
    for name, each in chart_of_each_kind.items():
        root = ElementTree.fromstring(chart_svg(each, width))
        ids = {part.get("id"): part for part in root}
        title, description = (root.get("aria-labelledby") or "").split()
        assert root.get("role") == "img", name
        assert ids[title].text == each.title
        assert ids[description].text == each.alternative
        assert abs(float(root.get("width") or 0) - width) <= 2, name
        assert not [part for part in root.iter() if part is not root and part.get("role")], name


@pytest.mark.parametrize("most", [1, 2, 3, 7, 11, 12, 24, 130])
def test_an_axis_of_counts_has_no_parts_of_one(most: int) -> None:
    ticks = [label for _, label in upward([float(most), 0.0], 100, 0).ticks]
    assert ticks == [label.replace(".", "") for label in ticks]
    assert 2 <= len(ticks) <= 7


def test_a_title_is_not_read_out_twice() -> None:
    said = Chart("c", "bars", "More faces", "More faces. Most in May.", EMPTY, points=(SeriesPoint("May", 2.0),))
    root = ElementTree.fromstring(chart_svg(said, WIDE))
    assert [root.findtext(f"{SVG}{name}") for name in ("title", "desc")] == ["More faces", "Most in May."]


def test_words_are_set_in_the_size_they_were_measured_in() -> None:
    """Twelve of a page's 680 pixels are 8.5 points on paper; less is not read."""
    chart = Chart("c", "bars", "A", "A.", EMPTY, points=(SeriesPoint("May", 2.0),))
    root = ElementTree.fromstring(chart_svg(chart, WIDE))
    assert (root.get("font-size"), wide("word")) == ("12", wide("word", size=12))


def test_drawing_again_gives_the_same_bytes(chart_of_each_kind: dict[str, Chart]) -> None:
    for each in chart_of_each_kind.values():
        assert chart_svg(each, WIDE) == chart_svg(each, WIDE)


def test_no_drawing_refers_outward_or_runs_anything(chart_of_each_kind: dict[str, Chart]) -> None:
    for each in chart_of_each_kind.values():
        for part in ElementTree.fromstring(chart_svg(each, NARROW)).iter():
            assert part.tag.removeprefix(SVG) in {"svg", "title", "desc", "g", "path", "rect", "line", "text", "tspan"}
            assert not [name for name in part.attrib if "href" in name or name.startswith("on") or name == "style"]


def widths(svg: str, color: str) -> list[float]:
    """How wide the rectangles of this colour are."""
    drawn = ElementTree.fromstring(svg).iter(f"{SVG}rect")
    return [float(part.get("width") or 0) for part in drawn if part.get("fill") == color]


def test_funnel_bars_are_to_scale_and_small_stages_come_again_larger() -> None:
    stages = (FunnelStage("Faces", 902_748), FunnelStage("Alerts", 1_079), FunnelStage("Arrests", 530))
    svg = chart_svg(chart("funnel", stages=stages), WIDE)
    expected = [WIDE, WIDE * 1079 / 902748, WIDE, WIDE * 530 / 1079]
    assert widths(svg, "#1f5c7f") == pytest.approx(expected, abs=0.06)
    assert "Below, drawn 837 times larger than above" in texts(svg)


def test_a_stage_that_was_not_published_is_an_empty_box_that_says_so() -> None:
    stages = (FunnelStage("Faces", 90), FunnelStage("Engagements", None), FunnelStage("Arrests", 30))
    svg = chart_svg(chart("funnel", stages=stages), WIDE)
    assert "not published" in texts(svg)
    assert "0" not in texts(svg)
    assert len(widths(svg, "#1f5c7f")) == 2
    assert 'stroke-dasharray="4 3"' in svg


def test_a_stage_of_nought_is_nought_and_not_an_empty_box() -> None:
    svg = chart_svg(chart("funnel", stages=(FunnelStage("Faces", 90), FunnelStage("Arrests", 0))), WIDE)
    assert "0" in texts(svg)
    assert "not published" not in texts(svg)


def test_panels_hold_every_stage_and_only_shrinking_counts_start_one() -> None:
    stages = (FunnelStage("a", 1000), FunnelStage("b", None), FunnelStage("c", 10), FunnelStage("d", 9))
    found = [(widest, [stage.label for stage in members]) for widest, _, members in panels(stages)]
    assert found == [(1000, ["a", "b", "c"]), (10, ["c", "d"])]
    assert [len(members) for _, _, members in panels((FunnelStage("a", None), FunnelStage("b", None)))] == [2]


def test_intervals_stand_on_a_log_axis_worded_one_in() -> None:
    marks = (IntervalMark("2024", 3e-5, 2e-5, 4.4e-5), IntervalMark("none seen", None, 0.0, 3e-4))
    svg = chart_svg(chart("intervals", marks=marks, one_in=True), WIDE)
    assert svg.count("a4.8,4.8") == 2  # one disc, drawn as two halves: no estimate, no disc
    words = texts(svg)
    assert {"1 in 10,000", "← rarer", "more often →"} <= set(words)
    # More often stands further right, as on every other axis.
    ticks = [int(word[5:].replace(",", "")) for word in words if word.startswith("1 in ")]
    assert ticks == sorted(ticks, reverse=True)


@pytest.mark.parametrize("end", [200.0, 1_800.0])
def test_an_estimate_at_an_end_is_drawn_in_place_of_it(end: float) -> None:
    def lines(estimate: float) -> int:
        marks = (IntervalMark("Croydon", estimate, 200.0, 1_800.0),)
        drawn = ElementTree.fromstring(chart_svg(chart("intervals", marks=marks, log=True), WIDE))
        return len(list(drawn.iter(f"{SVG}line")))

    assert lines(600.0) - lines(end) == 1


def test_a_row_says_its_figure_in_words() -> None:
    marks = (IntervalMark("2024", 3e-5, 2e-5, 4.4e-5, words="1 in 33,400"),)
    for width in (NARROW, WIDE):
        assert "1 in 33,400" in texts(chart_svg(chart("intervals", marks=marks, one_in=True), width))


def test_shares_stand_on_a_linear_axis_in_per_cent() -> None:
    words = texts(chart_svg(chart("intervals", marks=(IntervalMark("a", 0.8, 0.44, 0.97),)), WIDE))
    assert {"0%", "20%", "100%"} <= set(words)


def test_a_line_is_never_joined_across_a_break() -> None:
    points = tuple(SeriesPoint(f"2024-{month:02}", 10.0 * month) for month in range(1, 13))
    cut = chart("lines", points=points, breaks=(("2024-08-12", "counted anew"),))
    assert [len(part) for part in segments(cut, points)] == [8, 4]
    whole = chart("lines", points=points)
    paths = [
        len(re.findall(r'<path d="M[^"]*L[^"]*"[^>]*stroke="#1f5c7f"', chart_svg(each, WIDE))) for each in (whole, cut)
    ]
    assert paths == [1, 2]
    assert "counted anew" in texts(chart_svg(cut, NARROW))


def test_points_do_not_move_with_the_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    points = (SeriesPoint("2024-01-01", 1.0), SeriesPoint("2024-12-31", 2.0))
    here = chart_svg(chart("lines", points=points), WIDE)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert chart_svg(chart("lines", points=points), WIDE) == here


@pytest.mark.parametrize(
    ("places", "kind"),
    [
        (["2024", "2025"], "dates"),
        (["2024-02-29", "2024-03"], "dates"),
        (["2023-02-29", "2024-03"], "order"),
        (["0.001", "1e-4"], "numbers"),
        (["Croydon", "2024"], "order"),
        ([], "order"),
    ],
)
def test_how_an_axis_is_read(places: list[str], kind: str) -> None:
    assert Across([SeriesPoint(place, 1.0) for place in places]).kind == kind


def test_a_chart_without_numbers_is_drawn_empty() -> None:
    for kind in ("funnel", "intervals", "bars", "lines", "points", "timeline", "multiples"):
        assert chart_svg(chart(kind), NARROW).startswith("<svg")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (chart("lines", points=(SeriesPoint("2024", float("nan")),)), "not finite"),
        (chart("intervals", marks=(IntervalMark("x", None, 0.0, float("inf")),)), "not finite"),
        (chart("intervals", marks=(IntervalMark("x", 0.5, 0.9, 0.1),)), "lies above"),
        (chart("intervals", marks=(IntervalMark("x", None, 0.0, 0.0),), one_in=True), "log axis"),
        (chart("points", points=(SeriesPoint("2024", 0.0),), log=True), "log axis"),
        (chart("bars", points=(SeriesPoint("2024", 1.0),), log=True), "log axis"),
        (chart("lines", points=(SeriesPoint("0", 1.0),), x_log=True), "log axis"),
        (chart("funnel", stages=(FunnelStage("x", -1),)), "below nought"),
    ],
)
def test_what_cannot_be_drawn_is_refused(wrong: Chart, says: str) -> None:
    with pytest.raises(CannotDraw, match=says) as refusal:
        chart_svg(wrong, WIDE)
    assert "'c'" in str(refusal.value)


def test_a_trade_off_stands_on_two_log_axes_named_by_powers_of_ten() -> None:
    points = tuple(SeriesPoint(f"{10.0**-exponent:g}", 0.01 * exponent) for exponent in range(1, 6))
    words = texts(chart_svg(chart("lines", points=points, log=True, x_log=True, x_label="FPIR"), WIDE))
    assert {"0.00001", "0.001", "0.1", "0.01", "FPIR"} <= set(words)


def test_regimes_notes_and_part_periods_are_said_in_words() -> None:
    points = tuple(SeriesPoint(f"2024-{month:02}", 10.0 * month) for month in range(1, 13))
    more = {
        "spans": (Span("2024-01", "2024-07", "Old way of counting"), Span("2024-08", "2024-12", "New way")),
        "notes": (("2024-03", "First van"),),
        "parts": ("2024-12",),
    }
    for kind in ("lines", "bars", "timeline"):
        for width in (NARROW, PAPER, WIDE):
            words = " ".join(texts(chart_svg(chart(kind, points=points, **more), width)))
            assert all(text in words for text in ("Old way of counting", "New way", "First van")), (kind, width)
            assert kind == "timeline" or "covered in part only" in words


def test_a_name_without_room_gets_a_number_and_the_key_says_it() -> None:
    points = tuple(SeriesPoint(f"2024-{month:02}", 10.0 * month) for month in range(1, 13))
    breaks = tuple((f"2024-{month:02}", f"Change number {month} of how faces are counted") for month in range(2, 12))
    words = texts(chart_svg(chart("lines", points=points, breaks=breaks), NARROW))
    numbered = [word for word in words if re.fullmatch(r"\(\d+\)", word)]
    assert numbered
    # Each number stands once on the chart and once in the key.
    assert sorted(set(numbered)) == sorted(numbered)[::2]
    said = " ".join(words)
    assert all(f"Change number {month} of" in said for month in range(2, 12))


def test_a_timeline_marks_by_shape_and_number_what_a_line_of_dots_has() -> None:
    points = (
        SeriesPoint("2024-01-09", 0, "Soho"),
        SeriesPoint("2024-05-09", 3, "Soho"),
        SeriesPoint("2024-06-01", 0, "Dalston"),
    )
    svg = chart_svg(chart("timeline", points=points, y_label="false alerts"), WIDE)
    assert svg.count('fill="#b3541e"') == 2  # the sign in the legend and the diamond
    assert {"Soho", "Dalston", "3", "no false alerts"} <= set(texts(svg))


def test_small_multiples_share_both_axes() -> None:
    points = tuple(
        SeriesPoint(f"{year}", size * year / 2000, name)
        for name, size in (("a", 1), ("b", 30))
        for year in range(2020, 2025)
    )
    words = texts(chart_svg(chart("multiples", points=points), WIDE))
    assert words.count("40") == 2
    assert words.count("2020") == 2


@settings(deadline=None, max_examples=200)
@given(st.lists(st.floats(1e-12, 1e12), min_size=1, max_size=6), st.integers(2, 8), st.booleans())
def test_a_log_axis_holds_its_values_and_few_ticks_inside(values: list[float], most: int, one_in: bool) -> None:
    (low, high), ticks = log_axis(values, most, one_in=one_in)
    assert all(low <= value <= high for value in values)
    assert 1 <= len(ticks) <= most
    assert ticks == sorted(ticks)
    assert all(low * (1 - 1e-12) <= tick <= high * (1 + 1e-12) for tick in ticks)


def test_a_chart_survives_json(chart_of_each_kind: dict[str, Chart]) -> None:
    for each in chart_of_each_kind.values():
        assert msgspec.json.decode(msgspec.json.encode(each), type=Chart) == each
