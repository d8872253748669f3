"""The command ``countersign``: finds each subcommand when it is asked for, and turns errors into sentences.

Exit codes are those of ``countersign.errors``, one table for the whole program. No traceback is shown for bad input;
a defect in the program says so, and shows one only with ``COUNTERSIGN_TRACEBACK=1``.
"""

from __future__ import annotations

import difflib
import importlib
import os
import sys

import click

from countersign.cli.terminal.refused import tell
from countersign.errors import EXIT_CODES, CountersignError

#: Subcommand: module that defines it as ``command``, and the line shown in the overview. In order of the work.
COMMANDS: dict[str, tuple[str, str]] = {
    "review": (
        "countersign.cli.published.review",
        "what a source shows, does not show, and where it contradicts itself",
    ),
    "import": ("countersign.cli.published.import_", "turn PDF, spreadsheet or CSV into a data package"),
    "check": ("countersign.cli.published.check", "only the faults in the data"),
    "compare": ("countersign.cli.published.compare", "two releases of the same record, value by value"),
    "reconcile": ("countersign.cli.published.reconcile", "deployments missing from any of several lists"),
    "trial": ("countersign.cli.trial.command", "plan, evaluate or simulate an accuracy trial of an engine"),
    "verify": (
        "countersign.cli.record.verify",
        "check a bundle, a proof or a checkpoint offline, and say what it shows",
    ),
    "record": ("countersign.cli.record.command", "keep, read and check a log that holds nothing about one person"),
    "key": ("countersign.cli.record.key", "make keys that sign entries; register, grant, revoke and rotate them"),
    "deployment": ("countersign.cli.deployment.command", "a deployment's life on the record, one command a step"),
    "watchlist": ("countersign.cli.deployment.watchlist", "a watchlist's manifest: counts, not people"),
    "isolation": ("countersign.cli.deployment.isolation", "what this host could reach, as a statement"),
    "duties": (
        "countersign.cli.rulebook.duties",
        "the duties: what each asks, on which sources, how the record is asked",
    ),
    "explain": (
        "countersign.cli.rulebook.explain",
        "one duty: its sources, what would show it, and a request for that",
    ),
    "ask": ("countersign.cli.rulebook.ask", "letters for what a review leaves open, and for a person who passed by"),
    "events": ("countersign.cli.events.command", "take an engine's export once, and hold it to the declared limits"),
    "simulate": ("countersign.cli.made_up.simulate", "make up a deployment from a scenario, with the truth apart"),
    "rehearse": ("countersign.cli.made_up.rehearse", "a made-up deployment's whole life, by every role's own commands"),
    "forecast": ("countersign.cli.made_up.forecast", "false alerts a scenario would bring; assumed, not measured"),
    "open": ("countersign.cli.site.open_", "a page on this machine: give a file, get the report, nothing is kept"),
    "publish": ("countersign.cli.site.publish", "the public site of a log, as files that need no server and no script"),
    "papers": ("countersign.cli.site.papers", "the sign and the leaflet of a deployment, as PDF"),
    "policy": (
        "countersign.cli.record.policy",
        "make or check the file that says which logs and witnesses are trusted",
    ),
    "witness": ("countersign.cli.record.witness", "cosign a log's checkpoints, as an outside body"),
}


class Commands(click.Group):
    """A group that imports a subcommand's module only when it is run or its own help is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All subcommands, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The subcommand of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(COMMANDS[cmd_name][0]).command
        assert isinstance(command, click.Command)
        return command

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
        return tell(error, given)
    except Exception as error:
        if os.environ.get("COUNTERSIGN_TRACEBACK") == "1":
            raise
        return tell(error, given)
    return result if isinstance(result, int) else 0
