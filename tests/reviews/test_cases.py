"""Cases as they ship: what each finds, that links resolve, and that the same file gives the same review."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from countersign.any_source import OptionNotForPublished, OptionNotForRecord, SourcesMixed, review_source
from countersign.deployments.view import View
from countersign.document import Chart, Document, RowRange, Table
from countersign.published.files import NotShipped
from countersign.record.bundle import parse_bundle, verify_bundle
from countersign.reviews.deployment.assemble import DeploymentReview, review_case, review_deployment
from countersign.reviews.deployment.cases import Case, CaseMalformed, parse_case, read_case
from countersign.reviews.options import CASES, PREFIX, names_record, path_of
from countersign.rulebook.conditions.results import rank
from countersign.rulebook.duties import evaluate

VERDICT_WORDS = re.compile(r"\b(compliant|safe|fair|biased|certified|lawful use|unlawful use)\b", re.IGNORECASE)


def reviewed(name: str) -> DeploymentReview:
    found = review_source(f"{PREFIX}{name}")
    assert isinstance(found, DeploymentReview)
    return found


def states(review: DeploymentReview) -> dict[str, str]:
    return {duty.id: duty.state for duty in review.model.duties}


@pytest.mark.parametrize("name", ["bridges-2017-12-21", "bridges-2018-03-27"])
def test_bridges_fails_on_who_where_dpia_and_equality_and_nothing_is_made_up(name: str) -> None:
    """The grounds on which the appeal succeeded: [2020] EWCA Civ 1058, paragraphs 91 to 130, 145 to 153, 163 to 201."""
    review = reviewed(name)
    found = states(review)
    against = {duty for duty, state in found.items() if state == "not met"}
    assert against == {"uk.bridges.who", "uk.bridges.where", "uk.bridges.dpia-public", "uk.psed.bias-evidence"}
    assert set(found.values()) == {"not met", "not shown"}
    assert review.model.as_of == "2020-08-11"
    assert "Court of Appeal" in " ".join(str(block) for block in review.model.sections[0].blocks)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("bridges-2017-12-21", "the paper the counts were read from (outside)"),
        ("met-2020-02-27", "the published table (force)"),
    ],
)
def test_counts_of_a_judgment_are_not_called_the_forces_published_table(name: str, title: str) -> None:
    [account] = [one for one in reviewed(name).evidence.accounts if one.name == "row"]
    assert account.title == title


def test_bridges_counts_are_those_of_the_judgment() -> None:
    """Paragraphs 26, 28 and 29: 10 possible matches, 8 true, 2 arrests; 1 possible match, true. No count of faces."""
    first, second = (reviewed(name).model.totals for name in ("bridges-2017-12-21", "bridges-2018-03-27"))
    assert (first.alerts, first.true_alerts, first.false_alerts, first.arrests) == (10, 8, 2, 2)
    assert (second.alerts, second.true_alerts, second.false_alerts, second.arrests) == (1, 1, 0, 0)
    assert first.faces_seen is None
    assert first.watchlist_size is None


def test_met_cases_are_the_published_rows_and_nothing_else() -> None:
    """The row of 27 February 2020: 8,600 faces, 8 alerts, 7 of them false, 6 people engaged, 1 arrest."""
    review = reviewed("met-2020-02-27")
    totals = review.model.totals
    assert (totals.faces_seen, totals.alerts, totals.false_alerts, totals.engagements, totals.arrests) == (
        8600,
        8,
        7,
        6,
        1,
    )
    [rate] = [line for line in review.model.rates if line.measure == "false_alerts_per_face"]
    assert rate.low < 7 / 8600 < rate.high
    assert rate.low < 0.001 < rate.high
    assert set(states(review).values()) == {"not shown"}
    shipped = {
        (str(row.date), row.place): row for row in _met_rows()
    }  # fmt: skip
    for name, key in (("met-2020-02-27", ("2020-02-27", "Oxford Circus")), ("met-2024", ("2024-05-08", "Southall"))):
        row = parse_case(path_of(f"{PREFIX}{name}").read_bytes()).row
        assert row is not None
        printed = msgspec.structs.asdict(row.as_printed())
        original = msgspec.structs.asdict(shipped[key])
        for column, value in printed.items():
            if column not in ("document", "number", "page", "printed"):
                assert value == original[column], column


def _met_rows() -> list:  # type: ignore[type-arg]
    from countersign.published.read import read_sources

    return list(read_sources(["shipped:met"]).rows)


def test_the_case_done_well_leaves_nothing_open() -> None:
    review = reviewed("invented-well")
    found = states(review)
    assert set(found.values()) == {"met", "stated"}
    assert sum(state == "met" for state in found.values()) > 20
    assert {promise.state for promise in review.model.promises} == {"as promised"}
    assert len(review.model.promises) >= 10
    assert "invented" in str(review.model.sections[0].blocks[0])
    assert not review.evidence.late
    assert not review.evidence.deployment.irregularities


def test_the_force_alone_is_never_met_but_by_arithmetic() -> None:
    review = reviewed("invented-well")
    for duty in review.model.duties:
        if duty.state == "met" and set(duty.supplied_by) == {"force"}:
            assert duty.kind == "machine", duty.id
    assert all(duty.supplied_by for duty in review.model.duties)


FAILING = path_of(f"{PREFIX}invented-failing")


@pytest.mark.slow
def test_no_finding_is_better_with_evidence_taken_away() -> None:
    """Each kind of entry left out of the case done well, one at a time, over the whole rulebook."""
    built = read_case(path_of(f"{PREFIX}invented-well"))
    review = review_case(built)
    view: View = review.evidence.view
    before = {result.duty.id: rank(result.outcome) for result in review.evidence.results}
    for noun in _nouns(view):
        less = view.without([one.entry for one in view.statements(noun)])
        for result in evaluate(less, profile="england-and-wales", as_at=review.evidence.moment):
            assert rank(result.outcome) <= before[result.duty.id], (noun, result.duty.id)


def _nouns(view: View) -> list[str]:
    from countersign.deployments.kinds import NOUNS

    return [noun for noun in NOUNS if view.statements(noun)]


@pytest.mark.parametrize("name", CASES)
def test_every_link_to_an_entry_stands_in_the_table_of_entries(name: str) -> None:
    document = reviewed(name).document
    [entries] = [block for block in document.sections[-1].blocks if isinstance(block, Table)]
    assert entries.rows_of == "log"
    listed = {int(row[0].text) for row in entries.rows}
    linked = [found for section in document.sections for block in section.blocks for found in _ranges(block)]
    assert linked
    for found in linked:
        assert found.document == "log"
        assert set(range(found.first, found.last + 1)) <= listed


def _ranges(block: object) -> list[RowRange]:
    found = list(getattr(block, "rows", ())) if not isinstance(block, Table | Chart) else []
    table = block.table if isinstance(block, Chart) else block
    if isinstance(table, Table):
        found += [one for row in table.rows for cell in row for one in cell.rows]
    return found


@pytest.mark.parametrize("name", CASES)
def test_no_verdict_word_and_the_same_bytes_again(name: str) -> None:
    one, two = reviewed(name), reviewed(name)
    assert one.json() == two.json()
    text = _words(one.document)
    assert not VERDICT_WORDS.search(text), VERDICT_WORDS.search(text)


def _words(document: Document) -> str:
    # Duties, their sources and the courts' questions are quoted; everything else is this program's own words.
    sections = [section for section in document.sections if section.id not in ("duties", "three-tests")]
    first = sections[0].blocks
    sections[0] = msgspec.structs.replace(
        sections[0], blocks=tuple(block for block in first if getattr(block, "anchor", "") != "against")
    )
    return msgspec.json.encode(sections).decode()


def test_a_case_is_a_bundle_that_verifies_offline() -> None:
    built = read_case(path_of(f"{PREFIX}invented-well"))
    again = verify_bundle(parse_bundle(built.bundle.render()), built.policy)
    assert len(again.entries) == len(built.record.entries)
    assert built.record.trust.cosigned_by == ()
    assert "thrown away" in str(built.record.first)


def test_rows_as_at_an_earlier_day_do_not_count_what_came_later() -> None:
    built = read_case(path_of(f"{PREFIX}invented-well"))
    import datetime

    early = review_deployment(built.record, "invented-force/2026-03-01-a-square", as_of=datetime.date(2026, 2, 25))
    assert states(early)["uk.publish.results"] == "not shown"
    assert states(early)["uk.auth.reasons"] in ("stated", "met")
    assert early.model.totals.alerts is None


CASE = """
title = "A dossier"
force = "force-a"
deployment = "d-1"
as_at = "2026-03-01"
standard = "papers"
[[source]]
id = "foi"
title = "An answer"
"""
ENTRY = """
[[entry]]
kind = "observer.count"
at = "2026-02-01T10:00:00Z"
source = "foi"
role = "observer"
supplied_by = "observer"
[entry.facts]
what = "stops"
hour = "2026-02-01T10Z"
minutes = 60
count = 4
method = "tally"
"""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = ", "is not TOML"),
        (CASE, "no entry and no row"),
        (CASE + ENTRY.replace('source = "foi"', 'source = "press"'), "'press', which is not listed"),
        (CASE + ENTRY.replace("count = 4", "count = -4"), "entry 1 (observer.count)"),
        (CASE + ENTRY.replace("observer.count", "observer.count-all"), "entry 1 (observer.count-all)"),
        (CASE + ENTRY + 'image = "x"\n', "entry 1 (observer.count)"),
        (CASE + ENTRY.replace("count = 4", 'count = { entry = "other" }'), "'other', which is not in the case"),
        (CASE + '[row]\nsource = "foi"\nvalues = { alrts = 3 }\n', "no column alrts"),
    ],
)  # fmt: skip
def test_a_wrong_case_is_refused_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CaseMalformed, match=re.escape(said)):
        read_case(file)


def test_observers_stand_beside_the_force_and_alone(tmp_path: Path) -> None:
    """A dossier with nothing from the force: the observer's count is there, and no figure is made of it."""
    file = tmp_path / "case.toml"
    file.write_text(CASE + ENTRY, encoding="utf-8")
    review = review_case(read_case(file))
    [section] = [one for one in review.document.sections if one.id == "observers"]
    [table] = section.blocks
    assert isinstance(table, Table)
    assert [cell.text for cell in table.rows[0]] == [
        "Stops",
        "1 February 2026, 10:00 to 11:00 GMT",
        "60",
        "4",
        "tally",
        "not stated",
    ]
    assert review.model.totals.alerts is None
    assert review.model.rates == ()


def test_sources_are_told_apart_and_not_mixed(tmp_path: Path) -> None:
    file = tmp_path / "case.toml"
    file.write_text(CASE + ENTRY, encoding="utf-8")
    assert names_record(file)
    assert not names_record("shipped:met")
    with pytest.raises(SourcesMixed):
        review_source([file, "shipped:met"])
    with pytest.raises(OptionNotForRecord, match="claims"):
        review_source(file, claims="shipped")
    with pytest.raises(NotShipped, match=r"there are met, .* and south-wales, and as cases .* and invented-failing"):
        review_source("shipped:nothing")
    with pytest.raises(OptionNotForPublished, match="deployment, profile"):
        review_source("shipped:met", deployment="d-1", profile="eu")


def test_failures_need_their_base_and_a_known_duty() -> None:
    case: Case = parse_case(FAILING.read_bytes())
    with pytest.raises(CaseMalformed, match=r"no failure of uk\.nothing"):
        case.failing(case, "uk.nothing")
