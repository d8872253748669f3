"""A group of commands that imports the module of a command only when that is run or asked for help.

So `countersign verify` starts fast, and what only looks at a log imports nothing that keeps one.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are given by their places in a package: ``{"show": "show:show"}``."""

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
        return command
