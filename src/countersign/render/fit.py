"""Tables fitted to the room they have: as they are, turned round, or each row written out, on paper and on a page.

Widths are in characters, a little on the wide side. A column's least width is that of its longest word; its wanted
width fits nine in ten of its cells without wrapping. Where all columns have their least, the rest is shared by what
each wants; else a table of few rows is turned, and the rows of another are written out.

>>> shared([(4, 4), (6, 30)], 20)
[4.0, 16.0]
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.render.text import BREAK_EVERY, LONG_WORD
from countersign.render.view import Node

#: The size of type in tables, in points, and the characters of it that fit across a page. Nothing is smaller.
SIZE, CHARACTERS = 8.0, 100
#: No column asks for more than this many characters; longer cells wrap.
MOST_CHARACTERS = 36
#: A table of at most so many rows is turned round, columns for rows, before its rows are written out.
FEW_ROWS = 8
#: Rows stay whole at the foot of a page unless a cell has more lines than this, and might be higher than a page.
WHOLE_LINES = 30
#: The room between columns, in characters.
_BETWEEN = 2


def fit(table: Node) -> None:
    """Set ``form``: ``table`` with its ``shares`` (none if the columns may keep their natural width) and whether rows
    stay ``whole``; or ``records``, where not even the longest words of all columns fit beside each other. Then each row
    is written out, each cell after its column's label. No page is turned.
    """
    columns = _turned_if_it_fits(table)
    if sum(least for least, _ in columns) > CHARACTERS:
        table["form"] = "records"
        return
    natural = sum(wanted for _, wanted in columns) <= CHARACTERS * 0.75
    widths_of = [float(wanted) for _, wanted in columns] if natural else shared(columns, CHARACTERS)
    cells = (pair for row in table["rows"] for pair in zip(row["cells"], widths_of, strict=True))
    longest = max((len(cell["text"]) / max(width, 1.0) for cell, width in cells), default=0.0)
    table |= {"form": "table", "shares": [] if natural else widths_of, "whole": longest <= WHOLE_LINES}


def fit_page(table: Node, kept: int) -> int:
    """Turn a table of a page as on paper, unless links lead to its rows; the characters under which its rows stack.
    Texts of fewer characters than ``kept`` are kept on one line there.
    """
    led_to = any(row["id"] or row["marks"] for row in table["rows"])
    columns = _columns(table, kept) if led_to else _turned_if_it_fits(table, kept)
    return sum(least for least, _ in columns)


def _turned_if_it_fits(table: Node, kept: int = 0) -> list[tuple[int, int]]:
    """Turn a table that is too broad and has few rows, if that helps; the least and wanted widths of its columns."""
    columns = _columns(table, kept)
    if sum(least for least, _ in columns) > CHARACTERS and 1 < len(table["rows"]) <= FEW_ROWS:
        turned = _turned(table)
        widths = _columns(turned, kept)
        if sum(least for least, _ in widths) <= CHARACTERS:
            table |= turned
            return widths
    return columns


def _columns(table: Node, kept: int) -> list[tuple[int, int]]:
    return [_widths(table, at, kept) for at in range(len(table["columns"]))]


def _turned(table: Node) -> Node:
    """The columns and rows of a table with each taking the other's place; a row's place is its column's then. What
    the first cells stand on is a row of its own at the end. What stood in the corner names the head row now.
    """
    first, *labels = (column["label"] for column in table["columns"])
    heads = [{"label": "", "corner": first, "end": False, "id": ""}]
    heads += [{"label": row["cells"][0]["text"], "end": True, "id": row["id"]} for row in table["rows"]]
    blank = {"file": "", "target": "", "address": "", "rows": [], "shape": ""}
    rows = [
        {"id": "", "marks": [], "cells": [{"text": label, **blank}, *(row["cells"][at] for row in table["rows"])]}
        for at, label in enumerate(labels, 1)
    ]
    stands_on = [{"text": "", **blank, "rows": row["cells"][0]["rows"]} for row in table["rows"]]
    if any(cell["rows"] for cell in stands_on):
        rows.append({"id": "", "marks": [], "cells": [{"text": "Source rows", **blank}, *stands_on]})
    return {"columns": heads, "rows": rows}


def shared(columns: Sequence[tuple[int, int]], characters: int) -> list[float]:
    """The width of each of ``columns`` (least, wanted): the least, and its share of what is left over."""
    least = sum(column[0] for column in columns)
    beyond = sum(column[1] - column[0] for column in columns) or 1
    spare = max(characters - least, 0)
    return [float(low + spare * (want - low) / beyond) for low, want in columns]


def _widths(table: Node, at: int, kept: int) -> tuple[int, int]:
    """The least and the wanted width of a column, with the room beside it."""
    cells = [row["cells"][at] for row in table["rows"]]
    texts = [cell["text"] for cell in cells]
    lengths = sorted(map(len, texts)) or [0]
    # One or two long cells may wrap; in a short table the longest but one decides, or the only one.
    usual = lengths[max(len(lengths) * 9 // 10 - 1, 0)]
    words = [word for text in [*texts, table["columns"][at]["label"]] for word in text.split()]
    words += [text for text in texts if len(text) < kept]
    links = [link for cell in cells for link in cell["rows"]]
    parts = [len(part) for link in links for part in (link["before"], link["text"])]
    least = max([BREAK_EVERY if len(word) >= LONG_WORD else len(word) for word in words] + parts, default=1)
    linked = max((len(link["before"]) + len(link["text"]) for link in links), default=0)
    wanted = min(max(usual, linked), MOST_CHARACTERS)
    return least + _BETWEEN, max(least, wanted) + _BETWEEN
