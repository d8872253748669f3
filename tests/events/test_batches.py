"""Batches: twice or out of order changes nothing; an altered byte, another key or another deployment takes nothing."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.events.door.journal import Journal
from countersign.events.door.line import Limits
from countersign.events.door.lines import lines_of
from countersign.events.door.taking import BatchWrong, render_batch, take, take_batch
from countersign.made_up.export import make
from countersign.made_up.scenario import load
from countersign.record.entries import canonical
from countersign.record.entries.entry import EntrySigner

SIGNER = EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01"))
MADE = make(load("corners-cut"), seed=4)
WHOSE = "force-a/corners-cut"
LIMITS = Limits.of(MADE.limits)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[bytes], list[bytes], dict[str, int]]:
    """Three batches, all events in the van's journal, and what was found there."""
    lines = [canonical.render(event) for event in MADE.events]
    batches = []
    with Journal.open(tmp_path_factory.mktemp("van") / "journal", WHOSE, LIMITS.digest) as journal:
        for end in (10, 25, len(lines)):
            take(lines_of(lines[:end]), "export.jsonl", journal, LIMITS)
            with journal.transaction():
                number = journal.number_batch()
            batches.append(render_batch(journal, number, WHOSE, LIMITS.digest, SIGNER))
        assert journal.number_batch() == 3  # nothing new, no new number
        assert render_batch(journal, 1, WHOSE, LIMITS.digest, SIGNER) == batches[0]
        return batches, list(journal.bodies()), journal.found()


@pytest.mark.parametrize("order", [*itertools.permutations(range(3)), (0, 1, 1, 2, 0), (2, 2, 1, 0)])
def test_any_order_any_number_of_times_gives_the_same(
    order: tuple[int, ...], sent: tuple[list[bytes], list[bytes], dict[str, int]], tmp_path: Path
) -> None:
    batches, bodies, found = sent
    with Journal.open(tmp_path / "journal", WHOSE, LIMITS.digest) as journal:
        for number in order:
            assert take_batch(batches[number], journal, WHOSE, LIMITS, SIGNER.public_key)[0] == number + 1
        assert list(journal.bodies()) == bodies
        assert journal.found() == found
        assert journal.batches_missing() == []


def test_a_batch_that_did_not_come_is_known(
    sent: tuple[list[bytes], list[bytes], dict[str, int]], tmp_path: Path
) -> None:
    with Journal.open(tmp_path / "journal", WHOSE, LIMITS.digest) as journal:
        take_batch(sent[0][2], journal, WHOSE, LIMITS, SIGNER.public_key)
        assert journal.batches_missing() == [1, 2]


def test_any_altered_byte_takes_nothing(sent: tuple[list[bytes], list[bytes], dict[str, int]], tmp_path: Path) -> None:
    good = sent[0][0]
    with Journal.open(tmp_path / "journal", WHOSE, LIMITS.digest) as journal:
        for at in range(0, len(good), 37):
            with pytest.raises(BatchWrong):
                take_batch(
                    good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :], journal, WHOSE, LIMITS, SIGNER.public_key
                )
        for cut in (b"", good[:-1], good + b"{}\n", good + good):
            with pytest.raises(BatchWrong):
                take_batch(cut, journal, WHOSE, LIMITS, SIGNER.public_key)
        assert journal.count() == 0


def test_another_key_or_deployment_or_a_number_used_before_takes_nothing(
    sent: tuple[list[bytes], list[bytes], dict[str, int]], tmp_path: Path
) -> None:
    other = EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x02"))
    with Journal.open(tmp_path / "journal", WHOSE, LIMITS.digest) as journal:
        with pytest.raises(BatchWrong, match="another key"):
            take_batch(sent[0][0], journal, WHOSE, LIMITS, other.public_key)
        with pytest.raises(BatchWrong, match="another deployment"):
            take_batch(sent[0][0], journal, "force-a/d-9", LIMITS, SIGNER.public_key)
        take_batch(sent[0][0], journal, WHOSE, LIMITS, SIGNER.public_key)
        with Journal.open(tmp_path / "other", WHOSE, LIMITS.digest) as second:
            take(lines_of([canonical.render(MADE.events[0])]), "export.jsonl", second, LIMITS)
            with second.transaction():
                second.number_batch()
            rival = render_batch(second, 1, WHOSE, LIMITS.digest, SIGNER)
        before = list(journal.bodies())
        with pytest.raises(BatchWrong, match="under the number 1 before"):
            take_batch(rival, journal, WHOSE, LIMITS, SIGNER.public_key)
        assert list(journal.bodies()) == before
