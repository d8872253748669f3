"""The life of a made-up deployment from its close on: events in, deletion, review, findings, answers, publication."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from countersign.rehearse.life import Acts, Life, Statement

#: Codes by which a command says that something was found, or done but not all of it.
FOUND = (0, 1)


def stop(life: Life) -> Acts:
    """A stop while live, where the scenario has one, and going on once its cause is gone."""
    conduct = life.scenario.conduct
    if not conduct.suspended_minutes:
        return
    yield life.moments.start + datetime.timedelta(minutes=conduct.suspended_after_minutes)
    life.enter(
        "live.suspended",
        "commander",
        {"suspended_at": life.text_now(), "reason": conduct.suspended_for},
        doing="stopping",
    )
    yield life.stage.now + datetime.timedelta(minutes=conduct.suspended_minutes)
    life.enter("live.resumed", "commander", {
        "resumed_at": life.text_now(), "cause_removed": True, "threshold": "{declared}",
    }, doing="going on")  # fmt: skip


def simulate(life: Life) -> Acts:
    """What the engine makes of the crowd: its export, on the host in the van, and the truth apart."""
    yield life.moments("+0 0:00")
    export = life.export
    life.stage.call("simulate", life.source, "--seed", str(life.number), "--out", export, "--limits", life.limits,
                    doing="playing the crowd")  # fmt: skip
    Path(f"{export}.limits.json").unlink()
    Path(f"{export}.truth.json").rename(_made(life.truth))
    life.papers.values |= counted(_events(export))


def close(life: Life) -> Acts:
    """The close, by the engine's own counts; the list goes, unless it is left loaded."""
    values = life.papers.values
    summary = "The window ended as planned, the counts were read from the engine, and the cameras were taken down."
    life.enter("close.cancellation", "commander", {
        "closed_at": "{at:+0 0:00}", "reason": "end-of-window", "faces": values["faces"], "alerts": values["alerts"],
        "engagements": values["engagements"], "incidents": 0,
    }, {"summary": {"summary": summary}}, doing="closing")  # fmt: skip
    life.publish()
    yield from life.enter_shipped("deployment.toml", ("closed",))
    if not life.left_loaded:
        yield life.moments("+0 0:40")
        size = life.scenario.list.size
        life.enter_together(
            [deletion(life, *one) for one in (("watchlist", size), ("templates", size), ("transfer-media", 1))],
            "deleting",
        )


def deletion(life: Life, kind: str, count: int) -> Statement:
    """A statement that all of a class was deleted now."""
    return Statement("delete.deletion", "custodian", {
        "class": kind, "count": count, "deleted_at": life.text_now(), "method": "secure-delete",
        **({"list_digest": "{list_digest}"} if kind == "watchlist" else {}), "manifest": f"{{digest:deleted-{kind}}}",
        "witnessed": True, "remaining": 0,
    })  # fmt: skip


def take_events(life: Life) -> Acts:
    """The export taken in the van, handed over in signed batches, and entered into the log by the hour."""
    stage = life.stage
    yield life.moments("+0 2:00")
    about = ("--deployment", life.scenario.deployment, "--limits", life.limits)
    van, desk, batches = life.own / "van.journal", life.own / "desk.journal", life.own / "batches"
    taken = stage.call("events", "take", life.export, *about, "--journal", van, "--json", ends_with=FOUND,
                       doing="taking the engine's events")  # fmt: skip
    life.found = [one["code"] for one in life.read(taken)["found"]]
    stage.call("events", "export", *about, "--journal", van, "--out", batches, *life.signed("engineer"))
    files = sorted(batches.glob("*.jsonl"))
    if files:
        signer = [line.removeprefix("key ") for line in life.key("engineer").read_text(encoding="ascii").splitlines()]
        stage.call("events", "import", *files, *about, "--journal", desk, "--signer", signer[1], ends_with=FOUND)
    stage.call("events", "enter", desk, life.log, *about, *life.signed("engineer"), ends_with=FOUND,
               doing="entering the events")  # fmt: skip


