"""``countersign rehearse``: a deployment played through, from programme documents to the published review."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from countersign.cli.main import run
from countersign.cli.terminal.shown import progress_shown
from countersign.rehearse.stage import Program, run_outside

#: The name that stands for a whole programme instead of a scenario.
YEAR = "year"
#: Deployments of a year, if nobody says how many.
A_YEARS = 250
#: The command line a rehearsal plays with; the outside witness runs it in a process of its own.
PROGRAM = Program(run, (sys.executable, "-m", "countersign.cli.made_up.rehearse"))


@click.command(name="rehearse")
@click.argument("scenario", metavar="SCENARIO")
@click.option(
    "--out", required=True, metavar="DIR", type=click.Path(path_type=Path),
    help="Folder to write to; an earlier rehearsal there is replaced, anything else is not.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed, the same bytes.")
@click.option("--deployments", type=click.IntRange(1, 1000), help=f"Of a year: how many; {A_YEARS} if not said.")
@click.option(
    "--of", metavar="SCENARIO", help="Of a year: each deployment is this shipped scenario, not one of a mixture."
)
@click.option("--json", "as_json", is_flag=True, help="What rehearsal.json says, for a program.")
def command(scenario: str, out: Path, seed: int, deployments: int | None, of: str | None, as_json: bool) -> None:
    """Play a whole deployment through, with every role's key and one outside witness in its own process.

    SCENARIO is the path of a TOML file or a shipped name, as for `simulate`; or it is "year", for a programme's year of
    deployments in one log. Everything is made up: people are numbers, documents say nothing, keys lie beside their
    passphrase. DIR then holds the bundle, the trust policy, the report, the site, the truth beside them, and in
    commands.txt every command that was run, with what it said.

    \b
    Example:
      countersign rehearse quiet-high-street --out rehearsal
      countersign verify rehearsal/quiet-high-street.bundle --policy rehearsal/trust.policy
      countersign rehearse year --deployments 20 --out programme
      countersign rehearse year --of biased-engine --deployments 20 --out lopsided
      countersign events equality lopsided/force/log
    """
    from countersign.made_up.scenario import SHIPPED
    from countersign.rehearse.play import rehearse, rehearse_year

    if (deployments is not None or of is not None) and scenario != YEAR:
        raise click.UsageError(f'--deployments and --of go with "{YEAR}"; a scenario is one deployment.')
    if of is not None and of not in SHIPPED:
        raise click.BadParameter(f"{of!r} is none of {', '.join(SHIPPED)}", param_hint="--of")
    with ended_as_interrupted(), progress_shown() as progress:
        if scenario == YEAR:
            summary = rehearse_year(deployments or A_YEARS, out, seed, PROGRAM, progress, of)
        else:
            summary = rehearse(scenario, out, seed, PROGRAM, progress)
    if as_json:
        click.echo(json.dumps(summary))
        return
    for line in of_year(summary) if scenario == YEAR else of_one(summary):
        click.echo(line)
    click.echo()
    for name, what in WHERE:
        for path in sorted(out.glob(name)):
            click.echo(f"{path}: {what}")


@contextmanager
def ended_as_interrupted() -> Iterator[None]:
    """Within, being told to end or losing the terminal is an interruption: nothing half-played is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


#: What lies where, and what it is.
WHERE = (
    ("report/review.html", "the report of the reviewer"),
    ("site/index.html", "what the public gets"),
    ("*.bundle", "what the reviewer was handed, verified under trust.policy"),
    ("truth*", "what truly passed, which nobody on the stage was told"),
    ("commands.txt", "every command, with what it said"),
)


def of_one(summary: dict[str, Any]) -> list[str]:
    """What one deployment showed, in lines."""
    lines = [summary["says"], "", summary["scenario"]]
    for code, count in Counter(summary["events"]).items():
        lines.append(f"  the events: {code}" + (f", {count} times" if count > 1 else ""))
    lines += [f"  {state}: {duty}" for state, duties in summary["duties"].items() for duty in duties]
    if not summary["events"] and not any(summary["duties"].values()):
        lines.append("  Nothing in the events contradicts the limits; no duty is not met or not shown.")
    counts = ", ".join(f"{count} {state}" for state, count in summary["counts"].items())
    return [*lines, f"  other duties: {counts}"]


def of_year(summary: dict[str, Any]) -> list[str]:
    """What a year showed, in lines."""
    lines = [summary["says"], "", f"{summary['scenario']}, {summary['entries']:,} entries in one log"]
    played = summary["deployments"].values()
    for title, count in Counter(one["scenario"] for one in played).most_common():
        those = [one for one in played if one["scenario"] == title]
        found = sum(1 for one in those if one["events"] or one["findings"])
        lines.append(f"  {count:>4}  {title}: something was found in {found}")
    return lines


if __name__ == "__main__":
    sys.exit(run_outside(sys.argv[1:], run))
