"""What a made-up engine would export of a made-up crowd: the events, the limits declared beforehand, and the truth.

Each alert goes to an operator and, unless the corner is cut, to an engagement officer; anyone not waved through is
engaged. Faults are planted last: events lost or doubled on their way (their sequence numbers stay), clocks ahead, and
alerts after the end of the window where the list stays loaded. Events have the types and contents of the deployments
vocabulary (``docs/formats/events.md``), and each its stamp; the subject of an alert is a number of its own. The truth
is for those who try the receiving side, and goes in a file apart.

>>> from countersign.made_up.scenario import load
>>> made = make(load("quiet-high-street"), seed=1)
>>> made.events[0]["type"], made.truth["stamp"], made.truth["lost"]
('live.opened', 'assumed, not measured', {})
"""

from __future__ import annotations

import datetime
from collections import Counter
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from countersign.deployments.clock import time_text
from countersign.deployments.limits import check_document, digest_of, limits_document
from countersign.made_up.crowd import Walk, expected, pass_by
from countersign.made_up.scenario import STAMP, Scenario, ScenarioWrong, start_of
from countersign.record.entries.canonical import Value, parse

ENGINE = "engine"
#: The ceiling that the made-up force promises: one false alert in a thousand faces.
CEILING = "0.001"
#: The chance of a false stop under its stop rule.
STOP_CHANCE = "0.01"
#: A person who does not look takes the first; one who does takes no less than the second, in seconds.
HURRIED_SECONDS, SHORTEST_LOOK = 0, 3

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Export:
    """Events in the order in which they were logged, the limits document they are held to, and the truth."""

    events: list[Event]
    limits: dict[str, Value]
    truth: dict[str, Any]


def make(scenario: Scenario, seed: int, limits: dict[str, Value] | None = None) -> Export:
    """A deployment of this scenario, the same for the same seed; under ``limits`` (``limits_under``), if given."""
    random = np.random.default_rng(seed)
    walk = pass_by(scenario, random)
    limits = _limits(scenario, seed) if limits is None else limits
    start = start_of(scenario)
    end = start + datetime.timedelta(hours=len(scenario.crowd_by_hour))
    alerts = _alerts(scenario, walk, random)
    engaged = sum("engagement" in event["content"] for event in alerts)
    by_engine = [*_of_engine(scenario, walk, limits, start), *_stops(scenario, start), _closed(walk, end, engaged)]
    events = [*by_engine, *alerts]
    events.sort(key=lambda event: (event["logged_at"], event["source"] != ENGINE))
    numbers: Counter[str] = Counter()
    for event in events:
        numbers[event["source"]] += 1
        event["sequence"] = numbers[event["source"]]
    sent, lost, doubled = _faulty(scenario, events, random)
    return Export(sent, limits, _truth(scenario, seed, walk, events, lost, doubled))


def limits_under(content: bytes, scenario: Scenario, place: str) -> dict[str, Value]:
    """Declared limits that a scenario can be played under: of the same deployment, hours, cameras, list size, engine.
    Raises ``NotCanonical``, ``FactsMalformed``, or ``ScenarioWrong`` where limits and scenario do not fit.
    """
    document = parse(content.strip())
    if not isinstance(document, dict):
        raise ScenarioWrong(f"{place}: is not a document of declared limits")
    check_document(document)
    own = _limits(scenario, 0)
    theirs: Any = document
    mine: Any = own
    fitting = {
        "deployment": theirs["deployment"] == mine["deployment"],
        "windows": theirs["place"]["windows"] == mine["place"]["windows"],
        "cameras": [one["id"] for one in theirs["place"]["cameras"]] == list(scenario.cameras),
        **{name: theirs[name] == mine[name] for name in ("list_size", "engine", "engine_version")},
    }
    apart = ", ".join(name for name, fits in fitting.items() if not fits)
    if apart:
        raise ScenarioWrong(f"{place}: limits and scenario differ in: {apart}")
    return document


