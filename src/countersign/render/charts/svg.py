"""A drawing as SVG, written here: text that stays text, marks, and places for labels on which nothing stands yet.

Coordinates are CSS pixels from the upper left. Widths of texts are those of the shipped font and some more, for a page
is read in the reader's own. Colours stand in ``fill`` and ``stroke`` literally, so that a page may restyle them
for a dark ground. A drawing is as high as what stands in it.

>>> drawing = Drawing(340)
>>> drawing.text(0, 12, "27 of <902,748>")
>>> "27 of &lt;902,748&gt;</text>" in drawing.svg("c", "Title", "What it shows.")
True
"""

from __future__ import annotations

import textwrap
from html import escape
from typing import Literal, NamedTuple

from countersign.render.text import shown, width_of

#: Colours by use. Text colours reach 4.5:1, the others 3:1 against the page in light and dark (tests measure it).
PALETTE = {
    "ink": "#1a2530",
    "muted": "#55616d",
    "rule": "#d5dbe1",
    "axis": "#7b8794",
    "series-1": "#1f5c7f",
    "series-2": "#b3541e",
    "series-3": "#5f4b8b",
    "series-4": "#3c7a4b",
    "series-5": "#8a6d00",
    "track": "#eef1f4",
    "paper": "#ffffff",
}
#: The PDF is set in Inter, which is shipped; a page prefers the reader's own font.
FONT = "Inter, system-ui, sans-serif"
SIZE = 12
LINE = 15
DASHES = ("", "6 3", "2 2", "8 3 2 3", "1 3")
#: Widths in CSS pixels that fit a phone of 390 and a column of text on a desktop; and that of a page of paper, where
#: twelve of them are 8.5 points. On paper room is dear, so that plots and bars are lower.
NARROW, WIDE, PAPER = 340, 760, 680
#: The reader's own font may be this much wider than the one measured; a bold one more.
WIDER, WIDER_BOLD = 1.12, 1.27
Side = Literal["start", "middle", "end"]


class Box(NamedTuple):
    """A place that is taken."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether both share a point."""
        beside = self.right <= other.left or other.right <= self.left
        return not (beside or self.bottom <= other.top or other.bottom <= self.top)


def series_color(index: int) -> str:
    """The name of the colour of the series with this place in the order; the sixth has the first's again."""
    return f"series-{index % 5 + 1}"


def wide(text: str, *, bold: bool = False, size: float = SIZE) -> float:
    """The room in pixels that ``text`` may take on a page."""
    return width_of(text, size, bold=bold) * (WIDER_BOLD if bold else WIDER)


def wrapped(text: str, pixels: float, lines: int = 2, *, bold: bool = False, size: float = SIZE) -> list[str]:
    """``text`` in at most ``lines`` lines of ``pixels``; what does not fit ends in an ellipsis."""
    said = shown(text)
    if wide(said, bold=bold, size=size) <= pixels + 0.01:
        return [said]
    mean = wide(said, bold=bold, size=size) / max(len(said), 1)
    characters = max(int(pixels / mean), 4) if said else 8
    while characters > 4:
        made = textwrap.wrap(said, characters, max_lines=lines, placeholder=" …") or [""]
        if max(wide(line, bold=bold, size=size) for line in made) <= pixels:
            return made
        characters -= 1
    return textwrap.wrap(said, 4, max_lines=lines, placeholder="…") or [""]


def whole(text: str, pixels: float, lines: int) -> list[str] | None:
    """``text`` in at most ``lines`` lines of ``pixels``, or nothing if it does not fit whole, no word broken."""
    made = wrapped(text, pixels, lines)
    fits = " ".join(made) == shown(text)
    return made if fits and max(map(wide, made)) <= pixels else None


