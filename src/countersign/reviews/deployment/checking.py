"""How to check this report: what was verified and what was not, by which command, and every entry it stands on."""

from __future__ import annotations

from typing import NamedTuple

from countersign.document import Block, Heading, Items, Paragraph, Section, Source
from countersign.grids import Grid, column, number
from countersign.record.entries.entry import Entry
from countersign.reviews.deployment.evidence import FORCE, Account, DeploymentEvidence
from countersign.reviews.deployment.first import makers_table, warnings
from countersign.reviews.deployment.record import LOG
from countersign.reviews.model import EnteredBy
from countersign.words.dates import moment_words
from countersign.words.lists import capital, counted
from countersign.words.names import short

_SIGNERS = Grid[tuple[str, str]](
    column("who", "Who", lambda signer: signer[0]), column("what", "Key or time", lambda signer: signer[1])
)


def checking_section(evidence: DeploymentEvidence, makers: tuple[EnteredBy, ...]) -> Section:
    """The section: the first warnings, what was proved and what was not, the checkpoint, the command, who entered."""
    trust, origin = evidence.record.trust, evidence.record.origin
    blocks: list[Block] = [Paragraph(warning, "warning") for warning in warnings(evidence, makers)[:1]]
    files = (origin, *evidence.record.beside)
    under = f"{counted(trust.size, 'entry', 'entries')} under the head with root {trust.root.hex()}"
    for place, file in enumerate(files, 1):
        anchor = "source-record" if place == 1 else f"source-record-{place}"
        blocks.append(Source(anchor, f"{capital(file.kind)}: {file.file}", trust.origin, "", file.sha256, under))
    names = " ".join(file.file for file in files)
    again = f"--as-of {evidence.as_at[:10]} --profile {evidence.profile}"
    command = f"countersign review {names} --policy POLICY --deployment {evidence.name} {again}"
    if origin.kind == "bundle":
        command = f"countersign verify {origin.file} --policy POLICY; {command}"
    elif origin.kind == "case":
        command = f"countersign review {names} {again} gives the same bytes of review.json from the same file."
    signers = [("The log", key) for key in trust.signed_by or ("not checked: no policy was given",)]
    signers += [(f"Cosigned by {name}", moment_words(when)) for name, when in trust.cosigned_by]
    blocks += [
        Heading("Proved", "proved"),
        Items(trust.proved),
        Heading("Not proved", "not-proved"),
        Items(trust.not_proved),
        Heading("To do it again", "again"),
        Paragraph(command),
        _SIGNERS.table("signers", "Who signed the head of the log", signers),
    ]
    if makers:
        blocks.append(makers_table(makers))
    return Section("checking", "How to check this report", tuple(blocks))


class _Entry(NamedTuple):
    """An entry, or a printed row that stands as one, as the table of entries has it."""

    place: int
    at: str
    title: str
    kind: str
    about: str
    role: str
    supplied_by: str
    key: str
    sealed: str
    paper: str


_ENTRIES = Grid[_Entry](
    number("entry", "Entry", lambda entry: entry.place, words=str),
    column("at", "Speaks for", lambda entry: entry.at),
    column("what", "What it is", lambda entry: entry.title),
    column("kind", "Kind", lambda entry: entry.kind, narrow=True),
    column("about", "About", lambda entry: entry.about, narrow=True),
    column("role", "Role", lambda entry: entry.role),
    column("by", "Supplied by", lambda entry: entry.supplied_by),
    column("key", "Key", lambda entry: entry.key, narrow=True),
    column("sealed", "Sealed", lambda entry: entry.sealed, narrow=True),
)
#: The same with the paper each entry was compiled from, where a case names any.
_ENTRIES_FROM_PAPERS = Grid[_Entry](*_ENTRIES.columns, column("source", "Papers", lambda entry: entry.paper))


def entries_section(evidence: DeploymentEvidence) -> Section:
    """Every entry about the deployment and its force, as far as it speaks for no later than the review's moment."""
    entries = [
        _entry(evidence, place, entry)
        for place, entry in evidence.record.about(evidence.subject)
        if entry.draft.at <= evidence.as_at
    ]
    entries += [_row(evidence, account) for account in evidence.accounts if account.name == "row"]
    grid = _ENTRIES_FROM_PAPERS if evidence.sources else _ENTRIES
    table = grid.table("entries", "Entries this report stands on", entries, rows_of=LOG, rows_called="entry")
    return Section("entries", "Every entry", (table,))


def _entry(evidence: DeploymentEvidence, place: int, entry: Entry) -> _Entry:
    draft = entry.draft
    sealed = ", ".join(
        f"{label} ({'open here' if (place, label) in evidence.record.opened else 'sealed'})"
        for label in sorted(draft.sealed)
    )
    schema = evidence.record.schemas.known.get((draft.kind, draft.schema))
    return _Entry(
        place,
        draft.at,
        "-" if schema is None else schema.title,
        draft.kind,
        "force" if draft.subject == evidence.force else "deployment",
        draft.role,
        said_by(evidence.record.supplier(entry), draft.supplied_by),
        short(entry.key),
        sealed or "-",
        evidence.sources.get(place, "-"),
    )


def said_by(supplier: str, claimed: str) -> str:
    """Who supplied an entry, with what it says of itself where no reader's file bears that out."""
    return supplier if supplier == claimed else f"{supplier}; says {claimed}"


def _row(evidence: DeploymentEvidence, account: Account) -> _Entry:
    """A published row, which nobody signed, at the place given to it after the log's own entries."""
    [place] = account.entries
    called = "A published row" if account.supplied_by == FORCE else "A row read from a paper"
    paper = evidence.sources.get(place, "-")
    return _Entry(place, "-", called, "-", "deployment", "not signed", account.supplied_by, "-", "-", paper)
