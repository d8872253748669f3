"""Verifier keys: the text ``name+hex+base64`` by which a signer of notes is known (C2SP signed-note, verifier keys).

The hexadecimal part is the key id, the first 4 bytes of ``SHA-256(name || 0x0A || type || public key)``; the base64
part is the type byte and the public key. Types taken: 0x01 Ed25519 over the note text, 0x04 Ed25519 cosignature with
a time, 0x06 ML-DSA-44 cosignature with a time (C2SP tlog-cosignature). A name is not empty and has neither space nor
plus. What a signature of each type covers is said in ``cosignature``.

>>> text = "w1.example+e6196c34+BJylUFaqtkBXeKHVrSECpct5YXM/rtIitsMHN78m1N6D"
>>> key = VerifierKey.parse(text)
>>> key.name, key.kind.name, key.render() == text
('w1.example', 'COSIGNATURE', True)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256

from countersign.errors import WrongForm
from countersign.record.tlog.ed25519 import load_public_key
from countersign.record.tlog.encoding import parse_base64, render_base64, shown

KEY_ID_SIZE = 4
ML_DSA_44_KEY_SIZE = 1312

_HEX = re.compile(r"[0-9a-f]{8}\Z", re.ASCII)


class KeyMalformed(WrongForm):
    """A verifier key is not of the form ``name+hex+base64``, or its key id does not belong to it."""

    code = "verifier-key-malformed"
    next_step = "Copy the whole key again from where its owner published it."


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
    """A name, a signature type and a public key; ``key_id`` follows from them. Checked when built.

    Raises ``KeyMalformed`` or ``KeyUnsafe``.
    """

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
            raise KeyMalformed(
                f"the key {shown(parts[0])}: the key id is {key.key_id.hex()}, but {parts[1]} is written"
            )
        return key

    def render(self) -> str:
        """The text ``name+hex+base64``; ``VerifierKey.parse`` gives this key back."""
        return f"{self.name}+{self.key_id.hex()}+{render_base64(bytes([self.kind]) + self.public_key)}"
