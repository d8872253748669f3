"""Checkpoints: the head of a log as the text of a note (C2SP tlog-checkpoint).

Three lines: the origin (the log's identity), the tree size, the root in base64; then extension lines, which are opaque.
Ours have none and an origin equal to the log's key name; those of others are kept as they are. Size 0 goes with the
empty root alone. A ``SignedCheckpoint`` is a note with such a text. Parsing proves nothing: see ``cosignature`` and
``policy``.

>>> from countersign.record.tlog.merkle import EMPTY_ROOT
>>> print(Checkpoint("log.example/1", 0, EMPTY_ROOT).render(), end="")
log.example/1
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
"""

from __future__ import annotations

from dataclasses import dataclass

from countersign.errors import WrongForm
from countersign.record.tlog.encoding import (
    NUMBER_LIMIT,
    TextMalformed,
    parse_base64,
    parse_decimal,
    render_base64,
    shown,
)
from countersign.record.tlog.merkle import EMPTY_ROOT, HASH_SIZE
from countersign.record.tlog.note import Note, NoteMalformed, check_text


class CheckpointMalformed(WrongForm):
    """The text of a note is not that of a checkpoint."""

    code = "checkpoint-malformed"
    next_step = "Check that this is the log's checkpoint, and take it again from where the log publishes it."


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin, tree size, root and extension lines. Checked when built; proves nothing."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.size < NUMBER_LIMIT:
            raise CheckpointMalformed(f"a checkpoint's size is below 2^63, not {self.size}")
        if len(self.root) != HASH_SIZE:
            raise CheckpointMalformed(f"a checkpoint's root has {HASH_SIZE} bytes, not {len(self.root)}")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise CheckpointMalformed("a checkpoint of size 0 has a root other than that of the empty tree")
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise CheckpointMalformed("an origin or an extension line is empty or more than one line")
        try:
            check_text(self.render())
        except NoteMalformed as error:
            raise CheckpointMalformed(str(error)) from None

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """The checkpoint of a note's text; raises ``CheckpointMalformed``."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1]:
            raise CheckpointMalformed(f"{shown(text)} is not a checkpoint: it has fewer than three whole lines")
        try:
            return cls(lines[0], parse_decimal(lines[1]), parse_base64(lines[2], HASH_SIZE), tuple(lines[3:-1]))
        except TextMalformed as error:
            raise CheckpointMalformed(f"the checkpoint of {shown(lines[0])}: {error}") from None

    def render(self) -> str:
        """The note text."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, render_base64(self.root), *self.extensions))


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A note whose text is a checkpoint. Proves nothing until verified."""

    checkpoint: Checkpoint
    note: Note

    def __post_init__(self) -> None:
        if self.checkpoint.render() != self.note.text:
            raise CheckpointMalformed("the note's text is not that of its checkpoint")

    @classmethod
    def parse(cls, data: bytes) -> SignedCheckpoint:
        """The signed checkpoint of these bytes; raises ``NoteMalformed`` or ``CheckpointMalformed``."""
        note = Note.parse(data)
        return cls(Checkpoint.parse(note.text), note)

    def render(self) -> bytes:
        """The note's one byte string."""
        return self.note.render()
