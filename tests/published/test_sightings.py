"""Reading a list for reconcile: as liberally as any source, and nothing guessed."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from countersign.published.files import HoldsAnImage, NoSuchSource
from countersign.published.reconcile import Entry, ListMalformed, Source, read_list, reconcile

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
    "text",
    [
        "date,place,who\n02/05/2024,Kingston,news\n",
        "Date;Place;Who\n2024-05-02;Kingston;news\n",
        "\ufeffDate,Location,Source\n2 May 2024,Kingston,news\n",
        "When\tVenue\tReported by\nThursday 2 May 2024\tKingston\tnews\n",
    ],
)
def test_lists_are_read_as_liberally_as_everything_else(text: str, tmp_path: Path) -> None:
    (entry,) = read_list(written(tmp_path, text)).entries
    assert (entry.date, entry.place, entry.who) == (datetime.date(2024, 5, 2), "Kingston", "news")


def test_a_line_without_a_certain_date_or_place_is_left_out_and_counted(tmp_path: Path) -> None:
    text = GOOD + "2024-05-0?,Brixton,an observer,,\n,Ealing,an observer,,\n2024-05-04,,an observer,,\n"
    source = read_list(written(tmp_path, text))
    assert (len(source.entries), len(source.left_out)) == (2, 3)
    assert source.left_out[0] == "press, line 4 (2024-05-0?, Brixton, an observer)"


def test_a_range_of_days_is_kept_and_matches_only_as_a_possibility(tmp_path: Path) -> None:
    source = read_list(written(tmp_path, "date,place,who\n22-23 May 2024,Clacton,news\n"))
    (entry,) = source.entries
    assert (entry.date, entry.date_to) == (datetime.date(2024, 5, 22), datetime.date(2024, 5, 23))
    published = Source("published", (Entry(1, datetime.date(2024, 5, 23), "Clacton"),))
    found = reconcile((published, source))
    assert [len(item.entries) for item in found.deployments] == [1, 1]
    assert any(item.possible for item in found.deployments)


def test_a_count_that_is_not_exact_is_left_out_of_what_is_compared(tmp_path: Path) -> None:
    assert read_list(written(tmp_path, GOOD.replace(",4,", ",<5,"))).entries[0].numbers == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("who,alerts\nnews,4\n", "headings for a date and a place"),
        (GOOD.replace("alerts", "weather"), "heading 'weather' is not known"),
    ],
)
def test_a_list_without_its_headings_is_refused(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ListMalformed, match=said):
        read_list(written(tmp_path, text))


def test_a_list_that_is_a_picture_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "press.csv"
    path.write_bytes(b"\xff\xd8\xff\xe0 not text \x00")
    with pytest.raises(HoldsAnImage):
        read_list(path)
    with pytest.raises(NoSuchSource):
        read_list(tmp_path / "absent.csv")
