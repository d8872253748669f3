"""What gives away a person or a picture in a text, by its form: the second set of rules, for all that is no entry.

Looked for are pictures and files (by their first bytes, as data addresses, as base64, base32, base85, hexadecimal or
escapes, whole or cut up), lists of numbers such as an embedding, scripts used as a code, e-mail addresses, telephone
numbers, a person with a date of birth, a title or an age, house numbers, postcodes and fine coordinates. Look-alike,
full-width, invisible and escaped characters are undone first. A bare name passes: which field may hold one is said in
``countersign.door``. The record keeps the rules of its own entries (``record.entries.forms``).

>>> leak_in("write to jo@example.org"), leak_in("Jo Bloggs, born 3 May 1980"), leak_in("Oxford Circus")
('an e-mail address', 'a date of birth or an age', None)
>>> leak_in("12 High Street, Ilford"), leak_in("12 High Street, Ilford", of_place=True)
('a house number in a street', None)
>>> redacted("line 2: 'jo@example.org' is no date")
'line 2: [withheld: an e-mail address] is no date'
"""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from itertools import pairwise
from urllib.parse import unquote

#: Characters of tokens that look encoded, from which on a text holds encoded data.
MOST_NOISE = 32
#: Numbers one after another in a text: with fractions, whole ones, and those with four and more decimals.
MOST_FRACTIONS, MOST_WHOLE, MOST_FINE_TOGETHER = 8, 24, 2
#: Letters of a script that no form of these islands or their neighbours uses, and signs and pictographs.
MOST_FOREIGN, MOST_SIGNS = 40, 16
#: Longer texts than this are looked at in pieces of it, which overlap; what was found in short ones is remembered.
_PIECE, _OVERLAP, _SHORT = 20_000, 500, 300
#: A sentence for a person is no longer: of a longer message the middle is left out before it is looked at.
LONGEST_MESSAGE = 4_000

PICTURE, ENCODED, NUMBERS = "the data of an image or a file", "encoded data", "a list of numbers, such as an embedding"
EMAIL, TELEPHONE, BIRTH = "an e-mail address", "a telephone number", "a date of birth or an age"
PERSON, HOUSE, POSTCODE = "a person's name with a title", "a house number in a street", "a postcode"
COORDINATES, SCRIPT = "coordinates finer than a street", "a long run of one script or of signs, such as a code"
#: What the place of a deployment, a contact and an office may hold, and nothing else may.
OF_PLACES, OF_CONTACTS = frozenset({HOUSE, POSTCODE, COORDINATES}), frozenset({EMAIL, TELEPHONE, HOUSE, POSTCODE})

