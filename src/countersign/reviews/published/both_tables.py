"""A table in both readings: rows that a correction changes stand twice, as corrected and as printed.

>>> read = Table("t", "", (), ((Cell("2023"), Cell("23")), (Cell("2025"), Cell("112"))))
>>> printed = Table("t", "", (), ((Cell("2023"), Cell("24")), (Cell("2025"), Cell("112"))))
>>> [[cell.text for cell in row] for row in both_readings(read, printed).rows]
[['2023, as corrected', '23'], ['2023, as printed', '24'], ['2025', '112']]
"""

from __future__ import annotations

import msgspec

from countersign.document import Cell, Table

_Cells = tuple[Cell, ...]


def both_readings(read: Table, printed: Table, *, keys: int = 1) -> Table:
    """``read`` with the rows of ``printed`` that differ beside its own; the first ``keys`` cells name a row.

    Rows only in one reading are marked too, those only in ``printed`` stand last.
    """
    others = {_key(row, keys): row for row in printed.rows}
    rows: list[_Cells] = []
    for row in read.rows:
        other = others.pop(_key(row, keys), None)
        if other is not None and [cell.text for cell in row] == [cell.text for cell in other]:
            rows.append(row)
            continue
        rows.append(_marked(row, "as corrected"))
        if other is not None:
            rows.append(_marked(other, "as printed"))
    rows += [_marked(row, "as printed") for row in others.values()]
    return msgspec.structs.replace(read, rows=tuple(rows))


def _key(row: _Cells, keys: int) -> tuple[str, ...]:
    return tuple(cell.text for cell in row[:keys])


def _marked(row: _Cells, reading: str) -> _Cells:
    first = msgspec.structs.replace(row[0], text=f"{row[0].text}, {reading}", number=None)
    return (first, *row[1:])
