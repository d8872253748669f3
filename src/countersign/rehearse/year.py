"""A rehearsed year of a large programme: many deployments in one log, each at its own pace, in the order of time.

Scenarios are taken in turn from a fixed mixture, most of them quiet, and set on days spread over a year, in places of
their own, by several units; or one scenario is set on all of them as it stands. The lives run side by side: whoever's
moment comes next acts next. The head is published and cosigned once a week. What the record had sealed of lists and
alerts goes week by week, before it is due. Some weeks after the end of each calendar quarter the force states its
alerts by group, of all deployments of the quarter together and never of one, with the faces of each group as somebody
who tallied the passers-by would have them (by the scenarios' shares).

>>> [name for name, _ in zip(mixture(), range(4))]
['quiet-high-street', 'busy-interchange', 'quiet-high-street', 'quiet-high-street']
"""

from __future__ import annotations

import datetime
import heapq
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import resources
from typing import Any

from countersign.made_up.scenario import load, start_of
from countersign.rehearse.after import erase_due
from countersign.rehearse.life import Acts, Life, Statement, values_of
from countersign.rehearse.papers import Moments, Papers
from countersign.words.dates import day

#: The scenario on whose first day the year begins, and for whose engine the programme's papers are written.
BASE = "quiet-high-street"
#: Days over which deployments are spread.
DAYS = 350
#: Units of the programme; two deployments of one unit never meet.
UNITS = 5
#: How many people are expected at a deployment, before its place makes them more or fewer.
PEOPLE_A_DAY = 15_000
#: Places, and how many people pass each, in parts of those.
PLACES = (
    ("High Street, by the station", 1.0), ("Market Square", 0.8), ("Bus station, east side", 1.3),
    ("Riverside walk", 0.5), ("Shopping centre, main doors", 1.6), ("Theatre quarter", 0.7), ("Park gates", 0.4),
)  # fmt: skip
#: The most entries of a list in a rehearsed year: so that the year stays quick.
LARGEST_LIST = 400
#: From this age on what was sealed of lists and alerts is erased; it is due after 31 days.
OLD = datetime.timedelta(days=24)
#: So long after a quarter its counts by group are stated.
AFTER_QUARTER = datetime.timedelta(days=20)
_FAULTY = (
    "busy-interchange", "corners-cut", "biased-engine", "events-lost", "misconfigured-threshold", "list-left-loaded",
)  # fmt: skip


def mixture() -> Iterator[str]:
    """Names of scenarios, for ever: of each five, four are quiet and one is one of the others, in turn."""
    turn = 0
    while True:
        for place in range(5):
            yield _FAULTY[turn % len(_FAULTY)] if place == 1 else "quiet-high-street"
        turn += 1


def cast(first: Life, count: int, of: str | None = None) -> list[Life]:
    """The lives of a year, by their first day: of the mixture, or all of the scenario ``of`` as it stands.

    ``first`` gives the stage, the duties and the documents.
    """
    base = start_of(first.scenario)
    lives = []
    for number, name in zip(range(count), itertools.repeat(of) if of else mixture(), strict=False):
        start = base + datetime.timedelta(days=number * DAYS // count)
        place, people = PLACES[number % len(PLACES)]
        identifier = f"{start:%Y-%m-%d}-{number + 1:03}"
        path = first.force / "scenarios" / f"{identifier}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = set_on(name, f"{first.papers.values['force']}/{identifier}", start, None if of else people)
        path.write_text(text, encoding="utf-8")
        scenario = load(str(path))
        moments = Moments(start, len(scenario.crowd_by_hour))
        values = values_of(scenario, moments)
        values["place"] |= {
            "name": place,
            "area": f"area-{1 + number % len(PLACES)}",
            "unit": f"unit-{1 + number % UNITS}",
        }
        papers = Papers(first.force / "deployments" / identifier / "papers", first.papers.documents, moments, values,
                        written=first.papers.written)  # fmt: skip
        lives.append(Life(first.stage, scenario, moments, papers, str(path), first.number + number,
                          duties=first.duties, one_of_many=True))  # fmt: skip
    return lives


def set_on(name: str, deployment: str, start: datetime.datetime, people: float | None) -> str:
    """The text of a shipped scenario, set on another day and place; with a crowd and a list to measure, if ``people``
    says how many pass there, in parts of a day's.
    """
    text = resources.files("countersign").joinpath("data", "scenarios", f"{name}.toml").read_text(encoding="utf-8")
    scenario = load(name)
    values = {"deployment": f'"{deployment}"', "start": f'"{start:%Y-%m-%dT%H}:00:00Z"'}
    if people is not None:
        part = people * PEOPLE_A_DAY / sum(scenario.crowd_by_hour)
        values |= {
            "crowd_by_hour": str([round(hour * part) for hour in scenario.crowd_by_hour]),
            "size": str(min(scenario.list.size, LARGEST_LIST)),
        }
    for key, value in values.items():
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text, count=1)
    return text


