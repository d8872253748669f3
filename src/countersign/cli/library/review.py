"""``countersign library review``: the review of what stands of one force."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from countersign.cli.library.shared import library_option, opened
from countersign.cli.review import Formats
from countersign.cli.terminal.options import PATH, as_of_option, option
from countersign.cli.terminal.say import echo, echo_brief, progress_shown


@click.command("review")
@click.argument("force")
@option("--out", "Folder to write to; made if need be.", PATH, metavar="DIR", default=Path("review"))
@option("--format formats", "What to write, with commas between.", Formats(), default="html,pdf,json")
@as_of_option
@library_option
def review(force: str, out: Path, formats: tuple[str, ...], as_of: datetime.date | None, library_folder: Path) -> None:
    """Review what stands of FORCE: of each day the latest release that covers it, with the claims kept for the force.

    \b
    Examples:
      countersign library review met --out met-review
      countersign library review "south wales" --format html
    """
    from countersign.following.sides import reviewed
    from countersign.output import write_all

    library = opened(library_folder)
    named = library.force(force)
    with progress_shown() as progress:
        result = reviewed(library, named, as_of, progress)
        written = write_all(out, result.files(formats, progress))
    echo_brief(result.brief.title, result.lines, written, result.asks[:2])
    echo(f"Made of {named.name}'s releases in {library.title}.")
