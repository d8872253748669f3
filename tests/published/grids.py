"""Made PDF grids in each layout the Metropolitan Police has used, for tests and benches: headings as they print them.

The headings are those of the published files. Places and figures are made
up. Typst sets the tables, so that a test knows what was printed to the letter.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from countersign.published.read import read_source
from countersign.published.table.record import Record

Layout = Literal["2020", "2023", "2024", "2025"]
Strokes = Literal["all", "across", "none"]

#: Column, heading; a heading of two levels has its spanning part before the bar.
COLUMNS: dict[Layout, tuple[tuple[str, str], ...]] = {
    "2020": (
        ("place", "Deployment"), ("date", "Date (DD/MM/YY)"), ("use_case", "Purpose Reference"),
        ("watchlist_size", "Watchlist Size"), ("alerts", "Total Alerts"),
        ("false_alerts", "False Alert / Confirmed False Alerts"),
        ("false_alert_engagements", "False Alert / Confirmed False Alert Engagements"),
        ("true_alerts", "True Alerts#super[1]"), ("true_alert_engagements", "True Alert Engagements"),
        ("arrests", "Arrests / Disposals"), ("faces_seen", "Faces seen (Estimate)"),
        ("false_alert_rate_printed", "False Alert Rate"),
    ),
    "2023": (
        ("place", "Deployment Location"), ("date", "Date"), ("duration_minutes", "Duration of Deployment"),
        ("use_case", "LFR Purpose Reference / LFR Purpose"), ("watchlist_size", "Watchlist Size"),
        ("threshold", "Min Threshold Setting"), ("alerts", "Total Alerts"),
        ("true_alerts_confirmed", "True Alerts|Confirmed"), ("true_alerts_unconfirmed", "True Alerts|Unconfirmed"),
        ("false_alerts_confirmed", "False Alerts|Confirmed"), ("false_alerts_unconfirmed", "False Alerts|Unconfirmed"),
        ("false_alert_rate_printed", "False Alert Rate"), ("arrests", "Engagement Outcomes|Arrest"),
        ("other_disposal", "Engagement Outcomes|Other Disposal"), ("no_action", "Engagement Outcomes|No Action"),
        ("faces_seen", "Faces seen (Estimate )"),
    ),
    "2024": (
        ("place", "Deployment Location"), ("date", "Date"), ("duration_minutes", "Duration"),
        ("use_case", "LFR Use Case"), ("watchlist_size", "Watchlist Size"), ("threshold", "Min Threshold Setting"),
        ("alerts", "Total Alerts"), ("true_alerts_confirmed", "True Alerts|Confirmed"),
        ("true_alerts_unconfirmed", "True Alerts|Unconfirmed"), ("false_alerts_confirmed", "False Alerts|Confirmed"),
        ("false_alerts_unconfirmed", "False Alerts|Unconfirmed"), ("false_alert_rate_printed", "False Alert Rate"),
        ("arrests", "Engagement Outcomes|Arrest"), ("other_disposal", "Engagement Outcomes|Other Disposal"),
        ("no_action", "Engagement Outcomes|No Action"), ("faces_seen", "Faces seen (Estimate)"),
    ),
    "2025": (
        ("place", "Deployment Location"), ("date", "Date"), ("duration_minutes", "Duration"),
        ("use_case", "LFR Use Case"), ("watchlist_size", "Watchlist Size"), ("threshold", "Min Threshold Setting"),
        ("alerts", "Total Alerts"), ("true_alerts_confirmed", "True Alerts Confirmed"),
        ("true_alerts_unconfirmed", "True Alerts Unconfirmed"), ("false_alerts_confirmed", "False Alerts Confirmed"),
        ("false_alerts_unconfirmed", "False Alerts Unconfirmed"), ("false_alert_rate_printed", "False Alert Rate"),
        ("arrests", "Outcome - Arrest"), ("other_disposal", "Outcome - Other"), ("no_action", "No action"),
        ("faces_seen", "Faces seen (estimate)"),
    ),
}  # fmt: skip

PLACES = (
    "Camden", "Westminster Bridge Street", "Croydon, Church St", "Ealing B’way Stn", "Selhurst Park, Norwood Junction",
    "St John’s Hill, Clapham Junction", "O2 Arena", "High Rd, Wood Green", "Poplar – Vesey Path",
)  # fmt: skip
WIDTHS: dict[str, str] = {
    "place": "62pt", "use_case": "46pt", "duration_minutes": "48pt", "true_alerts_confirmed": "52pt",
    "true_alerts_unconfirmed": "60pt", "false_alerts_confirmed": "52pt", "false_alerts_unconfirmed": "60pt",
}  # fmt: skip


@dataclass(frozen=True)
class Printed:
    """One row as it is to be printed: a text for each column; ``readable`` says whether it can be read for certain."""

    texts: dict[str, str]
    readable: bool = True
    merged: str = ""


@dataclass
class Part:
    """Rows under one set of headings; ``apart`` prints the headings as a table of their own."""

    layout: Layout
    rows: list[Printed]
    apart: bool = False
    strokes: Strokes = "all"
    middle: bool = False
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    on_new_page: bool = False


def made_row(source: random.Random, layout: Layout) -> Printed:
    """A row of plausible figures, in the spellings that were printed."""
    day = datetime.date(2023, 1, 1) + datetime.timedelta(days=source.randrange(900))
    hours, minutes = source.randrange(1, 9), source.randrange(60)
    true, unsure, false = source.randrange(20), source.randrange(3), source.randrange(3)
    faces = source.randrange(300, 50_000)
    texts = {
        "place": source.choice(PLACES),
        "date": day.strftime("%d/%m/%y"),
        "use_case": source.choice(("1, 2", "1,2,3,4", "Crime Hotspot")),
        "duration_minutes": source.choice(
            (
                f"{hours}h{minutes:02}m", f"{hours}hr {minutes}m", f"{hours}h{minutes}m", f"{hours}h{minutes:02}",
                f"{hours}h {minutes:02}m",
            )
        ),
        "watchlist_size": str(source.randrange(5_000, 17_000)),
        "threshold": source.choice(("0.6", "0.62", "0.64")),
        "alerts": str(true + unsure + false),
        "true_alerts_confirmed": str(true),
        "true_alerts_unconfirmed": str(unsure),
        "true_alerts": str(true + unsure),
        "false_alerts_confirmed": str(false),
        "false_alerts_unconfirmed": "0",
        "false_alerts": str(false),
        "false_alert_rate_printed": f"{false / faces * 100:.3f}%" if false else "0%",
        "false_alert_engagements": str(false),
        "true_alert_engagements": str(true),
        "arrests": str(source.randrange(9)),
        "other_disposal": str(source.randrange(9)),
        "no_action": str(source.randrange(9)),
        "faces_seen": source.choice((str(faces), f"{faces:,}")),
    }  # fmt: skip
    return Printed({name: texts[name] for name, _ in COLUMNS[layout]})


def _text(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'[#"{quoted}"]' if quoted else "[]"


def _heading_cells(layout: Layout) -> str:
    columns = COLUMNS[layout]
    if not any("|" in heading for _, heading in columns):
        return ", ".join(f"[{heading}]" for _, heading in columns)
    upper, lower = [], []
    spans: list[str] = []
    for _, heading in columns:
        if "|" not in heading:
            upper.append(f"table.cell(rowspan: 2)[{heading}]")
            continue
        spanning, leaf = heading.split("|")
        if not spans or spans[-1] != spanning:
            spans.append(spanning)
            count = sum(1 for _, other in columns if other.startswith(f"{spanning}|"))
            upper.append(f"table.cell(colspan: {count})[{spanning}]")
        lower.append(f"[{leaf}]")
    return ", ".join([*upper, *lower])


def _row_cells(row: Printed, layout: Layout) -> str:
    names = [name for name, _ in COLUMNS[layout]]
    if not row.merged:
        return ", ".join(_text(row.texts[name]) for name in names)
    kept = 4
    return ", ".join(
        [
            *(_text(row.texts[name]) for name in names[:kept]),
            f"table.cell(colspan: {len(names) - kept}){_text(row.merged)}",
        ]
    )


def typst_source(parts: list[Part], title: str = "MPS LFR DEPLOYMENTS") -> str:
    """The whole document, in Typst's markup."""
    lines = [
        "#set document(date: none)",
        "#set page(width: 842pt, height: 595pt, margin: (x: 14pt, y: 40pt))",
        '#set text(size: 7.5pt, font: "Libertinus Serif", hyphenate: false)',
        f"#align(center, text(size: 22pt, {_text(title)}))",
        "#v(12pt)",
    ]
    for part in parts:
        if part.on_new_page:
            lines.append("#pagebreak()")
        lines += [f"#par({_text(text)})\n#v(8pt)" for text in part.before]
        widths = ", ".join(WIDTHS.get(name, "1fr") for name, _ in COLUMNS[part.layout])
        stroke = {"all": "0.5pt", "across": "(x: none, y: 0.5pt)", "none": "none"}[part.strokes]
        inset = "(x: 3pt, y: 3pt)" if part.strokes == "all" else "(x: 4pt, y: 4.5pt)"
        align = "center + horizon" if part.middle else "center + top"
        opening = f"#table(columns: ({widths}), stroke: {stroke}, inset: {inset}, align: {align},"
        heading = _heading_cells(part.layout)
        body = ",\n".join(_row_cells(row, part.layout) for row in part.rows)
        if part.apart:
            lines += [f"{opening}\n{heading})", "#v(14pt)", f"{opening}\n{body})"]
        else:
            repeated = "true" if part.on_new_page else "false"
            lines.append(f"{opening}\ntable.header(repeat: {repeated}, {heading}),\n{body})")
        lines += [f"#v(10pt)\n#par({_text(text)})" for text in part.after]
    return "\n\n".join(lines)


def compiled(parts: list[Part], title: str = "MPS LFR DEPLOYMENTS") -> bytes:
    """The PDF of these parts."""
    return _compiled(typst_source(parts, title))


@cache
def _compiled(source: str) -> bytes:
    import typst

    made = typst.compile(source.encode(), ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made


LAYOUTS: tuple[Layout, ...] = ("2020", "2023", "2024", "2025")
#: One small PDF a layout, kept in the repository: who has no published file reads these. ``make generate`` makes them.
KEPT = Path(__file__).parent / "pdfs"


def kept_rows(layout: Layout) -> list[Printed]:
    """The rows of a layout's kept PDF."""
    source = random.Random(f"kept {layout}")
    return [made_row(source, layout) for _ in range(6)]


def kept_pdf(layout: Layout) -> bytes:
    """A layout's kept PDF, typeset anew: the same bytes by the same Typst."""
    return compiled([Part(layout, kept_rows(layout), after=["1 A note below."])])


@cache
def published(path: Path) -> Record:
    """A published PDF, read once for all tests."""
    return read_source(path)