def account(life: Life) -> Acts:
    """What the engine counted: reconciliation, log of processing; what observers saw; alert images deleted."""
    values = life.papers.values
    yield life.moments("+0 3:00")
    later = values["after_end"]
    kinds = {"collection": values["faces"], "alteration": 0, "consultation": values["alerts"], "disclosure": 0,
             "combination": values["faces"], "erasure": values["faces"]}  # fmt: skip
    life.enter_together([
        Statement("close.reconciliation", "engineer", {
            "faces": values["faces"], "alerts": values["alerts"], "system_alerts": values["alerts"] + later,
            "adjudicated": values["adjudicated"], "engagements": values["engagements"],
            "loaded": life.scenario.list.size, "deleted": 0 if life.left_loaded else life.scenario.list.size,
            "templates_created": values["faces"], "templates_deleted": values["faces"] - values["alerts"],
            "differences": [],
        }, {"outcomes": values["outcomes"]}, by="engine"),
        Statement("live.event-log", "engineer", {
            "period_start": "{at:0 0:00}", "period_end": "{at:+0 0:00}",
            "digest": sha256(life.export.read_bytes()).hexdigest(),
            "events": [{"type": name, "count": count} for name, count in kinds.items()],
            "list_digest": "{list_digest}", "kept_until": "{day:220}", "with_actor": values["alerts"],
        }, by="engine"),
        Statement("review.statistics", "engineer", {
            "faces": values["faces"], "alerts": values["alerts"], **values["outcomes"], "known_passes": 5,
            "known_alerts": 5, "adjudications": values["adjudications"], "rejected": values["rejected"],
            "median_seconds": str(values["median_seconds"]), "both_decided": values["both_decided"],
            "agreed": values["agreed"], "definitions": "{digest:definitions}",
        }, by="engine"),
    ], "reconciling the counts")  # fmt: skip
    yield life.moments("+0 4:00")
    seen = {"seen_at": "{at:0 0:20}", "signs": 2, "approaches": 2, "approaches_without": 0, "legible": True}
    hour = life.moments.start.strftime("%Y-%m-%dT%HZ")
    faces = round(values["hours"][0]["faces"] * 0.97)
    counts = [
        {"what": what, "hour": hour, "minutes": 60, "count": count, "method": method}
        for what, count, method in (("faces", faces, "clicker"), ("stops", values["stops"], "tally"))
    ]
    life.enter_together(
        [
            Statement("observer.signs", "observer", seen, by="observer"),
            *(Statement("observer.count", "observer", one, by="observer") for one in counts),
        ],
        "what observers saw",
    )
    yield life.moments("+0 20:00" if life.moments.end.hour < 4 else "+1 06:00")
    life.enter_together([deletion(life, "alert", values["alerts"])], "deleting")


def state_results(life: Life) -> Acts:
    """A complaint, video deleted, and the force's own review."""
    values = life.papers.values
    yield from life.enter_shipped("deployment.toml", ("after",), doing="testing what was kept")
    yield life.moments("+4 09:00")
    if life.complained_of:
        life.enter("review.complaint", "complaints-handler", {"received_on": "{day:3}", "acknowledged_on": "{day:4}"},
                   {"complaint": {"reference": "C-2026-031"}}, doing="a complaint")  # fmt: skip
    yield life.moments("+6 09:00")
    life.enter_together([deletion(life, "cctv", len(life.scenario.cameras))], "deleting")
    yield life.moments("+7 09:00")
    life.enter("review.deployment-review", "operational-lead", {
        "made_at": "{at:+7 09:00}", "digest": "{digest:force-review}",
        "objective_met": "partly" if values["arrests"] else "no", "necessary_in_hindsight": "partly", "lessons": 3,
        "actions": 2, "breaches": 0, "rights_requests": 0,
    }, doing="the force's own review")  # fmt: skip
    life.enter_together([
        Statement("review.bias-decision", "senior-owner", {
            "date": "{day:7}", "trigger": "{digest:disparity}", "decision": "continue",
            "decided_by_rank": "chief-constable",
        }),
    ])  # fmt: skip
    life.attest(("live", "close", "delete", "review", "publish"))
    life.publish()


