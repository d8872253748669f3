"""What the rulebook finds on one duty: one of four outcomes, a sentence, and the entries it stands on.

*met* needs an observer, an engine's own log, an outside body, or arithmetic anyone can repeat; *stated* is the force's
word alone, whatever it says; *not met* is contradicted by the evidence; *not shown* is everything else. There is no
fifth, no score and no total: outcomes are counted, never added up into one.

>>> from countersign.rulebook.catalogue import duty
>>> Result(duty("uk.auth.written"), "stated", "an authority was signed", (3,), ("force",)).holds
True
>>> rank("not shown") == rank("not met") < rank("stated") < rank("met")
True
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from countersign.rulebook.catalogue import Duty

Outcome = Literal["met", "stated", "not met", "not shown"]
OUTCOMES: tuple[Outcome, ...] = ("met", "stated", "not met", "not shown")

_RANK: Mapping[Outcome, int] = {"not met": 0, "not shown": 0, "stated": 1, "met": 2}


class Result(msgspec.Struct, frozen=True):
    """What the record shows of a duty: ``because`` is a sentence or more; ``entries`` are places in the log, in order.

    ``supplied_by`` names who the evidence came from (force, engine, observer, outside). ``asked`` are the questions an
    attested or judged duty leaves open.
    """

    duty: Duty
    outcome: Outcome
    because: str
    entries: tuple[int, ...] = ()
    supplied_by: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

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
