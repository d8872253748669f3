"""Sections of a deployment's report: the three tests, gates, who made the entries; and every source from Python."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.making.two_deployments import NOW, TwoDeployments
from tests.reviews.test_cases import CASE, ENTRY

import countersign
from countersign.any_source import review_source
from countersign.document import Chart, Document, Heading, Paragraph, Section, Table
from countersign.record.entries.entry import Commitment, Entry
from countersign.render.html import render_html
from countersign.reviews.deployment.assemble import DeploymentReview, review_case, review_deployment
from countersign.reviews.deployment.cases import read_case
from countersign.reviews.deployment.first import INVENTED
from countersign.reviews.deployment.gates import PASSED_BY
from countersign.reviews.deployment.record import COMPILED
from countersign.reviews.options import CASES, path_of
from countersign.rulebook.catalogue import DUTIES
from countersign.rulebook.conditions.results import OUTCOMES
from countersign.words.names import class_name

SUBJECT = NOW
AS_OF = datetime.date(2026, 4, 30)


@pytest.fixture(scope="module")
def well() -> DeploymentReview:
    return review_case(read_case(path_of("shipped:invented-well")))


@pytest.fixture(scope="module")
def bridges() -> DeploymentReview:
    return review_case(read_case(path_of("shipped:bridges-2017-12-21")))


def section(review: DeploymentReview, name: str) -> Section:
    [found] = [one for one in review.document.sections if one.id == name]
    return found


def table(review: DeploymentReview, name: str) -> Table:
    blocks = [block for one in review.document.sections for block in one.blocks]
    [found] = [block for block in blocks if isinstance(block, Table) and block.anchor == name]
    return found


def test_three_tests_stand_for_each_article_with_their_duties_and_entries(well: DeploymentReview) -> None:
    asked = well.model.three_tests
    tests = list(dict.fromkeys(one.test for one in asked))
    assert tests == ["in accordance with the law", "legitimate aim", "necessary in a democratic society"]
    for article in ("8", "10", "11", "14"):
        assert {one.test for one in asked if article in one.articles} == set(tests), article
    states = {duty.id: duty for duty in well.model.duties}
    for number, one in enumerate(asked, 1):
        assert one.outcomes == {
            outcome: sum(states[duty].state == outcome for duty in one.duties) for outcome in OUTCOMES
        }
        assert set(one.entries) == {entry for duty in one.duties for entry in states[duty].entries}
        shown = table(well, f"test-{number}")
        assert [row[0].text for row in shown.rows] == [DUTIES[duty].requirement for duty in one.duties]
        assert [row[0].link for row in shown.rows] == [f"#duty-{duty.replace('.', '-')}" for duty in one.duties]
    overview = table(well, "three-tests-overview")
    assert [row[0].text for row in overview.rows] == [one.question for one in asked]


def test_what_is_still_to_come_names_who_could_supply_it(bridges: DeploymentReview) -> None:
    told = {
        str(row[0].link).removeprefix("#duty-"): row[2].text
        for number in range(1, len(bridges.model.three_tests) + 1)
        for row in table(bridges, f"test-{number}").rows
    }
    assert told["uk-bridges-who"] == "from the force: its answer to the finding"
    assert told["uk-plan-strict-necessity"].startswith("from the applicant: Why can the objective not be reached")
    assert told["uk-wl-not-excessive"].startswith("from an independent reviewer: ")


def test_gates_are_asked_over_what_stood_in_the_log_before(well: DeploymentReview) -> None:
    gates = {one.gate: one for one in well.model.gates}
    assert list(gates) == ["authorise", "approve", "open", "publish"]
    entries = dict(well.evidence.record.entries)
    for gate, kind in PASSED_BY:
        entry = gates[gate].entry
        assert entry is not None
        assert entries[entry].draft.kind.endswith(f".{kind}")
        assert entries[entry].draft.at == gates[gate].at


def test_a_gate_passed_before_its_evidence_is_entered_says_so(well: DeploymentReview) -> None:
    """The assessment moved behind everything else: there in the end, and not when authority was signed."""
    record = well.evidence.record
    assessment = next(one for one in record.entries if one[1].draft.kind == "plan.assessment")
    moved = replace(
        record, entries=(*(one for one in record.entries if one != assessment), (record.trust.size, assessment[1])),
        opened={(record.trust.size if key[0] == assessment[0] else key[0], key[1]): value
                for key, value in record.opened.items()},
    )  # fmt: skip
    review = review_deployment(moved, SUBJECT, as_of=AS_OF)
    gate = next(one for one in review.model.gates if one.gate == "authorise")
    assert gate.state == "passed with something outstanding and no override"
    assert "uk.plan.strict-necessity" in gate.barring
    assert any(one.startswith("Gates passed with mandatory duties outstanding") for one in review.model.summary)


def test_what_is_not_shown_can_be_asked_for_in_one_letter(well: DeploymentReview, bridges: DeploymentReview) -> None:
    assert "97 duties are not shown." in str(section(bridges, "duties").blocks[3])
    assert "countersign ask review.json" in str(section(bridges, "duties").blocks[3])
    assert "countersign ask" not in str(section(well, "duties").blocks)


def test_going_ahead_is_signed_counted_and_runs_out(well: DeploymentReview) -> None:
    """An override for the duty that is in the way, entered before the authority; by hand, so its signature is not."""
    record = well.evidence.record
    authority = next(one for one in record.entries if one[1].draft.kind == "authorise.authority")
    kept = [one for one in record.entries if one[1].draft.kind != "plan.protest-check"]
    place = next(one[0] for one in record.entries if one[1].draft.kind == "plan.protest-check")
    model = authority[1]
    override = replace(
        model,
        draft=replace(
            model.draft, kind="authorise.override", sealed={}, at="2026-02-13T09:00:00Z",
            facts={"gate": "authorise", "duties": ["uk.plan.expression-assembly"], "officer_rank": "superintendent",
                   "expires_at": "2026-03-02T09:00:00Z", "reason": "urgent"},
        ),
    )  # fmt: skip
    entries = tuple(sorted([*kept, (place, override)], key=lambda one: one[0]))
    review = review_deployment(replace(record, entries=entries), SUBJECT, as_of=AS_OF)
    gate = next(one for one in review.model.gates if one.gate == "authorise")
    assert gate.overridden == ("uk.plan.expression-assembly",)
    assert "uk.plan.expression-assembly" not in gate.barring
    [signed] = review.model.overrides
    assert (signed.entry, signed.gate, signed.expired) == (place, "authorise", True)
    shown = table(review, "overrides")
    assert shown.rows[0][4].text == "expired"
    assert "1 override on this record" in shown.note
    early = review_deployment(replace(record, entries=entries), SUBJECT, as_of=datetime.date(2026, 2, 25))
    assert not early.model.overrides[0].expired


def test_a_notice_that_differs_from_the_authority_or_the_last_notice_is_named(well: DeploymentReview) -> None:
    """Entries of an old log, in which a command refused neither; by hand, so their signatures are not."""
    record = well.evidence.record
    index, notice = next(one for one in record.entries if one[1].draft.kind == "open.notice")
    later = replace(notice, draft=replace(notice.draft, facts={**notice.draft.facts, "place": "A sqare", "url": "u"}))
    review = review_deployment(
        replace(record, entries=(*record.entries, (record.trust.size, later))), SUBJECT, as_of=AS_OF
    )
    said = [block.text for block in section(review, "findings").blocks if isinstance(block, Paragraph)]
    of_authority = f"The notice of entry {record.trust.size} differs in place from the place authorised in entry"
    assert any(text.startswith(of_authority) for text in said)
    assert (
        f"The notice of entry {record.trust.size} takes the place of that of entry {index}: it differs in place and "
        "url, and does not say so."
    ) in said
    assert "The notice of" not in str(section(well, "findings").blocks)
    [told] = [promise for promise in review.model.promises if promise.id == "notice"]
    assert (told.state, told.because.endswith("entered in the log only after the opening")) == ("not shown", True)


def test_a_record_without_steps_has_no_table_of_gates(bridges: DeploymentReview) -> None:
    assert {one.state for one in bridges.model.gates} == {"not passed on this record"}
    assert "None of the four steps is on this record" in str(section(bridges, "gates").blocks)
    assert "gates-table" not in str(section(bridges, "gates").blocks)


def test_a_dossier_says_first_that_a_compiler_made_it_and_the_rules_were_skipped(bridges: DeploymentReview) -> None:
    first = [block.text for block in bridges.document.sections[0].blocks if isinstance(block, Paragraph)]
    assert first[0] == bridges.model.summary[0] == COMPILED
    assert "Every entry was entered by a compiler from papers" in first[1]
    assert "were not applied to them" in first[1]
    assert {one.role for one in bridges.model.entered} == {"compiler"}
    assert sum(one.entries for one in bridges.model.entered) == 5


def test_an_invented_case_is_invented_and_not_papers(well: DeploymentReview) -> None:
    first = well.document.sections[0].blocks[0]
    assert isinstance(first, Paragraph)
    assert (first.text, first.tone) == (INVENTED, "warning")
    assert well.model.summary[0] == INVENTED
    assert "papers by someone outside" not in msgspec.json.encode(well.document.sections).decode()
    assert {one.supplied_by for one in well.model.entered} == {"force", "engine", "observer", "outside"}
    assert sum(one.entries for one in well.model.entered) == len(well.evidence.view.entries())


def test_a_record_entered_in_part_by_a_compiler_says_how_much(well: DeploymentReview) -> None:
    record = well.evidence.record
    entries = tuple(
        (index, replace(entry, draft=replace(entry.draft, role="compiler")))
        if entry.draft.kind in ("live.hour", "live.opened")
        else (index, entry)
        for index, entry in record.entries
    )
    bundled = replace(record, entries=entries, origin=replace(record.origin, kind="bundle"))
    review = review_deployment(bundled, SUBJECT, as_of=AS_OF)
    [told] = [one for one in review.model.summary if "by a compiler" in one]
    assert told.startswith("5 of ")
    gate = next(one for one in review.model.gates if one.gate == "open")
    assert gate.state == "entered from papers: no gate was held to"


@pytest.mark.parametrize("name", CASES)
def test_no_section_is_empty_and_plurals_fit(name: str) -> None:
    review = review_source(f"shipped:{name}")
    assert isinstance(review, DeploymentReview)
    for one in review.document.sections:
        assert one.blocks, one.id
        assert all(block.rows for block in one.blocks if isinstance(block, Table)), one.id
    text = msgspec.json.encode([one for one in review.document.sections if one.id != "duties"]).decode()
    wrong = re.search(r"\b1 (entries|duties|deployments|alerts|categories|statements)\b|stated by the outside", text)
    assert wrong is None, wrong


def test_entries_are_called_entries(well: DeploymentReview) -> None:
    page = render_html(well.document).decode()
    assert re.search(r">entries \d", page)
    assert not re.search(r">rows? \d", page)
    assert page.count('class="finding brief"') == len(well.model.duties)
    assert page.count("<summary>Details") == len(well.model.duties)


def test_words_of_the_record_in_words() -> None:
    assert class_name("a-new-class") == "a new class"


@pytest.mark.slow
def test_python_takes_every_source(two: TwoDeployments, tmp_path: Path) -> None:
    """Published tables, a bundle, several bundles, a log's folder, its published files, a dossier, a case."""
    now, before = two.bundle(NOW, tmp_path / "now.bundle"), two.bundle(
        "invented-force/2026-02-22-a-square", tmp_path / "before.bundle"
    )  # fmt: skip
    (tmp_path / "grid.csv").write_text(
        "date,place,duration_minutes,faces_seen,alerts,true_alerts,false_alerts\n2024-05-01,Hill St,300,5000,5,4,1\n"
    )
    (tmp_path / "dossier.toml").write_text(CASE + ENTRY)
    trusting = {"policy": two.policy, "deployment": NOW}
    sources: dict[str, Any] = {
        "csv": (tmp_path / "grid.csv", {}),
        "bundle": (now, trusting),
        "several bundles": ([before, now], trusting),
        "log": (two.folder.path, trusting),
        "published log": (str(two.folder.path / "public"), trusting),
        "dossier": (tmp_path / "dossier.toml", {}),
        "case": ("shipped:met-2020-02-27", {}),
    }
    kinds = {}
    for name, (source, options) in sources.items():
        review = countersign.review_source(source, **options)
        assert isinstance(review.document, Document)
        assert msgspec.json.decode(review.json())["schema"] == "countersign-review/2"
        assert len(review.rates) == len(review.model.rates)
        kinds[name] = [one.kind for one in review.model.sources]
    assert kinds["several bundles"] == ["bundle", "bundle"]
    assert (kinds["log"], kinds["published log"], kinds["dossier"]) == (["log"], ["published log"], ["case"])


