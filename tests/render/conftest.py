"""A document that holds every kind of block, and one whose every text is hostile."""

from __future__ import annotations

import pytest

from countersign.document import (
    Cell,
    Chart,
    Column,
    Document,
    Figure,
    Finding,
    FunnelStage,
    Heading,
    IntervalMark,
    Items,
    Link,
    Links,
    Paragraph,
    Point,
    QuoteCard,
    RowRange,
    Section,
    SeriesPoint,
    Source,
    Span,
    Square,
    State,
    Table,
    Wall,
    WallPhase,
    WritePair,
)
from countersign.render.html import render_html
from countersign.render.pdf import render_pdf

#: Texts that would do harm, or hide, if any of them were read as markup anywhere.
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)" x="',
    "{{ 7 * 7 }} {% include 'x' %}",
    '#set page(width: 1cm) #panic("no") $x$ *bold* _it_ @label <label> `raw` \\u{41}',
    "https://example.org/a?b=c&d=e",
    "one\u202etwo\u2066three\u200bfour",
    "nul\x00and\x1bescape",
    "W" * 400,
    "ŵŷ Ψ ж 東京 العربية 👮🏽‍♀️",
    "datum.value') + alert(1) + ('",
    "]]> --> <!-- &amp; &#60; %3Cscript%3E",
    "\ud800 lone \uffff",
    "",
)


def numbers(anchor: str, rows: tuple[tuple[str, str], ...]) -> Table:
    columns = (Column("what", "What"), Column("count", "Count", "end"))
    return Table(anchor, f"The numbers of {anchor}", columns, tuple((Cell(a), Cell(b)) for a, b in rows))


def funnel() -> Chart:
    stages = (
        FunnelStage("Faces seen (estimate)", 902748),
        FunnelStage("Alerts", 1079, "the engine's own count"),
        FunnelStage("True alerts", 1052),
        FunnelStage("Engagements", None, "The force did not publish how many people were stopped."),
        FunnelStage("Arrests", 530),
    )
    table = numbers("funnel-table", (("Faces", "902,748"), ("Alerts", "1,079"), ("Arrests", "530")))
    return Chart(
        "funnel",
        "funnel",
        "From faces to arrests, 2024",
        "Of 902,748 faces 1,079 led to an alert.",
        table,
        stages=stages,
    )


def intervals() -> Chart:
    marks = (
        IntervalMark("2023, 23 deployments", 6.1e-6, 7.4e-7, 2.2e-5, "By year"),
        IntervalMark("2024, 180 deployments", 2.99e-5, 1.97e-5, 4.35e-5, "By year"),
        IntervalMark("2025 to July, with the unconfirmed alerts counted as false", 1.1e-5, 7e-6, 1.6e-5, "By year"),
        IntervalMark("Threshold 0.60", None, 0.0, 3.1e-4, "By threshold"),
    )
    table = numbers("intervals-table", (("2023", "1 in 163,196"), ("2024", "1 in 33,435")))
    return Chart(
        "intervals", "intervals", "False alerts per face", "Four intervals.", table,
        x_label="False alerts per face seen", one_in=True, marks=marks,
    )  # fmt: skip


def shares() -> Chart:
    marks = (IntervalMark("Black", 0.8, 0.444, 0.975), IntervalMark("White", 0.2, 0.025, 0.556))
    table = numbers("shares-table", (("Black", "8 of 10"), ("White", "2 of 10")))
    return Chart("shares", "intervals", "Shares", "Two shares.", table, x_label="Share of false alerts", marks=marks)


def series(kind: str) -> Chart:
    points = tuple(
        SeriesPoint(
            f"{2023 + month // 12}-{month % 12 + 1:02}",
            800.0 + 37 * month + 3000 * (month > 18) + 400 * (name == "Croydon"),
            name,
        )
        for month in range(30)
        for name in ("Croydon", "Westminster")
    )
    return Chart(
        kind, kind, f"Faces per hour as {kind}", "Faces per hour rise in August 2024.",  # type: ignore[arg-type]
        numbers(f"{kind}-table", (("2023-01", "800"), ("2025-06", "4,873"))),
        x_label="Month", y_label="Faces per hour", points=points,
        breaks=(("2024-08", "August 2024: faces counted otherwise"), ("2025-02", "February 2025")),
    )  # fmt: skip


