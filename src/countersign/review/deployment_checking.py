"""How to check this report: what was verified and what was not, by which command, and every entry it stands on.

Nothing here says that a statement is true: only that it has not been altered since it was signed, and by which key.

>>> ROWS_OF
'log'
"""

from __future__ import annotations

from countersign.deployments.kinds import noun_of
from countersign.document import Block, Cell, Column, Items, Paragraph, Section, Source, Table
from countersign.record.words import short
from countersign.review.deployment_evidence import DeploymentEvidence
from countersign.review.deployment_record import LOG

ROWS_OF = LOG


def checking_section(evidence: DeploymentEvidence) -> Section:
    """The section: the first warning, what was proved and what was not, the checkpoint, the command."""
    trust, origin = evidence.record.trust, evidence.record.origin
    blocks: list[Block] = []
    if evidence.record.first is not None:
        blocks.append(Paragraph(evidence.record.first, "warning"))
    blocks.append(
        Source(
            "source-record",
            f"{origin.kind}: {origin.file}",
            trust.origin,
            "",
            origin.sha256,
            f"{trust.size} entries under the head with root {trust.root.hex()}",
        )
    )
    command = {
        "bundle": f"countersign verify {origin.file} --policy POLICY; countersign review {origin.file} --policy POLICY "
        f"--deployment {evidence.name} --as-of {evidence.as_at[:10]} --profile {evidence.profile}",
        "case": f"countersign review {origin.file} gives the same bytes of review.json from the same file.",
    }.get(
        origin.kind,
        f"countersign review {origin.file} --policy POLICY --deployment {evidence.name} "
        f"--as-of {evidence.as_at[:10]} --profile {evidence.profile}",
    )
    blocks += [
        Paragraph("Proved"),
        Items(trust.proved),
        Paragraph("Not proved"),
        Items(trust.not_proved),
        Paragraph(f"To do it again: {command}"),
        Table(
            "signers",
            "Who signed the head of the log",
            (Column("who", "Who"), Column("what", "Key or time")),
            (
                *((Cell("the log"), Cell(one)) for one in trust.signed_by or ("not checked: no policy was given",)),
                *((Cell(f"cosigned by {name}"), Cell(when)) for name, when in trust.cosigned_by),
            ),
        ),
    ]
    return Section("checking", "How to check this report", tuple(blocks))


def entries_section(evidence: DeploymentEvidence) -> Section:
    """Every entry about the deployment and its force, as far as it speaks for no later than the review's moment."""
    cells: list[tuple[Cell, ...]] = []
    for index, entry in evidence.record.about(evidence.subject):
        draft = entry.draft
        if draft.at > evidence.as_at:
            continue
        sealed = ", ".join(
            f"{label} ({'open here' if (index, label) in evidence.record.opened else 'sealed'})"
            for label in sorted(draft.sealed)
        )
        noun = noun_of(draft.kind) if not draft.kind.startswith("record.") else draft.kind
        cells.append(
            (
                Cell(str(index), index),
                Cell(draft.at),
                Cell(draft.kind),
                Cell("force" if draft.subject == evidence.force else "deployment"),
                Cell(draft.role),
                Cell(draft.supplied_by),
                Cell(short(entry.key)),
                Cell(sealed or "-"),
                Cell(evidence.sources.get(index, noun)),
            )
        )
    for account in evidence.accounts:
        if account.name == "row":
            [place] = account.entries
            told = ("-", "published row", "deployment", "not signed", account.supplied_by, "-", "-")
            cells.append((Cell(str(place), place), *map(Cell, told), Cell(evidence.sources.get(place, "-"))))
    columns = (
        Column("entry", "Entry", "end"),
        Column("at", "Speaks for"),
        Column("kind", "Kind"),
        Column("about", "About", narrow=True),
        Column("role", "Role"),
        Column("by", "Supplied by"),
        Column("key", "Key", narrow=True),
        Column("sealed", "Sealed", narrow=True),
        Column("source", "Papers" if evidence.sources else "Read as"),
    )
    table = Table("entries", "Entries this report stands on", columns, tuple(cells), rows_of=LOG)
    return Section("entries", "Every entry", (table,))
