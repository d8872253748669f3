"""Any force's publication: each shape, form, mark and date that people have, with the right value."""

from __future__ import annotations

import datetime
import json
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from tests.published.forms_made import (
    HEADINGS,
    ROWS,
    as_csv,
    as_docx,
    as_html,
    as_json,
    as_pdf,
    as_xls,
    as_xlsx,
    pdf_table,
    table,
)
from tests.published.test_pdf import png

from countersign.published.faults.detect import find_faults
from countersign.published.forms.package import PackageAltered
from countersign.published.forms.pdf.document import ScannedPdf, read_pdf
from countersign.published.read import read_source, read_sources
from countersign.published.table.maps import WrongMap
from countersign.published.table.record import Record

DAYS = [datetime.date(2024, 6, day) for day in (11, 13, 19, 26)]


def read(tmp_path: Path, content: bytes, mapped: str = "") -> Record:
    path = tmp_path / "published"
    path.write_bytes(content)
    if not mapped:
        return read_source(path)
    (tmp_path / "map.toml").write_text(mapped)
    return read_source(path, columns=tmp_path / "map.toml")


def is_control(record: Record) -> None:
    """The four rows, to the last value."""
    assert [row.date for row in record.rows] == DAYS
    assert [row.place for row in record.rows] == ["Dagenham", "Haringey", "Ilford", "Peckham"]
    assert [row.faces_seen for row in record.rows] == [1461, 1589, 1388, 843]
    assert [row.duration_minutes for row in record.rows] == [370, 340, 281, 301]
    assert [(row.alerts, row.false_alerts, row.arrests) for row in record.rows] == [
        (9, 0, 6),
        (7, 0, 3),
        (10, 1, 8),
        (9, 0, 2),
    ]
    assert not record.refused


@pytest.mark.parametrize("make", [as_csv, as_xls, as_html, as_docx, as_json])
def test_every_form_gives_the_same_rows(tmp_path: Path, make: Any) -> None:
    is_control(read(tmp_path, make(table())))


def test_a_workbook_saved_as_strict_open_xml(tmp_path: Path) -> None:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(as_xlsx({"LFR": table()}))) as usual, zipfile.ZipFile(out, "w") as strict:
        for name in usual.namelist():
            text = usual.read(name)
            for part in (b"spreadsheetml/", b"officeDocument/"):
                usual_name = b"http://schemas.openxmlformats.org/" + part + b"2006/"
                text = text.replace(usual_name, b"http://purl.oclc.org/ooxml/" + part)
            strict.writestr(name, text)
    is_control(read(tmp_path, out.getvalue()))


def test_a_mail_and_a_page_with_spans_and_hidden_rows(tmp_path: Path) -> None:
    page = (
        "<html><body><table><tr><th>Date<th>Location<th>Alerts</tr>"
        "<tr><td rowspan=2>11/06/2024<td>Dagenham<td>9</tr><tr><td>Barking<td>7</tr>"
        "<tr style='display:none'><td>12/06/2024<td>Ealing<td>99</tr></table>"
    )
    mail = f"From: a@example.org\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n{page}"
    for content in (page.encode(), mail.encode()):
        record = read(tmp_path, content)
        assert [(row.date, row.place, row.alerts) for row in record.rows] == [
            (DAYS[0], "Dagenham", 9),
            (DAYS[0], "Barking", 7),
        ]
        assert "1 value printed once for several rows was carried down." in record.documents[0].notes


def test_geojson_and_records_under_a_key(tmp_path: Path) -> None:
    records = [dict(zip(HEADINGS, row, strict=True)) for row in ROWS]
    features = [{"type": "Feature", "geometry": None, "properties": record} for record in records]
    for value in ({"data": records}, {"type": "FeatureCollection", "features": features}):
        is_control(read(tmp_path, json.dumps(value).encode()))


def test_the_form_of_dates_is_decided_by_the_column(tmp_path: Path) -> None:
    month_first = ["06/11/2024", "06/13/2024", "06/19/2024", "06/26/2024"]
    year_first = ["24/06/11", "24/06/13", "24/06/19", "24/06/26"]
    serials = ["45454", "45456", "45462", "45469"]
    for column in (month_first, year_first, serials, [f"2024-06-{day.day} 10:30:00" for day in DAYS]):
        assert [row.date for row in read(tmp_path, as_csv(table(Date=column))).rows] == DAYS
    zoo = ["Tuesday 11 June 2024", "13th June 2024", "2024/06/19", "26 June"]
    record = read(tmp_path, as_csv(table(Date=zoo)))
    assert [row.date for row in record.rows] == [*DAYS[:3], None]
    assert "no year" in record.rows[3].unsure["date"].reason


