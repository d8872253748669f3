"""Every command of the click tree, called with the same text or file in each place that takes one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click

from countersign.cli.main import cli

#: Waits for a browser, given anything: it is not called.
WAITING = ("open",)
#: Commands that wait for others to call: they are given no file that is there.
SERVING = frozenset({("witness", "serve"), ("record", "publish")})


def leaves(group: click.Group = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Path and command, for every command that is no group."""
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from leaves(command, (*path, name))
        else:
            if (*path, name) != WAITING:
                yield (*path, name), command


def arguments(
    path: Sequence[str], command: click.Command, *, file: str, text: str, also: str | None = None
) -> list[str]:
    """A call with ``file`` for every file and ``text`` for every text that must be given; ``also``: one more option."""
    options: list[str] = []
    places: list[str] = []
    for parameter in command.params:
        wanted = parameter.required or also in parameter.opts
        if not wanted or getattr(parameter, "is_flag", False):
            continue
        values = [_value(parameter.type, file, text) for _ in range(max(1, parameter.nargs))]
        if isinstance(parameter, click.Option):
            options += [parameter.opts[0], *values]
        else:
            places += values
    return [*path, *options, "--", *places]


def _value(kind: Any, file: str, text: str) -> str:
    if isinstance(kind, click.Choice):
        return str(kind.choices[0])
    if isinstance(kind, click.Path | click.File):
        return file
    if isinstance(kind, click.DateTime):
        return "2026-01-01"
    if isinstance(kind, click.types.IntParamType | click.types.FloatParamType):
        return "1"
    return text


def path_options(command: click.Command) -> list[str | None]:
    """The options that take a file, and ``None`` for the call with only what must be given."""
    return [
        None,
        *(
            parameter.opts[0]
            for parameter in command.params
            if isinstance(parameter, click.Option) and isinstance(parameter.type, click.Path) and not parameter.required
        ),
    ]
