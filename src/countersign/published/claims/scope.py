"""The rows a claim is about: whether the record reaches that far, and into which regimes they fall.

A record reaches to its last dated row, or to the day a document of it was published if that is later: a document that
came out after a period can be taken to hold the deployments of that period. A claim about later days cannot be checked
from it. For a rate per face the rows are split by regime; for other rates only where the threshold changed.

>>> from countersign.published.table.record import Row
>>> reaches_to(Record((), (Row("a", 1, date=datetime.date(2025, 7, 11)),)))
datetime.date(2025, 7, 11)
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol

from countersign.published.table.measures import Selection
from countersign.published.table.record import Record, Row
from countersign.words.phrases import counted, day, span


class RegimeRows(Protocol):
    """What is needed of a regime: the positions of its rows in the record, and whether their face counts compare."""

    @property
    def rows(self) -> Sequence[int]:
        """Positions of its rows in ``Record.rows``, from 0."""
        ...

    @property
    def per_face_comparable(self) -> bool:
        """Whether its rows are known to count faces in one way."""
        ...


class Piece(NamedTuple):
    """Rows of a scope that lie in one regime."""

    label: str
    rows: tuple[Row, ...]
    per_face_comparable: bool = True


class Scope(NamedTuple):
    """The selected rows, in printed order, and the same by regime (in the order of the regimes)."""

    rows: tuple[Row, ...]
    regimes: tuple[Piece, ...]

    @property
    def faces_comparable(self) -> bool:
        """Whether faces are counted in one way: no regime is in doubt, and no two share a threshold.

        Regimes of one threshold are kept apart by nothing but how faces were counted.
        """
        settings = [piece.rows[0].threshold for piece in self.regimes]
        return len(set(settings)) == len(settings) and all(piece.per_face_comparable for piece in self.regimes)

    @property
    def thresholds(self) -> tuple[Piece, ...]:
        """The rows by threshold setting, in order of first appearance."""
        found: dict[Decimal | None, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.threshold, []).append(row)
        return tuple(
            Piece("no threshold printed" if setting is None else f"threshold {setting}", tuple(rows))
            for setting, rows in found.items()
        )


def scope_of(selection: Selection, record: Record, regimes: Sequence[RegimeRows] = ()) -> Scope:
    """The rows selected, split by the regimes given; rows in no regime form a piece of their own, last."""
    chosen = {position: row for position, row in enumerate(record.rows) if selection.holds(row)}
    pieces, placed = [], set()
    for regime in regimes:
        positions = [position for position in regime.rows if position in chosen]
        placed.update(positions)
        if positions:
            rows = tuple(chosen[position] for position in positions)
            pieces.append(Piece(_named(rows, regime.per_face_comparable), rows, regime.per_face_comparable))
    left = tuple(row for position, row in chosen.items() if position not in placed)
    scope = Scope(tuple(chosen.values()), tuple(pieces))
    if not regimes:
        return scope._replace(regimes=scope.thresholds)
    return scope._replace(regimes=(*pieces, Piece("in no regime", left))) if left else scope


def _named(rows: Sequence[Row], per_face_comparable: bool) -> str:
    """A piece named by its own rows, not by all of its regime: setting, period, and a doubt about the face count."""
    settings = {row.threshold for row in rows}
    setting = settings.pop() if len(settings) == 1 else None
    dates = [row.date for row in rows if row.date is not None]
    period = f", {span(min(dates), max(dates))}" if dates else ""
    doubt = "" if per_face_comparable else ", between two ways of counting faces"
    return f"{'no threshold printed' if setting is None else f'threshold {setting}'}{period}{doubt}"


def reaches_to(record: Record) -> datetime.date | None:
    """The last day the record can be taken to cover; ``None`` where neither a row nor a document is dated."""
    days = [row.date for row in record.rows if row.date is not None]
    for document in record.documents:
        try:
            days.append(datetime.date.fromisoformat(document.published))
        except ValueError:  # not dated, or dated to a month or year only
            continue
    return max(days, default=None)


def not_covered(selection: Selection, scope: Scope, record: Record) -> str | None:
    """Why the record cannot answer for this selection, as what is missing; ``None`` where it can."""
    last = reaches_to(record)
    if last is None:
        return "any dated row"
    if selection.date_to is not None and selection.date_to > last:
        rows = f"the rows from {day(last + datetime.timedelta(days=1))} to {day(selection.date_to)}"
        if any(document.published for document in record.documents):
            return rows
        return (
            f"{rows}, or a date of publication that shows that there were none (no document read bears one; a data "
            "package can give it as `published`)"
        )
    if not scope.rows:
        return "any row of that period, place and threshold"
    return None


def extent(rows: Sequence[Row], noun: str = "row") -> str:
    """How many rows, and from when to when: "81 rows (25 July to 20 December 2024)"."""
    dates = [row.date for row in rows if row.date is not None]
    many = counted(len(rows), noun)
    return f"{many} ({span(min(dates), max(dates))})" if dates else many
