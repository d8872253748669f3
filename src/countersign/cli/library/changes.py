"""``countersign library changes``: what releases changed, what we read otherwise, which claims turned."""

from __future__ import annotations

from pathlib import Path

import click

from countersign.cli.library.shared import library_option, opened
from countersign.cli.terminal.options import FILE, Day, option
from countersign.cli.terminal.say import echo_values, progress_shown, show
from countersign.errors import DONE, EVIDENCE_WRONG
from countersign.words.dates import local_words
from countersign.words.lists import capital, counted


@click.command("changes")
@click.argument("force", required=False, default="")
@option("--since", "Only what entered the library on this day or later.", Day(), metavar="DATE")
@option("--all everything", "Show every change and every item, however many.", is_flag=True)
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
@option("--html page", "Write all of it as a page too, to this file.", FILE, metavar="FILE")
@library_option
def changes(force: str, since: object, everything: bool, as_json: bool, page: Path | None, library_folder: Path) -> int:
    """What changed, the latest first: by a force, by our own maps or program, and in what claims are worth.

    Each release is compared with the one before it in its series. Claims are those of claims/FORCE.toml in the library.

    Exit code 1 if a force revised what it had printed, 0 otherwise.

    \b
    Examples:
      countersign library changes
      countersign library changes met --since 2026-03-01 --all
    """
    from countersign.following.changes import changes as find
    from countersign.results.answers import Answer, Group

    library = opened(library_folder)
    named = library.force(force).id if force else ""
    with progress_shown() as progress:
        found = [
            change
            for change in find(library, progress=progress)
            if named in ("", change.force) and (since is None or change.at[:10] >= str(since))
        ]
    revised = any(change.revised for change in found if change.kind == "force")
    if as_json:
        echo_values([change._asdict() for change in found])
        return EVIDENCE_WRONG if revised else DONE
    kinds = (
        ("force", "By the forces", "each release beside the one before it in its series"),
        ("ours", "By our own maps or program", "the same bytes, read otherwise; the force changed nothing"),
        ("claim", "Claims judged again", "in what claims/FORCE.toml says of a force"),
    )
    groups = [
        Group(title, meaning, [
            item
            for change in found
            if change.kind == kind
            for item in [
                (local_words(change.at), change.title),
                *(("", f"{capital(label)}: {text}") for label, text in change.items),
            ]
        ])
        for kind, title, meaning in kinds
    ]  # fmt: skip
    said = f"{counted(len(found), 'change')} in {library.title}."
    show(Answer("What changed", (), said, groups), everything=everything, page=page)
    return EVIDENCE_WRONG if revised else DONE
