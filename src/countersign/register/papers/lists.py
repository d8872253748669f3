"""A watchlist from its file, with a map of its headings where they are others than a manifest's.

The map has the form of other column maps (``docs/formats/column-maps.md``). What a manifest may not see is taken out of
the list at its source: a map of a list has no ``ignore``.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from countersign.deployments.watchlist import CHECK, NEEDED, OPTIONAL, Listing, ListMalformed, read_list
from countersign.inputs import LARGE_BYTES, read_input

_KEYS = ("title", "publisher", "published", "address", "none", "columns", "constants")


def listing_of(file: Path, columns: Path | None = None) -> tuple[Listing, str]:
    """A watchlist from a CSV file, and the file's SHA-256; ``columns``: a map of its headings. Raises ``ListMalformed``
    and, for the map, ``WrongMap``."""
    data = read_input(file, LARGE_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ListMalformed(f"{file}: is not text in UTF-8") from None
    return read_list(text, None if columns is None else _renaming(columns)), sha256(data).hexdigest()


def _renaming(path: Path) -> Callable[[list[list[str]]], list[list[str]]]:
    """What gives the rows of a list, header first, the names of a manifest's columns by the map in a file. Raises
    ``WrongMap`` at once, or for a heading that is not there."""
    # Imported here: most lists have the headings of a manifest, and this reads whole published documents.
    from countersign.published.table.columns import fold
    from countersign.published.table.maps import ColumnMap, MapKind, WrongMap, read_map

    page = "docs/formats/deployment-watchlist.md"
    columns = read_map(path, MapKind("a map of a watchlist", (*NEEDED, *OPTIONAL), page, _KEYS, CHECK))

    def named(heading: str, columns: ColumnMap) -> str:
        theirs = (name for name in columns.columns if fold(heading) in map(fold, columns.headings_of(name)))
        return next(theirs, heading)

    def renamed(rows: list[list[str]]) -> list[list[str]]:
        header = [named(heading, columns) for heading in rows[0]]
        there = set(map(fold, rows[0]))
        for name in columns.columns:
            if there.isdisjoint(map(fold, columns.headings_of(name))):
                wanted = " or ".join(map(repr, columns.headings_of(name)))
                raise WrongMap(f"{path}: the list has no heading {wanted} for {name}")
        if twice := [name for name in columns.constants if name in header]:
            raise WrongMap(f"{path}: {twice[0]} is given a constant, and the list has a column for it")
        constants = list(columns.constants.values())
        cells = ([cell if cell not in columns.none else "" for cell in row] + constants for row in rows[1:])
        return [header + list(columns.constants), *cells]

    return renamed
