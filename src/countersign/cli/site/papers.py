"""``countersign papers``: the sign and the leaflet of one deployment, as PDF."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.terminal.shown import progress_shown


@click.command("papers")
@click.argument("facts_file", metavar="DEPLOYMENT.toml", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), default=Path("papers"),
              show_default=True, help="Folder to write to; made if need be.")  # fmt: skip
def command(facts_file: Path, out: Path) -> None:
    """The sign (A3) and the leaflet (A5) of one deployment, in English and Welsh, as tagged PDF.

    DEPLOYMENT.toml holds what they say: force, place, day, reason, how long things are kept, whom to ask, to whom to
    complain, and where the deployment's public page lies. docs/formats/site.md describes it. Where it does not say how
    long something is kept, the leaflet says that the force has not said so. Papers in Welsh are made where every text
    of the file is given in Welsh too.

    To have them on the deployment's page, write them to a folder named by the short code and publish with --papers.

    \b
    Examples:
      countersign papers high-street.toml --out papers
      countersign papers high-street.toml --out papers/R9F-8DW
      countersign publish force-a --papers papers --out site
    """
    from countersign.output import write_all
    from countersign.site.street.papers import read_papers
    from countersign.site.street.pdf import papers

    facts = read_papers(facts_file)
    with progress_shown() as progress:
        progress("setting the papers", 0, None)
        written = write_all(out, papers(facts))
    click.secho(f"{facts.force.en}, {facts.place.en}, {facts.date.isoformat()}", bold=True)
    click.echo(f"Short code {facts.code}; page at {facts.address}")
    if facts.languages == ("en",):
        click.echo("No papers in Welsh: the texts of the file are in English alone.")
    for path in written:
        click.echo(f"Written: {path}")
