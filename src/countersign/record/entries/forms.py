"""What a text in an entry may be: named forms, each with one spelling, and what may never stand there.

There is no form for free text: whatever is a sentence about a person or a case lies sealed. ``typed`` forms have an
exact length and hold keys, digests and signatures; only they are let past the search for encoded blobs.

The record is public and cannot be unwritten, so the door looks at every text and every list of an entry, whatever the
schema allows: data of images and of compressed files by their first bytes, long runs of base64 or hexadecimal outside
typed fields, lists of numbers longer than a schema states (an embedding is such a list), e-mail addresses, telephone
numbers, postcodes, and coordinates finer than metres on a local grid. It looks for forms, not for meaning: a name spelt
out in words passes here, and is kept out by schemas that have no field for free text.

>>> fits("decimal", "0.64"), fits("decimal", ".64"), fits("date", "2026-02-30")
(True, False, False)
>>> find_leak("write to jo@example.org")
'an e-mail address'
"""

from __future__ import annotations

import base64
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


_BEGINS = b'"subject":"'


def force_of(subject: str) -> str:
    """The force that a subject is or belongs to.

    >>> force_of("force-a/d-1"), force_of("force-a")
    ('force-a', 'force-a')
    """
    return subject.partition("/")[0]


def name_of(subject: str) -> str:
    """A deployment's own name, without its force's; nothing for a force."""
    return subject.partition("/")[2]


def subject_of(data: bytes) -> str:
    """The subject in an entry's canonical bytes, without parsing the rest. Raises ``ValueError`` for other bytes.

    >>> subject_of(b'{"at":"...","sig":"...","subject":"force-a/d-1","supplied_by":"force","v":1}')
    'force-a/d-1'
    """
    # In canonical order only supplied_by and v stand behind it; no quotes are in their forms.
    start = data.rindex(_BEGINS) + len(_BEGINS)
    return data[start : data.index(b'"', start)].decode("ascii")


#: The longest text an entry may hold, in characters.
LONGEST_TEXT = 4000
#: The longest unbroken run of base64 or hexadecimal digits a text may hold outside fields of a typed, exact length.
LONGEST_RUN = 40
#: The longest list of numbers a schema may leave unstated; an embedding has 128 and more.
LONGEST_NUMBERS = 8

#: What nothing below can find anything in, so that most texts cost one match: words, or at most 20 characters that are
#: words and a number of at most five digits. A telephone number has nine digits, a grid reference six, a postcode ends
#: in letters, and an image is longer; ``tests/record/test_leaks.py`` tries texts of this shape against all rules.
_SIMPLE = re.compile(
    r"(?!.*(?:numpy|float32))(?:[a-z ,'-]{0,24}|(?=.{1,20}\Z)[a-z][a-z ,'.-]*\d{1,5})\Z", re.ASCII | re.I
)
_RUN = re.compile(rf"[A-Za-z0-9+/_=]{{{LONGEST_RUN + 1},}}", re.ASCII)
_CUT = re.compile(r"[^A-Za-z0-9+/_=]+", re.ASCII)
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*", b"\x00\x00\x01\x00", b"%PDF")
_PACKED = (b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
_IMAGE_MARKS = re.compile(
    r"data:\s*(image|application|video|audio|;base64)|;\s*base64\s*,|<svg[\s>]|\bnumpy\b|\bfloat32\b", re.I
)
# Each run of white space is taken once (possessively): the same texts are found, in time linear in their length.
_EMAIL = re.compile(r"[^\s@](?:@|\s*+[\[(]at[\])]\s*+|%40)[^\s@]+\.[A-Za-z]{2,}", re.I)
_TELEPHONE = re.compile(
    r"(?<![\d.])(?:\+|00)\d{1,3}[\s().-]{0,2}\d(?:[\s().-]{0,2}\d){6,}|(?<![\d.:/-])0\d(?:[\s().-]{0,2}\d){8,9}(?![\d])"
)
_POSTCODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])", re.I)
_COORDINATE = re.compile(
    r"(?<![\d.])-?\d{1,3}\.\d{3,}(?:\s*+[°NS])?(?:\s*+[,;/]\s*+|[^\S ]*+ \s*+)-?\d{1,3}\.\d{3,}|\d{1,3}°\s*\d{1,2}['′]"
)
_GRID = re.compile(r"(?<![A-Za-z0-9])[HJNOST][A-HJ-Z]\s?\d{3,5}\s?\d{3,5}(?![A-Za-z0-9])")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?\Z", re.I)


def find_leak(text: str) -> str | None:
    """What kind of leak ``text`` holds, in words for a message; ``None`` for none found. Of a text that is longer than
    any in an entry, and so refused whatever it holds, the first ``LONGEST_TEXT`` characters are looked at.
    """
    return None if _SIMPLE.match(text) else search_all(text[:LONGEST_TEXT])


def search_all(text: str) -> str | None:
    """As ``find_leak``, by every rule, however plain the text."""
    if _IMAGE_MARKS.search(text) or _starts_like_an_image(text):
        return "the data of an image or a file"
    if _RUN.search(text) and any(len(run) > LONGEST_RUN for run in _CUT.split(text.replace("/", " "))):
        return f"an unbroken run of more than {LONGEST_RUN} letters and digits, such as encoded data"
    if _EMAIL.search(text):
        return "an e-mail address"
    if _TELEPHONE.search(text):
        return "a telephone number"
    if _POSTCODE.search(text):
        return "a postcode"
    if _COORDINATE.search(text) or _GRID.search(text):
        return "coordinates; zones are integers on the schema's own grid"
    return _numbers_in(text)


def find_list_leak(values: list[object], allowed: int) -> str | None:
    """Whether a list is an embedding in disguise: more numbers (or texts of numbers) than the schema states."""
    limit = max(allowed, LONGEST_NUMBERS)
    if len(values) <= limit:
        return None
    numbers = sum(type(item) is int or (isinstance(item, str) and bool(_NUMBER.match(item))) for item in values)
    return f"a list of {numbers} numbers, such as an embedding" if numbers > limit else None


def _numbers_in(text: str) -> str | None:
    numbers = sum(1 for part in re.split(r"[\s,;|]+", text) if part and _NUMBER.match(part))
    return f"a list of {numbers} numbers, such as an embedding" if numbers > LONGEST_NUMBERS else None


def _starts_like_an_image(text: str) -> bool:
    start = re.sub(r"\s", "", text[:64])[:32]
    decoded = (_from_base64(start), _from_hexadecimal(start))
    return len(text) > 20 and any(data.startswith(_IMAGES + _PACKED) for data in decoded)


def _from_base64(start: str) -> bytes:
    try:
        return base64.b64decode(start[: len(start) // 4 * 4].replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:
        return b""


def _from_hexadecimal(start: str) -> bytes:
    try:
        return bytes.fromhex(start[: len(start) // 2 * 2])
    except ValueError:
        return b""