def _limits(scenario: Scenario, seed: int) -> dict[str, Value]:
    start = start_of(scenario)
    end = start + datetime.timedelta(hours=len(scenario.crowd_by_hour))
    corners: list[Value] = [{"x": x, "y": y} for x, y in ((0, 0), (20, 0), (20, 10), (0, 10))]
    place: Value = {
        "name": "A made-up street",
        "area": "area-1",
        "windows": [{"start": time_text(start), "end": time_text(end)}],
        "zone": {"unit": "metre", "grid": sha256(b"a made-up grid").hexdigest(), "points": corners},
        "cameras": [{"id": camera, "x": 0, "y": number} for number, camera in enumerate(scenario.cameras)],
        "unit": "unit-1",
    }
    terms: dict[str, Value] = {
        "list": "list-1",
        "list_digest": sha256(f"a made-up list of {scenario.list.size}".encode()).hexdigest(),
        "list_size": scenario.list.size,
        "engine": scenario.engine.name,
        "engine_version": scenario.engine.version,
        "threshold_minimum": scenario.engine.declared,
        "ceilings": [{"measure": "false-alerts-per-face", "at_most": CEILING, "clause": "policy/1"}],
        "stop_rule": [{"when": "ceiling-exceeded", "value": STOP_CHANCE, "action": "suspend"}],
    }
    nonce = sha256(f"{scenario.deployment} {seed}".encode()).digest()
    return limits_document(scenario.deployment, nonce, place, terms)


def _event(source: str, at: datetime.datetime, kind: str, content: dict[str, Any], ahead: int = 0) -> Event:
    sent = at + datetime.timedelta(seconds=ahead)
    event: Event = {"source": source, "sequence": 0, "sent_at": time_text(sent), "logged_at": time_text(at)}
    return event | {"type": kind, "content": content, "stamp": STAMP}


def _of_engine(scenario: Scenario, walk: Walk, limits: dict[str, Value], start: datetime.datetime) -> list[Event]:
    engine, conduct = scenario.engine, scenario.conduct
    opened = {
        "opened_at": time_text(start),
        "limits": digest_of(dict(limits)),
        "list_digest": limits["list_digest"],
        "engine": engine.name,
        "engine_version": engine.version,
        "threshold": engine.threshold,
        "cameras": len(scenario.cameras),
    }
    staff = {"since": time_text(start), "operators": conduct.operators, "engagement_officers": conduct.officers}
    staff["explaining"] = 1
    events = [_event(ENGINE, start, "live.opened", opened), _event(ENGINE, start, "live.staffing", staff)]
    captured, alerts = walk.captured.sum(axis=1), (walk.true_alerts + walk.false_alerts).sum(axis=1)
    for number, (faces, count) in enumerate(zip(captured.tolist(), alerts.tolist(), strict=True)):
        hour = start + datetime.timedelta(hours=number)
        facts = {
            "hour": hour.strftime("%Y-%m-%dT%HZ"),
            "faces": faces,
            "alerts": count,
            "templates_created": faces,
            "templates_deleted": faces - count,
            "system_alerts": count,
            "operators_minimum": conduct.operators,
            "engagement_officers_minimum": conduct.officers,
        }
        events.append(_event(ENGINE, hour + datetime.timedelta(hours=1), "live.hour", facts))
    return events


def _closed(walk: Walk, end: datetime.datetime, engagements: int) -> Event:
    facts = {
        "closed_at": time_text(end),
        "reason": "end-of-window",
        "faces": int(walk.captured.sum()),
        "alerts": int((walk.true_alerts + walk.false_alerts).sum()),
        "engagements": engagements,
        "incidents": 0,
    }
    return _event(ENGINE, end, "close.cancellation", facts)


