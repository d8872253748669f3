"""The stretches of a record that are set beside each other: regimes, or years where there is only one regime.

A regime whose rows may be counted either way (it lies inside the interval of a break's date) is left out: no figure
per face of it can be compared with another.
"""

from __future__ import annotations

from typing import NamedTuple

from countersign.reviews.model import By
from countersign.reviews.published.evidence import Evidence

#: The latest stretches compared; more would be a list nobody reads.
MOST_STRETCHES = 8


class Stretch(NamedTuple):
    """A scope that is compared; ``scale``: how many times as many faces an hour it counts as the first regime."""

    by: By
    scope: str
    label: str
    scale: float


def stretches(evidence: Evidence) -> list[Stretch]:
    """The regimes in order; the years where there are fewer than two regimes to compare."""
    comparable = [line for line in evidence.regime_lines if line.per_face_comparable]
    if len(evidence.regime_lines) > 1:
        return [Stretch("regime", line.id, evidence.labels[line.id], evidence.scales[line.id]) for line in comparable]
    return [Stretch("year", scope.name, scope.name, 1.0) for scope in evidence.scopes["year"]]


def latest_stretches(evidence: Evidence) -> list[Stretch]:
    """The last ``MOST_STRETCHES`` of ``stretches``."""
    return stretches(evidence)[-MOST_STRETCHES:]
