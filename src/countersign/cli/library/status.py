"""``countersign library status``: what is held, how late it was published, and what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from countersign.cli.library.shared import library_option, opened
from countersign.cli.terminal.options import FILE, PATH, option, read_policy
from countersign.cli.terminal.say import echo, echo_values
from countersign.errors import DONE, EVIDENCE_WRONG
from countersign.words.dates import dated
from countersign.words.lists import counted

if TYPE_CHECKING:
    from countersign.following.beside import AlsoHeld
    from countersign.following.library import Library
    from countersign.following.overview import Held


@click.command("status")
@option("--bytes check_bytes", "Hold every item of the vault and every reading to its digest.", is_flag=True)
@option("--all everything", "List every release with its digest.", is_flag=True)
@option(
    "--beside others",
    "Another library's published log (its folder) or a bundle of it: say which releases it holds too. May be repeated.",
    PATH,
    multiple=True,
    metavar="PATH",
)
@option("--policy policy_file", "Which logs and witnesses are trusted, for --beside.", FILE, metavar="FILE")
@option("--json as_json", "Write JSON to standard output.", is_flag=True)
@library_option
def status(
    check_bytes: bool,
    everything: bool,
    others: tuple[Path, ...],
    policy_file: Path | None,
    as_json: bool,
    library_folder: Path,
) -> int:
    """What the library holds of each force: releases by series, the last one's dates, and what could not be read.

    Exit code 1 if bytes or readings are not what was kept, 0 otherwise.

    \b
    Examples:
      countersign library status
      countersign library status --all --bytes
      countersign library status --beside /srv/theirs/log/public --policy trust.policy
    """
    from countersign.following.overview import held, wrong_bytes

    library = opened(library_folder)
    lines = held(library)
    wrong = wrong_bytes(library) if check_bytes else []
    beside = _beside(library, others, policy_file)
    if as_json:
        echo_values({"title": library.title, "series": lines, "wrong": wrong, "also_held": beside or []})
        return EVIDENCE_WRONG if wrong else DONE
    _say(library, lines, everything=everything)
    if beside is not None:
        _say_beside(library, beside)
    for place in wrong:
        echo(f"Not what was kept: {place}", bold=True)
    if check_bytes and not wrong:
        echo("Every item of the vault and every reading has the digest under which it was kept.")
    return EVIDENCE_WRONG if wrong else DONE


def _beside(library: Library, others: tuple[Path, ...], policy_file: Path | None) -> list[AlsoHeld] | None:
    """What other libraries hold too; ``None`` where none is named."""
    if not others:
        return None
    if policy_file is None:
        raise click.UsageError("--beside needs --policy: which logs and witnesses are trusted.")
    from countersign.following.beside import also_held, read_other

    policy = read_policy(policy_file)
    return [*also_held(library, [read_other(path, policy) for path in others])]


def _say_beside(library: Library, beside: list[AlsoHeld]) -> None:
    releases = library.state.releases
    held = {each.release.entry for each in beside}
    echo()
    echo(f"{len(held):,} of {counted(len(releases), 'release')} also held by another library named", bold=True)
    for each in beside:
        release = each.release
        echo(f"  {release.force}, {release.series} of {dated(release.day)}, {release.digest[:16]}…: {each.said}")


def _say(library: Library, lines: list[Held], *, everything: bool) -> None:
    from countersign.following.overview import proved

    state = library.state
    releases = counted(len(state.releases), "release")
    echo(f"{library.title}: {releases} of {counted(len({line.force for line in lines}), 'force')}", bold=True)
    echo(proved(library))
    shown = ""
    for line in lines:
        if line.name != shown:
            echo()
            echo(f"{line.name} ({line.force})", bold=True)
            shown = line.name
        echo(f"  {line.said}")
        if everything:
            for release in line.releases:
                gone = f", bytes erased ({state.erased[release.digest]})" if release.digest in state.erased else ""
                echo(f"    {dated(release.day)}, kept {dated(release.fetched[:10])}, {release.digest}{gone}")
    if not lines:
        echo("Nothing is held yet: countersign library add FORCE FILE")
