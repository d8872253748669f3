"""Score files of other tools, brought to the search table by a map that a person writes.

The map (TOML, ``docs/formats/trial-score-maps.md``) names their columns by heading, or by number where there is no line
of headings. The file may be text with any usual separator, Parquet or Arrow, packed with gzip or not: its content says
which. A row is one comparison, and rows of one ``search`` are one search against as many references; without it each
row is a search of its own against one reference (FPIR is then FMR). A row is of the subject's own reference where
``mated`` says so, or where probe and reference name the same subject.

>>> made = parse_map('[columns]\\nsubject = "probe"\\nreference = "ref"\\nscore = "s"\\n[labels]\\nsex = "g1"\\n', "m")
>>> table = pa.table({"probe": ["x", "x"], "ref": ["y", "x"], "s": ["0.2", "0.9"], "g1": ["f", "f"]})
>>> searches_of(table, made, "a.csv").select(["subject_id", "mated", "best_nonmate_score", "mate_score"]).to_pylist()[1]
{'subject_id': 'x', 'mated': True, 'best_nonmate_score': None, 'mate_score': 0.9}
"""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet
from numpy.typing import NDArray

from countersign.door import hold
from countersign.errors import WrongForm
from countersign.inputs import InputTooLarge, read_limited, toml_of
from countersign.trials.scores.source import Source, arrow_lengths, hold_size, in_memory
from countersign.trials.scores.tables import (
    ColumnMissing,
    ColumnWrong,
    TableEmpty,
    TableNotReached,
    TableTooLarge,
    TableUnreadable,
)

#: A file is read whole here: at most so many bytes, packed or not, and so many rows.
MOST_UNPACKED, MOST_ROWS = 2 * 1024**3, 50_000_000
#: A map is a page of text; anything larger is not one.
LARGEST_MAP = 64 * 1024
_SEPARATORS = (",", ";", "\t", "|", " ")
_TRUE = {"1", "true", "t", "yes", "y", "genuine", "mated", "mate", "match", "same", "target", "client", "positive"}
_FALSE = {"0", "-1", "false", "f", "no", "n", "impostor", "imposter", "non-mated", "nonmated", "non-mate", "nonmate",
          "non-match", "nonmatch", "different", "nontarget", "non-target", "negative"}  # fmt: skip
_RATES = re.compile(r"(?:FNIR|FPIR|FNMR|FMR|TPIR|TAR|FAR|FRR|EER)(?:[_@ (].*)?", re.IGNORECASE)


class WrongScoreMap(
    WrongForm,
    code="trial-score-map-wrong",
    next_step="Correct the map at that place; docs/formats/trial-score-maps.md shows one for each tool.",
):
    """A map of a score file is not TOML, or names a key or column that does not exist."""


class RatesNotScores(
    WrongForm,
    code="trial-rates-not-scores",
    next_step="Give the scores those rates were computed from; a rate of another evaluation is cited, not evaluated.",
):
    """A file holds error rates that somebody computed, and no score of a comparison or search."""


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Their columns by heading, or by number from 1. ``mated`` may be true or false for the whole file."""

    score: str | int
    subject: str | int | None = None
    reference: str | int | None = None
    search: str | int | None = None
    mated: str | int | bool | None = None


class ScoreMap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a map says. ``rows_are_subjects``: each row is of another subject, where the file names none.

    ``alike``: "lower" where the file holds distances; they are negated, so that a threshold of 0.4 is given as -0.4.
    """

    columns: Columns
    labels: dict[str, str | int] = {}
    separator: str | None = None
    headings: bool = True
    alike: Literal["higher", "lower"] = "higher"
    rows_are_subjects: bool = False


def read_map(path: Path) -> ScoreMap:
    """Read a map from its file. Raises ``WrongScoreMap`` or ``TableNotReached``."""
    try:
        text = read_limited(path, LARGEST_MAP).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise WrongScoreMap(f"{path}: byte {error.start} is not UTF-8 text") from error
    except OSError as error:
        raise TableNotReached(f"{path}: could not be read: {(error.strerror or str(error)).lower()}") from error
    return parse_map(text, str(path))


