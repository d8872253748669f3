"""The document model: a report as typed blocks in sections, without any idea of how it is drawn.

Packages add blocks; ``render`` alone turns them into HTML, PDF or a picture; ``review.json`` holds them as they are.
Text is plain text: no markup is read in it. A figure, a table cell or a finding may name the rows it stands on
(``RowRange``); the renderer links each to the row as printed by the force.

>>> import msgspec
>>> section = Section("accuracy", "Accuracy", (Paragraph("27 false alerts in 902,748 faces."),))
>>> msgspec.json.encode(section.blocks[0])
b'{"block":"paragraph","text":"27 false alerts in 902,748 faces.","tone":"plain"}'
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec


class _Value(msgspec.Struct, frozen=True, kw_only=False):
    """A frozen value of the document."""


Line = TypeVar("Line", bound=msgspec.Struct)


def line_of(kind: type[Line], *sources: object, **others: Any) -> Line:
    """A value of a report: ``others``, and each other field by its name from the first source that has it."""
    for source in sources:
        shared = (name for name in kind.__struct_fields__ if name not in others and hasattr(source, name))
        others |= {name: getattr(source, name) for name in shared}
    return kind(**others)


class RowRange(_Value, frozen=True):
    """Rows ``first`` to ``last`` (both included, counted from 1) of the document with this id."""

    document: str
    first: int
    last: int


class Cell(_Value, frozen=True):
    """One cell of a table: its text as printed, the number behind it if it is one, and the rows it stands on. ``link``
    is a place here ("#claims"), one of a page beside this ("review.html#claims"), or an address, which is printed.
    """

    text: str
    number: float | int | None = None
    rows: tuple[RowRange, ...] = ()
    link: str | None = None


class Column(_Value, frozen=True):
    """A column of a table. On a phone rows stack, each cell after its column's label."""

    key: str
    label: str
    align: Literal["start", "end"] = "start"


class Paragraph(_Value, frozen=True, tag_field="block", tag="paragraph"):
    """Plain text. ``lead`` is larger; ``note`` smaller; ``warning`` stands out and is announced as such."""

    text: str
    tone: Literal["plain", "lead", "note", "warning"] = "plain"


class Heading(_Value, frozen=True, tag_field="block", tag="heading"):
    """A heading inside a section; level 3 or 4."""

    text: str
    anchor: str
    level: Literal[3, 4] = 3


class Items(_Value, frozen=True, tag_field="block", tag="items"):
    """A list of sentences, numbered or not."""

    items: tuple[str, ...]
    numbered: bool = False


class Figure(_Value, frozen=True, tag_field="block", tag="figure"):
    """One number with its uncertainty and source: what it measures, counts, interval, and the rows behind it.

    ``value`` and ``interval`` are texts ready to print ("1 in 33,435", "1 in 22,900 to 1 in 50,800"); the numbers are
    in ``events``, ``trials``, ``low``, ``high``.
    """

    label: str
    value: str
    interval: str
    events: int | None
    trials: float | None
    low: float | None
    high: float | None
    method: str
    note: str = ""
    rows: tuple[RowRange, ...] = ()


class Table(_Value, frozen=True, tag_field="block", tag="table"):
    """A table with a caption. ``anchor`` makes it a place links can point to; ``fold`` starts it closed.

    ``rows_of``: the id of a document, when this table shows its rows as printed. The first cell's text of each row is
    then the row's number, and the renderer makes each row the place ``#row-<document>-<number>`` that every
    ``RowRange`` of that document links to. A range whose first row stands in no such table is printed, not linked.
    ``rows_called``: the word for one of them in those links. ``places``: in any other table, the place of each row.
    """

    anchor: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    fold: bool = False
    rows_of: str = ""
    rows_called: Literal["row", "entry"] = "row"
    places: tuple[str, ...] = ()


class FunnelStage(_Value, frozen=True):
    """A stage of the funnel; ``count`` is ``None`` where the force did not publish it (drawn as an empty box)."""

    label: str
    count: int | None
    note: str = ""


