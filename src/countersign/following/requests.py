"""Requests for information: the steps of a letter, the law's limit, and what it counts. The program sends nothing.

The limit is the twentieth working day after the day of receipt (Freedom of Information Act 2000 s.10(1); Freedom of
Information (Scotland) Act 2002 s.10(1)). A working day is no Saturday, Sunday or holiday: of any part of the United
Kingdom under the first Act (s.10(6)), of Scotland under the second (s.73). Where the body needs the request made
clearer the days run anew from the answer to that (s.1(3) and s.10(6); s.1(3) and s.10(1)†); from a fees notice to the
payment none counts (s.10(2); s.9†). A review of the answer has twenty working days too (code of practice under s.45†;
s.21(1)†). What is marked † was not yet checked against its source. This is no legal advice.

>>> limit(datetime.date(2026, 3, 1), "foia").said, limit(datetime.date(2026, 3, 1), "foisa").said
('30 March 2026', '27 March 2026')
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import NamedTuple

from countersign.errors import NotAllowed
from countersign.following.library import Step
from countersign.words.dates import dated, day
from countersign.words.lists import counted, listing

#: Days that a body has, under each law.
DAYS = 20
#: Whose holidays are no working days under each law.
_HOLIDAYS_OF = {"foia": ("england-and-wales", "scotland", "northern-ireland"), "foisa": ("scotland",)}
#: What may follow each state.
NEXT: Mapping[str, tuple[str, ...]] = {
    "written": ("sent",),
    "sent": ("acknowledged", "clarification-asked", "fee-asked", "answered", "refused", "review-asked"),
    "acknowledged": ("clarification-asked", "fee-asked", "answered", "refused", "review-asked"),
    "clarification-asked": ("clarified",),
    "clarified": ("acknowledged", "clarification-asked", "fee-asked", "answered", "refused", "review-asked"),
    "fee-asked": ("fee-paid",),
    "fee-paid": ("clarification-asked", "answered", "refused", "review-asked"),
    "answered": ("review-asked",),
    "refused": ("review-asked",),
    "review-asked": ("review-answered",),
    "review-answered": (),
}
_WAITING = frozenset({"sent", "acknowledged", "clarified", "fee-paid", "review-asked"})
_SAID = {
    "written": "written, not sent",
    "sent": "sent",
    "acknowledged": "acknowledged",
    "clarification-asked": "the body asked what is meant; the days stand still until that is answered",
    "clarified": "what is meant was answered; the days run anew",
    "fee-asked": "a fee is asked; the days stand still until it is paid",
    "fee-paid": "the fee is paid",
    "answered": "answered",
    "refused": "refused",
    "review-asked": "an internal review is asked for",
    "review-answered": "the internal review is answered",
}


class LetterOutOfOrder(NotAllowed, next_step="See `countersign library letters list`; nothing was entered."):
    """A step cannot follow the last one of its letter, or is dated before it or in the future."""


class LetterUnknown(NotAllowed, next_step="See `countersign library letters list` for the ids; nothing was entered."):
    """No letter of the library has this id."""


class Limit(NamedTuple):
    """A day until which a body has time; ``sure``: the holidays are known so far."""

    day: datetime.date
    sure: bool

    @property
    def said(self) -> str:
        """The day in words; past the table of holidays "at the earliest"."""
        return day(self.day) if self.sure else f"{day(self.day)} at the earliest"


class Standing(NamedTuple):
    """How a letter stands: its steps, and where the body's time runs, until when, and by how many days it is over."""

    letter: str
    force: str
    law: str
    steps: tuple[Step, ...]
    limit: Limit | None
    overdue: int

    @property
    def state(self) -> str:
        """The state that its last step reached."""
        return self.steps[-1].state

    @property
    def said(self) -> str:
        """The state in words, since when, and the limit."""
        said = f"{_SAID[self.state]}, {dated(self.steps[-1].on.isoformat())}"
        if self.limit is None:
            return said
        if self.overdue:
            return f"{said}; overdue by {counted(self.overdue, 'working day')} (the limit was {self.limit.said})"
        return f"{said}; to be answered by {self.limit.said}"


@cache
def holidays() -> Mapping[int, Mapping[str, frozenset[datetime.date]]]:
    """The holidays by year and part of the United Kingdom."""
    tables = tomllib.loads(resources.files("countersign").joinpath("data", "holidays.toml").read_text("utf-8"))
    return {
        int(year): {
            part: frozenset(datetime.date.fromisoformat(f"{year}-{text}") for text in days)
            for part, days in parts.items()
        }
        for year, parts in tables.items()
    }


def works(date: datetime.date, law: str) -> bool:
    """Whether a day is a working day under a law, as far as its holidays are known."""
    off = holidays().get(date.year, {})
    return date.weekday() < 5 and not any(date in off.get(part, ()) for part in _HOLIDAYS_OF[law])


def limit(
    received: datetime.date, law: str, paused: Sequence[tuple[datetime.date, datetime.date]] = (), days: int = DAYS
) -> Limit:
    """The last day for an answer to what was received on a day; ``paused``: from and to days that do not count."""
    date, left = received, days
    while left:
        date += datetime.timedelta(1)
        if works(date, law) and not any(first <= date <= last for first, last in paused):
            left -= 1
    return Limit(date, date.year <= max(holidays()) and received.year >= min(holidays()))


def standings(steps: Iterable[Step], today: datetime.date) -> list[Standing]:
    """How each letter stands on a day, in the order in which they were written."""
    letters: dict[str, list[Step]] = {}
    for step in steps:
        letters.setdefault(step.letter, []).append(step)
    return [_standing(letter, of, today) for letter, of in letters.items()]


def _standing(letter: str, steps: Sequence[Step], today: datetime.date) -> Standing:
    law, state = steps[0].law, steps[-1].state
    until = _limit_of(steps, law) if state in _WAITING else None
    overdue = 0
    if until is not None and today > until.day:
        passed = (until.day + datetime.timedelta(number) for number in range(1, (today - until.day).days + 1))
        overdue = sum(works(date, law) for date in passed)
    return Standing(letter, steps[0].force, law, tuple(steps), until, overdue)


def _limit_of(steps: Sequence[Step], law: str) -> Limit:
    received, paused, asked = steps[0].on, list[tuple[datetime.date, datetime.date]](), None
    for step in steps:
        if step.state in ("sent", "clarified", "review-asked"):
            received, paused = step.on, []
        elif step.state == "fee-asked":
            asked = step.on
        elif step.state == "fee-paid" and asked is not None:
            paused.append((asked, step.on))
    return limit(received, law, paused)


def hold_step(steps: Sequence[Step], state: str, on: datetime.date, today: datetime.date) -> None:
    """Raises ``LetterOutOfOrder`` where a letter with these steps cannot reach a state on a day."""
    last = steps[-1]
    if state not in NEXT[last.state]:
        may = listing(NEXT[last.state], "or") or "nothing more"
        raise LetterOutOfOrder(f"{last.letter}: after “{last.state}” comes {may}, not “{state}”")
    if on < last.on:
        raise LetterOutOfOrder(f"{last.letter}: {day(on)} is before its last step, of {day(last.on)}")
    if on > today:
        raise LetterOutOfOrder(f"{last.letter}: {day(on)} is after today, {day(today)}")
