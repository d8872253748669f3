"""Equality between groups, live, where each group's share of the faces passing is bounded (``Labels``) or known.

Given a false alert, equal rates put it on a group with probability its share of the faces, at most the bound s; a rate
ratio r with r s / (1 - s + r s). No totals are needed; crowds, thresholds and watchlists may change at each alert.

    Labels:       log e(r) = x log r - sum over alerts of log(1 - s + r s),   x alerts on the group,
    KnownShares:  e = [B(n + 1/2) / B(1/2)] / prod over alerts of s(group of the alert),   n the alerts by group,

the first averaged over a grid of ratios fixed beforehand, the second with B the multivariate beta function (a Dirichlet
mixture, weight 1/2 a group). Both stay valid however often one looks. An alert without a label counts as one on the
rest for ``Labels``; ``KnownShares`` leaves it out, valid only if labels go missing without regard to the group. Labels
are taken as right; engine and watchlist are not separated. Where one person raises several alerts, ``clump`` says at
most how many (c): each bet is then taken to the power 1/c, since E[z^(S/c)] <= E[z]^(S/c) for S <= c alerts of one
label. To see a group with *too few*, watch the rest.

>>> watch = Labels()
>>> for label in (True, True, False, True, True, True, True, True, False, True):
...     watch = watch.observe(label, share=0.135)
>>> watch.reading().shown
True
>>> known = KnownShares.of(3)
>>> for group in (0, 0, 1, 0, 0, 0, 2, 0, 0, 0):
...     known = known.observe(group, shares=(0.2, 0.3, 0.5))
>>> known.reading().shown, f"{known.reading().evidence:.0f}"
(True, '384')
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from countersign.inference.checks import (
    CountOutOfRange,
    Floats,
    LevelOutOfRange,
    alike,
    number,
    open_unit,
    open_units,
    shown,
)
from countersign.inference.groups.equality import e_benjamini_hochberg
from countersign.inference.monitors.ceiling import set_up
from countersign.inference.monitors.evidence import Reading, about, combined, e_value, first_crossing

__all__ = ["GroupLabels", "KnownShares", "Labels"]

#: The ratios betted on, evenly on a log scale, each with the same stake.
RATIOS = np.geomspace(1.2, 60.0, 24)
_LOG_RATIOS = np.log(RATIOS)
_LOG_STAKES = np.full(RATIOS.size, -math.log(RATIOS.size))
_STAKES = np.full(RATIOS.size, 1 / RATIOS.size)
_NOTHING = np.zeros(RATIOS.size)
for _constant in (RATIOS, _LOG_RATIOS, _LOG_STAKES, _STAKES, _NOTHING):
    _constant.flags.writeable = False


def _cost(share: float) -> Floats:
    """log(1 - s + r s) for each ratio: what every alert at this share takes from the evidence."""
    return _cost_of(share if isinstance(share, float) else open_unit(share, "a share of the faces"))


@lru_cache(maxsize=4096)
def _cost_of(share: float) -> Floats:
    return np.log1p(open_unit(share, "a share of the faces") * (RATIOS - 1))


#: The most groups that one monitor compares.
MOST_GROUPS = 10_000


def _fitting(group: int | None, shares: Sequence[float], groups: int) -> int | None:
    """The number of a group, with a share for each of ``groups``. Raises ``CountOutOfRange``."""
    if np.shape(shares) != (groups,):
        raise CountOutOfRange(f"{np.size(shares)} shares do not fit {groups} groups")
    return None if group is None else int(number(group, "the number of a group", 0, groups - 1, whole=True))


@lru_cache(maxsize=4096)
def _costs(shares: tuple[float, ...]) -> Floats:
    """``_cost`` of each group's share, a row a group."""
    return np.stack([_cost(share) for share in shares])


