"""Officers' judgements on alerts: numbered when the prompt is answered, signed with their own keys, chained by digest.

A *ledger* is the file of one unit's device, a line each in canonical JSON: ``first`` answers the prompt and takes the
next number; ``second`` is another officer's answer to the same number, signed on a device of their own from a *slip*
that holds no answer; ``engagement`` says that an officer approached the person, judged before or not. Each line names
the digest of the one before it in the ledger, a second the digest of the first on its number, so the order is proved;
``at`` is the device's word, bounded only by the next cosigned head of the log. What is signed is
``countersign-judgement/v1``, a newline, and the canonical line without ``sig``. A digest covers the signature, which
only the officer's key can make: it says nothing of the answer.

Per hour of the first line of a number the lines go under one seal, and only counts are public. Later numbers are
matched to the engine's alerts by camera and time. What is judged after the engagement does not count as before it.

>>> from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
>>> one, two = (EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2))
>>> said = {"camera": "c-1", "at": "2026-03-01T10:05:00Z", "answer": "reject", "reason": "image-poor", "seconds": 6}
>>> first = signed("force-a/d-1", {"number": 1, "act": "first", **said}, one)
>>> named = {"previous": digest("force-a/d-1", first)}
>>> second = signed("force-a/d-1", {"number": 1, "act": "second", **said, **named}, two)
>>> len(check_lines("force-a/d-1", [first, second], "ledger").lines)
2
>>> hour_facts("2026-03-01T10Z", [first, second])["judged_by_two"]
1
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature

from countersign.deployments.clock import TOLERANCE_SECONDS, moment, time_text
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.view import Statement, View
from countersign.errors import CountersignError, EvidenceWrong, WrongForm
from countersign.record.entries import canonical
from countersign.record.entries.entry import EntrySigner, key_id
from countersign.record.entries.forms import fits
from countersign.record.entries.schema import FactsMalformed, LeakRefused
from countersign.record.tlog.encoding import KeyUnsafe, load_public_key, parse_base64, render_base64
from countersign.words.dates import local_words
from countersign.words.lists import counted

KIND, LABEL = "live.judgements", "judgements"
FIRST, SECOND, ENGAGEMENT = "first", "second", "engagement"
PREFIX = b"countersign-judgement/v1\n"
SLIP = "countersign-slip/1"
#: An alert of the engine and a number are the same within this time, on one camera.
SAME_ALERT = timedelta(minutes=2)
_FIELDS = json.loads(SCHEMAS.latest(KIND).text)["x-sealed"][LABEL]["content"]["properties"]
#: The public counts of an hour.
COUNTED = ("numbered", "judged_by_two", "engagements", "engaged_without_two")
#: The fixed phrases of a judgement.
ANSWERS, REASONS = (tuple(_FIELDS[name]["enum"]) for name in ("answer", "reason"))
_JUDGING = frozenset({"answer", "reason", "seconds"})
_SLIP = {"format", "subject", "number", "camera", "previous"}

Line = Mapping[str, Any]


class JudgementMalformed(
    WrongForm, next_step="Take the ledger, slip or judgement again from the device that made it, unaltered."
):
    """A ledger, a slip or a judgement is not in its form, or is about another deployment."""


class JudgementOutOfOrder(
    EvidenceWrong,
    code="judgements-out-of-order",
    next_step="Keep the file, and take the ledger again from the device: a line was left out, altered or moved.",
):
    """A judgement's signature fails, or it does not name the one before it: it was altered, left out or moved."""


def signed(subject: str, said: Line, signer: EntrySigner) -> dict[str, Any]:
    """A line with its key and signature. ``said`` has no key yet; ``subject`` is ``force/deployment``. Raises
    ``JudgementMalformed``."""
    line = {**said, "public_key": render_base64(signer.public_key)}
    made = {**line, "sig": render_base64(signer.private_key.sign(_message(subject, line)))}
    check_form(made, f"number {said.get('number')}")
    return made


def digest(subject: str, line: Line) -> str:
    """The digest by which the next line names this one."""
    return sha256(canonical.render({"subject": subject, **line})).hexdigest()


def _message(subject: str, line: Line) -> bytes:
    return PREFIX + canonical.render({"subject": subject, **{name: line[name] for name in line if name != "sig"}})


def check_form(line: Any, place: str) -> None:
    """Hold one line to its form. Raises ``JudgementMalformed``."""
    try:
        SCHEMAS.latest(KIND).sealed[LABEL].check(line, place)
    except (FactsMalformed, LeakRefused) as error:
        raise JudgementMalformed(str(error)) from None
    given = _JUDGING & set(line)
    if given != (frozenset() if line["act"] == ENGAGEMENT else _JUDGING):
        raise JudgementMalformed(f"{place}: a judgement has an answer, a reason and seconds; an engagement has none")


