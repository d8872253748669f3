"""Any claim on any record has a verdict, with reasons: whatever is printed, bounded, withheld, or covers a period."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

from countersign.published.claims.claim import Benchmark, Claim, ClaimImpossible, FaceCountRange, Population
from countersign.published.claims.judge import judge
from countersign.published.claims.quantities import FITTING, term
from countersign.published.claims.verdict import MEANINGS
from countersign.published.table.measures import COLUMN_QUANTITIES, MEASURES, QUANTITIES
from countersign.published.table.record import Document, Record, Row, Unsure

DAY = datetime.date(2024, 3, 1)


def any_row(draw: random.Random, number: int) -> Row:
    """A row in which every column is printed, left out, bounded, open above or withheld; alerts may contradict."""
    values: dict[str, int | None] = {}
    unsure: dict[str, Unsure] = {}
    for column in COLUMN_QUANTITIES:
        kind = draw.choice(["printed"] * 6 + ["none", "bounded", "over", "withheld"])
        if kind == "printed":
            values[column] = draw.choice([0, 1, 3, 12, 900])
        elif kind != "none":
            low = None if kind == "withheld" else draw.randint(0, 5)
            high = low + 4 if low is not None and kind == "bounded" else None
            unsure[column] = Unsure("withheld" if low is None else "bounded", "it is", low, high)
    date = draw.choice([DAY + datetime.timedelta(days=number)] * 5 + [None])
    ends = draw.choice([None] * 5 + [DAY + datetime.timedelta(days=number + 40)])
    setting = draw.choice([None, Decimal("0.6"), Decimal("0.64")])
    deployments = draw.choice([None, None, None, 1, 3])
    return Row(draw.choice("ab"), number, date=date, date_to=ends, threshold=setting, place="X", unsure=unsure,
               deployments=deployments, **values)  # type: ignore[arg-type]  # fmt: skip


def any_claim(draw: random.Random) -> Claim | None:
    """A claim of any row-based quantity, with any relation that fits and any of the keys; ``None`` where impossible."""
    name = draw.choice([*QUANTITIES, *MEASURES])
    count = draw.choice(list(QUANTITIES))
    quantity = draw.choice([name, name, name, f"median_of:{name}", f"most_of:{name}", f"per_head:{count}",
                            f"share_of_deployments:{name}>={draw.randint(0, 3)}", "seeded:missed"])  # fmt: skip
    relation = draw.choice(FITTING[term(quantity).subject])
    value = Decimal(draw.choice(["0", "0.001", "0.5", "1", "2", "33000"]))
    more: dict[str, object] = {}
    if draw.random() < 0.5:
        more["against_to"] = DAY + datetime.timedelta(days=draw.randint(-2, 6))
        more["date_from"] = DAY + datetime.timedelta(days=draw.randint(0, 6))
    else:
        more["benchmark"] = Benchmark(id="b", one_in=Decimal(600), events=7, source="s",
                                      at_watchlist=draw.choice([None, 1000]))  # fmt: skip
    if quantity.startswith("per_head"):
        more["population"] = Population(people=1000, what="p", source="s")
    more |= draw.choice([{}, {}, {"face_count": FaceCountRange(low=0.5, high=8, source="s")}, {"of": Decimal(900)},
                         {"force": "Kent"}, {"release": DAY}, {"document": "a"}, {"words_to": DAY}])  # fmt: skip
    if relation not in ("fell_by", "rose_by", "times", "more_than_times", "less_than_times"):
        more = {key: value for key, value in more.items() if not key.startswith("against")}
    statement = draw.choice(["alerts", "innocent people", "accurate matches"])
    try:
        return Claim(id="c", statement=statement, quantity=(quantity,), relation=relation, value=(value,), **more)  # type: ignore[arg-type]
    except ClaimImpossible:
        return None


def test_any_claim_on_any_record_has_a_verdict_with_its_reason() -> None:
    draw, judged = random.Random(13), 0
    while judged < 700:
        rows = tuple(any_row(draw, number) for number in range(draw.randint(0, 5)))
        documents = tuple(Document(name, name, publisher="Kent Police", published="2024-05-01") for name in "ab")
        record = Record(documents[: draw.randint(0, 2)], rows)
        for asked in filter(None, (any_claim(draw) for _ in range(4))):
            (found,) = judge([asked], record)
            judged += 1
            assert found.verdict in MEANINGS
            assert found.because
            assert (found.verdict == "cannot be checked") <= bool(found.missing), (asked, found.because)
            assert (found.verdict == "holds only as stated") <= bool(found.caveats), (asked, found.because)
            assert (found.verdict != "holds") <= (asked.statement in found.may_not_write)
