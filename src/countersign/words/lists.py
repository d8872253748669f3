"""Lists, and counts with their nouns and verbs.

>>> listing(["a", "b", "c"]), counted(1200, "deployment"), counted(1, "reply", "replies"), be(2)
('a, b and c', '1,200 deployments', '1 reply', 'are')
"""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, many: str | None = None) -> str:
    """A count with its noun: "1 row", "27 rows", "3 entries"."""
    return f"{number:,} {noun(number, one, many)}"


def noun(number: float, one: str, many: str | None = None) -> str:
    """The noun that goes with a count: "row", "rows"."""
    if number == 1:
        return one
    return many or (f"{one[:-1]}ies" if one.endswith("y") and one[-2] not in "aeiou" else f"{one}s")


def be(number: int, one: str = "is", many: str = "are") -> str:
    """The verb that goes with a count."""
    return one if number == 1 else many


def listing(items: Sequence[str], last: str = "and") -> str:
    """ "a, b and c"; nothing for no item."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def capital(text: str) -> str:
    """With a capital letter first."""
    return text[:1].upper() + text[1:]
