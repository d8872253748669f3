"""The points a check is made of, and how points make a result.

A duty is decided by one or more points: each holds, is contradicted, or is not shown, with a sentence and the lines it
stands on. One contradicted point makes the duty *not met*; else one point not shown makes it *not shown*; else it is
*met* if every point rests on someone other than the force, or on arithmetic over the log that anyone can repeat, and
*stated* if not. So nothing that is left out can better a result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from countersign.rulebook.conditions.look import Line, Moment
from countersign.rulebook.conditions.moments import written
from countersign.rulebook.conditions.results import Outcome, Result

Test = Callable[[Line], "bool | None"]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing a duty asks. ``holds`` is ``None`` where it is not shown.

    ``grounds`` are groups of lines: a group stands on its own feet if any line of it is independent of the force.
    ``beside`` are lines that say what was promised, not what happened. ``arithmetic``: decided from the log's own order
    and counts, which anyone can repeat.
    """

    holds: bool | None
    because: str
    grounds: tuple[tuple[Line, ...], ...] = ()
    beside: tuple[Line, ...] = ()
    arithmetic: bool = False

    @property
    def independent(self) -> bool:
        """Whether the point rests on someone other than the force, or on arithmetic."""
        if self.arithmetic:
            return True
        return bool(self.grounds) and all(any(line.independent for line in group) for group in self.grounds)


def conclude(duty: str, points: Sequence[Point], asked: tuple[str, ...] = ()) -> Result:
    """The result of a duty from its points, as the module says. A check without points shows nothing."""
    against = [point for point in points if point.holds is False]
    absent = [point for point in points if point.holds is None]
    outcome: Outcome
    if against:
        outcome, telling = "not met", against
    elif absent or not points:
        outcome, telling = "not shown", absent
    else:
        outcome, telling = ("met" if all(point.independent for point in points) else "stated"), list(points)
    used = {line.entry: line for point in telling for group in (*point.grounds, point.beside) for line in group}
    said = dict.fromkeys(point.because for point in telling)
    return Result(
        duty, outcome, "; ".join(said) or "nothing on the record bears on it", tuple(sorted(used)),
        tuple(sorted({line.statement.supplied_by for line in used.values()})), asked,
    )  # fmt: skip


def lacking(because: str) -> Point:
    """A point that nothing on the record shows."""
    return Point(None, because)


def any_of(lines: Sequence[Line], test: Test, *, yes: str, no: str, absent: str, beside: Sequence[Line] = ()) -> Point:
    """What each account of one thing must bear out: contradicted by any, independent if any independent account holds.

    ``test`` gives ``None`` where a line does not say. No lines, or one that does not say, show nothing.
    """
    found = [(line, test(line)) for line in lines]
    wrong = tuple(line for line, holds in found if holds is False)
    if wrong:
        return Point(False, no, (wrong,), tuple(beside))
    if not found or any(holds is None for _, holds in found):
        return Point(None, absent, (tuple(lines),) if lines else ())
    return Point(True, yes, (tuple(lines),), tuple(beside))


def each_of(lines: Sequence[Line], test: Test, *, yes: str, no: str, absent: str, beside: Sequence[Line] = ()) -> Point:
    """What every one of several things must bear out, each on its own evidence. No lines show nothing."""
    point = any_of(lines, test, yes=yes, no=no, absent=absent, beside=beside)
    return Point(point.holds, point.because, tuple((line,) for group in point.grounds for line in group), point.beside)


def before(
    lines: Sequence[Line], field: str, limit: Moment | None, what: str, than: str, *, strictly: bool = False
) -> Point:
    """That a moment stated in each account lies before ``limit`` (at it is soon enough unless ``strictly``)."""
    if limit is None:
        return lacking(f"{than} is not on the record, so nothing can be measured from it")

    def test(line: Line) -> bool | None:
        at = line.time(field)
        return None if at is None else (at < limit.at if strictly else at <= limit.at)

    point = any_of(
        lines, test, yes=f"{what} before {than} ({written(limit.at)})",
        no=f"{what} only after {than} ({written(limit.at)})",
        absent=f"no moment is on the record at which {what}",
    )  # fmt: skip
    grounds = (*point.grounds, limit.lines) if limit.lines else point.grounds
    return Point(point.holds, point.because, grounds)


def earlier_in_log(first: Sequence[Line], then: Sequence[Line], what: str, than: str) -> Point:
    """That what stands first in the log stands before the other: arithmetic on places, which anyone can repeat."""
    if not first or not then:
        return lacking(f"{what} or {than} is not on the record")
    a, b = min(line.entry for line in first), min(line.entry for line in then)
    holds = a < b
    return Point(
        holds, f"{what} stands in the log {'before' if holds else 'after'} {than} (entries {a} and {b})",
        (tuple(first), tuple(then)), arithmetic=True,
    )  # fmt: skip


def holds_all(field: str, wanted: Iterable[object]) -> Test:
    """A test that a list holds each of ``wanted``."""
    needed = frozenset(wanted)

    def test(line: Line) -> bool | None:
        found = line(field)
        return None if found is None else needed <= set(found)

    return test


def says(field: str, *values: object) -> Test:
    """A test that a field says one of ``values``."""

    def test(line: Line) -> bool | None:
        found = line(field)
        return None if found is None else found in values

    return test


def has(*fields: str) -> Test:
    """A test that all of the fields are there and not empty; what is left out shows nothing, and contradicts
    nothing."""

    def test(line: Line) -> bool | None:
        return True if all(line(field) not in (None, "", [], ()) for field in fields) else None

    return test
