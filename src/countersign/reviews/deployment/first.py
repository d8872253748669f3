"""The first page of a deployment's report: who made the entries, then the record in a few sentences.

Who made the entries and who signed stand before any finding. A *compiler* is someone outside who enters what papers
say: order, roles and times are not held against those entries, and nothing a compiler enters is independent evidence.
Each sentence is a count with what it counts; none says whether what was done was right.

>>> INVENTED.split(",")[0]
'This deployment is invented'
"""

from __future__ import annotations

import shlex
from collections import Counter
from typing import NamedTuple

import msgspec

from countersign.deployments.kinds import COMPILER
from countersign.deployments.outside.reader import NOBODY
from countersign.document import Block, Heading, Items, Paragraph, Section, Source, Table
from countersign.grids import Grid, column, number
from countersign.record.entries.entry import Entry, said_of
from countersign.reviews.deployment.duties import against, convention_sentence, of_outcome, questions
from countersign.reviews.deployment.evidence import FORCE, SOURCE, Account, DeploymentEvidence, source_id
from countersign.reviews.deployment.figures import funnel
from countersign.reviews.deployment.gates import ahead_sentence, gates_sentence
from countersign.reviews.deployment.record import COMPILED
from countersign.reviews.deployment.together import outside_sentence, outside_warnings
from countersign.reviews.duties import outcome_words
from countersign.reviews.model import EnteredBy, GateLine, NextAuthority, Promise, RateLine
from countersign.rulebook.conditions.results import tally
from countersign.surroundings import REHEARSED, rehearsed
from countersign.words.dates import dated, local_words
from countersign.words.intervals import rate_range
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import role_name, short, stage_clause, supplier
from countersign.words.numbers import count

INVENTED = (
    "This deployment is invented, made up by the author of the example: no such force, place or person exists. Keys "
    "made from the case file and thrown away have signed the entries in every role, and nobody else has. It shows how "
    "a report reads, and nothing about anyone."
)


def entered(evidence: DeploymentEvidence) -> tuple[EnteredBy, ...]:
    """Entries about the deployment and its force that speak for no later than the review, by role and supplier. Entries
    of the log about its own keys are not counted. The most first.
    """
    numbers: Counter[tuple[str, str]] = Counter()
    keys: dict[tuple[str, str], set[str]] = {}
    for _, entry in evidence.record.about(evidence.subject):
        draft = entry.draft
        if draft.at > evidence.as_at or draft.kind.startswith("record."):
            continue
        by = evidence.record.supplier(entry)
        numbers[draft.role, by] += 1
        keys.setdefault((draft.role, by), set()).add(entry.key)
    return tuple(
        EnteredBy(role, by, number, len(keys[role, by]))
        for (role, by), number in sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    )


def warnings(evidence: DeploymentEvidence, makers: tuple[EnteredBy, ...]) -> tuple[str, ...]:
    """What must be said before all else about who made the entries and who signed; the gravest first."""
    first = evidence.record.first
    if evidence.invented:
        return (INVENTED,)
    unborne = evidence.record.unborne(evidence.subject, evidence.as_at)
    repeats = said_of(evidence.record.repeated)
    papers = (f"{part.record.origin.file} stands beside the record. {COMPILED}" for part in evidence.beside)
    logs = outside_warnings(evidence.record)
    sentences = [sentence for sentence in (first, unborne, repeats, *logs, *papers) if sentence is not None]
    if rehearsed(evidence.record.trust.origin):
        sentences.insert(0, REHEARSED)
    compiled = sum(maker.entries for maker in makers if maker.role == COMPILER)
    whole = sum(maker.entries for maker in makers)
    if compiled:
        some = f"{count(compiled)} of {counted(whole, 'entry', 'entries')} were"
        which = "Every entry was" if compiled == whole else some
        sentences.append(
            f"{which} entered by a compiler from papers. The rules on order, roles and times that bind a "
            "force's own steps were not applied to them, and none of them is independent evidence."
        )
    return tuple(sentences)


