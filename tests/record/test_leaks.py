"""The search for leaks, attacked: images, embeddings and marks of a person in every disguise we thought of."""

from __future__ import annotations

import base64
import bz2
import gzip
import lzma
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.leaks import PICTURE, leak_in
from countersign.record.entries.forms import (
    _SIMPLE,
    LONGEST_NUMBERS,
    LONGEST_RUN,
    find_leak,
    find_list_leak,
    search_all,
)

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40)
EMBEDDING = struct.pack("<128f", *[0.01 * n for n in range(128)])


@pytest.mark.parametrize(
    "text",
    [
        base64.b64encode(PNG).decode(), base64.b64encode(JPEG).decode()[:40], base64.urlsafe_b64encode(PNG).decode(),
        PNG.hex(), JPEG[:20].hex().upper(), "data:image/png;base64,AAAA", "data:;base64,AAAA", "<svg onload=x>",
        base64.b64encode(EMBEDDING).decode(), EMBEDDING.hex(),
        "A" * (LONGEST_RUN + 1), " ".join(f"{n / 100:.2f}" for n in range(128)), "0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9",
        "1e-3;2e-3;3e-3;4e-3;5e-3;6e-3;7e-3;8e-3;9e-3",
        base64.b64encode(gzip.compress(JPEG, mtime=0)).decode()[:39], gzip.compress(JPEG, mtime=0).hex()[:39],
        base64.b64encode(bz2.compress(JPEG)).decode()[:39], base64.b64encode(lzma.compress(JPEG)).decode()[:39],
    ],
)  # fmt: skip
def test_images_and_embeddings_are_found(text: str) -> None:
    assert find_leak(text) is not None


def test_the_beginning_of_a_picture_is_one_from_twenty_one_characters_on() -> None:
    for text in (base64.b64encode(PNG).decode(), PNG.hex()):
        assert find_leak(text[:20]) is None
        assert find_leak(text[:21]) == PICTURE
        assert (leak_in(text[:20]) == PICTURE, leak_in(text[:22]) == PICTURE) == (False, True)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("jo.smith@example.org", "e-mail"), ("jo (at) example.org", "e-mail"), ("jo%40example.org", "e-mail"),
        ("020 7230 1212", "telephone"), ("+44 20 7230 1212", "telephone"), ("07700 900123", "telephone"),
        ("call 07700-900-123 now", "telephone"), ("0044 7700 900123", "telephone"), ("(020) 7946 0018", "telephone"),
        ("SW1A 1AA", "postcode"), ("near sw1a1aa", "postcode"), ("E8 3DL", "postcode"), ("CF10 3NN", "postcode"),
        ("51.50735, -0.12776", "coordinates"), ("51.50735 -0.12776", "coordinates"), ("51°30'26\"N", "coordinates"),
        ("TQ 29000 80400", "coordinates"),
    ],
)  # fmt: skip
def test_marks_of_one_person_or_door_are_found(text: str, kind: str) -> None:
    assert kind in (find_leak(text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "Oxford Circus", "crime-hotspot", "Policy on overt LFR, version 2.1", "NeoFace 4.1.2", "wanted-by-court",
        "R (Bridges) v CC South Wales Police 2020 EWCA Civ 1058",
        "https://www.example.police.uk/advice/lfr/documents-2024",
        "0.64", "2026-03-01", "National Physical Laboratory", "MS 43 equitability study", "section 149(1)",
        "Piccadilly Circus, W1",
        "DPIA/2024/017", "Westfield, Shepherds Bush", "Heol y Frenhines, Caerdydd",
    ],
)  # fmt: skip
def test_ordinary_public_texts_pass(text: str) -> None:
    assert find_leak(text) is None


def test_a_list_of_numbers_is_as_long_as_the_schema_says() -> None:
    assert find_list_leak(list(range(24)), 24) is None
    assert find_list_leak(list(range(25)), 24) == "a list of 25 numbers, such as an embedding"
    assert find_list_leak([f"0.{n}" for n in range(LONGEST_NUMBERS + 1)], 0) is not None
    assert find_list_leak(["a"] * 1000, 0) is None
    assert find_list_leak([True] * 1000, 0) is None


@settings(max_examples=400, deadline=None)
@given(st.from_regex(_SIMPLE, fullmatch=True).filter(_SIMPLE.match))
@pytest.mark.slow
def test_what_is_cleared_at_a_glance_is_cleared_by_every_rule(text: str) -> None:
    assert search_all(text) is None
    assert find_leak(text) is None


@pytest.mark.slow
@settings(max_examples=600, deadline=None)
@given(st.text(st.sampled_from("aZgSU 01289-.,'@()[]at%4+/=:;<svg|°NfloatnumpyDATA3"), max_size=30))
def test_at_a_glance_and_by_every_rule_say_the_same_of_any_short_text(text: str) -> None:
    assert find_leak(text) == search_all(text)


@pytest.mark.parametrize(
    "text", ["numpy", "Float32", "float32", "SU123456", "tq 123456", "a 0207 230 1212", "sw1a 1aa", "e8 3dl", "a" * 41]
)
def test_near_misses_of_the_glance(text: str) -> None:
    assert find_leak(text) == search_all(text)


def test_short_ids_of_engines_are_cleared_at_a_glance() -> None:
    for text in ("camera-1", "operator-12", "track-60213", "High Street, north end", "not-noted"):
        assert _SIMPLE.match(text), text
