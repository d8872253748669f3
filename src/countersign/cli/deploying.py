"""What the commands on a deployment share: the folded state, papers from a file, sealing and appending, and the report.

A paper is a TOML or JSON file with the public facts of one entry, and a table ``sealed`` with what is to be sealed, by
label. Times and dates may stand bare in TOML. The state is folded from the log and kept beside it as a cache.
"""

from __future__ import annotations

import datetime
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec.structs import replace

from countersign.cli.deployment.moratorium import heard_by, moratorium_option
from countersign.cli.logs import Signing, moment, opened_log, publish, sealed_values, signing_options
from countersign.cli.terminal.shown import progress_shown
from countersign.deployments.clock import moment as instant
from countersign.deployments.clock import time_text
from countersign.deployments.kept import catch_up
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.outside import outside_keys
from countersign.deployments.rules.entries import Act
from countersign.deployments.state import Programme
from countersign.deployments.view import View
from countersign.errors import NotReached, WrongForm
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.entries import canonical
from countersign.record.entries.entry import EntrySigner
from countersign.record.entries.forms import fits
from countersign.record.entries.schema import ANY_ROLE, SUPPLIERS
from countersign.record.keeping.log import Log, prepare
from countersign.record.keeping.logfolder import LogFolder
from countersign.register.commands import GATES, Known, Unsealed
from countersign.register.made_up import refuse_made_up

if TYPE_CHECKING:
    from countersign.rulebook.gates import Standing

KEPT = "deployments.state"
LATE_REASONS = ("system-down", "urgent-authority", "paper-first", "omitted", "correction", "received-late")
Command = TypeVar("Command", bound=Callable[..., Any])


class PaperMalformed(WrongForm):
    """A paper is not TOML or JSON, or holds something that cannot stand in an entry."""

    code = "paper-malformed"
    next_step = "Correct the file; docs/formats/deployment-papers.md shows one of each kind."


class RoleNotClear(WrongForm):
    """It is not clear in which role the key signs."""

    code = "role-not-clear"
    next_step = "Say it with --role; `countersign key list LOG` shows the roles each key holds."


class DeploymentNameMalformed(WrongForm):
    """What is given as a deployment's name cannot be one."""

    code = "deployment-name-malformed"
    next_step = "Use small letters, digits and hyphens, as in 2026-03-02-high-street."


class SchemasNotAdopted(NotReached):
    """The log has not adopted the vocabulary of deployments."""

    code = "vocabulary-not-adopted"
    next_step = "Have the registrar run `countersign deployment adopt LOG` first."


def subject_of(folder: LogFolder, deployment: str) -> str:
    """The subject of a deployment in a log, ``force/deployment``. Raises ``DeploymentNameMalformed``."""
    subject = f"{folder.config.subject}/{deployment}"
    if not fits("subject", subject):
        raise DeploymentNameMalformed(f"{deployment!r} is not the name of a deployment")
    return subject


