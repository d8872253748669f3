"""``countersign publish``, ``papers`` and ``open``: what the public gets, and a page for giving a file."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, FOLDER, Moment, option, read_policy
from countersign.cli.terminal.say import echo, progress_shown
from countersign.surroundings import current


@click.command("publish")
@click.argument("store", type=FOLDER)
@option(
    "--out", "Folder of the site; an older site there is replaced whole.", FOLDER, metavar="DIR", default=Path("site")
)
@option(
    "--policy policy_file",
    "Which logs and witnesses are trusted; without it no signature on the head is checked.",
    FILE,
    metavar="FILE",
)
@option(
    "--profile",
    "Whose duties count, and whose law the letters name: england-and-wales "
    "(if none is named), scotland, northern-ireland, eu.",
    metavar="NAME",
)
@option(
    "--papers",
    "Signs and leaflets for the pages: DIR/SHORT-CODE/, as `countersign papers` writes.",
    FOLDER,
    metavar="DIR",
)
@option("--at", "The moment as at which it is written; now, if left out.", Moment(), metavar="TIME")
def publish(
    store: Path, out: Path, policy_file: Path | None, papers: Path | None, profile: str | None, at: str | None
) -> None:
    """Write the public site of a log: register, deployments, programme, years, proofs, open data, feed.

    STORE is the log's folder or its published files; only published files are read, and nothing sealed. The site needs
    no script and no server and refers to nothing outside itself; only verify.html, which checks in the browser, runs
    one. If anything fails, the old site stays whole. A lock lies beside it, under a name that begins with a point; it
    can be deleted.

    \b
    Examples:
      countersign publish force-a --policy trust.policy --out site
      countersign publish force-a --policy trust.policy --papers papers --out site
    """
    from countersign.reviews.options import PROFILE
    from countersign.site.facts import public_files, read_site
    from countersign.site.write import write_site
    from countersign.words.lists import counted

    policy = None if policy_file is None else read_policy(policy_file)
    with progress_shown() as progress:
        facts = read_site(store, at or current().time_text(), policy=policy, progress=progress)
        written = write_site(
            facts, public_files(store), out, profile=profile or PROFILE, papers=papers, progress=progress
        )
    if facts.record.first:
        echo(facts.record.first)
    echo(f"{counted(written.deployments, 'deployment')}, {facts.record.trust.size:,} entries")
    echo(f"Written: {out / 'index.html'} ({written.files:,} files)")


@click.command("papers")
@click.argument("facts_file", metavar="DEPLOYMENT.toml", type=FILE)
@option("--out", "Folder to write to; made if need be.", FOLDER, metavar="DIR", default=Path("papers"))
def papers(facts_file: Path, out: Path) -> None:
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
    from countersign.site.street import pdf
    from countersign.site.street.papers import read_papers

    facts = read_papers(facts_file)
    with progress_shown() as progress:
        progress("setting the papers", 0, None)
        written = write_all(out, pdf.papers(facts))
    echo(f"{facts.force.en}, {facts.place.en}, {facts.date.isoformat()}", bold=True)
    echo(f"Short code {facts.code}; page at {facts.address}")
    if facts.languages == ("en",):
        echo("No papers in Welsh: the texts of the file are in English alone.")
    for path in written:
        echo(f"Written: {path}")


OPEN_EXAMPLES = """\b
Examples:
  countersign open
  countersign open --port 8437 --no-browser
"""


@click.command("open", epilog=OPEN_EXAMPLES)
@option(
    "--port",
    "Where to listen on 127.0.0.1; a free port if left out.",
    click.IntRange(0, 65_535),
    default=0,
    show_default=False,
)
@option("--no-browser", "Print the address only, and open no browser.", is_flag=True)
def open_(port: int, no_browser: bool) -> None:
    """Serve one page on this machine: give a force's PDF or spreadsheet, or a bundle, and get the report.

    Only this machine can reach the page, and the page reaches nothing. The file lies in a private folder while it is
    read, and nowhere after; the report is held in memory for half an hour. It ends with Ctrl-C, or after an hour
    without a request.
    """
    from countersign.loopback.door import serve

    def opened(address: str) -> None:
        echo(f"The page is at {address}")
        echo("Only this machine can reach it, and nothing given to it is kept. Ctrl-C ends it.")
        if not no_browser:
            import webbrowser

            webbrowser.open(address)

    why = serve(port, opened)
    echo(f"Ended: {why}. Nothing is left of what was given.")
