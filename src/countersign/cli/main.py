"""The command ``countersign``: finds each subcommand when it is asked for, and turns errors into sentences.

Exit codes are those of ``countersign.errors``, one table for the whole program. No traceback is shown for bad input;
a defect in the program says so, and shows one only with ``COUNTERSIGN_TRACEBACK=1``. A refusal is two lines for people;
a command given ``--json`` (or ``--format json`` alone) is called by a program, and gets one JSON object on standard
error, so that standard output holds the answer or nothing.
"""

from __future__ import annotations

import gc
import importlib
import io
import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import click

from countersign import extras
from countersign.cli.terminal.said import with_json
from countersign.cli.terminal.say import echo, echo_json, echo_lines
from countersign.errors import DEFECT, EXIT_CODES, INTERRUPTED, CountersignError

#: Codes of refusals that are no ``CountersignError``.
USAGE, INTERRUPT, DEFECTIVE = "usage", "interrupted", "defect"
#: Errors behind an error that are looked through for an interruption.
MOST_CAUSES = 50


class Refusal(NamedTuple):
    """What was not done and why: a stable code, a sentence, what to do next, and the exit code of the table.

    >>> print(Refusal("wrong-form", "grid.csv holds no table.", "Give another.", 2).as_json())
    {"error": "wrong-form", "sentence": "grid.csv holds no table.", "next_step": "Give another.", "exit_code": 2}
    """

    error: str
    sentence: str
    next_step: str
    exit_code: int

    def as_json(self) -> str:
        """The object on one line."""
        return json.dumps(self._asdict(), ensure_ascii=False)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a program is asking: ``--json`` among the options, or JSON as the only ``--format``.

    >>> wants_json(["check", "grid.csv", "--json"]), wants_json(["review", "grid.csv", "--format", "html,json"])
    (True, False)
    """
    options = list(arguments[: arguments.index("--")]) if "--" in arguments else list(arguments)
    pairs = zip(options, [*options[1:], ""], strict=True)
    return any(name in ("--json", "--format=json") or (name, then) == ("--format", "json") for name, then in pairs)


def _redacted(text: str) -> str:
    from countersign.leaks import redacted

    return redacted(text)


def refusal(error: BaseException) -> Refusal:
    """Any end of a run that is not its answer, as a refusal."""
    if isinstance(error, CountersignError):
        return Refusal(error.code, str(error), error.next_step, error.exit_code)
    if isinstance(error, click.ClickException):
        place = getattr(error, "ctx", None)
        path = "countersign" if place is None else place.command_path
        return Refusal(USAGE, _redacted(error.format_message()), f"See `{path} --help`.", error.exit_code)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return Refusal(INTERRUPT, "Interrupted; nothing half-written is left.", "Run the command again.", INTERRUPTED)
    message = "Please report it; COUNTERSIGN_TRACEBACK=1 shows where it happened."
    return Refusal(DEFECTIVE, _redacted(f"A defect in the program: {type(error).__name__}: {error}"), message, DEFECT)


def interrupted_by(error: BaseException) -> KeyboardInterrupt | None:
    """The interruption that an error came of, if one did. Python makes another error of one that arrives while a class
    is built (``__set_name__``, before 3.12) or while something is being closed."""
    seen: BaseException | None = error
    for _ in range(MOST_CAUSES):
        if seen is None or isinstance(seen, KeyboardInterrupt):
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def say_refused(error: BaseException, arguments: Sequence[str]) -> int:
    """Say on standard error how a run ended, in the form that was asked for; returns the exit code."""
    found = refusal(error)
    if wants_json(arguments):
        echo_json(found.as_json(), err=True)
    elif isinstance(error, CountersignError):
        echo("countersign", bold=True, nl=False, err=True)
        echo(f": {found.sentence}", err=True)
        echo(f"  {found.next_step}  [{found.error}]", err=True)
    elif isinstance(error, click.ClickException):
        shown = io.StringIO()
        error.show(shown)
        echo_lines(_redacted(shown.getvalue()), err=True, nl=False)
    else:
        echo(f"countersign: {found.sentence[:1].lower()}{found.sentence[1:]}", err=True)
        if found.error == DEFECTIVE:
            echo(f"  {found.next_step}", err=True)
    return found.exit_code


class LazyGroup(click.Group):
    """A group whose commands are given by their places in a package: ``{"show": "account:show"}``. A command's module
    is imported when it is run or asked for help: `countersign verify` starts fast, and what only looks at a log imports
    nothing that keeps one.
    """

    def __init__(self, *arguments: Any, package: str, places: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.package, self.places = package, places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order in which they are given."""
        return list(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now; ``None`` if there is none."""
        if cmd_name not in self.places:
            return None
        module, _, name = self.places[cmd_name].partition(":")
        command = getattr(importlib.import_module(f"{self.package}.{module}"), name)
        assert isinstance(command, click.Command)
        return with_json(command, (cmd_name,) if self.name == "cli" else (str(self.name), cmd_name))


#: Subcommand: where it is defined, and the line shown in the overview. In order of the work.
COMMANDS: dict[str, tuple[str, str]] = {
    "review": ("review:command", "what a source shows, does not show, and where it contradicts itself"),
    "import": ("import_:import_", "turn what was published into a data package"),
    "map": ("import_:map_", "write a map of another force's headings"),
    "check": ("compare:check", "only the faults in the data"),
    "compare": ("compare:compare", "two releases of the same record, value by value"),
    "reconcile": ("compare:reconcile", "deployments missing from any of several lists"),
    "library": ("library:command", "every force, over time: releases kept, compared and set side by side"),
    "trial": ("trial.command:command", "plan, evaluate or simulate an accuracy trial of an engine"),
    "verify": ("record.verify:command", "check a bundle, a proof or a checkpoint offline, and say what it shows"),
    "record": ("record:command", "keep, read and check a log that holds nothing about one person"),
    "key": ("record.key:command", "make keys that sign entries; register, grant, revoke and rotate them"),
    "deployment": ("deployment.command:command", "a deployment's life on the record, one command a step"),
    "plan": ("plan:command", "what would bar each later step of a deployment, known before the day"),
    "draft": ("draft:command", "an entry prepared here, signed on the signer's own machine, appended here"),
    "judge": ("judge:command", "judge alerts, each officer with their own key; entered by the hour"),
    "observe": ("observe:command", "what an observer saw or an outside body says, drafted for its own log"),
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
    "desk": ("desk:command", "the same acts in a browser, on a server that holds nobody's key"),
    "publish": ("site:publish", "the public site of a log, as files that need no server and no script"),
    "papers": ("site:papers", "the sign and the leaflet of a deployment, as PDF"),
    "policy": ("record.policy:command", "make or check the file that says which logs and witnesses are trusted"),
    "witness": ("record.witness:command", "cosign a log's checkpoints, as an outside body"),
    "doctor": ("installed:doctor", "what this installation has, and what it lacks"),
    "completion": ("installed:completion", "a script that completes commands in bash, zsh or fish"),
    "man": ("installed:man", "a man page for each command, written to a folder"),
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
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else " See 'countersign --help'."
            raise click.UsageError(f"There is no command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    package=__package__,
    places={name: place for name, (place, _) in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.version_option(package_name="countersign")
def cli() -> None:
    """Independent assurance for live facial recognition in public places.

    Reads what a force has published, or a record of a deployment, and says with evidence what it shows, what it does
    not show, and where it contradicts itself. It holds no face, detects none and matches none.
    """


def hold_arguments(arguments: Sequence[str]) -> None:
    """Every argument of every command passes the door, the names of files too. Raises ``LeakAtTheDoor``."""
    option = ""
    for number, argument in enumerate(arguments, start=1):
        named = re.match(r"--?[a-z][a-z-]{0,40}(?==|\Z)", argument)
        option = named[0] if named else option
        if option == argument:
            continue  # a name of an option, in small letters; click refuses one that does not exist
        from countersign.door import hold_text

        hold_text("option", option, argument, f"argument {number}" + (f", after {option}" if option else ""))


#: What a command reads lives until its end: the collector need not go through all of it time and again.
COLLECT_AFTER = (50_000, 20, 100)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with a code of the table. Never shows a traceback for bad input."""
    gc.set_threshold(*COLLECT_AFTER)
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code instead of exiting."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        hold_arguments(given)
        result = cli.main(args=given, prog_name="countersign", standalone_mode=False)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - the reader has gone; keep the exit quiet
        return 0
    except (CountersignError, click.ClickException, click.Abort, KeyboardInterrupt) as error:
        return say_refused(error, given)
    except ModuleNotFoundError as error:
        return say_refused(extras.missing(error) or error, given)
    except Exception as error:
        interruption = interrupted_by(error)
        if interruption is None and os.environ.get("COUNTERSIGN_TRACEBACK") == "1":
            raise
        return say_refused(interruption or error, given)
    return result if isinstance(result, int) else 0
