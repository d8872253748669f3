"""A unit's ledger of judgements on its device, and the entries of its hours in the log.

The ledger is read, checked whole once, and written with one line more; the device has no log and no network. An
hour is entered once it is over, if no entry of the log has it. A judgement counts by the key that signed it, so each
key must be registered in the log, for an operator or an engagement officer.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from countersign.deployments import judgements
from countersign.deployments.clock import hours_later
from countersign.deployments.judgements import JudgementMalformed, Ledger, Line, Matched
from countersign.errors import NotAllowed
from countersign.inputs import LARGE_BYTES, read_input
from countersign.output import write_whole
from countersign.record.entries.entry import EntrySigner
from countersign.register.commands import Unsealed
from countersign.register.correcting import superseding
from countersign.register.deployments import Work, view_of
from countersign.register.opening import OpenLog
from countersign.words.lists import listing

#: Roles of those who judge alerts.
JUDGES = frozenset({"operator", "engagement-officer"})


class JudgeNotRegistered(
    NotAllowed,
    next_step="Have the registrar register the key (`countersign key register`), then enter the hour; nothing was "
    "entered.",
):
    """A judgement is signed by a key that the log does not know as an operator's or an engagement officer's."""


#: The ledger that this process wrote last, with its bytes: what still holds these very bytes is not checked again.
_written: dict[Path, tuple[bytes, Ledger]] = {}


def judge(ledger: Path, subject: str | None, said: dict[str, Any], signer: EntrySigner) -> tuple[str, list[Line]]:
    """Sign one more line of a ledger and write it; the deployment and all lines. ``said``: act, number (``None`` for
    the next), camera, time and what was judged; ``subject``: the deployment, needed for the first line. Raises
    ``JudgementMalformed`` and as ``ledger_of``."""
    data, chain = _read(ledger, subject)
    begun = judgements.following(chain.subject, chain.lines, said.pop("act"), said.pop("number"), said.pop("camera"))
    _add(ledger, data, chain, judgements.signed(chain.subject, begun | said, signer))
    return chain.subject, chain.lines


def take(ledger: Path, data: bytes, place: str) -> Line:
    """Take a second officer's judgement into a ledger. Raises as ``judge``."""
    before, chain = _read(ledger, None)
    subject, line = judgements.line_of(data, place)
    if subject != chain.subject or line["act"] != judgements.SECOND:
        raise JudgementMalformed(f"{place}: is no second judgement of {chain.subject}")
    _add(ledger, before, chain, line)
    return line


def _read(path: Path, subject: str | None) -> tuple[bytes, Ledger]:
    if not path.exists():
        if subject is None or "/" not in subject:
            raise JudgementMalformed(f"{path}: is not there; begin one with --deployment FORCE/DEPLOYMENT")
        return b"", Ledger(subject, str(path))
    data = read_input(path, LARGE_BYTES)
    known, chain = _written.get(path.absolute(), (b"", None))
    if chain is None or known != data:
        chain = judgements.ledger_of(data, str(path))
    if subject not in (None, chain.subject):
        raise JudgementMalformed(f"{path}: is of {chain.subject}, not of {subject}")
    return b"".join(line + b"\n" for line in data.splitlines()), chain


def _add(path: Path, data: bytes, chain: Ledger, line: Line) -> None:
    # Until it is written, the chain with the line more is of no bytes that stand anywhere.
    _written.clear()
    chain.add(line)
    data += judgements.rendered(chain.subject, line)
    write_whole(path, data, secret=True)
    _written[path.absolute()] = (data, chain)


def hours_to_enter(work: Work, ledger: Path) -> list[Unsealed]:
    """The entries of a ledger's hours that are over and not on the record. Raises ``JudgeNotRegistered``, as
    ``ledger_of`` and as ``Work.entry``."""
    chain = judgements.ledger_of(read_input(ledger, LARGE_BYTES), str(ledger))
    subject, lines = chain.subject, chain.lines
    _check_keys(work.open, lines)
    made: list[Unsealed] = []
    for hour, part in judgements.by_hour(lines).items():
        over = hours_later(f"{hour[:13]}:00:00Z", 1)
        if over > work.now or hour in work.programme.deployment(subject).judged:
            continue
        contents = {judgements.LABEL: [dict(line) for line in part]}
        made.append(work.entry(subject, judgements.KIND, judgements.hour_facts(hour, part), contents, at=over))
        work = work.after(made[-1])
    return made


def hour_that_grew(work: Work, ledger: Path) -> list[Unsealed]:
    """The correction of the first hour on the record that the ledger has more of now, such as an engagement in the
    next hour: empty where there is none. What is erased is not sealed again. Raises as ``hours_to_enter`` and as
    ``superseding``."""
    chain = judgements.ledger_of(read_input(ledger, LARGE_BYTES), str(ledger))
    stated = {hour.one("hour"): hour for hour in view_of(work.open, chain.subject).statements("judgements")}
    for hour, part in judgements.by_hour(chain.lines).items():
        if (known := stated.get(hour)) is None:
            continue
        facts, lines = judgements.hour_facts(hour, part), judgements.open_lines(known)
        grown = bool(lines) and len(lines) < len(part)
        if grown or any(facts[name] != known.one(name) for name in judgements.COUNTED):
            _check_keys(work.open, part)
            contents = {judgements.LABEL: [dict(line) for line in part]} if lines or not known.sealed else {}
            index = known.entry if known.corrects is None else known.corrects
            return superseding(work, index, facts, contents, "counted-again", {})
    return []


def _check_keys(log: OpenLog, lines: Sequence[Line]) -> None:
    known = log.log.keyring().keys
    for key, acts in judgements.keys_in(lines).items():
        if key not in known or not known[key].roles & JUDGES:
            what = listing(sorted(acts))
            raise JudgeNotRegistered(f"key {key[:16]}…, of lines {what}, is no operator's or engagement officer's here")


def matched_in(log: OpenLog, subject: str) -> tuple[Matched, int, int]:
    """The numbers of a deployment matched to the engine's alerts, as far as both are held here; and of how many hours
    of judgements and of how many alerts nothing is held any more."""
    view = view_of(log, subject)
    lines, closed = judgements.open_in(view)
    alerts = [each.value for each in view.get("hour.sealed.alerts[]")]
    counted = sum(hour.one("alerts") for hour in view.statements("hour"))
    return judgements.matched(judgements.numbered(lines), alerts), closed, counted - len(alerts)
