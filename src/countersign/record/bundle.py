"""Bundles: what a reviewer takes away of one subject, in one file that proves itself offline; and an erasure, refuted.

Canonical NDJSON, one line a thing, in this order: the header (log, subject, audience, tree size), the checkpoint with
its cosignatures, the schemas, the entries with their inclusion proofs (those of the subject and its force, those that
say who may sign, and those on retention), the openings this audience may see, and last the SHA-256 of all bytes before
it, which is checked first. The same log, subject, audience and openings give the same bytes. In version 2 the header is
signed, with the SHA-256 of the lines after it, by a key that is a custodian's or registrar's there; in version 1 not.

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
from typing import Annotated, TypeVar

import msgspec
from cryptography.exceptions import InvalidSignature

from countersign.errors import EvidenceWrong, NotAllowed, WrongForm
from countersign.progress import Progress, silent
from countersign.record.entries import canonical
from countersign.record.entries.canonical import NotCanonical, Value
from countersign.record.entries.commitment import OpenedValue, OpeningFails, check_item, check_opening
from countersign.record.entries.entry import Commitment, Entry, EntrySigner, Leaves, Repeated, VerifiedStatement
from countersign.record.entries.forms import force_of
from countersign.record.entries.keyring import REGISTRAR, Keyring, KeyState, SignerNotEntitled
from countersign.record.entries.retention import ERASED, Accounts
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.tlog.checkpoint import Checkpoint, SignedCheckpoint
from countersign.record.tlog.encoding import TextMalformed, load_public_key, parse_base64, render_base64
from countersign.record.tlog.merkle import HASH_SIZE, SEAL, Verified, leaf_hash, verify_inclusion
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.trust import VerifiedCheckpoint, verify_checkpoint

#: Versions: of the first nobody signed for whom it was made and how much it opens; of the second its keeper did.
UNSIGNED, SIGNED = VERSIONS = (1, 2)
#: A bundle of a deployment with 10,000 events and its openings is some 30 MB, of some 20,000 lines.
MAXIMUM_BUNDLE_BYTES, MOST_LINES = 1 << 30, 1_000_000
#: An entry has at most 65,535 bytes, each of which JSON may write in six; a proof one hash for each level of the tree.
LONGEST_ENTRY_LINE, MOST_HASHES = 1 << 19, 64
#: The roles in which a bundle is made.
KEEPERS = frozenset({"custodian", REGISTRAR})
SIGNED_PREFIX = b"countersign-bundle/v2\n"

_LAST = re.compile(rb'\{"sha256":"([0-9a-f]{64})"\}\n\Z')
_LAST_LENGTH = 78
_Number = Annotated[int, msgspec.Meta(ge=0, le=canonical.LARGEST_INTEGER)]


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
class BundleSignature:
    """By which key a bundle's header was signed, and the SHA-256 of all lines between it and the last."""

    key: str
    body: str
    signature: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The parts of a bundle. Proves nothing until verified."""

    subject: str
    audience: str
    checkpoint: SignedCheckpoint
    schemas: tuple[bytes, ...] = field(repr=False)
    entries: tuple[BundledEntry, ...] = field(repr=False)
    openings: tuple[BundledOpening, ...] = field(repr=False)
    signature: BundleSignature | None = None

    def render(self) -> bytes:
        """The bundle's one byte string."""
        body = b"".join(self.lines())
        return body + b'{"sha256":"%s"}\n' % sha256(body).hexdigest().encode()

    def lines(self) -> Iterator[bytes]:
        """Every line but the last, in order."""
        yield self._header() + b"\n"
        yield from self._body()

    def signed(self, signer: EntrySigner) -> Bundle:
        """The bundle as its keeper hands it out: for whom it is and all that it holds, signed."""
        body = sha256()
        for line in self._body():
            body.update(line)
        signature = BundleSignature(signer.key, body.hexdigest(), b"")
        made = signer.private_key.sign(replace(self, signature=signature).signed_bytes())
        return replace(self, signature=replace(signature, signature=made))

    def signed_bytes(self) -> bytes:
        """What the keeper's signature covers: the header without it."""
        return SIGNED_PREFIX + self._header(with_signature=False)

    def _header(self, *, with_signature: bool = True) -> bytes:
        head = self.checkpoint.checkpoint
        header: dict[str, Value] = {"bundle": UNSIGNED, "log": head.origin, "size": head.size}
        header |= {"subject": self.subject, "audience": self.audience}
        if self.signature is not None:
            header |= {"bundle": SIGNED, "body": self.signature.body, "key": self.signature.key}
            header["opened"] = len(self.openings)
            if with_signature:
                header["sig"] = render_base64(self.signature.signature)
        return canonical.render(header)

    def _body(self) -> Iterator[bytes]:
        yield canonical.render({"checkpoint": self.checkpoint.render().decode()}) + b"\n"
        for schema in self.schemas:
            yield canonical.render({"schema": schema.decode()}) + b"\n"
        for entry in self.entries:
            line: dict[str, Value] = {"entry": entry.index, "data": entry.data.decode(), "proof": _hashes(entry.proof)}
            yield canonical.render(line) + b"\n"
        for given in self.openings:
            place: dict[str, Value] = {"entry": given.entry, "label": given.label, "position": given.position}
            value: dict[str, Value] = {"content": render_base64(given.content), "opening": render_base64(given.opening)}
            yield canonical.render(place | value | {"version": given.version, "proof": _hashes(given.proof)}) + b"\n"


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
    last = _LAST.match(data, max(0, len(data) - _LAST_LENGTH))
    if last is None:
        raise BundleMalformed("the bundle has no last line with the SHA-256 of the rest")
    end = last.start()
    if sha256(memoryview(data)[:end]).hexdigest().encode() != last[1]:
        raise BundleAltered("the bundle's last line is not the SHA-256 of the lines before it: it was altered or cut")
    if (lines := data.count(b"\n")) > MOST_LINES:
        raise BundleMalformed(f"a bundle of {lines:,} lines has more than {MOST_LINES:,}")
    try:
        bundle = _assemble(data, end)
        at = 0
        for line in bundle.lines():
            if not data.startswith(line, at):
                raise NotCanonical("its lines are not in their one order or form")
            at += len(line)
    except (NotCanonical, TextMalformed, UnicodeError) as error:
        raise BundleMalformed(f"the bundle is not in its one valid form: {error}") from None
    if at != end:
        raise BundleMalformed("the bundle is not in its one valid form: its lines are not in their one order or form")
    return bundle


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
    if bundle.signature is not None:
        _signed_by_a_keeper(bundle, bundle.signature, keyring)
    return VerifiedBundle(SEAL, bundle, checkpoint, schemas, keyring, entries, once, tuple(leaves.repeated))


