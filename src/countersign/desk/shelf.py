"""Files of one folder, shown beside the page: only those that were there at the start, each under its own address.

An address is looked up among those of the files found, so none leads out of the folder; links in the file system are
left out. Nothing is listed but reports and sites.

>>> import tempfile
>>> folder = Path(tempfile.mkdtemp())
>>> (folder / "met").mkdir(), (folder / "met" / "review.html").write_text("<title>The Met</title>")
(None, 22)
>>> shelf = Shelf(folder)
>>> shelf.entrances()
(('The Met (met)', '/beside/met/review.html'),)
>>> shelf.find("/beside/../../etc/passwd") is None
True
"""

from __future__ import annotations

import html
import mimetypes
import re
from pathlib import Path
from urllib.parse import quote, unquote

PREFIX = "/beside/"
#: A file of these names is one to begin with, unless a folder above it has one already.
ENTRANCES = ("index.html", "review.html", "trial.html")


class Shelf:
    """The files under ``folder``, by their address."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            PREFIX + path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not any(part.is_symlink() for part in (path, *path.parents) if part != folder)
        }

    def find(self, address: str) -> tuple[Path, str] | None:
        """The file at an address (its query left out) and its type; of a folder its ``index.html``."""
        plain = unquote(address.partition("?")[0])
        path = self._files.get(plain + "index.html" if plain.endswith("/") else plain)
        return None if path is None else (path, type_of(path.name))

    def entrances(self) -> tuple[tuple[str, str], ...]:
        """The files to begin with: title and address."""
        found: dict[str, Path] = {}
        for address, path in sorted(self._files.items(), key=lambda item: (item[0].count("/"), item[0])):
            folder = address.rpartition("/")[0]
            if path.name in ENTRANCES and not any(folder.startswith(each.rpartition("/")[0] + "/") for each in found):
                found[address] = path
        return tuple((_title(path), quote(address)) for address, path in sorted(found.items()))


def type_of(name: str) -> str:
    """The media type of a file by its name; of one without a known type, bytes."""
    known = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".xml": "application/xml"}
    suffix = Path(name).suffix
    return known.get(suffix) or mimetypes.types_map.get(suffix) or "application/octet-stream"


def _title(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        found = re.search(r"<title>([^<]+)</title>", file.read(4096))
    title = html.unescape(found[1]).strip() if found else path.name
    return f"{title} ({path.parent.name})" if path.name != "index.html" and path.parent.name not in title else title
