"""Each duty answered from a view of the record, in a profile, as at a moment: a pure function.

A machine duty is decided by its check; an attested one by its signed answers, and by facts that may contradict them; a
judged one by a reviewer's judgement, and by such facts. The view is all that is read, and of it only the paths the duty
declares.

>>> from countersign.deployments.view import View
>>> import datetime
>>> found = evaluate(View.of([], "force-a/d-1"), profile="england-and-wales", as_at=datetime.date(2026, 9, 1))
>>> {result.outcome for result in found}, len(found)
({'not shown'}, 103)
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from functools import cache

from countersign.deployments.view import View
from countersign.rulebook.catalogue import DUTIES, Duty
from countersign.rulebook.conditions.look import Look, Shared
from countersign.rulebook.conditions.moments import moment_of
from countersign.rulebook.conditions.points import conclude
from countersign.rulebook.conditions.registry import CHECKS
from countersign.rulebook.conditions.results import Result
from countersign.rulebook.duties import alerts as checks_alerts
from countersign.rulebook.duties import attested_deployment as checks_attested_deployment
from countersign.rulebook.duties import attested_programme as checks_attested_programme
from countersign.rulebook.duties import authority as checks_authority
from countersign.rulebook.duties import close as checks_close
from countersign.rulebook.duties import documents as checks_documents
from countersign.rulebook.duties import judged_facts as checks_judged
from countersign.rulebook.duties import live as checks_live
from countersign.rulebook.duties import plan as checks_plan
from countersign.rulebook.duties import programme as checks_programme
from countersign.rulebook.duties import review as checks_review
from countersign.rulebook.duties import street as checks_street
from countersign.rulebook.duties import watchlist as checks_list
from countersign.rulebook.judged import points_of
from countersign.rulebook.profiles import duties_for
from countersign.rulebook.statements import statement_points

#: The modules whose import registers the checks.
MODULES = (
    checks_documents, checks_programme, checks_attested_programme, checks_attested_deployment, checks_plan, checks_list,
    checks_authority, checks_street, checks_live, checks_alerts, checks_close, checks_review, checks_judged,
)  # fmt: skip


@cache
def _allowed(identifier: str) -> frozenset[str]:
    return frozenset(DUTIES[identifier].evidence)


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
    look = Look(view, _allowed(duty.id), moment_of(as_at), supposed, shared or Shared())
    if duty.kind == "machine":
        return conclude(duty.id, CHECKS[duty.id](look))
    if duty.kind == "judged":
        points, asked = points_of(look, duty)
        return conclude(duty.id, points, asked)
    stated, asked = statement_points(look, duty)
    return conclude(duty.id, [*stated, *CHECKS[duty.id](look)], asked)


def evaluate(
    view: View,
    *,
    profile: str,
    as_at: datetime.date | datetime.datetime,
    supposed: datetime.datetime | None = None,
    duties: Iterable[Duty] | None = None,
) -> tuple[Result, ...]:
    """Results for every duty that counts in the profile as at the moment, in the catalogue's order.

    ``duties`` narrows them to some (programme duties are answered once, a deployment answers its own). Raises
    ``ProfileUnknown``.
    """
    counted = duties_for(profile, moment_of(as_at).date())
    chosen = None if duties is None else {duty.id for duty in duties}
    wanted = counted if chosen is None else [duty for duty in counted if duty.id in chosen]
    shared = Shared()
    return tuple(answer(duty, view, as_at=as_at, supposed=supposed, shared=shared) for duty in wanted)