class Ledger:
    """Lines of one deployment, each held to its form, its signature and the chain as it comes. ``whole``: they are a
    ledger from its first line on, and not the numbers of one hour of it.
    """

    def __init__(self, subject: str, place: str, *, whole: bool = True) -> None:
        self.subject, self.place, self.whole = subject, place, whole
        self.lines: list[Line] = []
        self._digests: list[str] = []
        self._at: dict[str, int] = {}
        self._numbers: dict[int, dict[str, int]] = {}
        # The ledger's device has one clock; the second officer's device has another.
        self._clock = ""

    def expect(self, lines: Iterable[Line]) -> None:
        """Know the digests of lines that are to be added next, so that one that names a later line says so."""
        for position, line in enumerate(lines, start=len(self.lines)):
            self._at.setdefault(digest(self.subject, line), position)

    def add(self, line: Line) -> None:
        """One line more; nothing is added where it does not hold. Raises ``JudgementMalformed`` or
        ``JudgementOutOfOrder``."""
        position, number = len(self.lines), line.get("number")
        where = f"{self.place}: line {position + 1}"
        check_form(line, where)
        _check_signature(self.subject, line, where)
        acts = self._numbers.get(line["number"], {})
        named = self._at.get(line.get("previous", ""))
        if line["act"] in acts:
            raise JudgementOutOfOrder(f"{where}: number {number} has a second {line['act']} line")
        if named is not None and named >= position:
            raise JudgementOutOfOrder(f"{where}: names a line that comes after it")
        if line["act"] == SECOND:
            _check_second(line, self.lines, acts.get(FIRST), named, where)
        elif self.whole and line.get("previous") != (self._digests[-1] if position else None):
            raise JudgementOutOfOrder(f"{where}: does not name the digest of the line before it")
        elif line["act"] == FIRST and acts:
            raise JudgementOutOfOrder(f"{where}: number {number} is answered first after other lines of it")
        if acts and line["camera"] != self.lines[min(acts.values())]["camera"]:
            raise JudgementOutOfOrder(f"{where}: number {number} is of another camera")
        if self.whole and not acts and number != len(self._numbers) + 1:
            raise JudgementOutOfOrder(f"{where}: the next number is {len(self._numbers) + 1}, not {number}")
        if line["act"] != SECOND:
            clock = self._clock or line["at"]
            if moment(line["at"]) < moment(clock) - timedelta(seconds=TOLERANCE_SECONDS):
                raise JudgementOutOfOrder(f"{where}: is of {line['at']}, before a line before it ({clock})")
            self._clock = max(clock, line["at"])
        self._numbers[line["number"]] = {**acts, line["act"]: position}
        self._digests.append(digest(self.subject, line))
        self._at.setdefault(self._digests[-1], position)
        self.lines.append(line)


def check_lines(subject: str, lines: Sequence[Line], place: str, *, whole: bool = True) -> Ledger:
    """Hold lines to their form, their signatures and the chain, as ``Ledger`` does. Raises ``JudgementMalformed`` or
    ``JudgementOutOfOrder``."""
    ledger = Ledger(subject, place, whole=whole)
    ledger.expect(lines)
    for line in lines:
        ledger.add(line)
    return ledger


def _check_second(line: Line, lines: Sequence[Line], first: int | None, named: int | None, where: str) -> None:
    if first is None or named != first:
        raise JudgementOutOfOrder(f"{where}: does not name the first judgement on number {line['number']}")
    if lines[first]["public_key"] == line["public_key"]:
        raise JudgementOutOfOrder(f"{where}: both judgements on number {line['number']} are by one key")


def _check_signature(subject: str, line: Line, where: str) -> None:
    try:
        key = load_public_key(parse_base64(line["public_key"], 32))
        key.verify(parse_base64(line["sig"], 64), _message(subject, line))
    except (InvalidSignature, KeyUnsafe):
        raise JudgementOutOfOrder(f"{where}: its signature is not by the key it names, or it was altered") from None


def ledger_of(data: bytes, place: str) -> Ledger:
    """The ledger of its bytes, checked. Raises as ``check_lines``."""
    subjects, lines = set[str](), []
    for number, text in enumerate(data.splitlines(), start=1):
        subject, line = line_of(text, f"{place}, line {number}")
        subjects.add(subject)
        lines.append(line)
    if len(subjects) != 1:
        raise JudgementMalformed(f"{place}: a ledger has lines of one deployment")
    return check_lines(subjects.pop(), lines, place)


