"""The number that the words of a claim divide by: faces, people or alerts that its events came of, right or wrong.

>>> divided_by("8 alerts of the 9,756 faces on the list")
Divided(number=Decimal('9756'), quantity='faces_seen', called='faces')
>>> divided_by("1 in 33,000 faces"), divided_by("at a watchlist of 10,000 faces")
(None, None)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from countersign.published.claims.claim import Claim
from countersign.published.claims.counts import compare
from countersign.published.claims.rows import Scope
from countersign.published.claims.verdict import Caveat, Part
from countersign.published.table.measures import MEASURES, QUANTITIES, Total, amount_of, both, row_ranges, total, value
from countersign.published.table.record import Row
from countersign.words.intervals import one_in
from countersign.words.lists import listing
from countersign.words.numbers import exact

#: What events are counted of, whatever a claim divides them by, the first as it is meant where nothing says.
_COUNTED_OF: Mapping[str, tuple[str, ...]] = {
    "alerts": ("faces_seen",),
    **dict.fromkeys(("true_alerts", "false_alerts", "false_alerts_at_most"), ("faces_seen", "alerts")),
    "arrests": ("faces_seen", "alerts", "true_alerts", "engagements", "deployments"),
    "engagements": ("faces_seen", "alerts"),
    "false_alert_engagements": ("false_alerts", "alerts", "faces_seen"),
    "true_alert_engagements": ("true_alerts", "alerts", "faces_seen"),
}
#: What words call a number that events come of: faces, or people who are meant for faces; alerts, true, false or all.
_FACES = r"faces|people|persons|individuals|passers-by|pedestrians|citizens|members of the public"
_DIVIDED = re.compile(
    r"\b(?:of|among|from|out of|(?<!\b1 )(?<!\bone )in)(?: all)?(?: the)? (?P<number>[0-9][0-9,]*)"
    rf"(?: (?P<which>true|false))?(?: [a-z]+)?? (?:(?P<faces>{_FACES})|(?P<alerts>alerts|matches))\b",
    re.IGNORECASE,
)
#: Before "of 10,000 faces": what is on a list has not passed.
_OF_A_LIST = re.compile(r"\b(?:watch)?lists?\s*$|\bdatabases?\s*$|\bgaller(?:y|ies)\s*$", re.IGNORECASE)


class Divided(NamedTuple):
    """A number that words divide by: what it would be, and how they call it."""

    number: Decimal
    quantity: str
    called: str


def divided_by(statement: str) -> Divided | None:
    """The number of faces, people or alerts that the words of a claim say its events came of."""
    for match in _DIVIDED.finditer(statement):
        if _OF_A_LIST.search(statement[: match.start()]):
            continue
        alerts = f"{match['which'].lower()}_alerts" if match["which"] else "alerts"
        number = Decimal(match["number"].replace(",", ""))
        return Divided(number, "faces_seen" if match["faces"] else alerts, match["faces"] or match["alerts"])
    return None


def wrong_denominator(claim: Claim, name: str, scope: Scope, *, covered: bool = True) -> Part | None:
    """The judgement where the words divide by another number than the events came of; ``None`` where they do not.

    ``of`` counts, and without it a number that the words call faces, people or alerts. Where some rows print no such
    number, or are missing (not ``covered``), only a number that is less than the others hold, or is that of something
    else, is seen to be wrong.
    """
    measure = MEASURES.get(name)
    events_of = name if measure is None else measure.numerator
    counted_of = (measure.denominator,) if measure is not None else _COUNTED_OF.get(name, ())
    words = divided_by(claim.statement)
    if words is not None and words.quantity not in counted_of:
        words = None
    number = claim.of if claim.of is not None else None if words is None else words.number
    if number is None or not counted_of or (claim.of is None and number in claim.value):
        return None
    if words is not None and words.number == number:
        counted_of = (words.quantity,)
    rows = scope.rows if measure is None else both(scope.rows, measure)
    sums = {of: total(rows, of) for of in counted_of}
    known = {of: summed for of, summed in sums.items() if summed.amount is not None and not summed.bounded}
    events = total(rows, events_of).amount
    if not known or events is None:
        return None
    if meant := [of for of, summed in known.items() if _is(summed, number)]:
        return _apart(rows, events_of, meant[0]) if measure is None else None
    others = (quantity for quantity in QUANTITIES if quantity not in (*counted_of, "deployments"))
    same = [quantity for quantity in others if (amount := total(rows, quantity).amount) and amount == number]
    if not same and not all(
        (covered and summed.complete) or number < (summed.amount or 0) for summed in known.values()
    ):
        return None
    not_of = f"not the number of {listing([QUANTITIES[of] for of in known], 'or')}"
    what = f"the number of {QUANTITIES[same[0]]}" if same else not_of
    of, right = next((of, Fraction(summed.amount or 0)) for of, summed in known.items())
    came = f"the {amount_of(events, QUANTITIES[events_of])} came of {amount_of(right, QUANTITIES[of])}"
    because = f"the claim divides by {exact(number)}, {what} in these rows; {came}"
    rate = "" if not events else f" ({one_in(float(right / Fraction(events)))})"
    return Part("does not hold", because, (f"{came}{rate}.",), row_ranges(rows))


def _apart(rows: Sequence[Row], events: str, of: str) -> Part | None:
    """What is said where some of the events came in rows without what they are divided by; ``None`` where none did."""
    apart = sum(int(value(row, events) or 0) for row in rows if not value(row, of))
    if not apart:
        return None
    text = f"{amount_of(apart, QUANTITIES[events])} came in rows that print no {QUANTITIES[of]}"
    return Part("holds", text, caveats=(Caveat("definition", text),)).settled


def _is(summed: Total, number: Decimal) -> bool:
    return summed.amount is not None and compare(Fraction(summed.amount), number) == "equal"
