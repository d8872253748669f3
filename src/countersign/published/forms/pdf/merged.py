"""Cells of a page that hold for several rows, as its rules show: merged cells, and groups of rows between rules.

Between two rows a merged cell has no rule where the other columns have one. Where rules stand only between groups of
rows, and each group prints a column once, that text holds for its group. A blank cell with a rule above it is blank,
and where no rule is drawn nothing is carried. A count that is merged is for all of its rows together, and is given to
none of them.

>>> groups([True, False, False]), groups([False, False])
([[0, 1], [2], [3]], [[0], [1], [2]])
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from countersign.published.forms.pdf.headings import Cells, Headings
from countersign.published.forms.pdf.page import Rule
from countersign.published.table.shapes import held_by_all


def groups(joined: Sequence[bool]) -> list[list[int]]:
    """Rows gathered where the boundary after a row joins it to the next."""
    made = [[0]]
    for at, together in enumerate(joined, start=1):
        if together:
            made[-1].append(at)
        else:
            made.append([at])
    return made


def carried(
    found: Sequence[Cells], middles: Sequence[float], headings: Headings, across: Sequence[Rule]
) -> list[Cells]:
    """The cells of the rows of one page under the same headings, what holds for several of them given to each."""
    if len(found) < 2 or not across:
        return list(found)
    centres = [(leaf.x0 + leaf.x1) / 2 for leaf in headings.leaves]
    ruled = [_covered(centres, across, *pair) for pair in pairwise(middles)]
    boundary = [2 * sum(covered) >= len(centres) for covered in ruled]
    texts = [list(cells.texts) for cells in found]
    for at, use in enumerate(headings.uses):
        if use is None:
            continue
        merged = groups([ruled_here and not covered[at] for ruled_here, covered in zip(boundary, ruled, strict=True)])
        between = groups([not ruled_here for ruled_here in boundary])
        grouped = between if _printed_once(between, texts, at) and held_by_all(use) else []
        for group in [*merged, *grouped]:
            printed = [texts[row][at] for row in group if texts[row] and texts[row][at]]
            if len(group) < 2 or len(printed) != 1 or not all(texts[row] for row in group):  # a row in doubt has none
                continue
            text = printed[0] if held_by_all(use) else f"{printed[0]} for {len(group)} rows together"
            for row in group:
                texts[row][at] = text
    return [cells._replace(texts=tuple(row)) for cells, row in zip(found, texts, strict=True)]


def _covered(centres: Sequence[float], across: Sequence[Rule], above: float, below: float) -> list[bool]:
    """Over which columns a rule lies between two heights."""
    between = [rule for rule in across if above < rule.at < below]
    return [any(rule.low - 1 <= centre <= rule.high + 1 for rule in between) for centre in centres]


def _printed_once(between: Sequence[Sequence[int]], texts: Sequence[Sequence[str]], at: int) -> bool:
    """Whether rules make several groups, one of several rows at least, and each prints the column once, at its top."""
    if len(between) < 2 or all(len(group) == 1 for group in between):
        return False
    printed = [[row for row in group if texts[row] and texts[row][at]] for group in between]
    return all(rows == group[:1] for rows, group in zip(printed, between, strict=True))
