"""The command ``countersign``: finds each subcommand when it is asked for, and turns errors into sentences.

Exit codes are those of ``countersign.errors``, one table for the whole program. No traceback is shown for bad input;
a defect in the program says so, and shows one only with ``COUNTERSIGN_TRACEBACK=1``.
"""

from __future__ import annotations

import difflib
import os
import sys

import click

from countersign.cli.terminal.lazy import LazyGroup
from countersign.cli.terminal.refused import say_refused
from countersign.errors import EXIT_CODES, CountersignError

#: Subcommand: where it is defined, and the line shown in the overview. In order of the work.
COMMANDS: dict[str, tuple[str, str]] = {
    "review": ("review:command", "what a source shows, does not show, and where it contradicts itself"),
    "import": ("import_:import_", "turn what was published into a data package"),
    "map": ("import_:map_", "write a map of another force's headings"),
    "check": ("check:check", "only the faults in the data"),
    "compare": ("compare:compare", "two releases of the same record, value by value"),
    "reconcile": ("compare:reconcile", "deployments missing from any of several lists"),
    "trial": ("trial.command:command", "plan, evaluate or simulate an accuracy trial of an engine"),
    "verify": ("record.verify:command", "check a bundle, a proof or a checkpoint offline, and say what it shows"),
    "record": ("record:command", "keep, read and check a log that holds nothing about one person"),
    "key": ("record.key:command", "make keys that sign entries; register, grant, revoke and rotate them"),
    "deployment": ("deployment.command:command", "a deployment's life on the record, one command a step"),
    "watchlist": ("deployment.watchlist:command", "a watchlist's manifest: counts, not people"),
    "isolation": ("deployment.isolation:command", "what this host could reach, as a statement"),
    "duties": ("duties:duties", "the duties: what each asks, on which sources, how the record is asked"),
    "explain": ("duties:explain", "one duty: its sources, what would show it, and a request for that"),
    "ask": ("duties:ask", "letters for what a review leaves open, and for a person who passed by"),
    "events": ("events.command:command", "take an engine's export once, and hold it to the declared limits"),
    "simulate": ("made_up:simulate", "make up a deployment from a scenario, with the truth apart"),
    "rehearse": ("made_up:rehearse", "a made-up deployment's whole life, by every role's own commands"),
    "forecast": ("made_up:forecast", "false alerts a scenario would bring; assumed, not measured"),
    "open": ("site:open_", "a page on this machine: give a file, get the report, nothing is kept"),
    "publish": ("site:publish", "the public site of a log, as files that need no server and no script"),
    "papers": ("site:papers", "the sign and the leaflet of a deployment, as PDF"),
    "policy": ("record.policy:command", "make or check the file that says which logs and witnesses are trusted"),
    "witness": ("record.witness:command", "cosign a log's checkpoints, as an outside body"),
}


class Commands(LazyGroup):
    """All commands, with an overview that imports none of them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, without importing any subcommand."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), meaning) for code, meaning in EXIT_CODES.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the subcommand; a misspelt one is answered with the nearest that exists."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else " See 'countersign --help'."
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    package=__package__,
    places={name: place for name, (place, _) in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="countersign")
def cli() -> None:
    """Independent assurance for live facial recognition in public places.

    Reads what a force has published, or a record of a deployment, and says with evidence what it shows, what it does
    not show, and where it contradicts itself. It holds no face, detects none and matches none.
    """


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with a code of the table. Never shows a traceback for bad input."""
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code instead of exiting."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        result = cli.main(args=given, prog_name="countersign", standalone_mode=False)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the reader has gone; keep the exit quiet
        return 0
    except (CountersignError, click.ClickException, click.Abort, KeyboardInterrupt) as error:
        return say_refused(error, given)
    except Exception as error:
        if os.environ.get("COUNTERSIGN_TRACEBACK") == "1":
            raise
        return say_refused(error, given)
    return result if isinstance(result, int) else 0