def categories() -> Chart:
    points = (
        SeriesPoint("Croydon, North End and the Whitgift Centre", 31.0),
        SeriesPoint("Dalston", 4.0),
        SeriesPoint("Soho", 0.0),
    )
    return Chart(
        "places",
        "bars",
        "Places returned to",
        "Croydon 31 times.",
        numbers("places-table", (("Croydon", "31"),)),
        points=points,
    )


def rows_table(count: int) -> Table:
    columns = (
        Column("row", "Row", "end"),
        Column("place", "Place"),
        Column("date", "Date"),
        Column("faces", "Faces seen (estimate)", "end"),
        *(Column(f"c{index}", f"Outcome {index}", "end") for index in range(8)),
    )
    rows = tuple(
        (
            Cell(str(row)), Cell("Croydon, North End"), Cell("25/07/2024"), Cell(f"{row * 1000:,}", row * 1000),
            *(Cell(str(index * row), index * row) for index in range(8)),
        )
        for row in range(1, count + 1)
    )  # fmt: skip
    return Table("rows", "Every row as printed", columns, rows, note="As printed by the force.", rows_of="met-2024")


def timeline() -> Chart:
    places = ("Croydon, North End", "Stratford", "Westminster, Leicester Square and Soho", "Dalston")
    points = tuple(
        SeriesPoint(f"{2023 + at // 12}-{at % 12 + 1:02}-{1 + 7 * row % 28:02}", 2.0 * (at % 9 == 4) + (at == 7), place)
        for row, place in enumerate(places)
        for at in range(row, 24, row + 1)
    )
    return Chart(
        "timeline", "timeline", "False alerts at four places", "A strip a place.",
        numbers("timeline-table", (("Croydon", "3"),)), y_label="false alerts", points=points,
        spans=(Span("2023-01-01", "2024-07-24", "Old way of counting"), Span("2024-07-25", "2024-12-31", "New way")),
        notes=(("2024-07-25", "25 July 2024: the last of them"),),
        breaks=(("2024-08-12", "August 2024: faces counted otherwise"),),
    )  # fmt: skip


def multiples() -> Chart:
    uses = ("Violence", "Crime hotspots and other places", "Wanted by the courts", "Sex offenders")
    points = tuple(
        SeriesPoint(f"2024-{month:02}", float(month * 7 * (row + 1) % 23), use)
        for row, use in enumerate(uses)
        for month in range(1, 13)
    )
    return Chart(
        "multiples", "multiples", "Deployments by use case", "Four small charts.",
        numbers("multiples-table", (("Violence", "77"),)), y_label="Deployments", points=points,
        breaks=(("2024-08", "counted anew"),), spans=(Span("2024-01", "2024-07", "first half"),), parts=("2024-12",),
    )  # fmt: skip


def wall(file: str = "evidence.html") -> Wall:
    states: tuple[State, ...] = ("met", "stated", "not met", "not shown")
    squares = tuple(
        Square(f"uk.duty-{at}", f"Duty {at}", states[at % 4], Link(f"Duty {at}", f"duty-{at}", file))
        for at in range(18)
    )
    phases = (WallPhase("Before the day", squares[:12]), WallPhase("Live", squares[12:]))
    return Wall("wall", "What the law asks", phases, "A square opens its evidence.")


def card() -> QuoteCard:
    return QuoteCard(
        "quote", "0 false alerts in 81 deployments", "January to July 2025", "5 alerts stayed unconfirmed",
        "At most 1 in 300 alerts", "Metropolitan Police, LFR deployments 2025", "30 November 2026",
    )  # fmt: skip


