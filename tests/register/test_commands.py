"""What a command returns: held to schema and role, contents in their form, limits checked beside their approval."""

from __future__ import annotations

from typing import Any

import pytest
from tests.making import histories as made
from tests.making.histories import FORCE, KEYS, SUBJECT, History

from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.rules import Act
from countersign.deployments.state import Programme
from countersign.errors import CountersignError
from countersign.record.entries.schema import Schemas
from countersign.register.commands import GATES, TRANSITIONS, Known, attested, enter
from countersign.rulebook.signed import answer_digest

AT = "2026-02-20T09:00:00Z"
NONCE = "5e" * 32
ANSWERS = [
    {"question": "objective", "text": "To find five people who are wanted by the courts."},
    {"question": "intelligence", "text": "They were seen on this street on three market days."},
]


def case(objective: str) -> dict[str, Any]:
    return {"objective": objective, "intelligence": "x", "alternatives": []}


def refusal(kind: str, facts: dict[str, Any], role: str, contents: Any = None, **changes: Any) -> str:
    act = Act(changes.get("subject", SUBJECT), AT, role, KEYS["applicant"].key)
    with pytest.raises(CountersignError) as caught:
        enter(changes.get("state", Programme(FORCE)), act, kind, facts, contents, known=Known(AT))
    return caught.value.code


def test_every_transition_has_a_schema_and_every_gate_a_transition() -> None:
    for kind in TRANSITIONS.values():
        assert SCHEMAS.latest(kind).kind == kind
    assert set(GATES) <= set(TRANSITIONS.values())


def test_what_comes_back_has_its_schema_role_and_contents_to_seal() -> None:
    history = History()
    history.do("programme.policy", made.policy(), "senior-owner", "2026-01-05T09:00:00Z", subject=FORCE)
    unsealed = history.plan("plan.proposal", made.proposal(), "applicant", AT, {"place": made.place()})
    [(label, (retention_class, parts, is_set))] = unsealed.sealing().items()
    assert (label, retention_class, len(parts), is_set) == ("place", "plan-place", 1, False)
    assert parts[0].startswith(b'{"area":"E05000001"')
    assert unsealed.draft("log.example/a", {}).kind == "plan.proposal"


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ({}, "facts-malformed"),
        ({"nothing": 1}, "facts-malformed"),
        ({"place": made.place() | {"owner": "x"}}, "facts-malformed"),
        ({"place": made.place() | {"name": "jo@example.org"}}, "leak-refused"),
        ({"place": made.place(), "case": case(" ")}, "facts-malformed"),
        ({"place": made.place(), "case": case("call 020 7946 0000")}, "leak-refused"),
    ],
)
def test_contents_are_held_to_their_form_before_they_are_sealed(contents: dict[str, Any], code: str) -> None:
    assert refusal("plan.proposal", made.proposal(), "applicant", contents) == code


@pytest.mark.parametrize(
    ("kind", "facts", "role", "code"),
    [
        ("plan.nothing", {}, "applicant", "schema-unknown"),
        ("plan.proposal", {}, "applicant", "facts-malformed"),
        ("plan.proposal", made.proposal() | {"name": "Jo Bloggs"}, "applicant", "facts-malformed"),
        ("plan.proposal", made.proposal(), "authorising-officer", "facts-malformed"),
        ("plan.proposal", made.proposal() | {"units": True}, "applicant", "facts-malformed"),
        ("live.hour", made.hour(14, [])[0] | {"faces": -1}, "operator", "facts-malformed"),
        ("live.hour", made.hour(14, [])[0] | {"hour": "2026-03-02T14:10Z"}, "operator", "facts-malformed"),
    ],
)
def test_facts_outside_their_schema(kind: str, facts: dict[str, Any], role: str, code: str) -> None:
    contents = {"place": made.place()} if kind == "plan.proposal" else {}
    assert refusal(kind, facts, role, contents) == code


def test_sets_are_lists_of_one_or_more() -> None:
    history = History().upto("notify")
    wrong: tuple[Any, ...] = ([], {"category": "x"})
    for entries in wrong:
        with pytest.raises(CountersignError, match="a list of one item or more"):
            history.plan(
                "authorise.manifest", made.manifest(), "watchlist-builder", "2026-03-02T08:30:00Z", {"entries": entries}
            )


