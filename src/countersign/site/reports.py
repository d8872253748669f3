"""The report of every deployment of a site, written by as many processes as there are processors.

Each report is drawn from the record alone, as at the day it is given. Other processes get the entries that this one
has verified, draw every n-th report into the folder that is being filled, and end by themselves when this one is gone.
How many there are changes no byte.

>>> processes(10), processes(10_000) >= 1
(1, True)
>>> NAMES[0]
('access-request.txt', 'Ask what is held about you')
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from countersign.deployments.view import Opened
from countersign.errors import NotReached
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Entry
from countersign.record.entries.schema import Schema, Schemas
from countersign.render.html import render_html
from countersign.reviews.deployment.assemble import DeploymentReview, review_deployment
from countersign.reviews.deployment.brief import DutyState, states_of
from countersign.reviews.deployment.duties import of_outcome
from countersign.reviews.deployment.promises import events_sentences
from countersign.reviews.deployment.record import DeploymentRecord, Origin, Trust
from countersign.reviews.deployment.story import failure, happened
from countersign.rulebook.letters import complaint, open_of, request_for_access, request_for_information
from countersign.site.again import stands_until
from countersign.site.facts import PublicDeployment
from countersign.surroundings import REHEARSED, rehearsed
from countersign.words.lists import be, capital
from countersign.words.numbers import small

#: File and what the link to it says.
NAMES = (
    ("access-request.txt", "Ask what is held about you"),
    ("complaint.txt", "Complain"),
    ("request-for-information.txt", "Ask the force for what it has not shown (freedom of information)"),
)
DAY = "[date of your letter]"


def letters(
    review: DeploymentReview, where: dict[str, str], code: str, *, profile: str, mark: str = ""
) -> dict[str, bytes]:
    """The letters by file name; ``where`` fills blanks (``[day]``, ``[place]``). None asks where nothing is open.
    ``profile`` is whose law they name, ``mark`` what stands above all else of each. Raises ``ProfileUnknown``.
    """
    model = review.model
    raw = {
        "title": model.title,
        "duties": [{"id": one.id, "state": one.state} for one in model.duties],
        "not_shown": [{"what": one.what, "because": one.because} for one in model.not_shown],
    }
    found = open_of(raw, code)
    about = f"deployment {review.evidence.subject}, short code {code}"
    texts = {
        "access-request.txt": request_for_access(about=about, day=DAY, profile=profile),
        "complaint.txt": complaint(about=about, day=DAY, profile=profile),
    }
    if found.wanted:
        texts["request-for-information.txt"] = request_for_information(
            found.wanted, about=about, day=DAY, profile=profile
        )
    for blank, value in where.items():
        texts = {name: text.replace(blank, value) for name, text in texts.items()}
    above = f"{mark}\n\n" if mark else ""
    return {name: f"{above}{text}".encode() for name, text in texts.items()}


def blanks(one: PublicDeployment) -> dict[str, str]:
    """The blanks that the notice of a deployment fills."""
    known = {"[day]": one.day if one.state.windows else None, "[place]": one.state.place}
    return {blank: value for blank, value in known.items() if value}


#: The report's file in a deployment's folder, and that of what was found in short.
REPORT, OUTCOME = "report.html", "duties.json"
#: All files that a deployment's review gives.
OF_A_REVIEW = frozenset({REPORT, OUTCOME, *(name for name, _ in NAMES)})


class Outcome(msgspec.Struct, frozen=True):
    """What the review of a deployment found, for its page and the start page, and as a file for programs."""

    subject: str
    code: str
    as_at: str
    happened: tuple[str, ...]
    not_met: tuple[str, ...]
    events: tuple[str, ...]
    duties: tuple[DutyState, ...]

    @property
    def live_not_met(self) -> int:
        """How many duties of the live phase were not met."""
        return sum(duty.phase == "live" and duty.state == "not met" for duty in self.duties)

    @property
    def in_words(self) -> str:
        """What was not met, the first in words."""
        left = len(self.not_met) - _NAMED
        more = [f"{left} more"] if left > 0 else []
        return "; ".join([*self.not_met[:_NAMED], *more]) or "No duty is contradicted"

    @property
    def headline(self) -> str:
        """How many duties were not met, as a heading."""
        if not self.not_met:
            return "What was not met"
        return f"{capital(small(len(self.not_met)))} {be(len(self.not_met), 'duty was', 'duties were')} not met"


#: Duties not met that are named in a line.
_NAMED = 2


def outcome_of(review: DeploymentReview, code: str) -> Outcome:
    """What a review found, in short."""
    evidence = review.evidence
    against = tuple(failure(result) for result in of_outcome(evidence, "not met"))
    about = (evidence.subject, code, evidence.as_at[:10])
    return Outcome(*about, tuple(happened(evidence)), against, events_sentences(evidence), states_of(evidence.results))


def read_outcome(folder: Path) -> Outcome:
    """The outcome that lies in a deployment's folder."""
    return msgspec.json.decode((folder / OUTCOME).read_bytes(), type=Outcome)


