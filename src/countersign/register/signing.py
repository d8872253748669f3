"""What a signer is shown of a draft, in words from the bytes that will be signed, and what a signer gives back."""

from __future__ import annotations

import json
from collections.abc import Iterator

from countersign.deployments.kinds import SCHEMAS
from countersign.record.entries.canonical import NotCanonical
from countersign.record.entries.entry import Entry, EntryMalformed
from countersign.register.drafts import DraftFile, DraftMalformed
from countersign.register.papers.filling import clock_of
from countersign.register.viewing import describe
from countersign.words.hidden import on_one_line
from countersign.words.names import token

#: How many items of a sealed list are written out before a signature.
SHOWN = 12


def words_of(draft: DraftFile) -> Iterator[str]:
    """Every entry of a draft in words, with what it seals, line by line."""
    for number, drafted in enumerate(draft.entries, start=1):
        said = drafted.entry.draft
        title = SCHEMAS.get(said.kind, said.schema).title
        lines = describe(number, drafted.entry, title)
        lines[0] = f"{title} ({said.kind}, version {said.schema}), not signed yet"
        if not draft.at_fixed:
            marks = ("  at ", f"  {token(clock_of(said.kind) or 'at')} ")
            lines = [
                f"{line.removesuffix(said.at)}set when it is signed"
                if line.startswith(marks) and line.endswith(said.at)
                else line
                for line in lines
            ]
        yield from lines
        for value in drafted.values[:SHOWN]:
            content = value.content if isinstance(value.content, str) else json.dumps(value.content, ensure_ascii=False)
            yield f"  under seal, {value.label}: {on_one_line(content)}"
        if len(drafted.values) > SHOWN:
            yield f"  and {len(drafted.values) - SHOWN:,} more under seal; the draft holds them all"


def read_signed(data: bytes, place: str) -> list[Entry]:
    """The signed entries of a file, one a line. Raises ``DraftMalformed``, as for a draft that nobody signed yet."""
    entries = []
    for number, line in enumerate(data.splitlines(), start=1):
        try:
            entries.append(Entry.parse(line))
        except (EntryMalformed, NotCanonical) as error:
            way = "what `countersign draft sign` writes is appended"
            raise DraftMalformed(f"{place}, line {number}: is no signed entry ({way}): {error}") from None
    if not entries:
        raise DraftMalformed(f"{place}: holds no signed entry")
    return entries