def sample_document() -> Document:
    rows = (RowRange("met-2024", 1, 40), RowRange("met-2024", 45, 45))
    return Document(
        "Review of live facial recognition deployments, January 2024 to July 2025",
        "Metropolitan Police Service, three published documents, 324 rows",
        "en-GB",
        (
            Section(
                "glance",
                "At a glance",
                (
                    Paragraph("What the force published, and what it did not.", "lead"),
                    Items(
                        (
                            "27 false alerts in 902,748 faces.",
                            "24 alerts of 2025 stayed unconfirmed.",
                            "The face count is the force's estimate.",
                        ),
                        numbered=True,
                    ),
                    Paragraph("One correction was applied: the Dalston row.", "warning"),
                    funnel(),
                    Items(("How many people were stopped.", "Who was on the watchlist.")),
                ),
            ),
            Section(
                "accuracy",
                "Accuracy",
                (
                    Paragraph("Rates from counts, with exact intervals."),
                    Figure(
                        "False alerts per face, 2024",
                        "1 in 33,435",
                        "1 in 50,736 to 1 in 22,981",
                        27,
                        902748,
                        1.97e-5,
                        4.35e-5,
                        "Clopper-Pearson, 95%",
                        "The face count is an estimate.",
                        rows,
                    ),
                    Figure(
                        "False alerts per alert, 2024",
                        "2.5%",
                        "1.7% to 3.6%",
                        27,
                        1079,
                        0.017,
                        0.036,
                        "Clopper-Pearson, 95%",
                        rows=rows,
                    ),
                    Figure("False alerts per hour, 2024", "1 in 38 hours", "", 27, 1003.5, None, None, "Garwood, 95%"),
                    Heading("By year", "by-year"),
                    intervals(),
                    Heading("Faces per hour", "faces-per-hour", 4),
                    series("lines"),
                    series("points"),
                    series("bars"),
                ),
            ),
            Section(
                "story",
                "The story",
                (
                    Point(
                        "point-1",
                        "All 27 false alerts came before 25 July",
                        "None came after.",
                        (
                            Link("The claims", "claims"),
                            Link("Every row, in the evidence", "every-row", "evidence.html"),
                        ),
                    ),
                    timeline(),
                    card(),
                    wall(),
                    Links("In the evidence", (Link("Use cases", "use-cases", "evidence.html"),)),
                    multiples(),
                ),
            ),
            Section("groups", "Groups", (Heading("Shares", "shares-heading", 4), shares(), categories())),
            Section(
                "claims",
                "Claims",
                (
                    Finding(
                        "claim-1",
                        "holds only as stated",
                        "“1 in 33,000”",
                        "True of the number; misleading across a regime.",
                        (("Printed", "1 in 33,000"), ("Counted", "27 in 902,748")),
                        rows,
                    ),
                    WritePair(
                        "27 of 902,748 faces led to a false alert.",
                        "The system is wrong once in 33,000 times.",
                        "The face count is an estimate whose scale has changed.",
                    ),
                ),
            ),
            Section(
                "rows",
                "Every row",
                (
                    Table(
                        "linked",
                        "A table with links",
                        (Column("a", "Measure"), Column("b", "Figure", "end"), Column("c", "Where")),
                        (
                            (
                                Cell("False alerts", rows=rows),
                                Cell("27", 27, (RowRange("met-2024", 3, 3),)),
                                Cell("the claims", link="#claim-1"),
                            ),
                            (
                                Cell("Elsewhere", rows=(RowRange("other", 1, 2),)),
                                Cell("0", 0),
                                Cell("the force's page", link="https://example.org/lfr"),
                            ),
                        ),
                        note="Folded at first.",
                        fold=True,
                    ),
                    rows_table(60),
                    Source(
                        "source-1",
                        "LFR deployment grid 2024",
                        "Metropolitan Police",
                        "2025-01",
                        "ab" * 32,
                        "Two pages of notes left out.",
                        "https://example.org/grid.pdf",
                    ),
                ),
            ),
        ),
        ("Metropolitan Police", "January 2023 to July 2025", "reviewed 30 November 2026"),
        (Link("All the evidence", "", "evidence.html"),),
    )


