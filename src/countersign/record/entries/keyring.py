"""The record's own kinds of entry, and who may sign what at each place of the log.

The own kinds come from the frozen files in ``schemas``; a package above adds its own with ``read_schemas``. A keyring
is a fold over the entries that open a log and register, grant and revoke: only the registrar, named by the first entry,
does that and adopts schemas. A holder may replace its own key: the new one, which must have signed for it
(``possession``), takes over the roles and the old one is revoked. A key is an id, whose holder lies sealed. An entry
counts if its key was registered, not revoked, and held the role at its place, and if the log had adopted its schema by
then, byte for byte.

>>> OWN.get("record.erased", 1).title
'Sealed values are erased'
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from importlib import resources
from types import MappingProxyType

from cryptography.exceptions import InvalidSignature

from countersign.errors import EvidenceWrong
from countersign.record.entries.canonical import Value
from countersign.record.entries.entry import Draft, Entry, EntrySigner, Facts, VerifiedStatement, key_id, verify_entry
from countersign.record.entries.schema import Schema, SchemaMalformed, Schemas
from countersign.record.tlog.encoding import KeyUnsafe, TextMalformed, load_public_key, parse_base64, render_base64


def read_schemas(package: str) -> list[Schema]:
    """The schemas of a package's folder ``schemas``; raises ``SchemaMalformed`` for a file that is misnamed."""
    found = []
    for file in sorted(resources.files(package).joinpath("schemas").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".json"):
            schema = Schema.parse(file.read_bytes())
            if file.name != f"{schema.kind}.{schema.version}.json":
                raise SchemaMalformed(f"{file.name} holds the schema {schema.name}")
            found.append(schema)
    return found


OWN = Schemas.of(read_schemas("countersign.record.entries"))


def opening_facts(registrar: EntrySigner, schemas: Schemas) -> Facts:
    """The facts of ``record.log-opened``: the registrar's key and the schemas the log starts with."""
    adopted: list[Value] = [
        {"kind": schema.kind, "version": schema.version, "digest": schema.digest} for schema in schemas.known.values()
    ]
    return {"registrar": render_base64(registrar.public_key), "schemas": adopted}


REGISTRAR = "registrar"
_OWN_KINDS = "record."
ROTATION_PREFIX = "countersign-rotate/v1"


class SignerNotEntitled(
    EvidenceWrong, next_step="Do not rely on this entry; its signer had no right to make it at that place of the log."
):
    """An entry is signed by a key that was not registered, was revoked, or did not hold the role at that place."""


class KeyringBroken(
    EvidenceWrong, next_step="Do not rely on this log from that entry on; ask its keeper how it came there."
):
    """An entry on keys and roles contradicts those before it: a second opening, a key twice, a role not held."""


