"""``countersign duties`` lists the catalogue by phase, place and day."""

from __future__ import annotations

import json

import pytest

from countersign.cli.duties import PHASE_NAMES
from countersign.cli.main import run
from countersign.cli.terminal import options
from countersign.rulebook.catalogue import DUTIES, PHASES, PROFILES


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, object]]:
    assert run(["duties", "--json", *options]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_all_of_them_with_sources_and_what_is_to_be_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["duties"]) == 0
    shown = capsys.readouterr().out
    assert all(f"{duty} " in shown for duty in DUTIES)
    assert "in force from: unknown" in shown
    assert "[to be checked against the source where marked †]" in shown
    assert f"{len(DUTIES)} of {len(DUTIES)} duties" in shown


def test_by_phase_place_and_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert {one["phase"] for one in listed(capsys, "--phase", "delete")} == {"delete"}
    eu = {one["id"] for one in listed(capsys, "--jurisdiction", "eu", "--as-of", "2027-12-01")}
    later = {one["id"] for one in listed(capsys, "--jurisdiction", "eu", "--as-of", "2027-12-02")}
    assert {"eu.aia.12-3.logs", "eu.aia.14-5.two-person"} <= later - eu
    assert "uk.scot.code" in {one["id"] for one in listed(capsys, "--jurisdiction", "scotland")}


def test_choices_are_the_catalogues_own() -> None:
    assert PHASE_NAMES == PHASES
    assert tuple(PROFILES) == options.PROFILES


def test_no_such_phase(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["duties", "--phase", "after"]) == 2
    assert "after" in capsys.readouterr().err
