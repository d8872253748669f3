"""``countersign record``: keep a log, look into it, carry its proofs out."""

from __future__ import annotations

import click

from countersign.cli.terminal.lazy import LazyGroup

#: Command: where it is defined.
PLACES = {
    "account": "account:account",
    "adopt": "keeping:adopt",
    "append": "keeping:append_entry",
    "append-signed": "keeping:append_signed",
    "backup": "folder:backup",
    "bundle": "outside:bundle",
    "cosign": "outside:cosign",
    "erase": "sealed:erase_items",
    "export-tiles": "outside:export_tiles",
    "fix": "sealed:fix",
    "hold": "sealed:hold",
    "init": "folder:init",
    "lose": "sealed:lose",
    "monitor": "following:monitor",
    "orphans": "account:list_orphans",
    "prove": "outside:prove",
    "publish": "keeping:publish_log",
    "refute": "account:refute_erasure",
    "release": "sealed:release",
    "restore": "folder:restore",
    "rule": "sealed:rule",
    "show": "show:show",
    "state": "sealed:state",
}


@click.group(name="record", cls=LazyGroup, package=__package__, places=PLACES)
def command() -> None:
    """An append-only log that anyone can check and that holds nothing about one person.

    Entries are signed by registered keys and get their place for good; what concerns one person or one alert is sealed:
    the log holds a commitment, and erasing is an entry of its own.

    \b
    Example, from nothing:
      countersign key new --name registrar --out registrar.key
      countersign record init force-a --origin log.example/force-a --subject force-a --registrar registrar.key
      countersign record show force-a
      countersign record prove force-a 0 --out first.proof
      countersign policy new --log "$(cat force-a/log.vkey)" --out trust.policy
      countersign verify first.proof --policy trust.policy
    """
