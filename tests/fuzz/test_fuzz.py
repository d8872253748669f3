"""Changed files of every form are read or refused by an error of ours, and so is all that ever crashed a parser."""

from __future__ import annotations

import pytest
from tests.fuzz.run import CORPUS, corpus, fuzz, kept, outcome
from tests.fuzz.targets import targets

TARGETS = targets()


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_is_read_or_refused(name: str) -> None:
    for data, _ in kept(name):
        outcome(TARGETS[name], data)


def test_every_corpus_is_of_a_target() -> None:
    assert set(CORPUS.iterdir()) <= {corpus(name) for name in TARGETS}


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_changed_files_are_read_or_refused(name: str) -> None:
    rounds = {"xls": 5} | dict.fromkeys(("pdf", "docx", "xlsx", "ods", "html"), 40)
    _, found = fuzz(name, TARGETS[name], rounds.get(name, 400), seed=7)
    assert [said for said in found if said.startswith("crash")] == []


#: Files of no form and of every form at its worst: nothing, no text, nested without end, numbers without end.
HOSTILE = {
    "nothing": b"", "a line break": b"\n", "no text": b"\xff\xfe\x00", "half a letter": b'{"a": "\xed\xa0"}',
    "half a letter of TOML": b'a = "\xed\xa0"\n', "a null": b"null", "a list": b"[]", "an object": b"{}",
    "a number": b"1",
    "lists in lists": b"[" * 100_000, "objects in objects": b'{"a":' * 50_000, "lists of TOML": b"a = " + b"[" * 50_000,
    "a long number": b'{"a": ' + b"9" * 5_000 + b"}", "a long number of TOML": b"a = " + b"9" * 5_000,
    "a lone surrogate": b'["\\ud800"]', "tags in tags": b"<table>" * 3_000, "quotes": b'"' * 1_001,
    "line breaks of every kind": b"a\r\nb\rc\x0b\x0c\xc2\x85d\xe2\x80\xa8",
}  # fmt: skip


@pytest.mark.parametrize("name", TARGETS)
def test_files_of_no_form_are_refused(name: str) -> None:
    for data in HOSTILE.values() if name != "xls" else [HOSTILE["no text"]]:
        outcome(TARGETS[name], data)
