"""Retention accounts: conserved under every lawful history; every unlawful move named and without effect."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.record.entries.entry import Commitment, Draft, Entry, EntrySigner, sign_entry
from countersign.record.entries.keyring import OWN
from countersign.record.entries.retention import Account, Accounts, RetentionBroken
from countersign.record.entries.schema import Schema, Schemas

LISTED = Schema.parse(
    json.dumps(
        {
            "$id": "countersign:entry/test.listed/1", "type": "object", "additionalProperties": False, "required": [],
            "properties": {}, "x-roles": ["builder"], "x-supplied-by": ["force"],
            "x-sealed": {"list": {"class": "watchlist", "set": True}, "media": {"class": "media"}},
        }
    ).encode()
)  # fmt: skip
SCHEMAS = Schemas.of([*OWN.known.values(), LISTED])
SIGNER = EntrySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)))


def entry(kind: str, facts: dict[str, Any], at: str = "2026-03-01T09:00:00Z", **sealed: Commitment) -> Entry:
    role = "builder" if kind == "test.listed" else "custodian"
    draft = Draft(kind, 1, "log.example", "force-a/d-1", at, role, "force", facts, sealed)
    draft.check(SCHEMAS)
    return sign_entry(draft, SIGNER)


def listed(count: int, at: str = "2026-03-01T09:00:00Z") -> Entry:
    return entry("test.listed", {}, at, list=Commitment(bytes(32), count), media=Commitment(bytes(32)))


def items(index: int, *ranges: tuple[int, int], label: str = "list") -> list[dict[str, Any]]:
    return [{"entry": index, "label": label, "ranges": [{"first": a, "last": b} for a, b in ranges]}]


def erased(*named: dict[str, Any]) -> Entry:
    return entry("record.erased", {"items": list(named), "method": "secure-delete"})


def lost(*named: dict[str, Any]) -> Entry:
    return entry("record.lost", {"items": list(named), "cause": "hardware"})


def fixed(*named: dict[str, Any], tree_size: int = 0) -> Entry:
    facts = {"finding": "age", "result": "within", "check": "age.1", "tree_size": tree_size, "used": list(named)}
    return entry("record.finding-fixed", facts)


def held(*named: dict[str, Any]) -> Entry:
    facts = {
        "items": list(named),
        "reason": "complaint",
        "basis": "Police Reform Act 2002",
        "owner": "dpo",
        "review_on": "2026-06-01",
    }
    return entry("record.held", facts)


def released(hold: int) -> Entry:
    return entry("record.released", {"hold": hold})


def rule(hours: int, named: str = "watchlist") -> Entry:
    return entry("record.retention-rule", {"class": named, "hours": hours, "document": "00" * 32})


def stated(account: Account, size: int, named: str = "watchlist") -> Entry:
    return entry("record.account-stated", {"class": named, "tree_size": size, **account._asdict()})


def count(*history: Entry) -> Accounts:
    accounts = Accounts()
    for index, one in enumerate(history):
        accounts.apply(index, one, SCHEMAS)
    return accounts


def test_a_deployment_s_list_from_commitment_to_erasure() -> None:
    history = [
        rule(24), listed(100), held(*items(1, (7, 7), (40, 49))), erased(*items(1, (0, 6), (8, 39), (50, 99))),
        lost(*items(1, (0, 0), label="media")), released(2), erased(*items(1, (7, 7), (40, 49))),
    ]  # fmt: skip
    assert count(*history[:3]).of("watchlist") == Account(100, 100, 0, 0, 11)
    assert count(*history[:4]).of("watchlist") == Account(100, 11, 89, 0, 11)
    final = count(*history)
    assert final.of("watchlist") == Account(100, 0, 100, 0, 0)
    assert final.of("media") == Account(1, 0, 0, 1, 0)
    assert final.classes() == ["media", "watchlist"]
    assert list(count(*history[:3]).states(1, "list"))[:3] == [
        (0, 6, "live", False), (7, 7, "live", True), (8, 39, "live", False)
    ]  # fmt: skip


def test_what_is_past_its_time_is_overdue_unless_held_or_gone() -> None:
    accounts = count(rule(24), listed(10), erased(*items(1, (0, 3))), held(*items(1, (4, 5))))
    at = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
    assert accounts.overdue(at) == []
    [overdue] = accounts.overdue(at + datetime.timedelta(seconds=1))
    assert (overdue.entry, overdue.label, overdue.items, overdue.due) == (1, "list", 4, at)


def test_a_dropped_erasure_shows_as_overdue_and_in_the_stated_account() -> None:
    late = datetime.datetime(2026, 4, 1, tzinfo=datetime.UTC)
    honest = [rule(24), listed(10), erased(*items(1, (0, 9)))]
    statement = Account(10, 0, 10, 0, 0)
    count(*honest, stated(statement, 3))
    assert count(*honest).overdue(late) == []
    dropped = honest[:2]
    assert [one.items for one in count(*dropped).overdue(late)] == [10]
    with pytest.raises(
        RetentionBroken, match=r"10 erased, 0 lost, 0 held\) is not what the log gives \(10 committed, 10 live"
    ):
        count(*dropped, stated(statement, 2))


def test_a_finding_reads_as_found_before_erasure_once_what_it_rests_on_is_gone() -> None:
    history = [listed(10), fixed(*items(0, (2, 4))), erased(*items(0, (5, 9))), erased(*items(0, (4, 4)))]
    assert [one.reading for one in count(*history[:3]).findings()] == ["as found"]
    [finding] = count(*history).findings()
    assert (finding.entry, finding.finding, finding.result, finding.check) == (1, "age", "within", "age.1")
    assert finding.reading == "as found before erasure"


def test_periods_add_up_to_the_whole() -> None:
    accounts = count(listed(10), listed(20, "2026-04-30T23:00:00Z"), erased(*items(1, (0, 4))))
    assert accounts.months("watchlist") == ["2026-03", "2026-04"]
    months = [accounts.of("watchlist", month=month) for month in accounts.months("watchlist")]
    assert months == [Account(10, 10, 0, 0, 0), Account(20, 15, 5, 0, 0)]
    assert tuple(map(sum, zip(*months, strict=True))) == accounts.of("watchlist")


@pytest.mark.parametrize(
    ("history", "match"),
    [
        ([listed(5), erased(*items(0, (0, 4))), erased(*items(0, (2, 2)))], "are erased already"),
        ([listed(5), lost(*items(0, (0, 4))), erased(*items(0, (2, 2)))], "are lost already"),
        ([listed(5), erased(*items(3, (0, 0)))], "committed to nothing under list"),
        ([listed(5), erased(*items(0, (0, 0), label="faces"))], "committed to nothing under faces"),
        ([listed(5), erased(*items(0, (0, 5)))], r"never committed to \(it has 5\)"),
        ([listed(5), erased(*items(0, (3, 2)))], "out of order"),
        ([listed(5), erased(*items(0, (0, 2), (2, 3)))], "overlap"),
        ([listed(5), erased(*items(0, (0, 1)), *items(0, (1, 2)))], "twice"),
        ([listed(5), held(*items(0, (1, 1))), erased(*items(0, (0, 4)))], "held by entry 1"),
        ([listed(5), erased(*items(0, (0, 4))), held(*items(0, (0, 0)))], "gone and cannot be held"),
        ([listed(5), released(0)], "not a hold that still stands"),
        ([listed(5), held(*items(0, (0, 0))), released(1), released(1)], "not a hold that still stands"),
        ([listed(5), stated(Account(5, 5, 0, 0, 0), 9)], "over 9 entries, not 1"),
        ([listed(5), erased(*items(0, (0, 1))), fixed(*items(0, (1, 2)))], "no finding on them can be fixed"),
        ([listed(5), fixed(*items(0, (1, 2)), tree_size=2)], "fixes a finding over 2 entries, which are not there"),
        ([listed(5), fixed(*items(0, (1, 5)))], r"never committed to \(it has 5\)"),
    ],
)  # fmt: skip
def test_an_unlawful_move_is_named_and_changes_nothing(history: list[Entry], match: str) -> None:
    before = count(*history[:-1])
    accounts = count(*history[:-1])
    with pytest.raises(RetentionBroken, match=match):
        accounts.apply(len(history) - 1, history[-1], SCHEMAS)
    assert [accounts.of(name) for name in accounts.classes()] == [before.of(name) for name in before.classes()]
    accounts.add(len(history) - 1, history[-1], SCHEMAS)
    assert [index for index, _ in accounts.violations] == [len(history) - 1]


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_random_histories_agree_with_a_model_item_by_item(data: st.DataObject) -> None:
    """The model keeps a state for every single item; the fold keeps runs. Both accept and refuse the same moves."""
    sizes = data.draw(st.lists(st.integers(1, 12), min_size=1, max_size=3))
    accounts = Accounts()
    model: dict[tuple[int, int], tuple[str, frozenset[int]]] = {}
    holds: dict[int, list[tuple[int, int]]] = {}
    findings: dict[int, list[tuple[int, int]]] = {}
    for index, size in enumerate(sizes):
        accounts.apply(index, listed(size), SCHEMAS)
        model |= {(index, item): ("live", frozenset()) for item in range(size)}
    for index in range(len(sizes), len(sizes) + data.draw(st.integers(0, 12))):
        act = data.draw(st.sampled_from(["erased", "lost", "held", "released", "stated", "fixed"]))
        if act == "stated":
            fates = [state for state, _ in model.values()]
            truth = Account(
                len(model), fates.count("live"), fates.count("erased"), fates.count("lost"),
                sum(bool(on) for _, on in model.values()),
            )  # fmt: skip
            lawful = data.draw(st.booleans())
            step = stated(truth if lawful else truth._replace(erased=truth.erased + 1), index)
        elif act == "released":
            hold = data.draw(st.integers(len(sizes), index))
            lawful, step = hold in holds, released(hold)
        else:
            target = data.draw(st.integers(0, len(sizes)))
            first = data.draw(st.integers(0, 12))
            last = data.draw(st.integers(first, 12))
            chosen = [(target, item) for item in range(first, last + 1)]
            lawful = all(one in model and model[one][0] == "live" for one in chosen)
            lawful = lawful and not (act == "erased" and any(model[one][1] for one in chosen))
            step = {"erased": erased, "lost": lost, "held": held, "fixed": fixed}[act](*items(target, (first, last)))
        if not lawful:
            with pytest.raises(RetentionBroken):
                accounts.apply(index, step, SCHEMAS)
        else:
            accounts.apply(index, step, SCHEMAS)
            if act == "released":
                for one in holds.pop(hold):
                    model[one] = (model[one][0], model[one][1] - {hold})
            elif act == "held":
                holds[index] = chosen
                for one in chosen:
                    model[one] = ("live", model[one][1] | {index})
            elif act == "fixed":
                findings[index] = chosen
            elif act in ("erased", "lost"):
                for one in chosen:
                    model[one] = (act, frozenset())
        states = [state for state, _ in model.values()]
        account = accounts.of("watchlist")
        assert account.committed == account.live + account.erased + account.lost == len(model)
        assert account[1:] == (
            states.count("live"), states.count("erased"), states.count("lost"),
            sum(bool(on) for _, on in model.values()),
        )  # fmt: skip
        assert {one.entry: one.gone for one in accounts.findings()} == {
            place: any(model[one][0] != "live" for one in on) for place, on in findings.items()
        }