def test_dates_that_can_be_read_two_ways_are_doubted_and_a_fault_proposes_a_reading(tmp_path: Path) -> None:
    mixed = ["06/11/2024", "06/13/2024", "19/06/2024", "26/06/2024"]
    record = read(tmp_path, as_csv(table(Date=mixed)))
    assert [row.date for row in record.rows] == [None, *DAYS[1:]]
    exchanged = ["2024-11-06", "13/06/2024", "19/06/2024", "26/06/2024"]
    record = read(tmp_path, as_csv(table(Date=exchanged)))
    assert record.rows[0].date is None
    assert record.rows[0].unsure["date"].reading == "2024-06-11"
    assert [fault.code for fault in find_faults(record) if "date" in fault.code] == ["date-form-doubtful"]
    wrong_weekday = ["Monday 11 June 2024", "13 June 2024", "19 June 2024", "26 June 2024"]
    assert read(tmp_path, as_csv(table(Date=wrong_weekday))).rows[0].date is None
    far = ["11/06/2042", "13/06/2024", "19/06/2024", "26/06/2024"] + ["27/06/2024"] * 8
    assert read(tmp_path, as_csv(table(Date=far))).rows[0].date is None


def test_a_map_with_dates_without_a_year_is_refused_unless_it_says_which(tmp_path: Path) -> None:
    rows = table(Date=["11 June", "13 June", "19 June", "26 June"])
    with pytest.raises(WrongMap, match="line 1: '%d %B' has no year"):
        read(tmp_path, as_csv(rows), 'dates = ["%d %B"]')
    assert [row.date for row in read(tmp_path, as_csv(rows), "year = 2024").rows] == DAYS


def test_periods_are_no_deployments(tmp_path: Path) -> None:
    rows = [
        ["Month", "Deployments", "Faces scanned", "Alerts"],
        ["Jan-24", "9", "31200", "71"],
        ["Feb-24", "12", "20411", "66"],
    ]
    for mapped in ("", 'dates = ["%b-%y"]\nignore = ["Deployments"]\n[columns]\ndate = "Month"'):
        record = read(tmp_path, as_csv(rows), mapped)
        assert [(row.date, row.date_to, row.deployments) for row in record.rows] == [
            (datetime.date(2024, 1, 1), datetime.date(2024, 1, 31), 9),
            (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29), 12),
        ]
    ranges = ["22-23 August 2024", "26-27/06/2024", "11 & 12 July 2024", "30/12/2023 - 02/01/2024"]
    spans = [(row.date, row.date_to) for row in read(tmp_path, as_csv(table(Date=ranges))).rows]
    assert [(last - first).days for first, last in spans if first and last] == [1, 1, 1, 3]


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("<5", "bounded", 0, 4), ("over 35,000", "bounded", 35001, None), ("35,000+", "bounded", 35000, None),
        ("c. 35,000", "approximate", 34000, 36000), ("~35k", "approximate", 34000, 36000),
        ("160,000 to 170,000", "bounded", 160000, 170000), ("514,5 mil", "approximate", 514400, 514600),
        ("1.3m", "approximate", 1200000, 1400000), ("*", "withheld", None, None), ("s.31", "withheld", None, None),
        ("#DIV/0!", "unread", None, None), ("35.000", "unread", None, None), ("=1+1", "unread", None, None),
    ],
)  # fmt: skip
def test_a_value_that_is_not_exact_costs_its_value_only(
    tmp_path: Path, text: str, kind: str, low: int | None, high: int | None
) -> None:
    record = read(tmp_path, as_csv(table(Faces_seen=[text, "1,589", "1,388", "843"])))
    doubt = record.rows[0].unsure["faces_seen"]
    assert (doubt.kind, doubt.low, doubt.high) == (kind, low, high)
    assert record.rows[0].faces_seen is None
    assert record.rows[0].printed["faces_seen"] == text
    assert (record.rows[0].alerts, len(record.rows)) == (9, 4)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Nil", 0), ("None", 0), ("0 (nil)", 0), ("No arrests", 0), ("TBC", None), ("N/K", None), ("Not held", None),
        ("-", None), ("6*", 6), ("2 (1 de-arrested)", 2), ("3 arrests", 3), ("1,461\u00a0", 1461),
    ],
)  # fmt: skip
def test_words_and_marks_for_nothing_and_footnotes(tmp_path: Path, text: str, value: int | None) -> None:
    row = read(tmp_path, as_csv(table(Arrests=[text, "3", "8", "2"]))).rows[0]
    assert (row.arrests, row.unsure) == (value, {})


