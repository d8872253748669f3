"""Marks and words that stand where a number would (for nothing, zero, what is withheld), footnote marks, times of day.

A dash or a blank is not a number. A map can say otherwise for its source (``zero``, ``none``, ``withheld``); what it
says holds over the plain meaning of a word. Between two times of day lies never more than a day, past midnight too.

>>> is_nothing("N/K", Forms()), is_zero("No arrests", "arrests", Forms()), is_withheld("s.31", Forms())
(True, True, True)
>>> is_nothing("-", Forms(zero=("-",))), is_zero("-", "alerts", Forms(zero=("-",)))
(False, True)
>>> without_footnote("6*"), without_footnote("2 (1 de-arrested)")
(('6', '*'), ('2', '1 de-arrested'))
>>> minutes_between("11.20am to 2.50pm"), minutes_between("1000-1600 hrs"), clock("4pm"), clock("noon")
(210, 360, 960, 720)
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from countersign.leaks import shown_or_kind

#: Texts by which a cell says that it holds no value.
NOT_PRINTED = frozenset(
    {
        "", "-", "–", "—", "--", "---", "- -", "−", "‐", ".", "..", "...", "…", "?", "/", "//", "n/a", "na", "n.a.",
        "n/k", "nk", "n.k.", "not known", "null", "nan", "nat", "<na>", "not applicable", "not available",
        "not recorded", "unknown", "tbc", "tbd", "tba", "to be confirmed", "awaited", "awaiting data", "pending",
        "not held", "no information held", "information not held", "not collected", "no data", "no record",
        "not published", "not provided", "not supplied", "not stated", "unrecorded", "none recorded", "none held",
        "to follow", "not counted", "not measured",
        "[x]", "[z]", "blank",
    }
)  # fmt: skip
_NOT_YET = re.compile(r"(?:not|none) (?:yet|currently) [a-z ]{3,30}")
_ZEROS = frozenset({"nil", "zero", "none", "nil return", "nought", "no", "0 (nil)", "nil (0)", "0 nil"})
_WITHHELD = re.compile(
    r"(?:withheld|redacted|exempt(?:ed)?|suppressed|restricted|refused|confidential|official.?sensitive|"
    r"(?:not|no longer) (?:disclosed|releas(?:ed|able)|for release|for publication)|non-?disclosable|undisclosed)|"
    r"\[c\]|[\[(](?:withheld|redacted|exempt|suppressed|not disclosed)[\])]|"
    r"x{2,}|\*{1,3}|#{2,}|[█■▮▬_]{1,}|(?:s|sec|section|ss)\.? ?[0-9]{2}.{0,20}(?:withheld|exempt.*)?|"
    r"(?:withheld|redacted|exempt(?:ed)?|suppressed|refused)\b.{0,60}",
    re.IGNORECASE,
)
_SPREADSHEET_ERROR = re.compile(
    r"#(?:DIV/0!?|N/A|REF!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!)|Err:[0-9]{3}", re.IGNORECASE
)
_FOOTNOTE = re.compile(
    r"(?P<value>.*?[0-9%a-zA-Z)])\s*(?P<mark>[*†‡§¶#^]{1,3}|[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,2}|\[[0-9a-z]{1,2}\]|"
    r"\((?:[a-z]|[ivx]{2,3}|note [0-9])\)|\[note [0-9]{1,2}\])"
)
_REMARK = re.compile(r"(?P<value>[^()\[\]]*[^()\[\]\s])\s*[(\[](?P<remark>[^()\[\]]*)[)\]]\.?")
#: The sign of a footnote behind a word or a date, which is no part of it.
MARK_BEHIND = re.compile(r"(?<=[a-zA-Z0-9).])\s?(?:[*†‡§]{1,3}|[¹²³⁴⁵⁶⁷⁸⁹⁰]{1,2})$")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f\u202a-\u202e]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")

#: Words in the names of columns that are no noun of what is counted.
_NO_NOUNS = {"no", "other", "seen", "size", "confirmed", "unconfirmed"}


class Unreadable(ValueError):
    """A cell's text has no certain reading; the message is the reason, as a clause."""


class Forms(msgspec.Struct, frozen=True):
    """How a source writes its values, where that differs from the usual.

    ``dates``: forms tried instead of the usual ones, in the notation of ``datetime.strptime``; ``year``: that of dates
    printed without one; ``decimal``: the decimal mark; ``duration``: the unit of a bare number under a heading that
    names none; ``zero``, ``none``, ``withheld``: texts that mean so here. ``small``: the lowest value of "<5" where the
    source says that zero is printed as zero. ``serials_from_1904``: whether serial numbers of days count from 1904.
    ``settled``: dates were read before and are doubted no more.
    """

    dates: tuple[str, ...] = ()
    decimal: Literal[".", ","] = "."
    duration: Literal["", "minutes", "hours"] = ""
    year: int | None = None
    zero: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    small: Literal[0, 1] = 0
    serials_from_1904: bool = False
    settled: bool = False


def visible(text: str) -> str:
    """Text without characters that take no room, such as zero-width spaces, and with plain spaces for all others."""
    return text if text.isascii() else _SPACES.sub(" ", _INVISIBLE.sub("", text))


def raised(text: str) -> str:
    """Raised text as it reads beside a value: a figure or letter of a footnote is no figure of the value.

    >>> "7" + raised("1"), "7" + raised("a"), "11" + raised("th") + " June"
    ('7¹', '7[a]', '11th June')
    """
    plain = text.strip()
    if re.fullmatch(r"[0-9](?:[ ,]*[0-9])?", plain):
        return re.sub("[ ,]", "", plain).translate(_RAISED)
    return f"[{plain}]" if re.fullmatch(r"[a-z]|[0-9][0-9, ]*", plain) else text


