"""Claims of a chance: on the interval, against benchmarks with counts of their own, under a range of face counts."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from scipy.stats import beta

from countersign.published.claims.chances import Comparison, compare_rows
from countersign.published.claims.claim import Benchmark, Claim, ClaimImpossible, FaceCountRange
from countersign.published.claims.judge import judge
from countersign.published.table.measures import MEASURES
from countersign.published.table.record import Record, Row

DAY = datetime.date(2024, 3, 1)
PER_FACE = MEASURES["false_alerts_per_face"]
NPL = Benchmark(id="npl", one_in=Decimal(6000), events=7, source="NPL, April 2023", at_watchlist=10_000)


def claim(relation: str, value: str, **more: object) -> Claim:
    return Claim(id="c", statement="s", quantity=("false_alerts_per_face",), relation=relation,
                 value=(Decimal(value),), **more)  # type: ignore[arg-type]  # fmt: skip


def record(*rows: tuple[int, int, int | None], unconfirmed: int = 0) -> Record:
    return Record((), tuple(
        Row("a", place, date=DAY, faces_seen=faces, false_alerts=false, watchlist_size=listed,
            true_alerts_unconfirmed=unconfirmed)
        for place, (faces, false, listed) in enumerate(rows, start=1)
    ))  # fmt: skip


def test_the_benchmark_is_scaled_to_the_list_of_each_row() -> None:
    rows = record((60_000, 1, 10_000), (60_000, 1, 5_000), (60_000, 1, None)).rows
    found = compare_rows(claim("less_than_one_in", "6000", benchmark=NPL), PER_FACE, Fraction(1, 6000), rows)
    assert found is not None
    # The row without a list size is left out: 10 at its own size, 5 at half of it.
    assert found.events == 2
    assert found.expected == pytest.approx(15.0)


def test_the_interval_of_a_comparison_with_a_benchmark_is_the_conditional_exact_one() -> None:
    found = compare_rows(
        claim("less_than_one_in", "6000", benchmark=NPL), PER_FACE, Fraction(1, 6000), record((120_000, 2, 10_000)).rows
    )
    assert found is not None
    # Clopper-Pearson for 2 of 2 + 7, by SciPy's beta quantiles, turned into a ratio of rates.
    low, high = beta.ppf(0.025, 2, 8), beta.ppf(0.975, 3, 7)
    assert found.low == pytest.approx(low / (1 - low) * 7 / 20)
    assert found.high == pytest.approx(high / (1 - high) * 7 / 20)


def test_without_a_benchmark_the_bound_is_exact() -> None:
    found = compare_rows(claim("at_most_one_in", "1000"), PER_FACE, Fraction(1, 1000), record((8600, 7, None)).rows)
    assert found is not None
    assert found.expected == pytest.approx(8.6)
    assert found.low == pytest.approx(beta.ppf(0.025, 7, 8594) * 1000)
    assert found.high == pytest.approx(beta.ppf(0.975, 8, 8593) * 1000)


@pytest.mark.parametrize(
    ("relation", "low", "high", "verdict"),
    [
        ("at_most_one_in", 0.2, 0.9, "holds"), ("at_most_one_in", 0.2, 1.0, "holds"),
        ("less_than_one_in", 0.2, 1.0, "neither shown nor refuted"),
        ("at_most", 0.9, 1.1, "neither shown nor refuted"),
        ("at_most", 1.1, 2.0, "does not hold"), ("at_least", 1.1, 2.0, "holds"),
        ("at_least", 0.2, 0.9, "does not hold"),
        ("at_least", 0.0, 1.2, "neither shown nor refuted"),
    ],
)  # fmt: skip
def test_the_verdict_follows_from_where_the_interval_lies(relation: str, low: float, high: float, verdict: str) -> None:
    assert Comparison(1, 1.0, low, high).verdict(relation) == verdict


def test_a_comparison_that_reverses_within_the_face_count_range_cannot_be_checked() -> None:
    faces = FaceCountRange(low=0.125, high=8, source="the step of 2024")
    asked = claim("at_most_one_in", "1000", face_count=faces)
    one = judge([asked], record((100_000, 30, None)))[0]
    assert one.verdict == "cannot be checked"
    assert "30% of the printed one" in one.because
    assert judge([claim("at_most_one_in", "1000")], record((100_000, 30, None)))[0].verdict == "holds"


def test_one_that_only_loses_its_certainty_holds_as_stated() -> None:
    faces = FaceCountRange(low=0.5, high=2, source="a recount")
    one = judge([claim("at_most_one_in", "1000", face_count=faces)], record((40_000, 12, None)))[0]
    assert one.verdict == "holds only as stated"
    assert [caveat.kind for caveat in one.caveats] == ["definition"]
    clear = judge([claim("at_most_one_in", "1000", face_count=faces)], record((400_000, 12, None)))[0]
    assert clear.verdict == "holds"


def test_unconfirmed_alerts_are_turned_the_other_way() -> None:
    one = judge([claim("at_most_one_in", "1000")], record((100_000, 60, None), unconfirmed=60))[0]
    assert one.verdict == "holds only as stated"
    assert "120 false alerts" in one.caveats[0].text


def test_an_interval_over_regimes_that_disagree_holds_only_as_stated() -> None:
    first, second = Decimal("0.60"), Decimal("0.64")
    rows = (
        *(Row("a", n, date=DAY, faces_seen=9_000, false_alerts=12, threshold=first) for n in range(1, 11)),
        *(Row("a", n, date=DAY, faces_seen=9_000, false_alerts=n % 2, threshold=second) for n in range(11, 81)),
    )
    one = judge([claim("at_most_one_in", "1000")], Record((), rows))[0]
    assert one.verdict == "holds only as stated"
    assert "threshold 0.60: 120 in 90,000 (does not hold)" in one.caveats[0].text


def test_what_the_benchmark_needs_and_no_row_prints_is_missing() -> None:
    one = judge([claim("less_than_one_in", "6000", benchmark=NPL)], record((10_000, 1, None)))[0]
    assert one.verdict == "cannot be checked"
    assert "watchlist" in one.missing[0]
    nothing = Record((), (Row("a", 1, date=DAY, alerts=3),))
    assert judge([claim("at_most_one_in", "1000")], nothing)[0].missing == ("false alerts and faces seen (estimate)",)


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (lambda: Benchmark(id="b", one_in=Decimal(6000), events=0, source="s"), "at least 1"),
        (lambda: FaceCountRange(low=2, high=8, source="s"), "low <= 1 <= high"),
        (lambda: claim("at_most", "0"), "a chance of 0"),
        (lambda: claim("at_most_one_in", "0"), "at least 1"),
        (lambda: claim("one_in", "6000", benchmark=NPL), "belongs to a claim of a chance"),
        (lambda: claim("at_most", "-1"), "below zero"),
    ],
)
def test_what_cannot_be_is_refused_when_built(build: object, said: str) -> None:
    with pytest.raises(ClaimImpossible, match=said):
        build()  # type: ignore[operator]


def test_a_claim_is_judged_on_the_interval_that_allows_for_clumps() -> None:
    """Twelve false alerts in two of forty deployments: as independent events they would show "at most 1 in 5,000"."""
    rows = tuple(Row("a", n, date=DAY, faces_seen=3_000, false_alerts=6 if n in (7, 23) else 0) for n in range(1, 41))
    judged = judge([claim("at_most_one_in", "5000")], Record((), rows))[0]
    exact = beta.ppf(0.975, 13, 120_000 - 12)
    assert exact < 1 / 5_000
    assert judged.verdict == "neither shown nor refuted"
    steps = " ".join(judged.arithmetic)
    assert "95% interval, allowing for events in clumps within deployments: " in steps
    assert "If events are independent (Clopper-Pearson, exact): 1 in 5,720 to 1 in 19,400." in steps


def test_a_benchmark_brings_its_own_uncertainty_to_the_clumped_interval() -> None:
    rows = [Row("a", n, date=DAY, faces_seen=3_000, false_alerts=6 if n in (7, 23) else 0) for n in range(1, 41)]
    bench = Benchmark(id="b", one_in=Decimal(6000), events=7, source="s")
    found = compare_rows(claim("less_than_one_in", "6000", benchmark=bench), PER_FACE, Fraction(1, 6000), rows)
    alone = compare_rows(claim("at_most_one_in", "6000"), PER_FACE, Fraction(1, 6000), rows)
    assert found is not None
    assert alone is not None
    assert found.high > alone.high
    assert found.low < alone.low
