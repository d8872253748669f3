"""What every act of a rehearsal needs: who signs what, with which paper, at which moment; and the facts of the scene.

An act is one command of the product. Papers are filled in, written down and named on the command line, as people would.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from countersign.deployments.clock import time_text
from countersign.made_up.scenario import Scenario
from countersign.record.entries.forms import force_of, name_of
from countersign.rehearse.papers import Moments, Papers, shipped
from countersign.rehearse.stage import FORCE, Ended, Stage, carried
from countersign.surroundings import REHEARSAL

#: Kinds that have a command of their own; all others are entered.
COMMANDS = {
    "plan.proposal": "propose", "plan.assessment": "assess", "authorise.authority": "authorise",
    "open.notice": "notify", "brief.briefing": "brief", "live.opened": "open",
    "live.suspended": "suspend", "live.resumed": "resume", "close.cancellation": "close",
    "delete.deletion": "delete", "review.deployment-review": "review", "review.answer": "answer",
    "publish.results": "publish",
}  # fmt: skip


#: Acts of a rehearsal: what is done next is done at the moment they yield.
Acts = Iterator[datetime.datetime]


class Statement(NamedTuple):
    """What a role states: kind, role, facts, what is sealed, and who supplied it.

    ``whole``: it is about the force as a whole, though statements of its kind may be about a deployment.
    """

    kind: str
    role: str
    facts: Mapping[str, Any]
    sealed: Mapping[str, Any] = {}
    by: str = "force"
    whole: bool = False

    @classmethod
    def shipped(cls, paper: Mapping[str, Any]) -> Statement:
        """The statement of a shipped paper."""
        sealed, by = paper.get("sealed", {}), paper.get("by", "force")
        return cls(paper["kind"], paper["as"], paper["facts"], sealed, by)

    @property
    def about_force(self) -> bool:
        """Whether it is about the force as a whole, not about one deployment."""
        return self.whole or self.kind.startswith("programme.") or self.kind in OF_THE_FORCE


@dataclass(slots=True)
class Life:
    """One deployment of a force on the stage, and where its things lie."""

    stage: Stage
    scenario: Scenario
    moments: Moments
    papers: Papers
    source: str
    number: int
    duties: list[dict[str, Any]] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    findings: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    one_of_many: bool = False
    lives: list[Life] = field(default_factory=list)
    size: int = 0
    erased: int = 0
    address: str | None = None
    cosigned: int = 0

    @property
    def deployment(self) -> str:
        """The deployment's own name, without the force's."""
        return name_of(self.scenario.deployment)

    @property
    def force(self) -> Path:
        """The folder of what the force has."""
        return self.stage.root / "force"

    @property
    def own(self) -> Path:
        """The folder of what the force has of this deployment."""
        return self.force / "deployments" / self.deployment if self.one_of_many else self.force

    @property
    def truth(self) -> Path:
        """The truth, apart."""
        return (
            self.stage.root
            / ("truth" if self.one_of_many else "")
            / (f"{self.deployment}.json" if self.one_of_many else "truth.json")
        )

    @property
    def witness(self) -> Path:
        """The folder of what the outside witness has."""
        return self.stage.root / "witness"

    @property
    def log(self) -> Path:
        """The log's folder."""
        return self.force / "log"

    @property
    def passphrase(self) -> Path:
        """The file with the one passphrase of all the force's keys."""
        return self.force / "passphrase.txt"

    @property
    def policy(self) -> Path:
        """The trust policy, with the witness's key and no address."""
        return self.stage.root / "trust.policy"

    @property
    def reader(self) -> Path:
        """The reader's file: the bodies outside, by keys that were never in the force's folder."""
        return self.stage.root / "reader.toml"

    @property
    def limits(self) -> Path:
        """The declared limits, as handed to the host in the van."""
        return self.own / "limits.json"

    @property
    def export(self) -> Path:
        """What the engine exported."""
        return self.own / "export.jsonl"

    @property
    def street(self) -> Path:
        """Sign and leaflet."""
        return self.stage.root / "papers"

    @property
    def left_loaded(self) -> bool:
        """Whether this force leaves its list in the engine."""
        return self.scenario.faults.minutes_after_end > 0

    @property
    def complained_of(self) -> bool:
        """Whether somebody complains: of many deployments, about one in ten."""
        return not self.one_of_many or self.number % 10 == 0

    @property
    def origin(self) -> str:
        """The log's name."""
        return f"{REHEARSAL}/{self.papers.values['force']}"

    def key(self, role: str) -> Path:
        """The key file of a role."""
        return self.force / "keys" / f"{role}.key" if role in (*FORCE, "registrar") else self.outside(role)

    def outside(self, role: str) -> Path:
        """The key file of a body outside."""
        return self.stage.root / "outside" / f"{role}.key"

    def signed(self, role: str) -> tuple[str | Path, ...]:
        """The options by which a role signs."""
        return ("--key", self.key(role), "--passphrase-file", self.passphrase)

    def enter(
        self, kind: str, role: str, facts: Mapping[str, Any], sealed: Mapping[str, Any] | None = None, *,
        by: str = "force", doing: str = "",
    ) -> Ended:  # fmt: skip
        """Enter one paper of a kind as a role, by the command of its own if it has one."""
        return self._enter(Statement(kind, role, facts, sealed or {}, by), doing)

    def _enter(self, statement: Statement, doing: str) -> Ended:
        kind, role, by = statement.kind, statement.role, statement.by
        facts, sealed = self.papers.filled(statement.facts), self.papers.filled(statement.sealed)
        paper = self.papers.write(kind.replace(".", "-"), facts, sealed)
        command = COMMANDS.get(kind)
        about = () if statement.about_force else ("--deployment", self.deployment)
        words: tuple[str | Path, ...] = (
            ("deployment", "enter", self.log, kind, paper, *about)
            if command is None
            else ("deployment", command, self.log, self.deployment, paper)
        )
        return self.stage.call(*words, *self.signed(role), "--role", role, "--supplied-by", by, doing=doing)

    def enter_together(self, statements: Sequence[Statement], doing: str = "") -> None:
        """Enter statements of one signer about one subject in one batch; a single one as ``enter`` does."""
        first = statements[0]
        if len(statements) == 1 or any(statement.kind in GATED for statement in statements):
            for statement in statements:
                self._enter(statement, doing)
            return
        batch = self.papers.write_batch(first.role, [self._line(statement) for statement in statements])
        about = () if first.about_force else ("--deployment", self.deployment)
        signed = self.signed(first.role)
        self.stage.call("deployment", "enter-batch", self.log, batch, *about, *signed, doing=doing)

    def _line(self, statement: Statement) -> dict[str, Any]:
        """A statement as a line of a batch."""
        line = {
            "kind": statement.kind,
            "facts": self.papers.filled(statement.facts),
            "role": statement.role,
            "supplied_by": statement.by,
        }
        return line | ({"sealed": self.papers.filled(statement.sealed)} if statement.sealed else {})

    def enter_shipped(self, file: str, steps: Iterable[str] = ("",), doing: str = "") -> Acts:
        """Enter the shipped papers of a file that belong to these steps, each at its moment.

        What one role signs at one moment goes together.
        """
        wanted = set(steps)
        papers = [
            (paper["when"], Statement.shipped(paper))
            for paper in shipped(file)["paper"]
            if paper.get("step", "") in wanted
        ]
        for (when, _, _), some in groupby(papers, lambda paper: (paper[0], paper[1].role, paper[1].about_force)):
            yield self.moments(when)
            self.enter_together([paper for _, paper in some], doing)

    def publish(self, doing: str = "") -> None:
        """Publish the log's head and have the outside witness cosign it; of many lives, each week for all."""
        if self.one_of_many:
            return
        ended = self.stage.call("record", "publish", self.log, "--log-passphrase-file", self.passphrase, doing=doing)
        self.size = int(ended.out.rpartition(" at ")[2].partition(" ")[0].replace(",", ""))
        clock, policy = self.witness / "clock", self.witness / "asking.policy"
        clock.write_text(self.stage.now.isoformat(), encoding="ascii")
        if self.address is not None:
            self.stage.call("record", "cosign", self.log, "--policy", policy)
            return
        request, answer = self.witness / "request.txt", self.witness / "answer.txt"
        self.stage.call(
            "record", "cosign", self.log, "--policy", policy, "--request", request, "--old", str(self.cosigned)
        )
        about = ("--state", self.witness, "--policy", self.witness / "logs.policy")
        secret = ("--passphrase-file", self.passphrase)
        carried(self.stage.program, clock, "witness", "cosign", *about, request, "--out", answer, *secret)
        self.stage.call("record", "cosign", self.log, "--policy", policy, "--answer", answer)
        self.cosigned = self.size

    def attest(self, phases: Iterable[str] | None = None) -> None:
        """Each attested duty of these phases is answered by its role; without phases, those of the programme, once."""
        texts = shipped("statements.toml")
        wanted = [
            duty
            for duty in self.duties
            if duty["id"] in texts
            and (
                duty["scope"] == PROGRAMME if phases is None else duty["scope"] != PROGRAMME and duty["phase"] in phases
            )
        ]
        for _, duties in groupby(sorted(wanted, key=lambda duty: str(duty["role"])), lambda duty: str(duty["role"])):
            self.enter_together([_attestation(duty, texts[duty["id"]]) for duty in duties], "what roles answer for")

    def judge(self, scope: str) -> None:
        """The reviewer from outside judges each duty of a scope that is judged, on the documents it binds to."""
        made = []
        for duty in self.duties:
            if duty["kind"] == "judged" and duty["scope"] == scope:
                documents = [digest for path in duty["binds"] if (digest := self.bound(path))]
                against = duty["id"] in ON_THE_TEST and self.far_apart()
                made.append(Statement("review.judgement", "reviewer", {
                    "duty": duty["id"], "result": "not-met" if against else "met", "documents": documents,
                    "carries_over": True, "independent_of": ["operational-team", "force", "supplier"],
                }, by="outside", whole=scope == PROGRAMME))  # fmt: skip
        self.enter_together(made, "judging")

    def text_now(self) -> str:
        """The moment, as entries have it."""
        return time_text(self.stage.now)

    def bound(self, path: str) -> str | None:
        """The digest of the document a judged duty is bound to, by its path; ``None`` for one not on the record."""
        if path == "manifest.digest":
            return str(self.papers.values["list_digest"])
        name = DOCUMENTS_OF.get(path)
        return None if name is None else self.papers.digest(name)

    def far_apart(self) -> bool:
        """Whether the engine's test reports a group's false positives at several times another's."""
        rates = [one["false_positives"] / one["searches"] for one in self.papers.values["test_groups"]]
        return bool(max(rates) >= FAR_APART * min(rates))

    def read(self, ended: Ended) -> Any:
        """What a command reported in JSON."""
        return json.loads(ended.out)


