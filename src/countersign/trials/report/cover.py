"""What the brief of a trial has whatever was tried: its frame, who counted what and when, how to cite it, the pages.

As with a review, the brief is read first and the evidence stands beside it; in a PDF the evidence is its annex.

>>> FILES_NAMED
6
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import NamedTuple

import msgspec

from countersign.document import Block, Document, Items, Link, Links, Paragraph, Section
from countersign.trials.report.assemble import Stated
from countersign.words.dates import reviewed
from countersign.words.lists import counted

#: Files named in a brief; the others stand in the evidence.
FILES_NAMED = 6


class Pages(NamedTuple):
    """A brief, its evidence, and the names of their files: ``name`` without its ending, and ``behind`` with it."""

    brief: Document
    evidence: Document
    name: str
    behind: str

    def files(self, formats: Sequence[str]) -> dict[str, bytes]:
        """The contents of the files of these formats (html, pdf), by name. Raises the errors of ``render``."""
        contents: dict[str, bytes] = {}
        if "html" in formats:
            from countersign.render.html import render_html

            back = (Link("The brief", "", f"{self.name}.html"),)
            contents[f"{self.name}.html"] = render_html(self.brief)
            contents[self.behind] = render_html(msgspec.structs.replace(self.evidence, sisters=back))
        if "pdf" in formats:
            from countersign.render.pdf import render_pdf

            contents[f"{self.name}.pdf"] = render_pdf(self.brief, self.evidence)
        return contents


def covered(
    stated: Stated, finding: str, period: str, parts: Sequence[Section], read: str, behind: Sequence[Section], file: str
) -> Document:
    """The brief: ``parts``, then who counted what and when, how to cite it, and the sections ``behind`` it in ``file``.
    Its title is the trial's with what was found.
    """
    engine = " ".join(part for part in (stated.engine, stated.engine_version) if part) or "Engine not named"
    title = f"{stated.title}: {finding}"
    made, when = (
        f"Countersign {version('countersign')}",
        reviewed(None if stated.as_of is None else stated.as_of.isoformat()),
    )
    places = tuple(Link(section.title.partition(": ")[0], section.id, file) for section in behind)
    sections = (
        *parts,
        Section("reviewed", "Who counted what, and when", tuple(_counted(stated, f"{made} {read} {when}."))),
        Section("cite", "How to cite this", (Paragraph(f"{made}, “{title}”. {when}."),)),
        Section("brief-evidence", "Everything behind this brief", (Links("In the evidence:", places),)),
    )
    sisters = (Link("All the evidence", "", file),)
    return Document(
        title, "The brief: what was found, and what was not", "en-GB", sections, (engine, period, when), sisters
    )


def _counted(stated: Stated, sentence: str) -> Iterator[Block]:
    yield Paragraph(sentence)
    files = [f"{file.used_as}: {file.name}, SHA-256 {file.sha256[:16]}…" for file in stated.files[:FILES_NAMED]]
    if files:
        yield Items(tuple(files))
    if len(stated.files) > FILES_NAMED:
        yield Paragraph(f"{counted(len(stated.files) - FILES_NAMED, 'more file')} in the evidence.", "note")