@dataclass(frozen=True, slots=True)
class Doing:
    """How an entry is made: by whom and when, in which role, from whom, late or not, and how to report it."""

    signing: Signing
    role: str | None
    supplied_by: str
    late: str | None
    as_json: bool
    policy_file: Path | None = None
    moratorium_files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """A log opened with its folded state, and the signer at work on it."""

    folder: LogFolder
    log: Log
    state: Programme
    size: int
    doing: Doing
    signer: EntrySigner
    now: str

    def act(self, subject: str, kind: str) -> Act:
        """Who does it, when and in which role."""
        return Act(subject, self.at, self._role(kind), self.signer.key, self.doing.supplied_by)

    @property
    def at(self) -> str:
        """The time the entry speaks for."""
        return self.now if self.doing.signing.at is None else self.doing.signing.moment()

    def known(
        self,
        declared: Mapping[str, Any] | None = None,
        unmet: Sequence[str] = (),
        proposed: Mapping[str, Any] | None = None,
    ) -> Known:
        """What the command may know beside the state."""
        return Known(self.now, unmet, declared, proposed)

    def proposed(self, subject: str, kind: str) -> Mapping[str, Any] | None:
        """The place sealed with the proposal, where an authority is to be held to it and it is still in the store."""
        if kind != "authorise.authority":
            return None
        made = [index for index, one in self.log.entries_of(subject) if one.draft.kind == "plan.proposal"]
        return self.opened(made[0], "place") if made else None

    def facts(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The facts, marked late if the command says so."""
        if self.doing.late is None:
            return facts
        return {**facts, "late": {"written_at": self.now, "reason": self.doing.late}}

    def opened(self, index: int, label: str) -> Any:
        """A sealed value of an entry of this log, or ``None`` where it is not in the sealed store any more."""
        from countersign.record.store.sealedstore import NotHeld

        [entry] = self.log.entries(index, index + 1)
        commitment = entry.draft.sealed.get(label)
        if commitment is None:
            return None
        store = self.folder.sealed()
        try:
            return canonical.parse(store.open(commitment).content)
        except NotHeld:
            return None
        finally:
            store.close()

    def unmet(self, subject: str, kind: str, profile: str) -> tuple[str, ...]:
        """Duties of the rulebook that bar an entry of this kind now: not met or not shown, and not overridden."""
        gate = GATES.get(kind)
        if gate is None:
            return ()
        return standing_at(self.folder, self.log, self.state, subject, gate, profile, self.at).unmet

    def append(self, *made: Unsealed, also: Mapping[str, Any] | None = None) -> None:
        """Seal, sign and append entries, all or none, if nobody appended since the state was folded; then report.

        ``also``: what else the report in JSON says.
        """
        with _sealed_each(self.folder, made) as commitments:
            drafts = [one.draft(self.folder.config.origin, each) for one, each in zip(made, commitments, strict=True)]
            prepared = [prepare(draft, self.signer, self.log.schemas) for draft in drafts]
            first = self.log.append_prepared(prepared, at_size=self.size)
        self._report(first, made, also or {})

    def _report(self, first: int, made: Sequence[Unsealed], also: Mapping[str, Any]) -> None:
        state = folded(self.folder, self.log, self.state.outside_keys)[0]
        deployment = state.deployment(made[0].act.subject)
        lines = [
            {"entry": index, "kind": one.schema.kind, "title": one.schema.title, "sealed": sorted(one.contents)}
            for index, one in enumerate(made, first)
        ]
        if self.doing.as_json:
            report = {"log": self.folder.config.origin, "subject": made[0].act.subject, "appended": lines}
            click.echo(json.dumps({**report, "phase": str(deployment.phase), "stage": deployment.stage, **also}))
        else:
            for line in lines:
                click.echo(f"entry {line['entry']}: {line['title']}; kept durably in {self.folder.config.origin}")
            if "/" in made[0].act.subject:
                click.echo(f"{made[0].act.subject} is {deployment.stage.replace('-', ' ')}.")
        if self.doing.signing.log_passphrase_file is not None and not self.doing.as_json:
            publish(self.folder, self.log)
        elif self.doing.signing.log_passphrase_file is not None:
            self.log.publish()
        else:
            click.echo(f"Not published yet: run `countersign record publish {self.folder.path}`.", err=True)

    def _role(self, kind: str) -> str:
        if self.doing.role is not None:
            return self.doing.role
        schema = SCHEMAS.latest(kind)
        held = self.log.keyring().keys.get(self.signer.key)
        roles = sorted(held.roles) if held is not None else []
        fitting = [role for role in roles if role in schema.roles or ANY_ROLE in schema.roles]
        if len(fitting) != 1:
            which = ", ".join(fitting) or f"none that may sign {kind}"
            raise RoleNotClear(f"the key {self.signer.key[:16]}… holds these roles: {which}")
        return fitting[0]


policy_option = click.option(
    "--policy", "policy_file", metavar="POLICY", type=click.Path(path_type=Path, dir_okay=False),
    help="The trust policy whose outside keys can stop the force by a moratorium; without it every key that the log's "
    "registrar registered for that can.",
)  # fmt: skip


def doing_options(command: Command) -> Command:
    """Adds the signing options, and those on role, supplier, lateness, report and trust policy, as ``doing``."""

    def wrapped(
        *arguments: Any, signing: Signing, role: str | None, supplied_by: str, late: str | None, as_json: bool,
        policy_file: Path | None, moratorium_files: tuple[Path, ...], **options: Any,
    ) -> Any:  # fmt: skip
        doing = Doing(signing, role, supplied_by, late, as_json, policy_file, moratorium_files)
        return command(*arguments, doing=doing, **options)

    wrapped.__name__, wrapped.__doc__ = command.__name__, command.__doc__
    wrapped.__click_params__ = list(getattr(command, "__click_params__", ()))  # type: ignore[attr-defined]
    result: Any = signing_options(wrapped)
    for option in (
        moratorium_option,
        policy_option,
        click.option("--json", "as_json", is_flag=True, help="Report in JSON, for a program."),
        click.option("--late", type=click.Choice(LATE_REASONS), help="It is entered late, for this reason; shows so."),
        click.option("--supplied-by", type=click.Choice(SUPPLIERS), default="force", show_default=True,
                     help="Who the evidence comes from."),
        click.option("--role", help="The role in which the key signs; not needed where it holds one that fits."),
    ):  # fmt: skip
        result = option(result)
    return result  # type: ignore[no-any-return]


profile_option = click.option(
    "--profile", type=click.Choice(["england-and-wales", "scotland", "northern-ireland", "eu"]),
    default="england-and-wales", show_default=True, help="Whose law the duties that bar this step are taken from.",
)  # fmt: skip


@contextmanager
def desk(log_folder: Path, doing: Doing) -> Iterator[Desk]:
    """The log opened for work, its state folded. Raises what opening and folding raise."""
    folder = LogFolder.read(log_folder)
    heard = heard_by(folder, doing.policy_file, doing.moratorium_files)
    signer = doing.signing.signer()
    with opened_log(folder, doing.signing.log_passphrase_file, writing=True) as log:
        if ("plan.proposal", 1) not in log.schemas.known:
            raise SchemasNotAdopted(f"{log_folder}: this log has not adopted the vocabulary of deployments")
        state, size = folded(folder, log, outside_of(folder, doing.policy_file))
        yield Desk(folder, log, replace(state, heard=heard), size, doing, signer, moment(None))


def outside_of(folder: LogFolder, policy_file: Path | None) -> frozenset[str] | None:
    """The outside keys of a trust policy for this log; ``None`` without a policy. Raises what reading raises."""
    if policy_file is None:
        return None
    from countersign.cli.record.policy import read_policy

    return outside_keys(read_policy(policy_file), folder.config.origin)


def folded(folder: LogFolder, log: Log, outside: frozenset[str] | None = None) -> tuple[Programme, int]:
    """The state of the log now, and how many entries it is folded from; the kept one is brought up to it.

    A state under a trust policy is kept in a file of its own, named by the outside keys.
    """
    mark = "" if outside is None else f".{sha256(''.join(sorted(outside)).encode()).hexdigest()[:16]}"
    file = folder.path / f"{KEPT}{mark}"
    kept = file.read_bytes() if file.is_file() else None
    size = log.sequencer.size()
    with progress_shown() as progress:
        state, new = catch_up(
            kept, folder.config.subject, size, log.sequencer.read, outside_keys=outside, progress=progress
        )
    if new != kept:
        write_whole(file, new)
    return state, size


def standing_at(
    folder: LogFolder, log: Log, state: Programme, subject: str, gate: str, profile: str, at: str
) -> Standing:
    """What stands in the way at a gate as at a moment: duties, findings, moratoria that bind by the folded state."""
    from countersign.rulebook.gates import standing

    keys = state.outside_keys
    if keys is None:
        keys = frozenset(one.key for one in state.moratoria if state.binds(one))
    with progress_shown() as progress:
        progress("looking at the duties", 0, None)
        view = view_of(folder, log, subject)
        return standing(view, gate, profile=profile, at=instant(at), outside_keys=keys, heard=state.heard)


def view_of(folder: LogFolder, log: Log, subject: str) -> View:
    """What was stated about a subject and its force, with everything that the sealed store still holds of it."""
    entries = log.entries_of(subject, folder.config.subject)
    opened: dict[tuple[int, str], dict[int, Any]] = {}
    store = folder.sealed()
    try:
        for index, entry in entries:
            for label, commitment in entry.draft.sealed.items():
                count = commitment.count or 1
                if store.holds(commitment) == count:
                    items = store.open_many(commitment, range(count))
                    opened[index, label] = {n: _content(one.content) for n, one in enumerate(items)}
    finally:
        store.close()
    readable = {place: parts for place, parts in opened.items() if None not in parts.values()}
    return View.of(entries, subject, opened=readable)


def _content(content: bytes) -> Any:
    """A sealed content as a value; ``None`` for a record's own, which need not be JSON."""
    try:
        return canonical.parse(content)
    except canonical.NotCanonical:
        return None


def read_paper(path: Path | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """The public facts of a paper, and what it seals. Raises ``InputMissing``, ``MadeUp`` or ``PaperMalformed``."""
    if path is None:
        return {}, {}
    data = read_input(path)
    refuse_made_up(data, str(path))
    try:
        raw: Any = json.loads(data) if path.suffix == ".json" else tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise PaperMalformed(f"{path}: is not text in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise PaperMalformed(f"{path}: not {'JSON' if path.suffix == '.json' else 'TOML'}: {error}") from None
    if not isinstance(raw, dict) or not isinstance(raw.get("sealed", {}), dict):
        raise PaperMalformed(f"{path}: a paper is a table of facts, with a table named sealed")
    plain = _plain(raw, str(path))
    sealed = plain.pop("sealed", {})
    try:
        canonical.check(plain, "facts")
        canonical.check(sealed, "sealed")
    except canonical.NotCanonical as error:
        raise PaperMalformed(f"{path}: {error}") from None
    return plain, sealed


def _plain(value: Any, place: str) -> Any:
    """Times and dates of TOML as entries write them."""
    if isinstance(value, dict):
        return {name: _plain(part, f"{place}: {name}") for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, place) for part in value]
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            raise PaperMalformed(f"{place}: the time {value} names no zone; end it with Z for UTC")
        return time_text(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


@contextmanager
def _sealed_each(folder: LogFolder, made: Sequence[Unsealed]) -> Iterator[list[dict[str, Any]]]:
    """The commitments of each entry's contents; if what follows fails, all of them are erased again."""
    if not made:
        yield []
        return
    sealing = made[0].sealing()
    singles = {label: (kept, parts[0]) for label, (kept, parts, is_set) in sealing.items() if not is_set}
    sets = {label: (kept, parts) for label, (kept, parts, is_set) in sealing.items() if is_set}
    with sealed_values(folder, singles, sets) as first, _sealed_each(folder, made[1:]) as rest:
        yield [first, *rest]
