"""The conditions a duty consists of, and how conditions make a result.

Each condition holds, is contradicted, or is not shown, with a sentence and the lines behind it. One contradicted
condition makes the duty *not met*; else one that is not shown makes it *not shown*; else the duty is *met* if every
condition rests on someone other than the force, or on arithmetic over the log that anyone can repeat, and *stated* if
not. So nothing that is left out can better a result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from countersign.rulebook.catalogue import Duty
from countersign.rulebook.conditions.look import Line
from countersign.rulebook.conditions.results import Outcome, Result

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
        outcome, telling = "not met", against
    elif absent or not conditions:
        outcome, telling = "not shown", absent
    else:
        outcome = "met" if all(condition.independent for condition in conditions) else "stated"
        telling = list(conditions)
    used = {line.entry: line for each in telling for group in (*each.grounds, each.beside) for line in group}
    sentences = dict.fromkeys(condition.because for condition in telling)
    because = "; ".join(sentences) or "nothing on the record bears on it"
    suppliers = tuple(sorted({line.statement.supplied_by for line in used.values()}))
    return Result(duty, outcome, because, tuple(sorted(used)), suppliers, asked)


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
