"""Countersign reads what it wrote: a site's open data, an import, and the tables of a report."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace

from countersign.cli.main import run
from countersign.published.forms.package import read_package, write_package
from countersign.published.read import read_source
from countersign.published.reconcile import read_list
from countersign.published.table.record import COLUMN_NAMES

OLD = Path(__file__).parents[1] / "fixtures" / "v0.1"
SITE = OLD / "site" / "data"
VALUES = tuple(name for name in COLUMN_NAMES if name != "source")
PRINTED = "Date,Location,Faces seen,Alerts,Arrests\n11/06/2024,=Dagenham,1461,9,<5\n13/06/2024,Haringey,c. 1500,7,-\n"


@pytest.mark.parametrize("name", ["deployments.csv", "deployments.json", "datapackage.json", "."])
def test_open_data_of_a_site_is_read(name: str) -> None:
    (row,) = read_source(SITE / name).rows
    assert (str(row.date), row.place, row.faces_seen, row.alerts) == (
        "2026-03-07",
        "High Street, by the station",
        5711,
        6,
    )
    assert (row.true_alerts_confirmed, row.true_alerts_unconfirmed, row.true_alerts) == (6, 0, 6)
    assert (row.false_alerts, row.watchlist_size, str(row.threshold)) == (0, 2000, "0.64")


def test_a_deployment_of_a_site_that_has_not_run_is_set_aside(tmp_path: Path) -> None:
    head, line = (SITE / "deployments.csv").read_text(encoding="utf-8").splitlines()
    coming = line.replace("published", "authorised").replace("High Street, by the station", "Market")
    path = tmp_path / "deployments.csv"
    path.write_text("\n".join([head, line, coming]), encoding="utf-8")
    record = read_source(path)
    assert len(record.rows) == 1
    assert [kept.reason for kept in record.set_aside] == ["the deployment has not run, or was called off"]
    assert "Market" in record.set_aside[0].printed


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "printed.csv"
    path.write_text(PRINTED.replace("=D", "'=D"), encoding="utf-8")
    return path


def test_an_import_is_read_whole_or_by_its_table_alone(source: Path, tmp_path: Path) -> None:
    record = read_source(source)
    write_package(record, tmp_path / "package")
    assert read_package(tmp_path / "package").rows == record.rows
    alone = read_source(tmp_path / "package" / "deployments.csv").rows
    assert [[getattr(row, name) for name in VALUES] for row in alone] == [
        [getattr(row, name) for name in VALUES] for row in record.rows
    ]


def test_quoted_cells_of_an_older_package_come_back_unquoted(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    shutil.copytree(OLD / "package", folder)
    descriptor = json.loads((folder / "datapackage.json").read_bytes())
    for resource in descriptor["resources"]:
        path = folder / resource["path"]
        text = (
            path.read_text(encoding="utf-8")
            .replace('"Queen Street, Cardiff"', "'=Queen Street")
            .replace("7h 30m", "'+7h 30m")
        )
        path.write_text(text, encoding="utf-8")
        del resource["hash"], resource["bytes"]
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    record = read_package(folder)
    assert record.rows[1].printed["duration_minutes"] == "+7h 30m"
    assert not record.rows[0].place or not record.rows[0].place.startswith("'")


def _page_of(source: Path, folder: Path) -> Path:
    assert run(["review", str(source), "--out", str(folder), "--format", "html"]) == 0
    return folder / "evidence.html"


def test_the_rows_of_a_report_are_read_again_and_its_computed_tables_are_not(tmp_path: Path) -> None:
    source = tmp_path / "printed.csv"
    source.write_text(PRINTED.replace("=Dagenham", "Dagenham"), encoding="utf-8")
    record, again = read_source(source), read_source(_page_of(source, tmp_path / "out"))
    assert [[getattr(row, name) for name in VALUES] for row in again.rows] == [
        [getattr(row, name) for name in VALUES] for row in record.rows
    ]
    kinds = [{name: replace(doubt, reason="") for name, doubt in row.unsure.items()} for row in again.rows]
    assert kinds == [{name: replace(doubt, reason="") for name, doubt in row.unsure.items()} for row in record.rows]
    assert any("no computed one" in note for note in again.documents[0].notes)


def test_the_rows_of_a_report_saved_as_csv(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("Row,Date,Place,Alerts\n1,11/06/2024,Dagenham,9\n2,13/06/2024,Haringey,7\n", encoding="utf-8")
    assert [row.alerts for row in read_source(path).rows] == [9, 7]


@pytest.mark.slow
def test_every_row_of_the_mets_report_is_read_again(tmp_path: Path) -> None:
    record, again = read_source("shipped:met"), read_source(_page_of(Path("shipped:met"), tmp_path / "out"))
    assert sorted((str(row.date), row.place, row.alerts) for row in again.rows) == sorted(
        (str(row.date), row.place, row.alerts) for row in record.rows
    )


def test_open_data_and_an_import_are_compared_and_reconciled(source: Path, tmp_path: Path) -> None:
    write_package(read_source(source), tmp_path / "package")
    written = tmp_path / "package" / "deployments.csv"
    assert read_list(SITE / "deployments.csv").entries[0].numbers["faces_seen"] == 5711
    assert [entry.place for entry in read_list(written).entries] == ["'=Dagenham", "Haringey"]
    for command in (["reconcile", str(written), str(SITE / "deployments.csv")], ["reconcile", str(SITE), str(written)]):
        assert run(command) in (0, 1)
    assert run(["compare", str(written), str(SITE / "deployments.csv")]) in (0, 1)
