"""One event of an engine's export: its form, the door for images, embeddings and names, and what it alone contradicts.

An event is ``{source, sequence, sent_at, type, content}``, with ``logged_at`` and ``subject`` where the engine has
them, and with ``stamp`` where it was made up. ``type`` is a kind of the deployments vocabulary (``live.hour``), whose
public facts ``content`` holds, or a kind and the label of a sealed set (``live.hour/alerts``), of which ``content`` is
one item. An alert's ``subject`` becomes an ordinal of the deployment, and is not kept. A refusal names the field and
the reason in words of its own: nothing of what stood in the event is repeated, for it may be what was not to be kept.

What an event contradicts in the limits declared before it comes as short codes, so that they can be counted. What only
shows over several events is in ``taking``. A finding says what was reported; it names nobody, and drives nothing.

>>> read(b'{"source":"camera-1","portrait":"..."}')
Traceback (most recent call last):
    ...
countersign.events.door.line.EventRefused: portrait: not a field of an event
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from countersign.deployments.alerts import FIRST, SECOND, check_alert
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.limits import digest_of
from countersign.deployments.refusals import AlertOutOfOrder, RolesConflict
from countersign.errors import WrongForm
from countersign.record.entries import canonical
from countersign.record.entries.forms import find_leak, fits
from countersign.record.entries.schema import FactsMalformed, LeakRefused
from countersign.surroundings import ASSUMED

#: A longer line is refused unread; an alert has about a thousand bytes.
LONGEST_LINE = 65_535
#: What an engine may report: kinds of entry, and kinds with the label of a set of which it reports one item at a time.
_STEPS = ("live.opened", "live.change", "live.suspended", "live.resumed", "live.staffing")
FACTS = (*_STEPS, "live.hour", "live.event-log", "close.cancellation")
ALERT = "live.hour/alerts"
ITEMS = {ALERT: ("live.hour", "alerts"), "live.event-log/events": ("live.event-log", "events")}
LARGEST_SEQUENCE = canonical.LARGEST_INTEGER
#: The field of each type's content that says when it happened.
MOMENTS = {
    "live.opened": "opened_at",
    "live.change": "changed_at",
    "live.suspended": "suspended_at",
    "live.resumed": "resumed_at",
    "live.staffing": "since",
    "live.hour": "hour",
    "live.event-log": "period_end",
    "close.cancellation": "closed_at",
    ALERT: "at",
    "live.event-log/events": "at",
}

#: An officer's grounds as an export may give them. Words of one's own are entered by people, not by an engine.
GROUNDS = frozenset(
    {"wanted on a warrant", "in breach of an order of a court", "suspected of an offence", "a danger to somebody"}
)

_REQUIRED = ("source", "sequence", "sent_at", "type", "content")
_FIELDS = frozenset((*_REQUIRED, "logged_at", "subject", "stamp"))
_SAYABLE = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,39}\Z", re.ASCII)
_UNKNOWN = re.compile(r"(?P<at>[a-z_.\[\]0-9]*): (?P<quote>['\"])(?P<name>.*)(?P=quote) is not a field", re.DOTALL)
_decoder = msgspec.json.Decoder()


class EventRefused(
    WrongForm, next_step="Correct the engine's export or the column map at that field, and take the file again."
):
    """An event is not of its form. ``field`` and ``reason`` repeat nothing of its content."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


class EventLeakRefused(
    EventRefused, next_step="Have the engine export without that field; Countersign takes no image, embedding or name."
):
    """An event holds the data of an image, an embedding, or a mark of one person. Nothing of it is kept."""


class Event(msgspec.Struct, frozen=True):
    """An event of the right form. ``subject`` is the engine's own id; ``stamp`` says that it was made up."""

    source: str
    sequence: int
    sent_at: str
    type: str
    content: dict[str, Any]
    logged_at: str | None = None
    subject: str | None = None
    stamp: str | None = None

    @property
    def at(self) -> str:
        """When it happened, by its content."""
        return str(self.content[MOMENTS[self.type]])


def read(line: bytes) -> Event:
    """The event of a line of JSON. Raises ``EventRefused`` or ``EventLeakRefused``."""
    if len(line) > LONGEST_LINE:
        raise EventRefused("the line", f"longer than {LONGEST_LINE:,} bytes")
    try:
        raw = _decoder.decode(line)
    except UnicodeDecodeError:
        raise EventRefused("the line", "not text in UTF-8") from None
    except (msgspec.DecodeError, RecursionError):
        raise EventRefused("the line", "not one JSON object: cut short, or something else beside it") from None
    return of(raw)


