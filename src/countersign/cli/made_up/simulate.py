"""``countersign simulate``: a made-up deployment, as an engine would export it, and the truth apart."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command(name="simulate")
@click.argument("scenario", metavar="SCENARIO")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed, the same bytes.")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False),
    help="Write the export here, and FILE.truth.json and FILE.limits.json beside it; without it, only the truth is"
    " shown.",
)  # fmt: skip
@click.option(
    "--limits", "limits_file", type=click.Path(path_type=Path, dir_okay=False),
    help="Make it up under these declared limits (their place, list and cameras) instead of limits made up too.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="In JSON, for a program: the files written, or the truth.")
def command(scenario: str, seed: int, out: Path | None, limits_file: Path | None, as_json: bool) -> None:
    """Make up a deployment: an engine's export, the limits declared before it, and the truth apart.

    SCENARIO is the path of a TOML file or one of quiet-high-street, busy-interchange, biased-engine,
    misconfigured-threshold, list-left-loaded, corners-cut, events-lost. People in it are numbers with a group and a
    score. Nothing that comes of it is measured.

    \b
    Example:
      countersign simulate corners-cut --seed 7 --out export.jsonl
      countersign events take export.jsonl --deployment force-a/corners-cut --limits export.jsonl.limits.json \\
        --journal journal
    """
    from countersign.inputs import read_input
    from countersign.made_up.export import limits_under, make
    from countersign.made_up.scenario import STAMP, load
    from countersign.output import write_all
    from countersign.record.entries import canonical

    read = load(scenario)
    limits = None if limits_file is None else limits_under(read_input(limits_file), read, str(limits_file))
    made = make(read, seed, limits)
    truth = json.dumps(made.truth, indent=1) + "\n"
    if out is None:
        click.echo(truth, nl=False)
        return
    contents = {
        out.name: b"".join(canonical.render(event) + b"\n" for event in made.events),
        f"{out.name}.limits.json": canonical.render(made.limits),
        f"{out.name}.truth.json": truth.encode(),
    }
    written = [str(path) for path in write_all(out.parent, contents)]
    if as_json:
        click.echo(json.dumps({"stamp": STAMP, "events": len(made.events), "written": written}))
        return
    for path in written:
        click.echo(path)
    click.echo(f"{len(made.events):,} events and all that comes of them: {STAMP}")
