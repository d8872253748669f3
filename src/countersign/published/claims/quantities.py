"""What a claim may be about and what it may say of it: quantities and relations, taken apart and checked.

A quantity is a sum over rows, a measure, a figure of each row and its place among them (median, mean, least, most), a
share of deployments, a count per head of a population, what a seeded test gave, a share or ratio by group, or a duty
(``docs/formats/claims.md``).

>>> term("share_of_false_alerts:ethnicity=Black").group, term("ratio_of_false_alert_rates:ethnicity").event
('Black', 'false_alerts')
>>> term("share_of_deployments:arrests=0").of, term("median_of:false_alerts_per_face").statistic
('arrests', 'median')
>>> term("false_alerts_per_fase")
Traceback (most recent call last):
...
countersign.published.claims.quantities.UnknownQuantity: quantity 'false_alerts_per_fase' is not known (did you ...?)
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal, NamedTuple

from countersign.errors import WrongForm
from countersign.published.group_counts import EVENT_NAMES
from countersign.published.strict_csv import nearest
from countersign.published.table.measures import MEASURES, QUANTITIES

Subject = Literal["count", "measure", "spread", "part", "head", "seeded", "share", "ratio", "duty"]

#: Relation: what it says of the quantity and the value.
RELATIONS: dict[str, str] = {
    "equals": "the recorded number is the value",
    "sum_equals": "the sum over the rows of a size each row states is the value",
    "together": "the quantities together are the value",
    "one_in": "the recorded rate is 1 in the value",
    "at_most": "the recorded number, or the chance, is not above the value",
    "at_least": "the recorded number, or the chance, is not below the value",
    "at_most_one_in": "the chance is at most 1 in the value",
    "less_than_one_in": "the chance is below 1 in the value",
    "fell_by": "it is lower than what it is compared with, by the value as a share of that",
    "rose_by": "it is higher than what it is compared with, by the value as a share of that",
    "times": "it is the value times what it is compared with",
    "more_than_times": "it is more than the value times what it is compared with",
    "less_than_times": "it is less than the value times what it is compared with",
    "no_difference": "the groups do not differ",
    "stated": "it is said to be so",
}
#: Relations that set the figure beside another: of other rows, or of a benchmark.
COMPARING = ("fell_by", "rose_by", "times", "more_than_times", "less_than_times")
#: Subject: the relations that fit it.
FITTING: dict[Subject, tuple[str, ...]] = {
    "count": ("equals", "sum_equals", "at_most", "at_least", "together", *COMPARING),
    "measure": ("equals", "one_in", "at_most", "at_least", "at_most_one_in", "less_than_one_in", *COMPARING),
    "spread": ("equals", "at_most", "at_least"),
    "part": ("equals", "at_most", "at_least"),
    "head": ("equals", "one_in", "at_most", "at_least"),
    "seeded": ("equals", "at_most", "at_least"),
    "share": ("equals", "at_most", "at_least"),
    "ratio": ("no_difference", "at_most", "at_least"),
    "duty": ("stated",),
}
#: Relations that are judged on the recorded number wherever the quantity is a measure or a share; the others, which
#: speak of a chance, are judged on the interval.
ON_THE_NUMBER = frozenset({"equals", "sum_equals", "together", "one_in"})
#: Relations that take no value.
WITHOUT_VALUE = frozenset({"no_difference", "stated"})

_EVENTS: dict[str, str] = {name: event for name, event in EVENT_NAMES.items() if name == event}
_SHARE = re.compile(r"share_of_(?P<event>[a-z_]+):(?P<attribute>[a-z_]+)=(?P<group>[^=]+)")
_RATIO = re.compile(r"ratio_of_(?P<event>[a-z_]+)_rates:(?P<attribute>[a-z_]+)(?:=(?P<group>[^=]+))?")
_DUTY = re.compile(r"duty:(?P<duty>[a-z0-9]+(?:[.-][a-z0-9]+)+)")
_SPREAD = re.compile(r"(?P<statistic>median|mean|least|most)_of:(?P<of>[a-z_]+)")
_PART = re.compile(r"share_of_deployments:(?P<of>[a-z_]+)(?P<op>>=|<=|=|>|<)(?P<than>[0-9]{1,12}(?:\.[0-9]{1,12})?)")
_HEAD = re.compile(r"per_head:(?P<of>[a-z_]+)")
SEEDED: dict[str, str] = {
    "seeded:recognised": "passes of seeded people with an alert",
    "seeded:missed": "passes of seeded people without an alert",
}


class UnknownQuantity(
    WrongForm, code="claim-unknown-quantity", next_step="Use one of the quantities listed in docs/formats/claims.md."
):
    """A claim is about a quantity that does not exist."""


class UnknownRelation(
    WrongForm,
    code="claim-unknown-relation",
    next_step="Use one of the relations listed in docs/formats/claims.md for that kind of quantity.",
):
    """A claim uses a relation that does not exist, or one that does not fit its quantity."""


class Term(NamedTuple):
    """A quantity taken apart: what kind it is of; for groups the event, attribute and group; for duties the id.

    ``of``: the count or measure that a statistic of rows, a share of deployments (``op``, ``than``) or a number per
    head is of.
    """

    name: str
    subject: Subject
    event: str = ""
    attribute: str = ""
    group: str = ""
    duty: str = ""
    of: str = ""
    statistic: str = ""
    op: str = ""
    than: Decimal = Decimal(0)


def term(quantity: str) -> Term:
    """The quantity taken apart. Raises ``UnknownQuantity``, naming the nearest one that is known."""
    if quantity in QUANTITIES:
        return Term(quantity, "count")
    if quantity in MEASURES:
        return Term(quantity, "measure")
    if quantity in SEEDED:
        return Term(quantity, "seeded")
    found = _of_rows(quantity)
    if found is not None:
        return found
    if match := _SHARE.fullmatch(quantity):
        if match["event"] in _EVENTS:
            return Term(quantity, "share", match["event"], match["attribute"], match["group"])
    elif match := _RATIO.fullmatch(quantity):
        if f"{match['event']}s" in _EVENTS:
            return Term(quantity, "ratio", f"{match['event']}s", match["attribute"], match["group"] or "")
    elif match := _DUTY.fullmatch(quantity):
        return Term(quantity, "duty", duty=match["duty"])
    raise UnknownQuantity(f"quantity {quantity!r} is not known{nearest(quantity, _names())}")


def _of_rows(quantity: str) -> Term | None:
    if match := _SPREAD.fullmatch(quantity):
        if match["of"] in QUANTITIES or match["of"] in MEASURES:
            return Term(quantity, "spread", of=match["of"], statistic=match["statistic"])
    elif match := _PART.fullmatch(quantity):
        if match["of"] in QUANTITIES or match["of"] in MEASURES:
            return Term(quantity, "part", of=match["of"], op=match["op"], than=Decimal(match["than"]))
    elif (match := _HEAD.fullmatch(quantity)) and match["of"] in QUANTITIES:
        return Term(quantity, "head", of=match["of"])
    return None


def check_relation(relation: str, quantity: Term) -> None:
    """Raises ``UnknownRelation`` where the relation is not known or does not fit the quantity."""
    if relation not in RELATIONS:
        raise UnknownRelation(f"relation {relation!r} is not known{nearest(relation, tuple(RELATIONS))}")
    fitting = FITTING[quantity.subject]
    if relation not in fitting:
        what = f"{quantity.name!r} (a {_KINDS.get(quantity.subject, quantity.subject)})"
        raise UnknownRelation(f"relation {relation!r} does not fit {what}: {', '.join(fitting)} would")


_KINDS: dict[Subject, str] = {
    "spread": "statistic of rows",
    "part": "share of deployments",
    "head": "count per head",
    "seeded": "seeded test",
}


def _names() -> tuple[str, ...]:
    shares = (f"share_of_{event}:attribute=group" for event in _EVENTS)
    ratios = (f"ratio_of_{event.removesuffix('s')}_rates:attribute" for event in _EVENTS)
    rows = (f"{statistic}_of:{name}" for statistic in ("median", "mean", "least", "most") for name in QUANTITIES)
    heads = (f"per_head:{name}" for name in QUANTITIES)
    return (*QUANTITIES, *MEASURES, *SEEDED, *shares, *ratios, *rows, *heads, "share_of_deployments:arrests=0", "duty:")
