"""The records that ship with Countersign: named ``shipped:met`` and so on wherever a source is asked for.

- ``met``: the Metropolitan Police's published deployments, February 2020 to July 2025 (324 rows of three documents);
- ``met-later``: its deployments to April 2026 (214 rows), a secondary transcription; cameras fixed in Croydon are a
  document of their own, of another system than vans;
- ``btp``: British Transport Police, February to August 2026 (22 rows of its register);
- ``thames-valley``: Thames Valley Police (three rows of a web page);
- ``essex``: Essex Police, two periods as the press reported them, without single deployments;
- ``south-wales``: two deployments of South Wales Police, from the judgments in R (Bridges).

Each but the first two comes with its column map, as an example for its form.

>>> (shipped("met") / "datapackage.json").is_file()
True
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from countersign.errors import WrongForm
from countersign.words.lists import listing

#: The prefix by which a source names a shipped record.
PREFIX = "shipped:"
#: The word that asks for the shipped file of a kind (claims, corrections, groups) instead of a path.
SHIPPED_WORD = "shipped"
NAMES: tuple[str, ...] = ("met", "met-later", "btp", "thames-valley", "essex", "south-wales")


class NotShipped(WrongForm):
    """A source names a shipped record that does not exist."""

    code = "not-shipped"
    next_step = "Name one of the shipped records, or give the path of a file."


def shipped(name: str) -> Path:
    """The folder of a shipped record. Raises ``NotShipped``."""
    if name not in NAMES:
        raise NotShipped(f"{PREFIX}{name}: there is no such shipped record; there are {listing(NAMES)}")
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
