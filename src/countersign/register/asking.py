"""Who asks: whose word counts when the state of a log is looked at, and what outside bodies say in logs of their own.

Nothing of it enters the log. A log that a reader does not give holds nobody back.

>>> Reader().logs(OfForce("force-a", frozenset(), frozenset()))
()
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msgspec.structs import replace as replace_in

from countersign.deployments.fold import fold
from countersign.deployments.outside.heard import HeardMoratorium, hear, outside_keys
from countersign.deployments.outside.logs import OfForce, OutsideLog, weighed
from countersign.deployments.outside.reader import NOBODY
from countersign.deployments.outside.reader import Reader as Who
from countersign.deployments.refusals import NotTheSame
from countersign.deployments.state import Programme
from countersign.deployments.view import View
from countersign.errors import CountersignError
from countersign.inputs import read_input
from countersign.progress import Progress, silent
from countersign.record.entries.entry import key_id
from countersign.record.entries.forms import force_of
from countersign.record.tlog.encoding import VerifierKey
from countersign.record.tlog.policy import Policy
from countersign.register.opening import OpenLog
from countersign.words.lists import listing

#: The file beside the log with the key that signs its head.
VKEY = "log.vkey"
#: The kinds by which a force replies to a finding, and where the state keeps what was replied to other logs' findings.
REPLIES = {"review.answer": "answered", "review.dispute": "disputed"}
#: Shows progress while something long is done.
Shown = Callable[[], AbstractContextManager[Progress]]


def quiet() -> AbstractContextManager[Progress]:
    """Progress that nobody is shown."""
    return nullcontext(silent)


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's policy (without one the registrar's keys count), files of moratoria, how progress is shown, who is
    outside by the reader's file, and the logs of those bodies."""

    policy: Policy | None = None
    notes: tuple[Path, ...] = ()
    shown: Shown = quiet
    who: Who = NOBODY
    beside: tuple[Path, ...] = ()

    def logs(self, force: OfForce) -> tuple[OutsideLog, ...]:
        """The logs of outside bodies, read and verified. Raises ``LogNotNamed`` and what reading a log raises."""
        if not self.beside:
            return ()
        from countersign.reviews.deployment.together import read_outside

        with self.shown() as progress:
            return read_outside(self.beside, self.who, force, progress=progress)

    def heard(self, origin: str, force: str) -> tuple[HeardMoratorium, ...]:
        """The moratoria of the notes, for a force. Raises what ``hear`` raises, with the file."""
        if self.policy is None:
            return ()
        found = []
        for path in self.notes:
            data = read_input(path)
            try:
                found.append(hear(data, self.policy, origin, force))
            except CountersignError as error:
                error.args = (f"{path}: {error}", *error.args[1:])
                raise
        return tuple(found)


def published_state(path: Path, reader: Reader) -> tuple[Programme, Callable[[str], View], tuple[OutsideLog, ...]]:
    """The state of a log by its published files, the view of each subject, and the logs of outside bodies given beside
    it; nothing that keeps is opened. Raises as ``reviews.deployment.reading.read_log`` and what hearing moratoria
    raises."""
    from countersign.reviews.deployment.reading import read_log
    from countersign.reviews.deployment.together import of_force

    with reader.shown() as progress:
        record = read_log(path, reader.policy, None, progress=progress)
    origin = record.trust.origin
    force = force_of(record.entries[0][1].draft.subject)
    outside = None if reader.policy is None else outside_keys(reader.policy, origin)
    programme = fold(force, record.entries, outside_keys=outside)
    logs = reader.logs(of_force(record))
    programme = replace_in(programme, heard=reader.heard(origin, force))
    return weighed(programme, logs), replace(record, outside=logs).view, logs


def keeps(log: OpenLog) -> OfForce:
    """Whose log it is: the force, every key registered there, and the one that signs its head."""
    file = log.folder.path / VKEY
    head = [key_id(VerifierKey.parse(file.read_text().strip()).public_key)] if file.is_file() else []
    return OfForce(log.folder.config.subject, frozenset(log.log.keyring().keys), frozenset(head))


def named_outside(state: Programme, kind: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a reply, with a finding that stands in an outside body's log named by its reference.
    Raises ``NotTheSame`` where several findings have the name."""
    if kind not in REPLIES:
        return facts
    name = facts.get("finding")
    replied = getattr(state, REPLIES[kind])
    outside = {
        reference: each for reference, each in state.found.items() if each.name == name and reference not in replied
    }
    own = state.findings.get(str(name))
    waits = [] if own is None or own.replies else [f"{name} of this log"]
    if len(outside) + len(waits) > 1:
        each = listing([*waits, *(found.called for found in outside.values())], "or")
        raise NotTheSame(f"{kind}: {name} may be {each}; name the one by its reference (`deployment status --json`)")
    return {**facts, "finding": next(iter(outside))} if outside else facts