def _alerts(scenario: Scenario, walk: Walk, random: np.random.Generator) -> list[Event]:
    """One event an alert, and, where the list stays loaded, one every few minutes after the end."""
    start = start_of(scenario)
    seconds = random.integers(0, 3600, len(walk.scores)) + 3600 * walk.hours
    moments = [start + datetime.timedelta(seconds=_after_stop(scenario, int(second))) for second in seconds]
    rows = list(zip(moments, walk.groups.tolist(), walk.scores.tolist(), walk.right.tolist(), strict=True))
    end = start + datetime.timedelta(hours=len(scenario.crowd_by_hour))
    rows += [
        (end + datetime.timedelta(minutes=minute), 0, float(scenario.engine.threshold), False)
        for minute in range(5, scenario.faults.minutes_after_end + 1, 10)
    ]
    order = sorted(range(len(rows)), key=lambda number: rows[number][0])
    return [_alert(scenario, number, *rows[row], random) for number, row in enumerate(order)]


def _after_stop(scenario: Scenario, second: int) -> int:
    """The second at which somebody passes who would have passed at ``second``: during a stop, after it."""
    first, length = scenario.conduct.suspended_after_minutes * 60, scenario.conduct.suspended_minutes * 60
    return second + length if first <= second < first + length else second


def _stops(scenario: Scenario, start: datetime.datetime) -> list[Event]:
    conduct = scenario.conduct
    if not conduct.suspended_minutes:
        return []
    first = start + datetime.timedelta(minutes=conduct.suspended_after_minutes)
    last = first + datetime.timedelta(minutes=conduct.suspended_minutes)
    resumed = {"resumed_at": time_text(last), "cause_removed": True, "threshold": scenario.engine.threshold}
    return [
        _event(ENGINE, first, "live.suspended", {"suspended_at": time_text(first), "reason": conduct.suspended_for}),
        _event(ENGINE, last, "live.resumed", resumed),
    ]


def _alert(
    scenario: Scenario,
    number: int,
    at: datetime.datetime,
    group: int,
    score: float,
    right: bool,
    random: np.random.Generator,
) -> Event:
    camera = scenario.cameras[int(random.integers(len(scenario.cameras)))]
    adjudications, decided, at_end = _decisions(scenario, at, right, random)
    content: dict[str, Any] = {
        "at": time_text(at),
        "camera": camera,
        "score": f"{min(score, 1.0):.4f}",
        "threshold": scenario.engine.threshold,
        "entry": int(random.integers(max(1, scenario.list.size))),
        "outcome": {"unsure": "unresolved", "reject": "true" if right else "false"}.get(
            decided, "confirmed-true" if right else "confirmed-false"
        ),
        "adjudications": adjudications,
        "demographics": {
            "ethnicity": scenario.groups[group].name,
            "sex": "not-noted",
            "age_band": "not-noted",
            "source": "perceived",
        },
    }
    if decided == "engage":
        content["engagement"] = _engagement(scenario, at_end + datetime.timedelta(seconds=30), right)
    event = _event(camera, at, "live.hour/alerts", content, scenario.faults.clock_ahead_seconds)
    return event | {"subject": f"track-{number + 1}"}


def _decisions(
    scenario: Scenario, at: datetime.datetime, right: bool, random: np.random.Generator
) -> tuple[list[dict[str, Any]], str, datetime.datetime]:
    """Who looks at an alert and what they decide: each adjudication, the last decision, and when it was made."""
    conduct = scenario.conduct
    adjudications, decided, at_end = [], "engage", at
    people = [("operator", f"operator-{1 + int(random.integers(conduct.operators))}")]
    if random.random() >= conduct.second_left_out:
        people.append(("engagement-officer", f"officer-{1 + int(random.integers(max(1, conduct.officers)))}"))
    if random.random() < conduct.unresolved:
        decided, people = "unsure", people[:1]
    for role, person in people:
        took = HURRIED_SECONDS if random.random() < conduct.hurried else _look(conduct.look_seconds, random)
        at_end += datetime.timedelta(seconds=took)
        if decided == "engage" and not right and random.random() < conduct.rejects_false:
            decided = "reject"
        adjudications.append(_adjudication(role, person, at_end, decided, took))
        if decided != "engage":
            break
    return adjudications, decided, at_end


