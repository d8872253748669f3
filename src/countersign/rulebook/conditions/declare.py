"""How a duty is declared: whose lines it is asked of, and the rules that must hold of them.

A declaration is a list of parts. A subject (``subjects``: ``Paper``, ``Entries``, ``Each``) says whose lines the rules
after it are asked of, with the sentence for when the record has none. Each rule (``has``, ``says``, ``holds_all``,
``among``, ``before``, ``against``, ``that``) gives one condition. ``needs`` leaves the duty *not shown* where its basis
is missing. A duty that no such list can say is a function (``check``) from the record to parts; a part may be a
function too, or a condition that is already decided.

    declare(
        "uk.policy.published-before",
        Paper("policy"),
        before("published_at", OPENING, "the policy was published"),
        has("published_url", "archived_digest", yes="its address and digest are given", absent="no address is given"),
    )

>>> Paper("policy", "no policy is on the record").missing
'no policy is on the record'
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Required, TypedDict, Unpack

from countersign.rulebook.conditions.look import Line, Look, Moment, Unmeasured
from countersign.rulebook.conditions.results import Condition, Test, decide, lacking
from countersign.words.dates import at_words
from countersign.words.names import token


class Subject:
    """Lines of the record that rules are asked of; ``missing`` is the sentence where there are none.

    ``each``: several things, each of which needs evidence of its own. Else the lines are accounts of one thing, and
    one account that is independent of the force is enough.
    """

    missing: str
    each: ClassVar[bool] = False

    def lines(self, look: Look) -> tuple[Line, ...]:
        """The lines."""
        raise NotImplementedError


@dataclass(frozen=True)
class Entries(Subject):
    """All entries of a noun, but for those that ``where`` leaves out."""

    noun: str
    missing: str = ""
    where: Callable[[Line], bool] | None = None

    def lines(self, look: Look) -> tuple[Line, ...]:
        """The entries, in the log's order."""
        lines = self._read(look)
        return lines if self.where is None else tuple(line for line in lines if self.where(line))

    def _read(self, look: Look) -> tuple[Line, ...]:
        return look.lines(self.noun)


class Each(Entries):
    """All entries of a noun, each of them a thing of its own."""

    each = True


class Paper(Entries):
    """A document in its latest version, by each supplier's account."""

    def _read(self, look: Look) -> tuple[Line, ...]:
        return look.current(self.noun)


@dataclass(frozen=True)
class These(Subject):
    """Lines that a function has picked."""

    picked: Sequence[Line]
    missing: str = ""

    def lines(self, look: Look) -> tuple[Line, ...]:
        """The lines picked."""
        return tuple(self.picked)


class EachOfThese(These):
    """Lines that a function has picked, each of them a thing of its own."""

    each = True


@dataclass(frozen=True)
class Mark:
    """A moment that duties are measured from, by its name in sentences."""

    name: str
    moment: Callable[[Look], Moment | None]

    def lines(self, look: Look) -> tuple[Line, ...]:
        """The lines that state it."""
        stated = self.moment(look)
        return () if stated is None else stated.lines


def _first_signed(look: Look) -> Moment | None:
    authorities = look.lines("authority")
    stated = [at for line in authorities if (at := line.time("signed_at")) is not None]
    return Moment(min(stated), authorities) if stated else None


OPENING = Mark("the opening", Look.opening)
CLOSE = Mark("the close", Look.closing)
#: The first signature of an authority.
SIGNATURE = Mark("the authority", _first_signed)


class Sentences(TypedDict, total=False):
    """The sentences of a rule, and what stands beside its subject.

    ``yes`` where the rule holds, ``no`` where it is contradicted, ``absent`` where it is not shown (else the subject's
    own sentence), ``unsaid`` where the subject is there and does not say. ``beside``: what it is compared with.
    """

    yes: Required[str]
    no: str
    absent: str
    unsaid: str
    beside: Entries | Mark | Sequence[Line]


@dataclass(frozen=True)
class Rule:
    """A test of a subject's lines, with its sentences; ``test`` is made from the look, so that it can compare."""

    test: Callable[[Look], Test]
    sentences: Sentences

    def condition(self, look: Look, subject: Subject, lines: tuple[Line, ...]) -> Condition:
        """The condition that the rule gives."""
        sentences = self.sentences
        absent = sentences.get("absent", subject.missing)
        beside = sentences.get("beside", ())
        return decide(
            lines,
            self.test(look),
            yes=sentences["yes"],
            no=sentences.get("no", ""),
            absent=sentences.get("unsaid", absent) if lines else absent,
            beside=beside.lines(look) if isinstance(beside, Entries | Mark) else beside,
            each=subject.each,
        )


@dataclass(frozen=True)
class Before:
    """That a moment stated in each account lies before a mark (at it is soon enough unless ``strictly``), and that the
    force's own accounts stand in the log before the mark's entry: the time that an entry states is its author's.
    """

    field: str
    mark: Mark
    what: str
    strictly: bool

    def condition(self, look: Look, subject: Subject, lines: tuple[Line, ...]) -> Condition:
        """The condition that the rule gives; it rests on the mark's lines as well."""
        name, limit = self.mark.name, self.mark.moment(look)
        if limit is None:
            return lacking(f"{name} is not on the record, so nothing can be measured from it")

        # A force's entry that stands behind the mark's own is its author's word alone, whatever time it states.
        place = min((line.entry for line in limit.lines if not line.origin), default=None)
        entered = tuple(line for line in lines if place is None or line.entry < place or line.independent)
        if lines and not entered:
            return Condition(None, f"{self.what} by an entry that stands in the log only after {name}", (lines,))

        def soon_enough(line: Line) -> bool | None:
            at = line.time(self.field)
            return None if at is None else (at < limit.at if self.strictly else at <= limit.at)

        condition = decide(
            entered,
            soon_enough,
            yes=f"{self.what} before {name} ({at_words(limit.at)})",
            no=f"{self.what} only after {name} ({at_words(limit.at)})",
            absent=f"no moment is on the record at which {self.what}",
            each=subject.each,
        )
        grounds = (*condition.grounds, limit.lines) if limit.lines else condition.grounds
        return Condition(condition.holds, condition.because, grounds)


