"""The kinds of entry a programme and its deployments are made of, and the noun under which each is read.

A kind is ``<group>.<noun>``; the noun, with low lines for hyphens, begins the paths of ``view``
(``dpia.approved_at``). The nouns of observers keep their group (``observer_count``): what someone from outside saw
stands beside the force's own, never merged with it; so does what an outside body says (``outside_statement``). Entries
of the group ``programme`` are about a force, those of ``plan`` to ``delete`` about one deployment; of ``review``,
``publish``, ``observer``, ``outside`` and ``correct``, about either.

>>> noun_of("programme.dpia"), noun_of("plan.proposal"), noun_of("observer.count")
('dpia', 'proposal', 'observer_count')
>>> NOUNS["dpia"]
'programme.dpia'
>>> in_words("arrest-wanted"), in_words("water-cannon"), coded("order-of-commander")
('arrest people who are wanted', 'water cannon', 'the commander ordered it (order-of-commander)')
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from countersign.record.entries.keyring import OWN, read_schemas
from countersign.record.entries.schema import Schema, Schemas
from countersign.words.names import token

FORCE_GROUPS = frozenset({"programme"})
DEPLOYMENT_GROUPS = frozenset({"plan", "authorise", "brief", "open", "live", "close", "delete"})
#: What someone from outside says, in a log of their own or the force's: about a deployment or about a force.
OUTSIDE_GROUPS = frozenset({"observer", "outside"})
#: The compiler, who enters what papers say, from outside the force: in a dossier made without co-operation.
COMPILER = "compiler"

KINDS: tuple[Schema, ...] = tuple(read_schemas("countersign.deployments"))
#: All a force's log may hold: the record's own kinds and these.
SCHEMAS = Schemas.of([*OWN.known.values(), *KINDS])


def noun_of(kind: str) -> str:
    """The noun under which entries of a kind are read."""
    group, _, last = kind.rpartition(".")
    noun = last.replace("-", "_")
    return f"{group}_{noun}" if group in OUTSIDE_GROUPS else noun


def beside_schemas(name: str) -> dict[str, Any]:
    """A table that stands beside the schemas, in ``schemas/NAME.toml``: words, questions or declarations."""
    return tomllib.loads(resources.files(__package__).joinpath("schemas", f"{name}.toml").read_text("utf-8"))


@cache
def words() -> Mapping[str, str]:
    """Every word of a fixed list in entries, as people read it (``schemas/words.toml``)."""
    found = beside_schemas("words")
    said: dict[str, str] = found["words"]
    return {word: token(word) for word in found["plain"].split()} | said


def in_words(word: str) -> str:
    """A word of a fixed list as people read it; one that this program doesn't know with its hyphens taken out."""
    return words().get(word) or token(word)


def coded(word: str) -> str:
    """The same, with the word itself in brackets where it reads otherwise."""
    said = in_words(word)
    return said if said == word else f"{said} ({word})"


#: Noun: its kind.
NOUNS: Mapping[str, str] = MappingProxyType({noun_of(schema.kind): schema.kind for schema in KINDS})
