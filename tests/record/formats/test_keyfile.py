from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.keeping.keyfile import (
    COST,
    KeyFileExists,
    KeyFileExposed,
    KeyFileMissing,
    WrongPassphrase,
    open_key,
    read_key_file,
    seal_key,
    write_key_file,
)
from countersign.record.tlog.encoding import KeyKind, VerifierKey

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEY = VerifierKey("w.example", KeyKind.COSIGNATURE, SECRET.public_key().public_bytes_raw())


@given(st.binary(min_size=1, max_size=40), st.binary(min_size=16, max_size=16), st.binary(min_size=12, max_size=12))
@settings(deadline=None, max_examples=20)
def test_a_sealed_key_opens_with_its_passphrase_only(passphrase: bytes, salt: bytes, nonce: bytes) -> None:
    data = seal_key(SECRET, KEY, passphrase, salt=salt, nonce=nonce, cost=10)
    opened = open_key(data, passphrase)
    assert (opened.key, opened.secret.private_bytes_raw()) == (KEY, bytes(32))
    with pytest.raises(WrongPassphrase):
        open_key(data, passphrase + b"x")
    assert SECRET.private_bytes_raw() not in data
    assert "Ed25519PrivateKey" not in repr(opened)


def test_the_cost_of_a_real_key_is_that_of_64_megabytes() -> None:
    assert 128 * 8 << COST == 64 << 20
    data = seal_key(SECRET, KEY, b"p", salt=bytes(16), nonce=bytes(12))
    assert open_key(data, b"p").key == KEY


def test_a_key_of_another_secret_or_kind_is_not_sealed() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))
    with pytest.raises(ValueError, match="does not belong"):
        seal_key(other, KEY, b"p", salt=bytes(16), nonce=bytes(12))


def test_a_file_is_for_its_owner_alone_and_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key"
    write_key_file(path, b"one")
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert read_key_file(path) == b"one"
    with pytest.raises(KeyFileExists):
        write_key_file(path, b"two")
    assert read_key_file(path) == b"one"
    for mode in (0o640, 0o604, 0o620, 0o601):
        path.chmod(mode)
        with pytest.raises(KeyFileExposed):
            read_key_file(path)
    with pytest.raises(KeyFileMissing):
        read_key_file(tmp_path / "none")
    with pytest.raises(KeyFileMissing):
        write_key_file(tmp_path / "none" / "key", b"x")


def test_a_program_makes_key_files_at_the_full_cost() -> None:
    """Tests open their own key files cheaply (``tests/conftest.py``); nobody else does."""
    program = "from countersign.record.keeping import keyfile; print(keyfile.COST)"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert int(printed) == 16