@dataclass(frozen=True)
class Needs:
    """What a duty cannot be decided without, and the sentence where it is missing."""

    what: Entries | Mark
    otherwise: str

    def missing(self, look: Look) -> bool:
        """Whether the record lacks it."""
        return self.what.moment(look) is None if isinstance(self.what, Mark) else not self.what.lines(look)


Part = Subject | Rule | Before | Needs | Condition | Callable[[Look], "Condition | Sequence[Part]"]
Check = Callable[[Look], Sequence[Condition]]

#: The check of each duty that has one, filled by ``declare`` and ``check`` when ``rulebook.duties`` is imported.
CHECKS: dict[str, Check] = {}


def that(test: Test, **sentences: Unpack[Sentences]) -> Rule:
    """That a test of the line's own fields holds."""
    return Rule(lambda _: test, sentences)


def has(*fields: str, **sentences: Unpack[Sentences]) -> Rule:
    """That all fields are there and not empty; what is left out shows nothing, and contradicts nothing."""
    return that(lambda line: all(line(field) not in (None, "", [], ()) for field in fields) or None, **sentences)


def says(field: str, *values: object, **sentences: Unpack[Sentences]) -> Rule:
    """That a field says one of ``values``."""
    return that(lambda line: None if line(field) is None else line(field) in values, **sentences)


def holds_all(field: str, wanted: Iterable[object], **sentences: Unpack[Sentences]) -> Rule:
    """That a list holds each of ``wanted``."""
    needed = frozenset(wanted)
    return that(lambda line: None if line(field) is None else needed <= set(line(field)), **sentences)


def among(
    field: str, source: Entries, values: str | Callable[[Line], Iterable[Any]], **sentences: Unpack[Sentences]
) -> Rule:
    """That a field says one of the values that ``source`` gives: in a field, or by a function of each line. Not shown
    where the source gives none. The source stands beside, unless ``beside`` says otherwise.
    """

    def bound(look: Look) -> Test:
        lines = source.lines(look)
        known = (
            {line(values) for line in lines} if isinstance(values, str) else {v for line in lines for v in values(line)}
        )
        return lambda line: line(field) in known if known else None

    return Rule(bound, {"beside": source, **sentences})


def against(mark: Mark, test: Callable[[Line, datetime.datetime], bool | None], **sentences: Unpack[Sentences]) -> Rule:
    """That a test of the line and a mark's moment holds; not shown where the mark is not on the record."""

    def bound(look: Look) -> Test:
        limit = mark.moment(look)
        return lambda line: None if limit is None else test(line, limit.at)

    return Rule(bound, sentences)


def before(field: str, mark: Mark, what: str, *, strictly: bool = False) -> Before:
    """That the moment in ``field`` lies before a mark; ``what`` begins the sentence."""
    return Before(field, mark, what, strictly)


def needs(what: Entries | Mark, otherwise: str) -> Needs:
    """That the record has something, without which the duty is not shown."""
    return Needs(what, otherwise)


def conditions(look: Look, parts: Iterable[Part]) -> list[Condition]:
    """The conditions that parts give, in their order.

    >>> from countersign.deployments.view import View
    >>> view, as_at = View.of([], "force-a/d-1"), datetime.datetime(2026, 9, 1, tzinfo=datetime.UTC)
    >>> look = Look(view, frozenset({"policy.published_url"}), as_at)
    >>> parts = [Paper("policy", "no policy is on the record"), has("published_url", yes="its address is given")]
    >>> [(condition.holds, condition.because) for condition in conditions(look, parts)]
    [(None, 'no policy is on the record')]
    """
    answered: list[Condition] = []
    subject: Subject = These(())
    lines: tuple[Line, ...] = ()
    for part in parts:
        match part:
            case Subject():
                subject, lines = part, part.lines(look)
            case Rule() | Before():
                answered.append(part.condition(look, subject, lines))
            case Needs():
                if part.missing(look):
                    return [lacking(part.otherwise)]
            case Condition():
                answered.append(part)
            case _:
                given = part(look)
                answered += [given] if isinstance(given, Condition) else conditions(look, given)
    return answered


def check(duty: str) -> Callable[[Callable[[Look], Sequence[Part]]], Callable[[Look], Sequence[Part]]]:
    """Register a function as the check of a duty; a duty has one. Where a check has no number to measure by, nothing is
    shown.
    """

    def register(function: Callable[[Look], Sequence[Part]]) -> Callable[[Look], Sequence[Part]]:
        def measured(look: Look) -> Sequence[Condition]:
            try:
                return conditions(look, function(look))
            except Unmeasured as missing:
                name = token(str(missing))
                no_figure = f"no policy on the record sets a figure for {name}, and no source of the catalogue does"
                return [lacking(no_figure)]

        if duty in CHECKS:
            raise AssertionError(f"{duty} has two checks")
        CHECKS[duty] = measured
        return function

    return register


def declare(duty: str, *parts: Part) -> None:
    """Register a list of parts as the check of a duty."""
    check(duty)(lambda _: parts)
