"""A public claim, the words it may use for its figure, and what may be said of it.

Its words are kept as they were said; ``quantity``, ``relation`` and ``value`` state the figure in them, dates, place
and threshold the rows it is about. A quantity is a sum over rows, a measure, a share or ratio by group, or a duty
(``docs/formats/claims.md``). A verdict is about the figure, never about the person: ``holds only as stated`` always
says which way the number misleads (a ``Caveat``), ``cannot be checked`` always what is missing.

>>> claim = Claim(id="five", statement="nine arrests", quantity=("arrests",), relation="equals", value=(Decimal(9),))
>>> claim.about()
'at any date'
>>> term("share_of_false_alerts:ethnicity=Black").group, term("ratio_of_false_alert_rates:ethnicity").event
('Black', 'false_alerts')
>>> term("false_alerts_per_fase")
Traceback (most recent call last):
...
countersign.published.claims.claim.UnknownQuantity: quantity 'false_alerts_per_fase' is not known (did you mean ...?)
>>> Part("holds", "27 is 27", caveats=(Caveat("repeat counting", "the same list is counted each day"),)).settled.verdict
'holds only as stated'
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

import msgspec

from countersign.document import RowRange
from countersign.errors import WrongForm
from countersign.published.group_counts import EVENT_NAMES
from countersign.published.strict_csv import nearest
from countersign.published.table.measures import MEASURES, QUANTITIES, Selection
from countersign.words.dates import span

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
    if match := _SHARE.fullmatch(quantity):
        if match["event"] in _EVENTS:
            return Term(quantity, "share", match["event"], match["attribute"], match["group"])
    elif match := _RATIO.fullmatch(quantity):
        if f"{match['event']}s" in _EVENTS:
            return Term(quantity, "ratio", f"{match['event']}s", match["attribute"], match["group"] or "")
    elif match := _DUTY.fullmatch(quantity):
        return Term(quantity, "duty", duty=match["duty"])
    raise UnknownQuantity(f"quantity {quantity!r} is not known{nearest(quantity, _names())}")


def check_relation(relation: str, quantity: Term) -> None:
    """Raises ``UnknownRelation`` where the relation is not known or does not fit the quantity."""
    if relation not in RELATIONS:
        raise UnknownRelation(f"relation {relation!r} is not known{nearest(relation, tuple(RELATIONS))}")
    fitting = FITTING[quantity.subject]
    if relation not in fitting:
        what = f"{quantity.name!r} (a {quantity.subject})"
        raise UnknownRelation(f"relation {relation!r} does not fit {what}: {', '.join(fitting)} would")


def _names() -> tuple[str, ...]:
    shares = (f"share_of_{event}:attribute=group" for event in _EVENTS)
    ratios = (f"ratio_of_{event.removesuffix('s')}_rates:attribute" for event in _EVENTS)
    return (*QUANTITIES, *MEASURES, *shares, *ratios, "duty:")


class ClaimImpossible(WrongForm):
    """A claim contradicts itself: it ends before it begins, or has not one value for each quantity."""

    code = "claim-impossible"
    next_step = "Compare the claim with its source and put it right in the claims file."


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """A rate a claim compares with: ``events`` counted, giving 1 in ``one_in`` at a watchlist of ``at_watchlist``.

    Scaling it to another size of watchlist is linear, a model and labelled as one; without ``at_watchlist`` it is not
    scaled. ``events`` of 0 cannot give a rate and is refused.
    """

    id: str
    one_in: Decimal
    events: int
    source: str
    at_watchlist: int | None = None

    def __post_init__(self) -> None:
        if self.one_in < 1 or self.events < 1 or (self.at_watchlist is not None and self.at_watchlist < 1):
            raise ClaimImpossible(f"benchmark {self.id!r}: one_in, events and at_watchlist must be at least 1")


class FaceCountRange(msgspec.Struct, frozen=True, kw_only=True):
    """How far the true number of faces may lie from the printed one: ``low`` to ``high`` times as many, and why."""

    low: float
    high: float
    source: str

    def __post_init__(self) -> None:
        if not 0 < self.low <= 1 <= self.high:
            raise ClaimImpossible(f"face count range {self.low} to {self.high}: needs 0 < low <= 1 <= high")


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One claim. Raises ``UnknownQuantity``, ``UnknownRelation``, or ``ClaimImpossible`` where it contradicts itself.

    ``value`` holds one number for each of ``quantity``, with the digits as given; ``digits``: significant figures
    meant, where trailing zeros would mislead. ``words_from`` and ``words_to``: the period the *words* name, where it is
    another than the figure fits. ``needs``: what would have to be seen to check a duty; ``beside``: what the record
    does show that bears on it (names of ``context.BESIDE``). ``note`` is printed and judged by nobody.
    """

    id: str
    statement: str
    quantity: tuple[str, ...]
    relation: str
    value: tuple[Decimal, ...] = ()
    said_by: str = ""
    said_on: str = ""
    where: str = ""
    date_from: datetime.date | None = None
    date_to: datetime.date | None = None
    place: str | None = None
    threshold: Decimal | None = None
    digits: int | None = None
    words_from: datetime.date | None = None
    words_to: datetime.date | None = None
    force: str = ""
    benchmark: Benchmark | None = None
    face_count: FaceCountRange | None = None
    needs: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if not self.quantity:
            raise ClaimImpossible("it names no quantity")
        for quantity in self.quantity:
            check_relation(self.relation, term(quantity))
        self._check_values()
        for first, last, what in ((self.date_from, self.date_to, "date"), (self.words_from, self.words_to, "words")):
            if first is not None and last is not None and last < first:
                raise ClaimImpossible(f"{what}_to {last} lies before {what}_from {first}")

    def _check_values(self) -> None:
        wanted = 0 if self.relation in WITHOUT_VALUE else len(self.quantity)
        if len(self.value) != wanted:
            takes = f"{wanted} value(s) here ({RELATIONS[self.relation]}), not {len(self.value)}"
            raise ClaimImpossible(f"relation {self.relation!r} takes {takes}")
        if any(not value.is_finite() or value < 0 for value in self.value):
            raise ClaimImpossible("a value is below zero or no number")
        if self.relation.endswith("one_in") and any(value < 1 for value in self.value):
            raise ClaimImpossible("'1 in N' needs an N of at least 1")
        of_chance = self.relation not in ON_THE_NUMBER and term(self.quantity[0]).subject == "measure"
        if of_chance and any(value == 0 for value in self.value):
            raise ClaimImpossible("a chance of 0 cannot be compared with an interval; claim a count of 0 instead")
        if self.benchmark is not None and not of_chance:
            raise ClaimImpossible(f"a benchmark belongs to a claim of a chance, not to relation {self.relation!r}")
        if self.digits is not None and self.digits < 1:
            raise ClaimImpossible(f"digits is {self.digits}; at least one is meant")

    @property
    def selection(self) -> Selection:
        """The rows the figure is about."""
        return Selection(self.date_from, self.date_to, self.place, threshold=self.threshold)

    @property
    def selection_of_words(self) -> Selection | None:
        """The rows the words are about, where they name another period than the figure fits."""
        if self.words_from is None and self.words_to is None:
            return None
        first, last = self.words_from or self.date_from, self.words_to or self.date_to
        return Selection(first, last, self.place, threshold=self.threshold)

    def about(self) -> str:
        """Period, place and threshold in words."""
        parts = [span(self.date_from, self.date_to)]
        if self.place is not None:
            parts.append(f"at {self.place}")
        if self.threshold is not None:
            parts.append(f"at threshold {self.threshold}")
        return ", ".join(parts)


