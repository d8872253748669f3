"""Papers: the files that people give as evidence, and what is refused as such because it is made up.

A paper is a TOML or JSON file with the public facts of one entry, and a table ``sealed`` with what is to be sealed,
by label; times and dates may stand bare in TOML, and a time may be local, with its zone. A batch is JSON Lines: an
object a line with ``kind``, ``facts`` and, where needed, ``sealed``, ``role`` and ``supplied_by``. A forecast, a
simulated export and its truth carry the stamp "assumed, not measured"; what comes of a rehearsal says that it is one.
A digest alone says nothing of what it is of: there the stamp speaks to anyone who opens the document.

>>> refuse_made_up(b'{"stamp": "assumed, not measured"}', "f.json")
Traceback (most recent call last):
    ...
countersign.register.papers.reading.MadeUp: f.json: is stamped "assumed, not measured": it is made up, and no evidence
"""

from __future__ import annotations

import copy
import datetime
import difflib
import tomllib
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from countersign.deployments.clock import LocalTimeWrong, time_text, utc_of
from countersign.deployments.limits import check_document
from countersign.deployments.refusals import NotTheSame
from countersign.door import hold
from countersign.errors import CountersignError, NotAllowed, WrongForm
from countersign.inputs import LARGE_BYTES, json_of, read_input, toml_of
from countersign.record.entries import canonical
from countersign.record.entries.schema import SUPPLIERS, Schema
from countersign.register.commands import GATES, Contents, Unsealed
from countersign.register.deployments import Work
from countersign.register.papers.filling import Facts
from countersign.register.papers.form import fields_of
from countersign.surroundings import ASSUMED, REHEARSED, rehearsed
from countersign.words.lists import be, counted, listing

#: A table with this name alone stands for the SHA-256 of the file it names, from the paper's folder.
DIGEST_OF = "sha256_of"
#: Lines of a batch at most.
MOST_LINES = 1000
_SAID = ((ASSUMED, f'is stamped "{ASSUMED}": it is made up'), (REHEARSED, "says that it comes of a rehearsal"))
_FIELDS = {"kind": str, "facts": dict, "sealed": dict, "role": str, "supplied_by": str}


class PaperMalformed(
    WrongForm, next_step="Correct the file; docs/formats/deployment-papers.md shows one of each kind."
):
    """A paper is not TOML or JSON, or holds something that cannot stand in an entry."""


class AnswerWrong(WrongForm, next_step="`countersign draft new KIND` lists every field and what it takes."):
    """A single answer names no field, or its value is not of the field's form."""


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
    plain = _plain(hold("paper", raw, str(path)), str(path), path.parent)
    sealed = plain.pop("sealed", {})
    _hold_plain(plain, sealed, str(path), PaperMalformed)
    return plain, sealed


def digest_of_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises ``InputMissing``, ``InputTooLarge`` or ``MadeUp``."""
    data = read_input(path, LARGE_BYTES)
    refuse_made_up(data, str(path))
    return sha256(data).hexdigest()


def answered(schema: Schema, facts: Contents, sealed: Contents, answers: Sequence[str]) -> tuple[Facts, Facts]:
    """Facts and contents with single answers put in, each ``path=value``: ``windows.0.start=...``,
    ``sealed.place.name=...``; ``file:NAME`` for the SHA-256 of a file. Raises ``AnswerWrong``."""
    made: Facts = copy.deepcopy({**facts, "sealed": dict(sealed)})
    shape = fields_of(schema)
    for answer in answers:
        path, equals, text = answer.partition("=")
        if not equals:
            raise AnswerWrong(f"{answer!r}: an answer is FIELD=VALUE, like units=1 or sealed.place.unit=van-1")
        _put(made, shape, path.split("."), text, path)
    return made, made.pop("sealed")


def _put(holder: Any, shape: dict[str, Any], path: list[str], text: str, whole: str) -> None:
    name, *rest = path
    if shape.get("type") == "array" and name.isdecimal():
        place: int | str = int(name)
        inner = shape["items"]
        if int(name) > len(holder):
            raise AnswerWrong(f"{whole}: the list has {counted(len(holder), 'item')}; they are numbered from 0")
        if place == len(holder):
            holder.append({} if inner.get("type") == "object" else [])
    elif name in shape.get("properties", {}):
        place, inner = name, shape["properties"][name]
    else:
        near = listing(difflib.get_close_matches(name, [*shape.get("properties", {})], n=3))
        raise AnswerWrong(f"{whole}: there is no field {name!r} there" + (f"; the nearest are {near}" if near else ""))
    if not rest:
        holder[place] = _plain(_read(inner, text, whole), whole, Path())
        return
    if isinstance(holder, dict):
        holder.setdefault(place, [] if inner.get("type") == "array" else {})
    if not isinstance(holder[place], dict | list):
        raise AnswerWrong(f"{whole}: {name} holds one value, and has no fields")
    _put(holder[place], inner, rest, text, whole)


def _read(shape: dict[str, Any], text: str, whole: str) -> Any:
    """A value as typed: numbers, yes and no, and lists and tables in TOML, by the form of their field."""
    kind = shape.get("type", "string")
    if kind == "string":
        of_file = shape.get("format") == "digest" and text.startswith(_FILE)
        return digest_of_file(Path(text.removeprefix(_FILE))) if of_file else text
    if kind == "boolean" and text in _YES_NO:
        return _YES_NO[text]
    if kind == "array" and not text:
        return []
    if kind == "array" and text[0] != "[" and shape.get("items", {}).get("type", "string") == "string":
        return [_read(shape["items"], part.strip(), whole) for part in text.split(",")]
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        raise AnswerWrong(f"{whole}: {text!r} is no {_FORMS.get(kind, 'value')}") from None


_FILE = "file:"
_YES_NO = {"yes": True, "no": False}
_FORMS = {"integer": "whole number", "boolean": "yes or no", "array": "list", "object": "table"}


def _hold_plain(facts: Any, sealed: Any, place: str, wrong: type[WrongForm]) -> None:
    try:
        canonical.check(facts, "facts")
        canonical.check(sealed, "sealed")
    except canonical.NotCanonical as error:
        raise wrong(f"{place}: {error}") from None


def _plain(value: Any, place: str, folder: Path) -> Any:
    if isinstance(value, dict):
        if set(value) == {DIGEST_OF} and isinstance(value[DIGEST_OF], str):
            return digest_of_file(folder / value[DIGEST_OF])
        return {name: _plain(part, f"{place}: {name}", folder) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, place, folder) for part in value]
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
    return [_line(line, f"{path}, line {number}", path.parent) for number, line in enumerate(lines, 1)]


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


def _line(data: bytes, place: str, folder: Path) -> dict[str, Any]:
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
    return {name: _plain(value, f"{place}: {name}", folder) for name, value in raw.items()}


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
