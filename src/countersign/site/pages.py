"""The pages of the public site: plain HTML without script, each link relative, after the GOV.UK Design System.

A page is a title and parts (text, lists of facts, links, tables, steps), filled into one template with escaping on.
Every reference is to another file of the site; addresses outside it are printed and not linked, so that reading the
site tells nobody else. On a phone each row of a table stands as a block, every cell under its heading's name.

>>> page = Page("a/index.html", "A <b>", (Text("x"),))
>>> b"A &lt;b&gt;" in draw(page), b"../style.css" in draw(page)
(True, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from countersign.render.html import report_style, template
from countersign.render.text import shown

#: From this many letters on a word, such as a digest or an address, may be broken to fit its column.
_LONG = 20
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
class Choices:
    """The pages of one listing to choose from: text, path, how many stand there."""

    label: str
    items: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts that lead somewhere: number, words, path, a sentence on what is counted."""

    items: tuple[tuple[int, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """A list of names with their values."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """Numbered steps; what is to be typed stands apart from the words before it."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A text as it is to be copied, such as a short program."""

    text: str
    label: str


class Cell(NamedTuple):
    """A cell: text, path from the root or ``""``, words only for those who do not see the row; ``keep`` on one line."""

    text: str
    path: str = ""
    unseen: str = ""
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: caption, headings, rows of cells; ``fold`` for one that is opened by hand."""

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    fold: bool = False


Part = Text | Title | Links | Choices | Counts | Facts | Steps | Listing | Grid


@dataclass(frozen=True, slots=True)
class Page:
    """A page at a path from the site's root; ``up`` is the way to the page above it (text, path)."""

    path: str
    title: str
    parts: tuple[Part, ...]
    up: tuple[str, str] | None = None


def row(*texts: str) -> tuple[Cell, ...]:
    """A row of cells without links."""
    return tuple(Cell(text) for text in texts)


def draw(page: Page, warning: str = "") -> bytes:
    """The page in UTF-8; ``warning`` stands at the head of it, above all."""
    up = "../" * page.path.count("/")
    tree = [_part(one, f"t{number}", up, page.path) for number, one in enumerate(page.parts)]
    section = page.path.partition("/")[0] + "/"
    menu = [
        (text, up + path, "page" if path == page.path else "true" if path.startswith(section) else "")
        for text, path in MENU
    ]
    above = None if page.up is None else (shown(page.up[0]), up + page.up[1])
    return (
        template(_TEMPLATES, "site.html")
        .render(title=shown(page.title), parts=tree, menu=menu, up=up, above=above, warning=shown(warning))
        .encode("utf-8")
    )


def style() -> bytes:
    """The style sheet of all pages: the report's, and what only the site has."""
    return (report_style() + (_TEMPLATES / "site.css").read_text(encoding="utf-8")).encode("utf-8")


def _wraps(text: str, keep: bool) -> str:
    """The class of a cell by how its text may break: never, between letters, or between words."""
    if keep:
        return "keep"
    if not text:
        return "empty"
    return "long" if any(len(word) > _LONG for word in text.split()) else ""


def _part(part: Part, name: str, up: str, here: str) -> dict[str, object]:
    match part:
        case Text(text, tone):
            return {"kind": "text", "text": shown(text), "tone": tone}
        case Title(text):
            return {"kind": "title", "text": shown(text)}
        case Links(items):
            return {"kind": "links", "items": [(shown(text), up + path, shown(after)) for text, path, after in items]}
        case Choices(label, items):
            found = [(shown(text), up + path, f"{count:,}", path == here) for text, path, count in items]
            return {"kind": "choices", "label": label, "items": found}
        case Counts(items):
            told = [(f"{count:,}", shown(words), up + path, shown(why)) for count, words, path, why in items]
            return {"kind": "counts", "items": told}
        case Facts(rows):
            return {"kind": "facts", "rows": [(shown(term), shown(value)) for term, value in rows]}
        case Steps(items):
            return {"kind": "steps", "items": [(shown(text), typed) for text, typed in items]}
        case Listing(text, label):
            return {"kind": "listing", "name": name, "text": text, "label": shown(label)}
        case Grid(caption, headings, rows, fold):
            cells = [
                [
                    (shown(text), up + path if path else "", shown(unseen), _wraps(text, keep))
                    for text, path, unseen, keep in one
                ]
                for one in rows
            ]
            return {"kind": "grid", "name": name, "caption": caption, "headings": headings, "rows": cells, "fold": fold}
