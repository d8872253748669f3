"""What the public entries tell: an attacker who reads all of them learns nothing about any one alert."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.making import histories as made
from tests.making.histories import History

from countersign.deployments.kinds import KINDS
from countersign.record.entries import canonical
from countersign.record.entries.entry import Entry
from countersign.record.entries.forms import find_leak

#: All that a deployment may say in public of a time finer than the hour: what people did, never an alert.
OUTCOMES = ("true", "confirmed-true", "false", "confirmed-false", "unresolved")
ALERTS = st.lists(
    st.tuples(
        st.integers(12, 17), st.integers(0, 3599), st.sampled_from(["camera-7", "camera-8", "camera-9"]),
        st.sampled_from(OUTCOMES), st.sampled_from(["group-k", "group-l", "group-m"]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip
Particulars = list[tuple[int, int, str, str, str]]


def life(alerts: Particulars) -> History:
    """A deployment with these alerts, up to the deletion."""
    history = History().upto("close")
    for hour in range(12, 18):
        mine = [
            made.alert(number, f"2026-03-02T{hour:02d}:{second // 60:02d}:{second % 60:02d}Z", outcome, camera, group)
            for number, (at, second, camera, outcome, group) in enumerate(alerts)
            if at == hour
        ]
        facts, contents = made.hour(hour, mine)
        history.do("live.hour", facts, "operator", made.END, contents)
    made._DO["delete"](history)
    return history


def public(entry: Entry) -> dict[str, Any]:
    """What an entry says in public, its commitments and signature left out (they are fresh random bytes each time)."""
    value = entry.draft.value(entry.key)
    value["sealed"] = {label: commitment.count for label, commitment in entry.draft.sealed.items()}
    return value


@settings(max_examples=40, deadline=None)
@given(ALERTS, st.randoms(use_true_random=False))
@pytest.mark.slow
def test_two_days_that_differ_only_in_alerts_look_the_same(alerts: Particulars, random: Any) -> None:
    """Same counts by the hour; every alert's moment, camera, outcome and group drawn anew: no public value differs."""
    other = [
        (hour, random.randrange(3600), random.choice(["camera-7", "camera-9"]), random.choice(OUTCOMES), "group-k")
        for hour, *_ in alerts
    ]
    one, two = life(alerts), life(other)
    assert [public(entry) for _, entry in one.entries] == [public(entry) for _, entry in two.entries]


@settings(max_examples=20, deadline=None)
@given(ALERTS)
def test_no_byte_of_an_alert_stands_in_any_entry(alerts: Particulars) -> None:
    history = life(alerts)
    written = b"\n".join(entry.render() for _, entry in history.entries)
    for hour, second, camera, _, group in alerts:
        moment = f"2026-03-02T{hour:02d}:{second // 60:02d}:{second % 60:02d}Z"
        if second:
            assert moment.encode() not in written
        assert camera.encode() not in written
        assert group.encode() not in written
    assert b'"score"' not in written
    assert b"adjudications" not in written


#: An alert of a life told whole: hour, second, camera, outcome, group, whether the person was engaged.
Told = tuple[int, int, str, str, str, bool]
WHOLE = st.lists(
    st.tuples(
        st.integers(12, 17), st.integers(1, 3599), st.sampled_from(["camera-7", "camera-8", "camera-9"]),
        st.sampled_from(OUTCOMES), st.sampled_from(["group-k", "group-l", "group-m"]), st.booleans(),
    ),
    min_size=1, max_size=5,
)  # fmt: skip


def whole_life(alerts: list[Told]) -> list[dict[str, Any]]:
    """All that is public of a life from policy to archive, its counts worked out from these alerts."""
    history = History().upto("open")
    by_outcome = {name: sum(one[3] == name for one in alerts) for name in OUTCOMES}
    engaged = sum(one[5] for one in alerts)
    for hour in range(12, 18):
        mine = [
            made.alert(number, f"2026-03-02T{hour:02d}:{second // 60:02d}:{second % 60:02d}Z", outcome, camera, group)
            for number, (at, second, camera, outcome, group, _) in enumerate(alerts)
            if at == hour
        ]
        facts, contents = made.hour(hour, mine)
        history.do("live.hour", facts, "operator", made.END, contents)
    closing = {
        "closed_at": made.END, "reason": "end-of-window", "faces": 4800, "alerts": len(alerts), "engagements": engaged,
        "incidents": 0,
    }  # fmt: skip
    history.do("close.cancellation", closing, "commander", made.END)
    balance = {
        "faces": 4800, "alerts": len(alerts), "system_alerts": len(alerts), "adjudicated": len(alerts),
        "engagements": engaged, "loaded": 3, "deleted": 3, "differences": [],
    }  # fmt: skip
    totals = {name.replace("-", "_"): count for name, count in by_outcome.items()}
    history.do("close.reconciliation", balance, "recorder", made.END, {"outcomes": totals})
    made._DO["delete"](history)
    made._DO["review"](history)
    results = made.results(faces=4800, alerts=len(alerts), engagements=engaged, arrests=0, **totals)
    history.do("publish.results", results, "press-officer", "2026-03-05T09:00:00Z")
    made._DO["archive"](history)
    return [public(entry) for _, entry in history.entries]


