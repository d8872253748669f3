"""The door: what any text and number has to be before it is shown or kept, for all that is no entry of a log.

Personal data is kept out by form. ``FORMS`` lists every field in which a person may write freely, with its length, its
alphabet, what it may hold and who sees it; any other text of a file is a word of a list or a short name. Only an office
that made a claim and a contact may hold names, addresses and telephone numbers. A file that an operator writes is
refused in a sentence with the place; in a published file a leak costs the cell (``published.withheld``). What leaks is
``leaks``. The page ``docs/formats/door.md`` is made from this module.

Not held here: score columns of trials (numbers, never shown), digests and keys in their own spelling, the geometry of
zones (integers on a local grid), published files in the vault, and entries, which have rules of their own.

>>> hold("claims", {"claim": [{"statement": "ask jo@example.org"}]}, "claims.toml")
Traceback (most recent call last):
    ...
countersign.door.LeakAtTheDoor: claims.toml, claim 1, statement: holds an e-mail address
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypeVar

from countersign.errors import WrongForm
from countersign.leaks import NUMBERS, cut_up, leak_in

T = TypeVar("T")

#: Numbers in one list or table, and figures in one number.
MOST_NUMBERS, MOST_FIGURES = 64, 17
#: Characters of one text that are looked at: no field takes more.
LONGEST_SOUGHT = 4_096


class LeakAtTheDoor(
    WrongForm, next_step="Take it out at the place named; docs/formats/door.md lists what each field may hold."
):
    """A file or an option holds what may describe a person, or what may be a picture or a template of a face."""


class Text(NamedTuple):
    """What a field may hold: its length in characters, whether other alphabets may stand there, and its exceptions."""

    meaning: str
    longest: int
    any_alphabet: bool = False
    of_place: bool = False
    of_contact: bool = False
    typed: bool = False


WORD = Text("a word of a list, a short name, a date or a number", 120, any_alphabet=True)
SENTENCES = Text("sentences", 2_000)
TITLE = Text("a title", 300)
OFFICE = Text("an office or a body, and who holds it", 200, of_contact=True)
CONTACT = Text("how an office is reached", 200, any_alphabet=True, of_contact=True)
PLACE = Text("a place as published", 300, of_place=True)
SOURCE = Text("where it was published: a title, a page, an address", 500, typed=True)
PRINTED = Text("a cell or a place as printed", 300, any_alphabet=True, of_place=True)
HEADING = Text("words as printed", 300, any_alphabet=True)
FACTS = Text("a fact of an entry, of the form of its schema", 4_000, typed=True)
FACTS_OF_PLACE = Text("the place of a deployment, of the form of its schema", 300, of_place=True, typed=True)
ARGUMENT = FACTS_OF_PLACE._replace(longest=LONGEST_SOUGHT)
KEY = Text("a key or a digest, in its own spelling", 4_000, typed=True)

EVERYONE = "everyone: the report, review.json, the open data"
MAKER = "the person who runs the command"


class Form(NamedTuple):
    """A kind of file that an operator writes: what it is, who sees its texts, and its free texts by their paths."""

    title: str
    seen_by: str
    texts: Mapping[str, Text]


#: ``*`` stands for a name that the file makes up; lists are not counted in a path. The first that fits holds.
FORMS: Mapping[str, Form] = {
    "claims": Form("Claims (TOML)", EVERYONE, {
        "claim.said_by": OFFICE, "claim.where": SOURCE, "claim.statement": SENTENCES, "claim.place": PLACE,
        "claim.needs": SENTENCES, "claim.note": SENTENCES, "claim.force": TITLE, "claim.against_place": PLACE,
        "claim.document": TITLE, "*.source": SOURCE, "population.*.what": SENTENCES,
    }),
    "groups": Form("Counts by group and baselines (CSV)", EVERYONE, {
        "source": SOURCE, "label_source": SENTENCES, "what": SENTENCES, "force": TITLE,
    }),
    "corrections": Form("Corrections of published values (TOML)", EVERYONE, {
        "correction.reason": SENTENCES, "correction.who": OFFICE, "correction.printed": PRINTED,
        "correction.read_as": PRINTED, "correction.sha256": KEY,
    }),
    "column map": Form("Column maps (TOML)", EVERYONE, {
        "title": TITLE, "publisher": TITLE, "address": SOURCE, "columns.*": HEADING, "sums.*": HEADING,
        "constants.*": PRINTED, "ignore": HEADING, "sheets": HEADING, "leave": HEADING, "zero": HEADING,
        "none": HEADING, "withheld": HEADING,
    }),
    "list": Form("Lists to reconcile (CSV)", EVERYONE, {
        "place": PLACE, "who": OFFICE, "note": SENTENCES, "*": PRINTED,
    }),
    "case": Form("Cases (TOML)", EVERYONE, {
        "title": TITLE, "standard": TITLE, "story.text": SENTENCES,
        "source.title": TITLE, "source.publisher": TITLE, "source.address": SOURCE,
        "*.where": SOURCE, "*place*": FACTS_OF_PLACE, "*facts.*": FACTS, "*sealed.*": FACTS, "row.values.*": PRINTED,
    }),
    "papers": Form("Facts of the sign and the leaflet (TOML)", "everyone: the sign, the leaflet, the public page", {
        "contact.*": CONTACT, "complaints.*": CONTACT, "page.host.*": CONTACT, "page.base": SOURCE, "place.*": PRINTED,
        "force.*": HEADING, "why.*": HEADING, "way_round.*": PRINTED,
    }),
    "reader's file": Form("Reader's files (TOML)", EVERYONE, {
        "*.body": OFFICE, "outside.key": KEY, "log.policy": KEY,
    }),
    "paper": Form("Papers and batches of a deployment, facts of an entry (TOML, JSON)",
        "everyone, but for what is sealed: those to whom it is opened", {"*place*": FACTS_OF_PLACE, "*": FACTS}),
    "trial plan": Form("Trial plans and answers (TOML)", "readers of the trial's report", {
        "trial.title": TITLE, "trial.stopping_rule": SENTENCES, "trial.trial_unit": TITLE, "trial.protocol": TITLE,
        "data_set.name": TITLE, "question.text": SENTENCES,
        "question.needs": SENTENCES, "rights_assessment.document": SOURCE, "answer.text": SENTENCES,
        "answer.evidence": SOURCE,
    }),
    "labels": Form("Labels of groups, sites and engines in trial tables", "readers of the trial's report", {"*": WORD}),
    "score map": Form("Maps of score tables (TOML)", MAKER, {"columns.*": HEADING}),
    "event map": Form("Maps of an engine's export (TOML)", MAKER, {"columns.*": HEADING, "ignore": HEADING}),
    "scenario": Form("Scenarios (TOML)", "readers of the simulation", {"title": TITLE}),
    "review": Form("Reviews given to `ask` (JSON)", "who gets the letter", {
        "title": TITLE, "not_shown.what": SENTENCES, "not_shown.because": SENTENCES,
    }),
    "library": Form("A library's library.toml, forces.toml, sources.toml and addresses", EVERYONE, {
        "title": TITLE, "*.name": TITLE, "*.aliases": TITLE, "*": SOURCE,
    }),
    "option": Form("Options and arguments of every command", MAKER, {"*": ARGUMENT}),
}  # fmt: skip


def hold(form: str, content: T, place: str) -> T:
    """``content``, of a file of this form, if every text and number of it may pass. Raises ``LeakAtTheDoor``."""
    columns: dict[str, list[str]] = {}
    for path, where, value in _leaves(content, (), place):
        if isinstance(value, str):
            hold_text(form, path, value, where)
            columns.setdefault(path, []).append(value)
        elif not _is_short(value):
            raise LeakAtTheDoor(f"{where}: holds a number of more than {MOST_FIGURES} figures")
    for path, texts in columns.items():
        if not text_of(form, path).typed and cut_up(texts) is not None:
            raise LeakAtTheDoor(f"{place}, {path or 'its texts'}: together they hold data that was cut up")
    return content


def hold_text(form: str, path: str, value: str, where: str) -> str:
    """``value``, if it may stand in this field. Raises ``LeakAtTheDoor`` with the place, never with the text."""
    text = text_of(form, path)
    # What is longer is refused by its length; of it, enough is looked at to say whether it leaks as well.
    sought = value[:LONGEST_SOUGHT]
    kind = leak_in(sought, of_place=text.of_place, of_contact=text.of_contact, typed=text.typed)
    if kind is not None:
        raise LeakAtTheDoor(f"{where}: holds {kind}")
    if len(value) > text.longest:
        raise LeakAtTheDoor(f"{where}: holds {len(value):,} characters, not at most {text.longest:,} ({text.meaning})")
    if not text.any_alphabet and not value.isascii() and not all(map(_is_local, value)):
        raise LeakAtTheDoor(f"{where}: holds letters or signs of another alphabet than Latin, Greek or Cyrillic")
    return value


def hold_column(texts: Iterable[str], where: str) -> None:
    """A column of an operator's table, looked at as a whole. Raises ``LeakAtTheDoor``."""
    if cut_up(texts) is not None:
        raise LeakAtTheDoor(f"{where}: together its cells hold data that was cut up")


