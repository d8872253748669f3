"""The Python interface to an accuracy trial: from score tables to error rates by group.

>>> import countersign
>>> countersign.trial([], by=["sex"], thresholds=[0.6])
Traceback (most recent call last):
countersign.trials.scores.tables.TableUnreadable: no file was named
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from countersign.document import Document
from countersign.errors import WrongForm
from countersign.progress import Progress, silent
from countersign.render.shown import Shown, frame_of
from countersign.trials.counting.evaluate import Evaluation, Question, evaluate
from countersign.trials.counting.passes import count
from countersign.trials.metrics.comparisons import PairTally, PairTask
from countersign.trials.model import FileRead, GroupFigure, TrialReport, to_json
from countersign.trials.plan import Plan, read_answers, read_plan
from countersign.trials.report.assemble import Results, Stated, results_of
from countersign.trials.report.build import trial_report
from countersign.trials.report.cover import Pages
from countersign.trials.report.pages import pages
from countersign.trials.scores.enrolment import Enrolment, reduce_lists
from countersign.trials.scores.maps import open_comparisons, open_scores, read_map
from countersign.trials.scores.source import Source, fingerprint, in_memory, open_table
from countersign.trials.scores.subjects import Subjects, attributes_of, subjects_table
from countersign.trials.scores.survey import subjects_of_searches
from countersign.trials.scores.tables import COMPARISON

if TYPE_CHECKING:
    import pandas

#: How work is done: on threads where it is given none, else on an executor.
OnExecutor = Callable[[Callable[[Executor | None], Evaluation]], Evaluation]
BY_EACH = "every attribute of the subjects table, one by one, since none was asked for with --by"


class LabelsUnsaid(
    WrongForm,
    code="trial-labels-unsaid",
    next_step="Give --subjects, or say with --obtained how the labels were obtained (official, perceived, ...).",
):
    """Groups are asked for, and nothing says which subject is of which group, or how that is known."""


class CandidatesAlone(
    WrongForm, code="trial-candidates-alone", next_step="Give --enrolment, which says whose each reference is."
):
    """Candidate lists are given without the table of who is enrolled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """What is evaluated, and how: the options of ``trial evaluate`` by name."""

    searches: tuple[Path, ...]
    maps: tuple[Path, ...] = ()
    subjects: Path | None = None
    obtained: str | None = None
    by: tuple[str, ...] = ()
    operator: Literal[">=", ">"] = ">="
    set_aside: bool = False
    thresholds: tuple[float, ...] = ()
    at_fpir: tuple[float, ...] = ()
    sizes: tuple[int, ...] = ()
    ranks: tuple[int, ...] = (1,)
    site: str | None = None
    enrolment: Path | None = None
    candidates: Path | None = None
    comparisons: tuple[Path, ...] = ()
    make_up: tuple[str, ...] = ()
    plan: Path | None = None
    answers: Path | None = None
    level: float = 0.95
    title: str = Stated().title
    as_of: datetime.date | None = None
    engine: str = ""
    engine_version: str = ""
    trial_unit: str = ""
    threshold_origin: str = ""
    list_length: int | None = None

    def planned(self, plan: Plan) -> Trying:
        """The same with what the trial's plan asks, and what it states where the options do not."""
        asked = {each.threshold for each in plan.questions if each.threshold is not None}
        return replace(
            self,
            thresholds=(*self.thresholds, *sorted(asked - set(self.thresholds))),
            by=tuple(dict.fromkeys((*self.by, *("*".join(each.by) for each in plan.questions if each.by)))),
            engine=self.engine or plan.engine,
            engine_version=self.engine_version or plan.engine_version,
            trial_unit=self.trial_unit or plan.trial_unit,
            title=plan.title if self.title == Stated().title else self.title,
        )

    def by_each(self) -> Trying:
        """The same, by each attribute of the subjects table where none was asked for."""
        if self.by or self.subjects is None:
            return self
        return replace(self, by=attributes_of(open_table([self.subjects])))

    def question(self) -> Question:
        """What is asked of the scores. Raises ``QuestionWrong``."""
        return Question(
            by=crossings_of(self.by),
            thresholds=tuple(sorted(set(self.thresholds))),
            at_fpir=self.at_fpir,
            sizes=self.sizes,
            ranks=tuple(sorted(set(self.ranks))),
            operator=self.operator,
            site_column=self.site,
            level=self.level,
        )

    def stated(self, by_origin: str) -> Stated:
        """What the report says that no score can: title, engine, unit, where thresholds come from, the files read."""
        names = ("searches", "maps", "subjects", "enrolment", "candidates", "comparisons", "plan", "answers")
        files = fingerprints(**{name: getattr(self, name) for name in names})
        unit = self.trial_unit or Stated().trial_unit
        engine = (self.title, self.engine, self.engine_version)
        return Stated(*engine, unit, self.threshold_origin, self.list_length, by_origin, files, self.as_of)


