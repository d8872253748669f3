"""Where rows come from: tables in Parquet, Arrow or CSV, cut into pieces that any worker can read by itself.

A piece is some row groups of one file (Parquet), some record batches (Arrow), a whole file (CSV), or a slice of a table
in memory. Only the columns asked for are read. A file with a column of lists or bytes is refused whole: that is what
images and templates look like. A report has a file's name, length and SHA-256, never its folder.

>>> table = pa.table({"subject_id": [1, 2, 3]})
>>> [(piece.first_row, piece.rows) for piece in in_memory(table, rows_a_piece=2).pieces]
[(1, 2), (3, 1)]
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from countersign.trials.model import FileRead
from countersign.trials.scores.tables import (
    CANDIDATE,
    COMPARISON,
    ENROLMENT,
    SEARCH,
    ColumnMissing,
    ColumnRule,
    ColumnWrong,
    TableEmpty,
    TableHoldsTemplates,
    TableNotReached,
    TableTooLarge,
    TableUnreadable,
)

#: Rows a piece holds at least, where the file lets it: enough that a piece's fixed cost is small beside its counting.
ROWS_A_PIECE = 4_000_000
#: Rows of a piece of a table in memory, where a piece costs next to nothing.
ROWS_IN_MEMORY = 1 << 20
#: Rows read and counted at once: small enough that a block's columns stay near the processor.
ROWS_A_BATCH = 1 << 17

#: A score takes more than a byte however it is packed: a file of more rows than this for each byte holds no scores. A
#: short table may repeat itself as it likes.
MOST_ROWS_A_BYTE, ROWS_ANYWAY, MOST_COLUMNS = 4, 1_000_000, 1_000

#: How each kind of column is read from a CSV file; columns that no rule names (group labels, sites) are text.
TEXT = pa.string()
KIND_TYPES = {"identifier": TEXT, "truth": pa.bool_(), "score": pa.float64(), "whole": pa.int64(), "text": TEXT}
CSV_TYPES = {
    name: KIND_TYPES[rule.kind] for rules in (SEARCH, COMPARISON, CANDIDATE, ENROLMENT) for name, rule in rules.items()
}

#: Whether a column type can hold a kind of value, in the tables that carry types.
HOLDS: dict[str, Callable[[pa.DataType], bool]] = {
    "identifier": lambda kind: pa.types.is_integer(kind) or _is_text(kind),
    "truth": lambda kind: pa.types.is_boolean(kind),
    "score": lambda kind: pa.types.is_floating(kind) or pa.types.is_integer(kind),
    "whole": lambda kind: pa.types.is_integer(kind),
    "text": lambda kind: pa.types.is_integer(kind) or _is_text(kind),
}


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


Form = Literal["parquet", "arrow", "csv", "memory"]
#: The first bytes that say the form of a file; any other file of text is CSV.
FORMS: dict[bytes, Form] = {b"PAR1": "parquet", b"ARROW1": "arrow"}


@dataclass(frozen=True, slots=True)
class Piece:
    """Rows ``first_row`` .. ``first_row + rows - 1`` of one table, counted from 1 without any heading."""

    name: str
    form: Form
    groups: tuple[int, ...]
    first_row: int
    rows: int
    size: int = 0
    modified: int = 0
    table: Any = field(default=None, repr=False, compare=False)

    @property
    def key(self) -> str:
        """The name of this piece among finished ones kept: file, size, time of change, and the rows."""
        file = f"{self.name}|{self.size}|{self.modified}"
        return f"{file}|{self.form}|{self.first_row}|{self.rows}|{','.join(map(str, self.groups))}"

    def constants(self, columns: Sequence[str]) -> dict[str, Any]:
        """The columns that hold one value in every row of the piece, by the file's own statistics: no need to read."""
        if self.form != "parquet":
            return {}
        constant = {}
        with pa.parquet.ParquetFile(self.name) as file:
            places = {file.metadata.schema.column(i).path: i for i in range(file.metadata.num_columns)}
            for name in columns:
                statistics = [file.metadata.row_group(group).column(places[name]).statistics for group in self.groups]
                if all(each is not None and each.has_min_max and each.null_count == 0 for each in statistics):
                    values = {value for each in statistics for value in (each.min, each.max)}
                    if len(values) == 1:
                        constant[name] = values.pop()
        return constant

    def batches(self, columns: Sequence[str], most: int | None = None) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The rows in blocks of at most ``most`` (``ROWS_A_BATCH``), each with the number of its first row. Raises
        ``TableUnreadable``, ``ColumnWrong`` for a word among the numbers of a CSV file.
        """
        row = self.first_row
        try:
            for batch in self._read(list(columns), most or ROWS_A_BATCH):
                if batch.num_rows:
                    yield row, batch
                    row += batch.num_rows
        except (pa.ArrowException, OSError) as error:
            if "CSV conversion error" in str(error):
                raise ColumnWrong(f"{self.name}: {_plain(error)}") from error
            raise _unreadable(error)(f"{self.name}: could not be read from row {row:,} on: {_plain(error)}") from error

    def _read(self, columns: list[str], most: int) -> Iterator[pa.RecordBatch]:
        if self.form == "memory":
            yield from self.table.select(columns).to_batches(max_chunksize=most)
        elif self.form == "parquet":
            with pa.parquet.ParquetFile(self.name, read_dictionary=_texts(self.name, columns)) as file:
                # A row group may be as long as the file: it is never held whole.
                yield from file.iter_batches(most, row_groups=list(self.groups), columns=columns, use_threads=False)
        elif self.form == "arrow":
            with pa.memory_map(self.name) as stored:
                reader = pa.ipc.open_file(stored)
                for group in self.groups:
                    yield reader.get_batch(group).select(columns)
        else:
            types = {column: CSV_TYPES.get(column, pa.string()) for column in columns}
            options = pa.csv.ConvertOptions(include_columns=columns, column_types=types, strings_can_be_null=True)
            yield from pa.csv.open_csv(self.name, convert_options=options)


@dataclass(frozen=True, slots=True)
class Source:
    """One table in one or more files: its pieces in order, its columns, and how many rows it has."""

    names: tuple[str, ...]
    schema: pa.Schema
    pieces: tuple[Piece, ...]
    rows: int

    def has(self, column: str) -> bool:
        """Whether the table has a column of this name."""
        return column in self.schema.names

    def need(self, rules: dict[str, ColumnRule]) -> None:
        """Raises ``ColumnMissing`` or ``ColumnWrong``, naming file and column, unless the table is as ``rules`` say."""
        missing = [name for name, rule in rules.items() if rule.required and not self.has(name)]
        if missing:
            raise ColumnMissing(
                f"{self.names[0]}: no column {', '.join(missing)}; it has {', '.join(self.schema.names) or 'none'}"
            )
        for name, rule in rules.items():
            if self.has(name) and not HOLDS[rule.kind](_value_type(self.schema.field(name).type)):
                kind = self.schema.field(name).type
                raise ColumnWrong(
                    f"{self.names[0]}: column {name} holds {kind} in {self.rows:,} rows, not {rule.kind}s"
                )

    def read(self, columns: Sequence[str]) -> pa.Table:
        """The whole of these columns in memory; for the small tables."""
        batches = [batch for piece in self.pieces for _, batch in piece.batches(columns)]
        if not batches:
            raise TableEmpty(f"{self.names[0]}: no rows")
        return pa.Table.from_batches([_undictionaried(batch) for batch in batches])


def _undictionaried(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Batches of one column must agree on its type; dictionaries differ between batches."""
    return pa.RecordBatch.from_arrays([plain_column(column) for column in batch.columns], names=batch.schema.names)


