"""Whole PDFs: the two published ones against the facts, and made ones in each layout, in many dresses and ill forms."""

from __future__ import annotations

import base64
import csv
import random
import struct
import zlib
from pathlib import Path

import pytest
from tests.published.grids import (
    KEPT,
    LAYOUTS,
    Layout,
    Part,
    Printed,
    Strokes,
    compiled,
    kept_rows,
    made_row,
    published,
)

from countersign.errors import WrongForm
from countersign.progress import silent
from countersign.published.files import TooLarge
from countersign.published.forms.pdf import bounds
from countersign.published.forms.pdf import page as pdf_page
from countersign.published.forms.pdf.document import ScannedPdf, read_pdf
from countersign.published.forms.pdf.page import BrokenPdf, EncryptedPdf
from countersign.published.table.headings import NoTable
from countersign.published.table.maps import parse_map
from countersign.published.table.record import Record
from countersign.published.table.values import plain

DRESSES: tuple[tuple[Strokes, bool], ...] = (
    ("all", False), ("all", True), ("across", False), ("across", True), ("none", False), ("none", True),
)  # fmt: skip


#: Cells without a certain exact value.
UNREADABLE = [("date", "31/02/24"), ("alerts", "1O"), ("arrests", "too"), ("faces_seen", "1.2k"), ("date", "TBC")]


def check(record: Record, rows: list[Printed]) -> None:
    """Every row is reported, to the letter; a cell that has no certain reading holds no value; none is lost."""
    assert not record.refused
    assert len(record.rows) == len(rows)
    for row in record.rows:
        texts = rows[row.number - 1].texts
        for name, text in UNREADABLE:
            if texts.get(name) == text:
                assert getattr(row, name) is None
        assert {name: row.printed[name] for name in texts if texts[name]} == {n: t for n, t in texts.items() if t}


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layouts_pdf_in_the_repository_is_read_to_the_letter(layout: Layout) -> None:
    record = published(KEPT / f"{layout}.pdf")
    check(record, kept_rows(layout))
    assert not record.refused
    assert {row.page for row in record.rows} == {1}
    assert any("1 A note below." in note for note in record.documents[0].notes)


@pytest.mark.parametrize(
    ("file", "source", "pages"),
    [
        ("met-lfr-grid-2020-2022.pdf", "2020-2022", {1}),
        ("met-lfr-grid-2023-to-2024.pdf", "2023 - Date", set(range(1, 9))),
    ],
)
@pytest.mark.slow
def test_every_printed_value_of_the_published_grids_is_that_of_the_facts(
    shared: Path, file: str, source: str, pages: set[int]
) -> None:
    record = published(shared / "published" / file)
    with (shared / "facts" / "met-deployments.csv").open(encoding="utf-8", newline="") as facts:
        expected = [line for line in csv.DictReader(facts) if source in line["source"]]
    assert not record.refused
    assert len(record.rows) == len(expected)
    columns = record.documents[0].columns
    assert len(columns) >= 13
    for row, line in zip(record.rows, expected, strict=True):
        for name in columns:
            assert plain(getattr(row, name)) == line[name], f"row {row.number}, {name}"
            assert row.printed.get(name) or line[name] == ""
    assert {row.page for row in record.rows} <= pages


@pytest.mark.slow
def test_the_row_that_breaks_over_two_pages_is_one(shared: Path) -> None:
    record = published(shared / "published" / "met-lfr-grid-2023-to-2024.pdf")
    row = record.rows[170]
    assert (row.place, row.page) == ("Belvedere Rd, Waterloo", 6)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(("strokes", "middle"), DRESSES)
def test_each_layout_in_each_dress(layout: Layout, strokes: Strokes, middle: bool) -> None:
    source = random.Random(f"{layout} {strokes} {middle}")
    rows = [made_row(source, layout) for _ in range(24)]
    part = Part(layout, rows, strokes=strokes, middle=middle, apart=source.random() < 0.5, after=["1 A note below."])
    record = read_pdf(compiled([part]), "grid.pdf")
    check(record, rows)
    assert any("1 A note below." in note for note in record.documents[0].notes)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_any_mixture_of_layouts_dresses_and_ill_rows(seed: int) -> None:
    mixed(random.Random(seed))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1004))
def test_some_mixtures_of_layouts_dresses_and_ill_rows(seed: int) -> None:
    mixed(random.Random(seed))


def mixed(source: random.Random) -> None:
    parts: list[Part] = []
    rows: list[Printed] = []
    for index in range(source.randrange(1, 4)):
        layout = source.choice(LAYOUTS)
        strokes, middle = source.choice(DRESSES)
        mine = [ill(source, made_row(source, layout)) for _ in range(source.randrange(4, 30))]
        rows += mine
        parts.append(
            Part(
                layout, mine, apart=source.random() < 0.5, strokes=strokes, middle=middle,
                before=["Purpose references, as of 11/01/2025"] if source.random() < 0.3 else [],
                after=["1 A True Alert is one that is so."] if source.random() < 0.5 else [],
                on_new_page=index > 0 and source.random() < 0.5,
            )
        )  # fmt: skip
    check(read_pdf(compiled(parts), "grid.pdf"), rows)


