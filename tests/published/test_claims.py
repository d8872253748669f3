"""The twenty claims that ship with the Met's record, each verdict with its reason; and what holds for any claim."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from countersign.published.claims.judge import Claim, Judged, judge, read_claims
from countersign.published.corrections import apply_corrections, read_corrections
from countersign.published.faults.breaks import find_breaks
from countersign.published.files import shipped
from countersign.published.group_counts import read_baselines, read_groups
from countersign.published.read import read_source
from countersign.published.regimes import find_regimes
from countersign.published.table.record import Record, Row

MET = shipped("met")


@cache
def as_printed() -> Record:
    return read_source("shipped:met")


@cache
def corrected() -> Record:
    """With the shipped correction: the Dalston row printed 11/07/23 among rows of July 2024, read as 2024."""
    return apply_corrections(as_printed(), read_corrections(MET / "corrections.toml")).record


class Regime(NamedTuple):
    rows: tuple[int, ...]
    per_face_comparable: bool = True
    face_counts: str = "tested, no change seen (could have seen about a 2-fold one)"


@cache
def judged() -> dict[str, Judged]:
    found = judge(
        read_claims(MET / "claims.toml"),
        corrected(),
        regimes=find_regimes(corrected(), find_breaks(corrected())),
        groups=read_groups(MET / "groups.csv"),
        baselines=read_baselines(MET / "baselines.csv"),
        printed=as_printed(),
    )
    return {one.claim.id: one for one in found}


#: Claim, verdict, what its reasons must name. From "what_the_record_gives" of the facts file claims.csv.
EXPECTED: list[tuple[str, str, tuple[str, ...]]] = [
    ("oxford-circus-five", "holds", ("125,786", "9 arrests", "5 rows")),
    ("first-13-of-2023", "holds", ("247,764", "12 arrests", "13 rows")),
    ("first-73-of-2024", "holds only as stated",
     ("definition", "73 rows", "180 deployments", "902,748", "575 arrests")),
    ("one-in-33000", "holds only as stated",
     ("regime", "27 / 902,748", "1 in 33,435", "all 27 false alerts fall before 25 July 2024", "18 unconfirmed")),
    ("none-at-0.64-in-2024", "holds only as stated", ("definition", "81 rows", "721,305", "5 unconfirmed alerts")),
    ("one-in-1000-passer-by", "neither shown nor refuted", ("7 false alerts in 8,600", "1 in 596 to 1 in 3,060")),
    ("five-of-seven-stopped", "holds", ("5 / 7 = 0.7143",)),
    ("better-than-1-in-6000-a", "holds only as stated",
     ("definition", "2 false alerts", "about 63 expected", "itself rests on 7 events", "model-based")),
    ("better-than-1-in-6000-b", "cannot be checked",
     ("23 false alerts", "about 36 expected", "itself rests on 7 events", "reverses", "63%", "model-based")),
    ("watchlist-entries-2024", "holds only as stated", ("repeat counting", "2,603,540", "is counted once for each")),
    ("annual-report-0.0003", "cannot be checked", ("16 July 2025 to 9 September 2025", "168 rows", "203 deployments")),
    ("eight-of-ten", "holds only as stated", ("definition", "8 of 10", "44.3%", "35.1%", "unpublished")),
    ("no-significant-bias", "cannot be checked", ("7 of 7", "59%", "smallest difference")),
    ("targeted", "cannot be checked", ('"1,2,3,4" in 147 rows', '"Crime Hotspot" in 168 rows')),
    ("bespoke", "cannot be checked", ("less than 1% in 100 of 170 steps",)),
    ("serious-and-violent", "cannot be checked", ("category",)),
    ("signposted", "cannot be checked", ("observer",)),
    ("small-area", "cannot be checked", ("zone",)),
    ("stand-alone", "cannot be checked", ("outside body",)),
    ("officer-decides", "cannot be checked", ("rejections", "8 rows (11 February 2020 to 28 July 2022) of 324")),
]  # fmt: skip


@pytest.mark.parametrize(("identifier", "verdict", "named"), EXPECTED, ids=[line[0] for line in EXPECTED])
def test_each_shipped_claim_has_its_verdict_and_reasons(identifier: str, verdict: str, named: tuple[str, ...]) -> None:
    one = judged()[identifier]
    caveats = [text for caveat in one.caveats for text in (caveat.kind, caveat.text)]
    told = " | ".join([one.because, *one.arithmetic, *one.missing, *caveats, one.claim.note])
    assert one.verdict == verdict, told
    for part in named:
        assert part in told, part
    assert (one.verdict == "holds only as stated") <= bool(one.caveats)
    assert (one.verdict == "cannot be checked") <= bool(one.missing)
    assert one.may_write.endswith(".")
    assert one.may_not_write.startswith("“")
    assert one.why_not.endswith(".")


def test_all_twenty_are_there_and_name_their_source(shared: Path) -> None:
    import csv

    with (shared / "facts" / "claims.csv").open(encoding="utf-8") as file:
        facts = {line["id"]: line for line in csv.DictReader(file)}
    assert set(judged()) == set(facts)
    for identifier, one in judged().items():
        claim, fact = one.claim, facts[identifier]
        assert claim.said_by == fact["said_by"]
        assert claim.said_on == fact["said_on"]
        assert ";".join(claim.quantity) == fact["quantity"]
        assert claim.relation == fact["relation"]
        assert ";".join(str(value) for value in claim.value) in (fact["value"].split(" at ")[0], "0.0000032")
        assert claim.where
        assert (claim.date_from.isoformat() if claim.date_from else "") == fact["date_from"]
        assert (claim.date_to.isoformat() if claim.date_to else "") == fact["date_to"]
        assert (claim.place or "") == fact["place"]


def test_the_correction_decides_two_claims_and_both_readings_are_told() -> None:
    for identifier, figure in (("first-13-of-2023", "248,366"), ("watchlist-entries-2024", "2,587,845")):
        one = judged()[identifier]
        assert one.verdict_as_printed == "does not hold"
        assert one.because_as_printed is not None
        assert figure in one.because_as_printed
    rate = judged()["one-in-33000"]
    assert rate.verdict_as_printed == rate.verdict
    assert rate.because_as_printed is not None
    assert "902,146" in rate.because_as_printed
    assert judged()["oxford-circus-five"].verdict_as_printed is None


def test_no_sentence_gives_a_verdict_on_anyone() -> None:
    for one in judged().values():
        told = " ".join([one.because, one.may_write, *one.arithmetic, one.why_not]).casefold()
        for word in ("compliant", "unfair", "biased", "certified", "unsafe"):
            assert word not in told


def test_regimes_given_are_used_for_rates_per_face() -> None:
    record = corrected()
    year = [position for position, row in enumerate(record.rows) if row.date and row.date.year == 2024]
    halves = (Regime(tuple(year[:90])), Regime(tuple(year[90:]), per_face_comparable=False))
    claim = next(one.claim for one in judged().values() if one.claim.id == "one-in-33000")
    one = judge([claim], record, regimes=halves)[0]
    assert any(caveat.kind == "regime" and "it mixes 2 regimes" in caveat.text for caveat in one.caveats)
    assert any("between two ways of counting faces, 90 rows" in step for step in one.arithmetic)
    whole = judge([claim], record, regimes=(Regime(tuple(range(len(record.rows)))),))[0]
    assert [caveat.kind for caveat in whole.caveats] == ["definition"]


def test_a_claim_of_faces_says_which_regimes_nobody_tested() -> None:
    record = corrected()
    year = [position for position, row in enumerate(record.rows) if row.date and row.date.year == 2024]
    tested, untested = Regime(tuple(year[:90])), Regime(tuple(year[90:]), True, "not tested (90 rows; 400 are needed)")
    claim = next(one.claim for one in judged().values() if one.claim.id == "one-in-33000")
    before = judge([claim], record, regimes=(tested, untested._replace(face_counts=tested.face_counts)))[0]
    one = judge([claim], record, regimes=(tested, untested))[0]
    [line] = [step for step in one.arithmetic if "not tested" in step]
    assert line.startswith("Whether faces were counted in one way was not tested in 1 regime of 2 (")
    assert line.endswith(": 90 rows; 400 are needed).")
    assert not any("not tested" in step for step in before.arithmetic)
    assert (one.verdict, one.caveats) == (before.verdict, before.caveats)
    alerts = msgspec.structs.replace(claim, quantity=("false_alerts_per_alert",))
    assert not any("not tested" in step for step in judge([alerts], record, regimes=(tested, untested))[0].arithmetic)


DAY = datetime.date(2024, 3, 1)


def simple(faces: int, false: int, **more: object) -> Record:
    return Record((), (Row("a", 1, date=DAY, faces_seen=faces, false_alerts=false, **more),))  # type: ignore[arg-type]


def chance(relation: str = "at_most_one_in", value: int = 1000, **more: object) -> Claim:
    return Claim(id="c", statement="s", quantity=("false_alerts_per_face",), relation=relation,
                 value=(Decimal(value),), **more)  # type: ignore[arg-type]  # fmt: skip


def number(quantity: str, value: int, relation: str = "equals") -> Claim:
    return Claim(id="c", statement="s", quantity=(quantity,), relation=relation, value=(Decimal(value),))


ORDER = ["holds", "neither shown nor refuted", "does not hold"]


@settings(deadline=None, max_examples=60)
@given(st.integers(100, 200_000), st.integers(0, 60), st.integers(2, 20_000))
def test_more_events_never_help_a_claim_that_they_are_few(faces: int, events: int, one_in: int) -> None:
    fewer, more = (judge([chance(value=one_in)], simple(faces, count))[0].verdict for count in (events, events + 1))
    assert ORDER.index(fewer) <= ORDER.index(more)


@settings(deadline=None, max_examples=60)
@given(st.integers(100, 200_000), st.integers(0, 60), st.integers(2, 10_000), st.integers(0, 10_000))
def test_a_bolder_claim_never_fares_better(faces: int, events: int, one_in: int, bolder: int) -> None:
    record = simple(faces, events)
    modest, bold = (judge([chance(value=value)], record)[0].verdict for value in (one_in, one_in + bolder))
    assert ORDER.index(modest) <= ORDER.index(bold)


rows_of_counts = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 9)), min_size=1, max_size=8)


def record_of(pairs: list[tuple[int, int]]) -> Record:
    rows = (
        Row("a", place, date=DAY + datetime.timedelta(days=place), faces_seen=faces, arrests=arrests)
        for place, (faces, arrests) in enumerate(pairs, start=1)
    )
    return Record((), tuple(rows))


@settings(deadline=None, max_examples=50)
@given(rows_of_counts, st.integers(0, 3), st.randoms())
def test_the_order_of_rows_changes_no_verdict(pairs: list[tuple[int, int]], off: int, shuffle: random.Random) -> None:
    record = record_of(pairs)
    rows = list(record.rows)
    shuffle.shuffle(rows)
    claims = [
        number("faces_seen", sum(faces for faces, _ in pairs) + off),
        number("arrests", sum(arrests for _, arrests in pairs)),
    ]
    there, back = (judge(claims, found) for found in (record, msgspec.structs.replace(record, rows=tuple(rows))))
    assert [one.verdict for one in there] == [one.verdict for one in back]
    assert [one.arithmetic for one in there] == [one.arithmetic for one in back]
    assert there[0].verdict == ("holds" if off == 0 else "does not hold")


@settings(deadline=None, max_examples=50)
@given(rows_of_counts, st.data())
def test_a_value_not_printed_never_turns_a_claim_that_fails_into_one_that_holds(
    pairs: list[tuple[int, int]], data: st.DataObject
) -> None:
    assume(len(pairs) > 1)  # what no row prints is no sum at all
    record = record_of(pairs)
    true = sum(arrests for _, arrests in pairs)
    gap = data.draw(st.integers(0, len(pairs) - 1))
    rows = tuple(msgspec.structs.replace(row, arrests=None) if place == gap else row
                 for place, row in enumerate(record.rows))  # fmt: skip
    torn = msgspec.structs.replace(record, rows=rows)
    known = true - pairs[gap][1]
    assert judge([number("arrests", known)], torn)[0].verdict == "holds only as stated"
    assert judge([number("arrests", known + 1)], torn)[0].verdict == "cannot be checked"
    assert judge([number("arrests", known, "at_most")], torn)[0].verdict == "cannot be checked"
    assert judge([number("arrests", known, "at_least")], torn)[0].verdict == "holds"
    if known:
        assert judge([number("arrests", known - 1)], torn)[0].verdict == "does not hold"
        assert judge([number("arrests", known - 1, "at_most")], torn)[0].verdict == "does not hold"


@settings(deadline=None, max_examples=30)
@given(rows_of_counts, st.integers(1, 7))
def test_a_record_that_ends_before_the_claim_can_never_check_it(pairs: list[tuple[int, int]], cut: int) -> None:
    record = record_of(pairs)
    last = DAY + datetime.timedelta(days=len(pairs))
    claim = msgspec.structs.replace(number("arrests", sum(arrests for _, arrests in pairs)), date_to=last)
    assert judge([claim], record)[0].verdict == "holds"
    shorter = msgspec.structs.replace(record, rows=record.rows[: max(len(pairs) - cut, 0)])
    one = judge([claim], shorter)[0]
    assert one.verdict == "cannot be checked"
    assert one.missing


def test_a_claim_of_several_figures_stands_as_its_worst() -> None:
    record = record_of([(100, 2), (200, 3)])
    two = Claim(id="c", statement="s", quantity=("faces_seen", "arrests"), relation="equals",
                value=(Decimal(300), Decimal(6)))  # fmt: skip
    one = judge([two], record)[0]
    assert one.verdict == "does not hold"
    assert "300" in one.because
    assert "5 arrests" in one.because


def test_faces_added_up_across_a_change_of_counting_hold_only_as_stated() -> None:
    record = record_of([(100, 2), (200, 3)])
    apart = (Regime((0,)), Regime((1,)))
    faces, arrests = judge([number("faces_seen", 300), number("arrests", 5)], record, regimes=apart)
    assert [caveat.kind for caveat in faces.caveats] == ["regime"]
    assert (faces.verdict, arrests.verdict) == ("holds only as stated", "holds")


def test_a_duty_cannot_be_checked_whatever_the_rows_say() -> None:
    duty = Claim(id="d", statement="signposted", quantity=("duty:uk.open.signage",), relation="stated")
    for record in (Record((), ()), as_printed()):
        one = judge([duty], record)[0]
        assert one.verdict == "cannot be checked"
        assert one.missing


def test_a_claim_of_2017_is_not_answered_with_where_the_record_ends() -> None:
    rows = (Row("a", 1, date=datetime.date(2020, 2, 11), faces_seen=1), Row("a", 2, date=datetime.date(2025, 7, 11)))
    asked = Claim(
        id="c", statement="s", quantity=("faces_seen",), relation="equals", value=(Decimal(9),),
        date_from=datetime.date(2017, 1, 1), date_to=datetime.date(2017, 12, 31),
    )  # fmt: skip
    early = judge([asked], Record((), rows))[0]
    assert early.verdict == "cannot be checked"
    assert early.because == "The record begins on 11 February 2020, after the period of the claim."
    elsewhere = judge([msgspec.structs.replace(asked, date_from=None, date_to=None, place="Nowhere")], Record((), rows))
    assert elsewhere[0].because == "The record has no row of that period, place and threshold."
