"""How to check this report: what was verified and what was not, by which command, and every entry it stands on.

Nothing here says that a statement is true: only that it has not been altered since it was signed, and by which key.
"""

from __future__ import annotations

from countersign.document import Block, Cell, Column, Heading, Items, Paragraph, Section, Source, Table
from countersign.record.entries.words import short
from countersign.reviews.deployment.evidence import FORCE, DeploymentEvidence
from countersign.reviews.deployment.first import makers_table, warnings
from countersign.reviews.deployment.record import LOG
from countersign.reviews.model import EnteredBy
from countersign.words.dates import moment_words
from countersign.words.lists import capital, counted


def checking_section(evidence: DeploymentEvidence, found: tuple[EnteredBy, ...]) -> Section:
    """The section: the first warnings, what was proved and what was not, the checkpoint, the command, who entered."""
    trust, origin = evidence.record.trust, evidence.record.origin
    blocks: list[Block] = [Paragraph(one, "warning") for one in warnings(evidence, found)[:1]]
    for number, one in enumerate((origin, *evidence.record.beside), 1):
        told = f"{counted(trust.size, 'entry', 'entries')} under the head with root {trust.root.hex()}"
        anchor = "source-record" if number == 1 else f"source-record-{number}"
        blocks.append(Source(anchor, f"{capital(one.kind)}: {one.file}", trust.origin, "", one.sha256, told))
    files = " ".join(one.file for one in (origin, *evidence.record.beside))
    command = {
        "bundle": f"countersign verify {origin.file} --policy POLICY; countersign review {files} --policy POLICY "
        f"--deployment {evidence.name} --as-of {evidence.as_at[:10]} --profile {evidence.profile}",
        "case": f"countersign review {origin.file} --as-of {evidence.as_at[:10]} --profile {evidence.profile} gives "
        "the same bytes of review.json from the same file.",
    }.get(
        origin.kind,
        f"countersign review {origin.file} --policy POLICY --deployment {evidence.name} "
        f"--as-of {evidence.as_at[:10]} --profile {evidence.profile}",
    )
    blocks += [
        Heading("Proved", "proved"),
        Items(trust.proved),
        Heading("Not proved", "not-proved"),
        Items(trust.not_proved),
        Heading("To do it again", "again"),
        Paragraph(command),
        Table(
            "signers",
            "Who signed the head of the log",
            (Column("who", "Who"), Column("what", "Key or time")),
            (
                *((Cell("The log"), Cell(one)) for one in trust.signed_by or ("not checked: no policy was given",)),
                *((Cell(f"Cosigned by {name}"), Cell(moment_words(when))) for name, when in trust.cosigned_by),
            ),
        ),
    ]
    if found:
        blocks.append(makers_table(found))
    return Section("checking", "How to check this report", tuple(blocks))


def entries_section(evidence: DeploymentEvidence) -> Section:
    """Every entry about the deployment and its force, as far as it speaks for no later than the review's moment."""
    cells: list[tuple[Cell, ...]] = []
    papers = bool(evidence.sources)
    for index, entry in evidence.record.about(evidence.subject):
        draft = entry.draft
        if draft.at > evidence.as_at:
            continue
        sealed = ", ".join(
            f"{label} ({'open here' if (index, label) in evidence.record.opened else 'sealed'})"
            for label in sorted(draft.sealed)
        )
        schema = evidence.record.schemas.known.get((draft.kind, draft.schema))
        cells.append(
            (
                Cell(str(index), index),
                Cell(draft.at),
                Cell("-" if schema is None else schema.title),
                Cell(draft.kind),
                Cell("force" if draft.subject == evidence.force else "deployment"),
                Cell(draft.role),
                Cell(draft.supplied_by),
                Cell(short(entry.key)),
                Cell(sealed or "-"),
                *([Cell(evidence.sources.get(index, "-"))] if papers else []),
            )
        )
    for account in evidence.accounts:
        if account.name == "row":
            [place] = account.entries
            called = "A published row" if account.supplied_by == FORCE else "A row read from a paper"
            told = ["-", called, "-", "deployment", "not signed", account.supplied_by, "-", "-"]
            told += [evidence.sources.get(place, "-")] if papers else []
            cells.append((Cell(str(place), place), *map(Cell, told)))
    columns = (
        Column("entry", "Entry", "end"),
        Column("at", "Speaks for"),
        Column("what", "What it is"),
        Column("kind", "Kind", narrow=True),
        Column("about", "About", narrow=True),
        Column("role", "Role"),
        Column("by", "Supplied by"),
        Column("key", "Key", narrow=True),
        Column("sealed", "Sealed", narrow=True),
        *([Column("source", "Papers")] if papers else []),
    )
    table = Table("entries", "Entries this report stands on", columns, tuple(cells), rows_of=LOG, rows_called="entry")
    return Section("entries", "Every entry", (table,))