def test_a_map_says_what_marks_mean(tmp_path: Path) -> None:
    rows = as_csv(table(Arrests=["-", "x", "8", "[r]"]))
    record = read(tmp_path, rows, 'zero = ["-"]\nnone = ["x"]\nwithheld = ["[r]"]')
    assert [row.arrests for row in record.rows] == [0, None, 8, None]
    assert record.rows[3].unsure["arrests"].kind == "withheld"


def test_dashes_where_zero_is_meant_are_a_fault_with_both_readings(tmp_path: Path) -> None:
    rows = [["Date", "Location", "Faces seen", "Total alerts", "False alerts"]]
    rows += [[f"2024-01-1{at}", "ABCD"[at], "1000", "3", "1" if at == 1 else "-"] for at in range(4)]
    record = read(tmp_path, as_csv(rows))
    (fault,) = [fault for fault in find_faults(record) if fault.code == "dash-means-zero"]
    assert "1 in 1,000 faces over 1 row; read as zero it gives 1 in 4,000" in fault.message
    assert [row.false_alerts for row in record.rows] == [None, 1, None, None]
    told = [["Date", "Location", "Total alerts", "True alerts", "False alerts"]]
    told += [["2024-01-10", "A", "3", "3", "-"], ["2024-01-11", "B", "3", "2", "-"]]
    assert not [fault for fault in find_faults(read(tmp_path, as_csv(told))) if fault.code == "dash-means-zero"]


def test_durations(tmp_path: Path) -> None:
    texts = ["6.17 hours", "10:00 to 16:00", "1000-1600 hrs", "22:00-02:00"]
    assert [row.duration_minutes for row in read(tmp_path, as_csv(table(Duration=texts))).rows] == [370, 360, 360, 240]
    rows = [["Date", "Location", "Start time", "End time", "Alerts"], ["11/06/2024", "A", "22:00", "01:30", "2"]]
    assert read(tmp_path, as_csv(rows)).rows[0].duration_minutes == 210
    rows = [["Date and time", "Location", "Alerts"], ["Monday 22 December 2025, 11.20am to 2.50pm", "A", "2"]]
    row = read(tmp_path, as_csv(rows)).rows[0]
    assert (row.date, row.duration_minutes) == (datetime.date(2025, 12, 22), 210)


def test_tables_on_their_side_forms_long_tables_and_alerts(tmp_path: Path) -> None:
    is_control(read(tmp_path, as_csv(list(zip(*table(), strict=True)))))
    forms = [[heading, text] for row in ROWS for heading, text in zip(HEADINGS, row, strict=True)]
    is_control(read(tmp_path, as_csv(forms)))
    long = [["Date", "Location", "Measure", "Value"]]
    long += [
        [row[0], row[1], heading, text] for row in ROWS for heading, text in list(zip(HEADINGS, row, strict=True))[2:]
    ]
    is_control(read(tmp_path, as_csv(long)))
    alerts = [["Date", "Location", "Alert no", "Outcome", "Subject's age"]]
    alerts += [["11/06/2024", "A", "1", "True alert", "34"], ["11/06/2024", "A", "2", "False alert", "20"]]
    alerts += [["13/06/2024", "B", "1", "True alert", "51"]]
    record = read(tmp_path, as_csv(alerts))
    assert [(row.place, row.alerts, row.true_alerts, row.false_alerts) for row in record.rows] == [
        ("A", 2, 1, 1),
        ("B", 1, 1, 0),
    ]
    assert "34" not in str(record)


