"""What the rulebook finds on one duty: one of four outcomes, a sentence, and the entries it stands on.

A duty consists of conditions; each holds, is contradicted, or is not shown. One contradicted makes the duty *not met*;
else one not shown makes it *not shown*; else it is *met* if every condition rests on someone other than the force, or
on arithmetic over the log that anyone can repeat, and *stated* (the force's word alone) if not. So nothing left out can
better a result. There is no score: outcomes are counted, never added up into one.

>>> from countersign.rulebook.catalogue import duty
>>> Result(duty("uk.auth.written"), "stated", "an authority was signed", (3,), ("force",)).holds
True
>>> rank("not shown") == rank("not met") < rank("stated") < rank("met")
True
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec

from countersign.deployments.view import Bearing, Place
from countersign.rulebook.catalogue import Duty
from countersign.rulebook.conditions.look import Line
from countersign.words.names import token

Outcome = Literal["met", "stated", "not met", "not shown"]
#: What a sentence says where the record holds the evidence and this reader may not open it.
SEALED = "not open to this reader"
OUTCOMES: tuple[Outcome, ...] = ("met", "stated", "not met", "not shown")

_RANK: Mapping[Outcome, int] = {"not met": 0, "not shown": 0, "stated": 1, "met": 2}


class Result(msgspec.Struct, frozen=True):
    """What the record shows of a duty: ``because`` is a sentence or more; ``entries`` are places in the log, in order.

    ``supplied_by`` names who the evidence came from (force, engine, observer, outside). ``asked`` are the questions an
    attested or judged duty leaves open. ``sealed``: it is *not shown* only because what the record holds is sealed from
    this reader; nothing else is missing. ``outside``: entries of outside bodies' own logs that it stands on too;
    ``bearings``: what such bodies say of this duty, whether it moved the outcome or not.
    """

    duty: Duty
    outcome: Outcome
    because: str
    entries: tuple[int, ...] = ()
    supplied_by: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    sealed: bool = False
    outside: tuple[Place, ...] = ()
    bearings: tuple[Bearing, ...] = ()

    @property
    def places(self) -> tuple[int | Place, ...]:
        """All entries it stands on, of the record's own log and of others."""
        return (*self.entries, *self.outside)

    @property
    def holds(self) -> bool:
        """Whether the duty is met or at least stated: what a gate asks for."""
        return rank(self.outcome) > 0


def rank(outcome: Outcome) -> int:
    """How well a duty stands: silence (*not shown*) counts against as much as contradiction (*not met*)."""
    return _RANK[outcome]


def tally(results: Iterable[Result]) -> dict[Outcome, int]:
    """How many results have each outcome, in the order of ``OUTCOMES``; a count, not a mark."""
    counted = Counter(result.outcome for result in results)
    return {outcome: counted[outcome] for outcome in OUTCOMES}


