"""What is to become of sealed values, as entries: rules, erasure, holds, losses, stated accounts, findings fixed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from countersign.cli.terminal.options import FILE, folder_argument, option
from countersign.cli.terminal.signing import Signing, append_one, signing_options
from countersign.inputs import LARGE_BYTES, digest_of_input, read_input
from countersign.register.commands import Raw
from countersign.register.opening import OpenLog
from countersign.register.sealed import erase_items, parse_items, state_account

items_argument = click.argument("items", metavar="ITEM...", nargs=-1, required=True)


@click.command()
@folder_argument
@click.argument("retention_class", metavar="CLASS")
@click.argument("hours", type=click.IntRange(min=0))
@option("--document", "The document the rule comes from; its SHA-256 enters the log.", FILE, required=True)
@option("--reference", "The document's number.")
@option("--role", kind=click.Choice(["custodian", "registrar"]), default="custodian")
@signing_options
def rule(
    log_folder: Path,
    retention_class: str,
    hours: int,
    document: Path,
    reference: str | None,
    role: str,
    signing: Signing,
) -> None:
    """State for how many hours sealed values of a class are kept before they must be erased.

    \b
    Example:
      countersign record rule force-a watchlist 24 --document policy.pdf --key custodian.key
    """
    facts = {"class": retention_class, "hours": hours, "document": digest_of_input(document)}
    if reference is not None:
        facts["reference"] = reference
    _enter(log_folder, signing, "record.retention-rule", lambda _: facts, role=role)


@click.command(name="erase")
@folder_argument
@items_argument
@option("--method", kind=click.Choice(["secure-delete", "key-destroyed", "media-destroyed"]), default="secure-delete")
@signing_options
def erase(log_folder: Path, items: tuple[str, ...], method: str, signing: Signing) -> None:
    """Destroy sealed values and say so in the log. ITEM: ENTRY:LABEL, or ENTRY:LABEL:RANGES.

    The entry is appended only after the sealed store has acknowledged that nothing of them is left in its files; if the
    machine stops in between, the next command on the log finishes both.

    \b
    Example:
      countersign record erase force-a 7:list --key custodian.key
      countersign record erase force-a 7:list:0-99,105 9:reasons --key custodian.key
    """
    append_one(log_folder, signing, lambda log: erase_items(log, signing.doing("custodian"), items, method))


@click.command()
@folder_argument
@items_argument
@option("--reason", kind=click.Choice(["evidence", "complaint", "disclosure", "court-order", "audit"]), required=True)
@option("--basis", "The power or rule under which it is held.", required=True)
@option("--owner", "The post that answers for the hold, as a short token.", required=True)
@option("--review-on", "When the hold is looked at again: 2026-06-01.", required=True, metavar="DATE")
@option("--case case_file", "A file that says which case; it is sealed.", FILE)
@signing_options
def hold(
    log_folder: Path,
    items: tuple[str, ...],
    reason: str,
    basis: str,
    owner: str,
    review_on: str,
    case_file: Path | None,
    signing: Signing,
) -> None:
    """Keep sealed values beyond their rule, for a stated reason.

    \b
    Example:
      countersign record hold force-a 7:list:12 --reason complaint --basis "Complaints procedure" \\
          --owner data-protection-officer --review-on 2026-06-01 --key custodian.key
    """
    case = {} if case_file is None else {"case": Raw((read_input(case_file, LARGE_BYTES),))}
    why = {"reason": reason, "basis": basis, "owner": owner, "review_on": review_on}
    _enter(log_folder, signing, "record.held", lambda log: {"items": parse_items(items, log), **why}, contents=case)


@click.command()
@folder_argument
@click.argument("entry", type=click.IntRange(min=0))
@signing_options
def release(log_folder: Path, entry: int, signing: Signing) -> None:
    """End the hold that an entry made.

    \b
    Example:
      countersign record release force-a 12 --key custodian.key
    """
    _enter(log_folder, signing, "record.released", lambda _: {"hold": entry})


@click.command()
@folder_argument
@items_argument
@option("--cause", kind=click.Choice(["hardware", "backup-restored", "mistake", "unknown"]), required=True)
@signing_options
def lose(log_folder: Path, items: tuple[str, ...], cause: str, signing: Signing) -> None:
    """Declare sealed values lost: they cannot be opened any more and were not erased on purpose.

    \b
    Example:
      countersign record lose force-a 7:list:3 --cause hardware --key custodian.key
    """
    _enter(log_folder, signing, "record.lost", lambda log: {"items": parse_items(items, log), "cause": cause})


@click.command()
@folder_argument
@click.argument("retention_class", metavar="CLASS")
@signing_options
def state(log_folder: Path, retention_class: str, signing: Signing) -> None:
    """State the account of a class in the log, as of now: a dropped erasure cannot be hidden behind it.

    \b
    Example:
      countersign record state force-a watchlist --key custodian.key
    """
    append_one(log_folder, signing, lambda log: state_account(log, signing.doing("custodian"), retention_class))


@click.command()
@folder_argument
@items_argument
@option("--finding", "What was looked into, as a short token.", required=True)
@option("--result", "What was found, as a short token.", required=True)
@option("--check", "Name and version of the check, like watchlist-age.2.", required=True)
@option("--role", kind=click.Choice(["reviewer", "overseer", "custodian"]), default="reviewer")
@option("--supplied-by", kind=click.Choice(["force", "observer", "outside"]), default="force")
@signing_options
def fix(
    log_folder: Path,
    items: tuple[str, ...],
    finding: str,
    result: str,
    check: str,
    role: str,
    supplied_by: str,
    signing: Signing,
) -> None:
    """Fix a finding that rests on sealed values, before they are erased; later it reads "as found before erasure".

    \b
    Example:
      countersign record fix force-a 7:list --finding list-age --result within-limit --check list-age.1 \\
          --role reviewer --supplied-by outside --key reviewer.key
    """

    def facts(log: OpenLog) -> dict[str, Any]:
        used, size = parse_items(items, log), log.log.sequencer.size()
        return {"finding": finding, "result": result, "check": check, "tree_size": size, "used": used}

    _enter(log_folder, signing, "record.finding-fixed", facts, role=role, supplied_by=supplied_by)


def _enter(
    log_folder: Path,
    signing: Signing,
    kind: str,
    facts: Callable[[OpenLog], dict[str, Any]],
    *,
    role: str = "custodian",
    supplied_by: str = "force",
    contents: Mapping[str, Raw] | None = None,
) -> None:
    doing = signing.doing(role, supplied_by)
    append_one(log_folder, signing, lambda log: log.enter(doing, kind, facts(log), contents=contents))
