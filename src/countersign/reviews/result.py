"""The skeleton both reviews share: evidence, then findings, then sections, then the model and the document.

The order of a report is a tuple of functions, each from the findings to a section. The *evidence* holds everything; the
*brief* says in three minutes what matters, and is a function of the same findings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from countersign.document import Document, Items, Link, Links, Section, lines_of
from countersign.progress import Progress, silent
from countersign.render.shown import Shown, frame_of
from countersign.reviews.model import RateLine, Review, Tool
from countersign.reviews.options import FILES
from countersign.reviews.places import with_lines

if TYPE_CHECKING:
    import pandas

#: What made the review.
TOOL = Tool("countersign", version("countersign"))
Evidence = TypeVar("Evidence")
Findings = TypeVar("Findings")
Result = TypeVar("Result")
#: The pages of a review: what is read first, and what stands behind it.
BRIEF, EVIDENCE = "review.html", "evidence.html"
#: A part of a report: a section of what was found, or none where there is nothing to say.
Part = Callable[[Findings], Section | None]


@dataclass(frozen=True, repr=False)
class ReviewResult(Shown, Generic[Evidence]):
    """A finished review. ``model`` is the whole of ``review.json``; ``document`` the evidence as ``render`` draws it,
    ``brief`` what is read first.
    """

    model: Review
    document: Document
    brief: Document
    evidence: Evidence

    @property
    def secret(self) -> bool:
        """Whether it holds what is not for everybody: values from under seal. What was published holds none."""
        return False

    def json(self) -> bytes:
        """``review.json``: UTF-8, one line, the same bytes for the same sources, options and version."""
        return msgspec.json.encode(self.model) + b"\n"

    @property
    def lines(self) -> tuple[str, ...]:
        """The brief as a terminal shows it: warnings, the first paragraph, and the title of each point."""
        return lines_of(self.brief)

    @property
    def asks(self) -> tuple[str, ...]:
        """What the brief says to ask for next."""
        blocks = (block for section in self.brief.sections[1:] for block in section.blocks)
        return next((block.items for block in blocks if isinstance(block, Items) and block.numbered), ())

    def files(self, formats: Sequence[str], progress: Progress = silent) -> dict[str, bytes]:
        """The contents of the files of these formats (keys of ``FILES``), by name. Raises the errors of ``render``."""
        contents = {}
        for name in (name for form in FILES if form in formats for name in FILES[form]):
            progress(f"writing {name}", 0, None)
            contents[name] = self._content(name, progress)
        return contents

    def _content(self, name: str, progress: Progress) -> bytes:
        if name.endswith(".json"):
            return self.json()
        if name.endswith(".pdf"):
            from countersign.render.pdf import render_pdf

            return render_pdf(self.brief, self.document, progress=progress)
        from countersign.render.html import render_html

        if name == BRIEF:
            return render_html(self.brief)
        return render_html(msgspec.structs.replace(self.document, sisters=(Link("The brief", "", BRIEF),)))

    @property
    def rates(self) -> pandas.DataFrame:
        """``model.rates`` as a data frame, a rate a row, with its intervals. Raises ``PandasMissing``."""
        return frame_of(_flat(line) for line in self.model.rates)

    def to_frame(self) -> pandas.DataFrame:
        """As ``rates``."""
        return self.rates


def finish(
    kind: Callable[[Review, Document, Document, Evidence], Result],
    evidence: Evidence,
    findings: Findings,
    parts: Sequence[Part[Findings]],
    model_of: Callable[[Findings, tuple[Section, ...]], Review],
    brief: Document,
    subtitle: str,
    again: str,
) -> Result:
    """The result of a review: its sections in the order of ``parts``, its model and its document; ``again`` is the
    command that makes it again.
    """
    sections = with_lines([section for part in parts if (section := part(findings)) is not None], again)
    links = tuple(Link(section.title.partition(": ")[0], section.id, EVIDENCE) for section in sections)
    behind = Section("brief-evidence", "Everything behind this brief", (Links("In the evidence:", links),))
    brief = msgspec.structs.replace(brief, sections=(*brief.sections, behind))
    model = msgspec.structs.replace(model_of(findings, sections), brief=brief.sections)
    return kind(model, Document(model.title, subtitle, "en-GB", sections, brief.about), brief, evidence)


def _flat(line: RateLine) -> dict[str, object]:
    row = {name: getattr(line, name) for name in line.__struct_fields__ if name not in ("clustered", "one_in")}
    names = ("low", "high", "design_effect", "clusters")
    row |= {f"clustered_{name}": getattr(line.clustered, name, None) for name in names}
    return row | {f"one_in_{name}": getattr(line.one_in, name) for name in line.one_in.__struct_fields__}
