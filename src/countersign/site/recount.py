"""Recount a published log and a proof with Python's own library: this file needs no other part of Countersign.

It is put on the site beside the log, to be read and run by whoever does not want to trust the program that wrote the
site. It follows C2SP tlog-tiles, tlog-checkpoint, tlog-proof and signed-note, and RFC 6962 for the tree.

    python3 recount.py log log
        hash every entry up to the root, and compare with every tile and with the checkpoint
    python3 recount.py proof FILE.tlog-proof
        hash the entry in a proof up to the root in its checkpoint
    python3 recount.py signature log/checkpoint KEY DIR
        write what OpenSSL needs to check a signature: KEY is the log's verifier key (name+id+base64), got from
        somebody you trust

It ends with code 0 if all fits, with 1 and a sentence if not. It says nothing about whether an entry is true.

>>> root([leaf(b"a"), leaf(b"b")]) == node(leaf(b"a"), leaf(b"b")), place(1234067)
(True, 'x001/x234/067')
"""

import base64
import sys
from hashlib import sha256
from pathlib import Path

WIDTH = 256


class Wrong(Exception):
    """Something does not fit."""


def leaf(data: bytes) -> bytes:
    """The hash of an entry (RFC 6962 section 2.1)."""
    return sha256(b"\0" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes."""
    return sha256(b"\1" + left + right).digest()


def root(hashes: list[bytes]) -> bytes:
    """The root over hashes: split at the largest power of two below their number."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return node(root(hashes[:split]), root(hashes[split:]))


def place(number: int) -> str:
    """A tile's number as its path (tlog-tiles)."""
    parts = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        parts.insert(0, f"x{number % 1000:03d}")
    return "/".join(parts)


def head(text: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint: its second and third line."""
    lines = text.split("\n")
    return int(lines[1]), base64.b64decode(lines[2], validate=True)


def read(folder: Path, kind: str, number: int, size: int) -> bytes:
    """A tile of a level, or of entries, of which ``size`` of 256 places are filled."""
    path = folder / "tile" / kind / (place(number) + ("" if size == WIDTH else f".p/{size}"))
    if not path.is_file():
        raise Wrong(f"{path} is missing")
    return path.read_bytes()


def entries(folder: Path, size: int) -> list[bytes]:
    """Every entry, out of bundles in which two bytes in front tell how long each is."""
    found: list[bytes] = []
    for number in range(-(-size // WIDTH)):
        count = min(WIDTH, size - number * WIDTH)
        data, at = read(folder, "entries", number, count), 0
        for _ in range(count):
            length = int.from_bytes(data[at : at + 2], "big")
            found.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        if at != len(data):
            raise Wrong(f"bundle {number} of entries is not as long as its entries")
    return found


def recount_log(folder: Path) -> str:
    """Hash every entry, compare each tile of each level, and the root with the checkpoint's."""
    size, stated = head((folder / "checkpoint").read_text(encoding="utf-8"))
    hashes = [leaf(one) for one in entries(folder, size)]
    top, level, number = root(hashes), 0, 0
    while hashes:
        for number in range(-(-len(hashes) // WIDTH)):
            part = hashes[number * WIDTH : (number + 1) * WIDTH]
            if read(folder, str(level), number, len(part)) != b"".join(part):
                raise Wrong(f"tile {number} of level {level} is not what the entries give")
        full = len(hashes) // WIDTH
        hashes = [root(hashes[one * WIDTH : (one + 1) * WIDTH]) for one in range(full)]
        level += 1
    if top != stated:
        raise Wrong(f"the entries give the root {top.hex()}, the checkpoint states {stated.hex()}")
    return f"{size} entries give the root that the checkpoint states: {top.hex()}"


def recount_proof(path: Path) -> str:
    """Hash the entry in the proof up to the root of the checkpoint in it (RFC 9162 section 2.1.3.2)."""
    lines, _, checkpoint = path.read_text(encoding="utf-8").partition("\n\n")
    kind, extra, index, *proof = lines.split("\n")
    if kind != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra ") or not index.startswith("index "):
        raise Wrong(f"{path} is not a proof that holds its entry")
    size, stated = head(checkpoint)
    at, last = int(index[6:]), size - 1
    if at > last:
        raise Wrong(f"entry {at} is not among {size}")
    found, number = leaf(base64.b64decode(extra[6:], validate=True)), at
    for other in (base64.b64decode(one, validate=True) for one in proof):
        if last == 0:
            raise Wrong("the proof is too long")
        if number % 2 or number == last:
            found = node(other, found)
            while number % 2 == 0 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node(found, other)
        number, last = number >> 1, last >> 1
    if last or found != stated:
        raise Wrong(f"the proof gives the root {found.hex()}, its checkpoint states {stated.hex()}")
    return f"entry {at} of {size} leads to the root that the proof's checkpoint states: {stated.hex()}"


def for_openssl(checkpoint: Path, key: str, folder: Path) -> str:
    """Write the signed text, the signature by this key, and the key, as OpenSSL takes them."""
    name, number, encoded = key.split("+", 2)
    kind = base64.b64decode(encoded, validate=True)
    if kind[:1] != b"\1" or sha256(f"{name}\n".encode() + kind).digest()[:4].hex() != number:
        raise Wrong("the key is not an Ed25519 verifier key of a log, or its number is not its own")
    text, _, signatures = checkpoint.read_text(encoding="utf-8").partition("\n\n")
    for line in signatures.splitlines():
        who, _, signature = line.removeprefix("\u2014 ").rpartition(" ")
        data = base64.b64decode(signature, validate=True)
        if who == name and data[:4].hex() == number:
            break
    else:
        raise Wrong(f"{checkpoint} bears no signature by {name}")
    pem = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + kind[1:]).decode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "text").write_text(f"{text}\n", encoding="utf-8", newline="\n")
    (folder / "signature").write_bytes(data[4:])
    (folder / "key.pem").write_text(f"-----BEGIN PUBLIC KEY-----\n{pem}\n-----END PUBLIC KEY-----\n", encoding="ascii")
    return f"written to {folder}: text, signature, key.pem"


def main(words: list[str]) -> int:
    """What the module's first lines say."""
    try:
        if words[:1] == ["log"] and len(words) == 2:
            print(recount_log(Path(words[1])))
        elif words[:1] == ["proof"] and len(words) == 2:
            print(recount_proof(Path(words[1])))
        elif words[:1] == ["signature"] and len(words) == 4:
            print(for_openssl(Path(words[1]), words[2], Path(words[3])))
        else:
            print(__doc__)
            return 1
    except (Wrong, OSError, ValueError, IndexError) as error:
        print(f"DOES NOT FIT: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