Test = Callable[[Line], "bool | None"]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a duty asks, as answered. ``holds`` is ``None`` where it is not shown.

    ``grounds`` are groups of lines: a group is independent if any line of it is independent of the force. ``beside``
    are lines that say what was promised, not what happened. ``arithmetic``: decided from the log's own order and
    counts, which anyone can repeat.
    """

    holds: bool | None
    because: str
    grounds: tuple[tuple[Line, ...], ...] = ()
    beside: tuple[Line, ...] = ()
    arithmetic: bool = False

    @property
    def sealed(self) -> bool:
        """Whether it is not shown only because entries that are there are sealed from this reader."""
        return self.holds is None and bool(self.grounds) and SEALED in self.because

    def independent(self, borne: frozenset[int] = frozenset()) -> bool:
        """Whether the condition rests on someone other than the force, or on arithmetic. ``borne``: entries that an
        outside body bears out for the duty, which so are no longer the force's word alone.
        """
        if self.arithmetic:
            return True
        return bool(self.grounds) and all(any(_stands(line, borne) for line in group) for group in self.grounds)


def _stands(line: Line, borne: frozenset[int]) -> bool:
    return line.independent or (line.entry in borne and not line.origin)


def conclude(
    duty: Duty, conditions: Sequence[Condition], asked: tuple[str, ...] = (), bearings: Sequence[Bearing] = ()
) -> Result:
    """The result of a duty from its conditions, as the module says. A duty without conditions is not shown.

    ``bearings``: what outside bodies say of this duty. One that contradicts makes it *not met*; one that bears out an
    entry takes that entry for more than the force's word, and shows nothing that no entry states.
    """
    against = [condition for condition in conditions if condition.holds is False]
    denied = [_contradicted(bearing) for bearing in bearings if bearing.says == CONTRADICTS]
    if denied and not against:
        # What was stated stays beside what contradicts it: both are shown.
        stated = [condition for condition in conditions if condition.holds]
        denied += [replace(each, because=f"on the record: {each.because}") for each in stated]
    against = [*denied, *against]
    absent = [condition for condition in conditions if condition.holds is None]
    borne = frozenset(one.entry for one in bearings if one.says == BEARS_OUT and one.entry is not None)
    outcome: Outcome
    if against:
        outcome, deciding = "not met", against
    elif absent or not conditions:
        outcome, deciding = "not shown", absent
    else:
        outcome = "met" if all(condition.independent(borne) for condition in conditions) else "stated"
        deciding = list(conditions)
    lines = [line for each in deciding for group in (*each.grounds, each.beside) for line in group]
    used = tuple(sorted({line.entry for line in lines if not line.origin}))
    sentences = dict.fromkeys(condition.because for condition in deciding)
    upheld = [bearing for bearing in bearings if bearing.says == BEARS_OUT and bearing.entry in used]
    because = "; ".join((*sentences, *map(_borne_out, upheld))) or "nothing on the record bears on it"
    moving = [bearing for bearing in bearings if bearing.says == CONTRADICTS] if against else upheld
    suppliers = {line.statement.supplied_by for line in lines} | {bearing.supplied_by for bearing in moving}
    outside = {Place(line.origin, line.entry) for line in lines if line.origin} | {one.place for one in moving}
    sealed = outcome == "not shown" and bool(absent) and all(condition.sealed for condition in absent)
    last = (sealed, tuple(sorted(outside)), tuple(bearings))
    return Result(duty, outcome, because, used, tuple(sorted(suppliers)), asked, *last)


#: What an outside body's statement says of a duty.
BEARS_OUT, CONTRADICTS = "bears-out", "contradicts"


def _contradicted(bearing: Bearing) -> Condition:
    what = "" if bearing.entry is None else f"entry {bearing.entry} is "
    said = f"{what}contradicted by {bearing.body} ({bearing.place}: {token(bearing.ground)})"
    return Condition(False, said)


def _borne_out(bearing: Bearing) -> str:
    return f"entry {bearing.entry} is borne out by {bearing.body} ({bearing.place}: {token(bearing.ground)})"


def lacking(because: str) -> Condition:
    """A condition that nothing on the record shows."""
    return Condition(None, because)


def one_by_one(lines: Sequence[Line]) -> tuple[tuple[Line, ...], ...]:
    """Grounds in which each line must be independent by itself."""
    return tuple((line,) for line in lines)


def decide(
    lines: Sequence[Line],
    test: Test,
    *,
    yes: str,
    no: str,
    absent: str,
    beside: Sequence[Line] = (),
    each: bool = False,
) -> Condition:
    """What lines must bear out, as accounts of one thing; with ``each`` as several things, each on its own evidence.

    ``test`` gives ``None`` where a line does not say. No lines, or one that does not say, show nothing; one that
    contradicts is enough.
    """
    answers = [(line, test(line)) for line in lines]
    wrong = [line for line, holds in answers if holds is False]
    if wrong:
        return Condition(False, no, (tuple(wrong),), tuple(beside))
    grounds = one_by_one(lines) if each else (tuple(lines),) if lines else ()
    if not answers or any(holds is None for _, holds in answers):
        return Condition(None, absent, grounds)
    return Condition(True, yes, grounds, tuple(beside))


def earlier_in_log(first: Sequence[Line], then: Sequence[Line], what: str, than: str) -> Condition:
    """That the first of one kind stands in the log before the first of another: anyone can repeat the comparison."""
    first, then = ([line for line in lines if not line.origin] for lines in (first, then))
    if not first or not then:
        return lacking(f"{what} or {than} is not on the record")
    entry, other = min(line.entry for line in first), min(line.entry for line in then)
    order = "before" if entry < other else "after"
    because = f"{what} stands in the log {order} {than} (entries {entry} and {other})"
    return Condition(entry < other, because, (tuple(first), tuple(then)), arithmetic=True)