def makers_sentence(makers: tuple[EnteredBy, ...]) -> str | None:
    """Whose evidence the entries hold, for the first page; nothing where there is none."""
    by: Counter[str] = Counter()
    for maker in makers:
        by[maker.supplied_by] += maker.entries
    if not by:
        return None
    sides = listing([f"{count(number)} from {supplier(name)}" for name, number in by.most_common()])
    return f"Of {counted(sum(by.values()), 'entry', 'entries')} about the deployment and its force: {sides}."


_MAKERS = Grid[EnteredBy](
    column("role", "Entered as", lambda maker: role_name(maker.role)),
    column("by", "Evidence from", lambda maker: supplier(maker.supplied_by)),
    number("entries", "Entries", lambda maker: maker.entries),
    number("keys", "Keys", lambda maker: maker.keys),
)


def makers_table(makers: tuple[EnteredBy, ...]) -> Table:
    """Roles, suppliers, entries and keys in one table."""
    return _MAKERS.table("makers", "Who made the entries", makers, fold=len(makers) > 8)


#: The rate that counts unresolved alerts as false.
AT_MOST = "false_alerts_at_most_per_face"
#: Duties of one outcome, and broken promises, that are named in a sentence.
NAMED = 6


def first_page(evidence: DeploymentEvidence, first: tuple[str, ...], sentences: tuple[str, ...]) -> Section:
    """The first section: warnings, whose standard, the sentences, what the evidence contradicts, the stages."""
    blocks: list[Block] = [Paragraph(warning, "warning") for warning in first]
    if evidence.standard:
        blocks.append(Paragraph(f"Standard: {evidence.standard}", "note"))
    stages = msgspec.structs.replace(funnel(evidence).table, anchor="stages", caption="The stages, and who says so")
    blocks += [Items(sentences, numbered=True), *against(evidence), stages]
    return Section("first-page", f"What the record shows: {outcome_words(evidence.results)}", tuple(blocks))


def summary_of(
    evidence: DeploymentEvidence,
    lines: tuple[RateLine, ...],
    promises: tuple[Promise, ...],
    gates: tuple[GateLine, ...],
    makers: tuple[EnteredBy, ...],
    ahead: NextAuthority,
    alike: str | None,
) -> tuple[str, ...]:
    """The sentences that follow the warnings, in the order a reader needs them."""
    times, origin, deployment = tally(evidence.results), evidence.record.origin, evidence.deployment
    state = stage_clause(deployment.stage) if deployment.entries else "the papers do not say whether it was completed"
    source = origin.kind if not evidence.record.beside else f"{count(1 + len(evidence.record.beside))} bundles:"
    files = listing([file.file for file in (origin, *evidence.record.beside)])
    by_measure = {line.measure: line for line in reversed(lines)}
    false = by_measure.get("false_alerts_per_face")
    statements = counted(len(evidence.view.entries()), "statement")
    day = dated(evidence.as_at[:10])
    for part in evidence.beside:
        files += f", beside it {counted(len(part.view.entries()), 'statement')} from {part.record.origin.file}"
    read = f"{evidence.subject}: {statements} read from the {source} {files}; as at {day} {state}."
    outcomes = (
        f"Of {count(len(evidence.results))} duties: {count(times['met'])} met, {count(times['stated'])} stated by the "
        f"force alone, {count(times['not met'])} not met and {count(times['not shown'])} not shown."
    )
    none = "No rate of false alerts per face can be worked out: the record does not hold both counts together."
    cosigned = "An outside body has cosigned the log; that says nothing about whether it is true."
    sentences: list[str | None] = [
        read,
        makers_sentence(makers),
        outside_sentence(evidence),
        outcomes,
        _which(evidence, "not met"),
        _which(evidence, "not shown"),
        gates_sentence(gates),
        convention_sentence(questions(evidence.results)),
        _kept(promises) if promises else None,
        none if false is None else _false(false, by_measure.get(AT_MOST)),
        ahead_sentence(ahead),
        alike,
        cosigned if evidence.record.first is None else None,
        existed_sentence(evidence),
    ]
    return tuple(sentence for sentence in sentences if sentence is not None)


