"""The keyring: only who was registered, in a role held, at that place of the log."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.errors import CountersignError
from countersign.record.entries.entry import Draft, Entry, EntrySigner, sign_entry
from countersign.record.entries.keyring import (
    EMPTY,
    OWN,
    KeyringBroken,
    SignerNotEntitled,
    prove_possession,
    rotation_message,
)
from countersign.record.tlog.encoding import render_base64

LOG = "log.example/1"


def signer(number: int) -> EntrySigner:
    return EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))


REGISTRAR, ANN, BEN, NEW = (signer(number) for number in range(1, 5))


def entry(
    kind: str, facts: dict[str, Any], by: EntrySigner = REGISTRAR, role: str = "registrar", log: str = LOG
) -> Entry:
    return sign_entry(Draft(f"record.{kind}", 1, log, "force-a", "2026-03-01T09:30:00Z", role, "force", facts), by)


def opening(by: EntrySigner = REGISTRAR, named: EntrySigner = REGISTRAR) -> Entry:
    schemas: list[Any] = [{"kind": s.kind, "version": s.version, "digest": s.digest} for s in OWN.known.values()]
    return entry("log-opened", {"registrar": render_base64(named.public_key), "schemas": schemas}, by)


def registered(who: EntrySigner, *roles: str) -> Entry:
    return entry("key-registered", {"public_key": render_base64(who.public_key), "roles": list(roles)})


def rule(by: EntrySigner, role: str = "custodian") -> Entry:
    return entry("retention-rule", {"class": "watchlist", "hours": 24, "document": "00" * 32}, by, role)


def rotated(old: EntrySigner, new: EntrySigner, role: str = "custodian", possession: bytes | None = None) -> Entry:
    proof = prove_possession(new, LOG, old.key) if possession is None else possession
    facts = {"public_key": render_base64(new.public_key), "possession": render_base64(proof)}
    return entry("key-rotated", facts, old, role)


def admit(*entries: Entry) -> None:
    keyring = EMPTY
    for one in entries:
        keyring, verified = keyring.admit(one, OWN)
        assert verified.entry is one


def test_a_lawful_history_is_admitted_and_the_keys_are_as_left() -> None:
    history = [
        opening(), registered(ANN, "custodian"), rule(ANN), entry("role-granted", {"key": BEN.key, "role": "auditor"}),
    ]  # fmt: skip
    history[3:3] = [registered(BEN, "reviewer")]
    history += [entry("role-withdrawn", {"key": BEN.key, "role": "reviewer"}), rotated(ANN, NEW), rule(NEW)]
    admit(*history)
    keyring = EMPTY
    for one in history:
        keyring = keyring.next(one)
    assert keyring.keys[BEN.key].roles == {"auditor"}
    assert keyring.keys[NEW.key].roles == {"custodian"}
    assert keyring.keys[ANN.key].revoked_at == 6
    assert keyring.size == len(history)


def test_what_was_lawful_stays_so_after_a_revocation() -> None:
    revoked = entry("key-revoked", {"key": ANN.key, "reason": "lost"})
    admit(opening(), registered(ANN, "custodian"), rule(ANN), revoked)
    with pytest.raises(SignerNotEntitled, match="was revoked by entry 2"):
        admit(opening(), registered(ANN, "custodian"), revoked, rule(ANN))


@pytest.mark.parametrize(
    ("history", "error", "match"),
    [
        ([registered(ANN, "custodian")], KeyringBroken, "begins with record.log-opened"),
        ([opening(by=ANN)], KeyringBroken, "not signed by the registrar"),
        ([opening(), opening()], KeyringBroken, "a second time"),
        ([opening(), rule(ANN)], SignerNotEntitled, "never registered"),
        ([opening(), registered(ANN, "reviewer"), rule(ANN)], SignerNotEntitled, "does not hold the role custodian"),
        ([opening(), registered(ANN, "a"), registered(ANN, "b")], KeyringBroken, "registered a second time"),
        ([opening(), entry("key-revoked", {"key": ANN.key, "reason": "lost"})], KeyringBroken, "not registered"),
        ([opening(), entry("role-granted", {"key": ANN.key, "role": "a"})], KeyringBroken, "not registered"),
        (
            [opening(), registered(ANN, "a"), entry("role-withdrawn", {"key": ANN.key, "role": "b"})],
            KeyringBroken, "does not hold the role b",
        ),
        (
            [opening(), registered(ANN, "custodian"), rotated(ANN, NEW, possession=bytes(64))],
            KeyringBroken, "not signed",
        ),
        ([opening(), registered(ANN, "custodian"), rotated(ANN, REGISTRAR)], KeyringBroken, "registered already"),
        (
            [opening(), entry("key-revoked", {"key": ANN.key, "reason": "lost"}, log="other.example")],
            SignerNotEntitled, "of the log",
        ),
    ],
)  # fmt: skip
def test_an_unlawful_history_is_refused_with_its_reason(
    history: list[Entry], error: type[CountersignError], match: str
) -> None:
    with pytest.raises(error, match=match):
        admit(*history)


def test_only_the_registrar_registers() -> None:
    by_custodian = entry(
        "key-registered", {"public_key": render_base64(BEN.public_key), "roles": ["x"]}, ANN, "custodian"
    )
    with pytest.raises(CountersignError, match="not for the role custodian"):
        admit(opening(), registered(ANN, "custodian"), by_custodian)


def test_a_low_order_key_is_not_registered() -> None:
    low = entry("key-registered", {"public_key": render_base64(bytes([1]) + bytes(31)), "roles": ["custodian"]})
    with pytest.raises(KeyringBroken, match="low order"):
        admit(opening(), low)


def test_a_possession_signature_of_another_log_is_no_use() -> None:
    elsewhere = NEW.private_key.sign(rotation_message("other.example", ANN.key))
    with pytest.raises(KeyringBroken, match="not signed"):
        admit(opening(), registered(ANN, "custodian"), rotated(ANN, NEW, possession=elsewhere))