@dataclass(frozen=True, repr=False)
class Trial(Shown):
    """An evaluated trial: ``results`` are the figures, ``model`` all of ``trial.json``."""

    results: Results

    @cached_property
    def pages(self) -> Pages:
        """The brief and the evidence."""
        return pages(self.results)

    @property
    def brief(self) -> Document:
        """What is read first."""
        return self.pages.brief

    @cached_property
    def model(self) -> TrialReport:
        """All figures, as ``trial.json`` holds them."""
        return trial_report(self.results)

    def json(self) -> bytes:
        """``trial.json``: the same bytes for the same tables, options and version."""
        return to_json(self.model)

    @property
    def by_group(self) -> pandas.DataFrame:
        """A rate a row: measure, watchlist size N, site, threshold, rank, a column for each attribute ("all" for all
        groups together), subjects, events, trials, estimate, and the ends of both intervals. Raises ``PandasMissing``.
        """
        names = list(dict.fromkeys(name for figure in self.model.figures for name in figure.group))
        return frame_of(_figure(figure, names) for figure in self.model.figures)

    def to_frame(self) -> pandas.DataFrame:
        """As ``by_group``."""
        return self.by_group


def _figure(figure: GroupFigure, attributes: Sequence[str]) -> dict[str, object]:
    row: dict[str, object] = {"measure": figure.measure, "N": figure.size, "site": figure.site}
    row |= {"threshold": figure.threshold, "rank": figure.rank}
    row |= {name: figure.group.get(name, "all") for name in attributes}
    row |= {name: getattr(figure, name) for name in ("subjects", "events", "trials", "estimate")}
    for name in ("interval", "exact_interval"):
        interval = getattr(figure, name)
        known = interval is not msgspec.UNSET
        row |= {f"{name}_low": interval.low if known else None, f"{name}_high": interval.high if known else None}
    return row


def trial(searches: str | Path | Sequence[str | Path], *, progress: Progress = silent, **options: Any) -> Trial:
    """Error rates by group from the search tables of a trial, with the options of ``Trying`` by name (those of
    ``countersign trial evaluate``): ``subjects``, ``by``, ``thresholds``, ``at_fpir``, ``plan``... Raises
    ``LabelsUnsaid``, ``CandidatesAlone``, ``QuestionWrong`` and the errors of what is read (docs/errors/trials.md).
    """
    given: dict[str, Any] = {"searches": searches} | {
        name: value for name, value in options.items() if value is not None
    }
    several: dict[str, Any] = {name: _each(given.pop(name), kind) for name, kind in _SEVERAL.items() if name in given}
    several |= {name: Path(given.pop(name)) for name in _PATHS if name in given}
    return run(Trying(**several, **given), progress=progress)


_PATHS = ("subjects", "enrolment", "candidates", "plan", "answers")
_SEVERAL: Mapping[str, Callable[[Any], object]] = {
    "searches": Path, "maps": Path, "comparisons": Path, "by": str, "make_up": str, "thresholds": float,
    "at_fpir": float, "sizes": int, "ranks": int,
}  # fmt: skip


def _each(given: Any, kind: Callable[[Any], object]) -> Any:
    return tuple(kind(value) for value in ([given] if isinstance(given, str | Path | float | int) else given))


