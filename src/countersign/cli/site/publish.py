"""``countersign publish``: the public site of a log, as files that need no server and no script."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.terminal.options import Moment, read_policy
from countersign.cli.terminal.shown import progress_shown
from countersign.surroundings import current


@click.command("publish")
@click.argument("store", type=click.Path(path_type=Path, file_okay=False))
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), default=Path("site"),
              show_default=True, help="Folder of the site; an older site there is replaced whole.")  # fmt: skip
@click.option("--policy", "policy_file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Which logs and witnesses are trusted; without it no signature on the head is checked.")  # fmt: skip
@click.option("--profile", metavar="NAME", help="Whose duties count, and whose law the letters name: england-and-wales "
              "(if none is named), scotland, northern-ireland, eu.")  # fmt: skip
@click.option("--papers", metavar="DIR", type=click.Path(path_type=Path, file_okay=False),
              help="Signs and leaflets for the pages: DIR/SHORT-CODE/, as `countersign papers` writes.")  # fmt: skip
@click.option("--at", metavar="TIME", type=Moment(), help="The moment as at which it is written; now, if left out.")
def command(
    store: Path, out: Path, policy_file: Path | None, papers: Path | None, profile: str | None, at: str | None
) -> None:
    """Write the public site of a log: register, deployments, programme, years, proofs, open data, feed.

    STORE is the log's folder or its published files; only published files are read, and nothing sealed. The site needs
    no script and no server and refers to nothing outside itself. If anything fails, the old site stays whole. Beside
    it, under names that begin with a point, lie drawings kept to save time, and a lock; both can be deleted.

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
        click.echo(facts.record.first)
    click.echo(f"{counted(written.deployments, 'deployment')}, {facts.record.trust.size:,} entries")
    click.echo(f"Written: {out / 'index.html'} ({written.files:,} files)")
