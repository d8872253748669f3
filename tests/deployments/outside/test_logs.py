"""Logs of outside bodies: what counts as outside, what it is matched to, and how it bears on duties."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.making.logs import private

from countersign.deployments.outside.logs import OfForce, OutsideLog, matches_place, registered_keys, why_forces
from countersign.deployments.outside.reader import NOBODY, BodysLog, Kind
from countersign.deployments.state import reference_to
from countersign.document import Point
from countersign.record.entries.entry import Draft, Entry, EntrySigner, sign_entry
from countersign.record.entries.keyring import OWN, opening_facts
from countersign.record.tlog.policy import NO_QUORUM, Policy
from countersign.render.view import row_place
from countersign.reviews.deployment import together
from countersign.reviews.deployment.assemble import DeploymentReview, review_deployment
from countersign.reviews.deployment.cases import read_case
from countersign.reviews.deployment.evidence import SOURCE
from countersign.reviews.deployment.record import DeploymentRecord
from countersign.reviews.options import path_of

FORCE = "invented-force"
SUBJECT = f"{FORCE}/2026-03-01-a-square"
ORIGIN = "panel.example/log"
OWN_LOG = "case.invalid/invented-force"
PANEL = EntrySigner(private("panel"))
FORCES = EntrySigner(private("force registrar"))
#: A judged duty, and the entry of the force's record that answers it.
WHO, ANSWERED_BY = "uk.bridges.who", 84


@cache
def record() -> DeploymentRecord:
    """The shipped case done well, as a record about which no reader has said anything."""
    return replace(read_case(path_of("shipped:invented-well")).record, reader=NOBODY)


def digest_of(place: int) -> str:
    return sha256(dict(record().entries)[place].render()).hexdigest()


def said(
    kind: str = "outside.statement", version: int = 1, subject: str = SUBJECT, by: EntrySigner = PANEL,
    supplied_by: str = "outside", role: str = "ethics-body", **facts: Any,
) -> Entry:  # fmt: skip
    draft = Draft(kind, version, ORIGIN, subject, "2026-03-20T09:00:00Z", role, supplied_by, facts)
    return sign_entry(draft, by)


def bears_out(**changes: Any) -> Entry:
    about = {"origin": record().trust.origin, "digest": digest_of(ANSWERED_BY)}
    return said(**{"says": "bears-out", "duties": [WHO], "ground": "papers-read", "about": about} | changes)


def log_of(
    *entries: Entry, kind: Kind = "panel", because: str = "", shared: frozenset[str] = frozenset()
) -> OutsideLog:
    named = BodysLog(ORIGIN, "Borough ethics panel", kind, frozenset({FORCE}), Policy((), (), (), NO_QUORUM))
    return OutsideLog(named, len(entries), tuple(enumerate(entries)), because, shared)


def reviewed(*logs: OutsideLog) -> DeploymentReview:
    return review_deployment(replace(record(), outside=logs), SUBJECT)


def duty(review: DeploymentReview, name: str) -> Any:
    [found] = [each for each in review.model.duties if each.id == name]
    return found


@pytest.mark.slow
def test_what_a_panel_bears_out_is_more_than_the_forces_word() -> None:
    assert duty(reviewed(), WHO).state == "stated"
    review = reviewed(log_of(bears_out()))
    found = duty(review, WHO)
    assert (found.state, found.supplied_by) == ("met", ("force", "outside"))
    assert found.because.endswith(
        f"entry 84 of {OWN_LOG} is borne out by Borough ethics panel (entry 0 of panel.example/log: papers read)"
    )
    assert [(word.place.origin, word.place.index, word.says) for word in found.outside] == [(ORIGIN, 0, "bears-out")]
    assert [(range.document, range.first) for range in found.rows] == [("log", ANSWERED_BY), (ORIGIN, 0)]
    [statement] = review.model.outside
    assert (statement.matched, statement.about.index) == (True, ANSWERED_BY)  # type: ignore[union-attr]
    assert any("1 statement bears out what the force stated" in line for line in review.model.summary)
    page, place = review.files(("html",))["evidence.html"].decode(), row_place(ORIGIN, 0)
    assert f'id="{place}"' in page
    assert f'href="#{place}"' in page


def test_what_a_panel_contradicts_is_not_met_and_both_are_shown() -> None:
    found = duty(reviewed(log_of(bears_out(says="contradicts"))), WHO)
    assert found.state == "not met"
    assert f"ntry 84 of {OWN_LOG} is contradicted by Borough ethics panel" in found.because
    assert "on the record: a reviewer judged it met" in found.because
    assert found.entries == (ANSWERED_BY,)
    both = duty(reviewed(log_of(bears_out(), bears_out(says="contradicts"))), WHO)
    assert both.state == "not met"
    assert f"entry 84 of {OWN_LOG} is borne out by" in both.because


@pytest.mark.slow
def test_the_brief_names_the_body_that_contradicts_and_what_is_borne_out() -> None:
    against = {point.anchor: point for point in brief_points(reviewed(log_of(bears_out(says="contradicts"))))}
    [point] = [point for anchor, point in against.items() if "bridges" in anchor]
    assert "Borough ethics panel says so in panel.example/log, a log that no force keeps" in point.text
    borne = brief_points(reviewed(log_of(bears_out())))
    [point] = [point for point in borne if point.anchor == "point-outside"]
    assert "1 statement bears out what the force stated" in point.text
    assert "They bear out what the force states of " in point.text
    assert not [point for point in brief_points(reviewed()) if point.anchor == "point-outside"]


def brief_points(review: DeploymentReview) -> list[Point]:
    return [block for section in review.model.brief for block in section.blocks if isinstance(block, Point)]


def test_bearing_out_shows_nothing_that_no_entry_states() -> None:
    kept = tuple(placed for placed in record().entries if placed[0] != ANSWERED_BY)
    about = {"origin": record().trust.origin, "digest": digest_of(ANSWERED_BY + 1)}
    beside = log_of(bears_out(about=about), said(says="bears-out", duties=[WHO], ground="visited"))
    silent = review_deployment(replace(record(), entries=kept, outside=(beside,)), SUBJECT)
    assert duty(silent, WHO).state == "not shown"
    # Without an entry there is nothing that it could take for more than the force's word.
    assert duty(reviewed(log_of(said(says="bears-out", duties=[WHO], ground="visited"))), WHO).state == "stated"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"about": {"origin": "case.invalid/invented-force", "digest": "0" * 64}}, "no entry of this record"),
        ({"about": {"origin": "log.example/force-b", "digest": "0" * 64}}, "which is not read here"),
        ({"supplied_by": "observer", "role": "observer"}, "calls itself evidence of an observer"),
    ],
)
def test_what_is_matched_to_nothing_is_shown_as_that_and_moves_nothing(changes: dict[str, Any], why: str) -> None:
    for says in ("bears-out", "contradicts"):
        review = reviewed(log_of(bears_out(says=says, **changes)))
        assert duty(review, WHO).state == "stated"
        [statement] = review.model.outside
        assert not statement.matched
        assert why in statement.because
        assert any("1 statement is matched to nothing here" in line for line in review.model.summary)


def test_a_street_observer_who_knows_no_deployment_is_matched_by_place_and_hours() -> None:
    def seen(**facts: Any) -> Entry:
        account = {"place": "A square", "first": "2026-03-01T10Z", "last": "2026-03-01T11Z", "signs": "none"} | facts
        return said("observer.sighting", 2, FORCE, PANEL, "observer", "observer", **account)

    there, elsewhere, after = seen(), seen(place="Station Road"), seen(first="2026-03-05T10Z", last="2026-03-05T11Z")
    review = reviewed(log_of(there, elsewhere, after, kind="observer"))
    assert [each.matched for each in review.model.outside] == [True, False, False]
    assert [each.because for each in review.model.outside] == [
        "its place and hours are this deployment's",
        "no place on this record is the one that it names",
        "nothing on this record was live or announced in the hours that it names",
    ]
    signs = duty(review, "uk.open.signage")
    assert signs.state == "not met"
    assert "n observer saw no sign before the zone" in signs.because


def test_an_engines_own_log_gives_an_account_beside_the_forces() -> None:
    entries = dict(record().entries)
    place = next(place for place, entry in entries.items() if entry.draft.kind == "review.statistics")
    facts = dict(entries[place].draft.facts)
    counted = said("review.statistics", 1, SUBJECT, PANEL, "engine", "engineer", **facts)
    accounts = reviewed(log_of(counted, kind="engine")).evidence.accounts
    beside = [account for account in accounts if account.name == "statistics"]
    assert {"engine"} <= {account.supplied_by for account in beside}
    assert (ORIGIN, 0) in [entry for account in beside for entry in account.entries]


def opened(subject: str, registrar: EntrySigner) -> Entry:
    draft = Draft(
        "record.log-opened", 1, ORIGIN, subject, "2026-01-01T09:00:00Z", "registrar", "force",
        opening_facts(registrar, OWN),
    )  # fmt: skip
    return sign_entry(draft, registrar)


NO_KEYS: frozenset[str] = frozenset()


def test_a_forces_second_log_is_never_outside_whatever_the_readers_file_says() -> None:
    keys = registered_keys([(0, opened(FORCE, FORCES))])
    assert keys == {FORCES.key}
    of = OfForce(FORCE, keys, NO_KEYS)
    assert why_forces(log_of(opened("panel-a", PANEL), bears_out()), of, NO_KEYS) == ""
    second = why_forces(log_of(opened(FORCE, PANEL)), of, NO_KEYS)
    assert "a force's other logs are never outside" in second
    registrar = why_forces(log_of(opened("panel-a", FORCES)), of, NO_KEYS)
    assert "its registrar is registered in the force's log" in registrar
    word = said("publish.results", 1, SUBJECT, PANEL, "force", "press-officer")
    assert "another log of the force" in why_forces(log_of(opened("panel-a", PANEL), word), of, NO_KEYS)
    head = frozenset({"a"})
    of = OfForce(FORCE, keys, head)
    assert "signs its head is the force's" in why_forces(log_of(opened("panel-a", PANEL)), of, head)
    assert "does not name force-b" in why_forces(log_of(), OfForce("force-b", keys, NO_KEYS), NO_KEYS)


def test_a_log_that_does_not_count_says_so_first_and_moves_nothing() -> None:
    review = reviewed(log_of(bears_out(), because="it holds the word of the force about itself"))
    assert duty(review, WHO).state == "stated"
    assert review.model.outside == ()
    assert "it does not count as outside, because it holds the word" in " ".join(review.model.summary[:3])
    [log] = review.model.outside_logs
    assert not log.outside


def test_a_key_registered_in_both_logs_is_the_forces() -> None:
    review = reviewed(log_of(bears_out(), shared=frozenset({PANEL.key})))
    assert duty(review, WHO).state == "stated"
    [statement] = review.model.outside
    assert (statement.matched, statement.because) == (
        False, "its key is registered in the force's log too, so it is the force's word",
    )  # fmt: skip


def test_reading_a_log_beside_a_record_asks_which_keys_and_whose_log_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    forces = sorted(registered_keys(record().entries))
    assert len(forces) > 1
    named = log_of().named
    for first, because in ((opened("panel-a", PANEL), ""), (opened(FORCE, PANEL), "a force's other logs are never")):
        read = replace(record(), entries=((0, first), (1, bears_out())))
        read = replace(read, trust=replace(read.trust, origin=ORIGIN, size=2, signed_by=()))
        monkeypatch.setattr(together, "read_bundles", lambda *_, read=read, **__: read)
        [log] = together.Beside((), ((named, (Path("panel.bundle"),)),), ()).beside(record()).outside
        assert because in log.because
        assert bool(because) == bool(log.because)
        assert log.shared == frozenset(forces)


#: What stands against the next authority of a force by the first outside log, in the entries 0 and 1 of it.
LATER = datetime.date(2026, 4, 30)
AGAINST = (("f-1 (entry 0 of panel.example/log)",), (SOURCE + 1,))


def stops(*more: Entry, **changes: Any) -> tuple[Entry, ...]:
    found: dict[str, Any] = {
        "finding": "f-1",
        "duty": WHO,
        "result": "not-met",
        "report": "0" * 64,
        "answer_due": "2026-03-21",
    }
    imposed: dict[str, Any] = {"reason": "bias", "decision": "1" * 64, "starts_at": "2026-03-21T09:00:00Z"}
    moratorium = said("programme.moratorium", subject=FORCE, role="moratorium-authority", **imposed, **changes)
    return (said("review.finding", **found, **changes), moratorium, *more)


def lifted(by: EntrySigner = PANEL, place: int = 1) -> Entry:
    facts = {"moratorium": place, "decision": "1" * 64, "lifted_at": "2026-04-01T09:00:00Z"}
    return said("programme.moratorium-lifted", 1, FORCE, by, "outside", "moratorium-authority", **facts)


def ahead(*logs: OutsideLog, own: DeploymentRecord | None = None) -> tuple[tuple[str, ...], tuple[int, ...]]:
    review = review_deployment(replace(own or record(), outside=logs), SUBJECT, as_of=LATER)
    found = review.model.next_authority
    assert found is not None
    return found.unanswered, found.moratoria


def test_a_finding_and_a_moratorium_in_a_panels_log_stand_against_the_next_authority() -> None:
    before = ahead()
    assert before == ((), ())
    review = review_deployment(replace(record(), outside=(log_of(*stops()),)), SUBJECT, as_of=LATER)
    assert ahead(log_of(*stops())) == AGAINST
    page = review.files(("html",))["evidence.html"].decode()
    assert "The moratorium of entry 1 of panel.example/log stops authority." in page
    assert "The finding f-1 (entry 0 of panel.example/log) has not been answered, and its day has passed." in page
    assert "not answered; it stands against the next authority" in page
    summary = " ".join(review.model.summary)
    assert "1 finding without an answer and 1 moratorium" in summary
    assert "1 statement is a finding that the force must answer; 1 statement is a moratorium" in summary
    assert [each.says for each in review.model.outside] == ["found", "stops"]
    assert any(late.code == "answer-overdue" for late in review.evidence.late)
    # What was passed before they were made was not passed against them.
    assert all(not line.moratoria and not line.unanswered for line in review.model.gates if line.entry is not None)


@pytest.mark.slow
def test_only_the_key_that_imposed_a_moratorium_lifts_it_in_the_same_log() -> None:
    other = EntrySigner(private("another"))
    for lift in (lifted(other), lifted(place=0)):
        assert ahead(log_of(*stops(lift)))[1] == AGAINST[1]
    assert ahead(log_of(*stops(lifted())))[1] == ()
    second = replace(log_of(lifted()), named=replace(log_of().named, origin="panel.example/second"))
    assert ahead(log_of(*stops()), second)[1] == AGAINST[1]


@pytest.mark.parametrize(
    "log",
    [
        log_of(*stops(), because="it was opened as a log of the force itself"),
        log_of(*stops(), shared=frozenset({PANEL.key})),
        log_of(*stops(), kind="observer"),
        log_of(*stops(supplied_by="force")),
    ],
    ids=["the force's own log", "a key in both logs", "a body that may not", "the force's word"],
)
def test_what_is_not_outside_bars_nothing(log: OutsideLog) -> None:
    assert ahead(log) == ((), ())


def test_the_force_answers_a_finding_of_another_log_in_its_own_and_by_its_digits_alone() -> None:
    log = log_of(*stops())
    reference = reference_to(sha256(log.entries[0][1].render()).hexdigest())
    place = record().entries[-1][0] + 1
    for name, unanswered in ((reference, ()), ("f-1", AGAINST[0])):
        facts: dict[str, Any] = {"finding": name, "response": "accepted", "answer": "2" * 64}
        draft = Draft(
            "review.answer", 1, record().trust.origin, SUBJECT, "2026-04-02T09:00:00Z", "senior-owner", "force", facts
        )
        own = replace(record(), entries=(*record().entries, (place, sign_entry(draft, FORCES))))
        assert ahead(log, own=own)[0] == unanswered


def texts(made: Any) -> Iterator[str]:
    if isinstance(made, str):
        yield made
    for part in made.values() if isinstance(made, dict) else made if isinstance(made, list | tuple) else ():
        yield from texts(part)


def test_no_entry_is_named_by_its_place_alone_where_several_logs_are_reviewed() -> None:
    bare = re.compile(r"\b[Ee]ntr(?:y|ies) [0-9]++(?:(?:, | and )[0-9]++)*+(?! of )")
    alone, both = reviewed(), reviewed(log_of(bears_out(), *stops()))
    assert [text for text in texts(msgspec.to_builtins(alone.model)) if bare.search(text)]
    for made in (both.model, both.document, both.brief):
        said = [text for text in texts(msgspec.to_builtins(made)) if "ntry" in text or "ntries" in text]
        assert said
        assert [text for text in said if bare.search(text) or text == "Entry"] == []
    labels = {text for text in texts(msgspec.to_builtins(both.model)) if text.startswith("Entry of ")}
    assert labels == {f"Entry of {OWN_LOG}", f"Entry of {ORIGIN}"}
    # What computes a figure again reads the same logs.
    assert f"LOG:{ORIGIN}" in " ".join(texts(msgspec.to_builtins(both.document)))


def test_places_are_the_same_by_their_words() -> None:
    assert matches_place("HIGH STREET", ["High Street, Borough A"])
    assert not matches_place("High Street", ["Station Road", ""])
    assert not matches_place("--", ["Station Road"])
