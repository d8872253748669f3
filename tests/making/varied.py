"""A log with every sort of deployment the site has to show, and the same life many times for benches.

Each is made from a history that ``tests.making.histories`` drives by the rules, moved to days of its own: its
dates, names and the entries it names are shifted, and every entry is signed anew by its role's key.
"""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

from tests.making import histories as made
from tests.making.logs import LOG_KEY, private
from tests.making.published import FORCE, PublishedLog

from countersign.record.tlog.checkpoint import Cosigner, SignedCheckpoint
from countersign.record.tlog.policy import Policy, PolicyLog, PolicyWitness

NOW = "2026-11-01T10:00:00Z"
#: 1 November 2026, 09:59 UTC.
COSIGNED_AT = 1_793_527_140
WITNESS = Cosigner("overseer.example/witness", private("overseer"))
TEMPLATE_DAY = datetime.date(2026, 3, 2)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}(?=[T\"])")
PLACES = ("High Street, north end", "Station Approach", "Market Square by the fountain", "Quay Road bus station")


class VariedLog(PublishedLog):
    """A published log to which whole lives can be added."""

    def __init__(self) -> None:
        super().__init__(*(role for role in made.KEYS if role != "compiler"))

    def life(self, number: int, history: made.History, day: datetime.date, place: str, **counts: int) -> str:
        """Add all that a history holds about its deployment, as the deployment ``number`` on ``day`` at ``place``."""
        subject, places = f"{FORCE}/d-{number}", dict[int, int]()
        days = (day - TEMPLATE_DAY).days
        for index, entry in history.entries:
            draft = entry.draft
            if draft.subject == FORCE:
                continue
            facts = json.loads(_shifted(json.dumps(draft.facts), days).replace("list-d-1", f"list-{number}"))
            facts = json.loads(
                json.dumps(facts).replace("High Street, north end", place).replace("van-1", f"v-{number}")
            )
            if "manifest" in facts:
                facts["manifest"] = places[facts["manifest"]]
            if draft.kind == "publish.results":
                facts |= {"place": place, **counts}
            at = json.loads(_shifted(json.dumps(draft.at), days))
            places[index] = self.add(draft.kind, facts, subject, at, draft.role, draft.supplied_by, draft.sealed)
        return subject


def _shifted(text: str, days: int) -> str:
    def later(match: re.Match[str]) -> str:
        return (datetime.date.fromisoformat(match[0]) + datetime.timedelta(days)).isoformat()

    return _DATE.sub(later, text)


def whole_life() -> made.History:
    """A deployment from proposal to archive, with six hours counted."""
    history = made.History().upto("open")
    for number in range(12, 18):
        facts, contents = made.hour(number, [], 800 + number)
        history.do("live.hour", facts, "operator", f"2026-03-02T{number:02d}:59:59Z", contents)
    for name in ("close", "delete", "review", "publish", "archive"):
        made._DO[name](history)
    return history


def many(count: int) -> VariedLog:
    """The same life ``count`` times, on days of its own over four years."""
    log, history = VariedLog(), whole_life()
    for number in range(count):
        day = datetime.date(2023, 1, 2) + datetime.timedelta(number * 1400 // count)
        log.life(number, history, day, PLACES[number % 4], faces=4000 + number, false=number % 3)
    return log


def varied() -> VariedLog:
    """Some twenty deployments: early, late, refused, cancelled, suspended, observed, found fault with, well kept."""
    log, day = VariedLog(), datetime.date
    well = whole_life()
    for number in range(1, 8):
        place = PLACES[number % 4]
        log.life(number, well, day(2025, 3, 1) + datetime.timedelta(83 * number), place, faces=5000 * number)
    closed, deleted = made.History().upto("close"), made.History().upto("delete")
    log.life(8, closed, day(2026, 9, 3), PLACES[0])
    log.life(9, deleted, day(2026, 9, 10), PLACES[1])
    overridden = made.History().upto("assess")
    override = {
        "gate": "authorise", "duties": ["uk.plan.strict-necessity"], "officer_rank": "superintendent",
        "reason": "evidence-follows", "expires_at": "2026-02-24T08:00:00Z",
    }  # fmt: skip
    reasons = {"reasons": {"reasons": "Said in this test."}}
    overridden.do("authorise.override", override, "authorising-officer", "2026-02-23T08:00:00Z", reasons)
    log.life(10, overridden, day(2026, 10, 2), PLACES[2])
    refused = made.History().upto("assess")
    contents: Any = {"reasons": made.REASONS, "place": made.place()}
    refusal = made.authority(decision="refused", categories=[])
    refused.do("authorise.authority", refusal, "authorising-officer", "2026-02-23T09:00:00Z", contents)
    log.life(11, refused, day(2026, 10, 5), PLACES[3])
    log.life(12, made.History().upto("notify"), day(2026, 11, 9), "Cathedral Close & O'Neill's corner, south side")
    log.life(13, made.History().upto("brief"), day(2026, 11, 4), PLACES[1])
    log.life(14, made.History().upto("open"), day(2026, 10, 30), PLACES[2])
    suspended = made.History().upto("open")
    made.suspended(suspended)
    log.life(15, suspended, day(2026, 11, 1), PLACES[3])
    cancelled = made.History().upto("notify")
    called_off = {"closed_at": made.START, "reason": "not-needed", "faces": 0, "alerts": 0, "engagements": 0,
                  "incidents": 0}  # fmt: skip
    log.life(16, cancelled, day(2026, 8, 8), PLACES[0])
    log.add("close.cancellation", called_off | {"closed_at": "2026-08-08T12:00:00Z"}, f"{FORCE}/d-16",
           "2026-08-08T12:00:00Z", "commander")  # fmt: skip
    _outside(log, log.life(17, well, day(2026, 7, 4), PLACES[0], faces=812, alerts=0, true=0, false=0))
    out_of_rule = made.History()
    out_of_rule.append(closed.entries[-1][1])
    log.life(18, out_of_rule, day(2026, 6, 6), PLACES[1])
    log.life(19, made.History().upto("assess"), day(2026, 11, 10), PLACES[2])
    held = log.life(20, deleted, day(2026, 9, 20), PLACES[3])
    hold = {
        "class": "cctv", "count": 2, "reason": "complaint", "legal_basis": "CPIA-1996", "owner": "data-protection",
        "review_date": "2026-10-10", "disclosure_entry_made": True,
    }  # fmt: skip
    log.add("delete.hold", hold, held, "2026-09-20T21:00:00Z", "recorder")
    log.add("live.opened", made.opened(made.DOCUMENT), f"{FORCE}/d-21", "2026-10-20T12:00:00Z", "commander")
    _programme(log)
    return log


def _outside(log: VariedLog, subject: str) -> None:
    seen = {"what": "faces", "hour": "2026-07-04T13Z", "minutes": 20, "count": 210, "method": "tally"}
    log.add("observer.count", seen, subject, "2026-07-04T14:00:00Z", "observer", "observer")
    stops = {"what": "stops", "hour": "2026-07-04T14Z", "minutes": 60, "count": 4, "method": "clicker"}
    log.add("observer.count", stops, subject, "2026-07-04T15:00:00Z", "observer", "observer")
    for name, duty, due in (("f-1", "uk.open.signage", "2026-10-15"), ("f-2", "uk.plan.x", "2026-12-15")):
        finding = {"finding": name, "duty": duty, "result": "not-met", "report": made.digest(name), "answer_due": due}
        log.add("review.finding", finding, subject, "2026-08-20T09:00:00Z", "reviewer", "outside")
    answer = {"finding": "f-2", "response": "disputed", "answer": made.digest("answer")}
    log.add("review.answer", answer, subject, "2026-08-25T09:00:00Z", "authorising-officer")
    complaint = {"received_on": "2026-07-06", "answered_on": "2026-07-30", "outcome": "partly-upheld"}
    log.add("review.complaint", complaint, subject, "2026-08-26T09:00:00Z", "data-protection-officer")
    breach = {
        "aware_at": "2026-07-05T09:00:00Z", "high_risk": False, "subjects_informed": 0, "facts": made.digest("a"),
        "effects": made.digest("b"), "remedy": made.digest("c"),
    }  # fmt: skip
    log.add("review.breach", breach, subject, "2026-08-27T09:00:00Z", "data-protection-officer")


def _programme(log: VariedLog) -> None:
    stop = {"reason": "bias", "decision": made.digest("stop"), "starts_at": "2026-05-01T00:00:00Z"}
    place = log.add("programme.moratorium", stop, FORCE, "2026-04-30T09:00:00Z", "moratorium-authority", "outside")
    lifted = {"moratorium": place, "decision": made.digest("go"), "lifted_at": "2026-05-20T00:00:00Z"}
    log.add("programme.moratorium-lifted", lifted, FORCE, "2026-05-19T09:00:00Z", "moratorium-authority", "outside")
    changed = made.policy(version="3.2", digest=made.digest("policy 3.2"), published_at="2026-06-01T09:00:00Z")
    log.add("programme.policy", changed, FORCE, "2026-06-01T09:00:00Z", "senior-owner")
    for start, end, told in (("2025-04-01", "2025-06-30", 2), ("2026-07-01", "2026-09-30", 6),
                             ("2026-01-01", "2026-12-31", 12)):  # fmt: skip
        groups = [
            {"characteristic": kind, "group": name, "true": 4, "false": false, "engagements": 5, "arrests": 1}
            for kind, name, false in (("ethnicity", "asian", 1), ("ethnicity", "black", 5), ("ethnicity", "white", 2),
                                      ("sex", "f", 3), ("sex", "m", 5))
        ]  # fmt: skip
        report = {
            "period_start": start, "period_end": end, "url": "https://force-a.example/year", "deployments": told,
            "published_at": f"{end}T20:00:00Z", "digest": made.digest(end), "complaints": 1, "groups": groups,
        }  # fmt: skip
        log.add("publish.annual-report", report, FORCE, "2026-10-01T09:00:00Z", "senior-owner")


def trust() -> Policy:
    """Who is trusted: the log's key, and the witness."""
    return Policy((PolicyLog(LOG_KEY.key),), (PolicyWitness("overseer", WITNESS.key),), (), "overseer")


def publish_varied(folder: Path) -> Path:
    """The varied log's published files, the head cosigned by the witness."""
    varied().write(folder)
    head = SignedCheckpoint.parse((folder / "checkpoint").read_bytes())
    cosigned = head.note.adding(WITNESS.cosign(head.checkpoint, COSIGNED_AT))
    (folder / "checkpoint").write_bytes(cosigned.render())
    return folder
