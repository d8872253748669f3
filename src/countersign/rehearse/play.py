"""A whole rehearsal, of one deployment or of a year: from an empty folder to the published site, whole or not at all.

It is played in a folder beside the one asked for, which takes its name when all is there. An earlier rehearsal is
replaced; any other folder is left alone (``rehearsal-in-the-way``). The witness runs in a process of its own.

A year is many deployments in one log, taken in turn from a fixed mixture of scenarios, most of them quiet, or all of
one scenario; set on days spread over a year, in places of their own, by several units. Their lives run side by side in
the order of time. The head is published and cosigned once a week, and what the record had sealed of lists and alerts
goes week by week, before it is due. After each calendar quarter the force states its alerts by group, of all
deployments of the quarter together and never of one, with the faces of each group by the scenarios' shares.

>>> [name for name, _ in zip(mixture(), range(4))]
['quiet-high-street', 'busy-interchange', 'quiet-high-street', 'quiet-high-street']
"""

from __future__ import annotations

import datetime
import heapq
import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from countersign.errors import CountersignError, NotAllowed
from countersign.made_up.scenario import Scenario, load, start_of
from countersign.output import CannotWrite
from countersign.progress import Progress, silent
from countersign.rehearse import after, before
from countersign.rehearse.life import Acts, Life, values_of
from countersign.rehearse.papers import ACTS, Moments, Papers
from countersign.rehearse.stage import COMMANDS, Program, Stage, witness_process
from countersign.surroundings import REHEARSED
from countersign.words.dates import day

FORM = "rehearsal/1"
MARK = "rehearsal.json"
#: About how many commands a rehearsal runs, for its progress.
STEPS = 212
STEPS_OF_ONE = 52
#: The scenario on whose first day the year begins, and for whose engine the programme's papers are written.
BASE = "quiet-high-street"
#: Days over which deployments are spread.
DAYS = 350
#: Units of the programme; two deployments of one unit never meet.
UNITS = 5
#: How many people are expected at a deployment, before its place makes them more or fewer.
PEOPLE_A_DAY = 15_000
#: The most entries of a list in a rehearsed year: so that the year stays quick.
LARGEST_LIST = 400
#: From this age on what was sealed of lists and alerts is erased; it is due after 31 days.
OLD = datetime.timedelta(days=24)
#: So long after a quarter its counts by group are stated.
AFTER_QUARTER = datetime.timedelta(days=20)


class RehearsalInTheWay(NotAllowed, next_step="Name another folder with --out, or move away what is there."):
    """There is something other than an earlier rehearsal where a rehearsal should go."""


def rehearse(source: str, out: Path, seed: int, program: Program, progress: Progress = silent) -> dict[str, Any]:
    """Play a scenario into ``out`` with the commands of ``program``; returns what ``rehearsal.json`` says. Raises
    ``ScenarioMissing``, ``ScenarioWrong``, ``RehearsalInTheWay``, ``CannotWrite`` or ``RehearsalStopped``.
    """
    scenario = load(source)
    return _whole(out, lambda root: _play(source, scenario, root, seed, program, progress, alone, _summary))


def rehearse_year(
    count: int, out: Path, seed: int, program: Program, progress: Progress = silent, of: str | None = None
) -> dict[str, Any]:
    """Play a year of ``count`` deployments in one log into ``out``; ``of``: the shipped scenario that all of them are.
    Raises as ``rehearse``.
    """
    source = of or BASE

    def year(life: Life) -> Acts:
        return many(life, count, of)

    return _whole(out, lambda root: _play(source, load(source), root, seed, program, progress, year, _of_year))


def rehearse_half(
    deployment: str, start: datetime.datetime, out: Path, program: Program, progress: Progress = silent
) -> dict[str, Any]:
    """Play the quiet scenario into ``out``, set on ``start``, up to its authority, which nobody has given or refused
    yet: what the desk is shown with. Raises as ``rehearse``.
    """

    def halfway(life: Life) -> Acts:
        yield from before.state_programme(life)
        yield from before.plan(life)
        life.publish()

    def set_and_played(root: Path) -> dict[str, Any]:
        source = root / "force" / "scenarios" / "half.toml"
        source.parent.mkdir(parents=True)
        source.write_text(set_on(BASE, deployment, start, None), encoding="utf-8")
        return _play(str(source), load(str(source)), root, 0, program, progress, halfway, _of_half)

    return _whole(out, set_and_played)


