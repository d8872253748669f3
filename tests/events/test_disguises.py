"""Images and embeddings in every field and disguise, through every door: refused, and in no byte of what is kept."""

from __future__ import annotations

import base64
import copy
import gzip
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.events.test_line import GOOD, places

from countersign.cli.main import run
from countersign.events.door.journal import Journal
from countersign.events.door.line import Limits
from countersign.events.door.taking import batch_name, render_batch
from countersign.made_up.export import make
from countersign.made_up.scenario import load
from countersign.record.entries import canonical
from countersign.record.entries.entry import EntrySigner

MADE = make(load("corners-cut"), seed=1)
LIMITS = Limits.of(MADE.limits)
#: Bytes that no export has by chance; a picture and a template begin with them and hold them again and again.
MARK = b"\xa7\x1f\xee\x42\x9c\x03\xd1\x77"
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + MARK * 12
TEMPLATE = [round(0.123457 * (number + 1) % 1, 6) for number in range(128)]
PACKED = struct.pack("<128f", *TEMPLATE)


def disguises() -> dict[str, Any]:
    """A picture or a template as an engine, or someone who means harm, might write it."""
    text = base64.b64encode(PICTURE).decode()
    return {
        "base64": text,
        "base64 for addresses": base64.urlsafe_b64encode(PICTURE).decode(),
        "base64 with line ends": "\n".join(text[at : at + 20] for at in range(0, len(text), 20)),
        "base64 with spaces": " ".join(text[at : at + 38] for at in range(0, len(text), 38)),
        "base64 of a template": base64.b64encode(PACKED).decode(),
        "base32": base64.b32encode(PICTURE).decode(),
        "base85": base64.b85encode(PICTURE).decode(),
        "hexadecimal": PICTURE.hex(),
        "hexadecimal in capitals": PACKED.hex().upper(),
        "hexadecimal with colons": PICTURE.hex(":"),
        "data address": f"data:image/jpeg;base64,{text}",
        "data address, broken up": f"data: image/jpeg ;base64 , {text}",
        "compressed": base64.b64encode(gzip.compress(PICTURE, mtime=0)).decode(),
        "deflated": zlib.compress(PACKED).hex(),
        "drawn": f"<svg><image href='{text}'/></svg>",
        "bytes as letters": PICTURE.decode("latin-1"),
        "UTF-16 in letters": text.encode("utf-16").decode("latin-1"),
        "escaped": "".join(f"\\x{byte:02x}" for byte in PICTURE),
        "numbers": TEMPLATE,
        "whole numbers": [int(value * 10**6) for value in TEMPLATE],
        "numbers as texts": [f"{value:.6f}" for value in TEMPLATE],
        "numbers in one text": " ".join(f"{value:.6f}" for value in TEMPLATE),
        "numbers with commas": ",".join(f"{value:.6f}" for value in TEMPLATE),
        "rows of numbers": [TEMPLATE[at : at + 8] for at in range(0, 128, 8)],
        "an object of numbers": {f"v{number}": value for number, value in enumerate(TEMPLATE)},
        "an object of parts": {f"part-{at}": text[at : at + 30] for at in range(0, len(text), 30)},
        "a list of parts": [text[at : at + 30] for at in range(0, len(text), 30)],
        "bytes": list(PICTURE),
        "nested deep": {"a": {"b": [{"c": text}]}},
    }


DISGUISES = disguises()


