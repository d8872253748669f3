"""Each kind of chart: named, described, to scale; lines cut at breaks; nothing fetched; impossible ones refused."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.document import Chart, FunnelStage, IntervalMark, SeriesPoint, Table
from countersign.render.charts.canvas import Across, log_axis
from countersign.render.charts.draw import NARROW, WIDE, chart_svg, specification
from countersign.render.charts.funnel import panels
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


def test_drawing_again_gives_the_same_bytes(chart_of_each_kind: dict[str, Chart]) -> None:
    for each in chart_of_each_kind.values():
        first = chart_svg(each, WIDE)
        chart_svg.cache_clear()
        assert chart_svg(each, WIDE) == first


def test_no_drawing_refers_outward_or_runs_anything(chart_of_each_kind: dict[str, Chart]) -> None:
    for each in chart_of_each_kind.values():
        for part in ElementTree.fromstring(chart_svg(each, NARROW)).iter():
            assert part.tag.removeprefix(SVG) in {"svg", "title", "desc", "g", "path", "rect", "line", "text", "tspan"}
            assert not [name for name in part.attrib if "href" in name or name.startswith("on") or name == "style"]


def bars(stages: tuple[FunnelStage, ...], width: int) -> list[float]:
    """How long each bar of a funnel is drawn."""
    root = ElementTree.fromstring(chart_svg(chart("funnel", stages=stages), width))
    paths = [path.get("d") or "" for path in root.iter(f"{SVG}path") if path.get("fill") == "#1f5c7f"]
    return [float(re.split("[hv]", path)[1]) for path in paths]


#: What Vega 5 drew of the funnel below before funnels were drawn here; the drawings stay the same, byte for byte.
BY_VEGA = (
    '<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="340" height="171" viewBox="0 0 340 171" '
    'role="img" aria-labelledby="c-340-title c-340-desc"><title id="c-340-title">Title</title><desc '
    'id="c-340-desc">What it shows.</desc><g fill="none" stroke-miterlimit="10" transform="translate(0,0)"><g><g '
    'transform="translate(0,0)"><path d="M0,0h340v171h-340Z" /><g><g><path d="M0,20h340v18h-340Z" fill="#eef1f4" '
    '/><path d="M0,72h340v18h-340Z" fill="#eef1f4" /></g><g><path d="M0,20h340v18h-340Z" fill="#1f5c7f" /><path '
    'd="M0,72h0v18h0Z" fill="#1f5c7f" /></g><g><path d="M0.5,124h339v18h-339Z" stroke="#55616d" '
    'stroke-dasharray="4,3" /></g><g /><g><text text-anchor="start" transform="translate(0,14)" '
    'font-family="Inter, system-ui, sans-serif" font-size="12px" font-weight="bold" '
    'fill="#1a2530">Faces</text><text text-anchor="start" transform="translate(0,66)" font-family="Inter, '
    'system-ui, sans-serif" font-size="12px" font-weight="bold" fill="#1a2530">Arrests</text><text '
    'text-anchor="start" transform="translate(0,118)" font-family="Inter, system-ui, sans-serif" '
    'font-size="12px" font-weight="bold" fill="#1a2530" /></g><g><text text-anchor="end" '
    'transform="translate(340,14)" font-family="Inter, system-ui, sans-serif" font-size="12px" '
    'fill="#1a2530">900</text><text text-anchor="end" transform="translate(340,66)" font-family="Inter, '
    'system-ui, sans-serif" font-size="12px" fill="#1a2530">0</text></g><g><text text-anchor="start" '
    'transform="translate(8,137.5)" font-family="Inter, system-ui, sans-serif" font-size="12px" '
    'fill="#55616d">not published</text><text text-anchor="start" transform="translate(0,159)" '
    'font-family="Inter, system-ui, sans-serif" font-size="12px" fill="#55616d">as stated</text></g></g><path '
    'd="" display="none" /></g></g></g></svg>'
)


def test_a_funnel_is_drawn_as_vega_drew_it() -> None:
    stages = (FunnelStage("Faces", 900), FunnelStage("Arrests", 0), FunnelStage("", None, note="as stated"))
    assert chart_svg(chart("funnel", stages=stages), NARROW) == BY_VEGA


def test_funnel_bars_are_to_scale_and_small_stages_come_again_larger() -> None:
    stages = (FunnelStage("Faces", 902_748), FunnelStage("Alerts", 1_079), FunnelStage("Arrests", 530))
    drawn = bars(stages, WIDE)
    assert drawn == pytest.approx([WIDE, WIDE * 1079 / 902748, WIDE, WIDE * 530 / 1079])
    svg = chart_svg(chart("funnel", stages=stages), WIDE)
    assert "Below, drawn 837 times larger than above" in texts(svg)


def test_a_stage_that_was_not_published_is_an_empty_box_that_says_so() -> None:
    stages = (FunnelStage("Faces", 90), FunnelStage("Engagements", None), FunnelStage("Arrests", 30))
    svg = chart_svg(chart("funnel", stages=stages), WIDE)
    assert "not published" in texts(svg)
    assert "0" not in texts(svg)
    assert len(bars(stages, WIDE)) == 2
    assert re.search(r'stroke-dasharray="4,3"', svg)


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
    drawn = specification(chart("intervals", marks=marks, one_in=True), WIDE)["layer"]
    assert drawn[0]["encoding"]["x"]["scale"]["type"] == "log"
    dots = [
        row for layer in drawn for row in layer["data"]["values"] if "dot" in row and layer["mark"].get("size") == 75
    ]
    assert [row["estimate"] for row in dots] == [3e-5]
    words = texts(chart_svg(chart("intervals", marks=marks, one_in=True), WIDE))
    assert "1 in 10,000" in words


def test_shares_stand_on_a_linear_axis_in_per_cent() -> None:
    words = texts(chart_svg(chart("intervals", marks=(IntervalMark("a", 0.8, 0.44, 0.97),)), WIDE))
    assert {"0%", "20%", "100%"} <= set(words)


def test_a_line_is_never_joined_across_a_break() -> None:
    points = tuple(SeriesPoint(f"2024-{month:02}", 10.0 * month) for month in range(1, 13))
    cut = chart("lines", points=points, breaks=(("2024-08-12", "counted anew"),))
    segments = [row["segment"] for row in specification(cut, WIDE)["layer"][0]["data"]["values"]]
    assert segments == ["0 0"] * 8 + ["0 1"] * 4
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
    chart_svg.cache_clear()
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
    for kind in ("funnel", "intervals", "bars", "lines", "points"):
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