def _evidence(in_group: int, costs: Floats, clump: float) -> float:
    """log of the mean over the ratios. In place: a single update may cost 10 µs, and each array about a half."""
    terms = in_group * _LOG_RATIOS
    terms -= costs
    terms /= clump
    top = float(terms[terms.argmax()])
    terms -= top
    return top + math.log(float(_STAKES.dot(np.exp(terms, terms))))


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A monitor of one group's share of false alerts. ``asked``: the e value at which an excess counts as shown.

    It is wrongly shown, ever, with a chance of at most 1 / ``asked``, if events of at most ``clump`` alerts (each
    of one group) fall on the groups apart from each other. The other fields are the state; leave them.

    >>> watch = Labels().observe_counts(9, 10, share=0.2)
    >>> watch.reading().shown
    True
    """

    asked: float = 20.0
    in_group: int = 0
    alerts: int = 0
    costs: Floats = field(default_factory=lambda: _NOTHING)
    log_highest: float = 0.0
    clump: float = 1.0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Labels):
            return NotImplemented
        mine = (self.asked, self.clump, self.in_group, self.alerts, self.log_highest, *self.costs.tolist())
        return mine == (
            other.asked,
            other.clump,
            other.in_group,
            other.alerts,
            other.log_highest,
            *other.costs.tolist(),
        )

    __hash__ = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        self.costs.flags.writeable = False
        set_up(self.asked, self.clump)
        if not 0 <= self.in_group <= self.alerts < math.inf:
            raise CountOutOfRange(f"{shown(self.in_group)} of {shown(self.alerts)} alerts on a group: 0 to all")

    def observe(self, in_group: bool | None, *, share: float) -> Labels:
        """The monitor after one false alert, on the group, on the rest, or unknown (``None``).

        ``share`` is the most that the group can have made up of the faces passing then. Raises ``LevelOutOfRange``.
        """
        costs = self.costs + _cost(share)
        if not in_group:
            return Labels(self.asked, self.in_group, self.alerts + 1, costs, self.log_highest, self.clump)
        highest = max(self.log_highest, _evidence(self.in_group + 1, costs, self.clump))
        return Labels(self.asked, self.in_group + 1, self.alerts + 1, costs, highest, self.clump)

    def observe_many(self, in_group: ArrayLike, shares: ArrayLike) -> Labels:
        """The monitor after many alerts; ``in_group``: 1 on the group, 0 on the rest or unknown. Arrays broadcast."""
        labels, share = alike(in_group, shares)
        labels, share = labels.reshape(-1), share.reshape(-1)
        open_units(share, "a share of the faces")
        if not np.isin(labels, (0, 1)).all():
            raise CountOutOfRange("labels are 1 on the group and 0 on the rest or unknown")
        watch = self
        for first in range(0, labels.size, 50_000):
            watch = watch._batch(labels[first : first + 50_000] == 1, share[first : first + 50_000])
        return watch

    def observe_counts(self, in_group: int, alerts: int, *, share: float) -> Labels:
        """The monitor after ``alerts`` of which ``in_group`` fell on the group, last, at one ``share``: any number.

        The evidence is convex in the alerts on the group in a row: its highest is at the first or the last of them.
        Raises ``CountOutOfRange``, ``LevelOutOfRange``.
        """
        alerts = int(number(alerts, "alerts", whole=True))
        in_group = int(number(in_group, "alerts on a group", 0, alerts, whole=True))
        costs, highest = self.costs + alerts * _cost(share), self.log_highest
        if in_group:
            first = self.costs + (alerts - in_group + 1) * _cost(share)
            ends = ((self.in_group + 1, first), (self.in_group + in_group, costs))
            highest = max(highest, *(_evidence(*end, self.clump) for end in ends))
        return Labels(self.asked, self.in_group + in_group, self.alerts + alerts, costs, highest, self.clump)

    def _batch(self, hit: NDArray[np.bool_], share: Floats) -> Labels:
        costs = np.log1p(np.multiply.outer(share, RATIOS - 1))
        costs[0] += self.costs
        np.cumsum(costs, axis=0, out=costs)
        counts = self.in_group + np.cumsum(hit)
        highest = self.log_highest
        if hit.any():
            terms = (counts[hit, None] * _LOG_RATIOS - costs[hit]) / self.clump
            top = terms.max(axis=1)
            logs = top + np.log(np.exp(terms - top[:, None]).mean(axis=1))
            highest = max(highest, float(logs.max()))
        return Labels(self.asked, int(counts[-1]), self.alerts + hit.size, costs[-1].copy(), highest, self.clump)

    def merge(self, other: Labels) -> Labels:
        """Both stretches as one, in any order; the highest evidence starts again from the merged state.

        Raises ``CountOutOfRange`` where they ask for different evidence.
        """
        if (self.asked, self.clump) != (other.asked, other.clump):
            raise CountOutOfRange(f"monitors that ask for {self.asked:g} and {other.asked:g} do not merge")
        in_group, costs = self.in_group + other.in_group, self.costs + other.costs
        highest = max(0.0, _evidence(in_group, costs, self.clump))
        return Labels(self.asked, in_group, self.alerts + other.alerts, costs, highest, self.clump)

    @property
    def log_evidence(self) -> float:
        """log e value now against "the group's rate was never above that of the rest"."""
        return _evidence(self.in_group, self.costs, self.clump)

    def alerts_until_seen(self, fold: float, share: float) -> float:
        """How many more false alerts until a ``fold``-fold rate (> 1) at ``share`` would be seen, coming as it says."""
        number(fold, "an excess", 1.0, above=True)
        cost = _cost(share)
        if self.log_highest >= math.log(self.asked):
            return 0.0
        hit = fold * share / (1 - share + fold * share)
        growth = (hit * _LOG_RATIOS - cost) / self.clump
        start = (self.in_group * _LOG_RATIOS - self.costs) / self.clump
        return first_crossing(start, growth, _LOG_STAKES, math.log(self.asked))

    def reading(
        self, fold: float = 3.0, *, share: float | None = None, alerts_per_face: float | None = None
    ) -> Reading:
        """What it says now. With a ``share`` to come the forecast is in alerts, with ``alerts_per_face`` in faces."""
        shown = self.log_highest >= math.log(self.asked)
        if shown:
            sentence = "more false alerts on this group than equal rates allow have been shown, for shares up to the "
            sentence += "bound, if alerts fall apart from each other"
            sentence += f" but for clumps of at most {self.clump:g}" if self.clump > 1 else ""
        elif share is None:
            sentence = "nothing shown; when it would be depends on the group's share of the faces to come"
        else:
            more = self.alerts_until_seen(fold, share)
            if alerts_per_face is not None:
                number(alerts_per_face, "alerts per face", above=True)
            unit = "false alerts" if alerts_per_face is None else "faces"
            forecast = about(more if alerts_per_face is None else more / alerts_per_face)
            sentence = f"nothing shown; a {fold:g}-fold rate would be seen after about {forecast} more {unit}"
        return Reading(shown, e_value(self.log_evidence), e_value(self.log_highest), self.asked, sentence)


@dataclass(frozen=True, slots=True, eq=False)
class GroupLabels:
    """One monitor for each of several groups, and the evidence that any of them has more than its share.

    ``of(groups)`` starts one, ``groups`` gives each as ``Labels``. The mean of e values is an e value whatever their
    dependence. The fields are the state, a number or a row (of ``costs``) a group.

    >>> watch = GroupLabels.of(2).observe_many([0] * 12 + [1], [0.2, 0.8])
    >>> watch.which()
    array([ True, False])
    """

    asked: float
    in_group: tuple[int, ...]
    alerts: int
    costs: Floats
    log_highest: tuple[float, ...]
    clump: float

    def __post_init__(self) -> None:
        set_up(self.asked, self.clump)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GroupLabels) and self.groups == other.groups

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def of(cls, groups: int, asked: float = 20.0, clump: float = 1.0) -> GroupLabels:
        """A monitor over ``groups`` groups (two or more), for clumps as in ``Labels``."""
        groups = int(number(groups, "the number of groups compared", 2, MOST_GROUPS, whole=True))
        return cls._joined((Labels(asked, clump=clump),) * groups)

    @classmethod
    def _joined(cls, groups: Sequence[Labels]) -> GroupLabels:
        in_group, highest = tuple(each.in_group for each in groups), tuple(each.log_highest for each in groups)
        costs = np.stack([each.costs for each in groups])
        return cls(groups[0].asked, in_group, groups[0].alerts, costs, highest, groups[0].clump)

    @property
    def groups(self) -> tuple[Labels, ...]:
        """Each group's own monitor, in order."""
        each = zip(self.in_group, self.costs.copy(), self.log_highest, strict=True)
        return tuple(Labels(self.asked, hit, self.alerts, costs, high, self.clump) for hit, costs, high in each)

    def observe(self, group: int | None, *, shares: Sequence[float]) -> GroupLabels:
        """After one false alert on the group numbered ``group`` (``None``: unknown); ``shares``: the most of each."""
        in_group, highest = self.in_group, self.log_highest
        group = _fitting(group, shares, len(in_group))
        costs = self.costs + _costs(tuple(shares))
        if group is not None:
            hit = in_group[group] + 1
            in_group = (*in_group[:group], hit, *in_group[group + 1 :])
            high = max(highest[group], _evidence(hit, costs[group], self.clump))
            highest = (*highest[:group], high, *highest[group + 1 :])
        return GroupLabels(self.asked, in_group, self.alerts + 1, costs, highest, self.clump)

    def observe_many(self, groups: ArrayLike, shares: ArrayLike) -> GroupLabels:
        """The monitor after many alerts in a row, as by as many calls of ``observe``; ``groups``: numbers, -1 unknown.

        ``shares``: the most of each group, a row an alert, or one row for all. Raises ``CountOutOfRange``,
        ``LevelOutOfRange``.
        """
        of, share = np.asarray(groups).reshape(-1), open_units(shares, "a share of the faces")
        size = (of.size, len(self.in_group))
        if share.shape not in (size, size[1:]) or not np.isin(of, np.arange(-1, size[1])).all():
            raise CountOutOfRange(f"groups are numbered 0 to {size[1] - 1}, -1 unknown, with a share of each")
        columns = np.broadcast_to(share, size).T
        each = zip(self.groups, range(size[1]), columns, strict=True)
        return self._joined([watch.observe_many(of == place, column) for watch, place, column in each])

    def merge(self, other: GroupLabels) -> GroupLabels:
        """Both stretches as one, in any order."""
        return self._joined([mine.merge(theirs) for mine, theirs in zip(self.groups, other.groups, strict=True)])

    @property
    def log_evidence(self) -> float:
        """log of the mean e value now: evidence that some group has more than its share."""
        return combined([watch.log_evidence for watch in self.groups], independent=False)

    def which(self, error: float = 0.05) -> NDArray[np.bool_]:
        """The groups that e-BH picks out now, with the expected share of wrong ones at most ``error``."""
        return e_benjamini_hochberg([e_value(watch.log_evidence) for watch in self.groups], error=error)


