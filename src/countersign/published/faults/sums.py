"""Rows and columns printed twice, counts that should add up, and values that cannot be: by integer arithmetic.

Two rows are one deployment printed twice where date, place (in the same words) and every count and duration are equal,
and duration or faces are printed. Two columns are identical where they are equal in at least ``LEAST_ROWS`` rows, with
``LEAST_NONZERO`` values above zero of ``LEAST_DISTINCT`` sizes; a whole and its part are left out. True alerts are the
confirmed and the unconfirmed ones, false alerts likewise, all alerts the true and the false; outcomes are no more than
alerts, unless two outcome columns are one column printed twice. What a row of totals or a summary prints is the sum of
its rows.

>>> from countersign.published.table.record import Document
>>> import datetime
>>> row = {"date": datetime.date(2024, 5, 2), "place": "Kingston", "faces_seen": 1425, "alerts": 4}
>>> rows = (Row("d", 1, **row), Row("d", 2, **row))
>>> [(fault.code, fault.row) for fault in find_repeated_rows(Record((Document("d", "D"),), rows))]
[('duplicate-row', 2)]
>>> rows = tuple(Row("d", n, other_disposal=n % 4, no_action=n % 4) for n in range(1, 21))
>>> identical_pairs(Record((Document("d", "D"),), rows))
(('d', 'other_disposal', 'no_action'),)
>>> record = Record((Document("d", "D"),), (Row("d", 1, alerts=1, true_alerts=2, false_alerts=0),))
>>> [fault.code for fault in find_sum_faults(record)]
['sum-mismatch']
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from itertools import combinations
from operator import attrgetter

from countersign.published.faults.codes import Fault, draft, where
from countersign.published.table.places import place_keys
from countersign.published.table.record import COLUMNS, Record, Row, Stated, added, fits
from countersign.published.table.values import BEYOND_ALL, beyond_all
from countersign.words.dates import day, span
from countersign.words.lists import be, counted, listing
from countersign.words.names import token
from countersign.words.numbers import count

_COUNTS = tuple(column.name for column in COLUMNS if column.kind in ("count", "minutes"))
_count_values = attrgetter(*_COUNTS)


def find_repeated_rows(record: Record) -> list[Fault]:
    """A ``duplicate-row`` for each row that repeats an earlier one."""
    first: dict[tuple[object, ...], Row] = {}
    faults = []
    for row, place in zip(record.rows, place_keys(record.rows, "words"), strict=True):
        if row.date is None or place is None or (row.faces_seen is None and row.duration_minutes is None):
            continue
        key = (row.date, place, _count_values(row))
        earlier = first.setdefault(key, row)
        if earlier is not row:
            faults.append(_repeated(row, earlier))
    return faults


def _repeated(row: Row, earlier: Row) -> Fault:
    same = row.document == earlier.document
    other = f"row {earlier.number}" if same else f"row {earlier.number} of {earlier.document}"
    return draft(
        "duplicate-row", row.document, row.number, None,
        f"{where(row)}: date, place and every count are those of {other}; one deployment may be printed twice, and be "
        "counted twice in every sum.",
        (("same as", f"{earlier.document}, row {earlier.number}"),),
    )  # fmt: skip


LEAST_ROWS = 10
LEAST_NONZERO = 6
LEAST_DISTINCT = 3
#: Columns of which one may be a part of the other.
_FAMILIES: tuple[frozenset[str], ...] = (
    frozenset({"alerts", "true_alerts", "true_alerts_confirmed", "true_alerts_unconfirmed"}),
    frozenset({"alerts", "false_alerts", "false_alerts_confirmed", "false_alerts_unconfirmed"}),
    frozenset({"false_alerts", "false_alerts_confirmed", "false_alerts_unconfirmed", "false_alert_engagements"}),
    frozenset({"true_alerts", "true_alerts_confirmed", "true_alerts_unconfirmed", "true_alert_engagements"}),
)


def identical_pairs(record: Record, among: Sequence[str] = _COUNTS) -> tuple[tuple[str, str, str], ...]:
    """Document, column and column of each pair that is equal throughout, in order of documents and columns."""
    names = [document.id for document in record.documents]
    by_document = ((name, [row for row in record.rows if row.document == name]) for name in names)
    return tuple((name, *pair) for name, rows in by_document for pair in _pairs(rows, among))


def _pairs(rows: Sequence[Row], among: Sequence[str]) -> list[tuple[str, str]]:
    columns = dict(zip(among, zip(*map(attrgetter(*among), rows), strict=True), strict=True)) if rows else {}
    apart = (pair for pair in combinations(columns, 2) if not any(set(pair) <= family for family in _FAMILIES))
    return [pair for pair in apart if _alike(columns[pair[0]], columns[pair[1]])]


def _alike(first: Sequence[int | None], second: Sequence[int | None]) -> bool:
    both = []
    for left, right in zip(first, second, strict=True):
        if left is None or right is None:
            continue
        if left != right:
            return False
        both.append(left)
    above = [value for value in both if value > 0]
    return len(both) >= LEAST_ROWS and len(above) >= LEAST_NONZERO and len(set(above)) >= LEAST_DISTINCT


def find_identical_columns(record: Record) -> list[Fault]:
    """An ``identical-columns`` for each pair, naming the second column and how many rows were compared."""
    faults = []
    for document, first, second in identical_pairs(record):
        rows = [row for row in record.rows if row.document == document]
        both = [row for row in rows if getattr(row, first) is not None and getattr(row, second) is not None]
        above = sum(getattr(row, first) > 0 for row in both)
        name, other = token(first), token(second)
        added = sum(getattr(row, first) for row in both)
        message = (
            f"{document}: {other} equals {name} in all {counted(len(both), 'row')} ({count(above)} of them above "
            f"zero), so these are not separate counts; both add up to {count(added)}, and may not be added to each "
            "other."
        )
        columns, compared = ("columns", listing([name, other])), ("rows compared", count(len(both)))
        details = columns, compared, ("above zero", count(above))
        faults.append(draft("identical-columns", document, None, second, message, details))
    return faults


#: Each whole with its parts.
SUMS: tuple[tuple[str, tuple[str, str]], ...] = (
    ("true_alerts", ("true_alerts_confirmed", "true_alerts_unconfirmed")),
    ("false_alerts", ("false_alerts_confirmed", "false_alerts_unconfirmed")),
    ("alerts", ("true_alerts", "false_alerts")),
)
OUTCOMES = ("arrests", "other_disposal", "no_action")
#: Each column that cannot be larger than another of its row.
AT_MOST: tuple[tuple[str, str], ...] = (
    ("alerts", "faces_seen"),
    ("false_alerts", "alerts"),
    ("arrests", "alerts"),
    ("false_alert_engagements", "false_alerts"),
    ("true_alert_engagements", "true_alerts"),
)
MINUTES_A_DAY = 24 * 60
#: No row of a deployment counts more than this of anything.
MOST = 100_000_000
_outcome_values = attrgetter(*OUTCOMES)


def find_sum_faults(record: Record) -> list[Fault]:
    """A ``sum-mismatch`` for each sum that does not come out."""
    repeated = {document for document, _, _ in identical_pairs(record, OUTCOMES)}
    sums = [(total, parts, attrgetter(total, *parts)) for total, parts in SUMS]
    faults = []
    for row in record.rows:
        for total, parts, values in sums:
            printed, first, second = values(row)
            if None not in (printed, first, second) and printed != first + second:
                faults.append(_mismatch(row, total, parts, printed, first, second))
        if row.document not in repeated:
            faults += _outcomes(row)
    return faults


def _mismatch(row: Row, total: str, parts: tuple[str, str], printed: int, first: int, second: int) -> Fault:
    names = [token(part) for part in parts]
    return draft(
        "sum-mismatch", row.document, row.number, total,
        f"{where(row)}: {token(total)} are {count(printed)}, but {names[0]} ({count(first)}) and {names[1]} "
        f"({count(second)}) add up to {count(first + second)}.",
        (("printed", count(printed)), ("added up", count(first + second)), (names[0], count(first)),
         (names[1], count(second))),
    )  # fmt: skip


def _outcomes(row: Row) -> Iterator[Fault]:
    values = _outcome_values(row)
    if row.alerts is None or None in values or sum(values) <= row.alerts:
        return
    parts = listing([f"{token(column)} {count(value)}" for column, value in zip(OUTCOMES, values, strict=True)])
    yield draft(
        "sum-mismatch", row.document, row.number, "alerts",
        f"{where(row)}: the outcomes ({parts}) add up to {count(sum(values))}, more than the "
        f"{counted(row.alerts, 'alert')} they can have come from.",
        (("alerts", count(row.alerts)), ("outcomes added up", count(sum(values)))),
    )  # fmt: skip


def find_stated_sums(record: Record) -> list[Fault]:
    """A ``sum-mismatch`` for each sum that a document prints and its own rows do not add up to."""
    faults: list[Fault] = []
    for document in record.documents:
        rows = [row for row in record.rows if row.document == document.id] if document.stated else []
        for stated in document.stated:
            covered = [row for row in rows if stated.covers(row)]
            if len(covered) == stated.rows_covered:
                faults += _stated(document.id, stated, covered)
    return faults


def _stated(document: str, stated: Stated, rows: Sequence[Row]) -> Iterator[Fault]:
    period = f" of {span(stated.start, stated.end)}" if stated.start and stated.end else ""
    for column, printed in stated.counts.items():
        low, high = added(rows, column)
        if fits(printed, low, high):
            continue
        more = " or more" if high is None else f" to {count(high)}" if high > low else ""
        ends = f"{count(low)}{more}"
        yield draft(
            "sum-mismatch", document, None, column,
            f"{document}, {stated.place}: {token(column)}{period} are printed as {count(printed)}, but the "
            f"{counted(len(rows), 'row')} {be(len(rows), 'adds', 'add')} up to {ends}.",
            (("printed", count(printed)), ("added up", ends), ("rows", count(len(rows)))),
        )  # fmt: skip


def find_impossible_values(record: Record) -> list[Fault]:
    """An ``impossible-value`` for each value that cannot be what its column says."""
    published = {document.id: _published(document.published) for document in record.documents}
    return [fault for row in record.rows for fault in _impossible(row, published.get(row.document))]


def _published(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _impossible(row: Row, published: datetime.date | None) -> Iterator[Fault]:
    def fault(column: str, value: object, reason: str) -> Fault:
        printed = row.printed.get(column, str(value))
        text = f"{where(row)}: {token(column)} cannot be {printed}: {reason}."
        return draft("impossible-value", row.document, row.number, column, text, (("printed", printed),))

    for column, doubt in row.unsure.items():
        if beyond_all(doubt):
            left_out = "the value is left out of every figure, and the others of its row stay"
            yield fault(column, "", f"it {BEYOND_ALL}; {left_out}")
    for column, value in zip(_COUNTS, _count_values(row), strict=True):
        if value is not None and value < 0:
            yield fault(column, value, "it is below zero")
        if value is not None and value > MOST and column != "duration_minutes":
            yield fault(column, value, f"no deployment counts more than {count(MOST)}")
    if row.duration_minutes is not None and row.duration_minutes == 0:
        yield fault("duration_minutes", 0, "a deployment lasts longer than no time")
    if row.duration_minutes is not None and row.date_to is None and row.duration_minutes > MINUTES_A_DAY:
        yield fault("duration_minutes", row.duration_minutes, "a row is a deployment of one day")
    if row.threshold is not None and not 0 < row.threshold <= 1:
        yield fault("threshold", row.threshold, "a threshold lies between 0 and 1")
    for column, bound in AT_MOST:
        value, most = getattr(row, column), getattr(row, bound)
        if value is not None and most is not None and 0 <= most < value:
            yield fault(column, value, f"only {count(most)} {token(bound)} are printed")
    if published is not None and row.date is not None and row.date > published:
        yield fault("date", day(row.date), f"the document was published on {day(published)}")
