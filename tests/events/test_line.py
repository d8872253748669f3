"""The door: what has the form passes, and an image, an embedding or a name in any field or disguise does not."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

import pytest

from countersign.events.door.line import (
    ALERT,
    LONGEST_LINE,
    EventLeakRefused,
    EventRefused,
    of,
    read,
    source_and_sequence,
)
from countersign.made_up.export import make
from countersign.made_up.scenario import load

EVENTS = make(load("corners-cut"), seed=1).events
GOOD: dict[str, Any] = next(event for event in EVENTS if event["type"] == ALERT and "engagement" in event["content"])
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(60)).decode()
DISGUISES = [
    PNG, f"data:image/png;base64,{PNG}", PNG.encode().hex(), (b"\xff\xd8\xff\xe0" + bytes(40)).hex(),
    [0.25] * 128, list(range(512)), " ".join(str(number / 7) for number in range(64)), "Jane Q. Public",
    "jane@example.org", {"vector": [1] * 128}, [[1, 2], [3, 4]] * 64,
]  # fmt: skip


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """The paths of all parts of an event, itself left out."""
    parts: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    return [(*path, name) for name, _ in parts] + [one for name, part in parts for one in places(part, (*path, name))]


def test_every_made_up_event_passes() -> None:
    for event in EVENTS:
        assert of(event).sequence == event["sequence"]


@pytest.mark.parametrize("disguise", DISGUISES, ids=range(len(DISGUISES)))
def test_a_leak_in_any_field_is_refused_and_not_repeated(disguise: Any) -> None:
    for path in places(GOOD):
        event: Any = copy.deepcopy(GOOD)
        at = event
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = disguise
        with pytest.raises(EventRefused) as refused:
            read(json.dumps(event).encode())
        for secret in (PNG[:12], "Jane", "jane", "0.14285", PNG.encode().hex()[:12]):
            assert secret not in str(refused.value), path


@pytest.mark.parametrize("words", ["grounds in words of one's own", *DISGUISES])
@pytest.mark.parametrize("name", ["independent_grounds", "power"])
def test_sentences_of_a_person_do_not_come_from_an_engine(name: str, words: Any) -> None:
    event: Any = copy.deepcopy(GOOD)
    power = {"power": "pace-s24", "grounds": words, "kind": "arrest", "minutes": 0}
    event["content"]["engagement"][name] = power if name == "power" else words
    with pytest.raises(EventRefused) as refused:
        read(json.dumps(event).encode())
    assert refused.value.field.startswith(f"content.engagement.{name}")
    assert "Jane" not in str(refused.value)
    fixed = "suspected of an offence"
    event["content"]["engagement"][name] = power | {"grounds": fixed} if name == "power" else fixed
    assert of(event).source == event["source"]


@pytest.mark.parametrize("name", ["image", "face_embedding", "name", "forename", "date_of_birth", "thumbnail"])
@pytest.mark.parametrize("inside", [(), ("content",), ("content", "demographics"), ("content", "engagement")])
def test_a_field_of_its_own_is_refused_by_its_name(name: str, inside: tuple[str, ...]) -> None:
    event: Any = copy.deepcopy(GOOD)
    at = event
    for part in inside:
        at = at[part]
    at[name] = "x"
    with pytest.raises(EventRefused, match=name):
        of(event)


def test_a_field_whose_name_is_the_leak_is_not_repeated() -> None:
    with pytest.raises(EventRefused) as refused:
        of(GOOD | {PNG: 1})
    assert PNG[:12] not in str(refused.value)
    with pytest.raises(EventRefused) as refused:
        of(GOOD | {"content": GOOD["content"] | {PNG: 1}})
    assert PNG[:12] not in str(refused.value)


def test_encoded_data_in_a_sentence_is_a_leak_by_its_code() -> None:
    event: Any = copy.deepcopy(GOOD)
    event["content"]["engagement"]["independent_grounds"] = f"see {PNG}"
    with pytest.raises(EventLeakRefused) as refused:
        of(event)
    assert refused.value.field == "content.engagement.independent_grounds"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"sequence": 0}, "sequence"),
        ({"sequence": True}, "sequence"),
        ({"sequence": 1.5}, "sequence"),
        ({"source": "Camera 1"}, "source"),
        ({"sent_at": "2026-02-30T10:00:00Z"}, "sent_at"),
        ({"logged_at": "10:00"}, "logged_at"),
        ({"type": "live.faces"}, "type"),
        ({"subject": None}, "subject"),
        ({"content": []}, "content"),
    ],
)
def test_a_field_out_of_form_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(EventRefused) as refused:
        of(GOOD | change)
    assert refused.value.field == field


def test_an_alert_that_contradicts_itself_is_refused_without_its_people() -> None:
    event: Any = copy.deepcopy(GOOD)
    event["content"]["adjudications"] *= 2
    event["content"]["adjudications"][1] = event["content"]["adjudications"][0] | {"role": "engagement-officer"}
    with pytest.raises(EventRefused, match="one person verified the alert in both roles") as refused:
        of(event)
    assert "operator-1" not in str(refused.value)


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b'{"source":"a"} {"source":"b"}', b"[1]", b"\xff\xfe{\x00}", b"[" * 20_000, b" " * (LONGEST_LINE + 1)],
)
def test_lines_that_are_not_one_object_are_refused(line: bytes) -> None:
    with pytest.raises(EventRefused):
        read(line)
    assert source_and_sequence(line) is None


def test_an_ordinal_is_not_taken_from_the_engine() -> None:
    with pytest.raises(EventRefused, match="ordinal"):
        of(GOOD | {"content": GOOD["content"] | {"ordinal": 7}})