def existed_sentence(evidence: DeploymentEvidence) -> str | None:
    """How many of the entries that stand before the opening an outside body had seen by then; nothing without a head
    that was cosigned, or without an opening.
    """
    opened, trust = evidence.last("opened"), evidence.record.trust
    if opened is None or not trust.heads:
        return None
    before = [place for place, _ in evidence.record.about(evidence.subject) if place < opened.entry]
    seen = [when for place in before if (when := trust.existed_by(place)) and when <= opened.one("opened_at")]
    stood = f"{counted(len(before), 'entry', 'entries')} {be(len(before), 'stands', 'stand')} before the opening"
    if len(seen) == len(before):
        return f"{stood}, and an outside body had cosigned a head with all of them by then."
    some = f"had cosigned a head with {count(len(seen))} of them" if seen else "had cosigned no head with any of them"
    return f"{stood}; an outside body {some} by then. When the others were made is the force's own word."


def _which(evidence: DeploymentEvidence, outcome: str) -> str | None:
    """The duties of one outcome by name, mandatory ones first; nothing where there are none."""
    results = of_outcome(evidence, outcome)
    if not results:
        return None
    shown = [result.duty for result in results[:NAMED]]
    names = [f"“{duty.title}”{' (mandatory)' if duty.severity == 'mandatory' else ''}" for duty in shown]
    left = len(results) - NAMED
    return f"{capital(outcome)}: {listing([*names, f'{count(left)} more'] if left > 0 else names)}."


def _kept(promises: tuple[Promise, ...]) -> str:
    """How many promises stand, do not, and are not shown; those that do not are named."""
    states = Counter(promise.state for promise in promises)
    silent = states["not shown"]
    broken = [promise.promised for promise in promises if promise.state == "not as promised"]
    sentence = (
        f"Of {counted(len(promises), 'promise')} made before, {count(states['as promised'])} "
        f"{be(states['as promised'], 'stands', 'stand')} as promised and {count(len(broken)) if broken else 'none'} "
        f"{be(len(broken), 'does', 'do')} not"
    )
    sentence += f"; of {count(silent)} nothing is shown" if silent else ""
    return sentence + (f". Not as promised: {'; '.join(broken[:NAMED])}." if broken else ".")


def _false(false: RateLine, most: RateLine | None) -> str:
    """False alerts per face with the interval; where alerts are unresolved, also with all of them counted as false."""
    by = false.scope.partition(": ")[2]
    sentence = (
        f"{counted(false.events, 'false alert')} in {count(false.trials)} faces, by {by}; the 95% interval is "
        f"{rate_range(false.low, false.high, false.estimate)}."
    )
    if most is None or (most.events, most.trials) == (false.events, false.trials):
        return sentence
    left = most.events - false.events
    return (
        f"{sentence} {counted(left, 'alert was', 'alerts were')} left unresolved; with {be(left, 'it', 'them')} "
        f"counted as false it is {count(most.events)} in {count(most.trials)}, "
        f"{rate_range(most.low, most.high, most.estimate)}."
    )


_SIGNERS = Grid[tuple[str, str]](
    column("who", "Who", lambda signer: signer[0]), column("what", "Key or time", lambda signer: signer[1])
)


def again(evidence: DeploymentEvidence) -> str:
    """The command that makes this review again; POLICY and READER are the reader's own files, LOG:ORIGIN is their copy
    of the published files of the log of that name."""
    record = evidence.record
    papers = (part.record.origin for part in evidence.beside)
    outside = (log.file if log.bundled else f"LOG:{log.named.origin}" for log in record.outside)
    names = shlex.join([*(file.file for file in (record.origin, *record.beside, *papers)), *outside])
    trusted = f" --policy POLICY --deployment {evidence.name}" if record.origin.kind != "case" else ""
    reader = "" if record.reader in (None, NOBODY) else " --reader READER"
    return f"countersign review {names}{trusted}{reader} --as-of {evidence.as_at[:10]} --profile {evidence.profile}"


