"""The three tests of the Convention, laid out with the evidence: in accordance with the law, a legitimate aim,
necessary in a democratic society; for articles 8, 10, 11 and 14.

Each line is a question with the duties that bear on it and what the record shows of them. There is no answer field: the
tests are for a court, a reviewer and the force to argue, and this says on which entries.

>>> lines = three_tests(())
>>> sorted({line.article for line in lines}, key=int), sorted({line.test for line in lines})
(['8', '10', '11', '14'], ['in accordance with the law', 'legitimate aim', 'necessary in a democratic society'])
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from importlib import resources

import msgspec

from countersign.rulebook.conditions.results import Outcome, Result, tally


class TestLine(msgspec.Struct, frozen=True):
    """A question under one test of one article: the results that bear on it, the duties not answered, the entries."""

    __test__ = False

    article: str
    test: str
    question: str
    bearing: tuple[Result, ...]
    unanswered: tuple[str, ...]
    entries: tuple[int, ...]

    @property
    def counts(self) -> dict[Outcome, int]:
        """How many of the duties that bear on it have each outcome."""
        return tally(self.bearing)


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of ``three_tests.toml``."""

    articles: tuple[str, ...]
    test: str
    question: str
    duties: tuple[str, ...]


def _read() -> tuple[_Line, ...]:
    text = resources.files("countersign.rulebook").joinpath("data", "three_tests.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["line"], tuple[_Line, ...])


LINES: tuple[_Line, ...] = _read()


def three_tests(results: Iterable[Result]) -> tuple[TestLine, ...]:
    """Every question by article and test, with the results given that bear on it, and their entries."""
    known = {result.duty.id: result for result in results}
    found = []
    for article in ("8", "10", "11", "14"):
        for line in LINES:
            if article not in line.articles:
                continue
            bearing = tuple(known[duty] for duty in line.duties if duty in known)
            found.append(
                TestLine(
                    article,
                    line.test,
                    line.question,
                    bearing,
                    tuple(duty for duty in line.duties if duty not in known),
                    tuple(sorted({entry for result in bearing for entry in result.entries})),
                )
            )
    return tuple(found)
