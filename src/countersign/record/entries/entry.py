"""Entries: the leaves of the log, each a signed statement of a kind that has a schema, and those that stand there
twice.

An entry is the canonical JSON object ``{v, kind, schema, log, subject, at, role, key, supplied_by, facts, sealed,
sig}`` of at most 65,535 bytes. ``at`` is the time of the event, not of the entry. ``key`` is the SHA-256 of the
signer's Ed25519 public key, ``role`` the role in which it signs, ``supplied_by`` who the evidence comes from. ``facts``
are public; ``sealed`` holds commitments by label. ``sig`` is Ed25519 over ``countersign-entry/v1``, a newline, and the
canonical bytes without ``sig``. ``verify_entry`` proves that the key signed; whether it had the role, ``keyring`` says.

Bytes that are already a leaf say nothing new: otherwise an old grant, put in once more, would bring back a withdrawn
role. Appending gives them the place they have; a log made otherwise may hold them twice, so everyone who goes through
entries goes through ``Leaves.once``.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> signer = EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))
>>> who_and_when = ("log.example/1", "force-a/d-1", "2026-03-01T09:30:00Z", "operator", "force")
>>> entry = sign_entry(Draft("demo.count", 1, *who_and_when, {"faces": 9}), signer)
>>> Entry.parse(entry.render()) == entry, len(entry.render())
(True, 354)
>>> leaves = Leaves()
>>> list(leaves.once([(0, b"opened"), (1, b"granted"), (2, b"granted")]))
[(0, b'opened'), (1, b'granted')]
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.errors import EvidenceWrong, WrongForm
from countersign.record.entries import canonical
from countersign.record.entries.canonical import Value
from countersign.record.entries.commitment import ALGORITHM
from countersign.record.entries.forms import FORMS, fits
from countersign.record.entries.schema import ANY_ROLE, SUPPLIERS, FactsMalformed, Schema, Schemas
from countersign.record.tlog.encoding import TextMalformed, load_public_key, parse_base64, render_base64, shown
from countersign.record.tlog.merkle import SEAL, Verified
from countersign.record.tlog.tiles import MAXIMUM_ENTRY_BYTES

VERSION = 1
SIGNED_PREFIX = b"countersign-entry/v1\n"
#: The most items of one sealed set; a watchlist has some tens of thousands.
LARGEST_SET = 1 << 24

#: How much longer an entry is than what is signed: ``"sig":"``, 88 characters of base64, ``",``.
_SIGNATURE_FIELD = 97
_SIGNATURE_BEGINS = b',"sig":"'
_SUBJECT_BEGINS = b',"subject":"'
_SIGNATURE_SIZE = 64

Facts = dict[str, Value]

_FIELDS = ("at", "facts", "key", "kind", "log", "role", "schema", "sealed", "sig", "subject", "supplied_by", "v")
_FORMS = {"log": "origin", "subject": "subject", "at": "time", "role": "token", "kind": "token", "key": "digest"}


class EntryMalformed(
    WrongForm,
    next_step="Take the log's files again; if they come the same, the entry was not made by this format's rules.",
):
    """Bytes are not an entry of this version: a field missing, unknown, or not of its form."""


class EntrySignatureFails(
    EvidenceWrong, next_step="Do not rely on this entry: its content or its signature was altered after signing."
):
    """The signature of an entry was not made by the key it names over its content."""


@dataclass(frozen=True, slots=True)
class Commitment:
    """A commitment as it stands in an entry: to one value, or (``count``) the root over a set of commitments."""

    digest: bytes
    count: int | None = None
    algorithm: str = ALGORITHM

    def __post_init__(self) -> None:
        if len(self.digest) != sha256().digest_size or self.algorithm != ALGORITHM:
            raise EntryMalformed(f"a commitment is {ALGORITHM} and has {sha256().digest_size} bytes")
        if self.count is not None and not 1 <= self.count <= LARGEST_SET:
            raise EntryMalformed(f"a sealed set has 1 to {LARGEST_SET:,} items, not {self.count}")

    def value(self) -> dict[str, Value]:
        """As it stands in the entry."""
        if self.count is None:
            return {"alg": self.algorithm, "commitment": self.digest.hex()}
        return {"alg": self.algorithm, "root": self.digest.hex(), "count": self.count}

    @classmethod
    def of(cls, value: object, place: str) -> Commitment:
        """The commitment of an entry's JSON. Raises ``EntryMalformed``."""
        name = "root" if isinstance(value, dict) and "root" in value else "commitment"
        wanted = {"alg", "root", "count"} if name == "root" else {"alg", "commitment"}
        if not isinstance(value, dict) or set(value) != wanted:
            raise EntryMalformed(f"{place}: a commitment is {{alg, commitment}} or {{alg, root, count}}")
        digest, count = value[name], value.get("count")
        if not isinstance(digest, str) or not FORMS["digest"].pattern.match(digest):
            raise EntryMalformed(f"{place}: a commitment is 64 hexadecimal digits")
        if name == "root" and type(count) is not int:
            raise EntryMalformed(f"{place}: a sealed set says its count")
        return cls(bytes.fromhex(digest), count, str(value["alg"]))


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it is signed; fields as in the module's text. ``facts`` must not be changed afterwards."""

    kind: str
    schema: int
    log: str
    subject: str
    at: str
    role: str
    supplied_by: str
    facts: Facts
    sealed: Mapping[str, Commitment] = field(default_factory=dict)

    def check(self, schemas: Schemas) -> Schema:
        """The schema of the draft, held to it. Raises ``SchemaUnknown``, ``FactsMalformed`` or ``LeakRefused``."""
        schema = schemas.get(self.kind, self.schema)
        if self.role not in schema.roles and ANY_ROLE not in schema.roles:
            raise FactsMalformed(f"{schema.name}: is not for the role {self.role} ({', '.join(sorted(schema.roles))})")
        if self.supplied_by not in schema.suppliers:
            raise FactsMalformed(f"{schema.name}: does not come from {self.supplied_by}")
        for label, commitment in self.sealed.items():
            sealed = schema.sealed.get(label)
            if sealed is None:
                raise FactsMalformed(f"{schema.name}: sealed.{label} is not a label of this kind of entry")
            if sealed.is_set != (commitment.count is not None):
                raise FactsMalformed(f"{schema.name}: sealed.{label} is {'a set' if sealed.is_set else 'one value'}")
        for label, sealed in schema.sealed.items():
            if sealed.required and label not in self.sealed:
                raise FactsMalformed(f"{schema.name}: sealed.{label} is missing")
        schema.check(self.facts)
        return schema

    def value(self, key: str) -> dict[str, Value]:
        """The entry's object without its signature, for the signer with this key id."""
        value: dict[str, Value] = {"v": VERSION, "kind": self.kind, "schema": self.schema, "log": self.log}
        value |= {"subject": self.subject, "at": self.at, "role": self.role, "key": key}
        value |= {"supplied_by": self.supplied_by, "facts": self.facts}
        return value | {"sealed": {label: commitment.value() for label, commitment in self.sealed.items()}}


