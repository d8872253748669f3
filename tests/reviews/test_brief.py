"""The brief: short, plain, its points ranked, each number in the evidence and worked out again from the printed rows.

``Reader`` is independent of the program: it has ``review.json`` alone and adds up the rows as they are printed there.
"""

from __future__ import annotations

import csv
import html
import json
import math
import re
import resource
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.stats import beta
from tests.reviews.making import made_record, made_row
from tests.reviews.readability import grade, longest

from countersign.cli.main import run
from countersign.document import Chart, Document, Items, Paragraph, Point, QuoteCard
from countersign.published.files import shipped
from countersign.published.table.record import Unsure
from countersign.render.html import render_html
from countersign.reviews.published.assemble import PublishedReview, review_published, review_record
from countersign.reviews.published.brief.draft import MOST_POINTS, Draft, ranked

MOST_WORDS, MOST_GRADE, MOST_IN_SENTENCE = 1_000, 9.0, 28
OTHERS = ("btp", "thames-valley", "essex", "south-wales", pytest.param("met-later", marks=pytest.mark.slow))


def blocks(document: Document, kind: type) -> list[Any]:
    return [block for section in document.sections for block in section.blocks if isinstance(block, kind)]


def prose(document: Document) -> list[str]:
    points = blocks(document, Point)
    texts = [text for point in points for text in (point.title, point.text)]
    texts += [item for items in blocks(document, Items) for item in items.items]
    texts += [paragraph.text for paragraph in blocks(document, Paragraph)]
    return [
        *texts,
        *(chart.title for chart in blocks(document, Chart)),
        *(card.text for card in blocks(document, QuoteCard)),
    ]


def names_in(result: PublishedReview) -> set[str]:
    """Names: the force, its documents and places, months, and the program."""
    said = [result.evidence.publisher, *(document.title for document in result.evidence.documents), "Countersign SHA"]
    said += [str(row.place) for row in result.evidence.record.rows]
    said += ["January February March April May June July August September October November December"]
    return {word for text in said for word in re.findall(r"[A-Za-z]+", text)}


def words_of(page: bytes) -> list[str]:
    """The words a reader sees: not those inside drawings, nor in what is folded."""
    body = page.decode().partition("<body>")[2]
    body = re.sub(r"<svg.*?</svg>|<details.*?</details>", " ", body, flags=re.DOTALL)
    plain = html.unescape(re.sub(r"<[^>]+>", " ", body))
    return [word for word in plain.split() if any(map(str.isalnum, word))]


def test_it_takes_three_minutes_and_plain_english(met: PublishedReview) -> None:
    page = render_html(met.brief)
    assert len(words_of(page)) <= MOST_WORDS
    assert 1 <= len(blocks(met.brief, Point)) <= MOST_POINTS
    assert 4 <= len(blocks(met.brief, Chart)) <= 5
    assert grade(prose(met.brief), names_in(met)) <= MOST_GRADE
    words, sentence = longest(prose(met.brief))
    assert words <= MOST_IN_SENTENCE, sentence
    assert all(point.text.count(". ") <= 2 for point in blocks(met.brief, Point)), "at most three sentences"
    assert len(page) < 200_000
    assert b"<script" not in page


def test_it_says_what_a_reader_must_know(met: PublishedReview) -> None:
    assert (
        met.brief.title
        == "Live facial recognition: figures from the Metropolitan Police Service, February 2020 to July 2025"
    )
    text = " ".join(prose(met.brief))
    for said in (
        "324 deployments were published, with 2,533 alerts and 1,128 arrests", "counted 3,089,960 faces",
        "6 of 971 alerts from 6 February to 11 July 2025 were recorded as false; up to 20 may have been",
        "In August 2024 the number of faces counted per hour at the same places rose, on average, more than fivefold",
        "alerts stayed at 1.4 an hour.",
        "all 27 false alerts of 2024 came before 25 July, when the threshold for an alert became 0.64",
        "Error rates per face from before and after August 2024 cannot be compared",
        "were of people recorded as Black, but that is not a rate", "Unless more than 44.3% of passers-by",
    ):  # fmt: skip
        assert said in text, said
    assert len(blocks(met.brief, Items)[-1].items) <= 6