def quarters(lives: Sequence[Life], first: Life) -> Acts:
    """After each calendar quarter of several deployments, their alerts by group, together."""
    by_quarter: dict[tuple[int, int], list[Life]] = {}
    for life in lives:
        start = life.moments.start
        by_quarter.setdefault((start.year, (start.month - 1) // 3), []).append(life)
    for (year, quarter), of_it in sorted(by_quarter.items()):
        begin = datetime.datetime(year, 3 * quarter + 1, 1, 9, tzinfo=datetime.UTC)
        end = begin.replace(year=year + (quarter == 3), month=(3 * quarter + 3) % 12 + 1)
        if len(of_it) < 2:
            continue
        yield end + AFTER_QUARTER
        first.enter_together([
            Statement("review.disparity", "senior-owner", {
                "period_start": begin.date().isoformat(),
                "period_end": (end - datetime.timedelta(days=1)).date().isoformat(), "report": "{digest:disparity}",
                "deployments": len(of_it), "groups": by_group(of_it), "url": "{url:disparity}",
            }),
        ], "stating counts by group")  # fmt: skip


def by_group(lives: Sequence[Life]) -> list[dict[str, Any]]:
    """Faces by the scenarios' shares, and alerts, of several deployments by group."""
    counts: dict[str, Counter[str]] = {}
    for life in lives:
        values = life.papers.values
        for group in life.scenario.groups:
            own = counts.setdefault(group.name, Counter())
            own["faces"] += round(values["faces"] * group.share)
            own.update(values["by_group"].get(group.name, {}))
    names = ("faces", "alerts", "false", "engagements", "arrests")
    return [
        {"characteristic": "ethnicity", "group": group} | {name: own[name] for name in names}
        for group, own in sorted(counts.items())
    ]


def side_by_side(lives: list[tuple[Life, Acts]], first: Life) -> Acts:
    """The acts of all lives in the order of time, an erasure and a publication each week, counts each quarter.

    A quarter that the last of them does not outlive is left unstated.
    """
    waiting: list[tuple[datetime.datetime, int, Acts]] = []
    for number, (_, acts) in enumerate(lives):
        heapq.heappush(waiting, (next(acts), number, acts))
    week = waiting[0][0]
    stating = quarters([life for life, _ in lives], first)
    quarter = next(stating, None)
    done = 0
    while waiting:
        if quarter is not None and quarter <= waiting[0][0]:
            yield quarter
            quarter = next(stating, None)
            continue
        moment, number, acts = heapq.heappop(waiting)
        yield moment
        if moment >= week:
            erase_due(first, moment - OLD)
            first.publish(f"{day(moment)}: {done} of {len(lives)} deployments ended")
            week = moment + datetime.timedelta(days=7)
        following = next(acts, None)
        if following is None:
            done += 1
        else:
            heapq.heappush(waiting, (following, number, acts))
