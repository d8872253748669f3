"""The record's formats: proofs from tiles, verifying, hashing again, beside the bare SHA-256 and Ed25519 needed."""

from __future__ import annotations

import os
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

from benchmarks.harness import Report, median_seconds, peak_mb
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
        start = time.perf_counter()
        work(index)
        times.append(time.perf_counter() - start)
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
    bare = median_seconds(lambda: [sha256(node).digest() for _ in range(20)]) * 1e6
    cold = each(lambda index: inclusion_proof(TileReader(source, SIZE, root), index, SIZE), indices)
    report.figure(
        "inclusion proof from tiles of a million entries, cold (tiles read and checked)", cold * 1e3, "ms", at_most=2,
        peer=f"bare SHA-256 of its 20 nodes {bare:.0f} µs, ratio {cold * 1e6 / bare:.0f}",
    )  # fmt: skip
    reader = TileReader(source, SIZE, root)
    few = indices[:50]
    for index in few:
        inclusion_proof(reader, index, SIZE)
    warm = each(lambda index: inclusion_proof(reader, index, SIZE), few) * 1e6
    report.figure(
        "inclusion proof, warm", warm, "µs", at_most=100,
        peer=f"bare SHA-256 of its 20 nodes {bare:.0f} µs, ratio {warm / bare:.1f}",
    )  # fmt: skip
    grown = each(lambda index: consistency_proof(TileReader(source, SIZE, root), index + 1, SIZE), indices)
    report.figure("consistency proof from tiles, cold", grown * 1e3, "ms")


def again(report: Report, source: DirectorySource, root: bytes) -> None:
    """Hashing the whole log again, on one core."""
    before = peak_mb()
    start = time.perf_counter()
    audit_log(source, SIZE, root)
    seconds = time.perf_counter() - start
    sample = [entry(number) for number in range(100_000)]
    node = bytes(65)
    bare = 10 * median_seconds(lambda: [(sha256(data).digest(), sha256(node).digest()) for data in sample], runs=3)
    report.figure(
        "all entries and tiles hashed again, one core", SIZE / seconds, "entries/s", at_least=300_000,
        peer=f"bare SHA-256 of a leaf and a node each {SIZE / bare:,.0f}/s, ratio {seconds / bare:.2f}",
    )  # fmt: skip
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        list(executor.map(abs, range(2)))
        start = time.perf_counter()
        audit_log(source, SIZE, root, executor=executor)
        both = time.perf_counter() - start
    report.figure(
        "the same by two processes", SIZE / both, "entries/s", peer=f"{seconds / both:.2f} times as fast as one"
    )
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
    needed = median_seconds(bare, runs=200) * 1e3
    taken = median_seconds(lambda: verify_proof(LogProof.parse(data), entry(123_456), policy), runs=200) * 1e3
    report.figure(
        "a proof read and verified: one log signature, two cosignatures", taken, "ms", at_most=2,
        peer=f"bare Ed25519 and SHA-256 {needed:.3f} ms, ratio {taken / needed:.2f}",
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
    synced = _sync_milliseconds(folder)
    report.figure(
        "a witness's answer, kept durably before", taken, "ms", peer=f"one synced write of 4 kB here {synced:.2f} ms"
    )
    store.close()


def _sync_milliseconds(folder: Path) -> float:
    with (folder / "synced").open("wb", buffering=0) as file:

        def write() -> None:
            file.write(bytes(4096))
            os.fsync(file.fileno())

        return median_seconds(write, runs=20) * 1e3
