"""Public keys that must not be taken: points of low order, second spellings, no points at all."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.tlog import encoding
from countersign.record.tlog.encoding import KeyUnsafe, load_public_key

PRIME = 2**255 - 19
D = -121665 * pow(121666, -1, PRIME) % PRIME
Point = tuple[int, int]


def add(one: Point, other: Point) -> Point:
    (a, b), (c, d) = one, other
    product = D * a * b * c * d % PRIME
    return (
        (a * d + b * c) * pow(1 + product, -1, PRIME) % PRIME,
        (b * d + a * c) * pow(1 - product, -1, PRIME) % PRIME,
    )


def root(square: int) -> int | None:
    candidate = pow(square, (PRIME + 3) // 8, PRIME)
    for value in (candidate, candidate * pow(2, (PRIME - 1) // 4, PRIME) % PRIME):
        if value * value % PRIME == square % PRIME:
            return value
    return None


def point(y: int) -> Point | None:
    x = root((y * y - 1) * pow(D * y * y + 1, -1, PRIME))
    return None if x is None else (x, y)


def test_the_five_y_are_those_of_the_points_of_order_up_to_8() -> None:
    for y in encoding._LOW_ORDER:
        found = point(y)
        assert found is not None
        eightfold = found
        for _ in range(3):
            eightfold = add(eightfold, eightfold)
        assert eightfold == (0, 1)
    # Eight points: x = 0 for y = 1 and -1, two for each of the other three y.
    assert len(encoding._LOW_ORDER) == 5


@pytest.mark.parametrize("sign", [0, 1])
def test_every_spelling_of_every_low_order_point_is_refused(sign: int) -> None:
    for y in encoding._LOW_ORDER:
        for spelled in (y, y + PRIME):
            if spelled < 2**255:
                with pytest.raises(KeyUnsafe):
                    load_public_key((spelled | sign << 255).to_bytes(32, "little"))


@given(st.integers(0, 2**256 - 1))
@settings(deadline=None, max_examples=100)
def test_a_key_is_taken_just_if_it_is_a_point_of_high_order_in_its_one_spelling(number: int) -> None:
    y = number & (2**255 - 1)
    good = y < PRIME and point(y) is not None and y not in encoding._LOW_ORDER
    try:
        load_public_key(number.to_bytes(32, "little"))
        taken = True
    except KeyUnsafe:
        taken = False
    assert taken == good


@given(st.binary(min_size=32, max_size=32))
@settings(deadline=None, max_examples=30)
def test_keys_that_are_made_are_taken(seed: bytes) -> None:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert isinstance(load_public_key(public), Ed25519PublicKey)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_another_length_is_refused(length: int) -> None:
    with pytest.raises(KeyUnsafe, match="bytes, not 32"):
        load_public_key(b"\x05" * length)
