"""``countersign record``: keep a log, look into it, carry its proofs out; put together from the modules beside this."""

from __future__ import annotations

import click

from countersign.cli.record import account as record_account
from countersign.cli.record import folder as record_folder
from countersign.cli.record import following as record_following
from countersign.cli.record import keeping as record_keeping
from countersign.cli.record import outside as record_outside
from countersign.cli.record import sealed as record_sealed


@click.group(name="record")
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


for _module in (
    record_folder, record_keeping, record_sealed, record_account, record_outside, record_following,
):  # fmt: skip
    for _command in _module.COMMANDS:
        command.add_command(_command)