def of(raw: object) -> Event:
    """The event of a JSON value. Raises ``EventRefused`` or ``EventLeakRefused``."""
    if not isinstance(raw, dict):
        raise EventRefused("the line", "not a JSON object")
    if not _FIELDS.issuperset(raw):
        raise EventRefused(said(next(name for name in raw if name not in _FIELDS)), "not a field of an event")
    for name in _REQUIRED:
        if name not in raw:
            raise EventRefused(name, "missing")
    source, sequence, kind, content = raw["source"], raw["sequence"], raw["type"], raw["content"]
    if not _is(source, "token"):
        raise EventRefused("source", "not a token such as camera-1")
    if type(sequence) is not int or not 0 < sequence <= LARGEST_SEQUENCE:
        raise EventRefused("sequence", "not a whole number from 1")
    for name in ("sent_at", "logged_at"):
        if raw.get(name) is not None and not _is(raw[name], "time"):
            raise EventRefused(name, "not a time in UTC to the second, such as 2026-03-07T10:00:00Z")
    if type(kind) is not str or (kind not in FACTS and kind not in ITEMS):
        raise EventRefused("type", f"none of {', '.join((*FACTS, *ITEMS))}")
    stamp = raw.get("stamp")
    if stamp is not None and stamp != ASSUMED:
        raise EventRefused("stamp", "stands on what is made up alone, and has one form")
    subject = raw.get("subject")
    if (kind == ALERT) != (subject is not None):
        raise EventRefused("subject", "an alert has one, and nothing else has")
    if subject is not None and not _is(subject, "reference"):
        raise EventRefused("subject", "not a short id")
    for name in ("source", "subject"):
        if raw.get(name) is not None and (leak := find_leak(raw[name])):
            raise EventLeakRefused(name, leak)
    if not isinstance(content, dict):
        raise EventRefused("content", "not an object")
    _check_content(kind, content)
    return Event(source, sequence, raw["sent_at"], kind, content, raw.get("logged_at"), subject, stamp)


def source_and_sequence(line: bytes) -> tuple[str, int] | None:
    """Whose event a refused line was, and its number, if that much is of its form."""
    try:
        raw = _decoder.decode(line) if len(line) <= LONGEST_LINE else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(raw, dict):
        return None
    source, sequence = raw.get("source"), raw.get("sequence")
    if _is(source, "token") and type(sequence) is int and 0 < sequence <= LARGEST_SEQUENCE:
        return str(source), sequence
    return None


def said(name: object) -> str:
    """A field's name as it may be repeated: as it is where it is short and plain."""
    return str(name) if isinstance(name, str) and _SAYABLE.match(name) else "a field with a name that is not repeated"


def _is(value: object, form: str) -> bool:
    return type(value) is str and fits(form, value)


def _check_content(kind: str, content: dict[str, Any]) -> None:
    try:
        if kind in ITEMS:
            if kind == ALERT:
                if "ordinal" in content:
                    raise EventRefused("content.ordinal", "given here, at the door, not by the engine")
                content = content | {"ordinal": 0}
            _SEALED[kind].check(content, "content")
            _hold_grounds(content)
        else:
            _SCHEMAS[kind].check(content)
        if kind == ALERT:
            check_alert(content, "content")
    except LeakRefused as error:
        place, _, reason = str(error).rpartition(": ")
        raise EventLeakRefused(_place(place), reason) from None
    except FactsMalformed as error:
        raise _malformed(str(error)) from None
    except RolesConflict:
        raise EventRefused("content.adjudications", "one person verified the alert in both roles") from None
    except AlertOutOfOrder:
        raise EventRefused("content", "a decision, an engagement or its end comes before what it follows") from None


def _hold_grounds(content: dict[str, Any]) -> None:
    """Hold the only sentences there are to ``GROUNDS``: free words could name people, or hide anything."""
    engagement = content.get("engagement")
    if engagement is None:
        return
    given = {
        "independent_grounds": engagement.get("independent_grounds"),
        "power.grounds": engagement.get("power", {}).get("grounds"),
    }
    for name, words in given.items():
        if words is not None and words not in GROUNDS:
            raise EventRefused(f"content.engagement.{name}", "not one of the grounds that an export may give")


_SCHEMAS = {kind: SCHEMAS.latest(kind) for kind in FACTS}
_SEALED = {kind: SCHEMAS.latest(name).sealed[label] for kind, (name, label) in ITEMS.items()}


