"""Each duty answered from a view of the record, in a profile, as at a moment: a pure function.

A machine duty is decided by its check; an attested one by its signed answers, and by facts that may contradict them; a
judged one by a reviewer's judgement, and by such facts. The view is all that is read, and of it only the paths the duty
declares. The checks stand by phase in the modules of this folder, which declare them in ``CHECKS``.

>>> from countersign.deployments.view import View
>>> import datetime
>>> found = evaluate(View.of([], "force-a/d-1"), profile="england-and-wales", as_at=datetime.date(2026, 9, 1))
>>> {result.outcome for result in found}
{'not shown'}
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import cache

import msgspec

from countersign.deployments.view import View
from countersign.rulebook.catalogue import Duty, duties_for
from countersign.rulebook.conditions.declare import CHECKS
from countersign.rulebook.conditions.look import Look, Shared, moment_of
from countersign.rulebook.conditions.results import Result, conclude, rank
from countersign.rulebook.duties import (  # noqa: F401 - importing a phase declares its checks
    alerts,
    authority,
    close,
    documents,
    live,
    plan,
    programme,
    review,
    street,
    watchlist,
)
from countersign.rulebook.signed import as_found, attested, judged
from countersign.words.lists import be, listing, noun

#: What people must have signed, by the kind of duty.
SIGNED = {"attested": attested, "judged": judged}


@cache
def _allowed(evidence: tuple[str, ...]) -> frozenset[str]:
    return frozenset(evidence)


def answer(
    duty: Duty,
    view: View,
    *,
    as_at: datetime.date | datetime.datetime,
    supposed: datetime.datetime | None = None,
    shared: Shared | None = None,
) -> Result:
    """The result of one duty. ``supposed`` is the opening that is asked about, where none is on the record yet.

    ``shared`` is for all duties of one view, so that its alerts are taken out of it once.

    Raises ``PathNotDeclared`` where a check reads what the duty does not name: a defect.
    """
    look = Look(view, _allowed(duty.evidence), moment_of(as_at), supposed, shared or Shared())
    signed, asked = SIGNED[duty.kind](look, duty) if duty.kind in SIGNED else ([], ())
    decided = [as_found(condition, duty) for condition in (CHECKS[duty.id](look) if duty.id in CHECKS else ())]
    bearings = [bearing for bearing in view.bearings if duty.id in bearing.duties]
    return conclude(duty, [*signed, *decided], asked, bearings)


def evaluate(
    view: View,
    *,
    profile: str,
    as_at: datetime.date | datetime.datetime,
    supposed: datetime.datetime | None = None,
    duties: Iterable[Duty] | None = None,
    shared: Shared | None = None,
) -> tuple[Result, ...]:
    """Results for every duty that counts in the profile as at the moment, in the catalogue's order. ``duties`` narrows
    them to some (programme duties are answered once, a deployment answers its own). ``shared`` afterwards holds the
    moments to come on which the answers turn. Raises ``ProfileUnknown``.
    """
    counted = duties_for(profile, moment_of(as_at).date())
    chosen = None if duties is None else {duty.id for duty in duties}
    wanted = [duty for duty in counted if chosen is None or duty.id in chosen]
    shared = shared or Shared()
    results = tuple(answer(duty, view, as_at=as_at, supposed=supposed, shared=shared) for duty in wanted)
    if not view.disowned:
        return results
    bare, shared = view.without(view.disowned), Shared(dues=shared.dues)
    return tuple(
        _borne(result, answer(result.duty, bare, as_at=as_at, supposed=supposed, shared=shared), view)
        for result in results
    )


def _borne(result: Result, without: Result, view: View) -> Result:
    """The result as far as it rests on no disowned entry, which it names; what stands against a duty stays against."""
    used = [entry for entry in result.entries if entry in view.disowned]
    if not result.holds or not used or rank(without.outcome) > rank(result.outcome):
        return result
    which = listing([str(entry) for entry in used])
    because = f"{without.because}; {noun(len(used), 'entry')} {which} {be(len(used))} disowned by the key's holder"
    return msgspec.structs.replace(without, because=because)
