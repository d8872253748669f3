"""The sign and the leaflet: what they say and do not say, how large, tagged, the same bytes, hostile text as text."""

from __future__ import annotations

import io
import re
import struct
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdfparser import PDFParser
from pdfminer.pdftypes import resolve1
from tests.reviews.readability import grade, longest

from countersign.render.text import HEAVY
from countersign.site.street.papers import (
    ALPHABET,
    PaperFacts,
    PapersMalformed,
    PapersNotReadable,
    parse_papers,
    read_papers,
    short_code,
)
from countersign.site.street.pdf import PHRASES, QrMakerMissing, leaflet_words, papers, qr_svg

PAGE = Path(__file__).parents[2] / "docs" / "formats" / "site.md"
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
MILLIMETRE = 72 / 25.4
HOSTILE = '#panic("no") $x$ *bold* <label> `raw` \\u{41} </svg><script>'


@pytest.fixture(scope="module")
def made(need: Callable[[str], None]) -> dict[str, bytes]:
    try:
        import segno
    except ImportError:
        need("segno")
    assert segno
    return papers(parse_papers(EXAMPLE.encode()))


def facts(*changes: tuple[str, str]) -> PaperFacts:
    text = EXAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse_papers(text.encode())


def pages(pdf: bytes) -> list[str]:
    return [" ".join(page.get_textpage().get_text_range().split()) for page in pypdfium2.PdfDocument(pdf)]


def catalogue(pdf: bytes) -> Any:
    return PDFDocument(PDFParser(io.BytesIO(pdf))).catalog


def tags(node: Any) -> list[dict[str, Any]]:
    node = resolve1(node)
    if isinstance(node, list):
        return [one for part in node for one in tags(part)]
    if not isinstance(node, dict):
        return []
    return ([node] if "S" in node else []) + (tags(node["K"]) if "K" in node else [])


