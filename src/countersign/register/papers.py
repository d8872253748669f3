"""Papers: the files that people give as evidence, and what is refused as such because it is made up.

A paper is a TOML or JSON file with the public facts of one entry, and a table ``sealed`` with what is to be sealed,
by label; times and dates may stand bare in TOML, and a time may be local, with its zone. A batch is JSON Lines: an
object a line with ``kind``, ``facts`` and, where needed, ``sealed``, ``role`` and ``supplied_by``. A forecast, a
simulated export and its truth carry the stamp "assumed, not measured"; what comes of a rehearsal says that it is one.
A digest alone says nothing of what it is of: there the stamp speaks to anyone who opens the document.

>>> refuse_made_up(b'{"stamp": "assumed, not measured"}', "forecast.json")
Traceback (most recent call last):
    ...
countersign.register.papers.MadeUp: forecast.json: is stamped "assumed, not measured": it is made up, and no evidence
"""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from countersign.deployments.clock import LocalTimeWrong, time_text, utc_of
from countersign.deployments.limits import check_document
from countersign.deployments.refusals import NotTheSame
from countersign.door import hold
from countersign.errors import CountersignError, NotAllowed, WrongForm
from countersign.inputs import json_of, read_input, toml_of
from countersign.record.entries import canonical
from countersign.record.entries.schema import SUPPLIERS
from countersign.register.commands import GATES, Unsealed
from countersign.register.deployments import Work
from countersign.surroundings import ASSUMED, REHEARSED, rehearsed
from countersign.words.lists import be

#: Lines of a batch at most.
MOST_LINES = 1000
_SAID = ((ASSUMED, f'is stamped "{ASSUMED}": it is made up'), (REHEARSED, "says that it comes of a rehearsal"))
_FIELDS = {"kind": str, "facts": dict, "sealed": dict, "role": str, "supplied_by": str}


class PaperMalformed(
    WrongForm, next_step="Correct the file; docs/formats/deployment-papers.md shows one of each kind."
):
    """A paper is not TOML or JSON, or holds something that cannot stand in an entry."""


class BatchMalformed(
    WrongForm, code="statements-batch-malformed", next_step="Correct that line; nothing of the batch was entered."
):
    """A line of a batch of statements is not of its form, or is of a kind that a command of its own enters."""


class LimitsMalformed(
    WrongForm,
    code="events-limits-malformed",
    next_step="Give the document that was sealed under authorise.limits, byte for byte; nothing was taken.",
):
    """A file is not a document of declared limits."""


class MadeUp(
    NotAllowed,
    code="made-up-no-evidence",
    next_step="Give what was measured, or what truly happened; nothing was entered.",
):
    """A forecast, a simulation or a part of a rehearsal was given where evidence is asked for."""


def refuse_made_up(data: bytes, place: str) -> None:
    """Look for the stamp, and for a rehearsal's sentence, in the bytes of a file. Raises ``MadeUp``."""
    for mark, sentence in _SAID:
        if mark.encode() in data:
            raise MadeUp(f"{place}: {sentence}, and no evidence")


def refuse_events(made_up: int, origin: str) -> None:
    """Raises ``MadeUp`` where ``made_up`` events, or what rests on them, would enter a log but a rehearsal's."""
    if made_up and not rehearsed(origin):
        raise MadeUp(f'{made_up:,} of the events {be(made_up)} stamped "{ASSUMED}": made up, and no evidence')


