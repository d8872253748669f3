"""Writing files whole or not at all: into a temporary name beside the target, synced, then renamed over it.

A new file may be read by others, as the umask allows; one that is replaced keeps its rights and never gets wider ones.
What holds a secret is written with ``secret=True``: for its owner alone. A temporary file that a killed process left is
taken away by the next to write the same target, once it is too old to be of somebody who is writing now.

>>> import tempfile
>>> folder = Path(tempfile.mkdtemp())
>>> write_whole(folder / "a.txt", b"all of it").read_bytes()
b'all of it'
>>> sorted(p.name for p in write_all(folder / "out", {"x.json": b"{}", "y.html": b"<p>"}))
['x.json', 'y.html']
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from countersign.errors import NotReached

#: A temporary file that nobody has touched for as long is no longer being written, in seconds.
STALE_SECONDS = 3600
#: Rights of a file that others may read, and of one that holds a secret, before the umask takes from them.
PUBLIC_MODE, SECRET_MODE = 0o644, 0o600
_TEMPORARY = re.compile(r"\.(.+)\.[a-z0-9_]{8}\.part", re.DOTALL)


class CannotWrite(
    NotReached, next_step="Check that the folder can be written and has room; nothing half-written was left."
):
    """A result could not be written; what stood there before is untouched."""


def toml_string(text: str) -> str:
    """A text as a basic string of TOML, which is written as a string of JSON.

    >>> print(toml_string('a "b" ü'))
    "a \\"b\\" ü"
    """
    return json.dumps(text, ensure_ascii=False)


def write_whole(path: Path, content: bytes, *, secret: bool = False) -> Path:
    """Write ``content`` to ``path``: a reader sees the old file or the new one, never a part. As ``write_all``."""
    return write_all(path.parent, {path.name: content}, secret=secret)[0]


def write_all(folder: Path, contents: Mapping[str, bytes], *, secret: bool = False) -> list[Path]:
    """Write several files into ``folder`` (made if need be): all are complete on disk before the first is renamed.
    ``secret``: they are for their owner alone, even if others could read what stood there. Raises ``CannotWrite`` with
    the reason; then no file of the set has been replaced unless renaming itself failed.
    """
    staged: list[tuple[str, Path]] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place in {(folder / name).parent for name in contents}:
            sweep(place, {(folder / name).name for name in contents})
        for name, content in contents.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
            staged.append((temporary, target))
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).chmod(_mode(target, secret))
        for temporary, target in staged:
            Path(temporary).replace(target)
    except OSError as error:
        raise CannotWrite(f"{folder}: could not write {', '.join(contents)}: {error.strerror or error}") from error
    finally:
        for temporary, _ in staged:
            Path(temporary).unlink(missing_ok=True)
    return [target for _, target in staged]


def _mode(target: Path, secret: bool) -> int:
    """The rights of a file to be written: as those it replaces, at most as the umask allows, and a secret's own."""
    allowed = (SECRET_MODE if secret else PUBLIC_MODE) & ~umask()
    try:
        return allowed & stat.S_IMODE(target.stat().st_mode) | stat.S_IRUSR | stat.S_IWUSR
    except OSError:
        return allowed


def umask() -> int:
    """The umask of this process. Linux shows it; elsewhere it can only be read by setting it, for a moment, to none."""
    try:
        with Path("/proc/self/status").open(encoding="ascii", errors="replace") as status:
            for line in status:
                if line.startswith("Umask:"):
                    return int(line.split()[1], 8)
    except OSError:
        pass
    held = os.umask(0o077)
    os.umask(held)
    return held


def sweep(folder: Path, names: Collection[str] | None = None) -> None:
    """Take away stale temporary files of ``write_all`` in a folder: of these targets, or of any for ``None``."""
    try:
        with os.scandir(folder) as entries:
            left = [
                entry
                for entry in entries
                if (of := _TEMPORARY.fullmatch(entry.name)) and (names is None or of[1] in names)
            ]
        for entry in left:
            if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < time.time() - STALE_SECONDS:
                Path(entry.path).unlink(missing_ok=True)
    except OSError:
        return


def sync(path: Path) -> None:
    """Have a file, or what a folder lists (not on Windows), on the disk when this returns. Raises ``OSError``."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
