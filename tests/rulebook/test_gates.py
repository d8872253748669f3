"""What stands in the way of a step, what was signed for against it, findings left unanswered, and moratoria."""

from __future__ import annotations

import datetime

import pytest
from tests.rulebook.cases import add
from tests.rulebook.good import Change, view

from countersign.deployments.outside.heard import HeardMoratorium
from countersign.rulebook.catalogue import DUTIES
from countersign.rulebook.gates import GATES, GateUnknown, moratoria, standing, unanswered

BEFORE = datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.UTC)
PROFILE = "england-and-wales"
OVERT = "uk.plan.overt-only"


def test_no_gate_but_publication_waits_for_a_judge() -> None:
    for name, gate in GATES.items():
        judged = [duty.id for duty in DUTIES.values() if gate.bars(duty) and duty.kind == "judged"]
        assert bool(judged) == (name == "publish"), (name, judged)


def test_programme_duties_and_those_merely_expected_bar_nothing() -> None:
    barring = [duty for duty in DUTIES.values() for gate in GATES.values() if gate.bars(duty)]
    assert barring
    assert {(duty.scope, duty.severity) for duty in barring} == {("deployment", "mandatory")}


def test_a_duty_left_open_bars_and_one_borne_out_does_not() -> None:
    here = standing(view(), "open", profile=PROFILE, at=BEFORE)
    assert OVERT not in here.unmet
    without = standing(view(without=["notice"]), "open", profile=PROFILE, at=BEFORE)
    assert OVERT in without.unmet
    assert not without.open


@pytest.mark.parametrize(("expires", "barred"), [("2026-03-01T10:00:01Z", False), ("2026-03-01T10:00:00Z", True)])
def test_an_override_lets_pass_until_it_runs_out_and_is_counted(expires: str, barred: bool) -> None:
    signed = add("override", gate="open", duties=[OVERT], expires_at=expires)
    here = standing(view(signed, without=["notice"]), "open", profile=PROFILE, at=BEFORE)
    assert (OVERT in here.unmet) is barred
    assert [one.result.duty.id for one in here.overridden] == ([] if barred else [OVERT])
    assert here.overrides == 1


def test_an_override_of_another_gate_or_duty_helps_nothing() -> None:
    for values in ({"gate": "publish", "duties": [OVERT]}, {"gate": "open", "duties": ["uk.plan.purpose"]}):
        here = standing(
            view(add("override", expires_at="2026-03-02T00:00:00Z", **values), without=["notice"]),
            "open", profile=PROFILE, at=BEFORE,
        )  # fmt: skip
        assert OVERT in here.unmet


def finding(due: str) -> Change:
    return add("finding", _by="outside", _role="reviewer", finding="f-1", answer_due=due)


def test_a_finding_stands_against_the_next_authority_from_the_day_after_it_was_due() -> None:
    assert unanswered(view(finding("2026-03-01")), BEFORE) == ()
    assert unanswered(view(finding("2026-02-28")), BEFORE) == ("f-1",)
    assert unanswered(view(finding("2026-02-28"), add("answer", finding="f-1")), BEFORE) == ()
    assert "f-1" in standing(view(finding("2026-02-28")), "authorise", profile=PROFILE, at=BEFORE).unmet
    assert "f-1" not in standing(view(finding("2026-02-28")), "open", profile=PROFILE, at=BEFORE).unmet


def test_a_moratorium_counts_only_by_an_outside_key_while_it_runs() -> None:
    key = frozenset({"0" * 64})
    imposed = {"_by": "outside", "starts_at": "2026-03-01T10:00:00Z", "ends_at": "2026-03-02T10:00:00Z"}
    stopped = view(add("moratorium", **imposed))
    assert len(moratoria(stopped, BEFORE, key)) == 1
    assert moratoria(stopped, BEFORE - datetime.timedelta(seconds=1), key) == ()
    assert moratoria(stopped, BEFORE + datetime.timedelta(days=1), key) == ()
    assert moratoria(stopped, BEFORE, frozenset({"1" * 64})) == ()
    assert not standing(stopped, "authorise", profile=PROFILE, at=BEFORE, outside_keys=key).open
    entry = moratoria(stopped, BEFORE, key)[0]
    lifted = view(
        add("moratorium", **imposed), add("moratorium_lifted", moratorium=entry, lifted_at="2026-03-01T10:00:00Z")
    )
    assert moratoria(lifted, BEFORE, key) == ()


def test_no_such_gate() -> None:
    with pytest.raises(GateUnknown):
        standing(view(), "enter", profile=PROFILE, at=BEFORE)


@pytest.mark.parametrize(
    ("gate", "stopped"), [("authorise", True), ("approve", True), ("open", True), ("publish", False)]
)
def test_a_moratorium_heard_from_outside_the_log_stops_the_gates_that_an_entered_one_stops(
    gate: str, stopped: bool
) -> None:
    heard = HeardMoratorium("ombudsman.example", "2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z", "OMB/2026/14")
    found = standing(view(), gate, profile=PROFILE, at=BEFORE, heard=[heard])
    assert found.heard == (("ombudsman.example",) if stopped else ())
    assert not (stopped and found.open)
    for outside in (BEFORE - datetime.timedelta(seconds=1), BEFORE + datetime.timedelta(days=1)):
        assert standing(view(), gate, profile=PROFILE, at=outside, heard=[heard]).heard == ()
