"""The Python interface to two engines on the same searches: how their error rates differ, by group.

>>> side_by_side(Trying(searches=()), Trying(searches=()), ("A", "A"))
Traceback (most recent call last):
countersign.trials.counting.evaluate.QuestionWrong: two engines, or versions, have two names, not both 'A'
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from countersign.document import Document
from countersign.progress import Progress, silent
from countersign.render.shown import Shown, frame_of
from countersign.results.trial import Trying, fingerprints, searches_from, subjects_of
from countersign.trials.counting.evaluate import QuestionWrong, evaluate
from countersign.trials.metrics.side_by_side import differences
from countersign.trials.model import to_json
from countersign.trials.plan import read_plan
from countersign.trials.report.assemble import Stated
from countersign.trials.report.build import plan_stated
from countersign.trials.report.cover import Pages
from countersign.trials.report.side_by_side import Both, SideBySide, report_of, side_by_side_pages

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, repr=False)
class TwoEngines(Shown):
    """Two engines on the same searches: ``model`` is all of ``side-by-side.json``."""

    both: Both

    @cached_property
    def pages(self) -> Pages:
        """The brief and the evidence."""
        return side_by_side_pages(self.both)

    @property
    def brief(self) -> Document:
        """What is read first."""
        return self.pages.brief

    @cached_property
    def model(self) -> SideBySide:
        """All figures, as ``side-by-side.json`` holds them."""
        return report_of(self.both, f"Countersign {version('countersign')}")

    def json(self) -> bytes:
        """``side-by-side.json``: the same bytes for the same tables, options and version."""
        return to_json(self.model)

    def to_frame(self) -> pandas.DataFrame:
        """A difference a row: measure, N, grouping, group, attempts, events of both, difference, the ends of its
        interval, p and p corrected for the number of groups. Raises ``PandasMissing``.
        """
        return frame_of(
            {
                "measure": each.measure, "N": each.size, "grouping": each.grouping, "group": each.group,
                "attempts": each.attempts, "first": each.first.events, "second": each.second.events,
                "difference": each.difference, "low": each.interval.low, "high": each.interval.high,
                "p": each.p, "p_holm": each.p_holm,
            }
            for each in self.model.compared
        )  # fmt: skip


def side_by_side(
    first: Trying, second: Trying, names: tuple[str, str], *, plan: Path | None = None, progress: Progress = silent
) -> TwoEngines:
    """Both tables counted, each at its own thresholds, and the differences of their error rates.

    What is asked of the two (groups, sizes, level) is taken from ``first``. Thresholds are paired in ascending order.
    Raises ``QuestionWrong``, ``NotTheSameSearches``, ``LabelsUnsaid`` and the errors of what is read.
    """
    if names[0] == names[1]:
        raise QuestionWrong(f"two engines, or versions, have two names, not both {names[0]!r}")
    planned = None if plan is None else read_plan(plan)
    first = first.by_each()
    if planned is not None and first.title == Stated().title:
        first = replace(first, title=planned.title)
    questions = first.question(), replace(second, by=first.by, sizes=first.sizes, level=first.level).question()
    if len(questions[0].thresholds) != len(questions[1].thresholds):
        raise QuestionWrong("each threshold of the one engine needs one of the other")
    sources = [searches_from(each.searches, each.maps) for each in (first, second)]
    people = subjects_of(sources[0], first.subjects, first.obtained, questions[0].attributes)
    options: dict[str, Any] = {"set_aside": first.set_aside, "progress": progress}
    one, two = (evaluate(source, people, asked, **options) for source, asked in zip(sources, questions, strict=True))
    if len(one.scheme.thresholds) != len(two.scheme.thresholds):
        raise QuestionWrong("two of the FPIRs asked for have one threshold; ask for fewer")
    files = fingerprints(first=first.searches, second=second.searches, maps=(*first.maps, *second.maps),
                         subjects=first.subjects, plan=plan)  # fmt: skip
    stated = Stated(first.title, f"{names[0]} and {names[1]}", files=files, as_of=first.as_of)
    found = tuple(differences(one, two))
    return TwoEngines(Both(one, two, names, found, stated, None if planned is None else plan_stated(planned)))
