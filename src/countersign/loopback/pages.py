"""The pages of the loopback page, plain HTML without script, and the shelf: files of one folder shown beside them.

Each page carries its styles under a fresh nonce, so that the policy of its answer can forbid all others. Texts that
come from a file are escaped. An address on the shelf is looked up among the files that were there at the start, so
none leads out of the folder; links in the file system are left out.

>>> page = refusal("nonce", "secret", "There is nothing here.", "Go back.", "open-not-here")
>>> b"<script" in page, b"There is nothing here." in page
(False, True)
"""

from __future__ import annotations

import html
import mimetypes
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from markupsafe import escape

from countersign.loopback.reading import Outcome
from countersign.loopback.readings import HOLD_SECONDS, MOST_SECONDS
from countersign.render.html import template

_TEMPLATES = Path(__file__).parent / "templates"
#: What each file of a report is, in the order offered.
OFFERED = (
    ("review.html", "Save the brief as a web page"),
    ("evidence.html", "Save the evidence behind it, beside the brief"),
    ("review.pdf", "Save both as PDF, for print"),
    ("deployments.csv", "Save the rows that were read as CSV"),
    ("review.json", "Save every figure as JSON, for programs"),
)
_BREAK = "\x00"
#: Where the shelf's files are, and the names of those to begin with, unless a folder above has one already.
PREFIX = "beside/"
ENTRANCES = ("index.html", "review.html", "trial.html")


def start(nonce: str, home: str, token: str, limit: int, beside: tuple[tuple[str, str], ...]) -> bytes:
    """The page where a file is given, at ``home``; ``beside`` are other pages served below it, as title and address."""
    times = {"minutes": round(MOST_SECONDS / 60), "held": round(HOLD_SECONDS / 60)}
    page = {"home": home, "token": token, "limit": limit // 1024**2, "beside": beside, **times}
    return _page("start.html", "Give a file, get the report", nonce, **page)


def refusal(nonce: str, home: str | None, message: str, next_step: str, code: str) -> bytes:
    """One sentence on why there is nothing, and one on what to do; who does not know ``home`` gets no way to it."""
    said = {"message": message, "next_step": next_step, "code": code}
    return _page("refusal.html", "That did not work", nonce, home=home, **said)


def answer(nonce: str, home: str, name: str) -> tuple[bytes, bytes]:
    """The page of one file: what comes before the notes and the outcome, and what comes after."""
    before, after = _page("reading.html", name, nonce, home=home, gap=_BREAK).split(_BREAK.encode())
    return before, after


def note(text: str) -> bytes:
    """One line on what is being done."""
    return f"<p>{escape(text[:1].upper() + text[1:])} …</p>\n".encode()


def outcome(said: Outcome, home: str, address: str, token: str, names: tuple[str, ...]) -> bytes:
    """What came of it: the first sentences and the ways to the report, or why there is none."""
    offered = [(text, f"{address}/save/{name}") for name, text in OFFERED if name in names]
    held = round(HOLD_SECONDS / 60)
    places = {"home": home, "report": f"{address}/review.html", "id": address.rpartition("/")[2], "held": held}
    return template(_TEMPLATES, "outcome.html").render(said=said, offered=offered, token=token, **places).encode()


def _page(name: str, title: str, nonce: str, **filling: Any) -> bytes:
    return template(_TEMPLATES, name).render(title=title, nonce=nonce, style=_style(), **filling).encode()


@lru_cache(maxsize=1)
def _style() -> str:
    from countersign.site.pages import style

    return style().decode() + (_TEMPLATES / "open.css").read_text(encoding="utf-8")


class Shelf:
    """The files under ``folder``, by their address.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / "met").mkdir(), (folder / "met" / "review.html").write_text("<title>The Met</title>")
    (None, 22)
    >>> Shelf(folder).entrances(), Shelf(folder).find("beside/../../etc/passwd")
    ((('The Met (met)', 'beside/met/review.html'),), None)
    """

    def __init__(self, folder: Path) -> None:
        self._files = {
            PREFIX + path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not any(part.is_symlink() for part in (path, *path.parents) if part != folder)
        }

    def find(self, address: str) -> tuple[Path, str] | None:
        """The file at an address and its type; of a folder its ``index.html``."""
        plain = unquote(address.partition("?")[0])
        path = self._files.get(plain + "index.html" if plain.endswith("/") else plain)
        return None if path is None else (path, type_of(path.name))

    def entrances(self) -> tuple[tuple[str, str], ...]:
        """The files to begin with: title and address."""
        entrances: dict[str, Path] = {}
        for address, path in sorted(self._files.items(), key=lambda item: (item[0].count("/"), item[0])):
            folder = address.rpartition("/")[0]
            above = (entrance.rpartition("/")[0] + "/" for entrance in entrances)
            if path.name in ENTRANCES and not any(map(folder.startswith, above)):
                entrances[address] = path
        return tuple((_title(path), quote(address)) for address, path in sorted(entrances.items()))


def type_of(name: str) -> str:
    """The media type of a file by its name; bytes where it is not known."""
    known = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".xml": "application/xml"}
    suffix = Path(name).suffix
    return known.get(suffix) or mimetypes.types_map.get(suffix) or "application/octet-stream"


def _title(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        found = re.search(r"<title>([^<]+)</title>", file.read(4096))
    title = html.unescape(found[1]).strip() if found else path.name
    return f"{title} ({path.parent.name})" if path.name != "index.html" and path.parent.name not in title else title
