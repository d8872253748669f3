"""The monitor against a log that lies: every attack is caught under its own name; and spread over processes."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest
from tests.making.logs import (
    CUSTODIAN,
    LOG_KEY,
    OPERATOR,
    ORIGIN,
    REGISTRAR,
    SCHEMAS,
    counted,
    draft,
    erased,
    log_on,
    make_sequencer,
    open_log,
    private,
    trusting,
)

from countersign.record.entries.entry import Commitment, Entry, sign_entry
from countersign.record.entries.retention import CommittedTo
from countersign.record.keeping.log import Log
from countersign.record.outside.monitor import Look, MonitorState, MonitorStateMalformed, _check, _govern, _Piece, look
from countersign.record.store.sequencer import Waiting
from countersign.record.tlog.checkpoint import Checkpoint, Cosigner, NoteSignature, SignedCheckpoint, sign_checkpoint
from countersign.record.tlog.policy import Group, Policy, PolicyLog, PolicyWitness
from countersign.record.tlog.tiles import MemorySource, TileBuilder, parse_bundle, render_bundle

NOW = int(datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC).timestamp())
WITNESS = Cosigner("w.example", private("w"))
ALONE = trusting(LOG_KEY)
OUTSIDE = Policy((PolicyLog(LOG_KEY.key),), (PolicyWitness("w", WITNESS.key),), (Group("g", 1, ("w",)),), "g")


class Adversary:
    """Keeper of a log's files in memory, with the log's own key, who may serve whatever it likes."""

    def __init__(self, folder: Path) -> None:
        self.log: Log = log_on(make_sequencer("sqlite", folder, None), folder)
        open_log(self.log)
        self.extra: list[bytes] = []

    def grow(self, *faces: int) -> Adversary:
        for number in faces:
            self.log.append(counted(number), OPERATOR)
        return self

    def entries(self) -> list[bytes]:
        return self.log.sequencer.read(0, self.log.sequencer.size()) + self.extra

    def files(self, *cosigned: int, entries: list[bytes] | None = None, note: bytes | None = None) -> dict[str, bytes]:
        builder = TileBuilder()
        given = self.entries() if entries is None else entries
        files = builder.extend(given) | builder.partial_files()
        head = Checkpoint(ORIGIN, builder.size, builder.root())
        signed = sign_checkpoint(head, LOG_KEY)
        lines = [WITNESS.cosign(head, time) for time in cosigned]
        files["checkpoint"] = note or SignedCheckpoint(head, signed.note.adding(*lines)).render()
        return files


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Adversary]:
    made = Adversary(tmp_path).grow(*range(20))
    yield made
    made.log.sequencer.close()


def seen(files: dict[str, bytes], state: MonitorState | None = None, policy: Policy = ALONE, now: int = NOW) -> Look:
    return look(MemorySource(files), policy, SCHEMAS, state, now)


def codes(found: Look) -> set[str]:
    return {note.code for note in found.faults}


def test_an_honest_log_is_followed(keeper: Adversary) -> None:
    first = seen(keeper.files())
    assert first.notes == ()
    assert first.reading is not None
    assert (first.reading.size, first.reading.wrong) == (23, ())
    assert first.state is not None
    assert MonitorState.parse(first.state.render()) == first.state
    again = seen(keeper.grow(21).files(), first.state)
    assert again.notes == ()


def split_view(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    return other.files()


def split_view_grown(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    return other.grow(1, 2, 3).files()


def rollback(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    return keeper.files(entries=keeper.entries()[:-1])


def truncated_tile(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    files = keeper.files()
    return files | {"tile/0/000.p/23": files["tile/0/000.p/23"][:-1]}


def missing_tile(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    return {path: data for path, data in keeper.files().items() if "entries" not in path}


def altered_tile(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    files = keeper.files()
    tile = files["tile/0/000.p/23"]
    return files | {"tile/0/000.p/23": bytes([tile[0] ^ 1]) + tile[1:]}


def altered_entry(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    files = keeper.files()
    return files | {"tile/entries/000.p/23": files["tile/entries/000.p/23"].replace(b'"faces":7', b'"faces":8')}


def reordered_entries(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    files = keeper.files()
    bundle = parse_bundle(files["tile/entries/000.p/23"], 23)
    bundle[5], bundle[6] = bundle[6], bundle[5]
    return files | {"tile/entries/000.p/23": render_bundle(bundle)}


def foreign_head(keeper: Adversary, other: Adversary) -> dict[str, bytes]:
    files = keeper.files()
    return files | {"checkpoint": files["checkpoint"].replace(ORIGIN.encode(), b"log.example/force-b")}


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (split_view, "split-view"), (split_view_grown, "split-view"), (rollback, "rollback"),
        (truncated_tile, "tile-malformed"), (missing_tile, "tile-missing"), (altered_tile, "tile-altered"),
        (altered_entry, "entry-altered"), (reordered_entries, "entry-altered"), (foreign_head, "unknown-log"),
    ],
)  # fmt: skip
def test_each_attack_on_the_files_is_named(
    keeper: Adversary, tmp_path: Path, attack: Callable[[Adversary, Adversary], dict[str, bytes]], code: str
) -> None:
    honest = seen(keeper.files())
    other = Adversary(tmp_path / "other").grow(*range(100, 120))
    try:
        found = seen(attack(keeper, other), honest.state)
    finally:
        other.log.sequencer.close()
    assert codes(found) == {code}
    assert found.state == honest.state, "what was seen is not forgotten for a lie"


def resigned(entry: Entry, **changes: bytes) -> bytes:
    return Entry(entry.draft, entry.key, changes.get("signature", entry.signature)).render()


def forged_signature(keeper: Adversary) -> list[bytes]:
    return [*keeper.entries(), resigned(sign_entry(counted(1), OPERATOR), signature=bytes(64))]


def by_a_stranger(keeper: Adversary) -> list[bytes]:
    from countersign.record.entries.entry import EntrySigner

    return [*keeper.entries(), sign_entry(counted(1), EntrySigner(private("stranger"))).render()]


def without_the_role(keeper: Adversary) -> list[bytes]:
    return [*keeper.entries(), sign_entry(counted(1), CUSTODIAN).render()]


def before_its_key_was_registered(keeper: Adversary) -> list[bytes]:
    entries = keeper.entries()
    return [entries[0], entries[3], *entries[1:3], *entries[4:]]


def after_its_key_was_revoked(keeper: Adversary) -> list[bytes]:
    revoked = draft("record.key-revoked", {"key": OPERATOR.key, "reason": "lost"}, "registrar")
    late = sign_entry(counted(77), OPERATOR)
    return [*keeper.entries(), sign_entry(revoked, REGISTRAR).render(), late.render()]


def of_an_unknown_form(keeper: Adversary) -> list[bytes]:
    return [*keeper.entries(), b'{"free":"text"}']


def not_canonical(keeper: Adversary) -> list[bytes]:
    return [*keeper.entries(), sign_entry(counted(1), OPERATOR).render() + b" "]


def with_facts_that_leak(keeper: Adversary) -> list[bytes]:
    return [*keeper.entries(), sign_entry(draft("test.counted", {"faces": 1, "place": "a@b.example"}, "operator"),
                                          OPERATOR).render()]  # fmt: skip


def erased_what_never_was(keeper: Adversary) -> list[bytes]:
    return [*keeper.entries(), sign_entry(erased(4, (0, 3)), CUSTODIAN).render()]


def erased_twice(keeper: Adversary) -> list[bytes]:
    sealed = sign_entry(counted(1, list=Commitment(bytes(32), 5)), OPERATOR).render()
    gone = sign_entry(erased(23, (0, 4)), CUSTODIAN).render()
    again = sign_entry(replace(erased(23, (0, 4)), at="2026-03-01T09:00:01Z"), CUSTODIAN).render()
    return [*keeper.entries(), sealed, gone, again]


def opened_twice(keeper: Adversary) -> list[bytes]:
    opening = replace(Entry.parse(keeper.entries()[0]).draft, at="2026-03-01T09:00:01Z")
    return [*keeper.entries(), sign_entry(opening, REGISTRAR).render()]


def never_opened(keeper: Adversary) -> list[bytes]:
    return keeper.entries()[3:]


@pytest.mark.parametrize(
    ("attack", "code"),
    [
        (forged_signature, "entry-signature-fails"), (by_a_stranger, "signer-not-entitled"),
        (without_the_role, "signer-not-entitled"), (before_its_key_was_registered, "signer-not-entitled"),
        (after_its_key_was_revoked, "signer-not-entitled"), (of_an_unknown_form, "entry-malformed"),
        (not_canonical, "not-canonical"), (with_facts_that_leak, "leak-refused"),
        (erased_what_never_was, "retention-broken"), (erased_twice, "retention-broken"),
        (opened_twice, "keyring-broken"), (never_opened, "keyring-broken"),
    ],
)  # fmt: skip
def test_each_entry_that_does_not_count_is_named(
    keeper: Adversary, attack: Callable[[Adversary], list[bytes]], code: str
) -> None:
    """A log that signs whatever it likes: the tree is in order, an entry in it is not."""
    found = seen(keeper.files(entries=attack(keeper)))
    assert code in codes(found)
    assert found.reading is not None
    if attack is not never_opened:
        assert len(found.reading.wrong) == 1


def test_an_entry_of_a_schema_the_log_never_adopted_is_named(keeper: Adversary) -> None:
    from tests.making.logs import COUNTED

    from countersign.record.entries.schema import Schema, Schemas

    other = Schema.parse(COUNTED.text.replace(b"test.counted", b"test.other"))
    entry = sign_entry(draft("test.other", {"faces": 1}, "operator"), OPERATOR).render()
    files = keeper.files(entries=[*keeper.entries(), entry])
    found = look(MemorySource(files), ALONE, Schemas.of([*SCHEMAS.known.values(), other]), None, NOW)
    assert codes(found) == {"schema-not-adopted"}


def wrong_witness(head: Checkpoint) -> NoteSignature:
    return Cosigner("w.example", private("impostor")).cosign(head, NOW)


def replayed_cosignature(head: Checkpoint) -> NoteSignature:
    return WITNESS.cosign(Checkpoint(head.origin, head.size - 1, bytes(32)), NOW)


@pytest.mark.parametrize(
    ("line", "code"), [(wrong_witness, "wrong-witness"), (replayed_cosignature, "cosignature-fails")]
)
def test_cosignatures_that_are_none_are_named(
    keeper: Adversary, line: Callable[[Checkpoint], NoteSignature], code: str
) -> None:
    files = keeper.files()
    signed = SignedCheckpoint.parse(files["checkpoint"])
    note = signed.note.adding(line(signed.checkpoint))
    assert codes(seen(files | {"checkpoint": note.render()}, policy=OUTSIDE)) == {code}
    assert codes(seen(files, policy=OUTSIDE)) == {"quorum-not-met"}


def test_a_head_that_stands_still_is_stale(keeper: Adversary) -> None:
    files = keeper.files()
    first = seen(files)
    assert codes(seen(files, first.state, now=NOW + 23 * 3600)) == set()
    assert codes(seen(files, first.state, now=NOW + 25 * 3600)) == {"stale-head"}
    cosigned = keeper.files(NOW)
    assert codes(seen(cosigned, policy=OUTSIDE, now=NOW + 23 * 3600)) == set()
    assert codes(seen(cosigned, policy=OUTSIDE, now=NOW + 25 * 3600)) == {"stale-head"}


def test_times_that_no_cosigned_checkpoint_bears_out_are_told_once(keeper: Adversary) -> None:
    nine = int(datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC).timestamp())
    first = seen(keeper.files(nine + 60), policy=OUTSIDE)
    assert first.notes == (), "nine o'clock is before the first checkpoint, and after nothing"
    for at in ("2026-03-01T09:05:00Z", "2026-03-01T08:00:00Z", "2026-03-01T11:00:00Z"):
        keeper.log.append(draft("test.counted", {"faces": 1}, "operator", at=at), OPERATOR)
    second = seen(keeper.files(nine + 3600), first.state, OUTSIDE)
    assert second.faults == []
    assert [(note.code, note.text) for note in second.notes] == [
        ("unsupported-time", "entry 24 came in at least 1 hour after the time it states, 1 March 2026, 08:00 GMT"),
        ("unsupported-time", "entry 25 was there 1 hour before the time it states, 1 March 2026, 11:00 GMT"),
    ]
    third = seen(keeper.files(nine + 3600), second.state, OUTSIDE)
    assert third.notes == ()
    assert third.reading is not None
    assert [(one.place, one.late) for one in third.reading.unsupported] == [(24, 3660), (25, -3600)]


def test_what_is_overdue_is_a_notice(keeper: Adversary) -> None:
    keeper.log.append(
        draft("record.retention-rule", {"class": "watchlist", "hours": 1, "document": "00" * 32}, "custodian"),
        CUSTODIAN,
    )
    keeper.log.append(counted(1, list=Commitment(bytes(32), 10)), OPERATOR)
    [note] = seen(keeper.files()).notes
    assert (note.code, note.fault) == ("overdue", False)
    assert "10 of list in entry 24 (watchlist) were to be erased by 1 March 2026, 10:00 GMT" in note.text


@pytest.mark.slow
def test_work_spread_over_processes_gives_the_same(keeper: Adversary, tmp_path: Path) -> None:
    from countersign.record.keeping.log import prepare

    keeper.log.append_prepared([prepare(counted(number), OPERATOR, SCHEMAS) for number in range(100, 700)])
    with keeper.log.sequencer.appending() as appending:
        appending.add([Waiting(data, False) for data in forged_signature(keeper)[-1:]])
    keeper.log.publish()
    source = keeper.log.tiles.source
    alone = look(source, ALONE, SCHEMAS, None, NOW)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        spread = look(source, ALONE, SCHEMAS, None, NOW, executor=executor)
    assert spread.notes == alone.notes
    assert codes(spread) == {"entry-signature-fails"}
    assert "entry 623" in spread.notes[0].text


def test_of_entries_that_seal_only_what_they_committed_to_comes_back(keeper: Adversary) -> None:
    """A million entries that all seal something are audited within 300 MB: no process keeps them for another."""
    keeper.log.append(counted(1, list=Commitment(bytes(32), 10)), OPERATOR)
    files = keeper.files()
    piece = _Piece(MemorySource(files), 24, 0, 1, schemas=tuple(schema.text for schema in SCHEMAS.known.values()))
    [governs] = map(_govern, [piece])
    kept = _check(piece._replace(governing=tuple(governs.found))).kept
    assert kept == [
        CommittedTo(23, "list", "watchlist", int(datetime.datetime.fromisoformat(counted(1).at).timestamp()), 10)
    ]


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'{"version":1,"head":"x","first_seen":1}', b"\xff"])
def test_a_state_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(MonitorStateMalformed):
        MonitorState.parse(data)