def run(
    trying: Trying, on: OnExecutor | None = None, *, folder: Path | None = None, progress: Progress = silent
) -> Trial:
    """Evaluate a trial. ``on`` does the counting (threads of this process without it); ``folder`` keeps finished
    pieces. Raises as ``trial``.
    """
    plan = read_plan(trying.plan) if trying.plan else None
    answers = read_answers(trying.answers) if trying.answers else {}
    if plan is not None:
        trying = trying.planned(plan)
    by_origin = "" if trying.by or trying.subjects is None else BY_EACH
    trying = trying.by_each()
    source = searches_from(trying.searches, trying.maps)
    enrolled = Enrolment.read(open_table([trying.enrolment])) if trying.enrolment else None
    reduced = None
    if trying.candidates is not None:
        if enrolled is None:
            raise CandidatesAlone("candidate lists need the table of who is enrolled")
        reduced = reduce_lists(source, open_table([trying.candidates]), enrolled)
        source = in_memory(reduced.searches, str(trying.searches[0]))
        trying = replace(trying, list_length=trying.list_length or reduced.longest)
    question = trying.question()
    people = subjects_of(source, trying.subjects, trying.obtained, question.attributes)

    def work(executor: Executor | None) -> Evaluation:
        more: dict[str, Any] = {"enrolment": enrolled, "set_aside": trying.set_aside, "folder": folder}
        return evaluate(source, people, question, executor, progress=progress, **more)

    evaluation = work(None) if on is None else on(work)
    pairs = _pairs(trying.comparisons, evaluation, trying.set_aside, progress) if trying.comparisons else None
    stated = trying.stated(by_origin)
    given: dict[str, Any] = {"comparisons": pairs, "make_ups": trying.make_up, "reduced": reduced}
    return Trial(results_of(evaluation, stated, plan=plan, given=answers, **given))


def _pairs(paths: tuple[Path, ...], evaluation: Evaluation, set_aside: bool, progress: Progress) -> PairTally:
    source = open_table(list(paths))
    source.need(COMPARISON)
    scheme, grouping = evaluation.scheme, evaluation.groupings[:2][-1]
    ends = (tuple(scheme.thresholds), scheme.low, scheme.high, scheme.operator)
    task = PairTask(evaluation.subjects, grouping, *ends, score_type=scheme.score_type)
    tally: PairTally = count(source, task, progress=progress)
    if not set_aside:
        tally.faults.refuse()
    return tally


def comparisons_from(comparisons: tuple[Path, ...], maps: tuple[Path, ...]) -> Source:
    """The comparison table: Countersign's own, or made of another tool's scores by a map."""
    return open_comparisons(comparisons, [read_map(path) for path in maps]) if maps else open_table(comparisons)


def searches_from(searches: tuple[Path, ...], maps: tuple[Path, ...]) -> Source:
    """The search table: Countersign's own, or made of another tool's scores by a map."""
    return open_scores(searches, [read_map(path) for path in maps]) if maps else open_table(searches)


def fingerprints(**given: Path | tuple[Path, ...] | None) -> tuple[FileRead, ...]:
    """Every file given, by the name of what it is used as."""
    return tuple(
        fingerprint(path, role)
        for role, paths in given.items()
        for path in (paths if isinstance(paths, tuple) else (paths,))
        if path is not None
    )


def crossings_of(by: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The attributes of each "ethnicity*sex", each crossing once.

    >>> crossings_of(("sex", "ethnicity*sex", "sex"))
    (('sex',), ('ethnicity', 'sex'))
    """
    parts = tuple(tuple(part.strip() for part in each.split("*") if part.strip()) for each in by)
    return tuple(dict.fromkeys(each for each in parts if each))


def subjects_of(source: Source, table: Path | None, obtained: str | None, attributes: tuple[str, ...]) -> Subjects:
    """From their table, or from the search table's own columns where it is said how labels were obtained. Raises
    ``LabelsUnsaid``.
    """
    if table is not None:
        return subjects_table(open_table([table]), attributes)
    if attributes and not obtained:
        raise LabelsUnsaid("nothing says how the labels of the search table's groups were obtained")
    return subjects_of_searches(source, attributes, obtained or "official")
