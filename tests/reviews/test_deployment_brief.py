"""The brief of a deployment: its first paragraph, at most six points by the printed rule, the wall, the quote card."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

import msgspec
import pytest
from tests.conftest import Played
from tests.reviews.readability import grade, longest

from countersign.any_source import review_source
from countersign.document import Document, Items, Paragraph, Point, QuoteCard, Wall
from countersign.record.entries.entry import Entry
from countersign.reviews.deployment.assemble import DeploymentReview, review_deployment
from countersign.reviews.deployment.brief import states_of, wall
from countersign.reviews.deployment.evidence import DeploymentEvidence
from countersign.reviews.deployment.gates import gates_of
from countersign.reviews.deployment.points import EVIDENCE, RANK, impossible, points
from countersign.reviews.deployment.story import failed, lead
from countersign.reviews.options import CASES

#: A sentence longer than this is hard to read; citations and lists of names are no sentences.
LONGEST = 28
Kind = TypeVar("Kind")


@cache
def review(name: str) -> DeploymentReview:
    found = review_source(f"shipped:{name}")
    assert isinstance(found, DeploymentReview)
    return found


def blocks(document: Document, kind: type[Kind]) -> list[Kind]:
    return [block for section in document.sections for block in section.blocks if isinstance(block, kind)]


def prose(document: Document) -> list[str]:
    """The texts of a brief: its paragraphs, but for lists of citations, and its points."""
    texts = [block.text for block in blocks(document, Paragraph) if block.tone != "note" or block.text == RANK]
    return texts + [text for point in blocks(document, Point) for text in (f"{point.title}.", point.text)]


def words(document: Document) -> int:
    """All words of a brief but for the squares of its wall."""
    counted = 0
    for section in document.sections:
        texts = [section.title]
        for block in section.blocks:
            if isinstance(block, Items):
                texts += block.items
            elif isinstance(block, Wall):
                texts += [block.title, block.note]
            elif isinstance(block, Point):
                texts += [block.title, block.text, *(link.text for link in block.links)]
            elif isinstance(block, Paragraph | QuoteCard):
                texts.append(block.text)
        counted += sum(len(text.split()) for text in texts)
    return counted


def test_bridges_tells_bridges_in_its_first_paragraph() -> None:
    [first, *_] = review("bridges-2017-12-21").brief.sections[0].blocks
    assert isinstance(first, Paragraph)
    for said in ("536 suspects", "Queen Street, Cardiff", "21 December 2017", "Court of Appeal", "whom to list",
                 "where to use the cameras", "risk to passers-by", "check of the software for bias"):  # fmt: skip
        assert said in first.text, said
    titles = [point.title for point in blocks(review("bridges-2017-12-21").brief, Point)]
    assert titles[:2] == [
        "The policy left it to officers to choose who goes on the list",
        "The policy did not say where the cameras may be used",
    ]


def test_a_rehearsals_brief_is_short_and_plain(quiet: Played) -> None:
    """As it was written for the reviewer: its lead paragraphs, its points and its quote cards."""
    sections = json.loads((quiet.out / "report" / "review.json").read_bytes())["brief"]
    texts = [
        text
        for section in sections
        for block in section["blocks"]
        if block["block"] in ("paragraph", "point") and block.get("tone") != "note"
        for text in ([f"{block['title']}."] if "title" in block else []) + [block["text"]]
    ]
    assert len(texts) > 5
    assert longest(texts)[0] <= LONGEST, longest(texts)
    assert grade(texts) <= 9


@pytest.mark.parametrize("name", CASES)
def test_every_shipped_case_has_a_short_brief_that_links_to_its_evidence(name: str) -> None:
    found = review(name)
    brief, evidence = found.brief, msgspec.json.encode(found.document).decode()
    assert words(brief) <= 1_000
    assert longest(prose(brief))[0] <= LONGEST, longest(prose(brief))
    assert grade(prose(brief)) <= 9
    shown = blocks(brief, Point)
    assert 1 <= len(shown) <= 6
    for point in shown:
        assert len(re.findall(r"[.] |[.]$", point.text)) <= 3, point.text
        for link in point.links:
            assert link.file == EVIDENCE
            assert f'"{link.anchor}"' in evidence, link.anchor
    [squares] = blocks(brief, Wall)
    ids = [square.id for phase in squares.phases for square in phase.squares]
    assert sorted(ids) == sorted(result.duty.id for result in found.evidence.results)
    assert {square.link.anchor for phase in squares.phases for square in phase.squares} <= set(
        re.findall(r'"(duty-[^"]+)"', evidence)
    )
    assert [section.id for section in brief.sections if section.id != "quote"] == [
        "story", "points", "wall", "unseen", "word", "reviewed", "cite", "brief-evidence",
    ]  # fmt: skip
    assert RANK in [block.text for block in blocks(brief, Paragraph)]
    assert found.model.brief == brief.sections


def test_points_come_in_the_order_that_the_brief_prints() -> None:
    titles = [point.title for point in blocks(review("invented-failing").brief, Point)]
    assert titles[0] == "The counts contradict each other: 60 false alerts among 3 alerts"
    assert titles[4].endswith("more duties were not met")
    against = [result for result in review("invented-failing").evidence.results if result.outcome == "not met"]
    mandatory = {result.duty.failed or result.because for result in against if result.duty.severity == "mandatory"}
    assert set(titles[1:4]) <= mandatory


def test_counts_that_contradict_each_other_never_become_a_rate() -> None:
    found = review("invented-failing")
    assert impossible(found.evidence)
    assert not blocks(found.brief, QuoteCard)
    assert not any("60 of 3" in sentence for sentence in prose(found.brief))


@pytest.mark.parametrize("name", ["invented-well", "met-2020-02-27", "bridges-2018-03-27"])
def test_a_quote_card_keeps_its_caveats(name: str) -> None:
    [card] = blocks(review(name).brief, QuoteCard)
    assert "95% interval" in card.text
    assert "unconfirmed" in card.text
    assert card.text.endswith(f"Reviewed {card.reviewed}.")


def public(found: DeploymentReview) -> DeploymentEvidence:
    """The evidence with nothing under seal opened, as anyone reads a log."""
    record = replace(found.evidence.record, opened={})
    return review_deployment(record, found.evidence.subject).evidence


def test_what_is_sealed_is_called_sealed_and_opens_no_gate() -> None:
    found = review("invented-well")
    evidence = public(found)
    sealed = [result for result in evidence.results if result.sealed]
    assert len(sealed) > 20
    assert all(result.outcome == "not shown" and result.entries for result in sealed)
    gates = gates_of(evidence)
    assert {line.state for line in gates} == {"passed on statements that are sealed here"}
    assert all(line.sealed and not line.barring for line in gates)
    titles = [point.title for point in points(evidence, (), (), gates)]
    assert any(title.endswith("on sealed statements") for title in titles)
    assert not any("outstanding" in title for title in titles)
    shown = wall(states_of(evidence.results))
    assert "sealed statements" in shown.note
    squares = [square for phase in shown.phases for square in phase.squares]
    assert sum(square.title.endswith(", sealed here") for square in squares) == len(sealed)


def test_the_engine_s_events_show_who_was_engaged_without_two_views_though_alerts_are_sealed() -> None:
    found = review("invented-well")
    record = replace(found.evidence.record, opened={})
    [last] = [entry for _, entry in record.entries if entry.draft.kind == "close.cancellation"]
    found_there: Any = [{"code": "engaged-without-two", "count": 2}]
    facts: dict[str, Any] = {"taken_at": last.draft.at, "events": 3, "refused": 0, "missing": [], "found": found_there}
    draft = replace(last.draft, kind="live.receipt", facts=facts, sealed={}, role="engineer")
    laid = Entry(draft, last.key, last.signature)
    entries = (*record.entries, (record.entries[-1][0] + 1, laid))
    evidence = review_deployment(replace(record, entries=entries), found.evidence.subject).evidence
    [two] = [result for result in evidence.results if result.duty.id == "uk.live.two-stage"]
    assert two.outcome == "not met"
    assert "(2 of 3 alerts, by the engine's own events)" in two.because
    assert any("2 of 3 alerts" in sentence for sentence in failed(evidence))
    assert "2 of 3 alerts" in lead(evidence)
