"""The reader's file: the reader of a record says who is outside, never the force's registrar.

What an entry says of itself counts as an observer's, an engine's or an outside body's only if the reader's file names
the key, the role it signs in, and the force; all else is the force's word (``docs/formats/readers-file.md``)::

    form = "countersign-reader/1"

    [[outside]]
    body = "Borough ethics panel"
    kind = "panel"
    key = "panel.example+b13c8181+AYE5..."
    roles = ["ethics-body"]
    forces = ["force-a"]

>>> NOBODY.supplier("outside", "ab" * 32, "reviewer", "force-a")
'force'
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from countersign.door import hold
from countersign.errors import WrongForm
from countersign.inputs import read_input, toml_of
from countersign.record.entries.entry import Entry, key_id
from countersign.record.entries.forms import force_of
from countersign.record.entries.schema import ANY_ROLE
from countersign.record.tlog.encoding import KeyKind, KeyMalformed, VerifierKey

FORM = "countersign-reader/1"
FORCE = "force"
#: The largest file read, in bytes, and the most bodies it may name.
LARGEST = 256 * 1024
MOST_BODIES = 500
#: What a body of each kind can supply; an entry that names another supplier is the force's word.
SUPPLIES: dict[str, str] = {
    "observer": "observer", "engine": "engine", "panel": "outside", "reviewer": "outside", "evaluator": "outside",
    "regulator": "outside", "court": "outside", "press": "outside",
}  # fmt: skip

Kind = Literal["observer", "engine", "panel", "reviewer", "evaluator", "regulator", "court", "press"]


class ReaderMalformed(
    WrongForm, next_step="Correct the file at that place; its form is described in docs/formats/readers-file.md."
):
    """A reader's file is not TOML of its form, or names a key, a role or a force that cannot be."""


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    body: str
    kind: Kind
    key: str
    roles: tuple[str, ...]
    forces: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: str
    outside: tuple[_Body, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """A body outside a force: its key as entries name it, the roles it signs in, and the forces it is about."""

    name: str
    kind: Kind
    key: str
    roles: frozenset[str]
    forces: frozenset[str]


@dataclass(frozen=True)
class Reader:
    """Who is outside, as one reader says."""

    bodies: tuple[Body, ...] = ()

    @cached_property
    def _borne(self) -> frozenset[tuple[str, str, str, str]]:
        """What the file bears out: supplier, key, role and force. Every entry of a record is looked up here."""
        return frozenset(
            (SUPPLIES[body.kind], body.key, role, force)
            for body in self.bodies
            for role in body.roles
            for force in body.forces
        )

    def supplier(self, claimed: str, key: str, role: str, force: str) -> str:
        """Who supplied an entry: what it claims if a body of the file bears it out, else the force."""
        return claimed if (claimed, key, role, force) in self._borne else FORCE

    def supplier_of(self, entry: Entry) -> str:
        """``supplier`` of an entry of a log."""
        draft = entry.draft
        return self.supplier(draft.supplied_by, entry.key, draft.role, force_of(draft.subject))


NOBODY = Reader()


def read_reader(path: Path) -> Reader:
    """A reader's file. Raises ``ReaderMalformed``, and what ``inputs.read_input`` raises."""
    return parse_reader(read_input(path, LARGEST), str(path))


def parse_reader(data: bytes, name: str) -> Reader:
    """The bytes of a reader's file, whole or not at all. Raises ``ReaderMalformed`` with the place.

    >>> parse_reader(b'form = "countersign-reader/1"\\noutside = []', "reader.toml") == NOBODY
    True
    """
    raw = hold("reader's file", toml_of(data, name, ReaderMalformed), name)
    if raw.get("form") != FORM:
        raise ReaderMalformed(f'{name}: the file does not say form = "{FORM}"')
    try:
        file = msgspec.convert(raw, _File)
    except msgspec.ValidationError as error:
        raise ReaderMalformed(f"{name}: {error}") from None
    if len(file.outside) > MOST_BODIES:
        raise ReaderMalformed(f"{name}: the file names more than {MOST_BODIES} bodies")
    return Reader(tuple(_body(body, f"{name}: outside {number}") for number, body in enumerate(file.outside, start=1)))


def render(bodies: Iterable[tuple[str, str, str, Sequence[str], Sequence[str]]]) -> str:
    """A reader's file of bodies: name, kind, key, roles and forces. ``parse_reader`` says whether it is one.

    >>> print(render([("A panel", "panel", "p.example+1+A", ["ethics-body"], ["force-a"])]).splitlines()[3])
    body = "A panel"
    """
    parts = [f"form = {_quoted(FORM)}\n"]
    for name, kind, key, roles, forces in bodies:
        listed = [", ".join(_quoted(word.strip()) for word in words) for words in (roles, forces)]
        parts.append(
            f"\n[[outside]]\nbody = {_quoted(name)}\nkind = {_quoted(kind)}\nkey = {_quoted(key.strip())}\n"
            f"roles = [{listed[0]}]\nforces = [{listed[1]}]\n"
        )
    return "".join(parts)


def _quoted(text: str) -> str:
    """A basic string of TOML, which for printable text is a string of JSON."""
    return json.dumps(text, ensure_ascii=False)


def _body(body: _Body, where: str) -> Body:
    if not body.body.strip():
        raise ReaderMalformed(f"{where}: body is empty")
    for what, names in (("roles", body.roles), ("forces", body.forces)):
        if not names:
            raise ReaderMalformed(f"{where} ({body.body}): {what} names none")
    for force in body.forces:
        if "/" in force or not force.strip():
            raise ReaderMalformed(f"{where} ({body.body}): {force!r} is no name of a force, like force-a")
    if ANY_ROLE in body.roles:
        raise ReaderMalformed(f"{where} ({body.body}): name each role, not {ANY_ROLE!r}")
    try:
        key = VerifierKey.parse(body.key)
    except KeyMalformed as error:
        raise ReaderMalformed(f"{where} ({body.body}): key: {error}") from None
    if key.kind is KeyKind.ML_DSA_44:
        raise ReaderMalformed(f"{where} ({body.body}): an ML-DSA key signs no entries")
    return Body(body.body, body.kind, key_id(key.public_key), frozenset(body.roles), frozenset(body.forces))
