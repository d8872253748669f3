"""``countersign deployment correct``, ``withdraw`` and ``disown``: an entry set right, taken back or disowned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import FILE, folder_argument, option
from countersign.cli.terminal.signing import Making, append_and_report, making_options, working
from countersign.deployments.corrections import REASONS
from countersign.deployments.disowning import REASONS as DISOWNING_REASONS
from countersign.register.correcting import superseding, withdrawing
from countersign.register.papers.reading import read_paper

_entry = click.argument("entry", metavar="ENTRY", type=click.IntRange(0))
_reason = option("--reason", "Why, in public.", click.Choice(REASONS), required=True)
_why = option("--reasons why", 'A paper with the reasons in full (reasons = "..."), which are sealed.', FILE)


@click.command()
@folder_argument
@_entry
@click.argument("paper", metavar="PAPER", type=FILE)
@_reason
@_why
@making_options
def correct(log_folder: Path, entry: int, paper: Path, reason: str, why: Path | None, making: Making) -> None:
    """Correct an entry: PAPER has the fields that change, and ENTRY is its place in the log.

    Both values stay public, with the time each came; folds and figures use the later one. It is signed by a role that
    may sign the original, and refused where it would put any entry out of order: a proposal is amended before its
    authority. Authorities, approvals, openings, moratoria and policies are not corrected but made anew.

    \b
    Example:
      countersign deployment correct force-a 41 hour.toml --reason counted-again --key operator.key
    """
    facts, contents = read_paper(paper)
    with working(log_folder, making) as work:
        append_and_report(work, superseding(work, entry, facts, contents, reason, _sealed_reasons(why)), making)


@click.command()
@folder_argument
@_entry
@_reason
@_why
@making_options
def withdraw(log_folder: Path, entry: int, reason: str, why: Path | None, making: Making) -> None:
    """Withdraw an entry, or a correction of one: it stays public and counts no more.

    \b
    Example:
      countersign deployment withdraw force-a 41 --reason entered-twice --key operator.key
    """
    with working(log_folder, making) as work:
        append_and_report(work, withdrawing(work, entry, reason, _sealed_reasons(why)), making)


@click.command()
@folder_argument
@_entry
@option("--reason", "Why, in public.", click.Choice(DISOWNING_REASONS), required=True)
@making_options
def disown(log_folder: Path, entry: int, reason: str, making: Making) -> None:
    """Disown an entry that your key signed, and you did not: it stays public, and no duty rests on it any more.

    It is signed with the key that signed the entry, or with its successor (`key rotate`); nobody else may. So disown
    before the key is revoked. What the entry says against a duty counts on, and a disowning is not taken back.

    \b
    Example:
      countersign record signed-by force-a officer.key
      countersign deployment disown force-a 41 --reason key-misused --key officer.key
    """
    with working(log_folder, making) as work:
        append_and_report(work, [work.disowning(entry, reason)], making)


def _sealed_reasons(paper: Path | None) -> dict[str, Any]:
    return {} if paper is None else {"reasons": read_paper(paper)[0]}
