"""The files a trial's figures came from, told apart by SHA-256: part of the minimum record of every report.

Whoever has the same files can show that they are the same, and run the evaluation again. Only the digest of a file goes
into the report, with its name and without its folder.

>>> import tempfile
>>> path = Path(tempfile.mkdtemp()) / "searches.csv"
>>> _ = path.write_bytes(b"abc")
>>> fingerprint(path, "searches").sha256[:8]
'ba7816bf'
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from countersign.trials.scores.tables import TableNotReached


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file: what it was used as, its name without the folder, its length in bytes, its SHA-256 in hexadecimal."""

    role: str
    name: str
    size: int
    sha256: str


def fingerprint(path: Path, role: str) -> InputFile:
    """Read the file once for its digest. Raises ``TableNotReached``."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return InputFile(role, path.name, file.tell(), digest)
    except OSError as error:
        raise TableNotReached(f"{path}: could not be read: {(error.strerror or str(error)).lower()}") from error
