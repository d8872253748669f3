"""The catalogue: all duties as researched, nothing of them lost, dates never guessed, and profiles."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path

import pytest
from tests.reviews.readability import grade, longest

from countersign.deployments.view import check_path
from countersign.rulebook.catalogue import (
    DUTIES,
    PROFILES,
    CatalogueMalformed,
    DutyUnknown,
    ProfileUnknown,
    duties_for,
    duty,
    read,
)
from countersign.rulebook.conditions.look import FIGURES

DATA = Path(__file__).parents[2] / "src" / "countersign" / "rulebook" / "data"


def test_it_is_the_research_row_by_row(shared: Path) -> None:
    with (shared / "facts" / "requirements.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["id"] for row in rows] == list(DUTIES)
    for row in rows:
        one = DUTIES[row["id"]]
        assert (
            "; ".join(one.jurisdictions), one.instruments, one.pinpoints, one.requirement, one.phase, one.kind,
            one.severity,
            one.confidence, one.to_check, one.evidence_in_words,
        ) == (
            row["jurisdiction"], row["instrument"], row["clause"], row["requirement"], row["phase"], row["check"],
            row["severity"], row["confidence"], row["pinpoints_to_check"] == "yes", row["evidence"],
        )  # fmt: skip


def test_what_it_says_in_words_of_its_own_reads_at_grade_nine_and_in_short_sentences() -> None:
    """The requirement is as researched; the names, what is asked of a reviewer and what failed are written for all."""
    for texts in (
        [entry.title for entry in DUTIES.values()],
        [entry.failed for entry in DUTIES.values() if entry.failed],
        [entry.question for entry in DUTIES.values() if entry.question],
    ):
        assert grade(texts) <= 9
        assert longest(texts)[0] <= 28, longest(texts)


def test_evidence_is_paths_of_the_vocabulary() -> None:
    for path in [path for entry in DUTIES.values() for path in entry.evidence]:
        check_path(path)


def test_what_is_to_be_checked_is_marked_in_print() -> None:
    for one in DUTIES.values():
        assert ("to be checked against the source" in one.sources) == (
            one.to_check or "†" in one.instruments + one.pinpoints or one.confidence != "read in the source"
        ), one.id


def test_dates_known_from_the_facts_alone_all_others_unknown() -> None:
    known = {one.id: one.in_force_from for one in DUTIES.values() if one.in_force_from is not None}
    assert set(known.values()) == {datetime.date(2025, 2, 2), datetime.date(2027, 12, 2), datetime.date(2023, 9, 28)}
    assert duty("uk.dpa.s64.dpia").in_force == "in force from: unknown"
    assert all(one.in_force_until is None for one in DUTIES.values())


def test_a_duty_counts_from_its_first_day() -> None:
    ids = {one.id for one in duties_for("eu", datetime.date(2025, 2, 1))}
    assert "eu.aia.5-2.targeted" not in ids
    assert "eu.aia.5-2.targeted" in {one.id for one in duties_for("eu", datetime.date(2025, 2, 2))}


@pytest.mark.parametrize(
    ("profile", "has", "lacks"),
    [
        ("england-and-wales", "uk.governance.pcc", "uk.scot.code"),
        ("scotland", "uk.scot.code", "uk.governance.pcc"),
        ("northern-ireland", "uk.ni.s75", "uk.psed.eia"),
        ("eu", "eu.aia.5-2.targeted", "uk.psed.eia"),
    ],
)
def test_profiles(profile: str, has: str, lacks: str) -> None:
    ids = {one.id for one in duties_for(profile, datetime.date(2026, 9, 1))}
    assert has in ids
    assert lacks not in ids
    assert "uk.governance.frameworks" in ids


def test_every_duty_counts_somewhere() -> None:
    last = datetime.date(2030, 1, 1)
    assert {one.id for key in PROFILES for one in duties_for(key, last)} == set(DUTIES)


def test_unknown_names_and_halves_that_differ_are_refused() -> None:
    with pytest.raises(DutyUnknown, match=r"did you mean uk\.psed\.eia"):
        duty("uk.psed.eai")
    with pytest.raises(ProfileUnknown):
        duties_for("wales", datetime.date(2026, 1, 1))
    requirements = (DATA / "requirements.csv").read_text(encoding="utf-8")
    with pytest.raises(CatalogueMalformed, match="halves differ"):
        read(requirements, "")
    with pytest.raises(CatalogueMalformed):
        read(requirements, "[broken")


def test_every_figure_names_its_source() -> None:
    assert all(figure.source and figure.value >= 0 for figure in FIGURES.values())
    assert any(figure.to_check and "[to be checked]" in figure.cited for figure in FIGURES.values())
