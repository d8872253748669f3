"""A private Ed25519 key in a file, encrypted under a passphrase, with its public part readable.

Lines: ``countersign-key/v1``; ``key`` and the verifier key (name, type, public key); ``scrypt`` with its cost as a
power of two and the salt; ``sealed`` with the nonce and the 32 secret bytes under ChaCha20-Poly1305, which also
covers the lines before. The key is derived by scrypt (RFC 7914) with r = 8, p = 1. Files are made with mode 0600 and
never written over; one that others may read is refused. Randomness comes in as arguments; the passphrase comes from
the caller, and is in no message.

>>> secret = Ed25519PrivateKey.from_private_bytes(bytes(32))
>>> public = VerifierKey("w.example", KeyKind.COSIGNATURE, secret.public_key().public_bytes_raw())
>>> data = seal_key(secret, public, b"a passphrase", salt=bytes(16), nonce=bytes(12), cost=10)
>>> open_key(data, b"a passphrase").key == public
True
>>> open_key(data, b"another")  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
countersign.record.keeping.keyfile.WrongPassphrase: the passphrase does not open the key w.example ...
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from countersign.errors import NotAllowed, NotReached, WrongForm
from countersign.record.tlog.encoding import KeyKind, VerifierKey, parse_base64, parse_decimal, render_base64

HEADER = "countersign-key/v1"
SALT_SIZE = 16
NONCE_SIZE = 12
#: scrypt's N is 2 to this power: 64 MiB and about a fifth of a second.
COST = 16
_COSTS = range(10, 21)
_BLOCK = 8
SECRET_SIZE = 32
_TAG_SIZE = 16
_LARGEST_FILE = 4096


class KeyFileMalformed(WrongForm, next_step="Check the path; if the file was damaged, take the copy you keep of it."):
    """A file is not a private key of this project."""


class WrongPassphrase(
    NotAllowed, next_step="Try again; a forgotten passphrase cannot be recovered: make a new key and register it."
):
    """A passphrase does not open a private key."""


class KeyFileExposed(
    NotAllowed, next_step="Take the rights from others (chmod 600 FILE), and consider whether the key is still secret."
):
    """A private key's file can be read by others on this machine."""


class KeyFileExists(NotAllowed, next_step="Name another path; a private key is never written over."):
    """A file is there already where a new private key should be written."""


class KeyFileMissing(NotReached, next_step="Check the path and your rights to it."):
    """A private key's file cannot be read or written."""


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A private key that was opened, and the verifier key it belongs to."""

    key: VerifierKey
    secret: Ed25519PrivateKey = field(repr=False)


def seal_key(
    secret: Ed25519PrivateKey, key: VerifierKey, passphrase: bytes, *, salt: bytes, nonce: bytes, cost: int = COST
) -> bytes:
    """The file's bytes. ``salt`` (16 bytes) and ``nonce`` (12) are fresh; ``cost`` is lower in tests only."""
    if key.kind is KeyKind.ML_DSA_44 or key.public_key != secret.public_key().public_bytes_raw():
        raise ValueError(f"the private key does not belong to {key.name}")
    head = f"{HEADER}\nkey {key.render()}\nscrypt {cost} {render_base64(salt)}\n"
    cipher = ChaCha20Poly1305(_derive(passphrase, salt, cost))
    sealed = nonce + cipher.encrypt(nonce, secret.private_bytes_raw(), head.encode())
    return f"{head}sealed {render_base64(sealed)}\n".encode()


def open_key(data: bytes, passphrase: bytes) -> PrivateKey:
    """The private key of a file's bytes; raises ``KeyFileMalformed`` or ``WrongPassphrase``."""
    try:
        lines = data[:_LARGEST_FILE].decode("utf-8").split("\n")
        header, end = lines[0], lines[4:]
        text, spelled, salted = *_fields(lines[1], "key", 1), *_fields(lines[2], "scrypt", 2)
        [encoded] = _fields(lines[3], "sealed", 1)
        key = VerifierKey.parse(text)
        cost, salt = parse_decimal(spelled), parse_base64(salted, SALT_SIZE)
        sealed = parse_base64(encoded, NONCE_SIZE + SECRET_SIZE + _TAG_SIZE)
    except (UnicodeDecodeError, IndexError, WrongForm):
        raise KeyFileMalformed("this is not a file with a private key") from None
    if header != HEADER or end != [""] or cost not in _COSTS or key.kind is KeyKind.ML_DSA_44:
        raise KeyFileMalformed("this is not a file with a private key of a kind taken here")
    head = "".join(f"{line}\n" for line in lines[:3]).encode()
    cipher = ChaCha20Poly1305(_derive(passphrase, salt, cost))
    try:
        raw = cipher.decrypt(sealed[:NONCE_SIZE], sealed[NONCE_SIZE:], head)
    except InvalidTag:
        raise WrongPassphrase(f"the passphrase does not open the key {key.name} (or its file was altered)") from None
    secret = Ed25519PrivateKey.from_private_bytes(raw)
    if secret.public_key().public_bytes_raw() != key.public_key:
        raise KeyFileMalformed(f"the private and the public key of {key.name} do not belong together")
    return PrivateKey(key, secret)


def write_key_file(path: Path, data: bytes) -> None:
    """Write a new private key's file, readable by its owner only; raises ``KeyFileExists`` or ``KeyFileMissing``."""
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise KeyFileExists(f"{path}: there is a file already") from None
    except OSError as error:
        raise KeyFileMissing(f"{path}: {error.strerror or error}") from None


def read_key_file(path: Path) -> bytes:
    """A private key's file, still sealed; raises ``KeyFileExposed`` if others may read it, or ``KeyFileMissing``."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise KeyFileExposed(f"{path}: others on this machine have rights to it ({stat.filemode(mode)})")
            return file.read(_LARGEST_FILE + 1)
    except KeyFileExposed:
        raise
    except OSError as error:
        raise KeyFileMissing(f"{path}: {error.strerror or error}") from None


def _fields(line: str, word: str, count: int) -> list[str]:
    first, *fields = line.split(" ")
    if len(fields) != count or first != word:
        raise KeyFileMalformed(f"there is no {word} line where it should be")
    return fields


def _derive(passphrase: bytes, salt: bytes, cost: int) -> bytes:
    memory = 129 * _BLOCK << cost
    return hashlib.scrypt(passphrase, salt=salt, n=1 << cost, r=_BLOCK, p=1, maxmem=2 * memory, dklen=SECRET_SIZE)
