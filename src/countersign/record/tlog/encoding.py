"""How numbers, bytes and public keys are written in the record's text formats, each with one valid spelling only.

A size or index is ``0|[1-9][0-9]*`` in ASCII, below 2^63 (C2SP tlog-checkpoint; the bound is the project's own); bytes
are standard base64 (RFC 4648 section 4) with padding, no line breaks, and unused bits zero.

A key is named by ``name+hex+base64`` (C2SP signed-note): the first 4 bytes of ``SHA-256(name || 0x0A || type || public
key)``, then the type byte and the public key. Types taken: 0x01 Ed25519 over the note text, 0x04 Ed25519 cosignature
with a time, 0x06 ML-DSA-44 cosignature with a time (C2SP tlog-cosignature).

An Ed25519 key is the y coordinate, little-endian, with the sign of x in the top bit (RFC 8032 section 5.1.2). Libraries
take more than is safe: under a key of low order one signature fits any text, and a key with two spellings is two keys
when bytes are compared. So y < 2^255 - 19; a point with that y is on the curve; x = 0 is not given as negative; and y
is none of the five of points of order 1, 2, 4 and 8 (Chalkias, Garillot, Nikolaenko: Taming the many EdDSAs, table 1).

>>> parse_decimal("20852163"), render_base64(parse_base64("AQI="))
(20852163, 'AQI=')
>>> parse_decimal("007")
Traceback (most recent call last):
    ...
countersign.record.tlog.encoding.TextMalformed: '007' is not a decimal number without leading zeroes below 2^63
>>> text = "w1.example+e6196c34+BJylUFaqtkBXeKHVrSECpct5YXM/rtIitsMHN78m1N6D"
>>> key = VerifierKey.parse(text)
>>> key.name, key.kind.name, key.render() == text
('w1.example', 'COSIGNATURE', True)
>>> load_public_key(bytes([1, *31 * [0]]))  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
countersign.record.tlog.encoding.KeyUnsafe: the Ed25519 public key 0100000000000000…: it is of low order...
"""

from __future__ import annotations

import binascii
import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from countersign.errors import WrongForm

#: Sizes, indices and times lie below this bound (signed 64-bit integers elsewhere hold all of them).
NUMBER_LIMIT = 1 << 63

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z", re.ASCII)
_SHOWN = 60


class TextMalformed(
    WrongForm,
    code="record-text-malformed",
    next_step="Take the file again from where it was published, without opening it in an editor.",
):
    """A number or a base64 text of the record is not in its one valid spelling."""


def parse_decimal(text: str) -> int:
    """The number that ``text`` spells: 0 <= n < 2^63; raises ``TextMalformed`` for any other spelling."""
    if _DECIMAL.match(text) and (value := int(text)) < NUMBER_LIMIT:
        return value
    raise TextMalformed(f"{shown(text)} is not a decimal number without leading zeroes below 2^63")


