"""Corrections: what stands after each, what refuses them, and that both values and both times stay to be seen."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from tests.making import histories as made
from tests.making.histories import END, FORCE, KEYS, START, SUBJECT, History

from countersign.deployments.corrections import (
    LONGEST_CHAIN,
    REASONS,
    SUPERSEDE,
    WITHDRAW,
    Corrections,
    changed,
    corrections_in,
    standing,
)
from countersign.deployments.fold import fold, outstanding
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.lifecycle import Phase
from countersign.deployments.view import View
from countersign.record.entries.entry import Draft, sign_entry
from countersign.register.catching_up import catch_up, corrections_of

NEXT_DAY = "2026-03-03T09:00:00Z"
HOUR: dict[str, Any] = {"hour": "2026-03-02T14Z", "faces": 3094, "alerts": 0}


def append(
    history: History, kind: str, facts: dict[str, Any], role: str, at: str = NEXT_DAY, *, subject: str = SUBJECT,
    supplied_by: str = "force", key: str | None = None,
) -> int:  # fmt: skip
    """An entry put into the log without any command, and the log folded again."""
    draft = Draft(kind, 1, made.ORIGIN, subject, at, role, supplied_by, facts)
    history.entries.append((len(history.entries), sign_entry(draft, KEYS[key or role])))
    history.state = fold(FORCE, history.entries)
    return len(history.entries) - 1


def supersede(history: History, target: int, kind: str, facts: dict[str, Any], role: str, **more: Any) -> int:
    by = append(history, kind, facts, role, **more)
    return append(history, SUPERSEDE, {"entry": target, "by": by, "reason": "counted-again"}, role, **more)


def withdraw(history: History, target: int, role: str, **more: Any) -> int:
    return append(history, WITHDRAW, {"entry": target, "reason": "entered-twice"}, role, **more)


def live(faces: int = 3094) -> tuple[History, int]:
    history = History().upto("open")
    return history, append(history, "live.hour", HOUR | {"faces": faces}, "operator", START)


def faces(history: History, as_at: str | None = None) -> list[int]:
    return [one.one("faces") for one in View.of(history.entries, SUBJECT, as_at=as_at).statements("hour")]


def fault(history: History) -> str:
    """The reason for which the last correction moves nothing; it is shown as out of order with the same words."""
    last = corrections_in(history.entries).made[-1]
    assert last.fault is not None
    state = history.state
    shown = (*state.irregularities, *(bad for one in state.deployments.values() for bad in one.irregularities))
    assert [one.sentence for one in shown if one.entry == last.entry] == [last.fault]
    return last.fault


def test_an_hour_set_right_counts_once_by_its_later_value_and_both_stay() -> None:
    history, hour = live()
    correction = supersede(history, hour, "live.hour", HOUR | {"faces": 11754}, "operator")
    assert (history.deployment.faces, history.deployment.hours) == (11754, 1)
    assert not history.deployment.irregularities
    assert (faces(history), faces(history, END)) == ([11754], [3094])
    [statement] = View.of(history.entries, SUBJECT).statements("hour")
    assert (statement.entry, statement.at, statement.corrects) == (correction - 1, NEXT_DAY, hour)
    found = corrections_in(history.entries)
    [change] = changed(found.made[0], dict(history.entries).__getitem__)
    assert change == ("faces", 3094, 11754)
    assert found.stands(found.made[0])


def test_a_correction_after_publication_leaves_what_was_published_as_it_was() -> None:
    history = History().upto("open")
    hour = append(history, "live.hour", HOUR, "operator", START)
    for name in ("close", "delete", "review", "publish"):
        made._DO[name](history)
    supersede(history, hour, "live.hour", HOUR | {"faces": 11754}, "operator", at="2026-03-06T09:00:00Z")
    view = View.of(history.entries, SUBJECT)
    results = view.last("results")
    assert results is not None
    assert (faces(history), results.one("faces"), history.deployment.faces) == ([11754], 5000, 11754)
    assert not history.deployment.irregularities


def test_a_proposal_is_amended_before_its_authority_and_by_no_one_afterwards() -> None:
    history = History().upto("assess")
    [proposal] = [index for index, entry in history.entries if entry.draft.kind == "plan.proposal"]
    wrong = made.proposal() | {"units": 2}
    supersede(history, proposal, "plan.proposal", wrong, "applicant", at="2026-02-22T09:00:00Z", key="commander")
    assert history.deployment.phase is Phase.ASSESSED
    assert not history.deployment.irregularities
    # Whoever wrote the first version still wrote it, and may not decide.
    assert {KEYS["applicant"].key, KEYS["commander"].key} <= history.deployment.authors
    made._authorise(history)
    supersede(history, proposal, "plan.proposal", made.proposal() | {"units": 3}, "applicant")
    assert "was decided on in entry" in fault(history)
    proposed = View.of(history.entries, SUBJECT).last("proposal")
    assert proposed is not None
    # The amendment that was refused is a proposal of its own, and out of order.
    assert [one.code for one in history.deployment.irregularities] == ["step-out-of-order", "correction-refused"]


#: What is done to the hour of 1 face (S: superseded by so many faces; W: withdrawn; a letter: that correction), and
#: the faces that stand; a last step that is refused says why.
CHAINS: dict[str, tuple[list[tuple[str, str, int]], list[int], str]] = {
    "again": ([("a", "S", 2), ("b", "S", 3)], [3], ""),
    "withdrawn correction": ([("a", "S", 2), ("b", "W a", 0)], [1], ""),
    "the last of two withdrawn": ([("a", "S", 2), ("b", "S", 3), ("c", "W b", 0)], [2], ""),
    "the first of two withdrawn": ([("a", "S", 2), ("b", "S", 3), ("c", "W a", 0)], [3], ""),
    "withdrawn": ([("a", "W", 0)], [], ""),
    "withdrawn though corrected": ([("a", "S", 2), ("b", "W", 0)], [], ""),
    "withdrawal undone": ([("a", "S", 2), ("b", "W", 0), ("c", "W b", 0)], [2], ""),
    "withdrawal of a correction undone": ([("a", "S", 2), ("b", "W a", 0), ("c", "W b", 0)], [2], ""),
    "undone, and that undone": ([("a", "S", 2), ("b", "W a", 0), ("c", "W b", 0), ("d", "W c", 0)], [1], ""),
    "twice withdrawn": ([("a", "W", 0), ("b", "W", 0)], [], "is withdrawn by entry"),
    "corrected when withdrawn": ([("a", "W", 0), ("b", "S", 2)], [2], "is withdrawn by entry"),
    "correction superseded": ([("a", "S", 2), ("b", "S a", 3)], [2, 3], "is a correction: withdraw it"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHAINS)
def test_corrections_of_corrections(name: str) -> None:
    steps, left, refused = CHAINS[name]
    history, hour = live(1)
    places: dict[str, int] = {"": hour}
    for letter, what, number in steps:
        target = places[what[2:]]
        facts = HOUR | {"faces": number}
        places[letter] = (
            withdraw(history, target, "operator")
            if what[0] == "W"
            else supersede(history, target, "live.hour", facts, "operator")
        )
    assert faces(history) == left
    assert history.deployment.faces == sum(left)
    if refused:
        assert refused in fault(history)


def test_a_chain_of_withdrawals_has_an_end() -> None:
    history, hour = live()
    last = hour
    for _ in range(LONGEST_CHAIN):
        last = withdraw(history, last, "operator")
        assert corrections_in(history.entries).made[-1].fault is None
    withdraw(history, last, "operator")
    assert f"the last of {LONGEST_CHAIN} corrections" in fault(history)


def of_kind(history: History, kind: str) -> int:
    return next(index for index, entry in history.entries if entry.draft.kind == kind)


@pytest.mark.parametrize(
    "kind",
    ["programme.policy", "authorise.authority", "authorise.manifest", "authorise.approval", "live.opened"],
)
def test_decisions_are_made_anew(kind: str) -> None:
    history, _ = live()
    subject = FORCE if kind == "programme.policy" else SUBJECT
    before = fold(FORCE, history.entries)
    withdraw(history, of_kind(history, kind), dict(history.entries)[of_kind(history, kind)].draft.role, subject=subject)
    assert "a new one is entered" in fault(history)
    assert history.state.deployment(SUBJECT).phase is before.deployment(SUBJECT).phase


def test_what_a_correction_may_not_name() -> None:
    history, hour = live()
    history.do("close.cancellation", {
        "closed_at": END, "reason": "end-of-window", "faces": 1, "alerts": 0, "engagements": 0, "incidents": 0,
    }, "commander", END)  # fmt: skip
    withdraw(history, of_kind(history, "close.cancellation"), "commander")
    assert "can be superseded" in fault(history)
    withdraw(history, 900, "operator")
    assert fault(history) == "entry 900 does not come before it"
    withdraw(history, len(history.entries), "operator")
    assert "does not come before it" in fault(history)
    withdraw(history, hour, "operator", subject="force-a/d-2")
    assert fault(history) == f"entry {hour} is about force-a/d-1, not about force-a/d-2"
    withdraw(history, hour, "press-officer")
    assert "press-officer may not sign live.hour" in fault(history)
    withdraw(history, hour, "operator", supplied_by="engine")
    assert "comes from engine, and what it corrects from force" in fault(history)
    later = append(history, "live.hour", HOUR, "operator")
    append(history, "live.hour", HOUR | {"hour": "2026-03-02T15Z"}, "operator")
    append(history, SUPERSEDE, {"entry": hour, "by": later, "reason": "misread"}, "operator")
    assert fault(history) == f"entry {later} is not the one directly before it"
    supersede(history, hour, "observer.sighting", {
        "place": "High Street", "first": "2026-03-02T14Z", "last": "2026-03-02T15Z", "units": 1,
    }, "operator")  # fmt: skip
    assert "is not of the same kind" in fault(history)
    by = append(history, "live.hour", HOUR | {"faces": 9}, "operator", key="commander")
    append(history, SUPERSEDE, {"entry": hour, "by": by, "reason": "misread"}, "operator")
    assert "signed in the same way" in fault(history)
    only = [(index, entry) for index, entry in history.entries if index not in (hour, by)]
    assert corrections_in(only).made[-1].fault == f"entry {hour} is not among the entries about force-a/d-1"


def test_what_stands_instead_is_corrected_through_the_first() -> None:
    history, hour = live()
    correction = supersede(history, hour, "live.hour", HOUR | {"faces": 2}, "operator")
    supersede(history, correction - 1, "live.hour", HOUR | {"faces": 3}, "operator")
    assert f"entry {correction - 1} stands instead of entry {hour}" in fault(history)


def test_what_someone_outside_supplied_is_corrected_by_their_own_key_alone() -> None:
    history, _ = live()
    seen = {"place": "High Street", "first": "2026-03-02T14Z", "last": "2026-03-02T15Z", "units": 1}
    index = append(history, "observer.sighting", seen, "observer", START, supplied_by="observer")
    withdraw(history, index, "observer", supplied_by="observer", key="press-officer")
    assert "by the key that signed it" in fault(history)
    withdraw(history, index, "observer", supplied_by="observer")
    assert View.of(history.entries, SUBJECT).statements("observer_sighting") == ()


def test_a_finding_withdrawn_by_its_reviewer_bars_no_more() -> None:
    history = History().upto("assess")
    finding = {
        "finding": "f-1", "duty": "uk.bridges.who", "result": "not-met", "report": made.digest("r"),
        "answer_due": "2026-02-22",
    }  # fmt: skip
    about: dict[str, Any] = {"subject": FORCE, "supplied_by": "outside", "at": "2026-02-22T00:00:00Z"}
    index = append(history, "review.finding", finding, "reviewer", **about)
    assert history.state.unanswered()
    withdraw(history, index, "reviewer", **about)
    assert not history.state.unanswered()


def test_a_wrong_statement_on_deleting_is_owed_again() -> None:
    history = History().upto("delete")
    assert outstanding(history.deployment) == ()
    index = next(i for i, entry in history.entries if entry.draft.facts.get("class") == "cctv")
    withdraw(history, index, "engineer")
    assert outstanding(history.deployment) == ("cctv",)


def test_an_entry_of_a_clock_that_ran_ahead_can_be_taken_back() -> None:
    history, _ = live()
    facts = {"since": START, "operators": 2, "engagement_officers": 4, "explaining": 2}
    ahead = append(history, "live.staffing", facts, "commander", "2099-01-01T00:00:00Z")
    assert history.deployment.clock == "2099-01-01T00:00:00Z"
    withdraw(history, ahead, "commander", at=END)
    assert history.deployment.clock == START
    append(history, "live.staffing", facts, "commander", END)
    assert not history.deployment.irregularities


def test_the_reasons_are_those_of_both_schemas() -> None:
    for kind in (SUPERSEDE, WITHDRAW):
        assert tuple(json.loads(SCHEMAS.latest(kind).text)["properties"]["reason"]["enum"]) == REASONS


def model(found: Corrections) -> dict[int, int | None]:
    """What stands for each entry named, worked out from the end of the log backwards."""
    gone: set[int] = set()
    stands: dict[int, int | None] = {}
    for correction in reversed([one for one in found.made if one.fault is None]):
        if correction.entry in gone:
            continue
        if correction.by is None:
            gone.add(correction.target)
        else:
            stands.setdefault(correction.target, correction.by)
    return {target: None if target in gone else by for target, by in stands.items()}


@pytest.mark.parametrize("seed", range(8))
def test_any_corrections_come_to_what_a_plain_model_says_however_the_log_is_read(seed: int) -> None:
    chance, (history, hour) = random.Random(seed), live()
    first = len(history.entries)
    for number in range(14):
        target = chance.choice([hour, *range(first, len(history.entries))])
        if chance.random() < 0.5:
            supersede(history, target, "live.hour", HOUR | {"faces": number}, "operator")
        else:
            withdraw(history, target, "operator")
    found = corrections_in(history.entries)
    for target, by in model(found).items():
        assert found.instead.get(target, (None,))[0] == by
    lines = [entry.render() for _, entry in history.entries]
    cut = chance.randrange(len(lines))

    def read(start: int, stop: int) -> list[bytes]:
        return lines[start:stop]

    def no_repeats(_start: int, _lines: object) -> tuple[int, ...]:
        return ()

    _, kept = catch_up(None, FORCE, cut, read, no_repeats)
    state, _ = catch_up(kept, FORCE, len(lines), read, no_repeats)
    assert state == fold(FORCE, history.entries) == history.state
    assert corrections_of(len(lines), read, no_repeats).silent == found.silent
    spoken: list[Any] = [
        entry.draft.facts["faces"] for _, entry in standing(history.entries) if entry.draft.kind == "live.hour"
    ]
    assert spoken == faces(history)
    assert sum(spoken) == history.deployment.faces