def parse_map(text: str, name: str) -> ScoreMap:
    """Check the text of a map. Raises ``WrongScoreMap``."""
    try:
        made = msgspec.convert(hold("score map", toml_of(text, name, WrongScoreMap), name), ScoreMap)
    except msgspec.ValidationError as error:
        raise WrongScoreMap(f"{name}: {error}") from error
    if made.separator is not None and made.separator not in _SEPARATORS:
        raise WrongScoreMap(f"{name}: separator is {made.separator!r}; it can be {', '.join(map(repr, _SEPARATORS))}")
    if made.columns.mated is None and made.columns.reference is None:
        raise WrongScoreMap(f"{name}: [columns] names neither `reference` nor `mated`, so no row can be judged")
    if made.columns.subject is None and not made.rows_are_subjects:
        raise WrongScoreMap(
            f"{name}: [columns] names no `subject`; where the file names none and each row is of another subject, say "
            "rows_are_subjects = true"
        )
    return made


def open_scores(paths: Sequence[Path], maps: Sequence[ScoreMap]) -> Source:
    """Score files as one search table; one map for all, or one for each. Raises ``WrongScoreMap`` for other numbers of
    maps, ``RatesNotScores``, and what ``open_table`` raises.
    """
    parts = [searches_of(_table(path, made), made, str(path)) for path, made in _mapped(paths, maps)]
    for number, part in enumerate(parts if len(parts) > 1 else ()):  # searches of two files are not the same
        named = pc.binary_join_element_wise(part["search_id"], str(number + 1), "/")
        parts[number] = part.set_column(part.column_names.index("search_id"), "search_id", named)
    return in_memory(pa.concat_tables(parts, promote_options="default"), str(paths[0]))


def open_comparisons(paths: Sequence[Path], maps: Sequence[ScoreMap]) -> Source:
    """Score files as one comparison table, a row a comparison. Raises what ``open_scores`` raises."""
    parts = [comparisons_of(_table(path, made), made, str(path)) for path, made in _mapped(paths, maps)]
    return in_memory(pa.concat_tables(parts, promote_options="default"), str(paths[0]))


def _mapped(paths: Sequence[Path], maps: Sequence[ScoreMap]) -> list[tuple[Path, ScoreMap]]:
    if len(maps) not in (1, len(paths)):
        raise WrongScoreMap(f"{len(maps)} maps for {len(paths)} score files; give one for all, or one for each")
    return list(zip(paths, [*maps] * (len(paths) if len(maps) == 1 else 1), strict=True))


def _table(path: Path, made: ScoreMap) -> pa.Table:
    """The columns of a file as text or numbers; its form is decided by its content."""
    name = str(path)
    try:
        content = read_limited(path, MOST_UNPACKED)
    except InputTooLarge as error:
        raise TableTooLarge(str(error)) from None
    except OSError as error:
        raise TableNotReached(f"{name}: could not be read: {error.strerror or error}") from error
    try:
        if content.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(MOST_UNPACKED + 1)
            if len(content) > MOST_UNPACKED:
                raise TableTooLarge(f"{name}: it unpacks to more than {MOST_UNPACKED // 1024**3} GB")
        if not content.strip():
            raise TableEmpty(f"{name}: the file is empty")
        if content.startswith(b"PAR1"):
            with pa.parquet.ParquetFile(io.BytesIO(content)) as stored:
                rows = stored.metadata.num_rows
                _hold_rows(name, rows, len(stored.schema_arrow), len(content))
                return stored.read(columns=_named(made, stored.schema_arrow.names))
        if content.startswith(b"ARROW1"):
            lengths = arrow_lengths(content)
            _hold_rows(name, sum(lengths), len(pa.ipc.open_file(content).schema), len(content))
            return pa.ipc.open_file(content).read_all()
        _hold_rows(name, content.count(b"\n"), 1, len(content))
        return _text_table(content, made)
    except (pa.ArrowException, OSError, EOFError, UnicodeDecodeError) as error:
        raise TableUnreadable(f"{name}: could not be read: {str(error).split(chr(10))[0][:200]}") from error


def _hold_rows(name: str, rows: int, columns: int, size: int) -> None:
    hold_size(name, rows, columns, size)
    if rows > MOST_ROWS:
        raise TableTooLarge(f"{name}: it has {rows:,} rows, more than the {MOST_ROWS:,} that a map takes at once")


def _named(made: ScoreMap, names: Sequence[str]) -> list[str] | None:
    """The columns that a map names, where the file has them all; else all, so that an error can list them."""
    given = [*msgspec.structs.astuple(made.columns), *made.labels.values()]
    columns = [column for column in given if isinstance(column, str)]
    numbered = any(isinstance(column, int) and not isinstance(column, bool) for column in given)
    return None if numbered or not set(columns) <= set(names) else list(dict.fromkeys(columns))