_PLAIN = re.compile(r"(?:[a-z ,'&-]{0,24}|[0-9]{1,6}|[0-9]{1,3}(?:,[0-9]{3}){1,2}|0?\.[0-9]{1,4}|[0-9.]{1,6}%)\Z")
_MAGIC = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"II*\x00", b"MM\x00*", b"\x00\x00\x01\x00", b"%PDF",
    b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd", b"\x93NUMPY", b"\x00\x00\x00\x0cjP",
    b"\x00\x00\x00\x1cftyp",
)  # fmt: skip
_MARKS = re.compile(
    r"data\s*:\s*(?:image|application|video|audio|;\s*base64)|;\s*base64\s*,|<svg[\s>]|\bnumpy\b|\bfloat(?:32|16)\b|"
    r"\x89PNG|\bJFIF\b|\bIHDR\b|\bbegin [0-7]{3} \S",
    re.I,
)
_DATE = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+(?:19|20)?\d\d"
    r"|\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-](?:19|20)?\d\d)"
)
_DATES = re.compile(rf"{_DATE}|\b\d{{1,2}}[:.]\d\d(?:[:.]\d\d)?\b|\b\d{{4}}\s*(?:-|–|to)\s*\d{{4}}\b", re.I)
# In every pattern each run of a repeated sign is taken once (possessively, or up to a stated length), so that no text
# takes more time than in proportion to its length: ``tests/test_work_is_bounded.py``.
_BORN = re.compile(
    rf"\b(?:born|née?|geb(?:oren|\.)?|nacid[oa]|nato|nata|ganwyd)\b[^.;\n]{{0,16}}?(?:{_DATE}|\b(?:19|20)\d\d\b)|"
    r"\b(?:d\.?\s?o\.?\s?b|date of birth|birth ?date|birthday|dyddiad geni)\b[^\n]{0,12}\d|"
    r"\baged?\s*+:?\s*+\d{1,2}\b(?!\s*(?:%|per|to|or|and|-|–))|"
    r"\b\d{1,2}[- ]years?[- ]old\b(?!\s+(?:policy|case|report))|"
    r"(?-i:\b[A-Z][a-z'’-]+,? [A-Z][a-z'’-]+,? \(\d{2}\))",
    re.I,
)
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Master|Dr|Sir|Dame|Lord|Lady|Herr|Frau|Señora?|Monsieur|Madame)\b\.?\s+(?:[A-Z]\.?\s*){0,3}"
    r"[A-Z][a-zà-ÿ'’-]+|\b(?:name|surname|forename|nominal|suspect)\s*[:=]\s*[A-Z]"
)
_RECORD = re.compile(
    rf"\b[A-Z][\w'’-]{{1,40}},? [A-Z][\w'’-]{{1,40}}\s*+[,;(|/]\s*+(?:\*|b\.?|on)?\s*+"
    rf"{_DATE}[^\n]{{0,12}}\b\d{{1,4}}[A-Za-z]?,? [A-Z]"
)
_EMAIL = re.compile(
    r"[^\s@,;:()<>\[\]]\s?@\s?[^\s@,;:()<>]+\.[a-z]{2,}|"
    r"[\w.+-]\s*+(?:[\[({<]\s*at\s*[\])}>]|\bat\b)\s*+[\w-]{1,64}\s*(?:[\[({<]\s*dot\s*[\])}>]|\bdot\b)\s*[a-z]{2,}|"
    r"[\w.+-]\s*+[\[({<]\s*at\s*[\])}>]\s*+[\w-]{1,64}\.[a-z]{2,}",
    re.I,
)
_TELEPHONE = re.compile(
    r"(?<![\w.])(?:\+|00)\s?\d{1,3}[\s().-]{0,3}\d(?:[\s().-]{0,3}\d){6,}|"
    r"(?<![\w.:/-])\(?0\d(?:[\s().-]{0,2}\d){8,9}(?![\w])|"
    r"(?<![\w.:/-])\(?[2-9]\d\d\)?[-. ]\d{3}[-. ]\d{4}(?![\w])|"
    r"\b(?:tel(?:ephone)?|phone|mob(?:ile)?|call|ring|text|fax|ffôn)\b[^\d\n]{0,16}\d(?:[\s().-]{0,2}\d){5,}",
    re.I,
)
_STREET = (
    r"(?:street|st|road|rd|lane|avenue|ave|close|drive|gardens|gdns|terrace|crescent|"
    r"grove|mews|square|heol|stryd|straße)"
)
_HOUSE = re.compile(
    r"(?<![\w§.,/-])\d{1,3}[a-z]?,? (?:(?!(?:to|of|or|in|on|at|and|the|by|for|were|was|is|had|did)\b)"
    rf"[a-zà-þ][\w'’.-]+ ){{1,3}}{_STREET}\b|\bflat \d{{1,3}}[a-z]?\b",
    re.I,
)
_POSTCODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])", re.I)
_COORDINATE = re.compile(
    r"(?<![\d.])-?\d{1,3}\.\d{3,}(?:\s*+[°NS])?(?:\s*+[,;/]\s*+|[^\S ]*+ \s*+)-?\d{1,3}\.\d{3,}|\d{1,3}°\s*\d{1,2}['′]|"
    r"(?<![A-Za-z0-9])[HJNOST][A-HJ-Z]\s?\d{3,5}\s?\d{3,5}(?![A-Za-z0-9])"
)
_ESCAPES = re.compile(r"(?:\\x[0-9a-f]{2}|%[0-9a-f]{2}|=[0-9a-f]{2}|\\u[0-9a-f]{4}|&#x?[0-9a-f]+;){8,}", re.I)
_OCTETS = re.compile(r"(?:(?<![0-9A-Za-z])(?:0x)?[0-9a-f]{2}[\s,:;-]+){12,}", re.I)
_NUMBER = re.compile(r"[-+]?(?:\d+(?:[.,]\d+)?|\.\d+)(?:e[-+]?\d+)?f?", re.I)
#: Digests, keys and signatures in their own spelling: typed values that entries and policies are named by.
_TYPED = re.compile(
    r"(?<![\w+/])(?:[\w./-]{1,128}\+[0-9a-f]{8}\+)?(?:[0-9a-f]{64}|[A-Za-z0-9+/]{43,44}=?|[A-Za-z0-9+/]{86}==)(?![\w+/=])"
)
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_REFERENCE = re.compile(r"&#0*+([1-9][0-9]{7,}+|)")
_LOCAL = ("LATIN", "GREEK", "CYRILLIC", "MODIFIER", "FULLWIDTH", "MICRO", "FEMININE", "MASCULINE", "OHM", "KELVIN")


