"""Small files made to take much: each is refused in one sentence, by a counted budget and behind it by the child."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest
from tests.published.test_pdf import CATALOGUE, PAGE, PAGES, minimal

from countersign.errors import CountersignError, WrongForm
from countersign.published import apart
from countersign.published.apart import READERS, ReadingTooMuch, read_apart
from countersign.published.files import TooLarge
from countersign.published.forms.ods import read_ods
from countersign.published.forms.pdf.document import read_pdf
from countersign.published.forms.xlsx import read_xlsx

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKED = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)


def archive(parts: dict[str, str]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return kept.getvalue()


def workbook(sheet: str, sheets: int = 1) -> bytes:
    """A workbook whose sheets are all the one part ``sheet1.xml``."""
    numbers = range(1, sheets + 1)
    return archive(
        {
            "[Content_Types].xml": TYPES,
            "_rels/.rels": f'<Relationships xmlns="{PACKED}"><Relationship Id="r" '
            f'Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>'
            + "".join(f'<sheet name="s{number}" sheetId="{number}" r:id="r{number}"/>' for number in numbers)
            + "</sheets></workbook>",
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKED}">'
            + "".join(
                f'<Relationship Id="r{number}" Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/>'
                for number in numbers
            )
            + "</Relationships>",
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>',
        }
    )


def cells(rows: int, columns: int) -> str:
    row = "".join('<c t="n"><v>1</v></c>' for _ in range(columns))
    return f"<sheetData>{''.join(f'<row>{row}</row>' for _ in range(rows))}</sheetData>"


def book(body: str) -> bytes:
    """An ODS whose spreadsheet is ``body``."""
    urn = "urn:oasis:names:tc:opendocument:xmlns"
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f'<office:document-content xmlns:office="{urn}:office:1.0" xmlns:table="{urn}:table:1.0" '
            f'xmlns:text="{urn}:text:1.0"><office:body><office:spreadsheet>{body}</office:spreadsheet></office:body>'
            "</office:document-content>",
        }
    )


def repeated(tables: int, rows: int) -> bytes:
    line = (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        'table:number-columns-repeated="200"><text:p>1</text:p></table:table-cell></table:table-row>'
    )
    return book("".join(f'<table:table table:name="t{number}">{line}</table:table>' for number in range(tables)))


def stream(content: bytes, about: bytes = b"") -> bytes:
    packed = zlib.compress(content, 9)
    return b"<< /Length %d /Filter /FlateDecode %s >>\nstream\n%s\nendstream" % (len(packed), about, packed)


def forms(deep: int, wide: int) -> bytes:
    """Forms that each draw the next ``wide`` times: ``wide ** deep`` in all, in a few hundred bytes."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>"
    objects = [stream(b"/X Do " * wide, form % (number + 6)) for number in range(deep)]
    page = (
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>"
    )
    return minimal(CATALOGUE, PAGES, page, stream(b"/X Do"), *objects)


def kids(count: int) -> bytes:
    tree = b"<< /Type /Pages /Count 1 /Kids [%s] >>" % (b"3 0 R " * count)
    nodes = [b"<< /Type /Pages /Kids [] >>" for _ in range(30_000)]
    wide = b"<< /Type /Pages /Kids [3 0 R %s] >>" % b" ".join(b"%d 0 R" % (number + 5) for number in range(30_000))
    return minimal(CATALOGUE, wide if count == 0 else tree, PAGE, stream(b""), *nodes)


FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "one merge over a whole sheet": (
        "xlsx", lambda: workbook('<sheetData/><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'), "merged"
    ),
    "many merges": (
        "xlsx", lambda: workbook("<mergeCells>" + '<mergeCell ref="A1:Z999"/>' * 40 + "</mergeCells>"), "merged"
    ),
    "500 sheets on one part": ("xlsx", lambda: workbook(cells(10, 10), 500), "more than 200 sheets"),
    "150 sheets on one large part": ("xlsx", lambda: workbook(cells(1_000, 40), 150), "unpacks to more than"),
    "100 sheets of many cells": ("xlsx", lambda: workbook(cells(1_000, 28), 100), "more than 2,000,000 cells"),
    "rows repeated in ODS": ("ods", lambda: repeated(1, 400_000), "more than 2,000,000 cells"),
    "tables repeated in ODS": ("ods", lambda: repeated(150, 9_000), "more than 2,000,000 cells"),
    "many tables in ODS": ("ods", lambda: repeated(400, 1), "more than 200 sheets"),
    "forms in forms": ("pdf", lambda: forms(20, 10), "more forms than the limit"),
    "operators without a mark": (
        "pdf", lambda: minimal(CATALOGUE, PAGES, PAGE, stream(b"q Q " * 500_000)), "more operators than"
    ),
    "marks": ("pdf", lambda: minimal(CATALOGUE, PAGES, PAGE, stream(b"0 0 9 9 re S " * 80_000)), "more marks than"),
    "a tree of pages without end": ("pdf", lambda: kids(0), "tree of pages"),
}  # fmt: skip
DIRECT: dict[str, Callable[[bytes, str], object]] = {"pdf": read_pdf, "xlsx": read_xlsx, "ods": read_ods}


