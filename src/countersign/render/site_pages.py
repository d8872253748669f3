"""The pages of the public site: plain HTML without script, each link relative, the look of the report.

A page is a title and blocks of text, links and tables, filled into one template with escaping on. Every reference is to
another file of the site; addresses outside it are printed and not linked, so that reading the site tells nobody else.

>>> page = Page("a/index.html", "A <b>", (Text("x"),))
>>> b"A &lt;b&gt;" in draw(page), b"../style.css" in draw(page)
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from countersign.render.text import shown

if TYPE_CHECKING:
    from jinja2 import Template

_TEMPLATES = Path(__file__).parent / "templates"
#: The first line of every page: where one can go.
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
class Text:
    """A paragraph."""

    text: str
    tone: Literal["plain", "lead", "note", "warning"] = "plain"


@dataclass(frozen=True, slots=True)
class Title:
    """A heading within the page."""

    text: str


@dataclass(frozen=True, slots=True)
class Links:
    """A list of links: text, path from the site's root, and a few words after it."""

    items: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """Numbered steps; what is to be typed stands apart from the words before it."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: caption, headings, rows of (text, path from the root or ``""``)."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[tuple[str, str], ...], ...]


Part = Text | Title | Links | Steps | Grid


@dataclass(frozen=True, slots=True)
class Page:
    """A page at a path from the site's root."""

    path: str
    title: str
    parts: tuple[Part, ...]


def draw(page: Page) -> bytes:
    """The page in UTF-8."""
    up = "../" * page.path.count("/")
    tree = [_part(one, f"t{number}", up) for number, one in enumerate(page.parts)]
    menu = [(text, up + path, path == page.path) for text, path in MENU]
    return _template().render(title=shown(page.title), parts=tree, menu=menu, up=up).encode("utf-8")


def style() -> bytes:
    """The style sheet of all pages: the report's, with no more added than the menu needs."""
    report = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    return (report + (_TEMPLATES / "site.css").read_text(encoding="utf-8")).encode("utf-8")


def _part(part: Part, name: str, up: str) -> dict[str, object]:
    match part:
        case Text(text, tone):
            return {"kind": "text", "text": shown(text), "tone": tone}
        case Title(text):
            return {"kind": "title", "text": shown(text)}
        case Links(items):
            listed = [(shown(text), up + path, shown(after)) for text, path, after in items]
            return {"kind": "links", "items": listed}
        case Steps(items):
            return {"kind": "steps", "items": [(shown(text), shown(typed)) for text, typed in items]}
        case Grid(caption, headings, rows):
            cells = [[(shown(text), up + path if path else "") for text, path in row] for row in rows]
            return {"kind": "grid", "name": name, "caption": caption, "headings": headings, "rows": cells}


@lru_cache(maxsize=1)
def _template() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("site.html")
