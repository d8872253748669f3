"""Drafts: entries that one person prepares, the keeper seals, their signer signs elsewhere, and the keeper appends.

A draft is a file (``countersign-draft/1``, JSON): the entries of one act without their signatures, the openings and
contents of what is sealed, the size of the log it was checked at, and until when it is kept. The keeper makes the
openings and holds the sealed values as *pending* in the sealed store: the draft without them stands in the log's folder
under ``drafts/``, so they are no orphans; when it is discarded or runs out they are erased. The signer's tool takes its
words from the entries' own bytes and recomputes every commitment from the values it shows; it sets ``at`` last.
Appending asks every rule again at the head it appends to. No private key comes near the keeper's machine.

>>> read_draft(b'{"format": "countersign-draft/9"}', "d.json")  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
countersign.register.drafts.DraftMalformed: d.json: is not a draft of a form this program reads (countersign-draft/1)...
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from countersign.deployments.clock import hours_later
from countersign.deployments.kinds import SCHEMAS
from countersign.errors import CountersignError, EvidenceWrong, NotAllowed, NotReached, WrongForm
from countersign.inputs import LARGE_BYTES, json_of, read_input
from countersign.output import write_whole
from countersign.record.entries import canonical
from countersign.record.entries.commitment import SealedSet, commit
from countersign.record.entries.entry import Draft, Entry, EntrySigner, sign_entry, verify_entry
from countersign.record.entries.forms import fits
from countersign.record.keeping.erasure import sealing
from countersign.record.keeping.log import Appended, LogMoved
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.store.sealedstore import SealedStore
from countersign.record.tlog.encoding import TextMalformed, parse_base64, render_base64
from countersign.register.asking import Reader
from countersign.register.commands import Unsealed
from countersign.register.deployments import StateOfLog, Work, state_of
from countersign.register.opening import Doing, KeyNamed, OpenLog, erase_whole
from countersign.register.papers.filling import clock_of
from countersign.surroundings import current
from countersign.words.lists import counted, listing

FORMAT = "countersign-draft/1"
#: How long sealed values wait for a signature unless said otherwise.
KEPT_HOURS = 72
#: How often an append is tried again when others append in between; each time every rule is asked again.
TRIES = 5
_FIELDS = {"format": str, "log": str, "size": int, "expires_at": str, "profile": str, "at_fixed": bool, "entries": list}
_NO_SIGNATURE = render_base64(bytes(64))


class DraftMalformed(
    WrongForm, next_step="Ask the keeper of the log for the draft again, and leave the file as it is."
):
    """A file is not a draft, is cut off, or has a field of another form."""


class DraftAltered(EvidenceWrong, next_step="Sign nothing; ask the keeper of the log for the draft again."):
    """A value in a draft is not the one its entry is committed to: one of the two was changed after sealing."""


class DraftNotOurs(NotAllowed, next_step="Use the key the draft was made for, in the log it was made for."):
    """A draft or a signed entry is for another log, or for another key."""


class DraftGone(
    NotReached, next_step="Prepare the draft again with `countersign draft seal`, and have it signed again."
):
    """No draft of these entries is pending: it ran out, was discarded, or the entries were changed after sealing."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value to be sealed with its opening, as the signer is to see it; ``position`` counts the items of a set."""

    label: str
    position: int
    content: canonical.Value
    opening: bytes


@dataclass(frozen=True, slots=True)
class Drafted:
    """One entry of a draft, not signed yet (its signature is all zero), and the values behind its commitments."""

    entry: Entry
    values: tuple[Value, ...] = ()

    def contents(self) -> dict[str, Any]:
        """The sealed values by label, a set as a list."""
        made: dict[str, Any] = {}
        for value in self.values:
            if self.entry.draft.sealed[value.label].count is None:
                made[value.label] = value.content
            else:
                made.setdefault(value.label, []).append(value.content)
        return made