@dataclass(frozen=True, slots=True)
class Entry:
    """A signed entry as it stands in the log. Checked for form when parsed; proves nothing."""

    draft: Draft
    key: str
    signature: bytes
    #: The canonical bytes, for an entry that was parsed from them, so that they need not be made again.
    _data: bytes | None = field(init=False, default=None, compare=False, repr=False)

    @classmethod
    def parse(cls, data: bytes) -> Entry:
        """The entry of canonical bytes. Raises ``EntryMalformed`` or ``NotCanonical``; looks at no schema."""
        return cls._of(data, canonical.parse)

    @classmethod
    def parse_for_schema(cls, data: bytes) -> Entry:
        """As ``parse``, where ``verify_entry`` follows: what the facts are made of is left to its schema."""
        return cls._of(data, canonical.parse_for_schema)

    @classmethod
    def _of(cls, data: bytes, read: Callable[[bytes], Value]) -> Entry:
        if len(data) > MAXIMUM_ENTRY_BYTES:
            raise EntryMalformed(f"an entry of {len(data):,} bytes is longer than {MAXIMUM_ENTRY_BYTES:,}")
        raw = read(data)
        if not isinstance(raw, dict) or tuple(raw) != _FIELDS:
            fields = ", ".join(sorted(raw)) if isinstance(raw, dict) else "no object"
            raise EntryMalformed(f"an entry has the fields {', '.join(_FIELDS)}, not {shown(fields)}")
        if type(raw["v"]) is not int or raw["v"] != VERSION:
            raise EntryMalformed(f"an entry of version {shown(str(raw['v']))}; this program reads {VERSION}")
        if type(raw["schema"]) is not int or raw["schema"] < 1:
            raise EntryMalformed("an entry's schema is a version number")
        _hold_all(raw["log"], raw["subject"], raw["role"], raw["kind"], raw["key"])
        _hold(raw["at"], "time", "at")
        if raw["supplied_by"] not in SUPPLIERS:
            raise EntryMalformed(f"supplied_by is one of {', '.join(SUPPLIERS)}")
        facts, sealed = raw["facts"], raw["sealed"]
        if not isinstance(facts, dict) or not isinstance(sealed, dict):
            raise EntryMalformed("an entry's facts and sealed are objects")
        if type(raw["sig"]) is not str:
            raise EntryMalformed("an entry's sig is a signature")
        try:
            signature = parse_base64(raw["sig"], _SIGNATURE_SIZE)
        except TextMalformed as error:
            raise EntryMalformed(f"an entry's sig is {FORMS['signature'].meaning}: {error}") from None
        said = (str(raw["log"]), str(raw["subject"]), str(raw["at"]), str(raw["role"]), str(raw["supplied_by"]))
        commitments = {label: Commitment.of(value, f"sealed.{label}") for label, value in sealed.items()}
        draft = Draft(str(raw["kind"]), raw["schema"], *said, facts, commitments)
        entry = cls(draft, str(raw["key"]), signature)
        object.__setattr__(entry, "_data", data)
        return entry

    def render(self) -> bytes:
        """The entry's one byte string."""
        if self._data is not None:
            return self._data
        return canonical.render_checked(self.draft.value(self.key) | {"sig": render_base64(self.signature)})

    def signed_bytes(self) -> bytes:
        """What the signature covers."""
        if self._data is not None:
            # In canonical order only subject, supplied_by and v stand behind sig; no quotes are in their forms.
            at = self._data.rindex(_SIGNATURE_BEGINS)
            return SIGNED_PREFIX + self._data[:at] + self._data[at + _SIGNATURE_FIELD :]
        return SIGNED_PREFIX + canonical.render_checked(self.draft.value(self.key))