def ill(source: random.Random, row: Printed) -> Printed:
    """Seldom, a row with one cell that has no certain reading."""
    if source.random() > 0.1:
        return row
    name, text = source.choice(UNREADABLE)
    return Printed({**row.texts, name: text}, readable=False)


def test_headings_change_in_the_middle_of_a_file_and_of_a_page() -> None:
    source = random.Random(7)
    early, late = [made_row(source, "2023") for _ in range(6)], [made_row(source, "2025") for _ in range(6)]
    record = read_pdf(compiled([Part("2023", early, apart=True), Part("2025", late)]), "grid.pdf")
    check(record, early + late)
    assert {row.page for row in record.rows} == {1}


def test_a_stray_table_of_one_column_and_a_footnote_are_notes() -> None:
    source = random.Random(8)
    rows = [made_row(source, "2025") for _ in range(3)]
    record = read_pdf(compiled([Part("2025", rows, before=["Reference Purpose", "1. Locating persons"])]), "grid.pdf")
    check(record, rows)
    assert "Reference Purpose 1. Locating persons" in record.documents[0].notes[0]
    assert record.documents[0].title == "MPS LFR DEPLOYMENTS"


def test_a_cell_merged_over_all_figures_says_that_none_was_printed() -> None:
    source = random.Random(9)
    fault = Printed(made_row(source, "2025").texts, merged="Technical fault stopped deployment")
    rows = [made_row(source, "2025"), fault, made_row(source, "2025")]
    for strokes in ("all", "none"):
        record = read_pdf(compiled([Part("2025", rows, strokes=strokes)]), "grid.pdf")
        assert not record.refused
        row = record.rows[1]
        assert (row.place, row.alerts, row.faces_seen) == (fault.texts["place"], None, None)
        told = {name for name, text in row.printed.items() if text == "Technical fault stopped deployment"}
        assert told >= ({"alerts", "faces_seen", "no_action"} if strokes == "all" else {"false_alerts_confirmed"})
        assert all(getattr(row, name) is None for name in told)


def test_a_merged_cell_with_a_figure_is_refused() -> None:
    source = random.Random(10)
    rows = [made_row(source, "2025"), Printed(made_row(source, "2025").texts, readable=False, merged="12 in all")]
    record = read_pdf(compiled([Part("2025", rows)]), "grid.pdf")
    assert [kept.place for kept in record.refused] == ["row 2"]
    assert "stands under" in record.refused[0].reason


def test_not_available_is_not_zero() -> None:
    source = random.Random(11)
    row = made_row(source, "2020")
    texts = {**row.texts, "alerts": "N/A", "faces_seen": "N/A", "false_alert_rate_printed": "N/A"}
    record = read_pdf(compiled([Part("2020", [row, Printed(texts)])]), "grid.pdf")
    assert (record.rows[1].alerts, record.rows[1].faces_seen) == (None, None)
    assert record.rows[1].printed["alerts"] == "N/A"


def test_an_unknown_column_is_named_and_none_of_its_values_strays() -> None:
    from tests.published import grids

    layout = grids.COLUMNS["2025"]
    source = random.Random(12)
    rows = [made_row(source, "2025") for _ in range(4)]
    text = grids.typst_source([Part("2025", rows)]).replace("[No action]", "[Officers present]")
    record = read_pdf(grids._compiled(text), "grid.pdf")
    assert len(record.rows) == 4
    assert all(row.no_action is None for row in record.rows)
    assert [row.printed["faces_seen"] for row in record.rows] == [row.texts["faces_seen"] for row in rows]
    assert "Page 1: the column headed 'Officers present' is not known, and was not read." in record.documents[0].notes
    mapped = read_pdf(
        grids._compiled(text), "grid.pdf", columns=parse_map('[columns]\nno_action = "Officers present"', "m")
    )
    assert len(mapped.documents[0].columns) == len(layout)


# Bad input


