"""What happened in one deployment and what failed, in sentences for the first paragraph of a brief or a public page.

A case begins with the sentences of its compiler, each from a place in a paper. Everything else comes from the record:
who scanned faces where and when, how many, with what result, and which duties were not met.

>>> import countersign
>>> lead(countersign.review_source("shipped:met-2024").evidence).partition(". ")[0]
'The Metropolitan Police scanned faces at Southall on 8 May 2024'
"""

from __future__ import annotations

from collections.abc import Iterator

from countersign.reviews.deployment.duties import of_outcome
from countersign.reviews.deployment.evidence import QUANTITIES, DeploymentEvidence
from countersign.rulebook.conditions.results import Result
from countersign.words.dates import dated, local_window, local_words
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import body_name, stage_clause
from countersign.words.numbers import count, small


def title_of(evidence: DeploymentEvidence) -> str:
    """Who, where and on which day; the deployment's name in the log where no place is on record."""
    if (place := place_of(evidence)) is None:
        return f"Live facial recognition: the deployment {evidence.subject}"
    return f"Live facial recognition: {capital(body_name(evidence.force))} at {place}, {dated(day_of(evidence))}"


def lead(evidence: DeploymentEvidence) -> str:
    """The first paragraph: who scanned whom where, with what result, and what failed."""
    if evidence.story:
        return " ".join(sentence for sentence, _ in evidence.story)
    return " ".join((*happened(evidence), *failed(evidence)))


def happened(evidence: DeploymentEvidence) -> Iterator[str]:
    """What took place, a sentence each: who, where and when; faces, list and alerts; people engaged and arrested."""
    deployment, force, place = evidence.deployment, capital(body_name(evidence.force)), place_of(evidence)
    at = "" if not place else f" at {place}," if "," in place else f" at {place}"
    counts = counts_of(evidence)
    if deployment.opened_at is not None and deployment.ended_at is not None:
        yield f"{force} scanned faces{at} on {local_window(deployment.opened_at, deployment.ended_at)}."
    elif deployment.opened_at is not None:
        yield f"{force} began to scan faces{at} on {local_words(deployment.opened_at)}. No close is on the record."
    elif "alerts" in counts:
        yield f"{force} scanned faces{at} on {dated(day_of(evidence))}."
    elif deployment.entries:
        yield f"{force} put a deployment{at.removesuffix(',')} on record: {stage_clause(deployment.stage)}."
    else:
        yield f"{force} had a deployment{at.removesuffix(',')}."
        yield "The papers do not say whether it was completed."
    listed = deployment.listed.size if deployment.listed else counts.get("list_size")
    people = f" with a list of {counted(listed, 'person', 'people')}" if listed else ""
    if "faces" in counts:
        alerts = f" and gave {counted(counts['alerts'], 'alert')}" if "alerts" in counts else ""
        yield f"The system compared {counted(counts['faces'], 'face')}{people}{alerts}."
    elif "alerts" in counts:
        false = f"; {small(counts['false'])} {be(counts['false'], 'was', 'were')} false" if "false" in counts else ""
        yield f"The system gave {counted(counts['alerts'], 'alert')}{false}."
    stopped = [
        f"{small(counts[name])} {be(counts[name], 'person was', 'people were')} {what}"
        for name, what in (("engagements", "engaged"), ("arrests", "arrested"))
        if name in counts
    ]
    if stopped:
        yield f"{capital(listing(stopped))}."


def failed(evidence: DeploymentEvidence) -> Iterator[str]:
    """What failed, a sentence each: how many duties were not met, and the first two of them in words."""
    against = of_outcome(evidence, "not met")
    whole = len(evidence.results)
    if not against:
        silent = len(of_outcome(evidence, "not shown"))
        rest = f"; {count(silent)} {be(silent)} not shown" if silent else ""
        yield f"None of {counted(whole, 'duty', 'duties')} is contradicted by this record{rest}."
        return
    number = capital(small(len(against)))
    yield f"{number} of {counted(whole, 'duty', 'duties')} {be(len(against), 'was', 'were')} not met."
    yield from (f"{failure(result)}." for result in against[:2])


def failure(result: Result) -> str:
    """What failed about a duty, as a sentence without its full stop."""
    return result.duty.failed or capital(result.because.partition("; ")[0])


def place_of(evidence: DeploymentEvidence) -> str | None:
    """The place of its notice, or of its results; none where both are silent."""
    if evidence.deployment.place is not None:
        return evidence.deployment.place
    results = evidence.last("results")
    place = None if results is None else results.one("place")
    return None if place is None else str(place)


def day_of(evidence: DeploymentEvidence) -> str:
    """The day of the deployment: of its opening or first window, of its results, else of the review."""
    deployment = evidence.deployment
    if deployment.opened_at is not None:
        return deployment.opened_at[:10]
    if deployment.windows:
        return min(window.start for window in deployment.windows)[:10]
    results = evidence.last("results")
    day = None if results is None else results.one("date")
    return evidence.as_at[:10] if day is None else str(day)


def counts_of(evidence: DeploymentEvidence) -> dict[str, int]:
    """Counts by quantity, each from the first account that gives it, and the list's size as the results state it."""
    given = {name: account.counts[name] for name in QUANTITIES if (account := evidence.having(name)) is not None}
    results = evidence.last("results")
    size = None if results is None else results.one("list_size")
    return given if size is None else {**given, "list_size": int(size)}