def test_several_cameras_a_row_are_added_up(tmp_path: Path) -> None:
    rows = [["Date", "Location", "Camera 1 faces", "Camera 2 faces", "Alerts"], ["11/06/2024", "A", "100", "200", "1"]]
    assert read(tmp_path, as_csv(rows)).rows[0].faces_seen == 300
    rows[0][2:4] = ["Nord", "Sud"]
    assert read(tmp_path, as_csv(rows), '[sums]\nfaces_seen = ["Nord", "Sud"]').rows[0].faces_seen == 300


@pytest.mark.slow
def test_workbooks_summaries_copies_and_headings_that_differ(tmp_path: Path) -> None:
    summary = [["Month", "Deployments", "Total alerts", "Arrests"], ["June 2024", 4, 35, 19]]
    sheets: dict[str, Any] = {"Summary": summary, "June": table(), "Copy": table()}
    record = read(tmp_path, as_xlsx(sheets))
    is_control(record)
    notes = " ".join(record.documents[0].notes)
    assert "it agrees with the sum of the rows in deployments, alerts and arrests" in notes
    assert "4 rows stand on more than one sheet" in notes
    assert len(record.set_aside) == 5
    one = [["Date", "Where", "Matches"], ["11/06/2024", "A", "9"]]
    other = [["Date", "Location", "Alerts generated"], ["13/06/2024", "B", "7"]]
    record = read(tmp_path, as_xlsx({"2023": one, "2024": other}), '[columns]\nplace = "Where"\nalerts = "Matches"')
    assert [(row.place, row.alerts) for row in record.rows] == [("A", 9), ("B", 7)]


def test_merged_dates_hidden_rows_and_a_stray_cell(tmp_path: Path) -> None:
    rows = table(Date=["11/06/2024", "", "19/06/2024", "26/06/2024"])

    def change(book: Any) -> None:
        book.active.merge_cells("A2:A3")
        book.active.row_dimensions[5].hidden = True
        book.active["AK3"] = "checked by JS"

    record = read(tmp_path, as_xlsx({"LFR": rows}, change))
    assert [row.date for row in record.rows] == [DAYS[0], DAYS[0], DAYS[2]]
    assert [kept.reason for kept in record.set_aside] == ["the row is hidden"]
    assert any("beyond the table: checked by JS" in note for note in record.documents[0].notes)


def test_the_same_rows_in_two_releases_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "first.csv").write_bytes(as_csv(table()))
    later = [*table(), ["27/06/2024", "Acton", "5h", "1", "2", "3", "3", "0", "1"]]
    (tmp_path / "later.csv").write_bytes(as_csv(later))
    record = read_sources([tmp_path / "first.csv", tmp_path / "later.csv"])
    assert (len(record.rows), len(record.set_aside)) == (5, 4)
    assert record.set_aside[0].reason == "first prints the same row"


def test_packages_inline_missing_values_lists_of_paths_and_digests(tmp_path: Path) -> None:
    records = [dict(zip(HEADINGS, row, strict=True)) for row in ROWS]

    def package(resource: dict[str, object]) -> Record:
        (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [{"name": "deployments", **resource}]}))
        return read_source(tmp_path)

    is_control(package({"data": records}))
    (tmp_path / "d.csv").write_bytes(as_csv(table(Faces_seen=["-999", "1,589", "1,388", "843"])))
    assert package({"path": "d.csv", "schema": {"missingValues": ["", "-999"]}}).rows[0].faces_seen is None
    with pytest.raises(PackageAltered, match="MD5"):
        package({"path": "d.csv", "hash": "0" * 32})
    with pytest.raises(PackageAltered, match="bytes"):
        package({"path": "d.csv", "bytes": 3})
    (tmp_path / "a.csv").write_bytes(as_csv(table()[:3]).replace(b",", b";"))
    (tmp_path / "b.csv").write_bytes(as_csv([table()[0], *table()[3:]]).replace(b",", b";"))
    rows = package({"path": ["a.csv", "b.csv"], "dialect": {"delimiter": ";"}}).rows
    assert [row.place for row in rows] == ["Dagenham", "Haringey", "Ilford", "Peckham"]


TITLE = "= Live facial recognition\n"


def test_a_pdf_of_two_tables_beside_each_other() -> None:
    rows = [[*line[:2], line[4]] for line in table()]
    beside = [[*rows[0], *rows[0]], [*rows[1], *rows[3]], [*rows[2], *rows[4]]]
    record = read_pdf(as_pdf(TITLE + pdf_table(beside)), "a.pdf")
    assert sorted(row.faces_seen or 0 for row in record.rows) == [843, 1388, 1461, 1589]
    assert "2 tables stand side by side" in record.documents[0].notes[0]


