"""Judge public claims on the rows: each reproduced, its arithmetic shown, and given one of five verdicts.

Nothing is decided by who said it or by a claim's name: the verdict follows from quantity, relation, scope, regimes and
interval. Where corrections were read, ``record`` is the corrected record and ``printed`` the record as printed; the
verdict is that of the corrected rows, and one that differs on the rows as printed is told beside it. Duties are not
judged from a table: they cannot be checked there, and what the record does show is set beside the words.

>>> import datetime
>>> from countersign.published.rows import Record, Row
>>> record = Record((), (Row("a", 1, date=datetime.date(2020, 2, 27), faces_seen=8600, false_alerts=7),))
>>> claim = Claim(id="c", statement="at most 1 in 1,000", quantity=("false_alerts_per_face",),
...     relation="at_most_one_in", value=(Decimal(1000),))
>>> judge([claim], record)[0].verdict
'neither shown nor refuted'
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from countersign.document import RowRange
from countersign.published.claim import Claim
from countersign.published.claim_blocks import claims_blocks
from countersign.published.claim_chances import judge_chance
from countersign.published.claim_context import tell
from countersign.published.claim_figures import judge_count, judge_rate
from countersign.published.claim_file import read_claims
from countersign.published.claim_groups import judge_no_difference, judge_share
from countersign.published.claim_scope import RegimeRows, Scope, extent, not_covered, reaches_to, scope_of
from countersign.published.claim_terms import ON_THE_NUMBER, Term, check_relation, term
from countersign.published.group_counts import Baseline, GroupCount
from countersign.published.measures import Selection, row_ranges
from countersign.published.phrases import day, span
from countersign.published.rows import Record, Row
from countersign.published.verdicts import Caveat, Judged, Part, worst

__all__ = ["Claim", "Judged", "claims_blocks", "judge", "read_claims"]

DUTY_NEEDS = "evidence of the duty itself: a table of counts shows results, not how a deployment was planned or run"


def judge(
    claims: Sequence[Claim],
    record: Record,
    *,
    regimes: Sequence[RegimeRows] = (),
    groups: Sequence[GroupCount] = (),
    baselines: Sequence[Baseline] = (),
    printed: Record | None = None,
) -> tuple[Judged, ...]:
    """Judge each claim, in the order given.

    ``regimes`` are those of ``record``, by position of row. ``printed``: the record before corrections, where any were
    applied. Raises ``UnknownQuantity`` or ``UnknownRelation`` for claims not read by ``read_claims``.
    """
    return tuple(_judge(claim, record, printed, regimes, groups, baselines) for claim in claims)


def _judge(
    claim: Claim,
    record: Record,
    printed: Record | None,
    regimes: Sequence[RegimeRows],
    groups: Sequence[GroupCount],
    baselines: Sequence[Baseline],
) -> Judged:
    judged = _on(claim, record, regimes, groups, baselines)
    if printed is None:
        return judged
    before = _on(claim, printed, regimes, groups, baselines)
    if before.verdict == judged.verdict and before.arithmetic == judged.arithmetic:
        return judged
    return msgspec.structs.replace(judged, verdict_as_printed=before.verdict, because_as_printed=before.because)


def _on(
    claim: Claim,
    record: Record,
    regimes: Sequence[RegimeRows],
    groups: Sequence[GroupCount],
    baselines: Sequence[Baseline],
) -> Judged:
    parts = []
    for position, quantity in enumerate(claim.quantity):
        found = term(quantity)
        check_relation(claim.relation, found)
        claimed = claim.value[position] if claim.value else None
        parts.append(_part(claim, found, claimed, record, regimes, groups, baselines))
    verdict = worst(part.verdict for part in parts)
    rows: list[RowRange] = []
    for part in parts:
        rows.extend(found for found in part.rows if found not in rows)
    return Judged(
        claim,
        verdict,
        _sentence("; ".join([part.because for part in parts])),
        tuple(dict.fromkeys(step for part in parts for step in part.arithmetic)),
        tuple(rows),
        tuple(dict.fromkeys(item for part in parts for item in part.missing)),
        tuple(dict.fromkeys(caveat for part in parts for caveat in part.caveats)),
        _sentence("; ".join(part.may_write for part in parts if part.may_write)),
        _sentence("; ".join(part.may_not_write for part in parts if part.may_not_write)),
    )


def _part(
    claim: Claim,
    quantity: Term,
    claimed: Decimal | None,
    record: Record,
    regimes: Sequence[RegimeRows],
    groups: Sequence[GroupCount],
    baselines: Sequence[Baseline],
) -> Part:
    if quantity.subject == "duty":
        return _duty(claim, record)
    if quantity.subject == "ratio":
        return judge_no_difference(claim, quantity, groups, baselines)
    assert claimed is not None  # every other relation takes a value, checked where claims are read and built
    if quantity.subject == "share":
        return judge_share(claim, quantity, claimed, groups)
    part = _of_rows(claim, quantity, claimed, record, regimes, claim.selection)
    of_words = claim.selection_of_words
    if of_words is None or part.verdict not in ("holds", "holds only as stated"):
        return part
    return _with_words(claim, quantity, claimed, record, regimes, of_words, part)


def _of_rows(
    claim: Claim,
    quantity: Term,
    claimed: Decimal,
    record: Record,
    regimes: Sequence[RegimeRows],
    selection: Selection,
) -> Part:
    scope = scope_of(selection, record, regimes)
    missing = not_covered(selection, scope, record)
    if missing is not None:
        return _uncovered(scope, record, missing)
    if quantity.subject == "count":
        return judge_count(claim, quantity.name, claimed, scope)
    if claim.relation in ON_THE_NUMBER:
        return judge_rate(claim, quantity.name, claimed, scope)
    return judge_chance(claim, quantity.name, claimed, scope)


def _uncovered(scope: Scope, record: Record, missing: str) -> Part:
    last = reaches_to(record)
    until = "has no dated row" if last is None else f"reaches to {day(last)}"
    return Part(
        "cannot be checked",
        f"the record {until}, and the claim is about more",
        (f"Rows of the period that are there: {extent(scope.rows)}.",),
        row_ranges(scope.rows),
        (missing,),
        may_write=f"The rows published so far cover {extent(scope.rows)} of that period",
        may_not_write="that the published rows bear it out, or contradict it",
    )


def _with_words(
    claim: Claim,
    quantity: Term,
    claimed: Decimal,
    record: Record,
    regimes: Sequence[RegimeRows],
    of_words: Selection,
    part: Part,
) -> Part:
    """The part, with a caveat where the words name another period and the figure does not fit that one."""
    other = _of_rows(claim, quantity, claimed, record, regimes, of_words)
    if other.verdict in ("holds", "holds only as stated"):
        return part
    period = span(of_words.date_from, of_words.date_to)
    rows = scope_of(of_words, record).rows
    caveat = Caveat("definition", f"the words speak of {period}, which has {extent(rows)}: {other.because}")
    return msgspec.structs.replace(part, caveats=(*part.caveats, caveat)).settled


def _duty(claim: Claim, record: Record) -> Part:
    rows: tuple[Row, ...] = claim.selection.of(record.rows)
    shown = tuple(tell(name, rows) for name in claim.beside)
    return Part(
        "cannot be checked",
        "a table of results cannot show it" + (f". What the record does show: {' '.join(shown)}" if shown else ""),
        shown,
        row_ranges(rows) if shown else (),
        claim.needs or (DUTY_NEEDS,),
        may_write=f"{claim.said_by or 'The force'} said so{f' on {claim.said_on}' if claim.said_on else ''}; what has "
        "been published does not show it either way",
        may_not_write="that it was done, or that it was not",
    )


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text else f"{text[0].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")
