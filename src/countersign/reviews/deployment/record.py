"""A deployment's record as a review takes it: verified entries, what is open to this reader, how far that is proved.

It comes from a bundle, a log's folder or its published files (``reading``), or from a case file (``cases``). A *use* is
a deployment as its entries state it, in order and by rule or not: the folded state passes over an entry that broke
order or rules, and would hide the uses that most need to be seen.

>>> Use("force-a/d-1").opened
''
>>> ALONE
"Signed by the force's own key alone: no outside body has cosigned this."
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from countersign.deployments.corrections import standing
from countersign.deployments.fold import fold
from countersign.deployments.outside.logs import OutsideLog, Said, Setting, said_about, set_beside
from countersign.deployments.outside.reader import NOBODY, Reader
from countersign.deployments.state import Programme
from countersign.deployments.view import Opened, View
from countersign.errors import NotAllowed, NotReached, WrongForm
from countersign.record.entries.entry import Entry, Repeated
from countersign.record.entries.forms import force_of, name_of
from countersign.record.entries.retention import Accounts
from countersign.record.entries.schema import Schemas
from countersign.words.lists import be, counted


class Use(NamedTuple):
    """One deployment as stated; what nobody stated is empty, ``None`` or nothing. ``opened`` is a time of an entry."""

    subject: str
    opened: str = ""
    place: str = ""
    use_case: str = ""
    list_size: int | None = None
    list_entry: int | None = None
    hours: tuple[tuple[str, int, int], ...] = ()
    overrides: int = 0

    @property
    def faces(self) -> int:
        """Faces stated for all hours."""
        return sum(faces for _, faces, _ in self.hours)

    @property
    def alerts(self) -> int:
        """Alerts stated for all hours."""
        return sum(alerts for _, _, alerts in self.hours)


def uses(by_subject: Mapping[str, Iterable[tuple[int, Entry]]], force: str, when: str) -> tuple[Use, ...]:
    """The deployments of a force with an entry that speaks for no later than ``when``; by opening, unopened last."""
    found = []
    for subject, entries in by_subject.items():
        spoken = [(index, entry.draft) for index, entry in standing(one for one in entries if one[1].draft.at <= when)]
        if not subject.startswith(f"{force}/") or not spoken:
            continue
        use = Use(subject)
        for index, draft in spoken:
            change = _CHANGES.get(draft.kind)
            use = use if change is None else change(use, index, draft.facts)
        found.append(use)
    return tuple(sorted(found, key=lambda use: (use.opened or "~", use.subject)))


Facts = Mapping[str, Any]


def _opened(use: Use, _: int, facts: Facts) -> Use:
    at = str(facts["opened_at"])
    place = use.place or str(facts.get("place", {}).get("place", ""))
    return use._replace(opened=min(use.opened or at, at), place=place)


def _hour(use: Use, _: int, facts: Facts) -> Use:
    others = [hour for hour in use.hours if hour[0] != facts["hour"]]
    return use._replace(hours=(*others, (str(facts["hour"]), int(facts["faces"]), int(facts["alerts"]))))


_CHANGES: Mapping[str, Callable[[Use, int, Facts], Use]] = {
    "plan.proposal": lambda use, _, facts: use._replace(use_case=str(facts.get("use_case", ""))),
    "open.notice": lambda use, _, facts: use._replace(place=str(facts["place"])),
    "authorise.manifest": lambda use, index, facts: use._replace(list_size=int(facts["size"]), list_entry=index),
    "authorise.override": lambda use, _, __: use._replace(overrides=use.overrides + 1),
    "live.opened": _opened,
    "live.hour": _hour,
    "publish.results": lambda use, _, facts: use._replace(place=use.place or str(facts.get("place", ""))),
}


ALONE = "Signed by the force's own key alone: no outside body has cosigned this."
UNCHECKED = "No policy was given: nobody's signature on the log's head was checked, only that the entries are under it."
COMPILED = (
    "Compiled from papers by someone outside the force: keys made from the case file and thrown away have signed it, "
    "and nobody else. That shows that nothing was altered since it was compiled, and nothing more."
)
#: The labels under which reasons and answers lie sealed.
WRITTEN = frozenset({"answers", "reasons"})
#: The id under which the report's rows are the entries of the log.
LOG = "log"


class PolicyNeeded(
    NotAllowed, next_step="Give --policy FILE, from a place you trust (`countersign policy new` makes one)."
):
    """A bundle is to be reviewed without a file that says whom to trust."""


class DeploymentMissing(
    NotReached, next_step="Check the spelling of --deployment; the message names those that are there."
):
    """The record holds no entry of the deployment asked for."""


class RecordNotReadable(NotReached, next_step="Check the path and your rights to it."):
    """A file or folder that should hold a record cannot be read."""


class RecordsDiffer(
    WrongForm,
    next_step="Give bundles made from the same log at the same checkpoint, or the log's folder; and cases about the "
    "same deployment.",
):
    """Several sources given are not of one log under one checkpoint, or not about one deployment."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How far the record is proved: the log's head, who signed and cosigned it, and what that shows and does not."""

    origin: str
    size: int
    root: bytes
    checkpoint: str
    signed_by: tuple[str, ...]
    cosigned_by: tuple[tuple[str, str], ...]
    proved: tuple[str, ...]
    not_proved: tuple[str, ...]
    #: The cosigned heads that this one has grown from, and itself: how many entries each has, and when it was cosigned.
    heads: tuple[tuple[int, str], ...] = ()

    def existed_by(self, place: int) -> str | None:
        """The earliest time at which an outside body had cosigned a head with the entry at ``place``; ``None`` where
        there is none: then when it was made rests on the force's clock."""
        return min((when for size, when in self.heads if place < size), default=None)

    @property
    def first(self) -> str | None:
        """What a report must say before all else; ``None`` where an outside body has cosigned."""
        if not self.signed_by:
            return UNCHECKED
        return None if self.cosigned_by else ALONE


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the record was read from: kind (bundle, log, published log, case), file name, SHA-256 of its bytes."""

    kind: str
    file: str
    sha256: str


@dataclass(frozen=True)
class DeploymentRecord:
    """Verified entries by place, in order, with what is open to this reader; ``whole`` where they are all of a log.
    What reviews of several deployments share (entries by subject, states, accounts) is made once and kept here.
    """

    entries: tuple[tuple[int, Entry], ...] = field(repr=False)
    opened: Opened = field(repr=False)
    schemas: Schemas = field(repr=False)
    trust: Trust
    origin: Origin
    whole: bool
    #: Where the rest was read from, of several bundles.
    beside: tuple[Origin, ...] = ()
    #: Entries of the log that repeat one before them; they are not among ``entries``.
    repeated: tuple[Repeated, ...] = ()
    #: The keys of outside bodies that the reader's trust policy names; none where no policy was given.
    outside_keys: frozenset[str] = frozenset()
    #: Who is outside, as the reader says; ``None`` where the reader compiled the record from papers.
    reader: Reader | None = NOBODY
    #: Logs of other bodies read beside it; those that do not count as outside say why.
    outside: tuple[OutsideLog, ...] = ()
    #: The origins of logs given that the reader's file does not name. Nothing of them was read.
    unnamed: tuple[str, ...] = ()
    #: Whether a deployment's report counts the force's deployments up to it alone, so that later ones don't change it.
    up_to_own: bool = False
    _uses: dict[tuple[str, str], tuple[Use, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _programmes: dict[tuple[str, str], Programme] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def first(self) -> str | None:
        """What a report must say before all else."""
        return COMPILED if self.origin.kind == "case" else self.trust.first

    def supplier(self, entry: Entry) -> str:
        """Who supplied an entry: what it says of itself only as far as the reader's file bears it out."""
        return entry.draft.supplied_by if self.reader is None else self.reader.supplier_of(entry)

    def unborne(self, subject: str, when: str) -> str | None:
        """What must be said first of entries that call themselves another's and that no reader's file bears out."""
        unborne = [
            entry
            for _, entry in self.about(subject)
            if entry.draft.supplied_by != self.supplier(entry) and entry.draft.at <= when
        ]
        if not unborne:
            return None
        number, keys = len(unborne), len({entry.key for entry in unborne})
        calls = f"{counted(number, 'entry', 'entries')} {be(number, 'calls its', 'call their')}"
        said = f"{calls} evidence an engine's, an observer's or an outside body's"
        if self.reader == NOBODY:
            return (
                f"No reader's file was given, so nobody is outside: {said}, and each counts as the force's word, since "
                "the force registers every key of its log."
            )
        keyed = f"under {counted(keys, 'key')} that the reader's file does not name for it"
        return f"{said} {keyed}, and each counts as the force's word."

    def deployments(self) -> tuple[str, ...]:
        """The deployments (``force/deployment``) that entries here are about, in the log's order."""
        return tuple(dict.fromkeys(e.draft.subject for _, e in self.entries if "/" in e.draft.subject))

    def subject(self, deployment: str | None) -> str:
        """The subject of a deployment by name, or of the only one. Raises ``DeploymentMissing``."""
        known = self.deployments()
        matches = [each for each in known if deployment is None or deployment in (each, name_of(each))]
        if len(matches) == 1:
            return matches[0]
        listed = ", ".join(known[:10]) + (" …" if len(known) > 10 else "") if known else "none"
        asked = "no deployment was named" if deployment is None else f"{deployment} is not one of them"
        raise DeploymentMissing(f"{self.origin.file}: {asked}; the record holds {listed}")

    @cached_property
    def by_subject(self) -> Mapping[str, tuple[tuple[int, Entry], ...]]:
        """The entries about each subject, in order."""
        by_subject: dict[str, list[tuple[int, Entry]]] = {}
        for index, entry in self.entries:
            by_subject.setdefault(entry.draft.subject, []).append((index, entry))
        return {subject: tuple(entries) for subject, entries in by_subject.items()}

    @cached_property
    def days(self) -> tuple[str, str] | None:
        """The first and the last day for which an entry speaks."""
        days_spoken_for = {entry.draft.at[:10] for _, entry in self.entries}
        return (min(days_spoken_for), max(days_spoken_for)) if days_spoken_for else None

    @cached_property
    def retention(self) -> Accounts:
        """The retention accounts over all entries here. Shared: do not add to it."""
        accounts = Accounts()
        for index, entry in self.entries:
            accounts.add(index, entry, self.schemas)
        return accounts

    def about(self, subject: str) -> tuple[tuple[int, Entry], ...]:
        """The entries about a deployment and about its force, in order."""
        subjects = dict.fromkeys((subject, force_of(subject)))
        return tuple(sorted((one for each in subjects for one in self.by_subject.get(each, ())), key=itemgetter(0)))

    def programme(self, force: str, when: str) -> Programme:
        """The folded state of a force by the entries that speak for no later than a moment."""
        if (force, when) not in self._programmes:
            self._programmes[force, when] = fold(force, (one for one in self.entries if one[1].draft.at <= when))
        return self._programmes[force, when]

    def take(self, programme: Programme, when: str) -> None:
        """Take a force's state as folded from all entries here, where none speaks for later than a moment."""
        if self.days is None or self.days[1] <= when[:10]:
            self._programmes[programme.force, when] = programme

    def uses(self, force: str, when: str) -> tuple[Use, ...]:
        """The deployments of a force as stated by entries that speak for no later than a moment."""
        if (force, when) not in self._uses:
            self._uses[force, when] = uses(self.by_subject, force, when)
        return self._uses[force, when]

    def view(self, subject: str, as_at: str | None = None) -> View:
        """What was stated about a deployment and its force, up to a moment, with what outside bodies' logs say."""
        own = self._own_view(subject, as_at)
        return set_beside(own, self._said(own, as_at))

    def said(self, subject: str, as_at: str | None = None) -> tuple[Said, ...]:
        """What outside bodies say in logs of their own of a deployment and its force, up to a moment."""
        return self._said(self._own_view(subject, as_at), as_at) if self.outside else ()

    def _own_view(self, subject: str, as_at: str | None) -> View:
        return View.of(self.about(subject), subject, as_at=as_at, opened=self.opened, reader=self.reader)

    def _said(self, own: View, as_at: str | None) -> tuple[Said, ...]:
        if not self.outside:
            return ()
        return said_about(Setting.of(own, self.trust.origin, self.about(own.subject)), self.outside, as_at)
