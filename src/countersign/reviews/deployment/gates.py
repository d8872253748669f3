"""Gates of one deployment: what was outstanding at each step, who overrode it, and what is outstanding for the next.

Each gate is asked as at the entry that passed it, over the entries that stood in the log before. A compiler who enters
what papers say passes no gate.

>>> [name for name, _ in PASSED_BY]
['authorise', 'approve', 'open', 'publish']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from countersign.deployments.clock import time_text
from countersign.deployments.kinds import COMPILER
from countersign.deployments.outside.heard import HeardMoratorium
from countersign.deployments.outside.logs import barring_in
from countersign.deployments.state import Finding
from countersign.deployments.view import Place, Statement
from countersign.document import Block, Items, Paragraph, Section
from countersign.grids import Grid, column
from countersign.reviews.deployment.duties import anchor_of
from countersign.reviews.deployment.evidence import DeploymentEvidence, rows
from countersign.reviews.model import GateLine, NextAuthority, OverrideLine
from countersign.rulebook.gates import GATES, Standing, moratoria, standing, unanswered
from countersign.words.dates import dated, local_words
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import role_name
from countersign.words.numbers import small

#: The gates in the order of the life cycle, and the noun whose statement passes each.
PASSED_BY = (("authorise", "authority"), ("approve", "approval"), ("open", "opened"), ("publish", "results"))
#: How a gate was passed against duties, findings or moratoria.
OUTSTANDING = "passed with something outstanding and no override"
_WORDS = {"authorise": "Authority signed", "approve": "List approved"}
_WORDS |= {"open": "Cameras opened", "publish": "Results published"}


def gates_of(evidence: DeploymentEvidence) -> tuple[GateLine, ...]:
    """The four gates as at the entry that passed each; as at the review's moment for one that was not passed."""
    return tuple(_gate(evidence, gate, noun) for gate, noun in PASSED_BY)


def overrides_of(evidence: DeploymentEvidence) -> tuple[OverrideLine, ...]:
    """Every going-ahead signed for this deployment, and whether it has run out as at the review's moment."""
    lines = []
    for override in evidence.view.statements("override"):
        gate, duties = str(override.one("gate")), tuple(override.one("duties"))
        expires = str(override.one("expires_at"))
        lines.append(OverrideLine(override.entry, gate, duties, expires, expires <= evidence.as_at, override.role))
    return tuple(lines)


def _gate(evidence: DeploymentEvidence, gate: str, noun: str) -> GateLine:
    signed = (statement for statement in evidence.view.statements(noun) if statement.key)
    passing = next((one for one in signed if noun != "authority" or one.one("decision") != "refused"), None)
    if passing is None:
        view, at = evidence.view, evidence.moment
    else:
        view = evidence.view.without(entry for entry in evidence.view.entries() if entry >= passing.entry)
        at = datetime.fromisoformat(passing.at)
    heard, found = barring_in(evidence.record.outside, evidence.force, time_text(at))
    keys = evidence.record.outside_keys
    stood = standing(view, gate, profile=evidence.profile, at=at, outside_keys=keys, heard=heard, found=found)
    stopped = (*stood.moratoria, *(_standing(evidence, heard, at) if GATES[gate].moratorium else ()))
    entry, when = (None, None) if passing is None else (passing.entry, passing.at)
    barring = tuple(result.duty.id for result in stood.barring if not result.sealed)
    sealed = tuple(result.duty.id for result in stood.barring if result.sealed)
    overridden = tuple(override.result.duty.id for override in stood.overridden)
    means, state = GATES[gate].means, _state(passing, stood)
    return GateLine(
        gate, means, state, entry, when, barring, overridden, _called(stood.unanswered, found), stopped, sealed
    )


def _state(passing: Statement | None, standing: Standing) -> str:
    if passing is None:
        return "not passed on this record"
    if passing.role == COMPILER:
        return "entered from papers: no gate was held to"
    if standing.open:
        return (
            "passed after an override was signed"
            if standing.overridden
            else "passed with no mandatory duty outstanding"
        )
    if all(result.sealed for result in standing.barring) and not (
        standing.unanswered or standing.moratoria or standing.heard
    ):
        return "passed on statements that are sealed here"
    return OUTSTANDING