class Drawing:
    """What is drawn so far, the places that texts take, and how far down it reaches."""

    def __init__(self, width: int) -> None:
        self.width, self.height = width, 0.0
        self.parts: list[str] = []
        self.taken: list[Box] = []

    def text(
        self, x: float, y: float, words: str, *, color: str = "ink", side: Side = "start", bold: bool = False,
        size: float = SIZE,
    ) -> None:  # fmt: skip
        """``words`` with their foot at ``y``, from, around or to ``x``."""
        said = shown(words)
        if not said:
            return
        more = "" if side == "start" else f' text-anchor="{side}"'
        more += ' font-weight="600"' if bold else ""
        more += f' font-size="{size:g}"' if size != SIZE else ""
        self.parts.append(f'<text x="{_n(x)}" y="{_n(y)}" fill="{PALETTE[color]}"{more}>{escape(said)}</text>')
        self.taken.append(self.box(x, y, said, side=side, bold=bold, size=size))
        self.down(y + size * 0.35)

    def box(
        self, x: float, y: float, words: str, *, side: Side = "start", bold: bool = False, size: float = SIZE
    ) -> Box:
        """The place that these words would take."""
        across = wide(words, bold=bold, size=size)
        left = x - {"start": 0.0, "middle": across / 2, "end": across}[side]
        return Box(left, y - size, left + across, y + size * 0.3)

    def free(self, box: Box) -> bool:
        """Whether the place is inside the drawing and no text stands there."""
        return box.left >= 0 and box.right <= self.width and not any(box.meets(other) for other in self.taken)

    def line(
        self, x: float, y: float, x2: float, y2: float, *, color: str = "rule", width: float = 1, dash: str = ""
    ) -> None:
        """A straight line."""
        self._mark(f'<line x1="{_n(x)}" y1="{_n(y)}" x2="{_n(x2)}" y2="{_n(y2)}"', "", color, width, dash)
        self.down(max(y, y2))

    def rect(
        self, x: float, y: float, x2: float, y2: float, *, fill: str = "", stroke: str = "", dash: str = ""
    ) -> None:
        """A rectangle from one corner to the other."""
        size = f'width="{_n(max(x2 - x, 0))}" height="{_n(max(y2 - y, 0))}"'
        self._mark(f'<rect x="{_n(x)}" y="{_n(y)}" {size}', fill, stroke, 1.5, dash)
        self.down(y2)

    def path(self, d: str, *, fill: str = "", stroke: str = "", width: float = 2, dash: str = "") -> None:
        """A path; its points are those of ``d``."""
        self._mark(f'<path d="{d}"', fill, stroke, width, dash)

    def mark(self, x: float, y: float, shape: int, color: str, *, size: float = 4, hollow: bool = False) -> None:
        """A mark around a point: a disc, diamond, square, triangle or cross by the number of its ``shape``."""
        r, across = size, f"{_n(x)},{_n(y)}"
        drawn = (
            f"M{_n(x - r)},{_n(y)}a{r},{r} 0 1,0 {2 * r},0a{r},{r} 0 1,0 {-2 * r},0Z",
            f"M{_n(x)},{_n(y - 1.4 * r)}l{1.4 * r:g},{1.4 * r:g}l{-1.4 * r:g},{1.4 * r:g}l{-1.4 * r:g},{-1.4 * r:g}Z",
            f"M{_n(x - r)},{_n(y - r)}h{2 * r}v{2 * r}h{-2 * r}Z",
            f"M{_n(x)},{_n(y - 1.2 * r)}l{1.2 * r:g},{2.2 * r:g}h{-2.4 * r:g}Z",
            f"M{across}m{-r},{-r}l{2 * r},{2 * r}M{across}m{-r},{r}l{2 * r},{-2 * r}",
        )[shape % 5]
        hollow = hollow or shape % 5 == 4
        self.path(drawn, fill="paper" if hollow else color, stroke=color if hollow else "", width=1.6)
        self.down(y + 1.4 * r)

    def down(self, y: float) -> None:
        """The drawing reaches as far as ``y`` at least."""
        self.height = max(self.height, y)

    def svg(self, place: str, title: str, description: str) -> str:
        """The whole as one ``<svg>`` element with ``role="img"``; ``place`` begins the names of its two texts."""
        height = _n(max(self.height + 4, 20))
        head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}"'
        head += f' viewBox="0 0 {self.width} {height}" font-family="{FONT}" font-size="{SIZE}" fill="none" role="img"'
        head += f' aria-labelledby="{place}-title {place}-desc">'
        said = f'<title id="{place}-title">{escape(shown(title))}</title>'
        said += f'<desc id="{place}-desc">{escape(shown(description))}</desc>'
        return f"{head}{said}{''.join(self.parts)}</svg>"

    def _mark(self, begun: str, fill: str, stroke: str, width: float, dash: str) -> None:
        more = f' fill="{PALETTE[fill]}"' if fill else ""
        more += f' stroke="{PALETTE[stroke]}" stroke-width="{width:g}"' if stroke else ""
        more += f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(f"{begun}{more}/>")


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