@dataclass(frozen=True, slots=True)
class DraftFile:
    """A draft: the entries of one act, for one key. ``at_fixed``: the time they speak for was given, not left open."""

    log: str
    size: int
    expires_at: str
    profile: str
    at_fixed: bool
    entries: tuple[Drafted, ...]

    @property
    def name(self) -> str:
        """Sixteen digits that stay the same when it is signed: of the entries without time and signature."""
        return name_of([drafted.entry for drafted in self.entries])

    def render(self, *, values: bool = True) -> bytes:
        """The file; without ``values`` as it waits in the log's folder."""
        entries = [
            {"entry": _unsigned(each.entry), "values": [_value(value) for value in each.values] if values else []}
            for each in self.entries
        ]
        fields = {"format": FORMAT, "log": self.log, "size": self.size, "expires_at": self.expires_at}
        fields |= {"profile": self.profile, "at_fixed": self.at_fixed}
        return json.dumps({**fields, "entries": entries}, ensure_ascii=False, indent=1).encode() + b"\n"


def read_draft(data: bytes, place: str, store: SealedStore | None = None, *, values: bool = True) -> DraftFile:
    """The draft of a file, each value held to its commitment; with ``store`` the values are taken from there, without
    ``values`` none is read. Raises ``DraftMalformed`` or ``DraftAltered``, or ``NotHeld``."""
    raw = _object(data, place)
    if raw.get("format") != FORMAT:
        raise DraftMalformed(f"{place}: is not a draft of a form this program reads ({FORMAT})")
    for name, kind in _FIELDS.items():
        if type(raw.get(name)) is not kind:
            raise DraftMalformed(f"{place}: {name} is missing, or is not of its form")
    if not 0 < raw["size"] <= canonical.LARGEST_INTEGER or not fits("time", raw["expires_at"]):
        raise DraftMalformed(f"{place}: size is not how many entries a log has, or expires_at is no time")
    if set(raw) != set(_FIELDS) or not raw["entries"]:
        raise DraftMalformed(f"{place}: a draft has the fields {', '.join(_FIELDS)}, and one entry or more")
    numbered = enumerate(raw["entries"], start=1)
    entries = tuple(_drafted(each, f"{place}: entry {number}", store, values) for number, each in numbered)
    if any(each.entry.draft.log != raw["log"] for each in entries):
        raise DraftMalformed(f"{place}: an entry is of another log than {raw['log']}")
    if len({(each.entry.key, each.entry.draft.at) for each in entries}) > 1:
        raise DraftMalformed(f"{place}: the entries of one act have one key and one time")
    return DraftFile(raw["log"], raw["size"], raw["expires_at"], raw["profile"], raw["at_fixed"], entries)


def _object(data: bytes, place: str) -> dict[str, Any]:
    raw = json_of(data, place, DraftMalformed)
    if not isinstance(raw, dict):
        raise DraftMalformed(f"{place}: is not a draft of a form this program reads ({FORMAT})")
    return raw


def _drafted(raw: Any, place: str, store: SealedStore | None, with_values: bool) -> Drafted:
    if not isinstance(raw, dict) or set(raw) != {"entry", "values"} or not isinstance(raw["entry"], dict):
        raise DraftMalformed(f"{place}: has an entry, and values to be sealed")
    if "sig" in raw["entry"] or not isinstance(raw["values"], list):
        raise DraftMalformed(f"{place}: is not signed yet, and lists its values")
    try:
        entry = Entry.parse(canonical.render(raw["entry"] | {"sig": _NO_SIGNATURE}))
        _check_facts(entry)
    except (WrongForm, canonical.NotCanonical) as error:
        raise DraftMalformed(f"{place}: {error}") from None
    if not with_values:
        return Drafted(entry)
    values = _given(raw["values"], entry, place) if store is None else _held(store, entry)
    drafted = Drafted(entry, tuple(values))
    hold_to_commitments(drafted, place)
    return drafted


def _check_facts(entry: Entry) -> None:
    """Hold an entry to its schema; one that this program doesn't know is asked when it is signed."""
    schema = SCHEMAS.known.get((entry.draft.kind, entry.draft.schema))
    if schema is not None:
        schema.check(entry.draft.facts)


