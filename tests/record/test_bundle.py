"""Bundles: made from a log, the same again, and any one bit flipped is caught."""

from __future__ import annotations

import random
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making.logs import CUSTODIAN, LOG_KEY, OPERATOR, ORIGIN, SCHEMAS, counted, draft, erased, opened, trusting

from countersign.errors import EvidenceWrong, WrongForm
from countersign.record.bundle import (
    LONGEST_ENTRY_LINE,
    MOST_LINES,
    Bundle,
    BundleAltered,
    BundleContradicts,
    BundledEntry,
    BundledOpening,
    BundleMalformed,
    NotDeclaredErased,
    VerifiedBundle,
    parse_bundle,
    refute,
    verify_bundle,
)
from countersign.record.entries.commitment import OpeningFails
from countersign.record.entries.entry import EntrySigner
from countersign.record.entries.keyring import SignerNotEntitled
from countersign.record.keeping.log import Log
from countersign.record.store.sealedstore import SealedStore
from countersign.record.tlog.checkpoint import Checkpoint, SignedCheckpoint, sign_checkpoint
from countersign.record.tlog.merkle import InclusionFails
from countersign.register.handing import NothingOfSubject, make_bundle

POLICY = trusting(LOG_KEY)
OTHER = "force-a/d-2"


def opening(number: int) -> bytes:
    return sha256(b"opening %d" % number).digest()


class Kept:
    """A log with two subjects, sealed values, an erasure, a hold and a rule; and its sealed store."""

    def __init__(self, log: Log, folder: Path) -> None:
        self.log = log
        self.store = SealedStore.create(folder / "sealed.db")
        listed = self.store.seal_set(
            "list", "watchlist", 1, [b"item %d" % n for n in range(5)], [opening(n) for n in range(5)]
        )
        reasons = self.store.seal("reasons", "papers", 1, b"because", opening(99))
        log.append(counted(1, list=listed, reasons=reasons), OPERATOR)
        log.append(draft("test.counted", {"faces": 2}, "operator", subject=OTHER), OPERATOR)
        rule = {"class": "watchlist", "hours": 24, "document": "00" * 32}
        log.append(draft("record.retention-rule", rule, "custodian", subject="force-a"), CUSTODIAN)
        self.store.erase([(listed, [(0, 1)])])
        log.append(erased(3, (0, 1)), CUSTODIAN)
        head = log.publish()
        assert head is not None
        self.head: SignedCheckpoint = head

    def bundle(self, *labels: str, subject: str = "force-a/d-1") -> Bundle:
        return make_bundle(
            self.log.tiles.source, self.head, SCHEMAS, subject, "panel", labels=frozenset(labels),
            opener=self.store.open_many,
        )  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    for log in opened("sqlite", tmp_path, None):
        made = Kept(log, tmp_path)
        yield made
        made.store.close()


def checked(data: bytes) -> VerifiedBundle:
    return verify_bundle(parse_bundle(data), POLICY)


def test_a_bundle_holds_what_belongs_to_the_subject_and_nothing_else(kept: Kept) -> None:
    verified = checked(kept.bundle("list", "reasons").render())
    assert sorted(verified.entries) == [0, 1, 2, 3, 5, 6], "entry 4 is about another"
    assert {place: one.content for place, one in verified.openings.items()} == {
        (3, "list", 2): b"item 2", (3, "list", 3): b"item 3", (3, "list", 4): b"item 4", (3, "reasons", 0): b"because",
    }  # fmt: skip
    assert sorted(checked(kept.bundle(subject=OTHER).render()).entries) == [0, 1, 2, 4, 5]
    with pytest.raises(NothingOfSubject, match="force-a/d-9"):
        kept.bundle(subject="force-a/d-9")


def test_the_same_request_gives_the_same_bytes(kept: Kept) -> None:
    first = kept.bundle("list").render()
    kept.log.append(counted(9), OPERATOR)
    kept.log.publish()
    assert kept.bundle("list").render() == first
    assert parse_bundle(first).render() == first


def caught(data: bytes) -> None:
    with pytest.raises((EvidenceWrong, WrongForm)) as error:
        checked(data)
    assert error.value.code


@pytest.mark.slow
def test_every_bit_of_a_small_bundle_counts(kept: Kept) -> None:
    data = kept.bundle(subject=OTHER).render()
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((BundleAltered, BundleMalformed)):
            parse_bundle(bytes(flipped))


