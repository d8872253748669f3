"""The scripts of ``verify.html`` and the command, side by side in a real browser: vectors, and bundles gone wrong."""

from __future__ import annotations

import base64
import json
import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.site.verifier import making

from countersign.errors import CountersignError
from countersign.record.entries import canonical
from countersign.record.tlog.trust import LogProof

VECTORS = Path(__file__).parents[2] / "record" / "vectors"
#: All 100,000 take half an hour: COUNTERSIGN_MUTATIONS=100000 judges them.
MUTATIONS, A_FEW, BATCH = int(os.environ.get("COUNTERSIGN_MUTATIONS", "5000")), 24, 250
BUNDLES = ("core.js", "tlog.js", "keyring.js", "accounts.js", "bundle.js")


def load(name: str) -> Any:
    return json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scripts(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The functions of the scripts, in a page opened from disk."""
    file = tmp_path_factory.mktemp("scripts") / "scripts.html"
    file.write_text(making.harness(*BUNDLES, more=making.JUDGE), encoding="utf-8")
    context = browser.new_context(offline=True)
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(file.as_uri())
    yield page
    context.close()
    assert trouble == []


def takes(scripts: Any, kind: str, name: str, texts: list[str]) -> list[bool]:
    answers = scripts.evaluate("([kind, name, texts]) => takes(kind, name, texts)", [kind, name, texts])
    assert all(answer is True or "refused" in answer for answer in answers), answers
    return [answer is True for answer in answers]


def test_texts_keys_notes_checkpoints_policies_and_proofs_of_the_vectors(scripts: Any) -> None:
    texts, keys = load("texts"), load("keys")
    for name in ("numbers", "base64"):
        assert all(takes(scripts, "text", name, [*texts[name]["taken"]]))
        assert not any(takes(scripts, "text", name, texts[name]["refused"]))
    assert all(takes(scripts, "text", "keys", [case["text"] for case in keys["taken"]]))
    refused = [base64.b64decode(case["base64"]).decode() for case in keys["refused"]]
    assert not any(takes(scripts, "text", "keys", refused))
    public = scripts.evaluate("all => publicKeys(all)", [case["hex"] for case in keys["public keys refused"]])
    assert all("refused" in answer for answer in public)
    checkpoints = load("checkpoints")
    refused = [base64.b64decode(case["base64"]).decode() for case in checkpoints["refused"]]
    assert not any(takes(scripts, "text", "checkpoints", refused))
    assert all(takes(scripts, "text", "checkpoints", [checkpoints["with extensions"]]))
    for name, taken in (
        ("notes", [*load("notes")["taken"].values()]),
        ("policies", [case["base64"] for case in load("policies")["taken, not in the plainest form"].values()]),
        ("proofs", [base64.b64encode(case["text"].encode()).decode() for case in load("proofs")["taken"]]),
    ):
        assert all(takes(scripts, "bytes", name, taken)), name
        assert not any(takes(scripts, "bytes", name, [case["base64"] for case in load(name)["refused"]])), name


def test_the_answers_on_the_vectors_are_those_of_the_command(scripts: Any) -> None:
    entries, policies = load("entries/entries"), load("policies")["taken"]
    policy = f"log {entries['log key']}\nwitness w {entries['witness key']}\ngroup outside all w\nquorum outside\n"
    cases = [((VECTORS / "entries" / "bundle.ndjson").read_bytes(), policy.encode())]
    for text in policies.values():
        cases += [(signed.encode(), text.encode()) for signed in load("checkpoints")["signed"].values()]
    entry = load("merkle")["entry"].encode()
    for case in load("proofs")["taken"]:
        proof = LogProof.parse(case["text"].encode())
        extra = LogProof(proof.index, proof.hashes, proof.checkpoint, entry % proof.index).render()
        cases.append((extra, policies["no quorum asked"].encode()))
    said = making.judged(scripts, cases)
    for answer, (data, under) in zip(said, cases, strict=True):
        expected = making.by_command(data, under)
        assert (answer if isinstance(answer, list) else []) == expected, answer
        assert expected


VALUES = [*making.VALUES["canonical or not, as text"], "[" * 100_000]


def test_canonical_json_is_taken_and_refused_alike(scripts: Any) -> None:
    taken = []
    for text in VALUES:
        try:
            canonical.parse(text.encode())
            taken.append(True)
        except CountersignError:
            taken.append(False)
    assert takes(scripts, "text", "canonical", VALUES) == taken


def test_another_spelling_of_a_line_or_an_entry_is_refused_by_both(scripts: Any) -> None:
    policy, rows = making.POLICY.format("outside").encode(), making.WHOLE[:-78].split(b"\n")[:-1]
    cases = []
    for name, respell in making.SPELLINGS.items():
        if name:
            made = making.whole()
            made.respelled, made.spelling = 8, name
            cases.append((made.bundle(), policy))
            for at in (0, 1, 2, -4, -1):
                changed = [*rows]
                changed[at] = respell(rows[at])
                if changed != rows:  # an object of one field has no other order
                    cases.append((making.sealed(b"".join(row + b"\n" for row in changed)), policy))
    assert len(cases) > 25
    assert [making.by_command(*case) for case in cases] == [[]] * len(cases)
    assert all("refused" in said for said in making.judged(scripts, cases))


def agreed(scripts: Any, numbers: range) -> Counter[str]:
    """The mutations of these numbers are accepted in the same words, or refused, by both."""
    cases = [making.mutation(number) for number in numbers]
    found: Counter[str] = Counter()
    for number, (data, policy), said in zip(numbers, cases, making.judged(scripts, cases), strict=True):
        expected = making.by_command(data, policy)
        assert isinstance(said, list) or "refused" in said, (number, said)
        assert (said if isinstance(said, list) else []) == expected, (number, said)
        found["accepted" if expected else "refused"] += 1
    return found


def test_a_lawful_bundle_and_a_few_mutations_are_judged_alike(scripts: Any) -> None:
    policy = making.POLICY.format("outside").encode()
    assert making.judged(scripts, [(making.WHOLE, policy)]) == [making.by_command(making.WHOLE, policy)]
    found = agreed(scripts, range(A_FEW))
    assert found["accepted"]
    assert found["refused"] > A_FEW / 2


@pytest.mark.slow
def test_thousands_of_mutations_are_judged_alike(scripts: Any) -> None:
    found: Counter[str] = Counter()
    began = time.monotonic()
    for first in range(0, MUTATIONS, BATCH):
        found += agreed(scripts, range(first, first + BATCH))
    print(f"{MUTATIONS:,} mutations in {time.monotonic() - began:.0f} s: {dict(found)}")
    assert found["accepted"] > MUTATIONS / 50