def line_of(data: bytes, place: str) -> tuple[str, dict[str, Any]]:
    """The subject and the line of canonical bytes. Raises ``JudgementMalformed``."""
    raw = _object(data, place)
    subject = raw.pop("subject", None)
    if not isinstance(subject, str) or not fits("subject", subject) or "/" not in subject:
        raise JudgementMalformed(f"{place}: does not say of which deployment it is, as force/deployment")
    check_form(raw, place)
    return subject, raw


def rendered(subject: str, line: Line) -> bytes:
    """A line as it stands in a ledger, with its newline."""
    return canonical.render({"subject": subject, **line}) + b"\n"


def _object(data: bytes, place: str) -> dict[str, Any]:
    try:
        raw = canonical.parse(data.rstrip(b"\n"))
    except canonical.NotCanonical as error:
        raise JudgementMalformed(f"{place}: {error}") from None
    if not isinstance(raw, dict):
        raise JudgementMalformed(f"{place}: is not one object")
    return raw


def slip(subject: str, first: Line) -> bytes:
    """What the second officer's device is given of a first judgement: which alert, and no answer."""
    said = {"format": SLIP, "subject": subject, "number": first["number"], "camera": first["camera"]}
    return canonical.render({**said, "previous": digest(subject, first)}) + b"\n"


def slip_of(data: bytes, place: str) -> tuple[str, dict[str, Any]]:
    """The subject of a slip, and the beginning of the second judgement. Raises ``JudgementMalformed``."""
    raw = _object(data, place)
    if set(raw) != _SLIP or raw["format"] != SLIP or not isinstance(raw["subject"], str):
        raise JudgementMalformed(f"{place}: is no slip ({SLIP}), which has {', '.join(sorted(_SLIP))}")
    return raw["subject"], {"act": SECOND, **{name: raw[name] for name in ("number", "camera", "previous")}}


def following(subject: str, lines: Sequence[Line], act: str, number: int | None, camera: str | None) -> dict[str, Any]:
    """The beginning of the next line of a ledger: its number (the next one for ``None``), camera and digest named.
    Raises ``JudgementMalformed``."""
    known = {line["number"]: line["camera"] for line in lines}
    if number is not None and number not in known:
        raise JudgementMalformed(f"the ledger has no number {number}; it has {counted(len(known), 'number')}")
    camera = camera if number is None else known[number]
    if camera is None:
        raise JudgementMalformed("an alert that nobody has judged is entered with its camera")
    said = {"number": len(known) + 1 if number is None else number, "act": act, "camera": camera}
    return said if not lines else {**said, "previous": digest(subject, lines[-1])}


