"""The same for what a record of rows does not settle alone: denominators in words, parts, groups, benchmarks, bases,
places and documents. 500 random claims of each kind, judged by the program and by ``claim_reader``.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tests.published import claim_reader as reader

from countersign.published.claims.claim import Benchmark, Claim, Population, SeededTest
from countersign.published.claims.judge import judge
from countersign.published.claims.quantities import COMPARING, RELATIONS
from countersign.published.group_counts import Baseline, GroupCount
from countersign.published.table.record import Document, Record, Row

DAY = datetime.date(2024, 3, 1)
MANY = 500
pytestmark = pytest.mark.slow


def asked(statement: str, quantity: str, relation: str, *value: str, **more: Any) -> Claim:
    values = tuple(Decimal(each) for each in value)
    return Claim(id="c", statement=statement, quantity=(quantity,), relation=relation, value=values, **more)


def verdict(claim: Claim, *rows: Row, documents: tuple[Document, ...] = (), **more: Any) -> str:
    found = judge([claim], Record(documents, rows), **more)[0].verdict
    return "holds" if found == "holds only as stated" else found


def enough(seen: Counter[str], *needed: str) -> None:
    assert sum(seen.values()) == MANY
    assert all(seen[each] >= 20 for each in needed), seen


def near(draw: random.Random, number: float) -> str:
    return format(Decimal(f"{number * draw.choice([1, 1, 1, 1.04, 0.9, 2]):.{draw.choice([0, 1, 2])}e}"), "f")


def test_numbers_that_words_divide_by() -> None:
    """Right or wrong faces and alerts, in the words or under ``of``; sums and rates; rows that print them all."""
    seen: Counter[str] = Counter()
    draw = random.Random("denominators")
    for _ in range(MANY):
        rows = [
            Row("a", place, date=DAY + datetime.timedelta(place), faces_seen=draw.randint(2_000, 9_000),
                alerts=8, false_alerts=draw.randint(1, 4), true_alerts=4)
            for place in range(draw.randint(1, 4))
        ]  # fmt: skip
        false, faces = sum(row.false_alerts or 0 for row in rows), sum(row.faces_seen or 0 for row in rows)
        alerts = 8 * len(rows)
        noun, right = draw.choice([("faces", faces), ("people", faces), ("alerts", alerts)])
        number = max(1, round(right * draw.choice([1, 1, 1, 0.5, 0.8, 1.3])))
        told = draw.choice([f"{false} of {number:,} {noun}", f"{false} out of the {number} {noun} seen",
                            f"{false} false alerts from {number:,} {noun}"])  # fmt: skip
        more = {"of": Decimal(number)} if draw.random() < 0.3 else {}
        if draw.random() < 0.4 and noun != "alerts":
            claim = asked(told, "false_alerts_per_face", "equals", f"{false / faces:.2g}", **more)
        else:
            claim = asked(told, "false_alerts", "equals", str(false), **more)
        expected = "holds" if reader.agrees(Fraction(right), str(number)) else "does not hold"
        assert verdict(claim, *rows) == expected, (told, claim.quantity, more, right)
        seen[expected] += 1
    enough(seen, "holds", "does not hold")


def test_parts_that_add_up_or_do_not() -> None:
    seen: Counter[str] = Counter()
    draw = random.Random("parts")
    for _ in range(MANY):
        parts = [draw.randint(0, 400) for _ in range(draw.randint(2, 4))]
        claimed = sum(parts) + draw.choice([0, 0, 0, 1, -1])
        recorded = claimed + draw.choice([0, 0, 0, 2])
        claim = asked("s", "arrests", "equals", str(max(claimed, 0)), parts=tuple(map(Decimal, parts)))
        expected = "holds" if sum(parts) == max(claimed, 0) == recorded else "does not hold"
        assert verdict(claim, Row("a", 1, date=DAY, arrests=max(recorded, 0))) == expected
        seen[expected] += 1
    enough(seen, "holds", "does not hold")


def test_shares_by_group_seeded_tests_and_numbers_per_head_as_recorded() -> None:
    seen: Counter[str] = Counter()
    draw = random.Random("as recorded")
    for _ in range(MANY):
        of, kind = draw.randint(5, 60), draw.choice(["share", "seeded", "missed", "head"])
        events, relation, groups = draw.randint(0, of), "equals", []
        more: dict[str, Any] = {}
        figure, row = Fraction(events, of), Row("a", 1, date=DAY, arrests=events)
        if kind == "share":
            quantity = "share_of_alerts:gender=male"
            groups = [GroupCount(event="alerts", attribute="gender", group="male", count=events, of=of)]
        elif kind == "head":
            quantity, relation = "per_head:arrests", draw.choice(["one_in", "equals"])
            more["population"] = Population(people=of * 100, what="residents", source="s", per=draw.choice([1, 100]))
            figure = Fraction(events * more["population"].per, of * 100)
        else:
            test = SeededTest(passes=of, recognised=events if kind == "seeded" else of - events, people=of, source="s")
            quantity, more["seeded"] = f"seeded:{'recognised' if kind == 'seeded' else 'missed'}", test
        value = near(draw, float(1 / figure if relation == "one_in" and figure else figure))
        value = "1" if relation == "one_in" and Decimal(value) < 1 else value
        expected = reader.on_number(relation, figure, value)
        found = verdict(asked("s", quantity, relation, value, **more), row, groups=groups)
        assert found == expected, (kind, relation, value, figure)
        seen[expected] += 1
    enough(seen, "holds", "does not hold")


def test_rates_beside_a_benchmark_of_its_own_events() -> None:
    """One deployment and b events of the benchmark: the conditional exact interval of their ratio."""
    seen: Counter[str] = Counter()
    draw = random.Random("benchmarks")
    relations = ["more_than_times", "less_than_times", "at_most_one_in", "less_than_one_in"]
    for _ in range(MANY):
        own, faces, theirs, one_in = draw.randint(0, 30), draw.randint(3_000, 90_000), draw.randint(1, 40), 6_000
        scaled, relation = draw.random() < 0.5, draw.choice(relations)
        benchmark = Benchmark(id="b", one_in=Decimal(one_in), events=theirs, source="s",
                              at_watchlist=5_000 if scaled else None)  # fmt: skip
        expected_events = Fraction(faces * (2 if scaled else 1), one_in)
        ratio = (own + 0.5) / float(expected_events)
        value = f"{max(ratio * draw.choice([0.1, 0.4, 1, 2, 8]), 0.01):.3f}"
        if relation.endswith("one_in"):
            value = str(one_in)
        claim = asked("s", "false_alerts_per_face", relation, value, benchmark=benchmark)
        row = Row("a", 1, date=DAY, faces_seen=faces, false_alerts=own, watchlist_size=10_000)
        compared = relation if relation.endswith("times") else "less_than_times"
        against = value if relation.endswith("times") else "1"
        expected = reader.ratio_chance(compared, (own, float(expected_events)), (theirs, theirs), against)
        assert verdict(claim, row) == expected, (relation, value, own, faces, theirs, scaled)
        seen[expected] += 1
    enough(seen, "holds", "does not hold", "neither shown nor refuted")


def test_ratios_between_groups_at_a_share_of_exposure_or_at_two_that_disagree() -> None:
    seen: Counter[str] = Counter()
    draw = random.Random("ratios of groups")
    for _ in range(MANY):
        of = draw.randint(5, 60)
        events, shares = draw.randint(0, of), [draw.uniform(0.05, 0.9) for _ in range(draw.choice([1, 1, 2]))]
        group = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=events, of=of)
        baselines = [Baseline(attribute="ethnicity", group="Black", share=share, low=share, high=share, what="w",
                              source="s") for share in shares]  # fmt: skip
        relation = draw.choice(["no_difference", "at_most", "at_least"])
        value = () if relation == "no_difference" else (f"{draw.choice([0.3, 1, 2, 5]) * draw.uniform(0.5, 2):.2f}",)
        verdicts = {reader.group_ratio(relation, events, of, share, *value) for share in shares}
        expected = verdicts.pop() if len(verdicts) == 1 else "cannot be checked"
        claim = asked("s", "ratio_of_false_alert_rates:ethnicity", relation, *value)
        assert verdict(claim, groups=[group], baselines=baselines) == expected, (relation, value, events, of, shares)
        seen[expected] += 1
    enough(seen, "holds", "does not hold", "neither shown nor refuted", "cannot be checked")


def test_sums_of_a_place_a_threshold_a_document_a_release_and_a_force() -> None:
    seen: Counter[str] = Counter()
    draw = random.Random("scopes")
    documents = tuple(
        Document(name, name, publisher=force, published=f"2024-0{month}-01")
        for name, force, month in (("a", "Force A", 4), ("b", "Force A", 6), ("c", "Force B", 6))
    )
    for _ in range(MANY):
        rows = [
            Row(draw.choice("abc"), number, date=DAY + datetime.timedelta(draw.randint(0, 20)),
                arrests=draw.randint(0, 9), place=draw.choice(["High Street", "Market Square"]),
                threshold=Decimal(draw.choice(["0.6", "0.64"])))
            for number in range(8)
        ]  # fmt: skip
        more: dict[str, Any] = {}
        kept = list(rows)
        if draw.random() < 0.6:
            more["place"] = "market"
            kept = [row for row in kept if row.place == "Market Square"]
        if draw.random() < 0.6:
            more["threshold"] = Decimal("0.64")
            kept = [row for row in kept if row.threshold == Decimal("0.64")]
        match draw.choice(["document", "release", "force", "none"]):
            case "document":
                more["document"] = "b"
                kept = [row for row in kept if row.document == "b"]
            case "release":
                more["release"] = datetime.date(2024, 5, 1)
                kept = [row for row in kept if row.document == "a"]
            case "force":
                more["force"] = "Force B"
                kept = [row for row in kept if row.document == "c"]
        value = sum(row.arrests or 0 for row in kept) + draw.choice([0, 0, 1])
        expected = "cannot be checked"
        if kept:
            expected = "holds" if value == sum(row.arrests or 0 for row in kept) else "does not hold"
        found = verdict(asked("s", "arrests", "equals", str(value), **more), *rows, documents=documents)
        assert found == expected, (more, value, kept)
        seen[expected] += 1
    enough(seen, "holds", "does not hold", "cannot be checked")


def test_every_relation_is_judged_by_an_independent_reader() -> None:
    """Each is in one of the two modules of random claims; what is stated of a duty no record of rows can show."""
    both = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_claim_truth*.py"))
    assert all(f'"{relation}"' in both for relation in RELATIONS if relation != "stated")
    assert set(COMPARING) <= set(RELATIONS)
