"""Random damage to good files: a parser gives back what it takes byte for byte, or raises one of its own errors.

The seeds are the project's vectors; the damage is drawn from a fixed seed, so that a failure can be had again.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from countersign.errors import WrongForm
from countersign.record.keeping.keyfile import open_key
from countersign.record.outside.witness import AddCheckpoint
from countersign.record.tlog.checkpoint import Note, SignedCheckpoint
from countersign.record.tlog.encoding import VerifierKey
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.trust import LogProof

HERE = Path(__file__).parents[1] / "vectors"
EVERYDAY, LONG = 2_000, 400_000
PIECES = [
    b"\n", b"\n\n", b" ", b"\t", b"\r\n", b"\x00", b"\xff", b"\xe2\x80\x94 ", b"=", b"+", b"0", b"-1", b"00", b"#",
    b"9223372036854775807", b"9223372036854775808", b"99999999999999999999999", b"none", b"quorum none\n", b"group ",
    b"index ", b"extra ", b"old ", "\u00a0".encode(), "\u2028".encode(), "١".encode(), b"\xed\xa0\x80", b"AQ==",
    b"AR==",
]  # fmt: skip


def load(name: str) -> Any:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


def seeds() -> dict[str, list[bytes]]:
    refused = {
        name: [base64.b64decode(case["base64"]) for case in load(name)["refused"]]
        for name in ("notes", "checkpoints", "policies", "proofs", "keys")
    }
    signed = [text.encode() for text in load("checkpoints")["signed"].values()]
    return {
        "note": [base64.b64decode(text) for text in load("notes")["taken"].values()] + refused["notes"] + signed,
        "checkpoint": signed + refused["checkpoints"],
        "policy": [text.encode() for text in load("policies")["taken"].values()] + refused["policies"],
        "proof": [case["text"].encode() for case in load("proofs")["taken"]] + refused["proofs"],
        "request": [base64.b64decode(step["request"]) for step in load("witness")["in order"]],
        "key": [case["text"].encode() for case in load("keys")["taken"]] + refused["keys"],
    }


def damaged(rng: random.Random, data: bytes, other: bytes) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        at = rng.randrange(len(data) + 1)
        to = min(len(data), at + rng.choice((0, 1, 1, 2, 8, 64)))
        match rng.randrange(7):
            case 0 if data:
                at = rng.randrange(len(data))
                data = data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[to:]
            case 2:
                data = data[:at] + rng.choice(PIECES) + data[to:]
            case 3:
                data = data[:to] + data[at:]
            case 4:
                lines = data.split(b"\n")
                rng.shuffle(lines) if rng.random() < 0.3 else lines.insert(rng.randrange(len(lines)), rng.choice(lines))
                data = b"\n".join(lines)
            case 5:
                data = data[:at] + other[rng.randrange(len(other) + 1) :]
            case _:
                data = data[:at]
    return data


def spelled(parse: Callable[[bytes], Any]) -> Callable[[bytes], None]:
    """What is taken is written again byte for byte."""

    def check(data: bytes) -> None:
        assert parse(data).render() == data

    return check


def plainest(data: bytes) -> None:
    """A policy may be spelled in several ways; its plainest form is read as the same policy."""
    policy = Policy.parse(data)
    assert Policy.parse(policy.render()) == policy
    assert Policy.parse(policy.render()).render() == policy.render()


def key_text(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    assert VerifierKey.parse(text).render() == text


CHECKS: dict[str, Callable[[bytes], None]] = {
    "note": spelled(Note.parse),
    "checkpoint": spelled(SignedCheckpoint.parse),
    "policy": plainest,
    "proof": spelled(LogProof.parse),
    "request": spelled(AddCheckpoint.parse),
    "key": key_text,
}


def fuzz(kind: str, rounds: int, seed: int) -> tuple[int, int]:
    rng = random.Random(seed)
    good, check = seeds()[kind], CHECKS[kind]
    taken = refused = 0
    for data in good:
        try:
            check(data)
            taken += 1
        except WrongForm:
            refused += 1
    for _ in range(rounds):
        data = damaged(rng, rng.choice(good), rng.choice(good))
        try:
            check(data)
            taken += 1
        except WrongForm:
            refused += 1
        except Exception as error:  # noqa: BLE001 - any other one is what is looked for
            pytest.fail(f"{kind}: {error!r} for {data!r}")
    return taken, refused


@pytest.mark.parametrize("kind", list(CHECKS))
def test_damage_is_refused_or_read_as_it_stands(kind: str) -> None:
    taken, refused = fuzz(kind, EVERYDAY, seed=1)
    assert taken > 0
    assert refused > EVERYDAY // 4


@pytest.mark.slow
@pytest.mark.parametrize("kind", list(CHECKS))
def test_much_damage_is_refused_or_read_as_it_stands(kind: str) -> None:
    assert fuzz(kind, LONG, seed=2)[1] > LONG // 4


def test_damage_to_a_private_keys_file_opens_nothing() -> None:
    from countersign.record.keeping.keyfile import WrongPassphrase

    rng = random.Random(3)
    good = load("keyfiles")["taken"].encode()
    for _ in range(300):
        data = damaged(rng, good, good)
        if b"scrypt 10 " not in data:
            continue  # a dear derivation: tested once among the vectors
        try:
            opened = open_key(data, b"vectors")
        except (WrongForm, WrongPassphrase):
            continue
        assert data == good
        assert opened.key.name == "w1.example"