def _engagement(scenario: Scenario, engaged: datetime.datetime, right: bool) -> dict[str, Any]:
    """What comes of an alert that is acted on: an arrest on a warrant where it is right, else an explanation."""
    engagement = {
        "started_at": time_text(engaged),
        "person": f"officer-{max(1, scenario.conduct.officers)}",
        "identity_method": "name-check",
        "result": "same-person" if right else "other-person",
        "leaflet": True,
        "reason": "alert",
        "result_action": "arrest" if right else "released-no-action",
    }
    if right:
        power = {"power": "pace-s24", "grounds": "wanted on a warrant", "kind": "arrest", "minutes": 0}
        return engagement | {"power": power}
    released = time_text(engaged + datetime.timedelta(minutes=4))
    return engagement | {"released_at": released, "explanation_given": True, "complaint_information": True}


def _look(median: float, random: np.random.Generator) -> int:
    """How long a person looks: lognormal, never less than ``SHORTEST_LOOK`` seconds."""
    return max(SHORTEST_LOOK, round(median * float(np.exp(random.normal(0.0, 0.3)))))


def _adjudication(role: str, person: str, at: datetime.datetime, decision: str, seconds: int) -> dict[str, Any]:
    looked = seconds >= SHORTEST_LOOK
    return {
        "person": person,
        "role": role,
        "decided_at": time_text(at),
        "decision": decision,
        "seconds": seconds,
        "subject_factors": ["features"] * looked,
        "system_factors": ["score"] * looked,
        "environment_factors": ["light"] * looked,
        "seen_other": False,
    }


def _faulty(
    scenario: Scenario, events: list[Event], random: np.random.Generator
) -> tuple[list[Event], list[Event], int]:
    """The events as they arrive, those lost, and how many were doubled. The engine's own account is never lost."""
    sent: list[Event] = []
    lost: list[Event] = []
    doubled, faults = 0, scenario.faults
    silent_from = time_text(start_of(scenario) + datetime.timedelta(minutes=faults.silent_after_minutes))
    for event, chance, again in zip(events, random.random(len(events)), random.random(len(events)), strict=True):
        silent = event["source"] == faults.silent_camera and event["logged_at"] >= silent_from
        if silent or (event["source"] != ENGINE and chance < faults.lost):
            lost.append(event)
            continue
        sent.append(event)
        if again < faults.doubled:
            sent.append(event)
            doubled += 1
    return sent, lost, doubled


def _truth(
    scenario: Scenario, seed: int, walk: Walk, events: list[Event], lost: list[Event], doubled: int
) -> dict[str, Any]:
    by_group = {
        group.name: {
            name: int(getattr(walk, name)[:, number].sum())
            for name in ("passed", "captured", "listed", "listed_captured", "true_alerts", "false_alerts")
        }
        for number, group in enumerate(scenario.groups)
    }
    gone = Counter(event["source"] for event in lost)
    end = time_text(start_of(scenario) + datetime.timedelta(hours=len(scenario.crowd_by_hour)))
    engaged = [event["content"] for event in events if "engagement" in event["content"]]
    return {
        "stamp": STAMP,
        "scenario": scenario.title,
        "seed": seed,
        "by_group": by_group,
        "expected_false_alerts": {name: round(mean, 6) for name, (_, mean) in expected(scenario).items()},
        "after_end": sum(1 for event in events if event.get("subject") and event["content"]["at"] >= end),
        "one_verification": sum(1 for content in engaged if len(content["adjudications"]) < 2),
        "hurried": sum(
            1 for event in events for one in event["content"].get("adjudications", ()) if one["seconds"] < SHORTEST_LOOK
        ),
        "unresolved": sum(1 for event in events if event["content"].get("outcome") == "unresolved"),
        "sent": dict(Counter(event["source"] for event in events)),
        "lost": dict(gone),
        "lost_sequences": {source: [e["sequence"] for e in lost if e["source"] == source] for source in gone},
        "doubled": doubled,
        "silent_camera": scenario.faults.silent_camera,
    }
