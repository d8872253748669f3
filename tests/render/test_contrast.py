"""Contrast of every text and mark against its ground, light and dark: WCAG 2.2, 1.4.3 (4.5:1) and 1.4.11 (3:1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import countersign.render
from countersign.render.charts.svg import PALETTE

STYLE = (Path(countersign.render.__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{([^}]*)\}", STYLE)[:2]
)
DARK_MARKS = dict(re.findall(r'\[fill="(#[0-9a-f]{6})"\] \{ fill: (#[0-9a-f]{6})', STYLE))
DARK_STROKES = dict(re.findall(r'\[stroke="(#[0-9a-f]{6})"\] \{ stroke: (#[0-9a-f]{6})', STYLE))


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    # WebAIM's contrast checker gives 4.54:1 for this grey, the lightest that passes on white.
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_reach_4_5(colours: dict[str, str]) -> None:
    assert set(LIGHT) == set(DARK)
    pairs = [("ink", "paper"), ("muted", "paper"), ("accent", "paper"), ("ink", "target"), ("accent", "target")]
    pairs += [("ink", "accent-soft"), ("ink", "warm-soft"), ("muted", "target"), ("paper", "ink")]
    pairs += [("paper", "good"), ("paper", "warm")]
    for text, ground in pairs:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for edge in ("accent", "warm", "good"):
        assert contrast(colours[edge], colours["paper"]) >= 3, edge


def test_chart_colours_reach_theirs_on_white() -> None:
    for name, colour in PALETTE.items():
        if name in ("ink", "muted"):
            assert contrast(colour, "#ffffff") >= 4.5, name
        elif name.startswith("series") or name == "axis":
            assert contrast(colour, "#ffffff") >= 3, name


def test_chart_colours_have_a_counterpart_in_the_dark_that_reaches_theirs() -> None:
    assert DARK_MARKS["#1a2530"] == DARK["ink"]
    for name, colour in PALETTE.items():
        if name in ("ink", "muted"):
            assert contrast(DARK_MARKS[colour], DARK["paper"]) >= 4.5, name
        if name.startswith("series"):
            assert contrast(DARK_MARKS[colour], DARK["paper"]) >= 3, name
        if name not in ("track", "paper"):
            assert contrast(DARK_STROKES[colour], DARK["paper"]) >= (1.2 if name == "rule" else 3), name