def leak_in(text: str, *, of_place: bool = False, of_contact: bool = False, typed: bool = False) -> str | None:
    """What kind of leak ``text`` holds, in words for a message; ``None`` for none.

    ``of_place``: house numbers, postcodes and coordinates may stand there; ``of_contact``: names and the ways to reach
    an office; ``typed``: digests and keys in their own spelling.
    """
    if _PLAIN.match(text):
        return None
    allowed = (OF_PLACES if of_place else frozenset()) | (OF_CONTACTS | {PERSON} if of_contact else frozenset())
    pieces = (text[at : at + _PIECE + _OVERLAP] for at in range(0, len(text), _PIECE))
    return next((kind for piece in pieces if (kind := _kind_in(piece, allowed, typed)) is not None), None)


def _kind_in(piece: str, allowed: frozenset[str], typed: bool) -> str | None:
    return (_search if len(piece) <= _SHORT else _search.__wrapped__)(piece, allowed, typed)


@lru_cache(maxsize=16_384)
def _search(text: str, allowed: frozenset[str], typed: bool) -> str | None:
    shown = undone(text)
    for each in {text, shown} if shown != text else (text,):
        sought = _TYPED.sub(" ", each) if typed else each
        for kind, found in _RULES:
            if kind not in allowed and found(sought):
                return kind
    return None


def undone(text: str) -> str:
    """``text`` as a reader takes it: compatibility forms and escapes undone, nothing invisible."""
    # A character's number has seven figures at most: what is longer is no character, and too long for an integer.
    plain = (
        text if "&" not in text else html.unescape(_REFERENCE.sub(lambda found: "&#65533" if found[1] else "&#0", text))
    )
    if "%" in plain:
        plain = unquote(plain, errors="ignore")
    return _INVISIBLE.sub("", unicodedata.normalize("NFKC", plain))


def noise_of(text: str) -> int:
    """How many characters stand in words that look encoded: letters and digits mixed, no vowels, dense signs.

    >>> noise_of("iVBORw0KGgoAAAANSUhEUgAA"), noise_of("NeoFace 4.1.2, Westfield J/W Ariel Way")
    (24, 0)
    """
    noise = 0
    for part in text.split():
        if _is_dense(part):
            noise += len(part)
        else:
            noise += sum(len(word) for word in re.split(r"[^A-Za-z0-9+=]+", part) if _is_noise(word.strip("+=")))
    return noise


def _is_dense(part: str) -> bool:
    """Whether signs stand among letters as in base85: no address, no rule of dots or dashes."""
    signs = sum(not each.isalnum() and each not in "._-/,:'\"[]()’" for each in part)
    return len(part) >= 20 and signs > len(part) / 6 and "://" not in part and not re.search(r"(.)\1{4}", part)


def _is_noise(word: str) -> bool:
    # What repeats few letters says little; data have many.
    if len(word) < 8 or (len(set(word)) < 5 and not word.isdigit()):
        return False
    word = re.sub(r"[+=]", "", word)
    digits = sum(each.isdigit() for each in word)
    if digits == len(word):
        return digits >= 16
    if len(word) >= 16 and digits and re.fullmatch(r"[0-9a-f]+|[0-9A-F]+", word):
        return True
    turns = sum(
        (left.islower() and right.isupper()) or left.isdigit() != right.isdigit() for left, right in pairwise(word)
    )
    if turns >= max(3, len(word) / 8):
        return True
    longest = max(map(len, re.findall(r"[^aeiouy\d\W]+", word.casefold())), default=0)
    return (len(word) >= 12 and longest >= 7) or len(word) > 45


