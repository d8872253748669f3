"""``countersign record``: keep a log, look into it, carry its proofs out."""

from __future__ import annotations

import click

from countersign.cli.main import LazyGroup

#: Command: where it is defined.
PLACES = {
    "account": "account:account",
    "adopt": "log:adopt",
    "append": "log:append_entry",
    "append-signed": "log:append_signed",
    "backup": "log:backup",
    "bundle": "outgoing:bundle",
    "cosign": "outgoing:cosign",
    "erase": "sealed:erase",
    "export-tiles": "outgoing:export_tiles",
    "fix": "sealed:fix",
    "hold": "sealed:hold",
    "init": "log:init",
    "lose": "sealed:lose",
    "monitor": "outgoing:monitor",
    "orphans": "account:list_orphans",
    "prove": "outgoing:prove",
    "publish": "log:publish_log",
    "receipt": "show:receipt",
    "refute": "account:refute_erasure",
    "release": "sealed:release",
    "restore": "log:restore",
    "rule": "sealed:rule",
    "show": "show:show",
    "signed-by": "show:signed_by",
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
