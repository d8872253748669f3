"""What became of sealed values: the account, values that no entry names, erasures refuted by who kept a value."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, Moment, folder_argument, option, schemas_option, where_argument
from countersign.cli.terminal.say import echo, echo_json
from countersign.deployments.clock import time_text
from countersign.errors import EVIDENCE_WRONG
from countersign.record.entries.retention import Account, Accounts
from countersign.register.sealed import (
    look_for_orphans,
    missing_values,
    opening_of,
    openings_in,
    orphans_of,
    refuted_by,
)
from countersign.register.viewing import viewed
from countersign.surroundings import current
from countersign.words.dates import at_words


@click.command()
@where_argument
@option("--class only", "Only this class.")
@schemas_option
@option("--at", "Overdue as of this time, in UTC; now by default.", Moment(), metavar="TIME")
@option("--json as_json", is_flag=True)
def account(where: str, only: str | None, schema_folder: Path | None, at: str | None, as_json: bool) -> int:
    """Count what was committed to and what became of it, from the log alone, by class and month.

    Anyone can, from the published files. Where the sealed store is at hand it is set beside the account: what is live
    but not there has to be erased by name or declared lost. Exit code 1 if an entry is unlawful or a value is missing;
    what is overdue is listed.

    \b
    Example:
      countersign record account force-a
      countersign record account www/log --json
    """
    now = datetime.datetime.fromisoformat(at or current().time_text())
    with viewed(where, schema_folder) as log:
        accounts, repeated = log.accounts(), log.repeated()
        missing = missing_values(log, accounts)
        orphans = orphans_of(log)
    classes = [one for one in accounts.classes() if only in (None, one)]
    overdue = [one for one in accounts.overdue(now) if one.retention_class in classes]
    if as_json:
        account_there = {
            "classes": {
                one: {
                    **accounts.of(one)._asdict(),
                    "hours": accounts.rules[one].hours if one in accounts.rules else None,
                    "months": {m: accounts.of(one, month=m)._asdict() for m in accounts.months(one)},
                }
                for one in classes
            },
            "overdue": [{**one._asdict(), "due": time_text(one.due)} for one in overdue],
            "violations": [{"entry": entry, "text": text} for entry, text in accounts.violations],
            "findings": [{**one._asdict(), "reading": one.reading} for one in accounts.findings()],
            "repeated": [repeat._asdict() for repeat in repeated],
            "missing": missing,
            "orphans": [one.describe() for one in orphans],
        }
        echo_json(json.dumps(account_there, indent=1))
    else:
        _print_account(accounts, classes)
        for item in overdue:
            echo(f"overdue: {item.items:,} of {item.label} in entry {item.entry}, since {at_words(item.due)}")
        for finding in accounts.findings():
            echo(f"finding: {finding.finding} = {finding.result} ({finding.check}), {finding.reading}")
        for entry, text in accounts.violations:
            echo(f"unlawful: {text} (entry {entry})")
        for repeat in repeated:
            echo(f"repeated: {repeat.describe()}")
        for text in missing:
            echo(f"not in the sealed store: {text}")
        for orphan in orphans:
            echo(f"in the sealed store, but no entry names it: {orphan.describe()} (`countersign record orphans`)")
    return EVIDENCE_WRONG if accounts.violations or missing else 0


def _print_account(accounts: Accounts, classes: list[str]) -> None:
    if not classes:
        echo("Nothing sealed was committed to, and no rule is stated.")
        return
    width = max(len(one) for one in (*classes, "2026-03 class"))
    echo(f"{'class':<{width}} {'kept for':>9}" + "".join(f"{name:>11}" for name in Account._fields))
    for name in classes:
        kept = f"{accounts.rules[name].hours:,} h" if name in accounts.rules else "no rule"
        echo(f"{name:<{width}} {kept:>9}" + "".join(f"{count:>11,}" for count in accounts.of(name)))
        months = accounts.months(name)
        for month in months if len(months) > 1 else ():
            counts = accounts.of(name, month=month)
            echo(f"{'  ' + month:<{width}} {'':>9}" + "".join(f"{count:>11,}" for count in counts))


@click.command(name="orphans")
@folder_argument
@option("--destroy destroying", "Destroy them, so that nothing of them is left.", is_flag=True)
def list_orphans(log_folder: Path, destroying: bool) -> None:
    """List sealed values that no entry names, left by a machine that stopped between sealing and appending.

    They are in no retention account, so nothing else would ever erase them. The log never knew of them, and destroying
    them is no entry.

    \b
    Example:
      countersign record orphans force-a
      countersign record orphans force-a --destroy
    """
    orphans = look_for_orphans(log_folder, destroying=destroying)
    for orphan in orphans:
        echo(f"{orphan.describe()}{': destroyed' if destroying else ''}")
    if not orphans:
        echo("Every sealed value is named by an entry.")


@click.command(name="refute")
@where_argument
@schemas_option
@option("--bundle bundle_file", "A bundle with openings, kept from before the erasure.", FILE)
@option("--item", "ENTRY:LABEL of a single sealed value, with --content and --opening.")
@option("--content", "The content, as it was sealed.", FILE)
@option("--opening", "Its opening: a file with 32 bytes, or their base64.", FILE)
@option("--version", "The form's version.", click.IntRange(min=1), default=1)
def refute_erasure(
    where: str,
    schema_folder: Path | None,
    bundle_file: Path | None,
    item: str | None,
    content: Path | None,
    opening: Path | None,
    version: int,
) -> None:
    """Show that a copy of a value declared erased has survived. It does not show where the copy was kept.

    \b
    Example:
      countersign record refute www/log --bundle kept.bundle
      countersign record refute force-a --item 9:reasons --content reasons.txt --opening opening.b64
    """
    with viewed(where, schema_folder) as log:
        if bundle_file is not None:
            given = openings_in(bundle_file)
        elif item and content and opening:
            given = [opening_of(item, content, opening, version)]
        else:
            raise click.UsageError("give --bundle, or --item with --content and --opening")
        for refuted in refuted_by(log, given, passing_over=bundle_file is not None):
            echo(
                f"item {refuted.position} of {refuted.label} in entry {refuted.entry} was declared erased; "
                "the copy given is the value committed to: a copy survived"
            )
    echo("Where a copy was kept, and whether it was handed out lawfully before, the log does not show.")
