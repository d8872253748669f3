"""The reader's file: the reader of a record says who is outside, never the force's registrar.

What an entry says of itself counts as an observer's, an engine's or an outside body's only if the reader's file names
the key, the role it signs in, and the force; all else is the force's word (``docs/formats/readers-file.md``). Since
version 2 it also names whole logs that outside bodies keep, each with the policy its head is held to::

    form = "countersign-reader/2"

    [[outside]]
    body = "Borough ethics panel"
    kind = "panel"
    key = "panel.example+b13c8181+AYE5..."
    roles = ["ethics-body"]
    forces = ["force-a"]

    [[log]]
    origin = "log.example/watchers"
    body = "Street watchers"
    kind = "observer"
    forces = ["force-a"]
    policy = ["log log.example/watchers+2d6a9a55+AbCd...", "quorum none"]

>>> NOBODY.supplier("outside", "ab" * 32, "reviewer", "force-a")
'force'
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import msgspec

from countersign.door import hold
from countersign.errors import WrongForm
from countersign.inputs import read_input, toml_of
from countersign.output import toml_string
from countersign.record.entries.entry import Entry, key_id
from countersign.record.entries.forms import FORMS, fits, force_of
from countersign.record.entries.schema import ANY_ROLE
from countersign.record.tlog.encoding import KeyKind, KeyMalformed, VerifierKey
from countersign.record.tlog.policy import Policy, PolicyMalformed

FORM = "countersign-reader/1"
#: The form that names logs too; a file without any is written as ``FORM``, which older versions read.
FORM_OF_LOGS = "countersign-reader/2"
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


class _Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    origin: str
    body: str
    kind: Kind
    forces: tuple[str, ...]
    policy: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: str
    outside: tuple[_Body, ...]


class _FileOfLogs(_File, frozen=True, forbid_unknown_fields=True):
    outside: tuple[_Body, ...] = ()
    log: tuple[_Log, ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """A body outside a force: its key as entries name it, the roles it signs in, and the forces it is about."""

    name: str
    kind: Kind
    key: str
    roles: frozenset[str]
    forces: frozenset[str]


@dataclass(frozen=True, slots=True)
class BodysLog:
    """A log that a body outside keeps: whose it is, the forces it is about, and the policy its head is held to."""

    origin: str
    body: str
    kind: Kind
    forces: frozenset[str]
    policy: Policy


@dataclass(frozen=True)
class Reader:
    """Who is outside, as one reader says: keys within a force's log, and whole logs that bodies keep themselves."""

    bodies: tuple[Body, ...] = ()
    logs: tuple[BodysLog, ...] = ()

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

    def log(self, origin: str) -> BodysLog | None:
        """The log of this origin, if the file names it."""
        return next((log for log in self.logs if log.origin == origin), None)


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
    if raw.get("form") not in (FORM, FORM_OF_LOGS):
        raise ReaderMalformed(f'{name}: the file does not say form = "{FORM}" or "{FORM_OF_LOGS}"')
    try:
        file = msgspec.convert(raw, _FileOfLogs if raw["form"] == FORM_OF_LOGS else _File)
    except msgspec.ValidationError as error:
        raise ReaderMalformed(f"{name}: {error}") from None
    logs = file.log if isinstance(file, _FileOfLogs) else ()
    if len(file.outside) + len(logs) > MOST_BODIES:
        raise ReaderMalformed(f"{name}: the file names more than {MOST_BODIES} bodies")
    named = tuple(_log(log, f"{name}: log {number}") for number, log in enumerate(logs, start=1))
    for number, log in enumerate(named, start=1):
        if log.origin in (other.origin for other in named[: number - 1]):
            raise ReaderMalformed(f"{name}: log {number} ({log.body}): {log.origin} is named twice")
    bodies = tuple(_body(body, f"{name}: outside {number}") for number, body in enumerate(file.outside, start=1))
    return Reader(bodies, named)


def render(
    bodies: Iterable[tuple[str, str, str, Sequence[str], Sequence[str]]],
    logs: Iterable[tuple[str, str, Sequence[str], str]] = (),
) -> str:
    """A reader's file of bodies (name, kind, key, roles and forces) and of logs (body, kind, forces and the text of the
    policy, whose first log's name is the origin). ``parse_reader`` says whether it is one.

    >>> print(render([("A panel", "panel", "p.example+1+A", ["ethics-body"], ["force-a"])]).splitlines()[3])
    body = "A panel"
    """
    named = [_log_text(*log) for log in logs]
    parts = [f"form = {toml_string(FORM_OF_LOGS if named else FORM)}\n"]
    for name, kind, key, roles, forces in bodies:
        listed = [", ".join(toml_string(word.strip()) for word in words) for words in (roles, forces)]
        parts.append(
            f"\n[[outside]]\nbody = {toml_string(name)}\nkind = {toml_string(kind)}\nkey = {toml_string(key.strip())}\n"
            f"roles = [{listed[0]}]\nforces = [{listed[1]}]\n"
        )
    return "".join([*parts, *named])


def _log_text(body: str, kind: str, forces: Sequence[str], policy: str) -> str:
    logs = Policy.parse(policy.encode()).logs
    origin = logs[0].key.name if logs else ""
    listed, lines = (", ".join(map(toml_string, part)) for part in (map(str.strip, forces), policy.splitlines()))
    return (
        f"\n[[log]]\norigin = {toml_string(origin)}\nbody = {toml_string(body)}\nkind = {toml_string(kind)}\n"
        f"forces = [{listed}]\npolicy = [{lines}]\n"
    )


def _check_names(body: _Body | _Log, where: str) -> None:
    if not body.body.strip():
        raise ReaderMalformed(f"{where}: body is empty")
    if not body.forces:
        raise ReaderMalformed(f"{where} ({body.body}): forces names none")
    for force in body.forces:
        if "/" in force or not force.strip():
            raise ReaderMalformed(f"{where} ({body.body}): {force!r} is no name of a force, like force-a")


def _log(log: _Log, where: str) -> BodysLog:
    _check_names(log, where)
    if not fits("origin", log.origin):
        raise ReaderMalformed(f"{where} ({log.body}): origin: {log.origin!r} is not {FORMS['origin'].meaning}")
    try:
        policy = Policy.parse("".join(f"{line}\n" for line in log.policy).encode())
    except PolicyMalformed as error:
        raise ReaderMalformed(f"{where} ({log.body}): policy: {error}") from None
    if {known.key.name for known in policy.logs} != {log.origin}:
        raise ReaderMalformed(f"{where} ({log.body}): its policy names keys of other logs than {log.origin}, or none")
    return BodysLog(log.origin, log.body, log.kind, frozenset(log.forces), policy)


def _body(body: _Body, where: str) -> Body:
    _check_names(body, where)
    if not body.roles:
        raise ReaderMalformed(f"{where} ({body.body}): roles names none")
    if ANY_ROLE in body.roles:
        raise ReaderMalformed(f"{where} ({body.body}): name each role, not {ANY_ROLE!r}")
    try:
        key = VerifierKey.parse(body.key)
    except KeyMalformed as error:
        raise ReaderMalformed(f"{where} ({body.body}): key: {error}") from None
    if key.kind is KeyKind.ML_DSA_44:
        raise ReaderMalformed(f"{where} ({body.body}): an ML-DSA key signs no entries")
    return Body(body.body, body.kind, key_id(key.public_key), frozenset(body.roles), frozenset(body.forces))