def _given(raw: list[Any], entry: Entry, place: str) -> Iterator[Value]:
    for each in raw:
        if not isinstance(each, dict) or set(each) != {"label", "position", "content", "opening"}:
            raise DraftMalformed(f"{place}: a value has a label, a position, its content and its opening")
        label, position = each["label"], each["position"]
        if type(label) is not str or label not in entry.draft.sealed or type(position) is not int:
            raise DraftMalformed(f"{place}: a value stands under a label of the entry, at a whole number")
        try:
            yield Value(label, position, each["content"], parse_base64(each["opening"], 32))
        except (TextMalformed, TypeError, AttributeError):
            raise DraftMalformed(f"{place}: the opening under {label} is not 32 bytes in base64") from None


def _held(store: SealedStore, entry: Entry) -> Iterator[Value]:
    for label, commitment in entry.draft.sealed.items():
        for place, item in enumerate(store.open_many(commitment, range(commitment.count or 1))):
            yield Value(label, place, canonical.parse(item.content), item.opening)


def hold_to_commitments(drafted: Drafted, place: str) -> None:
    """Recompute every commitment of an entry from its values. Raises ``DraftAltered``."""
    for label, commitment in drafted.entry.draft.sealed.items():
        values = [value for value in drafted.values if value.label == label]
        in_order = all(value.position == number for number, value in enumerate(values))
        if len(values) != (commitment.count or 1) or not in_order:
            wanted = counted(commitment.count or 1, "value")
            raise DraftAltered(f"{place}: sealed.{label} is to hold {wanted}, in order, and does not")
        try:
            made = [commit(label, 1, canonical.render(value.content), value.opening) for value in values]
        except canonical.NotCanonical as error:
            raise DraftAltered(f"{place}: sealed.{label} holds a value no entry can hold: {error}") from None
        root = made[0] if commitment.count is None else SealedSet(made).root
        if root != commitment.digest:
            raise DraftAltered(f"{place}: sealed.{label} is not the value that the entry is committed to")


def _unsigned(entry: Entry) -> dict[str, canonical.Value]:
    return entry.draft.value(entry.key)


def _value(value: Value) -> dict[str, Any]:
    opening = render_base64(value.opening)
    return {"label": value.label, "position": value.position, "content": value.content, "opening": opening}


def name_of(entries: Sequence[Entry]) -> str:
    """The name of the draft that these entries are of, signed or not."""
    said: list[canonical.Value] = [_at(entry.draft, "").value(entry.key) for entry in entries]
    return sha256(canonical.render(said)).hexdigest()[:16]


def _at(draft: Draft, at: str) -> Draft:
    """A draft that speaks for another moment, in the field too that says when it happened."""
    clock = clock_of(draft.kind)
    if clock is not None and draft.facts.get(clock) == draft.at:
        return replace(draft, at=at, facts={**draft.facts, clock: at})
    return replace(draft, at=at)


def elsewhere() -> EntrySigner:
    """The key of one who signs elsewhere: there is none here."""
    raise AssertionError("nothing is signed here")


def seal(work: Work, made: Sequence[Unsealed], profile: str, *, hours: float = KEPT_HOURS) -> DraftFile:
    """A draft of entries that ``work`` has held to every rule, for its key: their values are sealed and pending in the
    log's folder. ``hours``: how long they are kept. Raises what the sealed store raises, or ``CannotWrite``."""
    folder, origin = work.open.folder, work.open.origin
    fixed = work.doing.at is not None
    ends = hours_later(work.now, hours)
    with work.open.sealed(made) as commitments:
        drafts = [unsealed.draft(origin, each) for unsealed, each in zip(made, commitments, strict=True)]
        for draft in drafts:
            draft.check(work.open.log.schemas)
        entries = [Entry(draft, work.signer.key, bytes(64)) for draft in drafts]
        with closing(folder.sealed()) as store:
            drafted = tuple(Drafted(entry, tuple(_held(store, entry))) for entry in entries)
        file = DraftFile(origin, work.state.size, ends, profile, fixed, drafted)
        write_whole(_folder(folder) / f"{file.name}.json", file.render(values=False), secret=True)
    return file


