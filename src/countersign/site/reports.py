"""The report of every deployment of a site, written by as many processes as there are processors.

Each report is drawn anew each time, as at the site's own moment, from the record alone; only drawings of charts are
kept (``Drawings``). Other processes get the entries that this one has verified, draw every n-th report into the folder
that is being filled, and end by themselves when this one is gone. How many there are changes no byte.

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
from hashlib import sha256
from importlib.metadata import version
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from countersign import __version__
from countersign.deployments.view import Opened
from countersign.document import Chart
from countersign.errors import NotReached
from countersign.progress import Progress, silent
from countersign.record.entries.entry import Entry
from countersign.record.entries.schema import Schema, Schemas
from countersign.render.charts.draw import chart_svg, specification
from countersign.render.html import render_html
from countersign.reviews.deployment.assemble import DeploymentReview, review_deployment
from countersign.reviews.deployment.record import DeploymentRecord, Origin, Trust
from countersign.rulebook.letters import complaint, open_of, request_for_access, request_for_information
from countersign.site.facts import PublicDeployment
from countersign.surroundings import REHEARSED, rehearsed

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


#: The report's file in a deployment's folder.
REPORT = "report.html"
#: A process of its own costs some two seconds to start, the time of this many reports.
WORTH_A_PROCESS = 40


class HelperEnded(
    NotReached,
    next_step="Run the command again; if it was killed for want of memory, free some first. The old site is whole.",
):
    """A process that drew some of the reports ended before it was done."""


class Drawings:
    """``chart_svg`` with a memory in a folder; ``used`` are the names of the files asked for so far.

    To draw a chart takes some 60 ms, and of a thousand reports few have other numbers than the time before. A drawing
    is kept under the SHA-256 of its description, its words, its width and the drawing program's version, with its own
    SHA-256 in front: one that does not fit is drawn again. The folder can be thrown away at any time; the same drawings
    come again.

    >>> import tempfile
    >>> from countersign.document import FunnelStage, Table
    >>> kept = Drawings(Path(tempfile.mkdtemp()))
    >>> chart = Chart("f", "funnel", "From faces", "", Table("t", "", (), ()), stages=(FunnelStage("Faces", 9),))
    >>> kept(chart, 340) == kept(chart, 340) == chart_svg(chart, 340), len(kept.used)
    (True, 1)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: set[str] = set()
        self._made_by = f"{__version__} {version('vl-convert-python')}"

    def __call__(self, chart: Chart, width: int) -> str:
        """The drawing, kept or new. Raises as ``chart_svg``; a folder that cannot be written keeps nothing."""
        words = (self._made_by, chart.anchor, chart.title, chart.alternative, width, specification(chart, width))
        name = sha256(msgspec.json.encode(words, order="sorted")).hexdigest()
        self.used.add(name)
        try:
            digest, _, drawn = (self.folder / name).read_text(encoding="utf-8").partition("\n")
            if sha256(drawn.encode()).hexdigest() == digest:
                return drawn
        except (OSError, ValueError):
            pass
        drawn = chart_svg(chart, width)
        self._keep(name, drawn)
        return drawn

    def _keep(self, name: str, drawn: str) -> None:
        part = self.folder / f"{name}.{os.getpid()}.part"
        try:
            self.folder.mkdir(exist_ok=True)
            part.write_text(f"{sha256(drawn.encode()).hexdigest()}\n{drawn}", encoding="utf-8")
            part.replace(self.folder / name)
        except OSError:
            # What is kept only saves time; a full disk is met, and told, where the site itself is written.
            part.unlink(missing_ok=True)

    def forget_others(self, used: set[str]) -> None:
        """Throw away what is kept and was not used."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.name not in used:
                path.unlink(missing_ok=True)


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
    kept: Path


def write_reports(
    record: DeploymentRecord, wanted: Sequence[Wanted], staging: Path, kept: Path, *, profile: str,
    as_of: datetime.date, progress: Progress = silent,
) -> None:  # fmt: skip
    """Write the reports into ``staging``, keeping drawings in ``kept``. Raises what drawing and writing raise."""
    count = processes(len(wanted))
    children = []
    if count > 1:
        entries = tuple((index, entry.render()) for index, entry in record.entries)
        schemas = tuple(schema.text for schema in record.schemas.known.values())
        task = Task(entries, record.opened, schemas, record.trust, record.origin, profile, as_of, tuple(wanted),
                    staging, kept)  # fmt: skip
        context = get_context("spawn")
        for number in range(1, count):
            here, there = context.Pipe(duplex=False)
            child = context.Process(target=_apart, args=(task, number, count, os.getpid(), there), daemon=True)
            child.start()
            there.close()
            children.append((child, here))
    drawings = Drawings(kept)
    used = drawings.used
    try:
        for done, one in enumerate(wanted[::count]):
            progress("drawing reports", done * count, len(wanted))
            _write(record, one, staging, drawings, profile, as_of)
        for _, here in children:
            used |= _told(here)
    finally:
        for child, here in children:
            child.terminate()
            child.join()
            here.close()
    drawings.forget_others(used)


def processes(reports: int) -> int:
    """How many processes draw this many reports: at most one a processor, four, and none for a handful."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(there, 4, reports // WORTH_A_PROCESS))


def _write(
    record: DeploymentRecord, one: Wanted, staging: Path, drawings: Drawings, profile: str, as_of: datetime.date
) -> None:
    review = review_deployment(record, one.subject, profile=profile, as_of=as_of)
    target = staging / one.folder
    target.mkdir(parents=True, exist_ok=True)
    (target / REPORT).write_bytes(render_html(review.document, drawing=drawings, back=one.back))
    mark = REHEARSED if rehearsed(record.trust.origin) else ""
    for name, content in letters(review, one.blanks, one.folder, profile=profile, mark=mark).items():
        (target / name).write_bytes(content)


def _told(here: Connection) -> set[str]:
    try:
        found = here.recv()
    except EOFError:
        raise HelperEnded("a process that drew reports ended before it was done") from None
    if isinstance(found, Exception):
        raise found
    return set(found)


def _apart(task: Task, number: int, count: int, parent: int, there: Connection) -> None:
    """What another process does: every ``count``-th report from ``number`` on; tells the drawings used, or an error."""
    try:
        entries = tuple((index, Entry.parse(data)) for index, data in task.entries)
        schemas = Schemas.of([Schema.parse(text) for text in task.schemas])
        record = DeploymentRecord(entries, task.opened, schemas, task.trust, task.origin, whole=True)
        drawings = Drawings(task.kept)
        for one in task.wanted[number::count]:
            if os.getppid() != parent:
                return
            _write(record, one, task.staging, drawings, task.profile, task.as_of)
        there.send(drawings.used)
    except Exception as error:  # noqa: BLE001 - handed on whole: the process that asked raises it
        there.send(error)
