"""Acts on the log from a page: an entry held to every rule, sealed as a draft, appended once it is signed elsewhere.

Each is one call of the register. A refusal is the register's own error; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from countersign.deployments.kinds import SCHEMAS
from countersign.desk.folder import Desk
from countersign.desk.people import Person
from countersign.desk.record import reader_of, roles_of
from countersign.door import hold
from countersign.inputs import read_input
from countersign.record.entries.entry import Entry
from countersign.record.entries.keyring import REGISTRAR, Keyring
from countersign.record.tlog.checkpoint import NoteSigner
from countersign.register import drafts, keys
from countersign.register.commands import Unsealed
from countersign.register.deployments import Work, at_work
from countersign.register.handing import prove
from countersign.register.opening import Appended, Doing, LogKey, opened
from countersign.register.papers.filling import Facts
from countersign.surroundings import current
from countersign.words.names import role_name

#: Reasons for entering something late, as the schemas have them.
LATE = ("system-down", "urgent-authority", "paper-first", "omitted", "correction", "received-late")


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that may sign an entry of a kind, the role it would sign in, and how people call its holder."""

    key: str
    role: str
    called: str

    @property
    def value(self) -> str:
        """How a form names it."""
        return f"{self.key}:{self.role}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: the kind, what it is about, in which role by which key, for which moment."""

    kind: str
    subject: str
    signer: Signer
    at: str | None = None
    late: str | None = None


def signers(keyring: Keyring, kind: str, person: Person, accounts: dict[str, str]) -> list[Signer]:
    """Who may sign an entry of a kind: the person who is signed in first, then every other key by its account."""
    roles, made = roles_of(SCHEMAS.latest(kind)), []
    for key, state in keyring.keys.items():
        fitting = () if state.revoked_at is not None else sorted(state.roles - {REGISTRAR})
        for role in fitting:
            if role in roles or not roles:
                called = "You" if key in person.keys else accounts.get(key, f"the key {key[:16]}…")
                made.append(Signer(key, role, f"{called}, as {role_name(role)}"))
    return sorted(made, key=lambda signer: (not signer.called.startswith("You,"), signer.called))


@contextmanager
def made(desk: Desk, asked: Asked, facts: Facts, sealed: Facts) -> Iterator[tuple[Work, list[Unsealed]]]:
    """The entries asked for, held to every rule at the head; nothing is written. Raises as ``Work.entry`` and
    ``LeakAtTheDoor``."""
    hold("paper", {**facts, "sealed": sealed}, "this form")
    doing = Doing(drafts.elsewhere, asked.at, asked.signer.role, "force", asked.late)
    with at_work(desk.log, doing, reader_of(desk), for_key=lambda _: asked.signer.key) as work:
        profile = desk.settings.profile
        if asked.kind == "authorise.approval":
            yield work, list(work.approval(asked.subject, facts, sealed, profile)[0])
        else:
            yield work, [work.entry(asked.subject, asked.kind, facts, sealed, profile=profile)]


def seal(desk: Desk, asked: Asked, facts: Facts, sealed: Facts) -> str:
    """Seal what is asked for as a draft that waits for its signer; the draft's name. Raises as ``made``."""
    with made(desk, asked, facts, sealed) as (work, unsealed):
        drafts.discard(work.open, ran_out_by=current().time_text())
        return drafts.seal(work, unsealed, desk.settings.profile).name


def append(desk: Desk, entries: Sequence[Entry]) -> list[Appended]:
    """Append signed entries, every rule asked again, and publish them where the desk may. Raises as ``drafts.append``
    and as ``OpenLog.publish``."""
    with opened(desk.log, log_key=_log_key(desk)) as log:
        appended, _ = drafts.append(log, entries, reader_of(desk))
        if desk.settings.log_passphrase_file:
            log.publish()
        return appended


def _log_key(desk: Desk) -> LogKey | None:
    file = desk.file(desk.settings.log_passphrase_file)
    if file is None:
        return None

    def open_key(origin: str, path: Path) -> NoteSigner:
        line = read_input(file).splitlines()[0]
        return NoteSigner(origin, keys.open_private(path, lambda _: line).secret)

    return open_key


def receipt(desk: Desk, index: int) -> bytes:
    """The proof that an entry is in the log, for its signer to keep. Raises ``NotPublished`` or ``EntryNotThere``."""
    with opened(desk.log) as log:
        return prove(log, index).render()
