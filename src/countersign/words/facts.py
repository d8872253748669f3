"""What entries state, in one line: a value, the plain facts of an entry, and what is past its time.

>>> facts_line({"what": "faces", "count": 9000, "signs": []}), value_words("2026-03-01T10Z")
('what: faces; count: 9,000', '1 March 2026, 10:00 to 11:00 GMT')
>>> late_words("deletion-overdue", "watchlist after a refusal")
'deletion of the watchlist not stated after a refusal'
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from countersign.words.dates import local_words
from countersign.words.lists import listing, noun
from countersign.words.names import class_name, token
from countersign.words.numbers import count

UNTOLD = "not on the record"
_LATE = {
    "publication-overdue": "results not on the record",
    "review-overdue": "the force's own review not on the record",
    "written-overdue": "the written authority not on the record",
    "urgent-review-overdue": "the review of urgency not on the record",
    "window-over": "still on, though no announced time covers it",
}
_HELD = re.compile(r"\d+ of ([a-z-]+) held by (entry \d+)")
#: Facts that name something: printed as they are.
_NAMES = frozenset({"deployment", "finding"})
_DIGEST = re.compile(r"[0-9a-f]{64}")
#: Plain facts shown of an entry; the log has the rest.
_SHOWN = 6


def from_to(stages: Sequence[tuple[str, int | None]]) -> str:
    """The first and the last stage that has a count, with it; the names of both ends alone where fewer than two have.

    >>> from_to([("Faces seen", 9000), ("Alerts", None), ("Arrests", 1)]), from_to([("Faces", None), ("Arrests", 2)])
    ('From 9,000 faces seen to 1 arrest', 'From faces to arrests')
    """
    known = [(label.lower(), number) for label, number in stages if number is not None]
    if len(known) < 2:
        return f"From {stages[0][0].lower()} to {stages[-1][0].lower()}"
    said = (f"{count(number)} {noun(number, _one(label), label)}" for label, number in (known[0], known[-1]))
    return f"From {' to '.join(said)}"


def _one(label: str) -> str:
    return label.replace("faces", "face").removesuffix("s")


def value_words(value: Any) -> str:
    """A count with commas by thousands, a moment by local clocks, a token without its hyphens; an address as it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return token(local_words(str(value)))


def facts_line(facts: Mapping[str, Any]) -> str:
    """The plain public facts of an entry in one line; lists, tables and digests of it are on the log."""
    plain = [
        f"{name.replace('_', ' ')}: {value if name in _NAMES else value_words(value)}"
        for name, value in facts.items()
        if isinstance(value, str | int) and not (isinstance(value, str) and _DIGEST.fullmatch(value))
    ]
    return "; ".join(plain[:_SHOWN])


def late_words(code: str, what: str) -> str:
    """What is past its time, for readers who do not know the classes."""
    if code == "deletion-overdue":
        name, _, why = what.partition(" ")
        return _not_deleted((name,), why)
    held = _HELD.fullmatch(what)
    if held is not None:
        return f"review of the hold on {class_name(held[1])} ({held[2]}) not on the record"
    return _LATE.get(code, what)


def overdue_words(late: Iterable[tuple[str, str, str, str]]) -> str:
    """All that is past its time in one line, each with its date; deletions due at once stand together. ``late`` are
    codes, what they say, since when and by which clause, as in ``deployments.lateness``.
    """
    groups: dict[tuple[str, str, bool], list[str]] = {}
    for code, what, since, _ in late:
        deletion = code == "deletion-overdue"
        name, _, why = what.partition(" ")
        names = groups.setdefault((since, why if deletion else late_words(code, what), deletion), [])
        if deletion:
            names.append(name)
    return "; ".join(
        f"{_not_deleted(names, words) if deletion else words}, since {local_words(since).partition(',')[0]}"
        for (since, words, deletion), names in groups.items()
    )


def _not_deleted(names: Iterable[str], why: str) -> str:
    return f"deletion of {listing([class_name(name) for name in names])} not stated{f' {why}' if why else ''}"
