"""What becomes of sealed values: rules, erasure, holds, losses, accounts, findings fixed before, and refutation."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import click

from countersign.cli.inputs import LARGE_BYTES, digest_of_input, read_input
from countersign.cli.logs import (
    Signing,
    View,
    append,
    draft_of,
    folder_argument,
    moment,
    opened_log,
    parse_item,
    report,
    schemas_option,
    sealed_values,
    signing_options,
    viewed,
    where_argument,
)
from countersign.errors import EVIDENCE_WRONG, NotReached
from countersign.record.bundle import BundledOpening, parse_bundle
from countersign.record.committed import LIVE
from countersign.record.encoding import parse_base64
from countersign.record.erasure import erase
from countersign.record.log import BATCH
from countersign.record.logfolder import LogFolder
from countersign.record.orphans import Orphan, destroy, find_orphans, sealing
from countersign.record.refutation import refute
from countersign.record.retention import Account, Accounts
from countersign.record.sealedstore import SealedStore

_items = click.argument("items", metavar="ITEM...", nargs=-1, required=True)


class NothingToRefute(NotReached):
    """A bundle holds no opening of a value that the log declares erased."""

    code = "nothing-to-refute"
    next_step = "Give a bundle with openings of values that were erased since, or --content and --opening."


@click.command()
@folder_argument
@click.argument("retention_class", metavar="CLASS")
@click.argument("hours", type=click.IntRange(min=0))
@click.option(
    "--document",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The document the rule comes from; its SHA-256 enters the log.",
)
@click.option("--reference", help="The document's number.")
@click.option("--role", type=click.Choice(["custodian", "registrar"]), default="custodian", show_default=True)
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
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    facts = {"class": retention_class, "hours": hours, "document": digest_of_input(document)}
    if reference is not None:
        facts["reference"] = reference
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        append(folder, log, signing, "record.retention-rule", role, facts)


@click.command(name="erase")
@folder_argument
@_items
@click.option(
    "--method",
    type=click.Choice(["secure-delete", "key-destroyed", "media-destroyed"]),
    default="secure-delete",
    show_default=True,
)
@signing_options
def erase_items(log_folder: Path, items: tuple[str, ...], method: str, signing: Signing) -> None:
    """Destroy sealed values and say so in the log. ITEM: ENTRY:LABEL, or ENTRY:LABEL:RANGES.

    The entry is appended only after the sealed store has acknowledged that nothing of them is left in its files; if the
    machine stops in between, the next command on the log finishes both.

    \b
    Example:
      countersign record erase force-a 7:list --key custodian.key
      countersign record erase force-a 7:list:0-99,105 9:reasons --key custodian.key
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        named = [parse_item(item, log) for item in items]
        draft = draft_of(folder, log, signing, "record.erased", "custodian", {"items": named, "method": method})
        signer = signing.signer()
        store = folder.sealed()
        try:
            appended = erase(log, store, folder.intent, draft, signer)
        finally:
            store.close()
        report(folder, log, signing, appended)


@click.command()
@folder_argument
@_items
@click.option(
    "--reason", required=True, type=click.Choice(["evidence", "complaint", "disclosure", "court-order", "audit"])
)
@click.option("--basis", required=True, help="The power or rule under which it is held.")
@click.option("--owner", required=True, help="The post that answers for the hold, as a short token.")
@click.option("--review-on", required=True, metavar="DATE", help="When the hold is looked at again: 2026-06-01.")
@click.option(
    "--case",
    "case_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file that says which case; it is sealed.",
)
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
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    case = {} if case_file is None else {"case": ("hold-case", read_input(case_file, LARGE_BYTES))}
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        named = [parse_item(item, log) for item in items]
        facts = {"items": named, "reason": reason, "basis": basis, "owner": owner, "review_on": review_on}
        signer = signing.signer()
        with sealed_values(folder, case, {}) as sealed:
            append(folder, log, signing, "record.held", "custodian", facts, sealed=sealed, signer=signer)


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
    folder = LogFolder.read(log_folder)
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        append(folder, log, signing, "record.released", "custodian", {"hold": entry})


@click.command()
@folder_argument
@_items
@click.option("--cause", required=True, type=click.Choice(["hardware", "backup-restored", "mistake", "unknown"]))
@signing_options
def lose(log_folder: Path, items: tuple[str, ...], cause: str, signing: Signing) -> None:
    """Declare sealed values lost: they cannot be opened any more and were not erased on purpose.

    \b
    Example:
      countersign record lose force-a 7:list:3 --cause hardware --key custodian.key
    """
    folder = LogFolder.read(log_folder)
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        named = [parse_item(item, log) for item in items]
        append(folder, log, signing, "record.lost", "custodian", {"items": named, "cause": cause})


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
    folder = LogFolder.read(log_folder)
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        size = log.sequencer.size()
        facts = {"class": retention_class, "tree_size": size, **log.accounts().of(retention_class)._asdict()}
        append(folder, log, signing, "record.account-stated", "custodian", facts)


@click.command()
@folder_argument
@_items
@click.option("--finding", required=True, help="What was looked into, as a short token.")
@click.option("--result", required=True, help="What was found, as a short token.")
@click.option("--check", required=True, help="Name and version of the check, like watchlist-age.2.")
@click.option("--role", type=click.Choice(["reviewer", "overseer", "custodian"]), default="reviewer", show_default=True)
@click.option("--supplied-by", type=click.Choice(["force", "observer", "outside"]), default="force", show_default=True)
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
    """  # fmt: skip
    folder = LogFolder.read(log_folder)
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        used = [parse_item(item, log) for item in items]
        facts = {
            "finding": finding, "result": result, "check": check, "tree_size": log.sequencer.size(), "used": used,
        }  # fmt: skip
        append(folder, log, signing, "record.finding-fixed", role, facts, supplied_by=supplied_by)


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
            "overdue": [{**one._asdict(), "due": one.due.strftime("%Y-%m-%dT%H:%M:%SZ")} for one in overdue],
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


COMMANDS = (rule, erase_items, hold, release, lose, state, fix, account, list_orphans, refute_erasure)
