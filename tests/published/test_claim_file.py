"""Reading claims.toml: what is taken, and a sentence with the place for all that is not."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from pathlib import Path

import pytest

from countersign.errors import CountersignError
from countersign.published.claims.claim import ClaimImpossible
from countersign.published.claims.context import BESIDE
from countersign.published.claims.file import ClaimsMalformed, ClaimsNotRead, read_claims
from countersign.published.claims.quantities import FITTING, RELATIONS, UnknownQuantity, UnknownRelation, term
from countersign.published.claims.verdict import MEANINGS
from countersign.published.files import shipped
from countersign.published.group_counts import EVENT_NAMES
from countersign.published.table.measures import MEASURES, QUANTITIES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "formats" / "claims.md"
GOOD = """
[[claim]]
id = "c"
said_by = "someone"
where = "somewhere"
statement = "words"
quantity = "arrests"
relation = "equals"
value = 3
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "claims.toml"
    path.write_text(text, encoding="utf-8")
    return path


def changed(**lines: str) -> str:
    text = GOOD
    for key, value in lines.items():
        text, found = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
        if not found:
            text += f"{key} = {value}\n"
    return text


def test_every_key_is_read_and_numbers_keep_their_digits(tmp_path: Path) -> None:
    more = changed(quantity='"false_alerts_per_face"', relation='"at_most"', value="0.80", threshold="0.60",
                   date_from="2024-01-01", date_to="2024-12-31", place='"Croydon"', digits="2", words_to="2025-01-01",
                   force='"Met"', benchmark='"b"', face_count='"f"', note='"n"')  # fmt: skip
    tables = '[benchmark.b]\none_in = 6000\nevents = 7\nat_watchlist = 10000\nsource = "s"\n' \
             '[face_count.f]\nlow = 0.5\nhigh = 2\nsource = "s"\n'  # fmt: skip
    claim = read_claims(written(tmp_path, tables + more))[0]
    assert str(claim.value[0]) == "0.80"
    assert claim.threshold == Decimal("0.60")
    assert (claim.date_from, claim.date_to) == (datetime.date(2024, 1, 1), datetime.date(2024, 12, 31))
    assert claim.benchmark is not None
    assert (claim.benchmark.events, claim.benchmark.at_watchlist) == (7, 10_000)
    assert claim.face_count is not None
    assert (claim.face_count.low, claim.face_count.high) == (0.5, 2.0)
    assert claim.selection_of_words is not None
    assert claim.selection_of_words.date_to == datetime.date(2025, 1, 1)
    assert (claim.place, claim.force, claim.digits, claim.note) == ("Croydon", "Met", 2, "n")


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("id = ", ClaimsMalformed, "not TOML"),
        ("", ClaimsMalformed, "holds no [[claim]]"),
        ("claim = 3", ClaimsMalformed, "holds no [[claim]]"),
        ("claims = []", ClaimsMalformed, "unknown key 'claims' (did you mean 'claim'?)"),
        ("[[claim]]\nid = 3", ClaimsMalformed, "claim 1, key 'id': 3 is not text"),
        (changed(id='"Not An Id"'), ClaimsMalformed, "is not lower-case words"),
        (GOOD + GOOD, ClaimsMalformed, "two claims have the id 'c'"),
        (changed(quantitiy='"arrests"'), ClaimsMalformed, "unknown key 'quantitiy' (did you mean 'quantity'?)"),
        (changed(statement='" "'), ClaimsMalformed, "'statement' is missing or empty"),
        (changed(value='"3"'), ClaimsMalformed, "claim 'c', key 'value': '3' is not a number"),
        (changed(value='"0,71"'), ClaimsMalformed, "a point for decimals"),
        (changed(value="0,71"), ClaimsMalformed, "not TOML"),
        (changed(value="true"), ClaimsMalformed, "True is not a number"),
        (changed(value="nan"), ClaimsMalformed, "is not a finite number"),
        (changed(value="inf"), ClaimsMalformed, "is not a finite number"),
        (changed(value="[]"), ClaimImpossible, "takes 1 value"),
        (changed(value="[1, 2]"), ClaimImpossible, "not 2"),
        (changed(value="-1"), ClaimImpossible, "below zero"),
        (changed(digits="1.5"), ClaimsMalformed, "key 'digits'"),
        (changed(digits="0"), ClaimImpossible, "digits is 0"),
        (changed(quantity="[]"), ClaimsMalformed, "'quantity' is missing"),
        (changed(quantity='"arrest"'), UnknownQuantity, "quantity 'arrest' is not known (did you mean 'arrests'?)"),
        (changed(quantity='"share_of_false_alert:ethnicity=Black"'), UnknownQuantity, "is not known"),
        (changed(quantity='"duty:"'), UnknownQuantity, "is not known"),
        (changed(relation='"equal"'), UnknownRelation, "'equal' is not known (did you mean 'equals'?)"),
        (changed(relation='"one_in"'), UnknownRelation, "does not fit 'arrests' (a count): equals, sum_equals"),
        (changed(quantity='"duty:uk.wl.bespoke"'), UnknownRelation, "stated would"),
        (changed(quantity='"duty:uk.wl.bespoke"', relation='"stated"'), ClaimImpossible, "takes 0 value(s) here"),
        (changed(date_from='"2024-01-01"'), ClaimsMalformed, "without quotation marks"),
        (changed(date_from="2024-02-30"), ClaimsMalformed, "not TOML"),
        (changed(date_from="2024-01-01T10:00:00"), ClaimsMalformed, "is not a date"),
        (changed(date_from="2024-01-02", date_to="2024-01-01"), ClaimImpossible, "lies before date_from"),
        (changed(benchmark='"npl"'), ClaimsMalformed, "there is no [benchmark.npl]"),
        (changed(benchmark="3"), ClaimsMalformed, "is not text"),
        (changed(beside='"use_case"'), ClaimsMalformed, "'use_case' is not known (did you mean 'use_cases'?)"),
        (changed(beside='"printed:nothing"'), ClaimsMalformed, "is not known"),
        (changed(needs="[3]"), ClaimsMalformed, "is not text, or a list"),
        ("benchmark = 3\n" + GOOD, ClaimsMalformed, "is not a set of tables"),
        ("[benchmark]\nb = 3\n" + GOOD, ClaimsMalformed, "benchmark 'b': is not a table"),
        ('[benchmark.b]\none_in = 0\nevents = 1\nsource = "s"\n' + GOOD, ClaimImpossible, "at least 1"),
        ("[benchmark.b]\none_in = 6\nevents = 1\n" + GOOD, ClaimsMalformed, "key 'source' is missing"),
        ('[face_count.f]\nlow = 2\nhigh = 3\nsource = "s"\n' + GOOD, ClaimImpossible, "face_count 'f'"),
        ("\x00" + GOOD, ClaimsMalformed, "is not a text file"),
    ],
)
def test_what_is_wrong_is_said_with_the_place(
    text: str, error: type[CountersignError], said: str, tmp_path: Path
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(error) as caught:
        read_claims(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_of_several_faults_the_first_in_the_order_of_the_form_is_named(tmp_path: Path) -> None:
    """The order is part of what a user sees: the dates, then the threshold, the digits, the words and what is named."""
    wrong = {"date_from": '"x"', "date_to": '"x"', "place": "3", "threshold": '"x"', "digits": '"x"',
             "words_from": '"x"', "words_to": '"x"', "force": "3", "benchmark": '"b"', "face_count": '"f"',
             "needs": "3", "beside": '"b"', "note": "3"}  # fmt: skip
    while wrong:
        with pytest.raises(ClaimsMalformed, match=f"key '{next(iter(wrong))}'"):
            read_claims(written(tmp_path, changed(**wrong)))
        del wrong[next(iter(wrong))]


def test_an_image_and_a_folder_and_nothing_at_all(tmp_path: Path) -> None:
    image = tmp_path / "claims.toml"
    image.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    with pytest.raises(ClaimsMalformed, match="not UTF-8 text"):
        read_claims(image)
    for path in (tmp_path, tmp_path / "absent.toml"):
        with pytest.raises(ClaimsNotRead) as caught:
            read_claims(path)
        assert caught.value.exit_code == 5


def test_a_file_too_large_to_be_claims_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_bytes(b"#" * 4_000_001)
    with pytest.raises(ClaimsMalformed, match="larger than 4,000,000 bytes"):
        read_claims(path)


def test_the_documented_lists_are_the_legal_ones() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text.split("## Quantities")[1].split("## Relations")[0]
    listed = set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))
    assert listed == set(QUANTITIES) | set(MEASURES)
    for event in set(EVENT_NAMES.values()):
        assert f"`{event}`" in section
    relations = text.split("## Relations")[1].split("## The rounding rule")[0]
    assert set(re.findall(r"`([a-z_]+)`", relations)) == set(RELATIONS)
    assert set(RELATIONS) == {relation for fitting in FITTING.values() for relation in fitting}
    for verdict in MEANINGS:
        assert f"**{verdict}**" in text
    for name in BESIDE:
        assert f"`{name}`" in text


def test_the_documented_example_is_read(tmp_path: Path) -> None:
    example = DOCUMENT.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    claim = read_claims(written(tmp_path, example))[0]
    assert (claim.id, term(claim.quantity[0]).subject) == ("better-than-1-in-6000", "measure")


def test_the_shipped_file_reads_the_same_with_other_line_ends(tmp_path: Path) -> None:
    shipped_file = shipped("met") / "claims.toml"
    path = tmp_path / "claims.toml"
    path.write_bytes(b"\xef\xbb\xbf" + shipped_file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_claims(path) == read_claims(shipped_file)
