"""The life of a made-up deployment from its close on: events in, deletion, review, findings, answers, publication."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from countersign.rehearse.before import bodies_named
from countersign.rehearse.life import Acts, Life, Statement
from countersign.rehearse.papers import ACTS

#: Codes by which a command says that something was found, or done but not all of it.
FOUND = (0, 1)


def stop(life: Life) -> Acts:
    """A stop while live, where the scenario has one, and going on once its cause is gone."""
    conduct = life.scenario.conduct
    if not conduct.suspended_minutes:
        return
    yield life.moments.start + datetime.timedelta(minutes=conduct.suspended_after_minutes)
    life.enter("stop", "stopping", reason=conduct.suspended_for)
    yield life.stage.now + datetime.timedelta(minutes=conduct.suspended_minutes)
    life.enter("going-on", "going on")


def simulate(life: Life) -> Acts:
    """What the engine makes of the crowd: its export, on the host in the van, and the truth apart."""
    yield life.moments("+0 0:00")
    export = life.export
    about = ("--seed", str(life.number), "--out", export, "--limits", life.limits)
    life.call("simulate", life.source, *about, doing="playing the crowd")
    Path(f"{export}.limits.json").unlink()
    life.truth.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{export}.truth.json").rename(life.truth)
    life.papers.values |= counted([json.loads(line) for line in export.read_bytes().splitlines()])


#: What an officer says of an alert, by what they decide.
_BECAUSE = {"engage": "features-agree", "reject": "features-differ", "unsure": "image-poor"}


def judge_alerts(life: Life) -> Acts:
    """The officers' own judgements, as the engine's export has them decide, in the ledger of the unit's device."""
    if life.one_of_many:
        return
    yield life.moments("+0 0:00")
    events = [json.loads(line) for line in life.export.read_bytes().splitlines()]
    alerts = {(event["source"], event["sequence"]): event["content"] for event in events if event["type"] == _ALERTS}
    acts = sorted((at, place, act) for place, alert in enumerate(alerts.values()) for at, act in _acts_of(alert))
    numbers: dict[int, int] = {}
    for at, place, act in acts:
        begun = place in numbers
        number = numbers.setdefault(place, len(numbers) + 1)
        _judged(life, [*alerts.values()][place], act, at, number, begun=begun)


_ALERTS = "live.hour/alerts"