def again_sealed(data: bytes, bit: int) -> bytes:
    """The bundle with one bit flipped and its last line made again, as an attacker would."""
    body = bytearray(data[: data.rindex(b'{"sha256"')])
    body[bit // 8] ^= 1 << bit % 8
    return bytes(body) + b'{"sha256":"%s"}\n' % sha256(body).hexdigest().encode()


#: What a bundle says of itself is signed by nobody: whom it is for. Flips there give another lawful bundle.
def lawful(data: bytes) -> bool:
    try:
        return checked(data).bundle.audience != "panel"
    except (EvidenceWrong, WrongForm):
        return False


def test_flips_behind_a_new_last_line_are_caught_by_proofs_and_signatures(kept: Kept) -> None:
    data = kept.bundle("list", "reasons").render()
    rng = random.Random(4)
    body = 8 * data.rindex(b'{"sha256"')
    for bit in (rng.randrange(body) for _ in range(300)):
        altered = again_sealed(data, bit)
        if not lawful(altered):
            caught(altered)


@pytest.mark.slow
def test_ten_thousand_random_flips_are_caught(kept: Kept) -> None:
    rng = random.Random(5)
    data = kept.bundle("list", "reasons").render()
    body = 8 * data.rindex(b'{"sha256"')
    for bit in (rng.randrange(body) for _ in range(10_000)):
        altered = again_sealed(data, bit)
        if not lawful(altered):
            caught(altered)


def test_parts_that_do_not_belong_together_are_named(kept: Kept) -> None:
    whole, other = kept.bundle("list", "reasons"), kept.bundle(subject=OTHER)

    def changed(**parts: object) -> Bundle:
        fields = {name: getattr(whole, name) for name in Bundle.__dataclass_fields__}
        return Bundle(**fields | parts)

    spliced = BundledEntry(whole.entries[3].index, whole.entries[3].data, whole.entries[2].proof)
    moved = BundledEntry(4, whole.entries[3].data, whole.entries[3].proof)
    with pytest.raises(InclusionFails):
        verify_bundle(changed(entries=(*whole.entries[:3], spliced)), POLICY)
    with pytest.raises(InclusionFails):
        verify_bundle(changed(entries=(*whole.entries[:3], moved)), POLICY)
    with pytest.raises(BundleContradicts, match="entry 4 is about force-a/d-2"):
        verify_bundle(changed(entries=other.entries, openings=()), POLICY)
    with pytest.raises(BundleContradicts, match="order of their places"):
        verify_bundle(changed(entries=whole.entries[::-1]), POLICY)
    with pytest.raises(BundleContradicts, match="order of their places"):
        verify_bundle(changed(entries=(*whole.entries[:3], whole.entries[2])), POLICY)
    with pytest.raises(BundleContradicts, match="openings are not in the order"):
        verify_bundle(changed(openings=whole.openings[::-1]), POLICY)
    with pytest.raises(BundleContradicts, match="committed to no such value"):
        verify_bundle(changed(openings=(BundledOpening(3, "faces", 0, 1, b"", bytes(32)),)), POLICY)
    with pytest.raises(OpeningFails):
        verify_bundle(changed(openings=(BundledOpening(3, "reasons", 0, 1, b"not so", opening(99)),)), POLICY)
    with pytest.raises(OpeningFails, match="has no item 1"):
        verify_bundle(changed(openings=(BundledOpening(3, "reasons", 1, 1, b"because", opening(99)),)), POLICY)
    foreign = whole.schemas[0].replace(b'"x-roles"', b'"description": "altered", "x-roles"', 1)
    with pytest.raises(EvidenceWrong):
        verify_bundle(changed(schemas=(foreign, *whole.schemas[1:])), POLICY)
    smaller = sign_checkpoint(Checkpoint(ORIGIN, kept.head.checkpoint.size, bytes(32)), LOG_KEY)
    with pytest.raises(InclusionFails):
        verify_bundle(changed(checkpoint=smaller), POLICY)


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_the_parser_raises_nothing_but_its_own(data: st.DataObject) -> None:
    head = sign_checkpoint(Checkpoint(ORIGIN, 1, bytes(32)), LOG_KEY)
    seed = Bundle(
        "force-a/d-1", "panel", head, (b"{}",), (BundledEntry(0, b"{}", (bytes(32),)),),
        (BundledOpening(0, "list", 0, 1, b"x", bytes(32), (bytes(32),)),),
    ).render()  # fmt: skip
    body = seed[: seed.rindex(b'{"sha256"')]
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    altered = body[:start] + data.draw(st.binary(max_size=12) | st.sampled_from([b"{}\n", b"null", b"[]", b'"']))
    altered += body[end:]
    for given_bytes in (altered, altered + b'{"sha256":"%s"}\n' % sha256(altered).hexdigest().encode()):
        try:
            parsed = parse_bundle(given_bytes)
        except (WrongForm, BundleAltered):
            continue
        assert parsed.render() == given_bytes


@pytest.mark.parametrize("line", [b"[]", b"[1]", b"1", b'"text"', b"null", b"true"])
@pytest.mark.parametrize("place", [0, 1, 2, 3])
def test_a_line_that_is_no_object_is_refused_by_its_number(line: bytes, place: int, kept: Kept) -> None:
    lines = kept.bundle("list").render().split(b"\n")[:-2]
    body = b"".join(each + b"\n" for each in [*lines[:place], line, *lines[place:]])
    with pytest.raises(BundleMalformed, match=f"line {place + 1} is not an object"):
        parse_bundle(_ended(body))


def _ended(body: bytes) -> bytes:
    return body + b'{"sha256":"%s"}\n' % sha256(body).hexdigest().encode()


def test_the_keeper_signs_for_whom_a_bundle_is_and_how_much_it_opens(kept: Kept) -> None:
    signed = kept.bundle("list").signed(CUSTODIAN)
    data = signed.render()
    assert data.startswith(b'{"audience":"panel","body":"')
    assert parse_bundle(data).render() == data
    assert checked(data).bundle.signature == signed.signature
    for other in (
        replace(signed, audience="press"),
        replace(signed, openings=signed.openings[:-1]),
        replace(signed, openings=()),
        replace(signed, entries=signed.entries[:-1]),
    ):
        with pytest.raises(BundleContradicts, match="header"):
            checked(other.render())


def test_a_signature_can_be_left_out_but_then_the_audience_is_not_signed(kept: Kept) -> None:
    signed = kept.bundle("list").signed(CUSTODIAN)
    assert checked(replace(signed, signature=None).render()).bundle.signature is None


def test_a_bundle_is_signed_by_a_key_that_keeps_the_log_under_its_checkpoint(kept: Kept) -> None:
    for signer in (OPERATOR, EntrySigner(Ed25519PrivateKey.generate())):
        with pytest.raises(SignerNotEntitled, match="custodian or registrar"):
            checked(kept.bundle().signed(signer).render())


def test_a_bundle_of_tiny_lines_or_one_endless_line_is_refused_before_it_takes_memory(kept: Kept) -> None:
    first, second, *_ = kept.bundle().render().split(b"\n")
    head = first + b"\n" + second + b"\n"
    tracemalloc.start()
    for body, said in (
        (b"{}\n" * (MOST_LINES + 1), "lines has more than"),
        (head + b"{}\n" * 100_000, "line 3 is not an object"),
        (b'{"a":[' + b"[]," * 500_000 + b"1]}\n", "line 1 is not an object"),
        (b"[" * 100_000 + b"\n", "line 1 is not an object"),
        (head + b'{"data":"","entry":0,"proof":[' + b'"",' * 100_000 + b'""]}\n', "longer than any of its kind"),
        (head + b'{"data":"' + b"x" * LONGEST_ENTRY_LINE + b'","entry":0,"proof":[]}\n', "longer than any of its kind"),
    ):
        data = _ended(body)
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        with pytest.raises(BundleMalformed, match=said):
            parse_bundle(data)
        assert tracemalloc.get_traced_memory()[1] - before < 4 * len(data) + 100_000
    tracemalloc.stop()


def test_a_surviving_copy_refutes_an_erasure_and_nothing_else_does(kept: Kept) -> None:
    [entry] = kept.log.entries(3, 4)
    accounts = kept.log.accounts()
    listed, reasons = entry.draft.sealed["list"], entry.draft.sealed["reasons"]
    proof = tuple(kept.store.open(listed, 2).proof)
    with pytest.raises(NotDeclaredErased):
        refute(accounts, listed, BundledOpening(3, "list", 2, 1, b"item 2", opening(2), proof))
    with pytest.raises(NotDeclaredErased):
        refute(accounts, reasons, BundledOpening(9, "reasons", 0, 1, b"because", opening(99)))
    from countersign.record.entries.commitment import SealedSet, commit

    whole = SealedSet([commit("list", 1, b"item %d" % n, opening(n)) for n in range(5)])
    given = BundledOpening(3, "list", 1, 1, b"item 1", opening(1), tuple(whole.prove(1)))
    assert refute(accounts, listed, given).position == 1
    with pytest.raises(OpeningFails):
        refute(accounts, listed, BundledOpening(3, "list", 1, 1, b"item 0", opening(1), tuple(whole.prove(1))))