#: The pairs of letters that most words of Western European languages are made of.
_PAIRS = frozenset(
    re.findall(
        "..",
        "thheineranreonatenndtiesorteofedisitalarsttontngsehaasouiolevecomedehiriroicneearacelichllbemasiomurcaeltalans"
        "difohopeecprnoctusacotiltrlyncetutsssorsunlowageiewheewiemadolrtpowenaulnitsmoowpaimmiaishirsuidosiviaamficivi"
        "pligtuevldrympfeblabghtyopwosaayexkefrooavagifapgrodbosprddoucbueiovbyrmepttocfaefcurnscgidayocrcldugaquueffba"
        "eylsvaumppuauplugohtruugdsltpircrregauckewmubrbiptakpuuirgibtlnykirkysobmmfuphogmsyeudmbipuboirlgudrhrcctwftwn"
        "nuafhunneovorvnfxpgnsmflizoknlmyglawjuoaeqsyslpsjolfnvjenkkngsdyhyzeksxtbsikdddldgwlynydyrdwgwwswyoesknbnhnmkl"
        "wtlbzozalklmlplvoxazjaezekahohehuknzzirbrwrprfswsnsbsfsdtftctbtmtnuf",
    )
)
#: Letters of a column from which on its words are looked at together, and the share of pairs that words have at least.
LEAST_LETTERS, LEAST_SHARE = 300, 0.75
#: Numbers of a column with more digits than counts, settings and rates have.
MOST_FINE = 24
_FINE = re.compile(r"[-+]?(?:\d{8,}|(?=[\d.,]{6,})\d*[.,]\d{4,}(?:e[-+]?\d+)?)%?", re.I)


def cut_up(texts: Iterable[str]) -> Callable[[str], bool] | None:
    """Which cells of a column hold a part of data that was cut up over its rows: ``None`` where none does; all of them
    where its words are no words, for a part by itself may read as one.

    >>> import hashlib
    >>> parts = [base64.b64encode(hashlib.sha256(bytes([at])).digest()).decode()[:9] for at in range(100)]
    >>> cut_up(["Camden", "Oxford Circus", "T2 Heathrow Airport"] * 40) is None, cut_up([*parts, "Camden"]) is None
    (True, False)
    """
    distinct = [text for text in dict.fromkeys(texts) if text]
    words = [word for text in distinct for word in _words(text)]
    odd = [word for word in words if _is_odd(word)]
    if sum(map(len, odd)) > LEAST_LETTERS and sum(map(len, odd)) > sum(map(len, words)) / 3:
        return bool
    pairs = [left + right for word in words if word.isalpha() for left, right in pairwise(word.casefold())]
    if len(pairs) > LEAST_LETTERS and sum(pair in _PAIRS for pair in pairs) < LEAST_SHARE * len(pairs):
        return bool
    fine = {text for text in distinct if _FINE.fullmatch(text.strip())}
    return fine.__contains__ if len(fine) > MOST_FINE else None


_MOMENT = re.compile(
    r"\b\d{4}-\d\d-\d\d(?:T\d\d(?::\d\d:\d\d)?Z)?|"
    r"\b\d{1,5}\s*(?:h|hrs?|hours?|m|mins?|minutes?|am|pm|st|nd|rd|th|k)(?:\s*\d{1,2}\s*m?(?:ins?)?)?\b",
    re.I,
)


def _words(text: str) -> list[str]:
    plain = _TYPED.sub(" ", _MOMENT.sub(" ", undone(text)))
    return [word for word in re.split(r"[\s,;/|.-]+", plain) if len(word) > 2 and not word.isdigit()]


def _is_odd(word: str) -> bool:
    return len(word) > 2 and (
        _is_noise(word)
        or bool(re.search(r"[a-z][A-Z]|[A-Za-z]\d+[A-Za-z]|\d[A-Za-z]+\d|[A-Z]{2}[a-z]|[+=]", word))
        or (len(word) > 4 and any(map(str.isdigit, word)) and any(map(str.isalpha, word)))
    )


