"""What a sign and a leaflet say about one deployment, and the address at which a passer-by finds the rest.

The facts come from a TOML file (docs/formats/site.md). Texts stand in English and, if the papers are to be made in
Welsh too, in Welsh. Nothing is filled in: where the force has not said how long something is kept, the leaflet says
that it has not said so. The address is one that somebody outside the force can host, so that looking does not tell the
force who looked; the short code is worked out from the deployment's subject and is the last part of the address.

>>> short_code("force-a/d-1")
'R9F-8DW'
>>> Contact(Words("Complaints desk"), telephone="0300 000 0000").telephone
'0300 000 0000'
"""

from __future__ import annotations

import datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from countersign.door import LeakAtTheDoor, hold
from countersign.errors import NotReached, WrongForm
from countersign.inputs import toml_of

#: Digits and letters that are not taken for one another (Crockford's base 32): no I, L, O, U.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 6
Language = Literal["en", "cy"]

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Reach = Annotated[str, msgspec.Meta(max_length=120)]
_Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
_Base = Annotated[
    str, msgspec.Meta(pattern=r"^https://[a-z0-9]+([.-][a-z0-9]+)*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/$", max_length=48)
]
_Subject = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*/[a-z0-9]+(-[a-z0-9]+)*$", max_length=160)]


class PapersMalformed(WrongForm, next_step="Correct the place named; docs/formats/site.md lists what may stand there."):
    """The file of facts for a sign and a leaflet is not in its form."""


class PapersNotReadable(NotReached, next_step="Check the path and the permissions, then run the command again."):
    """The file of facts for a sign and a leaflet cannot be read."""


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A frozen part of the file; a field that is not known is refused."""


class Words(_Facts, frozen=True):
    """A text in English, and in Welsh where the papers are made in Welsh."""

    en: _Text
    cy: Annotated[str, msgspec.Meta(max_length=200)] = ""

    def within(self, language: Language) -> str:
        """The text in a language."""
        return self.en if language == "en" else self.cy


class Contact(_Facts, frozen=True):
    """An office, never a person, and how it is reached; ``about`` says what it looks at."""

    name: Words
    about: Words | None = None
    post: _Reach = ""
    telephone: _Reach = ""
    email: _Reach = ""
    web: _Reach = ""

    def __post_init__(self) -> None:
        if not (self.post or self.telephone or self.email or self.web):
            raise ValueError(f"{self.name.en}: no way to reach it is given")


class Page(_Facts, frozen=True):
    """Where the public page lies: under ``base``, kept by ``host``, who is ``outside`` the force or not."""

    base: _Base
    host: Words
    outside: bool


class Kept(_Facts, frozen=True):
    """How long the force says it keeps things; what it has not said is left out, and the leaflet says that."""

    no_alert_at_once: bool = False
    alert_hours: _Count | None = None
    list_hours: _Count | None = None
    cctv_days: _Count | None = None


class PaperFacts(_Facts, frozen=True):
    """All that the sign and the leaflet of one deployment say; ``complaints`` are bodies outside the force."""

    form: Literal["papers/1"]
    subject: _Subject
    force: Words
    place: Words
    date: datetime.date
    start: datetime.time
    end: datetime.time
    why: Words
    page: Page
    contact: Contact
    complaints: Annotated[tuple[Contact, ...], msgspec.Meta(min_length=1, max_length=6)]
    kept: Kept = Kept()
    way_round: Words | None = None

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError("start and end are the same time")
        missing = self.untranslated()
        if 0 < len(missing) < len(self._texts()):
            raise ValueError(f"some texts are in Welsh and others not: {', '.join(missing)} has no cy")

    def _texts(self) -> dict[str, Words]:
        found = {"force": self.force, "place": self.place, "why": self.why, "page.host": self.page.host}
        if self.way_round is not None:
            found["way_round"] = self.way_round
        offices = [("contact", self.contact), *((f"complaints[{at}]", one) for at, one in enumerate(self.complaints))]
        for place, office in offices:
            found[f"{place}.name"] = office.name
            if office.about is not None:
                found[f"{place}.about"] = office.about
        return found

    def untranslated(self) -> tuple[str, ...]:
        """The places of texts that have no Welsh."""
        return tuple(place for place, text in self._texts().items() if not text.cy.strip())

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages in which the papers can be made."""
        return ("en",) if self.untranslated() else ("en", "cy")

    @property
    def code(self) -> str:
        """The short code of the deployment."""
        return short_code(self.subject)

    @property
    def address(self) -> str:
        """The address of the deployment's public page."""
        return f"{self.page.base}{self.code}/"


def short_code(subject: str) -> str:
    """Six letters and digits from the SHA-256 of a subject (its first 30 bits), with a hyphen in the middle. Anyone can
    work it out. Among 1,000 deployments two share one with a chance of about 1 in 2,100; a site that meets this refuses
    to publish.
    """
    bits = int.from_bytes(sha256(subject.encode()).digest()[:4]) >> 2
    letters = "".join(ALPHABET[bits >> 5 * at & 31] for at in reversed(range(CODE_LENGTH)))
    return f"{letters[:3]}-{letters[3:]}"


def read_papers(path: Path) -> PaperFacts:
    """The facts in a file. Raises ``PapersNotReadable`` or ``PapersMalformed``."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PapersNotReadable(f"{path}: {error.strerror or error}") from None
    try:
        return parse_papers(data)
    except (PapersMalformed, LeakAtTheDoor) as error:
        raise type(error)(f"{path}: {error}") from None


def parse_papers(data: bytes) -> PaperFacts:
    """The facts of a file's bytes. Raises ``PapersMalformed``, with the place in the file."""
    try:
        tree = toml_of(data, "the facts", PapersMalformed)
        return msgspec.convert(hold("papers", tree, "the facts"), PaperFacts, strict=True)
    except msgspec.ValidationError as error:
        raise PapersMalformed(str(error)) from None
