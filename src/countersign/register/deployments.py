"""A log opened to record deployments: its state folded, what bars a step now, and the entries of each step.

What a step may know besides the public state (the duties that bar it, the place declared under seal) is looked up here
and handed to ``commands``, which decides; nothing is written before all of it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace as replace_in

from countersign.deployments import disowning, limits, watchlist
from countersign.deployments.clock import moment as instant
from countersign.deployments.corrections import GROUP, CorrectionRefused, standing
from countersign.deployments.disowning import DisowningRefused
from countersign.deployments.fold import advance_facts
from countersign.deployments.kinds import COMPILER, KINDS, SCHEMAS
from countersign.deployments.outside.heard import outside_keys
from countersign.deployments.outside.logs import OutsideLog, Setting, said_about, set_beside, weighed
from countersign.deployments.outside.reader import NOBODY, SUPPLIES
from countersign.deployments.place import check_within
from countersign.deployments.refusals import NotTheSame
from countersign.deployments.rules import Act
from countersign.deployments.state import Programme
from countersign.deployments.view import View
from countersign.errors import NotReached, WrongForm
from countersign.output import write_all, write_whole
from countersign.record.entries import canonical
from countersign.record.entries.entry import Entry, EntrySigner, Placed
from countersign.record.entries.forms import fits
from countersign.record.entries.schema import Schemas
from countersign.record.keeping.log import Appended
from countersign.record.keeping.logfolder import LogConfig, LogFolder
from countersign.record.store.sealedstore import NotHeld
from countersign.register import commands
from countersign.register.asking import Reader, Shown, keeps, named_outside, quiet
from countersign.register.catching_up import catch_up
from countersign.register.commands import GATES, PUBLIC_PLACE, Contents, Known, Unsealed
from countersign.register.opening import Doing, KeyNamed, LogKey, OpenLog, opened
from countersign.register.papers.filling import DECLARES, filled
from countersign.register.papers.lists import listing_of
from countersign.surroundings import current

if TYPE_CHECKING:
    from countersign.rulebook.gates import Standing

#: The file beside the log that keeps the folded state.
KEPT = "deployments.state"


class DeploymentNameMalformed(
    WrongForm, next_step="Use small letters, digits and hyphens, as in d-17; no place and no date."
):
    """What is given as a deployment's name cannot be one."""


class SchemasNotAdopted(
    NotReached,
    code="vocabulary-not-adopted",
    next_step="Have the registrar run `countersign deployment adopt LOG` first.",
):
    """The log has not adopted the vocabulary of deployments."""


def subject_of(force: str, deployment: str | None) -> str:
    """``force/deployment``, or the force alone for ``None``. Raises ``DeploymentNameMalformed``."""
    if deployment is None:
        return force
    if not fits("subject", f"{force}/{deployment}"):
        raise DeploymentNameMalformed(f"{deployment!r} is not the name of a deployment")
    return f"{force}/{deployment}"


def subject_in(config: LogConfig, deployment: str | None) -> str:
    """``force/deployment``, or the force alone for ``None``; in the log of an outside body what is given, which names
    the force too. Raises ``DeploymentNameMalformed``.
    """
    if not config.body:
        return subject_of(config.subject, deployment)
    if deployment is None or not fits("subject", deployment):
        said = "no force is named" if deployment is None else f"{deployment!r} is no force or deployment"
        raise DeploymentNameMalformed(f"{said}: this is an outside body's log, so name force-a or force-a/d-1")
    return deployment


def standing_of(programme: Programme, view: View, gate: str, profile: str, at: str) -> Standing:
    """What stands in the way at a gate as at a moment."""
    from countersign.rulebook.gates import standing

    keys = programme.outside_keys
    if keys is None:
        keys = frozenset(entry.key for entry in programme.moratoria if programme.binds(entry))
    return standing(
        view,
        gate,
        profile=profile,
        at=instant(at),
        outside_keys=keys,
        heard=programme.heard,
        found=programme.found,
    )


