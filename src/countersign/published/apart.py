"""Reading a file in a process of its own, with limits: what a stranger made cannot take this machine's memory or time.

The readers lean on other people's parsers, each with counted budgets; the child process stands behind them. On Linux
the system limits its memory (``RLIMIT_DATA``) and processor time. macOS and Windows have no such limit on memory: the
parent looks ten times a second and ends it, so a fast child can pass the limit for a moment. The parent limits wall
time. The child opens no other file; it is no sandbox against code that a fault of a parser would run. What comes back
is checked: frames of a known length, decoded into the types of ``table.record``; errors by name of this package's own.

>>> MOST_MEMORY // 1024**2, MOST_SECONDS
(1536, 20)
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any, Literal

import msgspec

from countersign.errors import CountersignError, WrongForm
from countersign.progress import Progress, silent
from countersign.published.table.maps import NO_MAP, ColumnMap
from countersign.published.table.record import Record
from countersign.published.table.shapes import Grid

#: Memory the child may use, in bytes, and its processor time in seconds.
MOST_MEMORY = 1536 * 1024**2
MOST_SECONDS = 20
#: Wall time after which the parent ends it: far more than the processor time, for a machine that does other work too.
MOST_WALL_SECONDS = 90 if sys.platform == "linux" else MOST_SECONDS
#: The largest frame that comes back, in bytes.
LARGEST_FRAME = 512 * 1024**2
#: Notes on progress come at most this often, in seconds.
NOTE_EVERY = 0.1
_PACKAGE = "countersign.published."

Reader = Literal["pdf", "pdf-ocr", "xlsx", "ods", "xls", "docx", "html"]
#: The readers that run apart: module and function.
READERS: dict[str, tuple[str, str]] = {
    "pdf": ("countersign.published.forms.pdf.document", "read_pdf"),
    "pdf-ocr": ("countersign.published.forms.pdf.document", "read_with_layer"),
    "xlsx": ("countersign.published.forms.xlsx", "read_xlsx"),
    "ods": ("countersign.published.forms.ods", "read_ods"),
    "xls": ("countersign.published.forms.xlsx", "read_xls"),
    "docx": ("countersign.published.forms.docx", "read_docx"),
    "html": ("countersign.published.forms.html", "read_html"),
}
#: What reads only the cells, for a column map: it gives grids in place of a record.
CELLS = ("countersign.published.mapping", "cells_of")
#: How a child is started. -P: nothing is imported from the folder the command was started in, whatever lies there.
CHILD = [sys.executable, "-P", "-m", "countersign.published.apart"]


class ReadingTooMuch(
    WrongForm, next_step="Give a part of it, for example one year, or ask the force for the table as CSV."
):
    """A file took more memory or time to read than a reading may use, or the reading broke off."""


class Asked(msgspec.Struct, frozen=True):
    """What the child is asked to read; the content follows on standard input. ``reader``: "" for cells alone."""

    reader: str
    name: str
    columns: ColumnMap
    length: int


class Note(msgspec.Struct, frozen=True, tag="note"):
    """What is being done."""

    doing: str
    done: int
    of: int | None


class Refusal(msgspec.Struct, frozen=True, tag="refusal"):
    """An error: its module and class, its sentence and its next step."""

    module: str
    name: str
    message: str
    next_step: str


class Read(msgspec.Struct, frozen=True, tag="read"):
    """The record that was read."""

    record: Record


class Cells(msgspec.Struct, frozen=True, tag="cells"):
    """The grids of cells that a source holds."""

    grids: tuple[Grid, ...]


def read_apart(
    reader: Reader, content: bytes, name: str, *, columns: ColumnMap = NO_MAP, progress: Progress = silent
) -> Record:
    """Read ``content`` by one of ``READERS`` in a child process. Raises what it raises, or ``ReadingTooMuch``."""
    answer = _asked(Asked(reader, name, columns, len(content)), content, progress)
    if isinstance(answer, Read):
        return answer.record
    raise _error(answer, name)


def cells_apart(content: bytes, name: str, *, progress: Progress = silent) -> tuple[Grid, ...]:
    """The grids of cells of ``content``, read in a child process. Raises what ``read_apart`` raises."""
    answer = _asked(Asked("", name, NO_MAP, len(content)), content, progress)
    if isinstance(answer, Cells):
        return answer.grids
    raise _error(answer, name)


def _asked(asked: Asked, content: bytes, progress: Progress) -> Read | Cells | Refusal:
    child = subprocess.Popen(
        CHILD,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    late: list[str] = []
    done = threading.Event()

    def watch() -> None:
        until = time.monotonic() + MOST_WALL_SECONDS
        while not done.wait(0.1):
            if time.monotonic() > until:
                late.append(f"takes longer than {MOST_WALL_SECONDS} seconds")
            elif sys.platform != "linux" and (resident(child.pid) or 0) > MOST_MEMORY:
                late.append(f"takes more than {MOST_MEMORY // 1024**2} MB of memory")
            if late:
                child.kill()
                return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        feeder = threading.Thread(target=_feed, args=(child.stdin, asked, content), daemon=True)
        feeder.start()
        answer = _listen(child.stdout, progress)
    finally:
        done.set()
        child.kill()
        child.wait()
        watcher.join()
        feeder.join()
        child.stdout.close()
    if answer is None:
        why = late[0] if late else f"takes more than {MOST_MEMORY // 1024**2} MB of memory or {MOST_SECONDS} seconds"
        raise ReadingTooMuch(f"{asked.name}: reading it {why}")
    return answer


def _feed(pipe: IO[bytes], asked: Asked, content: bytes) -> None:
    # Where the child has ended already, what it said or did not say is heard elsewhere.
    with suppress(OSError):
        try:
            _send(pipe, asked)
            pipe.write(content)
        finally:
            pipe.close()


def _listen(pipe: IO[bytes], progress: Progress) -> Read | Cells | Refusal | None:
    """The child's answer; ``None`` if it ends without one, or says what no child says."""
    while (frame := _frame(pipe)) is not None:
        try:
            said: Note | Refusal | Read | Cells = msgspec.msgpack.decode(frame, type=Note | Refusal | Read | Cells)
        except (msgspec.DecodeError, ValueError):
            return None
        if not isinstance(said, Note):
            return said
        progress(said.doing, said.done, said.of)
    return None