class IntervalMark(_Value, frozen=True):
    """One line of an interval chart: estimate (``None`` at zero events), both ends, and what it is. ``words`` are the
    figure as printed beside it ("1 in 22,900 to 1 in 50,800"), so that no reader must read it off the axis.
    """

    label: str
    estimate: float | None
    low: float
    high: float
    group: str = ""
    words: str = ""


class SeriesPoint(_Value, frozen=True):
    """One point of a series: ``x`` a date (ISO) or a category, ``y`` a number, ``series`` its line."""

    x: str
    y: float
    series: str = ""


class Span(_Value, frozen=True):
    """A stretch of a chart's axis from ``first`` to ``last`` (both as ``SeriesPoint.x``), shaded and named in words."""

    first: str
    last: str
    label: str


class Chart(_Value, frozen=True, tag_field="block", tag="chart"):
    """A chart with its data, a text alternative, and (always) a table with the same numbers. The title states what it
    shows ("All 27 false alerts of 2024 came before 25 July").

    ``funnel``: stages to scale. ``intervals``: marks on a log axis if ``log`` or ``one_in`` (which labels it "1 in N"),
    else on a linear one; what happens more often stands further right. ``bars``, ``lines``, ``points``: series over
    ``x``; ``breaks`` are places on ``x`` at which lines must not be joined, with a label. ``timeline``: a strip for
    each series, a dot for each point; a point whose ``y`` is not 0 is marked, and ``y_label`` says with what ("false
    alerts"). ``multiples``: a small chart for each series, all on the same two axes. ``x`` is read as dates if every
    one is a year, month or day in ISO form, as numbers if every one is a number (on a log axis if ``x_log``), else as
    names in the order given. Bars over names are drawn one under the other. ``log`` is the axis of ``y``.

    Over dates or numbers ``spans`` shade stretches, ``notes`` (place, label) are annotations, and ``parts`` names the
    places whose period is covered in part only: they are drawn hollow, and the chart says so.
    """

    anchor: str
    kind: Literal[
        "funnel",
        "intervals",
        "bars",
        "lines",
        "points",
        "timeline",
        "multiples",
    ]
    title: str
    alternative: str
    table: Table
    x_label: str = ""
    y_label: str = ""
    one_in: bool = False
    log: bool = False
    stages: tuple[FunnelStage, ...] = ()
    marks: tuple[IntervalMark, ...] = ()
    points: tuple[SeriesPoint, ...] = ()
    breaks: tuple[tuple[str, str], ...] = ()
    x_log: bool = False
    spans: tuple[Span, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    parts: tuple[str, ...] = ()


class Finding(_Value, frozen=True, tag_field="block", tag="finding"):
    """Something found, with its code, what was seen, where, and by what reasoning. States what was counted, no verdict
    on anyone. ``status`` is a short word of the section's own list (a fault's code, a claim's verdict, a duty's state).
    ``fold``: the details start closed where a page can be opened and closed; on paper they are printed.
    """

    anchor: str
    status: str
    title: str
    text: str
    details: tuple[tuple[str, str], ...] = ()
    rows: tuple[RowRange, ...] = ()
    fold: bool = False


class WritePair(_Value, frozen=True, tag_field="block", tag="write-pair"):
    """For reporters: a sentence the evidence carries, and one it does not, with the reason."""

    may: str
    may_not: str
    because: str


class Source(_Value, frozen=True, tag_field="block", tag="source"):
    """A source: what it is, who published it when, its SHA-256 (hex) where a file was read, and where it says so."""

    anchor: str
    title: str
    publisher: str = ""
    published: str = ""
    sha256: str = ""
    note: str = ""
    address: str = ""


class Link(_Value, frozen=True):
    """A place to go to: an anchor of this document, or of a sister in the ``file`` beside it ("evidence.html"). In the
    PDF, where brief and evidence are one file, both lead to the place in it.
    """

    text: str
    anchor: str
    file: str = ""


class Links(_Value, frozen=True, tag_field="block", tag="links"):
    """Links in a line, after a word that says what they lead to ("In the brief")."""

    label: str
    links: tuple[Link, ...]


class Point(_Value, frozen=True, tag_field="block", tag="point"):
    """One message: the title states it in words, the text (at most three short sentences) says what it rests on. A link
    whose text stands in either is drawn there; the others follow.
    """

    anchor: str
    title: str
    text: str
    links: tuple[Link, ...] = ()


State = Literal["met", "stated", "not met", "not shown"]


class Square(_Value, frozen=True):
    """One duty on a wall: its id, its name in words, its state, and where its evidence is."""

    id: str
    title: str
    state: State
    link: Link


class WallPhase(_Value, frozen=True):
    """The duties of one phase of a deployment."""

    label: str
    squares: tuple[Square, ...]


class Wall(_Value, frozen=True, tag_field="block", tag="wall"):
    """The duty wall: a square a duty, by phase, its state by shape, letter and colour. It adds nothing up."""

    anchor: str
    title: str
    phases: tuple[WallPhase, ...]
    note: str = ""


class QuoteCard(_Value, frozen=True, tag_field="block", tag="quote-card"):
    """A figure to quote, with what it must not be quoted without. Every field is a text, none may be empty: there is
    no card of the number alone. Raises ``ValueError`` where one is missing. ``links`` as those of a ``Point``.

    >>> card = QuoteCard("q", "No false alert", "2023", "5 alerts stayed unconfirmed", "At most 1 in 300 alerts",
    ...     "Force", "1 May 2026")
    >>> card.text
    'No false alert, 2023. 5 alerts stayed unconfirmed. At most 1 in 300 alerts. Source: Force. Reviewed 1 May 2026.'
    """

    anchor: str
    figure: str
    period: str
    unconfirmed: str
    interval: str
    source: str
    reviewed: str
    links: tuple[Link, ...] = ()

    def __post_init__(self) -> None:
        empty = [name for name in self.__struct_fields__ if name != "links" and not getattr(self, name).strip()]
        if empty:
            raise ValueError(f"quote card {self.anchor!r}: {empty[0]} is empty; a card is whole or not there")

    @property
    def text(self) -> str:
        """The whole card in one paragraph, to be copied."""
        sentences = (f"{self.figure}, {self.period}", self.unconfirmed, self.interval)
        said = [*sentences, f"Source: {self.source}", f"Reviewed {self.reviewed}"]
        return " ".join(sentence if sentence.endswith((".", "?", "!")) else f"{sentence}." for sentence in said)


Block = (
    Paragraph
    | Heading
    | Items
    | Figure
    | Table
    | Chart
    | Finding
    | WritePair
    | Source
    | Links
    | Point
    | Wall
    | QuoteCard
)


class Section(_Value, frozen=True):
    """A titled part of the report; ``id`` is stable and serves as anchor."""

    id: str
    title: str
    blocks: tuple[Block, ...]


class Document(_Value, frozen=True):
    """A whole report. The first section is the first page. ``about`` (force, period, date of review) stands on every
    page and under every chart; ``sisters`` are the documents that belong to it, such as the evidence of a brief.
    """

    title: str
    subtitle: str
    language: str
    sections: tuple[Section, ...]
    about: tuple[str, ...] = ()
    sisters: tuple[Link, ...] = ()


def lines_of(brief: Document) -> tuple[str, ...]:
    """A brief as a terminal shows it: warnings, the first paragraph, and the title of each point."""
    first = brief.sections[0].blocks
    said = [block.text for block in first if isinstance(block, Paragraph) and block.tone in ("warning", "lead")]
    blocks = (block for section in brief.sections for block in section.blocks)
    return (*said, *(f"{block.title}." for block in blocks if isinstance(block, Point)))
