"""A rehearsed year of a large programme: many deployments in one log, each at its own pace, in the order of time.

Scenarios are taken in turn from a fixed mixture, most of them quiet, and set on days spread over a year, in places of
their own, by several units. The lives run side by side: whoever's moment comes next acts next. The head is published
and cosigned once a week. What the record had sealed of lists and alerts goes week by week, before it is due.

>>> [name for name, _ in zip(mixture(), range(4))]
['quiet-high-street', 'busy-interchange', 'quiet-high-street', 'quiet-high-street']
"""

from __future__ import annotations

import datetime
import heapq
import re
from collections.abc import Iterator
from importlib import resources

from countersign.events.scenario import load, start_of
from countersign.rehearse.after import erase_due
from countersign.rehearse.life import Acts, Life, values_of
from countersign.rehearse.papers import Moments, Papers

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


def cast(first: Life, count: int) -> list[Life]:
    """The lives of a year, by their first day. ``first`` gives the stage, the duties and the documents."""
    base = start_of(first.scenario)
    lives = []
    for number, name in zip(range(count), mixture(), strict=False):
        start = base + datetime.timedelta(days=number * DAYS // count)
        place, people = PLACES[number % len(PLACES)]
        identifier = f"{start:%Y-%m-%d}-{number + 1:03}"
        path = first.force / "scenarios" / f"{identifier}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(set_on(name, f"{first.papers.values['force']}/{identifier}", start, people), encoding="utf-8")
        scenario = load(str(path))
        moments = Moments(start, len(scenario.crowd_by_hour))
        values = values_of(scenario, moments)
        values["place"] |= {
            "name": place, "area": f"area-{1 + number % len(PLACES)}", "unit": f"unit-{1 + number % UNITS}",
        }  # fmt: skip
        papers = Papers(first.force / "deployments" / identifier / "papers", first.papers.documents, moments, values,
                        written=first.papers.written)  # fmt: skip
        lives.append(Life(first.stage, scenario, moments, papers, str(path), first.number + number,
                          duties=first.duties, one_of_many=True))  # fmt: skip
    return lives


def set_on(name: str, deployment: str, start: datetime.datetime, people: float) -> str:
    """The text of a shipped scenario, set on another day and place, with a crowd and a list to measure."""
    text = resources.files("countersign").joinpath("data", "scenarios", f"{name}.toml").read_text(encoding="utf-8")
    scenario = load(name)
    part = people * PEOPLE_A_DAY / sum(scenario.crowd_by_hour)
    flow = [round(hour * part) for hour in scenario.crowd_by_hour]
    for key, value in (
        ("deployment", f'"{deployment}"'), ("start", f'"{start:%Y-%m-%dT%H}:00:00Z"'), ("crowd_by_hour", str(flow)),
        ("size", str(min(scenario.list.size, LARGEST_LIST))),
    ):  # fmt: skip
        text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", text, count=1)
    return text


def side_by_side(lives: list[tuple[Life, Acts]], first: Life) -> Acts:
    """The acts of all lives in the order of time, an erasure and a publication each week."""
    waiting: list[tuple[datetime.datetime, int, Acts]] = []
    for number, (_, acts) in enumerate(lives):
        heapq.heappush(waiting, (next(acts), number, acts))
    week = waiting[0][0]
    done = 0
    while waiting:
        moment, number, acts = heapq.heappop(waiting)
        yield moment
        if moment >= week:
            erase_due(first, moment - OLD)
            first.publish(f"{moment:%d %B %Y}: {done} of {len(lives)} deployments ended")
            week = moment + datetime.timedelta(days=7)
        following = next(acts, None)
        if following is None:
            done += 1
        else:
            heapq.heappush(waiting, (following, number, acts))