def readable(text: str) -> str:
    """Text from outside made fit to show: spaces single, what cannot be printed a mark, and a leak said by its kind."""
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))
    return shown_or_kind(shown)


def is_nothing(text: str, forms: Forms) -> bool:
    """Whether a cell says that it holds no value."""
    folded = " ".join(text.split()).casefold()
    if _among(folded, forms.none):
        return True
    nothing = folded in NOT_PRINTED or _NOT_YET.fullmatch(folded) is not None
    return nothing and not _among(folded, forms.zero) and not _among(folded, forms.withheld)


def is_zero(text: str, column: str, forms: Forms) -> bool:
    """Whether words say zero: "Nil", "None", and "No arrests" in a column whose name shares that noun."""
    folded = " ".join(text.split()).casefold().rstrip(".")
    if _among(folded, forms.zero):
        return True
    if folded in _ZEROS:
        return not _among(folded, forms.withheld)
    noun = re.fullmatch(r"(?:no|nil|zero|0) ([a-z ]+)", folded)
    return noun is not None and shares_noun(noun[1], column)


def is_withheld(text: str, forms: Forms) -> bool:
    """Whether a cell says that its value exists and is kept back."""
    folded = " ".join(text.split()).casefold()
    return _among(folded, forms.withheld) or _WITHHELD.fullmatch(folded) is not None


def is_spreadsheet_error(text: str) -> bool:
    """Whether a spreadsheet program shows an error in place of a value."""
    return _SPREADSHEET_ERROR.fullmatch(text.strip()) is not None


def shares_noun(words: str, column: str) -> bool:
    """Whether words name what a column counts: "alerts raised" and ``false_alerts``."""
    stems = {word.rstrip("s") for word in column.split("_")} - _NO_NOUNS
    return any(word.rstrip("s") in stems for word in words.split())


def without_footnote(text: str) -> tuple[str, str]:
    """A value and the footnote mark or remark behind it, or an empty text; bare figures in brackets are no remark."""
    if found := _FOOTNOTE.fullmatch(text):
        return found["value"].strip(), found["mark"]
    if (found := _REMARK.fullmatch(text)) and re.search(r"[A-Za-z%]", found["remark"]):
        return found["value"].strip(), found["remark"].strip()
    return text, ""


def _among(folded: str, texts: tuple[str, ...]) -> bool:
    return any(folded == " ".join(other.split()).casefold() for other in texts)


MINUTES_A_DAY = 24 * 60
_PLAIN = r"[0-9]{1,2}(?:[:.][0-9]{2}){1,2}(?:\.0+)?\s*(?:[ap]\.?m\.?)?|[0-9]{1,2}\s*[ap]\.?m\.?|noon|midday|midnight"
_ONE = rf"(?:{_PLAIN}|[0-9]{{4}})"
_HOURS = r"(?:\s*(?:hrs?|hours|h|gmt|bst|utc|z))?\.?"
_TO = r"\s*(?:-|–|—|/|\bto\b|\btill?\b|\buntil\b|\band\b)\s*"
#: One time of day or two, as printed beside a date.
TIMES = rf"(?:[0-9]{{1,2}}|{_ONE}){_HOURS}{_TO}{_ONE}{_HOURS}|(?:{_PLAIN}){_HOURS}|[0-9]{{4}}\s*(?:hrs?|hours)"
_RANGE = re.compile(rf"(?P<start>[0-9]{{1,2}}|{_ONE}){_HOURS}{_TO}(?P<end>{_ONE}){_HOURS}", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))?(?:[:.](?P<second>[0-9]{2})(?:\.0+)?)?\s*(?P<half>[ap])?\.?(?:m\.?)?",
    re.IGNORECASE,
)
_FOUR = re.compile(r"(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})")
_NAMED = {"noon": 720, "midday": 720, "midnight": 0}


def clock(text: str) -> int:
    """A time of day in minutes after midnight. Raises ``Unreadable``."""
    plain = re.sub(rf"{_HOURS}$", "", " ".join(text.casefold().split()), flags=re.IGNORECASE).strip()
    plain = re.sub(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[ t]", "", plain)
    if plain in _NAMED:
        return _NAMED[plain]
    found = _FOUR.fullmatch(plain) or _CLOCK.fullmatch(plain)
    hour, minute = (int(found["hour"]), int(found["minute"] or 0)) if found else (99, 0)
    half = found.groupdict().get("half") if found else None
    if (hour, minute) > (24, 0) or minute > 59 or (half and not 1 <= hour <= 12):
        raise Unreadable(f"{text[:80]!r} is not a time of day")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour % 24 * 60 + minute


def minutes_between(text: str) -> int | None:
    """The minutes that a range of times spans; ``None`` for a single time. Raises ``Unreadable``."""
    found = _RANGE.fullmatch(" ".join(text.split()))
    if found is None:
        clock(text)
        return None
    start, end = found["start"].strip(), found["end"].strip()
    half = re.search(r"[ap]\.?m\.?$", end, re.IGNORECASE)
    named = re.search(r"[ap]\.?m\.?$|noon|midday|midnight", start, re.IGNORECASE) or _FOUR.fullmatch(start)
    if half and not named:  # "10-4pm" and "1-4pm": the shorter of the two that can be meant
        return min(span(clock(f"{start}{mark}"), clock(end)) for mark in ("am", "pm"))
    if start.isdecimal() and len(start) <= 2 and not half:
        start = f"{start}:00"
    return span(clock(start), clock(end))


def span(start: int, end: int) -> int:
    """Minutes from one time of day to another, past midnight where the second is earlier. Raises ``Unreadable``."""
    if start == end:
        raise Unreadable("start and end are the same time of day")
    return (end - start) % MINUTES_A_DAY