def parse_base64(text: str, length: int | None = None) -> bytes:
    """The bytes of canonical base64, ``length`` of them where given; raises ``TextMalformed``."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise TextMalformed(f"{shown(text)} is not base64") from None
    if render_base64(data) != text:
        raise TextMalformed(f"{shown(text)} is not the one canonical base64 spelling of its bytes")
    if length is not None and len(data) != length:
        raise TextMalformed(f"{shown(text)} holds {len(data)} bytes, not {length}")
    return data


def render_base64(data: bytes) -> str:
    """Standard base64 with padding, on one line."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def shown(text: str) -> str:
    """``text`` quoted for a message, cut to a readable length."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


KEY_SIZE = 32

_PRIME = 2**255 - 19
_D = -121665 * pow(121666, -1, _PRIME) % _PRIME
#: y of the points of order 8, where doubling gives y = 0 (order 4); checked by a test.
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_LOW_ORDER = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})


class KeyUnsafe(WrongForm, next_step="Do not use this key; ask its owner for one made by a current tool."):
    """A public key under which signatures would prove nothing, or that has a second spelling."""


@lru_cache(maxsize=4096)
def load_public_key(data: bytes) -> Ed25519PublicKey:
    """The key of these 32 bytes; raises ``KeyUnsafe`` unless canonical, on the curve, not of low order."""
    name = f"the Ed25519 public key {data[:8].hex()}…"
    if len(data) != KEY_SIZE:
        raise KeyUnsafe(f"{name}: it has {len(data)} bytes, not {KEY_SIZE}")
    number = int.from_bytes(data, "little")
    y = number & (2**255 - 1)
    if y >= _PRIME:
        raise KeyUnsafe(f"{name}: its y coordinate is not below 2^255 - 19, so the same key has another spelling")
    if y in _LOW_ORDER:
        raise KeyUnsafe(f"{name}: it is of low order: no signature counts")
    # x^2 = (y^2 - 1) / (d y^2 + 1); a value is a square when its power (p - 1) / 2 is 1. x = 0 only for y = 1 and -1,
    # which are gone above, so that the sign bit always chooses between two points.
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _PRIME)
    if pow(square, (_PRIME - 1) // 2, _PRIME) != 1:
        raise KeyUnsafe(f"{name}: no point of the curve has this y coordinate")
    return Ed25519PublicKey.from_public_bytes(data)


KEY_ID_SIZE = 4
ML_DSA_44_KEY_SIZE = 1312

_HEX = re.compile(r"[0-9a-f]{8}\Z", re.ASCII)


class KeyMalformed(
    WrongForm, code="verifier-key-malformed", next_step="Copy the whole key again from where its owner published it."
):
    """A verifier key is not of the form ``name+hex+base64``, or its key id does not belong to it."""


class KeyKind(IntEnum):
    """The signature types of signed-note and tlog-cosignature that are taken."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


def check_name(name: str) -> str:
    """``name`` itself where it can name a key; raises ``KeyMalformed``: empty, a space, a plus, a control character."""
    if not name or "+" in name or any(sign.isspace() or sign < " " for sign in name):
        raise KeyMalformed(f"{shown(name)} cannot name a key: a name is not empty and has neither space nor plus")
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise KeyMalformed(f"{shown(name)} cannot name a key: it is not valid UTF-8") from None
    return name


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A name, a signature type and a public key. Raises ``KeyMalformed`` or ``KeyUnsafe`` when built."""

    name: str
    kind: KeyKind
    public_key: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        check_name(self.name)
        if self.kind is KeyKind.ML_DSA_44:
            if len(self.public_key) != ML_DSA_44_KEY_SIZE:
                raise KeyMalformed(f"the key {self.name}: {len(self.public_key)} bytes, not {ML_DSA_44_KEY_SIZE}")
        else:
            load_public_key(self.public_key)
        identified = self.name.encode() + b"\n" + bytes([self.kind]) + self.public_key
        object.__setattr__(self, "key_id", sha256(identified).digest()[:KEY_ID_SIZE])

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """The key of ``name+hex+base64``; raises ``KeyMalformed``, ``TextMalformed`` or ``KeyUnsafe``."""
        parts = text.split("+", 2)
        if len(parts) != 3 or not _HEX.match(parts[1]):
            raise KeyMalformed(f"{shown(text)} is not a verifier key (name+8 hexadecimal digits+base64)")
        data = parse_base64(parts[2])
        try:
            kind = KeyKind(data[0]) if data else None
        except ValueError:
            kind = None
        if kind is None:
            types = ", ".join(f"0x{known:02x}" for known in KeyKind)
            raise KeyMalformed(f"{shown(text)}: the key is of a type other than {types}")
        key = cls(parts[0], kind, data[1:])
        if key.key_id.hex() != parts[1]:
            written = f"but {parts[1]} is written"
            raise KeyMalformed(f"the key {shown(parts[0])}: the key id is {key.key_id.hex()}, {written}")
        return key

    def render(self) -> str:
        """The text ``name+hex+base64``; ``VerifierKey.parse`` gives this key back."""
        return f"{self.name}+{self.key_id.hex()}+{render_base64(bytes([self.kind]) + self.public_key)}"
