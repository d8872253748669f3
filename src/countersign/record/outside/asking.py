"""Asking others over HTTP: a witness for its cosignature (C2SP tlog-witness, the asking side), a log for its files.

The checkpoint is sent with a consistency proof from the size that the witness is thought to have cosigned last. If it
answers with another size (409), it is asked again with a proof from there. Its answer is taken only if it is by the
key expected and holds for this very checkpoint. No address is asked but the one given: no redirects, no proxy.

>>> _post("ftp://w.example/", b"", TIMEOUT_SECONDS)
Traceback (most recent call last):
    ...
countersign.record.outside.asking.WitnessNotReached: ftp://w.example/ is not an address http://host:port/...
>>> HttpSource("ftp://log.example/").read("checkpoint")
Traceback (most recent call last):
    ...
countersign.record.tlog.tiles.TileMissing: ftp://log.example/ is not an address http://host:port/...
"""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from countersign.errors import NotAllowed, NotReached
from countersign.record.outside.witness import SIZE_TYPE, AddCheckpoint, OldSizeDiffers, add_answer
from countersign.record.tlog.checkpoint import MAXIMUM_NOTE_BYTES, SignedCheckpoint
from countersign.record.tlog.encoding import TextMalformed, parse_decimal, shown
from countersign.record.tlog.tiles import MAXIMUM_FILE_BYTES, TileMissing
from countersign.record.tlog.verifierkey import VerifierKey

#: How long a witness may take to answer, in seconds.
TIMEOUT_SECONDS = 10.0
#: How long a file of a log may take to come, in seconds.
READING_SECONDS = 30.0
#: The witness may have moved on between two answers, but not for ever.
_ATTEMPTS = 3


class WitnessNotReached(NotReached):
    """A witness does not answer, or what answers is not a witness."""

    code = "witness-not-reached"
    next_step = "Check the address and whether the witness runs; the checkpoint can be cosigned later, or by a file."


class WitnessRefuses(NotAllowed):
    """A witness refuses to cosign, and says why."""

    code = "witness-refuses"
    next_step = "See the witness's reason; if it names two histories, stop the log and compare its store with a copy."


def ask_witness(
    address: str,
    signed: SignedCheckpoint,
    keys: Iterable[VerifierKey],
    proof_from: Callable[[int], Sequence[bytes]],
    *,
    old: int = 0,
    timeout: float = TIMEOUT_SECONDS,
) -> SignedCheckpoint:
    """The checkpoint with the cosignature of the witness at a submission prefix. ``proof_from(old)`` gives the proof
    from a size; ``old`` is thought to be cosigned last. Raises ``WitnessNotReached``, ``WitnessRefuses``,
    ``OldSizeDiffers`` if the witness has seen more than the checkpoint holds, and as ``witness.add_answer``."""
    for _ in range(_ATTEMPTS):
        request = AddCheckpoint(old, tuple(proof_from(old)) if old else (), signed)
        status, kind, body = _post(address, request.render(), timeout)
        if status == http.client.OK:
            return add_answer(signed, body, keys)
        if status != http.client.CONFLICT or kind != SIZE_TYPE:
            reason = shown(body.decode("utf-8", "replace").strip())
            raise WitnessRefuses(f"{address} answers {status}: {reason}")
        try:
            old = parse_decimal(body.decode("ascii").removesuffix("\n"))
        except (UnicodeDecodeError, TextMalformed):
            raise WitnessNotReached(f"{address} answers {status} without a size") from None
        if old > signed.checkpoint.size:
            held = signed.checkpoint.size
            raise OldSizeDiffers(f"{address} has cosigned {old} entries, but the checkpoint holds {held}", old)
    raise WitnessNotReached(f"{address} names another size each time it is asked")


def _exchange(
    method: str, address: str, path: str, data: bytes | None, most: int, timeout: float, failed: type[NotReached]
) -> tuple[int, str, bytes]:
    """Status, content type and at most ``most`` + 1 bytes of what is answered below an address. Raises ``failed``."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if host is None or parts.scheme != "http":
        raise failed(f"{address} is not an address http://host:port/...")
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        connection.request(method, f"{parts.path.rstrip('/')}/{path}", body=data)
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type", ""), answer.read(most + 1)
    except (OSError, http.client.HTTPException) as error:
        where = address if method == "POST" else f"{address.rstrip('/')}/{path}"
        raise failed(f"{where}: {error or type(error).__name__}") from None
    finally:
        connection.close()


def _post(address: str, data: bytes, timeout: float) -> tuple[int, str, bytes]:
    answer = _exchange("POST", address, "add-checkpoint", data, MAXIMUM_NOTE_BYTES, timeout, WitnessNotReached)
    if len(answer[2]) > MAXIMUM_NOTE_BYTES:
        raise WitnessNotReached(f"{address} answers with more than {MAXIMUM_NOTE_BYTES:,} bytes")
    return answer


@dataclass(frozen=True, slots=True)
class HttpSource:
    """The files of a log below an address. A ``TileSource`` that can be sent to other processes."""

    address: str

    def read(self, path: str) -> bytes:
        """The file's bytes; raises ``TileMissing`` with the reason."""
        most = MAXIMUM_FILE_BYTES
        status, _, data = _exchange("GET", self.address, path, None, most, READING_SECONDS, TileMissing)
        if status != http.client.OK or len(data) > most:
            where = f"{self.address.rstrip('/')}/{path}"
            raise TileMissing(f"{where}: answered {status} with {len(data):,} bytes")
        return data