def _text_table(content: bytes, made: ScoreMap) -> pa.Table:
    content = content.removeprefix(b"\xef\xbb\xbf")
    lines = [line for line in content[:65536].decode("utf-8", "replace").splitlines()[:20] if line.strip()]
    separator = made.separator or _separator(lines)
    if separator == " ":  # runs of blanks part as one
        content = re.sub(rb"[ \t]+", b" ", re.sub(rb"(?m)^[ \t]+|[ \t]+$", b"", content))
        lines = [" ".join(line.split()) for line in lines]
    width = len(lines[0].split(separator))
    names = [str(number) for number in range(1, width + 1)]
    options = pa.csv.ReadOptions(column_names=None if made.headings else names)
    parsed = pa.csv.ParseOptions(delimiter=separator)
    with pa.csv.open_csv(io.BytesIO(content), read_options=options, parse_options=parsed) as first:
        types = dict.fromkeys(first.schema.names, pa.string())
    converted = pa.csv.ConvertOptions(column_types=types, strings_can_be_null=True)
    return pa.csv.read_csv(io.BytesIO(content), options, parsed, converted)


def _separator(lines: Sequence[str]) -> str:
    """What cuts the first lines into the same number of cells, of most cells; a comma where nothing does."""
    widths = {mark: {len(line.split() if mark == " " else line.split(mark)) for line in lines} for mark in _SEPARATORS}
    even = [mark for mark in _SEPARATORS if len(widths[mark]) == 1 and widths[mark] != {1}]
    return max(even, key=lambda mark: max(widths[mark]), default=",")


def searches_of(table: pa.Table, made: ScoreMap, name: str) -> pa.Table:
    """The search table of a file's comparisons. Raises ``ColumnMissing``, ``ColumnWrong`` or ``RatesNotScores``."""
    if table.num_rows == 0:
        raise TableEmpty(f"{name}: no rows")
    columns, rows = made.columns, table.num_rows
    score = _scores(table, made, name)
    subject = _texts(table, columns.subject, name) if columns.subject is not None else _numbered(rows)
    reference = _texts(table, columns.reference, name) if columns.reference is not None else None
    search = _texts(table, columns.search, name) if columns.search is not None else _numbered(rows)
    if columns.mated is None:
        assert reference is not None
        mate = np.asarray(pc.equal(subject, reference).fill_null(False).to_numpy(zero_copy_only=False), bool)
    elif isinstance(columns.mated, bool):
        mate = np.full(rows, columns.mated)
    else:
        mate = _truths(table, columns.mated, name)
    coded = search.dictionary_encode()
    at, length = np.asarray(coded.indices, np.int64), len(coded.dictionary)
    first = np.full(length, -1, np.int64)
    first[at[::-1]] = np.arange(rows)[::-1]
    _one_subject(subject, at, first, name)
    best, own = _highest(at, score, ~mate, length), _highest(at, score, mate, length)
    beaten = np.bincount(at[~mate & (score >= np.nan_to_num(own, nan=np.inf)[at])], minlength=length)
    mated = ~np.isnan(own)
    made_table = {
        "search_id": coded.dictionary,
        "subject_id": subject.take(pa.array(first)),
        "mated": pa.array(mated),
        "best_nonmate_score": pa.array(best, mask=np.isnan(best)),
        "mate_score": pa.array(own, mask=~mated),
        "mate_rank": pa.array(beaten + 1, mask=~mated),
        "N": pa.array(np.bincount(at, minlength=length)),
    }
    labels = {label: _texts(table, column, name).take(pa.array(first)) for label, column in made.labels.items()}
    return pa.table(made_table | labels)


