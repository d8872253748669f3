"""Gates: what stands in the way of the next step, and what was gone ahead against.

Which duties bar which step is data (``data/gates.toml``). A mandatory duty of the deployment's own that is *not met* or
*not shown* bars it, unless someone entitled to has signed an override that names it and has not run out; overrides
are counted, and each is a finding. A reviewer's finding that the force has not answered by its day stands against the
next authority. A moratorium stops it, if its key is one of the outside keys of the reader's trust policy.

>>> sorted(GATES)
['approve', 'authorise', 'open', 'publish']
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from types import MappingProxyType

import msgspec

from countersign.deployments.clock import time_text
from countersign.deployments.outside.heard import HeardMoratorium
from countersign.deployments.state import Finding
from countersign.deployments.view import Statement, View
from countersign.errors import WrongForm
from countersign.rulebook.catalogue import DUTIES, Duty, Kind, Phase
from countersign.rulebook.conditions.look import day, moment, moment_of
from countersign.rulebook.conditions.results import Result
from countersign.rulebook.duties import evaluate


class GateUnknown(WrongForm, next_step="Use authorise, approve, open or publish."):
    """There is no gate of this name."""


class Gate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gate as data: which phases and kinds of mandatory duty bar it, and whether findings and a moratorium do.
    ``duties`` bar it though of another phase; ``later`` are left to a later gate, since what shows them comes after.
    """

    means: str
    phases: tuple[Phase, ...]
    kinds: tuple[Kind, ...]
    findings: bool
    moratorium: bool
    duties: tuple[str, ...] = ()
    later: tuple[str, ...] = ()

    def bars(self, duty: Duty) -> bool:
        """Whether a duty, while open, bars this gate."""
        if duty.scope != "deployment" or duty.severity != "mandatory" or duty.id in self.later:
            return False
        return duty.id in self.duties or (duty.phase in self.phases and duty.kind in self.kinds)


class Overridden(msgspec.Struct, frozen=True):
    """A duty gone ahead against: its result, the entry of the override, and when that runs out."""

    result: Result
    entry: int
    expires_at: str


class Standing(msgspec.Struct, frozen=True):
    """What stands in the way at a gate. ``overrides`` counts all signed for this gate, run out or not. ``moratoria``
    are entries; ``heard`` names the bodies of those heard from outside the log.
    """

    gate: str
    barring: tuple[Result, ...]
    overridden: tuple[Overridden, ...]
    unanswered: tuple[str, ...]
    moratoria: tuple[int, ...]
    overrides: int
    heard: tuple[str, ...] = ()
    #: How findings in logs of outside bodies are called, by reference.
    called: Mapping[str, str] = {}

    @property
    def open(self) -> bool:
        """Whether nothing stands in the way."""
        return not (self.barring or self.unanswered or self.moratoria or self.heard)

    @property
    def unmet(self) -> dict[str, str]:
        """The ids that stand in the way, duties and findings, each with why, as ``register.commands`` takes them."""
        duties = {result.duty.id: result.because for result in self.barring}
        findings = {name: self.called.get(name, "this finding") for name in self.unanswered}
        return duties | {name: f"the force has not answered {finding}" for name, finding in findings.items()}


def _read() -> Mapping[str, Gate]:
    text = resources.files("countersign.rulebook").joinpath("data", "gates.toml").read_text(encoding="utf-8")
    return MappingProxyType(msgspec.convert(tomllib.loads(text), dict[str, Gate]))


GATES: Mapping[str, Gate] = _read()


def standing(
    view: View,
    gate: str,
    *,
    profile: str,
    at: datetime.datetime,
    outside_keys: frozenset[str] = frozenset(),
    heard: Sequence[HeardMoratorium] = (),
    found: Mapping[str, Finding] = MappingProxyType({}),
) -> Standing:
    """What stands in the way at ``gate`` at a moment, which is taken for the opening where there is none yet.

    ``outside_keys`` are ids of keys that the reader's trust policy names as outside bodies, ``heard`` and ``found`` the
    moratoria and findings of such bodies outside the log. Raises ``GateUnknown`` and ``ProfileUnknown``.
    """
    rule = GATES.get(gate)
    if rule is None:
        raise GateUnknown(f"there is no gate {gate!r}")
    moment_at = moment_of(at)
    wanted = [duty for duty in DUTIES.values() if rule.bars(duty)]
    results = evaluate(view, profile=profile, as_at=moment_at, supposed=moment_at, duties=wanted)
    overrides = [line for line in view.statements("override") if line.entry not in view.disowned]
    signed = [line for line in overrides if line.one("gate") == gate]
    running = {
        duty: line for line in signed if moment_at < moment(line.one("expires_at")) for duty in line.one("duties")
    }
    failing = [result for result in results if not result.holds]
    duty_of = {line.one("finding"): line.one("duty") for line in view.statements("finding")}
    duty_of |= {reference: finding.duty for reference, finding in found.items()}
    return Standing(
        gate,
        tuple(result for result in failing if result.duty.id not in running),
        tuple(
            Overridden(result, running[result.duty.id].entry, running[result.duty.id].one("expires_at"))
            for result in failing
            if result.duty.id in running
        ),
        tuple(name for name in unanswered(view, moment_at, found) if not {name, duty_of[name]} & running.keys())
        if rule.findings
        else (),
        moratoria(view, moment_at, outside_keys) if rule.moratorium else (),
        len(signed),
        tuple(moratorium.whose for moratorium in heard if moratorium.stands(time_text(at))) if rule.moratorium else (),
        {reference: finding.called for reference, finding in found.items()},
    )


def unanswered(
    view: View, at: datetime.datetime, found: Mapping[str, Finding] = MappingProxyType({})
) -> tuple[str, ...]:
    """Findings of reviewers whose answer was due and that were neither answered nor disputed, in the log's order; then
    those ``found`` in logs of outside bodies, by reference."""
    answered = {line.one("finding") for noun in ("answer", "dispute") for line in view.statements(noun)}
    own = [
        line.one("finding")
        for line in view.statements("finding")
        if line.one("finding") not in answered and day(line.one("answer_due")) < at.date()
    ]
    outside = [
        reference
        for reference, finding in found.items()
        if reference not in answered
        and day(finding.answer_due) < at.date()
        and finding.subject in (view.subject, view.force)
    ]
    return (*own, *outside)


def moratoria(view: View, at: datetime.datetime, outside_keys: frozenset[str]) -> tuple[int, ...]:
    """Entries of moratoria that stand: begun, not ended, not lifted by their own key, signed by an outside key."""
    lifted = {
        (line.one("moratorium"), line.key)
        for line in view.statements("moratorium_lifted")
        if moment(line.one("lifted_at")) <= at
    }
    return tuple(
        line.entry
        for line in view.statements("moratorium")
        if line.key in outside_keys and (line.entry, line.key) not in lifted and _runs(line, at)
    )


def _runs(line: Statement, at: datetime.datetime) -> bool:
    ends = line.one("ends_at")
    return moment(line.one("starts_at")) <= at and (ends is None or at < moment(ends))
