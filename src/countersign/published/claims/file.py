"""Reading ``claims.toml``: strict, whole or not at all, every complaint with the file, the claim and the key.

The form is in ``docs/formats/claims.md``. Numbers keep their digits (0.80 is not 0.8), since the rounding rule counts
them. Nothing is fetched: ``where`` is printed, never opened.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeVar

from countersign.door import hold
from countersign.errors import NotReached, WrongForm
from countersign.inputs import toml_of
from countersign.published.claims.claim import (
    Benchmark,
    Claim,
    ClaimImpossible,
    FaceCountRange,
    Population,
    RecordStart,
    SeededTest,
)
from countersign.published.claims.context import BESIDE, known_beside
from countersign.published.claims.quantities import UnknownQuantity, UnknownRelation
from countersign.published.strict_csv import nearest, read_text

_IDENTIFIER = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_TOP = ("claim", "benchmark", "face_count", "population", "seeded", "record")
_KEYS = (
    "id", "said_by", "said_on", "where", "statement", "quantity", "relation", "value", "date_from", "date_to", "place",
    "threshold", "digits", "words_from", "words_to", "force", "benchmark", "face_count", "against_from",
    "against_to", "against_place", "against_threshold", "parts", "of", "population", "seeded", "release", "document",
    "needs", "beside", "note",
)  # fmt: skip
_BENCHMARK_KEYS = ("one_in", "events", "at_watchlist", "source")
_FACE_COUNT_KEYS = ("low", "high", "source")


Named = TypeVar("Named")


class ClaimsMalformed(
    WrongForm, next_step="Put the named key right; docs/formats/claims.md shows the form with an example."
):
    """A claims file is not TOML, or has unknown or missing keys or a value of the wrong type."""


class ClaimsNotRead(NotReached):
    """A claims file could not be opened."""


class _Keys:
    def __init__(self, place: str, table: object, known: tuple[str, ...]) -> None:
        if not isinstance(table, Mapping):
            raise ClaimsMalformed(f"{place}: is not a table of keys")
        for key in table:
            if key not in known:
                raise ClaimsMalformed(f"{place}: unknown key {key!r}{nearest(str(key), known)}")
        self.place, self._table = place, table

    def has(self, key: str) -> bool:
        return key in self._table

    def wrong(self, key: str, wanted: str) -> ClaimsMalformed:
        return ClaimsMalformed(f"{self.place}, key {key!r}: {self._table.get(key)!r} is not {wanted}")

    def text(self, key: str, *, required: bool = False) -> str:
        value = self._table.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, "text in quotation marks")
        if required and not value.strip():
            raise ClaimsMalformed(f"{self.place}: key {key!r} is missing or empty")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._table.get(key, [])
        items = values if isinstance(values, list) else [values]
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise self.wrong(key, "text, or a list of texts")
        return tuple(item.strip() for item in items)

    def numbers(self, key: str) -> tuple[Decimal, ...]:
        values = self._table.get(key, [])
        return tuple(self._number(key, item) for item in (values if isinstance(values, list) else [values]))

    def number(self, key: str) -> Decimal:
        if key not in self._table:
            raise ClaimsMalformed(f"{self.place}: key {key!r} is missing")
        return self._number(key, self._table[key])

    def whole(self, key: str) -> int:
        value = self.number(key)
        if value != value.to_integral_value():
            raise self.wrong(key, "a whole number")
        return int(value)

    def date(self, key: str) -> datetime.date | None:
        value = self._table.get(key)
        if value is None:
            return None
        if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
            raise self.wrong(key, "a date such as 2024-12-31, without quotation marks")
        return value

    def _number(self, key: str, item: object) -> Decimal:
        if isinstance(item, bool) or not isinstance(item, int | Decimal):
            raise self.wrong(key, "a number such as 0.71 (a point for decimals, no quotation marks)")
        if not Decimal(item).is_finite():
            raise self.wrong(key, "a finite number")
        return Decimal(item)


def read_claims(path: Path) -> tuple[Claim, ...]:
    """Read a claims file.

    Raises ``ClaimsNotRead``, ``ClaimsMalformed``, ``UnknownQuantity``, ``UnknownRelation`` or ``ClaimImpossible``, each
    naming the file and the claim.
    """
    text = read_text(path, malformed=ClaimsMalformed, not_read=ClaimsNotRead)
    content = toml_of(text, str(path), ClaimsMalformed, parse_float=Decimal)
    top = _Keys(str(path), hold("claims", content, str(path)), _TOP)
    benchmarks = {name: _benchmark(path, name, table) for name, table in _tables(path, content, "benchmark").items()}
    ranges = {name: _face_count(path, name, table) for name, table in _tables(path, content, "face_count").items()}
    beside = Beside(
        benchmarks,
        ranges,
        {name: _population(path, name, table) for name, table in _tables(path, content, "population").items()},
        {name: _seeded(path, name, table) for name, table in _tables(path, content, "seeded").items()},
        _start(path, content["record"]) if "record" in content else None,
    )
    entries = content.get("claim")
    if not isinstance(entries, list) or not entries:
        raise ClaimsMalformed(f"{top.place}: holds no [[claim]]")
    claims = tuple(_claim(path, number, entry, beside) for number, entry in enumerate(entries, start=1))
    seen: set[str] = set()
    for claim in claims:
        if claim.id in seen:
            raise ClaimsMalformed(f"{path}: two claims have the id {claim.id!r}")
        seen.add(claim.id)
    return claims


def _tables(path: Path, content: Mapping[str, object], key: str) -> Mapping[str, object]:
    tables = content.get(key, {})
    if not isinstance(tables, Mapping):
        raise ClaimsMalformed(f"{path}: {key!r} is not a set of tables such as [{key}.name]")
    return tables


def _benchmark(path: Path, name: str, table: object) -> Benchmark:
    keys = _Keys(f"{path}, benchmark {name!r}", table, _BENCHMARK_KEYS)
    one_in, events, source = keys.number("one_in"), keys.whole("events"), keys.text("source", required=True)
    at_watchlist = keys.whole("at_watchlist") if keys.has("at_watchlist") else None
    try:
        return Benchmark(id=name, one_in=one_in, events=events, source=source, at_watchlist=at_watchlist)
    except ClaimImpossible as error:
        raise ClaimImpossible(f"{path}: {error}") from error


def _face_count(path: Path, name: str, table: object) -> FaceCountRange:
    keys = _Keys(f"{path}, face_count {name!r}", table, _FACE_COUNT_KEYS)
    low, high, source = float(keys.number("low")), float(keys.number("high")), keys.text("source", required=True)
    try:
        return FaceCountRange(low=low, high=high, source=source)
    except ClaimImpossible as error:
        raise ClaimImpossible(f"{keys.place}: {error}") from error


def _population(path: Path, name: str, table: object) -> Population:
    keys = _Keys(f"{path}, population {name!r}", table, ("people", "what", "per", "source"))
    people, what = keys.whole("people"), keys.text("what", required=True)
    per, source = keys.whole("per") if keys.has("per") else 1, keys.text("source", required=True)
    try:
        return Population(people=people, what=what, per=per, source=source)
    except ClaimImpossible as error:
        raise ClaimImpossible(f"{keys.place}: {error}") from error


def _seeded(path: Path, name: str, table: object) -> SeededTest:
    keys = _Keys(f"{path}, seeded {name!r}", table, ("passes", "recognised", "people", "source"))
    passes, recognised, people = keys.whole("passes"), keys.whole("recognised"), keys.whole("people")
    source = keys.text("source", required=True)
    try:
        return SeededTest(passes=passes, recognised=recognised, people=people, source=source)
    except ClaimImpossible as error:
        raise ClaimImpossible(f"{keys.place}: {error}") from error


def _start(path: Path, table: object) -> RecordStart:
    keys = _Keys(f"{path}, record", table, ("begins", "source"))
    begins, source = keys.date("begins"), keys.text("source", required=True)
    if begins is None:
        raise ClaimsMalformed(f"{keys.place}: key 'begins' is missing")
    return RecordStart(begins=begins, source=source)


class Beside(NamedTuple):
    """The tables of a claims file that its claims name, and from when the record is said to be complete."""

    benchmarks: Mapping[str, Benchmark]
    ranges: Mapping[str, FaceCountRange]
    populations: Mapping[str, Population]
    seeded: Mapping[str, SeededTest]
    start: RecordStart | None


def _claim(path: Path, number: int, entry: object, beside: Beside) -> Claim:
    keys = _Keys(f"{path}, claim {number}", entry, _KEYS)
    identifier = keys.text("id", required=True)
    keys.place = f"{path}, claim {identifier!r}"
    if _IDENTIFIER.fullmatch(identifier) is None:
        raise keys.wrong("id", "lower-case words joined by hyphens or points")
    quantities, relation = keys.texts("quantity"), keys.text("relation", required=True)
    if not quantities:
        raise ClaimsMalformed(f"{keys.place}: key 'quantity' is missing")
    value = keys.numbers("value")
    try:
        return Claim(
            id=identifier,
            statement=keys.text("statement", required=True),
            quantity=quantities,
            relation=relation,
            value=value,
            said_by=keys.text("said_by", required=True),
            said_on=keys.text("said_on"),
            where=keys.text("where", required=True),
            date_from=keys.date("date_from"),
            date_to=keys.date("date_to"),
            place=keys.text("place") or None,
            threshold=keys.number("threshold") if keys.has("threshold") else None,
            digits=keys.whole("digits") if keys.has("digits") else None,
            words_from=keys.date("words_from"),
            words_to=keys.date("words_to"),
            force=keys.text("force"),
            benchmark=_named(keys, "benchmark", beside.benchmarks),
            face_count=_named(keys, "face_count", beside.ranges),
            against_from=keys.date("against_from"),
            against_to=keys.date("against_to"),
            against_place=keys.text("against_place") or None,
            against_threshold=keys.number("against_threshold") if keys.has("against_threshold") else None,
            parts=keys.numbers("parts"),
            of=keys.number("of") if keys.has("of") else None,
            population=_named(keys, "population", beside.populations),
            seeded=_named(keys, "seeded", beside.seeded),
            release=keys.date("release"),
            document=keys.text("document"),
            start=beside.start,
            needs=keys.texts("needs"),
            beside=_beside(keys),
            note=keys.text("note"),
        )
    except (UnknownQuantity, UnknownRelation, ClaimImpossible) as error:
        raise type(error)(f"{keys.place}: {error}") from error


def _named(keys: _Keys, key: str, known: Mapping[str, Named]) -> Named | None:
    name = keys.text(key)
    if not name:
        return None
    if name not in known:
        raise ClaimsMalformed(f"{keys.place}, key {key!r}: there is no [{key}.{name}]{nearest(name, tuple(known))}")
    return known[name]


def _beside(keys: _Keys) -> tuple[str, ...]:
    names = keys.texts("beside")
    for name in names:
        if not known_beside(name):
            raise ClaimsMalformed(f"{keys.place}, key 'beside': {name!r} is not known{nearest(name, tuple(BESIDE))}")
    return names
