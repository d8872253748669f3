"""What is past its time, in words: each code has its own, and a hold its class and entry."""

from __future__ import annotations

import pytest

from countersign.words.facts import late_words
from countersign.words.names import class_name

HELD = f"review of the hold on {class_name('alerts')} (entry 12) not on the record"


@pytest.mark.parametrize(
    ("code", "what", "words"),
    [
        ("publication-overdue", "d-1", "results not on the record"),
        ("review-overdue", "d-1", "the force's own review not on the record"),
        ("written-overdue", "d-1", "the written authority not on the record"),
        ("urgent-review-overdue", "d-1", "the review of urgency not on the record"),
        ("window-over", "d-1", "still on, though no announced time covers it"),
        ("another", "as it stands", "as it stands"),
        ("hold-review-overdue", "3 of alerts held by entry 12", HELD),
        ("hold-review-overdue", "3 of alerts held by entry 12 and more", "3 of alerts held by entry 12 and more"),
    ],
)  # fmt: skip
def test_what_is_late(code: str, what: str, words: str) -> None:
    assert late_words(code, what) == words
