"""Looking into a log, published files or a bundle: entries in words. It imports nothing that keeps a log."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import click

from countersign.cli.terminal.options import FILE, option, policy_option, read_policy, schemas_option
from countersign.cli.terminal.say import echo, echo_json
from countersign.deployments.kinds import in_words
from countersign.errors import EVIDENCE_WRONG
from countersign.inputs import read_input
from countersign.record.entries.entry import Entry, key_id
from countersign.record.entries.retention import Accounts
from countersign.record.entries.schema import SchemaUnknown
from countersign.register import receipts, viewing
from countersign.register.viewing import EntryNotThere, View, describe, view_of_bundle, viewed
from countersign.words.lists import counted
from countersign.words.names import short

#: How many entries are printed if nobody says which.
LAST_SHOWN = 10
#: The fewest digits of a key's id that are taken for one.
_LEAST_DIGITS = 8


@click.command()
@click.argument("where", metavar="LOG|PUBLISHED|BUNDLE")
@click.argument("which", required=False, metavar="[ENTRY|FIRST-LAST]")
@schemas_option
@option("--json as_json", "The entries as they stand in the log, one a line.", is_flag=True)
def show(where: str, which: str | None, schema_folder: Path | None, as_json: bool) -> None:
    """Print entries in words: one, a range, or the last ten; and how far the log is published.

    Published files, and the entries of a bundle, are checked against the checkpoint that lies with them; whose it is,
    `record monitor` and `verify` check.

    \b
    Example:
      countersign record show force-a
      countersign record show force-a 3-7
      countersign record show www/log 4 --json
      countersign record show d-1.bundle
    """
    path = Path(where)
    with nullcontext(view_of_bundle(path)) if path.is_file() else viewed(where, schema_folder) as log:
        places = _chosen(which, log)
        entries = log.read(places[0], places[-1] + 1) if places else []
        if as_json:
            for data in entries:
                echo_json(data)
            return
        # Of a log at an address only what is shown is fetched; `record account` goes through all of it.
        repeated = {} if "://" in where else {repeat.place: repeat for repeat in log.repeated()}
        for index, data in zip(places, entries, strict=True):
            entry = Entry.parse(data)
            try:
                title = log.schemas.get(entry.draft.kind, entry.draft.schema).title
            except SchemaUnknown:
                title = "Of a kind this program has no schema for"
            note = f", {_reading(log.accounts(), index)}" if entry.draft.kind == "record.finding-fixed" else ""
            note += f"; repeats entry {repeated[index].first}, not counted again" if index in repeated else ""
            for line in describe(index, entry, title, note, headed=True):
                echo(line)
        if which is None:
            echo(f"{log.origin}: {_extent(log)}")


def _extent(log: View) -> str:
    size = counted(log.size, "entry")
    if len(log.places) < log.size:
        return f"{len(log.places):,} of {size} are in this bundle"
    return f"{size}; {f'published up to {log.published}' if log.published else 'nothing is published yet'}"


def _chosen(which: str | None, log: View) -> list[int]:
    """The places asked for, of those held. Raises ``EntryNotThere`` or ``click.BadParameter``."""
    if which is None:
        return list(log.places[-LAST_SHOWN:])
    first, dash, last = which.partition("-")
    if not (first.isascii() and first.isdigit()) or (dash and not (last.isascii() and last.isdigit())):
        raise click.BadParameter(f"{which!r} is neither an entry's number nor two with a dash between")
    ends = int(first), int(last) if dash else int(first)
    if not ends[0] <= ends[1] < log.size:
        size = log.size
        raise EntryNotThere(f"{which}: the log has the entries 0 to {size - 1}" if size else "the log has no entries")
    chosen = [place for place in range(ends[0], ends[1] + 1) if place in log.places]
    if not chosen:
        raise EntryNotThere(f"{which}: the bundle holds none of these entries")
    return chosen


def _reading(accounts: Accounts, index: int) -> str:
    return next((one.reading for one in accounts.findings() if one.entry == index), "not counted")


@click.command(name="signed-by")
@click.argument("where", metavar="LOG|PUBLISHED|BUNDLE")
@click.argument("digits", metavar="KEY")
@schemas_option
def signed_by(where: str, digits: str, schema_folder: Path | None) -> int:
    """List everything a key ever signed here, so that its holder finds what they did not sign.

    KEY is the first 8 digits or more of the key's id, or its file. An entry that names the key and is not signed by it
    is called forged, and the exit code is 1 then.

    \b
    Example:
      countersign record signed-by www/log 3fa94c01
      countersign record signed-by d-1.bundle officer.key
    """
    path, file = Path(where), Path(digits)
    wanted = _id_in(file) if file.is_file() else digits.lower().rstrip("…")
    if len(wanted) < _LEAST_DIGITS:
        raise click.BadParameter(f"{digits!r} is no key's file, and too short for a key's id (8 digits or more)")
    with nullcontext(view_of_bundle(path)) if path.is_file() else viewed(where, schema_folder) as log:
        signed = viewing.signed_by(log, wanted)
        for index, entry, by_key, standing in signed:
            said = entry.draft
            what = f"{said.kind} about {said.subject}, at {said.at}, as {said.role}, key {short(entry.key)}"
            note = "" if by_key else "; FORGED: its signature is not by that key as the log registered it"
            note += "" if standing is None else f"; disowned by entry {standing.by} ({in_words(standing.reason)})"
            echo(f"entry {index}: {what}{note}")
        here = f"{counted(len(signed), 'entry')} of the {len(log.places):,} held here"
        echo(f"{log.origin}: {here}, by {counted(len({each.entry.key for each in signed}), 'key')}")
    return 0 if all(each.by_key for each in signed) else EVIDENCE_WRONG


@click.command()
@click.argument("receipt_file", metavar="RECEIPT", type=FILE)
@click.argument("where", metavar="PUBLISHED|BUNDLE")
@policy_option
def receipt(receipt_file: Path, where: str, policy_file: Path) -> None:
    """Hold a receipt, with which an append was answered, to what the log's keeper shows now.

    An entry that is left out, moved or replaced is named: the receipt and the files then prove it.

    \b
    Example:
      countersign record receipt opening-41.tlog-proof www/log --policy trust.policy
    """
    held = receipts.held(read_input(receipt_file), where, read_policy(policy_file))
    said, then, now = held.entry.draft, held.receipt.checkpoint.checkpoint, held.shown.checkpoint
    what = f"{said.kind} about {said.subject}, signed by key {short(held.entry.key)}"
    echo(f"Entry {held.receipt.index} stands where the receipt says: {what}.")
    echo(f"The receipt is under the head of {counted(then.size, 'entry')}; {where} is under that of {now.size:,}.")


def _id_in(file: Path) -> str:
    """The id of the key in a file. Imported here: what only shows a log needs nothing that keeps one."""
    from countersign.register.keys import public_key

    return key_id(public_key(str(file)).public_key)
