"""``countersign library site``: the library as pages."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.library.shared import library_option, opened
from countersign.cli.terminal.options import FOLDER, option
from countersign.cli.terminal.say import echo, progress_shown
from countersign.words.lists import counted


@click.command("site")
@option(
    "--out",
    "Folder of the site; an older one there is replaced, but for pages that did not change.",
    FOLDER,
    metavar="DIR",
    default=Path("site"),
)
@library_option
def site(out: Path, library_folder: Path) -> None:
    """Write the library as pages: forces side by side, one page a force, what changed, and a feed of that.

    The pages need no script and no server and refer to nothing outside. Nothing of the vault is on them. If anything
    fails, the old site stays whole.

    \b
    Example:
      countersign library site --out site
    """
    from countersign.site.shelves import write_library_site

    library = opened(library_folder)
    with progress_shown() as progress:
        drawn = write_library_site(library, out, progress=progress)
    echo(f"Written: {out / 'index.html'} ({counted(drawn, 'file')} written; any other stands as it was)")
