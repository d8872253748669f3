"""Claims that a duty is met ("cameras are clearly signposted"): not to be checked from a table, and told so.

A table of results shows what came out, not how a deployment was planned, built or run. The verdict is always "cannot be
checked", with what would have to be seen; what the record does show that bears on it is set beside the words as plain
counts (``claim_context``). Duties themselves are judged elsewhere, from a record of the deployment.
"""

from __future__ import annotations

from countersign.published.claims.claim import Claim
from countersign.published.claims.context import tell
from countersign.published.claims.verdicts import Part
from countersign.published.table.measures import row_ranges
from countersign.published.table.record import Record
from countersign.words.phrases import dated

#: What is missing where the claim itself does not say.
NEEDED = "evidence of the duty itself: a table of counts shows results, not how a deployment was planned or run"


def judge_duty(claim: Claim, record: Record) -> Part:
    """A claim that something was done as a duty asks."""
    rows = claim.selection.of(record.rows)
    shown = tuple(tell(name, rows) for name in claim.beside)
    said = f" ({dated(claim.said_on)})" if claim.said_on else ""
    return Part(
        "cannot be checked",
        "a table of results cannot show it" + (f". What the record does show: {' '.join(shown)}" if shown else ""),
        shown,
        row_ranges(rows) if shown else (),
        claim.needs or (NEEDED,),
        may_write=f"{claim.said_by or 'The force'} said so{said}; what has been published does not show it either way",
    )
