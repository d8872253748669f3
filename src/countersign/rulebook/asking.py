"""What a review leaves open, read from its ``review.json``: duties not shown, and what its sources do not give.

Only three parts of the file are read, so that any version of a review that has them will do. A file without them is
refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from countersign.errors import NotReached, WrongForm
from countersign.rulebook.catalogue import DUTIES
from countersign.rulebook.letters import Wanted, wanted_for


class ReviewUnread(WrongForm):
    """A file is not a review of this program, or says nothing of what is not shown."""

    code = "review-unread"
    next_step = "Give the review.json that 'countersign review' wrote."


class ReviewUnreadable(NotReached):
    """The file of a review could not be had."""

    code = "review-unreadable"
    next_step = "Check the path and that the file can be read."


class Open(msgspec.Struct, frozen=True):
    """What a review leaves open, and what it is about."""

    about: str
    wanted: tuple[Wanted, ...]


def read_open(content: bytes, name: str) -> Open:
    """What the review in ``content`` leaves open; ``name`` is for messages. Raises ``ReviewUnread``."""
    try:
        raw = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReviewUnread(f"{name}: not JSON: {error}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("schema"), str) or "not_shown" not in raw:
        raise ReviewUnread(f"{name}: not a review: it has no schema or no list of what is not shown")
    return open_of(raw, name)


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
