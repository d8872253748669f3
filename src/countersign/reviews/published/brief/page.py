"""The brief as a document, and the section of the evidence in which every number of it stands.

Points strongest first with the charts that show them, cards to quote, what is not shown and what to ask for next, who
reviewed what and when. Each number links to its line in the evidence, and that line links back.
"""

from __future__ import annotations

from typing import NamedTuple

from countersign.document import Block, Cell, Chart, Document, Items, Link, Links, Paragraph, Point, Section
from countersign.grids import Grid, column
from countersign.reviews.model import NotShown
from countersign.reviews.published.brief import charts
from countersign.reviews.published.brief.cards import cards
from countersign.reviews.published.brief.draft import RULE, Draft, Number
from countersign.reviews.published.brief.points import points
from countersign.reviews.published.brief.rates import steepest
from countersign.reviews.published.counts import period
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.findings import ENGINE, LISTED, MISSED, PASSED
from countersign.reviews.result import BRIEF, EVIDENCE, TOOL
from countersign.words.dates import months, reviewed, span
from countersign.words.lists import be, capital, counted, listing
from countersign.words.names import named

#: The most gaps a brief lists, and the most requests.
MOST_OPEN, MOST_ASKED = 4, 6


class Brief(NamedTuple):
    """The brief, and the section of the evidence that holds its numbers."""

    document: Document
    figures: Section


def brief_of(evidence: Evidence, missing: tuple[NotShown, ...]) -> Brief:
    """The brief of a record, from its evidence alone."""
    book = _Book()
    drafts = points(evidence)
    sections = (
        Section("brief", "What the record shows", tuple(_told(evidence, drafts, book))),
        Section("brief-quote", "Figures to quote", tuple(cards(evidence, reviewed(evidence.as_of), book.links))),
        Section("brief-open", "What is not shown, and what to ask for", tuple(_open(evidence, missing, book))),
        Section("brief-about", "About this review", tuple(_about(evidence))),
    )
    kept = tuple(section for section in sections if section.blocks)
    about = (capital(evidence.publisher) or "Publisher not named", _period(evidence), reviewed(evidence.as_of))
    sisters = (Link("The evidence: every figure with its source rows", "", EVIDENCE),)
    return Brief(Document(title(evidence), "", "en-GB", kept, about, sisters), book.section(drafts))


def title(evidence: Evidence) -> str:
    """Publisher and period: "Live facial recognition: figures from British Transport Police, May to June 2026"."""
    by = f": figures from {named(evidence.publisher)}" if evidence.publisher else ""
    first, last = period(evidence.record.rows)
    return f"Live facial recognition{by}" + ("" if first is None or last is None else f", {months(first, last)}")


def _period(evidence: Evidence) -> str:
    first, last = period(evidence.record.rows)
    return "No dates printed" if first is None or last is None else span(first, last)


class _Line(NamedTuple):
    place: str
    number: Number
    owner: str


_LINES = Grid[_Line](
    column("text", "As printed in the brief", lambda line: Cell(line.number.text, None, (), f"{BRIEF}#{line.owner}")),
    column("what", "What it is", lambda line: line.number.what, rows=lambda line: line.number.rows),
    column("behind", "Where it is worked out", lambda line: Cell("see the table", None, (), f"#{line.number.behind}")),
)


class _Book:
    """Every number of the brief, each once, with the name of its place."""

    def __init__(self) -> None:
        self.lines: dict[Number, _Line] = {}

    def links(self, owner: str, numbers: tuple[Number, ...]) -> tuple[Link, ...]:
        """A link for each number of a block, its ``owner``, to its line in the evidence."""
        for number in numbers:
            self.lines.setdefault(number, _Line(f"figure-{len(self.lines) + 1}", number, owner))
        return tuple(Link(number.text, self.lines[number].place, EVIDENCE) for number in dict.fromkeys(numbers))

    def section(self, drafts: list[Draft]) -> Section:
        """The section of the evidence, which gives the marks that ranked the points."""
        lines, places = list(self.lines.values()), tuple(line.place for line in self.lines.values())
        note = "Each line leads back to the brief, to the source rows, and to the table it is worked out in."
        table = _LINES.table("brief-figures-table", "Every number of the brief", lines, places=places)
        marks = "; ".join(f"“{draft.title}” {draft.marks:.2f}" for draft in drafts)
        ranked = Paragraph(f"{RULE} The marks of the points: {marks}.", "note")
        return Section("brief-figures", "The numbers of the brief", (Paragraph(note, "note"), ranked, table))