def hand_out(work: Work, made: Sequence[Unsealed], profile: str, out: Path, *, hours: float = KEPT_HOURS) -> DraftFile:
    """A sealed draft, written to a file for its signer; nothing stays pending where that fails. Raises as ``seal``."""
    draft = seal(work, made, profile, hours=hours)
    try:
        write_whole(out, draft.render(), secret=True)
    except BaseException:
        discard(work.open, [draft.name])
        raise
    return draft


def _folder(folder: LogFolder) -> Path:
    path = folder.path / "drafts"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def pending(folder: LogFolder) -> tuple[list[DraftFile], dict[str, CountersignError]]:
    """The drafts that wait in a log's folder, without what they seal; and by name the files there that are damaged or
    can't be read, each with the error that says so."""
    drafts: list[DraftFile] = []
    damaged: dict[str, CountersignError] = {}
    for file in sorted((folder.path / "drafts").glob("*.json")):
        try:
            drafts.append(read_draft(read_input(file, LARGE_BYTES), str(file), values=False))
        except CountersignError as error:
            damaged[file.stem] = error
    return drafts, damaged


def discard(log: OpenLog, names: Sequence[str] = (), *, ran_out_by: str = "") -> list[str]:
    """Erase what drafts have sealed, and the drafts: those named, and those that ran out by a moment; their names.
    One whose entries stand in the log (appending was cut short after that) waits no more, and keeps what it sealed.
    Of a damaged one that is named the file alone goes: nobody can read what it sealed, which no entry names then."""
    folder = log.folder
    waiting, damaged = pending(folder)
    gone = [name for name in names if name in damaged]
    if not gone and not any(draft.name in names or draft.expires_at <= ran_out_by for draft in waiting):
        return []
    with sealing(folder.sealing), closing(folder.sealed()) as store:
        for name in gone:
            (folder.path / "drafts" / f"{name}.json").unlink(missing_ok=True)
        for draft in pending(folder)[0]:
            if draft.name in names or draft.expires_at <= ran_out_by:
                if not _appended(log, draft):
                    erase_whole(store, (each for one in draft.entries for each in one.entry.draft.sealed.values()))
                    gone.append(draft.name)
                (folder.path / "drafts" / f"{draft.name}.json").unlink(missing_ok=True)
    return gone


def _appended(log: OpenLog, draft: DraftFile) -> bool:
    """Whether an entry of the log names what a draft has sealed."""
    sealed = {each.digest for drafted in draft.entries for each in drafted.entry.draft.sealed.values()}
    subjects = {drafted.entry.draft.subject for drafted in draft.entries}
    placed = log.log.entries_of(*sorted(subjects)) if sealed else []
    return any(each.digest in sealed for _, entry in placed for each in entry.draft.sealed.values())


def sign(draft: DraftFile, signer: EntrySigner) -> list[Entry]:
    """The entries of a draft signed, now, under the schemas this program knows. Raises ``DraftNotOurs`` for another
    key, ``DraftGone`` for one that ran out, and as ``Draft.check``."""
    if draft.expires_at <= current().time_text():
        raise DraftGone(f"draft {draft.name} ran out at {draft.expires_at}, and what it had sealed is erased")
    entries = []
    for drafted in draft.entries:
        if drafted.entry.key != signer.key:
            raise DraftNotOurs(f"the draft is for key {drafted.entry.key[:16]}…, and this is key {signer.key[:16]}…")
        made = drafted.entry.draft
        if not draft.at_fixed:
            made = _at(made, current().time_text())
        made.check(SCHEMAS)
        entries.append(sign_entry(made, signer))
    return entries


