"""The pages of the loopback page: where a file is given, what came of it, and refusals. Plain HTML, no script.

Each page carries its styles under a fresh nonce, so that the policy of its answer can forbid all others. Texts that
come from a file are escaped by the templates.

>>> page = refusal("nonce", "There is nothing here.", "Go back.", "open-not-here")
>>> b"<script" in page, b"There is nothing here." in page
(False, True)
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from markupsafe import escape

from countersign.desk.reading import Outcome
from countersign.desk.readings import HOLD_SECONDS, MOST_SECONDS
from countersign.render.filling import template

_TEMPLATES = Path(__file__).parent / "templates"
#: What each file of a report is, in the order offered.
OFFERED = (
    ("review.html", "Save the report as one web page"),
    ("review.pdf", "Save it as PDF, for print"),
    ("deployments.csv", "Save the rows that were read as CSV"),
    ("review.json", "Save every figure as JSON, for programs"),
)
_BREAK = "\x00"


def start(nonce: str, token: str, limit: int, beside: tuple[tuple[str, str], ...]) -> bytes:
    """The page where a file is given; ``beside`` are other pages served here, as title and address."""
    return _page(
        "start.html", "Give a file, get the report", nonce, token=token, limit=limit // 1024**2, beside=beside,
        minutes=round(MOST_SECONDS / 60), held=round(HOLD_SECONDS / 60),
    )  # fmt: skip


def refusal(nonce: str, message: str, next_step: str, code: str) -> bytes:
    """One sentence on why there is nothing, and one on what to do."""
    return _page("refusal.html", "That did not work", nonce, message=message, next_step=next_step, code=code)


def answer(nonce: str, name: str) -> tuple[bytes, bytes]:
    """The page of one file, as what comes before the notes and the outcome and what comes after."""
    before, after = _page("reading.html", name, nonce, gap=_BREAK).split(_BREAK.encode())
    return before, after


def note(text: str) -> bytes:
    """One line on what is being done."""
    return f"<p>{escape(text[:1].upper() + text[1:])} …</p>\n".encode()


def outcome(said: Outcome, address: str, token: str, names: tuple[str, ...]) -> bytes:
    """What came of it: the first sentences and the ways to the report, or why there is none."""
    offered = [(text, f"{address}/save/{name}") for name, text in OFFERED if name in names]
    return template(_TEMPLATES, "outcome.html").render(
        said=said, offered=offered, report=f"{address}/review.html", token=token, id=address.rpartition("/")[2],
        held=round(HOLD_SECONDS / 60),
    ).encode()  # fmt: skip


def _page(name: str, title: str, nonce: str, **filling: Any) -> bytes:
    page = template(_TEMPLATES, name)
    return page.render(title=title, nonce=nonce, style=_style(), **filling).encode()


@lru_cache(maxsize=1)
def _style() -> str:
    from countersign.site.pages import style

    return style().decode() + (_TEMPLATES / "open.css").read_text(encoding="utf-8")