class Reader:
    """Adds up printed rows from ``review.json`` alone."""

    def __init__(self, review: dict[str, Any]) -> None:
        self.review = review
        self.rows: dict[tuple[str, int], dict[str, str]] = {}
        for section in review["sections"]:
            for table in section["blocks"]:
                if table["block"] == "table" and table.get("rows_of"):
                    keys = [column["key"] for column in table["columns"]]
                    for row in table["rows"]:
                        cells = dict(zip(keys, (cell["text"] for cell in row), strict=True))
                        self.rows[table["rows_of"], int(cells["row"])] = cells
        figures = next(section for section in review["sections"] if section["id"] == "brief-figures")["blocks"][-1]
        self.figures = [(row[0]["text"], row[1]["text"], row[1].get("rows", [])) for row in figures["rows"]]

    def total(self, ranges: list[dict[str, Any]], *names: str) -> int:
        amount = 0
        for part in ranges:
            for number in range(part["first"], part["last"] + 1):
                printed = [self.rows[part["document"], number].get(name, "") for name in names]
                amount += sum(int(re.sub(r"[^0-9]", "", text) or 0) for text in printed)
        return amount

    def again(self, what: str, ranges: list[dict[str, Any]]) -> str | None:
        """A number worked out again from what it is said to be; ``None`` for an interval, checked apart."""
        verdicts = Counter(claim["verdict"] for claim in self.review["claims"])
        codes = Counter(fault["code"].replace("-", " ") for fault in self.review["faults"])
        head = re.sub(r", (all rows|[0-9].*|since .*)$| of [0-9]{4}$", "", what)
        sums = {
            "alerts": ("alerts",), "arrests": ("arrests",), "false alerts": ("false_alerts",),
            "faces seen (the force's estimate)": ("faces_seen",),
            "alerts left unconfirmed": ("true_alerts_unconfirmed",),
            "false alerts if every unconfirmed alert was false": ("false_alerts", "true_alerts_unconfirmed"),
        }  # fmt: skip
        if head in sums:
            return f"{self.total(ranges, *sums[head]):,}"
        if head in ("deployments", "rows that print no count of alerts or arrests"):
            return f"{sum(part['last'] - part['first'] + 1 for part in ranges):,}"
        if (unit := re.fullmatch("false alerts per (face|alert)", head)) is not None:
            of = self.total(ranges, "faces_seen" if unit[1] == "face" else "alerts")
            return f"1 in {round(of / self.total(ranges, 'false_alerts')):,}"
        if head.startswith("public claims"):
            return str(verdicts[head.partition(": ")[2]] or verdicts.total())
        if head.startswith("faults of the kind "):
            return str(codes[head.removeprefix("faults of the kind ")])
        if head == "things that the sources do not show":
            return f"{len(self.review['not_shown'])} things"
        return None


@pytest.mark.slow
def test_every_number_stands_in_the_evidence_and_comes_out_again(met: PublishedReview) -> None:
    reader = Reader(json.loads(met.json()))
    again = [(text, what, reader.again(what, ranges)) for text, what, ranges in reader.figures]
    assert [line for line in again if line[2] not in (None, line[0])] == []
    checked = {what for _, what, number in again if number is not None}
    left = [(text, what) for text, what, _ in reader.figures if what not in checked]
    assert len(checked) >= 20
    with (shipped("met") / "groups.csv").open(encoding="utf-8", newline="") as file:
        group = next(csv.DictReader(file))
    events, of = int(group["count"]), int(group["of"])
    expected = {
        "false alerts recorded as Black": str(events), "false alerts with a group recorded": str(of),
        "lowest share of passers-by at which equal rates are not rejected, Black": _down(beta.ppf(0.025, events, 3)),
        "threshold from 25 July 2024": next(
            str(row.threshold) for row in met.evidence.record.rows if str(row.date) == "2024-07-25"
        ),
    }  # fmt: skip
    assert {what: text for text, what in left if what in expected} == expected
    for _, what in left:
        if what not in expected:
            assert what.startswith(("95% interval", "faces counted per hour", "alerts per hour", "contradictions")), (
                what
            )


def _down(share: float) -> str:
    return f"{math.floor(share * 1000) / 10}%"