def test_what_was_planned_shows_zone_list_and_series_and_sealed_as_sealed(well: DeploymentReview) -> None:
    placed = table(well, "planned-place")
    assert [[cell.text for cell in row] for row in placed.rows][-1][3] == "200 square metres"
    [series] = table(well, "crime-series").rows
    assert [cell.text for cell in series][1:5] == ["not stated", "1 February 2026 to 1 February 2026", "word", "none"]
    assert series[6].text == "by no reviewer"
    record = well.evidence.record
    closed = review_deployment(replace(record, opened={}), SUBJECT, as_of=AS_OF)
    assert [cell.text for cell in table(closed, "planned-place").rows[0]][1:] == ["sealed"] * 4
    index, proposal = next(one for one in record.entries if one[1].draft.kind == "plan.proposal")
    draft = replace(proposal.draft, sealed={**proposal.draft.sealed, "case": Commitment(bytes(32))})
    entries = tuple((at, replace(entry, draft=draft) if at == index else entry) for at, entry in record.entries)
    named: Any = {"objective": "x", "aim_evidence": [{"series": "word", "area": "Ward 4", "counterfactual": "x"}]}
    for opened, area in (({}, "sealed"), ({(index, "case"): {0: named}}, "Ward 4")):
        seen = replace(record, entries=entries, opened={**record.opened, **opened})
        review = review_deployment(seen, SUBJECT, as_of=AS_OF)
        assert table(review, "crime-series").rows[0][1].text == area


