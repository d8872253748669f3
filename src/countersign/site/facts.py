"""What the public site says, taken from a published log alone: its deployments, what is late, and their papers.

Only published files are read: no sealed value is opened, even where the log's own folder is at hand. The state of each
deployment is the fold of ``deployments.fold``; what is late is that of ``deployments.lateness`` at the moment given.

>>> FILTERS["overdue"][0]
'Overdue'
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from countersign.deployments.corrections import Corrections, corrections_in
from countersign.deployments.fold import Late, advance, late_for, late_in
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.lifecycle import Phase
from countersign.deployments.state import Deployment, Programme
from countersign.errors import NotAllowed
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Entry
from countersign.record.entries.forms import force_of
from countersign.record.entries.schema import SchemaUnknown
from countersign.record.tlog.policy import Policy
from countersign.register.viewing import published_in
from countersign.reviews.deployment.reading import read_log
from countersign.reviews.deployment.record import DeploymentRecord
from countersign.site.street.papers import short_code
from countersign.words.dates import local_words
from countersign.words.facts import facts_line

#: Kinds of which the last entry gets a proof of its own, besides the deployment's last entry.
PROVED_KINDS = ("open.notice", "live.opened", "publish.results")
#: Plain pages of the register: title, and which deployments stand there.
FILTERS = {
    "coming": ("Announced", "A notice is on the record, and its time is not over."),
    "overdue": ("Overdue", "Something is past the time that the force's own policy sets for it."),
    "missing": ("Results missing", "It was live and is over, and no results are on the record."),
    "overridden": ("Overrides", "An officer signed a decision to go ahead despite an unmet duty."),
    "erased": ("Deletions stated", "The force has signed that it deleted something, or the log holds an erasure."),
    "irregular": ("Entries against the rules", "The record has an entry that the rules would have refused."),
}


class CodesCollide(
    NotAllowed,
    next_step="Give one of them another name on the record before it is announced; report this to the makers.",
):
    """Two deployments of a log share a short code, so that their pages would lie at one address."""


@dataclass(frozen=True)
class PublicDeployment:
    """One deployment as the site shows it; what many pages ask of it is worked out once."""

    state: Deployment
    late: tuple[Late, ...]
    entries: tuple[tuple[int, Entry], ...] = field(repr=False)
    coming: bool = False

    @property
    def subject(self) -> str:
        """``force/deployment``."""
        return self.state.subject

    @cached_property
    def code(self) -> str:
        """The short code, which is the folder of its page."""
        return short_code(self.subject)

    @cached_property
    def day(self) -> str:
        """The first day of its windows, or of its first entry."""
        if self.state.windows:
            return min(one.start for one in self.state.windows)[:10]
        return min(entry.draft.at for _, entry in self.entries)[:10]

    @property
    def place(self) -> str:
        """The place of its notice; before that, that it lies sealed, or that nothing on the record names one."""
        if self.state.place is not None:
            return self.state.place
        sealed = any({"place", "document"} & set(entry.draft.sealed) for _, entry in self.entries)
        return "Place and time sealed until the notice" if sealed else "No place on the record"

    def last(self, kind: str) -> dict[str, Any] | None:
        """The public facts of the last entry of a kind."""
        found = [entry.draft.facts for _, entry in self.corrected.standing(self.entries) if entry.draft.kind == kind]
        return dict(found[-1]) if found else None

    @cached_property
    def corrected(self) -> Corrections:
        """The corrections of its entries."""
        return corrections_in(self.entries)

    @property
    def went_live(self) -> bool:
        """Whether an opening, or results, are on the record."""
        return self.state.opened_at is not None or self.last("publish.results") is not None

    @cached_property
    def erasures(self) -> tuple[tuple[int, Entry], ...]:
        """The entries that state a deletion or an erasure."""
        return tuple(one for one in self.entries if one[1].draft.kind in ("delete.deletion", "record.erased"))

    def proved(self) -> tuple[int, ...]:
        """The entries that get a proof of their own, in order."""
        chosen = {self.entries[-1][0]}
        for kind in PROVED_KINDS:
            chosen.update([index for index, entry in self.entries if entry.draft.kind == kind][-1:])
        return tuple(sorted(chosen))

    def stands_in(self, name: str) -> bool:
        """Whether it stands on a page of the register (``FILTERS``)."""
        over = self.state.ended_at is not None and self.state.opened_at is not None
        return {
            "coming": self.coming,
            "overdue": bool(self.late),
            "missing": over and self.state.published_at is None,
            "overridden": bool(self.state.overrides),
            "erased": bool(self.erasures),
            "irregular": bool(self.state.irregularities),
        }[name]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """All that the site says: the record, each force's programme, and the deployments by day, newest first."""

    record: DeploymentRecord = field(repr=False)
    programmes: tuple[Programme, ...] = field(repr=False)
    late: tuple[Late, ...]
    deployments: tuple[PublicDeployment, ...]
    now: str
    #: Paths of signs and leaflets that lie on the site.
    papers: frozenset[str] = frozenset()

    def years(self) -> tuple[str, ...]:
        """The years in which deployments were, newest first."""
        return tuple(dict.fromkeys(one.day[:4] for one in self.deployments))


