"""The one door: forms told by content, several sources joined, and one sentence for what cannot be read."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest
from tests.published.grids import Part, compiled, made_row
from tests.published.test_files import PICTURES
from tests.published.test_pdf import png
from tests.published.test_sheet import ods, xlsx

from countersign.errors import WrongForm
from countersign.published.files import HoldsAnImage, NoSuchSource, UnknownForm, shipped
from countersign.published.forms.package import write_package
from countersign.published.read import NoRows, read_source, read_sources, with_rows

CSV = b"Date,Location,Alerts\n06/04/23,Camden,1\n"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a.pdf", "a.csv", "a.xlsx", "a", "datapackage.json"])
def test_a_form_is_told_by_content_and_never_by_name(tmp_path: Path, name: str) -> None:
    grid = compiled([Part("2025", [made_row(random.Random(1), "2025")])])
    for content, kind in ((grid, "pdf"), (xlsx(), "xlsx"), (ods(), "ods"), (CSV, "csv")):
        (tmp_path / name).write_bytes(content)
        assert read_source(tmp_path / name).documents[0].kind == kind


def test_a_package_is_its_folder_or_its_descriptor(tmp_path: Path) -> None:
    record = read_source("shipped:south-wales")
    folder = write_package(record, tmp_path / "package")
    assert read_source(folder) == read_source(folder / "datapackage.json") == record


def test_the_example_of_another_force_is_read_with_its_map_as_a_person_would(tmp_path: Path) -> None:
    shutil.copy(shipped("south-wales") / "south-wales.csv", tmp_path / "swp.csv")
    record = read_source(tmp_path / "swp.csv", columns=shipped("south-wales") / "south-wales.toml")
    assert [row.alerts for row in record.rows] == [10, 1]
    with pytest.raises(WrongForm, match=r"swp\.csv"):
        read_source(tmp_path / "swp.csv")


def test_several_sources_become_one_record_with_ids_of_their_own(tmp_path: Path) -> None:
    for folder, day in (("one", b"07/04/23"), ("two", b"08/04/23")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.csv").write_bytes(CSV.replace(b"06/04/23", day) + b",,x\n")
    record = read_sources([tmp_path / "one" / "a.csv", str(tmp_path / "two" / "a.csv"), "shipped:south-wales"])
    assert [document.id for document in record.documents] == ["a", "a-2", "south-wales"]
    assert [(row.document, row.number) for row in record.rows] == [
        ("a", 1),
        ("a-2", 1),
        ("south-wales", 1),
        ("south-wales", 2),
    ]
    assert [kept.document for kept in record.refused] == ["a", "a-2"]


@pytest.mark.parametrize("kind", sorted(PICTURES))
def test_no_door_takes_a_picture(tmp_path: Path, kind: str) -> None:
    for name in ("record.pdf", "record.csv", "record.xlsx", "datapackage.json"):
        (tmp_path / name).write_bytes(PICTURES[kind])
        with pytest.raises(HoldsAnImage):
            read_source(tmp_path / name)
    (tmp_path / "record.pdf").write_bytes(png(4, 4))
    with pytest.raises(HoldsAnImage, match="a PNG image"):
        read_source(tmp_path / "record.pdf")


def test_a_folder_an_empty_file_and_nothing_at_all(tmp_path: Path) -> None:
    with pytest.raises(UnknownForm, match=r"folder without a datapackage\.json"):
        read_source(tmp_path)
    (tmp_path / "a.csv").touch()
    with pytest.raises(UnknownForm, match="empty"):
        read_source(tmp_path / "a.csv")
    with pytest.raises(NoSuchSource):
        read_source(tmp_path / "b.csv")


@pytest.mark.slow
def test_progress_is_told_while_pages_are_read(tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    (tmp_path / "a.pdf").write_bytes(compiled([Part("2025", [made_row(random.Random(1), "2025")])]))
    read_source(tmp_path / "a.pdf", progress=lambda doing, done, of: told.append((doing, done, of)))
    assert told == [("reading pages", 0, 1), ("reading pages", 1, 1)]


@pytest.mark.slow
def test_random_bytes_are_refused_in_a_sentence(tmp_path: Path) -> None:
    source = random.Random(5)
    path = tmp_path / "a.bin"
    for opening in (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"{", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        for _ in range(15):
            path.write_bytes(opening + source.randbytes(source.randrange(1, 400)))
            with pytest.raises(WrongForm, match=r"a\.bin"):
                read_source(path)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "the headings are there, but no row stands under them"),
        ("31/31/2024,,5\n", "its only row could not be read: line 2: date: '31/31/2024' is not a day of the calendar"),
        ("31/31/2024,,5\n2024-05-02,Hill St\n", "none of its 2 rows could be read; the first is line 2"),
    ],
)
def test_a_source_without_a_row_that_can_be_used_is_refused(tmp_path: Path, rows: str, said: str) -> None:
    path = tmp_path / "answer.csv"
    path.write_text(f"date,place,faces_seen\n{rows}")
    with pytest.raises(NoRows, match=re.escape(said)):
        with_rows(read_source(path))