def _of_half(life: Life) -> dict[str, Any]:
    about = {"scenario": life.scenario.title, "deployment": life.scenario.deployment, "log": life.origin}
    return {"form": FORM, "says": REHEARSED, **about, "entries": life.size, "ended": life.text_now()}


def _whole(out: Path, play: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Play in a folder beside ``out``, which takes its name when all is there; nothing else is left."""
    _check_free(out)
    part = out.absolute().with_name(f".{out.absolute().name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        summary = play(part)
        if out.exists():
            shutil.rmtree(out)
        part.rename(out)
    except OSError as error:
        if isinstance(error, CountersignError):
            raise
        raise CannotWrite(f"{out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return summary


def _check_free(out: Path) -> None:
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return
    try:
        earlier = json.loads((out / MARK).read_bytes()).get("form") == FORM
    except (OSError, ValueError, AttributeError):
        earlier = False
    if not earlier:
        raise RehearsalInTheWay(f"{out}: is there already, and is no rehearsal")


def _play(
    source: str,
    scenario: Scenario,
    root: Path,
    seed: int,
    program: Program,
    progress: Progress,
    acts: Callable[[Life], Acts],
    summary_of: Callable[[Life], dict[str, Any]],
) -> dict[str, Any]:
    moments = Moments(start_of(scenario), len(scenario.crowd_by_hour))
    stage = Stage(root, f"{scenario.deployment} {seed}", moments("-75 09:00"), progress, program, STEPS)
    papers = Papers(root / "force" / "papers", root / "force" / "documents", moments, values_of(scenario, moments))
    life = Life(stage, scenario, moments, papers, source, seed)
    with stage.playing():
        life.duties = json.loads(stage.call("duties", "--jurisdiction", "england-and-wales", "--json", quiet=True).out)
        _played(before.found_log(life), stage)
        before.bring_witness(life)
        clock = life.witness / "clock"
        clock.write_text(stage.now.isoformat(), encoding="ascii")
        with witness_process(program, clock, life.witness, life.witness / "logs.policy", life.passphrase) as address:
            life.address = address
            lines = life.policy.read_text(encoding="utf-8").splitlines(keepends=True)
            if address:
                lines = [f"{line.rstrip()} {address}\n" if line.startswith("witness ") else line for line in lines]
            (life.witness / "asking.policy").write_text("".join(lines), encoding="utf-8")
            _played(acts(life), stage)
        for name in ("clock", "asking.policy", "request.txt", "answer.txt"):
            (life.witness / name).unlink(missing_ok=True)
        summary = summary_of(life)
    (root / COMMANDS).write_bytes(stage.transcript())
    (root / MARK).write_text(json.dumps(summary, indent=1) + "\n", encoding="utf-8")
    return summary


def _played(acts: Acts, stage: Stage) -> None:
    for moment in acts:
        stage.at(moment)


def alone(life: Life) -> Acts:
    """All acts of one deployment, from the programme to the site, in order."""
    yield from before.state_programme(life)
    yield from one_life(life)
    yield from after.watch(life)
    yield life.moments("+25 09:00")
    stage = life.stage
    life.seen = after.review(life, "reviewer", stage.root / "report", formats="html,pdf,json")
    yield from after.erase(life)
    site = ("--papers", life.street, "--out", stage.root / "site")
    life.call("publish", life.log, "--policy", life.policy, *site, doing="publishing the site")


def many(first: Life, count: int, of: str | None) -> Acts:
    """All acts of a year: the programme once, the deployments side by side, the site in the end."""
    yield from before.state_programme(first)
    lives = cast(first, count, of)
    first.stage.steps = first.stage.done + count * STEPS_OF_ONE
    yield from side_by_side([(life, one_life(life)) for life in lives], first)
    yield first.stage.now + datetime.timedelta(days=1)
    first.publish()
    stage = first.stage
    about, seen = (first.log, "--policy", first.policy), stage.root / "outside" / "seen"
    first.call("record", "monitor", *about, "--state", seen, "--processes", "1", doing="following the log from outside")
    first.call("publish", *about, "--out", stage.root / "site", doing="publishing the site")
    first.lives = lives


def one_life(life: Life) -> Acts:
    """The acts of a deployment itself."""
    for act in (*before.DONE_BEFORE, *after.DONE_AFTER):
        yield from act(life)


def _of_year(first: Life) -> dict[str, Any]:
    return {
        "form": FORM,
        "says": REHEARSED,
        "scenario": f"A year of {len(first.lives)} deployments of one force",
        "seed": first.number,
        "log": first.origin,
        "entries": first.size,
        "deployments": {
            life.scenario.deployment: {
                "scenario": life.scenario.title,
                "events": life.found,
                "findings": sorted(life.findings.values()),
            }
            for life in first.lives
        },
        "ended": first.text_now(),
    }


def _summary(life: Life) -> dict[str, Any]:
    by_state: dict[str, list[str]] = {"met": [], "stated": [], "not met": [], "not shown": []}
    for duty in life.seen["duties"]:
        by_state[duty["state"]].append(duty["id"])
    return {
        "form": FORM,
        "says": REHEARSED,
        "scenario": life.scenario.title,
        "deployment": life.scenario.deployment,
        "seed": life.number,
        "log": life.origin,
        "events": life.found,
        "findings": life.findings,
        "duties": {state: by_state[state] for state in ("not met", "not shown")},
        "counts": {state: len(by_state[state]) for state in ("met", "stated")},
        "ended": life.text_now(),
    }


def mixture() -> Iterator[str]:
    """Names of scenarios, for ever: of each five, four are quiet and one is one of the others, in turn."""
    turn = 0
    while True:
        for place in range(5):
            yield ACTS["faulty"][turn % len(ACTS["faulty"])] if place == 1 else "quiet-high-street"
        turn += 1


def cast(first: Life, count: int, of: str | None = None) -> list[Life]:
    """The lives of a year, by their first day: of the mixture, or all of the scenario ``of`` as it stands. ``first``
    gives the stage, the duties and the documents.
    """
    base = start_of(first.scenario)
    lives = []
    for number, name in zip(range(count), itertools.repeat(of) if of else mixture(), strict=False):
        start = base + datetime.timedelta(days=number * DAYS // count)
        place = ACTS["places"][number % len(ACTS["places"])]
        identifier = f"d-{number + 1:03}"
        path = first.force / "scenarios" / f"{identifier}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = set_on(name, f"{first.papers.values['force']}/{identifier}", start, None if of else place["people"])
        path.write_text(text, encoding="utf-8")
        scenario = load(str(path))
        moments = Moments(start, len(scenario.crowd_by_hour))
        values = values_of(scenario, moments)
        area, unit = 1 + number % len(ACTS["places"]), 1 + number % UNITS
        values["place"] |= {"name": place["name"], "area": f"area-{area}", "unit": f"unit-{unit}"}
        folder, documents = first.force / "deployments" / identifier / "papers", first.papers.documents
        papers = Papers(folder, documents, moments, values, written=first.papers.written)
        seed, duties = first.number + number, first.duties
        lives.append(Life(first.stage, scenario, moments, papers, str(path), seed, duties, one_of_many=True))
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
        values["crowd_by_hour"] = str([round(hour * part) for hour in scenario.crowd_by_hour])
        values["size"] = str(min(scenario.list.size, LARGEST_LIST))
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
        last = end - datetime.timedelta(days=1)
        days = {"first_day": begin.date().isoformat(), "last_day": last.date().isoformat()}
        first.enter("disparity", "stating counts by group", **days, deployments=len(of_it), groups=by_group(of_it))


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
    """The acts of all lives in the order of time, an erasure and a publication each week, counts each quarter. A
    quarter that the last of them does not outlive is left unstated.
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
            after.erase_due(first, moment - OLD)
            first.publish(f"{day(moment)}: {done} of {len(lives)} deployments ended")
            week = moment + datetime.timedelta(days=7)
        following = next(acts, None)
        if following is None:
            done += 1
        else:
            heapq.heappush(waiting, (following, number, acts))