@pytest.mark.parametrize(
    ("bands", "said"),
    [
        ({"serious-violent": 30, "serious": 7, "other": 13}, "Of the 50 entries on the watchlist 37 (74.0%) are in a"),
        ({"other": 50}, "is not shown: no band is called serious"),
        ({"serious": 0, "other": 50}, "Of the 50 entries on the watchlist 0 (0%) are in a"),
    ],
)
def test_the_share_of_the_list_for_serious_offences_is_counted(
    well: DeploymentReview, bands: dict[str, int], said: str
) -> None:
    record = well.evidence.record

    def banded(entry: Entry) -> Entry:
        if entry.draft.kind != "authorise.manifest":
            return entry
        named: Any = [{"band": band, "count": number} for band, number in bands.items()]
        return replace(
            entry, draft=replace(entry.draft, facts={**entry.draft.facts, "by_seriousness": named, "size": 50})
        )

    entries = tuple((index, banded(entry)) for index, entry in record.entries)
    review = review_deployment(replace(record, entries=entries), SUBJECT, as_of=AS_OF)
    assert any(said in block.text for block in section(review, "planned").blocks if isinstance(block, Paragraph))


def test_times_that_a_reader_sees_are_local_with_their_zone(well: DeploymentReview) -> None:
    for document in (well.brief, well.document):
        page = re.sub(r"<style.*?</style>|data:[^\"]*", "", render_html(document).decode(), flags=re.DOTALL)
        assert not re.search(r"\d\d:\d\d(:\d\d)?Z|T\d\dZ|\bUTC\b", page)
    assert "1 March 2026, 10:05 GMT" in render_html(well.document).decode()


def test_a_list_of_headings_tells_the_story(bridges: DeploymentReview) -> None:
    titles = {section.id: section.title for section in bridges.document.sections}
    assert titles["first-page"] == "What the record shows: 4 not met, 97 not shown"
    assert titles["figures"] == "Counts and accuracy: 2 of 10 alerts false"
    assert titles["duties"] == "Duties: 4 not met, 97 not shown"
    assert titles["three-tests"].endswith(": duties not met bear on 4 of 9 questions")
    assert titles["observers"].endswith(": none on the record")
    headings = [block.text for part in bridges.document.sections for block in part.blocks if isinstance(block, Heading)]
    assert "Programme: 4 not met, 23 not shown" in headings
    [drawn] = [block for block in section(bridges, "figures").blocks if isinstance(block, Chart)]
    assert drawn.title == "From 10 alerts to 2 arrests"
    # Why a duty is not met stands once, at the duty; a question under the tests links to it.
    asked = table(bridges, "test-1")
    assert [column.label for column in asked.columns][1] == "Outcome"
    assert all(row[0].link and row[0].link.startswith("#duty-") for row in asked.rows)