def text_of(form: str, path: str) -> Text:
    """What a field of a form may hold.

    >>> text_of("claims", "claim.said_by").meaning, text_of("claims", "claim.id").longest
    ('an office or a body, and who holds it', 120)
    """
    return next((text for known, text in FORMS[form].texts.items() if fnmatchcase(path, known)), WORD)


def _leaves(value: Any, path: tuple[str, ...], where: str) -> Iterator[tuple[str, str, Any]]:
    """Every text and number with its path in the form and its place for a message; keys are texts, too."""
    if isinstance(value, Mapping):
        _hold_numbers(value.values(), where)
        for key, part in value.items():
            name = str(key)
            kind = leak_in(name[:LONGEST_SOUGHT], typed=True)
            if kind is not None or len(name) > PRINTED.longest:
                raise LeakAtTheDoor(f"{where}: the name of a key holds {kind or 'too many characters'}")
            inner = f"{where}, {name}"
            if isinstance(part, list | tuple) and all(isinstance(each, Mapping) for each in part):
                for number, each in enumerate(part, start=1):
                    yield from _leaves(each, (*path, name), f"{inner} {number}")
            else:
                yield from _leaves(part, (*path, name), inner)
    elif isinstance(value, str):
        yield ".".join(path), where, value
    elif isinstance(value, list | tuple):
        _hold_numbers(value, where)
        for each in value:
            yield from _leaves(each, path, where)
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        yield ".".join(path), where, value


