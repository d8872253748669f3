"""How a table is fitted on paper: the width of each column, the size of type, the page upright or turned.

Widths are in characters of the shipped font, a little on the wide side. A column's least width is that of its longest
word; its wanted width fits nine in ten of its cells without wrapping. The first page and size that hold what is wanted
are taken; else the first that hold the least, and what is left over is shared by what each column wants beyond that.

>>> shared([(4, 4), (6, 30)], 20)
[4.0, 16.0]
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.render.text import BREAK_EVERY, LONG_WORD
from countersign.render.view import Node

#: Sizes of type in points, and the characters that then fit across a page upright, or on its side. The smallest upright
#: is only for a table of a few rows.
UPRIGHT = ((8.0, 100), (7.0, 114), (6.2, 129))
SMALLEST_UPRIGHT = (5.6, 143)
TURNED = ((7.0, 183), (6.2, 206), (5.6, 228), (5.0, 255))
#: No column asks for more than this many characters; longer cells wrap.
MOST_CHARACTERS = 36
#: A table of fewer rows stays on the upright page if its words fit: a page of its own would be mostly empty.
TURNED_FROM_ROWS = 12
#: Rows stay whole at the foot of a page unless a cell has more lines than this, and might be higher than a page.
WHOLE_LINES = 30
#: The room between columns, in characters.
_BETWEEN = 2


def fit(table: Node) -> None:
    """Set ``turned``, ``size``, ``shares`` (none if the columns may keep their natural width) and ``whole``."""
    columns = [_widths(table, at) for at in range(len(table["columns"]))]
    least, wanted = (sum(column[side] for column in columns) for side in (0, 1))
    choices = [(False, size, characters, wanted) for size, characters in UPRIGHT]
    if len(table["rows"]) > TURNED_FROM_ROWS:
        choices += [(True, size, characters, wanted) for size, characters in TURNED[:-1]]
    else:
        choices += [(False, size, characters, least) for size, characters in (*UPRIGHT, SMALLEST_UPRIGHT)]
    choices += [(True, size, characters, least) for size, characters in TURNED]
    holding = (choice for choice in choices if choice[3] <= choice[2])
    turned, size, characters, _ = next(holding, choices[-1])
    natural = wanted <= characters * 0.75
    widths = [float(want) for _, want in columns] if natural else shared(columns, characters)
    cells = (pair for row in table["rows"] for pair in zip(row["cells"], widths, strict=True))
    longest = max((len(cell["text"]) / max(width, 1.0) for cell, width in cells), default=0.0)
    table["turned"], table["size"] = turned, size
    table["shares"] = [] if natural else widths
    table["whole"] = longest <= WHOLE_LINES


def on_paper(blocks: Sequence[Node]) -> list[Node]:
    """Blocks in the order of the page: a chart's table follows it, and what needs a page on its side is gathered.

    Tables on their side that follow each other share pages, and a heading goes with the table under it.
    """
    flat: list[Node] = []
    for block in blocks:
        flat.append(block)
        if block["kind"] == "chart":
            flat.append(block.pop("table"))
        if flat[-1]["kind"] == "table":
            fit(flat[-1])
    paged: list[Node] = []
    for at, block in enumerate(flat):
        after = flat[at + 1] if at + 1 < len(flat) else {}
        heads = block["kind"] == "heading" and after.get("turned", False)
        if not heads and not block.get("turned", False):
            paged.append(block)
        elif paged and paged[-1]["kind"] == "turned":
            paged[-1]["blocks"].append(block)
        else:
            paged.append({"kind": "turned", "blocks": [block]})
    return paged


def shared(columns: Sequence[tuple[int, int]], characters: int) -> list[float]:
    """The width of each of ``columns`` (least, wanted): the least, and its share of what is left over."""
    least = sum(column[0] for column in columns)
    beyond = sum(column[1] - column[0] for column in columns) or 1
    spare = max(characters - least, 0)
    return [float(low + spare * (want - low) / beyond) for low, want in columns]


def _widths(table: Node, at: int) -> tuple[int, int]:
    """The least and the wanted width of a column, with the room beside it."""
    cells = [row["cells"][at] for row in table["rows"]]
    texts = [cell["text"] for cell in cells]
    lengths = sorted(map(len, texts)) or [0]
    # One or two long cells may wrap; in a short table the longest but one decides, or the only one.
    usual = lengths[max(len(lengths) * 9 // 10 - 1, 0)]
    words = [word for text in [*texts, table["columns"][at]["label"]] for word in text.split()]
    links = [link for cell in cells for link in cell["rows"]]
    parts = [len(part) for link in links for part in (link["before"], link["text"])]
    least = max([BREAK_EVERY if len(word) >= LONG_WORD else len(word) for word in words] + parts, default=1)
    linked = max((len(link["before"]) + len(link["text"]) for link in links), default=0)
    wanted = min(max(usual, linked), MOST_CHARACTERS)
    return least + _BETWEEN, max(least, wanted) + _BETWEEN
