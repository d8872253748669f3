"""Officers' judgements on alerts in the report: the hours' public counts, what is open matched to the engine's alerts.

What is sealed is held to its signatures, its chain and the counts stated, and the keys to those the log registers. The
order is proved; the times are the device's word. What is erased leaves the counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from countersign.deployments import judgements
from countersign.deployments.clock import time_text
from countersign.deployments.judgements import KIND, LABEL, Numbered
from countersign.deployments.view import Statement
from countersign.document import Block, Paragraph, RowRange
from countersign.errors import CountersignError
from countersign.grids import Grid, GridColumn, column, number
from countersign.record.entries.entry import key_id
from countersign.record.tlog.encoding import parse_base64
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.words.dates import local_words
from countersign.words.lists import be, capital, counted, listing

#: More left over than this is counted and not listed.
_LISTED = 20


def _own(hour: Statement) -> tuple[RowRange, ...]:
    return rows([hour.entry])


def _count(key: str, label: str) -> GridColumn[Statement]:
    return number(key, label, lambda hour: hour.one(key))


_HOURS = Grid[Statement](
    column("hour", "Hour", lambda hour: local_words(str(hour.one("hour"))), rows=_own),
    _count("numbered", "Alerts numbered"),
    _count("judged_by_two", "Judged by two"),
    _count("engagements", "Engaged on"),
    _count("engaged_without_two", "Engaged without two"),
)
_NOTE = (
    "Judged by two: before anyone was approached. A line names the digest of the one before it, so the order is "
    "proved; times are the word of the unit's device, before the first cosigned head of the log with the hour."
)


def judged_blocks(evidence: DeploymentEvidence) -> Iterator[Block]:
    """The hours of judgements, and what is to be said of them; nothing where none is on the record."""
    hours = evidence.view.statements("judgements")
    if not hours:
        return
    yield _HOURS.table("judgements", "Officers' judgements on alerts, by the hour", hours, note=_NOTE)
    held = [(hour, [each.value for each in hour.get(f"sealed.{LABEL}[]")]) for hour in hours]
    yield from _unsound(evidence, held)
    lines = [line for _, part in held for line in part]
    closed = sum(1 for hour, part in held if hour.one("numbered") and not part)
    if lines:
        yield from _matched(evidence, lines)
    if closed:
        yield Paragraph(
            f"The judgements of {counted(closed, 'hour')} {be(closed)} not open to this reader: only the counts are."
        )


def _unsound(evidence: DeploymentEvidence, held: Sequence[tuple[Statement, list[dict[str, Any]]]]) -> Iterator[Block]:
    """Hours that are not as officers signed them, and keys that the log does not know."""
    known = {
        key_id(parse_base64(str(entry.draft.facts["public_key"]), 32))
        for _, entry in evidence.record.entries
        if entry.draft.kind in ("record.key-registered", "record.key-rotated")
    }
    for hour, lines in held:
        if not lines:
            continue
        facts = {name: hour.one(name) for name in ("hour", *judgements.COUNTED)}
        try:
            judgements.check_hour(evidence.subject, facts, lines)
        except CountersignError as error:
            why = str(error).removeprefix(f"{KIND}: ")
            yield Paragraph(f"Entry {hour.entry} is not as its officers signed it: {why}.", "warning")
            continue
        if strange := sorted(key for key in judgements.keys_in(lines) if key not in known):
            keys = listing([f"{key[:16]}…" for key in strange])
            yield Paragraph(
                f"Entry {hour.entry} has judgements by keys that the log never registered: {keys}.", "warning"
            )


def _matched(evidence: DeploymentEvidence, lines: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    found = judgements.matched(judgements.numbered(lines), evidence.alerts)
    pairs = counted(len(found.pairs), "numbered alert is", "numbered alerts are")
    within = f"{judgements.SAME_ALERT.seconds // 60} minutes"
    left = f"{counted(len(found.numbers), 'number')} without an alert of the engine"
    alone = f"{counted(len(found.alerts), 'alert')} without a judgement"
    sentence = f"{capital(pairs)} among the engine's by camera and time (within {within}), as far as both are open here"
    yield Paragraph(f"{sentence}; {left}, {alone}.", "warning" if found.numbers or found.alerts else "plain")
    leftovers = [*map(_number_words, found.numbers), *map(_alert_words, found.alerts)]
    if leftovers and len(leftovers) <= _LISTED:
        yield Paragraph(f"Left over: {'; '.join(leftovers)}.")


def _number_words(each: Numbered) -> str:
    return f"number {each.number}, camera {each.camera}, {local_words(time_text(each.shown_at))}"


def _alert_words(alert: Mapping[str, Any]) -> str:
    engaged = ", engaged on" if alert.get("engagement") else ""
    return f"alert of {local_words(alert['at'])}, camera {alert['camera']}{engaged}"
