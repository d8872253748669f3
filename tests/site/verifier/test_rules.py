"""Each rule broken by itself in a bundle signed and proved anew: the command names the rule, and the page refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from tests.site.verifier import making
from tests.site.verifier.making import DEMO, NEXT, OPERATOR, REGISTRAR, Made
from tests.site.verifier.test_agrees import scripts

from countersign.errors import CountersignError
from countersign.progress import silent
from countersign.record.tlog.encoding import render_base64
from countersign.record.tlog.policy import Policy
from countersign.results.verified import verify_bytes

__all__ = ["scripts"]
Break = Callable[[Made], Any]


def field(entry: int, name: str, value: Any) -> Break:
    return lambda made: made.entries[entry].update({name: value})


def fact(name: str, value: Any, entry: int = 4) -> Break:
    return lambda made: made.entries[entry]["facts"].update({name: value})


def more(entry: int, **changes: Any) -> Break:
    """Another entry at the end, as an earlier one but for these fields."""
    return lambda made: made.entries.append(made.entries[entry] | changes)


def opening(at: int, **changes: Any) -> Break:
    return lambda made: made.openings.__setitem__(at, replace(made.openings[at], **changes))


def other_schema(made: Made) -> None:
    at = next(n for n, text in enumerate(made.schemas) if b"entry/record.role-withdrawn/1" in text)
    made.schemas[at] += b" "
    for adopted in made.entries[0]["facts"]["schemas"]:
        if adopted["kind"] == "record.role-withdrawn":
            adopted["digest"] = sha256(made.schemas[at]).hexdigest()


def sealed_otherwise(made: Made) -> None:
    made.entries[8]["sealed"] = {"cases": made.entries[4]["sealed"]["case"]}


def not_its_label(made: Made) -> None:
    made.entries[8]["sealed"] = {"place": made.entries[4]["sealed"]["case"]}


def adopted_late(made: Made) -> None:
    made.entries.append(made.entries.pop(1))
    made.openings = [replace(given, entry=3) for given in made.openings]


def of_a_header(old: bytes, new: bytes) -> Break:
    """Version 1, whose header nobody signed, with another header: bytes, for there is nothing to sign anew."""

    def broken(made: Made) -> bytes:
        made.keeper = None
        return making.sealed(made.bundle()[:-78].replace(old, new, 1))

    return broken


AGAIN = DEMO.replace(b"All forms", b"Every form")
NOT_ADOPTED = DEMO.replace(b"demo.all/1", b"demo.all/2")
LOW_ORDER = render_base64(bytes([1, *31 * [0]]))
BROKEN: dict[str, tuple[str, Break]] = {
    "a role not held": ("signer-not-entitled", field(4, "role", "custodian")),
    "a key never registered": ("signer-not-entitled", field(8, "key", "ab" * 32)),
    "a key replaced before": ("signer-not-entitled", field(8, "key", OPERATOR.key)),
    "another log": ("signer-not-entitled", field(8, "log", "log.example/force-b")),
    "a schema adopted with other bytes": ("schema-not-adopted", fact("digest", "ab" * 32, 1)),
    "a schema adopted after its use": ("schema-not-adopted", adopted_late),
    "an own kind with another schema": ("schema-not-adopted", other_schema),
    "a schema that was not adopted": ("bundle-contradicts", lambda made: made.schemas.append(NOT_ADOPTED)),
    "two schemas of one version": ("schema-malformed", lambda made: made.schemas.append(AGAIN)),
    "a second opening of the log": ("keyring-broken", more(0, at="2026-03-02T09:30:00Z")),
    "a key registered twice": ("keyring-broken", more(3, at="2026-03-02T09:30:00Z")),
    "a key of low order": ("keyring-broken", more(3, facts={"public_key": LOW_ORDER, "roles": ["operator"]})),
    "a schema adopted again otherwise": ("keyring-broken", more(1, facts={
        "kind": "demo.all", "version": 1, "digest": "ab" * 32})),
    "a role withdrawn that was not held": ("keyring-broken", more(9, at="2026-03-02T09:30:00Z")),
    "a takeover that the new key did not sign": ("keyring-broken", fact("possession", render_base64(bytes(64)), 7)),
    "about another deployment": ("bundle-contradicts", field(8, "subject", "force-a/d-2")),
    "a number off its steps": ("leak-refused", fact("count", 7)),
    "a number beyond its bounds": ("facts-malformed", fact("count", 1005)),
    "not its constant": ("facts-malformed", fact("only", False)),
    "a day that never was": ("facts-malformed", fact("date", "2026-02-30")),
    "no word of the list": ("facts-malformed", fact("word", "three")),
    "too long": ("facts-malformed", fact("title", "x " * 30 + "x")),
    "a postcode": ("leak-refused", fact("title", "SW1A 1AA")),
    "a telephone number": ("leak-refused", fact("title", "07700 900123")),
    "encoded data": ("leak-refused", fact("token", "a" * 41)),
    "the beginning of an image": ("leak-refused", fact("reference", "iVBORw0KGgoAAAANSUhEUg")),
    "too many items": ("leak-refused", fact("hours", [1] * 25)),
    "numbers in a list of texts": ("leak-refused", fact("names", ["1"] * 9)),
    "a field of no schema": ("facts-malformed", fact("more", 1)),
    "a field missing": ("facts-malformed", lambda made: made.entries[4]["facts"].pop("count")),
    "a label of no schema": ("facts-malformed", not_its_label),
    "one value in place of a set": ("facts-malformed", sealed_otherwise),
    "not its supplier": ("facts-malformed", field(4, "supplied_by", "engine")),
    "not a role of its kind": ("facts-malformed", lambda made: made.entries[4].update(
        {"role": "registrar", "key": REGISTRAR.key})),
    "an opening of no commitment": ("bundle-contradicts", opening(0, entry=8)),
    "an item of one value": ("opening-fails", opening(0, position=1)),
    "another content": ("opening-fails", opening(1, content=b"other")),
    "another version": ("opening-fails", opening(1, version=2)),
    "a short opening": ("opening-fails", opening(0, opening=bytes(31))),
    "openings in another order": ("bundle-contradicts", lambda made: made.openings.reverse()),
    "an opening twice": ("bundle-contradicts", lambda made: made.openings.insert(0, made.openings[0])),
    "a header by a replaced key": ("signer-not-entitled", lambda made: setattr(made, "keeper", OPERATOR)),
    "a header by no custodian": ("signer-not-entitled", lambda made: setattr(made, "keeper", NEXT)),
    "a header of another size": ("bundle-malformed", of_a_header(b'"size":10', b'"size":11')),
    "a header of another log": ("bundle-malformed", of_a_header(b'"log":"log.', b'"log":"lag.')),
    "no quorum": ("quorum-not-met", lambda made: setattr(made, "cosigned", False)),
    "the first entry left out": ("signer-not-entitled", lambda made: setattr(made, "left_out", frozenset({0}))),
}  # fmt: skip


@pytest.mark.slow
def test_every_rule_broken_by_itself_is_refused_by_both(scripts: Any) -> None:
    policy, cases = making.POLICY.format("outside").encode(), []
    for name, (code, broken) in BROKEN.items():
        made = making.whole()
        other = broken(made)
        cases.append((other if isinstance(other, bytes) else made.bundle(), policy))
        with pytest.raises(CountersignError) as caught:
            verify_bytes(cases[-1][0], Policy.parse(policy), None, silent)
        assert caught.value.code == code, (name, caught.value)
    for name, said in zip(BROKEN, making.judged(scripts, cases), strict=True):
        assert "refused" in said, (name, said)
