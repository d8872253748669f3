"""The plan of a trial, made before it: questions, what would answer them, rights first, an end and a stopping rule.

A plan is a TOML file (``docs/formats/trial-plan.md``). It is refused unless it says who assessed the effect on rights,
and when; when the trial ends; what stops it early; and for every question what would answer it. A street trial asks
questions of both kinds, technical and not. Sizes rest on the plan's own assumptions: "assumed, not measured".

>>> asked = ResearchQuestion("q", "Under 1 in 6,000?", True, "ceiling", "fpir", threshold=0.64, ceiling=1 / 6000)
>>> needs(asked, {}, 1.0)[0].count
17975
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from countersign.door import hold
from countersign.errors import NotAllowed, NotReached, WrongForm
from countersign.inference.checks import CountOutOfRange
from countersign.inference.design import alerts_for_ratio, faces_for_ceiling
from countersign.inputs import read_limited, toml_of
from countersign.words.numbers import percent_stated

Asks = Literal["rate", "ceiling", "difference", "other"]
ASKS = ("rate", "ceiling", "difference", "other")
MEASURED = ("fpir", "fnir", "gfnir", "fta")


class PlanUnreadable(
    NotReached, code="trial-plan-unreadable", next_step="Check the path, and that the file is TOML in UTF-8."
):
    """A plan or a file of answers could not be read."""


class PlanWrong(
    WrongForm,
    code="trial-plan-wrong",
    next_step="Complete the plan as docs/formats/trial-plan.md says; nothing can be answered that was not asked "
    "before.",
):
    """A plan leaves out what a trial must state beforehand, or states what cannot be."""


class RightsNotAssessed(
    NotAllowed,
    code="trial-rights-not-assessed",
    next_step="Assess the effect on rights first, then name the document and its date in the plan.",
):
    """The rights of those who will pass were not assessed before the trial starts."""


@dataclass(frozen=True, slots=True)
class ResearchQuestion:
    """One question. ``asks``: a ``rate``; whether a ``ceiling`` holds in every group; whether groups differ by
    ``ratio`` or more (``difference``); or ``other``, answered by evidence that ``needs`` names.
    """

    id: str
    text: str
    technical: bool
    asks: Asks
    measure: str = ""
    by: tuple[str, ...] = ()
    threshold: float | None = None
    size: int | None = None
    ceiling: float | None = None
    ratio: float | None = None
    needs: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that states all it must. ``shares``: assumed share of searches by group, for each attribute. ``protocol``
    and ``data_set`` with its version: what the trial follows and is made on, empty where not stated.
    """

    title: str
    kind: Literal["street", "engine"]
    start: datetime.date
    end: datetime.date
    stopping_rule: str
    trial_unit: str
    rights_document: str
    rights_date: datetime.date
    questions: tuple[ResearchQuestion, ...]
    engine: str = ""
    engine_version: str = ""
    design_effect: float = 1.0
    shares: dict[str, dict[str, float]] = field(default_factory=dict)
    protocol: str = ""
    data_set: str = ""
    data_set_version: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """What a technical question needs, by group: ``count`` of ``of`` (``None``: none of any size would do)."""

    question: str
    group: str
    count: int | None
    of: str
    because: str


def read_plan(path: Path) -> Plan:
    """Read a plan. Raises ``PlanUnreadable``, ``PlanWrong`` naming the place, ``RightsNotAssessed``."""
    return plan_of(_toml(path), str(path))


def _toml(path: Path) -> dict[str, Any]:
    try:
        content = read_limited(path).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanUnreadable(f"{path}: could not be read: {error}") from error
    return hold("trial plan", toml_of(content, str(path), PlanWrong), str(path))


def _get(table: dict[str, Any], name: str, kind: type, where: str, default: Any = None) -> Any:
    value = table.get(name, default)
    if kind is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        value = float(value)
    # A truth is a number to Python, and a moment a day; infinity and what is no number are floats.
    taken_for_another = isinstance(value, (datetime.datetime,) if kind is bool else (bool, datetime.datetime))
    endless = isinstance(value, float) and not math.isfinite(value)
    if value is None or not isinstance(value, kind) or taken_for_another or endless or value == "":
        raise PlanWrong(f"{where}: {name} is missing, or is not {kind.__name__ if kind is not str else 'text'}")
    return value


