"""What the trial commands that read scores share: their options, the subjects, crossings, and the files by digest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countersign.cli.terminal.options import PATH

if TYPE_CHECKING:
    from countersign.trials.scores.source import InputFile, Source
    from countersign.trials.scores.subjects import Subjects

Function = TypeVar("Function", bound=Callable[..., Any])


def _options(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    def apply(function: Function) -> Function:
        for option in reversed(options):
            function = option(function)
        return function

    return apply


INPUT = _options(
    click.argument("searches", nargs=-1, required=True, type=PATH),
    click.option("--subjects", type=PATH, help="Table of subjects: group labels, how they were obtained."),
    click.option("--obtained", metavar="HOW", help="Without --subjects: the search table has the labels, obtained so."),
    click.option(
        "--by",
        multiple=True,
        metavar="ATTRIBUTE",
        help='Report by it; crossed as "ethnicity*sex". Repeat. Unsaid, evaluate takes each of --subjects.',
    ),
    click.option(
        "--operator",
        type=click.Choice([">=", ">"]),
        default=">=",
        show_default=True,
        help="How the engine compares a score with its threshold.",
    ),
    click.option("--out", type=PATH, default=Path("trial"), show_default=True, help="Folder to write to."),
    click.option("--set-aside", is_flag=True, help="Count faulty rows apart and report them, instead of refusing."),
)


def fingerprints(**given: Path | tuple[Path, ...] | None) -> tuple[InputFile, ...]:
    """Every file given, by the name of what it is used as."""
    from countersign.trials.scores.source import fingerprint

    return tuple(
        fingerprint(path, role)
        for role, paths in given.items()
        for path in (paths if isinstance(paths, tuple) else (paths,))
        if path is not None
    )


def crossings_of(by: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The attributes of each "ethnicity*sex", each crossing once."""
    parts = tuple(tuple(part.strip() for part in each.split("*") if part.strip()) for each in by)
    return tuple(dict.fromkeys(each for each in parts if each))


def subjects_of(source: Source, table: Path | None, obtained: str | None, attributes: tuple[str, ...]) -> Subjects:
    """From their table, or from the search table's own columns where it is said how labels were obtained."""
    from countersign.trials.scores.source import open_table
    from countersign.trials.scores.subjects import subjects_table
    from countersign.trials.scores.survey import subjects_of_searches

    if table is not None:
        return subjects_table(open_table([table]), attributes)
    if attributes and not obtained:
        raise click.UsageError("Give --subjects, or say with --obtained how the search table's labels were obtained.")
    return subjects_of_searches(source, attributes, obtained or "official")
