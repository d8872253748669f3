"""Ed25519 public keys as this project takes them: canonical, on the curve, and not of low order.

A key is 32 bytes: the y coordinate, little-endian, with the sign of x in the top bit (RFC 8032 section 5.1.2).
Libraries take more than that. Under a public key of low order one signature fits any text; a key with two spellings
is two keys to whoever compares bytes, and one to whoever compares points. So, on load: y < 2^255 - 19; a point with
that y is on the curve; x = 0 is not given as negative; and y is none of the five that belong to points of order 1, 2,
4 and 8 (Chalkias, Garillot, Nikolaenko: Taming the many EdDSAs, table 1). Signing and verifying are left to
``cryptography``.

>>> load_public_key(bytes([1, *31 * [0]]))  # doctest: +ELLIPSIS
Traceback (most recent call last):
    ...
countersign.record.tlog.ed25519.KeyUnsafe: the Ed25519 public key 0100000000000000…: it is of low order...
"""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from countersign.errors import WrongForm

KEY_SIZE = 32

_PRIME = 2**255 - 19
_D = -121665 * pow(121666, -1, _PRIME) % _PRIME
#: y of the points of order 8, where doubling gives y = 0 (order 4); checked by a test.
_ORDER_8 = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_LOW_ORDER = frozenset({0, 1, _PRIME - 1, _ORDER_8, _PRIME - _ORDER_8})


class KeyUnsafe(WrongForm):
    """A public key under which signatures would prove nothing, or that has a second spelling."""

    code = "key-unsafe"
    next_step = "Do not use this key; ask its owner for one made by a current tool."


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