@dataclass(frozen=True, slots=True)
class VerifiedStatement(Verified):
    """An entry that the key it names has truly signed, of a form its schema takes. Says nothing about its truth."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class EntrySigner:
    """A private key that signs entries; ``key`` is the id under which it stands in them."""

    private_key: Ed25519PrivateKey = field(repr=False)
    public_key: bytes = field(init=False)
    key: str = field(init=False)

    def __post_init__(self) -> None:
        public = self.private_key.public_key().public_bytes_raw()
        object.__setattr__(self, "public_key", public)
        object.__setattr__(self, "key", key_id(public))


@lru_cache(maxsize=4096)
def key_id(public_key: bytes) -> str:
    """The id of a signer's public key: its SHA-256 in hexadecimal."""
    return sha256(public_key).hexdigest()


def sign_entry(draft: Draft, signer: EntrySigner) -> Entry:
    """The draft signed; hold it to its schema first. Raises ``EntryMalformed`` or ``NotCanonical``."""
    for name, form in _FORMS.items():
        if name != "key":
            _hold(getattr(draft, name), form, name)
    canonical.check(draft.facts, "facts")
    message = Entry(draft, signer.key, b"").signed_bytes()
    if (length := len(message) - len(SIGNED_PREFIX) + _SIGNATURE_FIELD) > MAXIMUM_ENTRY_BYTES:
        raise EntryMalformed(f"an entry of {length:,} bytes is longer than {MAXIMUM_ENTRY_BYTES:,}")
    entry = Entry(draft, signer.key, signer.private_key.sign(message))
    # The same bytes with the signature put in where canonical order has it: before subject, supplied_by and v.
    at = message.rindex(_SUBJECT_BEGINS)
    signature = _SIGNATURE_BEGINS + render_base64(entry.signature).encode() + b'"'
    object.__setattr__(entry, "_data", message[len(SIGNED_PREFIX) : at] + signature + message[at:])
    return entry