@pytest.mark.parametrize(
    ("change", "sealed", "code", "said"),
    [
        ({}, ANSWERS, None, ""),
        ({}, None, "facts-malformed", "sealed.answers is missing"),
        ({"digest": made.digest(ANSWERS[0]["text"])}, ANSWERS, "facts-malformed", "sealed.answers does not hold"),
        ({}, [ANSWERS[0]], "facts-malformed", "sealed.answers does not hold"),
        ({"digest": "0" * 64}, ANSWERS, "facts-malformed", "sealed.answers does not hold"),
        ({"characters": 1}, ANSWERS, "facts-malformed", "sealed.answers does not hold"),
        ({"question": "harm"}, ANSWERS, "facts-malformed", "asks, each once: intelligence, objective"),
        ({"duty": "uk.plan.nothing"}, ANSWERS, "duty-unknown", "there is no duty uk.plan.nothing"),
    ],
)
def test_an_attestation_answers_its_duty_and_its_digests_are_those_of_the_answers(
    change: dict[str, Any], sealed: list[dict[str, str]] | None, code: str | None, said: str
) -> None:
    answers = [
        {
            "question": one["question"],
            "digest": answer_digest(one["question"], one["text"], NONCE),
            "characters": len(one["text"]),
        }
        for one in ANSWERS
    ]
    answers[0] |= {name: value for name, value in change.items() if name != "duty"}
    facts = {"duty": change.get("duty", "uk.plan.purpose"), "answers": answers}
    contents = {} if sealed is None else {"answers": {"nonce": NONCE, "answers": sealed}}
    history = History().upto("propose")

    def entered() -> None:
        history.plan("review.attestation", facts, "applicant", "2026-02-21T09:00:00Z", contents)

    if code is None:
        entered()
        return
    with pytest.raises(CountersignError, match=said) as caught:
        entered()
    assert caught.value.code == code


def test_digests_of_answers_are_computed_under_the_version_that_the_log_adopted() -> None:
    kind, contents = "review.attestation", {"answers": {"answers": ANSWERS}}
    for version in (1, 2):
        schema = SCHEMAS.get(kind, version)
        facts, sealed = attested(schema, {"duty": "uk.plan.purpose"}, contents)
        digests = {item["digest"] for item in facts["answers"]}
        assert (made.digest(ANSWERS[0]["text"]) in digests) is (version == 1)
        known = Known("2026-02-21T09:00:00Z", schemas=Schemas({(kind, version): schema}))
        act = Act(SUBJECT, "2026-02-21T09:00:00Z", "applicant", KEYS["applicant"].key)
        state = History().upto("propose").state
        assert enter(state, act, kind, facts, sealed, known=known).schema.version == version
    first, second = (attested(schema, {}, contents)[0]["answers"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("2026-03-02-a", "a date"),
        ("d-202603", "a date"),
        ("2-3-26", "a date"),
        ("d0302", "a date"),
        ("d-0203", "a date"),
        ("high-street-2", r"the place \(high, street\)"),
        ("northgate", r"the place \(north\)"),
        ("d-17", None),
        ("lfr-2026-014", None),
    ],
)
def test_the_name_of_a_deployment_says_no_place_and_no_day_before_the_notice(name: str, said: str | None) -> None:
    history = History()
    history.do("programme.policy", made.policy(), "senior-owner", "2026-01-05T09:00:00Z", subject=FORCE)
    given = ("plan.proposal", made.proposal(), "applicant", AT, {"place": made.place()})
    if said is None:
        history.plan(*given, subject=f"{FORCE}/{name}")
        return
    with pytest.raises(CountersignError, match=f"{name} says {said}, and a deployment's name is public") as caught:
        history.plan(*given, subject=f"{FORCE}/{name}")
    assert caught.value.code == "subject-wrong"


def test_a_refusal_carries_its_reason() -> None:
    history = History().upto("assess")
    act = Act(SUBJECT, "2026-02-23T09:00:00Z", "authorising-officer", KEYS["authorising-officer"].key)
    with pytest.raises(CountersignError, match="a refusal carries its reasons"):
        enter(history.state, act, "authorise.authority", made.authority(decision="refused"), known=Known(act.at))
    asked = {"type": "access", "received_on": "2026-02-20", "answered_on": "2026-02-22", "routes_told": True}
    for outcome in ("refused", "partly"):
        with pytest.raises(CountersignError, match="refusal_reason is missing"):
            history.plan("review.rights-request", asked | {"outcome": outcome}, "data-protection-officer", act.at)
    history.plan("review.rights-request", asked | {"outcome": "granted"}, "data-protection-officer", act.at)
