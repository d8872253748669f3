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
from dataclasses import dataclass
from typing import Literal

import msgspec

from countersign.rulebook.catalogue import Duty
from countersign.rulebook.conditions.look import Line

Outcome = Literal["met", "stated", "not met", "not shown"]
#: What a sentence says where the record holds the evidence and this reader may not open it.
SEALED = "not open to this reader"
OUTCOMES: tuple[Outcome, ...] = ("met", "stated", "not met", "not shown")

_RANK: Mapping[Outcome, int] = {"not met": 0, "not shown": 0, "stated": 1, "met": 2}


class Result(msgspec.Struct, frozen=True):
    """What the record shows of a duty: ``because`` is a sentence or more; ``entries`` are places in the log, in order.

    ``supplied_by`` names who the evidence came from (force, engine, observer, outside). ``asked`` are the questions an
    attested or judged duty leaves open. ``sealed``: it is *not shown* only because what the record holds is sealed from
    this reader; nothing else is missing.
    """

    duty: Duty
    outcome: Outcome
    because: str
    entries: tuple[int, ...] = ()
    supplied_by: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    sealed: bool = False

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

    @property
    def independent(self) -> bool:
        """Whether the condition rests on someone other than the force, or on arithmetic."""
        if self.arithmetic:
            return True
        return bool(self.grounds) and all(any(line.independent for line in group) for group in self.grounds)


def conclude(duty: Duty, conditions: Sequence[Condition], asked: tuple[str, ...] = ()) -> Result:
    """The result of a duty from its conditions, as the module says. A duty without conditions is not shown."""
    against = [condition for condition in conditions if condition.holds is False]
    absent = [condition for condition in conditions if condition.holds is None]
    outcome: Outcome
    if against:
        outcome, deciding = "not met", against
    elif absent or not conditions:
        outcome, deciding = "not shown", absent
    else:
        outcome = "met" if all(condition.independent for condition in conditions) else "stated"
        deciding = list(conditions)
    used = {line.entry: line for each in deciding for group in (*each.grounds, each.beside) for line in group}
    sentences = dict.fromkeys(condition.because for condition in deciding)
    because = "; ".join(sentences) or "nothing on the record bears on it"
    suppliers = tuple(sorted({line.statement.supplied_by for line in used.values()}))
    sealed = outcome == "not shown" and bool(absent) and all(condition.sealed for condition in absent)
    return Result(duty, outcome, because, tuple(sorted(used)), suppliers, asked, sealed)


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
    if not first or not then:
        return lacking(f"{what} or {than} is not on the record")
    entry, other = min(line.entry for line in first), min(line.entry for line in then)
    order = "before" if entry < other else "after"
    because = f"{what} stands in the log {order} {than} (entries {entry} and {other})"
    return Condition(entry < other, because, (tuple(first), tuple(then)), arithmetic=True)