def small_letter_share() -> float:
    """Height of small letters by the size of the font: OpenType ``OS/2`` sxHeight by ``head`` unitsPerEm."""
    font = HEAVY.read_bytes()
    count = struct.unpack_from(">H", font, 4)[0]
    places = {font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    height: int = struct.unpack_from(">h", font, places[b"OS/2"] + 86)[0]
    em: int = struct.unpack_from(">H", font, places[b"head"] + 18)[0]
    return height / em


@pytest.mark.parametrize(
    ("name", "width", "height", "count"),
    [
        ("sign-en.pdf", 420, 297, 1), ("sign-cy.pdf", 420, 297, 1),
        ("leaflet-en.pdf", 148, 210, 2), ("leaflet-cy.pdf", 148, 210, 2),
    ],
)  # fmt: skip
def test_the_papers_have_the_sizes_asked_for(
    made: dict[str, bytes], name: str, width: int, height: int, count: int
) -> None:
    found = pypdfium2.PdfDocument(made[name])
    assert len(found) == count
    for page in found:
        assert page.get_size() == (pytest.approx(width * MILLIMETRE, abs=1), pytest.approx(height * MILLIMETRE, abs=1))


@pytest.mark.parametrize("name", ["sign-en.pdf", "leaflet-en.pdf", "sign-cy.pdf", "leaflet-cy.pdf"])
def test_they_are_tagged_in_their_language_with_the_code_described(made: dict[str, bytes], name: str) -> None:
    root = catalogue(made[name])
    assert resolve1(root["MarkInfo"])["Marked"] is True
    assert resolve1(root["Lang"]).decode() == name[-6:-4]
    assert b"<pdfuaid:part>1</pdfuaid:part>" in resolve1(root["Metadata"]).get_data()
    found = tags(resolve1(root["StructTreeRoot"])["K"])
    assert "H1" in {one["S"].name for one in found}
    alternatives = [one["Alt"] for one in found if one["S"].name == "Figure"]
    assert len(alternatives) == 1
    said = alternatives[0]
    said = said.decode("utf-16" if said.startswith(b"\xfe\xff") else "ascii")
    assert "https://lfr.overseer.example/R9F-8DW/" in said


@pytest.mark.parametrize("name", ["sign-en.pdf", "leaflet-en.pdf", "sign-cy.pdf", "leaflet-cy.pdf"])
def test_the_program_is_no_mark_on_them(made: dict[str, bytes], name: str) -> None:
    assert "countersign" not in " ".join(pages(made[name])).casefold()
    assert b"countersign" not in resolve1(catalogue(made[name])["Metadata"]).get_data().lower()


def test_the_sign_is_read_at_ten_metres(made: dict[str, bytes]) -> None:
    """Five minutes of arc at ten metres are 14.5 mm, what an eye of 6/6 reads; the title is asked to be 25 mm."""
    assert pytest.approx(14.54, abs=0.01) == 10_000 * 5 / 60 / 180 * 3.141592653589793
    for language in ("en", "cy"):
        page = pypdfium2.PdfDocument(made[f"sign-{language}.pdf"])[0]
        text = page.get_textpage()
        whole = text.get_text_range()
        for phrase, least in ((PHRASES[language].sign_title[0], 25.0), (PHRASES[language].sign_round[0], 14.5)):
            start = whole.index(phrase)
            size = pypdfium2.raw.FPDFText_GetFontSize(text, start)
            assert size * small_letter_share() / MILLIMETRE >= least, (language, phrase)
        sizes = {pypdfium2.raw.FPDFText_GetFontSize(text, place) for place in range(len(whole))}
        assert pypdfium2.raw.FPDFText_GetFontSize(text, whole.index(PHRASES[language].sign_title[1])) == max(sizes)
    assert " ".join(PHRASES["en"].sign_title) == "Police cameras are scanning faces here"


def test_the_sign_says_what_it_must(made: dict[str, bytes]) -> None:
    (text,) = pages(made["sign-en.pdf"])
    for phrase in (
        "Police cameras are scanning faces here", "This is live facial recognition.",
        "You may walk round it.", "Doing so is not suspicious.", "Example Police",
        "High Street, by the station", "2 March 2026, from 10:00 to 16:00", "https://lfr.overseer.example/R9F-8DW/",
        "Short code: R9F-8DW", "does not tell the police who looked",
    ):  # fmt: skip
        assert phrase in text


def test_sign_and_leaflet_read_at_grade_nine() -> None:
    english = msgspec.to_builtins(PHRASES["en"])
    texts = [text for value in english.values() for text in ([value] if isinstance(value, str) else value)]
    texts = [re.sub(r"[{].*?[}]", "ten", text) for text in texts if " " in text]
    assert grade(texts) <= 9
    assert longest(texts)[0] <= 28, longest(texts)


def test_the_leaflet_says_what_it_must(made: dict[str, bytes]) -> None:
    text = " ".join(pages(made["leaflet-en.pdf"]))
    for phrase in (
        "What is happening", "What happens to your face", "You may walk round it", "Doing so is not suspicious",
        "A way round: Mill Lane", "Your rights", "How to complain", "Example Police Complaints Body", "0300 000 0000",
        "deleted within 24 hours", "the force has not said when it is deleted",
    ):  # fmt: skip
        assert phrase in text
    welsh = " ".join(pages(made["leaflet-cy.pdf"]))
    for phrase in ("Beth sy’n digwydd", "Cewch fynd ffordd arall", "Sut i gwyno", "Heddlu Enghraifft", "2 Mawrth 2026"):
        assert phrase in welsh
    assert "Example Police" not in welsh


def test_what_the_force_has_not_said_is_told() -> None:
    kept = EXAMPLE[EXAMPLE.index("[kept]") : EXAMPLE.index("[contact]")]
    words = leaflet_words(facts((kept, "")), "en")["kept"]
    assert isinstance(words, list)
    assert sum("has not said" in line for line in words) == 4


def test_looking_tells_the_force_where_the_force_keeps_the_page() -> None:
    words = leaflet_words(facts(("outside = true", "outside = false")), "en")
    assert words["host"] == "This page is kept by the Example Overseer."


def test_without_welsh_texts_there_are_english_papers_alone() -> None:
    tree = re.sub(r', cy = "[^"]*"', "", EXAMPLE)
    assert parse_papers(tree.encode()).languages == ("en",)


@pytest.mark.slow
def test_the_same_facts_give_the_same_bytes_at_another_time(made: dict[str, bytes]) -> None:
    time.sleep(1.1)  # the clock of a PDF counts seconds
    assert papers(parse_papers(EXAMPLE.encode())) == made


def test_hostile_and_longest_texts_are_shown_as_text_and_fit(made: dict[str, bytes]) -> None:
    place, why = f"{HOSTILE} {'W' * 100}"[:200], "\u202e東京 " + "longest word " * 15
    text = EXAMPLE.replace("High Street, by the station", place.replace("\\", "\\\\").replace('"', '\\"'))
    text = text.replace("To find people whom a court has ordered to be arrested.", why[:200])
    text = text.replace("the Example Overseer", "the longest name of an overseer " * 6)
    found = papers(parse_papers(text.encode()))
    (sign,) = pages(found["sign-en.pdf"])
    assert "".join(HOSTILE.split()) in "".join(sign.split())
    leaflet = "".join("".join(pages(found["leaflet-en.pdf"])).split())
    assert "[U+202E][U+6771][U+4EAC]" in leaflet
    assert b"/JavaScript" not in found["leaflet-en.pdf"]
    assert b"/URI" not in found["leaflet-en.pdf"]


def test_the_longest_address_stands_on_the_page(made: dict[str, bytes]) -> None:
    longest = "https://" + "w" * 39 + "/"
    assert len(longest) == 48
    for pdf in papers(facts(("https://lfr.overseer.example/", longest))).values():
        for page in pypdfium2.PdfDocument(pdf):
            text = page.get_textpage()
            width = page.get_width() - 11 * MILLIMETRE
            assert all(text.get_charbox(at)[2] < width for at in range(text.count_chars()))


def test_the_code_is_drawn_with_its_quiet_zone(made: dict[str, bytes]) -> None:
    import segno

    address = "https://lfr.overseer.example/R9F-8DW/"
    side = len(segno.make(address, error="m", micro=False).matrix) + 8
    drawn = qr_svg(address)
    assert f'width="{side}" height="{side}"' in drawn
    assert "<text" not in drawn
    # The drawing, run by run, is the matrix that the library made for this address.
    matrix = [[0] * side for _ in range(side)]
    across, down = 0.0, 0.0
    path = re.findall(r'class="qrline" stroke="#000" d="([^"]*)"', drawn)[0]
    for letter, values in re.findall(r"([Mmh])([-\d. ]+)", path):
        numbers = [float(one) for one in re.findall(r"-?[\d.]+", values)]
        if letter == "M":
            across, down = numbers
        elif letter == "m":
            across, down = across + numbers[0], down + numbers[1]
        else:
            for at in range(int(numbers[0])):
                matrix[int(down)][int(across) + at] = 1
            across += numbers[0]
    assert [row[4:-4] for row in matrix[4:-4]] == [
        [int(one) for one in row] for row in segno.make(address, error="m", micro=False).matrix
    ]


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "segno", None)
    with pytest.raises(QrMakerMissing, match="segno"):
        qr_svg("https://lfr.overseer.example/")