#: From this ratio of the highest false positive rate of a group to the lowest on, the reviewer judges against it.
FAR_APART = 3.0
#: Searches of the made-up test, and in how many of them one false positive is found.
PROBES, ONE_IN = 180_000, 6_000
#: What a judged duty is bound to, by its path: the made-up document.
DOCUMENTS_OF = {
    "policy.digest": "policy", "dpia.digest": "dpia", "eia.digest": "eia", "bias_evidence.report": "bias-evidence",
    "framework_assessment.answers": "framework", "trial_protocol.protocol": "trial-protocol",
    "independent_review.opinion": "independent-opinion", "test_report.report": "test-report",
    "statistics.definitions": "definitions", "disparity.report": "disparity", "effectiveness.report": "effectiveness",
}  # fmt: skip
#: Duties that the reviewer judges by how far the engine's test sets groups apart.
ON_THE_TEST = ("uk.psed.bias-evidence", "uk.plan.non-discrimination")
#: The scope of duties that are answered once for the force.
PROGRAMME = "programme"
#: Kinds that stand behind a gate: each is entered by its own command.
GATED = frozenset({"authorise.authority", "authorise.approval", "live.opened", "publish.results"})
#: Kinds about the force as a whole, beside those of the programme.
OF_THE_FORCE = frozenset({"publish.annual-report", "review.effectiveness", "review.disparity"})


