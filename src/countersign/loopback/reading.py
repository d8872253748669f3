"""The child process that reads one file that a stranger may have made, and writes the report: with limits, then gone.

It starts in the folder where the file lies alone. The first line of standard input says what to read (``Asked``); when
standard input ends, the parent is gone, and the child removes the folder and ends. Lines on standard output are JSON:
what is being done (``Note``), and at last one ``Outcome``. The system limits memory, processor time and size of files
(not on Windows); the parent limits the time everywhere.

>>> msgspec.json.decode(b'{"name":"a.csv"}', type=Asked).name
'a.csv'
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

import msgspec

from countersign.door import hold_text
from countersign.errors import CountersignError, WrongForm
from countersign.published.apart import limit

if TYPE_CHECKING:
    from countersign.progress import Progress

#: Memory that the reading may use, in bytes: the Met's largest published file takes 1.2 GB with the report's PDF.
MOST_MEMORY = 2 * 1024**3
#: Processor time in seconds, and the size of any one file written, in bytes.
MOST_SECONDS = 300
LARGEST_WRITTEN = 128 * 1024**2
#: Names of what is written. ``deployments.csv`` is the published table as open data.
RESULTS = ("review.html", "evidence.html", "review.pdf", "review.json", "deployments.csv")
#: Beside the folder with the file: what else was given, and the folder for what is written.
POLICY, COLUMNS = "policy", "columns"
ROOM, OUT = Path(".."), Path("..", "out")
#: Next steps for this page, where an error's own speaks of the command line.
_ON_THE_PAGE = {
    "policy-needed": "Give the policy too, under \u201cFor a bundle\u201d on the first page; an outside body has it.",
    "deployment-missing": "Write one of those names under \u201cFor a bundle\u201d on the first page.",
    "no-table": "Check that this is the file you meant; for other headings give a column map, on the first page.",
}
#: Notes on progress come at most this often, in seconds.
NOTE_EVERY = 0.5


class Asked(msgspec.Struct, frozen=True):
    """What to read: the file's name in its folder, what was given beside it, and which deployment."""

    name: str
    beside: tuple[str, ...] = ()
    deployment: str | None = None


class Note(msgspec.Struct, frozen=True, tag="note"):
    """What is being done."""

    text: str


class Outcome(msgspec.Struct, frozen=True, tag="outcome"):
    """A title and the first sentences of the report, or one sentence on why there is none."""

    title: str
    sentences: tuple[str, ...] = ()
    code: str | None = None
    next_step: str = ""


class CaseFileGiven(
    WrongForm, code="open-case-file", next_step="Review it on the command line: countersign review CASE.toml."
):
    """A case file is given to the page, which takes published files and bundles."""


class TooMuchToRead(
    WrongForm,
    code="open-too-much",
    next_step="Give a part of it, for example one year; or read it on the command line: countersign review FILE.",
):
    """Reading a file takes more memory, time or room than a reading may use."""


def main() -> None:
    """Read what standard input asks for, and write the outcome."""
    limit(MOST_MEMORY, MOST_SECONDS, LARGEST_WRITTEN)
    channel = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # whatever a library prints goes where standard error goes, and never between the notes
    asked = msgspec.json.decode(sys.stdin.buffer.readline(65_536), type=Asked)
    threading.Thread(target=_end_with_parent, args=(Path.cwd().parent,), daemon=True).start()
    channel.write(msgspec.json.encode(outcome_of(asked, _notes(channel))) + b"\n")


def outcome_of(asked: Asked, progress: Progress) -> Outcome:
    """Read the file and write the results; an error becomes an outcome of its own. Nothing is raised."""
    try:
        return _report(asked, progress)
    except CountersignError as error:
        return refused(error)
    except (MemoryError, OSError) as error:
        if isinstance(error, MemoryError) or isinstance(error.__cause__, MemoryError):
            return refused(TooMuchToRead(f"{asked.name}: reading it takes more memory than a reading may use"))
        return refused(TooMuchToRead(f"{asked.name}: the report could not be written: {error.strerror or 'no room'}"))
    except Exception as error:  # noqa: BLE001 - a defect is reported as one, and its text may hold what the file holds
        title = f"{asked.name}: a defect in the program ({type(error).__name__})"
        return Outcome(title, (), "defect", "Please report it, with the file if it was published.")


def refused(error: CountersignError) -> Outcome:
    """An error as an outcome."""
    return Outcome(str(error), (), error.code, _ON_THE_PAGE.get(error.code, error.next_step))


def _report(asked: Asked, progress: Progress) -> Outcome:
    from countersign.any_source import review
    from countersign.record.tlog.policy import Policy
    from countersign.reviews.options import CASE_SUFFIX, FILES, Options
    from countersign.reviews.published.assemble import PublishedReview

    source = Path(asked.name)
    if source.suffix == CASE_SUFFIX:
        raise CaseFileGiven(f"{asked.name}: this is named like a case file, and the page takes published files")
    hold_text("option", "deployment", asked.deployment or "", "the deployment asked for")
    policy = Policy.parse((ROOM / POLICY).read_bytes()) if POLICY in asked.beside else None
    columns = ROOM / COLUMNS if COLUMNS in asked.beside else None
    options = Options(deployment=asked.deployment, policy=policy, columns=columns)
    result = review(source, options, progress=progress)
    OUT.mkdir()
    for name, content in result.files(tuple(FILES), progress).items():
        (OUT / name).write_bytes(content)
    if isinstance(result, PublishedReview):
        from countersign.published.forms.package import write_package

        write_package(result.evidence.record, OUT / "package")
        (OUT / "package" / "deployments.csv").rename(OUT / "deployments.csv")
    return Outcome(result.brief.title, result.lines)


def _notes(channel: IO[bytes]) -> Progress:
    last, written = "", 0.0

    def note(doing: str, done: int, of: int | None) -> None:
        nonlocal last, written
        if doing == last and time.monotonic() - written < NOTE_EVERY:
            return
        last, written = doing, time.monotonic()
        text = doing if not of else f"{doing}: {done:,} of {of:,}"
        channel.write(msgspec.json.encode(Note(text)) + b"\n")

    return note


def _end_with_parent(room: Path) -> None:
    while os.read(0, 4096):  # not through the buffer, whose lock would be held when the child ends by itself
        pass
    shutil.rmtree(room, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    main()
