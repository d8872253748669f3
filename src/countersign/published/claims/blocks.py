"""Judged claims as document blocks: one table of all, then each with its arithmetic and what may be written.

Only tells what ``claims.judge`` found; it decides nothing. The order is that of the claims file.

>>> [type(block).__name__ for block in claims_blocks(())]
['Paragraph']
"""

from __future__ import annotations

from collections.abc import Sequence

from countersign.document import Block, Cell, Column, Finding, Items, Paragraph, Table, WritePair
from countersign.published.claims.verdicts import MEANINGS, Judged
from countersign.words.dates import dated

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
    return Table(
        "claims-table",
        "Every claim with what the rows give",
        (Column("claim", "Claim"), Column("by", "Said by", narrow=True), Column("on", "When", narrow=True),
         Column("verdict", "What the rows give")),
        tuple(
            (
                Cell(entry.claim.statement, link=f"#{_anchor(entry)}"),
                Cell(entry.claim.said_by),
                Cell(dated(entry.claim.said_on)),
                Cell(entry.verdict, rows=entry.rows),
            )
            for entry in judged
        ),
    )  # fmt: skip


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
        details.append(
            ("With the rows as printed, without corrections", f"{entry.verdict_as_printed}: {entry.because_as_printed}")
        )
    return Finding(_anchor(entry), entry.verdict, claim.statement, entry.because, tuple(details), entry.rows)


def _anchor(entry: Judged) -> str:
    return f"claim-{entry.claim.id}"