def _attestation(duty: Mapping[str, Any], texts: Mapping[str, str]) -> Statement:
    answers = [{"question": name, "text": text} for name, text in texts.items()]
    public = [
        {"question": one["question"], "digest": sha256_of(one["text"]), "characters": len(one["text"])}
        for one in answers
    ]
    return Statement("review.attestation", duty["role"], {"duty": duty["id"], "answers": public},
                     {"answers": {"answers": answers}}, whole=duty["scope"] == PROGRAMME)  # fmt: skip


def sha256_of(text: str) -> str:
    """The SHA-256 of a text, as entries have it."""
    return sha256(text.encode()).hexdigest()


def values_of(scenario: Scenario, moments: Moments) -> dict[str, Any]:
    """What papers are filled in with, from the scenario."""
    engine, conduct = scenario.engine, scenario.conduct
    expected = sum(scenario.crowd_by_hour)
    persons = [
        {"person": f"{name}-{number}", "roles": [role], "certificate": f"C-{name}-{number}",
         "syllabus": "{digest:syllabus}", "expires": moments.day("120")}
        for role, name, count in (
            ("operator", "operator", conduct.operators), ("engagement-officer", "officer", conduct.officers),
            ("commander", "commander", 1),
        )
        for number in range(1, count + 1)
    ]  # fmt: skip
    place = {
        "name": "High Street, by the station",
        "area": "area-1",
        "windows": [{"start": time_text(moments.start), "end": time_text(moments.end)}],
        "zone": {
            "unit": "metre",
            "grid": sha256_of("a made-up grid"),
            "points": [{"x": x, "y": y} for x, y in ((0, 0), (20, 0), (20, 10), (0, 10))],
        },
        "cameras": [
            {"id": name, "x": 0, "y": number, "bearing": 90, "width": 60}
            for number, name in enumerate(scenario.cameras)
        ],
        "unit": "unit-1",
    }
    tested = [
        {
            "group": group.name,
            "searches": round(PROBES * group.share),
            "false_positives": round(PROBES * group.share * group.nonmate_ratio / ONE_IN),
        }
        for group in scenario.groups
    ]
    return {
        "test_groups": tested, "test_false": sum(one["false_positives"] for one in tested),
        "force": force_of(scenario.deployment), "engine": engine.name, "version": engine.version,
        "declared": engine.declared, "point": f"{engine.point:.2f}", "place": place, "size": scenario.list.size,
        "list_maximum": scenario.list.size, "cameras": len(scenario.cameras), "operators": conduct.operators,
        "officers": conduct.officers, "staff": len(persons), "persons": persons,
        "roster": [{"role": "operator", "count": conduct.operators},
                   {"role": "engagement-officer", "count": conduct.officers}, {"role": "commander", "count": 1}],
        "expected_faces": round(expected),
        "expected_alerts": max(1, round(scenario.list.listed_passing * 1.5)),
    }  # fmt: skip