def test_a_pdf_whose_columns_continue_on_the_next_page() -> None:
    rows = table()
    pages = [[line[:5] for line in rows], [[*line[:2], *line[5:]] for line in rows]]
    record = read_pdf(as_pdf("#pagebreak()\n".join(pdf_table(page) for page in pages)), "a.pdf")
    is_control(record)
    assert "were joined by date and place" in record.documents[0].notes[0]


@pytest.mark.slow
def test_a_pdf_of_forms_and_one_on_its_side() -> None:
    form = "".join(pdf_table([[heading, text] for heading, text in zip(HEADINGS, row, strict=True)]) for row in ROWS)
    is_control(read_pdf(as_pdf(TITLE + form), "a.pdf"))
    each = "".join(TITLE + pdf_table([list(pair) for pair in zip(HEADINGS, row, strict=True)]) for row in ROWS)
    record = read_pdf(as_pdf(each), "a.pdf")
    is_control(record)
    assert record.documents[0].title == "Live facial recognition"
    is_control(read_pdf(as_pdf(TITLE + pdf_table(list(zip(*table(), strict=True)))), "a.pdf"))


def test_a_pdf_set_sideways_struck_twice_upright_and_with_a_watermark() -> None:
    is_control(read_pdf(as_pdf("#rotate(-90deg, reflow: true)[" + pdf_table(table()) + "]"), "a.pdf"))
    twice = pdf_table(table(), cell=lambda text, *_: f"#box[#place(dx: 0.3pt)[{text}]{text}]")
    is_control(read_pdf(as_pdf(TITLE + twice), "a.pdf"))
    upright = pdf_table(table(), cell=lambda text, at, _: text if at else f"#rotate(-90deg, reflow: true)[{text}]")
    is_control(read_pdf(as_pdf(TITLE + upright), "a.pdf"))
    mark = "#place(center + horizon, rotate(-35deg, text(60pt, fill: luma(220))[OFFICIAL]))\n"
    record = read_pdf(as_pdf(mark + TITLE + pdf_table(table())), "a.pdf")
    is_control(record)
    assert record.documents[0].title == "Live facial recognition"


def test_what_a_reader_of_a_pdf_does_not_see_is_not_read() -> None:
    white = pdf_table(table(), cell=lambda text, at, _: f"#text(fill: white)[{text}]" if at == 2 else text)
    record = read_pdf(as_pdf(TITLE + white), "a.pdf")
    assert [row.place for row in record.rows] == ["Dagenham", "Ilford", "Peckham"]
    assert "does not see" in record.documents[0].notes[0]
    assert "Haringey" not in str(record.documents)
    dark = pdf_table(table(), cell=lambda text, at, _: f"#text(fill: white)[{text}]" if at == 0 else text)
    is_control(
        read_pdf(
            as_pdf(TITLE + dark.replace("stroke: 0.5pt", "fill: (_, y) => if y == 0 { navy } else { none }")), "a.pdf"
        )
    )
    box = "#place(top, dy: -2pt, rect(width: 100%, height: 14pt, fill: black))"
    boxed = pdf_table(table(), cell=lambda text, at, _: f"#box[{text}{box}]" if at == 3 else text)
    assert [row.place for row in read_pdf(as_pdf(TITLE + boxed), "a.pdf").rows if row.date] == [
        "Dagenham",
        "Haringey",
        "Peckham",
    ]


def test_a_scan_is_refused_with_the_way_out() -> None:
    numbers = ", ".join(map(str, png(60, 40)))
    scan = as_pdf(f"#place(image(bytes(({numbers})), width: 100%, height: 95%))")
    with pytest.raises(ScannedPdf) as caught:
        read_pdf(scan, "a.pdf")
    assert "by eye" in caught.value.next_step


