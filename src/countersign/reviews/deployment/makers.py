"""Who made the entries: in which roles, from whose evidence, with how many keys; and where the rules were skipped.

A *compiler* is someone outside who enters what papers say. The papers tell what happened, so order, roles and times are
not held against those entries, and nothing a compiler enters is independent evidence. That must stand at the top of a
report: a reader who takes a dossier for a force's own record would take silence for order.

>>> INVENTED.split(",")[0]
'This deployment is invented'
"""

from __future__ import annotations

from collections import Counter

from countersign.deployments.kinds import COMPILER
from countersign.document import Cell, Column, Table
from countersign.reviews.deployment.evidence import DeploymentEvidence
from countersign.reviews.model import EnteredBy
from countersign.surroundings import REHEARSED, rehearsed
from countersign.words.phrases import counted, listing
from countersign.words.record import role_told, supplier
from countersign.words.wording import count

INVENTED = (
    "This deployment is invented, made up by the author of the example: no such force, place or person exists, and no "
    "paper tells of it. Keys made from the case file and thrown away have signed the entries in every role, and nobody "
    "else. It shows how a report reads, and nothing about anyone."
)


def entered(evidence: DeploymentEvidence) -> tuple[EnteredBy, ...]:
    """Entries about the deployment and its force that speak for no later than the review, by role and supplier.

    Entries of the log about its own keys are not counted. The most first.
    """
    numbers: Counter[tuple[str, str]] = Counter()
    keys: dict[tuple[str, str], set[str]] = {}
    for _, entry in evidence.record.about(evidence.subject):
        draft = entry.draft
        if draft.at > evidence.as_at or draft.kind.startswith("record."):
            continue
        numbers[draft.role, draft.supplied_by] += 1
        keys.setdefault((draft.role, draft.supplied_by), set()).add(entry.key)
    return tuple(
        EnteredBy(role, by, number, len(keys[role, by]))
        for (role, by), number in sorted(numbers.items(), key=lambda one: (-one[1], one[0]))
    )


def warnings(evidence: DeploymentEvidence, found: tuple[EnteredBy, ...]) -> tuple[str, ...]:
    """What must be said before all else about who made the entries and who signed; the gravest first."""
    first = evidence.record.first
    if evidence.invented:
        return (INVENTED,)
    told = [] if first is None else [first]
    if rehearsed(evidence.record.trust.origin):
        told.insert(0, REHEARSED)
    compiled = sum(one.entries for one in found if one.role == COMPILER)
    whole = sum(one.entries for one in found)
    if compiled:
        which = (
            "Every entry was"
            if compiled == whole
            else f"{count(compiled)} of {counted(whole, 'entry', 'entries')} were"
        )
        told.append(
            f"{which} entered by a compiler from papers. For those the rules that a force's own steps are held to, on "
            "order, roles and times, were skipped, and none of them is independent evidence."
        )
    return tuple(told)


def sentence(found: tuple[EnteredBy, ...]) -> str | None:
    """Whose evidence the entries hold, for the first page; nothing where there is none."""
    by: Counter[str] = Counter()
    for one in found:
        by[one.supplied_by] += one.entries
    if not by:
        return None
    told = listing([f"{count(number)} from {supplier(name)}" for name, number in by.most_common()])
    return f"Of {counted(sum(by.values()), 'entry', 'entries')} about the deployment and its force: {told}."


def makers_table(found: tuple[EnteredBy, ...]) -> Table:
    """Roles, suppliers, entries and keys in one table."""
    columns = (
        Column("role", "Entered as"),
        Column("by", "Evidence from"),
        Column("entries", "Entries", "end"),
        Column("keys", "Keys", "end"),
    )
    cells = tuple(
        (
            Cell(role_told(one.role)),
            Cell(supplier(one.supplied_by)),
            Cell(count(one.entries), one.entries),
            Cell(count(one.keys), one.keys),
        )
        for one in found
    )
    return Table("makers", "Who made the entries", columns, cells, fold=len(cells) > 8)