def append(log: OpenLog, entries: Sequence[Entry], reader: Reader) -> tuple[list[Appended], StateOfLog]:
    """Append the signed entries of a pending draft, every rule asked again at the head they go to; with the state
    after. Entries that stand in the log already are answered with their places. Raises ``DraftGone``,
    ``DraftNotOurs``, as ``Work.entry`` and as ``Log.append_signed``: then nothing was appended."""
    if any(entry.draft.log != log.origin for entry in entries):
        raise DraftNotOurs(f"the entry is for {entries[0].draft.log}, and this log is {log.origin}")
    with log.log.sequencer.appending() as appending:
        there = appending.places([entry.render() for entry in entries])
    file = log.folder.path / "drafts" / f"{name_of(entries)}.json"
    if None not in there:
        file.unlink(missing_ok=True)
        return log.log.append_signed(*entries), state_of(log, reader)
    if not file.exists():
        said = f"{entries[0].draft.kind} about {entries[0].draft.subject}"
        raise DraftGone(f"no draft of {said} that says the same is pending here{_against_waiting(log, entries)}")
    # Nobody discards the draft between these: what an entry of the log names is never erased with a draft.
    with sealing(log.folder.sealing):
        return _append(log, entries, reader, file)


def held(folder: LogFolder, name: str) -> DraftFile:
    """A draft that waits in a log's folder, with what it seals. Raises ``DraftGone`` and as ``read_draft``."""
    file = folder.path / "drafts" / f"{name}.json"
    if not file.is_file():
        raise DraftGone(f"no draft {name} is pending here")
    with closing(folder.sealed()) as store:
        return read_draft(read_input(file, LARGE_BYTES), str(file), store)


def _against_waiting(log: OpenLog, entries: Sequence[Entry]) -> str:
    """In which fields signed entries differ from the draft of their kinds that waits for their key, if one does. Raises
    ``EntrySignatureFails`` where they were changed after they were signed."""
    keys = log.log.keyring().keys
    for entry in entries:
        if entry.key in keys:
            verify_entry(entry, keys[entry.key].public_key, SCHEMAS)
    for draft in pending(log.folder)[0]:
        waiting = [drafted.entry for drafted in draft.entries]
        if [(each.draft.kind, each.key) for each in waiting] == [(each.draft.kind, each.key) for each in entries]:
            fields = listing(
                sorted({name for pair in zip(waiting, entries, strict=True) for name in _differing(*pair)})
            )
            return f": it differs in {fields} from the draft {draft.name}, which waits for this key"
    return ""


def _differing(one: Entry, other: Entry) -> list[str]:
    """The fields in which two entries differ, but for their times; of facts and sealed labels each."""
    first, second = (_at(each.draft, "").value(each.key) for each in (one, other))
    parts = []
    for name in first:
        a, b = first[name], second[name]
        if isinstance(a, dict) and isinstance(b, dict):
            parts += [f"{name}.{part}" for part in sorted({*a, *b}) if a.get(part) != b.get(part)]
        elif a != b:
            parts.append(name)
    return parts


def _append(log: OpenLog, entries: Sequence[Entry], reader: Reader, file: Path) -> tuple[list[Appended], StateOfLog]:
    draft = held(log.folder, file.stem)
    for attempt in range(TRIES):
        state = state_of(log, reader)
        _hold_again(state, draft, entries)
        try:
            appended = log.log.append_signed(*entries, at_size=state.size)
        except LogMoved:
            if attempt + 1 == TRIES:
                raise
            continue
        file.unlink(missing_ok=True)
        return appended, state.again()
    raise AssertionError("the last try returns or raises")


def _hold_again(state: StateOfLog, draft: DraftFile, entries: Sequence[Entry]) -> None:
    """Ask every rule of the signed entries, with what is sealed as it is held here. Raises as ``Work.entry``."""
    for entry, drafted in zip(entries, draft.entries, strict=True):
        said = entry.draft
        doing = Doing(elsewhere, said.at, said.role, said.supplied_by)
        work = Work(state, state.programme, doing, KeyNamed(entry.key), current().time_text())
        made = work.entry(said.subject, said.kind, dict(said.facts), drafted.contents(), profile=draft.profile)
        if made.schema.version != said.schema:
            adopted = made.schema.version
            raise DraftGone(f"{said.kind}: was drafted under version {said.schema}, and {adopted} is adopted")
        state = replace(state, programme=work.after(made).programme)