#: The charts that belong under a point, by its anchor; the others follow the points.
_UNDER: dict[str, tuple[str, ...]] = {
    "point-changed": ("brief-counting", "brief-time"),
    "point-wrong": ("brief-rates",),
    "point-published": ("brief-funnel", "brief-places"),
}
#: Where the evidence works out what a chart shows.
_BEHIND: dict[str, str] = {
    "brief-counting": "faults", "brief-time": "totals-year", "brief-places": "totals-place",
    "brief-rates": "rates-regime", "brief-funnel": "funnel",
}  # fmt: skip


def _told(evidence: Evidence, drafts: list[Draft], book: _Book) -> list[Block]:
    drawn = {chart.anchor: chart for draw in _CHARTS if (chart := draw(evidence)) is not None}
    blocks: list[Block] = []
    for draft in drafts:
        blocks.append(Point(draft.anchor, draft.title, draft.text, book.links(draft.anchor, draft.numbers)))
        under = [drawn.pop(name) for name in _UNDER.get(draft.anchor, ()) if name in drawn]
        blocks += [block for chart in under for block in _charted(evidence, chart)]
    return [*blocks, *(block for chart in drawn.values() for block in _charted(evidence, chart))]


_CHARTS = (charts.counting, charts.over_time, charts.rates, charts.stages, charts.places)


def _charted(evidence: Evidence, chart: Chart) -> tuple[Chart, Links]:
    behind = _BEHIND[chart.anchor]
    if behind == "rates-regime" and len(evidence.scopes["regime"]) < 2:
        behind = "rates-year"
    return chart, Links("Numbers:", (Link("in the evidence", behind, EVIDENCE),))


def _open(evidence: Evidence, missing: tuple[NotShown, ...], book: _Book) -> list[Block]:
    alone = {document.title for document in evidence.documents if len(evidence.documents) == 1}
    never = [line.what for line in missing if line.where in {"every document reviewed", *alone}][: MOST_OPEN // 2]
    always = [line.what for line in missing if line.where == "in any table of deployments"]
    number = Number(counted(len(missing), "thing"), "things that the sources do not show", "not-shown")
    return [
        Items(tuple(f"{what}." for what in [*never, *always][:MOST_OPEN])),
        Links("All of them:", book.links("brief-open", (number,))),
        Paragraph("Ask for these next:", "lead"),
        Items(asked(evidence, missing)[:MOST_ASKED], numbered=True),
    ]


def asked(evidence: Evidence, missing: tuple[NotShown, ...]) -> tuple[str, ...]:
    """What to ask for next, most useful first."""
    asks = []
    if (step := steepest(evidence)) is not None:
        asks.append(f"How faces were counted before and after {months(step.last_before, step.first_after)}.")
    if evidence.group_studies:
        asks.append("How many people of each group passed the cameras, counted by someone outside the force.")
    left = evidence.whole.unconfirmed_alerts
    if left is None:
        asks.append("How many alerts nobody could confirm as true or false.")
    elif left:
        asks.append("What became of each unconfirmed alert.")
    gone = {line.what for line in missing}
    asks += [ask for what, ask in _ASKS.items() if what in gone]
    return tuple(asks)


#: A gap by its name (``findings.NAMED_COLUMNS`` and ``ALWAYS``), and what to ask for.
_ASKS: dict[str, str] = {
    "False alerts": "How many alerts were false, for every deployment.",
    "Alerts": "How many alerts there were, for every deployment.",
    "Faces seen": "How many faces were counted, and how.",
    MISSED[0]: "How many listed people pass without an alert, from a test with volunteers.",
    "People engaged after a false alert": "How many people were stopped after a false alert.",
    LISTED[0]: "Who was on each watchlist, by reason, and how many people in all.",
    PASSED[0]: "Who passed the cameras, by sex, age and ethnicity, from a count.",
    ENGINE[0]: "Which software and version ran at each deployment.",
    "Threshold setting": "Which threshold was set at each deployment.",
    "Duration": "How long each deployment lasted.",
}


def _read(evidence: Evidence) -> str:
    if not evidence.corrections:
        return "Every count is taken as printed."
    return f"{counted(len(evidence.corrections), 'value')} {be(len(evidence.corrections))} read otherwise than printed."


def _about(evidence: Evidence) -> list[Block]:
    documents = listing([f"“{document.title}”" for document in evidence.documents])
    made = f"{TOOL.name.capitalize()} {TOOL.version}"
    rows = counted(len(evidence.record.rows), "row")
    dates = reviewed(evidence.as_of)
    behind = (("sources", "sources"), ("method", "method"), ("how points are ranked", "brief-figures"))
    return [
        Paragraph(f"The program {made} made this review from {rows} in {documents}. {dates}. {_read(evidence)}"),
        Paragraph(f"To cite it: {made}, “{title(evidence)}”. {dates}."),
        Links("Read on:", tuple(Link(text, place, EVIDENCE) for text, place in behind)),
    ]
