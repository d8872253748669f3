"""A figure reads the same wherever it stands: report, page, ``review.json``, terminal and guide.

A figure's id is what it measures, over which rows, under which reading and regime, and which of its intervals:
``false_alerts_per_face/year/2024/either/-/widest``. All texts that give an interval beside the counts of a figure are
gathered by id and compared, and each is what ``words`` makes of the figure's numbers.
"""

from __future__ import annotations

import html
import math
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import countersign
from countersign.cli.main import run
from countersign.document import Chart, Figure, Table
from countersign.published.table.measures import MEASURES
from countersign.render.html import render_html
from countersign.reviews.model import RateLine
from countersign.reviews.published.assemble import PublishedReview
from countersign.reviews.published.tables import interval_text, rate_text, widest
from countersign.words.intervals import rate_words

ROOT = Path(__file__).resolve().parents[2]
ONE_IN = r"1 in [\d,.]*\d"
PERCENT = r"[\d.]*\d%"
INTERVAL = rf"(?:{ONE_IN} to {ONE_IN}|{PERCENT} to {PERCENT}|at most (?:{ONE_IN}|{PERCENT}))"
#: Counts and the interval of a claim: "7 false alerts in 8,600 faces seen (estimate): 1 in 1,229; ... compatible with".
COUNTED = re.compile(
    rf"([\d,]+) [a-z][a-z ]*? in ([\d,]+) (faces|alerts)[^.;:]{{0,40}}(?:: ({ONE_IN}|{PERCENT}); the counts are|,) "
    rf"compatible with ({INTERVAL})"
)
EVERY = re.compile(INTERVAL)


class Text(NamedTuple):
    """Where a figure is given, and its interval there."""

    place: str
    interval: str


@pytest.fixture(scope="module")
def review() -> PublishedReview:
    """The shipped record with all that ships beside it."""
    result = countersign.review_source("shipped:met", claims="shipped", groups="shipped", corrections="shipped")
    assert isinstance(result, PublishedReview)
    return result


@pytest.fixture(scope="module")
def page(review: PublishedReview) -> str:
    """The report as a page, without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", render_html(review.document).decode())).split())


def ids(line: RateLine) -> tuple[str, str]:
    """The ids of a line's two intervals."""
    name = "/".join((line.measure, line.by, line.scope, line.reading, line.regime or "-"))
    return f"{name}/exact", f"{name}/widest"


def expected(review: PublishedReview) -> dict[str, str]:
    """What each interval of each rate reads, by id."""
    texts = {}
    for line in review.model.rates:
        exact, wide = ids(line)
        texts[exact], texts[wide] = interval_text(line, line.low, line.high), interval_text(line, *widest(line))
    return texts


def in_tables(review: PublishedReview) -> Iterator[tuple[tuple[int, float, str], Text]]:
    """Events, trials and measure of each row of a table of rates, with its interval."""
    for section in review.document.sections:
        for block in section.blocks:
            table = block.table if isinstance(block, Chart) else block
            if not isinstance(table, Table) or not {"exact", "clustered"} <= {column.key for column in table.columns}:
                continue
            at = {column.key: place for place, column in enumerate(table.columns)}
            for row in table.rows if "measure" in at else ():
                events, trials = row[at["events"]].number, row[at["trials"]].number
                if isinstance(events, int) and isinstance(trials, int | float):
                    counts = (events, float(trials), row[at["measure"]].text)
                    yield counts, Text(table.anchor, row[at["exact"]].text)
                    if row[at["clustered"]].text != "one deployment":
                        yield counts, Text(table.anchor, row[at["clustered"]].text)


@pytest.mark.slow
def test_tables_and_claims_print_the_intervals_of_the_rates(review: PublishedReview) -> None:
    by_counts: dict[tuple[int, float, str], set[str]] = defaultdict(set)
    texts = expected(review)
    for line in review.model.rates:
        by_counts[line.events, line.trials, MEASURES[line.measure].short] |= {texts[one] for one in ids(line)}
    tables = list(in_tables(review))
    assert len(tables) > 20
    for key, text in tables:
        assert text.interval in by_counts[key], (key, text)


def test_a_rate_and_its_first_page_figure_read_the_same(review: PublishedReview) -> None:
    lines = {(line.events, line.trials, widest(line)): line for line in review.model.rates}
    figures = [
        figure for section in review.document.sections for figure in section.blocks if isinstance(figure, Figure)
    ]
    assert figures
    for figure in figures:
        line = lines[
            figure.events or 0,
            figure.trials or 0.0,
            (figure.low or 0.0, math.inf if figure.high is None else figure.high),
        ]
        assert figure.interval == interval_text(line, *widest(line))
        assert figure.value == (rate_text(line) if line.events else figure.interval)


@pytest.mark.slow
def test_one_figure_has_one_text_in_claims_page_json_terminal_and_guides(
    review: PublishedReview, page: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", "shipped:met", "--format", "json", "--out", str(tmp_path)]) == 0
    terminal = capsys.readouterr().out
    guides = " ".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))
    sources = {"page": page, "json": review.json().decode(), "terminal": terminal, "guides": " ".join(guides.split())}
    wide: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for place, text in sources.items():
        for events, trials, unit, estimate, interval in COUNTED.findall(text):
            wide[events, trials, unit].add(interval)
            if estimate:
                rate = int(events.replace(",", "")) / int(trials.replace(",", ""))
                assert estimate == rate_words(rate), (place, events, trials)
    assert len(wide) >= 3
    assert {counts: texts for counts, texts in wide.items() if len(texts) > 1} == {}


def test_every_interval_has_the_commoner_end_first(review: PublishedReview, page: str) -> None:
    found = EVERY.findall(page) + EVERY.findall(review.json().decode())
    assert len(found) > 100
    for interval in found:
        if interval.startswith("at most"):
            continue
        first, last = (float(re.sub(r"1 in |,|%", "", end)) for end in interval.split(" to "))
        assert first <= last, interval
        if interval.startswith("1 in"):
            for end in re.findall(r"[\d,.]*\d", interval.replace("1 in ", "")):
                digits = end.replace(",", "").replace(".", "").strip("0")
                assert len(digits) <= 3 or float(end.replace(",", "")) < 2, interval


def test_no_output_says_per_cent_but_in_a_quotation(review: PublishedReview, page: str) -> None:
    quoted = {claim.statement for claim in review.model.claims if "per cent" in claim.statement}
    for text in quoted:
        page = page.replace(text, "")
    assert "per cent" not in page