def _encoded(text: str) -> bool:
    if _ESCAPES.search(text) or noise_of(text) > MOST_NOISE:
        return True
    if (found := _OCTETS.search(text)) and re.search(r"[a-f]", found[0], re.I):
        return True
    parts = text.split()
    even = len(parts) >= 6 and len({len(part) for part in parts[:-1]}) == 1 and len(parts[0]) <= 10
    joined = "".join(parts)
    return even and noise_of(" ".join(joined[at : at + 24] for at in range(0, len(joined), 24))) > MOST_NOISE


def _picture(text: str) -> bool:
    if _MARKS.search(text):
        return True
    if len(text) <= 20:
        return False
    for start in (re.sub(r"[\s:,-]", "", text[:96]), (text.split(None, 1) or [""])[-1][:48], text[::-1].strip()[:48]):
        plain = start[:32].replace("-", "+").replace("_", "/")
        for decode in (lambda value: base64.b64decode(value[: len(value) // 4 * 4]), bytes.fromhex, base64.b32decode):
            try:
                if decode(plain).startswith(_MAGIC):
                    return True
            except ValueError:
                continue
    return False


def _many_numbers(text: str) -> bool:
    whole = fractions = fine = 0
    for part in re.split(r"[\s,;|/\[\](){}\"']+", text):
        if not part:
            continue
        if _NUMBER.fullmatch(part) is None:
            whole = fractions = fine = 0
            continue
        fraction = bool(re.search(r"[.e-]", part, re.I)) and not part.endswith(".")
        whole, fractions, fine = whole + 1, fractions + fraction, fine + bool(re.search(r"[.,]\d{4}", part))
        if fractions > MOST_FRACTIONS or whole > MOST_WHOLE or fine > MOST_FINE_TOGETHER:
            return True
    return False


def _script(text: str) -> bool:
    if text.isascii():
        return False
    foreign = signs = 0
    for letter in text:
        if letter < "\u0250":
            continue
        category = unicodedata.category(letter)
        if category in ("So", "Co", "Cn"):
            signs += 1
        elif category[0] in "LM" and not unicodedata.name(letter, "").startswith(_LOCAL):
            foreign += 1
    return foreign > MOST_FOREIGN or signs > MOST_SIGNS


def _telephone(text: str) -> bool:
    return _TELEPHONE.search(_DATES.sub(" x ", text)) is not None


#: Each kind, and how it is found; pictures go first, for what is in them reads as anything.
_RULES = (
    (PICTURE, _picture), (NUMBERS, _many_numbers), (SCRIPT, _script), (EMAIL, lambda text: bool(_EMAIL.search(text))),
    (TELEPHONE, _telephone), (BIRTH, lambda text: bool(_BORN.search(text) or _RECORD.search(text))),
    (PERSON, lambda text: bool(_TITLED.search(text))), (COORDINATES, lambda text: bool(_COORDINATE.search(text))),
    (POSTCODE, lambda text: bool(_POSTCODE.search(text))), (HOUSE, lambda text: bool(_HOUSE.search(text))),
    (ENCODED, _encoded),
)  # fmt: skip


def shown_or_kind(text: str, *, typed: bool = False) -> str:
    """Published ``text``, or in its place what kind of leak it holds."""
    kind = leak_in(text, of_place=True, typed=typed)
    return text if kind is None else f"[withheld: {kind}]"


def withheld_together(texts: Iterable[str]) -> str | None:
    """What stands in place of every cell of one line where one of them leaks, for the others may say whose it is.

    >>> withheld_together(["Jo Bloggs", "born 3 May 1980"]), withheld_together(["Date", "Alerts"])
    ('[withheld: a date of birth or an age]', None)
    """
    return next((shown for text in texts if (shown := shown_or_kind(text)) != text), None)


_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|‘[^‘’]*’|“[^“”]*”", re.DOTALL)


def redacted(message: str) -> str:
    """A message without what must not be shown: quotations that leak, else clauses, else all of it, by their kind."""
    if len(message) > LONGEST_MESSAGE:
        message = f"{message[: LONGEST_MESSAGE // 2]} … {message[-LONGEST_MESSAGE // 4 :]}"
    hide = partial(shown_or_kind, typed=True)
    if hide(message) == message:
        return message
    made = _QUOTED.sub(lambda found: hide(found[0]), message)
    if hide(made) != made:
        made = "".join(map(hide, re.split(r"(: |; )", made)))
    return hide(made)