def test_its_intervals_hold_those_of_independent_events(met: PublishedReview) -> None:
    """Origin: Clopper-Pearson by scipy's beta quantiles. What is printed allows for clumps and may only be wider."""
    reader = Reader(json.loads(met.json()))
    seen = 0
    for text, what, ranges in reader.figures:
        found = re.match(r"95% interval of false alerts per (face|alert)(?P<most> if every)?", what)
        if found is None:
            continue
        events = reader.total(ranges, "false_alerts", *(["true_alerts_unconfirmed"] if found["most"] else []))
        trials = reader.total(ranges, "faces_seen" if found[1] == "face" else "alerts")
        common = float(re.findall(r"1 in ([0-9.,]+)", text)[0].replace(",", ""))
        assert common <= 1 / beta.ppf(0.975, events + 1, trials - events)
        if events:
            rare = float(re.findall(r"1 in ([0-9.,]+)", text)[1].replace(",", ""))
            assert rare >= 1 / beta.ppf(0.025, events, trials - events + 1)
        seen += 1
    assert seen >= 3


def test_faces_per_hour_rose_more_than_fivefold_at_the_places_named_alike(met: PublishedReview) -> None:
    """Origin: added up here from the printed rows, place by place, 25 January to 21 November 2024."""
    sums: dict[str, dict[bool, list[float]]] = {}
    for row in met.evidence.record.rows:
        date = str(row.date)
        dated = "2024-01-25" <= date <= "2024-08-02" or "2024-08-22" <= date <= "2024-11-21"
        if dated and row.place and row.duration_minutes and row.faces_seen:
            of_place = sums.setdefault(row.place.casefold(), {False: [0, 0], True: [0, 0]})[date > "2024-08-02"]
            of_place[0] += row.faces_seen
            of_place[1] += row.duration_minutes
    beside = [(each[False], each[True]) for each in sums.values() if each[False][1] and each[True][1]]
    ratios = [after[0] / after[1] / (before[0] / before[1]) for before, after in beside]
    assert len(ratios) >= 5
    assert math.exp(sum(map(math.log, ratios)) / len(ratios)) > 5


def test_each_number_of_a_point_is_a_link_to_its_line(met: PublishedReview) -> None:
    places = {
        place for section in met.document.sections for block in section.blocks for place in getattr(block, "places", ())
    }
    for point in blocks(met.brief, Point):
        text = re.sub(
            r"“[^”]*”|95%|[0-9]{1,2} [A-Z][a-z]+( 20[0-9]{2})?|[A-Z][a-z]+ 20[0-9]{2}|of 20[0-9]{2}",
            " ",
            f"{point.title}. {point.text}",
        )
        linked = " ".join(link.text for link in point.links)
        for number in re.findall(r"[0-9][0-9.,]*[0-9]|[0-9]", text):
            assert number in linked, (number, point.title)
        assert all(link.file == "evidence.html" and link.anchor in places for link in point.links)


def test_old_addresses_and_links_both_ways_lead_somewhere(met: PublishedReview) -> None:
    brief, evidence = render_html(met.brief).decode(), render_html(met.document).decode()
    ids = {
        page: set(re.findall(r'\bid="([^"]+)"', text))
        for page, text in (("review.html", brief), ("evidence.html", evidence))
    }
    for section in met.document.sections:
        assert section.id in ids["review.html"], section.id
    for text in (brief, evidence):
        links = re.findall(r'href="((?:review|evidence)\.html)#([^"]+)"', text)
        assert links
        assert [link for link in links if link[1] not in ids[link[0]]] == []


def test_no_link_of_a_point_stands_without_the_words_that_say_what_it_is(met: PublishedReview) -> None:
    for point in blocks(met.brief, Point):
        assert len({link.text for link in point.links}) == len(point.links), point.title


def test_a_record_without_a_false_alert_has_no_empty_chart_of_them() -> None:
    rows = [made_row(month, f"2024-0{month}-02", alerts=2, false_alerts=0, true_alerts=2) for month in range(1, 6)]
    assert "brief-time" not in [chart.anchor for chart in blocks(review_record(made_record(*rows)).brief, Chart)]


def test_a_last_year_of_few_deployments_does_not_hide_the_false_alerts_before_it() -> None:
    """Two of the eleven alerts of R (Bridges) were false, both on the first day; the last day had one alert."""
    brief = review_published(["shipped:south-wales"]).brief
    titles = [point.title for point in blocks(brief, Point)]
    assert any(
        title.startswith("2 of 11 alerts from 21 December 2017 to 27 March 2018 were recorded as false")
        for title in titles
    )
    assert [card.figure for card in blocks(brief, QuoteCard)] == ["2 false alerts in 11 alerts (18%)"]


def test_a_bound_that_bounds_nothing_is_not_given_as_one() -> None:
    text = " ".join(prose(review_published(["shipped:btp"]).brief))
    assert "at most 100%" not in text
    assert "If it was false, the rate cannot be bounded from so few." in text