@settings(max_examples=25, deadline=None)
@given(WHOLE, st.randoms(use_true_random=False))
@pytest.mark.slow
def test_an_attacker_cannot_tell_who_among_the_alerts_of_a_day_had_which_outcome(alerts: list[Told], rng: Any) -> None:
    """The whole public log, totals and all, depends on the alerts through the hours' counts and the day's totals alone.

    Outcomes and engagements dealt out anew among the alerts, also between an hour with one alert and a busier one;
    moments, cameras and groups drawn anew: not a public byte differs. So of an alert whose outcome is not that of all
    the others, every outcome that any alert had fits all that is public.
    """
    told = whole_life(alerts)
    dealt = [(one[3], one[5]) for one in alerts]
    rng.shuffle(dealt)
    other = [
        (hour, rng.randrange(1, 3600), rng.choice(["camera-7", "camera-9"]), outcome, "group-k", engaged)
        for (hour, *_), (outcome, engaged) in zip(alerts, dealt, strict=True)
    ]
    assert whole_life(other) == told


def test_what_the_force_publishes_itself_is_what_can_be_told_where_all_outcomes_are_alike() -> None:
    """The one thing left to infer, and stated in docs/formats/deployment-papers.md: totals that are all of one kind."""
    one = whole_life([(14, 60, "camera-7", "confirmed-false", "group-k", True)])
    before = [entry for entry in one if entry["kind"] != "publish.results"]
    other = whole_life([(14, 61, "camera-9", "true", "group-l", True)])
    assert before == [entry for entry in other if entry["kind"] != "publish.results"]
    assert one != other


#: Public fields, by kind, of what is entered while live and at the close: what an attacker has to work with.
#: None is about one alert. A new field makes this fail until somebody has thought about what it tells.
REVIEWED: dict[str, set[str]] = {
    "live.opened": {
        "opened_at", "limits", "list_digest", "engine", "engine_version", "threshold", "cameras", "place", "late",
    },
    "live.hour": {
        "hour", "faces", "alerts", "templates_created", "templates_deleted", "latency_maximum_milliseconds",
        "system_alerts", "operators_minimum", "engagement_officers_minimum", "leaflets", "late",
    },
    "live.event-log": {
        "period_start", "period_end", "digest", "events", "list_digest", "kept_until", "with_actor", "late",
    },
    "live.staffing": {"since", "operators", "engagement_officers", "explaining", "late"},
    "live.suspended": {"suspended_at", "reason", "late"},
    "close.cancellation": {"closed_at", "reason", "faces", "alerts", "engagements", "incidents", "late"},
    "close.disclosures": {"count", "exports", "late"},
    "close.ordinals-destroyed": {"destroyed_at", "ordinals", "method", "late"},
    # That a rule was met, and what it promises to be done: which rule, when and by which counts lies sealed.
    "live.stop-rule-fired": {"limits", "action", "late"},
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(REVIEWED))
def test_public_fields_of_what_happens_live_are_those_that_were_thought_about(kind: str) -> None:
    [schema] = [one for one in KINDS if one.kind == kind]
    assert set(json.loads(schema.text)["properties"]) == REVIEWED[kind]


def test_no_public_field_of_what_happens_can_hold_one_alerts_parts() -> None:
    """The names under which an alert's parts lie sealed are no public field of what is entered live and afterwards."""
    [hour] = [json.loads(one.text) for one in KINDS if one.kind == "live.hour"]
    parts = set(hour["x-sealed"]["alerts"]["content"]["properties"])
    own = parts - {"threshold", "entry", "late"}
    assert {"ordinal", "at", "camera", "score", "outcome", "demographics", "adjudications", "engagement"} <= own
    for schema in KINDS:
        if schema.kind.partition(".")[0] not in ("live", "close", "delete", "publish", "observer"):
            continue
        assert not own & set(json.loads(schema.text)["properties"]), schema.kind


