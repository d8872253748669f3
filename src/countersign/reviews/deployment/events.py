"""What the engine's own events showed when they were taken and held to the declared limits, as the receipt counts it.

The receipt (``live.receipt``) is the entry by which an export was handed over to the log: how many events came, how
many never did, and what contradicts the limits, by code (``docs/formats/events.md``). It is the force that took them,
from the engine's own export; nothing is worked out anew here, and what did not reach the export cannot be seen.

>>> WORDS["threshold-below"]
'alerts at a threshold below the declared one'
"""

from __future__ import annotations

from collections.abc import Mapping

from countersign.deployments.view import Statement
from countersign.document import Block, Cell, Column, Paragraph, Table
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.words.phrases import listing
from countersign.words.wording import capital, count

#: Code: what it says, of several.
WORDS: Mapping[str, str] = {
    "outside-window": "events outside every declared window",
    "camera-undeclared": "alerts from a camera that the limits do not name",
    "threshold-below": "alerts at a threshold below the declared one",
    "list-not-declared": "openings or changes with another list than the declared one",
    "engine-not-declared": "openings or changes with another engine or version than the declared one",
    "limits-not-declared": "openings under other limits than those declared",
    "engaged-without-two": "engagements that two people did not decide on first",
    "decided-too-fast": "decisions faster than a person can look",
    "while-suspended": "alerts while it was suspended",
    "after-the-end": "alerts after the close",
    "in-the-future": "events dated after they were taken",
    "gap": "events that never came, by their missing numbers",
    "count-differs": "hours in which the engine counted other than the alerts that came",
    "silence": "hours of the window without a count",
    "camera-silent": "stretches in which a camera fell silent while the others did not",
    "clock-off": "sources whose clock was off",
}


def receipt_of(evidence: DeploymentEvidence) -> Statement | None:
    """The last receipt on the record: each speaks of all that was taken so far."""
    return evidence.last("receipt")


def found_of(evidence: DeploymentEvidence, code: str) -> tuple[int, tuple[int, ...]]:
    """How often the events show a code, and the entry that says so; nothing where they do not."""
    receipt = receipt_of(evidence)
    number = 0 if receipt is None else sum(one["count"] for one in receipt.one("found") if one["code"] == code)
    return number, (receipt.entry,) if receipt is not None and number else ()


def told_of_events(evidence: DeploymentEvidence) -> tuple[str, ...]:
    """A sentence for the first page where the events contradict the limits; nothing otherwise."""
    receipt = receipt_of(evidence)
    found = [] if receipt is None else receipt.one("found")
    if not found:
        return ()
    what = listing([f"{_words(one['code'])} ({count(one['count'])})" for one in found])
    return (f"The engine's own events, held to the declared limits when they were taken: {what}.",)


def events_blocks(evidence: DeploymentEvidence) -> tuple[Block, ...]:
    """A table of what the events showed, or a word where they showed nothing against the limits."""
    receipt = receipt_of(evidence)
    if receipt is None:
        return ()
    found, missing = receipt.one("found"), sum(one["count"] for one in receipt.one("missing"))
    taken = (
        f"{count(receipt.one('events'))} events of the engine's export were taken, {count(receipt.one('refused'))} "
        f"refused, and {count(missing)} never came, by the numbers their sources gave them. What follows a source's "
        "last number, and what never reached the export, cannot be seen so."
    )
    if not found:
        return (Paragraph(f"{taken} Nothing in them contradicts the declared limits."),)
    columns = (Column("events", "What the engine's events show"), Column("count", "How many", "end"),
               Column("code", "Code"))  # fmt: skip
    cells = tuple(
        (Cell(capital(_words(one["code"]))), Cell(count(one["count"]), rows=rows([receipt.entry])), Cell(one["code"]))
        for one in found
    )
    return (Table("events", "The engine's own events, held to the declared limits", columns, cells, taken),)


def _words(code: str) -> str:
    return WORDS.get(code, code)
