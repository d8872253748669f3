"""The live board of a deployment: what the record says of it at this moment, in words, for a page and for a stream.

Nothing is worked out here: order comes from the life cycle, duties from the rulebook, counts and what they show from
``events.watch.on_record``. No person and no picture is on it, and no single alert.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from countersign.deployments.clock import moment
from countersign.deployments.kinds import SCHEMAS
from countersign.deployments.lifecycle import Phase
from countersign.deployments.state import Deployment
from countersign.desk.folder import Desk
from countersign.desk.people import Person
from countersign.desk.record import CASE, Looked, looked_into, out_of_order, roles_of
from countersign.events.watch.on_record import Entered, entered_in, watched_in
from countersign.events.watch.watching import Watch
from countersign.register.deployments import view_of
from countersign.register.opening import opened
from countersign.rulebook.conditions.results import Result
from countersign.words.dates import local_words
from countersign.words.lists import counted, listing

STOP = "live.suspended"
#: Kinds whose signers may see what is counted of alerts' outcomes, which lie sealed: those of live, and of the case.
WATCHED_BY = ("live.hour", "live.opened", STOP, "live.resumed", *CASE)
#: Phases of duties that are safeguards while a deployment is live.
SAFEGUARDS = ("open", "brief", "live")
#: How many of the last entries are listed.
LAST = 8
#: For how many seconds the log's size is taken as known.
KNOWN_SECONDS = 0.5
#: Boards kept for those who look at the same moment.
MOST_KEPT = 64


class Board(NamedTuple):
    """What is shown: ``size`` is the number of entries of the log it was made from, ``now`` the moment, in words.

    ``watch`` is there for those who may see it (``watcher``) and where the limits are held here. ``may_stop``: roles
    that sign the stop where it is possible now.
    """

    name: str
    subject: str
    stage: str
    size: int
    now: str
    window: str
    moratoria: int
    staffing: tuple[int, int] | None
    safeguards: tuple[Result, ...]
    holding: int
    entered: Entered
    watch: Watch | None
    watcher: bool
    may_stop: frozenset[str]
    stopped: bool
    last: tuple[tuple[int, str, str], ...]


def may_watch(person: Person) -> bool:
    """Whether somebody may see what the alerts' outcomes come to."""
    return any(person.roles.intersection(roles_of(SCHEMAS.latest(kind))) for kind in WATCHED_BY)


def time_left(windows: Sequence[Any], now: str) -> str:
    """What is left of the window that a moment lies in, or until the next one."""
    for window in windows:
        if now < window.start:
            return f"The window begins in {_span(now, window.start)}, on {local_words(window.start)}."
        if now < window.end:
            return f"{_span(now, window.end)} left. The window ends on {local_words(window.end)}."
    return f"The window ended on {local_words(windows[-1].end)}." if windows else "No window is on the record yet."


def _span(start: str, end: str) -> str:
    minutes = int((moment(end) - moment(start)).total_seconds()) // 60
    parts = [counted(n, unit) for n, unit in ((minutes // 60, "hour"), (minutes % 60, "minute")) if n]
    return listing(parts) if parts else "less than a minute"


_lock = threading.Lock()
_sizes: dict[str, tuple[float, int]] = {}
_kept: dict[tuple[str, str, int, str, bool], Board] = {}


def size_of(desk: Desk) -> int:
    """How many entries the log has, looked up twice a second at most. Raises as ``opened``."""
    with _lock:
        at, size = _sizes.get(str(desk.log), (0.0, 0))
        if time.monotonic() - at > KNOWN_SECONDS:
            with opened(desk.log, reading=True) as log:
                size = log.log.sequencer.size()
            _sizes[str(desk.log)] = time.monotonic(), size
        return size


def board(desk: Desk, name: str, *, watcher: bool) -> Board | None:
    """The board of a deployment now; ``None`` where there is none of the name. Made once for everybody who looks in the
    same minute. Raises as ``looked_into``."""
    with _lock, looked_into(desk) as looked:
        deployment = looked.deployment(name)
        if deployment is None:
            return None
        key = str(desk.log), name, looked.state.size, looked.now[:16], watcher
        if key not in _kept:
            while len(_kept) >= MOST_KEPT:
                del _kept[next(iter(_kept))]
            _kept[key] = _made(looked, name, deployment, watcher=watcher)
        return _kept[key]._replace(now=local_words(looked.now))


def _made(looked: Looked, name: str, deployment: Deployment, *, watcher: bool) -> Board:
    subject = deployment.subject
    view = view_of(looked.log, subject)
    staffing = next((one for one in reversed(view.statements("staffing")) if one.subject == subject), None)
    duties = [
        result
        for result in looked.results(subject)
        if result.duty.scope == "deployment" and result.duty.phase in SAFEGUARDS
    ]
    stopping = deployment.phase is Phase.LIVE and not out_of_order(deployment, STOP)
    entries = looked.log.log.entries_of(subject)[-LAST:]
    titles, overall = looked.log.log.schemas, looked.overall()
    return Board(
        name,
        subject,
        deployment.stage,
        looked.state.size,
        local_words(looked.now),
        time_left(deployment.windows, looked.now),
        len(overall["moratoria"]) + len(overall["moratoria_heard"]),
        None if staffing is None else (staffing.one("operators"), staffing.one("engagement_officers")),
        tuple(result for result in duties if not result.holds),
        sum(result.holds for result in duties),
        entered_in(view),
        watched_in(view) if watcher else None,
        watcher,
        frozenset(roles_of(SCHEMAS.latest(STOP))) if stopping else frozenset(),
        deployment.phase is Phase.SUSPENDED,
        tuple(
            (index, titles.get(entry.draft.kind, entry.draft.schema).title, entry.draft.at)
            for index, entry in reversed(entries)
        ),
    )
