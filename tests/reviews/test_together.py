"""A record and the papers about the same deployment: one report, which names the source of each figure and duty."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest

from countersign.any_source import review_source
from countersign.document import Finding, Table
from countersign.reviews.deployment.assemble import DeploymentReview, papers_of, review_case, review_deployment
from countersign.reviews.deployment.cases import (
    BuiltCase,
    CaseEntry,
    CaseRow,
    CaseSentence,
    CaseSource,
    build,
    read_case,
)
from countersign.reviews.deployment.record import COMPILED, RecordsDiffer
from countersign.reviews.options import path_of

AS_OF = datetime.date(2026, 4, 30)
PAPER = CaseSource("answer", "Answer to a request", "A Force", "2026-04-01")


@pytest.fixture(scope="module")
def built() -> BuiltCase:
    return read_case(path_of("shipped:invented-well"))


def papers(
    built: BuiltCase, names: Sequence[str] = (), row: dict[str, object] | None = None, **facts: object
) -> BuiltCase:
    """Papers about the same deployment: some entries of the case as a compiler copied them, and a printed row."""
    entries = [
        CaseEntry(
            each.kind,
            each.at,
            "answer",
            {**each.facts, **(facts if each.kind == names[0] else {})},
            each.sealed,
            "page 2",
            each.name,
            each.about,
        )
        for each in built.case.entry
        if each.kind in names
    ]
    values = {"date": "2026-03-01", "faces_seen": 9_000, "alerts": 12, "true_alerts": 8, "false_alerts": 4}
    case = msgspec.structs.replace(
        built.case,
        invented=False,
        source=[PAPER],
        entry=entries,
        row=CaseRow("answer", "table 1", values=values if row is None else row),
        story=[CaseSentence("The force printed 12 alerts.", "answer", "table 1")],
    )
    return build(case, "papers.toml", b"papers")


def together(built: BuiltCase, *others: BuiltCase) -> DeploymentReview:
    beside = [(other.record, papers_of(other)) for other in others]
    # The record as a log's would be: its own file and suppliers, without the case that it was made from.
    return review_deployment(built.record, built.subject, as_of=AS_OF, beside=beside)


def test_every_figure_says_from_which_source_and_none_is_added_up(built: BuiltCase) -> None:
    review = together(built, papers(built))
    alone = review_case(built, as_of=AS_OF)
    lines = review.model.rates
    own = [line for line in lines if line.scope.endswith(f"in {built.record.origin.file}")]
    read = [line for line in lines if line.scope.endswith("in papers.toml")]
    assert len(own) + len(read) == len(lines)
    assert [(line.events, line.trials) for line in own] == [(line.events, line.trials) for line in alone.model.rates]
    by_measure = {line.measure: (line.events, line.trials) for line in read}
    assert [by_measure[f"false_alerts_per_{unit}"] for unit in ("face", "alert")] == [(4.0, 9_000.0), (4.0, 12.0)]
    assert {rows.document for line in read for rows in line.rows} == {"source-2"}
    assert {rows.document for line in own for rows in line.rows} == {"log"}
    assert review.model.totals == alone.model.totals
    assert [(source.id, source.kind, source.file) for source in review.model.sources] == [
        ("log", "case", built.record.origin.file),
        ("source-2", "case", "papers.toml"),
    ]


def test_papers_that_are_silent_on_duties_change_none(built: BuiltCase) -> None:
    before, after = review_case(built, as_of=AS_OF).model.duties, together(built, papers(built)).model.duties
    assert [(duty.id, duty.state, duty.entries) for duty in after] == [
        (duty.id, duty.state, duty.entries) for duty in before
    ]


def test_a_duty_that_the_papers_contradict_is_not_met_and_names_both_sources(built: BuiltCase) -> None:
    """The record's authority was signed by a superintendent; the papers' copy by a sergeant."""
    others = papers(built, ("authorise.authority", "programme.policy"), officer_rank="sergeant")
    review = together(built, others)
    [duty] = [duty for duty in review.model.duties if duty.id == "uk.auth.rank"]
    assert duty.state == "not met"
    deciding, beside = duty.because.split("; ")[0], duty.because
    assert deciding.startswith("By papers.toml: ")
    assert f"by {built.record.origin.file}: " in beside
    assert {rows.document for rows in duty.rows} == {"log", "source-2"}
    [block] = [block for block in _blocks(review) if isinstance(block, Finding) and block.anchor == "duty-uk-auth-rank"]
    assert "papers.toml, entr" in dict(block.details)["Stands in"]
    assert "Answer to a request, page 2" in dict(block.details)["Papers"]
    met = {duty.id: duty.state for duty in review_case(built, as_of=AS_OF).model.duties}
    assert met["uk.auth.rank"] != "not met"


def test_a_case_shows_what_the_record_does_not_and_never_as_independent(built: BuiltCase) -> None:
    little = msgspec.structs.replace(
        built.case, entry=[each for each in built.case.entry if not each.kind.startswith("programme.dpia")]
    )
    record, whole = build(little, "record.toml", b"record"), papers(built, ("programme.dpia",))
    alone = {duty.id: duty.state for duty in review_case(record, as_of=AS_OF).model.duties}
    review = together(record, whole)
    shown = [duty for duty in review.model.duties if alone[duty.id] == "not shown" and duty.state != "not shown"]
    assert shown
    assert {duty.state for duty in shown} == {"stated"}
    assert {rows.document for duty in shown for rows in duty.rows} == {"source-2"}


def test_the_report_says_first_that_papers_stand_beside_the_record_and_lists_their_entries(built: BuiltCase) -> None:
    review = together(built, papers(built, ("authorise.authority",)))
    assert f"papers.toml stands beside the record. {COMPILED}" in review.model.summary
    tables = {block.anchor: block for block in _blocks(review) if isinstance(block, Table)}
    assert tables["entries"].rows_of == "log"
    assert tables["entries-2"].rows_of == "source-2"
    assert "The force printed 12 alerts. (Answer to a request, table 1)" in str(review.model.sections)
    # Every place that a figure or duty names is a row of a table here.
    named = {
        (rows.document, place)
        for stands in (*(duty.rows for duty in review.model.duties), *(line.rows for line in review.model.rates))
        for rows in stands
        for place in range(rows.first, rows.last + 1)
    }
    listed = {(table.rows_of, int(row[0].text)) for table in tables.values() if table.rows_of for row in table.rows}
    assert named <= listed


def test_a_case_about_another_deployment_or_an_invented_one_stands_beside_no_record(
    built: BuiltCase, tmp_path: Path
) -> None:
    bundle = tmp_path / "d-1.bundle"
    bundle.write_bytes(built.bundle.render())
    with pytest.raises(RecordsDiffer, match=r"met-2024: is about metropolitan-police/"):
        review_source([bundle, "shipped:met-2024"], policy=built.policy)
    with pytest.raises(RecordsDiffer, match="an invented case"):
        review_source([bundle, "shipped:invented-failing/uk.auth.rank"], policy=built.policy)


def test_a_bundle_and_a_case_file_are_given_in_either_order(built: BuiltCase, tmp_path: Path) -> None:
    bundle, case = tmp_path / "d-1.bundle", tmp_path / "papers.toml"
    bundle.write_bytes(built.bundle.render())
    case.write_text(
        f'title = "Papers"\nforce = "{built.case.force}"\ndeployment = "{built.case.deployment}"\n'
        'as_at = "2026-04-30"\nstandard = "the law as it stood"\n'
        '[[source]]\nid = "a"\ntitle = "Answer"\n[row]\nsource = "a"\nvalues = { faces_seen = 9000, alerts = 12 }\n'
    )
    reviews = [review_source(list(order), policy=built.policy) for order in ((bundle, case), (case, bundle))]
    assert reviews[0].json() == reviews[1].json()
    assert [source.file for source in reviews[0].model.sources] == ["d-1.bundle", "papers.toml"]


def _blocks(review: DeploymentReview) -> list[object]:
    return [block for section in review.model.sections for block in section.blocks]
