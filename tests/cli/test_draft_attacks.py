"""A keeper that swaps bytes, forges words or puts a draft elsewhere is caught by name, and nothing is appended."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_deployment import Desk, office, opened
from tests.cli.test_draft import desk, orphans, propose, sign, size
from tests.cli.test_receipts import entries, published_by_a_forger
from tests.making import histories as made

__all__ = ["desk", "office", "opened"]
Change = Callable[[dict[str, Any]], object]


def _swap_values(raw: dict[str, Any]) -> None:
    values = raw["entries"][0]["values"]
    values[0]["opening"], values[1]["opening"] = values[1]["opening"], values[0]["opening"]


@pytest.mark.parametrize(
    ("change", "code", "said", "exit_code"),
    [
        (lambda raw: raw.update(words="Nothing to see."), "draft-malformed", "a draft has the fields", 2),
        (lambda raw: raw["entries"][0].update(words="x"), "draft-malformed", "entry 1: has an entry, and values", 2),
        (_swap_values, "draft-altered", "is not the value that the entry is committed to", 1),
        (lambda raw: raw["entries"][0]["entry"].update(schema=99), "schema-unknown", "version 99", 2),
        (lambda raw: raw["entries"][0]["entry"].update(log="log.example/b"), "draft-malformed", "another log", 2),
    ],
)
def test_words_values_schema_and_log_that_were_changed_are_not_signed(
    desk: Desk, change: Change, code: str, said: str, exit_code: int
) -> None:
    propose(desk)
    raw = json.loads(Path("a.draft").read_bytes())
    change(raw)
    Path("a.draft").write_text(json.dumps(raw))
    told = sign(desk, "applicant", code=exit_code)
    assert f"[{code}]" in told
    assert said in told
    assert not Path("a.signed").exists()


def test_what_the_signer_is_shown_comes_from_the_bytes(desk: Desk) -> None:
    propose(desk)
    raw = json.loads(Path("a.draft").read_bytes())
    raw["entries"][0]["entry"]["facts"]["use_case"] = "swapped-in"
    Path("a.draft").write_text(json.dumps(raw))
    assert "swapped-in" in sign(desk, "applicant")


@pytest.mark.parametrize(
    ("old", "new", "code", "exit_code"),
    [
        (rb'"sig":"....', b'"sig":"AAAA', "entry-signature-fails", 1),
        (b'"supplied_by":"force"', b'"supplied_by":"engine"', "entry-signature-fails", 1),
        (rb'"sig":"', b'"sig":"AAAA', "draft-malformed", 2),
        (b"log.example/force-a", b"log.example/force-b", "draft-not-ours", 4),
    ],
)
def test_bytes_swapped_after_signing_are_not_appended(
    desk: Desk, old: bytes, new: bytes, code: str, exit_code: int
) -> None:
    propose(desk)
    sign(desk, "applicant")
    data = Path("a.signed").read_bytes()
    swapped = re.sub(old, new, data)
    assert swapped != data
    Path("a.signed").write_bytes(swapped)
    before = size(desk)
    assert f"[{code}]" in desk.tell("draft", "append", "a", "a.signed", code=exit_code)
    assert size(desk) == before
    assert orphans(desk) == "Every sealed value is named by an entry.\n"


def test_a_head_that_moved_so_that_a_rule_is_broken_takes_nothing(desk: Desk) -> None:
    propose(desk)
    sign(desk, "applicant")
    sealed = {"place": made.place(), "case": {"objective": "A.", "intelligence": "B.", "alternatives": []}}
    desk.do("propose", made.proposal(), "applicant", "2026-02-20T09:00:30Z", sealed)
    before = size(desk)
    assert "[step-out-of-order]" in desk.tell("draft", "append", "a", "a.signed", code=4)
    assert size(desk) == before


def test_an_entry_forged_in_a_signers_name_is_named_by_what_lists_the_key(desk: Desk) -> None:
    data = entries(desk)
    genuine = data[-1]
    forged = json.loads(genuine)
    forged["facts"]["version"] = "9"
    data.append(json.dumps(forged, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode())
    published_by_a_forger(desk, data, "www")
    told = desk.tell("record", "signed-by", "www", "owner.key", code=1)
    lines = told.splitlines()
    assert "FORGED" not in lines[-3]
    assert lines[-2].endswith("; FORGED: its signature is not by that key as the log registered it")
    assert "FORGED" not in desk.tell("record", "signed-by", "a", "owner.key")
