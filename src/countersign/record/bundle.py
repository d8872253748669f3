"""Bundles: what a reviewer takes away of one subject, in one file that proves itself offline; and an erasure, refuted.

Canonical NDJSON, one line a thing, in this order: the header (log, subject, audience, tree size), the checkpoint with
its cosignatures, the schemas, the entries with their inclusion proofs (those of the subject and its force, those that
say who may sign, and those on retention), the openings this audience may see, and last the SHA-256 of all bytes before
it, which is checked first. The same log, subject, audience and openings give the same bytes.

Verifying shows that each entry is in the tree of a checkpoint that the policy takes, was signed by a key that held
its role, and that each opening fits its commitment; nothing about what was left out, or whether a statement is true.
With the content and the opening of a value declared erased anyone can show that a copy survived; neither where it was
kept nor by whom: one that was handed out lawfully before the erasure (``record.openings-handed``) is a copy too.

>>> parse_bundle(b"not a bundle")
Traceback (most recent call last):
    ...
countersign.record.bundle.BundleMalformed: the bundle has no last line with the SHA-256 of the rest
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import pairwise

from countersign.errors import EvidenceWrong, NotAllowed, WrongForm
from countersign.progress import Progress, silent
from countersign.record.entries import canonical
from countersign.record.entries.canonical import NotCanonical, Value
from countersign.record.entries.commitment import OpenedValue, OpeningFails, check_item, check_opening
from countersign.record.entries.entry import Commitment, Entry, Leaves, Repeated, VerifiedStatement
from countersign.record.entries.forms import force_of
from countersign.record.entries.keyring import Keyring
from countersign.record.entries.retention import ERASED, Accounts
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.tlog.checkpoint import Checkpoint, SignedCheckpoint
from countersign.record.tlog.encoding import TextMalformed, parse_base64, render_base64
from countersign.record.tlog.merkle import HASH_SIZE, SEAL, Verified, leaf_hash, verify_inclusion
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.trust import VerifiedCheckpoint, verify_checkpoint

VERSION = 1
#: A bundle of a deployment with 10,000 events and its openings is some 30 MB.
MAXIMUM_BUNDLE_BYTES = 1 << 30

_LAST = re.compile(rb'\{"sha256":"([0-9a-f]{64})"\}\n\Z')


class BundleMalformed(
    WrongForm, next_step="Ask for the bundle again from the body that made it, without opening it in an editor."
):
    """A file is not a bundle in its one valid form."""


class BundleAltered(
    EvidenceWrong, next_step="Do not rely on this copy: it was cut short or altered; ask for it again."
):
    """The bytes of a bundle are not those its last line was made over."""


class BundleContradicts(
    EvidenceWrong, next_step="Do not rely on this bundle; ask the body that made it how it came about."
):
    """Parts of a bundle do not belong together: an entry of another subject or log, an opening of no commitment."""


@dataclass(frozen=True, slots=True)
class BundledEntry:
    """An entry, its place in the log, and the proof that it is there."""

    index: int
    data: bytes = field(repr=False)
    proof: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class BundledOpening:
    """An opened sealed value: where it was committed to, its content and opening, and its proof in a set."""

    entry: int
    label: str
    position: int
    version: int
    content: bytes = field(repr=False)
    opening: bytes = field(repr=False)
    proof: tuple[bytes, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The parts of a bundle. Proves nothing until verified."""

    subject: str
    audience: str
    checkpoint: SignedCheckpoint
    schemas: tuple[bytes, ...] = field(repr=False)
    entries: tuple[BundledEntry, ...] = field(repr=False)
    openings: tuple[BundledOpening, ...] = field(repr=False)

    def render(self) -> bytes:
        """The bundle's one byte string."""
        head = self.checkpoint.checkpoint
        header: dict[str, Value] = {"bundle": VERSION, "log": head.origin, "size": head.size}
        header |= {"subject": self.subject, "audience": self.audience}
        lines: list[dict[str, Value]] = [header, {"checkpoint": self.checkpoint.render().decode()}]
        lines += [{"schema": schema.decode()} for schema in self.schemas]
        for entry in self.entries:
            lines.append({"entry": entry.index, "data": entry.data.decode(), "proof": _hashes(entry.proof)})
        for given in self.openings:
            place: dict[str, Value] = {"entry": given.entry, "label": given.label, "position": given.position}
            value = {"content": render_base64(given.content), "opening": render_base64(given.opening)}
            lines.append(place | value | {"version": given.version, "proof": _hashes(given.proof)})
        body = b"".join(canonical.render(line) + b"\n" for line in lines)
        return body + b'{"sha256":"%s"}\n' % sha256(body).hexdigest().encode()


