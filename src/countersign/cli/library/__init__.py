"""``countersign library``: follow several forces for years, from outside."""

from __future__ import annotations

import click

from countersign.cli.main import LazyGroup

#: Command: where it is defined.
PLACES = {
    "init": "init:init",
    "add": "add:add",
    "status": "status:status",
    "changes": "changes:changes",
    "table": "table:table",
    "review": "review:review",
    "site": "site:site",
    "letters": "letters:letters",
    "fetch": "fetch:fetch",
    "read": "read:read",
    "erase": "erase:erase",
}


@click.group(name="library", cls=LazyGroup, package=__package__, places=PLACES)
def command() -> None:
    """Every force, over time, from outside: keep what each published, see what changed, set them side by side.

    A library is a folder. Releases are kept as they were, read by maps, compared with the last, and never added up over
    forces. Its own log says which bytes it held when. It runs without a network on files that you add.

    \b
    Example, from nothing:
      countersign library init forces --origin library.example/log --title "Forces followed by us"
      cd forces
      countersign library add met shipped:met
      countersign library add "South Wales" shipped:south-wales
      countersign library status
    """
