"""Judge public claims on the rows, each with its arithmetic and one of five verdicts, and show them as blocks.

Nothing turns on who said it: the verdict follows from quantity, relation, scope, regimes and interval. Where
corrections were applied, ``record`` is the corrected record and ``printed`` the record as printed; the verdict is that
of the corrected rows, and what the rows as printed give stands beside it where it differs.

>>> from countersign.published.table.record import Row
>>> import datetime
>>> record = Record((), (Row("a", 1, date=datetime.date(2020, 2, 27), faces_seen=8600, false_alerts=7),))
>>> claim = Claim(id="c", statement="at most 1 in 1,000", quantity=("false_alerts_per_face",),
...     relation="at_most_one_in", value=(Decimal(1000),))
>>> judge([claim], record)[0].verdict
'neither shown nor refuted'
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple, TypeVar

import msgspec

from countersign.document import Block, Finding, Items, Paragraph, Table, WritePair
from countersign.grids import Grid, column
from countersign.published.audit_samples import AuditStudy
from countersign.published.claims.beyond import beyond_figure
from countersign.published.claims.brought import judge_head, judge_seeded
from countersign.published.claims.chances import judge_chance
from countersign.published.claims.claim import Claim
from countersign.published.claims.comparisons import Pair, judge_against_benchmark, judge_comparison
from countersign.published.claims.context import judge_duty
from countersign.published.claims.counts import judge_count, judge_rate, judge_together, parts_that_add_up
from countersign.published.claims.denominators import wrong_denominator
from countersign.published.claims.ends import judged_at_ends, quantities_of
from countersign.published.claims.file import read_claims
from countersign.published.claims.groups import judge_ratio, judge_share
from countersign.published.claims.quantities import COMPARING, ON_THE_NUMBER, Term, term
from countersign.published.claims.rows import (
    OTHER_WAY,
    Either,
    RegimeRows,
    extent,
    not_covered,
    recorded_in,
    scope_of,
    turned_row,
)
from countersign.published.claims.spreads import judge_part, judge_spread
from countersign.published.claims.verdict import MEANINGS, Caveat, Judged, Part, Verdict, worst
from countersign.published.group_counts import Baseline, GroupCount, same_force
from countersign.published.table.measures import QUANTITIES, Selection, row_ranges, total
from countersign.published.table.record import Document, Record
from countersign.words.dates import dated, day, span
from countersign.words.lists import listing
from countersign.words.numbers import count

__all__ = ["Claim", "Judged", "claims_blocks", "judge", "read_claims"]

Item = TypeVar("Item")


class Sources(NamedTuple):
    """What claims are judged on."""

    record: Record
    regimes: tuple[RegimeRows, ...]
    groups: tuple[GroupCount, ...]
    baselines: tuple[Baseline, ...]
    audits: tuple[AuditStudy, ...] = ()


def judge(
    claims: Sequence[Claim],
    record: Record,
    *,
    regimes: Sequence[RegimeRows] = (),
    groups: Sequence[GroupCount] = (),
    baselines: Sequence[Baseline] = (),
    audits: Sequence[AuditStudy] = (),
    printed: Record | None = None,
) -> tuple[Judged, ...]:
    """Judge each claim, in the order given.

    ``regimes`` are those of ``record``, by position of row; without them rates are split by threshold. ``audits``: the
    studies of people counted passing (``published.audit_samples``). ``printed``: the record before corrections, row for
    row, where any were applied.
    """
    sources = Sources(record, tuple(regimes), tuple(groups), tuple(baselines), tuple(audits))
    judged = tuple(_judge(claim, sources) for claim in claims)
    if printed is None:
        return judged
    before = sources._replace(record=printed)
    return tuple(_beside_printed(entry, _judge(entry.claim, before)) for entry in judged)


def _beside_printed(judged: Judged, before: Judged) -> Judged:
    if before.verdict == judged.verdict and before.arithmetic == judged.arithmetic:
        return judged
    return msgspec.structs.replace(judged, verdict_as_printed=before.verdict, because_as_printed=before.because)


def _judge(claim: Claim, sources: Sources) -> Judged:
    terms = [term(quantity) for quantity in claim.quantity]
    narrowed = narrow(claim, terms, sources)
    parts = [narrowed] if isinstance(narrowed, Part) else _parts(claim, terms, narrowed, claim.selection)
    if not isinstance(narrowed, Part) and all(part.verdict in ("holds", "holds only as stated") for part in parts):
        parts = [*parts[:-1], _with_words(claim, terms, narrowed, parts[-1])]
    beyond = beyond_figure(claim, claim.selection.of(sources.record.rows))
    parts = [*parts[:-1], msgspec.structs.replace(parts[-1], caveats=(*parts[-1].caveats, *beyond)).settled]
    verdict = worst(part.verdict for part in parts)
    because = _sentence("; ".join(_once(part.because for part in parts)))
    steps = _once(step for part in parts for step in part.arithmetic)
    rows = _once(span_of_rows for part in parts for span_of_rows in part.rows)
    missing = _once(item for part in parts for item in part.missing)
    caveats = _once(caveat for part in parts for caveat in part.caveats)
    may_write = _may_write(parts), *_may_not_write(claim, verdict, parts)
    return Judged(claim, verdict, because, steps, rows, missing, caveats, *may_write)


def narrow(claim: Claim, terms: Sequence[Term], sources: Sources) -> Sources | Part:
    """The sources of the claim's force, release and document; a judgement where the record holds none of them."""
    if all(quantity.subject in ("share", "ratio", "duty", "seeded") for quantity in terms):
        return sources
    record, documents = sources.record, list(sources.record.documents)
    publishers = sorted({document.publisher for document in documents if document.publisher})
    if claim.force and publishers:
        documents = [document for document in documents if same_force(claim.force, document.publisher)]
        if not documents:
            because = f"the claim is about another force: the record is of {listing(publishers)}, not {claim.force}"
            may_write = f"What has been read is of {listing(publishers)}, not of {claim.force}"
            return Part("cannot be checked", because, missing=(f"what {claim.force} published",), may_write=may_write)
    if claim.document:
        documents = [document for document in documents if document.id == claim.document]
        if not documents:
            because = f"the claim is about a document that is not among those read ({claim.document})"
            return Part("cannot be checked", because, missing=(f"the document {claim.document}",))
    if claim.release is not None:
        documents = [document for document in documents if _by(document, claim.release)]
        if not documents:
            because = (
                f"the claim is about what was published by {day(claim.release)}, and no document read bears such a date"
            )
            return Part(
                "cannot be checked", because, missing=(f"the release of {day(claim.release)}, or one before it",)
            )
    if len(documents) == len(record.documents):
        return sources
    ids = {document.id for document in documents}
    places = [place for place, row in enumerate(record.rows) if row.document in ids]
    now = {place: number for number, place in enumerate(places)}
    kept = msgspec.structs.replace(
        record, documents=tuple(documents), rows=tuple(record.rows[place] for place in places)
    )
    regimes = tuple(
        RegimeKept(
            tuple(now[place] for place in regime.rows if place in now), regime.per_face_comparable, regime.face_counts
        )
        for regime in sources.regimes
    )
    return sources._replace(record=kept, regimes=regimes)


