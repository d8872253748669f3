"""Random plays of drafts: several signers, signatures that arrive in any order or twice, and a crash at any step.

A crash is a copy of the log's folder taken at that moment, in which the play goes on: nothing in the process tidies up
behind it. After each step the log holds each act once, every commitment of an entry has a holder, and nothing is kept
of a draft past its time.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from tests.cli.test_deployment import cheap_keys, opened
from tests.making import histories as made
from tests.making.logs import private

from countersign.cli.main import run
from countersign.deployments import judgements
from countersign.deployments.clock import hours_later, moment
from countersign.errors import CountersignError
from countersign.output import write_whole
from countersign.record.entries.entry import Entry, EntrySigner
from countersign.record.keeping.log import Log
from countersign.record.store.sealedstore import SealedStore
from countersign.register import drafts, judging, keys
from countersign.register.asking import Reader
from countersign.register.deployments import at_work
from countersign.register.drafts import DraftFile, read_draft
from countersign.register.opening import Doing
from countersign.register.opening import opened as opened_log
from countersign.register.sealed import look_for_orphans
from countersign.surroundings import REAL, surrounded

__all__ = ["opened"]
CASE = {"objective": "Find those wanted.", "intelligence": "Sightings.", "alternatives": []}
#: Where a crash may fall, before or after.
POINTS: tuple[tuple[Any, str], ...] = (
    (drafts, "write_whole"),
    (SealedStore, "seal"),
    (SealedStore, "seal_set"),
    (SealedStore, "erase"),
    (Log, "append_signed"),
    (Path, "unlink"),
)
STEPS = 12
MEMBERS = ("member", "chair")
PASS = ("--log-passphrase-file", "pass")


class Crash(BaseException):
    """The machine stops here."""


@dataclass
class Play:
    """One play: where the log lies, the time, the drafts handed out, and what was signed."""

    random: random.Random
    folder: Path
    signers: dict[str, EntrySigner]
    now: str = "2026-02-20T09:00:00Z"
    handed: list[DraftFile] = field(default_factory=list)
    signed: list[list[Entry]] = field(default_factory=list)
    crashes: int = 0
    acts: int = 0
    #: Calls left until the crash, before it or after it; none is planned where it is nought.
    fuse: int = 0

    def __post_init__(self) -> None:
        """One act after the other, as most go."""
        self.following = cycle([self.seal, self.sign, self.append])

    def crash_soon(self) -> None:
        if self.random.random() < 0.4:
            self.fuse = self.random.randint(1, 8)

    def burn(self) -> None:
        """One place where a crash may fall."""
        if self.fuse:
            self.fuse -= 1
            if not self.fuse:
                self.crashes += 1
                left = self.folder.with_name(f"log-{self.crashes}")
                shutil.copytree(self.folder, left)
                self.folder = left
                raise Crash

    def step(self) -> None:
        """Something that somebody does next; refused or not, or cut short."""
        anything = [self.seal, self.sign, self.append, self.rest]
        act = next(self.following) if self.random.random() < 0.7 else self.random.choice(anything)
        self.crash_soon()
        with suppress(CountersignError, Crash):
            act()
        self.fuse = 0

    def seal(self) -> None:
        who = self.random.choice(["applicant", "lead", "commander", "owner", "assessor"])
        self.acts += 1
        facts: dict[str, Any] = {"board": "lfr-board", "date": "2026-01-10", "minutes": made.digest(f"m{self.acts}")}
        kind, about, sealed = "programme.board-minutes", None, {}
        if who != "owner":
            kind, about = "plan.proposal", f"d-{self.random.randint(1, 4)}"
            facts, sealed = made.proposal(), {"place": made.place(), "case": CASE}
        if who == "assessor":
            kind, facts, sealed = "plan.assessment", made.assessment(), {}
        doing = Doing(drafts.elsewhere, None, None)
        with at_work(self.folder, doing, Reader(), for_key=lambda _: self.signers[who].key) as work:
            drafts.discard(work.open, ran_out_by=self.now)
            entry = work.entry(work.state.subject(about), kind, facts, sealed)
            draft = drafts.seal(work, [entry], "")
        self.handed.append(read_draft(draft.render(), "handed"))

    def sign(self) -> None:
        if self.handed:
            draft = self.handed[-1] if self.random.random() < 0.8 else self.random.choice(self.handed)
            [signer] = [one for one in self.signers.values() if one.key == draft.entries[0].entry.key]
            self.signed.append(drafts.sign(draft, signer))

    def append(self) -> None:
        if self.signed:
            entries = self.signed[-1] if self.random.random() < 0.8 else self.random.choice(self.signed)
            with opened_log(self.folder) as log:
                drafts.append(log, entries, Reader())
            self.fuse = 0
            assert self.places(entries) == 1

    def rest(self) -> None:
        self.now = hours_later(self.now, self.random.choice([0.1, 0.1, 0.3, 2, 80]))
        if self.handed and self.random.random() < 0.3:
            with opened_log(self.folder) as log:
                drafts.discard(log, [self.random.choice(self.handed).name])

    def places(self, entries: list[Entry]) -> int:
        with opened_log(self.folder, reading=True) as log:
            stored = log.log.sequencer.read(0, log.log.sequencer.size())
        return stored.count(entries[0].render())

    def hold(self) -> None:
        """What holds after every step."""
        with opened_log(self.folder, reading=True) as log, closing(log.folder.sealed()) as store:
            stored = log.log.sequencer.read(0, log.log.sequencer.size())
            assert len(set(stored)) == len(stored), "an act stands twice"
            for data in stored:
                for label, commitment in Entry.parse(data).draft.sealed.items():
                    assert len(store.contents(commitment)) == (commitment.count or 1), f"{label} has no holder"
            waiting, damaged = drafts.pending(log.folder)
            assert damaged == {}
        assert self.crashes or not look_for_orphans(self.folder, destroying=False)
        names = [draft.name for draft in waiting]
        assert len(names) == len(set(names))

    def end(self) -> None:
        """Long after: what waited ran out, and what a crash left is destroyed; entries alone keep what they seal."""
        with opened_log(self.folder) as log:
            drafts.discard(log, ran_out_by=hours_later(self.now, 100))
            assert drafts.pending(log.folder) == ([], {})
        self.hold()
        look_for_orphans(self.folder, destroying=True)
        self.hold()
        with opened_log(self.folder, reading=True) as log, closing(log.folder.sealed()) as store:
            stored = log.log.sequencer.read(0, log.log.sequencer.size())
            named = {each.digest for data in stored for each in Entry.parse(data).draft.sealed.values()}
            assert {digest for digest, _, _ in store.kept()} == named


class PanelPlay(Play):
    """A play in the log that a panel keeps itself: two members judge, find and say, one of them imposes and lifts."""

    def seal(self) -> None:
        self.acts += 1
        who = self.random.choice(MEMBERS)
        judged = {"duty": "uk.bridges.who", "result": "met", "documents": [made.digest(f"j{self.acts}")]}
        found = {"finding": f"f-{self.random.randint(1, 4)}", "duty": "uk.bridges.who", "result": "not-met"}
        said = {"says": "contradicts", "duties": ["uk.open.signage"], "ground": "seen"}
        imposed = {"reason": "bias", "decision": made.digest(f"m{self.acts}")}
        lifted = {"moratorium": self.random.randint(3, 6), "decision": made.digest("l"), "lifted_at": self.now}
        acts: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
            ("review.judgement", "force-a/d-1", {**judged, "independent_of": [], "carries_over": False}, made.REASONS),
            ("review.finding", "force-a", {**found, "report": made.digest("r"), "answer_due": "2026-03-30"}, {}),
            ("outside.statement", "force-a/d-1", said, {}),
            ("programme.moratorium", "force-a", {**imposed, "starts_at": self.now}, {}),
            ("programme.moratorium-lifted", "force-a", lifted, {}),
        ]
        kind, about, facts, reasons = self.random.choice(acts)
        doing = Doing(drafts.elsewhere, None, None)
        with at_work(self.folder, doing, Reader(), for_key=lambda _: self.signers[who].key) as work:
            drafts.discard(work.open, ran_out_by=self.now)
            draft = drafts.seal(work, [work.entry(about, kind, facts, {"reasons": reasons} if reasons else {})], "")
        self.handed.append(read_draft(draft.render(), "handed"))

    def hold(self) -> None:
        super().hold()
        with opened_log(self.folder, reading=True) as log:
            entries = [Entry.parse(data) for data in log.log.sequencer.read(0, log.log.sequencer.size())]
        names = [entry.draft.facts["finding"] for entry in entries if entry.draft.kind == "review.finding"]
        assert len(set(map(str, names))) == len(names), "two findings have one name"


@contextmanager
def crashing(play: Play) -> Iterator[None]:
    """Within, each call of what writes may be the last, before it or after it."""

    def wrapped(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            play.burn()
            answer = real(*arguments, **more)
            play.burn()
            return answer

        return call

    with pytest.MonkeyPatch.context() as patch:
        for holder, name in POINTS:
            patch.setattr(holder, name, wrapped(getattr(holder, name)))
        yield


def played(home: Path, folder: Path, seeds: range, of: type[Play] = Play) -> tuple[int, int]:
    """Plays of these seeds, from the same log; how many crashes fell, and how many acts of drafts stand."""
    signers = {
        name: EntrySigner(keys.open_private(home / f"{name}.key", lambda _: b"a passphrase").secret)
        for name in ("applicant", "lead", "commander", "owner", "assessor", *(MEMBERS if of is PanelPlay else ()))
    }
    crashes = stands = 0
    for seed in seeds:
        place = folder / str(seed)
        shutil.copytree(home / ("panel" if of is PanelPlay else "a"), place / "log")
        play = of(random.Random(seed), place / "log", signers)
        with surrounded(replace(REAL, now=lambda play=play: moment(play.now))):  # type: ignore[misc]
            doing = Doing(lambda: signers["owner"], "2026-01-05T09:00:00Z", late="omitted")
            if of is Play:
                with at_work(play.folder, doing, Reader()) as work:
                    work.append(work.entry("force-a", "programme.policy", made.policy()))
            begun = _size(play.folder)
            with crashing(play):
                for _ in range(STEPS):
                    play.step()
                    play.hold()
            play.end()
        crashes, stands = crashes + play.crashes, stands + _size(play.folder) - begun
        shutil.rmtree(place)
    return crashes, stands


def _size(folder: Path) -> int:
    with opened_log(folder, reading=True) as log:
        return log.log.sequencer.size()


@pytest.mark.slow
def test_two_hundred_random_plays_of_drafts(opened: Path, tmp_path: Path) -> None:
    crashes, stands = played(opened, tmp_path, range(200))
    assert crashes > 100
    assert stands > 100


@pytest.fixture
def panel(opened: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Beside the force's log one that a panel keeps, with two members' keys."""
    monkeypatch.chdir(opened)
    cheap_keys(monkeypatch)
    at = ("--at", "2026-01-02T09:00:00Z")
    for name in ("panel-registrar", *MEMBERS):
        assert run(["key", "new", "--name", name, "--out", f"{name}.key"]) == 0
    named = ("--origin", "panel.example/log", "--subject", "panel-a", "--body", "panel")
    assert run(["record", "init", "panel", *named, "--registrar", "panel-registrar.key", *PASS, *at]) == 0
    for name in MEMBERS:
        roles = ("--role", "ethics-body", *(("--role", "moratorium-authority") if name == "chair" else ()))
        assert run(["key", "register", "panel", f"{name}.key", *roles, "--key", "panel-registrar.key", *at]) == 0
    return opened


