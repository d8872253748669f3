"""Taking an export, line by line through the door into the journal, or a signed batch; then what it all shows.

A line is new, is here already, or is refused; nothing else can become of it. Lines go in by the thousand, each thousand
one durable transaction, so taking can be cut off anywhere and begun again. Nothing goes back to the engine.

A camera that stops sending while the others go on is found by the order of alerts alone. If a camera's share were
constant, every order of the alerts would be equally likely. A given stretch of ``k`` alerts of the others, out of ``N``
alerts of which the camera has ``n``, then holds none of its own with probability ``C(N - k, n) / C(N, n)``; there are
``n + 1`` places for the stretch (before, between and after its own), and as many cameras. A silence is reported where
the sum of these is at most one in a thousand, so at most one deployment in a thousand without a silent camera reports
one (Boole's inequality). For a declared camera without any alert the question is how likely that is at equal shares. A
camera whose crowd went elsewhere looks the same; this says what was counted, not why.

A batch, from a receiver without a network, is a line of canonical JSON ``{v, deployment, limits, number, events,
digest, key, sig}`` and then its events, a line each. ``digest`` is the SHA-256 of those lines, ``key`` the id of the
Ed25519 key, ``sig`` its signature over ``countersign-event-batch/v1``, a newline and the header without ``sig``. A
batch written again has the same bytes. Taken twice or out of order, it changes nothing.

>>> Shown("gap", "17 events missing").code, batch_name(7)
('gap', 'batch-000007.jsonl')
>>> [silence.camera for silence in silences(["c1", "c2"] * 10 + ["c1"] * 30, {"c1", "c2"})]
['c2']
>>> silences(["c1", "c2"] * 20, {"c1", "c2"})
[]
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature

from countersign.deployments.clock import moment
from countersign.errors import EvidenceWrong
from countersign.events.door.journal import Journal
from countersign.events.door.line import (
    ALERT,
    CODES,
    Event,
    EventRefused,
    Limits,
    contradictions,
    of,
    read,
    source_and_sequence,
)
from countersign.events.door.lines import Numbered
from countersign.progress import Progress, silent
from countersign.record.entries import canonical
from countersign.record.entries.canonical import NotCanonical
from countersign.record.entries.entry import EntrySigner, key_id
from countersign.record.tlog.encoding import TextMalformed, load_public_key, parse_base64, render_base64
from countersign.words.lists import counted
from countersign.words.names import contradiction_clause

#: Lines in one durable transaction.
AT_ONCE = 1000
#: A source's clock further off than this is said, in seconds.
CLOCK_TOLERANCE = 5


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the lines of one taking. ``lines = new + again + refused``."""

    lines: int
    new: int
    again: int
    refused: int

    def __add__(self, other: Taken) -> Taken:
        return Taken(
            self.lines + other.lines, self.new + other.new, self.again + other.again, self.refused + other.refused
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing the events show, under a short code, and in how many events (hours, sources) it shows."""

    code: str
    sentence: str
    count: int = 1


def take(lines: Iterable[Numbered], file: str, journal: Journal, limits: Limits, progress: Progress = silent) -> Taken:
    """Take all lines of a file into the journal; the caller may stop anywhere and take the file again."""
    new = again = refused = 0
    rest = iter(lines)
    while some := list(itertools.islice(rest, AT_ONCE)):
        with journal.transaction():
            contradicted: list[tuple[str, str, int]] = []
            for numbered in some:
                try:
                    event = _event(numbered)
                    if journal.take(event):
                        new += 1
                    else:
                        again += 1
                    contradicted += [(code, event.source, event.sequence) for code in contradictions(event, limits)]
                except EventRefused as error:
                    journal.refuse(file, numbered.number, source_and_sequence(numbered.line), error)
                    refused += 1
            journal.find(contradicted)
        progress("taking events", new + again + refused, None)
    return Taken(new + again + refused, new, again, refused)


def _event(numbered: Numbered) -> Event:
    if isinstance(numbered.event, EventRefused):
        raise numbered.event
    return read(numbered.line) if numbered.event is None else numbered.event


def shown(journal: Journal, limits: Limits, now: str) -> list[Shown]:
    """All that the journal shows against the limits and against itself. ``now``: the moment of taking."""
    with journal.transaction():
        journal.find_later("in-the-future", now)
        for start, end in _stopped(journal):
            journal.find_alerts_between("while-suspended", start, end)
        for closed in journal.of_type("close.cancellation"):
            journal.find_alerts_between("after-the-end", closed["closed_at"], None)
    counts = journal.found()
    result = [
        Shown(code, f"{counted(counts[code], 'event')} {contradiction_clause(code)}", counts[code])
        for code in CODES
        if code in counts
    ]
    result += [Shown("gap", gap.sentence, gap.missing) for gap in journal.gaps()]
    result += _hours(journal, limits)
    result += _silent_cameras(journal, limits)
    for source, _, ahead in journal.sources():
        if ahead is not None and abs(ahead) > CLOCK_TOLERANCE:
            off = f"{abs(ahead)} seconds {'ahead of' if ahead > 0 else 'behind'} the engine's log"
            result.append(Shown("clock-off", f"the clock of {source} is {off}"))
    return result


def _stopped(journal: Journal) -> list[tuple[str, str | None]]:
    resumed = sorted(str(facts["resumed_at"]) for facts in journal.of_type("live.resumed"))
    starts = [str(facts["suspended_at"]) for facts in journal.of_type("live.suspended")]
    return [(start, next((at for at in resumed if at >= start), None)) for start in starts]


def _hours(journal: Journal, limits: Limits) -> list[Shown]:
    said: dict[str, Any] = {facts["hour"]: facts for facts in journal.of_type("live.hour")}
    here = journal.alerts_by_hour()
    result = []
    for hour in _hours_of(limits):
        if hour not in said:
            result.append(Shown("silence", f"no count of faces and alerts came for the hour {hour}"))
    for hour, facts in said.items():
        if facts["alerts"] != here.get(hour, 0):
            there = f"{here.get(hour, 0)} are here"
            sentence = f"the engine counts {facts['alerts']} alerts in the hour {hour}, and {there}"
            result.append(Shown("count-differs", sentence))
    return result


def _silent_cameras(journal: Journal, limits: Limits) -> list[Shown]:
    alerts = journal.alert_cameras()
    result = []
    for silence in silences([camera for _, camera in alerts], limits.cameras):
        start = f"after {alerts[silence.after][0]}" if silence.after >= 0 else "from the first alert on"
        end = f"until {alerts[silence.before][0]}" if silence.before < len(alerts) else "to the end"
        others = f"{silence.others:,} came from other cameras"
        sentence = f"no alert came from {silence.camera} {start} {end}, while {others}"
        result.append(Shown("camera-silent", sentence))
    return result


def _hours_of(limits: Limits) -> list[str]:
    hours = []
    for start, end in limits.windows:
        at = moment(start).replace(minute=0, second=0)
        while at < moment(end):
            hours.append(at.strftime("%Y-%m-%dT%HZ"))
            at += timedelta(hours=1)
    return hours


#: A stretch is said where it is less likely than this, over all cameras and places.
LEAST_LIKELY = 1 / 1000


class Silence(NamedTuple):
    """``others`` alerts of other cameras in a row without one of this, between alerts ``after`` (-1: from the start)
    and ``before``. ``chance`` bounds the probability of such a stretch of any camera at equal shares throughout."""

    camera: str
    others: int
    after: int
    before: int
    chance: float


def silences(order: Sequence[str], declared: Iterable[str]) -> list[Silence]:
    """The cameras that were silent, by the cameras of all alerts in the order of their times, each with its longest."""
    places: dict[str, list[int]] = {camera: [] for camera in sorted({*declared, *order})}
    for place, camera in enumerate(order):
        places[camera].append(place)
    result = []
    for camera, own in places.items():
        edges = [-1, *own, len(order)]
        others, after, before = max((end - start - 1, start, end) for start, end in itertools.pairwise(edges))
        chance = _chance(len(order), len(own), others, len(places))
        if chance <= LEAST_LIKELY:
            result.append(Silence(camera, others, after, before, chance))
    return result


def _chance(alerts: int, own: int, others: int, cameras: int) -> float:
    if cameras < 2:
        return 1.0
    if not own:
        return min(1.0, cameras * (1 - 1 / cameras) ** alerts)
    log = _log_choose(alerts - others, own) - _log_choose(alerts, own)
    return min(1.0, cameras * (own + 1) * math.exp(log))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


SIGNED_PREFIX = b"countersign-event-batch/v1\n"
VERSION = 1
HIGHEST_NUMBER = 1_000_000
_HEADER_FIELDS = {"v", "deployment", "limits", "number", "events", "digest", "key", "sig"}


class BatchWrong(
    EvidenceWrong,
    code="event-batch-wrong",
    next_step="Nothing of it was taken; ask for the batch again, and compare the key with the one you expect.",
):
    """A batch of events is not what its signer signed, is of something else, or contradicts what came before."""


def batch_name(number: int) -> str:
    """The name of a batch's file."""
    return f"batch-{number:06}.jsonl"


def render_batch(journal: Journal, number: int, deployment: str, limits: str, signer: EntrySigner) -> bytes:
    """The bytes of a batch whose number the journal has given."""
    lines = journal.batch(number)
    body = b"".join(line + b"\n" for line in lines)
    header: dict[str, Any] = {"v": VERSION, "deployment": deployment, "limits": limits, "number": number}
    header |= {"events": len(lines), "digest": sha256(body).hexdigest(), "key": signer.key}
    signature = signer.private_key.sign(SIGNED_PREFIX + canonical.render(header))
    return canonical.render(header | {"sig": render_base64(signature)}) + b"\n" + body


def take_batch(data: bytes, journal: Journal, deployment: str, limits: Limits, public_key: bytes) -> tuple[int, int]:
    """Take a batch whole or not at all; its number and how many are new. Raises ``BatchWrong`` or ``KeyUnsafe``."""
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
                event, ordinal = _batched_event(line)
                new += journal.receive(event, ordinal)
            except (EventRefused, NotCanonical) as error:
                raise BatchWrong(f"batch {header['number']} holds an event that is not taken: {error}") from None
            journal.find((code, event.source, event.sequence) for code in contradictions(event, limits))
    return header["number"], new


def _header(head: bytes, public_key: bytes) -> dict[str, Any]:
    try:
        header = canonical.parse(head)
        if not isinstance(header, dict) or set(header) != _HEADER_FIELDS or header["v"] != VERSION:
            raise BatchWrong("the file does not begin with the header of a batch")
        numbered = type(header["number"]) is int and 0 < header["number"] <= HIGHEST_NUMBER
        if not numbered or header["key"] != key_id(public_key):
            raise BatchWrong("the batch has no number from 1, or names another key than the one given")
        signature = parse_base64(str(header.pop("sig")), 64)
        load_public_key(public_key).verify(signature, SIGNED_PREFIX + canonical.render(header))
    except (NotCanonical, TextMalformed):
        raise BatchWrong("the file does not begin with the header of a batch") from None
    except InvalidSignature:
        raise BatchWrong("the batch was not signed so by the key given") from None
    return header


def _batched_event(line: bytes) -> tuple[Event, int | None]:
    raw: Any = canonical.parse(line)
    if not isinstance(raw, dict) or raw.get("type") != ALERT or not isinstance(raw.get("content"), dict):
        return of(raw), None
    content = dict(raw["content"])
    ordinal = content.pop("ordinal", None)
    if type(ordinal) is not int or ordinal < 0:
        raise EventRefused("content.ordinal", "missing, or not a whole number")
    return of(raw | {"content": content, "subject": f"ordinal-{ordinal}"}), ordinal