#: Weight of each group in the mixture (Krichevsky and Trofimov, IEEE Trans. Inf. Theory 27 (1981) 199-207).
WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class KnownShares:
    """A monitor of how false alerts fall on several groups. ``asked``: the e value at which a difference is shown.

    ``alerts``: by group; ``log_shares``: the sum of log share over them; ``of(groups)`` starts one.

    >>> watch = KnownShares.of(2).observe_many([0] * 12, [0.2, 0.8])
    >>> watch.reading().shown
    True
    """

    alerts: tuple[int, ...]
    asked: float = 20.0
    log_shares: float = 0.0
    log_highest: float = 0.0
    clump: float = 1.0

    def __post_init__(self) -> None:
        set_up(self.asked, self.clump)

    @classmethod
    def of(cls, groups: int, asked: float = 20.0, clump: float = 1.0) -> KnownShares:
        """A monitor over ``groups`` groups (two or more), for clumps as in ``Labels``. Raises ``CountOutOfRange``."""
        groups = int(number(groups, "the number of groups compared", 2, MOST_GROUPS, whole=True))
        return cls((0,) * groups, asked, clump=clump)

    def _evidence(self, alerts: tuple[int, ...], log_shares: float) -> float:
        return _log_mixture([count / self.clump for count in alerts]) - log_shares / self.clump

    def observe(self, group: int | None, *, shares: Sequence[float]) -> KnownShares:
        """After one false alert on the group numbered ``group`` (``None``: unknown, and left out).

        ``shares``: of the faces passing then, all above zero, adding up to one. Raises ``CountOutOfRange``,
        ``LevelOutOfRange``.
        """
        group = _fitting(group, shares, len(self.alerts))
        if not (all(share > 0 for share in shares) and abs(math.fsum(shares) - 1) <= 1e-9):
            raise LevelOutOfRange("shares of the faces are all above zero and add up to one")
        if group is None:
            return self
        alerts = (*self.alerts[:group], self.alerts[group] + 1, *self.alerts[group + 1 :])
        log_shares = self.log_shares + math.log(shares[group])
        highest = max(self.log_highest, self._evidence(alerts, log_shares))
        return KnownShares(alerts, self.asked, log_shares, highest, self.clump)

    def observe_many(self, groups: ArrayLike, shares: ArrayLike) -> KnownShares:
        """The monitor after many alerts in a row, on ``groups`` (numbers), as by as many calls of ``observe``.

        ``shares``: a row an alert, or one row for all. Raises ``CountOutOfRange``, ``LevelOutOfRange``.
        """
        group = np.asarray(groups).reshape(-1)
        share = open_units(shares, "a share of the faces")
        if share.shape not in ((len(self.alerts),), (group.size, len(self.alerts))):
            raise CountOutOfRange(f"shares of shape {share.shape} do not fit {len(self.alerts)} groups")
        share = np.broadcast_to(share, (group.size, len(self.alerts)))
        if not np.isin(group, np.arange(len(self.alerts))).all():
            raise CountOutOfRange(f"groups are numbered from 0 to {len(self.alerts) - 1}")
        if not ((share > 0).all() and (np.abs(share.sum(axis=1) - 1) <= 1e-9).all()):
            raise LevelOutOfRange("shares of the faces are all above zero and add up to one")
        if not group.size:
            return self
        each = np.arange(group.size)
        counts = np.cumsum(group[:, None] == np.arange(len(self.alerts)), axis=0) + np.array(self.alerts)
        logs = self.log_shares + np.cumsum(np.log(share[each, group]))
        whole, held = WEIGHT * len(self.alerts), counts / self.clump
        mixture = (gammaln(held + WEIGHT) - gammaln(WEIGHT)).sum(axis=1) + gammaln(whole)
        evidence = mixture - gammaln(held.sum(axis=1) + whole) - logs / self.clump
        highest = max(self.log_highest, float(evidence.max()))
        return KnownShares(tuple(counts[-1].tolist()), self.asked, float(logs[-1]), highest, self.clump)

    def merge(self, other: KnownShares) -> KnownShares:
        """Both stretches as one, in any order; the highest evidence starts again from the merged state.

        Raises ``CountOutOfRange`` where groups or the evidence asked for differ.
        """
        if (self.asked, self.clump, len(self.alerts)) != (other.asked, other.clump, len(other.alerts)):
            raise CountOutOfRange("monitors of other groups, or that ask for other evidence, do not merge")
        alerts = tuple(mine + theirs for mine, theirs in zip(self.alerts, other.alerts, strict=True))
        log_shares = self.log_shares + other.log_shares
        highest = max(0.0, self._evidence(alerts, log_shares))
        return KnownShares(alerts, self.asked, log_shares, highest, self.clump)

    @property
    def log_evidence(self) -> float:
        """log e value now against "false alerts fall on the groups as the faces do"."""
        return self._evidence(self.alerts, self.log_shares)

    def reading(self) -> Reading:
        """What it says now. Which group, and how much more is wanted, is for ``labels`` to say."""
        shown = self.log_highest >= math.log(self.asked)
        sentence = f"nothing shown; false alerts so far: {sum(self.alerts):,}"
        if shown:
            sentence = "false alerts have been shown not to fall on the groups as the faces passing do"
        return Reading(shown, e_value(self.log_evidence), e_value(self.log_highest), self.asked, sentence)


def _log_mixture(alerts: Sequence[float]) -> float:
    """log B(n + 1/2) - log B(1/2): the Dirichlet-multinomial chance of these alerts in one order."""
    parts = math.fsum(math.lgamma(count + WEIGHT) - math.lgamma(WEIGHT) for count in alerts)
    whole = WEIGHT * len(alerts)
    return parts - math.lgamma(sum(alerts) + whole) + math.lgamma(whole)
