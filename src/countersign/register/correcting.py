"""Corrections made: an entry that takes another's place, or the withdrawal of one, held to all rules beforehand.

What is said anew is held to its schema, then put in the place of the entry it corrects and the log folded with it: a
correction by which any entry would newly break a rule is refused and names that entry. What lies sealed with the entry
corrected and is not given anew is sealed again, as far as it is still held.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

from countersign.deployments.corrections import (
    GROUP,
    SUPERSEDE,
    WITHDRAW,
    CorrectionRefused,
    Corrections,
)
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.rules import Act
from countersign.deployments.state import Irregularity, Programme
from countersign.record.entries import canonical
from countersign.record.entries.entry import Entry
from countersign.register import commands
from countersign.register.catching_up import corrections_of, folded_with
from countersign.register.commands import Contents, Unsealed
from countersign.register.deployments import Work


def superseding(
    work: Work, index: int, facts: dict[str, Any], contents: Contents, reason: str, why: Contents
) -> list[Unsealed]:
    """The entry that takes the place of entry ``index``, with the fields in ``facts`` changed, and its correction.
    ``why``: the reasons in full, to be sealed. Raises ``CorrectionRefused``, and as ``commands.enter``."""
    original, corrected = _named(work, index), _corrections(work)
    place, stands = corrected.instead.get(index, (index, original))
    kind = stands.draft.kind
    before = {name: value for name, value in stands.draft.facts.items() if name != "late"}
    after = {**before, **facts}
    if after == before and not contents:
        raise CorrectionRefused(f"{SUPERSEDE}: says of {kind} what entry {place} says")
    act = _act(work, kind, original)
    sealed = {**_held(work, stands), **contents}
    known = work.known(act.subject)
    later = commands.enter(work.programme, act, kind, work.facts(after), sealed, known=known, anew=False)
    if (act.at, after) == (original.draft.at, dict(original.draft.facts)):
        raise CorrectionRefused(f"{SUPERSEDE}: entry {index} says the same, for the same second")
    by = work.state.size
    correction = _correction(act, SUPERSEDE, {"entry": index, "by": by, "reason": reason}, why)
    _check(work, index, [later, correction])
    return [later, correction]


def withdrawing(work: Work, index: int, reason: str, why: Contents) -> list[Unsealed]:
    """The withdrawal of entry ``index``, which may be a correction. Raises ``CorrectionRefused``."""
    named = original = _named(work, index)
    while original.draft.kind.startswith(GROUP):
        original = _named(work, int(str(original.draft.facts["entry"])))
    act = _act(work, original.draft.kind, named)
    made = _correction(act, WITHDRAW, {"entry": index, "reason": reason}, why)
    _check(work, index, [made])
    return [made]


def _named(work: Work, index: int) -> Entry:
    if index >= work.state.size:
        raise CorrectionRefused(f"entry {index} is not in the log, which has {work.state.size} entries")
    [entry] = work.open.log.entries(index, index + 1)
    if entry.draft.subject.partition("/")[0] != work.programme.force or entry.draft.kind.startswith("record."):
        raise CorrectionRefused(f"entry {index} ({entry.draft.kind}) is no statement on deployments")
    return entry


def _act(work: Work, kind: str, named: Entry) -> Act:
    """Who corrects: in a role that may sign the original, in the name of who supplied it."""
    doing = work.as_(supplied_by=named.draft.supplied_by)
    return doing.act(named.draft.subject, kind)


def _correction(act: Act, kind: str, facts: dict[str, Any], why: Contents) -> Unsealed:
    schema = SCHEMAS.latest(kind)
    schema.check(facts)
    for label, content in why.items():
        schema.sealed[label].check(content, f"{schema.name}: sealed.{label}")
    return Unsealed(act, schema, facts, why)


def _corrections(work: Work) -> Corrections:
    log = work.open.log
    return corrections_of(work.state.size, log.sequencer.read, log.repeats)


def _held(work: Work, entry: Entry) -> dict[str, Any]:
    """What was sealed with an entry and is still held, by label; what is no JSON is left where it is."""
    held: dict[str, Any] = {}
    with closing(work.open.folder.sealed()) as store:
        for label, commitment in entry.draft.sealed.items():
            contents = store.contents(commitment)
            if len(contents) != (commitment.count or 1):
                continue
            values = [canonical.parse(contents[place]) for place in sorted(contents)]
            held[label] = values if commitment.count is not None else values[0]
    return held


def _check(work: Work, index: int, made: list[Unsealed]) -> None:
    """Hold the log as it would be to its rules. Raises ``CorrectionRefused`` with the first entry that breaks one."""
    log, size = work.open.log, work.state.size
    also = [(size + n, Entry(one.draft(work.open.origin, {}), one.act.key, b"")) for n, one in enumerate(made)]
    begun = Programme(work.programme.force, work.programme.outside_keys)
    after = folded_with(begun, size, log.sequencer.read, log.repeats, also)
    known = {broken.entry for broken in _irregular(work.programme)}
    for broken in sorted(_irregular(after), key=lambda broken: broken.entry):
        if broken.entry not in known:
            which = "it" if broken.entry == index else f"entry {broken.entry}"
            raise CorrectionRefused(f"{made[-1].schema.kind}: with it, {which} would break a rule: {broken.sentence}")


def _irregular(programme: Programme) -> Iterator[Irregularity]:
    yield from programme.irregularities
    for deployment in programme.deployments.values():
        yield from deployment.irregularities
