"""An entry's form, filled in by a person in a browser: from names and texts to the facts and contents of a paper.

The fields, their order and their words are those of ``register.papers.form``. A field's name on the page is its path,
with the number of a list's item in the place of ``N``: ``windows.0.start``, ``sealed.place.name``. What is typed wrong
is a fault at its field, in words, and everything typed is kept; whether an entry may stand is for the register to say.
A text is never taken as a table or the name of a file here, so nothing of this machine can be asked for through it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from countersign.deployments.clock import LocalTimeWrong, utc_of
from countersign.record.entries.schema import Schema
from countersign.register.papers.form import Field, Group, form_of
from countersign.register.papers.reading import MadeUp, refuse_made_up
from countersign.rulebook.catalogue import DUTIES
from countersign.words.lists import capital
from countersign.words.names import token

#: Characters of one text, and rows of one list, that a page takes; the schemas ask for less.
LONGEST, MOST_ROWS = 20_000, 64
#: What is added to the name of a digest's field for the file that it is worked out from.
FILE = "-file"
ATTESTED = "review.attestation"
#: Fields so short that a row of a list with nothing else stands in one line.
_SHORT = ("integer", "decimal", "token", "reference", "time", "date")
_WHOLE = re.compile(r"-?[0-9]{1,15}")
#: The place in an error's sentence: facts.windows[0].start, or sealed.place.
_PLACE = re.compile(r"(facts|sealed)((?:\.\w+|\[[0-9]+\])*): (?:(\w+) is missing)?")


@dataclass(slots=True)
class Filled:
    """What was typed, by name, and what it comes to: facts, contents, and faults by name."""

    texts: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    sealed: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    #: Digests worked out from files, by the name of their field.
    digests: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The one text under a name, without space around it."""
        return (self.texts.get(name) or [""])[-1].strip() or self.digests.get(name, "")

    def refuse(self, name: str, sentence: str) -> Any:
        """Notes what is wrong at a field; ``None``, so that its value is left out."""
        self.faults[name] = sentence
        return None

    def rows(self, name: str) -> list[int]:
        """The numbers of a list's rows that were sent, in order."""
        numbers = {
            rest.partition(".")[0]
            for key in (*self.texts, *self.files)
            if (rest := key.removeprefix(f"{name}.")) != key
        }
        return sorted(int(number) for number in numbers if re.fullmatch("[0-9]{1,2}", number))[:MOST_ROWS]

    def any_under(self, name: str) -> bool:
        """Whether anything was typed in a table."""
        return any(
            any(map(str.strip, texts)) for key, texts in self.texts.items() if key.startswith(f"{name}.")
        ) or any(key.startswith(f"{name}.") for key in self.files)


def groups_of(schema: Schema, duty: str = "") -> tuple[Group, ...]:
    """The groups of a kind's form with the fields that people are asked; the questions of a duty that is attested."""
    groups = []
    for group in form_of(schema).groups:
        asked = tuple(field for field in group.fields if field.origin == "asked")
        if asked:
            groups.append(replace(group, fields=asked))
    if schema.kind == ATTESTED and duty in DUTIES:
        questions = tuple(_question(schema.kind, each.id, each.text) for each in DUTIES[duty].questions)
        groups.append(Group("answers", DUTIES[duty].title, questions))
    return tuple(groups)


def _question(kind: str, name: str, text: str) -> Field:
    path, hint = f"sealed.answers.{name}", "sentences, in your own words"
    return Field(kind, path, text, hint, "", "sentences", "asked", required=True, sealed=True)


def fill(groups: Sequence[Group], filled: Filled) -> Filled:
    """Work out facts, contents and faults from what was typed."""
    for group in groups:
        for each in group.fields:
            value = _value(each, each.path, filled)
            if value is not None:
                label = each.path.removeprefix("sealed.")
                (filled.sealed if each.sealed else filled.facts)[label] = value
    answers = {name: text for name, text in filled.sealed.items() if name.startswith("answers.")}
    if answers:
        for name in answers:
            del filled.sealed[name]
        listed = [{"question": name.removeprefix("answers."), "text": text} for name, text in answers.items()]
        filled.sealed["answers"] = {"answers": listed}
    return filled


def _value(asked: Field, name: str, filled: Filled) -> Any:
    """The value of a field, ``None`` where it is left out; faults are noted."""
    match asked.type:
        case "table":
            return _table(asked, name, filled)
        case "list":
            return _listed(asked, name, filled)
        case "digest" if f"{name}{FILE}" in filled.files:
            return _digest(name, filled)
    text = filled.text(name)
    if len(text) > LONGEST:
        return filled.refuse(name, f"Use at most {LONGEST:,} characters")
    if not text:
        return filled.refuse(name, "Answer this") if asked.required else None
    match asked.type:
        case "choice":
            fits = text in {choice.word for choice in asked.choices}
            return text if fits else filled.refuse(name, "Choose one of those given")
        case "boolean":
            return text == "yes" if text in ("yes", "no") else filled.refuse(name, "Answer yes or no")
        case "integer":
            plain = text.replace(",", "")
            return int(plain) if _WHOLE.fullmatch(plain) else filled.refuse(name, f"Enter {asked.hint}")
        case "time" | "hour":
            try:
                return utc_of(text)
            except LocalTimeWrong as error:
                return filled.refuse(name, str(error))
    return text