def plain_column(column: pa.Array) -> pa.Array:
    """The column with its dictionary, if it has one, undone."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _unreadable(error: Exception) -> type[TableNotReached | TableUnreadable]:
    """Arrow raises bare ``OSError`` for damaged bytes; the operating system's own errors are subclasses of it."""
    return TableUnreadable if isinstance(error, pa.ArrowException) or type(error) is OSError else TableNotReached


def _plain(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error).strip().split("\n")[0][:200]


def _texts(name: str, columns: list[str]) -> list[str]:
    schema = pa.parquet.read_schema(name, memory_map=True)
    return [column for column in columns if pa.types.is_string(schema.field(column).type)]


def in_memory(table: pa.Table, name: str = "table in memory", rows_a_piece: int = ROWS_IN_MEMORY) -> Source:
    """A table already in memory as a source. Raises ``TableEmpty``, ``TableHoldsTemplates``."""
    _refuse_templates(table.schema, name)
    if table.num_rows == 0:
        raise TableEmpty(f"{name}: no rows")
    pieces = tuple(
        Piece(name, "memory", (), start + 1, part.num_rows, 0, 0, part)
        for start in range(0, table.num_rows, rows_a_piece)
        for part in [table.slice(start, rows_a_piece)]
    )
    return Source((name,), table.schema, pieces, table.num_rows)


def open_table(paths: Sequence[Path], rows_a_piece: int = ROWS_A_PIECE) -> Source:
    """One table in one or more files of the same columns, each Parquet, Arrow or CSV by its content. Raises
    ``TableNotReached`` (not there), ``TableUnreadable`` (damaged, cut short, no table), ``TableEmpty``,
    ``TableHoldsTemplates``, and ``ColumnMissing`` where a later file lacks a column that the first has.
    """
    parts = [_one(path, rows_a_piece) for path in paths]
    if not parts:
        raise TableUnreadable("no file was named")
    if all(part.rows == 0 for part in parts):
        raise TableEmpty(f"{', '.join(part.names[0] for part in parts)}: no rows")
    first = parts[0]
    for part in parts[1:]:
        if missing := [name for name in first.schema.names if not part.has(name)]:
            raise ColumnMissing(f"{part.names[0]}: no column {', '.join(missing)}, which {first.names[0]} has")
        for name in first.schema.names:
            ours, theirs = first.schema.field(name).type, part.schema.field(name).type
            if ours != theirs:
                raise ColumnMissing(f"{part.names[0]}: column {name} holds {theirs}, and {ours} in {first.names[0]}")
    pieces = tuple(piece for part in parts for piece in part.pieces)
    return Source(tuple(part.names[0] for part in parts), first.schema, pieces, sum(part.rows for part in parts))


