"""The records that ship with Countersign: named ``shipped:met`` and ``shipped:south-wales`` wherever a source is asked.

``met``: the Metropolitan Police's published deployments, February 2020 to July 2025 (324 rows of three documents).
``south-wales``: two deployments of South Wales Police, from the judgments in R (Bridges), as a small example of another
force's headings read with a column map.

>>> (shipped("met") / "datapackage.json").is_file()
True
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from countersign.errors import WrongForm

#: The prefix by which a source names a shipped record.
PREFIX = "shipped:"
#: The word that asks for the shipped file of a kind (claims, corrections, groups) instead of a path.
SHIPPED_WORD = "shipped"
NAMES: tuple[str, ...] = ("met", "south-wales")


class NotShipped(WrongForm):
    """A source names a shipped record that does not exist."""

    code = "not-shipped"
    next_step = "Name one of the shipped records, or give the path of a file."


def shipped(name: str) -> Path:
    """The folder of a shipped record. Raises ``NotShipped``."""
    if name not in NAMES:
        raise NotShipped(f"{PREFIX}{name}: there is no such shipped record; there are {' and '.join(NAMES)}")
    return Path(str(resources.files("countersign"))) / "data" / name


def beside(given: str | Path, name: str, sources: Sequence[str | Path]) -> Path:
    """The file given; for the word "shipped" the one of this name beside the first shipped source, else the Met's.

    Raises ``NotShipped`` where no such file ships with that record.
    """
    if given != SHIPPED_WORD:
        return Path(given)
    named = [source.removeprefix(PREFIX) for source in sources if isinstance(source, str) and source.startswith(PREFIX)]
    record = named[0] if named else "met"
    path = shipped(record) / name
    if not path.is_file():
        raise NotShipped(f"{PREFIX}{record}: no {name} ships with this record")
    return path