def _table(asked: Field, name: str, filled: Filled) -> dict[str, Any] | None:
    if not asked.required and not filled.any_under(name):
        return None
    values = {each.name: _value(each, f"{name}.{each.name}", filled) for each in asked.fields}
    return {key: value for key, value in values.items() if value is not None}


def _listed(asked: Field, name: str, filled: Filled) -> Any:
    assert asked.item is not None
    if asked.item.type == "table":
        rows = [number for number in filled.rows(name) if filled.any_under(f"{name}.{number}")]
        values: list[Any] = [_table(replace(asked.item, required=True), f"{name}.{number}", filled) for number in rows]
    elif asked.item.type == "choice":
        given = [text for text in filled.texts.get(name, ()) if text]
        if not set(given) <= {choice.word for choice in asked.item.choices}:
            return filled.refuse(name, "Choose from those given")
        values = given
    else:
        lines = [line.strip() for line in filled.text(name).splitlines() if line.strip()]
        whole = asked.item.type == "integer"
        if whole and not all(_WHOLE.fullmatch(line) for line in lines):
            return filled.refuse(name, f"Enter {asked.item.hint} on each line")
        values = [int(line) if whole else utc_of(line) for line in lines]
    if len(values) > (asked.most or MOST_ROWS):
        return filled.refuse(name, f"Give at most {asked.most or MOST_ROWS}")
    if asked.required and len(values) < (asked.least or 0):
        return filled.refuse(name, f"Give {asked.least} or more")
    return values if values or asked.required else None


def _digest(name: str, filled: Filled) -> Any:
    content = filled.files[f"{name}{FILE}"]
    try:
        refuse_made_up(content, "the file")
    except MadeUp as error:
        return filled.refuse(name, str(error))
    filled.digests[name] = sha256(content).hexdigest()
    return filled.digests[name]


def rows_of(asked: Field, value: Any, before: str = "") -> list[tuple[str, str]]:
    """A field's value as questions and answers: a table by its fields, a list of tables by its rows."""
    if value is None:
        return []
    if asked.type == "table":
        return [row for each in asked.fields for row in rows_of(each, value.get(each.name), before)]
    if asked.item is not None and asked.item.type == "table":
        if value and all(each.type in _SHORT for each in asked.item.fields):
            lines = [", ".join(f"{token(name)} {said}" for name, said in part.items()) for part in value]
            return [(f"{before}{asked.question}", "; ".join(lines))]
        numbered = enumerate(value, start=1)
        return [row for number, part in numbered for row in rows_of(asked.item, part, f"{asked.question} {number}: ")]
    words = {choice.word: choice.words for choice in (asked.item or asked).choices}
    words |= {"True": "yes", "False": "no"} if asked.type == "boolean" else {}
    texts = [words.get(str(part), str(part)) for part in (value if isinstance(value, list) else [value])]
    return [(f"{before}{asked.question}", ", ".join(texts) or "none")]


def place_of(sentence: str) -> str:
    """The name of the field that an error of the schema speaks of; nothing where it names none."""
    found = _PLACE.search(sentence)
    if found is None:
        return ""
    steps = [found[1], *re.findall(r"\w+", found[2]), *([found[3]] if found[3] else [])]
    return ".".join(steps[1:] if steps[0] == "facts" else steps)


def sentence_of(kind: str, error: Exception) -> str:
    """An error of the register as it stands on the page, which shows the kind of entry and the place itself."""
    text = re.sub(rf"^{re.escape(kind)}(?:/[0-9]+)?: ", "", str(error))
    return f"{capital(re.sub(r'^(?:facts|sealed)[^ ]*: ', '', text))}."


def typed(schema: Schema, facts: Mapping[str, Any], sealed: Mapping[str, Any]) -> dict[str, list[str]]:
    """What would have to be typed for facts and contents, by name: for a form copied from another entry."""
    made: dict[str, list[str]] = {}

    def write(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, part in value.items():
                write(f"{name}.{key}" if name else key, part)
        elif isinstance(value, list) and any(isinstance(part, dict) for part in value):
            for number, part in enumerate(value):
                write(f"{name}.{number}", part)
        elif isinstance(value, list):
            choices = any(each.path == name and each.item and each.item.choices for each in form_of(schema).fields)
            made[name] = [*map(str, value)] if choices else ["\n".join(map(str, value))]
        else:
            made[name] = [{True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)]

    write("", dict(facts))
    write("sealed", dict(sealed))
    return made