Verdict = Literal["holds", "holds only as stated", "does not hold", "neither shown nor refuted", "cannot be checked"]
CaveatKind = Literal["regime", "definition", "repeat counting"]

#: Verdict: what it says.
MEANINGS: dict[Verdict, str] = {
    "holds": "the rows give the figure, and nothing found in them makes it mislead",
    "holds only as stated": "true of the number, but misleading across a regime, a definition or repeat counting",
    "does not hold": "the rows contradict it",
    "neither shown nor refuted": "the counts are compatible with it and with its opposite",
    "cannot be checked": "what would be needed is not in the sources",
}
#: From least to most in the way of a claim: a claim of several figures has the verdict of its worst one.
_ORDER: tuple[Verdict, ...] = (
    "holds", "holds only as stated", "neither shown nor refuted", "cannot be checked", "does not hold",
)  # fmt: skip


class Caveat(msgspec.Struct, frozen=True):
    """One way in which a true number misleads."""

    kind: CaveatKind
    text: str


class Part(msgspec.Struct, frozen=True):
    """The judgement of one figure of a claim, before it is put together with the others.

    ``recorded`` is the figure as the rows give it and ``over`` the rows it is of; ``may_write`` a whole sentence where
    there is no such figure; ``overreach`` a sentence that goes beyond the figure, with the reason. A part that holds
    with caveats is ``settled`` as holding only as stated; a caveat changes no other verdict.
    """

    verdict: Verdict
    because: str
    arithmetic: tuple[str, ...] = ()
    rows: tuple[RowRange, ...] = ()
    missing: tuple[str, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    recorded: str = ""
    over: str = ""
    may_write: str = ""
    overreach: tuple[str, str] | None = None

    @property
    def settled(self) -> Part:
        """This part with the verdict its caveats leave."""
        if self.verdict == "holds" and self.caveats:
            return msgspec.structs.replace(self, verdict="holds only as stated")
        return self


class Judged(msgspec.Struct, frozen=True):
    """A claim with its verdict and everything the verdict stands on.

    ``may_write`` is what the rows carry; ``may_not_write`` the sentences they do not, ``why_not`` the reason.
    ``missing`` is what would have to be published or seen. ``verdict_as_printed`` and ``because_as_printed`` are there
    where corrections were applied and the rows as printed give another verdict.
    """

    claim: Claim
    verdict: Verdict
    because: str
    arithmetic: tuple[str, ...]
    rows: tuple[RowRange, ...]
    missing: tuple[str, ...]
    caveats: tuple[Caveat, ...]
    may_write: str
    may_not_write: str
    why_not: str
    verdict_as_printed: Verdict | None = None
    because_as_printed: str | None = None


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict of a claim whose figures have these."""
    return max(verdicts, key=_ORDER.index)
