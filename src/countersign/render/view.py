"""What is drawn: a document brought to one plain tree of texts and links, from which HTML and PDF are both made.

HTML and PDF hold the same words because both are filled from this tree alone. Texts are made showable, places get their
identifiers, heading levels are put in order, and figures that follow each other form a group. A ``RowRange`` links to
``#row-<document>-<first>``, or to ``#rows-<document>-<first>-<last>`` where it names several: a place in the first row,
whose table's rows from ``first`` to ``last`` are marked together. A cell's ``#anchor`` links to that place, if it is in
this document; any other address is printed and never linked.

>>> from countersign.document import Document, Paragraph, Section
>>> tree = view(Document("Review", "", "en-GB", (Section("glance", "At a glance", (Paragraph("27  of 902,748"),)),)))
>>> tree["sections"][0]["blocks"]
[{'kind': 'paragraph', 'tone': 'plain', 'text': '27 of 902,748'}]
"""

from __future__ import annotations

import re
from typing import Any

from countersign.document import (
    Block,
    Cell,
    Chart,
    Column,
    Document,
    Figure,
    Finding,
    Heading,
    Items,
    Link,
    Links,
    Paragraph,
    Point,
    QuoteCard,
    RowRange,
    Source,
    Table,
    Wall,
    WritePair,
)
from countersign.errors import WrongForm
from countersign.render.text import anchor, number, shown

#: A node of the tree: texts, numbers, lists and further nodes only, so that it can be handed on as JSON.
Node = dict[str, Any]
#: Rows of one table that are drawn; the rest is counted in a sentence and stays in the JSON.
ROWS_DRAWN = 1_000
#: What a row of a document is called, one and several.
_CALLED = {"row": ("row", "rows"), "entry": ("entry", "entries")}
#: A page beside this one. Nothing in it can be read as another host or another kind of address.
_FILE = re.compile(r"[a-z0-9][a-z0-9-]*\.html")
#: A file of the same site, by its path from the root.
_OF_SITE = re.compile(r"\./(?:[A-Za-z0-9][A-Za-z0-9-]*/)*[A-Za-z0-9][A-Za-z0-9._-]*")
_LANGUAGE = re.compile(r"([a-z]{2,3})(?:-([A-Z]{2}))?")


#: How the words of a state or verdict are drawn, beside the words: four shapes, of which none has two meanings.
_SHAPES = {
    "met": ("met", "holds", "as promised"),
    "stated": ("stated", "holds only as stated"),
    "not-met": ("not met", "does not hold", "not as promised"),
    "not-shown": ("not shown", "cannot be checked", "neither shown nor refuted"),
}
_SHAPE_OF = {words: shape for shape, several in _SHAPES.items() for words in several}
#: Columns whose cells are states or verdicts.
_JUDGED = frozenset({"state", "verdict", "outcome"})


class CannotDraw(
    WrongForm, next_step="Correct the block that is named, in the package that made it, and draw the document again."
):
    """A document's block contradicts itself: drawing it would show something else than it says."""


def view(document: Document, up: str = "") -> Node:
    """The tree of ``document``: ``title``, ``subtitle``, ``language``, ``region``, ``contents`` and ``sections``; on a
    page of a site, ``up`` leads to its root. Raises ``CannotDraw`` if the language is no language tag or a table's row
    has another number of cells than columns.
    """
    return _Viewer(document, up).tree()


def row_place(document: str, row: int | str) -> str:
    """The identifier of a row as printed: ``row-<document>-<number>``."""
    return anchor(f"row-{document}-{row}")