def _acts_of(alert: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    """When each of two judged an alert (0 and 1), and when somebody was approached (2)."""
    for place, decision in enumerate(alert["adjudications"][:2]):
        yield decision["decided_at"], place
    if "engagement" in alert:
        yield alert["engagement"]["started_at"], 2


def _judged(life: Life, alert: Mapping[str, Any], act: int, at: str, number: int, *, begun: bool) -> None:
    slip, signed = (life.own / f"{number}.{what}" for what in ("slip", "judgement"))
    about = ("--deployment", life.scenario.deployment, "--camera", alert["camera"])
    if act == 2:
        which = (str(number),) if begun else about
        life.call("judge", "engaged", life.ledger, *which, "--at", at, by="engagement-officer")
        return
    decision = alert["adjudications"][act]
    answer = ("--answer", decision["decision"], "--reason", _BECAUSE[decision["decision"]])
    said = (*answer, "--seconds", str(decision["seconds"]), "--at", at)
    if act == 0:
        life.call("judge", "first", life.ledger, *about, *said, "--slip", slip, by="operator", doing="judging alerts")
    else:
        life.call("judge", "second", slip, *said, "--out", signed, by="engagement-officer")
        life.call("judge", "take", life.ledger, signed)
        slip.unlink()
        signed.unlink()


def close(life: Life) -> Acts:
    """The close, by the engine's own counts; the list goes, unless it is left loaded."""
    life.enter("close", "closing")
    life.publish()
    yield from life.enter_shipped("deployment.toml", "closed")
    if not life.left_loaded:
        yield life.moments("+0 0:40")
        size = life.scenario.list.size
        classes = {"watchlist": size, "templates": size, "transfer-media": 1}
        life.enter_together([deletion(life, name, count) for name, count in classes.items()], "deleting")


def deletion(life: Life, kind: str, count: int) -> Statement:
    """A statement that all of a class was deleted now."""
    deleted_list = life.papers.values["list_digest"] if kind == "watchlist" else None
    return life.statement("deletion", kind=kind, count=count, deleted_list=deleted_list)


def take_events(life: Life) -> Acts:
    """The export taken in the van, handed over in signed batches, and entered into the log by the hour."""
    yield life.moments("+0 2:00")
    about = ("--deployment", life.scenario.deployment, "--limits", life.limits)
    van, desk, batches = life.own / "van.journal", life.own / "desk.journal", life.own / "batches"
    words, doing = ("events", "take", life.export, *about, "--journal", van, "--json"), "taking the engine's events"
    taken = life.call(*words, ends_with=FOUND, doing=doing)
    life.found = [found["code"] for found in life.read(taken)["found"]]
    life.call("events", "export", *about, "--journal", van, "--out", batches, by="engineer")
    files = sorted(batches.glob("*.jsonl"))
    if files:
        lines = life.keys["engineer"].read_text(encoding="ascii").splitlines()
        signer = lines[1].removeprefix("key ")
        life.call("events", "import", *files, *about, "--journal", desk, "--signer", signer, ends_with=FOUND)
    entered = ("events", "enter", desk, life.log, *about)
    life.call(*entered, by="engineer", ends_with=FOUND, doing="entering the events")
    if life.ledger.exists():
        life.call("judge", "enter", life.ledger, life.log, by="recorder")
        life.call("judge", "match", life.log, life.deployment)


def account(life: Life) -> Acts:
    """What the engine counted: reconciliation, log of processing; what observers saw; alert images deleted."""
    values = life.papers.values
    yield life.moments("+0 3:00")
    deleted = 0 if life.left_loaded else life.scenario.list.size
    processed = life.statement("event-log", export_digest=sha256(life.export.read_bytes()).hexdigest())
    kept = [life.statement("reconciliation", deleted=deleted), processed, life.statement("statistics")]
    life.enter_together(kept, "reconciling the counts")
    yield life.moments("+0 4:00")
    hour, faces = life.moments.start.strftime("%Y-%m-%dT%HZ"), round(values["hours"][0]["faces"] * 0.97)
    seen = [
        life.statement("counted", what=what, hour=hour, count=count, method=method)
        for what, count, method in (("faces", faces, "clicker"), ("stops", values["stops"], "tally"))
    ]
    life.enter_together([life.statement("signs-seen"), *seen], "what observers saw")
    yield life.moments("+0 20:00" if life.moments.end.hour < 4 else "+1 06:00")
    life.enter_together([deletion(life, "alert", values["alerts"])], "deleting")


def state_results(life: Life) -> Acts:
    """A complaint, video deleted, and the force's own review."""
    yield from life.enter_shipped("deployment.toml", "after", "testing what was kept")
    yield life.moments("+4 09:00")
    if life.complained_of:
        life.enter("complaint", "a complaint")
    yield life.moments("+6 09:00")
    life.enter_together([deletion(life, "cctv", len(life.scenario.cameras))], "deleting")
    yield life.moments("+7 09:00")
    life.enter("own-review", "the force's own review")
    life.enter("bias-decision")
    life.attest(("live", "close", "delete", "review", "publish"))
    life.publish()


def judge(life: Life) -> Acts:
    """The reviewer from outside is handed a bundle, judges what is judged, and enters a finding for what is not met."""
    yield life.moments("+8 09:00")
    life.judge("deployment")
    if life.one_of_many:
        states, report = dict.fromkeys(_barred(life), "not shown"), life.papers.digest("visit")
    else:
        life.publish()
        seen = review(life, "reviewer", life.stage.root / "outside" / "first", formats="json")
        states, report = _open_duties(seen), sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()
    yield life.moments("+9 09:00")
    life.findings = {f"{life.deployment}-{number}": duty for number, duty in enumerate(states, 1)}
    made = [
        life.statement("finding", finding=name, duty=duty, result=states[duty].replace(" ", "-"), report=report)
        for name, duty in life.findings.items()
    ]
    if made:
        life.enter_together(made, "the reviewer's findings")


def _open_duties(seen: Mapping[str, Any]) -> dict[str, str]:
    """Duties not met, and those not shown whose time has come (nothing is published yet), with their state."""
    open_now = [duty for duty in seen["duties"] if duty["state"] == "not met" or duty["phase"] != "publish"]
    return {str(duty["id"]): duty["state"] for duty in open_now if duty["state"] in ("not met", "not shown")}


def _barred(life: Life) -> list[str]:
    status = life.call("deployment", "status", life.log, life.deployment, "--gate", "publish", "--json")
    return list(life.read(status)["deployments"][0]["barred_by"])


def answer(life: Life) -> Acts:
    """The force answers each finding and the complaint."""
    yield life.moments("+14 09:00")
    made = [life.statement("answer", finding=name) for name in life.findings]
    if made:
        life.enter_together(made, "the force's answers")
    if life.complained_of:
        life.enter("complaint-answered")


def publish_results(life: Life) -> Acts:
    """The results, as they stand on the force's site; where duties bar them, an officer signs for going ahead."""
    yield life.moments("+20 09:00")
    barred = list(life.findings.values()) if life.one_of_many else _barred(life)
    if barred:
        life.enter("override", barred=barred)
    life.enter("results")
    yield life.moments("+20 10:00")
    life.publish()


#: What is done from the opening on, in order.
DONE_AFTER = (stop, simulate, judge_alerts, close, take_events, account, state_results, judge, answer, publish_results)


#: The duty that the watchers bear out, and the kinds of entries that they saw to be so.
WATCHED, SEEN = "uk.open.advance-notice", ("open.notice", "live.opened")


def watch(life: Life) -> Acts:
    """Street observers keep a log of their own: they bear out the notice and the opening, and say what they saw. The
    reader's file names their log from then on.
    """
    yield life.moments("+24 09:00")
    log, keys, values = life.watchers, life.stage.root / "outside", life.papers.values
    secret, origin = ("--passphrase-file", life.passphrase), life.origin.replace(values["force"], "watchers")
    registrar, key = keys / "watchers-registrar.key", keys / "watchers.key"
    for file in (registrar, key):
        life.call("key", "new", "--name", f"watchers/{file.stem}", "--out", file, *secret)
    named = ("--origin", origin, "--subject", "watchers", "--body", "observer", "--registrar", registrar)
    unsealed = ("--log-passphrase-file", life.passphrase)
    life.call("record", "init", log, *named, *secret, *unsealed, doing="watching from the street")
    life.call("key", "register", log, key, "--role", "observer", "--key", registrar, *secret)
    start = life.moments.start.strftime("%Y-%m-%dT%HZ")
    there = ("--about", values["force"], "--place", values["place"]["name"], "--first", start, "--last", start)
    said: list[tuple[str | Path, ...]] = [
        ("new", log, *there, "--signs", "before-the-zone", "--leaflets", "offered", "--stopped", str(values["stops"]))
    ]
    shown = life.call("record", "show", life.log, f"0-{life.size - 1}", "--json", quiet=True).out.splitlines()
    source = life.log / "public"
    for place, line in enumerate(shown):
        entry = json.loads(line)
        if entry["kind"] in SEEN and entry["subject"] == life.scenario.deployment:
            about = ("--source", source, "--entry", str(place), "--duty", WATCHED, "--ground", "seen")
            said.append(("statement", log, "--says", "bears-out", *about))
    for number, words in enumerate(said, 1):
        draft, signed = (keys / f"watchers-{number}.{end}" for end in ("draft", "signed"))
        life.call("observe", *words, "--out", draft)
        life.call("draft", "sign", draft, "--key", key, *secret, "--yes", "--out", signed)
        life.call("draft", "append", log, signed, *unsealed)
        draft.unlink()
        signed.unlink()
    policy = keys / "watchers.policy"
    life.call("policy", "new", "--log", (log / "log.vkey").read_text(encoding="ascii").strip(), "--out", policy)
    watchers = ("--log", "Street watchers", "observer", values["force"], policy)
    life.call("policy", "reader", *bodies_named(life), *watchers, "--out", life.reader)


def review(life: Life, audience: str, out: Path, *, formats: str) -> Any:
    """A bundle with its openings, verified under the policy, and the review made of it, with the street observers' log
    beside it once there is one.
    """
    bundle = life.stage.root / f"{life.deployment}.bundle"
    opened = (word for label in ACTS["laid_open"] for word in ("--open", label))
    about = ("--subject", life.scenario.deployment, "--audience", audience, "--out", bundle, *opened)
    words = ("record", "bundle", life.log, *about, "--expires", life.moments.day("40"))
    life.call(*words, by="custodian", doing="bundling for the reviewer")
    life.publish()
    life.call("verify", bundle, "--policy", life.policy)
    about = ("--policy", str(life.policy), "--reader", life.reader, "--out", out, "--format", formats)
    beside = (life.watchers / "public",) if life.watchers.is_dir() else ()
    life.call("review", bundle, *beside, *about, "--as-of", life.stage.now.date().isoformat(), doing="reviewing")
    return json.loads((out / "review.json").read_bytes())


def erase(life: Life) -> Acts:
    """What the record itself had sealed of alerts, list and outcomes is destroyed, and the account stated."""
    yield life.moments("+26 09:00")
    life.publish()
    erase_due(life, life.stage.now)
    for kind in ("alert", "list-entry"):
        life.call("record", "state", life.log, kind, by="custodian")
    life.publish()


def erase_due(life: Life, before: datetime.datetime) -> None:
    """Destroy what the record had sealed of alerts and lists in entries before a moment."""
    if life.size <= life.erased:
        return
    shown = life.call("record", "show", life.log, f"{life.erased}-{life.size - 1}", "--json", quiet=True)
    items = []
    for number, line in enumerate(shown.out.splitlines(), life.erased):
        entry = json.loads(line)
        if datetime.datetime.fromisoformat(entry["at"]) >= before:
            break
        items += [f"{number}:{label}" for label in entry["sealed"] if label in ERASED]
        life.erased = number + 1
    if items:
        life.call("record", "erase", life.log, *items, by="custodian", doing="erasing what was sealed")


#: Labels of what is kept for a month alone: alerts, list, outcomes, and between which events some are missing.
ERASED = frozenset({"alerts", "judgements", "entries", "outcomes", "sources", "gaps"})


def counted(events: list[dict[str, Any]]) -> dict[str, Any]:
    """What an export says in counts: totals, outcomes, decisions, by group; alerts after the close apart."""
    closing = next(event["content"] for event in events if event["type"] == "close.cancellation")
    faces, alerts = closing["faces"], closing["alerts"]
    hours = [event["content"] for event in events if event["type"] == "live.hour"]
    seen = {(event["source"], event["sequence"]): event for event in events if event["type"] == "live.hour/alerts"}
    within = [event["content"] for event in seen.values() if event["content"]["at"] < closing["closed_at"]]
    decisions = [decision for alert in within for decision in alert["adjudications"]]
    seconds = sorted(decision["seconds"] for decision in decisions) or [0]
    outcomes = Counter(alert["outcome"] for alert in within)
    false = outcomes["false"] + outcomes["confirmed-false"]
    both = [alert["adjudications"] for alert in within if len(alert["adjudications"]) == 2]
    whole = _of_group(within)
    groups: dict[str, list[dict[str, Any]]] = {}
    for alert in within:
        groups.setdefault(alert["demographics"]["ethnicity"], []).append(alert)
    names = ("true", "confirmed-true", "false", "confirmed-false", "unresolved")
    return {
        "faces": faces,
        "alerts": alerts,
        "engagements": closing["engagements"],
        "hours": hours,
        "system_alerts": alerts + len(seen) - len(within),
        "without_alert": faces - alerts,
        "outcomes": {name.replace("-", "_"): outcomes[name] for name in names},
        "false_per_face": rate(false, faces),
        "false_per_alert": rate(false, alerts),
        "adjudicated": sum(1 for alert in within if alert["adjudications"]),
        "adjudications": len(decisions),
        "rejected": sum(1 for decision in decisions if decision["decision"] == "reject"),
        "median_seconds": str(seconds[len(seconds) // 2]),
        "both_decided": len(both),
        "agreed": sum(1 for first, second in both if first["decision"] == second["decision"]),
        "arrests": whole["arrests"],
        "objective_met": "partly" if whole["arrests"] else "no",
        "stops": sum(
            1 for alert in within if "engagement" in alert and alert["at"] < hours[0]["hour"][:13] + ":59:59Z"
        ),
        "by_group": {name: _of_group(alerts) for name, alerts in groups.items()},
    }


def _of_group(alerts: list[dict[str, Any]]) -> dict[str, int]:
    engaged = [alert["engagement"] for alert in alerts if "engagement" in alert]
    return {
        "alerts": len(alerts),
        "false": sum(1 for alert in alerts if alert["outcome"] in ("false", "confirmed-false")),
        "engagements": len(engaged),
        "arrests": sum(1 for engagement in engaged if engagement.get("result_action") == "arrest"),
    }


def rate(count: int, of: int) -> str:
    """A rate as a force prints it, to nine places at most.

    >>> rate(1, 8000), rate(0, 3), rate(1, 0)
    ('0.000125', '0', '0')
    """
    return f"{count / of:.9f}".rstrip("0").rstrip(".") if of and count else "0"
