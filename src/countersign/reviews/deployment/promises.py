"""Promised and happened, side by side, and what the engine's own events showed against the declared limits.

A promise is *as promised*, *not as promised* or *not shown*: of the declared limits, the authority, the notice, and
time limits of the force's own policy. Values and times are compared; whether what was promised was enough is not said.

The receipt (``live.receipt``) is the entry by which an export of events reached the log: how many events
came, how many never did, and what contradicts the limits, by code (``docs/formats/events.md``). What did not reach the
export cannot be seen.

>>> _state(True), _state(None)
('as promised', 'not shown')
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from countersign.deployments.clock import hours_later
from countersign.deployments.fold import Late, limit_of
from countersign.deployments.view import Statement
from countersign.document import Block, Paragraph, Section
from countersign.grids import Grid, column, number
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.reviews.model import Promise
from countersign.words.dates import dated, local_window, local_words
from countersign.words.facts import late_words
from countersign.words.lists import capital, counted, listing
from countersign.words.names import class_name, contradiction
from countersign.words.numbers import count


def receipt_of(evidence: DeploymentEvidence) -> Statement | None:
    """The last receipt on the record: each covers all that was taken so far."""
    return evidence.last("receipt")


def found_of(evidence: DeploymentEvidence, code: str) -> tuple[int, tuple[int, ...]]:
    """How often the events show a code, and the entry that says so."""
    receipt = receipt_of(evidence)
    number = 0 if receipt is None else sum(kind["count"] for kind in receipt.one("found") if kind["code"] == code)
    return number, (receipt.entry,) if receipt is not None and number else ()


def events_sentences(evidence: DeploymentEvidence) -> tuple[str, ...]:
    """A sentence for the first page where the events contradict the limits; nothing otherwise."""
    receipt = receipt_of(evidence)
    kinds = [] if receipt is None else receipt.one("found")
    if not kinds:
        return ()
    what = listing([f"{contradiction(kind['code'])} ({count(kind['count'])})" for kind in kinds])
    return (f"The engine's own events contradict the declared limits: {what}.",)


def events_blocks(evidence: DeploymentEvidence) -> tuple[Block, ...]:
    """A table of what the events showed, or a word where they showed nothing against the limits."""
    receipt = receipt_of(evidence)
    if receipt is None:
        return ()
    kinds, missing = receipt.one("found"), sum(gap["count"] for gap in receipt.one("missing"))
    taken = (
        f"{count(receipt.one('events'))} events of the engine's export were taken, {count(receipt.one('refused'))} "
        f"refused, and {count(missing)} never came, by the numbers their sources gave them. What follows a source's "
        "last number, and what never reached the export, cannot be seen so."
    )
    if not kinds:
        return (Paragraph(f"{taken} Nothing in them contradicts the declared limits."),)
    grid = Grid[Mapping[str, Any]](
        column("events", "What the engine's events show", lambda kind: capital(contradiction(kind["code"]))),
        number("count", "How many", lambda kind: kind["count"], rows=lambda _: rows([receipt.entry])),
        column("code", "Code", lambda kind: kind["code"]),
    )
    return (grid.table("events", "The engine's own events, held to the declared limits", kinds, note=taken),)


#: A policy's time limit, in hours each unit has; what it is for; the class of data it is about.
_DELETION_LIMITS = {
    "watchlist": ("list-delete-hours", 1),
    "templates": ("list-delete-hours", 1),
    "transfer-media": ("media-delete-hours", 1),
    "cctv": ("cctv-days", 24),
}


def promises_of(evidence: DeploymentEvidence) -> tuple[Promise, ...]:
    """Every promise with what happened, in the order of the life cycle."""
    return (*_limits(evidence), *_authority(evidence), *_notice(evidence), *_deletions(evidence), *_after(evidence))


_PROMISES = Grid[Promise](
    column("promise", "Promised", lambda promise: capital(promise.promised)),
    column("state", "State", lambda promise: promise.state),
    column("happened", "What the record shows", lambda row: capital(row.because), rows=lambda row: rows(row.entries)),
)
_LATE = Grid[Late](
    column("what", "What", lambda late: capital(late_words(late.code, late.what))),
    column("since", "Since", lambda late: local_words(late.since)),
    column("by", "By what", lambda late: late.by),
)


def promises_section(evidence: DeploymentEvidence, promises: tuple[Promise, ...]) -> Section:
    """The table of both, or a word where nothing was promised."""
    blocks: list[Block] = []
    if promises:
        blocks.append(_PROMISES.table("promises", "Promised before, and what happened", promises))
    else:
        none = "No promise for this deployment is on the record: no limits, authority or notice."
        blocks.append(Paragraph(none, "warning"))
    blocks += events_blocks(evidence)
    if evidence.late:
        blocks.append(_LATE.table("late", f"Past its time as at {dated(evidence.as_at[:10])}", evidence.late))
    broken = sum(promise.state == _state(False) for promise in promises)
    kept = f"{count(broken) if broken else 'none'} of {counted(len(promises), 'promise')} not kept"
    return Section("promises", f"Promised and happened: {kept if promises else 'nothing promised'}", tuple(blocks))


def _state(holds: bool | None) -> str:
    return {True: "as promised", False: "not as promised", None: "not shown"}[holds]


def _short(text: str) -> str:
    """A digest as its beginning; anything else whole."""
    return f"{text[:16]}…" if len(text) == 64 else text


def _promise(name: str, promised: str, holds: bool | None, happened: str, *entries: int) -> Promise:
    return Promise(name, _state(holds), happened, promised, tuple(sorted(set(entries))))


def _limits(evidence: DeploymentEvidence) -> Iterator[Promise]:
    limits, opened = evidence.last("limits"), evidence.last("opened")
    if limits is None:
        return
    for name, field, wanted, words in (
        ("list", "list_digest", limits.one("list_digest"), "the list with the digest declared"),
        ("engine", "engine_version", limits.one("engine_version"), f"engine version {limits.one('engine_version')}"),
        ("limits", "limits", limits.one("digest"), "opened under the limits declared"),
    ):
        if opened is None:
            yield _promise(name, words, None, "no opening is on the record", limits.entry)
            continue
        used = opened.one(field)
        happened = "the same at the opening" if used == wanted else f"another at the opening ({_short(str(used))})"
        yield _promise(name, words, used == wanted, happened, limits.entry, opened.entry)
    floor = str(limits.one("threshold_minimum"))
    words = f"a threshold of {floor} or more"
    if opened is None:
        yield _promise("threshold", words, None, "no opening is on the record", limits.entry)
        return
    changed = [statement for statement in evidence.view.statements("change") if statement.one("threshold") is not None]
    used_at = [(str(statement.one("threshold")), statement.entry) for statement in (opened, *changed)]
    lowest = min(used_at, key=lambda pair: Decimal(pair[0]))
    below, receipts = found_of(evidence, "threshold-below")
    happened = f"{opened.one('threshold')} at the opening"
    happened += f", {counted(len(changed), 'change')}, lowest {lowest[0]}" if changed else ""
    happened += f"; {counted(below, 'alert')} of the engine's own events below {floor}" if below else ""
    entries = (limits.entry, *(entry for _, entry in used_at), *receipts)
    yield _promise("threshold", words, Decimal(lowest[0]) >= Decimal(floor) and not below, happened, *entries)


def _authority(evidence: DeploymentEvidence) -> Iterator[Promise]:
    authority, manifest = evidence.last("authority"), evidence.last("manifest")
    if authority is None:
        return
    most = authority.one("list_maximum")
    if most is not None:
        words = f"a list of at most {counted(most, 'entry', 'entries')}"
        if manifest is None:
            yield _promise("list-size", words, None, "no manifest is on the record", authority.entry)
        else:
            size = int(manifest.one("size"))
            listed = counted(size, "entry", "entries")
            yield _promise("list-size", words, size <= most, listed, authority.entry, manifest.entry)
    if manifest is not None:
        named = {category.value["category"] for category in manifest.get("by_category[]")}
        extra = sorted(named - set(authority.one("categories")))
        happened = f"{counted(len(named), 'category', 'categories')} on the list, all among them"
        happened = f"outside them: {', '.join(extra)}" if extra else happened
        entries = (authority.entry, manifest.entry)
        yield _promise("categories", "only the categories authorised", not extra, happened, *entries)


def _notice(evidence: DeploymentEvidence) -> Iterator[Promise]:
    notice, opened, closed = (evidence.last(noun) for noun in ("notice", "opened", "cancellation"))
    if notice is None:
        return
    windows = [window.value for window in notice.get("windows[]")]
    words = "open only " + "; ".join(local_window(window["start"], window["end"]) for window in windows)
    if opened is None or closed is None:
        yield _promise("window", words, None, "opening and close are not both on the record", notice.entry)
        return
    start, end = str(opened.one("opened_at")), str(closed.one("closed_at"))
    begun = any(window["start"] <= start for window in windows)
    ended = any(end <= window["end"] for window in windows)
    happened, entries = f"open {local_window(start, end)}", (notice.entry, opened.entry, closed.entry)
    yield _promise("window", words, start <= end and begun and ended, happened, *entries)
    published = str(notice.one("published_at"))
    happened = f"published {local_words(published)}; opened {local_words(start)}"
    entered = notice.entry < opened.entry
    happened += "" if entered else "; entered in the log only after the opening"
    before = (published < start and entered) or (None if published < start else False)
    yield _promise("notice", "public notice before the opening", before, happened, notice.entry, opened.entry)


def _deletions(evidence: DeploymentEvidence) -> Iterator[Promise]:
    closed = evidence.last("cancellation")
    if closed is None:
        return
    end = str(closed.one("closed_at"))
    for name, (parameter, scale) in _DELETION_LIMITS.items():
        limit = limit_of(evidence.programme, evidence.deployment, parameter)
        policy = evidence.programme.policy_of(evidence.deployment)
        if limit is None or policy is None:
            continue
        due = hours_later(end, float(limit.number) * scale)
        words = f"{capital(class_name(name))} deleted by {local_words(due)} (clause {limit.clause})"
        deletions = [deletion for deletion in evidence.view.statements("deletion") if deletion.one("class") == name]
        if not deletions:
            passed = False if evidence.passed(due) else None
            yield _promise(f"delete-{name}", words, passed, "no deletion is on the record", policy.entry, closed.entry)
            continue
        last = deletions[-1]
        at, left = str(last.one("deleted_at")), int(last.one("remaining"))
        happened, entries = f"stated at {local_words(at)}, {count(left)} remaining", (policy.entry, closed.entry)
        yield _promise(f"delete-{name}", words, at <= due and left == 0, happened, *entries, last.entry)


def _after(evidence: DeploymentEvidence) -> Iterator[Promise]:
    closed, results = evidence.last("cancellation"), evidence.last("results")
    limit = limit_of(evidence.programme, evidence.deployment, "publish-days")
    policy = evidence.programme.policy_of(evidence.deployment)
    if closed is None or limit is None or policy is None:
        return
    due = hours_later(str(closed.one("closed_at")), float(limit.number) * 24)
    words = f"results published by {local_words(due)} (clause {limit.clause})"
    entries = (policy.entry, closed.entry)
    if results is None:
        passed = False if evidence.passed(due) else None
        yield _promise("publish", words, passed, "no publication is on the record", *entries)
        return
    at = str(results.one("published_at"))
    yield _promise("publish", words, at <= due, f"published {local_words(at)}", *entries, results.entry)
