"""What a review gives back: the model, the document to draw, the rates as a table, and figures of any selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from countersign.document import Document
from countersign.errors import NotReached
from countersign.published.table.measures import Selection
from countersign.reviews.model import RateLine, Review, TotalsOf
from countersign.reviews.published.evidence import Evidence
from countersign.reviews.published.figures import Scope, rates, totals_of

if TYPE_CHECKING:
    import pandas


class PandasMissing(NotReached):
    """A table was asked for as a data frame, and pandas is not installed."""

    code = "pandas-missing"
    next_step = 'Install it with: pip install "countersign[pandas]". The same rates are in .model.rates.'


@dataclass(frozen=True)
class ReviewResult:
    """A finished review. ``model`` is the whole of ``review.json``; ``document`` what ``render`` draws."""

    model: Review
    document: Document
    evidence: Evidence

    def json(self) -> bytes:
        """``review.json``: UTF-8, one line, the same bytes for the same sources, options and version."""
        return msgspec.json.encode(self.model) + b"\n"

    @property
    def rates(self) -> pandas.DataFrame:
        """``model.rates`` as a data frame, a row a rate; the clustered interval and "1 in N" in columns of their own.

        Raises ``PandasMissing``.
        """
        return rates_frame(self.model.rates)

    def select(self, selection: Selection, name: str = "selection") -> tuple[TotalsOf, tuple[RateLine, ...]]:
        """Totals and rates of any selection of rows, as the record is read; split by regime where it crosses one."""
        evidence = self.evidence
        positions = np.array([i for i, row in enumerate(evidence.record.rows) if selection.holds(row)], np.int64)
        inside = np.unique(evidence.regimes.codes[positions])
        scope = Scope("selection", name, positions, tuple(evidence.regimes.scopes[i] for i in inside if i >= 0))
        totals = next(totals_of(evidence.counts, [scope], "either"))
        return totals, tuple(rates(evidence.counts, [scope], evidence.regimes))


def rates_frame(lines: Sequence[RateLine]) -> pandas.DataFrame:
    """Rates as a data frame, a row a rate. Raises ``PandasMissing``."""
    try:
        import pandas
    except ImportError as error:
        raise PandasMissing("a data frame needs pandas, which is not installed") from error
    return pandas.DataFrame([_flat(line) for line in lines])


def _flat(line: RateLine) -> dict[str, object]:
    row = {name: getattr(line, name) for name in line.__struct_fields__ if name not in ("clustered", "one_in")}
    clustered = line.clustered
    row |= {
        f"clustered_{name}": None if clustered is None else getattr(clustered, name)
        for name in ("low", "high", "design_effect", "clusters")
    }
    return row | {f"one_in_{name}": getattr(line.one_in, name) for name in line.one_in.__struct_fields__}
