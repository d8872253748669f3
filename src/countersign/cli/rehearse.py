"""``countersign rehearse``: a deployment played through, from programme documents to the published review."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.shown import progress_shown


@click.command(name="rehearse")
@click.argument("scenario", metavar="SCENARIO")
@click.option(
    "--out", required=True, metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to; an earlier rehearsal there is replaced.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The same seed, the same bytes.")
def command(scenario: str, out: Path, seed: int) -> None:
    """Play a whole deployment through, with every role's key and one outside witness in its own process.

    SCENARIO is the path of a TOML file or a shipped name, as for `simulate`. Everything in it is made up: people are
    numbers, documents say nothing, keys lie beside their passphrase. DIR then holds the bundle, the trust policy, the
    reports, the site, the truth beside them, and in commands.txt every command that was run, with what it said.

    \b
    Example:
      countersign rehearse quiet-high-street --out rehearsal
      countersign verify rehearsal/quiet-high-street.bundle --policy rehearsal/trust.policy
    """
    from countersign.rehearse.play import rehearse

    with progress_shown() as progress:
        summary = rehearse(scenario, out, seed, progress)
    for line in told(summary, out):
        click.echo(line)


def told(summary: dict[str, object], out: Path) -> list[str]:
    """What was played and what it showed, in lines."""
    return [str(summary["says"]), str(summary["scenario"]), str(out)]