def verify_entry(entry: Entry, public_key: bytes, schemas: Schemas) -> VerifiedStatement:
    """The entry, shown to be signed by this public key and of the form its schema takes. Raises
    ``EntrySignatureFails``, ``KeyUnsafe``, ``SchemaUnknown``, ``FactsMalformed`` or ``LeakRefused``."""
    if key_id(public_key) != entry.key:
        raise EntrySignatureFails(f"the entry of {entry.draft.at} names another key than the one given")
    try:
        load_public_key(public_key).verify(entry.signature, entry.signed_bytes())
    except InvalidSignature:
        what = f"the entry {entry.draft.kind} of {entry.draft.at}"
        raise EntrySignatureFails(f"{what} was not signed so by the key {entry.key[:16]}…") from None
    entry.draft.check(schemas)
    return VerifiedStatement(SEAL, entry)


def _hold_all(log: object, subject: object, role: object, kind: object, key: object) -> None:
    """Hold the fields that a log says over and over; what held is remembered."""
    for name, value in (("log", log), ("subject", subject), ("role", role), ("kind", kind), ("key", key)):
        held = _held[name]
        if type(value) is str and value in held:
            continue
        _hold(value, _FORMS[name], name)
        if len(held) < _HELD:
            held.add(str(value))


#: Values that held, by field.
_held: dict[str, set[str]] = {name: set() for name in _FORMS}
_HELD = 4096


def _hold(value: object, form: str, name: str) -> None:
    if not isinstance(value, str) or not fits(form, value):
        raise EntryMalformed(f"an entry's {name} is {FORMS[form].meaning}, not {shown(str(value))}")


#: An entry with its place in the log.
Placed = tuple[int, Entry]


class Repeated(NamedTuple):
    """The entry at ``place`` has the same bytes as the one at ``first``, before it."""

    place: int
    first: int

    def describe(self) -> str:
        """In words: which entry repeats which."""
        return f"entry {self.place} repeats entry {self.first} and is not counted again"


class Leaves:
    """What was seen of a log so far, by digest; ``repeated`` are the repeats met, in order. Give places in order."""

    def __init__(self) -> None:
        self._first: dict[bytes, int] = {}
        self.repeated: list[Repeated] = []

    def once(self, placed: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """The entries (place and bytes) that were not there before."""
        return ((place, data) for place, data in placed if self.new(place, sha256(data).digest()))

    def new(self, place: int, digest: bytes) -> bool:
        """Whether the entry at ``place``, whose SHA-256 this is, was not there before; a repeat is noted."""
        first = self._first.setdefault(digest, place)
        if first != place:
            self.repeated.append(Repeated(place, first))
        return first == place


def said_of(repeated: Iterable[Repeated], *, most: int = 5) -> str | None:
    """What a report says of repeats, in one sentence; ``None`` where there are none."""
    repeats = [*repeated]
    if not repeats:
        return None
    more = f", and {len(repeats) - most:,} more" if len(repeats) > most else ""
    named = ", ".join(f"entry {repeat.place} repeats entry {repeat.first}" for repeat in repeats[:most])
    return f"The log holds the same entry more than once ({named}{more}); each is counted once, at its first place."
