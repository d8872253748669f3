"""How the command line says that it did not do what was asked: two lines for people, one JSON object for programs.

A command given ``--json`` (or ``--format json`` alone) is called by a program, which must not have to read sentences.
The object goes to standard error, so that standard output holds the answer or nothing; the exit code is the same.

>>> wants_json(["check", "grid.csv", "--json"]), wants_json(["review", "grid.csv", "--format", "html,json"])
(True, False)
>>> print(Refusal("wrong-form", "grid.csv holds no table.", "Give another.", 2).as_json())
{"error": "wrong-form", "sentence": "grid.csv holds no table.", "next_step": "Give another.", "exit_code": 2}
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import NamedTuple

import click

from countersign.cli.terminal.say import echo, echo_json, echo_lines
from countersign.errors import DEFECT, INTERRUPTED, CountersignError

#: Codes of refusals that are no ``CountersignError``.
USAGE, INTERRUPT, DEFECTIVE = "usage", "interrupted", "defect"


class Refusal(NamedTuple):
    """What was not done and why: a stable code, a sentence, what to do next, and the exit code of the table."""

    error: str
    sentence: str
    next_step: str
    exit_code: int

    def as_json(self) -> str:
        """The object on one line."""
        return json.dumps(self._asdict(), ensure_ascii=False)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether a program is asking: ``--json`` among the options, or JSON as the only ``--format``."""
    options = list(arguments[: arguments.index("--")]) if "--" in arguments else list(arguments)
    pairs = zip(options, [*options[1:], ""], strict=True)
    return any(one in ("--json", "--format=json") or (one, then) == ("--format", "json") for one, then in pairs)


def refusal(error: BaseException) -> Refusal:
    """Any end of a run that is not its answer, as a refusal."""
    if isinstance(error, CountersignError):
        return Refusal(error.code, str(error), error.next_step, error.exit_code)
    if isinstance(error, click.ClickException):
        place = getattr(error, "ctx", None)
        path = "countersign" if place is None else place.command_path
        return Refusal(USAGE, error.format_message(), f"See `{path} --help`.", error.exit_code)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return Refusal(INTERRUPT, "Interrupted; nothing half-written is left.", "Run the command again.", INTERRUPTED)
    return Refusal(
        DEFECTIVE,
        f"A defect in the program: {type(error).__name__}: {error}",
        "Please report it; COUNTERSIGN_TRACEBACK=1 shows where it happened.",
        DEFECT,
    )


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
        echo_lines(shown.getvalue(), err=True, nl=False)
    else:
        echo(f"countersign: {found.sentence[:1].lower()}{found.sentence[1:]}", err=True)
        if found.error == DEFECTIVE:
            echo(f"  {found.next_step}", err=True)
    return found.exit_code