def checking_section(evidence: DeploymentEvidence, makers: tuple[EnteredBy, ...]) -> Section:
    """The section: the first warnings, what was proved and what was not, the checkpoint, the command, who entered."""
    trust, origin = evidence.record.trust, evidence.record.origin
    blocks: list[Block] = [Paragraph(warning, "warning") for warning in warnings(evidence, makers)[:1]]
    files = (origin, *evidence.record.beside)
    under = f"{counted(trust.size, 'entry', 'entries')} under the head with root {trust.root.hex()}"
    for place, file in enumerate(files, 1):
        anchor = "source-record" if place == 1 else f"source-record-{place}"
        blocks.append(Source(anchor, f"{capital(file.kind)}: {file.file}", trust.origin, "", file.sha256, under))
    for place, part in enumerate(evidence.beside):
        case, number = part.record.origin, len(files) + place + 1
        title, said = f"{capital(case.kind)}: {case.file}", counted(part.record.trust.size, "entry", "entries")
        blocks.append(Source(f"source-record-{number}", title, part.record.trust.origin, "", case.sha256, said))
    command = again(evidence)
    if origin.kind == "bundle":
        command = f"countersign verify {origin.file} --policy POLICY; {command}"
    elif origin.kind == "case":
        command = f"{command} gives the same bytes of review.json from the same file."
    signers = [("The log", key) for key in trust.signed_by or ("not checked: no policy was given",)]
    signers += [(f"Cosigned by {name}", local_words(when)) for name, when in trust.cosigned_by]
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
    column("at", "Speaks for", lambda entry: local_words(entry.at)),
    column("what", "What it is", lambda entry: entry.title),
    column("kind", "Kind", lambda entry: entry.kind),
    column("about", "About", lambda entry: entry.about),
    column("role", "Role", lambda entry: entry.role),
    column("by", "Supplied by", lambda entry: entry.supplied_by),
    column("key", "Key", lambda entry: entry.key),
    column("sealed", "Sealed", lambda entry: entry.sealed),
)
#: The same with the paper each entry was compiled from, where a case names any.
_ENTRIES_FROM_PAPERS = Grid[_Entry](*_ENTRIES.columns, column("source", "Papers", lambda entry: entry.paper))


def entries_section(evidence: DeploymentEvidence) -> Section:
    """Every entry about the deployment and its force that speaks for no later than the review, a table a source."""
    parts = (evidence, *evidence.beside)
    return Section("entries", "Every entry", tuple(_entries_of(part, number) for number, part in enumerate(parts)))


def _entries_of(evidence: DeploymentEvidence, source: int) -> Table:
    entries = [
        _entry(evidence, place, entry)
        for place, entry in evidence.record.about(evidence.subject)
        if entry.draft.at <= evidence.as_at
    ]
    entries += [_row(evidence, account) for account in evidence.accounts if account.name == "row"]
    grid = _ENTRIES_FROM_PAPERS if evidence.sources else _ENTRIES
    anchor, caption = "entries", "Entries this report stands on"
    if source:
        anchor, caption = f"entries-{source + 1}", f"Entries made from {evidence.record.origin.file}"
    return grid.table(anchor, caption, entries, rows_of=source_id(source), rows_called="entry")


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
    [place] = (entry % SOURCE for entry in account.entries if isinstance(entry, int))
    called = "A published row" if account.supplied_by == FORCE else "A row read from a paper"
    paper = evidence.sources.get(place, "-")
    return _Entry(place, "-", called, "-", "deployment", "not signed", account.supplied_by, "-", "-", paper)
