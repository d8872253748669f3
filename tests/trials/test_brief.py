"""The brief of a trial: its finding as title, points by the printed rule, short words, links to its evidence."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pytest
from tests.reviews.readability import grade, longest

from countersign.document import Chart, Document, Finding, Heading, Items, Links, Paragraph, Point, Table, lines_of
from countersign.inference.rate import Interval
from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.counting.passes import count
from countersign.trials.metrics.comparisons import PairTask, expected_of
from countersign.trials.metrics.differentials import Contrast, Differential, differentials
from countersign.trials.metrics.rates import figures
from countersign.trials.model import AnswerGiven
from countersign.trials.report.assemble import Results, Stated
from countersign.trials.report.brief import EVIDENCE, RANK, main_place, sure
from countersign.trials.report.cover import Pages
from countersign.trials.report.pages import pages
from countersign.trials.report.pairs import BEHIND, comparison_pages
from countersign.trials.scores.source import in_memory
from countersign.trials.scores.subjects import Subjects

Kind = TypeVar("Kind")
STATED = Stated(engine="Engine A", as_of=datetime.date(2026, 11, 30))


@pytest.fixture(scope="module")
def results(evaluation: Evaluation) -> Results:
    answers = (AnswerGiven("n", "Did people know?", False, False, "not answered: no evidence was given", ()),)
    made = tuple(figures(evaluation)), tuple(differentials(evaluation))
    return Results(STATED, evaluation, *made, answers=answers)


@pytest.fixture(scope="module")
def compared(people: Subjects) -> Pages:
    random = np.random.default_rng(6)
    probe, reference = random.integers(1, 1001, 40_000), random.integers(1, 1001, 40_000)
    score = np.where(probe == reference, 0.9, random.random(40_000) ** 4)
    table = pa.table({"probe_subject_id": probe, "reference_subject_id": reference, "score": score})
    tally = count(in_memory(table), PairTask(people, people.grouping(("group",)), (0.8,), 0.0, 1.0))
    return comparison_pages(tally, expected_of(tally, "a=300,b=700", 0.95), Stated("Comparison scores"))


def blocks(document: Document, kind: type[Kind]) -> list[Kind]:
    return [block for section in document.sections for block in section.blocks if isinstance(block, kind)]


def prose(document: Document) -> list[str]:
    texts = [block.text for block in blocks(document, Paragraph)]
    return texts + [text for point in blocks(document, Point) for text in (f"{point.title}.", point.text)]


def anchors(document: Document) -> set[str]:
    named = {block.anchor for block in blocks(document, Chart | Table | Heading)}  # type: ignore[arg-type]
    return named | {section.id for section in document.sections}


def short_and_linked(report: Pages) -> None:
    brief = report.brief
    texts = [*prose(brief), *(item for each in blocks(brief, Items) for item in each.items)]
    assert sum(len(text.split()) for text in texts) <= 1_000
    assert longest(prose(brief))[0] <= 28, longest(prose(brief))
    assert grade(prose(brief), ("Engine", "Countersign", "FPIR", "FMR", "FNMR")) <= 9
    points = blocks(brief, Point)
    assert 1 <= len(points) <= 6
    for point in points:
        assert [link.file for link in point.links] == [report.behind]
        assert {link.anchor for link in point.links} <= anchors(report.evidence)
    assert brief.sisters[0].file == report.behind


def test_a_trial_s_brief_is_short_and_every_point_leads_to_its_evidence(results: Results) -> None:
    report = pages(results)
    short_and_linked(report)
    assert report.behind == EVIDENCE
    assert [section.id for section in report.brief.sections] == [
        "found", "asked", "unseen", "reviewed", "cite", "brief-evidence",
    ]  # fmt: skip
    assert report.brief.about == ("Engine A", "No dates stated", "Reviewed 30 November 2026") == report.evidence.about
    assert len(lines_of(report.brief)) <= 10
    cite = next(section for section in report.brief.sections if section.id == "cite").blocks[0]
    assert isinstance(cite, Paragraph)
    assert report.brief.title in cite.text
    assert "Reviewed 30 November 2026" in cite.text


def test_the_title_states_the_strongest_finding_and_points_follow_the_rule(results: Results) -> None:
    brief = pages(results).brief
    titles = [point.title for point in blocks(brief, Point)]
    assert brief.title == f"Accuracy trial: {titles[0][:1].lower()}{titles[0][1:]}"
    assert titles[0].startswith("By group, ")  # planted: false positives at three times the others
    assert titles[0].endswith("times as common for b as for the others")
    assert titles[-1] == "One of the plan's 1 question is not answered"
    assert RANK in [block.text for block in blocks(brief, Paragraph)]
    near = [
        max(sure(each) for each in differential.contrasts)
        for measure in ("fpir", "gfnir")
        for differential in results.differentials
        if (differential.measure, differential.threshold) == (measure, main_place(results).threshold)
    ]
    assert ("false positives" in titles[0]) == (near[0] > near[1])


def test_charts_of_the_brief_are_few_say_what_they_show_and_give_their_values(results: Results) -> None:
    charts = blocks(pages(results).brief, Chart)
    assert {chart.anchor.split("-")[0] for chart in charts} >= {"det", "thresholds", "fpir"}
    assert len(charts) <= 5
    titles = {chart.anchor.split("-")[0]: chart.title for chart in charts}
    assert "b shown to differ" in titles["fpir"]
    assert "false positives fell from" in titles["thresholds"]
    assert titles["det"].startswith("At threshold 0.55, FPIR is ")
    assert all(any(letter.isdigit() for letter in chart.alternative) for chart in charts)


def test_headings_of_the_evidence_carry_what_was_found(results: Results) -> None:
    titles = {section.id: section.title for section in pages(results).evidence.sections}
    assert titles["rates"].startswith("Rates by group: FPIR ")
    assert titles["differentials"] == "Groups against each other: b shown to differ"
    assert titles["questions"] == "The plan's questions: 0 of 1 answered"
    # An answer stands once; the first page links to it.
    assert [finding.anchor for finding in blocks(pages(results).evidence, Finding)] == ["question-n"]
    [links] = blocks(pages(results).evidence, Links)
    assert [link.anchor for link in links.links] == ["question-n"]


def test_what_was_not_shown_says_what_could_have_been(results: Results) -> None:
    wide = Interval(0.4, 2.5, 0.95, "score")
    none = tuple(Contrast(name, 5, 900, 9, 1200, 1.2, wide, wide, wide, 0.9, 0.9, 3.0) for name in ("a", "b", "c"))
    place = main_place(results)
    made = Differential("fpir", place.size, "group", place.threshold, None, ("a", "b", "c"), (5, 4, 5), (900,) * 3,
                        none, 1.0, 0.5, "", ())  # fmt: skip
    points = {point.title: point.text for point in blocks(pages(replace(results, differentials=(made,))).brief, Point)}
    assert (
        "14 errors would have shown a ratio of 3.0-fold, four times in five"
        in points["By group, no difference in false positives was shown"]
    )
    empty = replace(made, events=(0, 0, 0))
    points = {point.title: point.text for point in blocks(pages(replace(results, differentials=(empty,))).brief, Point)}
    assert "no ratio can be given" in points["By group, no difference in false positives was shown"]


def test_comparisons_have_a_brief_of_their_own(compared: Pages) -> None:
    short_and_linked(compared)
    assert (compared.name, compared.behind) == ("comparisons", BEHIND)
    assert compared.brief.title.startswith("Comparison scores: FMR ")
    titles = [point.title for point in blocks(compared.brief, Point)]
    assert titles[-1].startswith("A model expects false positives")
    assert any(title.startswith("By group, FMR is ") for title in titles)
    assert compared.evidence.sections[0].title.startswith("Comparison scores: FMR ")
