"""A log to look into: one's own by its folder, or another's by its published files or a bundle of it; entries in words.

Published files and bundles need nothing that keeps a log, so that is imported only for a log's own folder. An entry in
words shows its fields in the order of its form, in the schema's words, and interprets nothing.

>>> from countersign.record.entries.entry import Draft
>>> draft = Draft("record.key-revoked", 1, "log.example/1", "force-a", "2026-03-01T09:30:00Z", "registrar", "force",
...               {"key": "ab" * 32, "reason": "lost"})
>>> for line in describe(7, Entry(draft, "cd" * 32, bytes(64)), "A key is revoked", headed=True): print(line)
entry 7: A key is revoked (record.key-revoked, version 1)
  about        force-a
  at           2026-03-01T09:30:00Z
  signed by    key cdcdcdcdcdcdcdcd… as registrar; supplied by the force
  Which it is:
  key          abababababababab…
  Why:
  reason       lost
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.exceptions import InvalidSignature

from countersign.deployments.disowning import JUDGED_BY, Disowning, disowned_in
from countersign.deployments.kinds import SCHEMAS, coded
from countersign.errors import NotReached, WrongForm
from countersign.inputs import LARGE_BYTES, read_input
from countersign.record.bundle import parse_bundle
from countersign.record.entries.canonical import Value
from countersign.record.entries.entry import Entry, Leaves, Repeated, key_id
from countersign.record.entries.keyring import key_brought
from countersign.record.entries.retention import Accounts
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.tlog.checkpoint import SignedCheckpoint
from countersign.record.tlog.encoding import KeyUnsafe, load_public_key
from countersign.record.tlog.merkle import leaf_hash, verify_inclusion
from countersign.record.tlog.tilereader import TileReader
from countersign.record.tlog.tiles import CHECKPOINT_PATH, DirectorySource, TileSource
from countersign.register.papers.form import form_of
from countersign.reviews.options import LOG_FILE
from countersign.words.names import short, supplier, token

if TYPE_CHECKING:
    from countersign.record.keeping.logfolder import LogFolder

#: How many entries are read at a time where all of them are gone through.
_BATCH = 8192


class LogNotHere(
    NotReached,
    next_step="Name the log's folder, the folder of its published files, or their address (http://127.0.0.1:...).",
):
    """What was named is neither a log's folder, nor its public files, nor an address of them."""


class EntryNotThere(
    WrongForm, next_step="Entries are counted from 0; `countersign record show LOG` shows the last ones."
):
    """The log has no entry at the place asked for."""


@dataclass(frozen=True, slots=True)
class View:
    """A log, its published files or a bundle of it, to look into; ``places`` are those of the entries held."""

    origin: str
    size: int
    published: int
    schemas: Schemas
    places: Sequence[int]
    read: Callable[[int, int], list[bytes]]
    accounts: Callable[[], Accounts]
    folder: LogFolder | None = None

    def entry(self, index: int) -> Entry | None:
        """The entry at a place, if there is one."""
        return Entry.parse(self.read(index, index + 1)[0]) if index < self.size else None

    def placed(self) -> Iterator[tuple[int, bytes]]:
        """The places and bytes of all entries held, in order."""
        for first in range(0, len(self.places), _BATCH):
            places = self.places[first : first + _BATCH]
            yield from zip(places, self.read(places[0], places[-1] + 1), strict=True)

    def once(self) -> Iterator[tuple[int, bytes]]:
        """The same without entries that repeat one before them: what may be counted."""
        return Leaves().once(self.placed())

    def repeated(self) -> list[Repeated]:
        """The entries held that repeat one before them; goes through all of them."""
        leaves = Leaves()
        for _ in leaves.once(self.placed()):
            pass
        return leaves.repeated