def hostile_document() -> Document:
    """Every field that takes a text takes each hostile one in turn; charts, which take longer to draw, every third."""
    sections = []
    for index, text in enumerate(HOSTILE):
        rows = (RowRange(text, 1, 2),)
        printed = (
            (Cell(text, 1, rows), Cell(text, link=text)),
            (Cell(text), Cell("x", link=f"#{text}")),
            (Cell("1"), Cell("the place the ranges point to")),
        )
        table = Table(
            f"t{index}{text}", text, (Column("a", text), Column("b", text, "end")), printed, text, rows_of=text
        )
        small = numbers(f"n{index}{text}", ((text, text),))
        points = (SeriesPoint(text, 1.0, text), SeriesPoint("b", 2.0, "b"))
        mark = IntervalMark(text, 0.5, 0.1, 0.9, text)
        stages = (FunnelStage(text, 5, text), FunnelStage(text, None))
        charts = (
            Chart(f"f{index}{text}", "funnel", text, text, small, stages=stages),
            Chart(f"i{index}{text}", "intervals", text, text, small, x_label=text, marks=(mark,)),
            Chart(
                f"l{index}{text}", "lines", text, text, small,
                x_label=text, y_label=text, points=points, breaks=(("b", text),),
            ),
            Chart(f"b{index}{text}", "bars", text, text, small, y_label=text, points=points),
        )  # fmt: skip
        blocks = (
            Paragraph(text),
            Paragraph(text, "lead"),
            Paragraph(text, "note"),
            Paragraph(text, "warning"),
            Heading(text, f"h{index}{text}"),
            Items((text, text)),
            Items((text,), True),
            Figure(text, text, text, 1, 2.5, 0.1, 0.2, text, text, rows),
            table,
            *(charts if index % 3 == 0 else ()),
            Finding(f"g{index}{text}", text, text, text, ((text, text),), rows),
            WritePair(text, text, text),
            Source(f"o{index}{text}", text, text, text, text, text, text),
            Point(f"p{index}{text}", text, text, (Link(text, text), Link(text, text, "evidence.html"))),
            Links(text, (Link(text, text),)),
            Wall(f"w{index}{text}", text, (WallPhase(text, (Square(text, text, "met", Link(text, text)),)),), text),
            *([QuoteCard(f"q{index}{text}", *6 * (text,))] if text.strip() else []),
        )
        sections.append(Section(f"s{index}{text}", text, blocks))
    return Document(
        HOSTILE[0], HOSTILE[4], "en", tuple(sections), HOSTILE[:3], (Link(HOSTILE[1], HOSTILE[2], "evidence.html"),)
    )


@pytest.fixture(scope="session")
def sample() -> Document:
    return sample_document()


@pytest.fixture(scope="session")
def hostile() -> Document:
    return hostile_document()


@pytest.fixture(scope="session")
def hostile_texts() -> tuple[str, ...]:
    return HOSTILE


@pytest.fixture(scope="session")
def sample_page(sample: Document) -> bytes:
    return render_html(sample)


@pytest.fixture(scope="session")
def hostile_page(hostile: Document) -> bytes:
    return render_html(hostile)


@pytest.fixture(scope="session")
def sample_pdf(sample: Document) -> bytes:
    return render_pdf(sample)


@pytest.fixture(scope="session")
def hostile_pdf(hostile: Document) -> bytes:
    return render_pdf(hostile)


@pytest.fixture(scope="session")
def chart_of_each_kind() -> dict[str, Chart]:
    kinds = ("lines", "points", "bars")
    named = {kind: series(kind) for kind in kinds}
    return {
        "funnel": funnel(),
        "intervals": intervals(),
        "shares": shares(),
        "categories": categories(),
        "timeline": timeline(),
        "multiples": multiples(),
        **named,
    }