class RegimeKept(NamedTuple):
    """A regime in a record of which some documents are left out."""

    rows: tuple[int, ...]
    per_face_comparable: bool
    face_counts: str


def _by(document: Document, last: datetime.date) -> bool:
    try:
        return datetime.date.fromisoformat(document.published) <= last
    except ValueError:  # not dated, or dated to a month or year only
        return False


def _parts(claim: Claim, terms: Sequence[Term], sources: Sources, selection: Selection) -> list[Part]:
    values = claim.value or (Decimal(0),) * len(terms)
    if claim.relation == "together":
        return [_together(claim, terms, sources, selection)]
    pairs = zip(terms, values, strict=True)
    parts = [_part(claim, quantity, claimed, sources, selection) for quantity, claimed in pairs]
    scope = scope_of(selection, sources.record, sources.regimes)
    covered = not_covered(selection, scope, sources.record, claim.start) is None
    wrong = (wrong_denominator(claim, quantity.name, scope, covered=covered) for quantity in terms)
    return [*parts, *(part for part in (*wrong, parts_that_add_up(claim)) if part is not None)]


def _part(claim: Claim, quantity: Term, claimed: Decimal, sources: Sources, selection: Selection) -> Part:
    match quantity.subject:
        case "duty":
            return judge_duty(claim, sources.record)
        case "ratio":
            return judge_ratio(claim, quantity, claimed, sources.groups, sources.baselines, sources.audits)
        case "share":
            return judge_share(claim, quantity, claimed, sources.groups)
        case "seeded":
            return judge_seeded(claim, quantity, claimed)
    against = claim.against if claim.relation in COMPARING else None
    for chosen in (selection, against):
        if chosen is not None and (part := _uncovered(claim, quantity, chosen, sources)) is not None:
            return part

    def judged(record: Record) -> Part:
        return _of_rows(claim, quantity, claimed, sources._replace(record=record), selection)

    if quantity.subject in ("spread", "part"):
        return _both_ways(quantity, judged(sources.record), sources.record, judged)
    selections = [selection] if against is None else [selection, against]
    ended = judged_at_ends(claim, quantity, claimed, sources.record, selections, judged)
    return judged(sources.record) if ended is None else ended