#: A process of its own costs some two seconds to start, the time of this many reports.
WORTH_A_PROCESS = 40


class HelperEnded(
    NotReached,
    next_step="Run the command again; if it was killed for want of memory, free some first. The old site is whole.",
):
    """A process that drew some of the reports ended before it was done."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report and its letters to be written: of which deployment, into which folder of the site; the way back from it
    (text, path), and the blanks of letters that are known."""

    subject: str
    folder: str
    back: tuple[tuple[str, str], ...]
    blanks: dict[str, str]


@dataclass(frozen=True, slots=True)
class Task:
    """All that a process needs, as plain values: the verified entries as bytes, what to write, and where."""

    entries: tuple[tuple[int, bytes], ...]
    opened: Opened
    schemas: tuple[bytes, ...]
    trust: Trust
    origin: Origin
    profile: str
    as_of: datetime.date
    wanted: tuple[Wanted, ...]
    staging: Path


def write_reports(
    record: DeploymentRecord, wanted: Sequence[Wanted], staging: Path, *, profile: str, as_of: datetime.date,
    progress: Progress = silent,
) -> dict[str, str]:  # fmt: skip
    """Write the reports into ``staging``; by folder the day until which each stands. Raises what drawing and writing
    raise.
    """
    count, until = processes(len(wanted)), dict[str, str]()
    children = []
    if count > 1:
        entries = tuple((index, entry.render()) for index, entry in record.entries)
        schemas = tuple(schema.text for schema in record.schemas.known.values())
        task = Task(entries, record.opened, schemas, record.trust, record.origin, profile, as_of, tuple(wanted),
                    staging)  # fmt: skip
        context = get_context("spawn")
        for number in range(1, count):
            here, there = context.Pipe(duplex=False)
            child = context.Process(target=_apart, args=(task, number, count, os.getpid(), there), daemon=True)
            child.start()
            there.close()
            children.append((child, here))
    try:
        for done, one in enumerate(wanted[::count]):
            progress("drawing reports", done * count, len(wanted))
            until[one.folder] = _write(record, one, staging, profile, as_of)
        for _, here in children:
            until |= _ended(here)
    finally:
        for child, here in children:
            child.terminate()
            child.join()
            here.close()
    return until


def processes(reports: int) -> int:
    """How many processes draw this many reports: at most one a processor, four, and none for a handful."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(there, 4, reports // WORTH_A_PROCESS))


def _write(record: DeploymentRecord, one: Wanted, staging: Path, profile: str, as_of: datetime.date) -> str:
    review = review_deployment(record, one.subject, profile=profile, as_of=as_of)
    target = staging / one.folder
    target.mkdir(parents=True, exist_ok=True)
    (target / REPORT).write_bytes(render_html(review.document, back=one.back))
    outcome = outcome_of(review, one.folder)
    (target / OUTCOME).write_bytes(msgspec.json.format(msgspec.json.encode(outcome), indent=1) + b"\n")
    mark = REHEARSED if rehearsed(record.trust.origin) else ""
    for name, content in letters(review, one.blanks, one.folder, profile=profile, mark=mark).items():
        (target / name).write_bytes(content)
    return stands_until(review)


def _ended(here: Connection) -> dict[str, str]:
    try:
        until: dict[str, str] | Exception = here.recv()
    except EOFError:
        raise HelperEnded("a process that drew reports ended before it was done") from None
    if isinstance(until, Exception):
        raise until
    return until


def _apart(task: Task, number: int, count: int, parent: int, there: Connection) -> None:
    """What another process does: every ``count``-th report from ``number`` on. Sends until when each stands, or an
    error.
    """
    try:
        entries = tuple((index, Entry.parse(data)) for index, data in task.entries)
        schemas = Schemas.of([Schema.parse(text) for text in task.schemas])
        record = DeploymentRecord(entries, task.opened, schemas, task.trust, task.origin, whole=True, up_to_own=True)
        until = {}
        for one in task.wanted[number::count]:
            if os.getppid() != parent:
                return
            until[one.folder] = _write(record, one, task.staging, task.profile, task.as_of)
        there.send(until)
    except Exception as error:  # noqa: BLE001 - handed on whole: the process that asked raises it
        there.send(error)
