"""A thousand random tables with a known truth: no wrong number, and nearly every value that can be read is right.

The generator draws shapes, forms of dates, marks and kinds of values; it knows nothing of the reader. What came of each
kind is counted and printed by ``pytest -s``: values, right, bounded rightly, named as not read, wrong.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.published.forms_made import as_csv, as_html, as_json, as_xlsx

from countersign.errors import WrongForm
from countersign.published.forms.csv import read_csv
from countersign.published.forms.html import read_html
from countersign.published.forms.json import read_json
from countersign.published.forms.xlsx import read_xlsx
from countersign.published.table.record import Record, Row

COLUMNS = ("faces_seen", "alerts", "false_alerts", "arrests")
NAMES: dict[str, tuple[str, ...]] = {
    "date": ("Date", "Date of deployment", "Deployment date", "When"),
    "place": ("Location", "Place", "Venue", "Deployment location", "Site"),
    "duration_minutes": ("Duration", "Length of deployment", "Deployment duration"),
    "faces_seen": (
        "Faces",
        "Faces seen",
        "Number of faces scanned",
        "Estimated faces seen",
        "Faces scanned (estimate)",
    ),
    "alerts": ("Alerts", "Total alerts", "Number of alerts", "Alerts generated", "Matches"),
    "false_alerts": ("False alerts", "False positives", "Number of false alerts", "False matches"),
    "arrests": ("Arrests", "Number of arrests", "Arrests made", "Persons arrested"),
}
TOWNS = ("Acton", "Barnet", "Camden", "Dalston", "Ealing", "Fulham", "Hackney", "Ilford", "Kew", "Lewisham")


class Truth(NamedTuple):
    """What a cell means: its kind, its exact value, or ``None`` where nobody could know it."""

    kind: str
    value: int | None


def dates(source: random.Random, length: int) -> tuple[list[str], list[datetime.date]]:
    day = datetime.date(2023, 1, 1) + datetime.timedelta(source.randrange(500))
    days = []
    for _ in range(length):
        day += datetime.timedelta(source.randrange(1, 9))
        days.append(day)
    form = source.choice(
        (
            "%d/%m/%Y",
            "%d/%m/%y",
            "%d.%m.%Y",
            "%d-%m-%Y",
            "%Y-%m-%d",
            "%d %B %Y",
            "%A %d %B %Y",
            "%d %b %y",
            "%Y/%m/%d",
            "%m/%d/%Y",
        )
    )
    return [day.strftime(form) for day in days], days


#: Kinds of cells, and how often each is drawn.
WEIGHTS = {
    "plain": 60, "grouped": 12, "spaced": 4, "star": 4, "remark": 3, "below": 3, "over": 3, "plus": 2, "about": 3,
    "nothing": 4, "withheld": 2, "nil": 2, "error": 1, "typo": 2,
}  # fmt: skip


def cell(source: random.Random, most: int) -> tuple[str, Truth]:
    """A printed count and what it means."""
    value = source.randrange(most)
    kind = source.choices(tuple(WEIGHTS), tuple(WEIGHTS.values()))[0]
    match kind:
        case "grouped":
            return f"{value:,}", Truth(kind, value)
        case "spaced":
            return f" {value}\u00a0", Truth(kind, value)
        case "star":
            return f"{value}*", Truth(kind, value)
        case "remark":
            return f"{value} (one disputed)", Truth(kind, value)
        case "below":
            return f"<{value + source.randrange(1, 5)}", Truth(kind, value)
        case "over" if value > 60:
            return f"over {value - source.randrange(1, 50):,}", Truth(kind, value)
        case "over":
            return str(value), Truth("plain", value)
        case "plus":
            return f"{value}+", Truth(kind, value)
        case "about":
            rounded = round(value, -2) if value >= 1000 else value
            return (f"c. {rounded:,}", Truth(kind, value)) if value >= 1000 else (f"{value}", Truth("plain", value))
        case "nothing":
            return source.choice(("-", "", "N/A", "n/k", "TBC", "–")), Truth(kind, None)
        case "withheld":
            return source.choice(("*", "Withheld", "s.31", "[redacted]")), Truth(kind, None)
        case "nil":
            return source.choice(("Nil", "nil", "Zero")), Truth(kind, 0)
        case "error":
            return "#DIV/0!", Truth(kind, None)
        case "typo":
            return source.choice(("1O", "see note", "??", "12.5", "4 or 5?")), Truth(kind, None)
    return str(value), Truth("plain", value)


def made(source: random.Random) -> tuple[Record, list[datetime.date], list[str], list[dict[str, Truth]]]:
    length = source.randrange(3, 12)
    texts, days = dates(source, length)
    places = [source.choice(TOWNS) for _ in range(length)]
    columns = [name for name in COLUMNS if name == "alerts" or source.random() < 0.8]
    heads = ["date", "place", *columns]
    truths: list[dict[str, Truth]] = [{} for _ in range(length)]
    body = [[texts[at], places[at]] for at in range(length)]
    for name in columns:
        for at in range(length):
            text, truth = cell(source, 40_000 if name == "faces_seen" else 30)
            body[at].append(text)
            truths[at][name] = truth
    rows = [[source.choice(NAMES[head]) for head in heads], *body]
    shape = source.choice(("usual", "usual", "turned", "noted", "totals"))
    if shape == "turned":
        rows = [list(line) for line in zip(*rows, strict=True)]
    elif shape == "noted":
        rows = [["Live facial recognition deployments"], *rows, ["* provisional"]]
    elif shape == "totals":
        rows.append(["Total", "", *["99999"] * len(columns)])
    form = (
        source.choice(("csv", "xlsx", "html")) if shape != "usual" else source.choice(("csv", "xlsx", "html", "json"))
    )
    if form == "json":
        return read_json(as_json(rows), "a.json"), days, places, truths
    if form == "html":
        return read_html(as_html(rows), "a.html"), days, places, truths
    if form == "xlsx":
        return read_xlsx(as_xlsx({"LFR": rows}), "a.xlsx"), days, places, truths
    return read_csv(as_csv(rows), "a.csv"), days, places, truths


def outcome(row: Row, name: str, truth: Truth) -> str:
    """What came of one value: right, bounded, named, or wrong."""
    value, doubt = getattr(row, name), row.unsure.get(name)
    if value is not None:
        return "right" if value == truth.value else "wrong"
    if doubt is not None and doubt.low is not None:
        if truth.value is None:
            return "wrong"
        return "bounded" if doubt.low <= truth.value and (doubt.high is None or truth.value <= doubt.high) else "wrong"
    if doubt is not None or name in row.printed:
        return "named"
    return "right" if truth.value is None else "wrong"


EXACT = ("plain", "grouped", "spaced", "star", "remark", "nil")


@pytest.mark.slow
def test_a_thousand_random_tables_hold_no_wrong_number(tmp_path: Path) -> None:
    found: dict[str, Counter[str]] = {}
    for seed in range(1000):
        source = random.Random(seed)
        try:
            record, days, places, truths = made(source)
        except WrongForm as error:
            pytest.fail(f"seed {seed}: {error}")
        assert len(record.rows) == len(days), seed
        for row, day, place, truth in zip(record.rows, days, places, truths, strict=True):
            assert row.place == place, seed
            kind = "right" if row.date == day else "named" if row.date is None and "date" in row.unsure else "wrong"
            found.setdefault("date", Counter())[kind] += 1
            assert kind != "wrong", (seed, row.date, day)
            for name, meant in truth.items():
                came = outcome(row, name, meant)
                assert came != "wrong", (seed, name, meant, row)
                found.setdefault(meant.kind, Counter())[came] += 1
    for kind, counts in sorted(found.items()):
        named = ", ".join(f"{counts[came]} {came}" for came in ("right", "bounded", "named", "wrong"))
        print(f"{kind:10} {counts.total():6}: {named}")
        if kind in (*EXACT, "date"):
            assert counts["right"] >= 0.95 * counts.total(), kind
