"""The record's formats: proofs from tiles, verifying, hashing again, beside the bare SHA-256 and Ed25519 needed."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.harness import Report, median_seconds, paired, peak_mb, synced_write
from countersign.record.outside.witness import AddCheckpoint, Witness
from countersign.record.outside.witness_server import WitnessStore
from countersign.record.store.publication import TileDirectory
from countersign.record.tlog.checkpoint import Checkpoint, Cosigner, NoteSigner, SignedCheckpoint, sign_checkpoint
from countersign.record.tlog.merkle import consistency_proof, inclusion_proof, range_hash
from countersign.record.tlog.policy import Group, Policy, PolicyLog, PolicyWitness
from countersign.record.tlog.tilereader import TileReader, audit_log
from countersign.record.tlog.tiles import DirectorySource, TileBuilder
from countersign.record.tlog.trust import LogProof, verify_proof

SIZE = 1_000_000
BATCH = 50_000
ENTRY_BYTES = 400


def key(number: int) -> Ed25519PrivateKey:
    """A key from a fixed seed."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


def entry(number: int) -> bytes:
    """An entry of the length that entries of the record have."""
    return (b"%d " % number).ljust(ENTRY_BYTES, b".")


def each(work: Callable[[int], object], indices: list[int]) -> float:
    """Median seconds of one call, each call with another index."""
    times = []
    for index in indices:
        start = time.process_time()
        work(index)
        times.append(time.process_time() - start)
    return statistics.median(times)


def run(report: Report) -> None:
    """Build a log of a million entries in a temporary folder and time what is done with it."""
    log = NoteSigner("bench.example/log", key(1))
    witnesses = [Cosigner(f"w{number}.example", key(number)) for number in (2, 3)]
    with tempfile.TemporaryDirectory() as scratch:
        directory = TileDirectory(Path(scratch) / "log")
        builder = TileBuilder()
        start = time.perf_counter()
        for first in range(0, SIZE, BATCH):
            directory.write(builder.extend(entry(number) for number in range(first, first + BATCH)))
        directory.write(builder.partial_files())
        rate = SIZE / (time.perf_counter() - start)
        report.figure("tiles written and synced, in batches of 50,000", rate, "entries/s")
        source, root = directory.source, builder.root()
        tiles(report, source, root)
        again(report, source, root)
        proofs(report, TileReader(source, SIZE, root), root, log, witnesses)
        witnessing(report, Path(scratch), TileReader(source, SIZE, root), log, witnesses[0])


def tiles(report: Report, source: DirectorySource, root: bytes) -> None:
    """Inclusion and consistency proofs from tiles on a disk."""
    rng = random.Random(7)
    indices = [rng.randrange(SIZE) for _ in range(200)]
    node = bytes(65)
    bare = median_seconds(lambda: [sha256(node).digest() for _ in range(2_000)]) / 100
    cold = each(lambda index: inclusion_proof(TileReader(source, SIZE, root), index, SIZE), indices)
    hashed = median_seconds(lambda: [sha256(node).digest() for _ in range(3 * 255)])
    report.ratio(
        "inclusion proof from tiles of a million entries, cold (tiles read and checked)", cold, hashed,
        "bare SHA-256 of the nodes of three tiles", at_most=5,
    )  # fmt: skip
    reader = TileReader(source, SIZE, root)
    few = indices[:50]
    for index in few:
        inclusion_proof(reader, index, SIZE)
    warm = each(lambda index: inclusion_proof(reader, index, SIZE), few)
    report.ratio("inclusion proof, warm", warm, bare, "bare SHA-256 of its 20 nodes", at_most=10)
    grown = each(lambda index: consistency_proof(TileReader(source, SIZE, root), index + 1, SIZE), indices)
    report.figure("consistency proof from tiles, cold", grown * 1e3, "ms")


def again(report: Report, source: DirectorySource, root: bytes) -> None:
    """Hashing the whole log again, on one core."""
    before = peak_mb()
    start, wall = time.process_time(), time.perf_counter()
    audit_log(source, SIZE, root)
    seconds, wall = time.process_time() - start, time.perf_counter() - wall
    sample = [entry(number) for number in range(100_000)]
    node = bytes(65)
    bare = (
        SIZE
        / len(sample)
        * median_seconds(lambda: [(sha256(data).digest(), sha256(node).digest()) for data in sample], runs=3)
    )
    report.ratio(
        "all entries and tiles hashed again, one core", seconds, bare, "bare SHA-256 of a leaf and a node each",
        at_most=2, peer=f"{SIZE / wall:,.0f} entries/s",
    )  # fmt: skip
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        list(executor.map(abs, range(2)))
        start = time.perf_counter()
        audit_log(source, SIZE, root, executor=executor)
        both = time.perf_counter() - start
    report.figure("the same by two processes", SIZE / both, "entries/s", peer=f"{wall / both:.2f} times as fast as one")
    report.figure("memory, peak of the process so far", peak_mb(), "MB", at_most=300, peer=f"{before:.0f} MB before")


def proofs(report: Report, reader: TileReader, root: bytes, log: NoteSigner, witnesses: list[Cosigner]) -> None:
    """Verifying a proof as it is kept: one log signature, two cosignatures."""
    named = tuple(PolicyWitness(witness.name, witness.key) for witness in witnesses)
    group = Group("both", 2, tuple(witness.name for witness in named))
    text = Policy((PolicyLog(log.key),), named, (group,), "both").render()
    signed = sign_checkpoint(Checkpoint(log.name, SIZE, root), log)
    lines = [witness.cosign(signed.checkpoint, 1_700_000_000) for witness in witnesses]
    cosigned = SignedCheckpoint(signed.checkpoint, signed.note.adding(*lines))
    data = LogProof(123_456, tuple(inclusion_proof(reader, 123_456, SIZE)), cosigned).render()
    public, message = key(1).public_key(), signed.note.text.encode()
    signature, node = key(1).sign(message), bytes(65)

    def bare() -> None:
        for _ in range(3):
            public.verify(signature, message)
        for _ in range(21):
            sha256(node).digest()

    policy = Policy.parse(text)
    measured = paired(lambda: verify_proof(LogProof.parse(data), entry(123_456), policy), bare, runs=200)
    report.ratio(
        "a proof read and verified: one log signature, two cosignatures", *measured, "bare Ed25519 and SHA-256",
        at_most=2.5,
    )  # fmt: skip
    reading = median_seconds(lambda: Policy.parse(text), runs=100) * 1e3
    report.figure("the policy read, on top of that", reading, "ms")


def witnessing(report: Report, folder: Path, reader: TileReader, log: NoteSigner, cosigner: Cosigner) -> None:
    """A witness's answer: signature, proof, durable step, cosignature."""
    store = WitnessStore.create(folder / "witness.db")
    witness = Witness(cosigner, [log.key], store, lambda: 1_700_000_000)
    sizes = list(range(0, 200_000, 1_000))
    requests = []
    for old, new in pairwise(sizes):
        head = sign_checkpoint(Checkpoint(log.name, new, range_hash(reader, 0, new)), log)
        requests.append(AddCheckpoint(old, tuple(consistency_proof(reader, old, new)), head).render())
    taken = each(lambda number: witness.answer(requests[number]), list(range(len(requests)))) * 1e3
    beside = f"one synced write of 4 kB here {synced_write(folder) * 1e3:.2f} ms"
    report.figure("a witness's answer, kept durably before, processor time", taken, "ms", peer=beside)
    store.close()