def _one(path: Path, rows_a_piece: int) -> Source:
    name = str(path)
    try:
        stat = path.stat()
        size = stat.st_size
        form = form_of(path)
        if size == 0:
            raise TableEmpty(f"{name}: the file is empty")
        if form == "parquet":
            schema, lengths = _parquet(name)
        elif form == "arrow":
            schema, lengths = _arrow(name)
        else:
            with pa.csv.open_csv(name) as reader:
                names, lengths = reader.schema.names, [sum(batch.num_rows for batch in reader)]
                schema = pa.schema([(column, CSV_TYPES.get(column, pa.string())) for column in names])
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(error)(f"{name}: could not be read: {_plain(error)}") from error
    _refuse_templates(schema, name)
    hold_size(name, sum(lengths), len(schema), size)
    return Source(
        (name,), schema, tuple(_cut(name, form, (size, stat.st_mtime_ns), lengths, rows_a_piece)), sum(lengths)
    )


def hold_size(name: str, rows: int, columns: int, size: int) -> None:
    """Hold a table to what ``size`` bytes of scores can be. Raises ``TableTooLarge``."""
    if columns > MOST_COLUMNS:
        raise TableTooLarge(f"{name}: it has {columns:,} columns, more than {MOST_COLUMNS:,}")
    if rows > max(ROWS_ANYWAY, MOST_ROWS_A_BYTE * size):
        raise TableTooLarge(f"{name}: it has {rows:,} rows in {size:,} bytes, more than scores can be packed into")


def form_of(path: Path) -> Form:
    """What a file's first bytes say it is. Raises ``TableUnreadable`` where they are no text."""
    with path.open("rb") as file:
        opening = file.read(4096)
    for start, form in FORMS.items():
        if opening.startswith(start):
            return form
    if b"\x00" in opening or opening.startswith((b"\x1f\x8b", b"PK", b"%PDF")):
        raise TableUnreadable(f"{path}: not a table this program reads (Parquet, Arrow or CSV, by its content)")
    return "csv"


def _parquet(name: str) -> tuple[pa.Schema, list[int]]:
    with pa.parquet.ParquetFile(name) as file:
        return file.schema_arrow, [file.metadata.row_group(i).num_rows for i in range(file.metadata.num_row_groups)]


def _arrow(name: str) -> tuple[pa.Schema, list[int]]:
    with pa.memory_map(name) as stored:
        return pa.ipc.open_file(stored).schema, arrow_lengths(stored)


def arrow_lengths(stored: Any) -> list[int]:
    """The rows of each batch: of a packed file only the narrowest column is unpacked for them."""
    schema = pa.ipc.open_file(stored).schema
    narrow = min(range(len(schema)), key=lambda at: _width(schema.field(at).type), default=0)
    reader = pa.ipc.open_file(stored, options=pa.ipc.IpcReadOptions(included_fields=[narrow]))
    return [reader.get_batch(i).num_rows for i in range(reader.num_record_batches)]


def _width(kind: pa.DataType) -> int:
    """Bits a value takes; of text, more than of any number."""
    return int(kind.bit_width) if pa.types.is_primitive(kind) else 1 << 10


def _cut(name: str, form: Form, state: tuple[int, int], lengths: list[int], rows_a_piece: int) -> Iterator[Piece]:
    """Consecutive row groups gathered until a piece has enough rows."""
    taken: list[int] = []
    first, held = 1, 0
    for index, length in enumerate(lengths):
        taken.append(index)
        held += length
        if held >= rows_a_piece or index == len(lengths) - 1:
            if held:
                yield Piece(name, form, tuple(taken), first, held, *state)
            first, held, taken = first + held, 0, []


def _refuse_templates(schema: pa.Schema, name: str) -> None:
    kinds = ("is_nested", "is_binary", "is_large_binary", "is_fixed_size_binary")
    wide = [column.name for column in schema if any(getattr(pa.types, kind)(column.type) for kind in kinds)]
    if wide:
        raise TableHoldsTemplates(f"{name}: column {', '.join(wide)} holds lists or bytes; no row was read")


def fingerprint(path: Path, role: str) -> FileRead:
    """Read the file once for its digest. Raises ``TableNotReached``."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return FileRead(role, path.name, file.tell(), digest)
    except OSError as error:
        raise TableNotReached(f"{path}: could not be read: {(error.strerror or str(error)).lower()}") from error
