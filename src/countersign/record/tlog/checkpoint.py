"""Checkpoints (C2SP tlog-checkpoint), and the signed notes they come in (C2SP signed-note). Parsing proves nothing.

A checkpoint is the text of a note: the origin (the log's identity), the tree size, the root in base64; then extension
lines, which are opaque: ours have none. Size 0 goes with the empty root alone. A note is the text (ending in a
newline), an empty line, then 1 to 100 lines ``— name base64(4-byte key id || signature)``. It is UTF-8 without control
characters but the newline, and the text ends at the last empty line. Parsing is strict: ``render(parse(x)) == x``.

>>> from countersign.record.tlog.merkle import EMPTY_ROOT
>>> print(Checkpoint("log.example/1", 0, EMPTY_ROOT).render(), end="")
log.example/1
0
47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
>>> note = Note.parse("one line\\n\\n— a.example AQIDBAU=\\n".encode())
>>> note.text, note.signatures[0].name, note.signatures[0].key_id.hex(), note.signatures[0].data
('one line\\n', 'a.example', '01020304', b'\\x05')
"""

from __future__ import annotations

import re
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
from countersign.record.tlog.verifierkey import KEY_ID_SIZE, KeyMalformed, check_name

MAXIMUM_SIGNATURES = 100
#: A note longer than this is refused before it is looked at: 100 ML-DSA-44 signatures take a third of it.
MAXIMUM_NOTE_BYTES = 1 << 20

_CONTROL = re.compile("[\x00-\x09\x0b-\x1f]")
_DASH = "— "


class NoteMalformed(WrongForm):
    """A signed note is not in its one valid form."""

    code = "note-malformed"
    next_step = "Take the file again from where it was published, without opening it in an editor."


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: whose it says it is, and the signature's bytes without the key id. Proves nothing."""

    name: str
    key_id: bytes
    data: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        if len(self.key_id) != KEY_ID_SIZE or not self.data:
            raise NoteMalformed(f"the signature of {shown(self.name)} is empty or has no key id of {KEY_ID_SIZE} bytes")

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """The signature of a line without its newline; raises ``NoteMalformed``."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space:
            raise NoteMalformed(f"{shown(line)} is not a signature line (— name base64)")
        try:
            data = parse_base64(encoded)
            return cls(name, data[:KEY_ID_SIZE], data[KEY_ID_SIZE:])
        except (TextMalformed, KeyMalformed) as error:
            raise NoteMalformed(f"the signature line {shown(line)}: {error}") from None

    def render(self) -> str:
        """The line, without its newline."""
        return f"{_DASH}{self.name} {render_base64(self.key_id + self.data)}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signature lines, in their order. Checked when built; proves nothing."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        check_text(self.text)
        if not 1 <= len(self.signatures) <= MAXIMUM_SIGNATURES:
            raise NoteMalformed(f"a note has 1 to {MAXIMUM_SIGNATURES} signatures, not {len(self.signatures)}")
        if len(set(self.signatures)) != len(self.signatures):
            raise NoteMalformed("a note has the same signature line twice")

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """The note of these bytes; raises ``NoteMalformed``."""
        if len(data) > MAXIMUM_NOTE_BYTES:
            raise NoteMalformed(f"a note of {len(data):,} bytes is longer than {MAXIMUM_NOTE_BYTES:,}")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise NoteMalformed(f"byte {error.start} of the note is not valid UTF-8") from None
        at = whole.rfind("\n\n")
        if at < 0:
            raise NoteMalformed("the note has no empty line between text and signatures")
        text, lines = whole[: at + 1], whole[at + 2 :]
        if not lines.endswith("\n"):
            raise NoteMalformed("the note does not end in a newline after a signature line")
        count = lines.count("\n")
        if count > MAXIMUM_SIGNATURES:
            raise NoteMalformed(f"a note has 1 to {MAXIMUM_SIGNATURES} signatures, not {count}")
        return cls(text, tuple(NoteSignature.parse(line) for line in lines[:-1].split("\n")))

    def render(self) -> bytes:
        """The note's one byte string."""
        return f"{self.text}\n{''.join(line.render() + chr(10) for line in self.signatures)}".encode()

    def adding(self, *signatures: NoteSignature) -> Note:
        """The note with further signature lines at its end; one that it has already is not doubled."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *signatures))))


def check_text(text: str) -> str:
    """``text`` itself where it can be signed: ends in a newline, no other control characters; or ``NoteMalformed``."""
    if not text.endswith("\n"):
        raise NoteMalformed("the text of a note ends in a newline")
    if found := _CONTROL.search(text):
        raise NoteMalformed(f"the text of a note has the control character U+{ord(found.group()):04X}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise NoteMalformed("the text of a note is not valid UTF-8") from None
    return text


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
