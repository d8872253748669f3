"""``--json`` for commands that print sentences: the same sentences as one JSON object, of one form for all of them.

A command with values of its own for programs declares its own ``--json``; every other one gets this one, so that a
program that runs any command reads one object and never cuts sentences out of a stream. A refusal is on standard error.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import click

from countersign.cli.terminal.say import collected, echo_json
from countersign.errors import DONE

#: Commands without ``--json``, and why.
WITHOUT: Final = {
    "completion": "it prints a script for a shell",
    "desk rehearse": "it serves until it is stopped",
    "desk serve": "it serves until it is stopped",
    "observe new": "it asks at a terminal",
    "open": "it serves until it is stopped",
    "witness serve": "it serves until it is stopped",
}
#: The name of the form, and its version.
FORMAT: Final = "countersign-said"
VERSION: Final = 1
MEANING = "Write what is printed as one JSON object (docs/formats/said.md)."


def with_json(command: click.Command, path: tuple[str, ...] = ()) -> click.Command:
    """The command, or each of a group's, with ``--json`` if it declares none; the same one, if asked twice."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            with_json(below, (*path, name))
    elif command.callback is not None and not _takes_json(command) and " ".join(path) not in WITHOUT:
        command.params.append(click.Option(["--json", "said_as_json"], is_flag=True, help=MEANING))
        command.callback = _saying(command.callback)
    return command


def _takes_json(command: click.Command) -> bool:
    return any("--json" in parameter.opts for parameter in command.params)


def _saying(run: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(run)
    def said(*arguments: Any, said_as_json: bool, **options: Any) -> Any:
        if not said_as_json:
            return run(*arguments, **options)
        with collected() as printed:
            result = run(*arguments, **options)
        code = result if isinstance(result, int) else DONE
        name = click.get_current_context().command_path.partition(" ")[2]
        lines = "".join(printed).splitlines()
        whole = {"format": FORMAT, "version": VERSION, "command": name, "exit_code": code, "lines": lines}
        echo_json(json.dumps(whole, ensure_ascii=False))
        return result

    return said
