"""Data packages: what is written reads back the same, and a package that reaches outside or was altered is refused."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.errors import WrongForm
from countersign.published.files import NoSuchSource
from countersign.published.forms.package import DESCRIPTOR, PackageAltered, WrongPackage, read_package, write_package
from countersign.published.table.marks import MARK_BEHIND
from countersign.published.table.record import COLUMN_NAMES, Document, Record, Refused, Row

FIELDS = tuple(name for name in COLUMN_NAMES if name != "source")
#: Texts as a reading gives them: a footnote's mark behind a text is no part of it.
WORDS = (
    st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=20)
    .map(lambda text: "x" + " ".join(text.split()))
    .filter(lambda text: not MARK_BEHIND.search(text))
)
COUNT = st.none() | st.integers(0, 10**9)


@st.composite
def rows(draw: st.DrawFn, document: str, number: int) -> Row:
    values: dict[str, Any] = {name: draw(COUNT) for name in FIELDS}
    values |= {
        "date": draw(st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31))),
        "date_to": draw(st.dates(datetime.date(2000, 1, 1), datetime.date(2099, 12, 31))),
        "place": draw(st.none() | WORDS),
        "area": draw(st.none() | WORDS),
        "use_case": draw(st.none() | WORDS),
        "threshold": draw(st.none() | st.sampled_from([Decimal("0.6"), Decimal("0.64"), Decimal("0.620")])),
        "false_alert_rate_printed": draw(st.none() | st.sampled_from(["0%", "0.08%", "0.080%"])),
    }
    printed = draw(st.dictionaries(st.sampled_from(FIELDS), WORDS, max_size=4))
    return Row(document=document, number=number, **values, page=draw(st.none() | st.integers(1, 99)), printed=printed)


@st.composite
def records(draw: st.DrawFn) -> Record:
    documents, all_rows, refused = [], [], []
    for index in range(draw(st.integers(1, 3))):
        named = f"document-{index}"
        title = draw(st.sampled_from([f"Title {index}", "The same title", "document-0"]))
        documents.append(
            Document(
                named, title, publisher=draw(st.sampled_from(["", "A force"])), kind="pdf",
                columns=draw(st.frozensets(st.sampled_from(FIELDS))), notes=tuple(draw(st.lists(WORDS, max_size=2))),
            )
        )  # fmt: skip
        for number in sorted(draw(st.frozensets(st.integers(1, 30), max_size=4))):
            all_rows.append(draw(rows(named, number)))
        for _ in range(draw(st.integers(0, 2))):
            refused.append(Refused(named, draw(st.none() | st.integers(1, 9)), "row 3", draw(WORDS), draw(WORDS)))
    return Record(tuple(documents), tuple(all_rows), tuple(refused))


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(records())
def test_what_is_written_reads_back_the_same(record: Record) -> None:
    with TemporaryDirectory() as folder:
        assert read_package(write_package(record, Path(folder))) == record


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    record = Record((Document("a", "A", kind="csv"),), (Row("a", 1, date=datetime.date(2024, 1, 2), alerts=3),))
    one, two = write_package(record, tmp_path / "one"), write_package(record, tmp_path / "two")
    for path in one.iterdir():
        assert path.read_bytes() == (two / path.name).read_bytes()


@pytest.fixture
def package(tmp_path: Path) -> Path:
    record = Record(
        (Document("a", "A", kind="csv", columns=frozenset({"date", "alerts"})),),
        tuple(Row("a", number, date=datetime.date(2024, 1, number), alerts=number) for number in (1, 2)),
    )
    return write_package(record, tmp_path / "package")


def changed(package: Path, change: dict[str, Any]) -> None:
    stated = json.loads((package / DESCRIPTOR).read_text())
    stated["resources"][0] |= change
    (package / DESCRIPTOR).write_text(json.dumps(stated))


def test_the_schema_is_a_table_schema_with_every_column_told(package: Path) -> None:
    stated = json.loads((package / DESCRIPTOR).read_text())
    fields = stated["resources"][0]["schema"]["fields"]
    assert [field["name"] for field in fields] == list(COLUMN_NAMES)
    assert {field["type"] for field in fields} <= {"date", "string", "integer", "number"}
    assert all(field["description"] for field in fields)


@pytest.mark.parametrize(
    "path",
    [
        "../outside.csv",
        "/etc/passwd",
        "https://example.org/a.csv",
        "http:a.csv",
        ["deployments.csv", "../b.csv"],
        "",
        "C:\\a.csv",
    ],
)
def test_only_a_file_inside_the_package_is_read(package: Path, path: Any) -> None:
    changed(package, {"path": path})
    with pytest.raises(WrongPackage, match="nothing is fetched"):
        read_package(package)


def test_a_link_that_leaves_the_package_is_not_followed(package: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    (package / "deployments.csv").rename(outside)
    (package / "deployments.csv").symlink_to(outside)
    with pytest.raises(WrongPackage, match="outside"):
        read_package(package)


@pytest.mark.parametrize("resource", ["deployments.csv", "printed.csv", "refused.csv"])
def test_an_altered_resource_is_refused(package: Path, resource: str) -> None:
    path = package / resource
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(PackageAltered, match="SHA-256"):
        read_package(package)


def test_printed_rows_that_are_not_deployments_are_refused(package: Path) -> None:
    stated = json.loads((package / DESCRIPTOR).read_text())
    for resource in stated["resources"]:
        resource.pop("hash")
    (package / DESCRIPTOR).write_text(json.dumps(stated))
    lines = (package / "printed.csv").read_text().splitlines(keepends=True)
    (package / "printed.csv").write_text("".join(lines[:-1]))
    with pytest.raises(PackageAltered, match=r"1 rows of a, 'deployments' 2|bytes"):
        read_package(package)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "datapackage.json"),
        ("[]", "array"),
        ('{"name": "x"}', "resources"),
        ('{"resources": []}', "none"),
        ('{"resources": [{"name": "a", "path": "a.csv"}, {"name": "b", "path": "b.csv"}]}', "its resources are: a, b"),
        ('{"resources": [{"name": "deployments", "path": "deployments.csv"}], "sources": [{}]}', "title"),
    ],
)
def test_a_broken_descriptor_is_refused(package: Path, text: str, said: str) -> None:
    (package / DESCRIPTOR).write_text(text)
    with pytest.raises(WrongPackage, match="datapackage") as caught:
        read_package(package)
    assert said in str(caught.value)


def test_a_schema_that_names_other_fields_is_refused(package: Path) -> None:
    changed(package, {"schema": {"fields": [{"name": "people"}]}})
    with pytest.raises(WrongPackage, match="'people'"):
        read_package(package)


def test_a_package_made_by_others_is_taken(tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("Date,Total Alerts\n06/04/23,2\n")
    (tmp_path / DESCRIPTOR).write_text('{"resources": [{"name": "lfr", "path": "table.csv"}]}')
    record = read_package(tmp_path / DESCRIPTOR)
    assert [(row.alerts, row.date) for row in record.rows] == [(2, datetime.date(2023, 4, 6))]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1))
def test_any_change_of_the_descriptor_is_read_or_refused_in_a_sentence(seed: int) -> None:
    import random

    source = random.Random(seed)
    record = Record((Document("a", "A", kind="csv"),), (Row("a", 1, date=datetime.date(2024, 1, 2), alerts=3),))
    with TemporaryDirectory() as folder:
        path = write_package(record, Path(folder)) / DESCRIPTOR
        content = bytearray(path.read_bytes())
        for _ in range(source.randrange(1, 4)):
            content[source.randrange(len(content))] = source.randrange(256)
        path.write_bytes(content)
        try:
            rows_found = len(read_package(path).rows)
        except (WrongForm, PackageAltered, NoSuchSource):
            rows_found = 1
    assert rows_found == 1
