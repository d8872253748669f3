from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.tlog.checkpoint import (
    MAXIMUM_NOTE_BYTES,
    Checkpoint,
    CheckpointMalformed,
    Note,
    NoteMalformed,
    NoteSignature,
    SignedCheckpoint,
)
from countersign.record.tlog.encoding import KeyMalformed
from countersign.record.tlog.merkle import EMPTY_ROOT

NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="+", exclude_categories=["Z", "C"]), min_size=1, max_size=9
)
SIGNATURES = st.builds(NoteSignature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=70))
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=60)


@given(TEXTS, st.lists(SIGNATURES, min_size=1, max_size=5, unique=True))
@settings(deadline=None, max_examples=200)
def test_a_note_round_trips_whatever_its_text(text: str, signatures: list[NoteSignature]) -> None:
    note = Note(text + "\n", tuple(signatures))
    assert Note.parse(note.render()) == note


@pytest.mark.parametrize("text", ["", "no newline", "a\r\n", "a\tb\n", "\x1f\n", "\ud800\n"])
def test_a_text_that_cannot_be_signed_is_refused_when_built(text: str) -> None:
    with pytest.raises(NoteMalformed):
        Note(text, (NoteSignature("a", b"1234", b"5"),))


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\x00", "a\u0085b", "\ud800"])
def test_a_name_with_a_space_a_plus_or_nothing_is_refused(name: str) -> None:
    with pytest.raises(KeyMalformed):
        NoteSignature(name, b"1234", b"5")


def test_a_note_too_long_is_refused_before_it_is_looked_at() -> None:
    with pytest.raises(NoteMalformed, match="longer than"):
        Note.parse(b"\xff" * (MAXIMUM_NOTE_BYTES + 1))


def test_adding_a_signature_twice_keeps_one() -> None:
    signature = NoteSignature("a", b"1234", b"5")
    note = Note("text\n", (signature,))
    assert note.adding(signature) == note
    assert len(note.adding(NoteSignature("b", b"1234", b"5")).signatures) == 2


ORIGINS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20)


@given(ORIGINS, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(ORIGINS, max_size=3))
@settings(deadline=None, max_examples=200)
def test_a_checkpoint_round_trips_extensions_and_all(origin: str, size: int, root: bytes, more: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(more))
    assert Checkpoint.parse(checkpoint.render()) == checkpoint


def test_size_0_goes_with_the_empty_root_alone() -> None:
    assert Checkpoint("o", 0, EMPTY_ROOT).size == 0
    with pytest.raises(CheckpointMalformed, match="size 0"):
        Checkpoint("o", 0, bytes(32))


def test_a_checkpoint_cannot_be_set_on_another_text() -> None:
    note = Note(Checkpoint("o", 0, EMPTY_ROOT).render(), (NoteSignature("o", b"1234", b"5"),))
    with pytest.raises(CheckpointMalformed):
        SignedCheckpoint(Checkpoint("other", 0, EMPTY_ROOT), note)
