"""Attested duties: the role, the questions, and answers that say nothing; texts much alike are shown beside each
other."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.rulebook.cases import CONTRADICTED, engagement
from tests.rulebook.good import AS_AT, Change, Facts, Sealed, digest, distinct, view

from countersign.deployments.view import AsFound
from countersign.rulebook.catalogue import DUTIES, duty
from countersign.rulebook.conditions.results import Result
from countersign.rulebook.duties import answer
from countersign.rulebook.signed import DIFFERS, alike, answer_digest, emptiness, likeness

AT = datetime.datetime.fromisoformat(AS_AT)
ATTESTED = sorted(one.id for one in DUTIES.values() if one.kind == "attested")
PURPOSE = "uk.plan.purpose"


def attested(identifier: str, *, role: str = "", texts: dict[str, str] | None = None, shown: bool = True) -> Change:
    """A statement of a duty with an answer to each of its questions."""
    one = duty(identifier)
    answers = texts or {question.id: distinct(f"answer on {question.id}") for question in one.questions}

    def change(facts: Facts, sealed: Sealed) -> None:
        facts.setdefault("attestation", []).append({
            "duty": identifier, "_role": role or one.role or "recorder",
            "answers": [{"question": key, "digest": digest(text), "characters": len(text)} for key,
            text in answers.items()],
        })  # fmt: skip
        if shown:
            made = {"answers": [{"question": key, "text": text} for key, text in answers.items()]}
            sealed.setdefault(("attestation", "answers"), []).append([made])

    return change


@pytest.mark.parametrize("identifier", ATTESTED)
def test_answered_by_its_role_it_is_stated_and_left_out_not_shown(identifier: str) -> None:
    full = answer(duty(identifier), view(attested(identifier)), as_at=AT)
    assert full.outcome == "stated", full.because
    assert full.asked == ()
    bare = answer(duty(identifier), view(without=["attestation", "assessment", "authority"]), as_at=AT)
    assert bare.outcome == "not shown"
    assert bare.asked == tuple(question.text for question in duty(identifier).questions)


@pytest.mark.parametrize("identifier", ATTESTED)
def test_attested_from_outside_it_is_met(identifier: str) -> None:
    change = attested(identifier, role=duty(identifier).role)
    assert answer(duty(identifier), view(change, supplied_by="outside", role="reviewer"), as_at=AT).outcome == "met"


def test_signed_in_another_role_it_is_not_shown() -> None:
    result = answer(duty(PURPOSE), view(attested(PURPOSE, role="engineer")), as_at=AT)
    assert result.outcome == "not shown"
    assert "signed as engineer, not as applicant" in result.because


def test_a_text_not_given_to_the_reader_is_not_shown() -> None:
    result = answer(duty(PURPOSE), view(attested(PURPOSE, shown=False)), as_at=AT)
    assert (result.outcome, "not open to this reader" in result.because) == ("not shown", True)


def spoil(change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Change:
    """Alters the last attestation, by its public facts and what lies under its seal."""
    return lambda facts, sealed: change(facts["attestation"][-1], sealed["attestation", "answers"][-1][0])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda public, _: public["answers"][0].update(digest="0" * 64), "not those of its digests"),
        (lambda public, _: public["answers"][0].update(characters=1), "not those of its digests"),
        (lambda public, _: public["answers"].pop(), "not those of its digests"),
        (lambda public, _: public["answers"].append(dict(public["answers"][0])), "not those of its digests"),
        (lambda _, under: under["answers"][0].update(text=distinct("another")), "not those of its digests"),
        (lambda _, under: under["answers"].pop(), "not those of its digests"),
        (
            lambda public, under: [one["answers"][0].update(question="harm") for one in (public, under)],
            "answers what the duty does not ask (harm)",
        ),
    ],
)
def test_no_digest_lifts_a_duty_unless_the_answers_are_there_and_its_own(
    change: Callable[[dict[str, Any], dict[str, Any]], None], why: str
) -> None:
    result = answer(duty(PURPOSE), view(attested(PURPOSE), spoil(change)), as_at=AT)
    assert (result.outcome, why in result.because) == ("not shown", True), result.because
    assert result.asked


def test_answers_with_a_nonce_are_held_to_their_digests_with_it() -> None:
    nonce = "5e" * 32

    def with_nonce(public: dict[str, Any], under: dict[str, Any]) -> None:
        under["nonce"] = nonce
        for item in public["answers"]:
            text = next(given["text"] for given in under["answers"] if given["question"] == item["question"])
            item["digest"] = answer_digest(item["question"], text, nonce)

    assert answer(duty(PURPOSE), view(attested(PURPOSE), spoil(with_nonce)), as_at=AT).outcome == "stated"
    plain = answer(duty(PURPOSE), view(attested(PURPOSE), spoil(lambda _, under: under.update(nonce=nonce))), as_at=AT)
    assert (plain.outcome, "not those of its digests" in plain.because) == ("not shown", True)


@pytest.mark.parametrize(
    ("result", "finding", "outcome"),
    [
        ("stated", PURPOSE, "stated"),
        ("met", PURPOSE, "stated"),
        ("not-met", PURPOSE, "not met"),
        ("yes", PURPOSE, "not shown"),
        ("stated", "uk.plan.alternatives", "not shown"),
    ],
)
def test_what_was_fixed_before_a_lawful_erasure_reads_as_found(result: str, finding: str, outcome: str) -> None:
    seen = view(attested(PURPOSE, shown=False))
    [signed] = seen.statements("attestation")
    fixed = replace(signed, as_found={("answers", finding): AsFound(90, result, "force")})
    after = replace(seen, _statements={**seen._statements, "attestation": (fixed,)})
    found = answer(duty(PURPOSE), after, as_at=AT)
    assert found.outcome == outcome
    assert ("as found before erasure" in found.because) is (finding == PURPOSE)


TWO = "uk.live.two-stage"


@pytest.mark.parametrize(
    ("result", "by", "left", "outcome"),
    [
        ("met", "outside", 0, "met"),
        ("met", "force", 0, "stated"),
        ("not-met", "force", 0, "not met"),
        ("yes", "outside", 0, "not shown"),
        ("met", "outside", 1, "not shown"),
    ],
)
def test_a_duty_on_erased_alerts_reads_as_found_by_who_fixed_it_and_only_where_every_hour_was(
    result: str, by: str, left: int, outcome: str
) -> None:
    seen = view()
    hours = [replace(hour, _opened={}, supplied_by="engine") for hour in seen.statements("hour") * 2]
    assert answer(duty(TWO), replace(seen, _statements={**seen._statements, "hour": tuple(hours)}), as_at=AT).sealed
    fixed = {("alerts", TWO): AsFound(90, result, by)}
    hours = [replace(hour, as_found=fixed) for hour in hours[left:]] + hours[:left]
    after = replace(seen, _statements={**seen._statements, "hour": tuple(hours)})
    found = answer(duty(TWO), after, as_at=AT)
    assert found.outcome == outcome
    assert ("as found before erasure" in found.because) is (outcome != "not shown")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it is not there"),
        ("To find wanted people.", "too short"),
        ("I have considered that it is strictly necessary, proportionate and lawful in all the circumstances.",
        "only the conclusion"),
        ("What is this deployment to achieve, here and on this day?", "copied"),
        (distinct("intelligence"), "copied"),
    ],
)  # fmt: skip
def test_an_answer_that_says_nothing_is_empty(text: str, why: str) -> None:
    texts = {"objective": text, "intelligence": distinct("intelligence")}
    result = answer(duty(PURPOSE), view(attested(PURPOSE, texts=texts)), as_at=AT)
    assert result.outcome == "not shown"
    assert why in result.because
    assert duty(PURPOSE).questions[0].text in result.asked


def test_facts_contradict_a_statement_however_well_it_is_written() -> None:
    def consent(facts: Facts, sealed: Sealed) -> None:
        facts["legal_mandate"][0]["basis"] = "consent"

    result = answer(duty("uk.dpa.lawful-basis"), view(attested("uk.dpa.lawful-basis"), consent), as_at=AT)
    assert (result.outcome, result.because) == ("not met", "it rests on consent of the public")


@pytest.mark.parametrize("identifier", sorted(CONTRADICTED))
def test_each_duty_that_facts_can_contradict_is_contradicted(identifier: str) -> None:
    result = answer(duty(identifier), view(attested(identifier), CONTRADICTED[identifier]), as_at=AT)
    assert result.outcome == "not met", result.because
    assert result.entries


def test_an_answer_of_substance_is_not_empty() -> None:
    said = (
        "Robberies on this street doubled since January and three of the five people charged were arrested within it."
    )
    assert emptiness(said) is None


def test_texts_much_alike_are_shown_with_the_question_what_differs() -> None:
    old = {"d-1": {"objective": distinct("a"), "intelligence": distinct("b")}}
    found = alike({"objective": distinct("a"), "intelligence": distinct("c")}, old)
    assert [(one.question, one.earlier, one.share, one.asks) for one in found] == [("objective", "d-1", 1.0, DIFFERS)]
    assert likeness(distinct("a"), distinct("b")) < 0.2


def test_reasons_copied_from_the_application_are_no_reasons_of_the_officers_own() -> None:
    identifier = "uk.auth.reasons"
    assert answer(duty(identifier), view(), as_at=AT).outcome == "stated"

    def copied(facts: Facts, sealed: Sealed) -> None:
        weighed = sealed["assessment", "reasons"][0][0]
        sealed["authority", "reasons"][0][0]["necessity"] = weighed["strict_necessity"]

    result = answer(duty(identifier), view(copied), as_at=AT)
    assert (result.outcome, "it is copied" in result.because) == ("not shown", True)
    assert answer(duty(identifier), view(copied, without=["assessment"]), as_at=AT).outcome == "not shown"


def test_the_catalogue_is_asked_of_today_whether_it_is_looked_at_again() -> None:
    def later(facts: Facts, sealed: Sealed) -> None:
        facts["opened"][0]["_at"] = facts["opened"][0]["opened_at"]
        facts["rulepack"][0]["next_review_date"] = "2026-03-02"
        facts["rulepack"].append({
            **facts["rulepack"][0], "next_review_date": "2027-03-02", "_at": "2026-03-10T00:00:00Z",
        })  # fmt: skip

    seen = view(later, attested("uk.legal.horizon-bill"))
    assert answer(duty("uk.legal.horizon-bill"), seen, as_at=AT).outcome == "stated"


def test_identity_is_told_as_looked_into_only_where_it_was_and_an_arrest_names_its_power() -> None:
    def found(**changed: object) -> Result:
        seen = view(attested("uk.live.identity-and-powers"), engagement(**changed))
        return answer(duty("uk.live.identity-and-powers"), seen, as_at=AT)

    let_go = found(identity_method="none")
    assert (let_go.outcome, "in the rest no power was used" in let_go.because) == ("stated", True)
    assert "in the rest" not in found().because
    power = {"power": "PACE-24", "grounds": "a" * 64, "kind": "detention", "minutes": 9}
    assert (found(power=power).outcome, "a power was used before" in found(power=power).because) == ("stated", False)
    assert found(power=power, identity_method="none").outcome == "not met"
    arrested = found(result_action="arrest")
    assert (arrested.outcome, "names no power" in arrested.because) == ("not shown", True)