def gates_section(
    evidence: DeploymentEvidence, gates: tuple[GateLine, ...], overrides: tuple[OverrideLine, ...], ahead: NextAuthority
) -> Section:
    """The gates, overrides, moratoria, and what is outstanding for the next authority."""
    blocks: list[Block] = [
        Paragraph(
            "Each of four steps is a gate. Mandatory duties must be met, or at least stated, before it is passed. "
            "Where the law lets a person go ahead all the same, that person signs an override, which expires."
        ),
        *_gates_table(gates),
        *_overrides(evidence, overrides),
        *_moratoria(evidence, ahead),
        *_next(evidence, ahead),
    ]
    passed = [line for line in gates if line.entry is not None]
    against = sum(line.state == OUTSTANDING for line in passed)
    found = f"{small(against) if against else 'none'} of {small(len(passed))} passed with duties outstanding"
    return Section("gates", f"Gates and overrides: {found if passed else 'none on the record'}", tuple(blocks))


_GATES = Grid[GateLine](
    column("gate", "Step", lambda line: _WORDS[line.gate], rows=lambda line: rows([line.entry])),
    column("state", "How it was passed", lambda line: line.state),
    column("when", "When", lambda line: None if line.at is None else local_words(line.at)),
    column("barring", "Outstanding just before", lambda line: _in_the_way(line), link=lambda line: _barring(line)),
    column("overridden", "Overridden", lambda line: ", ".join(line.overridden) or "nothing"),
)


def _gates_table(gates: tuple[GateLine, ...]) -> Iterator[Block]:
    if all(line.entry is None for line in gates):
        yield Paragraph("None of the four steps is on this record: no authority, approval, opening or publication.")
        return
    note = (
        "Just before: from the entries in the log when the step was entered. A step not yet passed is looked at as on "
        "the day of this review. Sealed: the record holds the statement, and this reader may not open it."
    )
    yield _GATES.table("gates-table", "The four gates", gates, note=note)


def _barring(line: GateLine) -> str | None:
    return f"#{anchor_of(line.barring[0])}" if len(line.barring) == 1 else None


def _in_the_way(line: GateLine) -> str:
    shown = ", ".join(line.barring[:4]) + (f" and {len(line.barring) - 4} more" if len(line.barring) > 4 else "")
    obstacles = [
        f"{counted(len(line.barring), 'duty', 'duties')}: {shown}" if line.barring else "",
        f"{_unanswered(line)}: {', '.join(line.unanswered)}" if line.unanswered else "",
        f"{counted(len(line.moratoria), 'moratorium', 'moratoria')} in force" if line.moratoria else "",
        f"{counted(len(line.sealed), 'duty', 'duties')} sealed here" if line.sealed else "",
    ]
    return "; ".join(filter(None, obstacles)) or "nothing"


def _unanswered(line: GateLine | NextAuthority) -> str:
    return f"{counted(len(line.unanswered), 'finding')} without an answer"


def _overrides(evidence: DeploymentEvidence, overrides: tuple[OverrideLine, ...]) -> Iterator[Block]:
    whole = evidence.programme.overrides
    counted_here = f"The force has signed {counted(whole, 'override')} on this record."
    if not overrides:
        nobody = "No officer recorded a decision to proceed despite an unmet duty."
        yield Paragraph(f"{nobody} {counted_here if whole else ''}".strip())
        return
    now = f"As at {dated(evidence.as_at[:10])}"
    grid = Grid[OverrideLine](
        column("gate", "Step", lambda line: line.gate, rows=lambda line: rows([line.entry])),
        column("duties", "Duties overridden", lambda line: ", ".join(line.duties)),
        column("by", "Signed as", lambda line: role_name(line.role)),
        column("until", "Until", lambda line: local_words(line.expires_at)),
        column("stands", now, lambda line: "expired" if line.expired else "still runs"),
    )
    note = f"Each is a finding. {counted_here}"
    yield grid.table("overrides", "Overrides", overrides, note=note)


