"""The forms a text in an entry may take, each with one spelling: what ``format`` means in the schemas.

There is no form for free text. ``title`` is for the titles of documents and bodies; whatever is a sentence about a
person or a case lies sealed. ``typed`` forms have an exact length and hold keys, digests and signatures; only they are
let past the search for encoded blobs.

>>> fits("decimal", "0.64"), fits("decimal", ".64"), fits("date", "2026-02-30")
(True, False, False)
"""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import NamedTuple


class Form(NamedTuple):
    """A form of text: its pattern (whole text), its longest length, whether it is typed, and what it is for."""

    pattern: re.Pattern[str]
    longest: int
    typed: bool
    meaning: str


def _form(pattern: str, longest: int, meaning: str, *, typed: bool = False) -> Form:
    return Form(re.compile(rf"(?:{pattern})\Z", re.ASCII), longest, typed, meaning)


_DATE = r"20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"

FORMS: dict[str, Form] = {
    "digest": _form(r"[0-9a-f]{64}", 64, "a SHA-256 digest or a key's id, in hexadecimal", typed=True),
    "public-key": _form(r"[A-Za-z0-9+/]{43}=", 44, "an Ed25519 public key, in base64", typed=True),
    "signature": _form(r"[A-Za-z0-9+/]{86}==", 88, "an Ed25519 signature, in base64", typed=True),
    "time": _form(rf"{_DATE}T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ", 20, "a moment in UTC, to the second", typed=True),
    "hour": _form(rf"{_DATE}T(?:[01]\d|2[0-3])Z", 14, "an hour in UTC", typed=True),
    "date": _form(_DATE, 10, "a day", typed=True),
    "decimal": _form(r"-?(?:0|[1-9]\d{0,11})(?:\.\d{1,9})?", 24, "a decimal number", typed=True),
    "token": _form(r"[a-z0-9]+(?:[-.][a-z0-9]+)*", 64, "a word of a list, or a short identifier"),
    "reference": _form(r"[A-Za-z0-9][A-Za-z0-9./:_-]*", 64, "a reference number or a document's number"),
    "subject": _form(r"[a-z0-9]+(?:-[a-z0-9]+)*(?:/[a-z0-9]+(?:-[a-z0-9]+)*)?", 64, "a force, or force/deployment"),
    "origin": _form(r"[a-z0-9]+(?:[.-][a-z0-9]+)*(?:/[a-z0-9]+(?:[.-][a-z0-9]+)*)*", 128, "the name of a log"),
    "address": _form(
        r"https://[a-z0-9]+(?:[.-][a-z0-9]+)*(?::\d+)?(?:/[A-Za-z0-9._~/-]*)?", 200, "a public web address"
    ),
    "title": Form(
        re.compile(r"[^\W_](?:[^\W_]|[ ,.:;'’()&/–-])*\Z"),
        120,
        False,
        "the title of a document, a place or a public body",
    ),
}
_CALENDAR = frozenset({"date", "hour", "time"})


def fits(form: str, text: str) -> bool:
    """Whether ``text`` is of this form; days must be in the calendar. Raises ``KeyError`` for an unknown form."""
    return len(text) <= FORMS[form].longest and _fits(form, text)


@lru_cache(maxsize=4096)
def _fits(form: str, text: str) -> bool:
    """Remembered, for a log says the same names and roles over and over; texts are short here."""
    if not FORMS[form].pattern.match(text):
        return False
    if form in _CALENDAR:
        try:
            datetime.date.fromisoformat(text[:10])
        except ValueError:
            return False
    return True
