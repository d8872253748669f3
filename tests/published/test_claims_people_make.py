"""Claims as people make them: each with the verdict that a careful statistician would give, and the reason."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from countersign.published.claims.claim import Benchmark, Claim, ClaimImpossible, FaceCountRange, Population, SeededTest
from countersign.published.claims.file import ClaimsMalformed, read_claims
from countersign.published.claims.judge import Judged, judge
from countersign.published.group_counts import GroupCount
from countersign.published.table.measures import COLUMN_QUANTITIES, MEASURES, QUANTITIES
from countersign.published.table.record import Document, Record, Row, Unsure

DAY = datetime.date(2024, 3, 1)
JUNE = datetime.date(2024, 6, 1)


def claim(statement: str, quantity: str | tuple[str, ...], relation: str, *value: str, **more: object) -> Claim:
    quantities = (quantity,) if isinstance(quantity, str) else quantity
    values = tuple(Decimal(each) for each in value)
    return Claim(id="c", statement=statement, quantity=quantities, relation=relation, value=values, **more)  # type: ignore[arg-type]


def one(asked: Claim, *rows: Row, documents: tuple[Document, ...] = (), **more: object) -> Judged:
    return judge([asked], Record(documents, rows), **more)[0]  # type: ignore[arg-type]


def row(number: int, date: datetime.date = DAY, document: str = "a", **more: object) -> Row:
    return Row(document, number, date=date, **more)  # type: ignore[arg-type]


#: Bridges' two deployments in one row: 8 alerts, of 12,120 faces seen; the list had 9,756 entries.
LISTED = row(1, faces_seen=12_120, watchlist_size=9_756, alerts=8, true_alerts=2, false_alerts=6)


def test_the_wrong_denominator_is_a_verdict() -> None:
    for quantity, value in (("false_alerts", "6"), ("false_alerts_per_face", "0.0005")):
        asked = claim("6 false alerts of the 9,756 faces on the list", quantity, "equals", value, of=Decimal(9_756))
        found = one(asked, LISTED)
        assert found.verdict == "does not hold"
        assert "divides by 9,756, the number of watchlist entries in these rows" in found.because
        assert "the 6 false alerts came of 12,120 faces seen" in found.because
    words = claim("6 false alerts of the 9,756 faces on the list", "false_alerts", "equals", "6")
    assert one(words, LISTED).verdict == "does not hold"
    for statement in ("6 of 12,120 faces", "6 of 12,000 faces", "6 of 8 alerts", "6 of the 6 false alerts",
                      "6 alerts; 9,756 entries on the list", "6 at a watchlist of 10,000 faces"):  # fmt: skip
        assert one(claim(statement, "false_alerts", "equals", "6"), LISTED).verdict == "holds", statement
    for statement, of in (("6 of 4,000 faces", "faces seen (estimate)"), ("6 of 9 alerts", "alerts"),
                          ("6 out of the 12,500 people scanned", "faces seen (estimate)")):  # fmt: skip
        found = one(claim(statement, "false_alerts", "equals", "6"), LISTED)
        assert found.verdict == "does not hold", statement
        assert f"not the number of {of} in these rows" in found.because
    rate = one(claim("1 in 2,000: 6 of 9,000 faces", "false_alerts_per_face", "one_in", "2000"), LISTED)
    assert rate.verdict == "does not hold"
    assert one(claim("1 in 2,020 faces", "false_alerts_per_face", "one_in", "2020"), LISTED).verdict == "holds"
    people = one(claim("6 of 12,120 people were flagged", "false_alerts", "equals", "6"), LISTED)
    assert [caveat.kind for caveat in people.caveats] == ["faces and people"]
    # What is not all there can only be told to be more than is said.
    unsaid = row(2, DAY + datetime.timedelta(1), false_alerts=0)
    for statement, verdict in (("6 of 13,000 faces", "holds"), ("6 of 9,000 faces", "does not hold")):
        assert one(claim(statement, "false_alerts", "equals", "6"), LISTED, unsaid).verdict == verdict
    # Events of rows without faces did not come of the faces of the others.
    beside = one(claim("8 of 12,120 faces", "false_alerts", "equals", "8"), LISTED, row(2, false_alerts=2))
    assert beside.verdict == "holds only as stated"
    assert "2 false alerts came in rows that print no faces seen (estimate)" in beside.why_not
    arrests = row(1, faces_seen=900, alerts=8, true_alerts=5, arrests=4)
    for of, verdict in (("8", "holds"), ("5", "holds"), ("900", "holds"), ("12", "does not hold")):
        found = one(claim(f"4 of {of}", "arrests", "equals", "4", of=Decimal(of)), arrests)
        assert found.verdict == verdict
    right = claim("6 false alerts of 12,120 faces", "false_alerts", "equals", "6", of=Decimal(12_120))
    assert one(right, LISTED).verdict == "holds"
    for quantity, value in (("false_alerts", "6"), ("true_alerts", "2")):
        of_alerts = claim(f"{value} of 8 alerts", quantity, "equals", value, of=Decimal(8))
        assert one(of_alerts, LISTED).verdict == "holds"
        of_people = claim(f"{value} of 8 people", quantity, "equals", value, of=Decimal(8))
        assert one(of_people, LISTED).verdict == "does not hold"
    other = one(claim("6 of 5,000", "false_alerts", "equals", "6", of=Decimal(5_000)), LISTED)
    assert "not the number of faces seen (estimate)" in other.because
    group = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10, source="s")
    shared = claim("8 of 12", "share_of_false_alerts:ethnicity=Black", "equals", "0.8", of=Decimal(12))
    assert one(shared, LISTED, groups=[group]).verdict == "does not hold"


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("6 biased alerts", "words"), ("6 innocent people flagged", "words"), ("wrongfully flagged 6 times", "words"),
        ("6 people who were not wanted", "words"), ("an accurate system: 6 false alerts", "words"),
        ("6 false alerts thanks to the old engine", "words"),
    ],
)  # fmt: skip
def test_words_beyond_the_figure_turn_what_holds(statement: str, kind: str) -> None:
    found = one(claim(statement, "false_alerts", "equals", "6"), LISTED)
    assert found.verdict == "holds only as stated"
    assert [caveat.kind for caveat in found.caveats] == [kind]
    assert f"“{statement}”" in found.may_not_write
    assert "it speaks of" in found.why_not.casefold()
    assert one(claim("six false alerts", "false_alerts", "equals", "6"), LISTED).verdict == "holds"
    assert one(claim(statement, "false_alerts", "equals", "7"), LISTED).verdict == "does not hold"


def test_the_base_rate_fallacy_and_faces_as_people_are_named() -> None:
    right = claim("matches are correct but for 1 in 2,000", "false_alerts_per_face", "one_in", "2000")
    found = one(right, LISTED)
    kinds = {caveat.kind: caveat.text for caveat in found.caveats}
    assert "of 8 alerts 6 were false (75%)" in kinds["base rate"]
    people = one(claim("12,120 people scanned", "faces_seen", "equals", "12120"), LISTED)
    assert people.verdict == "holds only as stated"
    assert [caveat.kind for caveat in people.caveats] == ["faces and people"]
    faces = one(claim("12,120 faces scanned", "faces_seen", "equals", "12120"), LISTED)
    assert faces.verdict == "holds"
    counted = one(claim("8 alerts about people", "alerts", "equals", "8"), LISTED)
    assert counted.verdict == "holds"


def test_what_may_be_written_of_a_zero_has_its_bound() -> None:
    faces = row(1, faces_seen=3_000, alerts=4, true_alerts=4, false_alerts=0, arrests=0, duration_minutes=60)
    hours = row(1, false_alerts=0, duration_minutes=600)
    alone = row(1, arrests=0)
    for asked, given, bound in (
        (claim("none", "false_alerts", "equals", "0"), faces, "the true rate could be as high as 1 in 813"),
        (claim("none", "false_alerts", "at_most", "1"), hours, "the true rate could be as high as 0.369 per hour"),
        (claim("none", "arrests", "equals", "0"), alone, "the true rate could be as high as 3.69 per deployment"),
        (claim("none", "false_alerts_per_face", "equals", "0"), faces, "could be as high as 1 in 813"),
        (claim("none", "false_alerts_per_face", "at_most_one_in", "100"), faces, "compatible with at most 1 in 813"),
        (claim("none", "share_of_deployments:false_alerts>0", "equals", "0"), faces, "could be as high as"),
        (claim("none", "per_head:arrests", "equals", "0", population=Population(people=9, what="p", source="s")),
         faces, "the true rate could be as high as 1 in 813"),
        (claim("none", "arrests", "equals", "0", date_to=JUNE), faces, "the true rate could be as high as 1 in 813"),
    ):  # fmt: skip
        found = one(asked, given)
        assert bound in found.may_write, (asked.quantity, found.may_write)
    group = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=0, of=10, source="s")
    share = claim("none", "share_of_false_alerts:ethnicity=Black", "equals", "0")
    assert "could be as high as 30.9%" in one(share, faces, groups=[group]).may_write
    rate = one(claim("no chance", "false_alerts_per_face", "equals", "0"), faces)
    assert "none recorded" not in " ".join([rate.because, rate.may_not_write, rate.why_not, *rate.arithmetic])
    assert rate.why_not == "None in 3,000 faces seen (estimate); the true rate could be as high as 1 in 813."


BEFORE = [row(n, faces_seen=1_000, alerts=10, true_alerts=7, false_alerts=3, arrests=5) for n in range(1, 8)]
AFTER = [row(n, JUNE, faces_seen=1_000, alerts=8, true_alerts=7, false_alerts=1, arrests=5) for n in range(8, 15)]
SINCE = {"date_from": JUNE, "against_to": DAY, "against_from": DAY}


def test_a_fall_that_chance_alone_could_give_holds_only_as_stated() -> None:
    found = one(claim("fell by 67%", "false_alerts_per_face", "fell_by", "0.67", **SINCE), *BEFORE, *AFTER)
    assert (found.verdict, found.caveats) == ("holds", ())
    few = [BEFORE[0], AFTER[0]]
    thin = one(claim("fell by 67%", "false_alerts_per_face", "fell_by", "0.67", **SINCE), *few)
    assert thin.verdict == "holds only as stated"
    assert [caveat.kind for caveat in thin.caveats] == ["chance"]
    assert "compatible with no change at all" in thin.why_not
    wrong = one(claim("fell by 86%", "false_alerts_per_face", "fell_by", "0.86", **SINCE), *BEFORE, *AFTER)
    assert wrong.verdict == "does not hold"
    assert "67% less" in wrong.because
    rose = one(claim("rose by 67%", "false_alerts_per_face", "rose_by", "0.67", **SINCE), *BEFORE, *AFTER)
    assert rose.verdict == "does not hold"


def test_sums_over_unequal_numbers_of_deployments_and_thresholds_are_named() -> None:
    found = one(claim("more than doubled", "arrests", "more_than_times", "2", **SINCE), BEFORE[0], *AFTER)
    assert found.verdict == "holds only as stated"
    assert "over 7 and 1 deployment: for each deployment 1 times as much" in found.caveats[0].text
    low = [row(1, alerts=3, threshold=Decimal("0.6")), row(2, JUNE, alerts=6, threshold=Decimal("0.64"))]
    settings = one(claim("doubled", "alerts", "times", "2", **SINCE), *low)
    assert settings.caveats[0].kind == "regime"
    assert "0.64 against 0.6" in settings.caveats[0].text
    none = one(claim("doubled", "alerts", "times", "2", **SINCE), row(1, alerts=0), row(2, JUNE, alerts=6))
    assert none.verdict == "does not hold"
    assert "none" in none.because


def test_more_than_so_many_times_of_a_rate_needs_the_interval() -> None:
    few = [BEFORE[0], AFTER[0]]
    asked = claim("less than half", "false_alerts_per_face", "less_than_times", "0.5", **SINCE)
    assert one(asked, *few).verdict == "neither shown nor refuted"
    none = one(asked, row(1, faces_seen=900, false_alerts=0), row(2, JUNE, faces_seen=900, false_alerts=3))
    assert none.verdict in ("does not hold", "neither shown nor refuted")
    bench = Benchmark(id="b", one_in=Decimal(100), events=400, source="s")
    far = claim("less than half of the benchmark", "false_alerts_per_face", "less_than_times", "0.5", benchmark=bench)
    assert one(far, row(1, faces_seen=100_000, false_alerts=10)).verdict == "holds"
    number = claim("a hundredth", "false_alerts_per_face", "times", "0.01", benchmark=bench)
    assert one(number, row(1, faces_seen=100_000, false_alerts=10)).verdict == "holds"


def test_a_comparison_that_reverses_within_the_range_of_faces_cannot_be_checked() -> None:
    faces = FaceCountRange(low=0.5, high=2, source="a recount")
    asked = claim("fell by 67%", "false_alerts_per_face", "fell_by", "0.67", face_count=faces, **SINCE)
    found = one(asked, *BEFORE, *AFTER)
    assert found.verdict == "cannot be checked"
    assert "0.083" in found.because or "times" in found.because


def test_parts_that_do_not_add_up() -> None:
    parts = tuple(Decimal(each) for each in (549, 347, 85))
    found = one(claim("962 arrests: 549, 347 and 85", "arrests", "equals", "962", parts=parts), row(1, arrests=962))
    assert found.verdict == "does not hold"
    assert "549 + 347 + 85 is 981, 19 more than the 962 that the claim gives" in found.because
    right = one(claim("981 arrests", "arrests", "equals", "981", parts=parts), row(1, arrests=981))
    assert right.verdict == "holds"
    both = claim("8 of either", ("true_alerts", "false_alerts"), "together", "8")
    assert one(both, LISTED).verdict == "holds"
    assert one(both, row(1, true_alerts=2)).verdict == "cannot be checked"


def test_who_was_missed_needs_a_seeded_test() -> None:
    asked = claim("70% are recognised", "seeded:recognised", "at_least", "0.7")
    none = one(asked, LISTED)
    assert none.verdict == "cannot be checked"
    assert "leaves no trace" in none.because
    test = SeededTest(passes=400, recognised=356, people=17, source="a trial")
    clumped = one(claim("70%", "seeded:recognised", "at_least", "0.7", seeded=test), LISTED)
    # As independent passes 85% to 92%; as 17 people whose passes all agree, no more than 64% is sure.
    assert clumped.verdict == "neither shown nor refuted"
    number = one(claim("89%", "seeded:recognised", "equals", "0.89", seeded=test), LISTED)
    assert number.verdict == "holds only as stated"
    assert one(claim("11%", "seeded:missed", "equals", "0.11", seeded=test), LISTED).caveats == number.caveats


def test_each_deployment_and_rows_of_several() -> None:
    rows = [row(1, arrests=2), row(2, arrests=7), row(3, arrests=9)]
    assert one(claim("at every one two or more", "least_of:arrests", "at_least", "2"), *rows).verdict == "holds"
    assert one(claim("never above 8", "most_of:arrests", "at_most", "8"), *rows).verdict == "does not hold"
    assert one(claim("a median of 7", "median_of:arrests", "equals", "7"), *rows).verdict == "holds"
    several = one(claim("a median of 7", "median_of:arrests", "equals", "7"), *rows, row(4, arrests=3, deployments=4))
    assert several.verdict == "cannot be checked"
    assert "1 row of the period cover" in several.because or "several deployments" in several.because
    two = [row(number, arrests=3, deployments=4) for number in (4, 5)]
    several = one(claim("a median of 7", "median_of:arrests", "equals", "7"), *rows, *two)
    assert several.because == "2 rows of the period cover several deployments each."
    gap = one(claim("never above 8", "most_of:arrests", "at_most", "8"), *rows[:2], row(3))
    assert gap.verdict == "cannot be checked"
    assert one(claim("never above 6", "most_of:arrests", "at_most", "6"), *rows[:2], row(3)).verdict == "does not hold"


def test_a_number_per_head_has_its_base() -> None:
    base = Population(people=1_000, what="residents of the ward", per=100, source="a census")
    found = one(claim("3 per 100", "per_head:arrests", "equals", "3", population=base), row(1, arrests=30))
    assert found.verdict == "holds"
    assert "30 arrests beside 1,000 residents of the ward" in found.may_write
    scanned = claim("1 in 2 residents scanned", "per_head:faces_seen", "one_in", "2", population=base)
    assert [caveat.kind for caveat in one(scanned, row(1, faces_seen=5)).caveats] == ["faces and people"]


MET = Document("met", "Met", publisher="Metropolitan Police", published="2024-05-01")
LATER = Document("met-2", "Met", publisher="Metropolitan Police", published="2024-09-01")


def test_another_force_and_an_earlier_release() -> None:
    rows = row(1, document="met", arrests=5), row(1, JUNE, document="met-2", arrests=9)
    asked = claim("five arrests", "arrests", "equals", "5", force="South Wales Police")
    other = one(asked, *rows, documents=(MET, LATER))
    assert other.verdict == "cannot be checked"
    assert other.because.startswith("The claim is about another force: the record is of Metropolitan Police")
    early = claim("five arrests", "arrests", "equals", "5", release=datetime.date(2024, 6, 1))
    assert one(early, *rows, documents=(MET, LATER)).verdict == "holds"
    assert one(claim("five", "arrests", "equals", "5"), *rows, documents=(MET, LATER)).verdict == "does not hold"
    named = claim("nine", "arrests", "equals", "9", document="met-2", force="metropolitan police")
    assert one(named, *rows, documents=(MET, LATER)).verdict == "holds"
    before = one(claim("five", "arrests", "equals", "5", release=DAY), *rows, documents=(MET, LATER))
    assert before.verdict == "cannot be checked"
    assert "1 March 2024" in before.because
    gone = one(claim("five", "arrests", "equals", "5", document="met-3"), *rows, documents=(MET, LATER))
    assert "met-3" in gone.missing[0]
    group = GroupCount(event="false_alerts", attribute="ethnicity", group="Black", count=8, of=10, force="Essex")
    share = claim("s", "share_of_false_alerts:ethnicity=Black", "equals", "0.8", force="Kent")
    assert "counts by group given are of Essex, not Kent" in one(share, *rows, groups=[group]).because


def test_the_start_of_the_record_is_checked_as_its_end_is() -> None:
    rows = row(1, datetime.date(2020, 2, 11), arrests=1), row(2, datetime.date(2025, 7, 11), arrests=2)
    dates = {"date_from": datetime.date(2017, 1, 1), "date_to": datetime.date(2020, 12, 31)}
    early = one(claim("one", "arrests", "equals", "1", **dates), *rows)
    assert early.verdict == "cannot be checked"
    assert early.because.startswith("The record begins on 11 February 2020")
    assert "1 January 2017 to 10 February 2020" in early.missing[0]
    both = one(claim("3", "arrests", "equals", "3", **{**dates, "date_to": datetime.date(2026, 1, 1)}), *rows)
    assert "begins on 11 February 2020 and reaches to 11 July 2025" in both.because
    past = one(claim("3", "arrests", "equals", "3", date_from=datetime.date(2026, 1, 1)), *rows)
    assert "reaches to 11 July 2025, before the period of the claim" in past.because


def test_a_bound_without_an_upper_end() -> None:
    over = row(1, unsure={"faces_seen": Unsure("bounded", "'over 35,000' is printed", 35_001, None)})
    assert one(claim("at least 30,000 faces", "faces_seen", "at_least", "30000"), over).verdict == "holds"
    assert one(claim("at most 40,000 faces", "faces_seen", "at_most", "40000"), over).verdict == "cannot be checked"
    found = one(claim("36,000 faces", "faces_seen", "equals", "36000"), over)
    assert found.verdict == "cannot be checked"
    assert "35,001 or more faces seen" in found.because
    assert found.missing == ("the exact values that are printed as bounds",)
    assert one(claim("30,000 faces", "faces_seen", "equals", "30000"), over).verdict == "does not hold"


def test_sums_together_go_to_both_ends() -> None:
    few = row(1, true_alerts=6, unsure={"false_alerts": Unsure("bounded", "'<5' is printed", 0, 4)})
    for value, verdict in (("8", "cannot be checked"), ("5", "does not hold"), ("11", "does not hold")):
        found = one(claim("both", ("true_alerts", "false_alerts"), "together", value), few)
        assert found.verdict == verdict
        assert "6 to 10 true alerts and false alerts together" in found.because


def test_a_chance_and_a_comparison_go_to_both_ends() -> None:
    few = {"false_alerts": Unsure("bounded", "'<5' is printed", 0, 4)}
    asked = claim("at most 1 in 100", "false_alerts_per_face", "at_most_one_in", "100")
    wide, narrow = row(1, faces_seen=20_000, unsure=few), row(1, faces_seen=700, unsure=few)
    same = one(asked, wide)
    assert same.verdict == "holds"
    assert "the verdict is the same at both ends" in same.because
    assert "0 to 4 false alerts" in same.because
    turned = one(asked, narrow)
    assert turned.verdict == "cannot be checked"
    assert "between the ends it is: " in turned.because
    versus = claim("more than doubled", "false_alerts", "more_than_times", "2", **SINCE)
    assert one(versus, wide, row(2, JUNE, false_alerts=20)).verdict == "holds only as stated"
    assert one(versus, wide, row(2, JUNE, false_alerts=7)).verdict == "cannot be checked"
    assert one(claim("s", "false_alerts", "more_than_times", "9", **SINCE), row(1, false_alerts=1),
               row(2, JUNE, unsure=few)).verdict == "does not hold"  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ('quantity = "arrests"\nrelation = "fell_by"\nvalue = 0.5', "needs what it is compared with"),
        ('quantity = "arrests"\nrelation = "fell_by"\nvalue = 86\nagainst_to = 2023-01-01', "takes a share"),
        ('quantity = "arrests"\nrelation = "equals"\nvalue = 5\nagainst_place = "X"', "compares with nothing"),
        ('quantity = "per_head:arrests"\nrelation = "equals"\nvalue = 5', "needs its base"),
        ('quantity = "arrests"\nrelation = "equals"\nvalue = 5\npopulation = "p"', "belongs to a claim of another"),
        ('quantity = "arrests"\nrelation = "equals"\nvalue = 5\nparts = [5]', "two numbers or more"),
        ('quantity = "arrests"\nrelation = "equals"\nvalue = 5\nof = -5', "below zero"),
        ('quantity = "median_of:nothing"\nrelation = "equals"\nvalue = 5', "is not known"),
        ('quantity = "share_of_deployments:arrests=x"\nrelation = "equals"\nvalue = 5', "is not known"),
    ],
)
def test_claims_that_cannot_be_are_refused_with_the_place(given: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    tables = '[population.p]\npeople = 9\nwhat = "w"\nsource = "s"\n[record]\nbegins = 2020-01-01\nsource = "s"\n'
    head = '[[claim]]\nid = "c"\nsaid_by = "x"\nwhere = "y"\nstatement = "z"\n'
    path.write_text(f"{tables}{head}{given}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=said) as caught:
        read_claims(path)
    assert "claim 'c'" in str(caught.value)


@pytest.mark.parametrize(
    ("tables", "error"),
    [
        ("[population.p]\npeople = 0\nwhat = 'w'\nsource = 's'", ClaimImpossible),
        ("[seeded.t]\npasses = 3\nrecognised = 4\npeople = 1\nsource = 's'", ClaimImpossible),
        ("[seeded.t]\npasses = 3\nrecognised = 1\npeople = 4\nsource = 's'", ClaimImpossible),
        ("[record]\nsource = 's'", ClaimsMalformed),
    ],
)
def test_tables_beside_claims_are_checked(tables: str, error: type[Exception], tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(f"{tables}\n", encoding="utf-8")
    with pytest.raises(error):
        read_claims(path)


def test_the_new_keys_are_read(tmp_path: Path) -> None:
    path = tmp_path / "claims.toml"
    path.write_text(
        '[record]\nbegins = 2020-01-24\nsource = "s"\n[seeded.t]\npasses = 9\nrecognised = 8\n'
        'people = 3\nsource = "s"\n'
        '[[claim]]\nid = "c"\nsaid_by = "x"\nwhere = "y"\nstatement = "z"\nquantity = "seeded:missed"\n'
        'relation = "at_most"\nvalue = 0.3\nseeded = "t"\n'
        '[[claim]]\nid = "d"\nsaid_by = "x"\nwhere = "y"\nstatement = "z"\nquantity = "arrests"\nrelation = "times"\n'
        'value = 2\nagainst_from = 2020-01-01\nagainst_to = 2020-02-01\nagainst_place = "P"\nagainst_threshold = 0.6\n'
        'release = 2021-01-01\ndocument = "m"\nof = 7\nparts = [1, 1]\n',
        encoding="utf-8",
    )
    first, second = read_claims(path)
    assert first.seeded == SeededTest(passes=9, recognised=8, people=3, source="s")
    assert first.start is not None
    assert second.against is not None
    assert (second.against.place, second.against.threshold) == ("P", Decimal("0.6"))
    assert (second.document, second.release, second.of) == ("m", datetime.date(2021, 1, 1), Decimal(7))
    asked = claim("one", "arrests", "equals", "1", date_from=datetime.date(2020, 1, 24), start=first.start)
    assert one(asked, row(1, datetime.date(2020, 2, 11), arrests=1)).verdict == "holds"


def test_a_row_of_a_period_that_the_claim_cuts_cannot_answer_for_it() -> None:
    quarter = Row("a", 1, date=datetime.date(2024, 1, 1), date_to=datetime.date(2024, 3, 31), deployments=9, arrests=20)
    later = Row("a", 2, date=datetime.date(2024, 4, 1), date_to=datetime.date(2024, 6, 30), deployments=7, arrests=5)
    whole = {"date_from": datetime.date(2024, 1, 1), "date_to": datetime.date(2024, 3, 31)}
    assert one(claim("20 arrests", "arrests", "equals", "20", **whole), quarter, later).verdict == "holds"
    cut = one(claim("20", "arrests", "equals", "20", date_to=datetime.date(2024, 2, 29)), quarter, later)
    assert cut.verdict == "cannot be checked"
    assert "1 row (1 January to 31 March 2024) covers days within the period of the claim" in cut.because
    end = one(claim("25", "arrests", "equals", "25", date_to=datetime.date(2024, 6, 30)), quarter, later)
    assert end.verdict == "holds"
    assert "over 16 deployments (1 January to 30 June 2024)" in end.may_write
    only_end = Row("a", 3, date_to=datetime.date(2024, 6, 30), arrests=4, deployments=2)
    asked = claim("25", "arrests", "equals", "25", date_from=datetime.date(2024, 4, 1))
    assert one(asked, quarter, later, only_end).verdict == "cannot be checked"


def test_a_rate_over_part_of_the_rows_says_so() -> None:
    rows = row(1, faces_seen=1_000, false_alerts=1), row(2, false_alerts=3)
    for asked in (
        claim("1 in 1,000", "false_alerts_per_face", "one_in", "1000"),
        claim("at most 1 in 100", "false_alerts_per_face", "at_most_one_in", "100"),
    ):
        found = one(asked, *rows)
        assert found.verdict == "holds only as stated"
        assert "1 row of the period does not print both false alerts and faces seen" in found.caveats[0].text


def test_a_comparison_rests_on_how_unconfirmed_alerts_are_counted() -> None:
    before = [row(n, faces_seen=9_000, false_alerts=3, true_alerts=9, true_alerts_unconfirmed=0) for n in (1, 2, 3)]
    after = [
        row(n, JUNE, faces_seen=9_000, false_alerts=1, true_alerts=9, true_alerts_unconfirmed=4) for n in (4, 5, 6)
    ]
    for quantity in ("false_alerts", "false_alerts_per_face"):
        found = one(claim("fell by 67%", quantity, "fell_by", "0.67", **SINCE), *before, *after)
        assert found.verdict == "holds only as stated"
        texts = [caveat.text for caveat in found.caveats]
        said = (
            "with every unconfirmed alert among false alerts counted the other way it is 1.7 times as much (67% more)"
        )
        assert said in texts
    most = one(claim("never above one", "most_of:false_alerts", "at_most", "1"), *after)
    assert most.verdict == "holds only as stated"
    assert "5 false alerts as the most of 3 deployments" in most.caveats[0].text


@pytest.mark.parametrize(
    ("quantity", "relation", "value"),
    [
        ("false_alert_engagements", "equals", "0"),
        ("false_alert_engagements", "at_most", "0"),
        ("false_alert_engagements", "at_least", "0"),
        (("false_alert_engagements", "alerts"), "together", "8"),
        ("median_of:false_alert_engagements", "equals", "0"),
        ("share_of_deployments:false_alert_engagements=0", "equals", "1"),
    ],
)
def test_what_no_row_prints_is_no_zero(quantity: str | tuple[str, ...], relation: str, value: str) -> None:
    found = one(claim("nobody was stopped", quantity, relation, value), LISTED)
    assert found.verdict == "cannot be checked"
    assert "no row of the period prints engagements after a false alert" in found.because[0].lower() + found.because[1:]


def test_a_rate_per_face_said_of_those_who_are_stopped_is_the_base_rate_fallacy() -> None:
    said = "if you are stopped, the chance that it is a mistake is 0.05%"
    found = one(claim(said, "false_alerts_per_face", "equals", "0.0005"), LISTED)
    assert found.verdict == "holds only as stated"
    assert [caveat.kind for caveat in found.caveats] == ["base rate"]


def test_a_row_that_contradicts_itself_is_left_out_by_name_and_the_others_keep_their_clumps() -> None:
    """With it in, an interval for independent events stood under "One deployment", and "at least 70%" held."""
    rows = [row(number, DAY + datetime.timedelta(number), alerts=40, true_alerts=true)
            for number, true in enumerate((40, 41, 10, 40, 40, 40))]  # fmt: skip
    asked = claim("at least 70% of alerts were true", "true_alerts_per_alert", "at_least", "0.7")
    found = one(asked, *rows)
    assert found.verdict == "neither shown nor refuted"
    assert "170 true alerts in 200 alerts" in found.because
    assert "left out, since it contradicts itself: a, row 1 (41 true alerts of 40 alerts)" in found.arithmetic[0]
    assert "allowing for events in clumps" in " ".join(found.arithmetic)
    most = one(claim("never more than all of them", "most_of:true_alerts_per_alert", "at_most", "1"), *rows)
    assert "1 true alert per alert as the most of 5 deployments" in most.because
    assert most.verdict == "cannot be checked"
    # An arrest need not come of a true alert: more of them contradict nothing, and stay.
    more = [row(number, DAY + datetime.timedelta(number), true_alerts=4, arrests=made)
            for number, made in enumerate((4, 6, 3))]  # fmt: skip
    arrests = one(claim("13 of 12", "arrests_per_true_alert", "at_most", "3"), *more)
    assert "13 arrests in 12 true alerts" in arrests.because
    assert "allowing for events in clumps" in " ".join(arrests.arithmetic)


def test_more_than_so_many_times_none_holds_of_any_number_and_nothing_else_does() -> None:
    """From none there is no ratio: "more than doubled" was said not to hold of none and then seven."""
    none, seven = row(1, false_alerts=0, faces_seen=90), row(2, JUNE, false_alerts=7, faces_seen=90)
    for relation, value, verdict in (
        ("more_than_times", "2", "holds only as stated"), ("less_than_times", "2", "does not hold"),
        ("times", "7", "does not hold"), ("rose_by", "7", "does not hold"),
    ):  # fmt: skip
        found = one(claim("s", "false_alerts", relation, value, **SINCE), none, seven)
        assert found.verdict == verdict, relation
        assert "no ratio" in found.because or "none" in found.because
    doubled = claim("more than doubled", "false_alerts", "more_than_times", "2", **SINCE)
    assert one(doubled, none, row(2, JUNE, false_alerts=0)).verdict == "does not hold"
    assert one(doubled, none, row(3, DAY, false_alerts=None), seven).verdict == "cannot be checked"


def test_a_figure_of_each_row_and_a_sum_of_several_that_are_zero_have_their_bound() -> None:
    rows = [row(n, DAY + datetime.timedelta(n), faces_seen=1_000, alerts=2, true_alerts=2, false_alerts=0, arrests=0)
            for n in range(3)]  # fmt: skip
    for name, value in (
        ("most_of:arrests", "0"),
        ("mean_of:false_alerts", "0"),
        ("most_of:false_alerts_per_face", "0"),
    ):
        assert "could be as high as" in one(claim("none", name, "equals", value), *rows).may_write, name
    together = one(claim("six", ("true_alerts", "false_alerts"), "together", "6"), *rows)
    assert "6 true alerts + 0 false alerts; no false alerts" in together.may_write
    assert "could be as high as" in together.may_write


def test_one_of_anything_is_said_in_the_singular() -> None:
    """Every quantity that is 1, in every kind of claim: "1 false alerts" stood in 20 sentences."""
    names = [name for name in QUANTITIES if name in COLUMN_QUANTITIES] + ["deployments", "hours", "engagements"]
    ones: Any = dict.fromkeys(COLUMN_QUANTITIES, 1) | {"duration_minutes": 60}
    before, after = row(1, DAY, **ones), row(2, JUNE, **ones)
    lacking = row(3, JUNE + datetime.timedelta(1))
    people = Population(people=9, what="residents", source="s")
    on = {"date_from": DAY, "date_to": DAY}
    asked = [claim("s", name, relation, "1", **on) for name in names for relation in ("equals", "at_most")]
    asked += [claim("s", name, "equals", "1") for name in names]
    asked += [claim("s", (name, "alerts"), "together", "2", **on) for name in names]
    asked += [claim("s", name, relation, "1", against_from=DAY, against_to=DAY, date_from=JUNE)
              for name in (*names, *MEASURES) for relation in ("times", "more_than_times")]  # fmt: skip
    asked += [claim("s", name, relation, "1", **on) for name in MEASURES for relation in ("equals", "at_least")]
    asked += [claim("s", f"{kind}_of:{name}", "equals", "1", **on) for kind in ("median", "most", "mean")
              for name in (*names, *MEASURES)]  # fmt: skip
    asked += [claim("s", f"share_of_deployments:{name}>=1", "equals", "1", **on) for name in names]
    asked += [claim("s", f"per_head:{name}", "equals", "1", population=people, **on) for name in names]
    asked.append(claim("1 of 3 alerts", "false_alerts", "equals", "1", **on))
    plurals = "alerts|faces|engagements|arrests|outcomes|entries|minutes|deployments|hours|rows|people|regimes"
    wrong = re.compile(rf"(?<![0-9,.])\b1 (?:[a-z]+ )?(?:{plurals})\b|\b1 row (?!of the period does)[^.;]* print\b")
    for entry in judge(asked, Record((), (before, after, lacking))):
        texts = (entry.because, *entry.arithmetic, *entry.missing, entry.may_write, entry.may_not_write, entry.why_not,
                 *(caveat.text for caveat in entry.caveats))  # fmt: skip
        for text in texts:
            assert not wrong.search(text), (entry.claim.quantity, entry.claim.relation, text)