@settings(max_examples=60, deadline=None)
@given(st.from_regex(r"[a-z]{1,8}/d-[0-9]{1,6}", fullmatch=True))
def test_a_short_code_can_be_typed_and_is_always_the_same(subject: str) -> None:
    code = short_code(subject)
    assert re.fullmatch(f"[{ALPHABET}]{{3}}-[{ALPHABET}]{{3}}", code)
    assert code == short_code(subject)


def test_codes_of_a_thousand_deployments_spread() -> None:
    assert len({short_code(f"force-a/d-{number}") for number in range(1000)}) == 1000


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('form = "papers/1"', 'form = "papers/2"', "form"),
        ("date = 2026-03-02", 'date = "someday"', "date"),
        ('base = "https://lfr.overseer.example/"', 'base = "javascript:alert(1)/"', "base"),
        ('base = "https://lfr.overseer.example/"', 'base = "https://a.example/?who=me/"', "base"),
        ("outside = true", "outside = true\nlogo = 1", "logo"),
        ("end = 16:00:00", "end = 10:00:00", "same time"),
        ("alert_hours = 24", "alert_hours = 0", "alert_hours"),
        ('telephone = "0300 000 0000"', "", "no way to reach it"),
        (', cy = "Sut yr ymddygodd swyddogion"', "", r"complaints\[1\].about has no cy"),
        ('"Example Police"', '"' + "long " * 60 + '"', "force.en"),
        ('form = "papers/1"', "form = papers", "not TOML"),
    ],
)
def test_what_is_not_in_the_form_is_named(old: str, new: str, told: str) -> None:
    with pytest.raises(PapersMalformed, match=told):
        facts((old, new))


def test_files_that_are_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PapersMalformed, match=r"a\.toml"):
        read_papers(tmp_path / "a.toml")
    with pytest.raises(PapersNotReadable, match=r"b\.toml"):
        read_papers(tmp_path / "b.toml")
    assert tomllib.loads(EXAMPLE)["form"] == "papers/1"
