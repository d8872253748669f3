"""A scan over recognised text is refused, or read where somebody asks for it, and then every figure is marked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from countersign.cli.main import run
from countersign.published.forms.package import read_package, write_package
from countersign.published.forms.pdf.document import ScannedPdf
from countersign.published.read import read_source
from countersign.words.numbers import OCR_MARK as MARK

HEAD = ("Date", "Location", "Faces seen", "Alerts", "Arrests")
ROWS = [
    (f"{day:02}/06/2024", place, f"{seen:,}", str(alerts), "1")
    for day, place, seen, alerts in ((11, "Dagenham", 7461, 9), (13, "Haringey", 1589, 7), (20, "Ilford", 2044, 4))
]


def _line(cells: tuple[str, ...], height: int) -> bytes:
    at = (40, 130, 230, 320, 400)
    words = (f"1 0 0 1 {x} {height} Tm ({text}) Tj" for x, text in zip(at, cells, strict=True))
    return "\n".join(words).encode()


def _scan(path: Path, *, picture: bool = True, mode: int = 3) -> Path:
    """A page of one picture over a table set in a rendering mode of text; 3 is invisible."""
    lines = [_line(cells, 700 - 20 * number) for number, cells in enumerate([HEAD, *ROWS])]
    drawn = b"q 595 0 0 842 0 0 cm /I Do Q\n" if picture else b""
    content = drawn + b"BT /F 10 Tf %d Tr\n%s\nET" % (mode, b"\n".join(lines))
    image = (
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>"
    )
    resources = b"/Resources << /Font << /F 4 0 R >> /XObject << /I 5 0 R >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R " + resources + b" >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        image + b"\nstream\n\xff\nendstream",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
    ]
    out, offsets = b"%PDF-1.4\n", []
    for number, made in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, made)
    start = len(out)
    out += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size 7 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
    path.write_bytes(out)
    return path


def test_a_layer_is_refused_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ScannedPdf, match="a layer of text that no reader sees") as caught:
        read_source(_scan(tmp_path / "scan.pdf"))
    assert "--ocr-layer" in caught.value.next_step


def test_a_layer_is_read_where_asked_for_and_stays_marked_in_a_package(tmp_path: Path) -> None:
    record = read_source(_scan(tmp_path / "scan.pdf"), ocr_layer=True)
    assert [(str(row.date), row.place, row.faces_seen) for row in record.rows] == [
        ("2024-06-11", "Dagenham", 7461), ("2024-06-13", "Haringey", 1589), ("2024-06-20", "Ilford", 2044)
    ]  # fmt: skip
    assert record.documents[0].ocr_layer
    assert any("may say something else than the picture" in note for note in record.documents[0].notes)
    assert read_package(write_package(record, tmp_path / "package")).documents[0].ocr_layer


@pytest.mark.parametrize(("picture", "mode"), [(True, 0), (False, 3), (False, 0)])
def test_only_a_page_that_is_a_scan_without_print_is_read_so(tmp_path: Path, picture: bool, mode: int) -> None:
    path = _scan(tmp_path / "page.pdf", picture=picture, mode=mode)
    if mode == 3:
        with pytest.raises(Exception, match="no page holds any text"):
            read_source(path, ocr_layer=True)
    else:
        assert not read_source(path, ocr_layer=True).documents[0].ocr_layer


def test_every_figure_is_marked_in_report_json_and_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = _scan(tmp_path / "scan.pdf"), tmp_path / "out"
    assert run(["review", str(path), "--ocr-layer", "--format", "html,json", "--out", str(out)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"20 alerts and 3 arrests{MARK}." in said
    report = json.loads((out / "review.json").read_bytes())
    assert report["sources"][0]["ocr_layer"]
    assert all(line["ocr_layer"] for name in ("totals_by", "rates") for line in report[name])
    assert all(sentence.endswith(MARK) for sentence in report["summary"] if any(map(str.isdigit, sentence)))
    figures = ("first-page", "accuracy", "creep", "rows")
    for section in (section for section in report["sections"] if section["id"] in figures):
        for block in section["blocks"]:
            for row in block.get("rows", ()) if block["block"] == "table" else ():
                for number, cell in enumerate(row):
                    first = number == 0 and section["id"] == "rows"
                    assert first or cell["text"].endswith(MARK) or not any(map(str.isdigit, cell["text"])), cell
    for page in ("review.html", "evidence.html"):
        assert MARK.strip() in (out / page).read_text(encoding="utf-8")


def test_a_figure_from_other_rows_is_not_marked(tmp_path: Path) -> None:
    other = tmp_path / "printed.csv"
    other.write_text("Date,Location,Faces seen,Alerts,Arrests\n01/05/2023,Barnet,500,3,1\n", encoding="utf-8")
    arguments = [str(_scan(tmp_path / "scan.pdf")), str(other), "--ocr-layer", "--format", "json"]
    assert run(["review", *arguments, "--out", str(tmp_path / "out")]) == 0
    report = json.loads((tmp_path / "out" / "review.json").read_bytes())
    marked = {line["scope"]: line["ocr_layer"] for line in report["totals_by"] if line["by"] in ("all", "document")}
    assert marked == {"all rows": True, "scan": True, "printed": False}


def test_import_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["import", str(_scan(tmp_path / "scan.pdf")), "--ocr-layer", "--out", str(tmp_path / "p")]) == 0
    assert "3 reported, 0 refused, from an OCR layer that nobody checked" in capsys.readouterr().out


def test_totals_of_a_review_are_marked(tmp_path: Path) -> None:
    path, out = _scan(tmp_path / "scan.pdf"), tmp_path / "out"
    assert run(["review", str(path), "--ocr-layer", "--format", "json", "--out", str(out)]) == 0
    report = json.loads((out / "review.json").read_bytes())
    assert report["totals"]["ocr_layer"]
    assert all(line["totals"]["ocr_layer"] for line in report["totals_by"])


def _printed(tmp_path: Path, *lines: str) -> str:
    path = tmp_path / "printed.csv"
    path.write_text("\n".join(["Date,Location,Faces seen,Alerts,Arrests", *lines, ""]), encoding="utf-8")
    return str(path)


@pytest.mark.slow
def test_compare_marks_every_figure_of_the_layer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = _printed(
        tmp_path, "11/06/2024,Dagenham,1461,9,1", "13/06/2024,Haringey,1589,7,1", "01/07/2024,Barnet,9,2,1"
    )
    scan = str(_scan(tmp_path / "scan.pdf"))
    assert run(["compare", scan, other, "--ocr-layer"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f"faces seen 7461{MARK} → 1461" in said
    assert f"1 value altered in 1 row and 1 row unchanged.{MARK}" in said
    assert f"Ilford){MARK}" in said
    assert f"Barnet){MARK}" not in said
    run(["compare", scan, other, "--ocr-layer", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found["ocr_layer"], found["altered"][0]["ocr_layer"]) == (["before"], ["before"])
    assert any(f"prints '7461'{MARK}" in fault["message"] for fault in found["faults"])


@pytest.mark.slow
def test_reconcile_and_check_mark_every_figure_of_the_layer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = _printed(tmp_path, "11/06/2024,Dagenham,1461,9,1", "14/06/2024,Barnet,10,20,1")
    scan = str(_scan(tmp_path / "scan.pdf"))
    assert run(["reconcile", other, scan, "--ocr-layer"]) == 1
    said = " ".join(capsys.readouterr().out.split())
    assert f"scan: 3 deployments, 11 to 20 June 2024{MARK}" in said
    assert f"faces seen: 1,461 by published, 7,461 by scan{MARK}." in said
    assert f"13 June 2024, Haringey: held by scan (scan, row 2){MARK}." in said
    assert run(["check", other, scan, "--ocr-layer"]) in (0, 1)
    assert f"[scan]: 3 rows{MARK}" in capsys.readouterr().out
