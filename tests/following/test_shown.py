"""The Python interface to a library says what the commands say, and adds no forces up."""

from __future__ import annotations

import pyarrow
import pytest
from tests.making.libraries import Shelf, rows

import countersign
from countersign.following.library import LibraryMissing
from countersign.following.shown import Followed
from countersign.following.sides import NEVER_SUMMED
from countersign.releases.forces import ForceUnknown
from countersign.render.shown import COLUMNS, LINES


@pytest.fixture
def followed(shelf: Shelf) -> Followed:
    shelf.add("force-a", rows("2025-01-05,High Street,1000,5,1,1,2", "2026-01-12,Station,1200,6,0,0,1"), "2026-02-01")
    shelf.add("force-a", rows("2025-01-05,High Street,1000,7,1,1,2", "2026-01-12,Station,1200,6,0,0,1"), "2026-02-20")
    shelf.add("force-b", rows("2025-03-05,Park,8000,3,0,0,0"), "")
    return countersign.library(shelf.folder)


def test_it_fits_a_screen_and_shows_a_page(followed: Followed) -> None:
    lines = repr(followed).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    assert "3 releases of 2 forces" in repr(followed)
    assert "Force A, deployments: 2 releases." in repr(followed)
    assert NEVER_SUMMED.split(".")[0] in followed._repr_html_()
    assert [chart.id for chart in followed.charts] == ["chart-deployments"]


def test_frames_hold_a_line_a_release_and_a_line_a_force_and_year(followed: Followed) -> None:
    releases, forces = followed.to_frame(), followed.by_force
    assert releases.series.tolist() == ["deployments"] * 3
    assert releases.published.tolist()[:2] == ["2026-02-01", "2026-02-20"]
    assert releases.published.isna().tolist() == [False, False, True]
    assert releases["rows"].tolist() == [2, 2, 1]
    assert forces[["force", "year"]].to_numpy().tolist() == [
        ["force-a", "2025"],
        ["force-a", "2026"],
        ["force-b", "2025"],
    ]
    assert forces.alerts.tolist() == ["7", "6", "3"]
    # Polars, DuckDB and others read the same stream.
    assert pyarrow.table(forces).num_rows == 3


def test_a_change_and_a_review_are_those_of_the_commands(followed: Followed) -> None:
    [changed] = [change for change in followed.changes if change.revised]
    assert changed.force == "force-a"
    review = followed.review("Force A")
    assert review.model.title == countersign.library(followed.kept.path).review("force-a").model.title
    assert "13 alerts" in repr(review)
    with pytest.raises(ForceUnknown):
        followed.review("nobody")


def test_no_library_is_said() -> None:
    with pytest.raises(LibraryMissing, match="is no library"):
        countersign.library("no-such-folder")
