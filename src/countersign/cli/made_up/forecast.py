"""``countersign forecast``: how many false alerts a scenario would bring, assumed and not measured."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from countersign.cli.terminal.shown import progress_shown

if TYPE_CHECKING:
    from countersign.made_up.crowd import Forecast


@click.command(name="forecast")
@click.argument("scenario", metavar="SCENARIO")
@click.option("--runs", type=click.IntRange(min=1), default=1000, show_default=True, help="How many to make up.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="In JSON, for a program.")
def command(scenario: str, runs: int, seed: int, as_json: bool) -> None:
    """False alerts by group that a scenario would bring, and what list size and threshold do to them.

    Every figure is assumed, not measured: it says what follows from the scenario, not what an engine does. A forecast
    is no evidence, and the record takes none.

    \b
    Example:
      countersign forecast busy-interchange --runs 2000
    """
    from countersign.made_up.crowd import forecast
    from countersign.made_up.scenario import load

    read = load(scenario)
    with progress_shown() as progress:
        made = forecast(read, runs, seed, progress)
    if as_json:
        click.echo(json.dumps(asdict(made), indent=1))
        return
    for line in lines(made):
        click.echo(line)


def lines(made: Forecast) -> list[str]:
    """The forecast in words, each line with its stamp."""
    stamp = f"[{made.stamp}]"
    said = [f"{made.title}: {made.runs:,} made-up deployments, seed {made.seed} {stamp}"]
    said += [
        f"  {one.group}: {one.mean:.3g} false alerts a deployment, 95 in 100 runs from {one.low:g} to {one.high:g};"
        f" closed form {one.closed_form:.3g} in {one.faces:,.0f} faces {stamp}"
        for one in made.groups
    ]
    said.append(f"With another list size and threshold, in closed form {stamp}")
    return said + [
        f"  list of {step.list_size:,} at {step.threshold}: {step.total:.3g} false alerts ("
        + ", ".join(f"{group} {mean:.3g}" for group, mean in step.false_alerts.items())
        + f") {stamp}"
        for step in made.table
    ]