def source_of(where: str, kept: Path | None = None) -> TileSource:
    """The published files of a log: its folder, the folder of the files, or their address; ``kept``: where files of an
    address are kept. Raises ``LogNotHere``."""
    if where.startswith(("http://", "https://")):
        from countersign.record.outside.address import HttpSource

        return HttpSource(where, kept)
    path = Path(where)
    published = published_in(path)
    if published is not None:
        return DirectorySource(published)
    if (path / CHECKPOINT_PATH).is_file():
        return DirectorySource(path)
    raise LogNotHere(f"{where}: no log is here ({LOG_FILE} or {CHECKPOINT_PATH} would be)")


def published_in(path: Path) -> Path | None:
    """Where the published files of the log in this folder lie; ``None`` if no log is there."""
    folder = _own(path)
    return None if folder is None else folder.place(folder.config.public)


@contextmanager
def viewed(where: str, schema_folder: Path | None) -> Iterator[View]:
    """A log by its folder, its published files or their address, unverified. Raises ``LogNotHere``."""
    folder = _own(Path(where))
    if folder is not None:
        from countersign.register.opening import opened_in

        with opened_in(folder, reading=True) as opened:
            log, origin = opened.log, opened.origin
            head, size = log.head(), log.sequencer.size()
            published = 0 if head is None else head.checkpoint.size
            yield View(origin, size, published, log.schemas, range(size), log.sequencer.read, log.accounts, folder)
        return
    source = source_of(where)
    checkpoint = SignedCheckpoint.parse(source.read(CHECKPOINT_PATH)).checkpoint
    origin, size = checkpoint.origin, checkpoint.size
    reader = TileReader(source, size, checkpoint.root)
    schemas = known_schemas(where, schema_folder)
    yield View(
        *(origin, size, size, schemas, range(size)),
        lambda first, stop: list(reader.entries(first, stop)),
        lambda: _accounts(enumerate(reader.entries(0, size)), schemas),
    )


def view_of_bundle(path: Path) -> View:
    """The entries of a bundle, each under its checkpoint, whosever that is. Raises ``InclusionFails``."""
    bundle = parse_bundle(read_input(path, LARGE_BYTES))
    head = bundle.checkpoint.checkpoint
    for entry in bundle.entries:
        verify_inclusion(leaf_hash(entry.data), entry.index, head.size, entry.proof, head.root)
    held = {entry.index: entry.data for entry in bundle.entries}
    schemas = Schemas.of([Schema.parse(text) for text in bundle.schemas])
    return View(
        *(head.origin, head.size, head.size, schemas, sorted(held)),
        lambda first, stop: [held[place] for place in sorted(held) if first <= place < stop],
        lambda: _accounts(sorted(held.items()), schemas),
    )


class Signed(NamedTuple):
    """An entry that names a key: whether its signature is that key's, and its disowning, if one stands."""

    place: int
    entry: Entry
    by_key: bool
    disowned: Disowning | None


def signed_by(log: View, digits: str) -> list[Signed]:
    """The entries that name a key by these first digits of its id, each held to the key as the log registered it."""
    named, judged_by, keys = [], [], dict[str, bytes]()
    for index, data in log.placed():
        entry = Entry.parse(data)
        if (public_key := key_brought(entry)) is not None:
            keys[key_id(public_key)] = public_key
        if entry.key.startswith(digits):
            named.append((index, entry))
        elif entry.draft.kind in JUDGED_BY:
            judged_by.append((index, entry))
    disowned = disowned_in(sorted([*named, *judged_by], key=lambda placed: placed[0])).entries
    return [Signed(index, entry, _is_by(entry, keys.get(entry.key)), disowned.get(index)) for index, entry in named]


def _is_by(entry: Entry, public_key: bytes | None) -> bool:
    if public_key is None:
        return False
    try:
        load_public_key(public_key).verify(entry.signature, entry.signed_bytes())
    except (InvalidSignature, KeyUnsafe):
        return False
    return True


def known_schemas(where: str, schema_folder: Path | None) -> Schemas:
    """The schemas to read a log with: those of its folder, or all that this program brings and ``schema_folder``'s."""
    folder = _own(Path(where)) if schema_folder is None else None
    if folder is not None:
        return folder.schemas()
    files = sorted(schema_folder.glob("*.json")) if schema_folder else []
    return Schemas.of([*SCHEMAS.known.values(), *(Schema.parse(read_input(file)) for file in files)])


