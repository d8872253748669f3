"""Which watchlist entries cause the false positives: how few of them make how many.

The search table may say which reference gave each best non-mate score. A handful of entries that resemble many people
can make most false positives; the remedy is then at the watchlist, not the engine, and the group of the *entries* bears
on the differential between groups of *probes*. Only the best non-mate is known, so without an entry its false positives
fall *at most* by its count: the next best may lie above the threshold too. Entries are pseudonymous numbers.

>>> concentration(np.array([0, 6, 2, 0, 1, 1]))
Concentration(entries=6, causing=4, false_positives=10, half=1, largest=6)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from countersign.trials.counting.evaluate import Evaluation
from countersign.trials.scores.subjects import Grouping


@dataclass(frozen=True, slots=True)
class Concentration:
    """``causing`` of ``entries`` gave all ``false_positives``; ``half`` of them gave half; ``largest``: one's count."""

    entries: int
    causing: int
    false_positives: int
    half: int
    largest: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its number in the enrolment table, its subject's group where known, and its false positives."""

    reference: str
    group: str
    false_positives: int


def concentration(by_entry: NDArray[np.int64]) -> Concentration:
    """How false positives spread over the entries of a watchlist."""
    falling = np.sort(by_entry)[::-1]
    total = int(falling.sum())
    half = int(np.searchsorted(np.cumsum(falling), total / 2) + 1) if total else 0
    return Concentration(len(falling), int((falling > 0).sum()), total, half, int(falling[0]) if len(falling) else 0)


def causing(evaluation: Evaluation, size: int, threshold: int, grouping: Grouping, most: int = 10) -> list[Entry]:
    """The entries with the most false positives at a threshold (its place in the scheme), at most ``most`` of them."""
    enrolment = evaluation.enrolment
    if enrolment is None or not evaluation.scheme.references:
        return []
    counts = evaluation.counts.entries[evaluation.strata_of(size), threshold].sum(axis=0)
    subject_of = np.full(len(enrolment.references), -1, np.int32)
    subject_of[enrolment.reference] = evaluation.subjects.places(enrolment.subject_ids)
    found = []
    for place in np.lexsort((np.arange(len(counts)), -counts))[:most]:
        if counts[place] == 0:
            break
        subject = subject_of[place]
        group = grouping.codes[subject] if subject >= 0 else -1
        label = grouping.label(int(group)) if group >= 0 else "not known"
        found.append(Entry(str(enrolment.references[int(place)].as_py()), label, int(counts[place])))
    return found
