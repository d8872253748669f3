"""Options and arguments that several commands share, and the values they stand for; nothing here keeps a log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from countersign.deployments.clock import utc_of
from countersign.record.entries.forms import fits

if TYPE_CHECKING:
    from countersign.record.tlog.policy import Policy


Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Moment(click.ParamType[str]):
    """A time as entries write it, or local with its zone."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The time in UTC. Fails with a usage error where it is none; raises ``LocalTimeWrong``."""
        moment = utc_of(value)
        if not fits("time", moment):
            ways = "2026-03-01T09:30:00Z or 2026-03-01 09:30 Europe/London"
            self.fail(f"{value!r} is not a time like {ways}", param, ctx)
        return moment


class Day(click.DateTime):
    """A day like 2026-03-01."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The day as a date. Fails with a usage error where it is none."""
        return super().convert(value, param, ctx).date()


PROFILES = ("england-and-wales", "scotland", "northern-ireland", "eu")

#: Types of options and arguments: a file, a folder, either.
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)
PATH = click.Path(path_type=Path)


def option(names: str, meaning: str | None = None, kind: Any = None, **more: Any) -> Callable[[Decorated], Decorated]:
    """An option by its ``names``, with blanks between: flags, then the parameter. ``kind`` is its type, if not text."""
    return click.option(*names.split(), type=kind, help=meaning, **more)


def together(*options: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    """Several options as one, in this order."""

    def decorated(command: Decorated) -> Decorated:
        for each in reversed(options):
            command = each(command)
        return command

    return decorated


folder_argument = click.argument("log_folder", metavar="LOG", type=FOLDER)
columns_option = option(
    "--columns",
    "Map of another force's headings: one for all sources, or one for each.",
    PATH,
    metavar="MAP",
    multiple=True,
)
list_columns_option = option(
    "--columns", "A map of the list's own headings (docs/formats/deployment-watchlist.md).", FILE, metavar="MAP"
)
as_of_option = option("--as-of", "Date of the review, printed on it.", Day(), metavar="DATE")
ocr_option = option(
    "--ocr-layer", "Read a scan by the text recognised under it; every figure is then marked.", is_flag=True
)
corrections_option = option("--corrections", 'Values to read otherwise than printed, or "shipped".', metavar="FILE")
limits_option = option(
    "--limits limits_file", "The declared limits: the document sealed under authorise.limits.", FILE, required=True
)
where_argument = click.argument("where", metavar="LOG|PUBLISHED")
schemas_option = option(
    "--schema schema_folder",
    "For published files: a folder with schema files beside the record's own.",
    click.Path(path_type=Path, file_okay=False, exists=True),
)
at_option = option(
    "--at",
    'When it happened (2026-03-01T09:30:00Z, or "2026-03-01 09:30 Europe/London"); now by default.',
    Moment(),
    metavar="TIME",
)
policy_option = option(
    "--policy policy_file",
    "Which logs and witnesses are trusted, from a place you trust (`countersign policy new`).",
    FILE,
    required=True,
)
outside_option = option(
    "--policy policy_file",
    "The trust policy whose outside keys can stop the force by a moratorium; without it every key that the log's "
    "registrar registered for that can.",
    FILE,
    metavar="POLICY",
)
moratorium_option = option(
    "--moratorium moratorium_files",
    "A moratorium that a body published outside the log, as a note signed by an outside key of --policy; may be "
    "given several times. Nothing of it enters the log.",
    FILE,
    metavar="NOTE",
    multiple=True,
)
reader_option = option(
    "--reader reader_file",
    "Who is outside the force, by a reader's file of your own (docs/formats/readers-file.md).",
    FILE,
    metavar="READER",
)
beside_option = option(
    "--beside",
    "A log that an outside body keeps, as --reader names it: what it says bars what it would bar in the force's own; "
    "may be given several times. Nothing of it enters the log.",
    PATH,
    metavar="LOG",
    multiple=True,
)
profile_option = option(
    "--profile", "Whose law the duties that bar this step are taken from.", click.Choice(PROFILES), default=PROFILES[0]
)


def read_policy(path: Path) -> Policy:
    """The policy in a file. Raises ``PolicyMissing``, ``InputTooLarge`` or ``PolicyMalformed``, with the path."""
    # Imported here: it brings the signatures' library, which commands on published data do without.
    from countersign.record.tlog.policy import read_policy as read

    return read(path)


def faces_off_option(meaning: str) -> Callable[[Decorated], Decorated]:
    """How far a count of faces may be off, either way, in %; ``meaning`` is its help."""
    return option("--faces-off", meaning, click.FloatRange(0, 99), default=20, metavar="PERCENT")


def clump_option(meaning: str) -> Callable[[Decorated], Decorated]:
    """How many alerts at most come of one person or moment; ``meaning`` is its help."""
    return option("--clump", meaning, click.FloatRange(1, 1000), default=1, metavar="ALERTS")
