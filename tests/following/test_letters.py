"""Due dates against real calendars, states in their order, and letters that ask for what is not shown."""

from __future__ import annotations

import datetime

import holidays as others
import pytest
from tests.making.libraries import Shelf, rows

from countersign.following.library import Step
from countersign.following.requests import NEXT, holidays, limit, standings, works
from countersign.following.sides import sides

D = datetime.date
PARTS = {"england-and-wales": ("ENG", "WLS"), "scotland": ("SCT",), "northern-ireland": ("NIR",)}


@pytest.mark.slow
def test_our_holidays_are_those_of_another_library() -> None:
    for year, parts in holidays().items():
        for part, codes in PARTS.items():
            for code in codes:
                theirs = others.country_holidays("GB", subdiv=code, years=year)
                assert parts[part] == {day for day in theirs if day.weekday() < 5}, (year, part)


@pytest.mark.parametrize(
    ("received", "law", "due"),
    [
        (D(2024, 2, 1), "foia", D(2024, 2, 29)),  # a leap day is the last
        (D(2024, 2, 2), "foia", D(2024, 3, 1)),
        (D(2024, 3, 1), "foia", D(2024, 4, 3)),  # St Patrick's moved to 18 March, Good Friday, Easter Monday
        (D(2024, 3, 1), "foisa", D(2024, 4, 1)),  # in Scotland only Good Friday
        (D(2025, 12, 1), "foia", D(2025, 12, 31)),
        (D(2025, 12, 5), "foia", D(2026, 1, 8)),  # 2 January is a holiday in Scotland, and counts nowhere
        (D(2026, 5, 29), "foia", D(2026, 6, 29)),  # 15 June 2026 is one in Scotland
        (D(2026, 6, 27), "foisa", D(2026, 7, 24)),  # received on a Saturday
        (D(2026, 6, 27), "foia", D(2026, 7, 27)),  # 12 July falls on a Sunday: 13 July
        (D(2026, 12, 1), "foia", D(2026, 12, 31)),
    ],
)
def test_the_limit_against_calendars_counted_by_hand(received: D, law: str, due: D) -> None:
    assert limit(received, law).day == due
    assert limit(received, law).sure


def test_the_limit_by_another_count_for_every_day_of_five_years() -> None:
    off = {code: others.country_holidays("GB", subdiv=code, years=range(2024, 2029)) for code in ("ENG", "SCT", "NIR")}
    for law, codes in (("foia", ("ENG", "SCT", "NIR")), ("foisa", ("SCT",))):
        for number in range(0, 365 * 4 + 300, 3):
            received = D(2024, 1, 1) + datetime.timedelta(number)
            later = (received + datetime.timedelta(after) for after in range(1, 60))
            working = [day for day in later if day.weekday() < 5 and not any(day in off[code] for code in codes)]
            assert limit(received, law).day == working[19], (received, law)
            assert works(received, law) == (received.weekday() < 5 and not any(received in off[code] for code in codes))


def test_past_the_last_known_year_it_is_at_the_earliest() -> None:
    assert limit(D(2028, 12, 20), "foia").said.endswith("at the earliest")
    assert not limit(D(2023, 5, 1), "foia").sure


def _steps(*states: tuple[str, D], law: str = "foia") -> list[Step]:
    return [Step(number, "force-a", "force-a-1", law, state, on, "") for number, (state, on) in enumerate(states)]


def test_a_question_starts_the_days_anew_and_a_fee_stops_them() -> None:
    sent = [("written", D(2026, 9, 1)), ("sent", D(2026, 9, 1))]
    [standing] = standings(_steps(*sent), D(2026, 9, 2))
    assert standing.limit is not None
    assert (standing.limit.day, standing.overdue) == (D(2026, 9, 29), 0)
    [standing] = standings(_steps(*sent), D(2026, 10, 2))
    assert standing.said == "sent, 1 September 2026; overdue by 3 working days (the limit was 29 September 2026)"
    [standing] = standings(_steps(*sent, ("clarification-asked", D(2026, 9, 10))), D(2026, 12, 1))
    assert (standing.limit, standing.overdue) == (None, 0)
    [standing] = standings(
        _steps(*sent, ("clarification-asked", D(2026, 9, 10)), ("clarified", D(2026, 9, 14))), D(2026, 9, 15)
    )
    assert standing.limit is not None
    assert standing.limit.day == D(2026, 10, 12)
    fee = (("fee-asked", D(2026, 9, 8)), ("fee-paid", D(2026, 9, 15)))
    [standing] = standings(_steps(*sent, *fee), D(2026, 9, 16))
    assert standing.limit is not None
    assert standing.limit.day == D(2026, 10, 7)  # six working days, 8 to 15 September, do not count
    [standing] = standings(_steps(*sent, ("refused", D(2026, 9, 20)), ("review-asked", D(2026, 10, 1))), D(2026, 10, 2))
    assert standing.limit is not None
    assert standing.limit.day == D(2026, 10, 29)


def test_every_state_can_be_reached_and_said() -> None:
    reached = {"written"} | {after for states in NEXT.values() for after in states}
    assert reached == set(NEXT)


def test_a_letter_from_writing_to_its_answer(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.add("force-c", "date,place,alerts,false_alerts\n2026-01-05,A,3,1\n2026-01-06,B,3,0\n", "2026-02-01")
    assert shelf.run("letters", "write", "force-c") == 0
    text = (shelf.folder / "letters" / "force-c-1.txt").read_text()
    assert "To: Force C, Freedom of Information" in text
    assert "Freedom of Information (Scotland) Act 2002" in text
    assert "2026-03-01" in text
    assert shelf.run("letters", "mark", "force-c-1", "sent", "--on", "2026-03-01") == 0
    assert "to be answered by 27 March 2026" in capsys.readouterr().out
    shelf.now = "2026-04-20T10:00:00Z"
    assert shelf.run("letters", "list") == 0
    assert "overdue by 15 working days" in capsys.readouterr().out
    answer = shelf.home / "answer.csv"
    answer.write_text(rows("2026-01-05,A,1000,3,0,1,1", "2026-01-06,B,1100,3,1,0,0"))
    assert shelf.run("letters", "mark", "force-c-1", "answered", "--on", "2026-04-19", "--answer", str(answer)) == 0
    said = capsys.readouterr().out
    assert "The answer has 2 rows." in said
    assert "It closed: " in said
    state = shelf.library.state
    [_, release] = state.releases
    assert (release.series, release.source, state.steps[-1].answer) == ("answers", "force-c-1", release.digest)
    [side] = sides(shelf.library)
    assert [line.deployments for line in side.lines] == [2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("force-a-9", "sent", "--on", "2026-03-01"), "'force-a-9' is no letter"),
        (("force-a-1", "answered", "--on", "2026-03-01"), "after “written” comes sent, not “answered”"),
        (("force-a-1", "sent", "--on", "2026-02-28"), "28 February 2026 is before its last step"),
        (("force-a-1", "sent", "--on", "2026-03-02"), "2 March 2026 is after today"),
    ],
)
def test_steps_out_of_order_are_refused(
    shelf: Shelf, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    assert shelf.run("letters", "write", "force-a") == 0
    text = (shelf.folder / "letters" / "force-a-1.txt").read_text()
    assert "For each deployment of live facial recognition: its day, place" in text
    before = len(shelf.library.state.times)
    assert shelf.run("letters", "mark", *words) == 4
    assert said in capsys.readouterr().err
    assert len(shelf.library.state.times) == before
