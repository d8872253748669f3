"""Judged claims as document blocks: one table of all, then each with its arithmetic and what may be written.

Only tells what ``claims.judge`` found; it decides nothing. The order is that of the claims file.

>>> [type(block).__name__ for block in claims_blocks(())]
['Paragraph']
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.document import Block, Cell, Column, Finding, Items, Paragraph, Table, WritePair
from countersign.published.claims.verdicts import MEANINGS, Judged
from countersign.words.phrases import dated

NONE_GIVEN = (
    "No claims were given. A file of claims can be given beside the record; each is then reproduced from the rows."
)
ROUNDING = (
    "Rounding rule: a count must be equal to the last digit; a rate, a share or a “1 in N” must agree when the "
    "recorded figure is rounded half up to as many significant figures as the claim prints, where zeros at the end of "
    "a whole number are not counted. A claim of a chance is judged on the exact 95 per cent interval, not on the "
    "estimate."
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
    for one in judged:
        blocks.append(_finding(one))
        blocks.append(WritePair(one.may_write, one.may_not_write, one.why_not))
    return tuple(blocks)


def _overview(judged: Sequence[Judged]) -> Table:
    return Table(
        "claims-table",
        "Every claim with what the rows give",
        (Column("claim", "Claim"), Column("by", "Said by", narrow=True), Column("on", "When", narrow=True),
         Column("verdict", "What the rows give")),
        tuple(
            (
                Cell(one.claim.statement, link=f"#{_anchor(one)}"),
                Cell(one.claim.said_by),
                Cell(dated(one.claim.said_on)),
                Cell(one.verdict, rows=one.rows),
            )
            for one in judged
        ),
    )  # fmt: skip


def _finding(one: Judged) -> Finding:
    claim = one.claim
    details = [
        ("Said by", f"{claim.said_by}{f', {dated(claim.said_on)}' if claim.said_on else ''} ({claim.where})"),
        *(("Misleading across" if caveat.kind == "regime" else "Misleading by", f"{caveat.kind}: {caveat.text}")
          for caveat in one.caveats),
        *((f"Step {number}", step) for number, step in enumerate(one.arithmetic, start=1)),
        *(("Missing", item) for item in one.missing),
        *((("Note", claim.note),) if claim.note else ()),
    ]  # fmt: skip
    if one.verdict_as_printed is not None:
        details.append(
            ("With the rows as printed, without corrections", f"{one.verdict_as_printed}: {one.because_as_printed}")
        )
    return Finding(_anchor(one), one.verdict, claim.statement, one.because, tuple(details), one.rows)


def _anchor(one: Judged) -> str:
    return f"claim-{one.claim.id}"