@pytest.mark.slow
def test_random_plays_of_drafts_in_the_log_that_a_panel_keeps(panel: Path, tmp_path: Path) -> None:
    crashes, stands = played(panel, tmp_path, range(60), PanelPlay)
    assert crashes > 20
    assert stands > 30


class LedgerPlay:
    """Judgements on a unit's device: acts in any order, the second officer's answers late, twice or never, a crash
    before or after each writing."""

    def __init__(self, seed: int, ledger: Path) -> None:
        self.random, self.ledger = random.Random(seed), ledger
        self.officers = [EntrySigner(private(f"officer {number}")) for number in range(3)]
        self.slips: list[bytes] = []
        self.answers: list[bytes] = []
        self.now, self.crashes, self.stands = "2026-03-02T14:00:00Z", 0, set[tuple[int, str]]()

    def step(self) -> None:
        self.now = hours_later(self.now, self.random.choice([0.01, 0.05, 0.4]))
        act = self.random.choice([self.first, self.first, self.second, self.take, self.take, self.engaged])
        crash = self.random.choice(["", "", "", "before", "after"])

        def writing(path: Path, data: bytes, *, secret: bool = False) -> None:
            if crash != "before":
                write_whole(path, data, secret=secret)
            if crash:
                self.crashes += 1
                raise Crash

        with pytest.MonkeyPatch.context() as patch, suppress(CountersignError, Crash):
            patch.setattr(judging, "write_whole", writing)
            act()

    def judged(self) -> dict[str, Any]:
        return {"at": self.now, "answer": "reject", "reason": "image-poor", "seconds": 5}

    def first(self) -> None:
        said = {"act": "first", "number": None, "camera": "c1", **self.judged()}
        subject, lines = judging.judge(self.ledger, "force-a/d-1", said, self.random.choice(self.officers))
        self.slips.append(judgements.slip(subject, lines[-1]))

    def second(self) -> None:
        subject, begun = judgements.slip_of(self.random.choice(self.slips or [b"{}"]), "slip")
        line = judgements.signed(subject, begun | self.judged(), self.random.choice(self.officers))
        self.answers.append(judgements.rendered(subject, line))

    def take(self) -> None:
        judging.take(self.ledger, self.random.choice(self.answers or [b"{}"]), "answer")

    def engaged(self) -> None:
        number = self.random.choice([None, self.random.randint(1, 6)])
        said = {"act": "engagement", "number": number, "camera": "c1", "at": self.now}
        judging.judge(self.ledger, "force-a/d-1", said, self.random.choice(self.officers))

    def hold(self) -> None:
        """The file alone says it: each act once, in one chain, its hours counted as their lines are."""
        if not self.ledger.exists():
            return
        chain = judgements.ledger_of(self.ledger.read_bytes(), "ledger")
        acts = [(line["number"], line["act"]) for line in chain.lines]
        assert len(set(acts)) == len(acts)
        assert self.stands <= set(acts)
        self.stands = set(acts)
        for hour, part in judgements.by_hour(chain.lines).items():
            judgements.check_hour(chain.subject, judgements.hour_facts(hour, part), part)


@pytest.mark.slow
def test_two_hundred_random_plays_of_judgements(tmp_path: Path) -> None:
    crashes = stands = 0
    for seed in range(200):
        play = LedgerPlay(seed, tmp_path / f"{seed}.ledger")
        for _ in range(STEPS):
            play.step()
            play.hold()
        crashes, stands = crashes + play.crashes, stands + len(play.stands)
    assert crashes > 200
    assert stands > 600
