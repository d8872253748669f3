"""JSON: a list of records, records under a key, lines of records, lists by column, and GeoJSON features.

Names are read as headings. Objects inside a record are taken apart ("location" with "name" is the heading "location
name"). Coordinates are not read. A number is read as it is written.

>>> record = read_json(b'[{"Date": "11/06/2024", "Location": "Dagenham", "Alerts": 9}]', "a.json")
>>> record.rows[0].alerts
9
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from countersign.errors import WrongForm
from countersign.published.files import digest
from countersign.published.table.grids import About, record_of
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.record import Record
from countersign.published.table.rows import MOST_ROWS, TooManyRows
from countersign.published.table.shapes import Grid

#: How deep objects inside a record are taken apart.
DEEPEST = 4


class WrongJson(
    WrongForm,
    next_step="Give a file with a list of records, each with the same names: docs/formats/sources.md shows one.",
):
    """A JSON file is broken, or holds no list of records."""


def read_json(content: bytes, name: str, *, columns: ColumnMap = NO_MAP) -> Record:
    """Read a file of records. Raises ``WrongJson``, and what ``record_of`` raises."""
    return record_of(grids_of_json(content, name), About(name, "json", digest(content)), columns)


def grids_of_json(content: bytes, name: str) -> list[Grid]:
    """The lists of records in a file. Raises ``WrongJson`` or ``TooManyRows``."""
    lists = _lists(_parsed(content, name))
    if not lists:
        raise WrongJson(f"{name}: there is no list of records in it")
    return [grid_of_records(records, key if len(lists) > 1 else "", name) for key, records in lists.items()]


def grid_of_records(records: list[dict[str, Any]], key: str, name: str) -> Grid:
    """Records as a grid: their names in order of appearance, and a row each. Raises ``TooManyRows``."""
    if len(records) > MOST_ROWS:
        raise TooManyRows(f"{name}: it has more than {MOST_ROWS:,} records")
    flat = [dict(_flat(record, "", DEEPEST)) for record in records]
    headings = tuple(dict.fromkeys(heading for record in flat for heading in record))
    rows = (headings, *(tuple(record.get(heading, "") for heading in headings) for record in flat))
    return Grid(key, None, rows, tuple(range(len(rows))), kind="list", word="record", keep_printed=False)


def _parsed(content: bytes, name: str) -> Any:
    try:
        text = content.decode("utf-8-sig")
        try:
            return json.loads(text, parse_float=str, parse_constant=str)
        except json.JSONDecodeError:
            lines = [line for line in text.splitlines() if line.strip()]
            if len(lines) < 2:
                raise
            return [json.loads(line, parse_float=str, parse_constant=str) for line in lines]
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise WrongJson(f"{name}: this is not JSON: {error}") from error


def _lists(value: Any, key: str = "records", depth: int = DEEPEST) -> dict[str, list[dict[str, Any]]]:
    """Every list of records in a value, by the name it stands under; features of GeoJSON by their properties."""
    if isinstance(value, list):
        records = [item for item in value if isinstance(item, dict)]
        if not records or len(records) < len(value):
            return {}
        if all("properties" in item and item.get("type") == "Feature" for item in records):
            records = [item["properties"] for item in records if isinstance(item["properties"], dict)]
        return {key: records}
    if not isinstance(value, dict) or depth == 0:
        return {}
    columns = {
        name: held
        for name, held in value.items()
        if isinstance(held, list) and not any(isinstance(item, list | dict) for item in held)
    }
    if len(columns) >= 2 and len({len(held) for held in columns.values()}) == 1:
        length = len(next(iter(columns.values())))
        return {key: [{name: held[at] for name, held in columns.items()} for at in range(length)]}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, held in value.items():
        found |= _lists(held, name, depth - 1)
    return found


def _flat(value: Mapping[str, Any], before: str, depth: int) -> list[tuple[str, str]]:
    cells: list[tuple[str, str]] = []
    for name, held in value.items():
        heading = f"{before} {name}".strip()
        if isinstance(held, dict) and depth:
            cells += _flat(held, heading, depth - 1)
        elif held is None:
            cells.append((heading, ""))
        elif isinstance(held, bool):
            cells.append((heading, str(held).lower()))
        else:
            cells.append((heading, str(held)))
    return cells
