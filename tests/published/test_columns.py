"""Headings as the Met has printed them, and headings that only look alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.published.table.columns import HEADINGS, POOLED, WEAK, fold, known_heading, nearest_heading
from countersign.published.table.maps import ColumnMap
from countersign.published.table.record import COLUMN_NAMES, COLUMNS


@pytest.mark.parametrize(
    ("heading", "names"),
    [
        # 2020 to 2022
        ("Deployment", ("place",)), ("Date (DD/MM/\nYY)", ("date",)), ("Purpose Reference", ("use_case",)),
        ("False Alert / Confirmed False Alerts", ("false_alerts", "false_alerts_confirmed")),
        ("False Alert / Confirmed False Alert Engagements", ("false_alert_engagements",)),
        ("True Alerts1", ("true_alerts",)), ("True Alerts¹", ("true_alerts",)),
        ("Arrests / Disposals", ("arrests",)),
        # 2023 to 2024
        ("LFR Purpose Reference / LFR Purpose", ("use_case",)), ("Min Threshold Setting", ("threshold",)),
        ("Faces seen (Estimate )", ("faces_seen",)), ("Engagement Outcomes Arrest", ("arrests",)),
        # 2025, as the force printed them
        ("True Alerts Unconfirmed", ("true_alerts_unconfirmed",)), ("Outcome - Arrest", ("arrests",)),
        ("Outcome - Other", ("other_disposal",)), ("No action", ("no_action",)),
    ],
)  # fmt: skip
def test_printed_headings_are_known(heading: str, names: tuple[str, ...]) -> None:
    use = known_heading(heading)
    assert use is not None
    assert use.names == names


@pytest.mark.parametrize("name", COLUMN_NAMES)
def test_every_column_is_known_by_its_own_name(name: str) -> None:
    use = known_heading(name)
    assert use is not None
    assert use.names == (name,)


@pytest.mark.parametrize(
    "heading", ["", "Confirmed", "Confirmed alerts", "Faces per hour", "Reference", "Rate", "Arrests per alert"]
)
def test_nothing_is_taken_because_it_looks_alike(heading: str) -> None:
    assert known_heading(heading) is None


def test_every_known_spelling_is_folded_and_stands_for_one_thing() -> None:
    for heading in (*POOLED, *(each for headings in HEADINGS.values() for each in headings)):
        assert fold(heading) == heading
        assert known_heading(heading) is not None
    spellings = [*(heading for headings in HEADINGS.values() for heading in headings), *WEAK]
    assert len(spellings) == len(set(spellings))


def test_the_nearest_is_named_where_there_is_one() -> None:
    assert nearest_heading("Watchlst sise") == "watchlist_size"
    assert nearest_heading("zzzz") is None


def test_a_heading_states_the_unit_of_a_bare_duration() -> None:
    assert [known_heading(text).duration for text in ("Duration", "duration_minutes", "Duration (hours)")] == [  # type: ignore[union-attr]
        "", "minutes", "hours",
    ]  # fmt: skip


def test_the_page_of_columns_and_the_program_are_in_step() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "formats" / "columns.md").read_text(encoding="utf-8")
    lines = [line.split("|")[1:4] for line in page.splitlines() if line.startswith("| `")]
    told = [tuple(cell.strip(" `") for cell in line) for line in lines]
    assert told == [(column.name, column.kind, column.meaning) for column in COLUMNS]


@pytest.mark.parametrize("heading", ["False alerts (%)", "False alert %", "% false alerts", "Percentage false alerts"])
def test_a_share_of_false_alerts_is_no_count_of_them(heading: str) -> None:
    use = known_heading(heading)
    assert use is not None
    assert use.names == ("false_alert_rate_printed",)


@pytest.mark.parametrize("heading", ["Alerts %", "Arrests (%)", "True alert percentage", "% of faces seen"])
def test_another_share_is_not_known(heading: str) -> None:
    assert known_heading(heading) is None
    assert not ColumnMap(ignore=(heading,)).ignores(heading.replace("%", "").replace("percentage", ""))


def test_people_stopped_after_an_alert() -> None:
    for heading, name in (("Stops after false alert", "false"), ("No. of people stopped after a true alert", "true")):
        use = known_heading(heading)
        assert use is not None
        assert use.names == (f"{name}_alert_engagements",)
