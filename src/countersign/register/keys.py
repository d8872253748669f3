"""Keys of people who sign: made, opened, and registered, granted roles, revoked and rotated in a log.

In the log a key is an id with roles; whose it is lies sealed. Acts on keys are signed by the registrar, but for a
rotation, which the old key signs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from countersign.errors import NotAllowed
from countersign.inputs import read_input
from countersign.record.entries.entry import EntrySigner
from countersign.record.entries.keyring import REGISTRAR, prove_possession
from countersign.record.keeping import keyfile
from countersign.record.keeping.log import Appended
from countersign.record.tlog.encoding import KeyKind, KeyMalformed, VerifierKey, render_base64
from countersign.register.commands import Raw
from countersign.register.opening import Doing, OpenLog
from countersign.surroundings import current, rehearsed
from countersign.words.lists import be, noun

#: Gives the passphrase of what is named: a key file, or the name of a new key.
Passphrase = Callable[[str], bytes]


class KeyNotRegistered(NotAllowed, next_step="See `countersign key list LOG` for the keys of the log and their ids."):
    """No registered key has the id given, or several begin with it."""


class LastRegistrar(
    NotAllowed,
    next_step="Register another registrar first (`countersign key register LOG KEY --role registrar`), or rotate this "
    "key; give --last if the log is to be without one for good.",
):
    """The log's only registrar would go, and nobody could ever register a key again; the command asks to mean it."""


class KeyOfARehearsal(NotAllowed, next_step="Make a key with `countersign key new`."):
    """A key made in a rehearsal is to be registered in a log that is none: its passphrase lies open beside it."""


def made_key(name: str, passphrase: Passphrase, kind: KeyKind = KeyKind.ED25519) -> tuple[keyfile.PrivateKey, bytes]:
    """A new private key that signs entries or cosigns, and the bytes of its file, sealed. Raises ``KeyMalformed``."""
    given = current()
    secret = Ed25519PrivateKey.from_private_bytes(given.random_bytes(keyfile.SECRET_SIZE))
    key = VerifierKey(name, kind, secret.public_key().public_bytes_raw())
    spelled, cost = passphrase(name), keyfile.COST if given.key_cost is None else given.key_cost
    salt, nonce = given.random_bytes(keyfile.SALT_SIZE), given.random_bytes(keyfile.NONCE_SIZE)
    sealed = keyfile.seal_key(secret, key, spelled, salt=salt, nonce=nonce, cost=cost)
    return keyfile.PrivateKey(key, secret), sealed


def open_private(path: Path, passphrase: Passphrase) -> keyfile.PrivateKey:
    """A private key of a log or a signer, opened. Raises what ``keyfile`` raises."""
    sealed = keyfile.read_key_file(path)
    try:
        opened = keyfile.open_key(sealed, passphrase(str(path)))
    except keyfile.KeyFileMalformed as error:
        raise keyfile.KeyFileMalformed(f"{path}: {error}") from None
    if opened.key.kind is not KeyKind.ED25519:
        raise keyfile.KeyFileMalformed(f"{path}: is a witness's key, which must serve nothing else")
    return opened


def public_key(text: str) -> VerifierKey:
    """The public key of a text ``name+id+base64``, of a file with that text, or of a private key's file."""
    path = Path(text)
    if not path.is_file():
        return VerifierKey.parse(text)
    lines = read_input(path).decode("utf-8", "replace").splitlines()
    named = [line.removeprefix("key ") for line in lines if line.startswith("key ")] or lines[:1]
    if not named:
        raise KeyMalformed(f"{path}: holds no key")
    return VerifierKey.parse(named[0])


def register_key(
    log: OpenLog, doing: Doing, key: VerifierKey, roles: tuple[str, ...], body: str | None, holder: bytes | None
) -> Appended:
    """Register a key in one or more roles; ``holder`` says whose it is, and is sealed. Raises ``KeyOfARehearsal``."""
    if rehearsed(key.name) and not rehearsed(log.origin):
        raise KeyOfARehearsal(f"{key.name}: was made in a rehearsal, and {log.origin} is no rehearsal's log")
    facts: dict[str, object] = {"public_key": render_base64(key.public_key), "roles": list(dict.fromkeys(roles))}
    if body is not None:
        facts["body"] = body
    held = {} if holder is None else {"holder": Raw((holder,))}
    return log.enter(doing, "record.key-registered", facts, contents=held)


def change_role(log: OpenLog, doing: Doing, digits: str, role: str, *, withdraw: bool, last: bool) -> Appended:
    """Grant a registered key a further role, or take one away. Raises ``KeyNotRegistered`` or ``LastRegistrar``."""
    key = find_key(log, digits)
    if withdraw and role == REGISTRAR:
        _spare_the_last_registrar(log, key, last=last)
    kind = "record.role-withdrawn" if withdraw else "record.role-granted"
    return log.enter(doing, kind, {"key": key, "role": role})


def revoke_key(log: OpenLog, doing: Doing, digits: str, reason: str, *, last: bool) -> Appended:
    """Revoke a key: nothing signed with it counts from here on. Raises ``KeyNotRegistered`` or ``LastRegistrar``."""
    key = find_key(log, digits)
    _spare_the_last_registrar(log, key, last=last)
    return log.enter(doing, "record.key-revoked", {"key": key, "reason": reason})


def rotate_key(log: OpenLog, doing: Doing, new: Callable[[], EntrySigner], named: str) -> tuple[Appended, EntrySigner]:
    """Replace the key of ``doing`` by a new one with its roles. Raises ``KeyNotRegistered`` for ``named``."""
    old = doing.key()
    successor = new()
    held = log.log.keyring().keys.get(old.key)
    if held is None or not held.roles:
        raise KeyNotRegistered(f"{named}: the key {old.key[:16]}… holds no role in this log")
    possession = prove_possession(successor, log.origin, old.key)
    facts = {"public_key": render_base64(successor.public_key), "possession": render_base64(possession)}
    made = Doing(lambda: old, doing.at, sorted(held.roles)[0])
    return log.enter(made, "record.key-rotated", facts), successor


def find_key(log: OpenLog, digits: str) -> str:
    """The id of the one registered key that begins with these digits. Raises ``KeyNotRegistered``."""
    fitting = [key for key in log.log.keyring().keys if key.startswith(digits.lower().rstrip("…"))]
    if len(digits) < 8 or len(fitting) != 1:
        count = len(fitting)
        begin = f"{count or 'no'} registered {noun(count, 'key')} {be(count, 'begins', 'begin')}"
        raise KeyNotRegistered(f"{begin} with {digits!r} (give 8 digits or more)")
    return fitting[0]


def _spare_the_last_registrar(log: OpenLog, key: str, *, last: bool) -> None:
    """Raises ``LastRegistrar`` where this key is the log's only registrar, unless ``last`` says that it is meant."""
    if not last and log.log.keyring().last_in(REGISTRAR, key):
        raise LastRegistrar(f"{key[:16]}… is the only registrar of this log; nothing was written")
