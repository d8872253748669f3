"""The record as a whole: appends, single and in batches, and checking all of a log again; beside bare primitives."""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.harness import Report, median_seconds, paired, peak_mb, synced_write
from countersign.record.entries.entry import Commitment, Draft, EntrySigner, Facts
from countersign.record.entries.keyring import OWN, opening_facts
from countersign.record.entries.schema import Schema, Schemas
from countersign.record.keeping.log import Log, Prepared, prepare
from countersign.record.outside.monitor import read_log
from countersign.record.store.publication import SecondPlace, TileDirectory
from countersign.record.store.sequencer import SqliteSequencer, SubjectIndex
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.tilereader import audit_log

ORIGIN = "bench.example/log"
#: A subject with few entries in a log full of those of another.
ANOTHER = "force-a/d-2"
COUNTS = Schema.parse(
    b'{"$id": "countersign:entry/bench.counts/1", "type": "object", "additionalProperties": false,'
    b'"required": ["faces", "place", "by_hour", "threshold"], "properties": {'
    b'"faces": {"type": "integer", "minimum": 0, "maximum": 1000000000},'
    b'"place": {"type": "string", "format": "title"}, "threshold": {"type": "string", "format": "decimal"},'
    b'"by_hour": {"type": "array", "maxItems": 24, "x-numbers": 24,'
    b'"items": {"type": "integer", "minimum": 0, "maximum": 1000000}}},'
    b'"x-roles": ["operator"], "x-supplied-by": ["force"], "x-sealed": {"reasons": {"class": "papers"}}}'
)
SCHEMAS = Schemas.of([*OWN.known.values(), COUNTS])
#: Entries of the log that is checked again; the memory promised is for a million.
LOG_SIZE = int(os.environ.get("COUNTERSIGN_BENCH_ENTRIES", "1000000"))


def key(number: int) -> Ed25519PrivateKey:
    """A key from a fixed seed."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number] * 32))


REGISTRAR, OPERATOR = EntrySigner(key(1)), EntrySigner(key(2))


def draft(number: int) -> Draft:
    """Counts of a deployment by the hour, as entries of the record have them."""
    facts: Facts = {
        "faces": number,
        "place": "High Street, north side",
        "threshold": "0.64",
        "by_hour": [120, 340, 560, 80],
    }
    return Draft("bench.counts", 1, ORIGIN, "force-a/d-1", "2026-03-01T09:00:00Z", "operator", "force", facts)


def sealing(number: int) -> Draft:
    """The same with a sealed value behind it: an account must be kept of each."""
    return replace(draft(number), sealed={"reasons": Commitment(sha256(b"%d" % number).digest())})


class _SignedElsewhere(EntrySigner):
    """Stands for a signer whose signatures are made on another machine: what is left is the log's own work."""

    def __init__(self, signer: EntrySigner) -> None:
        object.__setattr__(self, "private_key", _Blank())
        object.__setattr__(self, "public_key", signer.public_key)
        object.__setattr__(self, "key", signer.key)


class _Blank:
    def sign(self, data: bytes) -> bytes:
        return bytes(64)


def new_log(folder: Path) -> Log:
    """An opened log on SQLite with one operator."""
    sequencer = SqliteSequencer.create(folder / "entries.db")
    second = SecondPlace.create(folder / "second")
    index = SubjectIndex(folder / "subjects.index")
    log = Log(sequencer, TileDirectory(folder / "public"), second, SCHEMAS, NoteSigner(ORIGIN, key(3)), index)
    facts = opening_facts(REGISTRAR, SCHEMAS)
    common = (ORIGIN, "force-a", "2026-03-01T09:00:00Z", "registrar", "force")
    log.append(Draft("record.log-opened", 1, *common, facts), REGISTRAR)
    registered: Facts = {"public_key": render_base64(OPERATOR.public_key), "roles": ["operator"]}
    log.append(Draft("record.key-registered", 1, *common, registered), REGISTRAR)
    return log


def run(report: Report) -> None:
    """Append to a log on a disk, then check a log of a million entries again."""
    with tempfile.TemporaryDirectory() as scratch:
        appending(report, Path(scratch))
    with tempfile.TemporaryDirectory() as scratch:
        checking(report, Path(scratch))


