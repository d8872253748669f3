"""The catalogue of duties with their sources, and what the program needs to answer each.

``data/requirements.csv`` holds the duties as researched; ``data/duties.toml``, by the same ids, layer, scope, dates,
evidence, roles and questions. A pinpoint marked † is still to be checked against the source; an unknown date in force
is printed as unknown. Layers stay apart: *law*; a force's *own policy*; *good practice*. It is no legal advice.

A profile is a place whose law is looked at. In Northern Ireland section 75 of the Northern Ireland Act 1998 stands in
place of section 149 of the Equality Act 2010 (``uk.ni.s75``): duties that rest on section 149 alone are left out there.

>>> duty("uk.dpa.s67.breach").phase
'review'
>>> duty("eu.aia.12-3.logs").in_force_from.isoformat(), duty("uk.auth.rank").in_force_from
('2027-12-02', None)
>>> ids = [duty.id for duty in duties_for("eu", datetime.date(2026, 9, 1))]
>>> "eu.aia.5-2.targeted" in ids, "eu.aia.12-3.logs" in ids
(True, False)
"""

from __future__ import annotations

import csv
import datetime
import difflib
import io
import tomllib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Literal, get_args

import msgspec

from countersign.errors import WrongForm

Kind = Literal["machine", "attested", "judged"]
Layer = Literal["law", "own policy", "good practice"]
Severity = Literal["mandatory", "expected", "good-practice"]
Scope = Literal["programme", "deployment"]
Phase = Literal["programme", "plan", "authorise", "brief", "open", "live", "close", "delete", "review", "publish"]
PHASES: tuple[Phase, ...] = get_args(Phase)
#: What marks a pinpoint that is still to be checked against its source.
DAGGER = "†"


class DutyUnknown(WrongForm, next_step="See 'countersign duties' for the ids."):
    """There is no duty with this id in the catalogue."""


class CatalogueMalformed(WrongForm, next_step="Install Countersign again; its data files were altered."):
    """The catalogue's own data do not fit together: an id without its other half, a field missing, a path unknown."""


class ProfileUnknown(WrongForm, next_step="Use england-and-wales, scotland, northern-ireland or eu."):
    """There is no profile of this name."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question that an attested duty puts to the role that signs."""

    id: str
    text: str


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A duty's part of ``duties.toml``; ``evidence`` is fields by noun."""

    title: str
    layer: Layer
    scope: Scope
    failed: str = ""
    evidence: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    in_force_from: datetime.date | None = None
    in_force_until: datetime.date | None = None
    role: str = ""
    text_in: str = ""
    not_from: str = ""
    questions: tuple[Question, ...] = ()
    question: str = ""
    binds: tuple[str, ...] = ()


class Duty(msgspec.Struct, frozen=True):
    """One duty: what it asks, of whom, on which sources, and how the record is asked about it.

    ``title`` names it in a few words; ``failed`` says of a judged duty, in a sentence, what not meeting it means.
    ``evidence`` are paths into the vocabulary; ``evidence_in_words`` is what the research says would show it. ``role``
    and ``questions`` are those of an attested duty, ``question`` and ``binds`` (the digests a judgement is bound to)
    of a judged one. ``text_in`` is the sealed label in which answers to the questions may stand, beside an attestation;
    ``not_from`` the one they may not be copied from.
    """

    id: str
    title: str
    failed: str
    jurisdictions: tuple[str, ...]
    instruments: str
    pinpoints: str
    to_check: bool
    confidence: str
    requirement: str
    phase: Phase
    severity: Severity
    kind: Kind
    layer: Layer
    scope: Scope
    evidence: tuple[str, ...]
    evidence_in_words: str
    in_force_from: datetime.date | None
    in_force_until: datetime.date | None
    role: str
    text_in: str
    not_from: str
    questions: tuple[Question, ...]
    question: str
    binds: tuple[str, ...]

    @property
    def sources(self) -> str:
        """Instruments and pinpoints in one line, saying what is still to be checked."""
        marked = self.to_check or DAGGER in self.instruments or DAGGER in self.pinpoints
        note = " [to be checked against the source where marked †]" if marked else ""
        unread = "" if self.confidence == "read in the source" else f" [{self.confidence}]"
        return f"{self.instruments}: {self.pinpoints}{note}{unread}"

    @property
    def in_force(self) -> str:
        """The dates in force in words; unknown where they are not known."""
        start = "unknown" if self.in_force_from is None else self.in_force_from.isoformat()
        end = "" if self.in_force_until is None else f" until {self.in_force_until.isoformat()}"
        return f"in force from: {start}{end}"

    def in_force_at(self, day: datetime.date) -> bool:
        """Whether it counts on a day: not before a known first day nor after a known last one."""
        if self.in_force_from is not None and day < self.in_force_from:
            return False
        return self.in_force_until is None or day <= self.in_force_until