def _own(path: Path) -> LogFolder | None:
    if not (path / LOG_FILE).is_file():
        return None
    from countersign.record.keeping.logfolder import LogFolder

    return LogFolder.read(path)


def _accounts(entries: Iterable[tuple[int, bytes]], schemas: Schemas) -> Accounts:
    accounts = Accounts()
    for index, data in Leaves().once(entries):
        accounts.add(index, Entry.parse(data), schemas)
    return accounts


#: Longer lists are counted, not written out.
_WRITTEN_OUT = 12


def describe(index: int, entry: Entry, title: str, note: str = "", *, headed: bool = False) -> list[str]:
    """Lines that say what entry ``index`` holds; ``title`` is its schema's, ``note`` stands behind it.
    ``headed``: under the headings of its form, what is sealed too; else what is sealed stands last."""
    draft = entry.draft
    lines = [f"entry {index}: {title} ({draft.kind}, version {draft.schema}){note}"]
    signed = f"key {short(entry.key)} as {draft.role}; supplied by {supplier(draft.supplied_by)}"
    rows: list[tuple[str, str]] = [("about", draft.subject), ("at", draft.at), ("signed by", signed)]
    schema = SCHEMAS.known.get((draft.kind, draft.schema))
    fields: dict[str, Any] = {} if schema is None else json.loads(schema.text)["properties"]
    groups = () if schema is None else form_of(schema).groups
    heads = {field.path: group.title for group in groups for field in group.fields}
    order = {path: place for place, path in enumerate(heads)}

    def placed(path: str) -> int:
        return order.get(path, len(order))

    said = {
        name: [(token(name), text) for text in _lines(draft.facts[name], fields.get(name, {}))]
        for name in sorted(draft.facts, key=placed)
    }
    for label, commitment in sorted(draft.sealed.items()):
        what = "one value" if commitment.count is None else f"{commitment.count:,} items"
        said[f"sealed.{label}"] = [(f"sealed {label}", f"{what}, commitment {short(commitment.digest.hex())}")]
    parts = [
        ("", rows),
        *((heads.get(path, ""), said[path]) for path in (sorted(said, key=placed) if headed else said)),
    ]
    width = max(12, *(len(name) for _, part in parts for name, _ in part))
    head = last = ""
    for heading, part in parts:
        if headed and heading not in ("", head):
            lines.append(f"  {heading}:")
            head = heading
        for name, text in part:
            lines.append(f"  {'' if name == last else name:<{width}} {text}")
            last = name
    return lines


def _lines(value: Value, field: Mapping[str, Any]) -> list[str]:
    if isinstance(value, list):
        if not value:
            return ["none"]
        if len(value) > _WRITTEN_OUT:
            return [f"{len(value)} of them"]
        if not any(isinstance(part, dict | list) for part in value):
            return [_text(value, field)]
        return [_text(part, field.get("items", {})) for part in value]
    return [_text(value, field)]


def _text(value: Value, field: Mapping[str, Any]) -> str:
    """A value in words, by its field in the schema: words of fixed lists as people read them."""
    match value:
        case str() if "enum" in field:
            return coded(value)
        case bool():
            return "yes" if value else "no"
        case None:
            return "nothing"
        case int():
            return str(value)
        case str():
            return short(value) if len(value) in (44, 64, 88) and " " not in value else value
        case list():
            return ", ".join(_text(part, field.get("items", {})) for part in value)
        case dict():
            if set(value) == {"first", "last"}:
                first, last = value["first"], value["last"]
                return f"{first} to {last}" if first != last else str(first)
            if set(value) == {"entry", "label", "ranges"}:
                return f"{value['label']} of entry {value['entry']}, items {_text(value['ranges'], {})}"
            inner = field.get("properties", {})
            return ", ".join(f"{token(name)} {_text(part, inner.get(name, {}))}" for name, part in value.items())
