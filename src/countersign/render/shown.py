"""A result that shows itself: a screen of text in a terminal, its page in a notebook, each of its charts as a drawing.

>>> from countersign.document import Document, Paragraph, Section
>>> class Answer(Shown):
...     brief = Document("Two lists", "", "en-GB", (Section("s", "Seen", (Paragraph("They agree.", "lead"),)),))
>>> Answer()
Answer: Two lists
  They agree.
>>> Answer()._repr_html_()[:7], Answer().charts
('<iframe', ())
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from countersign.document import Chart, Document, lines_of
from countersign.errors import NotReached, WrongForm
from countersign.render.charts.draw import chart_svg
from countersign.render.charts.svg import WIDE
from countersign.words.hidden import on_one_line
from countersign.words.lists import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pandas

#: A screen: characters in a line, and lines.
COLUMNS, LINES = 100, 24
#: The height of a page in a notebook, in CSS pixels.
HEIGHT = 640


class PandasMissing(NotReached, next_step='Install it with: pip install "countersign[pandas]".'):
    """A table was asked for as a data frame, and pandas is not installed."""


class NoSuchChart(WrongForm, next_step="Take one of .charts, by its place (the first is 1) or its id."):
    """A chart was asked for that the result does not have."""


@dataclass(frozen=True, repr=False)
class Svg:
    """A chart as SVG, which a notebook shows: ``svg`` is the whole of it, without script or outward reference."""

    id: str
    title: str
    svg: str

    def __repr__(self) -> str:
        return f"Svg: {on_one_line(self.title)}"

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> Path:
        """Write the drawing to a file, whole or not at all. Raises ``CannotWrite``."""
        from countersign.output import write_whole

        return write_whole(Path(path), self.svg.encode("utf-8"))


class Shown:
    """A result with a ``brief``: what is read first, as a document."""

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def brief(self) -> Document:
            """What is read first."""

    def __repr__(self) -> str:
        title, *lines = (on_one_line(text) for text in (self.brief.title, *lines_of(self.brief)))
        first = textwrap.wrap(f"{type(self).__name__}: {title}", COLUMNS, subsequent_indent="  ")
        wrapped = [textwrap.wrap(line, COLUMNS - 2, subsequent_indent="  ") for line in lines]
        text = [*first, *(f"  {line}" for part in wrapped for line in part)]
        if len(text) > LINES:
            left = counted(len(text) - LINES + 1, "more line")
            text = [*text[: LINES - 1], f"  … {left}: .brief has them"]
        return "\n".join(text)

    def _repr_html_(self) -> str:
        """The brief as a page in a frame of its own: no script runs in it, and none of its styles leave it."""
        from countersign.render.html import render_html

        page = escape(render_html(self.brief).decode("utf-8"))
        title = escape(self.brief.title)
        style = f"width:100%;height:{HEIGHT}px;border:1px solid #b1b4b6"
        return f'<iframe sandbox="" title="{title}" style="{style}" srcdoc="{page}"></iframe>'

    @property
    def charts(self) -> tuple[Svg, ...]:
        """The charts of the brief, in its order. Raises ``CannotDraw``."""
        blocks = (block for section in self.brief.sections for block in section.blocks)
        return tuple(
            Svg(block.anchor, block.title, chart_svg(block, WIDE)) for block in blocks if isinstance(block, Chart)
        )

    def plot(self, which: int | str = 1) -> Svg:
        """One chart of the brief, by its place (the first is 1) or its id. Raises ``NoSuchChart``, ``CannotDraw``."""
        charts = self.charts
        for place, chart in enumerate(charts, 1):
            if which in (place, chart.id):
                return chart
        has = ", ".join(f"{place} ({chart.id})" for place, chart in enumerate(charts, 1)) or "none"
        raise NoSuchChart(f"there is no chart {which!r}; this result has {has}")


def frame_of(rows: Iterable[Mapping[str, object]], names: Sequence[str] = ()) -> pandas.DataFrame:
    """Rows as a data frame, a mapping a row, with the columns ``names`` also where there is no row. Polars, PyArrow and
    DuckDB take it through Arrow's stream interface. Raises ``PandasMissing``.
    """
    try:
        import pandas
    except ImportError as error:
        raise PandasMissing("a data frame needs pandas, which is not installed") from error
    return pandas.DataFrame(list(rows), columns=list(names) or None)