def _moratoria(evidence: DeploymentEvidence, ahead: NextAuthority) -> Iterator[Block]:
    moratoria_entered = evidence.view.statements("moratorium")
    if evidence.programme.heard:
        yield _HEARD.table("moratoria-outside", "Moratoria in logs of outside bodies", evidence.programme.heard)
    if not moratoria_entered:
        return

    def ends(moratorium: Statement) -> str:
        at = moratorium.one("ends_at")
        return "no end stated" if at is None else local_words(str(at))

    def stands(moratorium: Statement) -> str:
        if moratorium.entry in ahead.moratoria:
            return "stops authority"
        if moratorium.key in evidence.record.outside_keys:
            return "ended or lifted"
        return "its key is not an outside key of the reader's trust policy"

    grid = Grid[Statement](
        column("from", "From", lambda row: local_words(str(row.one("starts_at"))), rows=lambda row: rows([row.entry])),
        column("until", "Until", ends),
        column("by", "Signed as", lambda row: role_name(row.role)),
        column("stands", f"As at {dated(evidence.as_at[:10])}", stands),
    )
    yield grid.table("moratoria", "Moratoria on the record", moratoria_entered)


def next_authority(evidence: DeploymentEvidence) -> NextAuthority:
    """What stops the force's next authority, as at the review's moment."""
    keys, programme = evidence.record.outside_keys, evidence.programme
    stopped = moratoria(evidence.view, evidence.moment, keys), _standing(evidence, programme.heard, evidence.moment)
    names = unanswered(evidence.view, evidence.moment, programme.found)
    return NextAuthority(_called(names, programme.found), sum(stopped, ()))


def _called(names: Iterable[str], found: Mapping[str, Finding]) -> tuple[str, ...]:
    """Findings by their names, those of outside bodies' logs with their places."""
    return tuple(found[name].called if name in found else name for name in names)


def _standing(evidence: DeploymentEvidence, heard: Iterable[HeardMoratorium], at: datetime) -> tuple[int, ...]:
    """The moratoria of outside bodies' logs that stand at a moment, as places of the report."""
    return tuple(evidence.number(Place(each.origin, each.entry)) for each in heard if each.stands(time_text(at)))


_HEARD = Grid[HeardMoratorium](
    column("body", "Body", lambda row: row.body, rows=lambda row: rows([Place(row.origin, row.entry)])),
    column("place", "Stands in", lambda row: str(Place(row.origin, row.entry))),
    column("from", "From", lambda row: local_words(row.starts_at)),
    column("until", "Until", lambda row: "no end stated" if row.ends_at is None else local_words(row.ends_at)),
)


def _next(evidence: DeploymentEvidence, ahead: NextAuthority) -> Iterator[Block]:
    against = [f"The finding {name} has not been answered, and its day has passed." for name in ahead.unanswered]
    against += [f"The moratorium of {evidence.place(entry)} stops authority." for entry in ahead.moratoria]
    if against:
        number, when = len(against), dated(evidence.as_at[:10])
        things = be(number, "thing stops", "things stop")
        yield Paragraph(f"{capital(small(number))} {things} the next authority, as at {when}:", "warning")
        yield Items(tuple(against))
    else:
        yield Paragraph("No unanswered finding and no moratorium on this record stops the next authority.")


def obstacles(line: GateLine) -> str:
    """What was outstanding at a gate, counted by kind."""
    kinds: tuple[tuple[Sequence[object], str, str], ...] = (
        (line.barring, "duty", "duties"),
        (line.unanswered, "finding", "findings"),
        (line.moratoria, "moratorium", "moratoria"),
    )
    return ", ".join(counted(len(found), name, many) for found, name, many in kinds if found)


def gates_sentence(gates: tuple[GateLine, ...]) -> str | None:
    """One sentence for the first page where a gate was passed with duties outstanding; else nothing."""
    against = [line for line in gates if line.state == OUTSTANDING]
    if not against:
        return None
    steps = listing([f"{line.gate} ({obstacles(line)})" for line in against])
    what = "mandatory duties" if all(line.barring for line in against) else "something"
    return f"Gates passed with {what} outstanding and no override: {steps}."


def ahead_sentence(ahead: NextAuthority) -> str | None:
    """One sentence for the first page where something stops the next authority; else nothing."""
    obstacles = []
    if ahead.unanswered:
        obstacles.append(_unanswered(ahead))
    if ahead.moratoria:
        obstacles.append(counted(len(ahead.moratoria), "moratorium", "moratoria"))
    return f"Outstanding before the force's next authority: {' and '.join(obstacles)}." if obstacles else None