def appending(report: Report, folder: Path) -> None:
    """Single and batch appends, durable when acknowledged."""
    log = new_log(folder)
    secret, message = key(2), bytes(400)
    sign = 1 / median_seconds(lambda: [secret.sign(message) for _ in range(1000)]) * 1000
    hashed = median_seconds(lambda: [sha256(message).digest() for _ in range(1000)]) / 1000
    synced = synced_write(folder)
    singles = []
    for number in range(500):
        start = time.perf_counter()
        log.append(draft(number), OPERATOR)
        singles.append(time.perf_counter() - start)
    middle = statistics.median(singles)
    report.ratio(
        "single append, acknowledged when durable (median, wall time)", middle, synced + 10 / sign,
        "one synced write of 4 kB and ten signatures", at_most=2,
        peer=f"95th percentile {sorted(singles)[475] * 1e3:.2f} ms",
    )  # fmt: skip
    start = time.process_time()
    prepared = [prepare(draft(number), OPERATOR, SCHEMAS) for number in range(500, 20_500)]
    rate = 20_000 / (time.process_time() - start)
    report.figure(
        "schema, leak check, canonical form and signature, one core", rate, "entries/s",
        peer=f"bare Ed25519 signing {sign:,.0f}/s, ratio {sign / rate:.2f}",
    )  # fmt: skip
    batches = []
    for first in range(0, 20_000, 5_000):
        start = time.process_time()
        log.append_prepared(prepared[first : first + 5_000])
        batches.append(time.process_time() - start)
    report.ratio(
        "batch append of prepared entries, 5,000 at a time, durable; an entry", statistics.median(batches) / 5_000,
        hashed, "one bare SHA-256 of it", at_most=35,
    )  # fmt: skip
    rates = {}
    for signer, past in ((_SignedElsewhere(OPERATOR), 30_000), (OPERATOR, 60_000)):
        start = time.process_time()
        for first in range(past, past + 20_000, 5_000):
            log.append_prepared([prepare(draft(first + number), signer, SCHEMAS) for number in range(5_000)])
        rates[signer is OPERATOR] = 20_000 / (time.process_time() - start)
    report.ratio(
        "batch append with schema, leak check and canonical form, durable; an entry", 1 / rates[False], hashed,
        "one bare SHA-256 of it", at_most=90,
    )  # fmt: skip
    report.figure(
        "the same with signing, one core", rates[True], "entries/s",
        peer=f"bare signing {sign:,.0f}/s, ratio {sign / rates[True]:.2f}",
    )  # fmt: skip
    start = time.perf_counter()
    log.publish()
    report.figure("publishing 60,000 entries: tiles and checkpoint", (time.perf_counter() - start) * 1e3, "ms")
    log.sequencer.close()


def checking(report: Report, folder: Path) -> None:
    """Hashes and signatures of a whole log again, one core and all of them; memory for a million entries."""
    log = new_log(folder)
    prepared = [prepare(draft(number), OPERATOR, SCHEMAS) for number in range(10_000)]
    other = [prepare(replace(draft(number), subject=ANOTHER), OPERATOR, SCHEMAS) for number in range(50)]
    log.append_prepared(other[:25])
    for first in range(0, LOG_SIZE, 10_000):
        more = range(first, min(first + 10_000, LOG_SIZE))
        log.append_prepared([prepare(sealing(number), OPERATOR, SCHEMAS) for number in more])
    log.append_prepared(other[25:])
    finding(report, log)
    head = log.publish()
    assert head is not None
    log.sequencer.close()
    source, size, root = log.tiles.source, head.checkpoint.size, head.checkpoint.root
    public, message = key(2).public_key(), bytes(400)
    signature = key(2).sign(message)
    sample = new_log_of(folder / "sample", prepared)

    def checked_again() -> None:
        assert not read_log(sample.tiles.source, 10_002, SCHEMAS).wrong

    report.ratio(
        "signatures, schemas, roles and forms of 10,002 entries checked again",
        *paired(checked_again, lambda: [public.verify(signature, message) for _ in range(10_002)]),
        "bare Ed25519 verifying", at_most=1.25,
    )  # fmt: skip
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as executor:
        list(executor.map(abs, range(cores)))
        start = time.perf_counter()
        audit_log(source, size, root, executor=executor)
        hashes = size / (time.perf_counter() - start)
        start = time.perf_counter()
        assert not read_log(source, size, SCHEMAS, executor=executor).wrong
        spread = size / (time.perf_counter() - start)
    report.figure(f"hashes of {size:,} entries again, {cores} processes", hashes, "entries/s")
    report.figure(f"all of {size:,} entries that seal something checked again, {cores} processes", spread, "entries/s")
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    report.figure(
        f"memory, peak of this process, log of {size:,} entries that all seal something", peak_mb(), "MB", at_most=300,
        peer=f"largest worker {workers:.0f} MB",
    )  # fmt: skip


def finding(report: Report, log: Log) -> None:
    """One subject's entries in a large log: by the index when it is made, and once it is kept."""
    start = time.perf_counter()
    found = log.entries_of(ANOTHER)
    first = time.perf_counter() - start
    again = median_seconds(lambda: log.entries_of(ANOTHER))
    report.figure(
        f"finding the {len(found)} entries of one subject among {log.sequencer.size():,}", again * 1e3, "ms",
        peer=f"the first time, reading all of them for the index, {first:.1f} s",
    )  # fmt: skip


def new_log_of(folder: Path, prepared: list[Prepared]) -> Log:
    """A published log of these entries."""
    folder.mkdir()
    log = new_log(folder)
    log.append_prepared(prepared)
    log.publish()
    log.sequencer.close()
    return log
