"""What is to become of sealed values: naming them, erasing them, and setting the sealed store beside the log.

>>> parse_item("7:list:0-99,105", None)["ranges"]
[{'first': 0, 'last': 99}, {'first': 105, 'last': 105}]
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any

from countersign.errors import NotReached, WrongForm
from countersign.inputs import LARGE_BYTES, read_input
from countersign.record.bundle import BundledOpening, Refuted, declared_erased, parse_bundle, refute
from countersign.record.entries.retention import LIVE, Accounts
from countersign.record.keeping.erasure import Orphan, destroy, erase, find_orphans, sealing
from countersign.record.keeping.log import Appended
from countersign.record.keeping.logfolder import LogFolder
from countersign.record.store.sequencer import BATCH
from countersign.record.tlog.encoding import parse_base64
from countersign.register.drafts import pending
from countersign.register.opening import Doing, OpenLog
from countersign.register.viewing import View, viewed

_ITEM = re.compile(r"(0|[1-9][0-9]{0,15}):([a-z0-9.-]{1,64})(?::([0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*))?\Z", re.A)


class ItemMalformed(
    WrongForm, next_step="Write 7:list for all items of the list in entry 7, 7:list:0-99,105 for some of them."
):
    """Sealed items are not named in the form ENTRY:LABEL or ENTRY:LABEL:RANGES."""


class NothingToRefute(
    NotReached, next_step="Give a bundle with openings of values that were erased since, or --content and --opening."
):
    """A bundle holds no opening of a value that the log declares erased."""


def parse_items(texts: Sequence[str], log: OpenLog) -> list[dict[str, Any]]:
    """Sealed items as entries name them. Raises ``ItemMalformed``."""
    return [parse_item(text, log) for text in texts]


def parse_item(text: str, log: OpenLog | None) -> dict[str, Any]:
    """Sealed items as entries name them, from ``7:list:0-99,105``, or all of them. Raises ``ItemMalformed``."""
    matched = _ITEM.match(text)
    if matched is None:
        raise ItemMalformed(f"{text!r} does not name sealed items")
    index, label, ranges = int(matched[1]), matched[2], matched[3]
    if ranges is not None:
        pairs = [part.partition("-") for part in ranges.split(",")]
        parts = [(int(first), int(last or first)) for first, _, last in pairs]
    elif log is None:
        raise ItemMalformed(f"{text!r} does not say which items")
    else:
        parts = [(0, _count(text, log, index, label) - 1)]
    return {"entry": index, "label": label, "ranges": [{"first": first, "last": last} for first, last in parts]}


def _count(text: str, log: OpenLog, index: int, label: str) -> int:
    if index >= log.log.sequencer.size():
        raise ItemMalformed(f"{text!r}: the log has no entry {index}")
    commitment = log.log.entries(index, index + 1)[0].draft.sealed.get(label)
    if commitment is None:
        raise ItemMalformed(f"{text!r}: entry {index} has nothing sealed under {label}")
    return commitment.count or 1


def erase_items(log: OpenLog, doing: Doing, texts: Sequence[str], method: str) -> Appended:
    """Destroy sealed values and append the entry that says so, both or neither. Raises as ``erasure.erase``."""
    items, signer = parse_items(texts, log), doing.key()
    facts = {"items": items, "method": method}
    draft = log.unsealed(doing, signer, "record.erased", facts).draft(log.origin, {})
    with closing(log.folder.sealed()) as store:
        return erase(log.log, store, log.folder.intent, draft, signer)


def state_account(log: OpenLog, doing: Doing, retention_class: str) -> Appended:
    """State the account of a class in the log, as of now."""
    account = log.log.accounts().of(retention_class)._asdict()
    facts = {"class": retention_class, "tree_size": log.log.sequencer.size(), **account}
    return log.enter(doing, "record.account-stated", facts)


def missing_values(view: View, accounts: Accounts) -> list[str]:
    """What the account counts as live and the sealed store does not hold; nothing where the store is not here."""
    if not _has_store(view):
        return []
    assert view.folder is not None
    missing = []
    with closing(view.folder.sealed()) as store:
        for item in accounts.sealed:
            live = sum(run.count for run in accounts.sealed.runs(item.entry, item.label) if run.state == LIVE)
            if not live:
                continue
            entry = view.entry(item.entry)
            assert entry is not None
            held = store.holds(entry.draft.sealed[item.label])
            if held < live:
                missing.append(f"{live - held:,} of {item.label} in entry {item.entry} (live by the account: {live:,})")
    return missing


def orphans_of(view: View) -> list[Orphan]:
    """What the sealed store holds and no entry names; nothing where the store is not here."""
    if not _has_store(view):
        return []
    assert view.folder is not None
    waiting, damaged = pending(view.folder)
    if damaged:
        # What a damaged draft has sealed would look like nobody's.
        raise next(iter(damaged.values()))
    with closing(view.folder.sealed()) as store:
        pieces = (view.read(start, min(start + BATCH, view.size)) for start in range(0, view.size, BATCH))
        drafts = [drafted.entry.render() for draft in waiting for drafted in draft.entries]
        return find_orphans(chain(drafts, *pieces), store.kept())


def look_for_orphans(path: Path, *, destroying: bool) -> list[Orphan]:
    """Sealed values of one's own log that no entry names; destroyed if asked, while nobody else can seal."""
    folder = LogFolder.read(path)
    # Nobody may be between sealing and appending while one looks.
    with sealing(folder.sealing, alone=True), viewed(str(path), None) as view:
        orphans = orphans_of(view)
        if destroying and orphans:
            with closing(folder.sealed()) as store:
                destroy(store, orphans)
    return orphans


def openings_in(bundle_file: Path) -> list[BundledOpening]:
    """The openings of a bundle. Raises ``InputMissing`` and as ``parse_bundle``."""
    return list(parse_bundle(read_input(bundle_file, LARGE_BYTES)).openings)


def opening_of(item: str, content: Path, opening: Path, version: int) -> BundledOpening:
    """The opening of a single sealed value, from files. Raises ``ItemMalformed`` or ``TextMalformed``."""
    named = parse_item(item if item.count(":") > 1 else f"{item}:0", None)
    raw = read_input(opening)
    secret = raw if len(raw) == 32 else parse_base64(raw.decode("ascii", "replace").strip(), 32)
    position = named["ranges"][0]["first"]
    data = read_input(content, LARGE_BYTES)
    return BundledOpening(named["entry"], named["label"], position, version, data, secret)


def refuted_by(view: View, given: Sequence[BundledOpening], *, passing_over: bool) -> list[Refuted]:
    """The values declared erased of which a copy survived, ``passing_over`` others. Raises as ``refute``."""
    accounts, refuted = view.accounts(), []
    for opening in given:
        entry = view.entry(opening.entry)
        commitment = None if entry is None else entry.draft.sealed.get(opening.label)
        if commitment is not None and not (passing_over and not declared_erased(accounts, opening)):
            refuted.append(refute(accounts, commitment, opening))
    if not refuted:
        raise NothingToRefute(f"none of the {len(given)} openings is of a value that this log declares erased")
    return refuted


def _has_store(view: View) -> bool:
    return view.folder is not None and view.folder.place(view.folder.config.sealed).exists()
