"""Letters for people outside: a request for what is not shown, a request for access, a complaint.

Plain text from ``data/letters``, with blanks in square brackets. The law named is that of a profile (``laws.toml``
there): that of England and Wales, as the catalogue cites it, unless another is asked for. Anything not yet checked
against its source is marked † there and here. Countersign sends nothing, and this is no legal advice.

>>> print(request_for_access(about="Oxford Circus", day="2026-09-01").splitlines()[2])
2026-09-01
>>> from countersign.rulebook.catalogue import duty
>>> dict(explanation(duty("uk.auth.rank"), day="2026-09-01").parts())["Dates"]
('in force from: unknown',)
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import msgspec

from countersign.deployments.kinds import NOUNS, SCHEMAS
from countersign.door import hold
from countersign.errors import NotReached, WrongForm
from countersign.inputs import json_of
from countersign.rulebook.catalogue import DUTIES, PROFILES, Duty, counts_in, profile_of
from countersign.words.names import role_name

#: Whose law the letters name unless another is asked for.
PROFILE = "england-and-wales"
#: Longest line of a letter.
WIDTH = 96
TO_CHECK = (
    "† marks a reference still to be checked against its source before you rely on it. Words in [square brackets] are "
    "for you to fill in. This text is no legal advice."
)
#: What stands in a letter for statements and judgements, whose fields say nothing to the body asked.
_ASKED_OTHERWISE = {
    "attestation": "any statement that answers",
    "judgement": "any assessment by someone independent that answers",
}
_LISTED = re.compile(r"(?:- |\d+\. )")


class Wanted(msgspec.Struct, frozen=True):
    """A thing to ask for: what would show it, why it is asked, and the duty it is evidence of, if it is one."""

    what: str
    why: str
    duty: str = ""


@cache
def wanted_for(duty: Duty) -> Wanted:
    """What to ask for to answer a duty: the records its evidence is read from, in the vocabulary's own titles.

    >>> from countersign.rulebook.catalogue import duty
    >>> wanted_for(duty("uk.review.demonstrable")).what
    'The record is fetched as for the Commissioner: files asked, files found'
    """
    fields: dict[str, list[str]] = {}
    for path in duty.evidence:
        noun, _, field = path.partition(".")
        fields.setdefault(noun, []).append(_field_told(field))
    parts = []
    for noun, names in fields.items():
        if noun in _ASKED_OTHERWISE:
            parts.append(f"{_ASKED_OTHERWISE[noun]} ({' '.join(_questions(duty))})")
        else:
            named = ", ".join(dict.fromkeys(name for name in names if name))
            title = SCHEMAS.latest(NOUNS[noun]).title
            parts.append(f"{title}: {named}" if named else title)
    return Wanted("; ".join(parts), duty.requirement, duty.id)


def _field_told(field: str) -> str:
    """A field of the vocabulary in words.

    >>> _field_told("sealed.alerts[].score"), _field_told("published_url"), _field_told("sealed.answers.answers")
    ('score of each of the alerts', 'published address', 'answers')
    """
    parts = field.removeprefix("sealed.").replace("_", " ").replace("-", " ").split(".")
    words = [" ".join("address" if word == "url" else word for word in part.split(" ")) for part in parts]
    *outer, last = [word.removesuffix("[]") for word in dict.fromkeys(words)]
    listed = parts[0].endswith("[]")
    return f"{last} of {'each of ' if listed else ''}the {outer[0]}" if outer else last


def _questions(duty: Duty) -> tuple[str, ...]:
    return tuple(question.text for question in duty.questions) or (duty.question,)


@lru_cache(maxsize=8192)
def _wrapped(text: str) -> str:
    listed = _LISTED.match(text)
    return textwrap.fill(
        text,
        WIDTH,
        subsequent_indent=" " * (listed.end() if listed else 0),
        break_on_hyphens=False,
        break_long_words=False,
    )


@cache
def _laws() -> dict[str, dict[str, str]]:
    text = resources.files("countersign.rulebook").joinpath("data", "letters", "laws.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def profile_for(duty: Duty) -> str:
    """Under whose law the evidence of a duty is asked for: the first profile in which it counts.

    >>> from countersign.rulebook.catalogue import duty
    >>> profile_for(duty("uk.auth.rank")), profile_for(duty("uk.scot.code"))
    ('england-and-wales', 'scotland')
    """
    return next(key for key, profile in PROFILES.items() if counts_in(duty, profile))


def _letter(name: str, profile: str, **values: str) -> str:
    """A letter with law and values put in, each line wrapped, and the note on what is to be checked and filled in."""
    values |= _laws()[profile_of(profile).key]
    text = (
        resources.files("countersign.rulebook").joinpath("data", "letters", f"{name}.txt").read_text(encoding="utf-8")
    )
    for key, value in values.items():
        text = text.replace(f"{{{key}}}", value)
    return "\n".join(_wrapped(line) for line in f"{text}\n{TO_CHECK}".split("\n")) + "\n"


def request_for_information(wanted: Sequence[Wanted], *, about: str, day: str, profile: str = PROFILE) -> str:
    """One letter for everything wanted, under the law of a profile on information; ``about`` names the deployments.
    Raises ``ProfileUnknown``, as the other letters do.
    """
    items = [
        f"{number}. {one.what}\nWhy: {one.why}"
        + (f"\n(Duty in Countersign's catalogue: {one.duty})" if one.duty else "")
        for number, one in enumerate(wanted, 1)
    ]
    return _letter("request-for-information", profile, day=day, about=about, items="\n\n".join(items))


def request_for_access(*, about: str, day: str, profile: str = PROFILE) -> str:
    """A request of a person who passed by, for what is held about them (Data Protection Act 2018 s.45)."""
    return _letter("access-request", profile, day=day, about=about)


def complaint(*, about: str, day: str, profile: str = PROFILE) -> str:
    """A complaint of a person who was stopped, or scanned, to the force, with where it may go afterwards."""
    return _letter("complaint", profile, day=day, about=about)


HOW = {
    "machine": "Decided from the record by a check that reads the paths below and nothing else.",
    "attested": "Needs a signed statement of the role named, with an answer to each question that says something.",
    "judged": "Needs the judgement of an independent reviewer; until then it is not shown.",
}
WHAT_FOR = (
    "met: borne out by an observer, an engine's own log, an outside body, or arithmetic anyone can repeat",
    "stated: borne out by the force's word alone, whatever it says",
    "not met: contradicted by the evidence",
    "not shown: evidence is missing or sealed from this reader, or cannot decide it",
)


#: The catalogue's codes of where a duty counts, in words.
WHERE = {
    "UK": "the United Kingdom",
    "UK-EW": "England and Wales",
    "UK-S": "Scotland",
    "UK-NI": "Northern Ireland",
    "EU": "the European Union",
    "CoE": "the Council of Europe (guides everywhere)",
    "INT": "guides everywhere",
}


def where(code: str) -> str:
    """What a code of the catalogue means; the code itself where it is none of these.

    >>> where("UK-EW")
    'England and Wales'
    """
    return WHERE.get(code, code)


class Explanation(msgspec.Struct, frozen=True):
    """A duty with what would satisfy it and the text of a request for the evidence."""

    duty: Duty
    how: str
    outcomes: tuple[str, ...]
    request: str

    def parts(self) -> list[tuple[str, tuple[str, ...]]]:
        """Headings with their lines, as people read them."""
        duty = self.duty
        parts: list[tuple[str, tuple[str, ...]]] = [
            ("Sources", (duty.sources,)),
            ("Where it counts", (", ".join(where(code) for code in duty.jurisdictions),)),
            ("Dates", (duty.in_force,)),
            (
                "What kind of duty",
                (f"{duty.layer}; {duty.severity}; of the {duty.scope}; phase: {duty.phase}", self.how),
            ),
        ]
        if duty.questions:
            asked = tuple(question.text for question in duty.questions)
            parts.append((f"Questions to the {role_name(duty.role)}", asked))
        if duty.question:
            parts.append(("Question to the reviewer", (duty.question, f"bound to: {', '.join(duty.binds)}")))
        parts.append(("What would show it", (wanted_for(duty).what,)))
        parts.append(("Read from the record", duty.evidence))
        parts.append(("Outcomes", self.outcomes))
        return parts


def explanation(duty: Duty, *, day: str) -> Explanation:
    """A duty explained for people; ``day`` dates the request."""
    about = "[the deployments you ask about]"
    request = request_for_information([wanted_for(duty)], about=about, day=day, profile=profile_for(duty))
    return Explanation(duty, HOW[duty.kind], WHAT_FOR, request)


#: The forms of a review that are read; docs/formats/review-json.md says what each promises.
READ = ("countersign-review/1", "countersign-review/2")


class ReviewUnread(WrongForm, next_step="Give the review.json that 'countersign review' wrote."):
    """A file is not a review of this program, or says nothing of what is not shown."""


class ReviewUnreadable(NotReached, next_step="Check the path and that the file can be read."):
    """The file of a review could not be had."""


class Open(msgspec.Struct, frozen=True):
    """What a review leaves open, and what it is about."""

    about: str
    wanted: tuple[Wanted, ...]


def read_open(content: bytes, name: str) -> Open:
    """What the review in ``content`` leaves open; ``name`` is for messages. Raises ``ReviewUnread``."""
    raw = json_of(content, name, ReviewUnread)
    if not isinstance(raw, dict) or not isinstance(raw.get("schema"), str) or "not_shown" not in raw:
        raise ReviewUnread(f"{name}: not a review: it has no schema or no list of what is not shown")
    if raw["schema"] not in READ:
        raise ReviewUnread(f"{name}: its form is {raw['schema']!r}, and this version reads {' and '.join(READ)}")
    opened = open_of(raw, name)
    asked = [{"what": wanted.what, "because": wanted.why} for wanted in opened.wanted if not wanted.duty]
    hold("review", {"title": opened.about, "not_shown": asked}, name)
    return opened


def open_of(raw: Mapping[str, Any], name: str) -> Open:
    """As ``read_open``, of a review's ``title``, ``duties`` and ``not_shown`` at hand. Raises ``ReviewUnread``."""
    wanted = [*_of_duties(raw.get("duties"), name), *_of_gaps(raw["not_shown"], name)]
    unique = {(item.what, item.duty): item for item in wanted}
    return Open(_line(raw.get("title"), "the use reviewed"), tuple(unique.values()))


def _of_duties(value: object, name: str) -> list[Wanted]:
    found = []
    for item in _items(value if value is not None else [], f"{name}: duties"):
        if item.get("state") == "not shown" and item.get("id") in DUTIES:
            found.append(wanted_for(DUTIES[item["id"]]))
    return found


def _of_gaps(value: object, name: str) -> list[Wanted]:
    return [
        Wanted(_line(item.get("what"), ""), _line(item.get("because"), ""))
        for item in _items(value, f"{name}: not_shown")
        if _line(item.get("what"), "") and not _names_a_duty(str(item.get("what")))
    ]


@lru_cache(maxsize=8192)
def _names_a_duty(text: str) -> bool:
    return any(mark in text for mark in DUTIES)


def _items(value: object, place: str) -> list[Mapping[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise ReviewUnread(f"{place}: not a list of objects")
    return value


def _line(value: object, otherwise: str) -> str:
    """A text of the file as one line without control characters: it goes into a letter."""
    if not isinstance(value, str):
        return otherwise
    if value.isprintable():
        return " ".join(value.split()) or otherwise
    return " ".join("".join(character if character.isprintable() else " " for character in value).split()) or otherwise
