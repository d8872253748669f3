"""Whose lines a duty is asked of: papers and entries of the record, and the moments that duties are measured from.

>>> Paper("policy", "no policy is on the record").missing
'no policy is on the record'
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from countersign.rulebook.conditions.look import Line, Look, Moment


class Subject:
    """Lines of the record that rules are asked of; ``missing`` is the sentence where there are none.

    ``each``: several things, each of which needs evidence of its own. Else the lines are accounts of one thing, and
    one account that is independent of the force is enough.
    """

    missing: str
    each: ClassVar[bool] = False

    def lines(self, look: Look) -> tuple[Line, ...]:
        """The lines."""
        raise NotImplementedError


@dataclass(frozen=True)
class Entries(Subject):
    """All entries of a noun, but for those that ``where`` leaves out."""

    noun: str
    missing: str = ""
    where: Callable[[Line], bool] | None = None

    def lines(self, look: Look) -> tuple[Line, ...]:
        """The entries, in the log's order."""
        lines = self._read(look)
        return lines if self.where is None else tuple(line for line in lines if self.where(line))

    def _read(self, look: Look) -> tuple[Line, ...]:
        return look.lines(self.noun)


class Each(Entries):
    """All entries of a noun, each of them a thing of its own."""

    each = True


class Paper(Entries):
    """A document in its latest version, by each supplier's account."""

    def _read(self, look: Look) -> tuple[Line, ...]:
        return look.current(self.noun)


@dataclass(frozen=True)
class These(Subject):
    """Lines that a function has picked."""

    picked: Sequence[Line]
    missing: str = ""

    def lines(self, look: Look) -> tuple[Line, ...]:
        """The lines picked."""
        return tuple(self.picked)


class EachOfThese(These):
    """Lines that a function has picked, each of them a thing of its own."""

    each = True


@dataclass(frozen=True)
class Mark:
    """A moment that duties are measured from, by its name in sentences."""

    name: str
    moment: Callable[[Look], Moment | None]

    def lines(self, look: Look) -> tuple[Line, ...]:
        """The lines that state it."""
        stated = self.moment(look)
        return () if stated is None else stated.lines


def _first_signed(look: Look) -> Moment | None:
    authorities = look.lines("authority")
    stated = [at for line in authorities if (at := line.time("signed_at")) is not None]
    return Moment(min(stated), authorities) if stated else None


OPENING = Mark("the opening", Look.opening)
CLOSE = Mark("the close", Look.closing)
#: The first signature of an authority.
SIGNATURE = Mark("the authority", _first_signed)
