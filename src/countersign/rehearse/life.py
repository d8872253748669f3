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
from countersign.errors import DONE
from countersign.made_up.scenario import Scenario
from countersign.record.entries.forms import force_of, name_of
from countersign.rehearse.papers import ACTS, Moments, Papers, shipped
from countersign.rehearse.stage import Ended, Stage, carried
from countersign.surroundings import REHEARSAL

#: Acts of a rehearsal: what is done next is done at the moment they yield.
Acts = Iterator[datetime.datetime]


class Statement(NamedTuple):
    """What a role states, what of it is sealed, who supplied it, and whether it is about the force as a whole."""

    kind: str
    role: str
    facts: dict[str, Any]
    sealed: dict[str, Any]
    by: str
    about_force: bool


@dataclass
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

    def __post_init__(self) -> None:
        root, outside = self.stage.root, self.stage.root / "outside"
        #: The deployment's own name, without the force's; the log's name.
        self.deployment = name_of(self.scenario.deployment)
        self.origin = f"{REHEARSAL}/{self.papers.values['force']}"
        #: What the force has: of all, and of this deployment.
        self.force = root / "force"
        self.own = self.force / "deployments" / self.deployment if self.one_of_many else self.force
        self.log, self.passphrase = self.force / "log", self.force / "passphrase.txt"
        self.limits, self.export = self.own / "limits.json", self.own / "export.jsonl"
        #: The ledger of judgements on the unit's device.
        self.ledger = self.own / "alerts.ledger"
        #: The truth, apart; sign and leaflet; what the outside witness has.
        self.truth = root / "truth" / f"{self.deployment}.json" if self.one_of_many else root / "truth.json"
        self.street, self.witness = root / "papers", root / "witness"
        #: The trust policy, with the witness's key and no address; the reader's file, by keys the force never had.
        self.policy, self.reader = root / "trust.policy", root / "reader.toml"
        #: The log that street observers keep themselves.
        self.watchers = root / "outside" / "watchers"
        #: The key file of each role.
        self.keys = {role: self.force / "keys" / f"{role}.key" for role in ("registrar", *ACTS["force"])}
        self.keys |= {role: outside / f"{role}.key" for role in ACTS["outside"]}

    @property
    def left_loaded(self) -> bool:
        """Whether this force leaves its list in the engine."""
        return self.scenario.faults.minutes_after_end > 0

    @property
    def complained_of(self) -> bool:
        """Whether somebody complains: of many deployments, about one in ten."""
        return not self.one_of_many or self.number % 10 == 0

    def call(
        self, *words: str | Path, by: str = "", ends_with: Sequence[int] = (DONE,), doing: str = "", quiet: bool = False
    ) -> Ended:
        """Run one command, signed by a role if one is named; the rest as ``Stage.call`` has it."""
        signed = ("--key", self.keys[by], "--passphrase-file", self.passphrase) if by else ()
        return self.stage.call(*words, *signed, ends_with=ends_with, doing=doing, quiet=quiet)

    def statement(self, name: str, /, *, whole: bool = False, **handed: Any) -> Statement:
        """A statement of ``data/rehearsal/acts.toml``, with what the act hands in; ``whole``: about the whole force."""
        return self._filled(ACTS["paper"][name], whole, handed | {"now": self.text_now()})

    def _filled(self, paper: Mapping[str, Any], whole: bool, handed: Mapping[str, Any]) -> Statement:
        kind, role = paper["kind"], self.papers.filled(paper["as"], handed)
        facts, sealed = (self.papers.filled(paper.get(part, {}), handed) for part in ("facts", "sealed"))
        about_force = whole or kind.startswith("programme.") or kind in ACTS["of_the_force"]
        return Statement(kind, role, facts, sealed, paper.get("by", "force"), about_force)

    def paper(self, name: str, /, **handed: Any) -> Path:
        """The written paper of a statement that a command of its own makes."""
        return self.papers.write(name, self.statement(name, **handed).facts)

    def enter(self, name: str, /, doing: str = "", **handed: Any) -> None:
        """Enter one statement, by the command of its kind if it has one."""
        self._enter(self.statement(name, **handed), doing)

    def _enter(self, stated: Statement, doing: str) -> None:
        paper = self.papers.write(stated.kind.replace(".", "-"), stated.facts, stated.sealed)
        words: tuple[str | Path, ...] = ("enter", self.log, stated.kind, paper, *self._about(stated))
        if (command := ACTS["commands"].get(stated.kind)) is not None:
            words = (command, self.log, self.deployment, paper)
        signed = ("--key", self.keys[stated.role], "--passphrase-file", self.passphrase)
        self.stage.call("deployment", *words, *signed, "--role", stated.role, "--supplied-by", stated.by, doing=doing)

    def _about(self, stated: Statement) -> tuple[str, ...]:
        return () if stated.about_force else ("--deployment", self.deployment)

    def enter_together(self, statements: Sequence[Statement], doing: str = "") -> None:
        """Enter statements of one signer about one subject in one batch; a single one as ``enter`` does."""
        if len(statements) == 1 or any(stated.kind in ACTS["gated"] for stated in statements):
            for stated in statements:
                self._enter(stated, doing)
            return
        first = statements[0]
        batch = self.papers.write_batch(first.role, [_line(stated) for stated in statements])
        about = self._about(first)
        self.call("deployment", "enter-batch", self.log, batch, *about, by=first.role, doing=doing)

    def enter_shipped(self, file: str, step: str = "", doing: str = "") -> Acts:
        """Enter the shipped papers of a file that belong to a step, each at its moment. What one role signs at one
        moment goes together.
        """
        wanted = [paper for paper in shipped(file)["paper"] if paper.get("step", "") == step]
        papers = [(paper["when"], self._filled(paper, False, {})) for paper in wanted]
        for (when, _, _), some in groupby(papers, lambda paper: (paper[0], paper[1].role, paper[1].about_force)):
            yield self.moments(when)
            self.enter_together([paper for _, paper in some], doing)

    def publish(self, doing: str = "") -> None:
        """Publish the log's head and have the outside witness cosign it; of many lives, each week for all."""
        if self.one_of_many:
            return
        secret = ("--passphrase-file", self.passphrase)
        ended = self.call("record", "publish", self.log, "--log-passphrase-file", self.passphrase, doing=doing)
        self.size = int(ended.out.rpartition(" at ")[2].partition(" ")[0].replace(",", ""))
        clock, policy = self.witness / "clock", self.witness / "asking.policy"
        clock.write_text(self.stage.now.isoformat(), encoding="ascii")
        cosign = ("record", "cosign", self.log, "--policy", policy)
        if self.address is not None:
            self.call(*cosign)
            return
        request, answer = self.witness / "request.txt", self.witness / "answer.txt"
        self.call(*cosign, "--request", request, "--old", str(self.cosigned))
        about = ("--state", self.witness, "--policy", self.witness / "logs.policy")
        carried(self.stage.program, clock, "witness", "cosign", *about, request, "--out", answer, *secret)
        self.call(*cosign, "--answer", answer)
        self.cosigned = self.size

    def attest(self, phases: Iterable[str] | None = None) -> None:
        """Each attested duty of these phases is answered by its role; without phases, those of the programme, once."""
        texts = shipped("statements.toml")
        wanted = [
            duty
            for duty in self.duties
            if duty["id"] in texts
            and (duty["scope"] == PROGRAMME) == (phases is None)
            and (phases is None or duty["phase"] in phases)
        ]
        for _, duties in groupby(sorted(wanted, key=_role), _role):
            made = [self._attestation(duty, texts[duty["id"]]) for duty in duties]
            self.enter_together(made, "what roles answer for")

    def _attestation(self, duty: Mapping[str, Any], texts: Mapping[str, str]) -> Statement:
        answers = [{"question": name, "text": text} for name, text in texts.items()]
        handed = {"role": duty["role"], "duty": duty["id"], "answers": answers}
        return self.statement("attestation", whole=duty["scope"] == PROGRAMME, **handed)

    def judge(self, scope: str) -> None:
        """The reviewer from outside judges each duty of a scope that is judged, on the documents it binds to."""
        made = []
        for duty in self.duties:
            if duty["kind"] == "judged" and duty["scope"] == scope:
                documents = [digest for path in duty["binds"] if (digest := self.bound(path))]
                result = "not-met" if duty["id"] in ACTS["on_the_test"] and self.far_apart() else "met"
                handed = {"duty": duty["id"], "result": result, "judged_on": documents}
                made.append(self.statement("judgement", whole=scope == PROGRAMME, **handed))
        self.enter_together(made, "judging")

    def text_now(self) -> str:
        """The moment, as entries have it."""
        return time_text(self.stage.now)

    def bound(self, path: str) -> str | None:
        """The digest of the document a judged duty is bound to, by its path; ``None`` for one not on the record."""
        if path == "manifest.digest":
            return str(self.papers.values["list_digest"])
        name = ACTS["bound"].get(path)
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
#: The scope of duties that are answered once for the force.
PROGRAMME = "programme"


