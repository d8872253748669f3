"""Reading a list for reconcile: strict, with the line and column of what is wrong."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from countersign.published.forms.strict_csv import CsvNotRead
from countersign.published.lists.reconcile import Entry, ListMalformed, read_list

GOOD = (
    "date,place,who,alerts,note\r\n2024-05-02,Kingston,a newspaper,4,front page\r\n2024-05-03,Tooting,an observer,,\r\n"
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "press.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


def test_a_list_is_read_under_its_file_s_name(tmp_path: Path) -> None:
    source = read_list(written(tmp_path, "\ufeff" + GOOD))
    assert source.name == "press"
    assert source.entries == (
        Entry(2, datetime.date(2024, 5, 2), "Kingston", "a newspaper", {"alerts": 4}, "front page"),
        Entry(3, datetime.date(2024, 5, 3), "Tooting", "an observer"),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("date,place\n2024-05-02,Kingston\n", "column 'who' is missing"),
        (GOOD.replace("alerts", "alrts"), r"unknown column 'alrts' \(did you mean 'alerts'\?\)"),
        (GOOD.replace("2024-05-02", "02/05/24"), "line 2, column 'date': '02/05/24' is not a date"),
        (GOOD.replace("2024-05-02", ""), "line 2, column 'date': is empty"),
        (GOOD.replace("Kingston", " "), "line 2, column 'place': is empty"),
        (GOOD.replace("an observer", ""), "line 3, column 'who': is empty"),
        (GOOD.replace(",4,", ",four,"), "line 2, column 'alerts': 'four' is not a whole number"),
        (GOOD.replace("Kingston", "K" * 400), "longer than 300 characters"),
        (GOOD.replace("a newspaper", "a\tpaper"), "or not text"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ListMalformed, match=said):
        read_list(written(tmp_path, text))


def test_a_list_that_is_a_picture_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "press.csv"
    path.write_bytes(b"\xff\xd8\xff\xe0 not text \x00")
    with pytest.raises(ListMalformed, match="not UTF-8 text"):
        read_list(path)
    with pytest.raises(CsvNotRead):
        read_list(tmp_path / "absent.csv")
