"""``countersign judge``: officers' judgements on alerts, signed on their devices, and entered by the hour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import FILE, at_option, folder_argument, option, together
from countersign.cli.terminal.say import echo
from countersign.cli.terminal.signing import (
    Making,
    append_and_report,
    making_options,
    open_private,
    passphrase_option,
    working,
)
from countersign.deployments import judgements
from countersign.inputs import read_input
from countersign.output import write_whole
from countersign.record.entries.entry import EntrySigner
from countersign.register import judging
from countersign.register.deployments import subject_of
from countersign.register.opening import opened
from countersign.surroundings import current
from countersign.words.lists import counted

_ledger = click.argument("ledger", type=FILE)
_deployment = option("--deployment", "Of a new ledger: which deployment it is of.", metavar="FORCE/DEPLOYMENT")


@click.group(name="judge")
def command() -> None:
    """Judge alerts, each officer with their own key, and enter the judgements by the hour.

    The officer who answers the engine's prompt gives the alert its number. The second officer gets a slip with no
    answer on it, and answers on a device of their own. What is judged is sealed; how many alerts two judged before
    anyone was approached is public.

    \b
    Example:
      countersign judge first day.ledger --deployment force-a/d-1 --camera cam-1 --answer engage \\
          --reason features-agree --seconds 6 --key operator.key --slip 1.slip
      countersign judge second 1.slip --answer engage --reason features-agree --seconds 9 --key officer.key \\
          --out 1.second
      countersign judge take day.ledger 1.second
      countersign judge engaged day.ledger 1 --key officer.key
      countersign judge enter day.ledger force-a --key recorder.key
      countersign judge match force-a d-1
    """


def _judging(run: Callable[..., Any]) -> Callable[..., Any]:
    """What is judged, by whom and when."""
    return together(
        option("--answer", "What the officer decides.", click.Choice(judgements.ANSWERS), required=True),
        option("--reason", "Why, in a fixed phrase.", click.Choice(judgements.REASONS), required=True),
        option("--seconds", "How long it took, in seconds.", click.IntRange(0, 100_000), required=True),
        _signing,
    )(run)


def _signing(run: Callable[..., Any]) -> Callable[..., Any]:
    key = option("--key key_file", "The private key file of the officer who signs.", FILE, required=True)
    return together(key, passphrase_option, at_option)(run)


def _signer(key_file: Path, passphrase_file: Path | None) -> EntrySigner:
    return EntrySigner(open_private(key_file, passphrase_file).secret)


@command.command()
@_ledger
@_deployment
@option("--camera", "Which camera the alert is of.", required=True)
@_judging
@option("--slip slip_file", "Write the slip for the second officer here.", FILE)
def first(
    ledger: Path,
    deployment: str | None,
    key_file: Path,
    passphrase_file: Path | None,
    at: str | None,
    slip_file: Path | None,
    **judged: Any,
) -> None:
    """Answer the engine's prompt: the alert gets the next number of the LEDGER, which is begun if it is not there.

    \b
    Example:
      countersign judge first day.ledger --camera cam-1 --answer reject --reason image-poor --seconds 4 \\
          --key operator.key
    """
    said = {"act": judgements.FIRST, "number": None, "at": at or current().time_text(), **judged}
    subject, lines = judging.judge(ledger, deployment, said, _signer(key_file, passphrase_file))
    line = lines[-1]
    if slip_file is not None:
        write_whole(slip_file, judgements.slip(subject, line))
    echo(f"Number {line['number']}, camera {line['camera']}: judged by one.")
    if slip_file is not None:
        echo(f"Next, on the second officer's device: countersign judge second {slip_file}")


@command.command()
@click.argument("slip", type=FILE)
@_judging
@option("--out", "The signed judgement, to give back to the unit.", FILE, required=True)
def second(slip: Path, key_file: Path, passphrase_file: Path | None, at: str | None, out: Path, **judged: Any) -> None:
    """Judge the alert of a SLIP, which says nothing of the first answer; no ledger is needed.

    \b
    Example:
      countersign judge second 7.slip --answer reject --reason image-poor --seconds 9 --key officer.key --out 7.second
    """
    subject, begun = judgements.slip_of(read_input(slip), str(slip))
    said = begun | {"at": at or current().time_text(), **judged}
    line = judgements.signed(subject, said, _signer(key_file, passphrase_file))
    write_whole(out, judgements.rendered(subject, line), secret=True)
    echo(f"Number {line['number']}, camera {line['camera']}: signed, in {out}")
    echo(f"Next, on the unit's device: countersign judge take LEDGER {out}")


@command.command()
@_ledger
@click.argument("judgement", type=FILE)
def take(ledger: Path, judgement: Path) -> None:
    """Take the second officer's JUDGEMENT into the LEDGER.

    \b
    Example:
      countersign judge take day.ledger 7.second
    """
    line = judging.take(ledger, read_input(judgement), str(judgement))
    echo(f"Number {line['number']}, camera {line['camera']}: judged by two.")


@command.command()
@_ledger
@click.argument("number", type=click.IntRange(1), required=False)
@_deployment
@option("--camera", "Of an alert that nobody judged: its camera; it gets the next number.")
@_signing
def engaged(
    ledger: Path,
    number: int | None,
    deployment: str | None,
    camera: str | None,
    key_file: Path,
    passphrase_file: Path | None,
    at: str | None,
) -> None:
    """Say that an officer approached the person of alert NUMBER, or of one that nobody judged; that too is entered.

    \b
    Example:
      countersign judge engaged day.ledger 7 --key officer.key
      countersign judge engaged day.ledger --camera cam-1 --key officer.key
    """
    said = {"act": judgements.ENGAGEMENT, "number": number, "camera": camera, "at": at or current().time_text()}
    _, lines = judging.judge(ledger, deployment, said, _signer(key_file, passphrase_file))
    line = lines[-1]
    state = next(each for each in judgements.numbered(lines) if each.number == line["number"])
    missing = "" if state.judged_by_two else "; two people had not judged it before, and that will show"
    echo(f"Number {line['number']}, camera {line['camera']}: engagement entered{missing}.")


@command.command()
@_ledger
@folder_argument
@making_options
def enter(ledger: Path, log_folder: Path, making: Making) -> None:
    """Enter the LEDGER's hours that are over in the log: the judgements sealed, the counts public. An hour that more
    was said of since, such as an engagement in the next hour, is corrected.

    \b
    Example:
      countersign judge enter day.ledger force-a --key recorder.key
    """
    entered = False
    while True:
        with working(log_folder, making) as work:
            made = judging.hours_to_enter(work, ledger) or judging.hour_that_grew(work, ledger)
            if not made:
                break
            append_and_report(work, made, making)
            entered = True
    if not entered:
        echo("Every hour of the ledger that is over is on the record.")


@command.command()
@folder_argument
@click.argument("deployment")
def match(log_folder: Path, deployment: str) -> None:
    """Match the numbers of a DEPLOYMENT to the engine's alerts, by camera and time, and list what is left over.

    \b
    Example:
      countersign judge match force-a d-1
    """
    with opened(log_folder, reading=True) as log:
        found, closed, unheld = judging.matched_in(log, subject_of(log.folder.config.subject, deployment))
    pairs, numbers, alerts = len(found.pairs), len(found.numbers), len(found.alerts)
    echo(
        f"{counted(pairs, 'number')} matched; {numbers} without an alert, {counted(alerts, 'alert')} without a number."
    )
    for number in found.numbers_in_words():
        echo(f"  {number}: no alert")
    for alert in found.alerts_in_words():
        echo(f"  {alert}: no judgement")
    if closed or unheld:
        gone = f"{counted(closed, 'hour')} of judgements and {counted(unheld, 'alert')}"
        echo(f"Of {gone} nothing is held here any more; only the counts are left.")