def test_points_are_ranked_by_their_marks() -> None:
    drafts = [Draft(str(number), "", "", size=number / 10, contradicts=number % 2 == 0) for number in range(9)]
    assert [draft.anchor for draft in ranked(drafts)] == ["8", "6", "4", "2", "0", "7"]


@pytest.mark.parametrize("name", OTHERS)
def test_any_force_has_one(name: str) -> None:
    result = review_published([f"shipped:{name}"])
    texts = prose(result.brief)
    assert 1 <= len(blocks(result.brief, Point)) <= MOST_POINTS
    assert grade(texts, names_in(result)) <= MOST_GRADE
    words, sentence = longest(texts)
    assert words <= MOST_IN_SENTENCE, sentence
    assert len(words_of(render_html(result.brief))) <= MOST_WORDS


def test_more_false_alerts_than_alerts_are_a_contradiction_and_no_rate(tmp_path: Path) -> None:
    rows = [made_row(number, f"2024-05-{number:02d}") for number in range(2, 6)]
    result = review_record(
        made_record(made_row(1, alerts=3, false_alerts=60, true_alerts=None, true_alerts_confirmed=None), *rows)
    )
    titles = [point.title for point in blocks(result.brief, Point)]
    assert any("contradicts itself" in title for title in titles)
    assert all(line.events <= 4 for line in result.model.rates if line.measure.startswith("false_alerts"))
    assert any("60" in fault.message for fault in result.model.faults)
    assert [card for card in blocks(result.brief, QuoteCard) if card.anchor == "card-now"] == []


def test_few_rows_are_told_as_one_would_say_them() -> None:
    unknown: dict[str, Any] = dict.fromkeys(
        ("alerts", "true_alerts", "true_alerts_confirmed", "false_alerts", "arrests")
    )
    of_one: dict[str, Any] = {
        "alerts": 1,
        "true_alerts": 1,
        "true_alerts_confirmed": 1,
        "false_alerts": 0,
        "arrests": 1,
    }
    two = review_record(made_record(made_row(1, "2024-05-01", **unknown), made_row(2, "2024-05-08", **of_one)))
    assert "The 1 alert on 8 May 2024 was not recorded as false" in [
        point.title.split(";")[0] for point in blocks(two.brief, Point)
    ]
    assert [card.period for card in blocks(two.brief, QuoteCard)] == [
        "8 May 2024, over the 1 row of 2 that prints both counts"
    ]
    assert "1 row lacks a count of alerts or arrests." in " ".join(prose(two.brief))
    one = review_record(made_record(made_row(1, **(of_one | {"true_alerts": 0, "false_alerts": 1}))))
    titles = [point.title.split(";")[0] for point in blocks(one.brief, Point)]
    assert "The 1 alert on 1 May 2024 was recorded as false" in titles
    text = " ".join(prose(one.brief))
    assert "That is 100% of alerts; " in text
    drawn = next(chart for chart in blocks(one.brief, Chart) if chart.anchor == "brief-funnel")
    assert drawn.title == "From 5,000 faces seen to 1 arrest"
    assert "of the 1 deployment:" in drawn.alternative