def judge(life: Life) -> Acts:
    """The reviewer from outside is handed a bundle, judges what is judged, and enters a finding for what is not met."""
    stage = life.stage
    yield life.moments("+8 09:00")
    life.judge("deployment")
    if life.one_of_many:
        found = [{"id": one, "state": "not shown"} for one in _barred(life)]
        report = life.papers.digest("visit")
    else:
        life.publish()
        seen = review(life, "reviewer", stage.root / "outside" / "first", formats="json")
        found, report = list(_open_duties(seen)), sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
    yield life.moments("+9 09:00")
    life.findings = {f"{life.deployment}-{number}": str(duty["id"]) for number, duty in enumerate(found, 1)}
    made = [
        Statement("review.finding", "reviewer", {
            "finding": name, "duty": duty["id"], "result": str(duty["state"]).replace(" ", "-"), "report": report,
            "answer_due": life.moments.day("23"), "deployment": life.deployment,
        }, by="outside") for name, duty in zip(life.findings, found, strict=True)
    ]  # fmt: skip
    if made:
        life.enter_together(made, "the reviewer's findings")


def _barred(life: Life) -> list[str]:
    """What bars publication now."""
    status = life.stage.call("deployment", "status", life.log, life.deployment, "--gate", "publish", "--json")
    return list(life.read(status)["deployments"][0]["barred_by"])


def answer(life: Life) -> Acts:
    """The force answers each finding and the complaint."""
    yield life.moments("+14 09:00")
    made = [
        Statement("review.answer", "senior-owner", {
            "finding": name, "response": "accepted", "answer": f"{{digest:answer-{name}}}", "action_due": "{day:60}",
            "url": f"{{url:answer-{name}}}",
        }) for name in life.findings
    ]  # fmt: skip
    if made:
        life.enter_together(made, "the force's answers")
    if life.complained_of:
        life.enter("review.complaint", "complaints-handler", {
            "received_on": "{day:3}", "acknowledged_on": "{day:4}", "answered_on": "{day:14}", "outcome": "not-upheld",
            "remedy": "none",
        }, {"complaint": {"reference": "C-2026-031"}})  # fmt: skip


def publish_results(life: Life) -> Acts:
    """The results, as they stand on the force's site; where duties bar them, an officer signs for going ahead."""
    values = life.papers.values
    yield life.moments("+20 09:00")
    barred = list(life.findings.values()) if life.one_of_many else _barred(life)
    if barred:
        reason = "The public is better served by late and incomplete results than by none; each duty is answered for."
        life.enter("authorise.override", "senior-owner", {
            "gate": "publish", "duties": barred, "officer_rank": "assistant-chief-constable",
            "expires_at": "{at:+21 09:00}", "reason": "evidence-follows",
        }, {"reasons": {"reasons": reason}})  # fmt: skip
    outcomes = values["outcomes"]
    false = outcomes["false"] + outcomes["confirmed_false"]
    life.enter("publish.results", "press-officer", {
        "url": "{url:results}", "published_at": "{at:+20 09:00}", "digest": "{digest:results}", "date": "{day:0}",
        "place": "{place.name}", "purpose": "arrest-wanted", "list_size": "{size}",
        "categories": ["wanted-on-warrant", "court-order", "missing-at-risk"], "threshold": "{declared}",
        "faces": values["faces"], "alerts": values["alerts"], **outcomes, "engagements": values["engagements"],
        "arrests": values["arrests"], "false_per_face": rate(false, values["faces"]),
        "false_per_alert": rate(false, values["alerts"]), "hours": str(life.moments.hours),
    })  # fmt: skip
    yield life.moments("+20 10:00")
    life.publish()


def review(life: Life, audience: str, out: Path, *, formats: str) -> Any:
    """A bundle with its openings, verified under the policy, and the review made of it."""
    stage = life.stage
    bundle = stage.root / f"{life.deployment}.bundle"
    stage.call("record", "bundle", life.log, "--subject", life.scenario.deployment, "--audience", audience, "--out",
               bundle, *(word for label in LABELS for word in ("--open", label)), "--expires", life.moments.day("40"),
               *life.signed("custodian"), doing="bundling for the reviewer")  # fmt: skip
    life.publish()
    stage.call("verify", bundle, "--policy", life.policy)
    stage.call("review", bundle, "--policy", life.policy, "--reader", life.reader, "--out", out, "--format", formats,
               "--as-of", stage.now.date().isoformat(), doing="reviewing")  # fmt: skip
    return json.loads((out / "review.json").read_bytes())


