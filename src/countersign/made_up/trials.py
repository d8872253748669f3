"""Trials made up, with known truth: to try the tables and the reports at once, and to test what the intervals promise.

A subject passes ``passes`` times on average; every pass is one search. Scores follow one of two families:

- ``beta``: mates Beta(a, b) on 0..1, the best of N non-mates the maximum of N draws of another Beta;
- ``gumbel``: the best non-mate is Gumbel(mode + scale ln N, scale), the law to which maxima tend; mates are normal.

Each subject carries an effect of its own (repeat passes of one subject are alike, as in life), each group a shift of
non-mate and of mate scores, each pass a chance to fail to acquire. ``truth`` gives the rates that these laws imply, by
numerical integration, so that a report can be held against what it should have found. No face, no engine, no person.

>>> design = Design(groups=(Group("a", 40), Group("b", 40, nonmate_ratio=3.0)), watchlist=500, seed=7)
>>> trial = simulate(design)
>>> trial.searches.num_rows == int(design.passes * 80), trial.subjects.column_names
(True, ['subject_id', 'group', 'group_obtained'])
>>> true = truth(design, 0.7)
>>> round(true["b"].fpir / true["a"].fpir, 2)
3.0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, ndtr, ndtri

from countersign.errors import WrongForm

Floats = NDArray[np.float64]

#: The laws of the scores before any shift, chosen so that at N = 1,000 an FPIR of about 1e-3 falls near 0.65.
NONMATE_BETA = (6.0, 24.0)
MATE_BETA = (18.0, 4.0)
#: Midpoints of the integration in ``truth``.
STEPS = 20_000
GUMBEL_MODE, GUMBEL_SCALE = 0.25, 0.03
MATE_NORMAL = (0.8, 0.09)


class DesignWrong(
    WrongForm,
    code="trial-design-wrong",
    next_step="Give at least one group with two subjects, and shares between 0 and 1.",
):
    """A simulated trial is asked for that cannot be."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the simulated trial. ``nonmate_ratio``: as if the watchlist were this many times longer for the group,
    which multiplies a small FPIR by as much; ``mate_shift`` moves mate scores (in standard deviations of the latent
    normal); ``not_acquired`` is the share of passes that fail.
    """

    name: str
    subjects: int
    nonmate_ratio: float = 1.0
    mate_shift: float = 0.0
    not_acquired: float = 0.0


@dataclass(frozen=True, slots=True)
class Design:
    """A simulated trial. ``mated_share`` of the subjects are on the watchlist of size ``watchlist``; ``alike`` (0 to
    under 1) is the correlation of one subject's passes. Raises ``DesignWrong``.
    """

    groups: tuple[Group, ...]
    watchlist: int = 1000
    passes: float = 5.0
    mated_share: float = 0.2
    alike: float = 0.3
    law: Literal["beta", "gumbel"] = "beta"
    attribute: str = "group"
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.groups or any(group.subjects < 2 for group in self.groups):
            raise DesignWrong("a simulated trial needs groups of at least two subjects")
        if len({group.name for group in self.groups}) != len(self.groups):
            raise DesignWrong("two groups of a simulated trial have one name")
        shares = [self.mated_share, self.alike, *(group.not_acquired for group in self.groups)]
        if any(not 0 <= share < 1 for share in shares) or any(group.nonmate_ratio <= 0 for group in self.groups):
            raise DesignWrong("shares lie from 0 to under 1, and ratios above 0")
        if self.watchlist < 1 or self.passes < 1:
            raise DesignWrong("a watchlist has at least one reference, and a subject passes at least once")


@dataclass(frozen=True, slots=True)
class Trial:
    """The tables of a simulated trial, as ``docs/formats`` describes them."""

    searches: pa.Table
    subjects: pa.Table
    enrolment: pa.Table


@dataclass(frozen=True, slots=True)
class Truth:
    """The rates that a design implies for a group at a threshold (rank 1)."""

    fpir: float
    fnir: float
    gfnir: float
    fta: float


def simulate(design: Design) -> Trial:
    """The tables of one trial, the same for the same seed."""
    random = np.random.default_rng(design.seed)
    sizes = [group.subjects for group in design.groups]
    count = sum(sizes)
    group = np.repeat(np.arange(len(sizes)), sizes)
    enrolled = random.random(count) < design.mated_share
    for number in range(len(sizes)):  # each group has someone on the list and someone not, if it can
        members = np.flatnonzero(group == number)
        if design.mated_share > 0:
            enrolled[members[0]] = True
        enrolled[members[-1]] = False
    total = int(design.passes * count)
    subject = np.sort(np.concatenate([np.arange(count), random.integers(0, count, total - count)]))
    subject = random.permutation(subject)
    own = random.standard_normal((2, count))
    once = random.standard_normal((2, total))
    latent = np.sqrt(design.alike) * own[:, subject] + np.sqrt(1 - design.alike) * once
    ratio = np.array([each.nonmate_ratio for each in design.groups])[group[subject]]
    shift = np.array([each.mate_shift for each in design.groups])[group[subject]]
    best = _nonmate_quantile(design, ndtr(-latent[0]), ratio)
    mate = _mate_quantile(design, latent[1] + shift)
    lost = random.random(total) < np.array([each.not_acquired for each in design.groups])[group[subject]]
    mated = enrolled[subject]
    references = _references(design, enrolled)
    others = random.integers(0, len(references), total)
    own_place = np.searchsorted(np.flatnonzero(enrolled), subject)
    others = np.where(mated & (others == own_place), (others + 1) % len(references), others)
    rank = np.where(mate > best, 1, 2)
    searches = pa.table(
        {
            "search_id": np.arange(1, total + 1),
            "subject_id": (subject + 1).astype(np.int32),
            "mated": mated,
            "best_nonmate_score": pa.array(best.astype(np.float32), mask=lost),
            "mate_score": pa.array(mate.astype(np.float32), mask=lost | ~mated),
            "mate_rank": pa.array(rank.astype(np.int32), mask=lost | ~mated),
            "N": np.full(total, design.watchlist, np.int32),
            "acquired": ~lost,
            "best_nonmate_reference": pa.array((others + 1).astype(np.int32), mask=lost),
        }
    )
    names = np.array([each.name for each in design.groups])
    subjects = pa.table(
        {
            "subject_id": np.arange(1, count + 1, dtype=np.int32),
            design.attribute: names[group].tolist(),
            f"{design.attribute}_obtained": ["self-declared"] * count,
        }
    )
    enrolment = pa.table(
        {
            "reference_id": np.arange(1, len(references) + 1, dtype=np.int32),
            "subject_id": references.astype(np.int32),
            "enrolled": np.ones(len(references), bool),
        }
    )
    return Trial(searches, subjects, enrolment)


def _references(design: Design, enrolled: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Whose each reference is: the mates first, then others who never pass, up to the watchlist's size."""
    mates = np.flatnonzero(enrolled) + 1
    others = np.arange(len(enrolled) + 1, len(enrolled) + 1 + max(1, design.watchlist - len(mates)))
    return np.concatenate([mates, others])