def _text(name: str) -> str:
    return resources.files("countersign.rulebook").joinpath("data", name).read_text(encoding="utf-8")


def read(requirements: str, entries: str) -> Mapping[str, Duty]:
    """The duties of a CSV and a TOML text, by id. Raises ``CatalogueMalformed``."""
    rows = list(csv.DictReader(io.StringIO(requirements)))
    try:
        parts = msgspec.convert(tomllib.loads(entries), dict[str, _Entry])
        ids = [row["id"] for row in rows]
        if sorted(ids) != sorted(parts) or len(set(ids)) != len(ids):
            raise CatalogueMalformed(f"the two halves differ in {sorted(set(ids) ^ set(parts))}")
        found = {row["id"]: _duty(row, parts[row["id"]]) for row in rows}
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, KeyError) as error:
        raise CatalogueMalformed(f"the catalogue cannot be read: {error}") from error
    return MappingProxyType(found)


#: What is signed for a duty is evidence of it, by the duty's kind.
_SIGNED: Mapping[str, tuple[str, ...]] = {
    "machine": (),
    "attested": (
        "attestation.duty",
        "attestation.answers",
        "attestation.sealed.answers.answers",
        "attestation.sealed.answers.nonce",
    ),
    "judged": ("judgement.duty", "judgement.result", "judgement.documents", "judgement.independent_of"),
}


def _duty(row: Mapping[str, str], entry: _Entry) -> Duty:
    fields = {
        "id": row["id"],
        "jurisdictions": tuple(row["jurisdiction"].split("; ")),
        "instruments": row["instrument"],
        "pinpoints": row["clause"],
        "to_check": row["pinpoints_to_check"] == "yes",
        "confidence": row["confidence"],
        "requirement": row["requirement"],
        "phase": row["phase"],
        "severity": row["severity"],
        "kind": row["check"],
        "evidence_in_words": row["evidence"],
    }
    named = [path for noun, names in entry.evidence.items() for path in [f"{noun}.{name}" for name in names] or [noun]]
    signed = (*_SIGNED[row["check"]], *([entry.text_in] if entry.text_in else []))
    parts = {name: getattr(entry, name) for name in _Entry.__struct_fields__}
    return msgspec.convert(fields | parts | {"evidence": (*named, *signed)}, Duty)


DUTIES: Mapping[str, Duty] = read(_text("requirements.csv"), _text("duties.toml"))


def duty(identifier: str) -> Duty:
    """The duty with this id. Raises ``DutyUnknown``, naming the nearest."""
    found = DUTIES.get(identifier)
    if found is None:
        near = difflib.get_close_matches(identifier, DUTIES, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise DutyUnknown(f"there is no duty {identifier}{hint}")
    return found


#: Codes of the catalogue that count in each profile; CoE guidelines and international frameworks guide everywhere.
EVERYWHERE = ("CoE", "INT")


class Profile(msgspec.Struct, frozen=True):
    """A place whose law is looked at: the catalogue's codes that count there, and duties displaced by others."""

    key: str
    name: str
    codes: frozenset[str]
    displaced: frozenset[str] = frozenset()


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.key: profile
        for profile in (
            Profile("england-and-wales", "England and Wales", frozenset({"UK", "UK-EW", *EVERYWHERE})),
            Profile("scotland", "Scotland", frozenset({"UK", "UK-S", *EVERYWHERE})),
            Profile(
                "northern-ireland",
                "Northern Ireland",
                frozenset({"UK", "UK-NI", *EVERYWHERE}),
                frozenset({"uk.psed.eia", "uk.psed.bias-evidence", "uk.review.disparity"}),
            ),
            Profile("eu", "European Union", frozenset({"EU", *EVERYWHERE})),
        )
    }
)


def profile_of(key: str) -> Profile:
    """The profile of this key. Raises ``ProfileUnknown``."""
    found = PROFILES.get(key)
    if found is None:
        raise ProfileUnknown(f"there is no profile {key!r}")
    return found


def counts_in(duty: Duty, profile: Profile) -> bool:
    """Whether a duty counts in a profile, whatever the day."""
    return duty.id not in profile.displaced and not profile.codes.isdisjoint(duty.jurisdictions)


def duties_for(key: str, as_at: datetime.date) -> tuple[Duty, ...]:
    """The duties that count in a profile as at a day, in the catalogue's order. Raises ``ProfileUnknown``. A duty whose
    first day in force is unknown counts on every day, and says "unknown" wherever it is printed.
    """
    profile = profile_of(key)
    return tuple(duty for duty in DUTIES.values() if counts_in(duty, profile) and duty.in_force_at(as_at))