def stage_of(state: Deployment) -> str:
    """How far a deployment has come, as ``words.names`` names it: its stage, or that it was called off or announced."""
    if state.ended_at is not None and state.opened_at is None and state.phase is not Phase.REFUSED:
        return "called-off"
    return (
        "announced" if state.phase is Phase.AUTHORISED and state.windows and state.stage != "briefed" else state.stage
    )


def kind_title(kind: str) -> str:
    """What entries of a kind say, as their schema is titled."""
    try:
        return SCHEMAS.latest(kind).title
    except SchemaUnknown:
        return kind


def said_in(entry: Entry) -> tuple[str, str, str]:
    """What an entry says, for a row of a table: the moment it speaks for, its kind, its facts."""
    return local_words(entry.draft.at), kind_title(entry.draft.kind), facts_line(entry.draft.facts)


def public_files(store: Path) -> Path:
    """Where the published files of a log lie: in the log's folder, or given outright. Raises as ``LogFolder.read``."""
    return published_in(store) or store


def read_site(store: Path, now: str, *, policy: Policy | None = None, progress: Progress = silent) -> SiteFacts:
    """The facts of a published log at a moment. Raises what ``read_log`` raises, and ``CodesCollide``."""
    return site_facts(read_log(public_files(store), policy, None, progress=progress), now, progress=progress)


def site_facts(record: DeploymentRecord, now: str, *, progress: Progress = silent) -> SiteFacts:
    """The facts of verified entries at a moment. Raises ``CodesCollide``."""
    states: dict[str, Programme] = {}
    entries: dict[str, list[tuple[int, Entry]]] = {}
    corrected = corrections_in(record.entries)
    for index, entry in record.entries:
        subject = entry.draft.subject
        force = force_of(subject)
        states[force] = advance(states.get(force, Programme(force)), index, entry, corrected)
        entries.setdefault(subject, []).append((index, entry))
    found, codes = [], dict[str, str]()
    for done, subject in enumerate(record.deployments()):
        if done % 100 == 0:
            progress("reading deployments", done, len(entries))
        force = force_of(subject)
        state = states[force].deployment(subject)
        code = short_code(subject)
        if code in codes:
            raise CodesCollide(f"{subject} and {codes[code]} share the short code {code}")
        codes[code] = subject
        own = entries[subject]
        coming = state.ended_at is None and any(now < window.end for window in state.windows)
        found.append(PublicDeployment(state, late_in(states[force], state, now), tuple(own), coming))
    found.sort(key=lambda one: (one.day, one.subject), reverse=True)
    late = tuple(one for state in states.values() for one in late_for(state, now))
    return SiteFacts(record, tuple(states[name] for name in sorted(states)), late, tuple(found), now)