def png(width: int, height: int) -> bytes:
    def part(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    lines = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", zlib.compress(lines)) + part(b"IEND", b"")


def scanned(tmp_path: Path, *, with_table: bool = False) -> bytes:
    import typst
    from tests.published import grids

    (tmp_path / "scan.png").write_bytes(png(80, 60))
    source = '#image("scan.png", width: 100%)\n'
    if with_table:
        source += "#pagebreak()\n" + grids.typst_source([Part("2025", [made_row(random.Random(1), "2025")])])
    (tmp_path / "scan.typ").write_text(source)
    made = typst.compile(str(tmp_path / "scan.typ"), root=str(tmp_path), ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made


def test_a_scanned_pdf_is_refused_as_one(tmp_path: Path) -> None:
    with pytest.raises(ScannedPdf, match=r"grid\.pdf, page 1: the page is a picture"):
        read_pdf(scanned(tmp_path), "grid.pdf")


def test_a_scanned_page_among_others_is_listed(tmp_path: Path) -> None:
    record = read_pdf(scanned(tmp_path, with_table=True), "grid.pdf")
    assert len(record.rows) == 1
    assert [(kept.page, kept.reason) for kept in record.refused] == [(1, "the page is a picture without text")]


def minimal(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF put together by hand."""
    out = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        start,
    )


CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R >>"


def test_an_encrypted_pdf_is_refused_as_one() -> None:
    lock = b"/Encrypt << /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >> /ID [<00> <00>]" % (
        b"41" * 32,
        b"42" * 32,
    )
    content = minimal(CATALOGUE, PAGES, PAGE, b"<< /Length 0 >>\nstream\n\nendstream", trailer=lock)
    with pytest.raises(EncryptedPdf, match="password"):
        read_pdf(content, "grid.pdf")


def test_a_pdf_without_text_or_table() -> None:
    content = minimal(CATALOGUE, PAGES, PAGE, b"<< /Length 0 >>\nstream\n\nendstream")
    with pytest.raises(NoTable, match="any text"):
        read_pdf(content, "grid.pdf")
    import typst

    letter = typst.compile(b"Dear reader, on 11/01/2025 we held a meeting.", ignore_system_fonts=True)
    assert isinstance(letter, bytes)
    with pytest.raises(NoTable, match="page 1 begins 'Dear reader,") as caught:
        read_pdf(letter, "grid.pdf")
    assert "--columns" in caught.value.next_step


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_pdf_is_refused_as_one(share: float) -> None:
    content = compiled([Part("2025", [made_row(random.Random(2), "2025")])])
    with pytest.raises(BrokenPdf, match="cut off"):
        read_pdf(content[: int(len(content) * share)], "grid.pdf")


def test_a_pdf_that_unpacks_without_end_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_UNPACKED", 1_000_000)
    zeros = b"0" * 2_000_000
    once, twice = zlib.compress(zeros, 9), zlib.compress(zlib.compress(b"0" * 40_000_000, 9), 9)
    for bomb, filters in (
        (once, b"/FlateDecode"), (twice, b"[/FlateDecode /FlateDecode]"),
        (once.hex().encode() + b">", b"[/ASCIIHexDecode /FlateDecode]"), (once[:-20], b"/FlateDecode"),
        (b"\x810" * 20_000 + b"\x80", b"/RunLengthDecode"), (zlib.compress(b"\x810" * 20_000), b"[/Fl /RL]"),
        (base64.a85encode(once) + b"~>", b"[/A85 /Fl]"),
    ):  # fmt: skip
        stream = b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(bomb), filters, bomb)
        with pytest.raises(TooLarge, match="unpacks"):
            read_pdf(minimal(CATALOGUE, PAGES, PAGE, stream), "grid.pdf")


def test_too_many_pages_or_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    content = compiled([Part("2025", [made_row(random.Random(3), "2025")])])
    monkeypatch.setattr(bounds, "MOST_MARKS", 10)
    with pytest.raises(TooLarge, match="page 1: the page has"):
        read_pdf(content, "grid.pdf")
    monkeypatch.setattr(pdf_page, "MOST_PAGES", 0)
    with pytest.raises(TooLarge, match="more pages than"):
        read_pdf(content, "grid.pdf")


def fuzz(seeds: range) -> int:
    """Mutate a PDF, its compressed streams unpacked so that the changes reach what is drawn."""
    good = compiled([Part("2025", [made_row(random.Random(4), "2025") for _ in range(3)])])
    read = 0
    for seed in seeds:
        source = random.Random(seed)
        content = bytearray(good)
        for _ in range(source.randrange(1, 30)):
            at = source.randrange(len(content))
            content[at : at + source.randrange(3)] = source.randbytes(source.randrange(3))
        try:
            record = read_pdf(bytes(content), "grid.pdf", progress=silent)
        except WrongForm as error:
            told = str(error)
        else:
            read += 1
            told = record.documents[0].file
            assert len(record.rows) + len(record.refused) >= 1
        assert told.startswith("grid.pdf")
    return read


@pytest.mark.slow
def test_any_change_of_bytes_is_read_or_refused_in_a_sentence() -> None:
    assert fuzz(range(40)) >= 0


@pytest.mark.slow
def test_very_many_changes_of_bytes_are_read_or_refused_in_a_sentence() -> None:
    assert fuzz(range(100, 1500)) > 0