@dataclass(frozen=True, slots=True)
class StateOfLog:
    """The state of a log's deployments now, folded from its first ``size`` entries; ``outside``: the logs of outside
    bodies given beside it."""

    open: OpenLog
    programme: Programme
    size: int
    #: The kinds of entries that the log has adopted, each version.
    schemas: Schemas
    shown: Shown = quiet
    outside: tuple[OutsideLog, ...] = ()

    def view(self, subject: str) -> View:
        """As ``view_of``, with what outside bodies say in the logs given."""
        view = view_of(self.open, subject)
        if not self.outside:
            return view
        about = self.open.log.entries_of(subject, self.open.folder.config.subject)
        setting = Setting.of(view, self.open.origin, about)
        return set_beside(view, said_about(setting, self.outside, None))

    def subject(self, deployment: str | None) -> str:
        """As ``subject_in`` this log."""
        return subject_in(self.open.folder.config, deployment)

    def standing(self, subject: str, gate: str, profile: str, at: str) -> Standing:
        """What stands in the way at a gate as at a moment: duties, findings, moratoria that bind."""
        with self.shown() as progress:
            progress("looking at the duties", 0, None)
            return standing_of(self.programme, self.view(subject), gate, profile, at)

    def again(self) -> StateOfLog:
        """The state after what was appended since."""
        return _folded(self.open, self.programme.outside_keys, self.shown)