class _Viewer:
    """Walks a document once, in order; knows which places exist before it makes the first link."""

    def __init__(self, document: Document, up: str) -> None:
        self.document = document
        self.up = up
        self.taken: dict[str, int] = {}
        self.level = 2
        self.row_places: set[str] = set()
        self.places = {section.id for section in document.sections}
        self.called: dict[str, str] = {}
        #: Each row drawn, by its place; of each range of several rows that is linked to, the first and last of them.
        self.rows: dict[str, Node] = {}
        self.ranges: dict[str, tuple[str, str]] = {}
        #: Names of places, as they are written: no link to a sister may take one of them.
        self.kept: set[str] = set()
        blocks = [block for section in document.sections for block in section.blocks]
        for block in [*blocks, *(block.table for block in blocks if isinstance(block, Chart))]:
            if isinstance(block, Table | Chart | Finding | Heading | Source | Point | Wall | QuoteCard):
                self.places.add(block.anchor)
            if isinstance(block, Table):
                self.places.update(block.places)
            if isinstance(block, Table) and block.rows_of:
                self.called[block.rows_of] = block.rows_called
                named = (row[0].text.strip() for row in block.rows[:ROWS_DRAWN] if row)
                self.row_places |= {row_place(block.rows_of, name) for name in named}
        self.kept = {anchor(place) for place in self.places} | self.row_places

    def tree(self) -> Node:
        tag = _LANGUAGE.fullmatch(self.document.language)
        if tag is None:
            raise CannotDraw(f"the document's language {self.document.language!r} is not a tag such as en or en-GB")
        sections = []
        for section in self.document.sections:
            self.level = 2
            place = self.place(section.id)
            blocks = _gathered([self.block(block) for block in section.blocks])
            sections.append({"id": place, "title": _titled(section.title), "blocks": blocks})
        for place, (first, last) in self.ranges.items():
            begins, ends = self.rows[first]["number"], self.rows.get(last, {"number": ROWS_DRAWN})["number"]
            self.rows[first]["marks"].append({"id": self.place(place), "first": begins, "last": ends})
        return {
            "title": _titled(self.document.title),
            "subtitle": shown(self.document.subtitle),
            "language": tag.group(1),
            "region": tag.group(2) or "",
            "contents": [{"id": section["id"], "title": section["title"]} for section in sections],
            "sections": sections,
            "about": [shown(text) for text in self.document.about],
            "sisters": [self.link(link) for link in self.document.sisters],
        }

    def place(self, wanted: str) -> str:
        """An identifier that no other place of this document has."""
        base = anchor(wanted)
        count = self.taken[base] = self.taken.get(base, 0) + 1
        return base if count == 1 else self.place(f"{base}-{count}")

    def block(self, block: Block) -> Node:
        if isinstance(block, Paragraph):
            return {"kind": "paragraph", "tone": block.tone, "text": shown(block.text)}
        if isinstance(block, Heading):
            # A level may not be left out: a reader who steps through headings would look for the missing one.
            self.level = min(block.level, self.level + 1)
            return {"kind": "heading", "level": self.level, "id": self.place(block.anchor), "text": _titled(block.text)}
        if isinstance(block, Items):
            return {"kind": "items", "numbered": block.numbered, "items": [shown(item) for item in block.items]}
        if isinstance(block, Figure):
            return self.figure(block)
        if isinstance(block, Table):
            return self.table(block)
        if isinstance(block, Chart):
            return self.chart(block)
        if isinstance(block, Finding):
            return self.finding(block)
        if isinstance(block, WritePair):
            return {"kind": "pair"} | {name: shown(getattr(block, name)) for name in block.__struct_fields__}
        if isinstance(block, Links):
            return {"kind": "links", "label": shown(block.label), "links": [self.link(link) for link in block.links]}
        if isinstance(block, Point):
            return self.point(block)
        if isinstance(block, Wall):
            return self.wall(block)
        if isinstance(block, QuoteCard):
            return self.card(block)
        return self.source(block)

    def point(self, block: Point) -> Node:
        own = {"kind": "point", "id": self.place(block.anchor), "title": _titled(block.title)}
        self.level = 3
        heading, left = self.linked(own["title"], block.links)
        text, left = self.linked(shown(block.text), left)
        return own | {"heading": heading, "text": text, "links": [self.link(link) for link in left]}

    def linked(self, text: str, links: tuple[Link, ...]) -> tuple[list[Node], tuple[Link, ...]]:
        """A text in parts, each link where its own text stands first; and the links whose text it does not have."""
        parts: list[Node] = []
        left = list(links)
        while text:
            spots = [(spot.start(), -len(link.text), link) for link in left if (spot := _alone(link.text).search(text))]
            start, _, link = min(spots, key=lambda spot: spot[:2], default=(len(text), 0, None))
            parts += [{"text": text[:start], "file": "", "target": "", "id": ""}] if start else []
            if link is None:
                break
            parts.append(self.link(link))
            left.remove(link)
            text = text[start + len(link.text) :]
        return parts, tuple(left)

    def wall(self, block: Wall) -> Node:
        own = {"kind": "wall", "id": self.place(block.anchor), "title": _titled(block.title), "note": shown(block.note)}
        phases = [
            {
                "label": shown(phase.label),
                "squares": [
                    {"name": shown(square.id), "says": shown(square.title), "state": square.state}
                    | {"link": self.link(square.link) | {"text": ""}}
                    for square in phase.squares
                ],
            }
            for phase in block.phases
        ]
        return own | {"phases": phases}

    def card(self, block: QuoteCard) -> Node:
        own = {"kind": "card", "id": self.place(block.anchor), "card": block}
        text, left = self.linked(shown(block.text), block.links)
        return own | {"text": text, "links": [self.link(link) for link in left]}

    def link(self, link: Link) -> Node:
        """A link as text, file and place. The first that leads from here to a place in a sister, of a name that no
        place here has, is that place here (``id``): an address of the time when both were one file leads to it.
        """
        text = shown(link.text) or shown(link.anchor)
        if not link.file:
            return {"text": text, "file": "", "target": self.target(link.anchor), "id": ""}
        if page := self.of_site(link.file):
            return {"text": text, "file": page, "target": anchor(link.anchor) if link.anchor else "", "id": ""}
        if not _FILE.fullmatch(link.file):
            raise CannotDraw(f"the link {text!r} leads to {link.file!r}, which is not the plain name of a page")
        place = anchor(link.anchor) if link.anchor else ""
        own = place if place and place not in self.kept and place not in self.taken else ""
        if own:
            self.taken[own] = 1
        return {"text": text, "file": link.file, "target": place, "id": own}

    def of_site(self, link: str) -> str:
        """The way to a file of the same site; nothing for a link of another sort."""
        return f"{self.up}{link.removeprefix('./')}" if _OF_SITE.fullmatch(link) else ""

    def figure(self, block: Figure) -> Node:
        texts = {name: shown(getattr(block, name)) for name in ("label", "value", "interval", "method", "note")}
        counts = " in ".join(number(amount) for amount in (block.events, block.trials) if amount is not None)
        counts = "" if block.events is None else counts
        return {"kind": "figure", **texts, "counts": counts, "rows": self.links(block.rows)}

    def table(self, block: Table) -> Node:
        place = self.place(block.anchor)
        rows = []
        for index, row in enumerate(block.rows[:ROWS_DRAWN], 1):
            if len(row) != len(block.columns):
                cells = f"{len(row)} cells for {len(block.columns)} columns"
                raise CannotDraw(f"table {block.anchor!r}, row {index}: {cells}")
            wanted = "".join(block.places[index - 1 : index])
            wanted = row_place(block.rows_of, row[0].text.strip()) if block.rows_of else wanted
            place_of_row = self.place(wanted) if wanted else ""
            rows.append({"id": place_of_row, "number": index, "marks": [], "cells": self.cells(row, block.columns)})
            if block.rows_of:
                self.rows[place_of_row] = rows[-1]
        note = shown(block.note)
        if len(block.rows) > ROWS_DRAWN:
            drawn = (
                f"The first {ROWS_DRAWN:,} of {len(block.rows):,} rows are drawn; the JSON of this report holds all."
            )
            note = f"{drawn} {note}".strip()
        columns = [{"label": shown(column.label), "end": column.align == "end"} for column in block.columns]
        return {
            "kind": "table",
            "id": place,
            "caption": shown(block.caption) or "The numbers",
            "columns": columns,
            "rows": rows,
            "note": note,
            "fold": block.fold,
            "long": len(rows) > 30,
        }

    def cells(self, row: tuple[Cell, ...], columns: tuple[Column, ...]) -> list[Node]:
        """The cells of a row. Ranges that an earlier cell of the row links to already are not linked again."""
        named: set[tuple[RowRange, ...]] = set()
        nodes = []
        for cell, column in zip(row, columns, strict=True):
            nodes.append(self.cell(cell, () if cell.rows in named else cell.rows))
            nodes[-1]["shape"] = _SHAPE_OF.get(cell.text.lower(), "") if column.key in _JUDGED else ""
            named.add(cell.rows)
        return nodes

    def cell(self, cell: Cell, ranges: tuple[RowRange, ...]) -> Node:
        file, target, address = "", "", ""
        named, _, place = (cell.link or "").partition("#")
        if page := self.of_site(cell.link or ""):
            file = page
        elif cell.link is not None and not named:
            target = self.target(place)
        elif place and _FILE.fullmatch(named):
            file, target = named, anchor(place)
        elif cell.link is not None:
            address = shown(cell.link)
        said = {"text": shown(cell.text), "file": file, "target": target, "address": address}
        return {**said, "rows": self.links(ranges)}

    def chart(self, block: Chart) -> Node:
        return {
            "kind": "chart",
            "id": self.place(block.anchor),
            "title": _titled(block.title),
            "alternative": shown(block.alternative) or _titled(block.title),
            "chart": block,
            "table": self.table(block.table),
        }

    def finding(self, block: Finding) -> Node:
        return {
            "kind": "finding",
            "id": self.place(block.anchor),
            "level": self.level + 1,
            "status": shown(block.status),
            "shape": _SHAPE_OF.get(block.status.lower(), ""),
            "title": _titled(block.title),
            "text": shown(block.text),
            "details": [[shown(term), shown(text)] for term, text in block.details],
            "rows": self.links(block.rows),
            "fold": block.fold,
        }

    def source(self, block: Source) -> Node:
        published = (("Published by", block.publisher), ("Date", block.published), ("Address", block.address))
        parts = (*published, ("SHA-256", block.sha256), ("Note", block.note))
        said = [[term, shown(text)] for term, text in parts if text]
        return {"kind": "source", "id": self.place(block.anchor), "title": _titled(block.title), "parts": said}

    def target(self, wanted: str) -> str:
        """The place of this name if the document has one, else nothing."""
        place = anchor(wanted)
        return place if place in self.row_places or wanted in self.places else ""

    def links(self, ranges: tuple[RowRange, ...]) -> list[Node]:
        """Each range as words and a place: ``rows 1–180``, and further ranges of the same document as ``183``.
        ``before`` is the document's name, where the report shows the rows of several.
        """
        nodes: list[Node] = []
        for index, part in enumerate(ranges):
            span = f"{part.first:,}" if part.first == part.last else f"{part.first:,}–{part.last:,}"
            begins = index == 0 or ranges[index - 1].document != part.document
            if begins:
                alone = part.first == part.last and (
                    index + 1 == len(ranges) or ranges[index + 1].document != part.document
                )
                span = f"{_CALLED[self.called.get(part.document, 'row')][0 if alone else 1]} {span}"
            before = shown(part.document) if begins and len(self.called) > 1 else ""
            first, last = (row_place(part.document, row) for row in (part.first, part.last))
            row = first if first in self.row_places else ""
            target = row
            if row and part.first != part.last:
                target = anchor(f"rows-{part.document}-{part.first}-{part.last}")
                self.ranges[target] = (first, last)
            nodes.append({"before": before, "text": span, "target": target, "row": row})
        return nodes


def _alone(text: str) -> re.Pattern[str]:
    """A text that is no part of a longer word or number."""
    return re.compile(rf"(?<![\w.,]){re.escape(text)}(?!\w|[.,]\d)")


def _titled(text: str) -> str:
    """A title in words: an empty heading would be announced as one, and say nothing."""
    return shown(text) or "Without a title"


def _gathered(blocks: list[Node]) -> list[Node]:
    """Figures that follow each other as one group, so that they can stand side by side. A chart or table right under a
    heading of the same words is marked ``named``: its own title need not be seen twice.
    """
    gathered: list[Node] = []
    for block in blocks:
        before = gathered[-1] if gathered else {"kind": "nothing"}
        if block["kind"] in ("chart", "table"):
            own = block["title"] if block["kind"] == "chart" else block["caption"]
            block["named"] = before["kind"] == "heading" and before["text"] == own
        if block["kind"] != "figure":
            gathered.append(block)
        elif gathered and gathered[-1]["kind"] == "figures":
            gathered[-1]["figures"].append(block)
        else:
            gathered.append({"kind": "figures", "figures": [block]})
    return gathered