def by_hour(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """The lines of a ledger by the hour (``2026-03-01T10Z``) of the first line of their number, in their order."""
    hours: dict[int, str] = {}
    found: dict[str, list[Line]] = {}
    for line in lines:
        hour = hours.setdefault(line["number"], f"{line['at'][:13]}Z")
        found.setdefault(hour, []).append(line)
    return found


class Numbered(NamedTuple):
    """One number: its camera, when the alert was shown (by the first judgement, less the seconds taken), whether two
    judged it (before the engagement, if there was one), and when it was engaged on."""

    number: int
    camera: str
    shown_at: datetime
    judged_by_two: bool
    engaged_at: str | None


def numbered(lines: Sequence[Line]) -> tuple[Numbered, ...]:
    """The numbers of lines in their order."""
    found: dict[int, dict[str, Line]] = {}
    before_engagement: dict[int, set[str]] = {}
    for line in lines:
        acts = found.setdefault(line["number"], {})
        if ENGAGEMENT not in acts and line["act"] != ENGAGEMENT:
            before_engagement.setdefault(line["number"], set()).add(line["act"])
        acts[line["act"]] = line
    return tuple(_numbered(number, acts, before_engagement.get(number, set())) for number, acts in found.items())


def _numbered(number: int, acts: Mapping[str, Line], before: set[str]) -> Numbered:
    begun = acts.get(FIRST) or acts[ENGAGEMENT]
    shown = moment(begun["at"]) - timedelta(seconds=begun.get("seconds", 0))
    engaged = acts[ENGAGEMENT]["at"] if ENGAGEMENT in acts else None
    return Numbered(number, begun["camera"], shown, before == {FIRST, SECOND}, engaged)


def hour_facts(hour: str, lines: Sequence[Line]) -> dict[str, Any]:
    """The public counts of an hour's lines."""
    numbers = numbered(lines)
    engaged = [each for each in numbers if each.engaged_at is not None]
    return {
        "hour": hour,
        "numbered": len(numbers),
        "judged_by_two": sum(each.judged_by_two for each in numbers),
        "engagements": len(engaged),
        "engaged_without_two": sum(not each.judged_by_two for each in engaged),
    }


def check_hour(subject: str, facts: Mapping[str, Any], lines: Sequence[Line]) -> None:
    """Hold an hour's sealed lines to themselves and to the public counts. Raises as ``check_lines``."""
    check_lines(subject, lines, KIND, whole=False)
    counts = hour_facts(facts["hour"], lines)
    wrong = [name for name, count in counts.items() if facts[name] != count]
    if wrong or any(hour != facts["hour"] for hour in by_hour(lines)):
        raise JudgementMalformed(f"{KIND}: {', '.join(wrong) or 'hour'} is not what the sealed judgements come to")


def open_lines(hour: Statement) -> list[Line]:
    """The lines of an hour's judgements that are open to this reader."""
    return [each.value for each in hour.get(f"sealed.{LABEL}[]")]


def open_in(view: View) -> tuple[list[Line], int]:
    """The lines of all hours that are open to this reader, and of how many hours none is that has some."""
    held = [(hour, open_lines(hour)) for hour in view.statements("judgements")]
    closed = sum(1 for hour, lines in held if hour.one("numbered") and not lines)
    return [line for _, lines in held for line in lines], closed


def fault_in(hour: Statement) -> str | None:
    """Why an hour's open lines are not as officers signed and counted them; ``None`` where they are or none is open."""
    lines = open_lines(hour)
    try:
        if lines:
            check_hour(hour.subject, {name: hour.one(name) for name in ("hour", *COUNTED)}, lines)
    except CountersignError as error:
        return str(error).removeprefix(f"{KIND}: ")
    return None


def left_out_of(hours: Sequence[Statement]) -> str | None:
    """What was left out, moved or made up between the lines of all hours together, of which each may be sound alone;
    ``None`` where they are one chain, or an hour's lines are not open."""
    held = [(hour.subject, line) for hour in hours for line in open_lines(hour)]
    if any(hour.one("numbered") and not open_lines(hour) for hour in hours):
        return None
    digests = {digest(subject, line) for subject, line in held}
    named: dict[str | None, int] = {}
    for line in (line for _, line in held if line["act"] != SECOND):
        before, number = line.get("previous"), line["number"]
        if before is not None and before not in digests:
            return f"the line before one of number {number} is left out"
        if before in named:
            return f"numbers {named[before]} and {number} follow the same line"
        named[before] = number
    return None


class Matched(NamedTuple):
    """Numbers matched to the engine's alerts, and what is left over of each."""

    pairs: tuple[tuple[Numbered, Mapping[str, Any]], ...]
    numbers: tuple[Numbered, ...]
    alerts: tuple[Mapping[str, Any], ...]

    def numbers_in_words(self) -> list[str]:
        """Each number without an alert: "number 3, camera cam-1, 1 March 2026, 10:05 GMT"."""
        return [
            f"number {n}, camera {camera}, {local_words(time_text(shown))}" for n, camera, shown, *_ in self.numbers
        ]

    def alerts_in_words(self) -> list[str]:
        """Each alert without a number, and whether someone was approached on it."""
        engaged = (", engaged on" if alert.get("engagement") else "" for alert in self.alerts)
        alerts = zip(self.alerts, engaged, strict=True)
        return [f"alert of {local_words(alert['at'])}, camera {alert['camera']}{on}" for alert, on in alerts]


def matched(numbers: Sequence[Numbered], alerts: Sequence[Mapping[str, Any]]) -> Matched:
    """Each number with the alert of its camera that lies nearest in time, within ``SAME_ALERT``; nearest pairs first,
    each number and each alert once."""
    near = sorted(_near(numbers, alerts))
    taken: dict[int, int] = {}
    used = set[int]()
    for _, place, other in near:
        if place not in taken and other not in used:
            taken[place] = other
            used.add(other)
    return Matched(
        tuple((numbers[place], alerts[taken[place]]) for place in sorted(taken)),
        tuple(each for place, each in enumerate(numbers) if place not in taken),
        tuple(alert for other, alert in enumerate(alerts) if other not in used),
    )


def _near(numbers: Sequence[Numbered], alerts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[timedelta, int, int]]:
    by_camera: dict[str, list[tuple[datetime, int]]] = {}
    for other, alert in enumerate(alerts):
        by_camera.setdefault(alert["camera"], []).append((moment(alert["at"]), other))
    for place, each in enumerate(numbers):
        for at, other in by_camera.get(each.camera, ()):
            if (apart := abs(at - each.shown_at)) <= SAME_ALERT:
                yield apart, place, other


def keys_in(lines: Sequence[Line]) -> dict[str, set[str]]:
    """The ids of the keys that signed, each with the acts it signed."""
    found: dict[str, set[str]] = {}
    for line in lines:
        found.setdefault(key_id(parse_base64(line["public_key"], 32)), set()).add(line["act"])
    return found