def comparisons_of(table: pa.Table, made: ScoreMap, name: str) -> pa.Table:
    """The comparison table of a file: both subjects, the score, and the labels of the probe's subject. Raises
    ``WrongScoreMap`` where the map names no reference, and what ``searches_of`` raises.
    """
    columns = made.columns
    if columns.subject is None or columns.reference is None:
        raise WrongScoreMap(
            f"{name}: a comparison is between two subjects, and the map names no "
            f"`{'subject' if columns.subject is None else 'reference'}` in [columns]"
        )
    if table.num_rows == 0:
        raise TableEmpty(f"{name}: no rows")
    probe, reference = _texts(table, columns.subject, name), _texts(table, columns.reference, name)
    if isinstance(columns.mated, str | int) and not isinstance(columns.mated, bool):
        same = np.asarray(pc.equal(probe, reference).fill_null(False).to_numpy(zero_copy_only=False), bool)
        if (differs := same != _truths(table, columns.mated, name)).any():
            raise ColumnWrong(
                f"{name}: row {int(np.argmax(differs)) + 1:,}: column {columns.mated} and the two subjects disagree on "
                f"whether both are one (in {int(differs.sum()):,} rows)"
            )
    named = {"probe_subject_id": probe, "reference_subject_id": reference, "subject_id": probe}
    labels = {label: _texts(table, column, name) for label, column in made.labels.items()}
    return pa.table({**named, "score": pa.array(_scores(table, made, name)), **labels})


def _scores(table: pa.Table, made: ScoreMap, name: str) -> NDArray[np.float64]:
    return _numbers(table, made.columns.score, name) * (-1 if made.alike == "lower" else 1)


def _numbered(rows: int) -> pa.Array:
    return pa.array(np.arange(1, rows + 1)).cast(pa.string())


def _one_subject(subject: pa.Array, at: NDArray[np.int64], first: NDArray[np.int64], name: str) -> None:
    coded = np.asarray(subject.dictionary_encode().indices.fill_null(-1), np.int64)
    differs = coded != coded[first[at]]
    if differs.any():
        row = int(np.argmax(differs)) + 1
        raise ColumnWrong(
            f"{name}: row {row:,}: another subject than in an earlier row of the same search "
            f"(in {int(differs.sum()):,} rows); `search` names no single probe"
        )


def _highest(
    at: NDArray[np.int64], score: NDArray[np.float64], taken: NDArray[np.bool_], length: int
) -> NDArray[np.float64]:
    """The highest score of each search among some rows; NaN where it has none."""
    out = np.full(length, -np.inf)
    np.maximum.at(out, at[taken], score[taken])
    return np.where(np.isinf(out), np.nan, out)


def _column(table: pa.Table, column: str | int, name: str) -> pa.Array:
    names = table.column_names
    wanted = names[column - 1] if isinstance(column, int) and 1 <= column <= len(names) else column
    if wanted not in names:
        shown = ", ".join(names[:12])
        if any(_RATES.fullmatch(other) for other in names):
            raise RatesNotScores(f"{name}: its columns are error rates, and none is {wanted!r}; it has {shown}")
        raise ColumnMissing(f"{name}: no column {wanted!r}, which the map names; it has {shown}")
    if isinstance(wanted, str) and _RATES.fullmatch(wanted):
        raise RatesNotScores(f"{name}: the map takes {wanted!r} for a score, and it is an error rate")
    found: Any = table[wanted].combine_chunks()
    return found


def _texts(table: pa.Table, column: str | int, name: str) -> pa.Array:
    return _column(table, column, name).cast(pa.string())


def _numbers(table: pa.Table, column: str | int, name: str) -> NDArray[np.float64]:
    found = _column(table, column, name)
    try:
        numbers = found.cast(pa.float64())
    except pa.ArrowInvalid as error:
        raise ColumnWrong(f"{name}: column {column}: {str(error).split(chr(10))[0][:200]}") from error
    out = np.asarray(numbers.fill_null(np.nan).to_numpy(zero_copy_only=False), np.float64)
    if (bad := ~np.isfinite(out)).any():
        raise ColumnWrong(
            f"{name}: column {column}, row {int(np.argmax(bad)) + 1:,}: a score is missing, NaN or infinite "
            f"(in {int(bad.sum()):,} rows)"
        )
    return out


def _truths(table: pa.Table, column: str | int, name: str) -> NDArray[np.bool_]:
    texts = pc.utf8_lower(pc.utf8_trim_whitespace(_texts(table, column, name)))
    true, false = (pc.is_in(texts, value_set=pa.array(sorted(words))) for words in (_TRUE, _FALSE))
    neither = ~np.asarray(pc.or_(true, false).to_numpy(zero_copy_only=False), bool)
    if neither.any():
        row = int(np.argmax(neither))
        raise ColumnWrong(
            f"{name}: column {column}, row {row + 1:,}: {texts[row].as_py()!r} does not say whether probe and "
            "reference are of one subject"
        )
    return np.asarray(true.to_numpy(zero_copy_only=False), bool)