def _nonmate_quantile(design: Design, above: Floats, ratio: Floats) -> Floats:
    """The best of ``N ratio`` non-mates that is exceeded with probability ``above``."""
    above = np.clip(above, 1e-15, 1 - 1e-15)
    if design.law == "beta":
        return np.asarray(betaincinv(*NONMATE_BETA, np.exp(np.log1p(-above) / (design.watchlist * ratio))))
    mode = GUMBEL_MODE + GUMBEL_SCALE * np.log(design.watchlist * ratio)
    return np.asarray(mode - GUMBEL_SCALE * np.log(-np.log1p(-above)))


def _nonmate_above(design: Design, threshold: Floats | float, ratio: float) -> Floats:
    """P(best non-mate >= threshold) = 1 - F^(N ratio)."""
    threshold = np.asarray(threshold, float)
    if design.law == "beta":
        return np.asarray(-np.expm1(design.watchlist * ratio * np.log(betainc(*NONMATE_BETA, threshold))))
    mode = GUMBEL_MODE + GUMBEL_SCALE * np.log(design.watchlist * ratio)
    return np.asarray(-np.expm1(-np.exp(-(threshold - mode) / GUMBEL_SCALE)))


def _mate_quantile(design: Design, latent: Floats) -> Floats:
    if design.law == "beta":
        return np.asarray(betaincinv(*MATE_BETA, np.clip(ndtr(latent), 1e-15, 1 - 1e-15)))
    return MATE_NORMAL[0] + MATE_NORMAL[1] * latent


def _mate_latent(design: Design, threshold: float) -> float:
    if design.law == "beta":
        return float(ndtri(betainc(*MATE_BETA, threshold)))
    return (threshold - MATE_NORMAL[0]) / MATE_NORMAL[1]


def truth(design: Design, threshold: float) -> dict[str, Truth]:
    """The rates by group that the design's laws imply. FNIR counts a mate below the threshold or not first (rank 1).
    The chance that the mate is at or above the threshold and above every non-mate is the mean, over the mate's law
    above the threshold (its quantiles at ``STEPS`` midpoints: error under 1e-6), of the chance that no non-mate is.
    """
    truths = {}
    for group in design.groups:
        above = ndtr(group.mate_shift - _mate_latent(design, threshold))
        middle = (np.arange(STEPS) + 0.5) / STEPS
        mate = _mate_quantile(design, group.mate_shift - ndtri(above * middle))
        hit = float(above * (1 - _nonmate_above(design, mate, group.nonmate_ratio)).mean())
        fpir = float(_nonmate_above(design, threshold, group.nonmate_ratio))
        truths[group.name] = Truth(fpir, 1 - hit, 1 - hit * (1 - group.not_acquired), group.not_acquired)
    return truths
