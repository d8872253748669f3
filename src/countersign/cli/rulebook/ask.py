"""``countersign ask``: letters for what a review leaves open, and for a person who passed by."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from countersign.surroundings import current

EXAMPLES = """\b
Examples:
  countersign ask review.json --out letters
  countersign ask report/review.json --out letters --date 2026-09-01 --profile scotland
"""


@click.command("ask", epilog=EXAMPLES)
@click.argument("review", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the letters.")
@click.option(
    "--date", "on", type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="Date of the letters; today if left out."
)
@click.option(
    "--profile", type=click.Choice(["england-and-wales", "scotland", "northern-ireland", "eu"]),
    default="england-and-wales", show_default=True, help="Under whose law the letters are written.",
)  # fmt: skip
def command(review: Path, out: Path, on: datetime.datetime | None, profile: str) -> int:
    """Write one request for everything REVIEW does not show, and a request for access and a complaint for a passer-by.

    The letters are plain text with blanks in square brackets. They are written, never sent. A reference marked † is
    still to be checked. Exit code 0, also where nothing is left open.
    """
    from countersign.errors import DONE
    from countersign.output import write_all
    from countersign.rulebook.asking import ReviewUnreadable, read_open
    from countersign.rulebook.letters import complaint, request_for_access, request_for_information

    try:
        content = review.read_bytes()
    except OSError as error:
        raise ReviewUnreadable(f"{review}: cannot be read: {error.strerror or error}") from error
    found = read_open(content, str(review))
    day = (on or current().now()).date().isoformat()
    letters = {
        "access-request.txt": request_for_access(about=found.about, day=day, profile=profile),
        "complaint.txt": complaint(about=found.about, day=day, profile=profile),
    }
    if found.wanted:
        letters["request-for-information.txt"] = request_for_information(
            found.wanted, about=found.about, day=day, profile=profile
        )
    for path in write_all(out, {name: text.encode() for name, text in sorted(letters.items())}):
        click.echo(str(path))
    click.echo(f"{len(found.wanted)} things are asked for. Fill in the blanks before you send anything.")
    return DONE
