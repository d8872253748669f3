"""The section on claims: every claim once, linked, with its arithmetic and what may be written."""

from __future__ import annotations

import datetime
from decimal import Decimal

import msgspec

from countersign.document import Finding, Table, WritePair
from countersign.published.claims.judge import Claim, claims_blocks, judge
from countersign.published.table.record import Record, Row

DAY = datetime.date(2024, 3, 1)
RECORD = Record((), tuple(Row("a", place, date=DAY, arrests=2, watchlist_size=100) for place in (1, 2, 3)))


def claim(identifier: str, quantity: str, value: int) -> Claim:
    return Claim(id=identifier, statement=f"about {quantity}", quantity=(quantity,), relation="equals",
                 value=(Decimal(value),), said_by="someone", said_on="2024", where="a paper",
                 note="a note")  # fmt: skip


def test_each_claim_is_a_finding_a_row_of_the_table_and_a_pair() -> None:
    claims = [claim("one", "arrests", 6), claim("two", "watchlist_size", 300), claim("three", "arrests", 7)]
    blocks = claims_blocks(judge(claims, RECORD))
    findings = [block for block in blocks if isinstance(block, Finding)]
    assert [(found.anchor, found.status) for found in findings] == [
        ("claim-one", "holds"), ("claim-two", "holds only as stated"), ("claim-three", "does not hold"),
    ]  # fmt: skip
    (table,) = [block for block in blocks if isinstance(block, Table)]
    assert [row[0].link for row in table.rows] == ["#claim-one", "#claim-two", "#claim-three"]
    pairs = [block for block in blocks if isinstance(block, WritePair)]
    assert [pair.may for pair in pairs] == [
        "The force recorded 6 arrests, over 3 deployments (1 March 2024).",
        "The force recorded 300 watchlist entries, over 3 deployments (1 March 2024).",
        "The force recorded 6 arrests, over 3 deployments (1 March 2024).",
    ]
    assert "about watchlist_size" in pairs[1].may_not
    assert "about arrests" not in pairs[0].may_not
    labels = dict(findings[1].details)
    assert labels["Said by"] == "someone, 2024 (a paper)"
    assert labels["Step 2"].startswith("Sum of watchlist entries: 300")
    assert labels["Misleading by"].startswith("repeat counting")
    assert labels["Note"] == "a note"
    assert findings[0].rows[0].last == 3


def test_what_the_rows_as_printed_give_is_told() -> None:
    moved = msgspec.structs.replace(RECORD.rows[0], date=datetime.date(2023, 3, 1))
    printed = msgspec.structs.replace(RECORD, rows=(moved, *RECORD.rows[1:]))
    of_the_year = msgspec.structs.replace(claim("one", "arrests", 6), date_from=DAY)
    (finding,) = [block for block in claims_blocks(judge([of_the_year], RECORD, printed=printed))
                  if isinstance(block, Finding)]  # fmt: skip
    assert finding.status == "holds"
    assert finding.details[-1] == (
        "With the rows as printed, without corrections",
        "does not hold: The rows give 4 arrests; the claim says 6.",
    )
