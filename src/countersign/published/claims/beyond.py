"""Words that go beyond the figure beside them, and fallacies that a true figure invites: named where they occur.

The words of a claim are matched by stem and by nothing cleverer; what they add to the figure is then said, and a figure
that holds *holds only as stated*. The words themselves are never judged.

>>> from decimal import Decimal
>>> claim = Claim(id="c", statement="nine innocent people", quantity=("false_alerts",), relation="equals",
...     value=(Decimal(9),))
>>> [caveat.kind for caveat in beyond_figure(claim, ())]
['words']
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from countersign.published.claims.claim import Claim
from countersign.published.claims.denominators import divided_by
from countersign.published.claims.ends import quantities_of
from countersign.published.claims.quantities import term
from countersign.published.claims.verdict import Caveat
from countersign.published.table.measures import MEASURES, both, total
from countersign.published.table.record import Row
from countersign.words.lists import be, counted
from countersign.words.numbers import count, percent

#: Stems of words, and what they add to a figure that the figure does not carry.
_WORDS: dict[str, str] = {
    r"bias\w*|racis\w*|discriminat\w*|prejudic\w*|unfair\w*|fair|fairness": "it speaks of how groups are treated: "
    "the figure counts events, and does not tell the engine from the watchlist or from where the cameras stood",
    r"innocen\w*|guilt\w*|criminals?|offenders?|law-abiding": "it speaks of what people had done: a table counts "
    "alerts and outcomes, not what became of them in law",
    r"wrongful\w*|wrongly|(un)?lawful\w*|illegal\w*|mistaken\w*|falsely accused": "it speaks of wrong done: a table "
    "says that an alert was false, not what was done in law to the person it was about",
    r"not wanted|unwanted|(was|were) not on (the|a|any) (watch)?list": "it speaks of who was sought: a table says that "
    "an alert was false, not whether the person was sought or listed",
    r"accura\w*|inaccura\w*|reliab\w*|trustworth\w*|infallib\w*|flawless\w*|foolproof|error-free|effective\w*|"
    r"success\w*": "it speaks of how well the system works: "
    "the figure says nothing of those sought who passed without an alert",
    r"thanks to|because of|caus(e|ed|es|ing)|prevent\w*|made safer|safer|saf(e|ely)": "it speaks of cause: the figure "
    "does not say what would have happened without the cameras",
    r"dangerous\w*|violent\w*|serious\w*": "it speaks of how grave the matters were: a table counts them all alike",
}
BEYOND: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b({stems})\b", re.IGNORECASE), text) for stems, text in _WORDS.items()
)
_PEOPLE = re.compile(
    r"\b(people|persons?|individuals?|passers?-by|pedestrians?|citizens?|residents?|shoppers?|londoners|men|women|"
    r"the public)\b",
    re.IGNORECASE,
)
_OF_ALERTS = re.compile(
    r"\b(accura\w*|correct\w*|reliab\w*|certain\w*|misidentif\w*|(chance|probability|likelihood) that (an|the|a) "
    r"(alert|match)|(if|when|once) (you|they|someone|somebody|anyone|a person|people) (are|is|get|gets|were|was) "
    r"(stopped|flagged|matched|identified|picked out|alerted on)|of (all )?(the )?(alerts|matches)|"
    r"(alerts|matches) (is|are|was|were) (wrong|right|true|false))\b",
    re.IGNORECASE,
)


def beyond_figure(claim: Claim, rows: Sequence[Row]) -> tuple[Caveat, ...]:
    """What the words of a claim add to its figure; ``rows`` are those the claim is about."""
    terms = [term(quantity) for quantity in claim.quantity]
    if any(quantity.subject in ("duty", "ratio") for quantity in terms):
        return ()
    found = [Caveat("words", text) for pattern, text in BEYOND if pattern.search(claim.statement)]
    sums = {
        name for quantity in terms if quantity.subject not in ("share", "seeded") for name in quantities_of(quantity)
    }
    words = divided_by(claim.statement)
    of_people = words is not None and words.quantity == "faces_seen" and words.called != "faces"
    if of_people or ("faces_seen" in sums and _PEOPLE.search(claim.statement)):
        text = "faces seen counts faces, not people: it is an estimate, and one person is counted at every pass"
        found.append(Caveat("faces and people", text))
    if _OF_ALERTS.search(claim.statement):
        per_face = (name for quantity in terms if (name := quantity.of or quantity.name) in MEASURES)
        found += _base_rate([name for name in per_face if MEASURES[name].per_face], rows)
    return tuple(found)


def _base_rate(names: Sequence[str], rows: Sequence[Row]) -> Iterator[Caveat]:
    if not names:
        return
    of = MEASURES["false_alerts_per_alert"]
    used = both(rows, of)
    false, alerts = total(used, "false_alerts").amount, total(used, "alerts").amount
    text = "a rate per face says little of an alert, since nearly all who pass are not on the list"
    if false is not None and alerts:
        was = be(int(false), "was", "were")
        text += (
            f": of {counted(int(alerts), 'alert')} {count(false)} {was} false ({percent(float(false) / float(alerts))})"
        )
    yield Caveat("base rate", text)