def held_by_keeper(keyring: Keyring, key: str) -> KeyState:
    """The state of a key in which a bundle may be signed. Raises ``SignerNotEntitled``."""
    state = keyring.keys.get(key)
    if state is None or state.revoked_at is not None or not state.roles & KEEPERS:
        roles = " or ".join(sorted(KEEPERS))
        raise SignerNotEntitled(f"the bundle: the key {key[:16]}… is no {roles}'s under its checkpoint")
    return state


def _signed_by_a_keeper(bundle: Bundle, signature: BundleSignature, keyring: Keyring) -> None:
    """Hold the header's signature to the keys of the log as they stand under the checkpoint."""
    body = sha256()
    for line in bundle._body():
        body.update(line)
    if body.hexdigest() != signature.body:
        raise BundleContradicts("the bundle's header was signed over other lines than these")
    state = held_by_keeper(keyring, signature.key)
    try:
        load_public_key(state.public_key).verify(signature.signature, bundle.signed_bytes())
    except InvalidSignature:
        raise BundleContradicts("the signature of the bundle's header does not fit: its audience was changed") from None


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


class _Head(msgspec.Struct, forbid_unknown_fields=True):
    audience: str
    bundle: int
    log: str
    size: int
    subject: str
    body: str = ""
    key: str = ""
    opened: int = 0
    sig: str = ""


class _Checkpoint(msgspec.Struct, forbid_unknown_fields=True):
    checkpoint: str


class _Schema(msgspec.Struct, forbid_unknown_fields=True):
    schema: str


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    data: str
    entry: _Number
    proof: list[str]


class _Opening(msgspec.Struct, forbid_unknown_fields=True):
    content: str
    entry: _Number
    label: str
    opening: str
    position: _Number
    proof: list[str]
    version: _Number


#: How the lines after the first two begin, in the order of their kinds: another beginning is no line of a bundle.
_KINDS: tuple[tuple[bytes, type[msgspec.Struct]], ...] = (
    (b'{"schema":', _Schema), (b'{"data":', _Entry), (b'{"content":', _Opening),
)  # fmt: skip


def _assemble(data: bytes, end: int) -> Bundle:
    """The parts, each made as its line is read: what is no part of a bundle is refused before it takes memory."""
    lines = _cut(data, end)
    head = _decoded(next(lines, b""), _Head, 1)
    if head.bundle not in VERSIONS:
        raise NotCanonical(f"it does not begin with the header of version {' or '.join(map(str, VERSIONS))}")
    signed = SignedCheckpoint.parse(_decoded(next(lines, b""), _Checkpoint, 2).checkpoint.encode())
    parts: tuple[list[bytes], list[BundledEntry], list[BundledOpening]] = ([], [], [])
    for number, line in enumerate(lines, start=3):
        kind = next((form for begins, form in _KINDS if line.startswith(begins)), None)
        if kind is None:
            raise NotCanonical(f"line {number} is not an object of a schema, an entry or an opening")
        if line.count(b",", line.rfind(b'"proof":')) > MOST_HASHES or (
            kind is _Entry and len(line) > LONGEST_ENTRY_LINE
        ):
            raise NotCanonical(f"line {number} is longer than any of its kind")
        value = _decoded(line, kind, number)
        if isinstance(value, _Schema):
            parts[0].append(value.schema.encode())
        elif isinstance(value, _Entry):
            parts[1].append(BundledEntry(value.entry, value.data.encode(), _proof(value.proof)))
        elif isinstance(value, _Opening):
            place = (value.entry, value.label, value.position, value.version)
            secret = (parse_base64(value.content), parse_base64(value.opening))
            parts[2].append(BundledOpening(*place, *secret, _proof(value.proof)))
    signature = None
    if head.bundle == SIGNED:
        signature = BundleSignature(head.key, head.body, parse_base64(head.sig))
    schemas, entries, openings = parts
    return Bundle(head.subject, head.audience, signed, tuple(schemas), tuple(entries), tuple(openings), signature)


def _cut(data: bytes, end: int) -> Iterator[bytes]:
    at = 0
    while at < end:
        after = data.index(b"\n", at)
        yield data[at:after]
        at = after + 1


Part = TypeVar("Part", bound=msgspec.Struct)


def _decoded(line: bytes, kind: type[Part], number: int) -> Part:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotCanonical(f"line {number} is not an object of its form: {error}") from None


def _proof(texts: list[str]) -> tuple[bytes, ...]:
    return tuple(parse_base64(text, HASH_SIZE) for text in texts)


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
