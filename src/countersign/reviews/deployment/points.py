"""The points of a deployment's brief: at most six, each one message, ranked by one rule, which it prints (``RANK``).

A point says in words what was found, who bears it out, and where the evidence is. What is sealed from this reader is
called sealed, never absent; counts that contradict each other are shown as that, and no rate is made of them.

>>> RANK.partition(".")[0]
'The points come in this order'
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from countersign.document import Link, Point
from countersign.published.table.measures import amount_of
from countersign.reviews.deployment.duties import SEVERITIES, anchor_of, of_outcome
from countersign.reviews.deployment.evidence import QUANTITIES, Account, DeploymentEvidence
from countersign.reviews.deployment.gates import OUTSTANDING, obstacles
from countersign.reviews.deployment.story import counts_of, failure
from countersign.reviews.deployment.together import OUTSIDE, outside_sentence
from countersign.reviews.model import GateLine, Promise, RateLine
from countersign.rulebook.conditions.results import BEARS_OUT, CONTRADICTS, Result
from countersign.words.facts import overdue_words
from countersign.words.intervals import rate_range
from countersign.words.lists import be, capital, counted, listing
from countersign.words.numbers import count, small

#: The evidence beside the brief.
EVIDENCE = "evidence.html"
RANK = (
    "The points come in this order. First, counts that contradict each other. Then duties not met: mandatory ones and "
    "outside evidence first. Then broken promises, gates passed with duties outstanding, what is overdue, and "
    "what outside bodies say in logs of their own. Last, "
    "error rates and what is not shown."
)
#: Counts of which the first is part of the second.
_PARTS = (("false", "alerts"), ("true", "alerts"), ("alerts", "faces"))
#: At most this many points, and this many duties not met that have a point of their own.
POINTS, OWN = 6, 4
#: Duties named in a sentence or a list before "more".
NAMED = 6
_LAYERS = {"law": "required by law", "own policy": "required by the force's own policy"}
_LAYERS |= {"good practice": "which is good practice"}
_SHOWN_BY = {
    "outside": "An outside body found this",
    "observer": "An observer saw this",
    "engine": "The engine's own log shows this",
    "force": "The force's own record shows this",
}


def points(
    evidence: DeploymentEvidence,
    lines: Sequence[RateLine],
    promises: Sequence[Promise],
    gates: Sequence[GateLine],
) -> tuple[Point, ...]:
    """At most six points, in the order of ``RANK``."""
    found = (
        *_contradictions(evidence),
        *_not_met(evidence),
        *_broken(promises),
        *_outstanding(gates),
        *_overdue(evidence),
        *_outside(evidence),
        *_errors(evidence, lines),
        *_silent(evidence),
    )
    return found[:POINTS]


def _contradictions(evidence: DeploymentEvidence) -> Iterator[Point]:
    said: dict[str, list[str]] = {}
    for account in impossible(evidence):
        for part, whole in _PARTS:
            given = account.counts.get(part, 0)
            if given > account.counts.get(whole, math.inf):
                counts = " among ".join(amount_of(account.counts[name], QUANTITIES[name]) for name in (part, whole))
                said.setdefault(counts, []).append(account.title)
    for number, (counts, accounts) in enumerate(said.items(), 1):
        text = f"{capital(listing(accounts))} say so. No rate is worked out from them."
        links = _links(("Counts and accuracy", "figures"))
        yield Point(f"point-counts-{number}", f"The counts contradict each other: {counts}", text, links)


def impossible(evidence: DeploymentEvidence) -> tuple[Account, ...]:
    """The accounts in which a part is more than its whole."""
    return tuple(
        account
        for account in evidence.every_account
        if any(account.counts.get(part, 0) > account.counts.get(whole, math.inf) for part, whole in _PARTS)
    )


def _not_met(evidence: DeploymentEvidence) -> Iterator[Point]:
    against = sorted(of_outcome(evidence, "not met"), key=lambda result: (_severity(result), _distance(result)))
    own = against if len(against) <= OWN else against[: OWN - 1]
    for result in own:
        duty = result.duty
        text = f"{_shown_by(evidence, result)}. The duty is “{duty.title}”, {_LAYERS[duty.layer]}."
        yield Point(f"point-{anchor_of(duty.id)}", failure(result), text, _links((duty.title, anchor_of(duty.id))))
    rest = against[len(own) :]
    if rest:
        titles = [result.duty.title for result in rest]
        title = f"{capital(small(len(rest)))} more {be(len(rest), 'duty was', 'duties were')} not met"
        links = tuple(Link(result.duty.title, anchor_of(result.duty.id), EVIDENCE) for result in rest[:NAMED])
        yield Point("point-more", title, f"{_some(titles)}.", links)


def _shown_by(evidence: DeploymentEvidence, result: Result) -> str:
    """Who bears a result out, and where in the papers."""
    if words := [word for word in result.bearings if word.says == CONTRADICTS]:
        bodies = listing(list(dict.fromkeys(word.body for word in words)))
        return f"{bodies} {be(len(words), 'says', 'say')} so in {words[0].place.origin}, a log that no force keeps"
    nearest = _nearest(result)
    papers = sorted({evidence.sources[entry] for entry in result.entries if entry in evidence.sources})
    if evidence.invented or not papers:
        return _SHOWN_BY[nearest]
    by = _SHOWN_BY[nearest]
    if nearest == "outside" and len(evidence.read) == 1 and evidence.read[0].publisher:
        by = f"The {evidence.read[0].publisher} found this"
    return f"{by}: {'; '.join(within(evidence, paper) for paper in papers)}"


def within(evidence: DeploymentEvidence, cited: str) -> str:
    """A place in the papers; where there is one paper, without its title."""
    return cited.removeprefix(f"{evidence.read[0].title}, ") if len(evidence.read) == 1 else cited


def _severity(result: Result) -> int:
    return SEVERITIES.index(result.duty.severity)


def _nearest(result: Result) -> str:
    """Who bears a result out: of all who do, the one furthest from the force."""
    return next((name for name in _SHOWN_BY if name in result.supplied_by), "force")


def _distance(result: Result) -> int:
    return tuple(_SHOWN_BY).index(_nearest(result))


def _broken(promises: Sequence[Promise]) -> Iterator[Point]:
    broken = [promise for promise in promises if promise.state == "not as promised"]
    if broken:
        number, first = capital(small(len(broken))), broken[0]
        title = f"{number} of {counted(len(promises), 'promise')} {be(len(broken), 'was', 'were')} broken"
        text = f"Promised: {first.promised}. The record shows: {first.because}."
        yield Point("point-promises", title, text, _links(("Promised and happened", "promises")))


def _outstanding(gates: Sequence[GateLine]) -> Iterator[Point]:
    passed = [line for line in gates if line.state == OUTSTANDING]
    if passed:
        what = "mandatory duties" if all(line.barring for line in passed) else "something"
        title = (
            f"{capital(small(len(passed)))} {be(len(passed), 'gate was', 'gates were')} passed with {what} outstanding"
        )
        steps = listing([f"{line.gate} ({obstacles(line)})" for line in passed])
        text = f"In the way stood: {steps}. No officer signed an override."
        yield Point("point-gates", title, text, _links(("Gates and overrides", "gates")))


def _overdue(evidence: DeploymentEvidence) -> Iterator[Point]:
    if evidence.late:
        late = evidence.late
        title = f"{capital(counted(len(late), 'thing is', 'things are'))} overdue by the force's own policy"
        text = f"{capital(overdue_words(late[:3]))}."
        yield Point("point-late", title, text, _links(("What is past its time", "promises")))


def _outside(evidence: DeploymentEvidence) -> Iterator[Point]:
    said = outside_sentence(evidence)
    if said is not None:
        moved = [result for result in evidence.results if any(word.says == BEARS_OUT for word in result.bearings)]
        title = "Outside bodies say in logs of their own what they saw or judged"
        borne = f" They bear out what the force states of {_some([result.duty.title for result in moved], 3)}."
        yield Point("point-outside", title, f"{said}{borne if moved else ''}", _links(("Outside statements", OUTSIDE)))


def error_rate(evidence: DeploymentEvidence, lines: Sequence[RateLine]) -> RateLine | None:
    """False alerts per face, else per alert; none where neither is there, or where the counts contradict each other."""
    by_measure = {line.measure: line for line in reversed(lines)}
    if impossible(evidence):
        return None
    return by_measure.get("false_alerts_per_face") or by_measure.get("false_alerts_per_alert")


def _errors(evidence: DeploymentEvidence, lines: Sequence[RateLine]) -> Iterator[Point]:
    figures, rate = _links(("Counts and accuracy", "figures")), error_rate(evidence, lines)
    if rate is None:
        if not impossible(evidence):
            text = "False alerts and faces are not on the record together."
            yield Point("point-errors", "No error rate can be worked out", text, figures)
        return
    text = f"The 95% interval is {interval(rate)}. {unresolved(evidence)}"
    if rate.unit != "faces":
        text += " How many faces were scanned is not on the record."
    at_most = rate.measure.replace("alerts_per", "alerts_at_most_per")
    most = next((line for line in lines if line.measure == at_most and line.events > rate.events), None)
    if most is not None:
        text += f" Counted as false, they give {interval(most)}."
    yield Point("point-errors", false_words(evidence, rate), text, figures)


def interval(rate: RateLine) -> str:
    """The interval of a rate with its unit."""
    words = rate_range(rate.low, rate.high, rate.estimate)
    return f"{words} of {rate.unit}" if words.endswith("%") else f"{words} {rate.unit}"


def false_words(evidence: DeploymentEvidence, rate: RateLine) -> str:
    """How many alerts were false, as a sentence without its full stop."""
    whole = counts_of(evidence).get("alerts")
    if rate.events:
        alerts = f" of {counted(whole, 'alert')}" if whole is not None else " alerts"
        return f"{capital(small(rate.events))}{alerts} {be(rate.events, 'was', 'were')} false"
    if whole is None:
        return "No alert was confirmed as false"
    return f"None of {count(whole)} alerts was confirmed as false" if whole > 1 else "The one alert was not false"


def unresolved(evidence: DeploymentEvidence) -> str:
    """How many alerts were never confirmed, as a sentence."""
    account = evidence.having("unresolved")
    if account is None:
        return "How many alerts stayed unconfirmed is not on the record."
    left = account.counts["unresolved"]
    if not left:
        return "No alert stayed unconfirmed."
    return f"{capital(counted(left, 'alert was', 'alerts were'))} never confirmed as true or false."


def _silent(evidence: DeploymentEvidence) -> Iterator[Point]:
    whole = counted(len(evidence.results), "duty", "duties")
    unseen, closed = unsealed(evidence), [result for result in evidence.results if result.sealed]
    if unseen:
        text = f"Among them: {_some([result.duty.title for result in unseen], 3)}. Silence counts in nobody's favour."
        title = f"{capital(small(len(unseen)))} of {whole} {be(len(unseen))} not shown"
        yield Point("point-unseen", title, text, _links(("The duties", "duties")))
    if closed:
        title = f"{capital(small(len(closed)))} of {whole} {be(len(closed), 'rests', 'rest')} on sealed statements"
        text = "The log holds these statements. This reader may not open them, so could not judge them."
        yield Point("point-sealed", title, text, _links(("The duties", "duties")))
    alone = of_outcome(evidence, "stated")
    if alone:
        title = f"{capital(small(len(alone)))} of {whole} {be(len(alone), 'rests', 'rest')} on the force's word alone"
        text = "Nobody outside the force bears them out. The record does not contradict them."
        yield Point("point-stated", title, text, _links(("The duties", "duties")))


def _links(*places: tuple[str, str]) -> tuple[Link, ...]:
    return tuple(Link(text, anchor, EVIDENCE) for text, anchor in places)


def _some(names: Sequence[str], most: int = NAMED) -> str:
    left = len(names) - most
    return listing([*names[:most], f"{count(left)} more"] if left > 0 else list(names))


def unsealed(evidence: DeploymentEvidence) -> list[Result]:
    """The duties not shown for want of evidence, mandatory ones first."""
    return [result for result in of_outcome(evidence, "not shown") if not result.sealed]
