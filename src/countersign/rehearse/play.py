"""A whole rehearsal: from an empty folder to the published review, whole or not at all.

It is played in a folder beside the one asked for, which takes its name when all is there. An earlier rehearsal is
replaced; any other folder is left alone (``rehearsal-in-the-way``). The witness runs in a process of its own.
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from countersign.errors import CountersignError, NotAllowed
from countersign.made_up.scenario import Scenario, load, start_of
from countersign.output import CannotWrite
from countersign.progress import Progress, silent
from countersign.rehearse import after, before, year
from countersign.rehearse.life import Acts, Life, values_of
from countersign.rehearse.papers import Moments, Papers
from countersign.rehearse.stage import COMMANDS, Program, Stage, witness_process
from countersign.surroundings import REHEARSED

FORM = "rehearsal/1"
MARK = "rehearsal.json"
#: About how many commands a rehearsal runs, for its progress.
STEPS = 169
STEPS_OF_ONE = 52


class RehearsalInTheWay(NotAllowed):
    """There is something other than an earlier rehearsal where a rehearsal should go."""

    code = "rehearsal-in-the-way"
    next_step = "Name another folder with --out, or move away what is there."


def rehearse(source: str, out: Path, seed: int, program: Program, progress: Progress = silent) -> dict[str, Any]:
    """Play a scenario into ``out`` with the commands of ``program``; returns what ``rehearsal.json`` says.

    Raises ``ScenarioMissing``, ``ScenarioWrong``, ``RehearsalInTheWay``, ``CannotWrite`` or ``RehearsalStopped``.
    """
    scenario = load(source)
    return _whole(out, lambda root: _play(source, scenario, root, seed, program, progress, alone, _summary))


def rehearse_year(
    count: int, out: Path, seed: int, program: Program, progress: Progress = silent, of: str | None = None
) -> dict[str, Any]:
    """Play a year of ``count`` deployments in one log into ``out``; ``of``: the shipped scenario that all of them are.

    Raises as ``rehearse``.
    """
    source = of or year.BASE
    return _whole(
        out,
        lambda root: _play(
            source, load(source), root, seed, program, progress, lambda life: many(life, count, of), _of_year
        ),
    )


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
    source: str, scenario: Scenario, root: Path, seed: int, program: Program, progress: Progress,
    acts: Callable[[Life], Acts], summary_of: Callable[[Life], dict[str, Any]],
) -> dict[str, Any]:  # fmt: skip
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
            asking = [
                f"{line.rstrip()} {address}\n" if address and line.startswith("witness ") else line for line in lines
            ]
            (life.witness / "asking.policy").write_text("".join(asking), encoding="utf-8")
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
    yield life.moments("+25 09:00")
    stage = life.stage
    life.seen = after.review(life, "reviewer", stage.root / "report", formats="html,pdf,json")
    yield from after.erase(life)
    stage.call("publish", life.log, "--policy", life.policy, "--papers", life.street, "--out",
               stage.root / "site", doing="publishing the site")  # fmt: skip


def many(first: Life, count: int, of: str | None) -> Acts:
    """All acts of a year: the programme once, the deployments side by side, the site in the end."""
    yield from before.state_programme(first)
    lives = year.cast(first, count, of)
    first.stage.steps = first.stage.done + count * STEPS_OF_ONE
    yield from year.side_by_side([(life, one_life(life)) for life in lives], first)
    yield first.stage.now + datetime.timedelta(days=1)
    first.publish()
    stage = first.stage
    stage.call("record", "monitor", first.log, "--policy", first.policy, "--state", stage.root / "outside" / "seen",
               "--processes", "1", doing="following the log from outside")  # fmt: skip
    stage.call(
        "publish", first.log, "--policy", first.policy, "--out", stage.root / "site", doing="publishing the site"
    )
    first.lives = lives


def one_life(life: Life) -> Acts:
    """The acts of a deployment itself."""
    for act in (
        before.plan, before.list_and_notify, before.brief_and_open, after.stop, after.simulate, after.close,
        after.take_events, after.account, after.state_results, after.judge, after.answer, after.publish_results,
    ):  # fmt: skip
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
            one.scenario.deployment: {
                "scenario": one.scenario.title,
                "events": one.found,
                "findings": sorted(one.findings.values()),
            }
            for one in first.lives
        },
        "ended": first.text_now(),
    }


def _summary(life: Life) -> dict[str, Any]:
    duties = life.seen["duties"]
    return {
        "form": FORM,
        "says": REHEARSED,
        "scenario": life.scenario.title,
        "deployment": life.scenario.deployment,
        "seed": life.number,
        "log": life.origin,
        "events": life.found,
        "findings": life.findings,
        "duties": {state: [one["id"] for one in duties if one["state"] == state] for state in ("not met", "not shown")},
        "counts": {state: sum(1 for one in duties if one["state"] == state) for state in ("met", "stated")},
        "ended": life.text_now(),
    }
