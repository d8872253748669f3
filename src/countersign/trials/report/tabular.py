"""Rows and columns of a report's tables, from plain values and labels.

>>> cells(["a", 3])
(Cell(text='a', number=None, rows=(), link=None), Cell(text='3', number=3, rows=(), link=None))
>>> [column.align for column in columns("Group", "Errors>")]
['start', 'end']
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.document import Cell, Column


def cells(values: Sequence[str | int | float]) -> tuple[Cell, ...]:
    """A row of a table: numbers keep their value, and print with separators."""
    return tuple(Cell(value) if isinstance(value, str) else Cell(f"{value:,}", value) for value in values)


def columns(*labels: str) -> tuple[Column, ...]:
    """Columns by label; a label that ends in ``>`` is aligned to the end."""
    return tuple(
        Column(f"c{place}", label.rstrip(">"), "end" if label.endswith(">") else "start")
        for place, label in enumerate(labels)
    )