class SchemaNotAdopted(
    EvidenceWrong,
    next_step="Do not rely on this entry: what its fields mean was not settled in the log when it was made.",
):
    """An entry is of a schema that the log had not adopted at that place, or had adopted with other bytes."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """A registered key: its bytes, the roles it holds now, and the index of the entry that revoked it, if any."""

    public_key: bytes
    roles: frozenset[str]
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of a log after ``size`` entries, and the schemas adopted, by digest. ``admit`` gives the next one."""

    log: str = ""
    size: int = 0
    keys: Mapping[str, KeyState] = field(default_factory=lambda: MappingProxyType({}))
    schemas: Mapping[tuple[str, int], str] = field(default_factory=lambda: MappingProxyType({}))

    def entitled(self, draft: Draft, key: str) -> KeyState:
        """The state of the key that would sign this draft next. Raises ``SignerNotEntitled`` with the reason."""
        state = self.keys.get(key)
        if draft.log == self.log and state is not None and state.revoked_at is None and draft.role in state.roles:
            return state
        what = f"entry {self.size} ({draft.kind} of {draft.at})"
        if draft.log != self.log:
            raise SignerNotEntitled(f"{what}: is of the log {draft.log}, not of {self.log or 'a log that is not open'}")
        if state is None:
            raise SignerNotEntitled(f"{what}: the key {key[:16]}… was never registered")
        if state.revoked_at is not None:
            raise SignerNotEntitled(f"{what}: the key {key[:16]}… was revoked by entry {state.revoked_at}")
        raise SignerNotEntitled(f"{what}: the key {key[:16]}… does not hold the role {draft.role}")

    def last_in(self, role: str, key: str) -> bool:
        """Whether this key is the only one left, of those not revoked, that holds the role."""
        return [held for held, of in self.keys.items() if of.revoked_at is None and role in of.roles] == [key]

    def admit(self, entry: Entry, schemas: Schemas) -> tuple[Keyring, VerifiedStatement]:
        """The keyring after this next entry, and the entry verified: signature, schema, key and role. Raises
        ``SignerNotEntitled``, ``KeyringBroken``, ``SchemaNotAdopted``, ``EntrySignatureFails``, or of form."""
        held_to_own_form(entry.draft, schemas, self.size)
        if self.size == 0 or entry.draft.kind in _CHANGES:
            entry.draft.check(schemas)
        after = self.next(entry)
        after.adopted(entry.draft, schemas, self.size)
        keys = after.keys if self.size == 0 else self.keys
        return after, verify_entry(entry, keys[entry.key].public_key, schemas)

    def next(self, entry: Entry) -> Keyring:
        """The keyring after this next entry, whose signature and form are checked elsewhere (``admit`` does both).
        Raises ``SignerNotEntitled`` or ``KeyringBroken``."""
        draft = entry.draft
        if self.size == 0:
            return self._open(entry)
        state = self.entitled(draft, entry.key)
        change = _CHANGES.get(draft.kind)
        keys = self.keys if change is None else MappingProxyType(dict(self.keys) | change(self, entry, state))
        schemas = self.schemas
        if draft.kind == "record.schema-adopted":
            schemas = MappingProxyType(dict(schemas) | _adopting(draft.facts, self))
        return Keyring(self.log, self.size + 1, keys, schemas)

    def _open(self, entry: Entry) -> Keyring:
        draft = entry.draft
        if draft.kind != "record.log-opened" or draft.role != REGISTRAR:
            begins = "a log begins with record.log-opened by its registrar"
            raise KeyringBroken(f"the first entry is {draft.kind}; {begins}")
        public_key = _public_key(draft, "registrar", 0)
        if key_id(public_key) != entry.key:
            raise KeyringBroken("the entry that opens the log is not signed by the registrar's key it names")
        if self.log not in ("", draft.log):
            raise KeyringBroken(f"the first entry opens the log {draft.log}, but this is the log {self.log}")
        keys = {entry.key: KeyState(public_key, frozenset({REGISTRAR}))}
        schemas: dict[tuple[str, int], str] = {}
        listed = draft.facts["schemas"]
        assert isinstance(listed, list)
        for adopted in listed:
            assert isinstance(adopted, dict)
            schemas |= _adopting(adopted, Keyring(schemas=schemas))
        return Keyring(draft.log, 1, MappingProxyType(keys), MappingProxyType(schemas))

    def adopted(self, draft: Draft, schemas: Schemas, index: int) -> None:
        """Hold the schema known here to the one the log adopted. Raises ``SchemaNotAdopted`` or ``SchemaUnknown``."""
        held_to_own_form(draft, schemas, index)
        schema = schemas.get(draft.kind, draft.schema)
        if self.schemas.get((draft.kind, draft.schema)) != schema.digest:
            raise SchemaNotAdopted(f"entry {index}: the log has not adopted the schema {schema.name} in this form")

    def known(self, key: str, index: int) -> KeyState:
        """The state of a key that is not revoked. Raises ``KeyringBroken``."""
        state = self.keys.get(key)
        if state is None or state.revoked_at is not None:
            raise KeyringBroken(f"entry {index}: the key {key[:16]}… is not registered, or revoked already")
        return state


EMPTY = Keyring()


def held_to_own_form(draft: Draft, schemas: Schemas, index: int) -> None:
    """A log cannot adopt other schemas for the record's own kinds. Raises ``SchemaNotAdopted`` or ``SchemaUnknown``."""
    if draft.kind.startswith(_OWN_KINDS):
        own = OWN.get(draft.kind, draft.schema)
        if schemas.get(draft.kind, draft.schema).digest != own.digest:
            raise SchemaNotAdopted(f"entry {index}: {own.name} is a kind of the record itself, with another schema")


def rotation_message(log: str, old_key: str) -> bytes:
    """What a new key signs to take over from the key with this id in this log."""
    return f"{ROTATION_PREFIX}\n{log}\n{old_key}\n".encode()


