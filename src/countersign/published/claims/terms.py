"""The words a claim may use for its figure: legal quantities and relations, and which relation fits which quantity.

A quantity is a sum over rows (``faces_seen``), a measure (``false_alerts_per_face``), a share or ratio of counts by
group (``share_of_false_alerts:ethnicity=Black``, ``ratio_of_false_alert_rates:ethnicity``) or a duty
(``duty:uk.wl.bespoke``). ``docs/formats/claims.md`` lists them all, and a test keeps that list true.

>>> term("share_of_false_alerts:ethnicity=Black").group, term("ratio_of_false_alert_rates:ethnicity").event
('Black', 'false_alerts')
>>> term("false_alerts_per_fase")
Traceback (most recent call last):
...
countersign.published.claims.terms.UnknownQuantity: quantity 'false_alerts_per_fase' is not known (did you mean ...?)
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from countersign.errors import WrongForm
from countersign.published.forms.strict_csv import nearest
from countersign.published.groups.counts import EVENT_NAMES
from countersign.published.table.measures import MEASURES, QUANTITIES

Subject = Literal["count", "measure", "share", "ratio", "duty"]

#: Relation: what it says of the quantity and the value.
RELATIONS: dict[str, str] = {
    "equals": "the recorded number is the value",
    "sum_equals": "the sum over the rows of a size each row states is the value",
    "one_in": "the recorded rate is 1 in the value",
    "at_most": "the recorded number, or the chance, is not above the value",
    "at_least": "the recorded number, or the chance, is not below the value",
    "at_most_one_in": "the chance is at most 1 in the value",
    "less_than_one_in": "the chance is below 1 in the value",
    "no_difference": "the groups do not differ",
    "stated": "it is said to be so",
}
#: Subject: the relations that fit it.
FITTING: dict[Subject, tuple[str, ...]] = {
    "count": ("equals", "sum_equals", "at_most", "at_least"),
    "measure": ("equals", "one_in", "at_most", "at_least", "at_most_one_in", "less_than_one_in"),
    "share": ("equals", "at_most", "at_least"),
    "ratio": ("no_difference",),
    "duty": ("stated",),
}
#: Relations that are judged on the recorded number wherever the quantity is a measure or a share; the others, which
#: speak of a chance, are judged on the interval.
ON_THE_NUMBER = frozenset({"equals", "sum_equals", "one_in"})
#: Relations that take no value.
WITHOUT_VALUE = frozenset({"no_difference", "stated"})

_EVENTS: dict[str, str] = {name: event for name, event in EVENT_NAMES.items() if name == event}
_SHARE = re.compile(r"share_of_(?P<event>[a-z_]+):(?P<attribute>[a-z_]+)=(?P<group>[^=]+)")
_RATIO = re.compile(r"ratio_of_(?P<event>[a-z_]+)_rates:(?P<attribute>[a-z_]+)(?:=(?P<group>[^=]+))?")
_DUTY = re.compile(r"duty:(?P<duty>[a-z0-9]+(?:[.-][a-z0-9]+)+)")


class UnknownQuantity(WrongForm):
    """A claim is about a quantity that does not exist."""

    code = "claim-unknown-quantity"
    next_step = "Use one of the quantities listed in docs/formats/claims.md."


class UnknownRelation(WrongForm):
    """A claim uses a relation that does not exist, or one that does not fit its quantity."""

    code = "claim-unknown-relation"
    next_step = "Use one of the relations listed in docs/formats/claims.md for that kind of quantity."


class Term(NamedTuple):
    """A quantity taken apart: what kind it is of, and for groups the event, attribute and group; for duties the id."""

    name: str
    subject: Subject
    event: str = ""
    attribute: str = ""
    group: str = ""
    duty: str = ""


def term(quantity: str) -> Term:
    """The quantity taken apart. Raises ``UnknownQuantity``, naming the nearest one that is known."""
    if quantity in QUANTITIES:
        return Term(quantity, "count")
    if quantity in MEASURES:
        return Term(quantity, "measure")
    if found := _SHARE.fullmatch(quantity):
        if found["event"] in _EVENTS:
            return Term(quantity, "share", found["event"], found["attribute"], found["group"])
    elif found := _RATIO.fullmatch(quantity):
        if f"{found['event']}s" in _EVENTS:
            return Term(quantity, "ratio", f"{found['event']}s", found["attribute"], found["group"] or "")
    elif found := _DUTY.fullmatch(quantity):
        return Term(quantity, "duty", duty=found["duty"])
    raise UnknownQuantity(f"quantity {quantity!r} is not known{nearest(quantity, _names())}")


def check_relation(relation: str, quantity: Term) -> None:
    """Raises ``UnknownRelation`` where the relation is not known or does not fit the quantity."""
    if relation not in RELATIONS:
        raise UnknownRelation(f"relation {relation!r} is not known{nearest(relation, tuple(RELATIONS))}")
    fitting = FITTING[quantity.subject]
    if relation not in fitting:
        raise UnknownRelation(
            f"relation {relation!r} does not fit {quantity.name!r} (a {quantity.subject}): {', '.join(fitting)} would"
        )


def _names() -> tuple[str, ...]:
    shares = (f"share_of_{event}:attribute=group" for event in _EVENTS)
    ratios = (f"ratio_of_{event.removesuffix('s')}_rates:attribute" for event in _EVENTS)
    return (*QUANTITIES, *MEASURES, *shares, *ratios, "duty:")
