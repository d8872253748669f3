"""What a deployment costs the people who record it by drafts: typed, chosen, signed, and written by hand (nothing).

Typed: answers that are texts, numbers or times, and a new deployment's name. Chosen: the kind of entry, an answer from
a fixed list, what is copied, for whom; a gate's override takes over the duties that the refusal lists. Every person
opens their key once a shift. Run with ``-s`` to see the table of docs/formats/drafts.md.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_deployment import LIST, Desk, at_moment, office, opened
from tests.making import histories as made
from tests.making.papers import filled

from countersign.cli import draft as command
from countersign.deployments.clock import hours_later
from countersign.deployments.kinds import SCHEMAS
from countersign.record.entries.entry import key_id
from countersign.register import drafts
from countersign.register.keys import public_key
from countersign.register.papers.form import fields_of
from countersign.register.papers.lending import lent_by_template, overview, template_named

__all__ = ["office", "opened"]


@dataclass
class Journey:
    """One deployment entered by drafts, with what it cost. ``source``: the template or deployment it is copied from."""

    desk: Desk
    name: str
    source: str
    day: str = "2026-03-02"
    typed: int = 0
    chosen: int = 0
    signatures: int = 0
    people: set[str] = field(default_factory=set)
    commands: int = 0
    letters: int = 0

    def run(self, *arguments: str, code: int = 0) -> str:
        self.commands += 1
        self.letters += len(" ".join(arguments))
        return self.desk.tell(*arguments, code=code)

    def act(self, kind: str, who: str, at: str, answers: dict[str, str] | None = None, *more: str) -> None:
        """Seal, sign and append one act; a gate that duties bar is passed by a signed override."""
        self.desk.now = at
        self.chosen += 1
        about = ["--deployment", self.name, "--from", self.source]
        settled: dict[str, Any] = {}
        if self.source.startswith("shipped:"):
            about += ["--for", key_id(public_key(f"{who}.key").public_key)[:12]]
            self.chosen += 1
            path = template_named(self.source)
            assert path is not None
            settled, _ = lent_by_template(path, kind)
        for answer, value in (answers or {}).items():
            if answer in settled and _typed(settled[answer]) == value:
                continue
            about += ["--set", f"{answer}={value}"]
            if _is_choice(kind, answer):
                self.chosen += 1 + value.count(",")
            else:
                self.typed += len(value)
        sealing = ("draft", "seal", "a", kind, *about, *more, "--out", "x.draft")
        told = self.desk.tell("draft", "check", "a", kind, *about, *more, code=_ANY)
        if "[duty-unmet]" in told:
            self._override(kind, told, at)
        self.run(*sealing)
        self.run("draft", "sign", "x.draft", "--key", f"{who}.key", "--yes", "--out", "x.signed")
        self.run("draft", "append", "a", "x.signed")
        self.signatures += 1
        self.people.add(who)

    def _override(self, kind: str, told: str, at: str) -> None:
        assert "()" not in told
        duties = re.findall(r"(?:^|; )([a-z0-9.-]+) \(", told.split("signed for them: ")[1].split("\n")[0])
        step = {"authorise.authority": "authorise", "authorise.approval": "approve", "live.opened": "open"}
        answers = {"gate": step.get(kind, "publish"), "duties": ",".join(duties), "expires_at": hours_later(at, 1)}
        if self.source.startswith("shipped:"):
            answers |= {
                "officer_rank": "superintendent",
                "reason": "evidence-follows",
                "sealed.reasons.reasons": "Later.",
            }
        before = self.chosen, self.typed
        self.act("authorise.override", "commander", at, answers)
        # The list of duties is taken over from the refusal.
        self.chosen, self.typed = before[0] + 4, before[1] + len(answers["expires_at"])


_ANY: Any = type("Any", (), {"__eq__": lambda *_: True, "__hash__": None})()


def _is_choice(kind: str, path: str) -> bool:
    shape = fields_of(SCHEMAS.latest(kind))
    for part in path.split("."):
        shape = shape["items"] if part.isdecimal() else shape["properties"][part]
    shape = shape.get("items", shape)
    return "enum" in shape or shape.get("type") == "boolean" or path.endswith("categories")


def first(journey: Journey) -> None:
    """From the shipped template: every field that it leaves open is answered."""
    desk = journey.desk

    def answers(facts: dict[str, Any], *leave: str, **sealed: dict[str, Any]) -> dict[str, str]:
        made_of = {name: _typed(value) for name, value in facts.items() if name not in leave}
        under = {f"sealed.{label}": _inline(value) for label, value in sealed.items()}
        return made_of | under

    case = {"objective": "Find those wanted.", "intelligence": "Sightings.", "alternatives": []}
    journey.act(
        "plan.proposal", "applicant", "2026-02-20T09:00:00Z",
        answers(made.proposal(), "submitted_at", "policy", place=made.place(), case=case),
    )  # fmt: skip
    journey.act("plan.assessment", "assessor", "2026-02-21T09:00:00Z", answers(made.assessment(), "made_at"))
    cited: dict[str, str] = {}
    for number, name in enumerate(("policy", "dpia", "eia", "apd", "test-report")):
        Path(f"{name}.pdf").write_text(name)
        cited |= {f"documents.{number}.version": "3.1", f"documents.{number}.digest": f"file:{name}.pdf"}
    journey.act(
        "authorise.authority", "officer", "2026-02-23T09:00:00Z",
        answers(made.authority(), "signed_at", "application", "documents", reasons=made.REASONS) | cited,
    )  # fmt: skip
    listed = {name: made.manifest()[name] for name in ("list", "digest", "built_at", "expires_at", "query")}
    journey.act("authorise.manifest", "builder", "2026-03-02T08:30:00Z", answers(listed), "--list", "list.csv")
    terms = {name: made.terms()[name] for name in ("engine", "engine_version", "threshold_minimum")}
    terms |= {"officer_rank": "superintendent", "ceilings.0.at_most": "0.001", "ceilings.0.clause": "8.11"}
    journey.act("authorise.approval", "officer", "2026-03-02T09:00:00Z", answers(terms))
    notice = {"channels": ["web"], "url": "https://force-a.example/next", "purpose": "arrest-wanted"}
    journey.act("open.notice", "press", "2026-03-02T09:30:00Z", answers(notice))
    Path("script.pdf").write_bytes(b"script")
    briefing = {"script": "file:script.pdf", "script_version": "2", "attendees": 8, "topics": ["objective"]}
    journey.act("brief.briefing", "commander", "2026-03-02T10:00:00Z", answers(briefing))
    journey.act("live.opened", "commander", made.START, answers({"threshold": "0.64", "cameras": 1}))
    journey.act("live.suspended", "commander", "2026-03-02T14:00:00Z", answers({"reason": "fault"}))
    resumed = {"cause_removed": True, "threshold": "0.64"}
    journey.act("live.resumed", "commander", "2026-03-02T14:30:00Z", answers(resumed))
    closing = {"reason": "end-of-window", "faces": 800, "alerts": 0, "engagements": 0, "incidents": 0}
    journey.act("close.cancellation", "commander", made.END, answers(closing))
    journey.act("live.hour", "operator", made.END, answers({"hour": "2026-03-02T14Z", "faces": 800, "alerts": 0}))
    for name in ("watchlist", "templates", "transfer-media", "alert", "cctv"):
        journey.act(
            "delete.deletion", "engineer", "2026-03-02T20:00:00Z",
            answers({"class": name, "count": 3, "method": "secure-delete", "witnessed": False, "remaining": 0}),
        )  # fmt: skip
    Path("review.pdf").write_bytes(b"review")
    review = {"digest": "file:review.pdf", "objective_met": "no", "necessary_in_hindsight": "not-known"}
    journey.act(
        "review.deployment-review", "lead", "2026-03-03T10:00:00Z", answers(review | {"lessons": 0, "actions": 0})
    )
    results = {name: made.results()[name] for name in ("true", "confirmed_true", "false", "confirmed_false")}
    results |= {"url": "https://force-a.example/results", "digest": "file:review.pdf", "unresolved": 0, "arrests": 0}
    journey.act("publish.results", "press", "2026-03-05T09:00:00Z", answers(results))
    journey.act("publish.archived", "recorder", "2026-03-06T09:00:00Z", answers({"references_kept": 3}))
    assert "over, archived" in desk.tell("deployment", "status", "a", journey.name)


def second(journey: Journey) -> None:
    """Copied from the last: what is of this day alone is answered."""
    day, desk = "2026-05-08", journey.desk
    journey.typed += len(journey.name)
    journey.chosen += 1

    def at(clock: str, date: str = day) -> str:
        return f"{date}T{clock}:00Z"

    start, end = f"{day} 12:00 Europe/London", f"{day} 18:00 Europe/London"
    windows = {"sealed.place.windows.0.start": start, "sealed.place.windows.0.end": end}
    journey.act("plan.proposal", "applicant", at("09:00", "2026-05-01"), {"reference": "LFR/2026/015", **windows})
    journey.act("plan.assessment", "assessor", at("10:00", "2026-05-01"), {"reference": "NP/2026/015"})
    journey.act("authorise.authority", "officer", at("09:00", "2026-05-02"), {"reference": "WAD/2026/015"})
    Path("list.csv").write_text(LIST.replace("2026-03-02T07:00:00Z", at("06:00")))
    Path("engine.list").write_bytes(b"the list as the engine loads it")
    listed = {"list": "list-d-2", "digest": "file:engine.list", "built_at": at("07:00"), "expires_at": at("18:00")}
    journey.act("authorise.manifest", "builder", at("07:30"), listed, "--list", "list.csv")
    for kind, who, clock in (
        ("authorise.approval", "officer", "08:00"),
        ("open.notice", "press", "08:30"),
        ("brief.briefing", "commander", "09:00"),
        ("live.opened", "commander", "11:00"),
    ):
        journey.act(kind, who, at(clock))
    journey.act("close.cancellation", "commander", at("17:00"), {"faces": "650", "alerts": "0"})
    journey.act("live.hour", "operator", at("17:00"), {"hour": f"{day} 15 Europe/London", "faces": "650"})
    for name in ("watchlist", "templates", "transfer-media", "alert", "cctv"):
        journey.act("delete.deletion", "engineer", at("19:00"), {"class": name})
    journey.act("review.deployment-review", "lead", at("10:00", "2026-05-09"), {"digest": "file:review.pdf"})
    journey.act("publish.results", "press", at("09:00", "2026-05-11"), {"digest": "file:review.pdf"})
    journey.act("publish.archived", "recorder", at("09:00", "2026-05-12"))
    assert "over, archived" in desk.tell("deployment", "status", "a", journey.name)


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return ",".join(value)
    return value if isinstance(value, str) else _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {_inline(part)}" for name, part in value.items()) + "}"
    return "[" + ", ".join(map(_inline, value)) + "]" if isinstance(value, list) else json.dumps(value)


#: The papers of the shipped template that the journey leaves out: after which act they may come, and who signs.
OTHERS = {
    "plan.proposal": {
        "programme.policy": "owner", "programme.dpia": "owner", "programme.eia": "owner", "programme.apd": "owner",
        "programme.test-report": "owner", "programme.system-config": "engineer", "plan.location": "applicant",
        "plan.site-check": "applicant", "plan.protest-check": "applicant", "plan.cia": "applicant",
        "review.attestation": "applicant",
    },
    "authorise.approval": {"authorise.status-check": "builder"},
    "open.notice": {
        "open.signage": "commander", "open.leaflet": "press", "brief.roster": "commander",
        "brief.oversight": "commander", "brief.precheck": "engineer",
    },
    "close.cancellation": {
        "live.event-log": "engineer", "close.reconciliation": "recorder", "close.disclosures": "recorder",
    },
}  # fmt: skip


#: Answers that an example cannot know.
FITTING = {
    "plan.location": ["criterion=hotspot"],
    "review.attestation": [
        "duty=uk.plan.purpose",
        *(
            f"sealed.answers.answers.{number}.{answer}"
            for number, asked in enumerate(("objective", "intelligence"))
            for answer in (f"question={asked}", "text=As the force's own papers say it.")
        ),
    ],
}


@dataclass
class Tried(Journey):
    """The same journey; where a paper of the template may come, it is sealed from its examples and discarded."""

    sealed: set[str] = field(default_factory=set)

    def act(self, kind: str, who: str, at: str, answers: dict[str, str] | None = None, *more: str) -> None:
        super().act(kind, who, at, answers, *more)
        self.sealed.add(kind)
        for other, signer in OTHERS.get(kind, {}).items():
            schema = SCHEMAS.latest(other)
            path = template_named(self.source)
            assert path is not None
            paper = self.desk.paper("other", *filled(schema, *lent_by_template(path, other)))
            about = [] if other.startswith("programme.") else ["--deployment", self.name]
            about += ["--for", key_id(public_key(f"{signer}.key").public_key)[:12], "--from", self.source]
            about += [part for answer in FITTING.get(other, ()) for part in ("--set", answer)]
            self.desk.tell("draft", "check", "a", other, paper, *about)
            told = self.desk.tell("draft", "seal", "a", other, paper, *about, "--out", "other.draft")
            self.desk.tell("draft", "discard", "a", told.split()[1])
            self.sealed.add(other)


@pytest.mark.slow
def test_every_paper_of_the_shipped_template_is_sealed(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(office, monkeypatch)
    tried = Tried(office, "d-1", "shipped:first-deployment")
    first(tried)
    path = template_named(tried.source)
    assert path is not None
    assert {part.form.kind for part in overview(path)} == tried.sealed - {"authorise.override"}


def ready(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log with the force's policy, and a clock that stands where the desk says."""
    for module in (drafts, command):
        monkeypatch.setattr(module, "current", lambda: at_moment(office.now))
    office.now = "2026-01-05T09:00:00Z"
    office.tell("deployment", "enter", "a", "programme.policy", office.paper("p", made.policy()), "--key", "owner.key")


@pytest.mark.slow
def test_the_journey_of_a_deployment_is_counted(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ready(office, monkeypatch)
    by_hand = set(Path().glob("*.toml")) | set(Path().glob("*.json"))
    begun, copied = Journey(office, "d-1", "shipped:first-deployment"), Journey(office, "d-2", "d-1")
    first(begun)
    second(copied)
    assert set(Path().glob("*.toml")) | set(Path().glob("*.json")) == by_hand
    for each in (begun, copied):
        print(each.name, each.typed, each.chosen, each.signatures, len(each.people), each.commands, each.letters)
    assert copied.typed <= 1500
    assert copied.chosen <= 60
    assert len(copied.people) <= 10
