"""The tested rate: as typed, from a trial's report, scaled to another size of list, refused where it does not fit."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.events.watch.promised import EngineRate, EngineRateWrong, of_trial, parse
from countersign.made_up.scenario import Law

KEPT = Path(__file__).resolve().parents[1] / "fixtures" / "v0.1" / "trial" / "trial.json"


def test_scaling_is_that_of_independent_comparisons() -> None:
    law = Law.published(point=0.60, false_positive=1 / 6000, list_size=10_000, tenfold=0.05)
    tested = parse("1/6000@10000@0.60")
    for size in (1, 500, 2_000, 10_000, 16_000):
        assert tested.scaled(size) == pytest.approx(law.any_reaches(0.60, size), rel=1e-9)
    assert tested.scaled(0) == 0


@given(st.floats(1e-9, 0.1), st.integers(1, 100_000), st.integers(0, 100_000), st.integers(0, 100_000))
def test_a_longer_list_never_has_a_lower_rate(rate: float, size: int, one: int, other: int) -> None:
    tested = EngineRate(rate, size, None)
    assert tested.scaled(min(one, other)) <= tested.scaled(max(one, other))
    assert tested.scaled(size) == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(
    "text", ["", "1/6000", "1/0@10000", "0.0@10000", "1/6000@0", "6000@10000", "1.5@100", "1/6000@10000@1.6", "nan@5"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(EngineRateWrong):
        parse(text)


def test_a_test_at_a_higher_threshold_gives_no_ceiling() -> None:
    tested = parse("1/6000@10000@0.70")
    tested.check(Decimal("0.70"))
    with pytest.raises(EngineRateWrong, match=r"tested at threshold 0\.70, and the limits allow 0\.64"):
        tested.check(Decimal("0.64"))


def test_lists_far_apart_are_said() -> None:
    assert "compared by the model alone" in parse("1/6000@10000").said(900)
    assert "compared by the model alone" not in parse("1/6000@10000").said(2_000)


def figure(threshold: float, size: int, events: int, high: float, **more: Any) -> dict[str, Any]:
    return {
        "measure": "fpir", "N": size, "site": None, "group": {}, "threshold": threshold, "rank": None, "subjects": 10,
        "events": events, "trials": 100_000, "estimate": None, "in_words": "",
        "interval": {"low": 0.0, "high": high, "level": 0.95, "method": "exact"},
    } | more  # fmt: skip


def report(*figures: dict[str, Any], **more: Any) -> bytes:
    """The report of a trial that version 0.1 wrote, with other figures."""
    return json.dumps(json.loads(KEPT.read_bytes()) | {"figures": figures} | more).encode()


def test_a_trial_gives_the_upper_end_at_the_highest_threshold_that_is_not_above() -> None:
    figures = [
        figure(0.60, 1000, 30, 4e-4), figure(0.62, 1000, 20, 3e-4), figure(0.62, 9000, 90, 2e-3),
        figure(0.66, 1000, 3, 1e-4), figure(0.62, 1500, 1, 1e-5, group={"sex": "female"}),
        figure(0.62, 1500, 1, 1e-5, measure="gfpir"),
    ]  # fmt: skip
    tested = of_trial(report(*figures), "trial.json", Decimal("0.64"), 1200)
    assert (tested.rate, tested.list_size, tested.threshold) == (3e-4, 1000, Decimal("0.62"))
    assert tested.counts == (20, 100_000)
    assert tested.said(1000) == (
        "at most 1 in 3,333 faces on a list of 1,000 (20 in 100,000 searches, upper end of the interval)"
        ", tested at 0.62"
    )
    nearest = of_trial(report(*figures), "trial.json", Decimal("0.64"), 8000)
    assert nearest.list_size == 9000


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff", b'{"figures": [1]}', b'{"figures": [{"measure": "fpir"}]}', b"[" * 100_000,
     report(), report(figure(0.7, 1000, 3, 1e-4)), report(figure(0.6, 1000, 3, 1.0)),
     report(figure(0.6, 1000, 3, 1e-4), form="another form"), report({"measure": "fpir"})],
)  # fmt: skip
def test_what_is_no_trial_or_has_no_fitting_figure_is_refused(content: bytes) -> None:
    with pytest.raises(EngineRateWrong, match=r"trial\.json: "):
        of_trial(content, "trial.json", Decimal("0.64"), 1000)


def test_zero_errors_give_an_upper_end_and_no_rate_of_nothing() -> None:
    tested = of_trial(report(figure(0.6, 1000, 0, 3e-5)), "t", Decimal("0.64"), 1000)
    assert math.isclose(tested.scaled(1000), 3e-5)
