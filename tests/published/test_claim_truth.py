"""Made-up records with known truth: 500 random claims of each kind, judged by the program and by ``claim_reader``."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests.published import claim_reader as reader

from countersign.published.claims.claim import Claim, Population, SeededTest
from countersign.published.claims.judge import judge
from countersign.published.group_counts import GroupCount
from countersign.published.read import read_source
from countersign.published.table.record import Record, Row

DAY = datetime.date(2024, 3, 1)
COUNTS = ("faces_seen", "alerts", "true_alerts", "false_alerts", "arrests")
RATES = tuple(reader.OVER)
RECORDS, CLAIMS = 25, 20


def table(draw: random.Random, rows: int, *, bounded: bool = False) -> str:
    """A record as CSV; every alert is true or false, so that no fault is in it. Up to two cells read "<5"."""
    lines = [",".join(("date", "place", *COUNTS))]
    left = 2 if bounded else 0
    for place in range(rows):
        true, false = draw.randint(0, 9), draw.choice([0, 0, 1, 3])
        arrests = str(draw.randint(0, true))
        if left and draw.random() < 0.5:
            arrests, left = "<5", left - 1
        faces = draw.choice([draw.randint(40, 900), draw.randint(5_000, 60_000)])
        cells = (faces, true + false, true, false, arrests)
        lines.append(",".join((str(DAY + datetime.timedelta(days=place)), "High Street", *map(str, cells))))
    return "\n".join(lines) + "\n"


def records(kind: str, folder: Path, *, rows: tuple[int, int] = (2, 8), bounded: bool = False) -> Iterator[
    tuple[random.Random, list[reader.Cells], Record]
]:  # fmt: skip
    draw = random.Random(kind)
    for number in range(RECORDS):
        text = table(draw, draw.randint(*rows), bounded=bounded)
        path = folder / f"{kind}-{number}.csv"
        path.write_text(text, encoding="utf-8")
        for _ in range(CLAIMS):
            yield draw, reader.rows_of(text), record_at(path)


_READ: dict[Path, Record] = {}


def record_at(path: Path) -> Record:
    if path not in _READ:
        _READ[path] = read_source(path)
    return _READ[path]


def near(draw: random.Random, figure: Fraction | None, whole: bool = False) -> str:
    """A number that somebody may have said: the figure rounded well or badly, or another."""
    number = float(figure or 0)
    if whole:
        return str(max(0, round(number) + draw.choice([0, 0, 0, 1, -1, 7])))
    number *= draw.choice([1, 1, 1, 1.04, 0.9, 2])
    return format(Decimal(f"{number:.{draw.choice([0, 1, 2])}e}"), "f")


def claim(quantity: str, relation: str, value: str, **more: object) -> Claim:
    return Claim(id="c", statement="s", quantity=(quantity,), relation=relation, value=(Decimal(value),), **more)  # type: ignore[arg-type]


def verdict(asked: Claim, record: Record) -> str:
    found = judge([asked], record)[0]
    assert (found.verdict == "cannot be checked") <= bool(found.missing)
    assert found.because.endswith(".")
    return "holds" if found.verdict == "holds only as stated" else found.verdict


def all_kinds(seen: Counter[str], *needed: str) -> None:
    """That the 500 were no walkover: each verdict in question came at least twenty times."""
    assert sum(seen.values()) == RECORDS * CLAIMS
    assert all(seen[each] >= 20 for each in needed), seen


def test_sums(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for draw, rows, record in records("sums", tmp_path):
        (numbers,) = reader.readings(rows)
        quantity, relation = draw.choice(COUNTS), draw.choice(["equals", "sum_equals", "at_most", "at_least"])
        figure = reader.figure(numbers, quantity)
        value = near(draw, figure, whole=True)
        expected = reader.on_number("exactly" if relation.endswith("equals") else relation, figure, value)
        assert verdict(claim(quantity, relation, value), record) == expected, (quantity, relation, value)
        seen[expected] += 1
    all_kinds(seen, "holds", "does not hold")


def test_sums_together(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for draw, rows, record in records("together", tmp_path):
        (numbers,) = reader.readings(rows)
        quantities = tuple(draw.sample(COUNTS, draw.randint(2, 3)))
        figure = sum((reader.total(numbers, quantity) or Fraction(0) for quantity in quantities), Fraction(0))
        value = near(draw, figure, whole=True)
        asked = Claim(id="c", statement="s", quantity=quantities, relation="together", value=(Decimal(value),))
        expected = reader.on_number("exactly", figure, value)
        assert verdict(asked, record) == expected
        seen[expected] += 1
    all_kinds(seen, "holds", "does not hold")


def test_rates(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for draw, rows, record in records("rates", tmp_path):
        (numbers,) = reader.readings(rows)
        quantity, relation = draw.choice(RATES), draw.choice(["equals", "one_in"])
        figure = reader.figure(numbers, quantity)
        value = near(draw, 1 / figure if figure and relation == "one_in" else figure)
        if relation == "one_in" and Decimal(value) < 1:
            value = "1"
        expected = reader.on_number(relation, figure, value)
        assert verdict(claim(quantity, relation, value), record) == expected, (quantity, relation, value)
        seen[expected] += 1
    all_kinds(seen, "holds", "does not hold")


@pytest.mark.parametrize("quantities", [COUNTS, pytest.param(RATES, marks=pytest.mark.slow)], ids=["sums", "rates"])
def test_comparisons_of_numbers(quantities: tuple[str, ...], tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    relations = [
        "fell_by",
        "rose_by",
        "times",
        *(["more_than_times", "less_than_times"] if quantities == COUNTS else []),
    ]
    for draw, rows, record in records(f"comparisons-{quantities[0]}", tmp_path, rows=(3, 8)):
        (numbers,) = reader.readings(rows)
        cut, quantity, relation = draw.randint(1, len(rows) - 1), draw.choice(quantities), draw.choice(relations)
        own, other = reader.figure(numbers[cut:], quantity), reader.figure(numbers[:cut], quantity)
        ratio = own / other if own is not None and other else Fraction(1)
        shown = {"fell_by": min(max(1 - ratio, Fraction(0)), Fraction(1)), "rose_by": max(ratio - 1, Fraction(0))}
        value = near(draw, shown.get(relation, ratio))
        value = "1" if relation == "fell_by" and Decimal(value) > 1 else value
        asked = claim(
            quantity, relation, value, date_from=DAY + datetime.timedelta(days=cut), against_from=DAY,
            against_to=DAY + datetime.timedelta(days=cut - 1),
        )  # fmt: skip
        expected = reader.compared(relation, own, other, value)
        assert verdict(asked, record) == expected, (quantity, relation, value, own, other)
        seen[expected] += 1
    all_kinds(seen, "holds", "does not hold")


def test_figures_of_each_deployment(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for draw, rows, record in records("each", tmp_path):
        (numbers,) = reader.readings(rows)
        name, quantity = draw.choice(["median", "mean", "least", "most"]), draw.choice((*COUNTS, *RATES))
        relation = draw.choice(["equals", "at_most", "at_least"])
        figure = reader.spread(numbers, name, quantity)
        value = near(draw, figure)
        expected = reader.on_number(relation, figure, value)
        asked = claim(f"{name}_of:{quantity}", relation, value)
        # A row without alerts has no rate per alert, and no row is left out for printing too little.
        assert verdict(asked, record) == expected, (name, quantity, relation, value)
        seen[expected] += 1
    all_kinds(seen, "holds", "does not hold")


def test_shares_of_deployments_and_numbers_per_head(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    people = Population(people=8_000, what="residents", source="s")
    for draw, rows, record in records("shares", tmp_path):
        (numbers,) = reader.readings(rows)
        quantity, relation = draw.choice(COUNTS[1:]), draw.choice(["equals", "at_most", "at_least"])
        more: dict[str, object] = {}
        if draw.random() < 0.5:
            than = draw.randint(0, 5)
            met = [number is not None and number >= than for row in numbers for number in (row[quantity],)]
            figure, name = Fraction(sum(met), len(met)), f"share_of_deployments:{quantity}>={than}"
        else:
            figure, name = (reader.total(numbers, quantity) or Fraction(0)) / 8_000, f"per_head:{quantity}"
            more["population"] = people
        value = near(draw, figure)
        expected = reader.on_number(relation, figure, value)
        assert verdict(claim(name, relation, value, **more), record) == expected, (name, relation, value)
        seen[expected] += 1
    all_kinds(seen, "holds", "does not hold")


def test_chances_of_one_deployment(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for draw, rows, record in records("chances", tmp_path, rows=(1, 1)):
        (numbers,) = reader.readings(rows)
        quantity = draw.choice(RATES[:1] + RATES[3:])
        relation = draw.choice(["at_most", "at_least", "at_most_one_in", "less_than_one_in"])
        top, below = reader.OVER[quantity]
        events, trials = numbers[0][top] or 0, numbers[0][below] or 1
        rate = max(events, 0.5) / trials * draw.choice([0.2, 0.5, 1, 1, 2, 6])
        value = f"{max(1 / rate, 1):.4g}" if relation.endswith("one_in") else f"{rate:.4f}"
        value = format(Decimal(value), "f") if Decimal(value) else "0.0001"
        expected = reader.chance(relation, events, trials, value)
        assert verdict(claim(quantity, relation, value), record) == expected, (
            quantity,
            relation,
            value,
            events,
            trials,
        )
        seen[expected] += 1
    all_kinds(seen, "holds", "does not hold", "neither shown nor refuted")


def test_chances_per_hour_shares_by_group_and_seeded_tests() -> None:
    """Each on its exact interval: Garwood's of one deployment, Clopper and Pearson's of a share or of a test."""
    seen: Counter[str] = Counter()
    draw = random.Random("intervals")
    for _ in range(RECORDS * CLAIMS):
        relation, kind = draw.choice(["at_most", "at_least"]), draw.choice(["hours", "share", "seeded"])
        of = draw.randint(5, 60)
        events = draw.randint(0, of)
        value = f"{min(max(events, 0.4) / of * draw.choice([0.3, 0.7, 1, 1.4, 3]), 1 if kind != 'hours' else 99):.3f}"
        value = "0.001" if not Decimal(value) else value
        record, groups, more = Record((), ()), [], {}
        if kind == "hours":
            row = Row("a", 1, date=DAY, duration_minutes=of * 60, false_alerts=events)
            record, quantity = Record((), (row,)), "false_alerts_per_hour"
            expected = reader.chance(relation, events, of, value, per_hour=True)
        elif kind == "share":
            groups = [
                GroupCount(event="alerts", attribute="gender", group="male", count=events, of=of, label_source="x")
            ]
            quantity, expected = "share_of_alerts:gender=male", reader.chance(relation, events, of, value)
        else:
            more["seeded"] = SeededTest(passes=of, recognised=events, people=of, source="s")
            quantity, expected = "seeded:recognised", reader.chance(relation, events, of, value)
        found = judge([claim(quantity, relation, value, **more)], record, groups=groups)[0].verdict
        assert found == expected, (kind, relation, value, events, of)
        seen[found] += 1
    all_kinds(seen, "holds", "does not hold", "neither shown nor refuted")


@pytest.mark.slow
def test_more_and_less_than_so_many_times_of_rates(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for draw, rows, record in records("ratios", tmp_path, rows=(2, 2)):
        (numbers,) = reader.readings(rows)
        quantity, relation = draw.choice(["alerts_per_face", "false_alerts_per_face"]), draw.choice(
            ["more_than_times", "less_than_times"]
        )  # fmt: skip
        top, below = reader.OVER[quantity]
        other, own = ((row[top] or 0, row[below] or 1) for row in numbers)
        middle = (own[0] + 0.5) / own[1] / ((other[0] + 0.5) / other[1])
        value = f"{max(middle * draw.choice([0.05, 0.3, 1, 3, 20]), 0.001):.3f}"
        asked = claim(quantity, relation, value, date_from=DAY + datetime.timedelta(days=1), against_from=DAY,
                      against_to=DAY)  # fmt: skip
        expected = reader.ratio_chance(relation, own, other, value)
        assert verdict(asked, record) == expected, (quantity, relation, value, own, other)
        seen[expected] += 1
    all_kinds(seen, "holds", "does not hold", "neither shown nor refuted")


@pytest.mark.slow
def test_values_printed_as_bounds(tmp_path: Path) -> None:
    """Every number that "<5" may stand for is tried: where they disagree, the claim cannot be checked."""
    seen: Counter[str] = Counter()
    kinds = ["arrests", "arrests_per_alert", "median_of:arrests", "most_of:arrests", "share_of_deployments:arrests=0"]
    for draw, rows, record in records("bounds", tmp_path, rows=(2, 4), bounded=True):
        name, relation = draw.choice(kinds), draw.choice(["equals", "at_most", "at_least"])
        relation = "equals" if name == "arrests_per_alert" else relation
        readings = [numbers for numbers in reader.readings(rows) if name not in RATES or reader.can_be(numbers, name)]
        figures = [each for numbers in readings if (each := _figure(numbers, name)) is not None]
        value = near(draw, draw.choice(figures) if figures else None, whole=name == "arrests")
        rule = "exactly" if relation == "equals" and name == "arrests" else relation
        verdicts = {reader.on_number(rule, figure, value) for figure in figures} or {"cannot be checked"}
        expected = verdicts.pop() if len(verdicts) == 1 else "cannot be checked"
        found = verdict(claim(name, relation, value), record)
        between = bool(figures) and min(figures) < Fraction(Decimal(value)) < max(figures) and relation == "equals"
        # A value between two ends that no number of arrests gives may be left open, never decided the other way.
        assert found == expected or (between and found == "cannot be checked"), (name, relation, value, found, figures)
        seen[found] += 1
    all_kinds(seen, "holds", "does not hold", "cannot be checked")


def _figure(numbers: list[reader.Numbers], name: str) -> Fraction | None:
    kind, _, of = name.partition("_of:")
    if of:
        return reader.spread(numbers, kind, of)
    if name.startswith("share_of"):
        return Fraction(sum(row["arrests"] == 0 for row in numbers), len(numbers))
    return reader.figure(numbers, name)


def test_periods_that_the_record_does_not_cover(tmp_path: Path) -> None:
    """A claim of days before the first row, or after the last, can never be checked; of days between it always can."""
    seen: Counter[str] = Counter()
    for draw, rows, record in records("periods", tmp_path):
        first = DAY + datetime.timedelta(days=draw.choice([-300, -1, 0, 0, 1]))
        last = DAY + datetime.timedelta(days=len(rows) - 1 + draw.choice([-1, 0, 0, 1, 90]))
        if last < first:
            first = last
        inside = [row for row in rows if first <= datetime.date.fromisoformat(row["date"]) <= last]
        value = sum(int(row["alerts"]) for row in inside)
        expected = "holds"
        if first < DAY or last > DAY + datetime.timedelta(days=len(rows) - 1):
            expected = "cannot be checked"
        asked = claim("alerts", "equals", str(value), date_from=first, date_to=last)
        assert verdict(asked, record) == expected
        because = judge([asked], record)[0].because
        assert ("The record begins on 1 March 2024" in because) == (first < DAY)
        seen[expected] += 1
    all_kinds(seen, "holds", "cannot be checked")


def clumped(draw: np.random.Generator, year: int, deployments: int, expected: float, shape: float) -> list[Row]:
    """Rows of a year whose false alerts come in clumps: gamma rates of ``shape`` between deployments."""
    faces = draw.integers(2_000, 8_000, deployments)
    rates = draw.gamma(shape, 1 / shape, deployments)
    false = draw.poisson(expected / faces.sum() * faces * rates)
    day = datetime.date(year, 1, 1)
    return [
        Row("a", year * 1_000 + number, date=day + datetime.timedelta(number), faces_seen=int(seen),
            alerts=int(wrong) + 5, false_alerts=int(wrong))
        for number, (seen, wrong) in enumerate(zip(faces, false, strict=True))
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deployments", "after", "before", "shape"),
    [(40, 12, 40, 1e6), (40, 12, 40, 0.3), (100, 4, 27, 0.1), (20, 10, 10, 1.0), (100, 1, 20, 0.1)],
)
def test_a_judge_who_knows_the_true_rates_finds_comparisons_wrong_one_time_in_twenty(
    deployments: int, after: float, before: float, shape: float
) -> None:
    """Claims just short of and just beyond the truth are the hardest: what is decided of them is decided by chance."""
    draw, runs = np.random.default_rng(20261130), 150
    wrong, decided, unwarned = Counter[str](), 0, 0
    last = datetime.date(2024, 1, 1) + datetime.timedelta(deployments - 1)
    spans = {"date_from": datetime.date(2024, 1, 1), "date_to": last,
             "against_from": datetime.date(2023, 1, 1), "against_to": datetime.date(2023, 12, 31)}  # fmt: skip
    rate = "false_alerts_per_face"
    for _ in range(runs):
        first, second = (clumped(draw, year, deployments, events, shape)
                         for year, events in ((2023, before), (2024, after)))  # fmt: skip
        faces = [sum(row.faces_seen or 0 for row in rows) for rows in (first, second)]
        true = after / faces[1] / (before / faces[0])
        record = Record((), (*first, *second))
        asked = [
            claim(rate, relation, f"{true * step:.6f}", **spans)
            for relation in ("less_than_times", "more_than_times")
            for step in (0.1, 0.999, 1.001, 10)
        ]
        for one, found in zip(asked, judge(asked, record), strict=True):
            is_so = true < float(one.value[0]) if one.relation == "less_than_times" else true > float(one.value[0])
            said = found.verdict.startswith("holds")
            decided += said or found.verdict == "does not hold"
            wrong[one.relation] += said and not is_so
            wrong["refused"] += found.verdict == "does not hold" and is_so
        # Two years alike: a fall that is claimed as recorded must be said to be compatible with no change.
        alike = clumped(draw, 2024, deployments, before * faces[1] / faces[0], shape)
        events = [sum(row.false_alerts or 0 for row in rows) / sum(row.faces_seen or 0 for row in rows)
                  for rows in (first, alike)]  # fmt: skip
        if events[0] and events[1] and events[0] != events[1]:
            change = f"{abs(events[1] / events[0] - 1):.3f}"
            fell = claim(rate, "fell_by" if events[1] < events[0] else "rose_by", change, **spans)
            (found,) = judge([fell], Record((), (*first, *alike)))
            unwarned += "chance" not in [caveat.kind for caveat in found.caveats]
    most = 0.05 * runs + 2 * (0.05 * 0.95 * runs) ** 0.5  # what chance adds to one in twenty
    assert max(wrong.values()) <= most, wrong
    assert unwarned <= most
    assert decided >= runs