def _role(duty: Mapping[str, Any]) -> str:
    return str(duty["role"])


def _line(stated: Statement) -> dict[str, Any]:
    line = {"kind": stated.kind, "facts": stated.facts, "role": stated.role, "supplied_by": stated.by}
    return line | ({"sealed": stated.sealed} if stated.sealed else {})


def sha256_of(text: str) -> str:
    """The SHA-256 of a text, as entries have it."""
    return sha256(text.encode()).hexdigest()


def values_of(scenario: Scenario, moments: Moments) -> dict[str, Any]:
    """What papers are filled in with, from the scenario."""
    engine, conduct = scenario.engine, scenario.conduct
    posts = {"operator": conduct.operators, "engagement-officer": conduct.officers, "commander": 1}
    persons = [
        {"person": name, "roles": [role], "certificate": f"C-{name}", "syllabus": "{digest:syllabus}"}
        | {"expires": moments.day("120")}
        for role, count in posts.items()
        for name in (f"{role.removeprefix('engagement-')}-{number}" for number in range(1, count + 1))
    ]
    place = {
        "name": "Market Hill, by the fountain",
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
        "deployment": name_of(scenario.deployment),
        "force": force_of(scenario.deployment),
        "hours_open": str(moments.hours),
        "test_groups": tested,
        "test_false": sum(group["false_positives"] for group in tested),
        "engine": engine.name,
        "version": engine.version,
        "declared": engine.declared,
        "point": f"{engine.point:.2f}",
        "place": place,
        "size": scenario.list.size,
        "list_maximum": scenario.list.size,
        "cameras": len(scenario.cameras),
        "operators": conduct.operators,
        "officers": conduct.officers,
        "staff": len(persons),
        "persons": persons,
        "roster": [{"role": role, "count": count} for role, count in posts.items()],
        "expected_faces": round(sum(scenario.crowd_by_hour)),
        "expected_alerts": max(1, round(scenario.list.listed_passing * 1.5)),
    }