def test_a_firing_says_in_public_neither_its_hour_nor_its_rule_nor_its_counts() -> None:
    """One false alert in a small hour, or forty in a large one, or a list that was not the declared one: the same."""
    told = []
    counts = {"measure": "false-alerts-per-face", "at_most": "0.001", "chance": "0.01"}
    for firing in (
        {"hour": "2026-03-02T14Z", "when": "ceiling-exceeded", "events": 1, "exposure": 80} | counts,
        {"hour": "2026-03-02T16Z", "when": "ceiling-exceeded", "events": 40, "exposure": 9000} | counts,
        {"hour": "2026-03-02T15Z", "when": "list-mismatch"},
    ):
        history = History().upto("open")
        facts = {"limits": "a" * 64, "action": "suspend"}
        history.do("live.stop-rule-fired", facts, "operator", made.END, {"firing": firing})
        told.append(public(history.entries[-1][1]))
        written = history.entries[-1][1].render()
        assert not any(name.encode() in written for name in ("ceiling-exceeded", "exposure", "list-mismatch", "chance"))
    assert told[0] == told[1] == told[2]


def test_an_hour_that_says_one_alert_more_than_it_seals_is_refused() -> None:
    history = History().upto("open")
    facts, contents = made.hour(14, [made.alert(0, "2026-03-02T14:10:00Z")])
    for wrong in (facts | {"alerts": 2}, facts | {"hour": "2026-03-02T15Z"}):
        with pytest.raises(ValueError, match=r"sealed|another hour"):
            history.plan("live.hour", wrong, "operator", made.START, contents)


def test_before_the_notice_no_entry_holds_place_or_window() -> None:
    history = History()
    for name in ("propose", "assess", "authorise", "list", "approve"):
        made._DO[name](history)
    written = b"\n".join(entry.render() for _, entry in history.entries)
    place = made.place()
    for needle in (place["name"], place["area"], made.START, made.END, place["unit"], "points", place["zone"]["grid"]):
        assert needle.encode() not in written
    notice = {
        "channels": ["web"], "url": "https://force-a.example/next", "published_at": "2026-03-02T09:30:00Z",
        "purpose": "arrest-wanted", **made.public_place(place),
    }  # fmt: skip
    history.do("open.notice", notice, "press-officer", "2026-03-02T09:30:00Z")
    assert place["name"].encode() in history.entries[-1][1].render()


def test_the_digest_of_the_limits_does_not_give_the_place_away() -> None:
    """Whoever guesses the place cannot test the guess: the nonce is in the digest."""
    from countersign.deployments import limits

    documents = [limits.limits_document(made.SUBJECT, bytes([n] * 32), made.place(), made.terms()) for n in (1, 2)]
    assert limits.digest_of(documents[0]) != limits.digest_of(documents[1])


def test_every_entry_passes_the_leak_check_and_so_does_every_schema() -> None:
    history = life([(14, 7, "camera-7", "true", "group-k")])
    typed = {"digest", "public-key", "signature", "time", "hour", "date", "decimal"}
    for _, entry in history.entries:
        assert Entry.parse(entry.render()) == entry
        for text in texts(canonical.parse(entry.render()), skip={"sig", "key", "commitment", "root"}):
            if len(text) != 64:
                assert find_leak(text) is None, text
    for schema in KINDS:
        public_body = json.loads(schema.text) | {"x-sealed": {}}
        for one in formats(public_body):
            assert one in typed | {"token", "reference", "subject", "address", "title", "origin"}, (schema.kind, one)


def texts(value: Any, skip: set[str]) -> list[str]:
    if isinstance(value, dict):
        return [one for name, part in value.items() if name not in skip for one in texts(part, skip)]
    if isinstance(value, list):
        return [one for part in value for one in texts(part, skip)]
    return [value] if isinstance(value, str) else []


def formats(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["format"]] if isinstance(value.get("format"), str) else []
        return own + [one for part in value.values() for one in formats(part)]
    return [one for part in value for one in formats(part)] if isinstance(value, list) else []


def test_titles_are_of_places_and_papers_alone() -> None:
    """The one form in which a name could be spelt out stands only where a place or a document is named."""
    named = set()
    for schema in KINDS:
        body = json.loads(schema.text) | {"x-sealed": {}}
        named |= {f"{schema.kind}.{name}" for name in titled(body)}
    assert named == {
        "programme.policy.title", "programme.document.title", "open.notice.place", "live.opened.place",
        "publish.results.place", "observer.sighting.place", "observer.count.place", "outside.statement.place",
    }  # fmt: skip


def titled(value: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    found = [name for name, part in value.get("properties", {}).items() if part.get("format") == "title"]
    return found + [one for part in value.get("properties", {}).values() for one in titled(part)]