def traces(disguise: Any) -> set[bytes]:
    """Pieces of a disguise long enough to be no chance, as they would stand in a file, and of what it hides."""
    found = {MARK, MARK.hex().encode(), b"JFIF", b"0.123457", b"0.246914", base64.b64encode(PICTURE)[12:32]}

    def texts(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for name, part in value.items():
                yield from (name, *texts(part))
        elif isinstance(value, list):
            for part in value:
                yield from texts(part)

    for text in texts(disguise):
        for start in (0, len(text) // 2):
            if len(piece := text[start : start + 14]) == 14:
                found |= {piece.encode(), piece.encode("utf-16-le"), json.dumps(piece).strip('"').encode()}
    return found


def placed(disguise: Any) -> Iterator[dict[str, Any]]:
    """The event with the disguise in each field in turn, as a field of its own, and as the name of one."""
    for path in places(GOOD):
        event: Any = copy.deepcopy(GOOD)
        at = event
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = disguise
        yield event
    for inside in ((), ("content",), ("content", "demographics"), ("content", "adjudications", 0)):
        event = copy.deepcopy(GOOD)
        at = event
        for part in inside:
            at = at[part]
        at["face"] = disguise
        if isinstance(disguise, str):
            at[disguise] = 1
        yield event


def kept(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in folder.rglob("*") if one.is_file()}


@pytest.mark.slow
def test_disguises_in_any_field_leave_no_byte_anywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In the journal, its write-ahead log while it is open, the refused list, the batches and what is printed."""
    away, here = tmp_path / "away", tmp_path / "here"
    away.mkdir()
    here.mkdir()
    bad: list[dict[str, Any]] = []
    for disguise in DISGUISES.values():
        for event in placed(disguise):
            # The field that holds the number may be the one with the disguise in it.
            bad.append(event | {"sequence": 5000 + len(bad)} if event["sequence"] == GOOD["sequence"] else event)
    good = [canonical.render(event) for event in MADE.events]
    export = away / "export.jsonl"
    export.write_bytes(b"\n".join([*good[:20], *(json.dumps(event).encode() for event in bad), *good[20:]]) + b"\n")
    (away / "limits.json").write_bytes(canonical.render(MADE.limits))
    code = run([
        "events", "take", str(export), "--deployment", "force-a/corners-cut", "--limits", str(away / "limits.json"),
        "--journal", str(here / "journal"), "--json",
    ])  # fmt: skip
    assert code == 1
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert (said["taken"]["new"], said["taken"]["refused"]) == (len(good), len(bad))
    signer = EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(31) + b"\x01"))
    with Journal.open(here / "journal", "force-a/corners-cut", LIMITS.digest) as journal:
        with journal.transaction():
            number = journal.number_batch()
        batch = render_batch(journal, number, "force-a/corners-cut", LIMITS.digest, signer)
        (here / batch_name(number)).write_bytes(batch)
        files = kept(here)
    files |= {"after closing " + file: data for file, data in kept(here).items()}
    files |= {"printed": printed.out.encode(), "printed as error": printed.err.encode()}
    assert {"journal", "journal-wal", "journal.refused.jsonl", "batch-000001.jsonl"} <= set(files)
    for name, disguise in DISGUISES.items():
        for trace in traces(disguise):
            assert [file for file, data in files.items() if trace in data] == [], (name, trace)


def test_a_picture_split_over_the_fields_of_one_event_has_no_field_to_stand_in() -> None:
    """Short pieces each fit a token: what stops them is that a field takes few texts, and each of a stated length.

    Over a whole event the fields that take a token of the engine's own choosing hold less than a picture has.
    """
    from countersign.events.door.line import of

    free = [
        path for path in places(GOOD)
        if isinstance(_at(GOOD, path), str) and _takes(GOOD, path, "k7q2")
    ]  # fmt: skip
    # A camera, a source, an id, people and reasons: a dozen words of at most 64 letters, of which none may be a run of
    # more than 40, so that all of them together are a few hundred bytes an event.
    assert len(free) < 16
    event: Any = copy.deepcopy(GOOD)
    for path in free:
        at = event
        for name in path[:-1]:
            at = at[name]
        at[path[-1]] = "q" * 41 + "1"
        with pytest.raises(Exception, match="unbroken run"):
            of(event)
        at[path[-1]] = _at(GOOD, path)


def _at(event: Any, path: tuple[str | int, ...]) -> Any:
    for name in path:
        event = event[name]
    return event


def _takes(event: dict[str, Any], path: tuple[str | int, ...], text: str) -> bool:
    from countersign.events.door.line import EventRefused, of

    changed: Any = copy.deepcopy(event)
    at = changed
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = text
    try:
        of(changed)
    except EventRefused:
        return False
    return True


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7", "cp500"])
def test_the_same_in_another_encoding_is_refused_whole_or_line_by_line(
    encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export, limits = tmp_path / "export.jsonl", tmp_path / "limits.json"
    event = GOOD | {"portrait": DISGUISES["base64"], "sequence": 9000}
    export.write_bytes((json.dumps(event) + "\n").encode(encoding))
    limits.write_bytes(canonical.render(MADE.limits))
    folder = tmp_path / "here"
    folder.mkdir()
    code = run([
        "events", "take", str(export), "--deployment", "force-a/corners-cut", "--limits", str(limits),
        "--journal", str(folder / "journal"),
    ])  # fmt: skip
    assert code in (1, 2)
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    for data in [*kept(folder).values(), printed.out.encode(), printed.err.encode()]:
        for trace in traces(DISGUISES["base64"]):
            assert trace not in data
