"""A page of the public site: a report's document in the frame of the site, drawn by the report's own templates.

The frame has the way round the site, and the words that what stands here was stated by someone. Every reference is to
another file of the site, by a path from its root (``./deployments/index.html``) that is made relative when it is drawn;
addresses outside are printed and not linked, so that nobody else learns who reads the site.

>>> here = page("a/index.html", "A <b>", section("Seen", links("More", ("Start", "index.html"))))
>>> b"A &lt;b&gt;" in draw(here), b'href="../index.html"' in draw(here)
(True, True)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from countersign.document import Block, Cell, Column, Document, Link, Links, Section, Table
from countersign.render.html import render_page, report_style
from countersign.render.text import anchor, shown

_TEMPLATES = Path(__file__).parent / "templates"
#: On every page: where one can go.
MENU = (
    ("Start", "index.html"),
    ("Deployments", "deployments/index.html"),
    ("Programme", "programme/index.html"),
    ("Years", "years/index.html"),
    ("How to check", "check/index.html"),
    ("Open data", "data/index.html"),
    ("Transparency record", "atrs/index.html"),
    ("What changed", "changes/index.html"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page at a path from the site's root; ``above`` is the page it belongs under (text, path)."""

    path: str
    document: Document
    above: tuple[str, str] | None = None


def page(path: str, title: str, *sections: Section, subtitle: str = "", above: tuple[str, str] | None = None) -> Page:
    """A page of these sections."""
    return Page(path, Document(title, subtitle, "en-GB", sections), above)


def section(title: str, *blocks: Block) -> Section:
    """A section whose place is named by its title."""
    return Section(anchor(title), title, blocks)


def linked(text: str, path: str) -> Cell:
    """A cell that leads to another file of the site."""
    return Cell(text, link=f"./{path}")


def links(label: str, *places: tuple[str, str]) -> Links:
    """Links to files of the site (text, path) after a word; a place without a path is where the reader is."""
    return Links(label, tuple(Link(text, "", f"./{path}" if path else "") for text, path in places))


def table(
    caption: str, headings: tuple[str, ...], rows: Iterable[Iterable[str | Cell]], *, note: str = "", fold: bool = False
) -> Table:
    """A table of texts and cells; headings are its columns."""
    columns = tuple(Column(anchor(heading), heading) for heading in headings)
    cells = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
    return Table(f"table-{anchor(caption)}", caption, columns, cells, note, fold)


def draw(drawn: Page, warning: str = "") -> bytes:
    """The page in UTF-8; ``warning`` stands at the head of it, above all. Raises ``CannotDraw``."""
    up = "../" * drawn.path.count("/")
    own = drawn.path.partition("/")[0] + "/"
    menu = [
        (text, up + path, "page" if path == drawn.path else "true" if path.startswith(own) else "")
        for text, path in MENU
    ]
    above = None if drawn.above is None else (shown(drawn.above[0]), up + drawn.above[1])
    frame = {"menu": menu, "above": above, "warning": shown(warning)}
    return render_page(drawn.document, _TEMPLATES, "site.html", up=up, **frame)


def style() -> bytes:
    """The style sheet of all pages: the report's, and what only the site has."""
    return (report_style() + (_TEMPLATES / "site.css").read_text(encoding="utf-8")).encode("utf-8")