def _both_ways(quantity: Term, part: Part, record: Record, judged: Callable[[Record], Part]) -> Part:
    """A figure of each deployment, with what it rests on where it reads otherwise with unconfirmed alerts turned."""
    names = [name for name in quantities_of(quantity) if name in OTHER_WAY]
    if not names:
        return part
    rows = tuple(turned_row(row, names[0]) for row in record.rows)
    turned = judged(msgspec.structs.replace(record, rows=rows))
    if turned.verdict == part.verdict:
        return part
    way = f"with every unconfirmed alert among {QUANTITIES[names[0]]} counted the other way it is {turned.recorded}"
    return msgspec.structs.replace(part, caveats=(*part.caveats, Caveat("definition", way))).settled


def _of_rows(claim: Claim, quantity: Term, claimed: Decimal, sources: Sources, selection: Selection) -> Part:
    """The judgement of one figure on rows that answer for it, each value as it stands."""
    scope = scope_of(selection, sources.record, sources.regimes)
    match quantity.subject:
        case "spread":
            return judge_spread(claim, quantity, claimed, scope)
        case "part":
            return judge_part(claim, quantity, claimed, scope)
        case "head":
            return judge_head(claim, quantity, claimed, scope)
    if claim.relation in COMPARING:
        against = claim.against
        if against is None:
            return judge_against_benchmark(claim, quantity, claimed, scope)
        other, both = (
            scope_of(each, sources.record, sources.regimes) for each in (against, Either(selection, against))
        )
        return judge_comparison(claim, quantity, claimed, Pair(scope, other, both))
    if quantity.subject == "count":
        return judge_count(claim, quantity.name, claimed, scope)
    if claim.relation in ON_THE_NUMBER:
        return judge_rate(claim, quantity.name, claimed, scope)
    return judge_chance(claim, quantity.name, claimed, scope)


def _together(claim: Claim, terms: Sequence[Term], sources: Sources, selection: Selection) -> Part:
    for quantity in terms:
        if (part := _uncovered(claim, quantity, selection, sources)) is not None:
            return part
    names, scope = [quantity.name for quantity in terms], scope_of(selection, sources.record, sources.regimes)
    sums = [total(scope.rows, name) for name in names]
    if any(summed.bounded for summed in sums):
        low, highs = sum(summed.low or 0 for summed in sums), [summed.high for summed in sums]
        high = None if None in highs else sum(end for end in highs if end is not None)
        label = listing([QUANTITIES[name] for name in names])
        ends = f"{count(low)} {'or more' if high is None else f'to {count(high)}'}"
        outside = claim.value[0] < low or (high is not None and claim.value[0] > high)
        because = f"values printed as bounds give {ends} {label} together; the claim says {count(claim.value[0])}"
        verdict: Verdict = "does not hold" if outside else "cannot be checked"
        return Part(verdict, because, rows=row_ranges(scope.rows), missing=(f"the exact values of {label}",))
    return judge_together(claim, names, claim.value[0], scope)


def _uncovered(claim: Claim, quantity: Term, selection: Selection, sources: Sources) -> Part | None:
    scope = scope_of(selection, sources.record, sources.regimes)
    found = not_covered(selection, scope, sources.record, claim.start)
    if found is None:
        return None
    because, missing = found
    if claim.release is not None:
        because = because.replace("the record ", f"the record as published by {day(claim.release)} ", 1)
    recorded = recorded_in(quantity, scope.rows)
    added = f", with {recorded}" if recorded else ""
    step = f"Rows of the period that are there: {extent(scope.rows)}{added}."
    may_write = f"The rows published so far hold {extent(scope.rows, 'deployment')} of that period{added}"
    if not scope.rows:
        may_write = "What has been read holds no row of that period, place and threshold"
    return Part("cannot be checked", because, (step,), row_ranges(scope.rows), (missing,), may_write=may_write)