def read_paper(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The public facts of a paper, and what it seals. Raises ``InputMissing``, ``MadeUp`` or ``PaperMalformed``."""
    data = read_input(path)
    refuse_made_up(data, str(path))
    raw: Any = (json_of if path.suffix == ".json" else toml_of)(data, str(path), PaperMalformed)
    if not isinstance(raw, dict) or not isinstance(raw.get("sealed", {}), dict):
        raise PaperMalformed(f"{path}: a paper is a table of facts, with a table named sealed")
    plain = _plain(hold("paper", raw, str(path)), str(path))
    sealed = plain.pop("sealed", {})
    _hold_plain(plain, sealed, str(path), PaperMalformed)
    return plain, sealed


def _hold_plain(facts: Any, sealed: Any, place: str, wrong: type[WrongForm]) -> None:
    try:
        canonical.check(facts, "facts")
        canonical.check(sealed, "sealed")
    except canonical.NotCanonical as error:
        raise wrong(f"{place}: {error}") from None


def _plain(value: Any, place: str) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part, f"{place}: {name}") for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, place) for part in value]
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise PaperMalformed(
                f"{place}: the time {value} names no zone; end it with Z for UTC, or write it as a text with its zone, "
                'like "2025-07-25 10:00 Europe/London"'
            )
        return time_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str):
        try:
            return utc_of(value)
        except LocalTimeWrong as error:
            raise LocalTimeWrong(f"{place}: {error}") from None
    return value


def read_batch(path: Path) -> list[dict[str, Any]]:
    """The lines of a batch, in order. Raises ``InputMissing``, ``MadeUp`` or, with the line, ``BatchMalformed``."""
    content = read_input(path)
    refuse_made_up(content, str(path))
    lines = [line for line in content.split(b"\n") if line.strip()]
    if not lines or len(lines) > MOST_LINES:
        raise BatchMalformed(f"{path}: has {len(lines):,} lines, not 1 to {MOST_LINES:,}")
    return [_line(line, f"{path}, line {number}") for number, line in enumerate(lines, 1)]


def batch_entries(work: Work, subject: str, lines: list[dict[str, Any]], place: str) -> list[Unsealed]:
    """The entries of a batch, each held to what those before it lead to. Raises as ``Work.entry``, with its line."""
    made = []
    for number, line in enumerate(lines, 1):
        doing = {name: line[name] for name in ("role", "supplied_by") if name in line}
        try:
            entry = work.as_(**doing).entry(subject, line["kind"], line["facts"], line.get("sealed", {}))
        except CountersignError as error:
            error.args = (f"{place}, line {number}: {error}", *error.args[1:])
            raise
        work = work.after(entry)
        made.append(entry)
    return made


def _line(data: bytes, place: str) -> dict[str, Any]:
    raw = json_of(data, place, BatchMalformed)
    if not isinstance(raw, dict) or not {"kind", "facts"} <= set(raw) <= set(_FIELDS):
        raise BatchMalformed(f"{place}: is not an object with kind and facts, and maybe sealed, role, supplied_by")
    for name, value in raw.items():
        if not isinstance(value, _FIELDS[name]):
            raise BatchMalformed(f"{place}: {name} is not of its form")
    if raw.get("supplied_by", SUPPLIERS[0]) not in SUPPLIERS:
        raise BatchMalformed(f"{place}: supplied_by is none of {', '.join(SUPPLIERS)}")
    if raw["kind"] in GATES:
        raise BatchMalformed(f"{place}: {raw['kind']} stands behind a gate and has a command of its own")
    _hold_plain(raw["facts"], raw.get("sealed", {}), place, BatchMalformed)
    hold("paper", raw, place)
    return {name: _plain(value, f"{place}: {name}") for name, value in raw.items()}


def read_limits_document(path: Path, deployment: str) -> dict[str, Any]:
    """The document of a deployment's declared limits. Raises ``LimitsMalformed`` or ``NotTheSame``."""
    try:
        document: Any = canonical.parse(read_input(path).strip())
        if not isinstance(document, dict):
            raise LimitsMalformed("is not an object")
        check_document(document)
    except (WrongForm, NotAllowed) as error:
        raise LimitsMalformed(f"{path}: is not a document of declared limits: {error}") from None
    if document["deployment"] != deployment:
        raise NotTheSame(f"{path}: declares the limits of {document['deployment']}, not of {deployment}")
    return document
