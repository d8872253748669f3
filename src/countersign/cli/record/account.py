"""What became of sealed values, told from the log: the account, values that no entry names, and refuted erasures."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from countersign.cli.keeping import parse_item
from countersign.cli.logs import folder_argument, moment
from countersign.cli.terminal.options import schemas_option, where_argument
from countersign.deployments.clock import time_text
from countersign.errors import EVIDENCE_WRONG, NotReached
from countersign.inputs import LARGE_BYTES, read_input
from countersign.record.bundle import BundledOpening, parse_bundle
from countersign.record.entries.committed import LIVE
from countersign.record.entries.retention import Account, Accounts
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.keeping.orphans import Orphan, destroy, find_orphans, sealing
from countersign.record.refutation import refute
from countersign.record.store.sealedstore import SealedStore
from countersign.record.store.sequencer import BATCH
from countersign.record.tlog.encoding import parse_base64
from countersign.register.viewing import View, viewed


class NothingToRefute(NotReached):
    """A bundle holds no opening of a value that the log declares erased."""

    code = "nothing-to-refute"
    next_step = "Give a bundle with openings of values that were erased since, or --content and --opening."


@click.command()
@where_argument
@click.option("--class", "only", help="Only this class.")
@schemas_option
@click.option("--at", metavar="TIME", help="Overdue as of this time, in UTC; now by default.")
@click.option("--json", "as_json", is_flag=True)
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
    now = datetime.datetime.fromisoformat(moment(at))
    with viewed(where, schema_folder) as log:
        accounts = log.accounts()
        missing = _missing(log, accounts)
        orphans = _orphans(log)
    classes = [one for one in accounts.classes() if only in (None, one)]
    overdue = [one for one in accounts.overdue(now) if one.retention_class in classes]
    if as_json:
        told = {
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
            "missing": missing,
            "orphans": [one.describe() for one in orphans],
        }
        click.echo(json.dumps(told, indent=1))
    else:
        _print_account(accounts, classes)
        for one in overdue:
            click.echo(
                f"overdue: {one.items:,} of {one.label} in entry {one.entry}, since {one.due:%Y-%m-%d %H:%M} UTC"
            )
        for finding in accounts.findings():
            click.echo(f"finding: {finding.finding} = {finding.result} ({finding.check}), {finding.reading}")
        for entry, text in accounts.violations:
            click.echo(f"unlawful: {text} (entry {entry})")
        for text in missing:
            click.echo(f"not in the sealed store: {text}")
        for orphan in orphans:
            click.echo(
                f"in the sealed store, but no entry names it: {orphan.describe()} (`countersign record orphans`)"
            )
    return EVIDENCE_WRONG if accounts.violations or missing else 0


def _print_account(accounts: Accounts, classes: list[str]) -> None:
    if not classes:
        click.echo("Nothing sealed was committed to, and no rule is stated.")
        return
    width = max(len(one) for one in (*classes, "2026-03 class"))
    click.echo(f"{'class':<{width}} {'kept for':>9}" + "".join(f"{name:>11}" for name in Account._fields))
    for one in classes:
        kept = f"{accounts.rules[one].hours:,} h" if one in accounts.rules else "no rule"
        click.echo(f"{one:<{width}} {kept:>9}" + "".join(f"{count:>11,}" for count in accounts.of(one)))
        months = accounts.months(one)
        for month in months if len(months) > 1 else ():
            counts = accounts.of(one, month=month)
            click.echo(f"{'  ' + month:<{width}} {'':>9}" + "".join(f"{count:>11,}" for count in counts))


def _missing(log: View, accounts: Accounts) -> list[str]:
    """What the account counts as live and the sealed store does not hold; nothing where the store is not here."""
    if log.folder is None or not log.folder.place(log.folder.config.sealed).exists():
        return []
    found = []
    store: SealedStore = log.folder.sealed()
    try:
        for one in accounts.sealed:
            live = sum(run.count for run in accounts.sealed.runs(one.entry, one.label) if run.state == LIVE)
            if not live:
                continue
            entry = log.entry(one.entry)
            assert entry is not None
            held = store.holds(entry.draft.sealed[one.label])
            if held < live:
                found.append(f"{live - held:,} of {one.label} in entry {one.entry} (live by the account: {live:,})")
    finally:
        store.close()
    return found


def _orphans(log: View) -> list[Orphan]:
    """What the sealed store holds and no entry names; nothing where the store is not here."""
    if log.folder is None or not log.folder.place(log.folder.config.sealed).exists():
        return []
    store = log.folder.sealed()
    try:
        pieces = (log.read(start, min(start + BATCH, log.size)) for start in range(0, log.size, BATCH))
        return find_orphans((data for piece in pieces for data in piece), store.kept())
    finally:
        store.close()


@click.command(name="orphans")
@folder_argument
@click.option("--destroy", "destroying", is_flag=True, help="Destroy them, so that nothing of them is left.")
def list_orphans(log_folder: Path, destroying: bool) -> None:
    """List sealed values that no entry names, left by a machine that stopped between sealing and appending.

    They are in no retention account, so nothing else would ever erase them. The log never knew of them, and destroying
    them is no entry.

    \b
    Example:
      countersign record orphans force-a
      countersign record orphans force-a --destroy
    """
    folder = LogFolder.read(log_folder)
    # Nobody may be between sealing and appending while one looks.
    with sealing(folder.sealing, alone=True), viewed(str(log_folder), None) as log:
        found = _orphans(log)
        if destroying and found:
            store = folder.sealed()
            try:
                destroy(store, found)
            finally:
                store.close()
    for one in found:
        click.echo(f"{one.describe()}{': destroyed' if destroying else ''}")
    if not found:
        click.echo("Every sealed value is named by an entry.")


@click.command(name="refute")
@where_argument
@schemas_option
@click.option(
    "--bundle",
    "bundle_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A bundle with openings, kept from before the erasure.",
)
@click.option("--item", help="ENTRY:LABEL of a single sealed value, with --content and --opening.")
@click.option("--content", type=click.Path(path_type=Path, dir_okay=False), help="The content, as it was sealed.")
@click.option(
    "--opening",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Its opening: a file with 32 bytes, or their base64.",
)
@click.option("--version", default=1, show_default=True, type=click.IntRange(min=1), help="The form's version.")
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
    """  # fmt: skip
    with viewed(where, schema_folder) as log:
        if bundle_file is not None:
            given = list(parse_bundle(read_input(bundle_file, LARGE_BYTES)).openings)
        elif item and content and opening:
            named = parse_item(item if item.count(":") > 1 else f"{item}:0", None)
            raw = read_input(opening)
            secret = raw if len(raw) == 32 else parse_base64(raw.decode("ascii", "replace").strip(), 32)
            position = named["ranges"][0]["first"]
            data = read_input(content, LARGE_BYTES)
            given = [BundledOpening(named["entry"], named["label"], position, version, data, secret)]
        else:
            raise click.UsageError("give --bundle, or --item with --content and --opening")
        accounts, shown = log.accounts(), 0
        for one in given:
            entry = log.entry(one.entry)
            commitment = None if entry is None else entry.draft.sealed.get(one.label)
            if commitment is None or (bundle_file is not None and not _gone(accounts, one)):
                continue
            refuted = refute(accounts, commitment, one)
            shown += 1
            click.echo(
                f"item {refuted.position} of {refuted.label} in entry {refuted.entry} was declared erased; "
                "the copy given is the value committed to: a copy survived"
            )
    if not shown:
        raise NothingToRefute(f"none of the {len(given)} openings is of a value that this log declares erased")
    click.echo("Where a copy was kept, and whether it was handed out lawfully before, the log does not show.")


def _gone(accounts: Accounts, one: BundledOpening) -> bool:
    if (one.entry, one.label) not in accounts.sealed:
        return False
    return any(f <= one.position <= n and s == "erased" for f, n, s, _ in accounts.states(one.entry, one.label))
