"""The mark on every figure that comes from an OCR layer: text a program recognised under a scan, which nobody checked.

Numbers in tables, figures, charts and sentences of the sections that hold figures are marked, and so are the lines of
``review.json`` (``ocr_layer``). What stands on rows of other documents alone is not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from countersign.document import (
    Cell,
    Chart,
    Figure,
    Finding,
    FunnelStage,
    IntervalMark,
    Items,
    Paragraph,
    Point,
    QuoteCard,
    Table,
)
from countersign.reviews.result import ReviewResult
from countersign.words.numbers import marked_text

#: Sections that hold figures of the rows; the others hold duties, methods and sources.
SECTIONS = frozenset(
    {"first-page", "accuracy", "groups", "claims", "creep", "faults", "sensitivity", "rows"}
)  # fmt: skip
#: The texts of each kind of block that can hold figures.
_TEXTS: dict[type, tuple[str, ...]] = {
    Cell: ("text",), Figure: ("value", "interval"), Paragraph: ("text",), Finding: ("title", "text"),
    FunnelStage: ("label",), IntervalMark: ("label",), Chart: ("alternative",), Point: ("title", "text"),
    QuoteCard: ("figure", "unconfirmed", "interval"),
}  # fmt: skip
Result = TypeVar("Result", bound=ReviewResult[Any])


def marked(result: Result, documents: frozenset[str]) -> Result:
    """The review with a mark on every figure that rows of these documents are part of."""
    if not documents:
        return result
    sections = tuple(
        _marked(section, documents) if section.id in SECTIONS else section for section in result.document.sections
    )
    lines = {name: _marked(getattr(result.model, name), documents) for name in result.model.__struct_fields__}
    lines |= {"sections": sections, "summary": tuple(map(marked_text, result.model.summary))}
    lines |= {"duties": result.model.duties, "sources": result.model.sources}
    model = type(result.model)(**lines)
    brief = msgspec.structs.replace(result.brief, sections=_marked(result.brief.sections, documents))
    evidence = msgspec.structs.replace(result.document, sections=sections)
    return replace(result, model=msgspec.structs.replace(model, brief=brief.sections), document=evidence, brief=brief)


def _marked(value: Any, documents: frozenset[str]) -> Any:
    if isinstance(value, tuple):
        return tuple(_marked(item, documents) for item in value)
    if not isinstance(value, msgspec.Struct):
        return value
    rows = getattr(value, "rows", ())
    if isinstance(rows, tuple) and rows and all(getattr(part, "document", "") not in ("", *documents) for part in rows):
        return value
    if isinstance(value, Table) and value.rows_of:
        return _marked_rows(value) if value.rows_of in documents else value
    fields = {name: _marked(getattr(value, name), documents) for name in value.__struct_fields__}
    for name in _TEXTS.get(type(value), ()):
        fields[name] = marked_text(fields[name])
    if isinstance(value, Items):
        fields["items"] = tuple(map(marked_text, value.items))
    if "ocr_layer" in fields:
        fields["ocr_layer"] = True
    return type(value)(**fields)


def _marked_rows(table: Table) -> Table:
    """A table of a document's rows: every cell but the first, which is the row's number and its place on the page."""
    rows = tuple(
        (row[0], *(msgspec.structs.replace(cell, text=marked_text(cell.text)) for cell in row[1:]))
        for row in table.rows
    )
    return msgspec.structs.replace(table, rows=rows)
