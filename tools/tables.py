"""The tables in pages that people write: each stands between two marks, and ``make generate`` writes it again.

>>> filled("<!-- generated: exit-codes -->\\nold\\n<!-- end -->\\n").splitlines()[1:3]
['| code | meaning |', '| ---: | --- |']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from countersign.errors import EXIT_CODES
from countersign.published.table.measures import MEASURES, QUANTITIES
from countersign.published.table.record import COLUMNS

_MARKED = re.compile(r"(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def table(head: str, lines: Iterable[tuple[object, ...]], rule: str = "") -> str:
    """A table in Markdown, from its heads (with bars between) and the cells of each line."""
    rows = [f"| {' | '.join(map(str, cells))} |" for cells in lines]
    return "\n".join([f"| {head} |", rule or f"|{' --- |' * (head.count('|') + 1)}", *rows]) + "\n"


#: The name in a mark: what makes the table.
TABLES: dict[str, Callable[[], str]] = {
    "columns": lambda: table(
        "column | kind | meaning", ((f"`{column.name}`", column.kind, column.meaning) for column in COLUMNS)
    ),
    "exit-codes": lambda: table("code | meaning", EXIT_CODES.items(), rule="| ---: | --- |"),
    "quantities": lambda: table("quantity | sum of", ((f"`{name}`", label) for name, label in QUANTITIES.items())),
    "measures": lambda: table("quantity | rate", ((f"`{name}`", entry.label) for name, entry in MEASURES.items())),
}


def filled(page: str) -> str:
    """A page with each table between marks made anew. Raises ``KeyError`` for a mark that names none."""
    return _MARKED.sub(lambda mark: f"{mark[1]}{TABLES[mark[2]]()}{mark[3]}", page)