def prove_possession(new: EntrySigner, log: str, old_key: str) -> bytes:
    """The signature by which a new key shows that its holder has it, for ``record.key-rotated``."""
    return new.private_key.sign(rotation_message(log, old_key))


#: Kinds that bring a key into a log, and the field in which it stands.
_BRINGS_KEY = {
    "record.log-opened": "registrar",
    "record.key-registered": "public_key",
    "record.key-rotated": "public_key",
}


def key_brought(entry: Entry) -> bytes | None:
    """The public key that an entry brings into its log; ``None`` for one that brings none."""
    field_name = _BRINGS_KEY.get(entry.draft.kind)
    return None if field_name is None else parse_base64(str(entry.draft.facts[field_name]), 32)


def _public_key(draft: Draft, field_name: str, index: int) -> bytes:
    try:
        data = parse_base64(str(draft.facts.get(field_name)), 32)
        load_public_key(data)
    except (TextMalformed, KeyUnsafe) as error:
        raise KeyringBroken(f"entry {index}: {error}") from None
    return data


def _register(keyring: Keyring, entry: Entry, _: KeyState) -> dict[str, KeyState]:
    public_key = _public_key(entry.draft, "public_key", keyring.size)
    roles = entry.draft.facts["roles"]
    identifier = key_id(public_key)
    if identifier in keyring.keys:
        raise KeyringBroken(f"entry {keyring.size}: the key {identifier[:16]}… is registered a second time")
    assert isinstance(roles, list)
    return {identifier: KeyState(public_key, frozenset(str(role) for role in roles))}


def _grant(keyring: Keyring, entry: Entry, _: KeyState) -> dict[str, KeyState]:
    key, role = str(entry.draft.facts["key"]), str(entry.draft.facts["role"])
    state = keyring.known(key, keyring.size)
    return {key: replace(state, roles=state.roles | {role})}


def _withdraw(keyring: Keyring, entry: Entry, _: KeyState) -> dict[str, KeyState]:
    key, role = str(entry.draft.facts["key"]), str(entry.draft.facts["role"])
    state = keyring.known(key, keyring.size)
    if role not in state.roles:
        raise KeyringBroken(f"entry {keyring.size}: the key {key[:16]}… does not hold the role {role}")
    return {key: replace(state, roles=state.roles - {role})}


def _revoke(keyring: Keyring, entry: Entry, _: KeyState) -> dict[str, KeyState]:
    key = str(entry.draft.facts["key"])
    return {key: replace(keyring.known(key, keyring.size), revoked_at=keyring.size)}


def _rotate(keyring: Keyring, entry: Entry, state: KeyState) -> dict[str, KeyState]:
    public_key = _public_key(entry.draft, "public_key", keyring.size)
    identifier = key_id(public_key)
    if identifier in keyring.keys:
        raise KeyringBroken(f"entry {keyring.size}: the key {identifier[:16]}… is registered already")
    try:
        possession = parse_base64(str(entry.draft.facts["possession"]), 64)
        load_public_key(public_key).verify(possession, rotation_message(keyring.log, entry.key))
    except (InvalidSignature, TextMalformed):
        raise KeyringBroken(f"entry {keyring.size}: the new key has not signed for taking over") from None
    return {identifier: KeyState(public_key, state.roles), entry.key: replace(state, revoked_at=keyring.size)}


def _adopting(facts: Facts, keyring: Keyring) -> dict[tuple[str, int], str]:
    kind, version, digest = str(facts["kind"]), facts["version"], str(facts["digest"])
    assert isinstance(version, int)
    if keyring.schemas.get((kind, version), digest) != digest:
        raise KeyringBroken(f"entry {keyring.size}: the schema {kind}/{version} was adopted before with other bytes")
    return {(kind, version): digest}


def _no_second_opening(keyring: Keyring, entry: Entry, state: KeyState) -> dict[str, KeyState]:  # noqa: ARG001
    raise KeyringBroken(f"entry {keyring.size}: opens the log a second time")


_CHANGES: dict[str, Callable[[Keyring, Entry, KeyState], dict[str, KeyState]]] = {
    "record.log-opened": _no_second_opening,
    "record.schema-adopted": lambda *_: {},
    "record.key-registered": _register,
    "record.role-granted": _grant,
    "record.role-withdrawn": _withdraw,
    "record.key-revoked": _revoke,
    "record.key-rotated": _rotate,
}

#: The kinds of entries that change who may sign what, and how it is read, after them.
GOVERNING = frozenset(_CHANGES)
