"""A deployment that two series print is counted once, however its place is spelt; what is unclear is said."""

from __future__ import annotations

import pytest

from countersign.releases.forces import find_force
from countersign.releases.readings import read_release
from countersign.releases.release import Release
from countersign.releases.standing import Standing, standing
from countersign.releases.table import side


def both(first: str, second: str) -> Standing:
    """What stands after a release of the series list and one of the series letters, both as CSV."""
    releases, readings = [], {}
    for number, (series, text) in enumerate((("list", first), ("letters", second))):
        reading = read_release(text.encode(), series, ())
        assert reading.record is not None, reading.because
        day = f"2026-04-0{number + 1}"
        readings[reading.release] = reading
        releases.append(Release("force-a", series, reading.release, number, day, f"{day}T09:00:00Z", "by-hand"))
    return standing(releases, readings)


def lines(*rows: str, head: str = "date,place,alerts,false_alerts") -> str:
    return "\n".join((head, *rows, ""))


def notes(stands: Standing) -> str:
    found = side(find_force("met"), stands).notes
    return "\n".join(note for note in found if "counted once" in note or "unclear" in note)


@pytest.mark.parametrize(
    "spelt",
    [
        "high street",
        "HIGH STREET",
        "High  Street",
        "High-Street",
        "High Street.",
        '"Street, High"',
        "High St",
        "(High St)",
    ],
)
def test_another_spelling_of_the_place_is_the_same_deployment(spelt: str) -> None:
    stands = both(lines("2026-03-01,High Street,9,2"), lines(f"2026-03-01,{spelt},9,2"))
    assert [held.row.alerts for held in stands.rows] == [9]
    assert notes(stands) == (
        "1 deployment that two series print is counted once, as day and place are the same: 1 March 2026, "
        f"{stands.overlaps[0].aside[0].place}."
    )
    [aside] = stands.record.set_aside
    assert aside.reason == "the series list and letters print this day and place; counted once"
    assert stands.record.document(aside.document)


@pytest.mark.parametrize("spelt", ["High Road", "High Street North", "Hihg Street", "High Street (Camden)", "Street"])
def test_other_words_are_another_place(spelt: str) -> None:
    stands = both(lines("2026-03-01,High Street,9,2"), lines(f"2026-03-01,{spelt},9,2"))
    assert (len(stands.rows), stands.overlaps) == (2, ())


def test_another_day_is_another_deployment_and_rows_without_day_or_place_all_stand() -> None:
    stands = both(lines("2026-03-01,High Street,9,2"), lines("2026-03-02,High Street,9,2"))
    assert len(stands.rows) == 2
    stands = both(lines("2026-03-01,,9,2"), lines("2026-03-01,,9,2"))
    assert (len(stands.rows), stands.overlaps) == (2, ())


@pytest.mark.parametrize("turned", [False, True])
def test_the_row_with_another_column_is_the_one_that_is_counted(turned: bool) -> None:
    short = lines("2026-03-01,High Street,9,2", "2026-03-08,Park,4,0")
    long = lines("2026-03-01,high street,9,2,240", head="date,place,alerts,false_alerts,duration_minutes")
    stands = both(*((long, short) if turned else (short, long)))
    rows = sorted((str(held.row.date), held.row.duration_minutes) for held in stands.rows)
    assert rows == [("2026-03-01", 240), ("2026-03-08", None)]


def test_one_row_each_with_other_counts_is_counted_once_and_said_to_be_unclear() -> None:
    stands = both(lines("2026-03-01,High Street,9,2"), lines("2026-03-01,High St,7,2"))
    assert [held.row.alerts for held in stands.rows] == [9]
    assert notes(stands) == (
        "1 March 2026, High St: the series list and letters print one row each, with other values of alerts; it is "
        "counted once, and whether it is one deployment or two is unclear."
    )
    assert "unclear" in stands.record.set_aside[0].reason


def test_two_deployments_of_a_day_are_paired_by_their_counts() -> None:
    morning, evening, third = (f"2026-03-01,High Street,{counts}" for counts in ("9,2", "5,0", "1,1"))
    stands = both(lines(morning, evening), lines(evening.upper(), morning.replace("Street", "St")))
    assert [held.row.alerts for held in stands.rows] == [9, 5]
    assert "2 deployments that two series print are counted once" in notes(stands)
    third_of = both(lines(morning, evening), lines(third, evening))
    assert [held.row.alerts for held in third_of.rows] == [9, 5]
    assert [overlap.differ for overlap in third_of.overlaps] == [(), ("alerts", "false_alerts")]
    assert [held.row.alerts for held in both(lines(morning), lines(evening, morning)).rows] == [9, 5]
    assert [held.row.alerts for held in both(lines(morning, evening), lines(evening)).rows] == [9, 5]
    assert [held.row.alerts for held in both(lines(morning, morning), lines(morning)).rows] == [9, 9]


@pytest.mark.parametrize("turned", [False, True])
def test_where_rows_do_not_pair_the_series_with_more_of_them_is_counted_and_it_is_unclear(turned: bool) -> None:
    two, other = lines("2026-03-01,High Street,9,2", "2026-03-01,High Street,5,0"), lines("2026-03-01,high st,8,1")
    stands = both(*((other, two) if turned else (two, other)))
    assert [held.row.alerts for held in stands.rows] == [9, 5]
    assert "which are of one deployment is unclear; those of " in notes(stands)
    assert ("letters are counted" if turned else "list are counted") in notes(stands)
    assert len(stands.record.set_aside) == 1


def test_many_unclear_days_are_named_by_the_first_and_counted() -> None:
    days = range(1, 10)
    stands = both(
        lines(*(f"2026-03-0{day},High Street,9,2" for day in days)),
        lines(*(f"2026-03-0{day},High St,7,2" for day in days)),
    )
    assert len(stands.rows) == 9
    assert notes(stands).count("whether it is one") == 3
    assert notes(stands).endswith("The same is unclear of 6 other days and places.")


def test_hundreds_of_rows_of_one_day_are_not_paired_and_none_is_counted_twice() -> None:
    first, second = ((f"2026-03-01,High Street,{alerts},1" for alerts in range(1, many)) for many in (99, 90))
    stands = both(lines(*first), lines(*second))
    assert len(stands.rows) == 98
    assert "prints 98 rows and letters 89 rows, and which are of one deployment is unclear" in notes(stands)
