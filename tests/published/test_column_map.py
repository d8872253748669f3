"""Column maps: what they say, and each way to write one wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.published.files import NoSuchSource
from countersign.published.table.headings import resolve
from countersign.published.table.maps import WrongMap, parse_map, read_map

GOOD = """
title = "Answer 1234"
dates = ["%m/%d/%Y"]
decimal = ","
duration = "hours"
ignore = ["Notes"]
[columns]
alerts = "Possible matches"
date = "When"
[constants]
place = "Cardiff"
"""


def test_a_map_adds_to_the_known_headings_and_holds_over_them() -> None:
    made = parse_map(GOOD, "map.toml")
    assert made.use_of("possible matches").names == ("alerts",)  # type: ignore[union-attr]
    assert made.use_of("Watchlist size").names == ("watchlist_size",)  # type: ignore[union-attr]
    headed = resolve(("When", "Possible matches", "Total Alerts"), made)
    assert [use and use.names for use in headed.uses] == [("date",), ("alerts",), None], "what the map says holds"
    assert "'Total Alerts' was not read" in headed.notes[0]
    assert made.ignores("NOTES")
    assert made.constant_values() == {"place": "Cardiff"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns\n", "line 1"),
        ("unknown = 1", "unknown"),
        ("[columns]\nplaces = 'Where'", "'places'"),
        ("[constants]\ncounty = 'x'", "'county'"),
        ("[columns]\ndate = 'When'\n[constants]\ndate = '2024-01-01'", "date"),
        ("[constants]\nalerts = 'many'", "'many'"),
        ("[columns]\ndate = '--'", "no letter"),
        ("decimal = 'x'", "decimal"),
        ("small = true", "small is True; it can be 0 or 1"),
        ("small = 1.0", "small is 1.0; it can be 0 or 1"),
        ("small = 2", "small is 2; it can be 0 or 1"),
        ("[columns]\ndate = 3", "line 2: [columns] date must be text"),
        ("dates = ['%d %B']", "no year"),
        ("title = 1\ndecimals = '.'", "line 2: 'decimals' is no key of a map (did you mean 'decimal'?)"),
        ("title = 1\ndecimals = '.'", "line 1: title must be text"),
    ],
)
def test_a_wrong_map_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(WrongMap, match=r"^map\.toml: ") as caught:
        parse_map(text, "map.toml")
    assert said in str(caught.value)


def test_a_map_that_is_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WrongMap, match="UTF-8"):
        read_map(tmp_path / "map.toml")
    with pytest.raises(NoSuchSource):
        read_map(tmp_path / "none.toml")


def test_a_map_written_the_wrong_way_about_is_told_how() -> None:
    with pytest.raises(WrongMap, match='write it the other way about: place = "Location"'):
        parse_map('[columns]\n"Location" = "place"\n', "map.toml")
