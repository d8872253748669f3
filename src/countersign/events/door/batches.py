"""Signed, numbered batches: how the receiver in the van, which has no network, hands its events over.

A batch is a line of canonical JSON ``{v, deployment, limits, number, events, digest, key, sig}`` and then its events, a
line each. ``digest`` is the SHA-256 of those lines, ``key`` the id of the Ed25519 key, ``sig`` its signature over
``countersign-event-batch/v1``, a newline and the header without ``sig``. A number, once given to events, stays theirs,
and signing is deterministic: a batch written again has the same bytes. Taken twice or out of order, it changes nothing.

>>> PREFIX
b'countersign-event-batch/v1\\n'
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature

from countersign.errors import EvidenceWrong
from countersign.events.door.journal import Journal
from countersign.events.door.limits_held import Limits, contradictions
from countersign.events.door.line import ALERT, Event, EventRefused, of
from countersign.record.entries import canonical
from countersign.record.entries.canonical import NotCanonical
from countersign.record.entries.entry import EntrySigner, key_id
from countersign.record.tlog.encoding import TextMalformed, parse_base64, render_base64
from countersign.record.tlog.verifierkey import load_public_key

PREFIX = b"countersign-event-batch/v1\n"
VERSION = 1
HIGHEST_NUMBER = 1_000_000
_FIELDS = {"v", "deployment", "limits", "number", "events", "digest", "key", "sig"}


class BatchWrong(EvidenceWrong):
    """A batch of events is not what its signer signed, is of something else, or contradicts what came before."""

    code = "event-batch-wrong"
    next_step = "Nothing of it was taken; ask for the batch again, and compare the key with the one you expect."


def file_name(number: int) -> str:
    """The name of a batch's file.

    >>> file_name(7)
    'batch-000007.jsonl'
    """
    return f"batch-{number:06}.jsonl"


def render(journal: Journal, number: int, deployment: str, limits: str, signer: EntrySigner) -> bytes:
    """The bytes of a batch whose number the journal has given."""
    lines = journal.batch(number)
    body = b"".join(line + b"\n" for line in lines)
    header: dict[str, Any] = {
        "v": VERSION,
        "deployment": deployment,
        "limits": limits,
        "number": number,
        "events": len(lines),
        "digest": sha256(body).hexdigest(),
        "key": signer.key,
    }
    signature = signer.private_key.sign(PREFIX + canonical.render(header))
    return canonical.render(header | {"sig": render_base64(signature)}) + b"\n" + body


def take_batch(data: bytes, journal: Journal, deployment: str, limits: Limits, public_key: bytes) -> tuple[int, int]:
    """Take a batch whole or not at all; returns its number and how many of its events are new.

    Raises ``BatchWrong``; ``KeyUnsafe`` where the key is none.
    """
    head, _, body = data.partition(b"\n")
    header = _header(head, public_key)
    if (header["deployment"], header["limits"]) != (deployment, limits.digest):
        raise BatchWrong("the batch is of another deployment, or was taken under other limits")
    if sha256(body).hexdigest() != header["digest"]:
        raise BatchWrong("the events of the batch are not those that were signed")
    new = 0
    with journal.transaction():
        if journal.mark_received(header["number"], bytes.fromhex(header["digest"])).hex() != header["digest"]:
            raise BatchWrong(f"another batch came under the number {header['number']} before")
        for line in body.splitlines():
            try:
                event, ordinal = _event(line)
                new += journal.receive(event, ordinal)
            except (EventRefused, NotCanonical) as error:
                raise BatchWrong(f"batch {header['number']} holds an event that is not taken: {error}") from None
            journal.find((code, event.source, event.sequence) for code in contradictions(event, limits))
    return header["number"], new


def _header(head: bytes, public_key: bytes) -> dict[str, Any]:
    try:
        header = canonical.parse(head)
        if not isinstance(header, dict) or set(header) != _FIELDS or header["v"] != VERSION:
            raise BatchWrong("the file does not begin with the header of a batch")
        if (
            type(header["number"]) is not int
            or not 0 < header["number"] <= HIGHEST_NUMBER
            or header["key"] != key_id(public_key)
        ):
            raise BatchWrong("the batch has no number from 1, or names another key than the one given")
        signature = parse_base64(str(header.pop("sig")), 64)
        load_public_key(public_key).verify(signature, PREFIX + canonical.render(header))
    except (NotCanonical, TextMalformed):
        raise BatchWrong("the file does not begin with the header of a batch") from None
    except InvalidSignature:
        raise BatchWrong("the batch was not signed so by the key given") from None
    return header


def _event(line: bytes) -> tuple[Event, int | None]:
    """An event as a journal holds it, held to its form again; its ordinal apart."""
    raw: Any = canonical.parse(line)
    if not isinstance(raw, dict) or raw.get("type") != ALERT or not isinstance(raw.get("content"), dict):
        return of(raw), None
    content = dict(raw["content"])
    ordinal = content.pop("ordinal", None)
    if type(ordinal) is not int or ordinal < 0:
        raise EventRefused("content.ordinal", "missing, or not a whole number")
    return of(raw | {"content": content, "subject": f"ordinal-{ordinal}"}), ordinal