def plan_of(content: dict[str, Any], name: str) -> Plan:
    """A plan from its parsed TOML. Errors as ``read_plan``."""
    known = {"trial", "engine", "data_set", "rights_assessment", "assumptions", "question"}
    if unknown := sorted(set(content) - known):
        raise PlanWrong(f"{name}: unknown part {', '.join(unknown)}; a plan has {', '.join(sorted(known))}")
    trial = _get(content, "trial", dict, name)
    kind = _get(trial, "kind", str, f"{name}, trial")
    if kind not in ("street", "engine"):
        raise PlanWrong(f"{name}, trial: kind is street or engine, not {kind!r}")
    start = _get(trial, "start", datetime.date, f"{name}, trial")
    end = _get(trial, "end", datetime.date, f"{name}, trial")
    if end <= start:
        raise PlanWrong(f"{name}, trial: it ends on {end}, and starts on {start}")
    rights = content.get("rights_assessment")
    if not isinstance(rights, dict):
        raise RightsNotAssessed(f"{name}: no rights_assessment")
    where = f"{name}, rights_assessment"
    done = _get(rights, "done", datetime.date, where)
    if done >= start:
        raise RightsNotAssessed(f"{where}: done on {done}, not before the start on {start}")
    questions = tuple(
        _question(each, f"{name}, question {number}")
        for number, each in enumerate(_get(content, "question", list, name), start=1)
    )
    if len({question.id for question in questions}) != len(questions):
        raise PlanWrong(f"{name}: two questions have one id")
    kinds = {question.technical for question in questions}
    if not questions or (kind == "street" and kinds != {True, False}):
        raise PlanWrong(f"{name}: a street trial states research questions of both kinds, technical and not")
    assumed = _get(content, "assumptions", dict, name, {})
    shares = _get(assumed, "share", dict, f"{name}, assumptions", {})
    effect = _get(assumed, "design_effect", float, f"{name}, assumptions", 1.0)
    if effect < 1 or not all(isinstance(each, dict) for each in shares.values()):
        said = "a design effect is at least 1, and shares are given by attribute and group"
        raise PlanWrong(f"{name}, assumptions: {said}")
    for attribute, by_group in shares.items():
        place = f"{name}, assumptions, share of {attribute}"
        if any(not 0 < _get(by_group, group, float, place) < 1 for group in by_group):
            raise PlanWrong(f"{place}: shares lie between 0 and 1")
    engine, data_set = (_get(content, part, dict, name, {}) for part in ("engine", "data_set"))
    if data_set:
        _get(data_set, "name", str, f"{name}, data_set")
    return Plan(
        _get(trial, "title", str, f"{name}, trial"),
        cast("Literal['street', 'engine']", kind),
        start,
        end,
        _get(trial, "stopping_rule", str, f"{name}, trial"),
        _get(trial, "trial_unit", str, f"{name}, trial"),
        _get(rights, "document", str, where),
        done,
        questions,
        str(engine.get("name", "")),
        str(engine.get("version", "")),
        effect,
        shares,
        str(trial.get("protocol", "")),
        str(data_set.get("name", "")),
        str(data_set.get("version", "")),
    )


def _question(table: Any, where: str) -> ResearchQuestion:
    if not isinstance(table, dict):
        raise PlanWrong(f"{where}: not a table")
    asks = _get(table, "asks", str, where)
    if asks not in ASKS:
        raise PlanWrong(f"{where}: asks is one of {', '.join(ASKS)}, not {asks!r}")
    technical = _get(table, "technical", bool, where)
    common = (_get(table, "id", str, where), _get(table, "text", str, where), technical, cast("Asks", asks))
    if asks == "other":
        return ResearchQuestion(*common, needs=_get(table, "needs", str, where))
    measure = _get(table, "measure", str, where)
    if measure not in MEASURED:
        raise PlanWrong(f"{where}: measure is one of {', '.join(MEASURED)}, not {measure!r}")
    threshold = None if measure == "fta" else _get(table, "threshold", float, where)
    by = tuple(part.strip() for part in str(table.get("by", "")).split("*") if part.strip())
    size = _get(table, "N", int, where) if "N" in table else None
    if size is not None and size < 1:
        raise PlanWrong(f"{where}: N is the size of a watchlist, at least 1")
    ceiling = _get(table, "ceiling", float, where) if asks == "ceiling" else None
    ratio = _get(table, "ratio", float, where) if asks == "difference" else None
    if (ceiling is not None and not 0 < ceiling < 1) or (ratio is not None and ratio <= 1):
        raise PlanWrong(f"{where}: a ceiling lies between 0 and 1, and a ratio is above 1")
    if asks == "difference" and not by:
        raise PlanWrong(f"{where}: by is missing: between which groups?")
    return ResearchQuestion(*common, measure, by, threshold, size, ceiling, ratio)


def sizes(plan: Plan) -> list[Size]:
    """What each technical question needs, under the plan's assumptions."""
    return [
        size
        for question in plan.questions
        for size in needs(question, plan.shares.get("*".join(question.by), {}), plan.design_effect)
    ]


def needs(question: ResearchQuestion, shares: Mapping[str, float], design_effect: float) -> list[Size]:
    """What a question needs, by group: searches without an error for a ceiling, errors for a difference. ``shares``:
    assumed share of searches by group. Counts for independent errors, times the design effect.
    """
    sizes: list[Size] = []
    if question.asks == "ceiling" and question.ceiling is not None:
        count = math.ceil(float(faces_for_ceiling(question.ceiling)) * design_effect)
        why = f"one-sided 95% bound at or under {question.ceiling:g}, design effect {design_effect:g}"
        of = "searches of the group without any error"
        sizes = [Size(question.id, group, count, of, why) for group in shares or ("all",)]
    elif question.asks == "difference" and question.ratio is not None:
        for group, share in shares.items():
            try:
                errors = math.ceil(alerts_for_ratio(question.ratio, share) * design_effect)
            except CountOutOfRange:
                errors = None
            why = (
                f"a true ratio of {question.ratio:g} to the rest shown with probability 0.8 by the exact two-sided "
                f"test at 0.95, the group being {percent_stated(share)} of searches, design effect {design_effect:g}"
            )
            sizes.append(Size(question.id, group, errors, "errors in all groups together", why))
    return sizes


def read_answers(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Answers to what no score can answer: id to (text, evidence). Raises ``PlanUnreadable``, ``PlanWrong``."""
    answers = {}
    for number, each in enumerate(_get(_toml(path), "answer", list, str(path)), start=1):
        where = f"{path}, answer {number}"
        if not isinstance(each, dict):
            raise PlanWrong(f"{where}: not a table")
        evidence = _get(each, "evidence", list, where)
        if not evidence or not all(isinstance(document, str) and document for document in evidence):
            raise PlanWrong(f"{where}: evidence names at least one document")
        answers[_get(each, "id", str, where)] = (_get(each, "text", str, where), tuple(evidence))
    return answers