def _hold_numbers(values: Iterable[Any], where: str) -> None:
    if _numbers(values) > MOST_NUMBERS:
        raise LeakAtTheDoor(f"{where}: holds {NUMBERS}")


def _numbers(values: Iterable[Any]) -> int:
    return sum(
        _numbers(value) if isinstance(value, list | tuple) else isinstance(value, int | float | Decimal)
        for value in values
    )


def _is_short(value: float | Decimal) -> bool:
    """Whether a number has at most ``MOST_FIGURES`` figures, and few signs; an integer may be too long to be shown."""
    if isinstance(value, int) and abs(value) >= 10**MOST_FIGURES:
        return False
    figures = 0 if isinstance(value, float) else len(Decimal(value).as_tuple().digits)
    return len(str(value)) <= MOST_FIGURES + 8 and figures <= MOST_FIGURES


def _is_local(letter: str) -> bool:
    if letter < "\u0250" or unicodedata.category(letter)[0] not in "LMCS":
        return True
    return unicodedata.name(letter, "").startswith(("LATIN", "GREEK", "CYRILLIC", "COMBINING", "MODIFIER")) or (
        unicodedata.category(letter) in ("Sm", "Sc", "Cf") or letter in "✓✔✗✘°№™®©│■●▲▼→←↑↓␣�"
    )