def test_the_shipped_records_of_other_forces() -> None:
    later = read_source("shipped:met-later")
    assert (len(later.rows), sum(row.faces_seen or 0 for row in later.rows)) == (214, 4_217_233)
    names = ("alerts", "true_alerts", "false_alerts", "arrests")
    assert [sum(getattr(row, name) or 0 for row in later.rows) for name in names] == [2160, 2147, 13, 1064]
    fixed = [row for row in later.rows if row.document == "met-2025-2026-croydon"]
    assert (len(fixed), sum(row.faces_seen or 0 for row in fixed), sum(row.arrests or 0 for row in fixed)) == (
        24,
        472_352,
        173,
    )
    both = read_sources(["shipped:met", "shipped:met-later"])
    year = [row for row in both.rows if row.date and row.date.year == 2025]
    assert (len(year), sum(row.faces_seen or 0 for row in year), sum(row.false_alerts or 0 for row in year)) == (
        231,
        4_220_097,
        12,
    )
    btp = read_source("shipped:btp")
    assert (len(btp.rows), sum(row.faces_seen is None for row in btp.rows)) == (22, 3)
    assert "rate-truncated" in {fault.code for fault in find_faults(btp)}
    assert [row.duration_minutes for row in read_source("shipped:thames-valley").rows] == [210, 180, None]
    essex = read_source("shipped:essex").rows
    assert [(row.deployments, row.period, row.faces_seen) for row in essex] == [
        (22, True, 353_000),
        (None, True, 383_356),
    ]


def _dated(
    tmp_path: Path, heading: str, *dates: str, mapped: str = "", beside: str = ""
) -> list[tuple[str, str, bool]]:
    """Of each row: its first day, its last, and whether its date is doubted."""
    rows = [[heading, "Location", "Faces seen", "Alerts", *([beside] if beside else [])]]
    rows += [[date, "A", "100", "3", *(["2"] if beside else [])] for date in dates]
    record = read(tmp_path, as_csv(rows), mapped)
    return [(str(row.date), str(row.date_to), "date" in row.unsure) for row in record.rows]


def test_financial_years_and_weeks_are_periods(tmp_path: Path) -> None:
    assert _dated(tmp_path, "Financial year", "2023/24", "FY 2024-25", "2025/2026", beside="Deployments") == [
        ("2023-04-01", "2024-03-31", False), ("2024-04-01", "2025-03-31", False), ("2025-04-01", "2026-03-31", False)
    ]  # fmt: skip
    assert _dated(tmp_path, "Quarter", "Q1 2023/24", "Q4 2023/24", beside="Deployments") == [
        ("2023-04-01", "2023-06-30", False), ("2024-01-01", "2024-03-31", False)
    ]  # fmt: skip
    for heading, first in (("Week commencing", "2024-06-03"), ("W/C", "2024-06-03"), ("Week ending", "2024-05-28")):
        last = "2024-06-09" if first == "2024-06-03" else "2024-06-03"
        assert _dated(tmp_path, heading, "03/06/2024", "10/06/2024")[0] == (first, last, False)


def test_dates_without_a_year_that_run_over_a_new_year_are_doubted(tmp_path: Path) -> None:
    turned = _dated(tmp_path, "Date", "28 December", "3 January", mapped="year = 2024\n")
    assert [doubted for *_, doubted in turned] == [True, True]
    falling = _dated(tmp_path, "Date", "8 March", "3 February", "9 December", mapped="year = 2024\n")
    assert all(doubted for *_, doubted in falling)
    assert not any(doubted for *_, doubted in _dated(tmp_path, "Date", "8 Jan", "3 Dec", mapped="year = 2024\n"))


def test_rounded_hours_are_said(tmp_path: Path) -> None:
    rows = [
        ["Date", "Location", "Duration (hrs)", "Alerts"],
        ["11/06/2024", "A", "6.17", "1"],
        ["12/06/2024", "B", "5.5", "1"],
    ]
    record = read(tmp_path, as_csv(rows))
    assert [row.duration_minutes for row in record.rows] == [370, 330]
    assert "1 duration printed in decimal hours was rounded to the minute." in record.documents[0].notes


def test_records_with_joined_names_and_marks_behind_places(tmp_path: Path) -> None:
    records = [{"deploymentDate": "11/06/2024*", "location": "Dagenham†", "facesScanned": "1 or 2", "totalAlerts": 1}]
    (row,) = read(tmp_path, json.dumps(records).encode()).rows
    assert (str(row.date), row.place, row.alerts) == ("2024-06-11", "Dagenham", 1)
    assert (row.unsure["faces_seen"].low, row.unsure["faces_seen"].high) == (1, 2)
