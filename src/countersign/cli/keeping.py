"""A log opened to be written to by one signer: appending an entry with what is sealed in it, and the report of each.

What is sealed is sealed before the entry gets its place and erased again if it gets none. Once it stands in the log
nothing is taken back: a publication that fails afterwards leaves the entry and what it seals as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from countersign.cli.logs import Signing, opened_log, publish, sealed_values
from countersign.errors import WrongForm
from countersign.record.entries.entry import Commitment, Draft, EntrySigner
from countersign.record.keeping.log import Appended, Log
from countersign.record.keeping.logfolder import LogFolder

_ITEM = re.compile(r"(0|[1-9][0-9]{0,15}):([a-z0-9.-]{1,64})(?::([0-9]+(?:-[0-9]+)?(?:,[0-9]+(?:-[0-9]+)?)*))?\Z", re.A)

items_argument = click.argument("items", metavar="ITEM...", nargs=-1, required=True)


class ItemMalformed(WrongForm):
    """Sealed items are not named in the form ENTRY:LABEL or ENTRY:LABEL:RANGES."""

    code = "item-malformed"
    next_step = "Write 7:list for all items of the list in entry 7, 7:list:0-99,105 for some of them."


@dataclass(frozen=True, slots=True)
class Keeping:
    """A log open for writing, and who signs what is appended; ``kept`` opens one."""

    folder: LogFolder
    log: Log
    signing: Signing

    def append(
        self, kind: str, role: str, facts: dict[str, Any], *, subject: str | None = None, supplied_by: str = "force",
        singles: Mapping[str, tuple[str, bytes]] | None = None,
        sets: Mapping[str, tuple[str, list[bytes]]] | None = None, signer: EntrySigner | None = None,
    ) -> Appended:  # fmt: skip
        """Append one entry of the newest schema of its kind, and report it.

        ``singles`` and ``sets`` are what it seals, by label, each with its retention class; ``signer`` the signer's key
        where it was opened before.
        """
        signer = signer or self.signing.signer()
        with sealed_values(self.folder, singles or {}, sets or {}) as sealed:
            draft = self.draft(kind, role, facts, sealed=sealed, subject=subject, supplied_by=supplied_by)
            appended = self.log.append(draft, signer)
        self.report(appended)
        return appended

    def draft(
        self, kind: str, role: str, facts: dict[str, Any], *, sealed: Mapping[str, Commitment] | None = None,
        subject: str | None = None, supplied_by: str = "force",
    ) -> Draft:  # fmt: skip
        """A draft of the newest schema of its kind, about the log's own subject if none is named."""
        config = self.folder.config
        return Draft(
            kind, self.log.schemas.latest(kind).version, config.origin, subject or config.subject,
            self.signing.moment(), role, supplied_by, facts, dict(sealed or {}),
        )  # fmt: skip

    def report(self, appended: Appended) -> None:
        """Say where the entry stands, and publish if asked to."""
        report(self.folder, self.log, appended, publishing=self.signing.log_passphrase_file is not None)

    def items(self, texts: tuple[str, ...]) -> list[dict[str, Any]]:
        """Sealed items as entries name them. Raises ``ItemMalformed``."""
        return [parse_item(text, self.log) for text in texts]


@contextmanager
def kept(log_folder: Path, signing: Signing) -> Iterator[Keeping]:
    """The log in a folder, open for writing with what the command line said of keys. Raises what opening raises."""
    folder = LogFolder.read(log_folder)
    with opened_log(folder, signing.log_passphrase_file, writing=True) as log:
        yield Keeping(folder, log, signing)


def report(folder: LogFolder, log: Log, appended: Appended, *, publishing: bool) -> None:
    """Say where an entry stands, and publish it."""
    draft = appended.entry.draft
    title = log.schemas.get(draft.kind, draft.schema).title
    click.echo(f"entry {appended.index}: {title}; kept durably in {folder.config.origin}")
    if publishing:
        publish(folder, log)
    else:
        click.echo(f"Not published yet: run `countersign record publish {folder.path}`.", err=True)


def parse_item(text: str, log: Log | None) -> dict[str, Any]:
    """Sealed items as entries name them, from ``7:list:0-99,105``; without ranges all items of the commitment.

    Raises ``ItemMalformed``.
    """
    matched = _ITEM.match(text)
    if matched is None:
        raise ItemMalformed(f"{text!r} does not name sealed items")
    index, label, ranges = int(matched[1]), matched[2], matched[3]
    if ranges is None:
        if log is None:
            raise ItemMalformed(f"{text!r} does not say which items")
        if index >= log.sequencer.size():
            raise ItemMalformed(f"{text!r}: the log has no entry {index}")
        commitment = log.entries(index, index + 1)[0].draft.sealed.get(label)
        if commitment is None:
            raise ItemMalformed(f"{text!r}: entry {index} has nothing sealed under {label}")
        parts = [(0, (commitment.count or 1) - 1)]
    else:
        parts = [
            (int(first), int(last or first)) for first, _, last in (one.partition("-") for one in ranges.split(","))
        ]
    return {"entry": index, "label": label, "ranges": [{"first": first, "last": last} for first, last in parts]}