LONG = {"operators without a mark", "marks", "a tree of pages without end"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in LONG)) for name in FILES])
def test_a_budget_refuses_it_without_a_child(name: str) -> None:
    reader, make, said = FILES[name]
    content = make()
    assert len(content) < 3_000_000
    started = time.process_time()
    with pytest.raises(TooLarge, match=said):
        DIRECT[reader](content, f"hostile.{reader}")
    assert time.process_time() - started < 15


@pytest.mark.parametrize("name", ["one merge over a whole sheet", "rows repeated in ODS", "forms in forms"])
def test_a_child_gives_the_same_refusal(name: str) -> None:
    reader, make, said = FILES[name]
    with pytest.raises(TooLarge, match=said) as caught:
        read_apart(reader, make(), f"hostile.{reader}")  # type: ignore[arg-type]
    assert caught.value.next_step == TooLarge.next_step


def _greedy(content: bytes, name: str, columns: object) -> None:
    kept = []
    while True:
        kept.append(bytes(32 * 1024 * 1024))


def _endless(content: bytes, name: str, columns: object) -> None:
    while True:
        pass


def _dead(content: bytes, name: str, columns: object) -> None:
    os.abort()


def _deep(content: bytes, name: str, columns: object) -> None:
    _deep(content, name, columns)


def _lies(content: bytes, name: str, columns: object) -> object:
    raise NotOurs("take this")


class NotOurs(WrongForm):
    """An error of no package of the program."""


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("_greedy", "takes more than 256 MB of memory"), ("_endless", "takes more than"), ("_dead", "takes more than"),
        ("_deep", "nests deeper"), ("_lies", "broke off"),
    ],
)  # fmt: skip
def test_whatever_the_child_does_the_parent_says_one_sentence(kind: str, said: str) -> None:
    starts = (
        "from countersign.published import apart; apart.MOST_MEMORY = 256 * 1024**2; apart.MOST_SECONDS = 2;"
        f"apart.READERS['ods'] = ('tests.published.test_hostile', {kind!r}); apart.main()"
    )
    started = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apart, "CHILD", [sys.executable, "-c", starts])
        with pytest.raises(ReadingTooMuch, match=f"^a.ods: reading it .*{said}"):
            read_apart("ods", b"", "a.ods")
    assert time.monotonic() - started < 60


def test_a_child_that_answers_nonsense_is_not_believed() -> None:
    for answer in (b"", b"\x00" * 8, (2**60).to_bytes(8, "big"), (3).to_bytes(8, "big") + b"abc"):
        starts = f"import sys; sys.stdout.buffer.write({answer!r})"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(apart, "CHILD", [sys.executable, "-c", starts])
            with pytest.raises(ReadingTooMuch):
                read_apart("ods", b"x" * 5_000_000, "a.ods")


def test_every_reader_apart_is_there() -> None:
    for module, function in READERS.values():
        assert callable(getattr(__import__(module, fromlist=[function]), function))


def test_the_limits_hold_in_the_process_that_sets_them() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "from countersign.published.apart import limit; import resource; limit(10**9, 7);"
         "print(resource.getrlimit(resource.RLIMIT_DATA)[0], resource.getrlimit(resource.RLIMIT_CPU)[0])"],
        check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert said == [str(10**9), "7"]
    assert resource.getrlimit(resource.RLIMIT_CPU)[0] != 7


def test_errors_that_come_back_are_this_programs() -> None:
    assert issubclass(ReadingTooMuch, CountersignError)
