"""``review.json`` fits its schema; the shipped schema is the one made from the types; both hold what is promised."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.reviews.schema_subset import Invalid, check
from tools.review_schema import schema

from countersign.reviews.model import SCHEMA, Review
from countersign.reviews.published.assemble import PublishedReview


@pytest.mark.slow
def test_the_shipped_record_fits_the_schema(met: PublishedReview) -> None:
    made = schema()
    check(json.loads(met.json()), made, made["$defs"])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda review: review.update(schema="countersign-review/1"),
        lambda review: review.pop("totals"),
        lambda review: review["totals"].update(deployments="324"),
        lambda review: review["rates"][0].update(one_in=None),
        lambda review: review["rates"][0].update(reading="as guessed"),
        lambda review: review["sections"][0]["blocks"][0].update(block="picture"),
    ],
)  # fmt: skip
def test_a_review_that_is_spoilt_does_not_fit(met: PublishedReview, spoil: Any) -> None:
    made, review = schema(), json.loads(met.json())
    spoil(review)
    with pytest.raises((Invalid, KeyError)):
        check(review, made, made["$defs"])


def test_a_review_comes_back_from_its_bytes(met: PublishedReview) -> None:
    again = msgspec.json.decode(met.json(), type=Review)
    assert msgspec.json.encode(again) + b"\n" == met.json()
    assert again.totals == met.model.totals


def test_names_that_the_issue_promises(met: PublishedReview) -> None:
    review = json.loads(met.json())
    assert review["schema"] == SCHEMA == "countersign-review/2"
    assert set(review["totals"]) >= {
        "deployments", "hours", "faces_seen", "alerts", "true_alerts", "false_alerts", "unconfirmed_alerts", "arrests",
    }  # fmt: skip
    assert set(review["rates"][0]) >= {
        "measure", "scope", "events", "trials", "low", "high", "level", "method", "clustered", "one_in", "rows",
        "regime",
    }  # fmt: skip
    assert set(review["faults"][0]) >= {"code", "document", "row", "column", "message"}
    assert set(review["claims"][0]) >= {"id", "verdict", "because"}
    assert set(review["duties"][0]) >= {"id", "state", "because", "requirement", "entries", "rows", "of"}
    assert {duty["state"] for duty in review["duties"]} <= {"met", "stated", "not met", "not shown"}
    assert review["promises"] == []
    assert review["regimes"]
    assert review["not_shown"]
    assert [section["id"] for section in review["sections"]] == [
        "first-page", "brief-figures", "accuracy", "groups", "claims", "creep", "faults", "sensitivity", "duties",
        "method", "sources", "rows",
    ]  # fmt: skip
    assert [section["id"] for section in review["brief"]] == [
        "brief", "brief-quote", "brief-open", "brief-about", "brief-evidence",
    ]  # fmt: skip