def test_bounds_of_false_alerts_and_places_used_alike_are_said(tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    for bound, said in (("<5", "0 to 8 of 10 alerts"), ("over 1", "At least 4 of 10 alerts")):
        source.write_text(f"Date,Location,Alerts,False alerts\n1 May 2024,A,5,{bound}\n8 May 2024,B,5,{bound}\n")
        titles = [point.title for point in blocks(review_published([str(source)]).brief, Point)]
        assert f"{said} were recorded as false: only bounds are published" in titles
    source.write_text("Date,Location,Alerts,False alerts\n1 May 2024,A,<5,<5\n")
    titles = [point.title for point in blocks(review_published([str(source)]).brief, Point)]
    assert "1 deployment was published, with 0 to 4 alerts" in titles
    rows = [made_row(number, f"2024-05-{number:02d}", place="A" if number % 2 else "B") for number in range(1, 5)]
    charts = [chart.title for chart in blocks(review_record(made_record(*rows)).brief, Chart)]
    assert "2 places were used most: 2 deployments each" in charts
    charts = [chart.title for chart in blocks(review_record(made_record(*rows[:3])).brief, Chart)]
    assert "The place used most was A: 2 deployments" in charts


def test_counts_printed_as_bounds_or_in_some_rows_only_head_no_brief_as_if_whole() -> None:
    bound, withheld = Unsure("bounded", "<5", 0, 4), Unsure("withheld", "Withheld")
    rows = [made_row(number, alerts=10, false_alerts=0, true_alerts=None, true_alerts_confirmed=None, arrests=0,
                     true_alerts_unconfirmed=None) for number in range(1, 5)]  # fmt: skip
    doubted = replace(rows[3], false_alerts=None, arrests=None, unsure={"false_alerts": bound, "arrests": withheld})
    brief = review_record(made_record(*rows[:3], doubted)).brief
    told = {point.anchor: f"{point.title}. {point.text}" for point in blocks(brief, Point)}
    assert "0 to 4 alerts on 1 May 2024 were recorded as false" in told["point-wrong"]
    assert "with the 1 row that prints a bound, is at most " in told["point-wrong"]
    assert "with 40 alerts. " in told["point-published"]
    assert "1 row lacks a count of arrests" in told["point-published"]
    (card,) = (card for card in blocks(brief, QuoteCard) if card.anchor == "card-now")
    assert card.figure == "0 to 4 false alerts in 40 alerts"
    missing = review_record(made_record(*rows[:3], replace(rows[3], false_alerts=None))).brief
    (said,) = (point.text for point in blocks(missing, Point) if point.anchor == "point-wrong")
    assert "This runs over the 3 rows of 4 that print both counts." in said
    (card,) = (card for card in blocks(missing, QuoteCard) if card.anchor == "card-now")
    assert card.period == "1 May 2024, over the 3 rows of 4 that print both counts"


counts = st.integers(0, 9)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(counts, counts, st.none() | counts), min_size=1, max_size=3))
def test_a_card_is_whole_and_none_without_its_bound(rows: list[tuple[int, int, int | None]]) -> None:
    made = [
        made_row(number, f"2024-05-{number:02d}", alerts=true + false + (left or 0), true_alerts=true,
                 false_alerts=false, true_alerts_confirmed=None, true_alerts_unconfirmed=left, arrests=0)
        for number, (true, false, left) in enumerate(rows, 1)
    ]  # fmt: skip
    for card in blocks(review_record(made_record(*made)).brief, QuoteCard):
        assert all(getattr(card, name).strip() for name in card.__struct_fields__ if name != "links")
        if card.figure.startswith("No "):
            assert "(95% bound)" in card.interval
        assert re.search("confirmed|unconfirmed", card.unconfirmed)
        for name in ("figure", "period", "unconfirmed", "interval", "source", "reviewed"):
            assert getattr(card, name) in card.text


@pytest.mark.slow
def test_the_pages_cost_little_beside_the_json(tmp_path: Path) -> None:
    given = ["shipped:met", "--claims", "shipped", "--groups", "shipped", "--corrections", "shipped"]

    def seconds(formats: str) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        command = [sys.executable, "-m", "countersign", "review", *given, "--format", formats, "--out", str(tmp_path)]
        subprocess.run(command, check=True, capture_output=True)
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before

    pairs = [(seconds("json"), seconds("html")) for _ in range(3)]
    assert min(pages for _, pages in pairs) <= 1.7 * min(alone for alone, _ in pairs)
    assert (tmp_path / "evidence.html").stat().st_size < 1_500_000


def test_the_terminal_shows_it_in_ten_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["review", "shipped:btp", "--format", "html", "--out", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert len(told.splitlines()) <= 14
    assert told.startswith(
        "Live facial recognition: figures from British Transport Police, February to August 2026\n1. "
    )
    assert "Ask next: " in told
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["evidence.html", "review.html"]


@pytest.mark.parametrize(("rows", "false"), [(20, 5), (6, 7), (3, 30)])
def test_too_few_deployments_to_bound_can_still_be_drawn(rows: int, false: int) -> None:
    """The false alerts of all deployments came on one of them: no upper end, which no chart can draw."""
    made = []
    for at in range(1, rows + 1):
        wrong = false if at == 2 else 0
        right = 40 - wrong
        made.append(
            made_row(at, f"2026-01-{at:02d}", faces_seen=10_000, alerts=40, false_alerts=wrong, true_alerts=right,
                     true_alerts_confirmed=right)
        )  # fmt: skip
    result = review_record(made_record(*made))
    page = render_html(result.document) + render_html(result.brief)
    assert b"too few deployments to bound" in page
