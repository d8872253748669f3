"""``countersign library letters``: ask for what is not shown, and keep track of the answers."""

from __future__ import annotations

import datetime
from pathlib import Path

import click

from countersign.cli.library.shared import desk, library_option, opened, passphrase_option
from countersign.cli.terminal.options import PATH, Day, option
from countersign.cli.terminal.say import echo, progress_shown
from countersign.surroundings import current
from countersign.words.lists import counted

STATES = (
    "sent", "acknowledged", "clarification-asked", "clarified", "fee-asked", "fee-paid", "answered", "refused",
    "review-asked", "review-answered",
)  # fmt: skip


@click.group("letters")
def letters() -> None:
    """What is not shown becomes a letter to paste and send; its answer is tracked to the law's limit.

    \b
    Examples:
      countersign library letters write met
      countersign library letters mark metropolitan-police-1 sent --on 2026-12-01
      countersign library letters list
    """


@letters.command("write")
@click.argument("force")
@library_option
@passphrase_option
def write_letter(force: str, library_folder: Path, passphrase_file: Path | None) -> None:
    """Write a letter to FORCE that asks for what its review does not find; the program sends nothing.

    \b
    Example:
      countersign library letters write "Thames Valley"
    """
    from countersign.following.writing import write

    with progress_shown(), desk(library_folder, passphrase_file) as at:
        made = write(at, at.library.force(force))
    echo(f"{made.letter}: asks for {counted(made.items, 'thing')}. Fill in the blanks, send it, and mark it as sent.")
    echo(f"Written: {made.file}")


@letters.command("mark")
@click.argument("letter")
@click.argument("state", type=click.Choice(STATES))
@option("--on", "The day: for “sent”, when the force received it.", Day(), required=True, metavar="DATE")
@option("--answer", "The file that came with it; kept, read, and held to what was missing.", PATH, metavar="FILE")
@library_option
@passphrase_option
def mark_letter(
    letter: str, state: str, on: datetime.date, answer: Path | None, library_folder: Path, passphrase_file: Path | None
) -> None:
    """Enter what became of LETTER: the next STATE, and the day.

    \b
    Examples:
      countersign library letters mark metropolitan-police-1 sent --on 2026-12-01
      countersign library letters mark metropolitan-police-1 answered --on 2026-12-20 --answer answer.xlsx
    """
    from countersign.following.library import Library
    from countersign.following.requests import standings
    from countersign.following.writing import mark

    with progress_shown(), desk(library_folder, passphrase_file) as at:
        made = mark(at, letter, state, on, answer)
    steps = [step for step in Library.open(library_folder).state.steps if step.letter == letter]
    [standing] = standings(steps, current().now().date())
    echo(f"{letter}: {standing.said}.")
    if made.answer is not None:
        record = made.answer.reading.record
        read = "is kept and could not be read" if record is None else f"has {counted(len(record.rows), 'row')}"
        echo(f"The answer {read}.")
        echo(f"It closed: {'; '.join(made.closed)}." if made.closed else "It closed nothing that the review misses.")


@letters.command("list")
@library_option
def list_letters(library_folder: Path) -> None:
    """Every letter with its state, and until when it is to be answered.

    \b
    Example:
      countersign library letters list
    """
    from countersign.following.requests import standings

    library = opened(library_folder)
    found = standings(library.state.steps, current().now().date())
    for standing in found:
        echo(
            f"{standing.letter} to {library.force(standing.force).name}: {standing.said}.", bold=bool(standing.overdue)
        )
    if not found:
        echo("No letter is written yet: countersign library letters write FORCE")