def _place(text: str) -> str:
    """The field of a schema's message: ``live.hour/1: facts.faces`` is ``content.faces``."""
    place = text.rpartition(": ")[2]
    return re.sub(r"^facts", "content", place)


def _malformed(message: str) -> EventRefused:
    """What a schema's message says without the value it quotes."""
    plain = re.sub(r"^[a-z.-]+/\d+: ", "", message)
    if unknown := _UNKNOWN.match(plain):
        place = _place(unknown["at"])
        return EventRefused(f"{place}: {said(unknown['name'])}", "not a field of this type of event")
    place, _, rest = plain.partition(": ")
    if rest.endswith(" is missing"):
        return EventRefused(f"{_place(place)}.{rest.removesuffix(' is missing')}", "missing")
    return EventRefused(_place(place), "not of the form that the vocabulary gives this field")


#: A look at two pictures that took less than this is shorter than a person needs to see them, in whole seconds. Ours:
#: no force has published one, and the command takes another.
QUICKEST_LOOK = 2

#: What events can show against the limits, as ``words.names`` puts it, in the order of reports.
_UNLIKE_LIMITS = ("outside-window", "camera-undeclared", "threshold-below", "list-not-declared", "engine-not-declared")
_UNLIKE_RULES = ("limits-not-declared", "engaged-without-two", "decided-too-fast")
CODES = (*_UNLIKE_LIMITS, *_UNLIKE_RULES, "after-the-end", "in-the-future", "while-suspended")


@dataclass(frozen=True, slots=True)
class Limits:
    """The declared limits as events are held to them, with the quickest look in seconds."""

    digest: str
    windows: tuple[tuple[str, str], ...]
    cameras: frozenset[str]
    threshold: Decimal
    list_digest: str
    engine: tuple[str, str]
    quickest: int = QUICKEST_LOOK

    @classmethod
    def of(cls, document: Mapping[str, Any], quickest: int = QUICKEST_LOOK) -> Limits:
        """The limits of a document that ``deployments.limits`` has checked."""
        place = document["place"]
        windows = tuple((window["start"], window["end"]) for window in place["windows"])
        cameras = frozenset(camera["id"] for camera in place["cameras"])
        threshold, engine = Decimal(document["threshold_minimum"]), (document["engine"], document["engine_version"])
        return cls(digest_of(dict(document)), windows, cameras, threshold, document["list_digest"], engine, quickest)

    def holds_moment(self, at: str) -> bool:
        """Whether a time lies in a window. An hour counts by its start, and may begin before the window does."""
        if len(at) == len("2026-03-07T10Z"):
            return any(start[:13] <= at[:13] and at[:13] + ":00:00Z" < end for start, end in self.windows)
        return any(start <= at <= end for start, end in self.windows)


#: An export says the same few thresholds over and over.
_decimal = lru_cache(maxsize=64)(Decimal)


def contradictions(event: Event, limits: Limits) -> Iterator[str]:
    """The codes of what an event contradicts by itself, each at most once."""
    content = event.content
    if event.type == ALERT or event.type in ("live.opened", "live.hour", "live.change", "live.resumed"):
        if not limits.holds_moment(event.at):
            yield "outside-window"
        if "threshold" in content and _decimal(content["threshold"]) < limits.threshold:
            yield "threshold-below"
    if "list_digest" in content and content["list_digest"] != limits.list_digest:
        yield "list-not-declared"
    if content.get("limits", limits.digest) != limits.digest:
        yield "limits-not-declared"
    name, version = limits.engine
    if content.get("engine", name) != name or content.get("engine_version", version) != version:
        yield "engine-not-declared"
    if event.type == ALERT:
        if content["camera"] not in limits.cameras:
            yield "camera-undeclared"
        if "engagement" in content and not _two_decided(content):
            yield "engaged-without-two"
        for look in content["adjudications"]:
            if is_quick(look, limits.quickest):
                yield "decided-too-fast"
                break


def is_quick(adjudication: Mapping[str, Any], quickest: int) -> bool:
    """Whether a person decided in fewer than ``quickest`` seconds."""
    return bool(adjudication["seconds"] < quickest)


def _two_decided(alert: Mapping[str, Any]) -> bool:
    """Whether an operator, then an engagement officer, another person, decided to engage before the engagement."""
    started = alert["engagement"]["started_at"]
    engaging = [
        look for look in alert["adjudications"] if look["decision"] == "engage" and look["decided_at"] <= started
    ]
    return any(
        first["decided_at"] <= second["decided_at"] and first["person"] != second["person"]
        for first in engaging
        for second in engaging
        if (first["role"], second["role"]) == (FIRST, SECOND)
    )