def _error(refusal: Read | Cells | Refusal, name: str) -> CountersignError:
    """The error a child named, if it is one of this package's; else ``ReadingTooMuch``."""
    if not isinstance(refusal, Refusal):
        return ReadingTooMuch(f"{name}: reading it gave what was not asked for")
    if refusal.module.startswith(_PACKAGE) and importlib.util.find_spec(refusal.module) is not None:
        kind = getattr(importlib.import_module(refusal.module), refusal.name, None)
        if isinstance(kind, type) and issubclass(kind, CountersignError):
            return kind(refusal.message, next_step=refusal.next_step)
    return ReadingTooMuch(f"{name}: reading it broke off ({refusal.name})")


def resident(pid: int) -> int | None:
    """Memory of a process in bytes, as ``ps`` (on Windows ``tasklist``) says it; ``None`` where neither can."""
    windows = ["tasklist", "/FI", f"PID eq {pid}", "/FO", "CSV", "/NH"]
    words = windows if os.name == "nt" else ["ps", "-o", "rss=", "-p", str(pid)]
    try:
        said = subprocess.run(words, check=False, capture_output=True, text=True).stdout
    except OSError:
        return None
    digits = "".join(letter for letter in said.rsplit('","', 1)[-1] if letter.isdecimal())
    return int(digits) * 1024 if digits else None


def _send(pipe: IO[bytes], said: msgspec.Struct) -> None:
    data = msgspec.msgpack.encode(said)
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


def _frame(pipe: IO[bytes]) -> bytes | None:
    length = int.from_bytes(pipe.read(8), "big")
    if not 0 < length <= LARGEST_FRAME:
        return None
    data = pipe.read(length)
    return data if len(data) == length else None


def main() -> None:
    """Read what standard input asks for, within limits; the answer is the last frame on standard output."""
    limit(MOST_MEMORY, MOST_SECONDS)
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints never comes between the frames
    frame = _frame(sys.stdin.buffer)
    if frame is None:
        return
    asked = msgspec.msgpack.decode(frame, type=Asked)
    _send(channel, _answer(asked, sys.stdin.buffer.read(asked.length), _notes(channel)))


def _answer(asked: Asked, content: bytes, progress: Progress) -> Read | Cells | Refusal:
    module, function = READERS[asked.reader] if asked.reader else CELLS
    try:
        reader: Callable[..., Any] = getattr(importlib.import_module(module), function)
        if not asked.reader:
            return Cells(reader(content, asked.name, progress=progress))
        options: dict[str, Any] = {"progress": progress} if asked.reader.startswith("pdf") else {}
        return Read(reader(content, asked.name, columns=asked.columns, **options))
    except CountersignError as error:
        cause = error.__cause__
        if not isinstance(cause, MemoryError | RecursionError):
            return Refusal(type(error).__module__, type(error).__name__, str(error), error.next_step)
        return _ended(asked, cause)
    except (MemoryError, RecursionError) as error:
        return _ended(asked, error)


def _ended(asked: Asked, error: MemoryError | RecursionError) -> Refusal:
    much = f"takes more than {MOST_MEMORY // 1024**2} MB of memory"
    why = "nests deeper than a table can" if isinstance(error, RecursionError) else much
    return Refusal(__spec__.name, "ReadingTooMuch", f"{asked.name}: reading it {why}", ReadingTooMuch.next_step)


def _notes(channel: IO[bytes]) -> Progress:
    last, at = "", 0.0

    def note(doing: str, done: int, of: int | None) -> None:
        nonlocal last, at
        if doing == last and done != of and time.monotonic() - at < NOTE_EVERY:
            return
        last, at = doing, time.monotonic()
        _send(channel, Note(doing, done, of))

    return note


def limit(memory: int, seconds: int, written: int | None = None) -> None:
    """Limit this process to ``memory`` and ``written`` bytes and processor ``seconds``, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    # Address space is no measure: some libraries reserve far more of it than they ever use.
    limits = {resource.RLIMIT_DATA: memory, resource.RLIMIT_CPU: seconds, resource.RLIMIT_CORE: 0}
    if written is not None:
        limits[resource.RLIMIT_FSIZE] = written
    for what, most in limits.items():
        allowed = resource.getrlimit(what)[1]
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