@dataclass(frozen=True, slots=True)
class Work:
    """A log with the vocabulary of deployments, opened for one signer: entries are made, then appended together."""

    state: StateOfLog
    programme: Programme
    doing: Doing
    signer: EntrySigner | KeyNamed
    now: str

    @property
    def open(self) -> OpenLog:
        """The log."""
        return self.state.open

    @property
    def at(self) -> str:
        """The time that entries speak for."""
        return self.now if self.doing.at is None else self.doing.at

    def entry(
        self,
        subject: str,
        kind: str,
        facts: dict[str, Any],
        contents: Contents | None = None,
        *,
        profile: str = "",
        at: str | None = None,
    ) -> Unsealed:
        """An entry of any kind, held to schema, order, rules and, where it stands behind one, its gate (as at now).
        ``profile``: whose law the duties are taken from; ``at``: the time it speaks for, where that is another. Raises
        as ``commands.enter``, ``RoleNotClear``, ``RoleNotHeld``."""
        if kind.startswith(GROUP):
            raise CorrectionRefused(f"{kind}: is made by `countersign deployment correct` or `withdraw`")
        act = self.act(subject, kind, at)
        contents = contents or {}
        if kind == "review.attestation" and "answers" not in facts and "answers" in contents:
            facts, contents = commands.attested(self.state.schemas.latest(kind), facts, contents)
        if act.role != COMPILER:
            drafted = isinstance(self.signer, KeyNamed)
            facts, contents = filled(self, subject, kind, facts, contents, drafted=drafted)
        facts = named_outside(self.programme, kind, facts)
        if kind == disowning.KIND:
            self._check_disowning(act, facts)
        # A refusal is never barred: only what goes ahead is.
        unmet = {} if facts.get("decision") == "refused" else self.unmet(subject, kind, profile)
        known = self.known(subject, unmet)
        if act.role != COMPILER:
            known = self._known_of(known, subject, kind, facts)
        return commands.enter(self.programme, act, kind, self.facts(facts), contents, known=known)

    def after(self, made: Unsealed) -> Work:
        """The work with the state that an entry, not yet appended, leads to."""
        programme = self.programme
        after = advance_facts(programme, programme.last + 1, made.act, made.schema.kind, made.facts)
        return replace(self, programme=after)

    def as_(self, **doing: Any) -> Work:
        """The work with entries made otherwise: ``role``, ``supplied_by`` or ``late``."""
        return replace(self, doing=replace(self.doing, **doing))

    def append(self, *made: Unsealed) -> tuple[list[Appended], StateOfLog]:
        """Append entries if nobody else has since; with the state after. Raises as ``OpenLog.append``."""
        assert isinstance(self.signer, EntrySigner), "who signs elsewhere appends by a draft"
        return self.open.append(made, self.signer, at_size=self.state.size), self.state.again()

    def act(self, subject: str, kind: str, at: str | None = None) -> Act:
        """Who does it, when and in which role. Raises ``SchemaUnknown``, ``RoleNotClear`` or ``RoleNotHeld``."""
        known = SCHEMAS.latest(kind)
        if not any(adopted == known.kind for adopted, _ in self.state.schemas.known):
            raise SchemasNotAdopted(f"{self.open.folder.path}: this log has not adopted entries of kind {kind}")
        role = self.open.role(self.state.schemas.latest(kind), self.signer, self.doing)
        body = self.open.folder.config.body
        return Act(subject, at or self.at, role, self.signer.key, SUPPLIES.get(body, self.doing.supplied_by))

    def facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The facts, marked late if they are to be."""
        if self.doing.late is None:
            return facts
        return {**facts, "late": {"written_at": self.now, "reason": self.doing.late}}

    def unmet(self, subject: str, kind: str, profile: str) -> dict[str, str]:
        """Duties of the rulebook that bar an entry of this kind now, each with why: not met or not shown, and not
        overridden."""
        gate = GATES.get(kind)
        return {} if gate is None else self.state.standing(subject, gate, profile, self.at).unmet

    def sealed_in(self, index: int, label: str) -> Any:
        """A sealed value of an entry of this log, or ``None`` where it is not in the sealed store any more."""
        entries = self.open.log.entries(index, index + 1)
        commitment = entries[0].draft.sealed.get(label) if entries else None
        if commitment is None:
            return None
        with closing(self.open.folder.sealed()) as store:
            try:
                return canonical.parse(store.open(commitment).content)
            except NotHeld:
                return None

    def approval(
        self, subject: str, facts: dict[str, Any], contents: Contents, profile: str
    ) -> tuple[tuple[Unsealed, Unsealed], dict[str, Any]]:
        """The approval of the list that stands and the limits it releases, with the document of the limits. Place,
        window and cameras are those sealed with the authority, or in ``contents``. Raises ``NotTheSame`` and as
        ``commands.approve``."""
        standing = self.programme.deployment(subject)
        listed, authority = standing.listed, standing.authority
        if listed is None or authority is None:
            raise NotTheSame(f"authorise.approval: {subject} has no list or no authority yet")
        authorised = self.sealed_in(authority.entry, "place")
        place = contents.get("place") or authorised
        if place is None:
            raise NotTheSame("authorise.approval: the authority sealed no place; give it in the paper, under sealed")
        if authorised is not None:
            check_within(place, authorised, "authorise.approval: sealed")
        terms = {name: value for name, value in facts.items() if name != "officer_rank"}
        terms = {"list": listed.name, "list_digest": listed.digest, "list_size": listed.size, **terms}
        document = limits.limits_document(subject, current().random_bytes(32), place, terms)
        rank = facts.get("officer_rank", "")
        approval = self.facts({"manifest": listed.entry, "digest": listed.digest, "officer_rank": rank})
        act = self.act(subject, "authorise.approval")
        known = self.known(subject, self.unmet(subject, "authorise.approval", profile))
        return commands.approve(self.programme, act, approval, document, known=known), document

    def manifest(
        self,
        subject: str,
        list_file: Path,
        facts: dict[str, Any],
        contents: Contents,
        paper: str,
        columns: Path | None = None,
    ) -> Unsealed:
        """The manifest of a watchlist, by a paper of this name; ``columns``: a map of the list's headings. Raises
        ``ListMalformed``, ``WrongMap`` and as ``entry``."""
        listing, digest = listing_of(list_file, columns)
        if facts.get("digest") == digest:
            raise watchlist.ListMalformed(
                f"{paper}: digest is that of {list_file}, not of the list as the engine loads it; with the totals "
                "known, the rows of a short list could be guessed from it"
            )
        policy = self.programme.policy_of(self.programme.deployment(subject))
        least = policy.parameters.get("quality-minimum") if policy is not None else None
        totals = watchlist.manifest_facts(listing, facts, None if least is None else least.number)
        return self.entry(subject, watchlist.KIND, totals, {**contents, watchlist.LABEL: list(listing.entries)})

    def _check_disowning(self, act: Act, facts: dict[str, Any]) -> None:
        """Hold a disowning to whose entry it names. Raises ``FactsMalformed`` or ``DisowningRefused``."""
        schema = SCHEMAS.latest(disowning.KIND)
        schema.check(facts)
        draft = Unsealed(act, schema, facts).draft(self.open.origin, {})
        index = self.state.size
        placed = [*self._about(act.subject), (index, Entry(draft, act.key, bytes(64)))]
        if fault := disowning.disowned_in(placed).faults.get(index):
            raise DisowningRefused(f"{disowning.KIND}: {fault}")

    def _about(self, subject: str) -> list[Placed]:
        """The entries about a subject and its force."""
        return self.open.log.entries_of(subject, self.open.folder.config.subject)

    def disowning(self, index: int, reason: str) -> Unsealed:
        """The disowning of entry ``index``. Raises ``DisowningRefused`` and as ``entry``."""
        if index >= self.state.size:
            raise DisowningRefused(f"entry {index} is not in the log, which has {self.state.size} entries")
        [named] = self.open.log.entries(index, index + 1)
        digest = sha256(named.render()).hexdigest()
        facts = {"entry": index, "entry_digest": digest, "reason": reason}
        doing = self.as_(supplied_by=named.draft.supplied_by)
        return doing.entry(named.draft.subject, disowning.KIND, facts)

    def known(self, subject: str, unmet: Mapping[str, str] = MappingProxyType({})) -> Known:
        """What any entry about a subject is held to besides the public state; ``unmet``: duties that bar it."""
        overridden = unmet and self.programme.deployment(subject).overrides
        disowned = disowning.disowned_in(self._about(subject)).entries if overridden else ()
        body = self.open.folder.config.body
        before = tuple(enumerate(self.open.log.entries(0, self.state.size))) if body else ()
        return Known(self.now, unmet, body=body, before=before, schemas=self.state.schemas, disowned=disowned)

    def _known_of(self, known: Known, subject: str, kind: str, facts: Mapping[str, Any]) -> Known:
        """What an entry of a kind is held to besides. Raises ``NotTheSame`` where it cannot be."""
        if kind == "authorise.authority" and facts.get("decision") != "refused":
            return replace(known, proposed=self.declared(subject, kind, ("plan.proposal",)))
        if kind not in PUBLIC_PLACE or (kind == "live.opened" and "place" not in facts):
            return known
        declared = self.declared(subject, kind, DECLARES)
        notices = self.regular(subject, ("open.notice",)) if kind == "open.notice" else []
        return replace(
            known,
            declared=declared if declared is None or "place" in declared else {"place": declared},
            notice=(notices[-1][0], notices[-1][1].draft.facts) if notices else None,
        )

    def declared(self, subject: str, kind: str, among: Collection[str]) -> dict[str, Any] | None:
        """The place sealed in the last entry of these kinds that holds one, or the limits that name it: once live, a
        longer window is declared by the authority that extends the first."""
        sealing = [
            (index, label)
            for index, entry in self.regular(subject, among)
            for label in entry.draft.sealed
            if label in ("place", limits.LABEL) and entry.draft.facts.get("decision") != "refused"
        ]
        if not sealing:
            return None
        place: dict[str, Any] | None = self.sealed_in(*sealing[-1])
        if place is None:
            raise NotTheSame(
                f"{kind}: the place sealed in entry {sealing[-1][0]} is not held here any more, so nothing can be held "
                "to it; propose the deployment anew"
            )
        return place

    def regular(self, subject: str, kinds: Collection[str]) -> list[Placed]:
        """The entries of these kinds about a deployment, in order, but for those out of order or rule."""
        irregular = {wrong.entry for wrong in self.programme.deployment(subject).irregularities}
        entries = standing(self.open.log.entries_of(subject))
        return [(index, entry) for index, entry in entries if entry.draft.kind in kinds and index not in irregular]


@contextmanager
def at_work(
    path: Path,
    doing: Doing,
    reader: Reader,
    *,
    log_key: LogKey | None = None,
    for_key: Callable[[OpenLog], str] | None = None,
) -> Iterator[Work]:
    """The log in a folder, opened for a signer. ``for_key`` finds the key of one who signs elsewhere in the log. Raises
    ``SchemasNotAdopted``, as ``for_key``, as ``opened`` and as ``state_of``."""
    own = doing.key() if for_key is None else None
    with opened(path, log_key=log_key) as open_log:
        signer = own if for_key is None else KeyNamed(for_key(open_log))
        assert signer is not None
        if ("plan.proposal", 1) not in open_log.log.schemas.known:
            raise SchemasNotAdopted(f"{path}: this log has not adopted the vocabulary of deployments")
        state = state_of(open_log, reader)
        yield Work(state, state.programme, doing, signer, current().time_text())


def state_of(open_log: OpenLog, reader: Reader) -> StateOfLog:
    """The state of a log now, as this reader takes it. Raises what hearing moratoria and folding raises."""
    config = open_log.folder.config
    heard = reader.heard(config.origin, config.subject)
    outside = None if reader.policy is None else outside_keys(reader.policy, config.origin)
    state = _folded(open_log, outside, reader.shown)
    logs = reader.logs(keeps(open_log))
    programme = weighed(replace_in(state.programme, heard=heard), logs)
    return replace(state, programme=programme, outside=logs)


def _folded(open_log: OpenLog, outside: frozenset[str] | None, shown: Shown) -> StateOfLog:
    folder, log = open_log.folder, open_log.log
    mark = "" if outside is None else f".{sha256(''.join(sorted(outside)).encode()).hexdigest()[:16]}"
    file = folder.path / f"{KEPT}{mark}"
    kept = file.read_bytes() if file.is_file() else None
    size = log.sequencer.size()
    with shown() as progress:
        programme, new = catch_up(
            kept, folder.config.subject, size, log.sequencer.read, log.repeats, outside_keys=outside, progress=progress
        )
    if new != kept:
        write_whole(file, new)
    adopted = log.keyring().schemas
    schemas = Schemas({name: schema for name, schema in SCHEMAS.known.items() if name in adopted})
    return StateOfLog(open_log, programme, size, schemas, shown)


def view_of(open_log: OpenLog, subject: str) -> View:
    """What was stated about a subject and its force, with all that the sealed store still holds of it. A log's own
    folder knows of nobody outside the force: everything there is the force's word."""
    entries = open_log.log.entries_of(subject, open_log.folder.config.subject)
    counts = {(index, label): each.count or 1 for index, entry in entries for label, each in entry.draft.sealed.items()}
    held = open_log.folder.held(entries)
    readable = {item: values for item, values in held.items() if len(values) == counts[item]}
    return View.of(entries, subject, opened=readable, reader=NOBODY)


def adopt_vocabulary(open_log: OpenLog, doing: Doing) -> list[Appended]:
    """Adopt every kind of entry of deployments that the log has not adopted; signed by the registrar."""
    signer, log = doing.key(), open_log.log
    known = log.keyring().schemas
    new = [schema for schema in KINDS if (schema.kind, schema.version) not in known]
    facts = [{"kind": schema.kind, "version": schema.version, "digest": schema.digest} for schema in new]
    made = [open_log.unsealed(doing, signer, "record.schema-adopted", each) for each in facts]
    return open_log.append(made, signer) if made else []


def write_vocabulary(folder: Path) -> None:
    """Keep the schemas of deployments in a log's folder. Raises as ``LogFolder.read``, ``CannotWrite``."""
    LogFolder.read(folder)
    write_all(folder / "schemas", {f"{schema.kind}.{schema.version}.json": schema.text for schema in KINDS})
