"""Make the record's test vectors, one file for each format, from fixed seeds: ``python tools/record_vectors.py``.

They lie in ``tests/record/vectors`` and are for anyone who writes another reader or writer of these formats; each
lists what is to be taken and what is to be refused, with the code of the error. Run again, the script writes the same
bytes. One exception: ML-DSA-44 signatures are random by design, so those that are there and verify are kept.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from tests.making.subtrees import subtree_consistency_proof

from countersign.errors import CountersignError
from countersign.record.keeping.keyfile import open_key, seal_key
from countersign.record.outside.witness import AddCheckpoint, Witness
from countersign.record.outside.witness_server import WitnessStore
from countersign.record.tlog.checkpoint import (
    Checkpoint,
    Cosigner,
    Note,
    NoteSignature,
    NoteSigner,
    SignedCheckpoint,
    ml_dsa_44_message,
    sign_checkpoint,
    verify_note,
)
from countersign.record.tlog.encoding import (
    KeyKind,
    VerifierKey,
    load_public_key,
    parse_base64,
    parse_decimal,
    render_base64,
)
from countersign.record.tlog.merkle import MemoryTree, consistency_proof, inclusion_proof, leaf_hash, range_hash
from countersign.record.tlog.policy import Policy
from countersign.record.tlog.tiles import TileBuilder, parse_bundle, render_bundle
from countersign.record.tlog.trust import LogProof, verify_checkpoint, verify_proof

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "record" / "vectors"
ORIGIN = "vectors.countersign.example/log"
TIME = 1_770_000_000
SIZES = (0, 1, 2, 3, 7, 8, 255, 256, 257, 300)


def seed(name: str) -> bytes:
    """The secret of a test key: public, and for nothing else."""
    return sha256(b"countersign test vectors, key of " + name.encode()).digest()


def entry(number: int) -> bytes:
    """Entry ``number`` of the test log."""
    return b"countersign vector entry %d" % number


LOG = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(seed(ORIGIN)))
WITNESSES = [
    Cosigner(f"w{number}.example", Ed25519PrivateKey.from_private_bytes(seed(f"w{number}.example")))
    for number in (1, 2)
]
LATTICE = MLDSA44PrivateKey.from_seed_bytes(seed("w3.example"))
LATTICE_KEY = VerifierKey("w3.example", KeyKind.ML_DSA_44, LATTICE.public_key().public_bytes_raw())
TREE = MemoryTree(leaf_hash(entry(number)) for number in range(max(SIZES)))


def checkpoint(size: int) -> Checkpoint:
    """The head of the test log at ``size``."""
    return Checkpoint(ORIGIN, size, TREE.root(size))


def cosigned(size: int, kept: dict[str, str]) -> SignedCheckpoint:
    """The head signed by the log and cosigned by all three witnesses; ``kept`` are ML-DSA lines by size."""
    head = checkpoint(size)
    signed = sign_checkpoint(head, LOG)
    lines = [witness.cosign(head, TIME + number) for number, witness in enumerate(WITNESSES, 1)]
    note = signed.note.adding(*lines, lattice_line(head, kept.get(str(size))))
    return SignedCheckpoint(head, note)


def lattice_line(head: Checkpoint, kept: str | None) -> NoteSignature:
    """The cosignature of type 0x06: the one kept, if it verifies, or a new one."""
    message = ml_dsa_44_message("w3.example", TIME, head.origin, 0, head.size, head.root)
    if kept is not None:
        line = NoteSignature.parse(kept)
        try:
            LATTICE.public_key().verify(line.data[8:], message)
        except InvalidSignature:
            pass
        else:
            return line
    return NoteSignature("w3.example", LATTICE_KEY.key_id, TIME.to_bytes(8, "big") + LATTICE.sign(message))


Given = TypeVar("Given")


def code_of(work: Callable[[Given], object], given: Given) -> str:
    """The code of the error that ``work`` raises when given this; a vector that should be refused must be."""
    try:
        work(given)
    except CountersignError as error:
        return error.code
    raise SystemExit("a vector that should be refused was taken")


def refused(cases: dict[str, bytes], parse: Callable[[bytes], object]) -> list[dict[str, str]]:
    """Each case with its bytes in base64 and the code of its error."""
    return [{"why": why, "base64": render_base64(data), "code": code_of(parse, data)} for why, data in cases.items()]


def texts() -> dict[str, Any]:
    """Numbers and base64."""
    numbers = ["", "00", "01", "+1", "-1", " 1", "1 ", "1\n", "1_000", "0x1", "1.0", "1e3", "9223372036854775808", "١"]
    encoded = ["AQI", "AQI==", "AQJ=", "AQ I=", "AQI=\n", "AQI-", "=", "AQI=AQI=", "Ａ===", "AQIDBA"]
    return {
        "numbers": {"taken": ["0", "1", "10", "9223372036854775807"], "refused": numbers},
        "base64": {"taken": {"": "", "AQ==": "01", "AQI=": "0102", "+/+/": "fbffbf"}, "refused": encoded},
        "codes": sorted(
            {code_of(parse_decimal, text) for text in numbers} | {code_of(parse_base64, text) for text in encoded}
        ),
    }


def merkle() -> dict[str, Any]:
    """Roots and proofs of the test log's tree."""
    pairs = [(1, 2), (2, 3), (3, 7), (7, 8), (8, 300), (255, 256), (256, 300), (257, 300)]
    subtrees = [(0, 4, 7), (4, 6, 7), (256, 300, 300), (128, 256, 257), (6, 7, 8)]
    return {
        "entry": "countersign vector entry %d",
        "roots": {str(size): render_base64(TREE.root(size)) for size in SIZES},
        "inclusion": [
            {
                "index": index,
                "size": size,
                "proof": [render_base64(part) for part in inclusion_proof(TREE, index, size)],
            }
            for size in SIZES
            if size
            for index in sorted({0, size // 2, size - 1})
        ],
        "consistency": [
            {"old": old, "new": new, "proof": [render_base64(part) for part in consistency_proof(TREE, old, new)]}
            for old, new in pairs
        ],
        "subtree": [
            {
                "start": start,
                "end": end,
                "size": size,
                "root": render_base64(range_hash(TREE, start, end)),
                "proof": [render_base64(part) for part in subtree_consistency_proof(TREE, start, end, size)],
            }
            for start, end, size in subtrees
        ],
    }


def keys() -> dict[str, Any]:
    """Verifier keys and Ed25519 public keys."""
    prime = 2**255 - 19
    weak = {
        "order 1": 1,
        "order 2": prime - 1,
        "order 4": 0,
        "order 4, sign bit": 1 << 255,
        "order 1, sign bit (x = 0 given as negative)": 1 | 1 << 255,
        "order 8": 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
        "order 8, its opposite": prime - 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7,
        "y = p, which is 0 again": prime,
        "y = p + 1, which is 1 again": prime + 1,
        "y = 2^255 - 1": 2**255 - 1,
        "no point has y = 2": 2,
    }
    text = LOG.key.render()
    name, number, encoded = text.split("+", 2)
    cases = {
        "wrong key id": f"{name}+00000000+{encoded}",
        "key id in capitals": f"{name}+{number.upper()}+{encoded}",
        "a space in the name": f"a b+{number}+{encoded}",
        "no name": f"+{number}+{encoded}",
        "no key": f"{name}+{number}+",
        "a newline after it": text + "\n",
        "type 0x02": f"{name}+{number}+{render_base64(bytes([2]) + LOG.key.public_key)}",
        "a byte too few": f"{name}+{number}+{render_base64(bytes([1]) + LOG.key.public_key[:-1])}",
        "another name": f"other+{number}+{encoded}",
        "two fields": f"{name}+{number}",
    }
    public = {why: value.to_bytes(32, "little") for why, value in weak.items()}
    signers = [(key, seed(key.name)) for key in (LOG.key, *(witness.key for witness in WITNESSES), LATTICE_KEY)]
    return {
        "taken": [
            {
                "name": key.name,
                "type": int(key.kind),
                "seed": secret.hex(),
                "id": key.key_id.hex(),
                "text": key.render(),
            }
            for key, secret in signers
        ],
        "refused": refused(
            {why: text.encode() for why, text in cases.items()}, lambda data: VerifierKey.parse(data.decode())
        ),
        "public keys refused": [
            {"why": why, "hex": data.hex(), "code": code_of(load_public_key, data)} for why, data in public.items()
        ],
    }


def notes(kept: dict[str, str]) -> dict[str, Any]:
    """Signed notes."""
    good = LOG.sign("a text\n\nin two parts\n")
    note = Note("a text\n\nin two parts\n", (good,)).render()
    line = f"{good.render()}\n".encode()
    head = note.removesuffix(line)
    hundred = b"".join(b"\xe2\x80\x94 a%d AQIDBAU=\n" % number for number in range(101))
    cases = {
        "no signature": head,
        "no empty line": b"text\n" + line,
        "no newline at the end": note[:-1],
        "two newlines at the end": note + b"\n",
        "a carriage return": note.replace(b"\n", b"\r\n"),
        "a tab in the text": b"a\ttext\n\n" + line,
        "a null in the text": b"a\x00\n\n" + line,
        "not UTF-8": b"\xff\n\n" + line,
        "a hyphen for the dash": head + line.replace("—".encode(), b"-"),
        "no space after the dash": head + line.replace("— ".encode(), "—".encode()),
        "two spaces": head + line.replace(b" ", b"  "),
        "a space at the end": head + line[:-1] + b" \n",
        "a plus in the name": head + b"\xe2\x80\x94 a+b AQIDBAU=\n",
        "no name": head + b"\xe2\x80\x94  AQIDBAU=\n",
        "a no-break space in the name": head + "— a\u00a0b AQIDBAU=\n".encode(),
        "only a key id": head + b"\xe2\x80\x94 a AQIDBA==\n",
        "three bytes": head + b"\xe2\x80\x94 a AQID\n",
        "no padding": head + line.replace(b"=", b""),
        "unused bits set": head + b"\xe2\x80\x94 a AQIDBAV=\n",
        "the same line twice": note + line,
        "101 signatures": head + hundred,
        "nothing": b"",
        "a text after the signatures": note + b"more\n",
        "a half pair as UTF-8": b"\xed\xa0\x80\n\n" + line,
    }
    other = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(seed("another")))
    taken = {
        "one signature": note,
        "an empty text line only": Note("\n", (LOG.sign("\n"),)).render(),
        "100 signatures": note + b"".join(hundred.splitlines(keepends=True)[:99]),
        "an unknown key beside": note + f"{other.sign('other' + chr(10)).render()}\n".encode(),
        "all types": cosigned(7, kept).render(),
    }
    forged = Note("a text\n\nin two parts\n", (NoteSignature(ORIGIN, good.key_id, bytes(64)),)).render()
    keys_known = [LOG.key, *(witness.key for witness in WITNESSES), LATTICE_KEY]
    wrong = {
        "a signature of zeroes by a known key": forged,
        "a known key's signature over another text": head.replace(b"two", b"ten") + line,
        "nobody known": head + b"\xe2\x80\x94 a AQIDBAU=\n",
    }
    return {
        "taken": {why: render_base64(data) for why, data in taken.items()},
        "refused": refused(cases, Note.parse),
        "not verified": refused(wrong, lambda data: verify_note(Note.parse(data), keys_known)),
    }


def checkpoints(kept: dict[str, str]) -> dict[str, Any]:
    """Signed and cosigned checkpoints."""
    root = render_base64(TREE.root(7))
    cases = {
        "two lines": "o\n7\n",
        "an empty origin": f"\n7\n{root}\n",
        "a leading zero": f"o\n07\n{root}\n",
        "2^63": f"o\n9223372036854775808\n{root}\n",
        "a root of 31 bytes": f"o\n7\n{render_base64(bytes(31))}\n",
        "size 0 with another root": f"o\n0\n{root}\n",
        "an empty extension line": f"o\n7\n{root}\n\n",
        "an empty extension line between": f"o\n7\n{root}\na\n\nb\n",
        "no newline": f"o\n7\n{root}",
        "a root without padding": f"o\n7\n{root.rstrip('=')}\n",
        "a negative size": f"o\n-7\n{root}\n",
    }
    return {
        "time": TIME,
        "signed": {str(size): cosigned(size, kept).render().decode() for size in SIZES},
        "with extensions": Checkpoint(ORIGIN, 7, TREE.root(7), ("kept as it is", "twice")).render(),
        "refused": refused(
            {why: text.encode() for why, text in cases.items()}, lambda data: Checkpoint.parse(data.decode())
        ),
        "ml-dsa-44 lines": {str(size): cosigned(size, kept).note.signatures[-1].render() for size in SIZES},
    }


def policies(kept: dict[str, str]) -> dict[str, Any]:
    """Trust policies, and what they say of the checkpoint of size 7."""
    log, first, second = LOG.key.render(), *(witness.key.render() for witness in WITNESSES)
    third, same = LATTICE_KEY.render(), Cosigner("x", LOG.private_key).key.render()
    base = f"log {log}\nwitness w1 {first}\nwitness w2 {second}\n"
    taken = {
        "no quorum asked": f"log {log}\nquorum none\n",
        "one witness": f"{base}quorum w1\n",
        "two of two": f"{base}group g 2 w1 w2\nquorum g\n",
        "with ML-DSA-44": f"log {log}\nwitness w3 {third}\nquorum w3\n",
        "groups of groups": f"{base}witness w3 {third}\ngroup a 1 w1 w2\ngroup b 2 a w3\nquorum b\n",
        "an address": f"log {log} http://127.0.0.1:1/\nwitness w1 {first} http://127.0.0.1:2/\nquorum w1\n",
    }
    loose = {
        "comments, tabs, all, any": f"# a comment\n\n \tlog\t{log} \nwitness w1 {first}\nwitness w2 {second}\n"
        f"group g all w1 w2\ngroup h any g\nquorum h\n",
        "octets above 0x7f": f"log {log}\nwitness K {first}\n",
    }
    loose["octets above 0x7f"] = loose["octets above 0x7f"].replace("K", "\udcff\udcfe") + "quorum \udcff\udcfe\n"
    cases = {
        "nothing": "",
        "no quorum line": base,
        "two quorum lines": f"{base}quorum none\nquorum none\n",
        "k of 0": f"{base}group g 0 w1 w2\nquorum g\n",
        "k above n": f"{base}group g 3 w1 w2\nquorum g\n",
        "k with a zero": f"{base}group g 01 w1 w2\nquorum g\n",
        "no members": f"{base}group g 1\nquorum g\n",
        "a name before it is defined": f"{base}group g 1 h\ngroup h 1 w1\nquorum g\n",
        "a member of itself": f"{base}group g 1 g\nquorum g\n",
        "a quorum unknown": f"{base}quorum other\n",
        "a quorum before its definition": f"log {log}\nquorum w1\nwitness w1 {first}\n",
        "a name twice": f"{base}group w1 1 w2\nquorum w1\n",
        "a key twice": f"{base}witness w9 {first}\nquorum w1\n",
        "a member twice": f"{base}group g 2 w1 w1\nquorum g\n",
        "a member of two groups": f"{base}group g 1 w1\ngroup h 1 w1\nquorum g\n",
        "none as a name": f"log {log}\nwitness none {first}\nquorum none\n",
        "none as a member": f"{base}group g 1 none\nquorum g\n",
        "a log's key cosigning": f"log {first}\nquorum none\n",
        "a witness with a log's key": f"witness w1 {log}\nquorum w1\n",
        "an unknown word": f"{base}weight 3\nquorum w1\n",
        "no newline at the end": f"{base}quorum w1",
        "a carriage return": f"{base}quorum w1\r\n",
        "a log's public key as a witness": f"log {log}\nwitness w1 {same}\nquorum w1\n",
        "too many words": f"log {log} a b\nquorum none\n",
        "a null": f"{base}quorum w1\x00\n",
    }
    signed = cosigned(7, kept)
    bare = sign_checkpoint(checkpoint(7), LOG)
    return {
        "taken": taken,
        "taken, not in the plainest form": {
            why: {
                "base64": render_base64(text.encode("utf-8", "surrogateescape")),
                "plainest": render_base64(Policy.parse(text.encode("utf-8", "surrogateescape")).render()),
            }
            for why, text in loose.items()
        },
        "refused": refused({why: text.encode() for why, text in cases.items()}, Policy.parse),
        "cosigned at 7": {
            why: [found.name for found in verify_checkpoint(signed, Policy.parse(text.encode())).cosignatures]
            for why, text in taken.items()
        },
        "not cosigned at 7": {
            why: ""
            if text.endswith("none\n")
            else code_of(lambda text: verify_checkpoint(bare, Policy.parse(text.encode())), text)
            for why, text in taken.items()
        },
    }


def proofs(kept: dict[str, str]) -> dict[str, Any]:
    """Proofs that are kept."""
    policy = Policy.parse(f"log {LOG.key.render()}\nquorum none\n".encode())
    made = [
        LogProof(index, tuple(inclusion_proof(TREE, index, size)), cosigned(size, kept), extra)
        for index, size, extra in ((0, 1, b""), (5, 7, b""), (6, 7, b"kept beside"), (299, 300, b""), (0, 256, b""))
    ]
    data = made[1].render()
    first, index, rest = data.split(b"\n", 2)
    cases = {
        "another header": data.replace(b"@v1", b"@v2", 1),
        "no index": first + b"\n" + rest,
        "an index with a zero": data.replace(b"index 5", b"index 05", 1),
        "an empty extra": first + b"\nextra \n" + index + b"\n" + rest,
        "extra after index": first + b"\n" + index + b"\nextra AQ==\n" + rest,
        "64 hashes": first + b"\n" + index + b"\n" + (render_base64(bytes(32)) + "\n").encode() * 61 + rest,
        "no empty line": data.replace(b"\n\n", b"\n", 1),
        "a hash of 31 bytes": first + b"\n" + index + b"\n" + base64.b64encode(bytes(31)) + b"\n" + rest,
        "no checkpoint": data.split(b"\n\n")[0] + b"\n\n",
        "nothing": b"",
        "not ASCII": data.replace(b"index", "índex".encode(), 1),
    }
    wrong = {
        "another index": data.replace(b"index 5", b"index 4", 1),
        "an index beyond": data.replace(b"index 5", b"index 7", 1),
        "a hash too many": first + b"\n" + index + b"\n" + base64.b64encode(bytes(32)) + b"\n" + rest,
        "a hash too few": first + b"\n" + index + b"\n" + rest.split(b"\n", 1)[1],
        "the checkpoint of 8": LogProof(5, made[1].hashes, cosigned(8, kept)).render(),
        "another log": data.replace(b"vectors.countersign", b"elsewhere.countersign"),
    }
    return {
        "taken": [
            {"index": proof.index, "size": proof.checkpoint.checkpoint.size, "text": proof.render().decode()}
            for proof in made
        ],
        "refused": refused(cases, LogProof.parse),
        "not verified, for entry 5": refused(wrong, lambda data: verify_proof(LogProof.parse(data), entry(5), policy)),
    }


def tiles() -> dict[str, Any]:
    """Which files a log has, and their digests."""
    found = {}
    for size in (1, 256, 300, 70_000):
        builder = TileBuilder()
        files = builder.extend(entry(number) for number in range(size)) | builder.partial_files()
        digest = sha256(b"".join(path.encode() + b"\0" + files[path] for path in sorted(files))).hexdigest()
        shown = {path: sha256(files[path]).hexdigest() for path in sorted(files) if size <= 300 or ".p/" in path}
        found[str(size)] = {"files": len(files), "all": digest, "sha256": shown, "root": render_base64(builder.root())}
    bundle = render_bundle([b"", b"a", b"bc"])
    cases = {
        "cut short": bundle[:-1],
        "a byte more": bundle + b"\0",
        "one entry more": bundle + b"\0\0",
        "nothing": b"",
    }
    return {
        "logs": found,
        "bundle of 3": render_base64(bundle),
        "refused as a bundle of 3": refused(cases, lambda data: parse_bundle(data, 3)),
    }


def witness(folder: Path, kept: dict[str, str]) -> dict[str, Any]:
    """A conversation with the witness w1.example, whose clock stands still, in order."""
    store = WitnessStore.create(folder / "witness.db")
    asked = Witness(WITNESSES[0], [LOG.key], store, lambda: TIME)
    other = MemoryTree(leaf_hash(b"other %d" % number) for number in range(300))
    split = sign_checkpoint(Checkpoint(ORIGIN, 300, other.root(300)), LOG)
    stranger = NoteSigner("stranger.example", Ed25519PrivateKey.from_private_bytes(seed("stranger")))
    forged = SignedCheckpoint(
        checkpoint(7), Note(checkpoint(7).render(), (NoteSignature(ORIGIN, LOG.key.key_id, bytes(64)),))
    )

    def request(old: int, new: int, proof: list[bytes] | None = None) -> bytes:
        hashes = consistency_proof(TREE, old, new) if proof is None else proof
        return AddCheckpoint(old, tuple(hashes), sign_checkpoint(checkpoint(new), LOG)).render()

    steps = [
        ("no such form", b"old 00\n\n"),
        ("not a request", b""),
        (
            "an unknown log",
            AddCheckpoint(0, (), sign_checkpoint(Checkpoint("stranger.example", 7, TREE.root(7)), stranger)).render(),
        ),
        ("a forged signature", AddCheckpoint(0, (), forged).render()),
        ("a proof from nothing", request(0, 7, [bytes(32)])),
        ("the first checkpoint", request(0, 7)),
        ("again as if the first", request(0, 7)),
        ("an old size above", request(8, 7, [])),
        ("a wrong proof", request(7, 300, [bytes(32)] * 9)),
        ("growth", request(7, 300)),
        ("the same again", request(300, 300)),
        ("one more hash than needed", request(300, 300, [bytes(32)])),
        ("going back", request(7, 256)),
        ("another history of one size", AddCheckpoint(300, (), split).render()),
        ("cosigned by others before", AddCheckpoint(300, (), cosigned(300, kept)).render()),
    ]
    answers = []
    for why, data in steps:
        answer = asked.answer(data)
        answers.append(
            {
                "why": why,
                "request": render_base64(data),
                "status": answer.status,
                "type": answer.content_type,
                "body": answer.body.decode(),
            }
        )
    store.close()
    return {"witness": WITNESSES[0].key.render(), "log": LOG.key.render(), "time": TIME, "in order": answers}


def keyfiles() -> dict[str, Any]:
    """A private key in a file."""
    key, secret = WITNESSES[0].key, WITNESSES[0].private_key
    data = seal_key(secret, key, b"vectors", salt=bytes(range(16)), nonce=bytes(range(12)), cost=10)
    cases = {
        "another name": data.replace(b"w1.", b"w9."),
        "a line less": data[: data.rindex(b"sealed")],
        "another version": data.replace(b"/v1", b"/v2"),
        "a cost beyond": data.replace(b"scrypt 10", b"scrypt 30"),
        "a cost altered": data.replace(b"scrypt 10", b"scrypt 11"),
        "nothing": b"",
    }
    return {
        "passphrase": "vectors",
        "seed": seed("w1.example").hex(),
        "taken": data.decode(),
        "refused": refused(cases, lambda data: open_key(data, b"vectors")),
    }


def all_vectors(scratch: Path) -> dict[str, str]:
    """Every file's text by name; ``scratch`` is an empty folder for the witness's store."""
    before = FOLDER / "checkpoints.json"
    kept = json.loads(before.read_text(encoding="utf-8"))["ml-dsa-44 lines"] if before.exists() else {}
    kept = {str(size): cosigned(size, kept).note.signatures[-1].render() for size in SIZES}
    made = {
        "texts": texts(),
        "merkle": merkle(),
        "keys": keys(),
        "notes": notes(kept),
        "checkpoints": checkpoints(kept),
        "policies": policies(kept),
        "proofs": proofs(kept),
        "tiles": tiles(),
        "witness": witness(scratch, kept),
        "keyfiles": keyfiles(),
    }
    return {f"{name}.json": json.dumps(data, indent=1, ensure_ascii=False) + "\n" for name, data in made.items()}


def main() -> int:
    """Write the files."""
    import tempfile

    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in all_vectors(Path(scratch)).items():
            (FOLDER / name).write_text(text, encoding="utf-8")
            print(FOLDER / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
