"""What the review of one deployment stands on, gathered once: state, view, counts by each account, alerts, results.

Accounts are never merged: they stand side by side, each with who supplied it. Figures use one account, named: the first
of ``ORDER`` that has the counts. Every section of the report is a function of this value. Other sources about the same
deployment stand ``beside``, each gathered alone (``together``).

>>> ORDER[0]
'statistics'
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from countersign.deployments.clock import time_text
from countersign.deployments.fold import Late, late_for, late_in
from countersign.deployments.kinds import NOUNS
from countersign.deployments.outside.logs import Said, weighed
from countersign.deployments.state import Deployment, Programme
from countersign.deployments.view import Place, Statement, View
from countersign.document import RowRange
from countersign.grids import GridColumn, number
from countersign.published.table.record import Row
from countersign.record.entries.forms import force_of, name_of
from countersign.record.entries.retention import Accounts
from countersign.reviews.deployment.record import LOG, DeploymentRecord, Use
from countersign.reviews.duties import row_statement
from countersign.rulebook.conditions.look import Shared
from countersign.rulebook.conditions.results import Result
from countersign.rulebook.duties import evaluate
from countersign.words.dates import dated
from countersign.words.lists import listing
from countersign.words.lists import noun as plural

#: Which account figures are taken from, the first that has the counts.
ORDER: tuple[str, ...] = ("statistics", "reconciliation", "results", "hours", "cancellation", "row")
TITLES: Mapping[str, str] = {
    "hours": "the hours' counts, summed",
    "cancellation": "the force's close",
    "reconciliation": "the reconciliation",
    "statistics": "the statistics",
    "results": "the published results",
    "row": "the published table",
}
#: Entries of the source numbered n have places from (n - 1) times this on; no log has so many.
SOURCE = 10**11
#: Who supplied a row unless its source is said to be another's.
FORCE = "force"
QUANTITIES: Mapping[str, str] = {
    "faces": "faces",
    "alerts": "alerts",
    "true": "true alerts",
    "false": "false alerts",
    "unresolved": "unresolved",
    "engagements": "engagements",
    "arrests": "arrests",
}


@dataclass(frozen=True, slots=True)
class Account:
    """One source's account of the counts: its entries, who supplied it; ``counts`` leaves out what it does not give.
    ``file`` names what it was read from where several sources stand together.
    """

    name: str
    supplied_by: str
    entries: tuple[int | Place, ...]
    counts: Mapping[str, int]
    file: str = ""

    @property
    def title(self) -> str:
        """What the account is called in a sentence."""
        paper = self.name == "row" and self.supplied_by != FORCE
        title = f"{'the paper the counts were read from' if paper else TITLES[self.name]} ({self.supplied_by})"
        return f"{title} in {self.file}" if self.file else title


class Paper(NamedTuple):
    """A paper that was read."""

    title: str
    publisher: str
    published: str

    @property
    def words(self) -> str:
        """Title, publisher and date in one line."""
        return ", ".join(filter(None, (self.title, self.publisher, dated(self.published))))


@dataclass(frozen=True, slots=True)
class Papers:
    """What a case file adds to its entries: a title, by whose standard, the paper behind each entry, a row. What the
    row bears on is answered as the word of ``row_by``. ``invented``: made up by the author of an example. ``story``:
    what happened, each sentence with the place in the paper that says so; ``read``: the papers read.
    """

    title: str = ""
    standard: str = ""
    invented: bool = False
    sources: Mapping[int, str] = field(default_factory=dict)
    row: Row | None = None
    row_source: str = ""
    row_by: str = FORCE
    story: tuple[tuple[str, str], ...] = ()
    read: tuple[Paper, ...] = ()


NO_PAPERS = Papers()


@dataclass(frozen=True)
class DeploymentEvidence:
    """Everything a section may use. ``as_at`` is an entry timestamp; ``profile`` the rulebook's, or empty for all."""

    record: DeploymentRecord
    subject: str
    as_at: str
    profile: str
    programme: Programme = field(repr=False)
    view: View = field(repr=False)
    results: tuple[Result, ...] = field(repr=False)
    accounts: tuple[Account, ...] = field(repr=False)
    retention: Accounts = field(repr=False)
    sources: Mapping[int, str] = field(default_factory=dict, repr=False)
    standard: str = ""
    invented: bool = False
    story: tuple[tuple[str, str], ...] = ()
    read: tuple[Paper, ...] = ()
    #: Moments to come on which an answer or a promise turns.
    dues: list[datetime.datetime] = field(default_factory=list, repr=False, compare=False)
    #: The other sources, in the order given; their accounts have places of the report, all else is as read alone.
    beside: tuple[DeploymentEvidence, ...] = ()

    @property
    def every_account(self) -> tuple[Account, ...]:
        """The accounts of all sources, those of the first before the others'."""
        return sum((part.accounts for part in self.beside), self.accounts)

    def from_sources(self, entries: Iterable[int]) -> str:
        """The sources that entries stand in, by file, with their places there; empty where there is one source."""
        found: dict[int, list[str]] = {}
        for entry in sorted(entries) if self.beside else ():
            found.setdefault(entry // SOURCE, []).append(str(entry % SOURCE))
        files = [part.record.origin.file for part in (self, *self.beside)]
        said = (f"{files[source]}, {plural(len(at), 'entry', 'entries')} {listing(at)}" for source, at in found.items())
        return "; ".join(said)

    @property
    def deployment(self) -> Deployment:
        """The folded state of this deployment."""
        return self.programme.deployment(self.subject)

    @property
    def name(self) -> str:
        """The deployment's short name."""
        return name_of(self.subject)

    @property
    def force(self) -> str:
        """The force's short name."""
        return force_of(self.subject)

    @property
    def moment(self) -> datetime.datetime:
        """The moment that the review speaks for."""
        return datetime.datetime.fromisoformat(self.as_at)

    @cached_property
    def said(self) -> tuple[Said, ...]:
        """What outside bodies say in logs of their own."""
        return self.record.said(self.subject, self.as_at)

    @cached_property
    def alerts(self) -> tuple[Mapping[str, Any], ...]:
        """The alerts open to this reader, in the order of the log."""
        return tuple(alert.value for alert in self.view.get("hour.sealed.alerts[]"))

    @cached_property
    def late(self) -> tuple[Late, ...]:
        """What is late about the deployment and the programme at ``as_at``."""
        return (*late_in(self.programme, self.deployment, self.as_at), *late_for(self.programme, self.as_at))

    @cached_property
    def uses(self) -> tuple[Use, ...]:
        """The force's deployments on this record, by opening; of a record read ``up_to_own``, those up to this one."""
        uses = self.record.uses(self.force, self.as_at)
        if not (self.record.up_to_own and self.opened):
            return uses
        return tuple(use for use in uses if (use.opened or "~", use.subject) <= (self.opened, self.subject))

    @cached_property
    def opened(self) -> str:
        """The moment this deployment was opened, as first stated; empty where no opening is stated."""
        uses = self.record.uses(self.force, self.as_at)
        return next((use.opened for use in uses if use.subject == self.subject), "")

    def place(self, number: int) -> str:
        """A place of the report as people read it: that of another source, or an outside body's log, with its name."""
        source, entry = divmod(number, SOURCE)
        logs = self.record.outside[source - len(self.beside) - 1 :] if source > len(self.beside) else ()
        return str(Place(logs[0].named.origin, entry)) if logs else f"entry {entry}"

    def number(self, place: Place) -> int:
        """The same the other way round, for an entry of an outside body's log: such logs come after the sources."""
        origins = [log.named.origin for log in self.record.outside]
        return (origins.index(place.origin) + len(self.beside) + 1) * SOURCE + place.entry

    def passed(self, due: str) -> bool:
        """Whether a time as in entries is past; one that is not is noted in ``dues``."""
        if self.as_at > due:
            return True
        self.dues.append(datetime.datetime.fromisoformat(due))
        return False

    def last(self, noun: str) -> Statement | None:
        """The statement of a noun that stands last in the log."""
        return self.view.last(noun)

    def having(self, *quantities: str) -> Account | None:
        """The first account, in ``ORDER``, that gives all of these."""
        ordered = sorted(self.accounts, key=lambda account: ORDER.index(account.name))
        return next((account for account in ordered if all(name in account.counts for name in quantities)), None)


def source_id(number: int) -> str:
    """The id under which the report's rows are the entries of a source, counted from 0.

    >>> source_id(0), source_id(1)
    ('log', 'source-2')
    """
    return f"source-{number + 1}" if number else LOG


def rows(entries: Iterable[int | Place | None]) -> tuple[RowRange, ...]:
    """Entries as ranges of their source's rows, neighbours joined, those of outside bodies' logs by the log's origin;
    ``None`` is left out.

    >>> rows([3, 4, SOURCE + 4, Place("panel.example/log", 1)])[1:]
    (RowRange(document='source-2', first=4, last=4), RowRange(document='panel.example/log', first=1, last=1))
    """
    own = sorted({entry for entry in entries if isinstance(entry, int)})
    placed = [(source_id(place // SOURCE), place % SOURCE) for place in own]
    ranges: list[RowRange] = []
    for source, index in (*placed, *sorted({entry for entry in entries if isinstance(entry, Place)})):
        if ranges and (ranges[-1].document, ranges[-1].last) == (source, index - 1):
            ranges[-1] = RowRange(source, ranges[-1].first, index)
        else:
            ranges.append(RowRange(source, index, index))
    return tuple(ranges)


def own_rows(statement: Statement) -> tuple[RowRange, ...]:
    """The row of a statement's own entry."""
    return rows([statement.place])


def stated_number(key: str, label: str, field: str = "") -> GridColumn[Statement]:
    """A column of a number as stated, under the field's own name unless another is given."""
    return number(key, label, lambda statement: statement.one(field or key), missing="not published")


def gather(
    record: DeploymentRecord, subject: str, *, as_at: datetime.datetime, profile: str, papers: Papers = NO_PAPERS
) -> DeploymentEvidence:
    """The evidence of one deployment as at a moment. Raises ``ProfileUnknown``."""
    when, place = time_text(as_at), record.trust.size
    view, sources = record.view(subject, when), papers.sources
    if papers.row is not None:
        view = _beside(view, row_statement(papers.row, subject, place))
        sources = {**sources, place: papers.row_source}
    programme = weighed(record.programme(force_of(subject), when), record.outside, when)
    shared = Shared()
    results = tuple(evaluate(view, profile=profile, as_at=as_at, shared=shared))
    accounts = (*_accounts(view), *_printed(papers, place))
    retention = record.retention.among(index for index, _ in record.about(subject))
    found = (programme, view, results, accounts, retention, sources)
    said = (papers.standard, papers.invented, papers.story, papers.read, shared.dues)
    return DeploymentEvidence(record, subject, when, profile, *found, *said)


def _beside(view: View, stated: Statement) -> View:
    """The view with one more statement of its noun."""
    statements = {noun: found for noun in NOUNS if (found := view.statements(noun))}
    told = {**statements, stated.noun: (*statements.get(stated.noun, ()), stated)}
    return replace(view, _statements=told)


def _printed(papers: Papers, place: int) -> Iterator[Account]:
    row = papers.row
    if row is None:
        return
    given = {"faces": row.faces_seen, "alerts": row.alerts, "true": row.true_alerts, "false": row.false_alerts}
    given["arrests"] = row.arrests
    if row.false_alert_engagements is not None and row.true_alert_engagements is not None:
        given["engagements"] = row.false_alert_engagements + row.true_alert_engagements
    yield Account("row", papers.row_by, (place,), {name: value for name, value in given.items() if value is not None})


def _accounts(view: View) -> Iterator[Account]:
    hours: dict[str, list[Statement]] = {}
    for statement in view.statements("hour"):
        hours.setdefault(statement.supplied_by, []).append(statement)
    for supplier, statements in hours.items():
        counts = {name: sum(int(statement.one(name)) for statement in statements) for name in ("faces", "alerts")}
        yield Account("hours", supplier, tuple(statement.place for statement in statements), counts)
    for noun in ("cancellation", "reconciliation", "statistics", "results"):
        # A printed row has no key, and an account of its own.
        # The force's log first; what an outside body's own log says stands beside it.
        stated = sorted(view.statements(noun), key=lambda statement: bool(statement.origin))
        last = {statement.supplied_by: statement for statement in stated if statement.key}
        for supplier, statement in last.items():
            yield Account(noun, supplier, (statement.place,), _counts(statement))


def _counts(statement: Statement) -> dict[str, int]:
    outcomes = "sealed.outcomes." if statement.noun == "reconciliation" else ""
    stated = ["faces", "alerts"] + ["engagements"] * (statement.noun != "statistics")
    stated += ["arrests"] * (statement.noun == "results")
    given = {name: statement.one(name) for name in stated}
    if statement.noun != "cancellation":
        for name in ("true", "false"):
            parts = [statement.one(f"{outcomes}{part}") for part in (name, f"confirmed_{name}")]
            given[name] = None if None in parts else sum(parts)
        given["unresolved"] = statement.one(f"{outcomes}unresolved")
    return {name: int(value) for name, value in given.items() if value is not None}