def erase(life: Life) -> Acts:
    """What the record itself had sealed of alerts, list and outcomes is destroyed, and the account stated."""
    yield life.moments("+26 09:00")
    life.publish()
    erase_due(life, life.stage.now)
    for kind in ("alert", "list-entry"):
        life.stage.call("record", "state", life.log, kind, *life.signed("custodian"))
    life.publish()


def erase_due(life: Life, before: datetime.datetime) -> None:
    """Destroy what the record had sealed of alerts and lists in entries before a moment."""
    if life.size <= life.erased:
        return
    shown = life.stage.call("record", "show", life.log, f"{life.erased}-{life.size - 1}", "--json", quiet=True)
    items = []
    for number, line in enumerate(shown.out.splitlines(), life.erased):
        entry = json.loads(line)
        if datetime.datetime.fromisoformat(entry["at"]) >= before:
            break
        items += [f"{number}:{label}" for label in entry["sealed"] if label in ERASED]
        life.erased = number + 1
    if items:
        life.stage.call("record", "erase", life.log, *items, *life.signed("custodian"), doing="erasing what was sealed")


#: Labels of what is kept for a month alone: alerts, list, outcomes, and between which events some are missing.
ERASED = frozenset({"alerts", "entries", "outcomes", "sources", "gaps"})
#: What the custodian lays open to the reviewer.
LABELS = ("alerts", "answers", "reasons", "place", "document", "persons", "sites", "outcomes", "summary", "entries")


def counted(events: list[dict[str, Any]]) -> dict[str, Any]:
    """What an export says in counts: totals, outcomes, decisions, by group; alerts after the close apart."""
    closing = next(event["content"] for event in events if event["type"] == "close.cancellation")
    hours = [event["content"] for event in events if event["type"] == "live.hour"]
    seen = {(event["source"], event["sequence"]): event for event in events if event["type"] == "live.hour/alerts"}
    within = [one["content"] for one in seen.values() if one["content"]["at"] < closing["closed_at"]]
    decisions = [one for alert in within for one in alert["adjudications"]]
    seconds = sorted(one["seconds"] for one in decisions) or [0]
    outcomes = Counter(alert["outcome"] for alert in within)
    both = [alert["adjudications"] for alert in within if len(alert["adjudications"]) == 2]
    return {
        "faces": closing["faces"], "alerts": closing["alerts"], "engagements": closing["engagements"], "hours": hours,
        "after_end": len(seen) - len(within),
        "outcomes": {name.replace("-", "_"): outcomes[name]
                     for name in ("true", "confirmed-true", "false", "confirmed-false", "unresolved")},
        "adjudicated": sum(1 for alert in within if alert["adjudications"]), "adjudications": len(decisions),
        "rejected": sum(1 for one in decisions if one["decision"] == "reject"),
        "median_seconds": seconds[len(seconds) // 2], "both_decided": len(both),
        "agreed": sum(1 for first, second in both if first["decision"] == second["decision"]),
        "arrests": sum(1 for one in within if one.get("engagement", {}).get("result_action") == "arrest"),
        "stops": sum(1 for one in within if "engagement" in one and one["at"] < hours[0]["hour"][:13] + ":59:59Z"),
        "by_group": {name: _of_group(alerts) for name, alerts in _by_group(within).items()},
    }  # fmt: skip


def _by_group(alerts: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for alert in alerts:
        groups.setdefault(alert["demographics"]["ethnicity"], []).append(alert)
    return groups


def _of_group(alerts: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "alerts": len(alerts),
        "false": sum(1 for one in alerts if one["outcome"] in ("false", "confirmed-false")),
        "engagements": sum(1 for one in alerts if "engagement" in one),
        "arrests": sum(1 for one in alerts if one.get("engagement", {}).get("result_action") == "arrest"),
    }


def rate(count: int, of: int) -> str:
    """A rate as a force prints it, to nine places at most.

    >>> rate(1, 8000), rate(0, 3), rate(1, 0)
    ('0.000125', '0', '0')
    """
    return f"{count / of:.9f}".rstrip("0").rstrip(".") if of and count else "0"


def _made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _events(export: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export.read_bytes().splitlines()]


def _open_duties(seen: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Duties not met, and those not shown whose time has come: nothing is published yet."""
    for duty in seen["duties"]:
        if duty["state"] == "not met" or (duty["state"] == "not shown" and duty["phase"] != "publish"):
            yield duty