def _with_words(claim: Claim, terms: Sequence[Term], sources: Sources, last: Part) -> Part:
    of_words = claim.selection_of_words
    if of_words is None:
        return last
    others = _parts(claim, terms, sources, of_words)
    if all(part.verdict in ("holds", "holds only as stated") for part in others):
        return last
    rows = of_words.of(sources.record.rows)
    recorded = listing([part.recorded for part in others if part.recorded])
    period = f"{span(of_words.date_from, of_words.date_to)}, which has {extent(rows, 'deployment')}"
    text = f"the words speak of {period}{f' with {recorded}' if recorded else ''}"
    return msgspec.structs.replace(last, caveats=(*last.caveats, Caveat("definition", text))).settled


def _may_write(parts: Sequence[Part]) -> str:
    over: dict[str, list[str]] = {}
    for part in parts:
        if part.recorded:
            over.setdefault(part.over, []).append(part.recorded)
    sentences = [f"The force recorded {listing(recorded)}, over {rows}" for rows, recorded in over.items()]
    alone = _once(part.may_write for part in parts if part.may_write)
    return " ".join(_sentence(text) for text in (*sentences, *alone))


def _may_not_write(claim: Claim, verdict: Verdict, parts: Sequence[Part]) -> tuple[str, str]:
    sentences: list[str] = []
    reasons: list[str] = []
    if verdict != "holds":
        sentences.append(claim.statement)
        if verdict in ("does not hold", "neither shown nor refuted"):
            reasons.extend(part.because for part in parts if part.verdict == verdict)
        reasons.extend(caveat.text for part in parts for caveat in part.caveats)
        reasons.extend(f"missing: {item}" for part in parts for item in part.missing if verdict == "cannot be checked")
    for part in parts:
        if part.overreach is not None:
            sentences.append(part.overreach[0])
            reasons.append(part.overreach[1])
    return " ".join(f"“{text}”" for text in _once(sentences)), _sentence("; ".join(_once(reasons)))


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text else f"{text[0].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


NONE_GIVEN = (
    "No claims were given. A file of claims can be given beside the record; each is then reproduced from the rows."
)
ROUNDING = (
    "Rounding rule: a count must be equal to the last digit; a rate, a share or a “1 in N” must agree when the "
    "recorded figure is rounded half up to as many significant figures as the claim prints, where zeros at the end of "
    "a whole number are not counted. A claim of a chance is judged on the 95% interval, allowing for "
    "events in clumps within deployments, not on the estimate."
)


def claims_blocks(judged: Sequence[Judged]) -> tuple[Block, ...]:
    """All claims as blocks; one sentence where there are none."""
    if not judged:
        return (Paragraph(NONE_GIVEN),)
    blocks: list[Block] = [
        Paragraph(ROUNDING, "note"),
        Items(tuple(f"{verdict}: {meaning}" for verdict, meaning in MEANINGS.items())),
        _overview(judged),
    ]
    for entry in judged:
        blocks.append(_finding(entry))
        blocks.append(WritePair(entry.may_write, entry.may_not_write, entry.why_not))
    return tuple(blocks)


def _overview(judged: Sequence[Judged]) -> Table:
    grid = Grid[Judged](
        column("claim", "Claim", lambda entry: entry.claim.statement, link=lambda entry: f"#{_anchor(entry)}"),
        column("by", "Said by", lambda entry: entry.claim.said_by),
        column("on", "When", lambda entry: dated(entry.claim.said_on)),
        column("verdict", "What the rows give", lambda entry: entry.verdict, rows=lambda entry: entry.rows),
    )
    return grid.table("claims-table", "Every claim with what the rows give", judged)


def _finding(entry: Judged) -> Finding:
    claim = entry.claim
    details = [
        ("Said by", f"{claim.said_by}{f', {dated(claim.said_on)}' if claim.said_on else ''} ({claim.where})"),
        *(("Misleading across" if caveat.kind == "regime" else "Misleading by", f"{caveat.kind}: {caveat.text}")
          for caveat in entry.caveats),
        *((f"Step {number}", step) for number, step in enumerate(entry.arithmetic, start=1)),
        *(("Missing", item) for item in entry.missing),
        *((("Note", claim.note),) if claim.note else ()),
    ]  # fmt: skip
    if entry.verdict_as_printed is not None:
        printed = f"{entry.verdict_as_printed}: {entry.because_as_printed}"
        details.append(("With the rows as printed, without corrections", printed))
    return Finding(_anchor(entry), entry.verdict, claim.statement, entry.because, tuple(details), entry.rows, fold=True)


def _anchor(entry: Judged) -> str:
    return f"claim-{entry.claim.id}"
