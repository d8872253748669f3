"""Letters for people outside: a request for what is not shown, a request for access, a complaint.

Plain text from ``data/letters``, with blanks in square brackets. The law named is that of a profile (``laws.toml``
there): that of England and Wales, as the catalogue cites it, unless another is asked for. Anything not yet checked
against its source is marked † there and here. Countersign sends nothing, and this is no legal advice.

>>> print(request_for_access(about="Oxford Circus", day="2026-09-01").splitlines()[2])
2026-09-01
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources

import msgspec

from countersign.deployments.kinds import NOUNS, SCHEMAS
from countersign.rulebook.catalogue import PROFILES, Duty, counts_in, profile_of

#: Whose law the letters name unless another is asked for.
PROFILE = "england-and-wales"
#: Longest line of a letter.
WIDTH = 96
TO_CHECK = (
    "† marks a reference still to be checked against its source before you rely on it. Words in [square brackets] are "
    "for you to fill in. This text is no legal advice."
)
#: What stands in a letter for statements and judgements, whose fields say nothing to whoever is asked.
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
def _line(text: str) -> str:
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
    return "\n".join(_line(line) for line in f"{text}\n{TO_CHECK}".split("\n")) + "\n"


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