@dataclass(frozen=True, slots=True)
class VerifiedBundle(Verified):
    """All entries stand under a checkpoint the policy takes, signed by keys that held their roles; openings fit.
    ``entries`` by place, without repeats; ``openings`` by entry, label and position. What was left out is not known."""

    bundle: Bundle
    checkpoint: VerifiedCheckpoint
    schemas: Schemas
    keyring: Keyring
    entries: dict[int, VerifiedStatement]
    openings: dict[tuple[int, str, int], OpenedValue]
    repeated: tuple[Repeated, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it holds every entry of the log, so that none that revokes a key can have been left out."""
        return len(self.bundle.entries) == self.checkpoint.checkpoint.size


def parse_bundle(data: bytes) -> Bundle:
    """The bundle of these bytes, whose last line fits the rest. Raises ``BundleMalformed`` or ``BundleAltered``."""
    if len(data) > MAXIMUM_BUNDLE_BYTES:
        raise BundleMalformed(f"a bundle of {len(data):,} bytes is longer than {MAXIMUM_BUNDLE_BYTES:,}")
    last = _LAST.search(data)
    if last is None:
        raise BundleMalformed("the bundle has no last line with the SHA-256 of the rest")
    body = data[: last.start()]
    if sha256(body).hexdigest().encode() != last[1]:
        raise BundleAltered("the bundle's last line is not the SHA-256 of the lines before it: it was altered or cut")
    lines = body.split(b"\n")[:-1]
    try:
        bundle = _assemble([_object(line, number) for number, line in enumerate(lines, 1)])
        if bundle.render() == data:
            return bundle
        # What it renders as is canonical; so a line here is not, or the lines are not in order.
        for line in lines:
            canonical.parse(line)
    except (NotCanonical, TextMalformed, UnicodeDecodeError) as error:
        raise BundleMalformed(f"the bundle is not in its one valid form: {error}") from None
    raise BundleMalformed("the bundle's lines are not in their one valid order or form")


def verify_bundle(bundle: Bundle, policy: Policy, *, progress: Progress = silent) -> VerifiedBundle:
    """The bundle shown to hold, under a policy. Raises the error of what does not, or ``BundleContradicts``."""
    checkpoint = verify_checkpoint(bundle.checkpoint, policy)
    head = checkpoint.checkpoint
    schemas = Schemas.of([Schema.parse(text) for text in bundle.schemas])
    keyring = Keyring(log=head.origin)
    entries: dict[int, VerifiedStatement] = {}
    if any(one.index >= two.index for one, two in pairwise(bundle.entries)):
        raise BundleContradicts("the entries are not in the order of their places in the log")
    leaves = Leaves()
    for index, data in leaves.once(_included(bundle, head, progress)):
        keyring, entries[index] = replace(keyring, size=index).admit(Entry.parse(data), schemas)
    _belong(bundle, entries)
    places = [(one.entry, one.label, one.position) for one in bundle.openings]
    if any(one >= two for one, two in pairwise(places)):
        raise BundleContradicts("the openings are not in the order of their entries, labels and items")
    _adopted(schemas, keyring)
    # What a bundle of 0.1 opens of a repeat is held to its commitment too, but counts once.
    repeats = {repeat.place: entries[repeat.first] for repeat in leaves.repeated}
    openings = {(one.entry, one.label, one.position): _open(one, entries | repeats) for one in bundle.openings}
    once = {place: value for place, value in openings.items() if place[0] in entries}
    return VerifiedBundle(SEAL, bundle, checkpoint, schemas, keyring, entries, once, tuple(leaves.repeated))


def _included(bundle: Bundle, head: Checkpoint, progress: Progress) -> Iterator[tuple[int, bytes]]:
    for number, one in enumerate(bundle.entries):
        if number % 1000 == 0:
            progress("verifying entries", number, len(bundle.entries))
        verify_inclusion(leaf_hash(one.data), one.index, head.size, one.proof, head.root)
        yield one.index, one.data


def _belong(bundle: Bundle, entries: dict[int, VerifiedStatement]) -> None:
    own = (bundle.subject, force_of(bundle.subject))
    for index, verified in entries.items():
        draft = verified.entry.draft
        if draft.subject not in own and not draft.kind.startswith("record."):
            raise BundleContradicts(f"entry {index} is about {draft.subject}, the bundle about {bundle.subject}")


def _adopted(schemas: Schemas, keyring: Keyring) -> None:
    for name, schema in schemas.known.items():
        if keyring.schemas.get(name) != schema.digest:
            raise BundleContradicts(f"the schema {schema.name} in the bundle is not one the log adopted")


def _open(one: BundledOpening, entries: dict[int, VerifiedStatement]) -> OpenedValue:
    verified = entries.get(one.entry)
    commitment = None if verified is None else verified.entry.draft.sealed.get(one.label)
    if commitment is None:
        raise BundleContradicts(f"an opening is for {one.label} of entry {one.entry}, which committed to no such value")
    if commitment.count is None and (one.position or one.proof):
        raise OpeningFails(f"{one.label} of entry {one.entry} is one value, and has no item {one.position}")
    return _shown(commitment, one)


def _shown(commitment: Commitment, given: BundledOpening) -> OpenedValue:
    value = (given.label, given.version, given.content, given.opening)
    if commitment.count is None:
        return check_opening(commitment.digest, *value)
    return check_item(commitment.digest, commitment.count, given.position, *value, list(given.proof))


def _hashes(proof: Sequence[bytes]) -> list[Value]:
    return [render_base64(one) for one in proof]


def _object(line: bytes, number: int) -> dict[str, Value]:
    value = canonical.decode(line)
    if not isinstance(value, dict):
        raise NotCanonical(f"line {number} is not an object")
    return value


def _text(line: dict[str, Value], name: str) -> str:
    value = line.get(name)
    if not isinstance(value, str):
        raise NotCanonical(f"{name} is not a text")
    return value


def _number(line: dict[str, Value], name: str) -> int:
    value = line.get(name)
    if type(value) is not int or value < 0:
        raise NotCanonical(f"{name} is not a number from 0 on")
    return value


class _Read(dict[str, bytes]):
    """The hashes of a bundle's proofs by their text: proofs of one set share most of theirs."""

    def __missing__(self, text: str) -> bytes:
        read = self[text] = parse_base64(text, HASH_SIZE)
        return read


def _proof(line: dict[str, Value], known: _Read) -> tuple[bytes, ...]:
    value = line.get("proof")
    if not isinstance(value, list):
        raise NotCanonical("proof is not a list")
    return tuple([known[one] if isinstance(one, str) else parse_base64("", HASH_SIZE) for one in value])


def _assemble(lines: list[dict[str, Value]]) -> Bundle:
    if len(lines) < 2 or _number(lines[0], "bundle") != VERSION:
        raise NotCanonical(f"it does not begin with the header of version {VERSION} and a checkpoint")
    header, checkpoint, *rest = lines
    subject, audience = _text(header, "subject"), _text(header, "audience")
    signed = SignedCheckpoint.parse(_text(checkpoint, "checkpoint").encode())
    schemas = tuple(_text(line, "schema").encode() for line in rest if "schema" in line)
    known = _Read()
    entries = tuple(_bundled(line, known) for line in rest if "data" in line)
    openings = tuple([_opening(line, known) for line in rest if "opening" in line])
    return Bundle(subject, audience, signed, schemas, entries, openings)


def _bundled(line: dict[str, Value], known: _Read) -> BundledEntry:
    return BundledEntry(_number(line, "entry"), _text(line, "data").encode(), _proof(line, known))


def _opening(line: dict[str, Value], known: _Read) -> BundledOpening:
    place = (_number(line, "entry"), _text(line, "label"), _number(line, "position"), _number(line, "version"))
    content, opening = parse_base64(_text(line, "content")), parse_base64(_text(line, "opening"))
    return BundledOpening(*place, content, opening, _proof(line, known))


class NotDeclaredErased(NotAllowed, next_step="See `countersign record account` for what was declared erased."):
    """The log does not say that this value was erased, so there is nothing to refute."""


@dataclass(frozen=True, slots=True)
class Refuted(Verified):
    """This value was declared erased, and here it is: a copy survived."""

    entry: int
    label: str
    position: int


def declared_erased(accounts: Accounts, given: BundledOpening) -> bool:
    """Whether a log's entries say that this item was erased."""
    if (given.entry, given.label) not in accounts.sealed:
        return False
    states = accounts.states(given.entry, given.label)
    return any(first <= given.position <= last and state == ERASED for first, last, state, _ in states)


def refute(accounts: Accounts, commitment: Commitment, given: BundledOpening) -> Refuted:
    """A surviving copy of what ``given`` names. Raises ``NotDeclaredErased`` or ``OpeningFails``."""
    if not declared_erased(accounts, given):
        where = f"item {given.position} of {given.label} in entry {given.entry}"
        raise NotDeclaredErased(f"{where} was not declared erased")
    _shown(commitment, given)
    return Refuted(SEAL, given.entry, given.label, given.position)
