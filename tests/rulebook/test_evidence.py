"""No check reads a path its duty does not name; every named path exists; less evidence never betters a finding."""

from __future__ import annotations

import datetime
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rulebook.cases import CASES, CONTRADICTED, NONE_OF, add, both, parameter, put
from tests.rulebook.good import AS_AT, RAW, Change, view
from tests.rulebook.test_attested import attested

from countersign.deployments.view import View, check_path
from countersign.rulebook.catalogue import DUTIES, duty
from countersign.rulebook.conditions.declare import CHECKS
from countersign.rulebook.conditions.look import Look, PathNotDeclared
from countersign.rulebook.conditions.results import rank
from countersign.rulebook.duties import answer, evaluate

AT = datetime.datetime.fromisoformat(AS_AT)
ALERTS = "hour.sealed.alerts[]"
NOUNS = sorted(RAW)


def views_for(identifier: str) -> list[View]:
    found = [view(), view(*[add(noun) for noun in sorted(NONE_OF)]), view(attested(identifier))]
    if identifier in CASES:
        found += [view(change) for change, _ in CASES[identifier].edge] + [view(CASES[identifier].wrong)]
    return found + [
        view(without=[noun]) for noun in NOUNS if any(p.startswith(noun) for p in duty(identifier).evidence)
    ]


@pytest.mark.parametrize("identifier", sorted(DUTIES))
def test_a_check_reads_no_other_path_than_it_names(identifier: str) -> None:
    named = set(duty(identifier).evidence)
    heads = {path.partition(".")[0] for path in named} | (
        {ALERTS} if any(p.startswith(ALERTS) for p in named) else set()
    )
    read: set[str] = set()
    for one in views_for(identifier):
        answer(duty(identifier), one.recording(read.add), as_at=AT)
    assert read - heads <= named


@pytest.mark.parametrize("identifier", sorted(DUTIES))
def test_every_path_named_is_in_the_vocabulary(identifier: str) -> None:
    assert duty(identifier).evidence
    for path in duty(identifier).evidence:
        check_path(path)


def test_no_duty_reads_a_field_in_which_its_author_states_the_conclusion() -> None:
    conclusions = {
        "ropa.retention_followed", "post_search.authorised_in_time", "deployment_review.objective_met",
        "deployment_review.necessary_in_hindsight", "protest_check.no_entry_rests_on_protest",
        "list_statement.lawful_protest_none", "eu_notification.sensitive_data_left_out",
        "independent_review.conclusion",
    }  # fmt: skip
    for path in conclusions:
        check_path(path)
    assert not [one.id for one in DUTIES.values() if conclusions & set(one.evidence)]


def test_every_duty_has_its_check_or_its_questions() -> None:
    for one in DUTIES.values():
        assert one.kind != "machine" or one.id in CHECKS, one.id
        assert one.kind != "attested" or (one.role and one.questions), one.id
        assert one.kind != "judged" or (one.question.endswith("?") and one.binds), one.id


def test_a_look_refuses_what_was_not_named() -> None:
    look = Look(view(), frozenset({"policy.published_at"}), AT)
    with pytest.raises(PathNotDeclared):
        look.lines("dpia")
    with pytest.raises(PathNotDeclared):
        look.current("policy")[0]("digest")
    hours = Look(view(), frozenset({"hour.alerts"}), AT)
    with pytest.raises(PathNotDeclared):
        hours.alerts().these[0]("engagement")


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(st.sets(st.sampled_from(NOUNS), max_size=30), st.sampled_from(["force", "outside"]), st.booleans())
def test_less_evidence_never_betters_a_finding_of_a_record_borne_out(gone: set[str], by: str, public: bool) -> None:
    full = evaluate(view(supplied_by=by), profile="england-and-wales", as_at=AT)
    less = evaluate(view(supplied_by=by, without=gone, only_public=public), profile="england-and-wales", as_at=AT)
    for before, after in zip(full, less, strict=True):
        assert rank(after.outcome) <= rank(before.outcome), (after.duty.id, sorted(gone))


#: Where a contradicted finding betters when one kind of entry is left out; docs/formats/rulebook.md says so too.
#: An entry that only tells against, and that nothing else on the record counts: a change while live, a resumption, what
#: an observer saw. And one of two accounts of the same thing: the notice beside the authority.
BETTERED = {
    ("uk.auth.scope-bound", "change"),
    ("uk.wl.ao-approval", "change"),
    ("uk.live.suspend", "resumed"),
    ("uk.open.signage", "observer_signs"),
    ("uk.plan.overt-only", "observer_signs"),
    ("uk.plan.time-footprint", "notice"),
}


def bettered(identifier: str) -> set[tuple[str, str]]:
    """Kinds that, left out whole, better a finding of this duty that is contradicted, in any way the cases know."""
    named = sorted({path.partition(".")[0] for path in duty(identifier).evidence})
    found = set()
    for change in contradictions(identifier):
        if answer(duty(identifier), view(change), as_at=AT).holds:
            continue
        found |= {gone for gone in named if answer(duty(identifier), view(change, without=[gone]), as_at=AT).holds}
    return {(identifier, gone) for gone in found}


def contradictions(identifier: str) -> list[Change]:
    if identifier in CONTRADICTED:
        return [both(attested(identifier), CONTRADICTED[identifier])]
    case = CASES[identifier]
    return [case.wrong, *(change for change, outcome in case.edge if outcome == "not met")]


@pytest.mark.parametrize("identifier", sorted({*CASES, *CONTRADICTED}))
def test_leaving_out_a_kind_betters_a_contradicted_finding_only_where_it_is_said(identifier: str) -> None:
    assert bettered(identifier) == {one for one in BETTERED if one[0] == identifier}


def test_a_policy_stricter_than_what_stands_without_it_can_be_left_out_to_advantage() -> None:
    """The other thing that is said: without the policy on the record a duty is held to the catalogue's own figure."""
    strict = both(parameter("list-age-hours", "1"), put("manifest", built_at="2026-03-01T08:59:59Z"))
    identifier = "uk.wl.built-within-24h"
    assert answer(duty(identifier), view(strict), as_at=AT).outcome == "not met"
    assert answer(duty(identifier), view(strict, without=["policy"]), as_at=AT).outcome == "stated"


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 2**32 - 1))
def test_entries_left_out_one_by_one_never_better_a_record_borne_out(seed: int) -> None:
    entries = list(view().entries())
    random.Random(seed).shuffle(entries)
    gone: list[int] = []
    ranks = {result.duty.id: rank(result.outcome) for result in evaluate(view(), profile="eu", as_at=AT)}
    for entry in entries[:12]:
        gone.append(entry)
        for result in evaluate(view().without(gone), profile="eu", as_at=AT):
            assert rank(result.outcome) <= ranks[result.duty.id], (result.duty.id, gone)
            ranks[result.duty.id] = rank(result.outcome)


def test_the_order_in_which_kinds_are_held_changes_nothing() -> None:
    first = view()
    nouns = list(first._statements)
    random.Random(5).shuffle(nouns)
    turned = View(first.subject, {noun: first._statements[noun] for noun in nouns})
    assert evaluate(turned, profile="eu", as_at=AT) == evaluate(first, profile="eu", as_at=AT)
